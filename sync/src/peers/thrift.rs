//! A metered link: sends in bursts, and stops for the day when its bytes are used up. No sockets, no clock.

use std::time::Duration;

use tokio::time::Instant;

use crate::time::{DAY_MILLIS, UnixMillis};

/// What the network costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Nothing: news goes out at once.
    #[default]
    Open,
    /// By the byte, as over a mobile modem. Peers' requests are answered at once all the same, and the LAN is
    /// not searched.
    Metered {
        /// How often what has gathered is sent.
        every: Duration,
        /// Bytes in both directions per UTC day, over which every peer is hung up on until the next day. Counted
        /// from the start of the program: a restart begins anew.
        daily_bytes: u64,
    },
}

/// What the screens say then.
pub(super) const SPENT: &str = "daily byte budget used up";
/// A burst ends when nothing was asked for so long.
const QUIET: Duration = Duration::from_secs(3);

/// Where a metered link stands.
#[derive(Debug)]
pub(super) struct Thrift {
    every: Duration,
    daily_bytes: u64,
    next_burst: Instant,
    burst_until: Instant,
    day: i64,
    /// The count of bytes when the day began.
    before: u64,
    spent: bool,
}

/// What a look at the clock changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    None,
    /// The day's bytes are used up.
    Spent,
    /// A new day.
    Fresh,
}

fn day_of(now: UnixMillis) -> i64 {
    now.get().div_euclid(DAY_MILLIS)
}

impl Thrift {
    pub(super) fn new(profile: Profile, at: Instant, now: UnixMillis) -> Option<Self> {
        match profile {
            Profile::Open => None,
            Profile::Metered { every, daily_bytes } => Some(Self {
                every,
                daily_bytes,
                next_burst: at + every,
                burst_until: at + QUIET,
                day: day_of(now),
                before: 0,
                spent: false,
            }),
        }
    }

    /// Looks at the clocks and at the count of bytes since the start.
    pub(super) fn turn(&mut self, bytes: u64, at: Instant, now: UnixMillis) -> Turn {
        if at >= self.next_burst {
            self.next_burst = at + self.every;
            self.burst_until = at + QUIET;
        }
        if day_of(now) != self.day {
            self.day = day_of(now);
            self.before = bytes;
            if std::mem::take(&mut self.spent) {
                return Turn::Fresh;
            }
        }
        if !self.spent && bytes.saturating_sub(self.before) >= self.daily_bytes {
            self.spent = true;
            return Turn::Spent;
        }
        Turn::None
    }

    /// Whether now is a burst, in which requests of one's own go out.
    pub(super) fn is_burst(&self, at: Instant) -> bool {
        at < self.burst_until
    }

    /// A request went out: the burst is not over yet.
    pub(super) fn asked(&mut self, at: Instant) {
        self.burst_until = self.burst_until.max(at + QUIET);
    }

    /// Whether the day's bytes are used up.
    pub(super) fn is_spent(&self) -> bool {
        self.spent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bursts_come_at_their_time_and_last_while_there_is_something_to_send() {
        let (at, now) = (Instant::now(), UnixMillis::new(0));
        let profile = Profile::Metered { every: Duration::from_secs(600), daily_bytes: 1000 };
        let mut thrift = Thrift::new(profile, at, now).unwrap();
        assert!(thrift.is_burst(at), "the start is a burst");
        let later = at + Duration::from_secs(300);
        thrift.turn(0, later, now);
        assert!(!thrift.is_burst(later));
        let burst = at + Duration::from_secs(600);
        thrift.turn(0, burst, now);
        assert!(thrift.is_burst(burst));
        thrift.asked(burst + QUIET);
        assert!(thrift.is_burst(burst + QUIET));
    }

    #[tokio::test]
    async fn the_days_bytes_come_back_the_next_day() {
        let (at, now) = (Instant::now(), UnixMillis::new(5));
        let profile = Profile::Metered { every: Duration::from_secs(600), daily_bytes: 1000 };
        let mut thrift = Thrift::new(profile, at, now).unwrap();
        assert_eq!(thrift.turn(999, at, now), Turn::None);
        assert_eq!(thrift.turn(1000, at, now), Turn::Spent);
        assert_eq!(thrift.turn(1001, at, now), Turn::None);
        assert!(thrift.is_spent());
        let tomorrow = now.plus_millis(DAY_MILLIS);
        assert_eq!(thrift.turn(1001, at, tomorrow), Turn::Fresh);
        assert_eq!(thrift.turn(2000, at, tomorrow), Turn::None);
        assert_eq!(thrift.turn(2001, at, tomorrow), Turn::Spent);
        assert!(Thrift::new(Profile::Open, at, now).is_none());
    }
}
