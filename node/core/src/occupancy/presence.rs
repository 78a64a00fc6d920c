//! How many are inside, by every record that is here.

use std::collections::BTreeMap;

use sync::{
    id::{PublicKey, RecordId, Tag, ZoneId},
    record::{Visit, VisitKind},
    time::{Day, UnixMillis},
};

use super::{Held, Occupancy, crossings::Effect, moments::Moments};
use crate::clock::SKEW_MILLIS;

/// How far the clocks of two doors may differ that are both right, one before and one behind, ms.
pub(super) const APART_MILLIS: i64 = 2 * SKEW_MILLIS;

/// What one door has counted on one day. Corrections do not change it: it tells what was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// People who came in.
    pub entries: u64,
    /// People who went out.
    pub exits: u64,
    /// People turned away.
    pub refusals: u64,
    /// The latest of them.
    pub last: Option<UnixMillis>,
}

impl Tally {
    pub(super) fn count(&mut self, visit: &Visit) {
        self.last = self.last.max(Some(visit.at));
        match visit.kind {
            VisitKind::Entry => self.entries += 1,
            VisitKind::Exit => self.exits += 1,
            VisitKind::Refusal => self.refusals += 1,
        }
    }
}

/// A count by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// When, by the clock of the door where it was made.
    pub(super) at: UnixMillis,
    /// Its record.
    pub(super) id: RecordId,
    /// How many were inside.
    pub(super) inside: u32,
}

impl Counted {
    /// Whether who came in by a record is surely from before the count. A start knows the order of its own records,
    /// even if its clock was put back. Another's clock may be slow, that of the door which counted fast: who came in
    /// shortly before by those clocks may not have been counted.
    pub(super) fn covers(&self, at: UnixMillis, id: &RecordId) -> bool {
        let of = |id: &RecordId| (id.chain.author, id.chain.epoch);
        if of(&self.id) == of(id) {
            at <= self.at && id.number < self.id.number
        } else {
            at <= self.at.plus_millis(-APART_MILLIS)
        }
    }
}

/// The people of one zone.
#[derive(Clone, Debug, Default)]
pub(super) struct ZoneCount {
    inside: Moments<Tag>,
    left_pool: u32,
    pub(super) resets: BTreeMap<(UnixMillis, RecordId), u32>,
    /// The count that all here goes by: the latest as of the last question.
    pub(super) counted: Option<Counted>,
}

impl ZoneCount {
    /// When people were last counted by hand.
    pub(super) fn counted_at(&self) -> Option<UnixMillis> {
        self.counted.map(|counted| counted.at)
    }

    /// The latest count that is not ahead of now: one made under a fast clock waits until its time has come, one made
    /// under a mad clock waits for ever, and neither hides those before it.
    pub(super) fn latest(&self, now: UnixMillis) -> Option<Counted> {
        let past = self.resets.iter().rev().find(|((at, _), _)| *at <= now);
        past.map(|(&(at, id), &inside)| Counted { at, id, inside })
    }

    pub(super) fn follow(&mut self, tag: Tag, effect: &Effect, add: bool) {
        match effect.inside {
            Some(at) if add => self.inside.insert(at, tag),
            Some(at) => self.inside.remove(at, tag),
            None => {}
        }
        if effect.left_pool {
            self.left_pool =
                if add { self.left_pool + 1 } else { self.left_pool.saturating_sub(1) };
        }
    }
}

impl Occupancy {
    /// How many are inside a zone at `now`, by all records that are here. Who came in at or before `since` is taken
    /// to have left.
    pub fn inside(&mut self, zone: ZoneId, now: UnixMillis, since: UnixMillis) -> u32 {
        self.turn(zone, now);
        let period = self.period(zone, now);
        let low = (zone, period, PublicKey::new([0; 32]), sync::id::Epoch::new([0; 8]));
        let high =
            (zone, period, PublicKey::new([u8::MAX; 32]), sync::id::Epoch::new([u8::MAX; 8]));
        let clicked: i64 = self.purses.range(low..=high).map(|(_, p)| p.clicked_net()).sum();
        let counted = self.counted(zone, period);
        let Some(of_zone) = self.zones.get_mut(&zone) else {
            return u32::try_from(clicked.max(0)).unwrap_or(u32::MAX);
        };
        let pool = counted.map_or(0, |c| i64::from(c.inside) - i64::from(of_zone.left_pool));
        let people = i64::try_from(of_zone.inside.count_after(since)).unwrap_or(i64::MAX);
        u32::try_from((pool + clicked + people).max(0)).unwrap_or(u32::MAX)
    }

    /// When those came in who are inside a zone at `now` by codes, the earliest first. Who was counted by hand has no time.
    pub fn entered(&mut self, zone: ZoneId, now: UnixMillis, since: UnixMillis) -> Vec<UnixMillis> {
        self.turn(zone, now);
        let of_zone = self.zones.get_mut(&zone);
        of_zone.map(|of_zone| of_zone.inside.times_after(since)).unwrap_or_default()
    }

    /// The tag, of these, whose person is inside a zone: came in later than `since` and was not seen to leave.
    pub fn inside_as(&self, zone: ZoneId, tags: &[Tag], since: UnixMillis) -> Option<Tag> {
        let inside = |tag: &Tag| {
            let last = self.tags.get(&(zone, *tag)).and_then(|c| c.last());
            last.is_some_and(|((at, _), c)| c.enters && *at > since)
        };
        tags.iter().copied().find(inside)
    }

    /// When a crossing that is held here was, by what is known of it now.
    pub fn crossed_at(&self, visit: &RecordId) -> Option<UnixMillis> {
        match self.held.get(visit)? {
            Held::Crossing { at, .. } => {
                let redated = self.amended.get(visit).and_then(|a| a.redate);
                Some(redated.map_or(*at, |(_, _, at)| at))
            }
            _ => None,
        }
    }

    /// What a door has counted on a day.
    pub fn tally(&self, day: Day, door: &PublicKey) -> Tally {
        self.tallies.get(&(day, *door)).copied().unwrap_or_default()
    }
}
