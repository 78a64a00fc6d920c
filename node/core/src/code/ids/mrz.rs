//! Machine-readable zones of passports and cards: ICAO 9303 part 3 §4.9 (check digits), part 4 (TD3), 5 (TD1), 6 (TD2).

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::{Birth, IdError, IdKind, IdNumber, Sex};

/// Where the fields lie in the lines without their breaks.
struct Layout {
    kind: IdKind,
    line: usize,
    lines: usize,
    first: &'static [u8],
    number: usize,
    birth: usize,
    sex: usize,
    expires: usize,
    /// An optional field with a check digit of its own: where, and how long it is without it.
    personal: Option<(usize, usize)>,
    /// What the last check digit covers.
    composite: &'static [(usize, usize)],
    composite_check: usize,
}

const TD3: Layout = Layout {
    kind: IdKind::Passport,
    line: 44,
    lines: 2,
    first: b"P",
    number: 44,
    birth: 57,
    sex: 64,
    expires: 65,
    personal: Some((72, 14)),
    composite: &[(44, 54), (57, 64), (65, 87)],
    composite_check: 87,
};

const TD1: Layout = Layout {
    kind: IdKind::IdentityCard,
    line: 30,
    lines: 3,
    first: b"ACI",
    number: 5,
    birth: 30,
    sex: 37,
    expires: 38,
    personal: None,
    composite: &[(5, 30), (30, 37), (38, 45), (48, 59)],
    composite_check: 59,
};

const TD2: Layout = Layout {
    kind: IdKind::LargeIdentityCard,
    line: 36,
    lines: 2,
    first: b"ACI",
    number: 36,
    birth: 49,
    sex: 56,
    expires: 57,
    personal: None,
    composite: &[(36, 46), (49, 56), (57, 71)],
    composite_check: 71,
};

pub(super) fn read_td3(text: &str) -> Result<IdNumber, IdError> {
    read(text, &TD3)
}

pub(super) fn read_td1(text: &str) -> Result<IdNumber, IdError> {
    read(text, &TD1)
}

pub(super) fn read_td2(text: &str) -> Result<IdNumber, IdError> {
    read(text, &TD2)
}

fn read(text: &str, layout: &Layout) -> Result<IdNumber, IdError> {
    let zone = zone_of(text, layout).ok_or(IdError::Form)?;
    let zone = zone.as_bytes();
    let number = document_number(zone, layout)?;
    let birth = birth(zone, layout.birth)?;
    let expires = expiry(zone, layout.expires)?;
    if let Some((from, length)) = layout.personal {
        let (field, check) = (&zone[from..from + length], zone[from + length]);
        // An empty field may have a filler in place of its check digit.
        let empty = field.iter().all(|c| *c == b'<') && check == b'<';
        if !empty && check_digit(field) != check {
            return Err(IdError::Checksum("the personal number"));
        }
    }
    let covered: Vec<u8> =
        layout.composite.iter().flat_map(|(from, to)| &zone[*from..*to]).copied().collect();
    if check_digit(&covered) != zone[layout.composite_check] {
        return Err(IdError::Checksum("the whole"));
    }
    let sex = match zone[layout.sex] {
        b'M' => Some(Sex::Male),
        b'F' => Some(Sex::Female),
        b'<' | b'X' => None,
        _ => return Err(IdError::Form),
    };
    let issuer = Some([zone[2], zone[3], zone[4]]);
    let read = IdNumber::new(layout.kind, &number, Some(birth), sex);
    Ok(IdNumber { expires, issuer, ..read })
}

/// The lines of the zone as one text: broken as printed, or not broken at all.
fn zone_of(text: &str, layout: &Layout) -> Option<Zeroizing<String>> {
    let lines: Vec<&str> = text.trim().lines().map(str::trim).collect();
    let joined = Zeroizing::new(lines.concat());
    let allowed = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'<';
    let whole = lines.len() == 1 || lines.iter().all(|line| line.len() == layout.line);
    let fits = joined.len() == layout.line * layout.lines
        && whole
        && (lines.len() == 1 || lines.len() == layout.lines)
        && joined.bytes().all(allowed)
        && layout.first.contains(&joined.as_bytes()[0]);
    fits.then_some(joined)
}

/// Nine characters and a check digit; on a card a longer number goes on in the optional field (part 5, note j).
fn document_number(zone: &[u8], layout: &Layout) -> Result<Zeroizing<String>, IdError> {
    let wrong = IdError::Checksum("the document number");
    let (field, check) = (&zone[layout.number..layout.number + 9], zone[layout.number + 9]);
    let mut number = field.to_vec();
    if check == b'<' && layout.kind != IdKind::Passport {
        let rest = if layout.kind == IdKind::IdentityCard { &zone[15..30] } else { &zone[64..71] };
        let end = rest.iter().position(|c| *c == b'<').unwrap_or(rest.len());
        let (more, check) = rest[..end].split_at_checked(end.wrapping_sub(1)).ok_or(wrong)?;
        number.extend_from_slice(more);
        if Some(&check_digit(&number)) != check.first() {
            return Err(wrong);
        }
    } else if check_digit(field) != check {
        return Err(wrong);
    }
    let text = number.iter().filter(|c| **c != b'<').map(|c| char::from(*c)).collect::<String>();
    if text.is_empty() { Err(IdError::Form) } else { Ok(Zeroizing::new(text)) }
}

/// `YYMMDD` with fillers for what is not known (part 3 §4.8).
fn birth(zone: &[u8], at: usize) -> Result<Birth, IdError> {
    let (field, check) = (&zone[at..at + 6], zone[at + 6]);
    if check_digit(field) != check {
        return Err(IdError::Checksum("the date of birth"));
    }
    let no_day = IdError::Date("the date of birth");
    let year = two(&field[..2]).ok_or(no_day)?;
    if field[2..].contains(&b'<') {
        return Ok(Birth::Century { year: year.unsigned_abs(), day: None });
    }
    let (month, day) = two(&field[2..4]).zip(two(&field[4..])).ok_or(no_day)?;
    // A leap day is one in some century: 2000 was a leap year.
    Date::new(2000 + i16::from(year), month, day).map_err(|_| no_day)?;
    Ok(Birth::Century { year: year.unsigned_abs(), day: Some((month, day)) })
}

/// Documents with such zones hold for some ten years: all expire in this century. Without end is `None`.
fn expiry(zone: &[u8], at: usize) -> Result<Option<Date>, IdError> {
    let (field, check) = (&zone[at..at + 6], zone[at + 6]);
    if check_digit(field) != check {
        return Err(IdError::Checksum("the date of expiry"));
    }
    if field.iter().all(|c| *c == b'<') {
        return Ok(None);
    }
    let parts = two(&field[..2]).zip(two(&field[2..4])).zip(two(&field[4..]));
    let day = parts.and_then(|((y, m), d)| Date::new(2000 + i16::from(y), m, d).ok());
    day.map(Some).ok_or(IdError::Date("the date of expiry"))
}

fn two(field: &[u8]) -> Option<i8> {
    field
        .iter()
        .all(u8::is_ascii_digit)
        .then(|| field.iter().fold(0, |sum, c| sum * 10 + i8::try_from(c - b'0').unwrap_or(0)))
}

/// Weights 7, 3, 1 (part 3 §4.9): digits are themselves, letters 10 to 35, fillers nothing. As a character.
pub(super) fn check_digit(field: &[u8]) -> u8 {
    let value = |c: &u8| match c {
        b'0'..=b'9' => u32::from(c - b'0'),
        b'A'..=b'Z' => u32::from(c - b'A') + 10,
        _ => 0,
    };
    let sum: u32 = field.iter().zip([7, 3, 1].into_iter().cycle()).map(|(c, w)| value(c) * w).sum();
    b'0' + u8::try_from(sum % 10).unwrap_or(0)
}
