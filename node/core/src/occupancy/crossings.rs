//! One person's crossings of one zone in order, and what follows from them.

use sync::{
    id::RecordId,
    time::{Day, UnixMillis},
};

/// One crossing that takes or frees a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Crossing {
    /// In or out.
    pub(super) enters: bool,
    /// The business day whose rights it used: that of the time it was written under, whatever a correction says.
    pub(super) period: Day,
}

/// The most crossings that are held of one person in one zone; of more the latest stay, whatever order they came in.
const CROSSINGS_MAX: usize = 256;

/// All crossings under one tag, by time and name: the same order at every door. Mostly one or two, held without more
/// room than they take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Crossings(Vec<((UnixMillis, RecordId), Crossing)>);

impl Crossings {
    pub(super) fn insert(&mut self, at: (UnixMillis, RecordId), crossing: Crossing) {
        match self.0.binary_search_by_key(&at, |(at, _)| *at) {
            Ok(place) => self.0[place].1 = crossing,
            Err(0) if self.0.len() >= CROSSINGS_MAX => {}
            Err(place) => {
                self.0.reserve_exact(1);
                self.0.insert(place, (at, crossing));
                if self.0.len() > CROSSINGS_MAX {
                    self.0.remove(0);
                }
            }
        }
    }

    pub(super) fn remove(&mut self, at: &(UnixMillis, RecordId)) {
        if let Ok(place) = self.0.binary_search_by_key(at, |(at, _)| *at) {
            self.0.remove(place);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When an entry of this name was, as far as it counts.
    pub(super) fn entered(&self, id: &RecordId) -> Option<UnixMillis> {
        self.0.iter().find(|((_, named), c)| named == id && c.enters).map(|((at, _), _)| *at)
    }

    /// Whether anybody left under this tag within these times.
    pub(super) fn has_exit(&self, from: UnixMillis, until: UnixMillis) -> bool {
        self.0.iter().any(|((at, _), c)| !c.enters && (from..=until).contains(at))
    }

    pub(super) fn last(&self) -> Option<&((UnixMillis, RecordId), Crossing)> {
        self.0.last()
    }
}

/// An entry whose place is not known to be free again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Open {
    pub(super) period: Day,
    pub(super) at: UnixMillis,
    pub(super) id: RecordId,
}

/// Two entries without an exit between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duplicate {
    /// The earlier entry: when, and its name.
    pub first: (UnixMillis, RecordId),
    /// The later entry.
    pub second: (UnixMillis, RecordId),
}

/// What one person's crossings come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Effect {
    /// Since when the person is inside, of those who came after the last count by hand.
    pub(super) inside: Option<UnixMillis>,
    /// Left after the last count by hand, and came before it: one less of those counted.
    pub(super) left_pool: bool,
    /// Entries whose places are still taken.
    pub(super) open: Vec<Open>,
    /// Pairs of entries without an exit between.
    pub(super) pairs: Vec<Duplicate>,
}

/// What the crossings come to, where people were counted by hand at `counted`.
///
/// An exit ends every earlier entry of its tag, for a tag is one person; so does a later entry at the same door on
/// the same business day, which takes the place anew. Of another day it takes another place: a clock that was ahead for a
/// while leaves entries of tomorrow behind, and those must free nothing today. An entry at *another* door ends nothing: two doors that do not hear each other must not both
/// let somebody in on one place.
pub(super) fn effect(crossings: &Crossings, counted: Option<UnixMillis>) -> Effect {
    let mut effect = Effect::default();
    let mut last: Option<(UnixMillis, RecordId)> = None;
    for &((at, id), crossing) in &crossings.0 {
        let after = counted.is_none_or(|counted| at > counted);
        if crossing.enters {
            if let Some(first) = last {
                effect.pairs.push(Duplicate { first, second: (at, id) });
            }
            let anew = |open: &Open| {
                open.id.chain.author == id.chain.author && open.period == crossing.period
            };
            effect.open.retain(|open| !anew(open));
            effect.open.push(Open { period: crossing.period, at, id });
            last = Some((at, id));
            effect.inside = after.then_some(at);
        } else {
            effect.left_pool |= after && effect.inside.is_none();
            effect.open.clear();
            effect.inside = None;
            last = None;
        }
    }
    effect
}

#[cfg(test)]
mod tests {
    use sync::id::{ChainId, Epoch, PublicKey, RecordNumber};

    use super::*;

    #[test]
    fn of_too_many_under_one_tag_the_latest_stay_in_whatever_order_they_come() {
        let day = Day::new(1);
        let chain = ChainId { author: PublicKey::new([1; 32]), epoch: Epoch::new([1; 8]), day };
        let crossing = Crossing { enters: true, period: day };
        let at =
            |n: u64| (UnixMillis::new(n as i64), RecordId { chain, number: RecordNumber::new(n) });
        let most = CROSSINGS_MAX as u64;
        let (mut straight, mut back) = (Crossings::default(), Crossings::default());
        (0..most + 50).for_each(|n| straight.insert(at(n), crossing));
        (0..most + 50).rev().for_each(|n| back.insert(at(n), crossing));
        assert_eq!(straight, back);
        assert_eq!((straight.0.len(), straight.0[0].0), (CROSSINGS_MAX, at(50)));
        straight.remove(&at(60));
        assert_eq!(straight.0.len(), CROSSINGS_MAX - 1);
    }
}
