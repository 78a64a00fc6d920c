//! Dates as foreign credentials write them: a day, or a day with a time of it, sometimes without an offset.

use sync::time::{DAY_MILLIS, UnixMillis};

/// The longest text that is looked at, bytes.
const TEXT_MAX: usize = 40;

/// Reads `2021-07-01`, `2021-07-01T09:30:00`, `2021-07-01T09:30:00.123+02:00` and the like (ISO 8601, RFC 3339). Without
/// a time it is the day's first moment, without an offset UTC. `None` for anything else, partial dates too.
pub(super) fn moment(text: &str) -> Option<UnixMillis> {
    if text.len() > TEXT_MAX || !text.is_ascii() {
        return None;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let days = day(date)?;
    let millis = time.map_or(Some(0), of_day)?;
    Some(UnixMillis::new(days * DAY_MILLIS + millis))
}

/// The last moment of the day in which `at` lies, by UTC.
pub(super) fn end_of_day(at: UnixMillis) -> UnixMillis {
    UnixMillis::new((at.get().div_euclid(DAY_MILLIS) + 1) * DAY_MILLIS - 1)
}

/// The year with which a date begins, whole or partial.
pub(super) fn year(text: &str) -> Option<u16> {
    let digits = text.get(..4)?;
    let ends = text.as_bytes().get(4).is_none_or(|b| *b == b'-');
    (ends && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

fn day(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    let leap = i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    let lengths = [31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *lengths.get(usize::try_from(month - 1).ok()?)?;
    (year > 0 && (1..=length).contains(&day)).then(|| days_from_civil(year, month, day))
}

// Days since 1970-01-01 in the Gregorian calendar, counted in years that begin in March, so that the leap day is last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year
        - 719_468
}

fn of_day(text: &str) -> Option<i64> {
    let zone_at = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(zone_at);
    let (clock, fraction) = clock.split_once('.').map_or((clock, ""), |(c, f)| (c, f));
    let mut parts = clock.split(':').map(two_digits);
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    if parts.next().is_some() || hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    let millis = match fraction {
        "" => 0,
        digits => {
            number(digits)?;
            number(&format!("{digits:0<3}")[..3])?
        }
    };
    Some(((hour * 60 + minute) * 60 + second) * 1000 + millis - offset(zone)?)
}

// `Z`, `+02`, `+0200`, `+02:00`; nothing is UTC.
fn offset(zone: &str) -> Option<i64> {
    let Some(sign) = zone.chars().next() else { return Some(0) };
    let rest = &zone[1..];
    let (hours, minutes) = match (sign, rest.len()) {
        ('Z' | 'z', 0) => return Some(0),
        ('Z' | 'z', _) => return None,
        (_, 2) => (rest, "00"),
        (_, 4) => rest.split_at(2),
        (_, 5) => rest.split_once(':')?,
        _ => return None,
    };
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    let millis = (hours * 60 + minutes) * 60_000;
    (hours <= 14 && minutes <= 59).then_some(if sign == '-' { -millis } else { millis })
}

fn two_digits(text: &str) -> Option<i64> {
    if text.len() == 2 { number(text) } else { None }
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.get(..text.len().min(18))?.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_are_read_as_issuers_write_them() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(moment(text).map(|t| t.to_string()).as_deref(), expected, "{text}");
        };
        check("2021-07-01", Some("2021-07-01T00:00:00Z"));
        check("1970-01-01", Some("1970-01-01T00:00:00Z"));
        check("1969-12-31", Some("1969-12-31T00:00:00Z"));
        check("2024-02-29", Some("2024-02-29T00:00:00Z"));
        check("2021-02-29", None);
        check("1900-02-29", None);
        check("2021-07-01T09:30:05", Some("2021-07-01T09:30:05Z"));
        check("2021-07-01T09:30:05Z", Some("2021-07-01T09:30:05Z"));
        check("2021-07-01T09:30:05.5Z", Some("2021-07-01T09:30:05Z"));
        check("2021-07-01T09:30+02:00", Some("2021-07-01T07:30:00Z"));
        check("2021-07-01T09:30:05+0200", Some("2021-07-01T07:30:05Z"));
        check("2021-07-01T09:30:05-02", Some("2021-07-01T11:30:05Z"));
        check("2021-07-01T23:30:05-05:30", Some("2021-07-02T05:00:05Z"));
        check("2021-07", None);
        check("2021", None);
        check("2021-7-1", None);
        check("2021-13-01", None);
        check("2021-00-01", None);
        check("2021-07-01T", None);
        check("2021-07-01T9:30", None);
        check("2021-07-01T09:30:05Zulu", None);
        check("2021-07-01T09:30:05+2", None);
        check("2021-07-01T09:30:05.", Some("2021-07-01T09:30:05Z"));
        check("+021-07-01", None);
        check("", None);
        check("first of July", None);
    }

    #[test]
    fn a_days_end_and_a_years_digits() {
        let noon = moment("2021-07-01T12:00:00Z").unwrap();
        assert_eq!(end_of_day(noon).plus_millis(1), moment("2021-07-02").unwrap());
        let check = |text: &str, expected| assert_eq!(year(text), expected, "{text}");
        check("1987", Some(1987));
        check("1987-05", Some(1987));
        check("1987-05-17T00:00:00", Some(1987));
        check("19870517", None);
        check("17.05.1987", None);
        check("", None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[0-9TZ:+.-]{0,40}|.{0,60}") {
            let _ = (moment(&text), year(&text));
        }

        #[test]
        fn what_is_written_reads_back(secs in -62_135_596_800i64..253_402_300_800) {
            let at = UnixMillis::from_secs(secs);
            prop_assert_eq!(moment(&at.to_string()), Some(at));
        }
    }
}
