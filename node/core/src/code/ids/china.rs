//! China's resident identity number: GB 11643-1999, and that of foreign permanent residents since 2023.
//!
//! Six digits for the place, `YYYYMMDD`, three digits of which the last is odd for men, and a check character by
//! ISO 7064 mod 11-2, where `X` is ten. Foreign permanent residents' numbers begin with `9`.

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::{Birth, IdError, IdKind, IdNumber, Sex, pair};

/// The first two digits: provinces, municipalities and regions (GB/T 2260), and 81 to 83 for Hong Kong, Macao, Taiwan.
const PLACES: [u8; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83,
];

pub(super) fn read(text: &str) -> Result<IdNumber, IdError> {
    let bare: Zeroizing<String> =
        Zeroizing::new(text.trim().chars().filter(|c| !matches!(c, ' ' | '-')).collect());
    let (number, last) = bare.split_at_checked(17).ok_or(IdError::Form)?;
    let check = match last {
        "X" | "x" => 10,
        digit if digit.len() == 1 => digit.parse::<u8>().map_err(|_| IdError::Form)?,
        _ => return Err(IdError::Form),
    };
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(IdError::Form);
    }
    let digits: Vec<u8> = number.bytes().map(|b| b - b'0').collect();
    let place = pair(&digits).unsigned_abs();
    if digits[0] != 9 && PLACES.binary_search(&place).is_err() {
        return Err(IdError::Place("the first two digits"));
    }
    let year = i16::from(pair(&digits[6..])) * 100 + i16::from(pair(&digits[8..]));
    let birth = Date::new(year, pair(&digits[10..]), pair(&digits[12..]))
        .map_err(|_| IdError::Date("the date of birth"))?;
    if check_value(&digits) != check {
        return Err(IdError::Checksum("the number"));
    }
    let sex = if digits[16] % 2 == 1 { Sex::Male } else { Sex::Female };
    let written = Zeroizing::new(bare.to_uppercase());
    let birth = Some(Birth::Day(birth));
    Ok(IdNumber::new(IdKind::ChineseResidentId, &written, birth, Some(sex)))
}

/// ISO 7064, mod 11-2: 10 is written `X`.
pub(super) fn check_value(digits: &[u8]) -> u8 {
    let rest = digits.iter().fold(0, |rest, digit| (rest + u32::from(*digit)) * 2 % 11);
    u8::try_from((12 - rest) % 11).unwrap_or(0)
}
