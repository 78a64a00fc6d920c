//! One person's crossings of one zone in order, and what follows from them.

use std::collections::BTreeMap;

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

/// All crossings under one tag, by time and name: the same order at every door.
pub(super) type Crossings = BTreeMap<(UnixMillis, RecordId), Crossing>;

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
/// An exit ends every earlier entry of its tag, for a tag is one person; so does a later entry at the same door, which
/// takes the place anew. An entry at *another* door ends nothing: two doors that do not hear each other must not both
/// let somebody in on one place.
pub(super) fn effect(crossings: &Crossings, counted: Option<UnixMillis>) -> Effect {
    let mut effect = Effect::default();
    let mut last: Option<(UnixMillis, RecordId)> = None;
    for (&(at, id), crossing) in crossings {
        let after = counted.is_none_or(|counted| at > counted);
        if crossing.enters {
            if let Some(first) = last {
                effect.pairs.push(Duplicate { first, second: (at, id) });
            }
            effect.open.retain(|open| open.id.chain.author != id.chain.author);
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
