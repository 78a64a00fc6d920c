//! Rights that move from a door that has many to one that runs out.

use sync::{
    id::{PublicKey, ZoneId},
    record::Direction,
    time::UnixMillis,
};

use super::{Occupancy, Start, interval::is_seen, rights::Now};

/// A door that has more than this gives to one that has less than a quarter of it.
const KEEP: i64 = 3;
/// A refusal for want of rights asks for some while it is no older, ms.
const WANT_MILLIS: i64 = 60_000;

/// Rights to be given to a sibling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gift {
    /// To whom.
    pub to: PublicKey,
    /// How many.
    pub rights: u32,
}

impl Occupancy {
    /// What this door should give now, and to which sibling of those it hears: a third of what it has, to one that has less
    /// than a quarter of it; the half, to one that has none; the last one only to a sibling that turned somebody away
    /// for want of it. `left` is what it has, without what is reserved.
    pub fn rebalance(
        &mut self,
        zone: ZoneId,
        start: &Start,
        left: i64,
        moment: &Now<'_>,
        may_get: impl Fn(&PublicKey) -> bool,
    ) -> Option<Gift> {
        if left <= 0 {
            return None;
        }
        let near =
            |door: &PublicKey| *door != start.door && is_seen(moment.links.get(door), moment.now);
        let seats = self.shares().seats();
        let siblings: Vec<PublicKey> = seats
            .filter(|(door, seat)| near(door) && seat.direction != Direction::Out && may_get(door))
            .map(|(door, _)| *door)
            .collect();
        let has = |door: PublicKey| Some((i64::from(self.most_left(zone, &door, moment)?), door));
        let (poorest, to) = siblings.into_iter().filter_map(has).min()?;
        let rights = match poorest {
            0 if left > 1 => (left + 1) / 2,
            0 if self.wants(&to, moment.now) => 1,
            n if left > KEEP && n * 4 < left => left / 3,
            _ => return None,
        };
        Some(Gift { to, rights: u32::try_from(rights).ok()? })
    }

    /// Whether a door has turned somebody away lately because it had no rights left.
    fn wants(&self, door: &PublicKey, now: UnixMillis) -> bool {
        let lately = |at: &UnixMillis| now.get().saturating_sub(at.get()) <= WANT_MILLIS;
        self.wants.get(door).is_some_and(lately)
    }
}
