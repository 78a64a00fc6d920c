//! X.509 certificates of signers (RFC 5280), as far as trust goes by them: key, validity, country, uses, and who issued it.

use sha2::{Digest, Sha256};
use sync::time::UnixMillis;
use x509_parser::{
    certificate::X509Certificate,
    oid_registry::asn1_rs::{Oid, oid},
    prelude::FromDer,
};

use super::signer::{Signer, Terms, Uses};
use crate::token::{
    Format,
    signature::{CertificateAlgorithm, VerifyingKey},
};

/// The longest certificate that is read, bytes.
pub(super) const CERTIFICATE_MAX: usize = 16 * 1024;

/// A certificate that could be read.
pub(super) struct Certificate<'d> {
    parsed: X509Certificate<'d>,
    key: VerifyingKey,
    hash: [u8; 32],
}

impl<'d> Certificate<'d> {
    /// Reads one from DER.
    pub(super) fn read(der: &'d [u8]) -> Result<Self, &'static str> {
        if der.len() > CERTIFICATE_MAX {
            return Err("is longer than 16 KiB");
        }
        match X509Certificate::from_der(der) {
            Ok(([], parsed)) => {
                let key = key(&parsed)?;
                Ok(Self { parsed, key, hash: Sha256::digest(der).into() })
            }
            Ok(_) => Err("has something after its end"),
            Err(_) => Err("is not an X.509 certificate in DER"),
        }
    }

    /// Whether it says that it issues others (RFC 5280 §4.2.1.9).
    pub(super) fn is_authority(&self) -> bool {
        // RFC 5280 §4.2.1.3: where a key usage is there, it must name this one.
        let may_sign = match self.parsed.key_usage() {
            Ok(usage) => usage.is_none_or(|usage| usage.value.key_cert_sign()),
            Err(_) => false,
        };
        self.parsed.is_ca() && may_sign
    }

    /// Whether it says that it signs seals: a signer that is not listed itself must.
    pub(super) fn is_for_seals(&self) -> bool {
        let usage = self.parsed.extended_key_usage();
        usage.is_ok_and(|usage| usage.is_some_and(|usage| usage.value.other.contains(&VDS_NC)))
    }

    /// Whom it names, as it writes it.
    pub(super) fn subject(&self) -> &[u8] {
        self.parsed.subject().as_raw()
    }

    /// Who it says issued it, as it writes it.
    pub(super) fn issuer(&self) -> &[u8] {
        self.parsed.issuer().as_raw()
    }

    /// Its key.
    pub(super) fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Whether that key signed it. Names and validity are the caller's matter.
    pub(super) fn is_signed_by(&self, authority: &VerifyingKey) -> bool {
        let oid = self.parsed.signature_algorithm.algorithm.to_id_string();
        let signature = self.parsed.signature_value.data.as_ref();
        let message = self.parsed.tbs_certificate.as_ref();
        CertificateAlgorithm::of_oid(&oid)
            .is_some_and(|algorithm| authority.verify_certificate(algorithm, message, signature))
    }

    /// From when to when it holds.
    pub(super) fn terms(&self, format: Option<Format>) -> Terms {
        let validity = self.parsed.validity();
        Terms {
            not_before: UnixMillis::from_secs(validity.not_before.timestamp()),
            // Its last second is its own.
            not_after: UnixMillis::from_secs(validity.not_after.timestamp()).plus_millis(1000),
            uses: self.uses(format),
        }
    }

    // EU: no extended key usage of theirs means any (eu-dcc, "X.509 profile"). ICAO: a signer of seals has theirs, if any.
    fn uses(&self, format: Option<Format>) -> Uses {
        let usage = match self.parsed.extended_key_usage() {
            Ok(Some(usage)) => usage,
            Ok(None) => return Uses::ANY,
            Err(_) => return Uses::other(),
        };
        if format == Some(Format::Vdsnc) {
            let seals = usage.value.other.contains(&VDS_NC) || usage.value.any;
            return if seals { Uses::ANY } else { Uses::other() };
        }
        let of_eu = usage.value.other.iter().filter_map(eu_use).reduce(Uses::and);
        of_eu.unwrap_or(Uses::ANY)
    }

    /// The signer that it makes: of EU certificates, their Swiss kin and ICAO's seals.
    pub(super) fn signer(&self) -> Signer {
        let country = self.parsed.subject().iter_country().next();
        let country = country.and_then(|c| c.as_str().ok()).filter(|c| c.len() <= 3);
        Signer {
            formats: [Format::Dcc, Format::Light, Format::Vdsnc].into(),
            issuer: None,
            kid: self.hash[..8].into(),
            country: country.map(|c| c.to_ascii_uppercase().into()),
            key: self.key.clone(),
            terms: self.terms(None),
            certificate: Some(self.hash),
        }
    }
}

// "Extended Key Usage Identifiers" of the EU's certificate governance; the second row is a misprint of the first that was
// in the specification for a while and is in real certificates.
const EU_USES: [(Oid<'static>, Uses); 6] = [
    (oid!(1.3.6.1.4.1.1847.2021.1.1), Uses::TEST),
    (oid!(1.3.6.1.4.1.1847.2021.1.2), Uses::VACCINATION),
    (oid!(1.3.6.1.4.1.1847.2021.1.3), Uses::RECOVERY),
    (oid!(1.3.6.1.4.1.0.1847.2021.1.1), Uses::TEST),
    (oid!(1.3.6.1.4.1.0.1847.2021.1.2), Uses::VACCINATION),
    (oid!(1.3.6.1.4.1.0.1847.2021.1.3), Uses::RECOVERY),
];
/// ICAO 9303-13: signer of Visible Digital Seals for non-constrained environments.
const VDS_NC: Oid<'static> = oid!(2.23.136.1.1.14.2);
const EC_KEY: Oid<'static> = oid!(1.2.840.10045.2.1);
const RSA_KEY: Oid<'static> = oid!(1.2.840.113549.1.1.1);
const RSA_PSS_KEY: Oid<'static> = oid!(1.2.840.113549.1.1.10);
const ED25519_KEY: Oid<'static> = oid!(1.3.101.112);
const P256: Oid<'static> = oid!(1.2.840.10045.3.1.7);
const P384: Oid<'static> = oid!(1.3.132.0.34);

fn eu_use(oid: &Oid<'_>) -> Option<Uses> {
    EU_USES.iter().find(|(known, _)| known == oid).map(|(_, uses)| *uses)
}

fn key(certificate: &X509Certificate<'_>) -> Result<VerifyingKey, &'static str> {
    let info = certificate.public_key();
    let (algorithm, bits) = (&info.algorithm.algorithm, info.subject_public_key.data.as_ref());
    let read = if *algorithm == EC_KEY {
        let curve = info.algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok());
        match curve {
            Some(curve) if curve == P256 && bits.len() == 65 => VerifyingKey::ec(bits),
            Some(curve) if curve == P384 && bits.len() == 97 => VerifyingKey::ec(bits),
            _ => return Err("has a key of a curve that is not supported (P-256, P-384)"),
        }
    } else if [RSA_KEY, RSA_PSS_KEY].contains(algorithm) {
        VerifyingKey::rsa(bits)
    } else if *algorithm == ED25519_KEY {
        VerifyingKey::ed25519(bits)
    } else {
        return Err("has a key of a kind that is not supported (P-256, P-384, RSA, Ed25519)");
    };
    read.map_err(|_| "has a key that is not well-formed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64;
    use proptest::prelude::*;

    /// The published chain of an example issuer, read in place: signer, authority, root.
    fn chain() -> Vec<Vec<u8>> {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../../shared/data/tokens/shc/jwks.json");
        let text = std::fs::read_to_string(&file)
            .unwrap_or_else(|e| panic!("the shared test data is missing: {}: {e}", file.display()));
        let set: serde_json::Value = serde_json::from_str(&text).unwrap();
        let chain = set["keys"][1]["x5c"].as_array().unwrap().iter();
        chain.map(|c| BASE64.decode(c.as_str().unwrap().as_bytes()).unwrap()).collect()
    }

    #[test]
    fn a_certificate_is_its_authoritys_by_name_and_signature() {
        let chain = chain();
        let signer = Certificate::read(&chain[0]).unwrap();
        let authority = Certificate::read(&chain[1]).unwrap();
        assert!(!signer.is_authority() && authority.is_authority());
        assert_eq!(signer.issuer(), authority.subject());
        assert!(signer.is_signed_by(authority.key()));
        assert!(!authority.is_signed_by(signer.key()), "not the other way round");
        assert!(!signer.is_signed_by(signer.key()));
        let mut altered = chain[0].clone();
        *altered.last_mut().unwrap() ^= 1;
        let altered = Certificate::read(&altered).unwrap();
        assert!(!altered.is_signed_by(authority.key()));
    }

    #[test]
    fn what_a_certificate_says_is_read() {
        let chain = chain();
        let terms = Certificate::read(&chain[0]).unwrap().terms(None);
        assert_eq!(terms.not_before.to_string(), "2021-06-01T15:50:09Z");
        assert_eq!(terms.not_after.to_string(), "2022-06-01T15:50:10Z");
        assert!(terms.uses.allow(Uses::TEST), "no extended key usage means any");
        let root = Certificate::read(&chain[2]).map(|_| ()).unwrap_err();
        assert!(root.contains("curve"), "{root}"); // P-521
        let longer = [chain[0].as_slice(), b"x"].concat();
        assert!(Certificate::read(&longer).is_err());
        assert!(Certificate::read(&vec![0x30; CERTIFICATE_MAX + 1]).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Certificate::read(&bytes).is_ok();
        }
    }
}
