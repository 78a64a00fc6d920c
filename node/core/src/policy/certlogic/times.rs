//! CertLogic's times: which texts are one, dates of birth in part, and how time is added.

use jiff::{
    Span, Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

use super::TimeUnit;

/// Milliseconds since 1970 of a date or date-time, or of a date of birth in part; `None` for any other text.
///
/// The forms of the specification: `YYYY-MM-DD`, or with `Thh:mm:ss`, any number of decimals, and an offset of `Z`,
/// `±h`, `±hh`, `±hmm`, `±hhmm`, `±h:mm` or `±hh:mm`. Without an offset it is UTC; decimals beyond the third are cut.
pub(super) fn read(text: &str) -> Option<i64> {
    if let Some(at) = birth(text) {
        return Some(at);
    }
    let (date, rest) = text.split_once('T')?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let (decimals, offset) = match rest.strip_prefix('.') {
        None => ("", rest),
        Some(rest) => {
            let end = rest.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
            if end == 0 {
                return None;
            }
            rest.split_at_checked(end)?
        }
    };
    let millis = decimals.bytes().chain([b'0'; 3]).take(3);
    let millis = millis.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let at = DateTime::from_parts(whole_date(date)?, clock_time(clock)?);
    millis_of(at)?.checked_add(millis)?.checked_sub(offset_millis(offset)?)
}

/// Milliseconds since 1970 of the last day that a date of birth may mean: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
pub(super) fn birth(text: &str) -> Option<i64> {
    let date = match text.len() {
        4 => Date::new(digits(text)?, 12, 31).ok()?,
        7 => {
            let (year, month) = text.split_once('-')?;
            let first = Date::new(four(year)?, two(month)?, 1).ok()?;
            first.last_of_month()
        }
        _ => whole_date(text)?,
    };
    millis_of(date.to_datetime(Time::midnight()))
}

/// So much later; `None` beyond the calendar.
///
/// In UTC. A month later is the same day, or the month's last where it has none; a year later is the same day, or 1 March
/// for 29 February.
pub(super) fn plus(at: i64, amount: i64, unit: TimeUnit) -> Option<i64> {
    let day = 86_400_000;
    match unit {
        TimeUnit::Hour => at.checked_add(amount.checked_mul(3_600_000)?),
        TimeUnit::Day => at.checked_add(amount.checked_mul(day)?),
        TimeUnit::Month => millis_of(moved(at, Span::new().try_months(amount).ok()?)?),
        TimeUnit::Year => {
            let from = civil(at)?;
            let to = moved(at, Span::new().try_years(amount).ok()?)?;
            let shortened = to.day() < from.day();
            millis_of(to)?.checked_add(if shortened { day } else { 0 })
        }
    }
}

/// RFC 3339 in UTC with milliseconds.
pub(super) fn write(at: i64) -> String {
    let stamp = Timestamp::from_millisecond(at).ok();
    stamp.map_or_else(String::new, |t| t.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

fn moved(at: i64, by: Span) -> Option<DateTime> {
    civil(at)?.checked_add(by).ok()
}

fn civil(at: i64) -> Option<DateTime> {
    Some(Timestamp::from_millisecond(at).ok()?.to_zoned(TimeZone::UTC).datetime())
}

fn millis_of(at: DateTime) -> Option<i64> {
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

fn whole_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    match parts.next() {
        None => Date::new(four(year)?, two(month)?, two(day)?).ok(),
        Some(_) => None,
    }
}

fn clock_time(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    match parts.next() {
        None => Time::new(two(hour)?, two(minute)?, two(second)?, 0).ok(),
        Some(_) => None,
    }
}

fn offset_millis(text: &str) -> Option<i64> {
    if text.is_empty() || text == "Z" {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None if rest.len() <= 2 => (rest, "00"),
        None => rest.split_at_checked(rest.len() - 2)?,
    };
    if !(1..=2).contains(&hours.len()) || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (i64::from(digits(hours)?), i64::from(digits(minutes)?));
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000)
}

fn four(text: &str) -> Option<i16> {
    if text.len() == 4 { digits(text) } else { None }
}

fn two(text: &str) -> Option<i8> {
    if text.len() == 2 { digits(text).and_then(|n| i8::try_from(n).ok()) } else { None }
}

/// A number of digits alone: no sign.
fn digits(text: &str) -> Option<i16> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}
