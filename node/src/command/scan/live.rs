//! `vestibule scan --live`: what a camera sees, as it sees it: frame rate, decoding time, hints, codes.

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
    time::Duration,
};

use scanner::{
    CameraConfig, HandConfig, Hint, Pace, Payload, Repeat, ReplayConfig, Scan, Scanner, Settings,
    SourceConfig, SourceState, Stats, check_device,
};
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use super::{prose, round, said};
use crate::{
    command::{Answer, CommandError, failed, run::runtime, say},
    start::uptime,
};

/// How often a line is printed, and how often the one on a terminal is refreshed.
const SECOND: Duration = Duration::from_secs(1);
const REFRESH: Duration = Duration::from_millis(200);
/// Frames per second of a file that stands in for a camera.
const FILE_FPS: f32 = 15.0;

/// What to look at and how to tell.
pub(super) struct Live {
    pub(super) device: String,
    pub(super) json: bool,
    pub(super) seconds: Option<u64>,
}

impl Live {
    /// Looks until the time is over, the source ends, or Ctrl-C. Negative when not one frame or text came.
    pub(super) fn run(self) -> Result<Answer, CommandError> {
        let source = source(&self.device)?;
        let started = Scanner::start(source, Settings::default(), uptime());
        let (scanner, scans) = started.map_err(failed(self.device.clone()))?;
        let stats = scanner.stats();
        let came = runtime()?.block_on(self.look(scans, stats));
        let _ = scanner.stop(); // what does not end now ends with the command
        Ok(if came { Answer::Yes } else { Answer::No })
    }

    async fn look(self, mut scans: mpsc::Receiver<Scan>, stats: watch::Receiver<Stats>) -> bool {
        let terminal = !self.json && io::stdout().is_terminal();
        let mut ticks = interval(if terminal { REFRESH } else { SECOND });
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        ticks.reset();
        let start = Instant::now();
        let far = Duration::from_secs(60 * 60 * 24 * 365);
        let end = sleep_until(start + self.seconds.map_or(far, Duration::from_secs));
        tokio::pin!(end);
        let mut rate = Rate { since: start, frames: 0, fps: 0.0 };
        let (mut texts, mut told_at) = (0_u64, None);
        loop {
            tokio::select! {
                scan = scans.recv() => match scan {
                    Some(scan) => {
                        texts += u64::from(scan.corners.is_none());
                        self.tell_code(&scan, start.elapsed(), terminal);
                    }
                    None => break,
                },
                _ = ticks.tick() => {
                    let now = stats.borrow().clone();
                    told_at = Some(Instant::now());
                    rate.step(&now, Instant::now());
                    self.tell(&now, rate.fps, start.elapsed(), terminal);
                }
                () = &mut end => break,
                _ = tokio::signal::ctrl_c() => break,
            }
        }
        let last = stats.borrow().clone();
        rate.step(&last, Instant::now());
        // How it ended, unless that was said just now.
        if told_at.is_none_or(|at| at.elapsed() > REFRESH) || last.source == SourceState::Ended {
            self.tell(&last, rate.fps, start.elapsed(), terminal);
        }
        if terminal {
            say("");
        }
        last.frames > 0 || texts > 0
    }

    fn tell(&self, stats: &Stats, fps: f64, at: Duration, terminal: bool) {
        if self.json {
            say(line(stats, fps, at));
        } else if terminal {
            let mut out = io::stdout().lock();
            // Back to the line's begin, and away with what stood there. A terminal that is gone is no trouble.
            let _ = write!(out, "\r\x1b[2K{}", words(stats, fps));
            let _ = out.flush();
        } else {
            say(words(stats, fps));
        }
    }

    fn tell_code(&self, scan: &Scan, at: Duration, terminal: bool) {
        if self.json {
            let code = said(&scan.payload, scan.corners.as_ref());
            return say(json!({"seconds": round(at.as_secs_f64()), "code": code}));
        }
        if terminal {
            let _ = write!(io::stdout().lock(), "\r\x1b[2K");
        }
        say(code_words(&scan.payload));
    }
}

/// Frames per second since the last full second.
struct Rate {
    since: Instant,
    frames: u64,
    fps: f64,
}

impl Rate {
    fn step(&mut self, stats: &Stats, now: Instant) {
        let passed = now.duration_since(self.since);
        if passed < SECOND - REFRESH / 2 {
            return;
        }
        self.fps = (stats.frames - self.frames) as f64 / passed.as_secs_f64();
        (self.since, self.frames) = (now, stats.frames);
    }
}

fn code_words(payload: &Payload) -> String {
    // A code may hold anything, also what a terminal would obey.
    prose(payload).chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn line(stats: &Stats, fps: f64, at: Duration) -> Value {
    let (state, trouble) = state(stats);
    json!({
        "seconds": round(at.as_secs_f64()),
        "state": state,
        "device": stats.device,
        "fps": round(fps),
        "frames": stats.frames,
        "dropped": stats.dropped,
        "broken": stats.broken,
        "scans": stats.scans,
        "decode_ms": {"p50": round(stats.decode.p50_ms), "p95": round(stats.decode.p95_ms)},
        "wait_ms": stats.time_to_decode.map(|t| json!({"p50": round(t.p50_ms), "p95": round(t.p95_ms)})),
        "hint": stats.hint.map(Hint::word),
        "trouble": trouble,
    })
}

fn words(stats: &Stats, fps: f64) -> String {
    let (state, trouble) = state(stats);
    if let Some(trouble) = trouble {
        return format!("{state}: {trouble}");
    }
    let hint = stats.hint.map_or("", Hint::word);
    format!(
        "{state}  {fps:.1} frames/s ({} dropped)  decoding {:.1} ms, 95 % within {:.1} ms  {} codes  {hint}",
        stats.dropped, stats.decode.p50_ms, stats.decode.p95_ms, stats.scans
    )
}

fn state(stats: &Stats) -> (&'static str, Option<&str>) {
    match &stats.source {
        SourceState::Opening => ("opening", None),
        SourceState::Running => ("running", None),
        SourceState::Lost { reason, .. } => ("lost", Some(reason)),
        SourceState::Ended => ("ended", None),
        _ => ("unknown", None),
    }
}

/// What a device's name means: a camera as in the configuration, a hand scanner by its path, or files.
fn source(device: &str) -> Result<SourceConfig, CommandError> {
    if device.starts_with("/dev/input/") {
        return Ok(SourceConfig::Hand(HandConfig::keyboard(device)));
    }
    if device.starts_with("/dev/tty") || device.starts_with("/dev/serial/") {
        return Ok(SourceConfig::Hand(HandConfig::serial(device)));
    }
    let file = !device.starts_with("/dev/") && Path::new(device).exists();
    if file {
        let (path, pace, repeat) = (device.into(), Pace::Fps(FILE_FPS), Repeat::Once);
        return Ok(SourceConfig::Replay(ReplayConfig { path, pace, repeat }));
    }
    check_device(device).map_err(|why| CommandError::Usage(format!("--live: {why}, or a file")))?;
    Ok(SourceConfig::Camera(CameraConfig { device: device.into(), ..CameraConfig::default() }))
}
