//! What doors have told about single records, alerts and gaps: of each door its latest, a bounded number.

use std::collections::BTreeMap;

use sync::{
    id::{PublicKey, RecordId},
    time::UnixMillis,
};

/// The most that is held of what one door has told; the earliest gives way. So no door can take another's place.
const PER_DOOR_MAX: usize = 200;

/// Statements of one kind.
#[derive(Clone, Debug)]
pub(super) struct Told<T> {
    most: usize,
    by_door: BTreeMap<PublicKey, BTreeMap<(UnixMillis, RecordId), T>>,
}

impl<T> Default for Told<T> {
    fn default() -> Self {
        Self::with_most(PER_DOOR_MAX)
    }
}

impl<T> Told<T> {
    /// Of which so many are held of each door.
    pub(super) fn with_most(most: usize) -> Self {
        Self { most, by_door: BTreeMap::new() }
    }

    /// Takes what the door of the record `id` said at `at`.
    pub(super) fn take(&mut self, at: UnixMillis, id: RecordId, told: T) {
        let of_door = self.by_door.entry(id.chain.author).or_default();
        of_door.insert((at, id), told);
        if of_door.len() > self.most {
            of_door.pop_first();
        }
    }

    /// All that is held.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.by_door.values().flat_map(BTreeMap::values)
    }

    pub(super) fn clear(&mut self) {
        self.by_door.clear();
    }

    /// Lets go what `keep` does not name.
    pub(super) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.by_door.values_mut().for_each(|of_door| of_door.retain(|_, told| keep(told)));
        self.by_door.retain(|_, of_door| !of_door.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use sync::{
        id::{ChainId, Epoch, RecordNumber},
        time::Day,
    };

    use super::*;

    #[test]
    fn a_door_that_tells_much_takes_only_its_own_place() {
        let id = |door: u8, n: u64| {
            let (author, epoch) = (PublicKey::new([door; 32]), Epoch::new([door; 8]));
            let chain = ChainId { author, epoch, day: Day::new(1) };
            RecordId { chain, number: RecordNumber::new(n) }
        };
        let mut told = Told::default();
        told.take(UnixMillis::new(1), id(1, 1), 1);
        for n in 1..=2 * PER_DOOR_MAX as u64 {
            told.take(UnixMillis::new(i64::MAX), id(2, n), n);
        }
        assert_eq!(told.iter().count(), PER_DOOR_MAX + 1);
        assert_eq!(told.iter().next(), Some(&1));
        told.retain(|n| *n > 1);
        assert_eq!(told.iter().count(), PER_DOOR_MAX);
    }
}
