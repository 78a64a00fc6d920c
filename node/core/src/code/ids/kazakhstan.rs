//! Kazakhstan's individual identification number (IIN): Government decree 406 of 22 May 2007, annex 1.
//!
//! `YYMMDD`, a digit for the century and the sex, four digits, a check digit. Since 2013 the digits need not follow a
//! corrected date of birth; the check digit holds in any case. `0` in place of the century stands where none was given.

use jiff::civil::Date;

use super::{Birth, IdError, IdKind, IdNumber, Sex, digits, pair, written};

const FIRST_WEIGHTS: [u32; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
/// Of the second pass, where the first comes to 10.
const SECOND_WEIGHTS: [u32; 11] = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];

pub(super) fn read(text: &str) -> Result<IdNumber, IdError> {
    let digits: [u8; 12] = digits(text).ok_or(IdError::Form)?;
    let (century, sex) = match digits[6] {
        0 => (None, None),
        d @ 1..=6 => {
            let century = 1800 + 100 * i16::from((d - 1) / 2);
            (Some(century), Some(if d % 2 == 1 { Sex::Male } else { Sex::Female }))
        }
        _ => return Err(IdError::Form),
    };
    let (year, month, day) = (pair(&digits[..2]), pair(&digits[2..4]), pair(&digits[4..6]));
    let no_day = IdError::Date("the date of birth");
    let birth = match century {
        Some(century) => {
            Birth::Day(Date::new(century + i16::from(year), month, day).map_err(|_| no_day)?)
        }
        None => {
            // A leap day is one in some century: 2000 was a leap year.
            Date::new(2000 + i16::from(year), month, day).map_err(|_| no_day)?;
            Birth::Century { year: year.unsigned_abs(), day: Some((month, day)) }
        }
    };
    if check_digit(&digits) != Some(digits[11]) {
        return Err(IdError::Checksum("the number"));
    }
    Ok(IdNumber::new(IdKind::KazakhIin, &written(&digits), Some(birth), sex))
}

/// `None` where both passes come to 10: such a number is never given.
pub(super) fn check_digit(digits: &[u8]) -> Option<u8> {
    let pass = |weights: [u32; 11]| {
        let sum: u32 = digits.iter().zip(weights).map(|(digit, w)| u32::from(*digit) * w).sum();
        u8::try_from(sum % 11).ok().filter(|rest| *rest < 10)
    };
    pass(FIRST_WEIGHTS).or_else(|| pass(SECOND_WEIGHTS))
}
