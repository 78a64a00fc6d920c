//! A verified code of any format: who issued it, what it says of whom, how long it holds, what could withdraw it.

use std::fmt;

use sync::{
    id::{PublicKey, RegionId, Subject},
    time::UnixMillis,
};

use super::{
    fact::Statement,
    ids::RevocableId,
    status::{Purpose, StatusClaims},
};

/// What kind of code a credential was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Our own status token, `ST1:`.
    Status,
    /// The EU Digital COVID Certificate, `HC1:`.
    Dcc,
    /// The Swiss certificate light, `LT1:`: an EU certificate's holder with nothing said of why.
    Light,
    /// A SMART Health Card, `shc:/`.
    Shc,
    /// The New Zealand COVID Pass, `NZCP:/1/`.
    Nzcp,
    /// ICAO's Visible Digital Seal for non-constrained environments: JSON.
    Vdsnc,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 6] =
        [Self::Status, Self::Dcc, Self::Light, Self::Shc, Self::Nzcp, Self::Vdsnc];

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Dcc => "dcc",
            Self::Light => "light",
            Self::Shc => "shc",
            Self::Nzcp => "nzcp",
            Self::Vdsnc => "vds-nc",
        }
    }

    /// The format of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }
}

/// How a code came before the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presented {
    /// On paper, or as a picture of it: whoever has a copy can show it.
    Paper,
    /// By the phone that holds the credential's key, within the last seconds.
    Phone,
    /// By that phone, but this clock cannot tell when: a screenshot looks the same, so it counts as paper.
    PhoneAtUnknownTime,
}

impl Presented {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Phone => "phone",
            Self::PhoneAtUnknownTime => "phone-at-unknown-time",
        }
    }
}

/// Who a foreign credential is of: material to be sealed for the authority, in no log and in no file in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct Holder {
    pub(super) name: Option<Box<str>>,
    pub(super) birth_date: Option<Box<str>>,
    pub(super) credential_id: Box<str>,
}

impl Holder {
    /// The whole name, given names first.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The date of birth as the credential writes it: a year, a month of it, or a day.
    pub fn birth_date(&self) -> Option<&str> {
        self.birth_date.as_deref()
    }

    /// The credential's own id: UVCI, `rid`, `jti`.
    pub fn credential_id(&self) -> &str {
        &self.credential_id
    }
}

/// Names nobody.
impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Holder(…)")
    }
}

/// The CBOR of an EU certificate's health data, for rules that are written over it (`nam`, `dob`, `v`, `t`, `r`).
///
/// It names its holder: to be judged and dropped, in no log and in no file in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct HealthData(pub(super) Box<[u8]>);

impl HealthData {
    /// The bytes: one CBOR map, whose form was checked.
    pub fn as_cbor(&self) -> &[u8] {
        &self.0
    }

    /// As JSON; `None` where it holds what JSON cannot say, such as bytes.
    pub fn to_json(&self) -> Option<serde_json::Value> {
        super::json::from_cbor(&self.0)
    }
}

/// Shows nothing.
impl fmt::Debug for HealthData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HealthData(…)")
    }
}

/// A code that was verified: form, signature, time, key usage and revocation held when [`verify`](super::verify) was asked.
///
/// Only [`verify`](super::verify) makes one. Its `Debug` names nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    pub(super) format: Format,
    pub(super) issuer: Box<str>,
    pub(super) subject: Subject,
    pub(super) ids: Vec<RevocableId>,
    pub(super) issued_at: Option<UnixMillis>,
    pub(super) expires: Option<UnixMillis>,
    pub(super) statement: Statement,
    pub(super) masked_name: Option<Box<str>>,
    pub(super) birth_year: Option<u16>,
    pub(super) presented: Presented,
    pub(super) purpose: Purpose,
    pub(super) holder_key: Option<PublicKey>,
    pub(super) holder: Option<Holder>,
    pub(super) health_data: Option<HealthData>,
    pub(super) region: Option<RegionId>,
}

impl Credential {
    pub(super) fn of_status(claims: &StatusClaims, presented: Presented) -> Self {
        Self {
            format: Format::Status,
            issuer: claims.issuer().into(),
            subject: claims.subject(),
            ids: vec![RevocableId::Cti(claims.cti())],
            issued_at: Some(claims.issued_at()),
            expires: Some(claims.expires()),
            statement: claims.claim().into(),
            masked_name: claims.masked_name().map(Into::into),
            birth_year: claims.birth_year(),
            presented,
            purpose: claims.purpose(),
            holder_key: claims.holder(),
            holder: None,
            health_data: None,
            region: None,
        }
    }

    /// What kind of code it was read from.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Who issued it: the name in the trust list, `iss`, or a country's code.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Which other region's authority issued it, where the trust list names one.
    pub fn region(&self) -> Option<RegionId> {
        self.region
    }

    /// The holder's pseudonym: the authority's for our own tokens; else a hash of the credential's id, by which the same
    /// credential is known again and nothing else.
    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// Every id by which it can be withdrawn.
    pub fn revocable_ids(&self) -> &[RevocableId] {
        &self.ids
    }

    /// When it was issued, where it says so.
    pub fn issued_at(&self) -> Option<UnixMillis> {
        self.issued_at
    }

    /// From then on it holds no longer; `None` where only what it says grows old.
    pub fn expires(&self) -> Option<UnixMillis> {
        self.expires
    }

    /// What it says of its holder.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The holder's name as far as staff may see it, such as `A*** K.`.
    pub fn masked_name(&self) -> Option<&str> {
        self.masked_name.as_deref()
    }

    /// The holder's year of birth.
    pub fn birth_year(&self) -> Option<u16> {
        self.birth_year
    }

    /// How it came before the camera.
    pub fn presented(&self) -> Presented {
        self.presented
    }

    /// The key that a phone proves to hold; absent on paper.
    pub fn holder_key(&self) -> Option<PublicKey> {
        self.holder_key
    }

    /// Whether it is meant, or only shows how a credential looks.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Whom a foreign credential names, to be sealed; our own tokens name nobody but the subject.
    pub fn holder(&self) -> Option<&Holder> {
        self.holder.as_ref()
    }

    /// An EU certificate's health data, for CertLogic.
    pub fn health_data(&self) -> Option<&HealthData> {
        self.health_data.as_ref()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({} by {}, {})", self.format.word(), self.issuer, self.statement)
    }
}
