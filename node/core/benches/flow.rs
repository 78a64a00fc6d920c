//! What the counts of 14 days cost: taking in 14 × 4 × 2,000 visits once, beside answering a page, which must not go
//! through them again.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use node_core::flow::{FLOW_DAYS, Flow};
use sync::{
    id::{ChainId, EntranceId, Epoch, PublicKey, RecordId, RecordNumber, Tag, ZoneId},
    record::{ClockTrust, Decider, PlaceTaken, Record, Status, StoredRecord, Visit, VisitKind},
    time::{Day, UnixMillis, Zone},
};

const TODAY: Day = Day::new(20_779);
const VISITS: u64 = 2_000;
const DOORS: u8 = 4;

fn visit(door: u8, day: Day, number: u64) -> StoredRecord {
    let (author, epoch) = (PublicKey::new([door; 32]), Epoch::new([door; 8]));
    let id = RecordId { chain: ChainId { author, epoch, day }, number: RecordNumber::new(number) };
    let start = i64::from(day.get()) * 86_400_000;
    let kind = if number.is_multiple_of(2) { VisitKind::Entry } else { VisitKind::Exit };
    let record = Record::Visit(Visit {
        at: UnixMillis::new(start + i64::try_from(number).unwrap_or(0) * 40_000),
        clock: ClockTrust::Trusted,
        entrance: EntranceId::new(1),
        kind,
        status: Status::Green,
        reason: None,
        decider: Decider::Verdict,
        tag: Tag::new([7; 16]),
        sealed: None,
        zone: ZoneId::default(),
        place: PlaceTaken::One,
        marks: Vec::new(),
        temperature: None,
    });
    StoredRecord { id, record }
}

fn flow(c: &mut Criterion) {
    let days = (0..FLOW_DAYS).map(|ago| TODAY.plus(-ago));
    let records: Vec<_> = days
        .flat_map(|day| (0..DOORS).map(move |door| (day, door)))
        .flat_map(|(day, door)| (0..VISITS).map(move |n| visit(door, day, n)))
        .collect();
    let zone = Zone::utc();
    let whole = || {
        let mut flow = Flow::new(zone.clone(), TODAY.plus(1 - FLOW_DAYS));
        records.iter().for_each(|record| flow.take(record));
        flow
    };
    let counted = whole();
    c.bench_function("112,000 visits taken in", |b| b.iter(|| black_box(whole())));
    c.bench_function("a page: hours, band and 14 days", |b| {
        b.iter(|| {
            let end = UnixMillis::new(i64::MAX);
            let daily: u32 = (0..FLOW_DAYS).map(|n| counted.total(TODAY.plus(-n)).entries).sum();
            (counted.by_hour(TODAY), counted.inside(TODAY, Some(7_200_000), end), daily)
        });
    });
    c.bench_function("one visit more", |b| {
        let mut flow = whole();
        let mut number = VISITS;
        b.iter(|| {
            number += 1;
            flow.take(&visit(1, TODAY, number));
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = flow
}
criterion_main!(benches);
