//! The memory of what is in view: the same code still held up is one scan.
//!
//! Pure: time is an argument, in the scanner's uptime.

use std::time::Duration;

use crate::decode::Payload;

/// Most codes remembered at once; beyond it the one unseen for longest is forgotten.
pub const REMEMBERED_MAX: usize = 64;

/// What a code in a frame means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// Never seen, or unseen for at least the away time: a scan.
    New,
    /// Still the one that was already reported.
    Still,
}

/// The codes in view and when each was last seen.
#[derive(Debug)]
pub struct Sightings {
    away: Duration,
    seen: Vec<(Payload, Duration)>,
}

impl Sightings {
    /// An empty memory; a code unseen for `away` counts as gone.
    #[must_use]
    pub fn new(away: Duration) -> Self {
        Self { away, seen: Vec::new() }
    }

    /// What a sighting of `payload` at `now` would mean; remembers nothing.
    #[must_use]
    pub fn peek(&self, payload: &Payload, now: Duration) -> Sighting {
        let known = self.seen.iter().find(|(code, _)| code == payload);
        match known {
            Some(&(_, last)) if !self.is_away(last, now) => Sighting::Still,
            _ => Sighting::New,
        }
    }

    /// Remembers that `payload` was in view at `now`, and says what that means.
    pub fn observe(&mut self, payload: &Payload, now: Duration) -> Sighting {
        let sighting = self.peek(payload, now);
        // Credentials are forgotten as soon as they no longer matter.
        let away = self.away;
        self.seen.retain(|(_, last)| now.saturating_sub(*last) < away);
        if let Some((_, last)) = self.seen.iter_mut().find(|(code, _)| code == payload) {
            *last = now.max(*last);
            return sighting;
        }
        if self.seen.len() == REMEMBERED_MAX {
            self.forget_longest_unseen();
        }
        self.seen.push((payload.clone(), now));
        sighting
    }

    fn is_away(&self, last: Duration, now: Duration) -> bool {
        now.saturating_sub(last) >= self.away
    }

    fn forget_longest_unseen(&mut self) {
        let longest = (0..self.seen.len()).min_by_key(|&i| self.seen[i].1);
        if let Some(longest) = longest {
            self.seen.swap_remove(longest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    const AWAY_MS: u64 = 3000;

    fn code(name: impl ToString) -> Payload {
        Payload::Text(name.to_string())
    }

    fn check(sequence: &[(&str, u64, Sighting)]) {
        let mut sightings = Sightings::new(Duration::from_millis(AWAY_MS));
        for (step, &(name, at_ms, expected)) in sequence.iter().enumerate() {
            let now = Duration::from_millis(at_ms);
            assert_eq!(sightings.peek(&code(name), now), expected, "peek, step {step}");
            assert_eq!(sightings.observe(&code(name), now), expected, "step {step}");
        }
    }

    #[test]
    fn one_code_held_up_is_one_scan() {
        use Sighting::{New, Still};
        check(&[("a", 0, New), ("a", 40, Still), ("a", 3039, Still), ("a", 6000, Still)]);
        check(&[("a", 0, New), ("b", 0, New), ("a", 40, Still), ("b", 40, Still)]);
        check(&[("a", 0, New), ("a", 2999, Still), ("a", 5999, New), ("a", 6000, Still)]);
        check(&[("a", 0, New), ("b", 1500, New), ("a", 3000, New), ("b", 4499, Still)]);
        // A clock that is read out of order by two threads never makes a new scan.
        check(&[("a", 5000, New), ("a", 4000, Still), ("a", 7999, Still)]);
    }

    #[test]
    fn memory_is_bounded_and_keeps_the_newest() {
        let mut sightings = Sightings::new(Duration::from_secs(3600));
        for n in 0..1000 {
            let _ = sightings.observe(&code(n), Duration::from_millis(n));
        }
        assert_eq!(sightings.seen.len(), REMEMBERED_MAX);
        let now = Duration::from_secs(2);
        assert_eq!(sightings.peek(&code(999), now), Sighting::Still);
        assert_eq!(sightings.peek(&code(935), now), Sighting::New);
        assert_eq!(sightings.peek(&code(936), now), Sighting::Still);
    }

    proptest! {
        #[test]
        fn agrees_with_a_plain_table_of_last_times(steps in prop::collection::vec((0_u8..8, 0_u64..2500), 1..200)) {
            let mut sightings = Sightings::new(Duration::from_millis(AWAY_MS));
            let mut last = HashMap::new();
            let mut now_ms = 0;
            for (name, later_ms) in steps {
                now_ms += later_ms;
                let gone = last.insert(name, now_ms).is_none_or(|then| now_ms - then >= AWAY_MS);
                let expected = if gone { Sighting::New } else { Sighting::Still };
                prop_assert_eq!(sightings.observe(&code(name), Duration::from_millis(now_ms)), expected);
                prop_assert!(sightings.seen.len() <= 8);
            }
        }

        #[test]
        fn two_codes_held_up_are_two_scans_at_any_frame_rate(
            frames in prop::collection::vec((1_u64..AWAY_MS / 2, any::<bool>(), any::<bool>()), 1..200), away_ms in AWAY_MS..9000,
        ) {
            let mut sightings = Sightings::new(Duration::from_millis(AWAY_MS));
            let mut new = 0;
            let mut now_ms = 0;
            let mut see = |sightings: &mut Sightings, name: &str, now_ms: u64| {
                let now = Duration::from_millis(now_ms);
                new += u32::from(sightings.observe(&code(name), now) == Sighting::New);
            };
            let (mut missed_a, mut missed_b) = (false, false);
            for (later_ms, read_a, read_b) in frames {
                now_ms += later_ms;
                // A frame may miss either, but not two in a row.
                for (name, read, missed) in [("a", read_a, &mut missed_a), ("b", read_b, &mut missed_b)] {
                    if now_ms == later_ms || read || *missed {
                        see(&mut sightings, name, now_ms);
                    }
                    *missed = now_ms != later_ms && !read && !*missed;
                }
            }
            // Both leave, and come back.
            now_ms += 2 * away_ms;
            see(&mut sightings, "a", now_ms);
            see(&mut sightings, "b", now_ms);
            prop_assert_eq!(new, 4);
        }
    }
}
