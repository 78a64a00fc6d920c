//! Times and days: Unix milliseconds, and a venue's civil day in its own time zone.

use std::fmt;

use jiff::{Timestamp, tz::TimeZone};
use minicbor::{Decode, Encode};

use crate::id::Week;

/// Milliseconds in a day.
pub const DAY_MILLIS: i64 = 86_400_000;

/// A point in time: milliseconds since 1970-01-01T00:00Z, leap seconds not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct UnixMillis(#[n(0)] i64);

impl UnixMillis {
    /// From milliseconds since the Unix epoch.
    pub const fn new(millis: i64) -> Self {
        Self(millis)
    }

    /// From whole seconds since the Unix epoch.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This time and so many milliseconds more; stays at the end of time rather than wrap.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The week whose tracing key seals what happens now.
    pub fn week(self) -> Week {
        Week::new(u32::try_from(self.0.div_euclid(7 * DAY_MILLIS)).unwrap_or(0))
    }

    /// From RFC 3339 text such as `2026-11-21T14:02:00Z`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().map(|t| Self(t.as_millisecond()))
    }
}

/// RFC 3339 in UTC, to the second.
impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.secs()) {
            Ok(t) => write!(f, "{t}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

/// A venue's civil day, or the place where visits wait whose clock was not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Day(#[n(0)] i32);

impl Day {
    /// Visits under an unbelieved clock wait here until a signed correction dates them.
    pub const UNKNOWN: Self = Self(i32::MIN);
    /// What is kept as long as the venue stands: notes, the manager's entries.
    pub const STANDING: Self = Self(i32::MAX);

    /// From days since 1970-01-01.
    pub const fn new(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01; [`Day::UNKNOWN`] has the least number, [`Day::STANDING`] the greatest.
    pub const fn get(self) -> i32 {
        self.0
    }

    /// The day after; the unknown and the standing day stay what they are.
    pub const fn next(self) -> Self {
        self.plus(1)
    }

    /// So many days later, or earlier; the unknown and the standing day stay what they are.
    pub const fn plus(self, days: i32) -> Self {
        if self.is_civil() { Self(self.0.saturating_add(days)) } else { self }
    }

    /// Whether this is a day of the calendar.
    pub const fn is_civil(self) -> bool {
        self.0 != i32::MIN && self.0 != i32::MAX
    }
}

/// ISO date, `unknown` or `standing`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::UNKNOWN {
            return f.write_str("unknown");
        }
        if *self == Self::STANDING {
            return f.write_str("standing");
        }
        match Timestamp::from_second(i64::from(self.0) * 86_400) {
            Ok(t) => write!(f, "{}", t.to_zoned(TimeZone::UTC).date()),
            Err(_) => write!(f, "day {}", self.0),
        }
    }
}

/// A venue's time zone, by its name in the IANA database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// By name, such as `Asia/Almaty`; `None` if the bundled database has no such zone.
    pub fn named(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }

    /// The civil day in which `at` lies here.
    pub fn day(&self, at: UnixMillis) -> Day {
        let Ok(stamp) = Timestamp::from_millisecond(at.0) else {
            return Day::UNKNOWN;
        };
        let date = stamp.to_zoned(self.0.clone()).date();
        let days = date.to_zoned(TimeZone::UTC).map(|z| z.timestamp().as_second() / 86_400);
        days.ok().and_then(|d| i32::try_from(d).ok()).map_or(Day::UNKNOWN, Day)
    }

    /// The first moment of a civil day here, which is not midnight where the clock skips it; `None` for a day that no
    /// calendar has.
    pub fn start_of(&self, day: Day) -> Option<UnixMillis> {
        let utc = Timestamp::from_second(i64::from(day.0).checked_mul(86_400)?).ok()?;
        let date = utc.to_zoned(TimeZone::UTC).date();
        let start = date.to_zoned(self.0.clone()).ok()?.start_of_day().ok()?;
        Some(UnixMillis(start.timestamp().as_millisecond()))
    }

    /// The clock on the wall here at `at`, as `HH:MM`.
    pub fn clock(&self, at: UnixMillis) -> String {
        match Timestamp::from_millisecond(at.0) {
            Ok(t) => t.to_zoned(self.0.clone()).strftime("%H:%M").to_string(),
            Err(_) => "--:--".to_owned(),
        }
    }

    /// Civil year, month, day, hour and minute here at `at`, for screens that word dates by language.
    pub fn civil(&self, at: UnixMillis) -> Option<(i16, i8, i8, i8, i8)> {
        let z = Timestamp::from_millisecond(at.0).ok()?.to_zoned(self.0.clone());
        Some((z.year(), z.month(), z.day(), z.hour(), z.minute()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_civil_day_is_the_venues_own() {
        let almaty = Zone::named("Asia/Almaty").unwrap();
        let evening = UnixMillis::parse("2026-11-21T20:30:00Z").unwrap(); // 01:30 next morning there
        assert_eq!(almaty.day(evening).to_string(), "2026-11-22");
        assert_eq!(Zone::named("UTC").unwrap().day(evening).to_string(), "2026-11-21");
        assert_eq!(almaty.clock(evening), "01:30");
    }

    #[test]
    fn times_before_1970_and_at_the_ends_do_not_panic() {
        let zone = Zone::named("UTC").unwrap();
        assert_eq!(zone.day(UnixMillis::new(-1)).get(), -1);
        for t in [i64::MIN, i64::MAX] {
            assert_eq!(zone.day(UnixMillis::new(t)), Day::UNKNOWN);
            let _ = UnixMillis::new(t).to_string();
            let _ = UnixMillis::new(t).week();
        }
    }

    #[test]
    fn unknown_zones_are_refused() {
        assert!(Zone::named("Mars/Olympus").is_none());
    }
}
