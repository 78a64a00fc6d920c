//! Who is inside and who may still be let in, from every door's records: pure, the same at every door that has the same.
//!
//! ```text
//! records ─▶ crossings (per person) ─┬▶ presence: how many are inside ─┐
//!                                    ├▶ duplicates: named pairs        ├▶ interval [lo, hi], with the reason
//!                                    └▶ purses ─▶ rights of each door ─┘
//! orders, Adopted ─▶ shares ────────────▲            └▶ rebalance: rights that move
//! ```
//! Laws. [`Occupancy`] is a join of records: the same records in any order, any of them twice, give the same answer.
//! *Capacity*: a door lets somebody in only on a right of its own. Its rights are its share, and what others gave it,
//! less what it gave and less its own entries that are not known to have ended. An entry's right so comes back at the
//! door of the entry, once, however many doors see the exit: if it came back where the exit is seen, one code shown at
//! two doors that do not hear each other would make two rights of one. So, among honest doors of which none is cloned,
//! recorded entries that have not ended never exceed the signed capacity, whatever the partition (`tests.rs`).
//! What a person writes over the records is outside that law: a voided exit, a count by hand above what was recorded.

pub mod allotment;
mod crossings;
mod duplicates;
mod interval;
mod marks;
mod moments;
mod period;
mod presence;
mod purse;
mod rebalance;
mod rights;
mod shares;

use std::collections::{BTreeMap, BTreeSet};

use sync::{
    id::{Epoch, PublicKey, RecordId, Tag, ZoneId},
    order::Order,
    record::{Amend, PlaceTaken, Record, StoredRecord, VisitKind},
    time::{Day, UnixMillis, Zone},
};

pub use crossings::Duplicate;
pub(crate) use duplicates::PAIRS_MAX;
pub use interval::{Interval, Seen, Unseen, is_seen};
pub use marks::{Marks, Watch, marks_of};
pub use period::{begun, period};
pub use presence::Tally;
pub use rebalance::Gift;
pub use rights::{Now, Start};
pub use shares::{Seat, Shares};

use crossings::{Crossing, Crossings, Effect, effect};
use presence::ZoneCount;
use purse::Purse;
use rights::lowest;

/// What a record changed, so that it can be taken back when it is voided or re-dated.
#[derive(Clone, Copy, Debug)]
enum Held {
    Crossing { zone: ZoneId, tag: Tag, at: UnixMillis, enters: bool },
    Clicks { zone: ZoneId, at: UnixMillis, people: i16 },
    Reset { zone: ZoneId, at: UnixMillis, inside: u32 },
    Other,
}

/// What corrections say of a record.
#[derive(Clone, Copy, Debug, Default)]
struct Amended {
    void: bool,
    /// The latest statement of when it happened, with the name of that statement.
    redate: Option<(UnixMillis, RecordId, UnixMillis)>,
    /// The latest day on which anything was said of it.
    said: Option<Day>,
}

/// The rights of one start of one door in one business day of one zone.
type PurseKey = (ZoneId, Day, PublicKey, Epoch);

/// All that is known of who is inside.
#[derive(Clone, Debug)]
pub struct Occupancy {
    time_zone: Zone,
    held: BTreeMap<RecordId, Held>,
    amended: BTreeMap<RecordId, Amended>,
    tags: BTreeMap<(ZoneId, Tag), Crossings>,
    zones: BTreeMap<ZoneId, ZoneCount>,
    purses: BTreeMap<PurseKey, Purse>,
    pairs: BTreeMap<(UnixMillis, RecordId), (ZoneId, Duplicate)>,
    tallies: BTreeMap<(Day, PublicKey), Tally>,
    wants: BTreeMap<PublicKey, UnixMillis>,
    resumed: BTreeMap<(PublicKey, Epoch), Epoch>,
    shares: Shares,
}

impl Occupancy {
    /// Of a venue in this time zone, with nothing known yet.
    pub fn new(time_zone: Zone) -> Self {
        Self {
            time_zone,
            held: BTreeMap::new(),
            amended: BTreeMap::new(),
            tags: BTreeMap::new(),
            zones: BTreeMap::new(),
            purses: BTreeMap::new(),
            pairs: BTreeMap::new(),
            tallies: BTreeMap::new(),
            wants: BTreeMap::new(),
            resumed: BTreeMap::new(),
            shares: Shares::default(),
        }
    }

    /// What is signed about the capacity and who stands where.
    pub fn shares(&self) -> &Shares {
        &self.shares
    }

    /// Who stands where, as far as is known.
    pub fn set_seats(&mut self, seats: BTreeMap<PublicKey, Seat>) {
        self.on_shares(|shares| shares.set_seats(seats));
    }

    /// Takes an order about the venue.
    pub fn take_order(&mut self, order: &Order) {
        // By any door's clock the day of the order is over then.
        let day = self.time_zone.day(order.issued_at.plus_millis(presence::APART_MILLIS));
        self.on_shares(|shares| shares.take_order(order, day));
    }

    /// Which business day a record belongs to hangs on the closing time: if that moves, all is sorted anew.
    fn on_shares(&mut self, change: impl FnOnce(&mut Shares)) {
        let closing = |s: &Shares| s.zones().map(|z| (z, s.closing_minute(z))).collect::<Vec<_>>();
        let mut shares = self.shares.clone();
        change(&mut shares);
        if closing(&self.shares) == closing(&shares) {
            self.shares = shares;
            return;
        }
        let ids: Vec<RecordId> = self.held.keys().copied().collect();
        ids.iter().for_each(|id| self.withdraw(*id));
        self.shares = shares;
        ids.iter().for_each(|id| self.bring(*id));
    }

    /// Takes a record, once. What happened at a door has its day, and counts in no document that stands for ever.
    pub fn take(&mut self, stored: &StoredRecord) {
        if self.held.contains_key(&stored.id) || is_misplaced(stored) {
            return;
        }
        let id = stored.id;
        let held = match &stored.record {
            Record::Visit(visit) => {
                let day = (id.chain.day, id.chain.author);
                self.tallies.entry(day).or_default().count(visit);
                let wants = visit.reason.as_deref() == Some(crate::reason::Reason::NoRights.word());
                if wants {
                    let at = self.wants.entry(id.chain.author).or_insert(visit.at);
                    *at = visit.at.max(*at);
                }
                match (visit.kind, visit.place) {
                    (VisitKind::Refusal, _) | (_, PlaceTaken::None) => Held::Other,
                    (kind, PlaceTaken::One) => {
                        let enters = kind == VisitKind::Entry;
                        Held::Crossing { zone: visit.zone, tag: visit.tag, at: visit.at, enters }
                    }
                }
            }
            Record::Clicks(c) => Held::Clicks { zone: c.zone, at: c.at, people: c.people },
            Record::Reset(r) => Held::Reset { zone: r.zone, at: r.at, inside: r.inside },
            Record::Transfer(t) => {
                let from = (t.zone, t.period, id.chain.author, id.chain.epoch);
                self.purses.entry(from).or_default().give(id, t.rights);
                let to = (t.zone, t.period, t.to, t.epoch);
                self.purses.entry(to).or_default().get(id, t.rights);
                Held::Other
            }
            Record::Adopted(a) => {
                self.on_shares(|shares| shares.take_adopted(id.chain.author, a));
                Held::Other
            }
            Record::Resumed(r) => {
                self.resumed.insert((id.chain.author, id.chain.epoch), r.epoch);
                Held::Other
            }
            Record::Correction(c) => {
                self.amend(c.of, id, c.at, c.amend);
                Held::Other
            }
            _ => return,
        };
        self.held.insert(id, held);
        self.bring(id);
    }

    fn amend(&mut self, of: RecordId, by: RecordId, said_at: UnixMillis, amend: Amend) {
        self.withdraw(of);
        let amended = self.amended.entry(of).or_default();
        amended.said = amended.said.max(Some(by.chain.day));
        match amend {
            Amend::Void => amended.void = true,
            Amend::Redate { at, .. } => {
                amended.redate = amended.redate.max(Some((said_at, by, at)));
            }
        }
        self.bring(of);
    }

    fn bring(&mut self, id: RecordId) {
        self.apply(id, true);
    }

    fn withdraw(&mut self, id: RecordId) {
        self.apply(id, false);
    }

    /// Adds what a record changes, or takes it back.
    fn apply(&mut self, id: RecordId, add: bool) {
        let Some(held) = self.held.get(&id).copied() else { return };
        let amended = self.amended.get(&id).copied().unwrap_or_default();
        if amended.void {
            return;
        }
        let when = |at| amended.redate.map_or(at, |(_, _, redated)| redated);
        match held {
            Held::Crossing { zone, tag, at, enters } => {
                let crossing = Crossing { enters, period: self.period(zone, at) };
                self.change(zone, tag, |crossings| {
                    if add {
                        crossings.insert((when(at), id), crossing);
                    } else {
                        crossings.remove(&(when(at), id));
                    }
                });
            }
            Held::Clicks { zone, at, people } => {
                let key = (zone, self.period(zone, at), id.chain.author, id.chain.epoch);
                let counted = self.zones.get(&zone).and_then(|of_zone| of_zone.counted);
                let purse = self.purses.entry(key).or_default();
                purse.counted(counted);
                if add { purse.click(id, when(at), people) } else { purse.unclick(id) }
            }
            // Nothing goes by it before its time has come: see `turn`.
            Held::Reset { zone, at, inside } => {
                let resets = &mut self.zones.entry(zone).or_default().resets;
                if add {
                    resets.insert((when(at), id), inside);
                } else {
                    resets.remove(&(when(at), id));
                }
            }
            Held::Other => {}
        }
    }

    /// Changes one person's crossings, and what follows from them.
    fn change(&mut self, zone: ZoneId, tag: Tag, change: impl FnOnce(&mut Crossings)) {
        let counted = self.zones.get(&zone).and_then(ZoneCount::counted_at);
        let mut crossings = self.tags.remove(&(zone, tag)).unwrap_or_default();
        let before = effect(&crossings, counted);
        change(&mut crossings);
        let after = effect(&crossings, counted);
        if !crossings.is_empty() {
            self.tags.insert((zone, tag), crossings);
        }
        self.follow(zone, tag, &before, false);
        self.follow(zone, tag, &after, true);
    }

    fn follow(&mut self, zone: ZoneId, tag: Tag, effect: &Effect, add: bool) {
        self.zones.entry(zone).or_default().follow(tag, effect, add);
        for open in &effect.open {
            let key = (zone, open.period, open.id.chain.author, open.id.chain.epoch);
            let purse = self.purses.entry(key).or_default();
            if add { purse.open(open.at, open.id) } else { purse.close(open.at, open.id) }
        }
        for pair in &effect.pairs {
            if add {
                self.pairs.insert(pair.second, (zone, *pair));
            } else {
                self.pairs.remove(&pair.second);
            }
        }
    }

    /// All of a zone goes by the count by hand that is the latest as of `now`: every question begins with this. Where
    /// another count holds than before, everybody of the zone is looked at again. Seldom.
    fn turn(&mut self, zone: ZoneId, now: UnixMillis) {
        let Some(of_zone) = self.zones.get_mut(&zone) else { return };
        let counted = of_zone.latest(now);
        if counted == of_zone.counted {
            return;
        }
        let span = (zone, Tag::new([0; Tag::LEN]))..=(zone, Tag::new([u8::MAX; Tag::LEN]));
        let before = of_zone.counted_at();
        for ((_, tag), crossings) in self.tags.range(span.clone()) {
            of_zone.follow(*tag, &effect(crossings, before), false);
        }
        of_zone.counted = counted;
        let after = of_zone.counted_at();
        for ((_, tag), crossings) in self.tags.range(span) {
            of_zone.follow(*tag, &effect(crossings, after), true);
        }
        let purses = self.purses.range_mut(lowest(zone, Day::UNKNOWN)..);
        let of_zone = purses.take_while(|((z, ..), _)| *z == zone);
        of_zone.for_each(|(_, purse)| purse.counted(counted));
    }

    /// The business day of a zone in which `at` lies.
    pub fn period(&self, zone: ZoneId, at: UnixMillis) -> Day {
        period(&self.time_zone, at, self.shares.closing_minute(zone))
    }

    /// Forgets the days before `first`; what the unknown and the standing day hold stays.
    pub fn forget_before(&mut self, first: Day) {
        let old: Vec<RecordId> = self
            .held
            .keys()
            .filter(|id| id.chain.day < first && id.chain.day.is_civil())
            .copied()
            .collect();
        for id in old {
            self.withdraw(id);
            self.held.remove(&id);
        }
        // Of a record that is not here, and of which nobody speaks any more, nothing need be known.
        let (held, spoken_of) = (&self.held, |said: Option<Day>| said.is_some_and(|d| d >= first));
        self.amended.retain(|id, a| held.contains_key(id) || spoken_of(a.said));
        self.tallies.retain(|(day, _), _| *day >= first || *day == Day::UNKNOWN);
        let is_late = |period: &Day| *period >= first.plus(-1) || !period.is_civil();
        self.purses.retain(|(_, period, ..), purse| is_late(period) && !purse.is_unused());
    }

    /// The doors that counted anything.
    pub fn doors(&self) -> BTreeSet<PublicKey> {
        self.tallies.keys().map(|(_, door)| *door).collect()
    }
}

/// Whether a record stands where an honest door writes none of its kind: people cross on a day, and rights move in a
/// business day that has to do with it.
fn is_misplaced(stored: &StoredRecord) -> bool {
    let day = stored.id.chain.day;
    match &stored.record {
        Record::Visit(_) | Record::Clicks(_) | Record::Reset(_) => day == Day::STANDING,
        Record::Transfer(t) => {
            let near = day.plus(-1)..=day.next();
            day == Day::STANDING || day.is_civil() && !near.contains(&t.period)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
