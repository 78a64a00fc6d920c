//! What the authority's store costs, beside the raw engine in the same run: rows into PostgreSQL, a whole gateway, tracing,
//! and the embedded store. Needs Debian's postgresql.
//!
//! `cargo bench -p tests --bench store -- [rows] [gateway] [embedded] [embedded-trace] [trace]` prints a table;
//! `VESTIBULE_BENCH_VISITS=10000000` traces among ten million visits.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and panics if it cannot go on"
)]
#![allow(dead_code, reason = "the suite's world has more than is measured")]

#[path = "../store/world.rs"]
mod world;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use node_core::authority::{
    index::Row,
    store::{
        Piece, Raw,
        postgres::{Address, Postgres, schema::Layout},
    },
    trace::{Question, Who},
};
use sync::{
    envelope::Run,
    id::{
        ChainId, EntranceId, Epoch, Hash, PublicKey, RecordId, RecordNumber, Seq, Subject, VenueId,
    },
    membership::Membership,
    record::{StoredRecord, VisitKind},
    sample::{REGION, VENUE},
    sealed::Binding,
    time::{DAY_MILLIS, UnixMillis},
};
use tests::postgres::Cluster;
use tokio_postgres::{Client, NoTls};

use world::{Door, Engine, Hub, MINUTE, NOON, clock, made, secret, today};

const BATCHES: u64 = 25;
const BATCH: u64 = 2_000;
const PIECES: u64 = 8;
/// About what an envelope of one visit takes.
const RAW_BYTES: usize = 330;
const WHOLE: i64 = 10_000;
const PERSONS: i64 = 2_500;
const DOORS: u8 = 8;
const CASES: usize = 60;

#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let done = work();
    (done, begun.elapsed())
}

fn rate(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

fn say(what: &str, value: f64, unit: &str) {
    println!("{what:<64} {value:>12.2} {unit}");
}

fn main() {
    let named: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let visits = std::env::var("VESTIBULE_BENCH_VISITS").ok().and_then(|n| n.parse().ok());
    let visits: u64 = visits.unwrap_or(300_000);
    let cluster = (wanted("rows") || wanted("gateway") || wanted("trace")).then(Cluster::start);
    let whole = ["gateway", "embedded", "embedded-trace"];
    let backlogs = whole.iter().any(|part| wanted(part)).then(|| runtime.block_on(backlogs()));
    let backlogs = backlogs.unwrap_or_default();
    if let Some(cluster) = &cluster {
        let bare = (wanted("rows") || wanted("gateway")).then(|| runtime.block_on(rows(cluster)));
        if let Some(bare) = bare.filter(|_| wanted("gateway")) {
            runtime.block_on(gateway(cluster, &backlogs, bare));
        }
    }
    if wanted("embedded") || wanted("embedded-trace") {
        runtime.block_on(embedded(&backlogs, wanted("embedded-trace")));
    }
    if let Some(cluster) = cluster.as_ref().filter(|_| wanted("trace")) {
        runtime.block_on(trace_postgres(cluster, visits));
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "ends with its client")]
    tokio::spawn(connection);
    client
}

/// Opened rows through the store, in turns with the same rows by a bare upsert; rows/s of the latter.
async fn rows(cluster: &Cluster) -> f64 {
    let engine = made(cluster.database("rows"), Layout::Index).await;
    let Engine::Shared(url) = &engine else { unreachable!() };
    let store = Postgres::open(Address::read(url).unwrap(), REGION, clock()).await.unwrap();
    cluster.sql(
        "rows",
        "create table bare (like vestibule.visits); alter table bare add primary key (venue_id, day, at, event_id);
         create index on bare (subject_key, at)",
    );
    let client = connect(url).await;
    let text = "insert into bare (region, venue_id, day, entrance, event_id, subject_key, at, kind, taken)
        select 1, v, '2026-09-21', 1, e, s, to_timestamp(t / 1000.0), 0, '2026-09-21'
        from unnest($1::int8[], $2::bytea[], $3::bytea[], $4::int8[]) as q(v, e, s, t) on conflict do nothing";
    let upsert = client.prepare(text).await.unwrap();
    let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
    for batch in 0..BATCHES {
        let rows: Vec<Row> = (0..BATCH).map(|n| row(batch * BATCH + n)).collect();
        let pieces = pieces(batch, &rows);
        let venues: Vec<i64> = rows.iter().map(|r| r.venue.get().cast_signed()).collect();
        let events: Vec<Vec<u8>> = rows.iter().map(event).collect();
        let subjects: Vec<Vec<u8>> = rows.iter().map(|r| r.subject.as_bytes().to_vec()).collect();
        let times: Vec<i64> = rows.iter().map(|r| r.at.get()).collect();
        let begun = tokio::time::Instant::now();
        store.take(&pieces).await.unwrap();
        ours += begun.elapsed();
        let begun = tokio::time::Instant::now();
        client.execute(&upsert, &[&venues, &events, &subjects, &times]).await.unwrap();
        theirs += begun.elapsed();
    }
    let all = BATCHES * BATCH;
    say("PostgreSQL, bare upsert of opened rows", rate(all, theirs), "rows/s");
    say("PostgreSQL, the store with raw envelopes, cursors and totals", rate(all, ours), "rows/s");
    say("  ratio (goal 0.70)", theirs.as_secs_f64() / ours.as_secs_f64(), "");
    let count = cluster.sql("rows", "select count(*) from vestibule.visits");
    assert_eq!(count, all.to_string(), "all of it was written");
    rate(all, theirs)
}

fn row(n: u64) -> Row {
    let chain = ChainId {
        author: PublicKey::new([u8::try_from(n % PIECES).unwrap(); 32]),
        epoch: Epoch::new([1; 8]),
        day: today(),
    };
    let mut subject = [0; 16];
    subject[..8]
        .copy_from_slice(&(n.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 1_000_000).to_be_bytes());
    Row {
        at: UnixMillis::new(NOON.get() + n.cast_signed()),
        kind: VisitKind::Entry,
        subject: Subject::new(subject),
        venue: VenueId::new(n % PIECES),
        entrance: EntranceId::new(1),
        visit: RecordId { chain, number: RecordNumber::new(n) },
    }
}

fn event(row: &Row) -> Vec<u8> {
    let chain = row.visit.chain;
    let number = row.visit.number.get().to_be_bytes();
    [&chain.author.as_bytes()[..], chain.epoch.as_bytes(), &number].concat()
}

fn pieces(batch: u64, rows: &[Row]) -> Vec<Piece> {
    let tip = |batch: u64| Hash::new([u8::try_from(batch).unwrap(); 32]);
    let piece = |venue: u64| {
        let visits: Vec<Row> = rows.iter().filter(|r| r.venue.get() == venue).cloned().collect();
        let mut run = vec![0; RAW_BYTES * visits.len()];
        rand::fill(&mut run[..]);
        let raw = Raw { previous: tip(batch), tip: tip(batch + 1), run, papers: None };
        Piece {
            venue: VenueId::new(venue),
            chain: visits[0].visit.chain,
            after: Seq::new(batch),
            reached: Seq::new(batch + 1),
            raw: Some(raw),
            counts: Default::default(),
            visits,
            reports: Vec::new(),
        }
    };
    (0..PIECES).map(piece).collect()
}

/// What a door has to send, as it goes over the wire.
struct Backlog {
    chain: ChainId,
    runs: Vec<(Option<Membership>, Run)>,
}

/// Backlogs of visits, each in an envelope of its own, of several doors at once through a whole gateway, beside their
/// bare cryptography.
async fn gateway(cluster: &Cluster, backlogs: &[Backlog], bare_rows: f64) {
    let engine = made(cluster.database("whole"), Layout::Index).await;
    let crypto = cryptography(backlogs);
    let hub = Hub::open_durably(60, &engine).await;
    let took = taken_in(&hub, backlogs).await;
    hub.close().await;
    let upsert = WHOLE as f64 / bare_rows;
    say(
        "gateway on PostgreSQL, visits from envelope to receipt",
        rate(WHOLE as u64, took),
        "visits/s",
    );
    say("  its bare cryptography, one core", WHOLE as f64 / crypto.as_secs_f64(), "visits/s");
    let ratio = (crypto.as_secs_f64() + upsert) / took.as_secs_f64();
    say("  ratio to bare cryptography and bare upsert (goal 0.70)", ratio, "");
}

/// Persons who come, stay for twenty minutes, and come again.
async fn backlogs() -> Vec<Backlog> {
    let mut backlogs = Vec::new();
    for seed in 1..=DOORS {
        let door = Door::open(seed);
        for n in (0..WHOLE).filter(|n| n % i64::from(DOORS) == i64::from(seed) - 1) {
            let kind = if (n / PERSONS) % 2 == 0 { VisitKind::Entry } else { VisitKind::Exit };
            door.visit_of(today(), NOON.plus_millis(n * 500), kind, Some(person(n % PERSONS)))
                .await;
        }
        let chain = door.ledger.charter().chain(today());
        let (mut after, mut runs) = (Seq::default(), Vec::new());
        while let (papers, Some(run)) = door.ledger.run(chain, after, 64 << 10).await.unwrap() {
            after = run.last();
            runs.push((papers, run));
        }
        backlogs.push(Backlog { chain, runs });
    }
    backlogs
}

fn person(n: i64) -> Subject {
    let mut bytes = [7; Subject::LEN];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    Subject::new(bytes)
}

/// Signatures of runs and pseudonyms of visits, and nothing else.
fn cryptography(backlogs: &[Backlog]) -> Duration {
    let secret = secret();
    let all = backlogs.iter().flat_map(|of| of.runs.iter().map(|(_, run)| (of.chain, run.clone())));
    let all: Vec<(ChainId, Run)> = all.collect();
    let open = |all: Vec<(ChainId, Run)>| {
        for (chain, run) in all {
            let checked = run.check(NOON.plus_millis(2 * 60 * MINUTE)).unwrap();
            for envelope in checked.envelopes() {
                for (number, record) in envelope.records() {
                    let id = RecordId { chain, number: *number };
                    let stored = StoredRecord { id, record: record.clone() }.visit().unwrap();
                    let of = Binding { venue: VENUE, visit: id, day: chain.day };
                    black_box(stored.visit.sealed.unwrap().open(&secret, &of).unwrap());
                }
            }
        }
    };
    timed(|| open(all)).1
}

/// All doors at once, each one run after the other.
async fn taken_in(hub: &Hub, backlogs: &[Backlog]) -> Duration {
    let backlogs: Vec<_> = backlogs.iter().map(|of| (of.chain, of.runs.clone())).collect();
    let chains: Vec<ChainId> = backlogs.iter().map(|(chain, _)| *chain).collect();
    let spent = cpu();
    let begun = tokio::time::Instant::now();
    let mut senders = tokio::task::JoinSet::new();
    for (_, runs) in backlogs {
        let ledger = hub.ledger.clone();
        senders.spawn(async move {
            for (papers, run) in runs {
                ledger.merge(papers.into_iter().collect(), run).await.unwrap();
            }
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent.unwrap();
    }
    hub.sees("all are counted", |o| o.visits == WHOLE as u64).await;
    while chains.iter().any(|chain| hub.acknowledged(chain) < hub.place(chain)) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let took = begun.elapsed();
    let each = (cpu() - spent).as_secs_f64() * 1e6 / WHOLE as f64;
    say("  processor time of a visit, all threads", each, "us");
    took
}

fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

fn question(subject: Subject) -> Question {
    Question {
        case: "bench".into(),
        purpose: "bench".into(),
        asked_by: "bench".into(),
        who: Who::Subject(subject),
        from: NOON.plus_millis(-14 * DAY_MILLIS),
        until: NOON.plus_millis(DAY_MILLIS),
    }
}

/// Cases among many visits: 14 days, 100 visits of a venue each day, each person at 10 venues.
async fn trace_postgres(cluster: &Cluster, visits: u64) {
    let engine = made(cluster.database("trace"), Layout::Index).await;
    let hub = Hub::open_durably(61, &engine).await;
    let (venues, persons) = ((visits / 1400).max(1), (visits / 20).max(1));
    for back in 0..14 {
        let day = today().plus(-back);
        hub.authority.make_room_for(day).await.unwrap();
        let each = visits / 14;
        let noon = NOON.get() - i64::from(back) * DAY_MILLIS;
        cluster.sql(
            "trace",
            &format!(
                "insert into vestibule.visits select 1, n % {venues} + 1, '{day}', 1,
                 decode(lpad(to_hex(n + {back}::int8 * {each}), 96, '0'), 'hex'),
                 decode(md5((((n::int8 * 7919 + {back} * 104729) % {persons}))::text), 'hex'),
                 to_timestamp(({noon} + (n / {venues}) * 300000) / 1000.0), 0, '{day}'
                 from generate_series(0, {each} - 1) as n"
            ),
        );
    }
    cluster.sql("trace", "vacuum analyze vestibule.visits");
    let share = (30_000.0 / visits as f64).min(100.0); // a few hundred, of which some are taken
    let subjects = cluster.sql(
        "trace",
        &format!(
            "select encode(subject_key, 'hex') from vestibule.visits tablesample bernoulli ({share}) limit {CASES}"
        ),
    );
    let subjects: Vec<Subject> = subjects.lines().filter_map(Subject::from_hex).collect();
    println!("tracing on PostgreSQL, among {visits} visits:");
    cases(&hub, &subjects, 100).await;
    hub.close().await;
}

/// Each case twice, the second time measured.
async fn cases(hub: &Hub, subjects: &[Subject], goal: u32) {
    let (mut took, mut stays, mut contacts) = (Vec::new(), 0, 0);
    for pass in 0..2 {
        took.clear();
        for subject in subjects {
            let begun = tokio::time::Instant::now();
            let traced = hub.authority.trace(question(*subject)).await.unwrap();
            took.push(begun.elapsed());
            if pass == 0 {
                (stays, contacts) = (stays + traced.stays.len(), contacts + traced.contacts.len());
            }
        }
    }
    took.sort();
    assert!(!took.is_empty() && contacts > 0, "somebody was found");
    let millis =
        |share: usize| took[(took.len() * share / 100).min(took.len() - 1)].as_secs_f64() * 1e3;
    println!("  {} cases, {stays} stays, {contacts} contacts", took.len());
    say("  median, warm, log entry and pairing within", millis(50), "ms");
    say(&format!("  p95 (goal {goal})"), millis(95), "ms");
}

/// The embedded store: a backlog taken in, and cases among it.
async fn embedded(backlogs: &[Backlog], traced: bool) {
    let hub = Hub::open_durably(62, &Engine::Embedded).await;
    let took = taken_in(&hub, backlogs).await;
    say(
        "embedded, visits from envelope to index (goal 10,000)",
        rate(WHOLE as u64, took),
        "visits/s",
    );
    if !traced {
        hub.close().await;
        return;
    }
    let subjects: Vec<Subject> = (0..CASES as i64).map(|n| person(n * 40)).collect();
    println!("tracing in the embedded store, at a venue with {WHOLE} visits on the day:");
    cases(&hub, &subjects, 50).await;
    hub.close().await;
}
