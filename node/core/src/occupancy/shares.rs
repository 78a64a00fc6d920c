//! How many rights a door has at the start of a business day, whatever versions of the capacity the others go by.
//!
//! Within one business day a door's share is the least that any version gives it, from the lowest version that some
//! door may still go by up to the one that it has itself taken up for that day: the lowest that is really gone by is
//! among them. So at any time every door's share is at most what *one* version gives it, and the sum at most what that
//! version allows. A version that takes from nobody is taken up at once, and one with a lower limit binds at once; one
//! that moves rights from door to door counts in full from the first business day that all doors have taken it up for.
//! It takes nothing away before: what a door has given of its share today, it gave of the one that it had.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use sync::{
    id::{EntranceId, PublicKey, ZoneId},
    order::{Capacity, Matter, Order},
    record::{Adopted, Direction},
    time::{Day, UnixMillis},
};

/// Where a door stands, by its papers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Its entrance.
    pub entrance: EntranceId,
    /// The entrance's name.
    pub name: String,
    /// Which way it leads.
    pub direction: Direction,
    /// From when on it stands there: not earlier than it joined, whatever its papers and the clocks say.
    pub since: UnixMillis,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    capacity: Capacity,
    issued_at: UnixMillis,
}

impl Version {
    fn share(&self, entrance: EntranceId) -> u32 {
        let of = |(e, n): &(EntranceId, u32)| (*e == entrance).then_some(*n);
        self.capacity.shares.iter().filter_map(of).min().unwrap_or(0)
    }

    /// Whether `other` gives no entrance less.
    fn is_within(&self, other: &Self) -> bool {
        self.capacity.shares.iter().all(|(e, _)| self.share(*e) <= other.share(*e))
    }
}

/// What is signed about the capacity, who has taken it up, and who stands where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    versions: BTreeMap<ZoneId, BTreeMap<u64, Version>>,
    adopted: BTreeMap<(ZoneId, PublicKey), BTreeSet<(u64, Day)>>,
    removed: BTreeMap<PublicKey, Day>,
    seats: BTreeMap<PublicKey, Seat>,
}

impl Shares {
    /// Takes an order that was signed on `day`; of no other matter than capacity and removal is anything kept.
    pub(super) fn take_order(&mut self, order: &Order, day: Day) {
        match &order.matter {
            Matter::Capacity(c) => {
                let version = Version { capacity: c.clone(), issued_at: order.issued_at };
                self.versions.entry(c.zone).or_default().insert(c.version, version);
            }
            Matter::Removal(removal) => drop(self.removed.insert(removal.node, day)),
            Matter::Rekey(_) | Matter::Hits(_) => {}
        }
    }

    /// A door has taken a version up.
    pub(super) fn take_adopted(&mut self, door: PublicKey, adopted: &Adopted) {
        let of_door = self.adopted.entry((adopted.zone, door)).or_default();
        of_door.insert((adopted.version, adopted.from));
    }

    /// Who stands where, as far as is known.
    pub(super) fn set_seats(&mut self, seats: BTreeMap<PublicKey, Seat>) {
        self.seats = seats;
    }

    /// Who stands where, without those that were removed.
    pub fn seats(&self) -> impl Iterator<Item = (&PublicKey, &Seat)> {
        self.seats.iter().filter(|(node, _)| !self.removed.contains_key(*node))
    }

    /// The zones with a capacity of their own.
    pub fn zones(&self) -> impl Iterator<Item = ZoneId> {
        self.versions.keys().copied()
    }

    /// When the business day of a zone ends, minutes after midnight: as all doors have it.
    pub fn closing_minute(&self, zone: ZoneId) -> u16 {
        let versions = self.versions.get(&zone);
        let low = self.lowest(zone, Day::STANDING);
        let known = versions.and_then(|v| v.get(&low).or_else(|| v.values().next()));
        known.map_or(0, |v| v.capacity.closing_minute)
    }

    /// The most people inside in a business day, by the newest version known; `None` without any.
    pub fn most(&self, zone: ZoneId, period: Day) -> Option<u32> {
        self.in_force(zone, period).last().map(|(_, v)| v.capacity.most)
    }

    /// The rights of a door at the start of a business day; `None` where no capacity is signed for it.
    pub fn share(&self, zone: ZoneId, period: Day, door: &PublicKey) -> Option<u32> {
        let low = self.lowest(zone, period);
        let versions = self.versions.get(&zone)?;
        self.in_force(zone, period).last()?;
        if !versions.contains_key(&low) {
            return Some(0); // somebody may go by a version that is not known here
        }
        let own = self.adopted_by(zone, period, door).max(low);
        let binding = self.binding(zone, period, low..=own);
        binding.into_iter().map(|v| self.of_door(v, period, door)).min().or(Some(0))
    }

    /// What binds a door: each version of those that it or another may go by, or a later one in its place that takes
    /// from nobody, and each version that lowers the limit.
    ///
    /// Doors that know less of the later ones come less far on the same way from version to version, so each has at most
    /// what it has at the farthest point of it.
    fn binding(&self, zone: ZoneId, period: Day, gone_by: RangeInclusive<u64>) -> Vec<&Version> {
        let low = *gone_by.start();
        let known: Vec<_> = self.in_force(zone, period).filter(|(n, _)| **n >= low).collect();
        let held = |n: &u64| known.iter().any(|(m, _)| *m == n);
        let without_gap = (low..).take_while(held).last().unwrap_or(low);
        let climb = |n: u64, version| {
            let later = known.iter().filter(|(m, _)| **m > n && **m <= without_gap);
            later
                .fold(version, |from: &Version, (_, to)| if from.is_within(to) { to } else { from })
        };
        let climbed = |(n, version): &(&u64, _)| climb(**n, *version);
        let gone = known.iter().filter(|(n, _)| gone_by.contains(*n));
        let mut binding: Vec<_> = gone.map(climbed).collect();
        let limit = binding.iter().map(|v| v.capacity.most).min();
        let newer = known.iter().filter(|(n, _)| !gone_by.contains(*n)).map(climbed);
        binding.extend(newer.filter(|v| Some(v.capacity.most) < limit));
        binding
    }

    /// Doors that have rights of their own under some version: they must be heard before anybody is taken to have left.
    pub fn holders(&self, zone: ZoneId) -> impl Iterator<Item = &PublicKey> {
        let has = move |entrance| {
            let versions = self.versions.get(&zone);
            versions.is_some_and(|v| v.values().any(|v| v.share(entrance) > 0))
        };
        self.seats().filter(move |(_, seat)| has(seat.entrance)).map(|(node, _)| node)
    }

    /// What a door must write before it may leave earlier versions behind: `None` when it has done so. `unused` says
    /// that it has used no right of the business day `now`.
    pub fn to_adopt(
        &self,
        zone: ZoneId,
        door: PublicKey,
        now: Day,
        unused: bool,
    ) -> Option<(u64, Day)> {
        let (version, newest) = self.versions.get(&zone)?.last_key_value()?;
        let of_door = self.adopted.get(&(zone, door));
        if of_door.is_some_and(|a| a.iter().any(|(v, _)| v >= version)) {
            return None;
        }
        let whole = if unused { now } else { now.next() };
        Some((*version, newest.capacity.from.max(whole)))
    }

    /// The newest version that a door has taken up, and from when on.
    pub fn adopted(&self, zone: ZoneId, door: &PublicKey) -> Option<(u64, Day)> {
        self.adopted.get(&(zone, *door))?.last().copied()
    }

    fn in_force(&self, zone: ZoneId, period: Day) -> impl Iterator<Item = (&u64, &Version)> {
        let of_zone = self.versions.get(&zone).into_iter().flatten();
        of_zone.filter(move |(_, v)| v.capacity.from <= period)
    }

    /// The lowest version that a door may go by in a business day, as far as is known here: never too high.
    ///
    /// Every door that stands at an entrance counts, whether or not it has a share in a version known here. And none
    /// is left behind while one before it is unknown: that one may give a share to a door that goes by it.
    fn lowest(&self, zone: ZoneId, period: Day) -> u64 {
        let Some(versions) = self.versions.get(&zone) else { return 1 };
        let without_gap = (1..).take_while(|n| versions.contains_key(n)).last().unwrap_or(1);
        let live = self.seats.keys().filter(|node| !self.is_gone(node, period));
        let adopted = live.map(|node| self.adopted_by(zone, period, node)).min();
        let shares = versions.values().flat_map(|v| v.capacity.shares.iter());
        let known = |entrance| self.seats.values().any(|seat| seat.entrance == entrance);
        if shares.into_iter().any(|(entrance, n)| *n > 0 && !known(*entrance)) {
            return 1; // a door that has never been heard of may stand there
        }
        adopted.unwrap_or(1).min(without_gap)
    }

    fn adopted_by(&self, zone: ZoneId, period: Day, door: &PublicKey) -> u64 {
        let of_door = self.adopted.get(&(zone, *door)).into_iter().flatten();
        of_door.filter(|(_, from)| *from <= period).map(|(v, _)| *v).max().unwrap_or(1)
    }

    /// Whether a door was removed before this business day began. What it let in and gave away on its last day counts.
    fn is_gone(&self, door: &PublicKey, period: Day) -> bool {
        self.removed.get(door).is_some_and(|last| *last < period)
    }

    /// A door's share in one version: its entrance's, unless another stood there when the version was signed. Who takes
    /// a removed door's place takes its share too, on the next business day.
    fn of_door(&self, version: &Version, period: Day, door: &PublicKey) -> u32 {
        let Some(seat) = self.seats.get(door) else { return 0 };
        let stands = |node, s: &Seat| s.entrance == seat.entrance && !self.is_gone(node, period);
        let at = || self.seats.iter().filter(|(node, s)| stands(*node, s));
        let then = at().filter(|(_, s)| s.since <= version.issued_at);
        let holder = then.max_by_key(|(node, s)| (s.since, **node));
        let holder = holder.or_else(|| at().min_by_key(|(node, s)| (s.since, **node)));
        if holder.is_some_and(|(node, _)| node == door) { version.share(seat.entrance) } else { 0 }
    }
}

#[cfg(test)]
mod tests;
