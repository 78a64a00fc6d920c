//! The one-frame hand-over between capture and decoder: newest wins, or the source waits.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::picture::Picture;
use crate::source::Delivery;

/// What a source gave, and the uptime at which it did.
pub(crate) struct Frame {
    pub(crate) catch: Catch,
    pub(crate) at: Duration,
}

/// What there is to read.
pub(crate) enum Catch {
    /// A picture, to be decoded.
    Picture(Picture),
    /// A text that was read already.
    Text(String),
}

/// What became of an offered frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Offered {
    Placed,
    /// An older frame was thrown away for it.
    Replaced,
    /// Nobody wants frames any more.
    Halted,
}

#[derive(Default)]
pub(crate) struct Slot {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    frame: Option<Frame>,
    phase: Phase,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Phase {
    #[default]
    Open,
    /// The source will offer no more; what waits is still taken.
    Ended,
    /// Stop now.
    Halted,
}

impl Slot {
    pub(crate) fn offer(&self, frame: Frame, delivery: Delivery) -> Offered {
        let mut state = self.lock();
        while delivery == Delivery::EveryFrame
            && state.frame.is_some()
            && state.phase == Phase::Open
        {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.phase == Phase::Halted {
            return Offered::Halted;
        }
        let older = state.frame.replace(frame);
        self.changed.notify_all();
        older.map_or(Offered::Placed, |_| Offered::Replaced)
    }

    /// Waits for a frame; none when the source has ended or the scanner stops.
    pub(crate) fn take(&self) -> Option<Frame> {
        let mut state = self.lock();
        while state.frame.is_none() && state.phase == Phase::Open {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.phase == Phase::Halted {
            return None;
        }
        let frame = state.frame.take();
        self.changed.notify_all();
        frame
    }

    /// Says that no frame will follow.
    pub(crate) fn end(&self) {
        let mut state = self.lock();
        if state.phase == Phase::Open {
            state.phase = Phase::Ended;
        }
        self.changed.notify_all();
    }

    /// Stops both sides now.
    pub(crate) fn halt(&self) {
        self.lock().phase = Phase::Halted;
        self.changed.notify_all();
    }

    pub(crate) fn halted(&self) -> bool {
        self.lock().phase == Phase::Halted
    }

    /// Waits for `pause`, less if the scanner stops; true if it does.
    pub(crate) fn halted_within(&self, pause: Duration) -> bool {
        let running = |state: &mut State| state.phase != Phase::Halted;
        let waited = self.changed.wait_timeout_while(self.lock(), pause, running);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.phase == Phase::Halted
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No critical section here can panic half way, so a poisoned state is a whole one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::luma::Luma;

    fn frame(at_ms: u64) -> Frame {
        let picture = Picture::Luma(Luma::new(1, 1, vec![0]).unwrap());
        Frame { catch: Catch::Picture(picture), at: Duration::from_millis(at_ms) }
    }

    #[test]
    fn newest_wins_and_an_ended_slot_still_gives_what_it_holds() {
        let slot = Slot::default();
        assert_eq!(slot.offer(frame(1), Delivery::NewestWins), Offered::Placed);
        assert_eq!(slot.offer(frame(2), Delivery::NewestWins), Offered::Replaced);
        slot.end();
        assert_eq!(slot.take().unwrap().at, Duration::from_millis(2));
        assert!(slot.take().is_none());
    }

    #[test]
    fn halt_wakes_a_waiting_source_and_drops_what_waits() {
        let slot = Slot::default();
        assert_eq!(slot.offer(frame(1), Delivery::EveryFrame), Offered::Placed);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| slot.offer(frame(2), Delivery::EveryFrame));
            slot.halt();
            assert_eq!(waiting.join().unwrap(), Offered::Halted);
        });
        assert!(slot.take().is_none());
        assert!(slot.halted_within(Duration::from_secs(3600)));
    }
}
