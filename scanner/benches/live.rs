//! Streams: time a frame, and frames lost against an oracle that tries everything on every frame.
//!
//! `cargo bench -p scanner --bench live -- [WALKS]`

#![allow(clippy::unwrap_used, reason = "a bench that cannot stage its frames must stop")]
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::time::Duration;

use scanner::{Budget, Effort, Eye, Light, Luma, View, decode_within, stage, stage_all};

/// Frames of one walk-up, and time between two.
const FRAMES: u64 = 45;
const BETWEEN: Duration = Duration::from_millis(33);

fn main() {
    let walks = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(12);
    let mut times = Times::default();
    let (mut lost, mut passed, mut oracle_reads, mut eye_reads, mut never) =
        (Vec::new(), Vec::new(), 0, 0, 0);
    for walk in 0..walks {
        let text = token(walk, if walk % 2 == 0 { 60 } else { 240 });
        let mut eye = Eye::new();
        let (mut first_by_oracle, mut first_by_eye, mut readable) = (None, None, 0);
        for frame in 0..FRAMES {
            let luma = walk_up(walk, frame, &text);
            let by_oracle = decode_within(&luma, Effort::TwoLooks, &Budget::default());
            let oracle_has = by_oracle.is_ok_and(|found| !found.is_empty());
            let (found, spent) =
                timed(|| eye.look(&luma, BETWEEN * frame as u32, &Budget::default()));
            times.walking.push(spent);
            let eye_has =
                found.is_ok_and(|found| found.iter().any(|f| f.payload.text() == Some(&text)));
            oracle_reads += u32::from(oracle_has);
            eye_reads += u32::from(eye_has);
            first_by_oracle = first_by_oracle.or(oracle_has.then_some(frame));
            first_by_eye = first_by_eye.or(eye_has.then_some(frame));
            readable += u32::from(oracle_has && first_by_eye.is_none());
        }
        match (first_by_oracle, first_by_eye) {
            (Some(oracle), Some(eye)) => {
                lost.push(eye as i64 - oracle as i64);
                passed.push(readable);
            }
            (Some(_), None) => never += 1,
            (None, _) => {}
        }
    }
    let mut eye = Eye::new();
    for frame in 0..60 {
        let room = stage_all(&[], frame / 10).unwrap();
        let (_, spent) = timed(|| eye.look(&room, BETWEEN * frame as u32, &Budget::default()));
        times.empty.push(spent);
    }
    lost.sort();
    passed.sort();
    println!("walk-ups: {walks} of {FRAMES} frames at 1280x720");
    println!("frames read: by the oracle {oracle_reads}, by the eye {eye_reads}");
    println!("frames from the oracle's first read to the eye's: {lost:?}, never read {never}");
    println!("frames that the oracle could read and the eye had not yet read any: {passed:?}");
    print("a frame of a walk-up", &mut times.walking);
    print("a frame of an empty room", &mut times.empty);
}

#[derive(Default)]
struct Times {
    walking: Vec<Duration>,
    empty: Vec<Duration>,
}

fn print(name: &str, times: &mut [Duration]) {
    times.sort();
    let at = |percent: usize| {
        times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3
    };
    println!(
        "{name}: median {:.1} ms, p95 {:.1}, p99 {:.1}, max {:.1}",
        at(50),
        at(95),
        at(99),
        at(100)
    );
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let now = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let start = now();
    let result = work();
    (result, now() - start)
}

fn token(walk: u64, length: usize) -> String {
    const BASE45: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    (0..length).map(|i| char::from(BASE45[(i * 31 + walk as usize * 7) % 45])).collect()
}

/// A visitor: comes in from the side and from afar, tilts and blurs on the way, and settles.
fn walk_up(walk: u64, frame: u64, text: &str) -> Luma {
    let settled = View::walk_up(walk);
    let way = (frame as f32 / 30.0).min(1.0);
    let swing = (1.0 - way) * (frame as f32 * 0.9 + walk as f32).sin();
    let between = |from: f32, to: f32| from + (to - from) * way;
    let view = View {
        center: (between(150.0, settled.center.0), between(560.0, settled.center.1)),
        side: between(80.0, settled.side),
        turn_deg: settled.turn_deg + 25.0 * swing,
        tilt: (settled.tilt.0 + 0.4 * swing, settled.tilt.1 - 0.25 * swing),
        light: Light { blur: (5.0 * (1.0 - way)) as u8, ..settled.light },
    };
    stage(text, &view, walk * 1000 + frame).unwrap()
}
