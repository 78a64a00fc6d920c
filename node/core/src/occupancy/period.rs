//! The business day: from one closing time to the next, in the venue's own time zone.

use sync::time::{DAY_MILLIS, Day, UnixMillis, Zone};

/// The business day in which `at` lies, for a venue that closes so many minutes after midnight.
pub fn period(zone: &Zone, at: UnixMillis, closing_minute: u16) -> Day {
    zone.day(at.plus_millis(-i64::from(closing_minute) * 60_000))
}

/// When the business day of `at` began.
pub fn begun(zone: &Zone, at: UnixMillis, closing_minute: u16) -> UnixMillis {
    let day = period(zone, at, closing_minute);
    if !day.is_civil() {
        return at;
    }
    // Days have 23 to 25 hours where clocks are put forward and back: looked for, not computed.
    let (mut before, mut within) = (at.get().saturating_sub(DAY_MILLIS + DAY_MILLIS / 4), at.get());
    while within - before > 1 {
        let middle = before + (within - before) / 2;
        if period(zone, UnixMillis::new(middle), closing_minute) == day {
            within = middle;
        } else {
            before = middle;
        }
    }
    UnixMillis::new(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_that_closes_at_four_has_its_night_in_one_day() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let at = |text| UnixMillis::parse(text).unwrap();
        let evening = period(&zone, at("2026-11-21T22:00:00Z"), 240);
        assert_eq!(period(&zone, at("2026-11-22T02:59:59Z"), 240), evening, "03:59 there");
        assert_eq!(period(&zone, at("2026-11-22T03:00:00Z"), 240), evening.next());
        assert_eq!(begun(&zone, at("2026-11-22T02:00:00Z"), 240), at("2026-11-21T03:00:00Z"));
    }

    #[test]
    fn the_day_on_which_clocks_go_back_is_longer() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let at = |text| UnixMillis::parse(text).unwrap();
        assert_eq!(begun(&zone, at("2026-10-25T22:59:00Z"), 0), at("2026-10-24T22:00:00Z"));
        assert_eq!(begun(&zone, at("2026-03-29T21:59:00Z"), 0), at("2026-03-28T23:00:00Z"));
        let _ = begun(&zone, UnixMillis::new(i64::MIN), 0);
        let _ = begun(&zone, UnixMillis::new(i64::MAX), 1439);
    }
}
