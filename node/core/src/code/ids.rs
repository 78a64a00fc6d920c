//! Numbers of people that a typed or scanned text may be: recognised by their form and checksum, never kept in clear. Pure.
//!
//! A number is no credential: nothing in it is signed, and whoever knows a date of birth can guess the rest. It is
//! recognised so that a door can say what it was shown, and so that a mistyped digit is told at once.

mod china;
mod kazakhstan;
mod mrz;
mod typed;
mod vietnam;

use std::fmt;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use sync::time::UnixMillis;
use zeroize::Zeroizing;

pub use typed::{Belongs, CHILD_TO_YEARS, ELDER_FROM_YEARS, Group, TypedNumber};

/// Longer than any text that a number of a person comes in, bytes: the payload of a Vietnamese card with its address.
pub const ID_TEXT_MAX: usize = 1024;

/// What kind of number a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum IdKind {
    /// Kazakhstan's IIN: 12 digits.
    KazakhIin,
    /// Viet Nam's citizen card number: 12 digits, or the `|`-separated text of the card's QR code.
    VietnameseCccd,
    /// China's resident id: 17 digits and a check character.
    ChineseResidentId,
    /// The machine-readable zone of a passport: ICAO 9303 part 4, TD3.
    Passport,
    /// The machine-readable zone of a card: ICAO 9303 part 5, TD1.
    IdentityCard,
    /// The machine-readable zone of a larger card: ICAO 9303 part 6, TD2.
    LargeIdentityCard,
}

impl IdKind {
    /// Every kind, in the order in which a text is tried: what a checksum proves comes before what only looks alike.
    pub const ALL: [Self; 6] = [
        Self::Passport,
        Self::IdentityCard,
        Self::LargeIdentityCard,
        Self::ChineseResidentId,
        Self::KazakhIin,
        Self::VietnameseCccd,
    ];

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::KazakhIin => "kazakh-iin",
            Self::VietnameseCccd => "vietnamese-cccd",
            Self::ChineseResidentId => "chinese-resident-id",
            Self::Passport => "passport",
            Self::IdentityCard | Self::LargeIdentityCard => "identity-card",
        }
    }
}

/// Why a text is no number of the kind that it was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// Not of the form at all: other characters, or another length.
    #[error("it does not have the form")]
    Form,
    /// The check digit does not match: most likely one digit is wrong, or two are swapped.
    #[error("the check digit of {0} does not match: a character is wrong, or two are swapped")]
    Checksum(&'static str),
    /// No such place of issue.
    #[error("{0} names no place that gives such numbers")]
    Place(&'static str),
    /// No such day.
    #[error("{0} is no day of the calendar")]
    Date(&'static str),
    /// The parts of a text say different things.
    #[error("{0} does not agree with the number")]
    Disagrees(&'static str),
}

/// Which sex a number says that its holder is registered under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// How exactly a number says when its holder was born. What it says need not be so: a number is kept when a date is
/// corrected.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Birth {
    /// On this day.
    Day(Date),
    /// In this year.
    Year(i16),
    /// In a year that ends in these two digits, with the day where it is known.
    Century {
        /// The last two digits of the year.
        year: u8,
        /// The month and the day.
        day: Option<(i8, i8)>,
    },
}

impl Birth {
    /// The latest day that it may mean and that is not after `now`; `None` where there is none.
    pub fn latest(self, now: UnixMillis) -> Option<Date> {
        let today = Timestamp::from_millisecond(now.get()).ok()?.to_zoned(TimeZone::UTC).date();
        let last_of = |year: i16| Date::new(year, 12, 31).ok();
        match self {
            Self::Day(day) => (day <= today).then_some(day),
            Self::Year(year) if year == today.year() => Some(today),
            Self::Year(year) => last_of(year).filter(|day| *day <= today),
            Self::Century { year, day } => {
                let century = today.year().div_euclid(100) * 100;
                let of = |century: i16| {
                    let year = century + i16::from(year);
                    match day {
                        Some((month, day)) => Date::new(year, month, day).ok(),
                        None if year == today.year() => Some(today),
                        None => last_of(year),
                    }
                };
                [century, century - 100].into_iter().filter_map(of).find(|day| *day <= today)
            }
        }
    }
}

/// Shows nothing.
impl fmt::Debug for Birth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Birth(…)")
    }
}

/// A number of a person, whose form and checksum hold. Wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct IdNumber {
    kind: IdKind,
    number: Zeroizing<String>,
    birth: Option<Birth>,
    sex: Option<Sex>,
    expires: Option<Date>,
    issuer: Option<[u8; 3]>,
}

impl IdNumber {
    fn new(kind: IdKind, number: &str, birth: Option<Birth>, sex: Option<Sex>) -> Self {
        let number = Zeroizing::new(number.to_owned());
        Self { kind, number, birth, sex, expires: None, issuer: None }
    }

    /// Reads a text as a number of this kind.
    ///
    /// # Errors
    /// [`IdError`] says what is wrong with it.
    pub fn read(kind: IdKind, text: &str) -> Result<Self, IdError> {
        if text.len() > ID_TEXT_MAX {
            return Err(IdError::Form);
        }
        match kind {
            IdKind::KazakhIin => kazakhstan::read(text),
            IdKind::VietnameseCccd => vietnam::read(text),
            IdKind::ChineseResidentId => china::read(text),
            IdKind::Passport => mrz::read_td3(text),
            IdKind::IdentityCard => mrz::read_td1(text),
            IdKind::LargeIdentityCard => mrz::read_td2(text),
        }
    }

    /// Everything that a text may be: twelve digits may be a number of two countries.
    pub fn readings(text: &str) -> impl Iterator<Item = Self> + '_ {
        IdKind::ALL.into_iter().filter_map(move |kind| Self::read(kind, text).ok())
    }

    /// What kind it is.
    pub fn kind(&self) -> IdKind {
        self.kind
    }

    /// The number itself, without separators: to be sealed for the authority, and nothing else.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// When its holder was born, as far as it says so.
    pub fn birth(&self) -> Option<Birth> {
        self.birth
    }

    /// Which sex it says.
    pub fn sex(&self) -> Option<Sex> {
        self.sex
    }

    /// Until which day the document holds, of a machine-readable zone.
    pub fn expires(&self) -> Option<Date> {
        self.expires
    }

    /// The code of the state or organisation that issued the document, of a machine-readable zone.
    pub fn issuer(&self) -> Option<&str> {
        let code = std::str::from_utf8(self.issuer.as_ref()?).ok()?;
        Some(code.trim_end_matches('<'))
    }
}

/// The kind alone.
impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdNumber({})", self.kind.word())
    }
}

/// The digits of a number as it may be typed, in groups with spaces or hyphens between; `None` unless there are `N`.
fn digits<const N: usize>(text: &str) -> Option<[u8; N]> {
    let text = text.trim();
    if text.len() > 2 * N {
        return None;
    }
    let mut found = [0; N];
    let mut places = found.iter_mut();
    for byte in text.bytes().filter(|b| !matches!(b, b' ' | b'-')) {
        *places.next()? = byte.is_ascii_digit().then(|| byte - b'0')?;
    }
    places.next().is_none().then_some(found)
}

fn written(digits: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(digits.iter().map(|digit| char::from(b'0' + digit)).collect())
}

/// The number that two digits make.
fn pair(digits: &[u8]) -> i8 {
    digits.iter().take(2).fold(0, |sum, digit| sum * 10 + i8::try_from(*digit).unwrap_or(0))
}

#[cfg(test)]
mod tests;
