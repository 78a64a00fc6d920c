//! Counts across changes of the clock, corrections, and in any order.

use proptest::prelude::*;
use sync::{
    id::{EntranceId, Epoch},
    record::{Clicks, ClockTrust, Correction, Decider, Reset},
};

use super::*;

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

fn at(text: &str) -> UnixMillis {
    UnixMillis::parse(text).unwrap()
}

fn day(text: &str) -> Day {
    Zone::utc().day(at(&format!("{text}T12:00:00Z")))
}

fn id(door: u8, day: Day, number: u64) -> RecordId {
    let (author, epoch) = (PublicKey::new([door; 32]), Epoch::new([door; 8]));
    RecordId { chain: ChainId { author, epoch, day }, number: RecordNumber::new(number) }
}

fn visit(at: UnixMillis, kind: VisitKind, status: Status, reason: Option<Reason>) -> Record {
    Record::Visit(Visit {
        at,
        clock: ClockTrust::Trusted,
        entrance: EntranceId::new(1),
        kind,
        status,
        reason: reason.map(|r| r.word().to_owned()),
        decider: Decider::Verdict,
        tag: Tag::new([7; 16]),
        sealed: None,
        zone: ZoneId::default(),
        place: PlaceTaken::One,
        marks: Vec::new(),
        temperature: None,
    })
}

fn entry(at: UnixMillis) -> Record {
    visit(at, VisitKind::Entry, Status::Green, None)
}

fn exit(at: UnixMillis) -> Record {
    visit(at, VisitKind::Exit, Status::Green, None)
}

fn stored(id: RecordId, record: Record) -> StoredRecord {
    StoredRecord { id, record }
}

fn clocks(zone_name: &str, date: &str) -> Vec<String> {
    let shown = |hour: &Hour| {
        let again = if hour.again { "+" } else { "" };
        format!("{:02}:{:02}{again}", hour.clock.0, hour.clock.1)
    };
    hours(&zone(zone_name), day(date)).iter().map(shown).collect()
}

#[test]
fn a_day_has_as_many_hours_as_its_clock_shows() {
    let check = |zone: &str, date: &str, count: usize, around: &[&str]| {
        let clocks = clocks(zone, date);
        assert_eq!(clocks.len(), count, "{zone} {date}: {clocks:?}");
        let found = clocks.windows(around.len()).any(|window| window == around);
        assert!(found, "{zone} {date}: {clocks:?} lacks {around:?}");
    };
    check("UTC", "2026-11-22", 24, &["00:00", "01:00"]);
    check("Europe/Berlin", "2026-03-29", 23, &["01:00", "03:00"]);
    check("Europe/Berlin", "2026-10-25", 25, &["02:00", "02:00+", "03:00"]);
    // On 1 March 2024 Almaty put its clocks back at midnight: 29 February had its last hour twice.
    check("Asia/Almaty", "2024-02-29", 25, &["22:00", "23:00", "23:00+"]);
    check("Asia/Almaty", "2024-03-01", 24, &["00:00", "01:00"]);
    // Half an hour.
    check("Australia/Lord_Howe", "2026-04-05", 25, &["01:00", "01:30+", "02:00"]);
    check("Australia/Lord_Howe", "2026-10-04", 24, &["01:00", "02:30", "03:00"]);
    // A day without midnight, and one that never was.
    check("Asia/Beirut", "2026-03-29", 23, &["01:00", "02:00"]);
    assert!(clocks("Pacific/Apia", "2011-12-30").is_empty());
    assert!(hours(&Zone::utc(), Day::STANDING).is_empty());
    assert!(hours(&Zone::utc(), Day::UNKNOWN).is_empty());
}

#[test]
fn people_are_counted_in_the_hour_that_the_venues_clock_shows() {
    let almaty = zone("Asia/Almaty");
    let leap = day("2024-02-29");
    let mut flow = Flow::new(almaty, leap.plus(-1));
    // 23:30 twice: at UTC+6, and an hour later at UTC+5; 00:30 of the next day.
    let times = ["2024-02-29T17:30:00Z", "2024-02-29T18:30:00Z", "2024-02-29T19:30:00Z"];
    for (n, time) in (1..).zip(times) {
        flow.take(&stored(id(1, leap, n), entry(at(time))));
    }
    let hours = flow.by_hour(leap);
    let seen = |n: usize| hours[n].1.values().map(|c| c.entries).sum::<u32>();
    assert_eq!((hours.len(), seen(23), seen(24)), (25, 1, 1));
    assert_eq!((hours[24].0.clock, hours[24].0.again), ((23, 0), true));
    assert_eq!(flow.total(leap).entries, 2);
    assert_eq!(flow.total(leap.next()).entries, 1);
    assert_eq!(flow.last_entry(at("2025-01-01T00:00:00Z")), Some(at(times[2])));
    assert_eq!(flow.last_entry(at(times[1])), Some(at(times[0])), "before the one asked of");
}

#[test]
fn what_is_taken_back_counts_no_more_whenever_that_is_heard() {
    let today = day("2026-11-22");
    let noon = at("2026-11-22T12:00:00Z");
    let visit = stored(
        id(1, today, 1),
        visit(noon, VisitKind::Refusal, Status::Red, Some(Reason::StatusRed)),
    );
    let void = Correction { at: noon, of: visit.id, amend: Amend::Void, why: None };
    let void = stored(id(2, today, 1), Record::Correction(void));
    for order in [[&visit, &void, &visit], [&void, &visit, &void]] {
        let mut flow = Flow::new(Zone::utc(), today);
        order.into_iter().for_each(|record| flow.take(record));
        assert_eq!(flow.total(today), Counts::default());
        assert!(flow.refused(today..=today).is_empty());
    }
    let mut flow = Flow::new(Zone::utc(), today);
    flow.take(&visit);
    let red = (status_rank(Status::Red), Some(Reason::StatusRed));
    assert_eq!(flow.refused(today..=today), [(red, 1)].into());
    assert_eq!(ranked(red.0), Status::Red);
    let later = at("2026-11-23T12:00:00Z");
    let redate = Amend::Redate { at: later, day: today.next() };
    let redated = Correction { at: later, of: visit.id, amend: redate, why: None };
    flow.take(&stored(id(2, today.next(), 2), Record::Correction(redated)));
    assert_eq!((flow.total(today).refusals, flow.total(today.next()).refusals), (0, 1));
}

#[test]
fn visits_of_no_day_wait_and_days_that_are_over_go() {
    let today = day("2026-11-22");
    let noon = at("2026-11-22T12:00:00Z");
    let mut flow = Flow::new(Zone::utc(), today.plus(-1));
    flow.take(&stored(id(1, Day::UNKNOWN, 1), entry(noon)));
    assert_eq!(flow.total(today).entries, 0);
    let amend = Amend::Redate { at: noon, day: today };
    let dated = Correction { at: noon, of: id(1, Day::UNKNOWN, 1), amend, why: None };
    flow.take(&stored(id(1, today, 1), Record::Correction(dated)));
    assert_eq!(flow.total(today).entries, 1);
    flow.take(&stored(id(1, today, 2), entry(at("2026-12-24T12:00:00Z"))));
    assert_eq!(flow.doors(today..=today.plus(99)).len(), 1);
    assert_eq!(flow.total(day("2026-12-24")), Counts::default(), "no door dates a month ahead");
    flow.forget_before(today.next());
    flow.take(&stored(id(1, today, 3), entry(noon)));
    assert_eq!((flow.total(today), flow.first()), (Counts::default(), today.next()));
}

#[test]
fn the_band_has_who_surely_and_who_possibly_is_inside() {
    let today = day("2026-11-22");
    let clock = |time: &str| at(&format!("2026-11-22T{time}:00Z"));
    let mut flow = Flow::new(Zone::utc(), today.plus(-1));
    let late = at("2026-11-21T23:50:00Z");
    flow.take(&stored(id(1, today.plus(-1), 1), entry(late)));
    flow.take(&stored(id(1, today.plus(-1), 2), entry(at("2026-11-21T09:00:00Z"))));
    flow.take(&stored(id(1, today, 1), entry(clock("10:00"))));
    flow.take(&stored(id(1, today, 2), entry(clock("10:20"))));
    flow.take(&stored(id(1, today, 3), exit(clock("11:00"))));
    let entrance = EntranceId::new(1);
    let clicks = Clicks {
        at: clock("11:30"),
        clock: ClockTrust::Trusted,
        entrance,
        zone: ZoneId::default(),
        people: 3,
    };
    flow.take(&stored(id(1, today, 4), Record::Clicks(clicks)));
    let reset = Reset { at: clock("15:00"), zone: ZoneId::default(), inside: 9 };
    flow.take(&stored(id(1, today, 5), Record::Reset(reset)));
    let stay = Some(2 * 3_600_000);
    let bands = flow.inside(today, stay, clock("16:00"));
    let seen = |time: &str| {
        let band = bands.iter().find(|band| band.at == clock(time)).unwrap();
        (band.lo, band.hi)
    };
    assert_eq!(
        seen("00:15"),
        (1, 1),
        "who came before midnight is inside, who came in the morning is not"
    );
    assert_eq!(seen("02:15"), (0, 1));
    assert_eq!(seen("10:30"), (2, 3));
    assert_eq!(seen("11:15"), (1, 2));
    assert_eq!(seen("11:45"), (4, 5));
    assert_eq!(seen("14:00"), (0, 5));
    assert_eq!(seen("15:15"), (9, 9));
    assert_eq!(bands.last().unwrap().at, clock("16:00"));
    let scanned = flow.inside(today, None, clock("11:15"));
    assert_eq!(scanned.last().map(|band| (band.lo, band.hi)), Some((3, 3)));
    assert!(flow.inside(today, stay, at("2026-11-21T10:00:00Z")).is_empty(), "the day is to come");
}

fn some_record() -> impl Strategy<Value = (u8, u64, i64, u8)> {
    (1u8..4, 0u64..40, 0i64..3 * 86_400, 0u8..5)
}

proptest! {
    #[test]
    fn any_order_and_repetition_gives_the_same_and_the_hours_add_up(
        records in proptest::collection::vec(some_record(), 1..60),
        order in proptest::collection::vec(any::<proptest::sample::Index>(), 0..60),
        name in prop::sample::select(&["Europe/Berlin", "Asia/Almaty", "America/St_Johns", "UTC"][..]),
        start in prop::sample::select(&["2026-03-28", "2026-10-24", "2024-02-28", "2026-11-22"][..]),
    ) {
        let (zone, first) = (zone(name), day(start));
        let begin = zone.start_of(first).unwrap();
        let mut all = std::collections::BTreeMap::new();
        for (door, number, second, kind) in records {
            let when = begin.plus_millis(second * 1000);
            let id = id(door, zone.day(when).min(first.plus(2)), number);
            let of = super::tests::id(door, first, number / 2);
            let record = match kind {
                0 | 1 => entry(when),
                2 => exit(when),
                3 => visit(when, VisitKind::Refusal, Status::Yellow, Some(Reason::StatusYellow)),
                _ => Record::Correction(Correction { at: when, of, amend: Amend::Void, why: None }),
            };
            all.entry(id).or_insert_with(|| stored(id, record));
        }
        let all: Vec<_> = all.into_values().collect();
        let (mut straight, mut mixed) = (Flow::new(zone.clone(), first), Flow::new(zone, first));
        all.iter().for_each(|record| straight.take(record));
        order.iter().for_each(|index| mixed.take(index.get(&all)));
        all.iter().rev().for_each(|record| mixed.take(record));
        let mut total = 0;
        for day in (0..4).map(|n| first.plus(n)) {
            let hours = straight.by_hour(day);
            prop_assert_eq!(&hours, &mixed.by_hour(day));
            let mut sum = Counts::default();
            hours.iter().flat_map(|(_, doors)| doors.values()).for_each(|counts| sum += *counts);
            prop_assert_eq!(sum, straight.total(day));
            total += sum.entries;
            for band in straight.inside(day, Some(7_200_000), UnixMillis::new(i64::MAX)) {
                prop_assert!(band.lo <= band.hi);
            }
        }
        let voided: std::collections::BTreeSet<_> = all.iter().filter_map(|r| match &r.record {
            Record::Correction(c) => Some(c.of),
            _ => None,
        }).collect();
        let entered = |r: &&StoredRecord| r.visit().is_some_and(|v| v.visit.kind == VisitKind::Entry);
        let expected = all.iter().filter(entered).filter(|r| !voided.contains(&r.id)).count();
        prop_assert_eq!(total as usize, expected);
    }
}
