//! A venue of honest doors in memory: each holds some of everybody's records, and lets in only on its own rights.

use std::collections::{BTreeMap, BTreeSet};

use sync::{
    id::{ChainId, EntranceId, Epoch, PublicKey, RecordId, RecordNumber, Tag, VenueId, ZoneId},
    order::{Capacity, Matter, Order, Removal, RemovalCause},
    record::{
        Adopted, Clicks, ClockTrust, Decider, Direction, PlaceTaken, Record, Reset, Resumed,
        Status, StoredRecord, Transfer, Visit, VisitKind,
    },
    time::{Day, UnixMillis, Zone},
};

use super::super::*;

pub(super) const ZONE: ZoneId = ZoneId::new(0);
/// Noon of a day, UTC.
pub(super) const NOON: i64 = 20_000 * 86_400_000 + 43_200_000;
pub(super) const TODAY: Day = Day::new(20_000);
pub(super) const STAY: i64 = 7_200_000;

pub(super) fn key(door: usize) -> PublicKey {
    PublicKey::new([u8::try_from(door + 1).unwrap(); 32])
}

pub(super) fn tag(person: u8) -> Tag {
    Tag::new([person; 16])
}

pub(super) fn visit(at: i64, person: u8, kind: VisitKind) -> Visit {
    Visit {
        at: UnixMillis::new(at),
        clock: ClockTrust::Trusted,
        entrance: EntranceId::new(1),
        kind,
        status: Status::Green,
        reason: None,
        decider: Decider::Verdict,
        tag: tag(person),
        sealed: None,
        zone: ZONE,
        place: PlaceTaken::One,
        marks: Vec::new(),
        temperature: None,
    }
}

pub(super) fn capacity(version: u64, most: u32, shares: Vec<u32>, from: Day) -> Order {
    let shares = (1u16..).map(EntranceId::new).zip(shares).collect();
    let capacity = Capacity { zone: ZONE, version, most, shares, closing_minute: 0, from };
    let issued_at = UnixMillis::new(NOON + version as i64);
    Order { venue: VenueId::new(1), issued_at, matter: Matter::Capacity(capacity) }
}

/// One door: what it holds, and its own start.
pub(super) struct Door {
    pub(super) known: Occupancy,
    pub(super) records: BTreeMap<RecordId, Record>,
    pub(super) orders: BTreeMap<u64, Order>,
    pub(super) start: Start,
    next: u64,
    pub(super) removed: bool,
    /// How far its clock is ahead, ms.
    pub(super) fast: i64,
    /// Its clock was once wrong by more than clocks may be.
    pub(super) was_mad: bool,
}

/// The venue and its clock.
pub(super) struct Venue {
    pub(super) doors: Vec<Door>,
    pub(super) now: i64,
    epochs: u64,
    /// All that was ever written, also what a door lost since.
    log: BTreeMap<RecordId, Record>,
    /// When it was written, whatever the door's clock said.
    pub(super) written: BTreeMap<RecordId, i64>,
    /// Doors in different groups do not hear each other.
    pub(super) groups: Vec<u8>,
}

fn occupancy(doors: usize) -> Occupancy {
    let mut known = Occupancy::new(Zone::utc());
    let seat = |n| {
        let entrance = EntranceId::new(u16::try_from(n + 1).unwrap());
        let (name, since) = (format!("door {n}"), UnixMillis::new(0));
        (key(n), Seat { entrance, name, direction: Direction::Both, since })
    };
    known.set_seats((0..doors).map(seat).collect());
    known
}

impl Venue {
    pub(super) fn new(doors: usize, first: &Order) -> Self {
        let mut venue = Self {
            doors: Vec::new(),
            now: NOON,
            epochs: 0,
            log: BTreeMap::new(),
            written: BTreeMap::new(),
            groups: vec![0; doors],
        };
        for n in 0..doors {
            venue.epochs += 1;
            let epoch = Epoch::new(venue.epochs.to_be_bytes());
            let share_from = Some(Day::new(i32::MIN + 1));
            let start = Start { door: key(n), epochs: vec![epoch], share_from };
            let door = Door {
                known: occupancy(doors),
                records: BTreeMap::new(),
                orders: BTreeMap::new(),
                start,
                next: 1,
                removed: false,
                fast: 0,
                was_mad: false,
            };
            venue.doors.push(door);
            venue.order(n, 1, first);
        }
        venue
    }

    /// The time by a door's own clock.
    pub(super) fn clock(&self, n: usize) -> UnixMillis {
        UnixMillis::new(self.now + self.doors[n].fast)
    }

    pub(super) fn order(&mut self, n: usize, place: u64, order: &Order) {
        let now = self.clock(n);
        let unused = self.doors[n].known.is_unused(ZONE, &key(n), now);
        let door = &mut self.doors[n];
        if door.orders.insert(place, order.clone()).is_some() {
            return;
        }
        door.known.take_order(order);
        let today = door.known.period(ZONE, now);
        let owned = door.start.share_from.is_some_and(|from| from <= today);
        if let Some((version, from)) =
            door.known.shares().to_adopt(ZONE, key(n), today, unused && owned)
        {
            self.write(n, Record::Adopted(Adopted { at: now, zone: ZONE, version, from }));
        }
    }

    pub(super) fn write(&mut self, n: usize, record: Record) -> RecordId {
        let day = Zone::utc().day(self.clock(n));
        let door = &mut self.doors[n];
        let chain = ChainId { author: key(n), epoch: door.start.epochs[0], day };
        let id = RecordId { chain, number: RecordNumber::new(door.next) };
        door.next += 1;
        door.known.take(&StoredRecord { id, record: record.clone() });
        door.records.insert(id, record.clone());
        self.log.insert(id, record);
        self.written.insert(id, self.now);
        id
    }

    /// What a door goes by: of the doors in its group it holds everything.
    pub(super) fn with_now<T>(
        &mut self,
        n: usize,
        ask: impl FnOnce(&mut Occupancy, &Start, &Now<'_>) -> T,
    ) -> T {
        let mut links = BTreeMap::new();
        for other in 0..self.doors.len() {
            let up = other != n && self.groups[other] == self.groups[n];
            // All there is of a door in the group is here up to now; of another, up to the last record held.
            let of_other =
                self.doors[n].records.iter().filter(|(id, _)| id.chain.author == key(other));
            let word = UnixMillis::new(of_other.filter_map(|(_, r)| at_of(r)).max().unwrap_or(0));
            let heard = if up { self.clock(n) } else { word };
            links.insert(key(other), Seen { heard, word });
        }
        let now = self.clock(n);
        let door = &mut self.doors[n];
        let since = begun(&Zone::utc(), now, 0).plus_millis(-1).max(now.plus_millis(-STAY));
        let moment = Now { now, since, stay: Some(STAY), links: &links };
        let start = door.start.clone();
        ask(&mut door.known, &start, &moment)
    }

    pub(super) fn left(&mut self, n: usize) -> i64 {
        self.with_now(n, |known, start, now| known.left(ZONE, start, now)).unwrap_or(0)
    }

    /// Somebody shows a code at a door; whether it let the person in.
    pub(super) fn enter(&mut self, n: usize, person: u8) -> bool {
        let renews =
            self.with_now(n, |k, start, now| k.holds_place(ZONE, start, &tag(person), now));
        let admitted = self.left(n) + i64::from(renews) >= 1;
        if admitted {
            self.write(n, Record::Visit(visit(self.clock(n).get(), person, VisitKind::Entry)));
        }
        admitted
    }

    pub(super) fn exit(&mut self, n: usize, person: u8) {
        self.write(n, Record::Visit(visit(self.clock(n).get(), person, VisitKind::Exit)));
    }

    pub(super) fn click(&mut self, n: usize, people: i16) {
        if i64::from(people) <= self.left(n) {
            let (at, clock) = (self.clock(n), ClockTrust::Trusted);
            let entrance = EntranceId::new(1);
            self.write(n, Record::Clicks(Clicks { at, clock, entrance, zone: ZONE, people }));
        }
    }

    pub(super) fn reset(&mut self, n: usize, inside: u32) {
        self.write(n, Record::Reset(Reset { at: self.clock(n), zone: ZONE, inside }));
    }

    pub(super) fn give(&mut self, n: usize, to: usize, rights: u32) {
        if n != to && i64::from(rights) <= self.left(n) && rights > 0 {
            let at = self.clock(n);
            let period = self.doors[n].known.period(ZONE, at);
            // The newest start of the other of which this door has heard.
            let heard = self.doors[n].records.keys().filter(|id| id.chain.author == key(to));
            let epoch = heard.map(|id| id.chain.epoch).max();
            let Some(epoch) = epoch else { return };
            let transfer = Transfer { at, zone: ZONE, period, to: key(to), rights, epoch };
            self.write(n, Record::Transfer(transfer));
        }
    }

    /// What a door holds comes to another, orders too. As in the ledger, what is dated ahead of the taker's clock waits
    /// there, and so does what follows it in its chain.
    pub(super) fn merge(&mut self, from: usize, to: usize) {
        let records = self.doors[from].records.clone();
        let orders = self.doors[from].orders.clone();
        let until = self.clock(to).plus_millis(crate::clock::SKEW_MILLIS).get();
        let mut waiting = BTreeSet::new();
        for (id, record) in records {
            let ahead = at_of(&record).is_some_and(|at| at > until);
            if waiting.contains(&id.chain) || (ahead && id.chain.author != key(to)) {
                waiting.insert(id.chain);
                continue;
            }
            self.doors[to].known.take(&StoredRecord { id, record: record.clone() });
            self.doors[to].records.insert(id, record);
        }
        orders.into_iter().for_each(|(place, order)| self.order(to, place, &order));
    }

    /// A door starts again: with its lease it goes on; without, `lost` of its last own records are gone too.
    pub(super) fn restart(&mut self, n: usize, lease: bool, lost: usize) {
        self.epochs += 1;
        let epoch = Epoch::new(self.epochs.to_be_bytes());
        let doors = self.doors.len();
        let now = self.clock(n);
        // Its clock may have been as far ahead before as it is behind now.
        let today = Zone::utc().day(now.plus_millis(super::super::presence::APART_MILLIS));
        let door = &mut self.doors[n];
        if !lease {
            let own: Vec<_> =
                door.records.keys().filter(|id| id.chain.author == key(n)).copied().collect();
            own.iter().rev().take(lost).for_each(|id| drop(door.records.remove(id)));
            door.known = occupancy(doors);
            door.orders.values().for_each(|order| door.known.take_order(order));
            for (id, record) in &door.records {
                door.known.take(&StoredRecord { id: *id, record: record.clone() });
            }
        }
        let before = door.start.epochs.clone();
        let earlier = if lease { before.clone() } else { Vec::new() };
        door.start.epochs = [vec![epoch], earlier].concat();
        if lease {
            let resumed = Resumed { at: now, epoch: before[0] };
            self.write(n, Record::Resumed(resumed));
        } else {
            door.start.share_from = Some(today.next());
            self.say_something(n);
        }
        assert_eq!(self.doors[n].known.lineage(key(n), epoch), self.doors[n].start.epochs);
    }

    /// A start without a lease makes itself known by a record that counts nothing.
    fn say_something(&mut self, n: usize) {
        let refused = visit(self.clock(n).get(), 250, VisitKind::Refusal);
        self.write(n, Record::Visit(refused));
    }

    pub(super) fn remove(&mut self, n: usize) {
        self.doors[n].removed = true;
        let removal = Removal { node: key(n), cause: RemovalCause::Lost };
        let issued_at = UnixMillis::new(self.now);
        let order = Order { venue: VenueId::new(1), issued_at, matter: Matter::Removal(removal) };
        for other in 0..self.doors.len() {
            self.order(other, 1_000 + n as u64, &order);
        }
    }

    /// Everything that was ever written.
    pub(super) fn everything(&self) -> &BTreeMap<RecordId, Record> {
        &self.log
    }

    /// Whether a record is of a door that was not removed.
    pub(super) fn is_honest(&self, id: &RecordId) -> bool {
        (0..self.doors.len()).any(|n| key(n) == id.chain.author && !self.doors[n].removed)
    }
}

pub(super) fn at_of(record: &Record) -> Option<i64> {
    match record {
        Record::Visit(v) => Some(v.at.get()),
        Record::Clicks(c) => Some(c.at.get()),
        Record::Transfer(t) => Some(t.at.get()),
        Record::Reset(r) => Some(r.at.get()),
        Record::Adopted(a) => Some(a.at.get()),
        Record::Resumed(r) => Some(r.at.get()),
        _ => None,
    }
}
