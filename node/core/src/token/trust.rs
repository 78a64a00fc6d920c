//! Whom this region believes: issuers' keys with their validity.

mod certificate;
mod import;
mod jwk;
mod list;
mod regions;
mod signer;

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ed25519_dalek::VerifyingKey;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use sync::{
    id::{PublicKey, RegionId},
    record::ClockTrust,
    time::UnixMillis,
};

use super::{Format, signature::VerifyingKey as ForeignKey};
use crate::{clock::Moment, reason::Reason};
use certificate::Certificate;
pub use import::ImportKind;
pub use regions::Neighbour;
pub use signer::{Signer, Terms, Uses};

/// The longest trust or revocation list that is read, bytes: what one bulletin carries.
pub const LIST_BYTES_MAX: usize = sync::bulletin::BULLETIN_MAX;
/// How many keys are tried for a credential that names none of the list.
const TRIES_MAX: usize = 8;

/// The id of an issuer's key: the first 4 bytes of the SHA-256 of its 32 bytes. A hint, not a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kid([u8; 4]);

impl Kid {
    /// From its bytes.
    pub const fn new(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// The id of a key.
    pub fn of(key: &PublicKey) -> Self {
        let hash = Sha256::digest(key.as_bytes());
        Self([hash[0], hash[1], hash[2], hash[3]])
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }
}

/// Lower-case hexadecimal.
impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// An issuer's key and when it may be used.
#[derive(Clone, Debug)]
struct Issuer {
    /// The only `iss` it may sign; a bare key file leaves it open.
    name: Option<Box<str>>,
    kid: Kid,
    key: VerifyingKey,
    not_before: UnixMillis,
    not_after: UnixMillis,
    /// Whose people its tokens name, where they are another region's.
    region: Option<RegionId>,
}

/// Who issues signers' certificates: a credential that brings its signer's own need not have it listed.
#[derive(Clone, Debug)]
struct Authority {
    /// Its name as its certificate writes it: DER.
    subject: Box<[u8]>,
    key: ForeignKey,
    /// What the signers that it makes may sign, for whom and how long: they have no more than it has.
    formats: Box<[Format]>,
    issuer: Option<Box<str>>,
    terms: Terms,
}

impl Authority {
    fn of(certificate: &Certificate<'_>) -> Self {
        Self {
            subject: certificate.subject().into(),
            key: certificate.key().clone(),
            formats: certificate.signer().formats,
            issuer: None,
            // Its own usage is to issue; what its signers may do is theirs.
            terms: Terms { uses: Uses::ANY, ..certificate.terms(None) },
        }
    }

    fn makes(&self, format: Format, issuer: &str) -> bool {
        self.formats.contains(&format) && self.issuer.as_deref().is_none_or(|name| name == issuer)
    }
}

/// The keys that may sign credentials. Empty, it believes nobody.
#[derive(Clone, Debug, Default)]
pub struct TrustList {
    version: u64,
    issuers: Vec<Issuer>,
    /// Of foreign credentials; sorted by the key's id.
    signers: Vec<Signer>,
    authorities: Vec<Authority>,
    regions: Vec<Neighbour>,
}

/// Why a list was not read; names the entry and the field.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// Over the limit for such a list.
    #[error("list of {bytes} bytes is over the limit of {most}")]
    TooLarge {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        most: usize,
    },
    /// Not JSON of the shape.
    #[error("list is not of the form")]
    Json(#[source] serde_json::Error),
    /// A JSON list where an object is wanted.
    #[error("list is not a JSON object")]
    NotAnObject,
    /// A field of one entry is wrong.
    #[error("{list}[{entry}].{field}: {problem}")]
    Entry {
        /// The name of the JSON array.
        list: &'static str,
        /// Which entry, counted from 0.
        entry: usize,
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A field of the list itself is wrong.
    #[error("{field}: {problem}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl TrustList {
    /// Reads the JSON form (`schema/trust.schema.json`).
    ///
    /// # Errors
    /// [`ListError`] names the field that is wrong.
    pub fn parse(json: &[u8]) -> Result<Self, ListError> {
        list::read(json)
    }

    /// Reads a bare public key (`*.pub`): 32 bytes as hexadecimal or base64url. It may sign for any issuer at any
    /// time, so it is for the command line alone.
    ///
    /// # Errors
    /// [`ListError::Field`] when the text is no Ed25519 public key.
    pub fn from_public_key(text: &str) -> Result<Self, ListError> {
        let (key, verifying) =
            read_key(text.trim()).map_err(|problem| ListError::Field { field: "key", problem })?;
        let issuer = Issuer {
            name: None,
            kid: Kid::of(&key),
            key: verifying,
            not_before: UnixMillis::new(i64::MIN),
            not_after: UnixMillis::new(i64::MAX),
            region: None,
        };
        Ok(Self { issuers: vec![issuer], ..Self::default() })
    }

    fn add_signers(&mut self, signers: Vec<Signer>) {
        self.signers.extend(signers);
        self.signers.sort_by(|a, b| a.kid.cmp(&b.kid));
    }

    /// Adds another list's keys; the version is the higher one.
    pub fn extend(&mut self, other: Self) {
        self.version = self.version.max(other.version);
        self.issuers.extend(other.issuers);
        self.authorities.extend(other.authorities);
        self.regions.extend(other.regions);
        self.add_signers(other.signers);
    }

    /// The number by which a later list replaces an earlier one.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many keys it holds.
    pub fn len(&self) -> usize {
        self.issuers.len() + self.signers.len()
    }

    /// Whether it believes nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The key with this id that may sign for `issuer` now.
    pub(super) fn key(&self, kid: Kid, issuer: &str, now: Moment) -> Result<&VerifyingKey, Reason> {
        let named = |i: &&Issuer| i.kid == kid && i.name.as_deref().is_none_or(|n| n == issuer);
        let mut known = self.issuers.iter().filter(named).peekable();
        if known.peek().is_none() {
            return Err(Reason::UnknownIssuer);
        }
        known.find(|i| i.holds(now)).map(|i| &i.key).ok_or(Reason::IssuerNotValid)
    }

    /// The keys with this id that sign this format for `issuer`.
    pub(super) fn signers<'l>(
        &'l self,
        format: Format,
        issuer: &'l str,
        kid: &'l [u8],
    ) -> impl Iterator<Item = &'l Signer> {
        let first = self.signers.partition_point(|s| *s.kid < *kid);
        let named = self.signers.iter().skip(first).take_while(move |s| *s.kid == *kid);
        named.filter(move |s| s.signs(format) && s.may_name(issuer)).take(TRIES_MAX)
    }

    /// The keys to try for a credential whose kid is none of the list, those of the issuer's country first. Only EU
    /// certificates and their kin are seen with such.
    pub(super) fn signers_to_try<'l>(
        &'l self,
        format: Format,
        issuer: &'l str,
    ) -> impl Iterator<Item = &'l Signer> {
        let tried = matches!(format, Format::Dcc | Format::Light);
        let of = |own: bool| {
            self.signers.iter().filter(move |s| {
                let is_own = s.country.as_deref().is_some_and(|c| c.eq_ignore_ascii_case(issuer));
                tried && s.signs(format) && s.may_name(issuer) && is_own == own
            })
        };
        of(true).chain(of(false)).take(TRIES_MAX)
    }

    /// The signer whose certificate a credential brings: listed itself, or issued by a listed authority.
    pub(super) fn signer_of_certificate(
        &self,
        format: Format,
        issuer: &str,
        der: &[u8],
    ) -> Result<Signer, Reason> {
        let certificate = Certificate::read(der).map_err(|_| Reason::Malformed)?;
        let mut brought = certificate.signer();
        brought.terms = certificate.terms(Some(format));
        let listed = |s: &&Signer| {
            s.certificate == brought.certificate && s.signs(format) && s.may_name(issuer)
        };
        if let Some(signer) = self.signers.iter().find(listed) {
            let mut signer = signer.clone();
            signer.terms = signer.terms.within(brought.terms);
            return Ok(signer);
        }
        let issued_it = |a: &&Authority| {
            a.makes(format, issuer)
                && *a.subject == *certificate.issuer()
                && certificate.is_signed_by(&a.key)
        };
        let authority = self.authorities.iter().find(issued_it).ok_or(Reason::UnknownIssuer)?;
        // The same authority issues the signers of passports, which have no such usage.
        if !certificate.is_for_seals() {
            return Err(Reason::KeyUsage);
        }
        brought.terms = brought.terms.within(authority.terms);
        Ok(brought)
    }
}

impl Issuer {
    // A clock that is not believed stands at its floor: the key's end is certain, its beginning is not.
    fn holds(&self, now: Moment) -> bool {
        let begun = self.not_before <= now.wall || now.trust == ClockTrust::Unknown;
        begun && now.wall < self.not_after
    }
}

pub(super) fn parse_json<T: for<'d> Deserialize<'d>>(json: &[u8]) -> Result<T, ListError> {
    parse_within(json, LIST_BYTES_MAX)
}

pub(crate) fn parse_within<T: for<'d> Deserialize<'d>>(
    json: &[u8],
    most: usize,
) -> Result<T, ListError> {
    if json.len() > most {
        return Err(ListError::TooLarge { bytes: json.len(), most });
    }
    // The reader would take a list for an object's fields in their order.
    if json.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[') {
        return Err(ListError::NotAnObject);
    }
    serde_json::from_slice(json).map_err(ListError::Json)
}

fn read_key(text: &str) -> Result<(PublicKey, VerifyingKey), &'static str> {
    if text.starts_with("vestibule-key:") {
        return Err("is a secret key; a trust list takes the public one");
    }
    let bytes = match text.len() {
        64 => HEXLOWER.decode(text.as_bytes()).ok(),
        43 => BASE64URL_NOPAD.decode(text.as_bytes()).ok(),
        _ => None,
    };
    let public = bytes.and_then(|b| PublicKey::from_slice(&b)).ok_or("is not a key of 32 bytes")?;
    let key =
        VerifyingKey::from_bytes(public.as_bytes()).map_err(|_| "is not a point of Ed25519")?;
    if key.is_weak() { Err("is a weak key that signs anything") } else { Ok((public, key)) }
}

pub(crate) fn read_time(text: &str) -> Result<UnixMillis, &'static str> {
    UnixMillis::parse(text).ok_or("is not a time such as 2026-11-21T14:00:00Z")
}
