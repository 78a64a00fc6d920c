//! How many came, left and were turned away: by quarter of an hour and door, on the venue's own days. Pure.
//!
//! The same records give the same counts in any order and however often they come. A record costs 24 bytes or so while
//! its day is held; what pages ask is answered from sums and goes through no record.

mod band;
mod hours;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::{AddAssign, RangeInclusive, SubAssign},
};

use sync::{
    id::{ChainId, PublicKey, RecordId, RecordNumber, Tag, ZoneId},
    record::{Amend, PlaceTaken, Record, Status, StoredRecord, Visit, VisitKind},
    time::{Day, UnixMillis, Zone},
};

pub use band::Band;
pub use hours::{Hour, hours};

use crate::reason::Reason;

/// So many days are counted, today being the last: as long as a door keeps them, if no policy says otherwise.
pub const FLOW_DAYS: i32 = 14;
/// The length of the least span that is counted apart, ms.
pub const QUARTER_MILLIS: i64 = 900_000;
/// No day of any zone is longer: 26 hours.
const QUARTERS_MAX: i64 = 104;

/// People in a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Came in by a code.
    pub entries: u32,
    /// Went out by a code.
    pub exits: u32,
    /// Turned away.
    pub refusals: u32,
    /// Came in, counted by hand.
    pub hand_in: u32,
    /// Went out, counted by hand.
    pub hand_out: u32,
}

impl Counts {
    /// Everybody who came in.
    pub fn all_in(&self) -> u32 {
        self.entries.saturating_add(self.hand_in)
    }

    /// Everybody who went out.
    pub fn all_out(&self) -> u32 {
        self.exits.saturating_add(self.hand_out)
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.entries = self.entries.saturating_add(other.entries);
        self.exits = self.exits.saturating_add(other.exits);
        self.refusals = self.refusals.saturating_add(other.refusals);
        self.hand_in = self.hand_in.saturating_add(other.hand_in);
        self.hand_out = self.hand_out.saturating_add(other.hand_out);
    }
}

impl SubAssign for Counts {
    fn sub_assign(&mut self, other: Self) {
        self.entries = self.entries.saturating_sub(other.entries);
        self.exits = self.exits.saturating_sub(other.exits);
        self.refusals = self.refusals.saturating_sub(other.refusals);
        self.hand_in = self.hand_in.saturating_sub(other.hand_in);
        self.hand_out = self.hand_out.saturating_sub(other.hand_out);
    }
}

/// What one record counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Entry,
    Exit,
    Refusal(Status, Option<Reason>),
    ByHand(i16),
    /// Somebody counted all who are inside.
    Counted(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    at: UnixMillis,
    what: What,
}

/// What corrections say of a record, which may come before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Amended {
    void: bool,
    redate: Option<(UnixMillis, RecordId, UnixMillis)>,
}

/// One door on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct DoorDay {
    quarters: BTreeMap<u8, Counts>,
    refused: BTreeMap<(u8, Option<Reason>), u32>,
}

/// One day of the venue.
#[derive(Clone, Debug, PartialEq, Eq)]
struct OneDay {
    start: UnixMillis,
    doors: BTreeMap<PublicKey, DoorDay>,
    /// How many were inside when somebody counted them, by the quarter.
    counted: BTreeMap<(u8, RecordId), u32>,
}

/// The counts of a venue's last days.
#[derive(Clone, Debug)]
pub struct Flow {
    zone: Zone,
    first: Day,
    held: BTreeMap<ChainId, BTreeMap<RecordNumber, Held>>,
    amended: BTreeMap<RecordId, Amended>,
    /// Lines of paper sheets that were typed in, by tag and whether in or out.
    lines: BTreeMap<(Tag, bool), BTreeSet<RecordId>>,
    days: BTreeMap<Day, OneDay>,
}

impl Flow {
    /// Nothing is counted yet, and nothing from before `first` will be.
    pub fn new(zone: Zone, first: Day) -> Self {
        let (held, amended, days) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { zone, first, held, amended, lines: BTreeMap::new(), days }
    }

    /// The first day that is counted.
    pub fn first(&self) -> Day {
        self.first
    }

    /// Takes a record, once or again; of kinds that count nobody nothing is kept.
    pub fn take(&mut self, stored: &StoredRecord) {
        let RecordId { chain, number } = stored.id;
        if chain.day == Day::STANDING || chain.day.is_civil() && chain.day < self.first {
            return;
        }
        if let Record::Correction(correction) = &stored.record {
            return self.amend(correction.of, stored.id, correction.at, correction.amend);
        }
        if let Record::Visit(visit) = &stored.record
            && is_paper(visit)
        {
            let key = (visit.tag, visit.kind == VisitKind::Entry);
            self.lines.entry(key).or_default().insert(stored.id);
        }
        let Some(held) = counted(&stored.record) else { return };
        let of_chain = self.held.entry(chain).or_default();
        if of_chain.contains_key(&number) {
            return;
        }
        of_chain.insert(number, held);
        self.apply(stored.id, true);
    }

    fn amend(&mut self, of: RecordId, by: RecordId, said_at: UnixMillis, amend: Amend) {
        self.apply(of, false);
        let amended = self.amended.entry(of).or_default();
        match amend {
            Amend::Void => amended.void = true,
            Amend::Redate { at, .. } => {
                amended.redate = amended.redate.max(Some((said_at, by, at)));
            }
        }
        self.apply(of, true);
    }

    /// Adds what a record counts, or takes it back.
    fn apply(&mut self, id: RecordId, add: bool) {
        let of_chain = self.held.get(&id.chain);
        let Some(held) = of_chain.and_then(|records| records.get(&id.number)).copied() else {
            return;
        };
        let amended = self.amended.get(&id).copied().unwrap_or_default();
        let redated = amended.redate.map(|(_, _, at)| at);
        // What an unbelieved clock has dated belongs to no day until somebody says which.
        let undated = id.chain.day == Day::UNKNOWN && redated.is_none();
        if amended.void || undated {
            return;
        }
        let at = redated.unwrap_or(held.at);
        let day = self.zone.day(at);
        // An author may date what it writes as it likes; its document has a day that was checked.
        let ahead = id.chain.day.is_civil() && day > id.chain.day.next();
        if !day.is_civil() || day < self.first || ahead {
            return;
        }
        let Some(one) = self.day_mut(day) else { return };
        let Some(quarter) = quarter(one.start, at) else { return };
        one.count(id, quarter, held.what, add);
    }

    fn day_mut(&mut self, day: Day) -> Option<&mut OneDay> {
        let start = match self.days.get(&day) {
            Some(one) => one.start,
            None => self.zone.start_of(day)?,
        };
        let empty = || OneDay { start, doors: BTreeMap::new(), counted: BTreeMap::new() };
        Some(self.days.entry(day).or_insert_with(empty))
    }

    /// Whether this line of a paper sheet was typed in, for this way, and not taken back since.
    pub fn has_line(&self, tag: &Tag, kind: VisitKind) -> bool {
        let records = self.lines.get(&(*tag, kind == VisitKind::Entry));
        let stands = |id: &RecordId| !self.amended.get(id).is_some_and(|a| a.void);
        records.is_some_and(|records| records.iter().any(stands))
    }

    /// Forgets the days before `first`.
    pub fn forget_before(&mut self, first: Day) {
        if first <= self.first {
            return;
        }
        self.first = first;
        self.held.retain(|chain, _| !chain.day.is_civil() || chain.day >= first);
        self.amended.retain(|id, _| !id.chain.day.is_civil() || id.chain.day >= first);
        self.days.retain(|day, _| *day >= first);
        self.lines.retain(|_, records| {
            records.retain(|id| !id.chain.day.is_civil() || id.chain.day >= first);
            !records.is_empty()
        });
    }

    /// The doors that counted anybody in these days.
    pub fn doors(&self, days: RangeInclusive<Day>) -> Vec<PublicKey> {
        let all = self.days.range(days).flat_map(|(_, one)| one.doors.keys().copied());
        let doors: BTreeSet<_> = all.collect();
        doors.into_iter().collect()
    }

    /// The hours of a day, each with what every door counted in it. A day on which the clock is changed has 23 or 25.
    pub fn by_hour(&self, day: Day) -> Vec<(Hour, BTreeMap<PublicKey, Counts>)> {
        let one = self.days.get(&day);
        let of = |hour: Hour| {
            let mut doors = BTreeMap::new();
            for (door, counts) in one.iter().flat_map(|one| &one.doors) {
                let mut sum = Counts::default();
                let from = quarter(one.map_or(hour.from, |o| o.start), hour.from).unwrap_or(0);
                let until = from.saturating_add(hour.quarters());
                counts.quarters.range(from..until).for_each(|(_, c)| sum += *c);
                if sum != Counts::default() {
                    doors.insert(*door, sum);
                }
            }
            (hour, doors)
        };
        hours(&self.zone, day).into_iter().map(of).collect()
    }

    /// What all doors counted on a day.
    pub fn total(&self, day: Day) -> Counts {
        let mut sum = Counts::default();
        let doors = self.days.get(&day).into_iter().flat_map(|one| one.doors.values());
        doors.flat_map(|door| door.quarters.values()).for_each(|counts| sum += *counts);
        sum
    }

    /// Those who were turned away on these days: as what, why, how many.
    pub fn refused(&self, days: RangeInclusive<Day>) -> BTreeMap<(u8, Option<Reason>), u32> {
        let mut all = BTreeMap::new();
        let doors = self.days.range(days).flat_map(|(_, one)| one.doors.values());
        for (kind, n) in doors.flat_map(|door| &door.refused).filter(|(_, n)| **n > 0) {
            *all.entry(*kind).or_default() += *n;
        }
        all
    }

    /// The quarter of an hour in which somebody came in last by a code, of those before `until`.
    pub fn last_entry(&self, until: UnixMillis) -> Option<UnixMillis> {
        let start = |one: &OneDay, quarter: u8| {
            let at = one.start.plus_millis(i64::from(quarter) * QUARTER_MILLIS);
            (at < until).then_some(at)
        };
        self.days.values().rev().find_map(|one| {
            let quarters = one.doors.values().flat_map(|door| &door.quarters);
            let entered = quarters.filter(|(_, counts)| counts.entries > 0);
            entered.filter_map(|(quarter, _)| start(one, *quarter)).max()
        })
    }
}

impl OneDay {
    fn count(&mut self, id: RecordId, quarter: u8, what: What, add: bool) {
        let door = self.doors.entry(id.chain.author).or_default();
        let mut counts = Counts::default();
        match what {
            What::Entry => counts.entries = 1,
            What::Exit => counts.exits = 1,
            What::Refusal(status, reason) => {
                counts.refusals = 1;
                let alike = door.refused.entry((status_rank(status), reason)).or_default();
                *alike = if add { alike.saturating_add(1) } else { alike.saturating_sub(1) };
            }
            What::ByHand(people) if people > 0 => counts.hand_in = people.unsigned_abs().into(),
            What::ByHand(people) => counts.hand_out = people.unsigned_abs().into(),
            What::Counted(inside) if add => drop(self.counted.insert((quarter, id), inside)),
            What::Counted(_) => drop(self.counted.remove(&(quarter, id))),
        }
        let sum = door.quarters.entry(quarter).or_default();
        if add {
            *sum += counts
        } else {
            *sum -= counts
        }
        if *sum == Counts::default() {
            door.quarters.remove(&quarter);
        }
    }
}

/// The order in which statuses are listed: the worst first.
fn status_rank(status: Status) -> u8 {
    match status {
        Status::Red => 0,
        Status::Yellow => 1,
        Status::Grey => 2,
        Status::Blue => 3,
        Status::Green => 4,
    }
}

/// The status of a rank in [`Flow::refused`].
pub fn ranked(rank: u8) -> Status {
    match rank {
        0 => Status::Red,
        1 => Status::Yellow,
        3 => Status::Blue,
        4 => Status::Green,
        _ => Status::Grey,
    }
}

fn counted(record: &Record) -> Option<Held> {
    let (at, what) = match record {
        Record::Visit(visit) => (visit.at, of_visit(visit)?),
        Record::Clicks(clicks) => (clicks.at, What::ByHand(clicks.people)),
        Record::Reset(reset) if reset.zone == ZoneId::default() => {
            (reset.at, What::Counted(reset.inside))
        }
        _ => return None,
    };
    Some(Held { at, what })
}

fn is_paper(visit: &Visit) -> bool {
    visit.reason.as_deref() == Some(Reason::Paper.word())
}

/// Who works here takes no place and is no visitor; a visit on paper may find no place free and is one.
fn of_visit(visit: &Visit) -> Option<What> {
    let reason = || visit.reason.as_deref().and_then(Reason::from_word);
    match (visit.kind, visit.place) {
        (VisitKind::Refusal, _) => Some(What::Refusal(visit.status, reason())),
        (_, PlaceTaken::None) if !is_paper(visit) => None,
        (VisitKind::Entry, _) => Some(What::Entry),
        (VisitKind::Exit, _) => Some(What::Exit),
    }
}

/// Which quarter of an hour since the day's start `at` lies in; `None` where no day is so long.
fn quarter(start: UnixMillis, at: UnixMillis) -> Option<u8> {
    let quarter = (at.get() - start.get()).div_euclid(QUARTER_MILLIS);
    if (0..QUARTERS_MAX).contains(&quarter) { u8::try_from(quarter).ok() } else { None }
}

#[cfg(test)]
mod tests;
