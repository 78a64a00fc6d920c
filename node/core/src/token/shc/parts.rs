//! A card in several codes (`shc:/2/3/…`), and the gathering of its parts in whatever order they are shown.

use std::fmt;

use super::PREFIX;
use crate::{code::Code, reason::Reason};

/// More codes than this for one card are refused.
pub(super) const PARTS_MAX: usize = 12;
/// The longest part, characters of the JWS: what a QR code of version 22 holds beside the head of a part
/// ("Chunking Larger SMART Health Cards").
pub(super) const CHUNK_MAX: usize = 1191;
/// The longest single code, digits: the largest QR symbol holds no more.
const DIGITS_MAX: usize = 7089;

/// One code of a card.
pub(super) struct Part<'t> {
    /// Which of how many, counted from 1; `None` for a card in one code.
    pub(super) place: Option<(usize, usize)>,
    /// What it holds, unchecked.
    pub(super) digits: &'t str,
}

impl<'t> Part<'t> {
    /// Takes a code apart.
    pub(super) fn read(text: &'t str) -> Result<Self, Reason> {
        let rest = text.strip_prefix(PREFIX).ok_or(Reason::BadPrefix)?;
        let mut fields = rest.split('/');
        let (first, second, third) = (fields.next(), fields.next(), fields.next());
        match (first, second, third, fields.next()) {
            (Some(digits), None, None, None) if digits.len() <= DIGITS_MAX => {
                Ok(Self { place: None, digits })
            }
            (Some(n), Some(of), Some(digits), None) if digits.len() <= 2 * CHUNK_MAX => {
                let number = |text: &str| text.parse::<usize>().map_err(|_| Reason::Malformed);
                let (n, of) = (number(n)?, number(of)?);
                if of > PARTS_MAX {
                    return Err(Reason::TooLarge);
                }
                match (1..=of).contains(&n) {
                    true => Ok(Self { place: Some((n, of)), digits }),
                    false => Err(Reason::Malformed),
                }
            }
            (_, None, ..) | (_, _, Some(_), None) => Err(Reason::TooLarge),
            _ => Err(Reason::Malformed),
        }
    }
}

/// What a gatherer makes of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gathered {
    /// To be verified as it is: not a part, or the whole card that this part has completed.
    Whole(Code),
    /// A part; others are awaited.
    Waiting {
        /// How many parts are there.
        have: usize,
        /// Of how many.
        of: usize,
    },
}

/// The parts of one card that were shown so far. A part of another card, as far as that can be told, begins anew; so does
/// whoever asks for it with [`Gatherer::clear`], such as a door after a minute without the next.
#[derive(Clone, Default)]
pub struct Gatherer {
    parts: Vec<Option<Box<str>>>,
}

impl Gatherer {
    /// Takes a code that was shown. Anything but a part is given back, and what was gathered is forgotten.
    pub fn take(&mut self, code: Code) -> Gathered {
        let Code::Shc(text) = &code else {
            self.clear();
            return Gathered::Whole(code);
        };
        // What is wrong with a part is for the verdict to say.
        let Ok(Part { place: Some((n, of)), digits }) = Part::read(text) else {
            self.clear();
            return Gathered::Whole(code);
        };
        let held = self.parts.get(n - 1).and_then(Option::as_deref);
        if self.parts.len() != of || held.is_some_and(|held| held != digits) {
            self.parts = vec![None; of];
        }
        if let Some(part) = self.parts.get_mut(n - 1) {
            *part = Some(digits.into());
        }
        let have: Vec<&str> = self.parts.iter().flatten().map(|part| &**part).collect();
        if have.len() < of {
            return Gathered::Waiting { have: have.len(), of };
        }
        let whole = format!("{PREFIX}{}", have.concat());
        self.clear();
        Gathered::Whole(Code::Shc(whole.into()))
    }

    /// Forgets the parts.
    pub fn clear(&mut self) {
        self.parts.clear();
    }
}

/// Only how many: parts are as secret as the card.
impl fmt::Debug for Gatherer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gatherer({} of {})", self.parts.iter().flatten().count(), self.parts.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(gatherer: &mut Gatherer, text: &str) -> String {
        match gatherer.take(Code::Shc(text.into())) {
            Gathered::Whole(Code::Shc(text)) => text.into(),
            Gathered::Whole(code) => code.word().into(),
            Gathered::Waiting { have, of } => format!("{have} of {of}"),
        }
    }

    #[test]
    fn parts_in_any_order_and_again_make_the_whole() {
        let g = &mut Gatherer::default();
        assert_eq!(take(g, "shc:/2/3/22"), "1 of 3");
        assert_eq!(take(g, "shc:/2/3/22"), "1 of 3");
        assert_eq!(take(g, "shc:/3/3/33"), "2 of 3");
        assert_eq!(take(g, "shc:/1/3/11"), "shc:/112233");
        assert_eq!(take(g, "shc:/1/3/11"), "1 of 3", "the next begins anew");
        assert_eq!(take(g, "shc:/1/3/99"), "1 of 3", "so does another card's part in its place");
        assert_eq!(take(g, "shc:/2/2/22"), "1 of 2", "and one of another number");
        assert_eq!(take(g, "shc:/5555"), "shc:/5555");
        assert_eq!(take(g, "shc:/1/2/11"), "1 of 2", "another code between them began anew");
        assert_eq!(take(g, "shc:/1/1/11"), "shc:/11");
    }

    #[test]
    fn what_is_no_part_is_left_to_the_verdict() {
        let check = |text: &str, expected: Reason| {
            assert_eq!(Part::read(text).map(|p| p.place).unwrap_err(), expected, "{text:.40}");
            assert_eq!(take(&mut Gatherer::default(), text), text);
        };
        check("shc:/0/3/11", Reason::Malformed);
        check("shc:/4/3/11", Reason::Malformed);
        check("shc:/1/99/11", Reason::TooLarge);
        check("shc:/1/3", Reason::Malformed);
        check("shc:/1/3/1/1", Reason::Malformed);
        check("shc:/a/3/11", Reason::Malformed);
        check(&format!("shc:/1/3/{}", "1".repeat(2 * CHUNK_MAX + 1)), Reason::TooLarge);
        check(&format!("shc:/{}", "1".repeat(DIGITS_MAX + 1)), Reason::TooLarge);
    }

    #[test]
    fn debug_shows_no_part() {
        let mut g = Gatherer::default();
        take(&mut g, "shc:/2/3/22");
        assert_eq!(format!("{g:?}"), "Gatherer(1 of 3)");
    }
}
