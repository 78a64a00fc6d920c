//! A foreign credential as it reads, and the checks that all formats share: signer, signature, time, use, revocation.

use sha2::{Digest, Sha256};
use sync::{id::Subject, record::ClockTrust, time::UnixMillis};

use super::{
    Credential, DccKid, Format, HealthData, Holder, Presented, Refused, RevocableId, Statement,
    date,
    revocations::Revocations,
    signature::Algorithm,
    status::{Purpose, is_visible},
    trust::{Signer, Terms, TrustList, Uses},
};
use crate::{
    clock::{Moment, SKEW_MILLIS},
    reason::Reason,
};

/// The longest name of an issuer, bytes.
const ISSUER_BYTES_MAX: usize = 256;

/// A credential of which nothing is verified but the form.
pub(super) struct Unverified {
    /// What it says.
    pub(super) credential: Credential,
    /// Before then it does not hold.
    pub(super) not_before: Option<UnixMillis>,
    /// How it is signed; `None` for an algorithm that is not known here.
    pub(super) algorithm: Option<Algorithm>,
    /// The id of the signer's key.
    pub(super) kid: Box<[u8]>,
    /// What is signed.
    pub(super) message: Vec<u8>,
    /// The signature.
    pub(super) signature: Box<[u8]>,
    /// What its signer must be allowed to sign.
    pub(super) uses: Uses,
    /// The signer's certificate, where the credential brings it: DER.
    pub(super) certificate: Option<Box<[u8]>>,
}

impl Unverified {
    /// Signature, time, key usage, revocation, in this order; the first failure counts.
    pub(super) fn check(
        mut self,
        trust: &TrustList,
        revocations: &Revocations,
        now: Moment,
    ) -> Result<Credential, Refused> {
        let signed = self.check_signature(trust).map(|signer| {
            self.name_signer(&signer.kid);
            signer.terms
        });
        let checked = signed
            .and_then(|terms| self.check_time(terms, now).map(|()| terms))
            .and_then(|terms| self.check_uses(terms))
            .and_then(|()| super::check_revoked(&self.credential, revocations, now));
        match checked {
            Ok(()) => Ok(self.credential),
            Err(reason) => Err(Refused { reason, issuer: Some(self.credential.issuer.into()) }),
        }
    }

    /// Lists go by the key that signed; the name of a key in a credential need not be signed, and may be any.
    fn name_signer(&mut self, signer: &[u8]) {
        let Some(signer) = DccKid::from_slice(signer) else { return };
        for id in &mut self.credential.ids {
            if let RevocableId::Dcc { kid, .. } = id {
                *kid = signer;
            }
        }
    }

    fn check_signature(&self, trust: &TrustList) -> Result<Signer, Reason> {
        let algorithm = self.algorithm.ok_or(Reason::UnsupportedAlgorithm)?;
        let (format, issuer) = (self.credential.format, &self.credential.issuer);
        let verify = |key: &super::signature::VerifyingKey| {
            key.verify(algorithm, &self.message, &self.signature)
        };
        if let Some(der) = &self.certificate {
            let signer = trust.signer_of_certificate(format, issuer, der)?;
            return verify(&signer.key).map(|()| signer);
        }
        let named = trust.signers(format, issuer, &self.kid);
        let mut refused = None;
        for signer in named {
            match verify(&signer.key) {
                Ok(()) => return Ok(signer.clone()),
                Err(reason) => refused = Some(reason),
            }
        }
        if let Some(reason) = refused {
            return Err(reason);
        }
        // Some countries name their key otherwise than by its certificate's hash; but a name of another length is none
        // (upstream's test CO23).
        let may_be_a_name = self.kid.len() == 8;
        let mut unnamed = trust.signers_to_try(format, issuer).filter(|_| may_be_a_name);
        unnamed.find(|s| verify(&s.key).is_ok()).cloned().ok_or(Reason::UnknownIssuer)
    }

    // A clock that is not believed stands at its floor: ends are certain, beginnings are not.
    fn check_time(&self, terms: Terms, now: Moment) -> Result<(), Reason> {
        let later = |at: UnixMillis| {
            at > now.wall.plus_millis(SKEW_MILLIS) && now.trust != ClockTrust::Unknown
        };
        if self.credential.issued_at.is_some_and(later) || self.not_before.is_some_and(later) {
            return Err(Reason::NotYetValid);
        }
        if self.credential.expires.is_some_and(|at| at <= now.wall) {
            return Err(Reason::Expired);
        }
        if later(terms.not_before) || terms.not_after <= now.wall {
            return Err(Reason::IssuerNotValid);
        }
        Ok(())
    }

    fn check_uses(&self, terms: Terms) -> Result<(), Reason> {
        if terms.uses.allow(self.uses) { Ok(()) } else { Err(Reason::KeyUsage) }
    }
}

/// Whom a credential is of, as far as its format says.
#[derive(Default)]
pub(super) struct Person<'t> {
    pub(super) given: Option<&'t str>,
    pub(super) family: Option<&'t str>,
    pub(super) birth_date: Option<&'t str>,
}

/// The parts of a foreign credential, from which [`Draft::finish`] makes it.
pub(super) struct Draft<'t> {
    pub(super) format: Format,
    pub(super) issuer: &'t str,
    pub(super) person: Person<'t>,
    /// The credential's own id.
    pub(super) id: &'t str,
    pub(super) ids: Vec<RevocableId>,
    pub(super) issued_at: Option<UnixMillis>,
    pub(super) expires: Option<UnixMillis>,
    pub(super) statement: Statement,
    pub(super) health_data: Option<HealthData>,
}

impl Draft<'_> {
    /// The credential, if its issuer's name is fit to be shown.
    pub(super) fn finish(self) -> Result<Credential, Reason> {
        if !is_visible(self.issuer, ISSUER_BYTES_MAX) {
            return Err(Reason::Malformed);
        }
        let names = [self.person.given, self.person.family];
        let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let birth_date = self.person.birth_date.filter(|date| !date.is_empty());
        Ok(Credential {
            format: self.format,
            issuer: self.issuer.into(),
            subject: subject(self.format, self.id),
            ids: self.ids,
            issued_at: self.issued_at,
            expires: self.expires,
            statement: self.statement,
            masked_name: masked(&self.person),
            birth_year: birth_date.and_then(date::year),
            presented: Presented::Paper,
            purpose: Purpose::Live,
            holder_key: None,
            holder: Some(Holder {
                name: (!name.is_empty()).then(|| name.into()),
                birth_date: birth_date.map(Into::into),
                credential_id: self.id.into(),
            }),
            health_data: self.health_data,
            region: None,
        })
    }
}

/// The pseudonym of whoever shows a foreign credential: the same credential is known again, and nothing else.
fn subject(format: Format, id: &str) -> Subject {
    let hash =
        first_16(&[b"vestibule/subject/1\0", format.word().as_bytes(), b"\0", id.as_bytes()]);
    Subject::new(hash)
}

/// The first 16 bytes of the SHA-256 of these parts.
pub(super) fn first_16(parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    let mut first = [0; 16];
    first.copy_from_slice(&hash.finalize()[..16]);
    first
}

// The first letter of the given name and of the family name: enough to compare with a paper that is shown.
fn masked(person: &Person<'_>) -> Option<Box<str>> {
    let initial = |name: Option<&str>| name?.chars().find(|c| c.is_alphabetic());
    match (initial(person.given), initial(person.family)) {
        (Some(given), Some(family)) => Some(format!("{given}*** {family}.").into()),
        (Some(only), None) | (None, Some(only)) => Some(format!("{only}***").into()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_masked_to_its_initials() {
        let check = |given, family, expected: Option<&str>| {
            let person = Person { given, family, birth_date: None };
            assert_eq!(masked(&person).as_deref(), expected);
        };
        check(Some("Abc"), Some("Xyz"), Some("A*** X."));
        check(None, Some("Xyz"), Some("X***"));
        check(Some("\u{202e}-"), None, None);
        check(None, None, None);
    }

    #[test]
    fn subjects_differ_by_format_and_id() {
        assert_eq!(subject(Format::Dcc, "a"), subject(Format::Dcc, "a"));
        assert_ne!(subject(Format::Dcc, "a"), subject(Format::Dcc, "b"));
        assert_ne!(subject(Format::Dcc, "a"), subject(Format::Nzcp, "a"));
    }
}
