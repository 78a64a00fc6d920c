//! Dates, times and spans as each language writes them, on the venue's clock.

use jiff::{civil, tz::TimeZone};
use sync::time::{Day, UnixMillis, Zone};

use crate::language::Lang;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The day of `at` in a zone.
pub(crate) fn day(lang: Lang, zone: &Zone, at: UnixMillis) -> String {
    let Some((year, month, day, ..)) = zone.civil(at) else {
        return "—".to_owned();
    };
    match lang {
        Lang::Ru | Lang::Kk => format!("{day:02}.{month:02}.{year}"),
        Lang::Vi => format!("{day:02}/{month:02}/{year}"),
        Lang::ZhHans | Lang::ZhHant => format!("{year}年{month}月{day}日"),
        Lang::En => {
            let index = usize::try_from(month - 1).unwrap_or_default();
            format!("{day} {} {year}", MONTHS.get(index).unwrap_or(&"?"))
        }
    }
}

/// A civil day; a dash for the days of records that have none.
pub(crate) fn civil_day(lang: Lang, at: Day) -> String {
    if !at.is_civil() {
        return "—".to_owned();
    }
    day(lang, &Zone::utc(), UnixMillis::new(i64::from(at.get()) * DAY))
}

/// The day and the clock of `at` in a zone.
pub(crate) fn moment(lang: Lang, zone: &Zone, at: UnixMillis) -> String {
    format!("{} {}", day(lang, zone, at), zone.clock(at))
}

/// The clock alone where `at` is on the day of `now`, else with the day.
pub(crate) fn recent(lang: Lang, zone: &Zone, at: UnixMillis, now: UnixMillis) -> String {
    if zone.day(at) == zone.day(now) { zone.clock(at) } else { moment(lang, zone, at) }
}

/// A span in its largest whole unit: `5 minutes`. A negative one counts as none.
pub(crate) fn span(lang: Lang, millis: i64) -> String {
    let millis = millis.max(0);
    match millis {
        ..MINUTE => lang.count("age-seconds", millis / SECOND),
        MINUTE..HOUR => lang.count("age-minutes", millis / MINUTE),
        HOUR..DAY => lang.count("age-hours", millis / HOUR),
        _ => lang.count("age-days", millis / DAY),
    }
}

/// How far a zone's clock is from UTC at `at`: `UTC+5`, `UTC+05:30`.
pub(crate) fn offset(zone: &Zone, at: UnixMillis) -> String {
    let minutes = offset_millis(zone, at) / MINUTE;
    let sign = if minutes < 0 { '−' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// What a `datetime-local` field holds for `at`.
pub(crate) fn field(zone: &Zone, at: UnixMillis) -> String {
    zone.civil(at).map_or_else(String::new, |(year, month, day, hour, minute)| {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}")
    })
}

/// Reads a `datetime-local` field on a zone's clock; a time that the clock skips becomes the one after.
pub(crate) fn read_field(zone: &Zone, text: &str) -> Option<UnixMillis> {
    let civil: civil::DateTime = text.trim().parse().ok()?;
    let as_utc = civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond();
    let mut at = UnixMillis::new(as_utc);
    for _ in 0..2 {
        at = UnixMillis::new(as_utc - offset_millis(zone, at));
    }
    Some(at)
}

fn offset_millis(zone: &Zone, at: UnixMillis) -> i64 {
    let minute = at.get().div_euclid(MINUTE) * MINUTE;
    let local = zone.civil(at).and_then(|(year, month, day, hour, minute)| {
        let civil = civil::DateTime::new(year, month, day, hour, minute, 0, 0).ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
    });
    local.map_or(0, |local| local - minute)
}

/// A count with its thousands apart, as each language does.
pub(crate) fn number(lang: Lang, n: u64) -> String {
    let gap = match lang {
        Lang::Ru | Lang::Kk => '\u{a0}',
        Lang::Vi => '.',
        Lang::ZhHans | Lang::ZhHant | Lang::En => ',',
    };
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        let left = digits.len() - i;
        if i > 0 && left.is_multiple_of(3) && digits.len() > 4 {
            out.push(gap);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn almaty() -> Zone {
        Zone::named("Asia/Almaty").unwrap()
    }

    #[test]
    fn each_language_writes_its_own_date() {
        let at = UnixMillis::parse("2026-11-12T09:05:00Z").unwrap();
        let check = |lang, text: &str| assert_eq!(moment(lang, &almaty(), at), text);
        check(Lang::En, "12 Nov 2026 14:05");
        check(Lang::Ru, "12.11.2026 14:05");
        check(Lang::Kk, "12.11.2026 14:05");
        check(Lang::Vi, "12/11/2026 14:05");
        check(Lang::ZhHans, "2026年11月12日 14:05");
        check(Lang::ZhHant, "2026年11月12日 14:05");
        assert_eq!(civil_day(Lang::En, almaty().day(at)), "12 Nov 2026");
        assert_eq!(civil_day(Lang::En, Day::UNKNOWN), "—");
    }

    #[test]
    fn fields_read_back_on_the_venues_clock() {
        let at = UnixMillis::parse("2026-11-12T09:05:00Z").unwrap();
        assert_eq!(field(&almaty(), at), "2026-11-12T14:05");
        assert_eq!(read_field(&almaty(), "2026-11-12T14:05"), Some(at));
        assert_eq!(read_field(&almaty(), "tomorrow"), None);
        assert_eq!(read_field(&almaty(), ""), None);
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let night = read_field(&berlin, "2026-03-29T02:30").unwrap(); // the hour that is skipped
        assert_eq!(berlin.clock(night), "03:30");
        assert_eq!(offset(&almaty(), at), "UTC+5");
        assert_eq!(offset(&Zone::named("Asia/Kolkata").unwrap(), at), "UTC+5:30");
        assert_eq!(offset(&Zone::named("UTC").unwrap(), at), "UTC");
    }

    #[test]
    fn spans_and_counts_read_as_people_say_them() {
        assert_eq!(span(Lang::En, -5), "0 seconds");
        assert_eq!(span(Lang::En, 61_000), "1 minute");
        assert_eq!(span(Lang::En, 49 * HOUR), "2 days");
        assert_eq!(span(Lang::Ru, 5 * MINUTE), "5 минут");
        assert_eq!(span(Lang::Ru, 22 * MINUTE), "22 минуты");
        assert_eq!(number(Lang::En, 1234), "1234");
        assert_eq!(number(Lang::En, 1_234_567), "1,234,567");
        assert_eq!(number(Lang::Ru, 12_345), "12\u{a0}345");
    }
}
