//! One code in twice without an exit between, at one door or two: named pairs, for people to look at.

use sync::{id::ZoneId, time::UnixMillis};

use super::{Duplicate, Occupancy};

impl Occupancy {
    /// The pairs whose later entry is after `since`, newest first. Where leaving is not scanned, `stay` ms is how long
    /// a visit is taken to last: who comes again later has left unseen, and is no pair.
    pub fn duplicates(&self, since: UnixMillis, stay: Option<i64>) -> Vec<(ZoneId, Duplicate)> {
        let counts = |pair: &Duplicate| {
            let apart = pair.second.0.get().saturating_sub(pair.first.0.get());
            pair.second.0 > since && stay.is_none_or(|stay| apart < stay)
        };
        let mut pairs: Vec<_> = self.pairs.values().filter(|(_, p)| counts(p)).copied().collect();
        pairs.sort_by_key(|(_, pair)| std::cmp::Reverse(pair.second));
        pairs
    }
}
