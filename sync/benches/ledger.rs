//! What a durable visit costs, one by one and in groups, and what 10,000 of them cost to append and to sync.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sync::{
    book::{Book, Charter, Keeps},
    id::{EntranceId, Epoch, RegionId, Seq, Tag, VenueId, VisitNumber},
    key::{SecretKey, Signed},
    ledger::Ledger,
    membership::{DoorGrant, Membership, VenueGrant},
    record::{ClockTrust, Decider, Direction, Status, Visit, VisitKind},
    store::{Durability, Store},
    time::{Day, UnixMillis},
};
use tempfile::TempDir;
use tokio::{runtime::Runtime, task::JoinSet};

const VENUE: VenueId = VenueId::new(1);
const DAY: Day = Day::new(20_000);
const NOW: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const MANY: u64 = 10_000;
const GROUP: usize = 64;

fn charter(seed: u8) -> Charter {
    let (root, manager) = (SecretKey::from_bytes(&[101; 32]), SecretKey::from_bytes(&[102; 32]));
    let key = SecretKey::from_bytes(&[seed; 32]);
    let (not_before, not_after) = (UnixMillis::new(0), UnixMillis::new(i64::MAX));
    let venue = VenueGrant {
        region: RegionId::new(1),
        venue: VENUE,
        name: "bench".into(),
        zone: "UTC".into(),
        manager: manager.public(),
        capacity: None,
        not_before,
        not_after,
    };
    let door = DoorGrant {
        venue: VENUE,
        entrance: EntranceId::new(u16::from(seed)),
        name: "bench".into(),
        direction: Direction::In,
        node: key.public(),
        not_before,
        not_after,
    };
    Charter {
        key,
        membership: Membership::Door {
            venue: Signed::seal(&venue, &root),
            door: Signed::seal(&door, &manager),
        },
        region: RegionId::new(1),
        roots: vec![root.public()],
        roots_needed: 1,
        keeps: Keeps::Venue(VENUE),
        epoch: Epoch::new([seed; 8]),
    }
}

fn visit(number: u64) -> Visit {
    let mut tag = [7; 16];
    tag[..8].copy_from_slice(&number.to_be_bytes());
    Visit {
        at: NOW,
        clock: ClockTrust::Trusted,
        entrance: EntranceId::new(1),
        kind: VisitKind::Entry,
        status: Status::Green,
        reason: None,
        decider: Decider::Verdict,
        tag: Tag::new(tag),
        sealed: None,
    }
}

fn book(seed: u8) -> (TempDir, Book) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(&dir.path().join("ledger"), Durability::Fsync).expect("a store");
    (dir, Book::open(store, charter(seed)).expect("a book"))
}

fn filled(seed: u8) -> (TempDir, Book) {
    let (dir, mut book) = book(seed);
    append(&mut book);
    (dir, book)
}

fn append(book: &mut Book) {
    for first in (1..=MANY).step_by(GROUP) {
        let group = first..(first + GROUP as u64).min(MANY + 1);
        let visits = group.map(|n| (DAY, VisitNumber::new(n), visit(n))).collect();
        book.write(visits, VENUE, NOW).expect("written");
        book.commit().expect("committed");
    }
}

fn sync(from: &mut Book, to: &mut Book) {
    let chain = from.own_chain();
    let mut after = Seq::default();
    loop {
        let envelopes = from.envelopes(chain, after, 64 << 10).expect("read");
        let Some(last) = envelopes.last().map(|e| e.header.seq) else { return };
        let author: Vec<_> = from.membership(&chain.author).cloned().into_iter().collect();
        to.merge(&author, envelopes, NOW).expect("merged");
        to.commit().expect("committed");
        after = last;
    }
}

fn durable_visits(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("ledger");
    let ledger =
        Ledger::open(&path, charter(1), Durability::Fsync, Arc::new(|| NOW)).expect("open");
    // A day of its own per two thousand visits keeps the document as small as it is at a door.
    let count = AtomicU64::new(0);
    let record = |ledger: &Ledger| {
        let ledger = ledger.clone();
        let number = count.fetch_add(1, Ordering::Relaxed);
        let day = Day::new(20_000 + i32::try_from(number / 2_000).unwrap_or(0));
        async move {
            ledger.record(ledger.name_visit(), day, VENUE, visit(number)).await.expect("recorded")
        }
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
