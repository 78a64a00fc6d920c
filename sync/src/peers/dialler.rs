//! When to call a peer again: soon at first, ever later up to a bound, never in step with others.

use std::time::Duration;

/// The first wait.
pub const FIRST: Duration = Duration::from_millis(500);
/// The longest wait for a peer that is away.
pub const LONGEST: Duration = Duration::from_secs(30);
/// The wait for a peer that refused us, or that we refused: a person must act first.
pub const REFUSED: Duration = Duration::from_secs(60);

/// The waits between calls to one address.
#[derive(Clone, Debug, Default)]
pub struct BackOff {
    failures: u32,
}

impl BackOff {
    /// The call came through.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// The call failed; how long to wait, given chance in 0..=255. Between half and all of the doubled
    /// wait, so that ten thousand doors do not call at once after an outage.
    pub fn failed(&mut self, chance: u8) -> Duration {
        let full = FIRST.saturating_mul(1 << self.failures.min(10)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        full / 2 + full.mul_f64(f64::from(chance) / 510.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_bound_and_start_anew_after_success() {
        let mut back_off = BackOff::default();
        let waits: Vec<_> = (0..12).map(|_| back_off.failed(255)).collect();
        assert_eq!(waits[0], FIRST);
        assert!(waits.is_sorted());
        assert_eq!(waits[11], LONGEST);
        assert!(back_off.failed(0) >= LONGEST / 2);
        back_off.succeeded();
        assert_eq!(back_off.failed(255), FIRST);
    }
}
