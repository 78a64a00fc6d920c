//! A number that a person types for a visitor: one of five kinds, checked, in the plain form in which it is sealed. Pure.

use std::fmt;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use sync::{
    sealed::{NumberKind, Typed},
    time::UnixMillis,
};
use zeroize::Zeroizing;

use super::{Birth, IdError, IdKind, IdNumber};
use crate::phone::Phone;

/// A passport's number as it is printed, without the zone for machines: so many letters and digits (ICAO 9303 part 4
/// has nine at most in the zone; some states print more).
const PASSPORT_CHARS: std::ops::RangeInclusive<usize> = 5..=12;
/// At least so many of them are digits, so that a name is no number.
const PASSPORT_DIGITS_MIN: usize = 3;
/// From which age one is an elder, years.
pub const ELDER_FROM_YEARS: i16 = 60;
/// Until which age one is a child, years.
pub const CHILD_TO_YEARS: i16 = 16;
/// How many of the last characters tell numbers apart on a screen.
const ENDS: usize = 2;

/// A typed number whose form and checksum hold. Wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct TypedNumber {
    kind: NumberKind,
    number: Zeroizing<String>,
    birth: Option<Birth>,
}

/// Whom a look-up may be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// 60 and older.
    Elder,
    /// 16 and younger.
    Child,
}

/// Whether a number's holder is of a group, as far as the number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belongs {
    /// Certainly.
    Yes,
    /// Not, or perhaps not.
    No,
    /// The number says nothing of an age.
    Unsaid,
}

impl TypedNumber {
    /// Reads what was typed as a number of this kind. A passport is its printed number, or both lines of its zone for
    /// machines, whose check digits must hold then.
    ///
    /// # Errors
    /// [`IdError`] says what is wrong with it.
    pub fn read(kind: NumberKind, text: &str) -> Result<Self, IdError> {
        let of = |kind| IdNumber::read(kind, text);
        let read = match kind {
            NumberKind::Iin => of(IdKind::KazakhIin)?,
            NumberKind::Cccd => of(IdKind::VietnameseCccd)?,
            NumberKind::ResidentId => of(IdKind::ChineseResidentId)?,
            NumberKind::Passport if text.contains('<') => of(IdKind::Passport)?,
            NumberKind::Passport => return Self::printed_passport(text),
            NumberKind::Phone => {
                let phone = Phone::read(text, "").map_err(|_| IdError::Form)?;
                let number = Zeroizing::new(phone.as_str().to_owned());
                return Ok(Self { kind, number, birth: None });
            }
        };
        Ok(Self { kind, number: Zeroizing::new(read.number().to_owned()), birth: read.birth() })
    }

    fn printed_passport(text: &str) -> Result<Self, IdError> {
        let bare = text.trim().chars().filter(|c| !matches!(c, ' ' | '-'));
        let number: Zeroizing<String> =
            Zeroizing::new(bare.take(2 * PASSPORT_CHARS.end()).collect::<String>().to_uppercase());
        let known = number.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        if !known || !PASSPORT_CHARS.contains(&number.len()) || digits < PASSPORT_DIGITS_MIN {
            return Err(IdError::Form);
        }
        Ok(Self { kind: NumberKind::Passport, number, birth: None })
    }

    /// What kind it is.
    pub fn kind(&self) -> NumberKind {
        self.kind
    }

    /// When its holder was born, as far as it says so.
    pub fn birth(&self) -> Option<Birth> {
        self.birth
    }

    /// The number as it is sealed.
    pub fn to_typed(&self) -> Typed {
        Typed { kind: self.kind, number: self.number.to_string() }
    }

    /// Its last two characters, by which a person tells several on a screen apart.
    pub fn ends(&self) -> String {
        self.number.chars().skip(self.number.len().saturating_sub(ENDS)).collect()
    }

    /// Whether its holder is of a group for certain: of a year alone its less favourable end counts. Where only two digits
    /// of the year are known, the century is the latest that is not ahead.
    pub fn belongs_to(&self, group: Group, now: UnixMillis) -> Belongs {
        let Some(birth) = self.birth else { return Belongs::Unsaid };
        let ages = birth.latest(now).zip(today(now)).map(|(latest, today)| {
            let earliest = match birth {
                Birth::Day(_) | Birth::Century { day: Some(_), .. } => latest,
                Birth::Year(_) | Birth::Century { day: None, .. } => {
                    Date::new(latest.year(), 1, 1).unwrap_or(latest)
                }
            };
            (years(latest, today), years(earliest, today))
        });
        match (group, ages) {
            (Group::Elder, Some((least, _))) if least >= ELDER_FROM_YEARS => Belongs::Yes,
            (Group::Child, Some((_, most))) if most <= CHILD_TO_YEARS => Belongs::Yes,
            _ => Belongs::No,
        }
    }
}

/// The kind alone.
impl fmt::Debug for TypedNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TypedNumber({})", self.kind.word())
    }
}

fn today(now: UnixMillis) -> Option<Date> {
    Some(Timestamp::from_millisecond(now.get()).ok()?.to_zoned(TimeZone::UTC).date())
}

/// Full years. Who was born on 29 February is a year older from 1 March on.
fn years(birth: Date, today: Date) -> i16 {
    let had = (today.month(), today.day()) >= (birth.month(), birth.day());
    today.year() - birth.year() - i16::from(!had)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000); // 21 September 2026

    fn read(kind: NumberKind, text: &str) -> Result<TypedNumber, IdError> {
        TypedNumber::read(kind, text)
    }

    #[test]
    fn each_kind_is_read_in_its_plain_form() {
        let check = |kind, text: &str, plain: &str| {
            let typed = read(kind, text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(typed.to_typed().number, plain);
            assert_eq!(typed.kind(), kind);
            assert!(plain.ends_with(&typed.ends()) && typed.ends().len() == 2);
            assert!(!format!("{typed:?}").contains(plain));
        };
        check(NumberKind::Iin, " 800101 300006 ", "800101300006");
        check(NumberKind::Cccd, "001080000001", "001080000001");
        check(NumberKind::ResidentId, "11010120120101001x", "11010120120101001X");
        check(NumberKind::Passport, "n 1234-5678", "N12345678");
        check(
            NumberKind::Passport,
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
            "L898902C3",
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |kind, text, error| assert_eq!(read(kind, text).unwrap_err(), error, "{text}");
        check(NumberKind::Iin, "80010130000", IdError::Form);
        check(NumberKind::Iin, "800101300007", IdError::Checksum("the number"));
        check(NumberKind::Iin, "801301300006", IdError::Date("the date of birth"));
        check(NumberKind::ResidentId, "110101201201010012", IdError::Checksum("the number"));
        check(NumberKind::Cccd, "003080000001", IdError::Place("the province"));
        check(NumberKind::Passport, "ANNA", IdError::Form);
        check(NumberKind::Passport, "ANNAMARIA", IdError::Form);
        check(NumberKind::Passport, "Ж12345678", IdError::Form);
        check(NumberKind::Passport, "", IdError::Form);
        check(NumberKind::Passport, &"1".repeat(2000), IdError::Form);
    }

    #[test]
    fn elders_and_children_are_so_for_certain() {
        use Belongs::{No, Unsaid, Yes};
        let check = |kind, text: &str, elder, child| {
            let typed = read(kind, text).unwrap();
            let groups = [Group::Elder, Group::Child].map(|g| typed.belongs_to(g, NOON));
            assert_eq!(groups, [elder, child], "{text}");
        };
        check(NumberKind::ResidentId, "110101194901010018", Yes, No);
        check(NumberKind::ResidentId, "11010120120101001X", No, Yes);
        check(NumberKind::ResidentId, "110101199001010015", No, No);
        check(NumberKind::Iin, "600101300014", Yes, No);
        check(NumberKind::Iin, "661123300008", No, No); // 60 in two months
        check(NumberKind::Iin, "101123500005", No, Yes); // 15 until November
        check(NumberKind::Iin, "091123500010", No, Yes); // 16 until November
        check(NumberKind::Cccd, "001065000001", Yes, No); // some day of 1965
        check(NumberKind::Cccd, "001066000001", No, No); // perhaps not yet 60
        check(NumberKind::Cccd, "001210000001", No, Yes); // some day of 2010: at most 16
        check(NumberKind::Cccd, "001209000001", No, No); // perhaps 17 already
        check(NumberKind::Passport, "N12345678", Unsaid, Unsaid);
    }

    proptest! {
        #[test]
        fn nobody_is_both_and_no_text_panics(text in ".{0,100}", now in any::<i64>()) {
            for kind in NumberKind::ALL {
                if let Ok(typed) = read(kind, &text) {
                    let now = UnixMillis::new(now);
                    let both = [Group::Elder, Group::Child]
                        .map(|group| typed.belongs_to(group, now) == Belongs::Yes);
                    prop_assert_ne!(both, [true, true]);
                    prop_assert!(typed.to_typed().number.len() <= sync::sealed::NUMBER_MAX);
                }
            }
        }

        /// The tenth digit may hide behind the second pass; of the eleventh the first pass sees nothing, for it weighs 11.
        #[test]
        fn a_wrong_digit_of_an_iin_is_told(place in 0usize..9, digit in 0u8..10) {
            let good = b"800101300006";
            let mut typed = *good;
            typed[place] = b'0' + digit;
            let text = std::str::from_utf8(&typed).unwrap();
            prop_assert_eq!(read(NumberKind::Iin, text).is_ok(), typed == *good);
        }
    }
}
