//! The two threads: one takes frames from the source, one makes scans of them.

mod reader;
mod waits;

use std::sync::Arc;
use std::thread::{Builder, JoinHandle, sleep};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::{mpsc, watch};

use crate::Uptime;
use crate::camera;
use crate::coach::Coach;
use crate::decode::{Corner, Eye, Payload};
use crate::hand;
use crate::live::{Pauses, Watched};
use crate::replay::Replay;
use crate::sighting::Sightings;
use crate::slot::{Catch, Frame, Offered, Slot};
use crate::source::{Delivery, Loss, Source, SourceConfig, Staged, Step};
use crate::stats::{SourceState, Stats, Timings};
use reader::Reader;
use waits::Waits;

/// Scans that may wait for the receiver.
const SCANS_WAITING_MAX: usize = 4;
/// Longest wait at the source, and so the longest that a stop takes there.
const PATIENCE: Duration = Duration::from_millis(50);
/// Wait between two looks at whether the threads have ended.
const JOIN_EVERY: Duration = Duration::from_millis(5);
/// Longest wait for the threads at a stop.
const STOP_MAX: Duration = Duration::from_secs(3);

/// A code that came into view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// What it says.
    pub payload: Payload,
    /// Where it was in the frame: top left, top right, bottom right, bottom left in its own reading direction. None
    /// where no frame is: a hand scanner sends texts.
    pub corners: Option<[Corner; 4]>,
    /// Uptime at which its frame was taken.
    pub frame_at: Duration,
    /// Uptime at which it was read.
    pub scanned_at: Duration,
}

/// How a scanner works; the defaults suit a door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A code unseen for this long is a new scan when it comes back.
    pub away: Duration,
    /// A camera that is silent for this long is abandoned and opened again.
    pub frame_deadline: Duration,
    /// Longest search for symbols in one frame.
    pub decode_budget: Duration,
    /// Wait before a lost camera is opened again; doubles with each vain attempt.
    pub reopen_min: Duration,
    /// Longest such wait.
    pub reopen_max: Duration,
}

impl Default for Settings {
    /// Away 3 s, frame deadline 5 s, decode budget 0.5 s, reopening after 0.25 s to 10 s.
    fn default() -> Self {
        Self {
            away: Duration::from_secs(3),
            frame_deadline: Duration::from_secs(5),
            decode_budget: Duration::from_millis(500),
            reopen_min: Duration::from_millis(250),
            reopen_max: Duration::from_secs(10),
        }
    }
}

/// Why a scanner did not start. A camera that is not there is no reason: the scanner waits for it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// This build has no camera support.
    #[error("this build has no camera support (cargo feature `camera`)")]
    NoCameraSupport,
    /// A device name that can never be opened; says why.
    #[error("{0}")]
    Device(String),
    /// The images to replay cannot be used.
    #[error("nothing to replay")]
    Replay(#[from] crate::files::ExpandError),
    /// A pace that is no positive number of frames per second.
    #[error("a pace of {0} frames per second is not positive")]
    Pace(f32),
    /// The system gives no thread.
    #[error("cannot start a thread")]
    Thread(#[source] std::io::Error),
}

/// How the threads of a stopped scanner ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// All have ended.
    Clean,
    /// Some have not within three seconds; they end by themselves or with the process.
    Abandoned,
}

/// A running scanner. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Scanner {
    threads: Threads,
    stats: watch::Receiver<Stats>,
}

impl Scanner {
    /// Starts the two threads. The receiver closes when the source has ended or the scanner is stopped;
    /// dropping the receiver stops the scanner.
    ///
    /// # Errors
    /// The source can never deliver a frame, or the system gives no thread.
    pub fn start(
        source: SourceConfig,
        settings: Settings,
        uptime: Uptime,
    ) -> Result<(Self, mpsc::Receiver<Scan>), StartError> {
        let source = build(source, &settings, &uptime)?;
        Self::watching(source, settings, uptime)
    }

    fn watching(
        source: Box<dyn Source>,
        settings: Settings,
        uptime: Uptime,
    ) -> Result<(Self, mpsc::Receiver<Scan>), StartError> {
        let (scans, receiver) = mpsc::channel(SCANS_WAITING_MAX);
        let (stats, watched) = watch::channel(Stats::default());
        let stats = Arc::new(stats);
        let mut threads = Threads::default();
        let reader = Reader {
            delivery: source.delivery(),
            sightings: Sightings::new(settings.away),
            decode_budget: settings.decode_budget,
            timings: Timings::default(),
            coach: Coach::default(),
            eye: Eye::new(),
            waits: Waits::default(),
            stats: Arc::clone(&stats),
            slot: Arc::clone(&threads.slot),
            uptime: Arc::clone(&uptime),
            scans,
        };
        let slot = Arc::clone(&threads.slot);
        threads.spawn("scan-decode", move || reader.run())?;
        threads.spawn("scan-capture", move || capture(source, &slot, &stats, &uptime))?;
        let stats = watched;
        Ok((Self { threads, stats }, receiver))
    }

    /// The counters, as they change.
    #[must_use]
    pub fn stats(&self) -> watch::Receiver<Stats> {
        self.stats.clone()
    }

    /// Stops both threads and waits for them, at most three seconds: call it where blocking is allowed.
    #[must_use]
    pub fn stop(mut self) -> Stopped {
        self.threads.stop()
    }
}

fn build(
    source: SourceConfig,
    settings: &Settings,
    uptime: &Uptime,
) -> Result<Box<dyn Source>, StartError> {
    let watched = |backend| {
        let pauses = Pauses {
            frame_deadline: settings.frame_deadline,
            reopen_min: settings.reopen_min,
            reopen_max: settings.reopen_max,
        };
        Box::new(Watched::new(backend, pauses, Arc::clone(uptime)))
    };
    Ok(match source {
        SourceConfig::Camera(wanted) => {
            watched(camera::backend(wanted, settings.frame_deadline, uptime)?)
        }
        SourceConfig::Hand(config) => watched(hand::backend(config)),
        SourceConfig::Posted(posted) => Box::new(posted),
        SourceConfig::Replay(replay) => Box::new(Replay::open(replay, Arc::clone(uptime))?),
        SourceConfig::Staged(frames) => Box::new(Staged(frames)),
    })
}

#[derive(Default)]
struct Threads {
    slot: Arc<Slot>,
    handles: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Threads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.handles.iter().map(|handle| handle.thread().name())).finish()
    }
}

impl Threads {
    fn spawn(
        &mut self,
        name: &str,
        work: impl FnOnce() + Send + 'static,
    ) -> Result<(), StartError> {
        let handle =
            Builder::new().name(name.to_owned()).spawn(work).map_err(StartError::Thread)?;
        self.handles.push(handle);
        Ok(())
    }

    fn stop(&mut self) -> Stopped {
        self.slot.halt();
        for _ in 0..STOP_MAX.as_millis() / JOIN_EVERY.as_millis() {
            if self.handles.iter().all(JoinHandle::is_finished) {
                for handle in self.handles.drain(..) {
                    // A panic in it was reported by the panic hook already.
                    let _ = handle.join();
                }
                return Stopped::Clean;
            }
            sleep(JOIN_EVERY);
        }
        Stopped::Abandoned
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.slot.halt();
    }
}

/// Ends the slot however the capture thread ends: the decoder must not wait for a dead source.
struct EndsSlot<'a>(&'a Slot);

impl Drop for EndsSlot<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The capture thread: from the source into the slot.
fn capture(
    mut source: Box<dyn Source>,
    slot: &Slot,
    stats: &watch::Sender<Stats>,
    uptime: &Uptime,
) {
    let _end = EndsSlot(slot);
    let delivery = source.delivery();
    // A folder that is replayed for ever would say the same of the same file for ever.
    let mut said = String::new();
    while !slot.halted() {
        match source.next(PATIENCE) {
            Step::Nothing => {}
            Step::Alive => {
                if stats.borrow().source != SourceState::Running {
                    stats.send_modify(|stats| stats.source = SourceState::Running);
                }
            }
            Step::Frame(picture) => {
                let at = uptime();
                stats.send_modify(|stats| {
                    stats.frames += 1;
                    stats.last_frame_at = Some(at);
                    stats.source = SourceState::Running;
                });
                match slot.offer(Frame { catch: Catch::Picture(picture), at }, delivery) {
                    Offered::Placed => {}
                    Offered::Replaced => stats.send_modify(|stats| stats.dropped += 1),
                    Offered::Halted => break,
                }
            }
            // A text comes once: it waits for its place.
            Step::Text(text) => {
                stats.send_modify(|stats| stats.source = SourceState::Running);
                let frame = Frame { catch: Catch::Text(text), at: uptime() };
                if slot.offer(frame, Delivery::EveryFrame) == Offered::Halted {
                    break;
                }
            }
            Step::Opened(device) => {
                tracing::info!(%device, "source opened");
                stats.send_modify(|stats| stats.device = device);
            }
            Step::Broken(cause) => {
                if said != cause {
                    tracing::warn!(%cause, "a frame cannot be read");
                    said = cause;
                }
                stats.send_modify(|stats| stats.broken += 1);
            }
            Step::Lost(loss, reason) => note_loss(loss, reason, stats, uptime()),
            Step::Ended => break,
        }
    }
    stats.send_modify(|stats| stats.source = SourceState::Ended);
}

fn note_loss(loss: Loss, cause: String, stats: &watch::Sender<Stats>, now: Duration) {
    stats.send_modify(|stats| {
        stats.abandoned += u64::from(loss == Loss::Hung);
        let since = match stats.source {
            SourceState::Lost { since, .. } => since,
            _ => {
                // Once a loss: an attempt to come back every ten seconds must not fill the log.
                tracing::warn!(%cause, "source lost");
                stats.losses += 1;
                now
            }
        };
        stats.source = SourceState::Lost { since, reason: cause };
    });
}

#[cfg(test)]
mod tests;
