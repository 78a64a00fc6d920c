//! When a shift ends: a time on the venue's clock, and the moment at which that comes next.

use sync::time::{UnixMillis, Zone};

const DAY_MINUTES: u16 = 24 * 60;
const MINUTE_MILLIS: i64 = 60_000;

/// A time on the venue's clock at which a shift ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShiftEnd(u16);

impl ShiftEnd {
    /// From the minute of the day; `None` from 24:00 on.
    pub const fn new(minute: u16) -> Option<Self> {
        if minute < DAY_MINUTES { Some(Self(minute)) } else { None }
    }

    /// The minute of the day.
    pub const fn minute(self) -> u16 {
        self.0
    }

    /// From `HH:MM`, as a browser's field for a time sends it.
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.trim().split_once(':')?;
        let two = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        if !two(hours) || !two(minutes) {
            return None;
        }
        let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
        if hours < 24 && minutes < 60 { Self::new(hours * 60 + minutes) } else { None }
    }

    /// The first moment after `since` at which it is so late, where the clock is the venue's; a time that the clock
    /// skips is the moment at which it does.
    pub fn after(self, since: UnixMillis, zone: &Zone) -> UnixMillis {
        let start = since.get().div_euclid(MINUTE_MILLIS) * MINUTE_MILLIS;
        let at = |minutes: u16| UnixMillis::new(start + i64::from(minutes) * MINUTE_MILLIS);
        let wanted = i32::from(self.0);
        let distance = |from: i32| (wanted - from).rem_euclid(i32::from(DAY_MINUTES));
        let first = distance(clock_minute(zone, at(0)));
        let first = if first == 0 { i32::from(DAY_MINUTES) } else { first };
        let near = u16::try_from(first).unwrap_or(DAY_MINUTES);
        // But for the days on which clocks are turned this is it.
        if clock_minute(zone, at(near)) == wanted {
            return at(near);
        }
        let mut before = clock_minute(zone, at(0));
        for minutes in 1..=DAY_MINUTES + 120 {
            let now = clock_minute(zone, at(minutes));
            let step = (now - before).rem_euclid(i32::from(DAY_MINUTES));
            let passed = distance(before);
            // A step of more than half a day is the clock turned back.
            if step <= i32::from(DAY_MINUTES) / 2 && passed > 0 && passed <= step {
                return at(minutes);
            }
            before = now;
        }
        at(near)
    }
}

/// `HH:MM`.
impl std::fmt::Display for ShiftEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

fn clock_minute(zone: &Zone, at: UnixMillis) -> i32 {
    zone.civil(at).map_or(0, |(.., hour, minute)| i32::from(hour) * 60 + i32::from(minute))
}
