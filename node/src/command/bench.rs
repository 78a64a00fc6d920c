//! `vestibule bench`: short versions of the benchmarks, on the machine at hand.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use node_core::{
    clock::Moment,
    code::Code,
    token::{
        Claim, Cti, FactKind,
        revocations::Revocations,
        status::{IssuerKey, StatusClaims, issue},
        trust::TrustList,
        verify,
    },
};
use scanner::{View, decode, stage};
use serde::Serialize;
use sync::{
    id::{EntranceId, Subject, Tag, ZoneId},
    key::SecretKey,
    ledger::Ledger,
    record::{ClockTrust, Decider, PlaceTaken, Record, Status, Visit, VisitKind},
    sample::{self, VENUE},
    store::Durability,
    time::{Day, Zone},
};

use super::{Answer, CommandError, failed, run::runtime, say};
use crate::wall;

const FRAMES: u64 = 40;
const TOKENS: u32 = 2_000;
const VISITS_ALONE: u32 = 50;
const VISITS_TOGETHER: u32 = 2_000;
const VISITS_SYNCED: u32 = 10_000;
/// Check-ins that wait together in the group commit.
const TOGETHER: usize = 32;

/// Measure this machine: decode a frame, verify a token, record a visit, append and merge 10,000 visits.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  vestibule bench\n  vestibule bench --json")]
pub struct BenchArgs {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Figures {
    version: &'static str,
    cores: usize,
    decode_frame_ms_median: f64,
    verify_token_us: f64,
    verify_token_per_second: f64,
    visit_alone_ms: f64,
    visits_alone_per_second: f64,
    visits_together_per_second: f64,
    group_commit_gain: f64,
    append_10000_visits_ms: f64,
    merge_10000_visits_ms: f64,
    bytes_per_visit_on_disk: f64,
}

/// Runs `vestibule bench`.
///
/// # Errors
/// [`CommandError`] when the temporary store cannot be used.
pub fn run(args: BenchArgs) -> Result<Answer, CommandError> {
    let decode_ms = decode_frames()?;
    let verify_s = verify_tokens()?;
    let store = runtime()?.block_on(record_visits())?;
    let figures = Figures {
        version: env!("CARGO_PKG_VERSION"),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        decode_frame_ms_median: round(decode_ms),
        verify_token_us: round(verify_s * 1e6),
        verify_token_per_second: (1.0 / verify_s).round(),
        ..store
    };
    if args.json {
        say(serde_json::to_string(&figures).map_err(failed("the figures have no JSON"))?);
        return Ok(Answer::Yes);
    }
    say(format!("decode a 1280x720 frame      {:>10} ms (median)", figures.decode_frame_ms_median));
    say(format!("verify a token               {:>10} us", figures.verify_token_us));
    say(format!("record a visit, one by one   {:>10} ms", figures.visit_alone_ms));
    say(format!(
        "record visits, {TOGETHER} at once    {:>10} /s",
        figures.visits_together_per_second
    ));
    say(format!("append 10,000 visits         {:>10} ms", figures.append_10000_visits_ms));
    say(format!("merge 10,000 visits          {:>10} ms", figures.merge_10000_visits_ms));
    say(format!(
        "on disk                      {:>10} bytes per visit",
        figures.bytes_per_visit_on_disk
    ));
    Ok(Answer::Yes)
}

#[allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}

#[allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
async fn timed_async<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    let done = work.await;
    (done, start.elapsed())
}

fn token() -> Result<(String, TrustList), CommandError> {
    let key = IssuerKey::new(&SecretKey::from_bytes(&[7; 32]));
    let now = wall::now();
    let claim = Claim::Fact { kind: FactKind::NegativeTest, at: now.plus_millis(-3_600_000) };
    let expires = now.plus_millis(86_400_000);
    let cti = Cti::new([1; 8]);
    let claims = StatusClaims::new("bench", Subject::new([2; 16]), cti, now, expires, claim)
        .map_err(failed("a token could not be made"))?;
    let trust = TrustList::from_public_key(&key.public().to_string())
        .map_err(failed("a trust list could not be made"))?;
    Ok((issue(&claims, &key), trust))
}

fn decode_frames() -> Result<f64, CommandError> {
    let (token, _) = token()?;
    let mut times = Vec::new();
    for seed in 0..FRAMES {
        let frame = stage(&token, &View::walk_up(seed), seed).map_err(failed("no frame"))?;
        let (found, took) = timed(|| decode(&frame));
        std::hint::black_box(found);
        times.push(took.as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

fn verify_tokens() -> Result<f64, CommandError> {
    let (token, trust) = token()?;
    let now = Moment::trusted(wall::now());
    let revocations = Revocations::default();
    let code = Code::read(&token);
    let (held, took) =
        timed(|| (0..TOKENS).filter(|_| verify(&code, &trust, &revocations, now).is_ok()).count());
    if held != TOKENS as usize {
        return Err(failed("the benchmark's own token was refused")("this is a bug"));
    }
    Ok(took.as_secs_f64() / f64::from(TOKENS))
}

async fn record_visits() -> Result<Figures, CommandError> {
    let folder = tempfile::tempdir().map_err(failed("no temporary folder"))?;
    let ledger = open(&folder.path().join("a"), 1)?;
    let day = Zone::utc().day(wall::now());
    let (alone, alone_took) = timed_async(async {
        for _ in 0..VISITS_ALONE {
            record(&ledger, day).await?;
        }
        Ok::<_, CommandError>(())
    })
    .await;
    alone?;
    let (together, together_took) = timed_async(record_many(&ledger, day, VISITS_TOGETHER)).await;
    together?;
    let big = open(&folder.path().join("b"), 2)?;
    let (appended, append_took) = timed_async(record_many(&big, day, VISITS_SYNCED)).await;
    appended?;
    let size = big.size_on_disk().await.map_err(failed("the store was not measured"))?;
    let sibling = open(&folder.path().join("c"), 3)?;
    let (merged, merge_took) = timed_async(merge_all(&big, &sibling)).await;
    merged?;
    for ledger in [ledger, big, sibling] {
        ledger.close().await;
    }
    let alone_ms = alone_took.as_secs_f64() * 1000.0 / f64::from(VISITS_ALONE);
    let per_second = f64::from(VISITS_TOGETHER) / together_took.as_secs_f64();
    Ok(Figures {
        version: "",
        cores: 0,
        decode_frame_ms_median: 0.0,
        verify_token_us: 0.0,
        verify_token_per_second: 0.0,
        visit_alone_ms: round(alone_ms),
        visits_alone_per_second: (1000.0 / alone_ms).round(),
        visits_together_per_second: per_second.round(),
        group_commit_gain: round(per_second * alone_ms / 1000.0),
        append_10000_visits_ms: round(append_took.as_secs_f64() * 1000.0),
        merge_10000_visits_ms: round(merge_took.as_secs_f64() * 1000.0),
        bytes_per_visit_on_disk: (size as f64 / f64::from(VISITS_SYNCED)).round(),
    })
}

async fn record_many(ledger: &Ledger, day: Day, count: u32) -> Result<(), CommandError> {
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..count {
        if waiting.len() >= TOGETHER
            && let Some(done) = waiting.join_next().await
        {
            done.map_err(failed("a task ended badly"))??;
        }
        let ledger = ledger.clone();
        waiting.spawn(async move { record(&ledger, day).await });
    }
    while let Some(done) = waiting.join_next().await {
        done.map_err(failed("a task ended badly"))??;
    }
    Ok(())
}

async fn record(ledger: &Ledger, day: Day) -> Result<(), CommandError> {
    let id = ledger.name(day);
    let mut tag = [0; 16];
    tag[..8].copy_from_slice(&id.number.get().to_be_bytes());
    let visit = Visit {
        at: wall::now(),
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
    };
    ledger.record(id, VENUE, Record::Visit(visit)).await.map_err(failed("a visit was not recorded"))
}

async fn merge_all(from: &Ledger, to: &Ledger) -> Result<(), CommandError> {
    let chains: Vec<_> = from.heads().borrow().chains().map(|(c, h)| (*c, h.seq)).collect();
    for (chain, head) in chains {
        let mut after = Default::default();
        while after < head {
            let (author, run) = from
                .run(chain, after, 64 << 10)
                .await
                .map_err(failed("envelopes could not be read"))?;
            let Some(run) = run else { break };
            after = run.last();
            to.merge(author.into_iter().collect(), run)
                .await
                .map_err(failed("envelopes were not merged"))?;
        }
    }
    Ok(())
}

fn open(path: &std::path::Path, seed: u8) -> Result<Ledger, CommandError> {
    Ledger::open(path, sample::door(seed, 1), Durability::Fsync, Arc::new(wall::now))
        .map_err(failed("the temporary store did not open"))
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
