//! The scanner's counters, for screens, health checks and alarms.

use std::time::Duration;

use crate::coach::Hint;

/// Scans over which times to decode are summed up, and frames over which decode times are summed up.
const WINDOW: usize = 128;

/// How the source is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceState {
    /// Not one frame yet.
    #[default]
    Opening,
    /// Frames come.
    Running,
    /// No frames; the scanner keeps trying to get the source back.
    Lost {
        /// Uptime at which it was lost.
        since: Duration,
        /// Why, in words for staff; the latest cause.
        reason: String,
    },
    /// No more frames will come.
    Ended,
}

/// Times over the last 128 frames or scans, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DecodeTimes {
    /// Half of them took at most this.
    pub p50_ms: f64,
    /// Nineteen of twenty took at most this.
    pub p95_ms: f64,
}

/// What a scanner has done so far; all counts are since its start.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// How the source is.
    pub source: SourceState,
    /// What was opened, in words; empty before.
    pub device: String,
    /// Frames that came from the source.
    pub frames: u64,
    /// Frames thrown away for newer ones.
    pub dropped: u64,
    /// Frames or files that could not be read as pictures.
    pub broken: u64,
    /// Frames given up because the search for symbols spent its budget.
    pub over_budget: u64,
    /// Frames lost to a panic of the decoder.
    pub panicked: u64,
    /// Frames with at least one readable code.
    pub read: u64,
    /// Scans handed to the receiver.
    pub scans: u64,
    /// Times a new code had to wait for its next frame because the receiver was full.
    pub held_back: u64,
    /// Times the source was lost.
    pub losses: u64,
    /// Readers that hung and were abandoned.
    pub abandoned: u64,
    /// Uptime of the latest frame.
    pub last_frame_at: Option<Duration>,
    /// Time from a frame's bytes to its codes.
    pub decode: DecodeTimes,
    /// Time from the first frame that showed something like a code to the scan, over the last 128 scans; where a code
    /// was read in the first frame that showed it, from that frame. None before the first scan of a picture.
    pub time_to_decode: Option<DecodeTimes>,
    /// What would let more codes be read, by the picture itself.
    pub hint: Option<Hint>,
}

/// The latest decode times, in a ring.
#[derive(Default)]
pub(crate) struct Timings {
    ring: Vec<Duration>,
    next: usize,
}

impl Timings {
    pub(crate) fn add(&mut self, took: Duration) -> DecodeTimes {
        if self.ring.len() < WINDOW {
            self.ring.push(took);
        } else {
            self.ring[self.next] = took;
        }
        self.next = (self.next + 1) % WINDOW;
        let mut sorted = self.ring.clone();
        sorted.sort_unstable();
        DecodeTimes { p50_ms: quantile_ms(&sorted, 50), p95_ms: quantile_ms(&sorted, 95) }
    }
}

/// The smallest time that `percent` of all are at or below.
fn quantile_ms(sorted: &[Duration], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted[rank - 1].as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_last_window() {
        let mut timings = Timings::default();
        let one = timings.add(Duration::from_millis(9));
        assert_eq!((one.p50_ms, one.p95_ms), (9.0, 9.0));
        let mut last = one;
        for ms in 0..1000 {
            last = timings.add(Duration::from_millis(ms));
        }
        assert_eq!(timings.ring.len(), WINDOW);
        assert_eq!((last.p50_ms, last.p95_ms), (935.0, 993.0));
    }
}
