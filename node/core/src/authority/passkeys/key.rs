//! The public key of a passkey: read from COSE (RFC 9053) and asked about signatures.

use minicbor::{Decode, Decoder, Encode, data::Type};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

const COORDINATE: usize = 32;
/// 2,048 to 4,096 bits: longer ones make a check slow.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=512;
const EXPONENT_MAX: usize = 4;

/// A key of one of the kinds that are taken.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) enum PublicKey {
    /// A point of P-256, uncompressed.
    #[n(0)]
    P256(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    #[n(1)]
    Ed25519(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    #[n(2)]
    Rsa {
        #[cbor(n(0), with = "minicbor::bytes")]
        n: Vec<u8>,
        #[cbor(n(1), with = "minicbor::bytes")]
        e: Vec<u8>,
    },
}

/// A value of a COSE key.
enum Value<'b> {
    Number(i64),
    Bytes(&'b [u8]),
}

/// The parameters of a COSE key by their labels, those that are of use: 1 kty, 3 alg, -1, -2, -3 by kind.
#[derive(Default)]
struct Parameters<'b>(Vec<(i64, Value<'b>)>);

impl<'b> Parameters<'b> {
    fn read(bytes: &'b [u8]) -> Option<Self> {
        let mut decoder = Decoder::new(bytes);
        let mut read = Self::default();
        for _ in 0..decoder.map().ok()?? {
            let label = decoder.i64().ok()?;
            if read.0.iter().any(|(known, _)| *known == label) {
                return None;
            }
            let value = match decoder.datatype().ok()? {
                Type::Bytes => Value::Bytes(decoder.bytes().ok()?),
                _ => Value::Number(decoder.i64().ok()?),
            };
            read.0.push((label, value));
        }
        (decoder.position() == bytes.len()).then_some(read)
    }

    fn number(&self, label: i64) -> Option<i64> {
        self.0.iter().find_map(|(known, value)| match value {
            Value::Number(number) if *known == label => Some(*number),
            _ => None,
        })
    }

    fn bytes(&self, label: i64) -> Option<&'b [u8]> {
        self.0.iter().find_map(|(known, value)| match value {
            Value::Bytes(bytes) if *known == label => Some(*bytes),
            _ => None,
        })
    }
}

impl PublicKey {
    /// Of a COSE key: kind, algorithm and curve must be those of each other.
    pub(super) fn of_cose(bytes: &[u8]) -> Option<Self> {
        let cose = Parameters::read(bytes)?;
        match (cose.number(1)?, cose.number(3)?, cose.number(-1)) {
            (2, -7, Some(1)) => {
                let (x, y) = (cose.bytes(-2)?, cose.bytes(-3)?);
                let fit = x.len() == COORDINATE && y.len() == COORDINATE;
                fit.then(|| Self::P256([&[4], x, y].concat()))
            }
            (1, -8, Some(6)) => {
                let x = cose.bytes(-2)?;
                (x.len() == COORDINATE).then(|| Self::Ed25519(x.to_vec()))
            }
            (3, -257, None) => {
                let (n, e) = (cose.bytes(-1)?, cose.bytes(-2)?);
                let fit = MODULUS.contains(&n.len()) && (1..=EXPONENT_MAX).contains(&e.len());
                fit.then(|| Self::Rsa { n: n.to_vec(), e: e.to_vec() })
            }
            _ => None,
        }
    }

    /// Whether it has signed this.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P256(point) => {
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point);
                key.verify(message, signature).is_ok()
            }
            Self::Ed25519(key) => {
                UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok()
            }
            Self::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }
}
