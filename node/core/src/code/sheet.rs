//! The lines of a paper sheet on which visits are written while the door is out of work: each has a code by which it is
//! typed in later, once. Pure.
//!
//! `7KQ2M-04-9F`: five letters of the sheet, the line, and two letters of a check that hangs on the venue.

use sha2::{Digest, Sha256};
use sync::id::{Tag, VenueId};

/// The lines of one sheet.
pub const SHEET_LINES: u8 = 20;
/// Digits and capitals without those that look like others (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SHEET_CHARS: usize = 5;
const CONTEXT: &[u8] = b"vestibule/paper-line/1";

/// One line of one sheet of one venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line {
    venue: VenueId,
    sheet: [u8; SHEET_CHARS],
    number: u8,
}

/// Why a text is no line of this venue's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// Not of the form.
    #[error("a line's code has five letters, two digits and two letters, such as 7KQ2M-04-9F")]
    Form,
    /// Mistyped, or of another venue's sheet.
    #[error("the last two letters do not fit: mistyped, or of another venue's sheet")]
    Check,
}

/// The lines of a new sheet, from random bytes.
pub fn sheet(venue: VenueId, random: [u8; SHEET_CHARS]) -> Vec<Line> {
    let sheet = random.map(|byte| LETTERS[usize::from(byte % 32)]);
    (1..=SHEET_LINES).map(|number| Line { venue, sheet, number }).collect()
}

impl Line {
    /// Reads a code as it was typed: small letters, missing hyphens, and letters that look like digits are understood.
    ///
    /// # Errors
    /// [`LineError`] says what is wrong with it.
    pub fn read(text: &str, venue: VenueId) -> Result<Self, LineError> {
        let kept = text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(16);
        let letters: Option<Vec<u8>> = kept.map(letter).collect();
        let letters = letters.filter(|l| l.len() == SHEET_CHARS + 4).ok_or(LineError::Form)?;
        let (sheet, rest) = letters.split_at(SHEET_CHARS);
        let digit = |byte: u8| byte.is_ascii_digit().then(|| byte - b'0').ok_or(LineError::Form);
        let number = digit(rest[0])? * 10 + digit(rest[1])?;
        if !(1..=SHEET_LINES).contains(&number) {
            return Err(LineError::Form);
        }
        let sheet = sheet.try_into().map_err(|_| LineError::Form)?;
        let line = Self { venue, sheet, number };
        if line.check() == rest[2..] { Ok(line) } else { Err(LineError::Check) }
    }

    /// Its number on the sheet, from 1.
    pub fn number(&self) -> u8 {
        self.number
    }

    /// The sheet's letters.
    pub fn sheet(&self) -> String {
        self.sheet.iter().map(|byte| char::from(*byte)).collect()
    }

    /// The code as it is printed.
    pub fn code(&self) -> String {
        let check: String = self.check().iter().map(|byte| char::from(*byte)).collect();
        format!("{}-{:02}-{check}", self.sheet(), self.number)
    }

    /// The tag of the visits written on it: who goes out by a line is who came in by it. The same at every door and on
    /// every day, so that a line that is typed in twice is seen to be one.
    pub fn tag(&self) -> Tag {
        let mut tag = [0; Tag::LEN];
        tag.copy_from_slice(&self.hash()[2..2 + Tag::LEN]);
        Tag::new(tag)
    }

    fn check(&self) -> [u8; 2] {
        let hash = self.hash();
        [hash[0], hash[1]].map(|byte| LETTERS[usize::from(byte % 32)])
    }

    fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(CONTEXT);
        hash.update(self.venue.get().to_be_bytes());
        hash.update(self.sheet);
        hash.update([self.number]);
        hash.finalize().into()
    }
}

fn letter(c: char) -> Option<u8> {
    let upper = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    let byte = u8::try_from(upper).ok()?;
    LETTERS.contains(&byte).then_some(byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VENUE: VenueId = VenueId::new(17);

    #[test]
    fn a_line_reads_back_as_people_type_it_and_slips_are_seen() {
        let lines = sheet(VENUE, [7, 8, 200, 31, 0]);
        assert_eq!(lines.len(), 20);
        let code = lines[3].code();
        assert_eq!((code.len(), lines[3].number(), &code[6..8]), (11, 4, "04"));
        for typed in
            [code.clone(), code.to_lowercase(), code.replace('-', " "), code.replace('0', "o")]
        {
            assert_eq!(Line::read(&typed, VENUE), Ok(lines[3]), "{typed}");
        }
        assert_eq!(Line::read(&code, VenueId::new(18)), Err(LineError::Check));
        assert_eq!(Line::read(&code.replace("-04-", "-05-"), VENUE), Err(LineError::Check));
        for wrong in ["", "7KQ2M", "7KQ2M-21-9F", "7KQ2M-00-9F", "7KQ2M-A4-9F", "UUUUU-04-9F", "ж"]
        {
            assert_eq!(Line::read(wrong, VENUE), Err(LineError::Form), "{wrong}");
        }
        let tags: std::collections::BTreeSet<_> = lines.iter().map(Line::tag).collect();
        assert_eq!(tags.len(), 20);
    }

    proptest! {
        #[test]
        fn any_line_reads_back_and_no_text_makes_it_panic(random: [u8; 5], text in ".{0,40}") {
            for line in sheet(VENUE, random) {
                prop_assert_eq!(Line::read(&line.code(), VENUE), Ok(line));
            }
            let _ = Line::read(&text, VENUE);
        }
    }
}
