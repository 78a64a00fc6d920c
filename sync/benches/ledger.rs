//! What a durable visit costs, one by one and in groups, and what 10,000 of them cost to append and to sync.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on may panic")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sync::{
    book::Book,
    id::{EntranceId, RecordId, RecordNumber, Seq, Tag, ZoneId},
    ledger::Ledger,
    record::{ClockTrust, Decider, PlaceTaken, Record, Status, Visit, VisitKind},
    sample::{self, VENUE},
    store::{Durability, Store},
    time::{Day, UnixMillis},
};
use tempfile::TempDir;
use tokio::{runtime::Runtime, task::JoinSet};

/// Noon of [`DAY`].
const NOON: UnixMillis = UnixMillis::from_secs(20_717 * 86_400 + 43_200);
const DAY: Day = Day::new(20_717);
const MANY: u64 = 10_000;
const GROUP: usize = 64;
const DELIVERY: usize = 64 << 10;

fn visit(number: u64) -> Record {
    let mut tag = [7; 16];
    tag[..8].copy_from_slice(&number.to_be_bytes());
    Record::Visit(Visit {
        at: NOON,
        clock: ClockTrust::Trusted,
        entrance: EntranceId::new(1),
        kind: VisitKind::Entry,
        status: Status::Green,
        reason: None,
        decider: Decider::Verdict,
        tag: Tag::new(tag),
        sealed: None,
        zone: ZoneId::default(),
        place: PlaceTaken::One,
        marks: Vec::new(),
        temperature: None,
    })
}

fn book(seed: u8) -> (TempDir, Book) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("ledger"), Durability::Fsync).unwrap();
    (dir, Book::open(store, sample::door(seed, 1)).unwrap())
}

fn filled(seed: u8) -> (TempDir, Book) {
    let (dir, mut book) = book(seed);
    append(&mut book);
    (dir, book)
}

fn append(book: &mut Book) {
    let chain = book.charter().chain(DAY);
    let named = |n| (RecordId { chain, number: RecordNumber::new(n) }, visit(n));
    for first in (1..=MANY).step_by(GROUP) {
        let group = first..(first + GROUP as u64).min(MANY + 1);
        book.write(group.map(named).collect(), VENUE, None, NOON).unwrap();
        book.commit().unwrap();
    }
}

fn sync(from: &mut Book, to: &mut Book) {
    let chain = from.charter().chain(DAY);
    let mut after = Seq::default();
    while let Some(run) = from.run(chain, after, DELIVERY).unwrap() {
        after = run.last();
        let author: Vec<_> = from.membership(&chain, NOON).cloned().into_iter().collect();
        to.merge(&author, run.check(NOON).unwrap(), NOON).unwrap();
        to.commit().unwrap();
    }
}

fn durable_visits(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let ledger =
        Ledger::open(&path, sample::door(1, 1), Durability::Fsync, Arc::new(|| NOON)).unwrap();
    // A day of its own per two thousand visits keeps the document as small as it is at a door.
    let count = AtomicU64::new(0);
    let record = |ledger: &Ledger| {
        let ledger = ledger.clone();
        let number = count.fetch_add(1, Ordering::Relaxed);
        let day = Day::new(DAY.get() + i32::try_from(number / 2_000).unwrap_or(0));
        async move { ledger.record(ledger.name(day), VENUE, visit(number)).await.expect("recorded") }
    };
    let mut group = c.benchmark_group("durable visit");
    group.throughput(Throughput::Elements(1));
    group.bench_function("one by one", |b| b.iter(|| runtime.block_on(record(&ledger))));
    group.throughput(Throughput::Elements(GROUP as u64));
    group.bench_function("64 that wait together", |b| {
        b.iter(|| {
            runtime.block_on(async {
                let mut waiting = JoinSet::new();
                (0..GROUP).for_each(|_| drop(waiting.spawn(record(&ledger))));
                waiting.join_all().await
            })
        })
    });
    group.finish();
    runtime.block_on(ledger.close());
}

fn ten_thousand(c: &mut Criterion) {
    let mut group = c.benchmark_group("10,000 visits");
    group.sample_size(10).measurement_time(Duration::from_secs(20));
    group.throughput(Throughput::Elements(MANY));
    group.bench_function("append", |b| {
        b.iter_batched(
            || book(1),
            |(dir, mut book)| {
                append(&mut book);
                (dir, book)
            },
            BatchSize::PerIteration,
        )
    });
    let (_dir, mut from) = filled(1);
    group.bench_function("sync to a sibling", |b| {
        b.iter_batched(
            || book(2),
            |(dir, mut to)| {
                sync(&mut from, &mut to);
                (dir, to)
            },
            BatchSize::PerIteration,
        )
    });
    group.finish();
}

criterion_group!(benches, durable_visits, ten_thousand);
criterion_main!(benches);
