//! A key that signs foreign credentials, and for what: formats, issuer, times, kinds of statement.

use std::fmt;

use sync::time::UnixMillis;

use crate::token::{Format, signature::VerifyingKey};

/// Kinds of statement, as EU certificates of signers tell them apart; several at once.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Uses(u8);

impl Uses {
    /// None of them: what a credential needs that makes no such statement.
    pub const NONE: Self = Self(0);
    /// Tests.
    pub const TEST: Self = Self(1);
    /// Vaccinations.
    pub const VACCINATION: Self = Self(2);
    /// Recoveries.
    pub const RECOVERY: Self = Self(4);
    /// What a certificate allows that is meant for none of ours.
    const NOT_OURS: Self = Self(8);
    /// Everything.
    pub const ANY: Self = Self(15);

    const WORDS: [(&str, Self); 3] =
        [("test", Self::TEST), ("vaccination", Self::VACCINATION), ("recovery", Self::RECOVERY)];

    /// The use of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(w, _)| *w == word).map(|(_, uses)| *uses)
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// A key that may sign nothing of ours.
    pub(super) const fn other() -> Self {
        Self::NOT_OURS
    }

    /// Whether these cover what is needed. Who may sign nothing of ours may not sign a statement of no kind either.
    pub const fn allow(self, needed: Self) -> bool {
        let any_of_ours = self.0 & 7 != 0;
        any_of_ours && self.0 & needed.0 == needed.0
    }
}

impl fmt::Debug for Uses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = Self::WORDS.iter().filter(|(_, uses)| self.0 & uses.0 != 0).map(|(w, _)| *w);
        write!(f, "Uses({})", words.collect::<Vec<_>>().join(", "))
    }
}

/// When and for what a key may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Not before then.
    pub not_before: UnixMillis,
    /// Not from then on.
    pub not_after: UnixMillis,
    /// Which statements it may sign.
    pub uses: Uses,
}

impl Terms {
    /// Always and for everything, as key sets and `did` documents say nothing of it.
    pub const OPEN: Self = Self {
        not_before: UnixMillis::new(i64::MIN),
        not_after: UnixMillis::new(i64::MAX),
        uses: Uses::ANY,
    };

    /// What both of them allow.
    #[must_use]
    pub(super) fn within(self, other: Self) -> Self {
        Self {
            not_before: self.not_before.max(other.not_before),
            not_after: self.not_after.min(other.not_after),
            uses: Uses(self.uses.0 & other.uses.0),
        }
    }
}

/// A key that signs foreign credentials.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The formats it signs.
    pub(crate) formats: Box<[Format]>,
    /// The only issuer it signs for; a certificate's key signs for any, as its kid stands for it.
    pub(crate) issuer: Option<Box<str>>,
    /// The id under which credentials name the key: bytes, or those of a text.
    pub(crate) kid: Box<[u8]>,
    /// The country of its certificate, two or three letters.
    pub(crate) country: Option<Box<str>>,
    /// The key.
    pub(crate) key: VerifyingKey,
    /// When and for what.
    pub(crate) terms: Terms,
    /// The SHA-256 of its certificate.
    pub(crate) certificate: Option<[u8; 32]>,
}

impl Signer {
    pub(super) fn signs(&self, format: Format) -> bool {
        self.formats.contains(&format)
    }

    pub(super) fn may_name(&self, issuer: &str) -> bool {
        self.issuer.as_deref().is_none_or(|name| name == issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_cover_what_they_name() {
        let check = |has: Uses, needs: Uses, expected| assert_eq!(has.allow(needs), expected);
        check(Uses::TEST, Uses::TEST, true);
        check(Uses::TEST, Uses::VACCINATION, false);
        check(Uses::TEST, Uses::TEST.and(Uses::RECOVERY), false);
        check(Uses::ANY, Uses::TEST.and(Uses::RECOVERY), true);
        check(Uses::TEST, Uses::NONE, true);
        check(Uses::other(), Uses::NONE, false);
        assert_eq!(Uses::from_word("recovery"), Some(Uses::RECOVERY));
        assert_eq!(format!("{:?}", Uses::TEST.and(Uses::RECOVERY)), "Uses(test, recovery)");
    }
}
