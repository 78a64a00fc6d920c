//! The decode thread: frames from the slot become scans.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};

use super::{Scan, Waits};
use crate::Uptime;
use crate::coach::Coach;
use crate::decode::{Corner, DecodeError, Effort, Eye, Found, Payload, decode_within};
use crate::luma::Luma;
use crate::meter::Budget;
use crate::picture::Picture;
use crate::sighting::{Sighting, Sightings};
use crate::slot::{Catch, Slot};
use crate::source::Delivery;
use crate::stats::{Stats, Timings};

/// Wait before a full receiver is tried again, for sources that can wait.
const RETRY: Duration = Duration::from_millis(5);

/// Whether anybody still wants scans.
#[derive(PartialEq)]
enum Wanted {
    More,
    NoMore,
}

/// The decode thread: from the slot to scans.
pub(super) struct Reader {
    pub(super) delivery: Delivery,
    pub(super) sightings: Sightings,
    pub(super) decode_budget: Duration,
    pub(super) timings: Timings,
    pub(super) coach: Coach,
    /// What is remembered of a live source's last frames; after a pause it has forgotten by itself.
    pub(super) eye: Eye,
    pub(super) waits: Waits,
    pub(super) stats: Arc<watch::Sender<Stats>>,
    pub(super) slot: Arc<Slot>,
    pub(super) uptime: Uptime,
    pub(super) scans: mpsc::Sender<Scan>,
}

impl Reader {
    pub(super) fn run(mut self) {
        while let Some(frame) = self.slot.take() {
            let at = frame.at;
            let codes = match frame.catch {
                Catch::Text(text) => vec![(Payload::Text(text), None)],
                Catch::Picture(picture) => {
                    let found = self.read(picture, at).into_iter();
                    found.map(|found| (found.payload, Some(found.corners))).collect()
                }
            };
            for (payload, corners) in codes {
                if self.report(payload, corners, at) == Wanted::NoMore {
                    self.slot.halt();
                    return;
                }
            }
            if self.scans.is_closed() {
                self.slot.halt();
            }
        }
    }

    /// The codes of a frame; whatever is wrong with it is counted.
    fn read(&mut self, picture: Picture, at: Duration) -> Vec<Found> {
        let start = (self.uptime)();
        let luma = match picture.into_luma() {
            Ok(luma) => luma,
            Err(cause) => {
                tracing::debug!(%cause, "a frame is no picture");
                self.stats.send_modify(|stats| stats.broken += 1);
                return Vec::new();
            }
        };
        let budget = Budget::until(Arc::clone(&self.uptime), start + self.decode_budget);
        let outcome = match self.delivery {
            // The next frame of the same scene is the second look.
            Delivery::NewestWins => self.eye.look(&luma, at, &budget),
            Delivery::EveryFrame => decode_within(&luma, Effort::TwoLooks, &budget),
        };
        let decode = self.timings.add((self.uptime)().saturating_sub(start));
        self.stats.send_modify(|stats| {
            stats.decode = decode;
            match &outcome {
                Ok(codes) => stats.read += u64::from(!codes.is_empty()),
                Err(DecodeError::OverBudget) => stats.over_budget += 1,
                Err(DecodeError::Panicked(_)) => stats.panicked += 1,
            }
        });
        let mut codes = outcome.unwrap_or_default();
        // One symbol of several says nothing alone.
        codes.retain(|found| found.part.is_none());
        self.advise(&luma, &codes, at);
        codes
    }

    /// Asks the coach what it thinks of the frame.
    fn advise(&mut self, luma: &Luma, codes: &[Found], at: Duration) {
        let look = self.coach.look(luma, codes, at);
        self.waits.looked(look.unread, at);
        self.stats.send_if_modified(|stats| {
            let news = stats.hint != look.hint;
            stats.hint = look.hint;
            news
        });
    }

    /// Hands a new code on. It counts as seen only once it is handed on: with a full receiver, its next
    /// frame tries again, and no visitor is lost.
    fn report(
        &mut self,
        payload: Payload,
        corners: Option<[Corner; 4]>,
        frame_at: Duration,
    ) -> Wanted {
        if self.sightings.peek(&payload, frame_at) == Sighting::Still {
            let _ = self.sightings.observe(&payload, frame_at);
            return Wanted::More;
        }
        loop {
            match self.scans.try_reserve() {
                Ok(place) => {
                    let _ = self.sightings.observe(&payload, frame_at);
                    let scanned_at = (self.uptime)();
                    let waited = corners.is_some().then(|| self.waits.read(frame_at, scanned_at));
                    place.send(Scan { payload, corners, frame_at, scanned_at });
                    self.stats.send_modify(|stats| {
                        stats.scans += 1;
                        stats.time_to_decode = waited.or(stats.time_to_decode);
                    });
                    return Wanted::More;
                }
                Err(TrySendError::Closed(())) => return Wanted::NoMore,
                Err(TrySendError::Full(())) if self.delivery == Delivery::NewestWins => {
                    self.stats.send_modify(|stats| stats.held_back += 1);
                    return Wanted::More;
                }
                Err(TrySendError::Full(())) => {
                    if self.slot.halted_within(RETRY) {
                        return Wanted::NoMore;
                    }
                }
            }
        }
    }
}
