//! Signatures of foreign formats: which key may make which, and whether one holds. By ring, but for Ed25519.

use std::fmt;

use ring::signature::{self as ring_signature, UnparsedPublicKey, VerificationAlgorithm};

use crate::reason::Reason;

/// RSA keys from here on are refused before ring sees them: a larger one only costs time. Bytes of the DER.
const RSA_DER_MAX: usize = 1100;

/// How something is signed, by the name in COSE (RFC 9053, RFC 8230) and JOSE (RFC 7518).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA with SHA-256. By its definition of any curve; here of P-256 and P-384.
    Es256,
    /// ECDSA with SHA-384; of P-256 and P-384.
    Es384,
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes.
    Ps256,
    /// RSASSA-PSS with SHA-384 and a salt of 48 bytes.
    Ps384,
    /// RSASSA-PSS with SHA-512 and a salt of 64 bytes.
    Ps512,
    /// EdDSA of Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Every algorithm, with its number in COSE's register.
    const COSE: [(i64, Self); 6] = [
        (-7, Self::Es256),
        (-35, Self::Es384),
        (-37, Self::Ps256),
        (-38, Self::Ps384),
        (-39, Self::Ps512),
        (-8, Self::EdDsa),
    ];

    /// The algorithm of a number in COSE's register.
    pub fn of_cose(number: i64) -> Option<Self> {
        Self::COSE.iter().find(|(n, _)| *n == number).map(|(_, algorithm)| *algorithm)
    }

    /// The name that COSE and JOSE share.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::COSE.iter().map(|(_, a)| *a).find(|a| a.name() == name)
    }
}

/// How a certificate is signed (RFC 5280 §4.1.1.2), as far as those of health authorities are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CertificateAlgorithm {
    /// ECDSA with SHA-256.
    EcdsaSha256,
    /// ECDSA with SHA-384.
    EcdsaSha384,
    /// RSA, PKCS #1 v1.5 with SHA-256.
    RsaSha256,
    /// RSA, PKCS #1 v1.5 with SHA-512.
    RsaSha512,
}

impl CertificateAlgorithm {
    /// The algorithm of an object identifier (RFC 5758, RFC 4055).
    pub(super) fn of_oid(oid: &str) -> Option<Self> {
        match oid {
            "1.2.840.10045.4.3.2" => Some(Self::EcdsaSha256),
            "1.2.840.10045.4.3.3" => Some(Self::EcdsaSha384),
            "1.2.840.113549.1.1.11" => Some(Self::RsaSha256),
            "1.2.840.113549.1.1.13" => Some(Self::RsaSha512),
            _ => None,
        }
    }
}

/// A public key, of a form that is known to be sound.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey(Kind);

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    /// The point, uncompressed: 65 bytes.
    P256(Box<[u8]>),
    /// The point, uncompressed: 97 bytes.
    P384(Box<[u8]>),
    /// `RSAPublicKey` (RFC 8017, appendix A.1.1), DER.
    Rsa(Box<[u8]>),
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
}

/// Why a key is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A kind of key or a curve that is not checked here.
    #[error("is of a kind or curve that is not supported (P-256, P-384, RSA, Ed25519)")]
    Unsupported,
    /// Not of the length or shape of its kind.
    #[error("is not a well-formed key")]
    Malformed,
    /// A point of small order, which signs anything.
    #[error("is a weak key that signs anything")]
    Weak,
}

impl VerifyingKey {
    /// A point of P-256 or P-384 by its length, uncompressed (SEC 1 §2.3.3).
    ///
    /// # Errors
    /// [`KeyError`] when it is neither.
    pub fn ec(point: &[u8]) -> Result<Self, KeyError> {
        match (point.first(), point.len()) {
            (Some(4), 65) => Ok(Self(Kind::P256(point.into()))),
            (Some(4), 97) => Ok(Self(Kind::P384(point.into()))),
            (Some(4), 133) => Err(KeyError::Unsupported),
            _ => Err(KeyError::Malformed),
        }
    }

    /// An RSA key as the DER of `RSAPublicKey`; 2048 to 8192 bits are checked with.
    ///
    /// # Errors
    /// [`KeyError`] when it is too long.
    pub fn rsa(der: &[u8]) -> Result<Self, KeyError> {
        match der.len() {
            1..=RSA_DER_MAX => Ok(Self(Kind::Rsa(der.into()))),
            _ => Err(KeyError::Malformed),
        }
    }

    /// An RSA key by its numbers, big-endian.
    ///
    /// # Errors
    /// [`KeyError`] when they are too long.
    pub fn rsa_numbers(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyError> {
        if modulus.len() > RSA_DER_MAX || exponent.len() > 8 {
            return Err(KeyError::Malformed);
        }
        Self::rsa(&der_pair(modulus, exponent))
    }

    /// An Ed25519 key of 32 bytes.
    ///
    /// # Errors
    /// [`KeyError`] when it is no point, or one of small order.
    pub fn ed25519(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes = bytes.try_into().map_err(|_| KeyError::Malformed)?;
        let key =
            ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Malformed)?;
        if key.is_weak() { Err(KeyError::Weak) } else { Ok(Self(Kind::Ed25519(Box::new(key)))) }
    }

    /// Whether `signature` is this key's over `message`, in the fixed form of COSE and JOSE: for ECDSA both halves, one
    /// after the other.
    ///
    /// # Errors
    /// [`Reason::UnsupportedAlgorithm`] when such a key does not sign so, else [`Reason::BadSignature`].
    pub fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Reason> {
        use Algorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512};
        match (&self.0, algorithm) {
            (Kind::P256(point), Es256) => {
                by_ring(&ring_signature::ECDSA_P256_SHA256_FIXED, point, message, signature)
            }
            (Kind::P384(point), Es384) => {
                by_ring(&ring_signature::ECDSA_P384_SHA384_FIXED, point, message, signature)
            }
            // Not of one size, as RFC 9053 advises but does not require; seen in real certificates.
            (Kind::P384(point), Es256) => {
                let der = as_der(signature, 96)?;
                by_ring(&ring_signature::ECDSA_P384_SHA256_ASN1, point, message, &der)
            }
            (Kind::P256(point), Es384) => {
                let der = as_der(signature, 64)?;
                by_ring(&ring_signature::ECDSA_P256_SHA384_ASN1, point, message, &der)
            }
            (Kind::Rsa(key), Ps256) => {
                by_ring(&ring_signature::RSA_PSS_2048_8192_SHA256, key, message, signature)
            }
            (Kind::Rsa(key), Ps384) => {
                by_ring(&ring_signature::RSA_PSS_2048_8192_SHA384, key, message, signature)
            }
            (Kind::Rsa(key), Ps512) => {
                by_ring(&ring_signature::RSA_PSS_2048_8192_SHA512, key, message, signature)
            }
            (Kind::Ed25519(key), EdDsa) => {
                let signature = ed25519_dalek::Signature::from_slice(signature)
                    .map_err(|_| Reason::BadSignature)?;
                key.verify_strict(message, &signature).map_err(|_| Reason::BadSignature)
            }
            _ => Err(Reason::UnsupportedAlgorithm),
        }
    }

    /// Whether `signature` is this key's over the signed part of a certificate.
    pub(super) fn verify_certificate(
        &self,
        algorithm: CertificateAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        use CertificateAlgorithm::{EcdsaSha256, EcdsaSha384, RsaSha256, RsaSha512};
        let (by, key): (&'static dyn VerificationAlgorithm, _) = match (&self.0, algorithm) {
            (Kind::P256(k), EcdsaSha256) => (&ring_signature::ECDSA_P256_SHA256_ASN1, k),
            (Kind::P256(k), EcdsaSha384) => (&ring_signature::ECDSA_P256_SHA384_ASN1, k),
            (Kind::P384(k), EcdsaSha256) => (&ring_signature::ECDSA_P384_SHA256_ASN1, k),
            (Kind::P384(k), EcdsaSha384) => (&ring_signature::ECDSA_P384_SHA384_ASN1, k),
            (Kind::Rsa(k), RsaSha256) => (&ring_signature::RSA_PKCS1_2048_8192_SHA256, k),
            (Kind::Rsa(k), RsaSha512) => (&ring_signature::RSA_PKCS1_2048_8192_SHA512, k),
            _ => return false,
        };
        by_ring(by, key, message, signature).is_ok()
    }
}

/// The kind alone.
impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::P256(_) => "VerifyingKey(P-256)",
            Kind::P384(_) => "VerifyingKey(P-384)",
            Kind::Rsa(_) => "VerifyingKey(RSA)",
            Kind::Ed25519(_) => "VerifyingKey(Ed25519)",
        })
    }
}

fn by_ring(
    algorithm: &'static dyn VerificationAlgorithm,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), Reason> {
    UnparsedPublicKey::new(algorithm, key)
        .verify(message, signature)
        .map_err(|_| Reason::BadSignature)
}

// ring takes hashes that are not of the curve's size only with the DER form (RFC 3279 §2.2.3).
fn as_der(signature: &[u8], length: usize) -> Result<Vec<u8>, Reason> {
    if signature.len() != length {
        return Err(Reason::BadSignature);
    }
    let (r, s) = signature.split_at(length / 2);
    Ok(der_pair(r, s))
}

/// A DER SEQUENCE of two INTEGERs from unsigned big-endian numbers.
fn der_pair(a: &[u8], b: &[u8]) -> Vec<u8> {
    let content = [der_integer(a), der_integer(b)].concat();
    [vec![0x30], der_length(content.len()), content].concat()
}

fn der_integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|b| **b == 0).count();
    let digits = &number[zeros..];
    let lead: &[u8] = if digits.first().is_none_or(|b| *b >= 0x80) { &[0] } else { &[] };
    [vec![2], der_length(lead.len() + digits.len()), lead.to_vec(), digits.to_vec()].concat()
}

fn der_length(length: usize) -> Vec<u8> {
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 0x80 => vec![short],
        (Ok(byte), _) => vec![0x81, byte],
        (_, Ok(two)) => [&[0x82], two.to_be_bytes().as_slice()].concat(),
        // Callers bound their numbers far below.
        _ => vec![0x80],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_der() {
        assert_eq!(der_pair(&[0, 0x80], &[0]), [0x30, 7, 2, 2, 0, 0x80, 2, 1, 0]);
        assert_eq!(der_length(0x80), [0x81, 0x80]);
        assert_eq!(der_length(0x0101), [0x82, 1, 1]);
    }

    #[test]
    fn keys_of_other_kinds_and_shapes_are_refused() {
        assert_eq!(VerifyingKey::ec(&[4; 133]).unwrap_err(), KeyError::Unsupported);
        assert_eq!(VerifyingKey::ec(&[2; 33]).unwrap_err(), KeyError::Malformed);
        assert_eq!(VerifyingKey::ed25519(&[0; 32]).unwrap_err(), KeyError::Weak);
        assert_eq!(VerifyingKey::ed25519(&[0; 31]).unwrap_err(), KeyError::Malformed);
        assert_eq!(VerifyingKey::rsa(&[]).unwrap_err(), KeyError::Malformed);
    }

    #[test]
    fn a_key_signs_only_as_its_kind_does() {
        let key = VerifyingKey::ec(&[4; 65]).unwrap();
        assert_eq!(key.verify(Algorithm::EdDsa, b"", b""), Err(Reason::UnsupportedAlgorithm));
        assert_eq!(key.verify(Algorithm::Es256, b"", &[0; 64]), Err(Reason::BadSignature));
    }

    #[test]
    fn names_and_numbers_agree() {
        for (number, algorithm) in Algorithm::COSE {
            assert_eq!(Algorithm::of_cose(number), Some(algorithm));
            assert_eq!(Algorithm::of_name(algorithm.name()), Some(algorithm));
        }
        assert_eq!((Algorithm::of_cose(-36), Algorithm::of_name("none")), (None, None));
    }
}
