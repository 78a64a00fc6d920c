//! The secret that a visitor's phone keeps of a visit: whoever has it may see what is held of that visit, and end it.
//!
//! The visit is stored under a tag that is a hash of the secret. So any door of the venue that holds the visit knows
//! the secret when it sees it, and nobody finds the secret in a door's files.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use sync::{id::Tag, time::Day};
use zeroize::Zeroizing;

const CONTEXT: &[u8] = b"vestibule/pass/1\0";
const SECRET: usize = 16;

/// A day, and 128 random bits.
#[derive(Clone, PartialEq, Eq)]
pub struct Pass {
    day: Day,
    secret: Zeroizing<[u8; SECRET]>,
}

impl Pass {
    /// A new one for a visit of `day`.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate(day: Day) -> Result<Self, getrandom::Error> {
        let mut secret = Zeroizing::new([0; SECRET]);
        getrandom::fill(&mut *secret)?;
        Ok(Self { day, secret })
    }

    /// The day under which the visit is written.
    pub const fn day(&self) -> Day {
        self.day
    }

    /// The tag under which the visit is stored.
    pub fn tag(&self) -> Tag {
        let mut hash = Sha256::new();
        hash.update(CONTEXT);
        hash.update(*self.secret);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        Tag::new(bytes)
    }

    /// As it stands in an address.
    pub fn to_text(&self) -> String {
        let mut bytes = Zeroizing::new(self.day.get().to_be_bytes().to_vec());
        bytes.extend_from_slice(&*self.secret);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// Reads [`Pass::to_text`]; `None` for anything else.
    pub fn from_text(text: &str) -> Option<Self> {
        if text.len() > 64 {
            return None;
        }
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
        let (day, secret) = bytes.split_first_chunk()?;
        let secret = secret.try_into().ok().map(Zeroizing::new)?;
        Some(Self { day: Day::new(i32::from_be_bytes(*day)), secret })
    }
}

/// Only its day.
impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pass({:?})", self.day)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_reads_back_and_its_tag_does_not_show_it() {
        let pass = Pass::generate(Day::new(20_000)).unwrap();
        let text = pass.to_text();
        assert_eq!(text.len(), 27);
        assert_eq!(Pass::from_text(&text), Some(pass.clone()));
        assert_ne!(pass.tag().as_bytes(), &*pass.secret);
        assert_ne!(Pass::generate(Day::new(20_000)).unwrap().tag(), pass.tag());
        assert!(!format!("{pass:?}").contains(&text[6..]));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,80}") {
            if let Some(pass) = Pass::from_text(&text) {
                prop_assert_eq!(pass.to_text(), text);
            }
        }
    }
}
