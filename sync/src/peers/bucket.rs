//! A token bucket: a pace with room for bursts, by a clock that is handed in.

use std::time::Duration;

use tokio::time::Instant;

/// So much a second, and so much at once after a pause. Taking more than is there makes a debt, which says how
/// long to wait.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    per_second: f64,
    burst: f64,
    level: f64,
    at: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(super) fn new(per_second: u64, burst: u64, now: Instant) -> Self {
        let (per_second, burst) = (per_second.max(1) as f64, burst as f64);
        Self { per_second, burst, level: burst, at: now }
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = self.at.max(now);
        self.level = (self.level + passed * self.per_second).min(self.burst);
    }

    /// Takes, into debt if need be.
    pub(super) fn take(&mut self, amount: u64, now: Instant) {
        self.refill(now);
        self.level -= amount as f64;
    }

    /// How long until the debt is paid; `None` when there is none.
    pub(super) fn wait(&mut self, now: Instant) -> Option<Duration> {
        self.refill(now);
        (self.level < 0.0).then(|| Duration::from_secs_f64(-self.level / self.per_second))
    }

    /// Takes if it can be had without debt.
    pub(super) fn try_take(&mut self, amount: u64, now: Instant) -> bool {
        self.refill(now);
        let had = self.level >= amount as f64;
        if had {
            self.level -= amount as f64;
        }
        had
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bursts_pass_and_debts_are_paid_at_the_pace() {
        let now = Instant::now();
        let mut bucket = Bucket::new(10, 20, now);
        bucket.take(20, now);
        assert_eq!(bucket.wait(now), None, "the burst is free");
        assert!(!bucket.try_take(1, now));
        bucket.take(10, now);
        assert_eq!(bucket.wait(now), Some(Duration::from_secs(1)));
        let later = now + Duration::from_secs(1);
        assert_eq!(bucket.wait(later), None);
        let much_later = now + Duration::from_secs(3600);
        assert!(bucket.try_take(20, much_later));
        assert!(!bucket.try_take(1, much_later), "a long pause saves up no more than one burst");
    }
}
