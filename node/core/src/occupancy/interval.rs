//! How many may be inside at least and at most, while some doors are not heard.

use std::collections::BTreeMap;

use sync::{
    id::{PublicKey, ZoneId},
    record::Direction,
    time::UnixMillis,
};

use super::{Occupancy, rights::Now};

/// A door is heard while the last comparison that found all its records here is no older, ms. Siblings compare every
/// 15 s: a door that is heard through another has been compared twice within this time, even if one is late.
const FRESH_MILLIS: i64 = 45_000;

/// How a door was last heard. That there is a link to it says nothing: records may still wait on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When holdings were last found equal with it, directly or by a sibling's word: until then all its records are
    /// known here. The least time there is where that never was.
    pub heard: UnixMillis,
    /// The latest that is known of it at all, for people: what it wrote later may be missing, and earlier too.
    pub word: UnixMillis,
}

impl Seen {
    /// Since when its records may be missing: the last comparison, or its last word where there never was one.
    pub fn until(&self) -> UnixMillis {
        if self.heard == UnixMillis::new(i64::MIN) { self.word } else { self.heard }
    }
}

/// A door that is not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The door.
    pub door: PublicKey,
    /// Since when; `None` where it was never heard.
    pub since: Option<UnixMillis>,
}

/// How many are inside a zone: at least and at most, with the reason where the two differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    /// At least.
    pub lo: u32,
    /// At most; `None` where nothing limits what an unseen door lets in.
    pub hi: Option<u32>,
    /// The doors that are not heard.
    pub unseen: Vec<Unseen>,
}

/// Whether a door's records are all here, but for the last seconds. A time ahead of now is of a clock that went back,
/// and says nothing.
pub fn is_seen(seen: Option<&Seen>, now: UnixMillis) -> bool {
    seen.is_some_and(|s| now.get().abs_diff(s.heard.get()) <= FRESH_MILLIS.unsigned_abs())
}

impl Occupancy {
    /// The interval at one of the doors, `own`. An unseen door may have let in as many as it has rights left, and let
    /// out as many as are inside, unless it only leads in. Where nobody is bound (`binding` is false or no capacity is
    /// signed) it may have let in any number.
    pub fn interval(
        &mut self,
        zone: ZoneId,
        own: &PublicKey,
        moment: &Now<'_>,
        links: &BTreeMap<PublicKey, Seen>,
        binding: bool,
    ) -> Interval {
        let count = self.inside(zone, moment.now, moment.since);
        let unseen: Vec<_> = self
            .shares()
            .seats()
            .filter(|(door, _)| *door != own && !is_seen(links.get(*door), moment.now))
            .map(|(door, seat)| (*door, seat.direction))
            .collect();
        let (mut lo, mut hi) = (count, Some(count));
        for (door, direction) in &unseen {
            if *direction != Direction::In {
                lo = 0;
            }
            if *direction != Direction::Out {
                let more = if binding { self.most_left(zone, door, moment) } else { None };
                hi = hi.zip(more).map(|(hi, more)| hi.saturating_add(more));
            }
        }
        let since = |door: &PublicKey| links.get(door).map(Seen::until);
        let unseen = unseen.iter().map(|(door, _)| Unseen { door: *door, since: since(door) });
        Interval { lo, hi, unseen: unseen.collect() }
    }
}
