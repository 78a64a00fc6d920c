//! Credentials: what a verified code says, who issued it, how long it holds; and the one door, [`verify`].

pub mod status;
pub mod trust;

use std::fmt;

use data_encoding::HEXLOWER;
use sync::{
    id::{PublicKey, Subject},
    record::{ClockTrust, Status},
    time::UnixMillis,
};

use crate::{
    clock::{Moment, SKEW_MILLIS},
    code::{Code, OtherCode},
    reason::Reason,
};
use status::{Purpose, StatusClaims};
use trust::{Revocations, TrustList};

/// The id that an issuer gives a token, by which it can be revoked: CWT's `cti` (RFC 8392 §3.1.7), 8 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cti([u8; 8]);

impl Cti {
    /// From its bytes.
    pub const fn new(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// From 16 lower-case hexadecimal digits, the form of revocation lists.
    pub fn from_hex(text: &str) -> Option<Self> {
        HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }
}

/// Lower-case hexadecimal.
impl fmt::Display for Cti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Cti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cti(…)")
    }
}

/// What kind of code a credential was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Our own status token, `ST1:`.
    Status,
}

impl Format {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Status => "status",
        }
    }
}

/// What a credential says of its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The issuer's own verdict; holds until the credential expires. Never [`Status::Grey`].
    Colour(Status),
    /// Something that happened; the region's policy says what follows from it.
    Fact {
        /// What happened.
        kind: FactKind,
        /// When it happened.
        at: UnixMillis,
    },
}

/// What may have happened to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FactKind {
    /// Tested negative.
    NegativeTest,
    /// Tested positive.
    PositiveTest,
    /// Was in contact with a case.
    Contact,
    /// Completed a vaccination.
    Vaccination,
    /// Recovered, in the issuer's judgement.
    Recovery,
}

impl FactKind {
    /// Every kind, in the order of the numbers on the wire.
    pub const ALL: [Self; 5] =
        [Self::NegativeTest, Self::PositiveTest, Self::Contact, Self::Vaccination, Self::Recovery];

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NegativeTest => "negative-test",
            Self::PositiveTest => "positive-test",
            Self::Contact => "contact",
            Self::Vaccination => "vaccination",
            Self::Recovery => "recovery",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// The stable word of a status.
pub const fn status_word(status: Status) -> &'static str {
    match status {
        Status::Green => "green",
        Status::Blue => "blue",
        Status::Yellow => "yellow",
        Status::Red => "red",
        Status::Grey => "grey",
    }
}

/// The status of a word.
pub fn status_from_word(word: &str) -> Option<Status> {
    let all = [Status::Green, Status::Blue, Status::Yellow, Status::Red, Status::Grey];
    all.into_iter().find(|s| status_word(*s) == word)
}

/// A code that was verified: form, signature, time and revocation held when [`verify`] was asked.
///
/// Only [`verify`] makes one. Its `Debug` names nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    format: Format,
    claims: StatusClaims,
}

impl Credential {
    /// What kind of code it was read from.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Who issued it, by the name in the trust list.
    pub fn issuer(&self) -> &str {
        self.claims.issuer()
    }

    /// The authority's pseudonym of the holder.
    pub fn subject(&self) -> Subject {
        self.claims.subject()
    }

    /// The id by which it can be revoked.
    pub fn cti(&self) -> Cti {
        self.claims.cti()
    }

    /// When it was issued.
    pub fn issued_at(&self) -> UnixMillis {
        self.claims.issued_at()
    }

    /// From then on it holds no longer.
    pub fn expires(&self) -> UnixMillis {
        self.claims.expires()
    }

    /// What it says of its holder.
    pub fn claim(&self) -> Claim {
        self.claims.claim()
    }

    /// The holder's name as far as staff may see it, such as `A*** K.`.
    pub fn masked_name(&self) -> Option<&str> {
        self.claims.masked_name()
    }

    /// The holder's year of birth.
    pub fn birth_year(&self) -> Option<u16> {
        self.claims.birth_year()
    }

    /// The key that a phone proves to hold; absent on paper.
    pub fn holder(&self) -> Option<PublicKey> {
        self.claims.holder()
    }

    /// Whether it is meant, or only shows how a credential looks.
    pub fn purpose(&self) -> Purpose {
        self.claims.purpose()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({} by {}, {:?})", self.format.word(), self.issuer(), self.claim())
    }
}

/// A code that is not let through: a value that staff see, not an error that logs see.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// Why.
    pub reason: Reason,
    /// Whom the code names as its issuer, where it came so far; believed only if the reason is about time or
    /// revocation, which are checked after the signature.
    pub issuer: Option<String>,
}

impl Refused {
    /// A refusal before any issuer was read.
    pub const fn because(reason: Reason) -> Self {
        Self { reason, issuer: None }
    }
}

/// Is this code a credential that holds now? The same answer for the same arguments, on every node.
///
/// Checked in this order, the first failure counts: form, issuer, signature, time, revocation. Under a clock that
/// is not believed `now` is the floor: "expired" stays certain, and "not yet valid" is not claimed.
///
/// # Errors
/// [`Refused`] is the negative answer, with its reason.
pub fn verify(
    code: &Code,
    trust: &TrustList,
    revocations: &Revocations,
    now: Moment,
) -> Result<Credential, Refused> {
    let text = match code {
        Code::Status(text) => text,
        Code::Dcc(_) | Code::Shc(_) => return Err(Refused::because(Reason::UnsupportedFormat)),
        Code::Other(OtherCode::TooLong) => return Err(Refused::because(Reason::TooLarge)),
        Code::Other(OtherCode::UnknownVersion) => return Err(Refused::because(Reason::BadPrefix)),
        Code::Membership(_)
        | Code::Bulletin(_)
        | Code::VenueGrant(_)
        | Code::Poster(_)
        | Code::Other(_) => {
            return Err(Refused::because(Reason::NotACredential));
        }
    };
    let claims = status::verify_signature(text, trust, now)?;
    match check_time(&claims, now).and_then(|()| check_revoked(&claims, revocations, now)) {
        Ok(()) => Ok(Credential { format: Format::Status, claims }),
        Err(reason) => Err(Refused { reason, issuer: Some(claims.issuer().to_owned()) }),
    }
}

fn check_time(claims: &StatusClaims, now: Moment) -> Result<(), Reason> {
    let clock_may_be_behind = now.trust == ClockTrust::Unknown;
    if claims.issued_at() > now.wall.plus_millis(SKEW_MILLIS) && !clock_may_be_behind {
        return Err(Reason::NotYetValid);
    }
    if claims.expires() <= now.wall { Err(Reason::Expired) } else { Ok(()) }
}

fn check_revoked(
    claims: &StatusClaims,
    revocations: &Revocations,
    now: Moment,
) -> Result<(), Reason> {
    if revocations.names(&claims.cti(), now.wall) { Err(Reason::Revoked) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
