//! The hours of a civil day as its clock shows them: 23 or 25 where the clock is changed.

use sync::time::{Day, UnixMillis, Zone};

use super::QUARTER_MILLIS;

const MINUTE_MILLIS: i64 = 60_000;
/// No day of any zone has more; a bound for zones that nobody has thought of.
const HOURS_MAX: usize = 30;

/// A span of a day in which the clock shows one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour {
    /// Its first moment.
    pub from: UnixMillis,
    /// The first moment after it.
    pub until: UnixMillis,
    /// What the clock shows at first: hour and minute.
    pub clock: (u8, u8),
    /// Whether the clock has shown this before on the same day.
    pub again: bool,
}

impl Hour {
    /// How many quarters it has: four, or less where the clock is changed by half an hour.
    pub fn quarters(&self) -> u8 {
        u8::try_from((self.until.get() - self.from.get()) / QUARTER_MILLIS).unwrap_or(u8::MAX)
    }
}

/// The hours of a day in a zone, in their order; none for a day that no calendar has.
pub fn hours(zone: &Zone, day: Day) -> Vec<Hour> {
    let next = if day.is_civil() { zone.start_of(day.next()) } else { None };
    let (Some(mut from), Some(end)) = (zone.start_of(day), next) else { return Vec::new() };
    let mut hours: Vec<Hour> = Vec::new();
    while from < end && hours.len() < HOURS_MAX {
        let Some((.., hour, minute)) = zone.civil(from) else { break };
        let left = i64::from(60 - minute) * MINUTE_MILLIS;
        let until = from.plus_millis(left).min(end);
        let clock = (u8::try_from(hour).unwrap_or(0), u8::try_from(minute).unwrap_or(0));
        let again = hours.iter().any(|before| before.clock.0 == clock.0);
        hours.push(Hour { from, until, clock, again });
        from = until;
    }
    hours
}
