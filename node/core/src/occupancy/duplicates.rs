//! One code in twice without an exit between, at one door or two: named pairs, for people to look at.

use sync::{id::ZoneId, time::UnixMillis};

use super::{Duplicate, Occupancy};

/// The most pairs that are named at once.
const PAIRS_MAX: usize = 200;

impl Occupancy {
    /// The pairs whose later entry is after `since`, newest first, two hundred at most. Where leaving is not scanned,
    /// `stay` ms is how long a visit is taken to last: who comes again later has left unseen, and is no pair.
    pub fn duplicates(&self, since: UnixMillis, stay: Option<i64>) -> Vec<(ZoneId, Duplicate)> {
        let is_pair = |pair: &Duplicate| {
            let apart = pair.second.0.get().saturating_sub(pair.first.0.get());
            stay.is_none_or(|stay| apart < stay)
        };
        let newest = self.pairs.values().rev().take_while(|(_, pair)| pair.second.0 > since);
        newest.filter(|(_, pair)| is_pair(pair)).take(PAIRS_MAX).copied().collect()
    }
}
