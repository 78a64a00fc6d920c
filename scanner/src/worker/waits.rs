//! How long visitors wait: from the first sight of something like a code to its scan. Pure.

use std::time::Duration;

use crate::stats::{DecodeTimes, Timings};

/// A code-like thing unseen for this long has gone unread; what comes next is another.
const GONE: Duration = Duration::from_secs(1);

/// The wait that goes on, and those that are over.
#[derive(Default)]
pub(super) struct Waits {
    /// First and last sight.
    unread: Option<(Duration, Duration)>,
    over: Timings,
}

impl Waits {
    /// Takes in whether a frame showed something like a code that was not read.
    pub(super) fn looked(&mut self, unread: bool, at: Duration) {
        if self.unread.is_some_and(|(_, last)| at.saturating_sub(last) >= GONE) {
            self.unread = None;
        }
        if unread {
            let first = self.unread.map_or(at, |(first, _)| first);
            self.unread = Some((first, at));
        }
    }

    /// A scan was made of a frame; gives the waits of the last ones.
    pub(super) fn read(&mut self, frame_at: Duration, scanned_at: Duration) -> DecodeTimes {
        let first = self.unread.take().map_or(frame_at, |(first, _)| first);
        self.over.add(scanned_at.saturating_sub(first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_wait_begins_at_the_first_sight_of_the_same_thing() {
        let mut waits = Waits::default();
        for ms in [0, 40, 80] {
            waits.looked(true, at(ms));
        }
        waits.looked(false, at(120));
        assert_eq!(waits.read(at(120), at(150)).p95_ms, 150.0);
        // Nothing was waiting: the frame itself begins it.
        assert_eq!(waits.read(at(500), at(530)).p50_ms, 30.0);
        // What was seen long ago went away unread.
        waits.looked(true, at(1000));
        waits.looked(false, at(2000));
        assert_eq!(waits.read(at(2000), at(2010)).p50_ms, 30.0);
    }
}
