//! How far the wall clock is believed: a reading, a floor of signed times, and what set the clock.
//!
//! A Raspberry Pi has no battery clock: after a power cut it starts at the time it last saved, or in 1970. What
//! it knows for certain is a *floor*: true time is not before any time that the authority has signed. Below the
//! floor "expired" is certain, and "not expired" is not.

mod beacon;
mod floor;

pub use beacon::{Beacon, BeaconError};
pub use floor::Floor;
use sync::{record::ClockTrust, time::UnixMillis};

/// How far clocks that are both right may differ, ms: applied to floors and to the start of validity.
pub const SKEW_MILLIS: i64 = 10 * 60 * 1000;

/// No node of this program ever ran before this: 2025-01-01T00:00:00Z. A clock below it was never set.
pub const EARLIEST: UnixMillis = UnixMillis::from_secs(1_735_689_600);

/// A time and how far it is believed: the `now` of every rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The best estimate of the time; not below the floor when the clock was.
    pub wall: UnixMillis,
    /// How far it is believed.
    pub trust: ClockTrust,
}

impl Moment {
    /// A time that is taken as true: the operator gave it, or a test did.
    pub const fn trusted(wall: UnixMillis) -> Self {
        Self { wall, trust: ClockTrust::Trusted }
    }
}

/// What the operating system says of its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockSource {
    /// Disciplined by a time server or a battery clock.
    Synchronised,
    /// Running on from whatever it started with.
    Unsynchronised,
}

/// Judges a clock reading against the floor and its source.
///
/// More than [`SKEW_MILLIS`] below the floor, or before [`EARLIEST`], the clock is not believed, and the floor is
/// the better estimate. An unsynchronised clock above the floor is believed within bounds.
pub fn believe(wall: UnixMillis, floor: Option<UnixMillis>, source: ClockSource) -> Moment {
    let floor = floor.unwrap_or(EARLIEST).max(EARLIEST);
    if wall.plus_millis(SKEW_MILLIS) < floor {
        return Moment { wall: floor, trust: ClockTrust::Unknown };
    }
    let trust = match source {
        ClockSource::Synchronised => ClockTrust::Trusted,
        ClockSource::Unsynchronised => ClockTrust::Bounded,
    };
    Moment { wall, trust }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

    #[test]
    fn trust_by_distance_to_the_floor_and_source() {
        use ClockSource::{Synchronised, Unsynchronised};
        use ClockTrust::{Bounded, Trusted, Unknown};
        let below = |millis: i64| Some(NOON.plus_millis(millis));
        let check = |floor, source, trust| assert_eq!(believe(NOON, floor, source).trust, trust);
        check(None, Synchronised, Trusted);
        check(None, Unsynchronised, Bounded);
        check(below(-1), Synchronised, Trusted);
        check(below(SKEW_MILLIS), Synchronised, Trusted);
        check(below(SKEW_MILLIS), Unsynchronised, Bounded);
        check(below(SKEW_MILLIS + 1), Synchronised, Unknown);
        check(below(SKEW_MILLIS + 1), Unsynchronised, Unknown);
        let never_set = believe(UnixMillis::new(0), None, Synchronised);
        assert_eq!(never_set, Moment { wall: EARLIEST, trust: Unknown });
    }

    proptest! {
        #[test]
        fn an_unbelieved_clock_yields_the_floor(wall in any::<i64>(), floor in any::<i64>()) {
            let m = believe(UnixMillis::new(wall), Some(UnixMillis::new(floor)), ClockSource::Synchronised);
            let lowest = UnixMillis::new(floor).max(EARLIEST);
            prop_assert!(m.wall.plus_millis(SKEW_MILLIS) >= lowest);
            prop_assert!(m.trust != ClockTrust::Unknown || m.wall == lowest);
        }
    }
}
