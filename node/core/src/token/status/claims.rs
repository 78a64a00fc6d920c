//! The claims of a status token, within their bounds: whoever holds a [`StatusClaims`] need not check them again.

use std::fmt;

use sync::{
    id::{PublicKey, Subject},
    record::Status,
    time::UnixMillis,
};

use crate::{
    clock::SKEW_MILLIS,
    token::{Claim, Cti},
};

const ISSUER_BYTES_MAX: usize = 64;
const NAME_BYTES_MAX: usize = 64;
/// 9999-12-31T23:59:59Z: the last second that RFC 3339 can write.
const TIME_MAX: UnixMillis = UnixMillis::from_secs(253_402_300_799);
const BIRTH_YEARS: std::ops::RangeInclusive<u16> = 1850..=2200;

/// A truncated SHA-256 of the holder's photo, by which a shown photo can be matched.
pub type PhotoHash = [u8; 16];

/// Whether a token is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// It speaks of a person.
    Live,
    /// It only shows how a token looks; it admits nobody.
    Specimen,
}

/// What a status token says. Times are kept to the second, as the token carries them.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusClaims {
    issuer: Box<str>,
    subject: Subject,
    cti: Cti,
    issued_at: UnixMillis,
    expires: UnixMillis,
    claim: Claim,
    masked_name: Option<Box<str>>,
    birth_year: Option<u16>,
    photo: Option<PhotoHash>,
    holder: Option<PublicKey>,
    purpose: Purpose,
}

/// Which claim is out of its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimsError {
    /// Empty, over 64 bytes, or with characters that are not shown.
    #[error("issuer must have 1 to {ISSUER_BYTES_MAX} bytes of visible text")]
    Issuer,
    /// Empty, over 64 bytes, or with characters that are not shown.
    #[error("masked name must have 1 to {NAME_BYTES_MAX} bytes of visible text")]
    MaskedName,
    /// Not a year that a living person was born in.
    #[error("birth year must lie between 1850 and 2200")]
    BirthYear,
    /// Before 1970, after 9999, or expiring before it is issued.
    #[error("a token must be issued before it expires, between 1970 and 9999")]
    Lifetime,
    /// The event lies after the issue, or before 1970.
    #[error("the event of a token must not be later than its issue")]
    EventTime,
    /// Grey is what a door says when it cannot confirm; no issuer says it.
    #[error("a token cannot say grey")]
    Grey,
}

impl StatusClaims {
    /// Claims without the optional ones; times are cut to the second.
    ///
    /// # Errors
    /// [`ClaimsError`] names the claim that is out of its bounds.
    pub fn new(
        issuer: &str,
        subject: Subject,
        cti: Cti,
        issued_at: UnixMillis,
        expires: UnixMillis,
        claim: Claim,
    ) -> Result<Self, ClaimsError> {
        if !is_visible(issuer, ISSUER_BYTES_MAX) {
            return Err(ClaimsError::Issuer);
        }
        let (issued_at, expires) = (to_second(issued_at), to_second(expires));
        if issued_at.get() < 0 || expires > TIME_MAX || expires <= issued_at {
            return Err(ClaimsError::Lifetime);
        }
        let claim = match claim {
            Claim::Colour(Status::Grey) => return Err(ClaimsError::Grey),
            Claim::Colour(colour) => Claim::Colour(colour),
            Claim::Fact { kind, at } => Claim::Fact { kind, at: to_second(at) },
        };
        if let Claim::Fact { at, .. } = claim
            && (at.get() < 0 || at > issued_at.plus_millis(SKEW_MILLIS))
        {
            return Err(ClaimsError::EventTime);
        }
        Ok(Self {
            issuer: issuer.into(),
            subject,
            cti,
            issued_at,
            expires,
            claim,
            masked_name: None,
            birth_year: None,
            photo: None,
            holder: None,
            purpose: Purpose::Live,
        })
    }

    /// With the name as far as staff may see it.
    ///
    /// # Errors
    /// [`ClaimsError::MaskedName`] when it is empty, too long or not visible.
    pub fn with_masked_name(mut self, name: &str) -> Result<Self, ClaimsError> {
        if !is_visible(name, NAME_BYTES_MAX) {
            return Err(ClaimsError::MaskedName);
        }
        self.masked_name = Some(name.into());
        Ok(self)
    }

    /// With the year of birth.
    ///
    /// # Errors
    /// [`ClaimsError::BirthYear`] when nobody alive was born then.
    pub fn with_birth_year(mut self, year: u16) -> Result<Self, ClaimsError> {
        if !BIRTH_YEARS.contains(&year) {
            return Err(ClaimsError::BirthYear);
        }
        self.birth_year = Some(year);
        Ok(self)
    }

    /// With the hash of the holder's photo.
    #[must_use]
    pub fn with_photo(mut self, photo: PhotoHash) -> Self {
        self.photo = Some(photo);
        self
    }

    /// With the key that the holder's phone proves to hold.
    #[must_use]
    pub fn with_holder(mut self, key: PublicKey) -> Self {
        self.holder = Some(key);
        self
    }

    /// With another purpose than [`Purpose::Live`].
    #[must_use]
    pub fn with_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// Who issues it: CWT `iss`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The holder's pseudonym: CWT `sub`.
    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// The token's id: CWT `cti`.
    pub fn cti(&self) -> Cti {
        self.cti
    }

    /// When it was issued: CWT `iat`.
    pub fn issued_at(&self) -> UnixMillis {
        self.issued_at
    }

    /// From then on it holds no longer: CWT `exp`.
    pub fn expires(&self) -> UnixMillis {
        self.expires
    }

    /// What it says of the holder.
    pub fn claim(&self) -> Claim {
        self.claim
    }

    /// The name as far as staff may see it.
    pub fn masked_name(&self) -> Option<&str> {
        self.masked_name.as_deref()
    }

    /// The year of birth.
    pub fn birth_year(&self) -> Option<u16> {
        self.birth_year
    }

    /// The hash of the holder's photo.
    pub fn photo(&self) -> Option<PhotoHash> {
        self.photo
    }

    /// The holder's key: CWT `cnf` (RFC 8747 §3.2).
    pub fn holder(&self) -> Option<PublicKey> {
        self.holder
    }

    /// Whether it is meant.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }
}

/// Names nobody: neither subject nor name nor id.
impl fmt::Debug for StatusClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatusClaims(by {}, {:?}, until {})", self.issuer, self.claim, self.expires)
    }
}

fn to_second(at: UnixMillis) -> UnixMillis {
    UnixMillis::from_secs(at.secs())
}

// Controls break lines and terminals, zero-width and direction marks make a name read as another.
/// Whether a text of an issuer is fit to be shown.
pub(in crate::token) fn is_visible(text: &str, bytes_max: usize) -> bool {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    (1..=bytes_max).contains(&text.len()) && !text.trim().is_empty() && !text.chars().any(hidden)
}
