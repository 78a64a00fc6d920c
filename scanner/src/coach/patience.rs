//! Hysteresis: a hint is shown when it has held for a while, and goes when it has not for a while.

use std::time::Duration;

use super::Hint;

/// A hint that is missing for less than this still holds: finders come and go with the noise.
const GAP: Duration = Duration::from_millis(300);
/// Frames in which a hint must be seen, however slowly they come.
const FRAMES_MIN: u32 = 3;

#[derive(Debug, Default)]
pub(super) struct Patience([Course; Hint::ALL.len()]);

/// How one hint fares.
#[derive(Clone, Copy, Debug, Default)]
struct Course {
    /// First and last sight of the present stretch.
    stretch: Option<(Duration, Duration)>,
    frames: u32,
    shown: bool,
}

impl Patience {
    /// Takes in the hints of a frame; gives the most urgent that is to be shown.
    pub(super) fn shown(&mut self, seen: &[Hint], now: Duration) -> Option<Hint> {
        for (course, hint) in self.0.iter_mut().zip(Hint::ALL) {
            course.step(seen.contains(&hint), hint.persistence(), now);
        }
        let mut all = self.0.iter().zip(Hint::ALL);
        all.find_map(|(course, hint)| course.shown.then_some(hint))
    }
}

impl Course {
    fn step(&mut self, seen: bool, (show, hide): (Duration, Duration), now: Duration) {
        if seen {
            let first = self.stretch.map_or(now, |(first, _)| first);
            self.stretch = Some((first, now));
            self.frames = self.frames.saturating_add(1);
            let held = now.saturating_sub(first) >= show && self.frames >= FRAMES_MIN;
            self.shown = self.shown || held;
            return;
        }
        let gone = self.stretch.map_or(Duration::MAX, |(_, last)| now.saturating_sub(last));
        if gone >= if self.shown { hide } else { GAP.min(hide) } {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_hint_comes_late_and_goes_late() {
        let mut patience = Patience::default();
        let mut shown = Vec::new();
        for ms in (0..3000).step_by(100) {
            let seen: &[Hint] = if (500..1500).contains(&ms) { &[Hint::TooFar] } else { &[] };
            if patience.shown(seen, at(ms)).is_some() {
                shown.push(ms);
            }
        }
        assert_eq!((shown.first(), shown.last()), (Some(&1100), Some(&2100)));
    }

    #[test]
    fn the_most_urgent_is_shown() {
        let mut patience = Patience::default();
        let mut last = None;
        for ms in (0..5000).step_by(100) {
            last = patience.shown(&[Hint::Glare, Hint::TooDark], at(ms));
        }
        assert_eq!(last, Some(Hint::TooDark));
    }

    proptest! {
        #[test]
        fn nothing_shorter_than_its_time_is_shown(
            steps in prop::collection::vec((any::<bool>(), 1_u64..80), 1..60),
        ) {
            let mut patience = Patience::default();
            let (mut now, mut first) = (0, None);
            for (seen, later) in steps {
                now += later;
                let hints: &[Hint] = if seen { &[Hint::TooNear] } else { &[] };
                let shown = patience.shown(hints, at(now)).is_some();
                if seen && first.is_none() {
                    first = Some(now);
                }
                let longest = first.map_or(0, |first| now - first);
                prop_assert!(!shown || longest >= 600);
            }
        }
    }
}
