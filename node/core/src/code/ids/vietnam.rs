//! Viet Nam's citizen card (CCCD, căn cước): Decree 137/2015, article 13, and the text of the card's QR code.
//!
//! Three digits for the province of birth, one for century and sex, two for the year of birth, six that are random.
//! There is no check digit. The QR code holds `number|old number|name|DDMMYYYY|sex|address|DDMMYYYY of issue`, newer
//! cards some fields more.

use jiff::civil::Date;

use super::{Birth, IdError, IdKind, IdNumber, Sex, digits, pair, written};

/// The provinces as numbered when the numbers were given out; a number stays what it is when provinces are merged.
const PROVINCES: [u16; 63] = [
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37,
    38, 40, 42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77,
    79, 80, 82, 83, 84, 86, 87, 89, 91, 92, 93, 94, 95, 96,
];
/// Fields of the QR code, at least and at most.
const FIELDS: std::ops::RangeInclusive<usize> = 7..=16;

pub(super) fn read(text: &str) -> Result<IdNumber, IdError> {
    if text.contains('|') { read_card(text) } else { read_number(text) }
}

fn read_number(text: &str) -> Result<IdNumber, IdError> {
    let digits: [u8; 12] = digits(text).ok_or(IdError::Form)?;
    let province = digits[..3].iter().fold(0, |sum, digit| sum * 10 + u16::from(*digit));
    if PROVINCES.binary_search(&province).is_err() {
        return Err(IdError::Place("the province"));
    }
    let sex = if digits[3].is_multiple_of(2) { Sex::Male } else { Sex::Female };
    let century = 1900 + 100 * i16::from(digits[3] / 2);
    let birth = Birth::Year(century + i16::from(pair(&digits[4..6])));
    Ok(IdNumber::new(IdKind::VietnameseCccd, &written(&digits), Some(birth), Some(sex)))
}

fn read_card(text: &str) -> Result<IdNumber, IdError> {
    let fields: Vec<&str> = text.trim().split('|').collect();
    if !FIELDS.contains(&fields.len()) || fields[0].len() != 12 {
        return Err(IdError::Form);
    }
    let number = read_number(fields[0])?;
    let day = day(fields[3]).ok_or(IdError::Date("the date of birth"))?;
    day_of_issue(fields[6])?;
    if number.birth != Some(Birth::Year(day.year())) {
        return Err(IdError::Disagrees("the date of birth"));
    }
    let sex = match fields[4].trim() {
        "Nam" => Some(Sex::Male),
        "Nữ" => Some(Sex::Female),
        _ => None,
    };
    if sex.is_some() && sex != number.sex {
        return Err(IdError::Disagrees("the sex"));
    }
    Ok(IdNumber { birth: Some(Birth::Day(day)), ..number })
}

fn day_of_issue(text: &str) -> Result<(), IdError> {
    match day(text) {
        Some(_) => Ok(()),
        None => Err(IdError::Date("the date of issue")),
    }
}

/// `DDMMYYYY`.
fn day(text: &str) -> Option<Date> {
    if text.len() != 8 {
        return None;
    }
    let digits: [u8; 8] = digits(text)?;
    let year = i16::from(pair(&digits[4..])) * 100 + i16::from(pair(&digits[6..]));
    Date::new(year, pair(&digits[2..]), pair(&digits)).ok()
}
