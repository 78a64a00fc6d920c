//! How many each door may still let in.

use std::collections::BTreeMap;

use sync::{
    id::{ChainId, Epoch, PublicKey, Tag, ZoneId},
    time::{Day, UnixMillis},
};

use super::{
    Occupancy, Seen,
    presence::{Counted, ZoneCount},
};

/// The time, and what follows from it.
#[derive(Clone, Copy, Debug)]
pub struct Now<'a> {
    /// Now.
    pub now: UnixMillis,
    /// Who came in at or before this is taken to have left, as far as counting goes.
    pub since: UnixMillis,
    /// How long a visit without an exit is taken to last, ms; `None` where leaving is scanned.
    pub stay: Option<i64>,
    /// How the other doors were last heard.
    pub links: &'a BTreeMap<PublicKey, Seen>,
}

/// The starts of this node whose rights it goes on with, and from when its door's share is its own.
///
/// A start that comes back from a backup does not know what was used since: it has no share in a business day that may
/// have begun before it, and takes no rights that were given to an earlier start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// This node.
    pub door: PublicKey,
    /// This start, and those before it that were taken over, newest first.
    pub epochs: Vec<Epoch>,
    /// The first business day whose share is this start's; `None` for none.
    pub share_from: Option<Day>,
}

impl Occupancy {
    /// The start `epoch` of a door, with the earlier ones that it has taken over.
    pub fn lineage(&self, door: PublicKey, epoch: Epoch) -> Vec<Epoch> {
        let mut epochs = vec![epoch];
        while let Some(earlier) = epochs.last().and_then(|e| self.resumed.get(&(door, *e))) {
            if epochs.contains(earlier) {
                break;
            }
            epochs.push(*earlier);
        }
        epochs
    }

    /// How many more this door may let in now; below zero after it let in more than a lower capacity allows. `None`
    /// where no capacity is signed for this business day: then nothing binds.
    pub fn left(&mut self, zone: ZoneId, start: &Start, moment: &Now<'_>) -> Option<i64> {
        self.turn(zone, moment.now);
        let period = self.period(zone, moment.now);
        let share = self.shares.share(zone, period, &start.door)?;
        let owned = start.share_from.is_some_and(|from| from <= period);
        let stale = self.stale(zone, &start.door, moment);
        let counted = self.counted(zone, period);
        let mut balance = 0;
        for epoch in &start.epochs {
            if let Some(purse) = self.purses.get_mut(&(zone, period, start.door, *epoch)) {
                balance += purse.balance(stale, counted);
            }
        }
        Some(balance + if owned { i64::from(share) } else { 0 })
    }

    /// The most that another door may still let in, as far as is known here: whatever of its starts goes on.
    pub fn most_left(&mut self, zone: ZoneId, door: &PublicKey, moment: &Now<'_>) -> Option<u32> {
        self.turn(zone, moment.now);
        let period = self.period(zone, moment.now);
        let share = self.shares.share(zone, period, door)?;
        let counted = self.counted(zone, period);
        let stale = moment.stay.map_or(UnixMillis::new(i64::MIN), |s| moment.now.plus_millis(-s));
        let low = (zone, period, *door, Epoch::new([0; Epoch::LEN]));
        let high = (zone, period, *door, Epoch::new([u8::MAX; Epoch::LEN]));
        let purses = self.purses.range_mut(low..=high);
        let balance: i64 = purses.map(|(_, purse)| purse.balance(stale, counted)).sum();
        Some(u32::try_from((balance + i64::from(share)).max(0)).unwrap_or(u32::MAX))
    }

    /// Whether this start has an entry of this person that still takes a right, which a new entry at this door would
    /// free.
    pub fn holds_place(
        &mut self,
        zone: ZoneId,
        start: &Start,
        tag: &Tag,
        moment: &Now<'_>,
    ) -> bool {
        self.turn(zone, moment.now);
        let period = self.period(zone, moment.now);
        let counted = self.zones.get(&zone).and_then(|of_zone| of_zone.counted);
        let stale = self.stale(zone, &start.door, moment);
        let Some(crossings) = self.tags.get(&(zone, *tag)) else { return false };
        let own =
            |chain: ChainId| chain.author == start.door && start.epochs.contains(&chain.epoch);
        let takes = |at, id| at > stale && !counted.is_some_and(|c| c.covers(at, id));
        let open = super::effect(crossings, counted.map(|c| c.at)).open;
        open.iter().any(|o| o.period == period && own(o.id.chain) && takes(o.at, &o.id))
    }

    /// Whether this door has used no right of the business day of `now`, nor of a later one: its clock may have been
    /// ahead, and come back.
    pub fn is_unused(&self, zone: ZoneId, door: &PublicKey, now: UnixMillis) -> bool {
        let low = lowest(zone, self.period(zone, now));
        let since = self.purses.range(low..).take_while(|((z, ..), _)| *z == zone);
        let mut of_door = since.filter(|((_, _, d, _), _)| d == door);
        of_door.all(|(_, purse)| purse.is_unused())
    }

    /// The count by hand in force, if it was made in this business day.
    pub(super) fn counted(&self, zone: ZoneId, period: Day) -> Option<Counted> {
        let counted = self.zones.get(&zone).and_then(|of_zone: &ZoneCount| of_zone.counted);
        counted.filter(|counted| self.period(zone, counted.at) == period)
    }

    /// Up to when entries without an exit free their places: the default stay, as of the time up to which *every* door
    /// that has rights was heard.
    fn stale(&self, zone: ZoneId, own: &PublicKey, moment: &Now<'_>) -> UnixMillis {
        let never = UnixMillis::new(i64::MIN);
        let Some(stay) = moment.stay else { return never };
        let heard = |door| moment.links.get(door).map_or(never, |seen| seen.heard);
        let others = self.shares.holders(zone).filter(|door| *door != own).map(heard);
        others.min().map_or(moment.now, |heard| heard.min(moment.now)).plus_millis(-stay)
    }
}

/// The first key that a purse of this business day may have.
pub(super) fn lowest(zone: ZoneId, period: Day) -> super::PurseKey {
    (zone, period, PublicKey::new([0; 32]), Epoch::new([0; Epoch::LEN]))
}
