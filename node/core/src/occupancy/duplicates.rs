//! One code in twice without an exit between, at one door or two: named pairs, for people to look at.

use sync::{
    id::{RecordId, Tag, ZoneId},
    time::UnixMillis,
};

use super::{Duplicate, Held, Occupancy};

/// The most pairs that are named at once.
pub(crate) const PAIRS_MAX: usize = 200;

impl Occupancy {
    /// The pairs whose later entry is after `since`, newest first, two hundred at most. Where leaving is not scanned,
    /// `stay` ms is how long a visit is taken to last: who comes again later has left unseen, and is no pair.
    pub fn duplicates(&self, since: UnixMillis, stay: Option<i64>) -> Vec<(ZoneId, Duplicate)> {
        let newest = self.pairs.values().rev().take_while(|(_, pair)| pair.second.0 > since);
        newest.filter(|(_, pair)| is_pair(pair, stay)).take(PAIRS_MAX).copied().collect()
    }

    /// Two entries that are known to be one person's, although their tags differ, as a pair; `None` where one of them is
    /// not held or was taken back, the person left between them, or they are further apart than a visit lasts.
    pub fn twins(
        &self,
        one: &RecordId,
        another: &RecordId,
        stay: Option<i64>,
    ) -> Option<(ZoneId, Duplicate)> {
        let (zone, tag, at) = self.entry(one)?;
        let (other_zone, other_tag, other_at) = self.entry(another)?;
        if zone != other_zone || tag == other_tag {
            return None;
        }
        let (mut first, mut second) = ((at, *one), (other_at, *another));
        if second < first {
            (first, second) = (second, first);
        }
        let left = [tag, other_tag]
            .into_iter()
            .any(|tag| self.tags.get(&(zone, tag)).is_some_and(|c| c.has_exit(first.0, second.0)));
        let pair = Duplicate { first, second };
        (!left && is_pair(&pair, stay)).then_some((zone, pair))
    }

    /// Where, under which tag and when an entry was that counts.
    fn entry(&self, id: &RecordId) -> Option<(ZoneId, Tag, UnixMillis)> {
        let Held::Crossing { zone, tag, .. } = *self.held.get(id)? else { return None };
        let at = self.tags.get(&(zone, tag))?.entered(id)?;
        Some((zone, tag, at))
    }
}

fn is_pair(pair: &Duplicate, stay: Option<i64>) -> bool {
    let apart = pair.second.0.get().saturating_sub(pair.first.0.get());
    stay.is_none_or(|stay| apart < stay)
}
