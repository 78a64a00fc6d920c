//! Credentials: what a verified code says, who issued it, how long it holds; and the one door, [`verify`].

pub mod cose;
mod credential;
mod cwt;
mod date;
mod dcc;
pub mod fact;
pub mod ids;
mod json;
mod nzcp;
pub mod revocations;
pub mod shc;
pub mod signature;
pub mod status;
mod transport;
pub mod trust;
mod unverified;
mod vdsnc;

use sync::{record::ClockTrust, time::UnixMillis};

use crate::{
    clock::{Moment, SKEW_MILLIS},
    code::{Code, OtherCode},
    reason::Reason,
};
pub use credential::{Credential, Format, HealthData, Holder, Presented};
pub use fact::{Claim, Fact, FactKind, Statement, status_from_word, status_word};
pub use ids::{Cti, DccHashKind, DccKid, RevocableId};
use revocations::Revocations;
use status::StatusClaims;
use trust::TrustList;

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
/// Checked in this order, the first failure counts: form, issuer, signature, time, key usage or a phone's proof,
/// revocation. Under a clock that
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
    if let Some(read) = foreign(code) {
        return read.map_err(Refused::because)?.check(trust, revocations, now);
    }
    let text = match code {
        Code::Status(text) => text,
        Code::Other(OtherCode::TooLong) => return Err(Refused::because(Reason::TooLarge)),
        Code::Other(OtherCode::UnknownVersion) => return Err(Refused::because(Reason::BadPrefix)),
        Code::Membership(_)
        | Code::Bulletin(_)
        | Code::VenueGrant(_)
        | Code::Poster(_)
        | Code::DayPass(_)
        | Code::Dcc(_)
        | Code::Light(_)
        | Code::Shc(_)
        | Code::Nzcp(_)
        | Code::Vdsnc(_)
        | Code::Other(_) => {
            return Err(Refused::because(Reason::NotACredential));
        }
    };
    let signed = status::verify_signature(text, trust, now)?;
    let refused = |reason| Refused { reason, issuer: Some(signed.claims.issuer().to_owned()) };
    check_time(&signed.claims, now).map_err(refused)?;
    let mut credential = Credential::of_status(&signed.claims, signed.presented.map_err(refused)?);
    credential.region = signed.region;
    check_revoked(&credential, revocations, now).map_err(refused)?;
    Ok(credential)
}

/// What a code says, with nothing verified: for `token inspect`, and to ask at which time a code is to be judged that may
/// have run out since. Never for a decision. Our own tokens say more by [`status::inspect`].
///
/// # Errors
/// The [`Reason`] why it is not even of the form.
pub fn inspect(code: &Code) -> Result<Inspection, Reason> {
    if let Code::Status(text) = code {
        let read = status::inspect(text)?;
        let presented =
            if read.has_proof { Presented::PhoneAtUnknownTime } else { Presented::Paper };
        return Ok(Inspection {
            kid: read.kid.to_string(),
            algorithm: Some("EdDSA"),
            credential: Credential::of_status(&read.claims, presented),
        });
    }
    let read = foreign(code).ok_or(Reason::NotACredential)??;
    let kid = match std::str::from_utf8(&read.kid) {
        Ok(text) if matches!(read.credential.format, Format::Shc | Format::Nzcp) => text.to_owned(),
        _ => data_encoding::HEXLOWER.encode(&read.kid),
    };
    let algorithm = read.algorithm.map(signature::Algorithm::name);
    Ok(Inspection { kid, algorithm, credential: read.credential })
}

/// A credential as it reads, unverified.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Inspection {
    /// Which key it says it was signed with: a text, or hexadecimal.
    pub kid: String,
    /// How it is signed; `None` for an algorithm that is not known here.
    pub algorithm: Option<&'static str>,
    /// What it says. It looks like one that was verified, and is not: it stays inside this value.
    credential: Credential,
}

impl Inspection {
    /// When it says it was issued.
    pub fn issued_at(&self) -> Option<UnixMillis> {
        self.credential.issued_at
    }

    /// What it says, to be shown and not to be believed.
    pub fn unverified(&self) -> &Credential {
        &self.credential
    }
}

/// A credential of a format that is not ours, as it reads; `None` for any other code.
fn foreign(code: &Code) -> Option<Result<unverified::Unverified, Reason>> {
    Some(match code {
        Code::Dcc(text) => dcc::read(text, Format::Dcc),
        Code::Light(text) => dcc::read(text, Format::Light),
        Code::Shc(text) => shc::read(text),
        Code::Nzcp(text) => nzcp::read(text),
        Code::Vdsnc(text) => vdsnc::read(text),
        _ => return None,
    })
}

fn check_time(claims: &StatusClaims, now: Moment) -> Result<(), Reason> {
    let clock_may_be_behind = now.trust == ClockTrust::Unknown;
    if claims.issued_at() > now.wall.plus_millis(SKEW_MILLIS) && !clock_may_be_behind {
        return Err(Reason::NotYetValid);
    }
    if claims.expires() <= now.wall { Err(Reason::Expired) } else { Ok(()) }
}

fn check_revoked(
    credential: &Credential,
    revocations: &Revocations,
    now: Moment,
) -> Result<(), Reason> {
    if revocations.names(credential, now.wall) { Err(Reason::Revoked) } else { Ok(()) }
}

#[cfg(test)]
pub(crate) mod tests;
