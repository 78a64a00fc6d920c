//! Who may let in whom: doors that admit on their own rights, by the product's own rules over what their books hold.

use std::collections::BTreeMap;

use node_core::occupancy::{Now, Occupancy, Seat, Start};
use rand::RngExt;
use sync::{
    id::{EntranceId, PublicKey, RecordId, Seq, Tag, ZoneId},
    order::{Capacity, Matter},
    record::{Adopted, Direction, PlaceTaken, Record, StoredRecord, Transfer, VisitKind},
    time::{Day, UnixMillis, Zone},
};

use super::{VENUE, World, nodes};

/// The most people inside.
const MOST: u32 = 12;
const ZONE: ZoneId = ZoneId::new(0);
/// The first business day of every version.
const FROM: Day = Day::new(20_717);
const CLOSING_MINUTE: u16 = 60;

/// Somebody who was let in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guest {
    tag: Tag,
    /// The business day of the entry.
    day: Day,
    left: bool,
}

fn zone() -> Zone {
    Zone::named("Asia/Almaty").unwrap()
}

impl World {
    /// The first capacity, known at every door before it opens.
    pub(super) fn share_out(&mut self) {
        let first = self.capacity(1);
        for door in 0..self.authority() {
            self.order(door, Matter::Capacity(first.clone()), UnixMillis::new(self.now));
        }
        self.capacities = 1;
        (0..self.authority()).for_each(|door| self.adopt(door));
    }

    /// The manager shares the same capacity out anew, at a door.
    pub(crate) fn set_capacity(&mut self, door: usize) {
        self.capacities += 1;
        let next = self.capacity(self.capacities);
        self.order(door, Matter::Capacity(next), UnixMillis::new(self.now));
    }

    fn capacity(&mut self, version: u64) -> Capacity {
        let doors = self.authority();
        let mut left = MOST;
        let mut shares = Vec::new();
        for door in 0..doors {
            let fair = MOST / u32::try_from(doors).unwrap();
            let share =
                if version == 1 { fair } else { self.rng.random_range(0..=left.min(fair * 2)) };
            left -= share;
            shares.push((EntranceId::new(u16::try_from(door).unwrap() + 1), share));
        }
        let (zone, closing_minute) = (ZONE, CLOSING_MINUTE);
        Capacity { zone, version, most: MOST, shares, closing_minute, from: FROM }
    }

    /// A door takes up the newest version that it knows, as its desk would.
    pub(crate) fn adopt(&mut self, door: usize) {
        if self.removed.contains(&door) {
            return;
        }
        let (mut known, start) = self.occupancy(door);
        let at = self.wall(door);
        let period = known.period(ZONE, at);
        let owned = start.share_from.is_some_and(|from| from <= period);
        let unused = owned && known.is_unused(ZONE, &start.door, at);
        let due = known.shares().to_adopt(ZONE, start.door, period, unused);
        let again = known.shares().adopted(ZONE, &start.door);
        let is_new = self.epochs_of(door) == 0;
        let _ = known.left(ZONE, &start, &now(at));
        if let Some((version, from)) = due.or(again.filter(|_| is_new)) {
            let adopted = Adopted { at, zone: ZONE, version, from };
            self.write_own(door, Day::STANDING, Record::Adopted(adopted));
        }
    }

    /// How many records of its present start a door holds.
    fn epochs_of(&mut self, door: usize) -> usize {
        let own = self.nodes[door].book().charter().chain(Day::STANDING);
        let heads = self.heads(door);
        heads.chains().filter(|(c, _)| (c.author, c.epoch) == (own.author, own.epoch)).count()
    }

    /// Somebody wants in: is let in on a right of the door, or turned away.
    pub(crate) fn enter(&mut self, door: usize) {
        if self.removed.contains(&door) {
            return;
        }
        let (mut known, start) = self.occupancy(door);
        let at = self.wall(door);
        if known.left(ZONE, &start, &now(at)).is_none_or(|left| left < 1) {
            return;
        }
        self.next_guest += 1;
        let mut tag = [0; 16];
        tag[..8].copy_from_slice(&self.next_guest.to_be_bytes());
        let tag = Tag::new(tag);
        let day = known.period(ZONE, at);
        self.guests.push(Guest { tag, day, left: false });
        self.write_own(door, nodes::day_of(at), crossing(at, tag, VisitKind::Entry));
    }

    /// A guest goes out at any door.
    pub(crate) fn leave(&mut self, door: usize) {
        let inside = |guest: &&mut Guest| !guest.left;
        let count = self.guests.iter().filter(|guest| !guest.left).count();
        if count == 0 || self.removed.contains(&door) {
            return;
        }
        let which = self.rng.random_range(0..count);
        let Some(guest) = self.guests.iter_mut().filter(inside).nth(which) else { return };
        guest.left = true;
        let (tag, at) = (guest.tag, self.wall(door));
        self.write_own(door, nodes::day_of(at), crossing(at, tag, VisitKind::Exit));
    }

    /// A door gives some of its free rights to another of which it has heard.
    pub(crate) fn give(&mut self, door: usize, to: usize) {
        if door == to || to == self.authority() || self.removed.contains(&door) {
            return;
        }
        let (mut known, start) = self.occupancy(door);
        let at = self.wall(door);
        let Some(left) = known.left(ZONE, &start, &now(at)).filter(|left| *left > 0) else {
            return;
        };
        let node = self.nodes[to].key.public();
        let heads = self.heads(door);
        let of_other = heads.chains().filter(|(chain, _)| chain.author == node);
        let newest = of_other.max_by_key(|(chain, head)| (head.last_at, chain.epoch));
        let Some(epoch) = newest.map(|(chain, _)| chain.epoch) else { return };
        let rights = self.rng.random_range(1..=u32::try_from(left).unwrap());
        let period = known.period(ZONE, at);
        let transfer = Transfer { at, zone: ZONE, period, to: node, rights, epoch };
        self.write_own(door, nodes::day_of(at), Record::Transfer(transfer));
    }

    /// Among honest, uncloned doors, recorded entries never exceed the signed capacity, whatever the network did.
    pub(crate) fn assert_capacity_holds(&self) {
        let mut inside: BTreeMap<Day, u32> = BTreeMap::new();
        for guest in self.guests.iter().filter(|guest| !guest.left) {
            *inside.entry(guest.day).or_default() += 1;
        }
        for (day, count) in inside {
            assert!(count <= MOST, "{count} recorded entries of {day}, {MOST} may be inside");
        }
    }

    /// What the door knows of who is inside, and which of its starts it goes on with: without a lease, none but this.
    fn occupancy(&mut self, door: usize) -> (Occupancy, Start) {
        let seats: BTreeMap<PublicKey, Seat> =
            (0..self.authority()).map(|n| (self.nodes[n].key.public(), seat(n))).collect();
        let heads = self.heads(door);
        let book = self.nodes[door].book();
        let (own, epoch) = (book.charter().key.public(), book.charter().epoch);
        let mut known = Occupancy::new(zone());
        known.set_seats(seats);
        book.orders(VENUE).iter().for_each(|order| known.take_order(order));
        for (&chain, _) in heads.chains() {
            let (records, _) = book.records(chain, Seq::default(), usize::MAX).unwrap();
            records.iter().for_each(|record: &StoredRecord| known.take(record));
        }
        let earlier = heads.chains().any(|(c, _)| c.author == own && c.epoch != epoch);
        let share_from = (!earlier).then_some(Day::new(i32::MIN + 1));
        (known, Start { door: own, epochs: vec![epoch], share_from })
    }

    fn write_own(&mut self, door: usize, day: Day, record: Record) {
        let author = self.nodes[door].key.public();
        let id: RecordId = self.nodes[door].name(author, day);
        self.write(door, vec![(id, record)], false);
    }
}

fn seat(door: usize) -> Seat {
    Seat {
        entrance: EntranceId::new(u16::try_from(door).unwrap() + 1),
        name: format!("{door}"),
        direction: Direction::Both,
        since: UnixMillis::new(0),
    }
}

/// Nobody is taken to have left: the law must hold without that help.
fn now(at: UnixMillis) -> Now<'static> {
    static NOBODY: BTreeMap<PublicKey, node_core::occupancy::Seen> = BTreeMap::new();
    Now { now: at, since: UnixMillis::new(i64::MIN), stay: None, links: &NOBODY }
}

fn crossing(at: UnixMillis, tag: Tag, kind: VisitKind) -> Record {
    Record::Visit(sync::record::Visit { kind, tag, place: PlaceTaken::One, ..nodes::visit(at) })
}
