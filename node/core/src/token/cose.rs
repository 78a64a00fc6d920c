//! COSE_Sign1 as others write it (RFC 9052 §4.2): any encoding, tags or none, headers protected or not.

use minicbor::{Decoder, Encoder, data::Type};

use super::{json::more, signature::Algorithm};
use crate::reason::Reason;

// Tags: COSE_Sign1 (RFC 9052 §2), CWT (RFC 8392 §6), self-described CBOR (RFC 8949 §3.4.6).
const TAGS: [u64; 3] = [18, 61, 55_799];
/// More tags around each other than this nobody writes.
const TAGS_MAX: usize = 3;
/// More header parameters than this no credential has.
const HEADERS_MAX: u64 = 16;

// Header parameters, RFC 9052 §3.1.
const ALG: i64 = 1;
const CRIT: i64 = 2;
const KID: i64 = 4;

/// A signed message, taken apart; nothing is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sign1<'b> {
    /// The algorithm, if it is one that is known here; the protected header's counts before the other's.
    pub algorithm: Option<Algorithm>,
    /// The key's id, from either header.
    pub kid: Option<&'b [u8]>,
    /// What is signed.
    pub payload: &'b [u8],
    /// The signature, unchecked.
    pub signature: &'b [u8],
    protected: &'b [u8],
}

impl<'b> Sign1<'b> {
    /// Takes a message apart. Tags 18 and 61 may be there or not, in any order.
    ///
    /// # Errors
    /// [`Reason::BadCbor`] when it is not of the form, [`Reason::Malformed`] when a header wants what nobody here
    /// understands.
    pub fn read(bytes: &'b [u8]) -> Result<Self, Reason> {
        let mut d = Decoder::new(bytes);
        let message = Self::item(&mut d)?;
        match d.position() == bytes.len() {
            true => Ok(message),
            false => Err(Reason::BadCbor),
        }
    }

    fn item(d: &mut Decoder<'b>) -> Result<Self, Reason> {
        for _ in 0..TAGS_MAX {
            if d.datatype().map_err(bad)? != Type::Tag {
                break;
            }
            if !TAGS.contains(&d.tag().map_err(bad)?.as_u64()) {
                return Err(Reason::BadCbor);
            }
        }
        let open = match d.array().map_err(bad)? {
            Some(4) => false,
            None => true,
            Some(_) => return Err(Reason::BadCbor),
        };
        let protected = d.bytes().map_err(bad)?;
        let inner = match protected {
            [] => Headers::default(),
            bytes => Headers::read(&mut Decoder::new(bytes))?,
        };
        let outer = Headers::read(d)?;
        let payload = d.bytes().map_err(bad)?;
        let signature = d.bytes().map_err(bad)?;
        if open && more(d, &mut None) != Some(false) {
            return Err(Reason::BadCbor);
        }
        Ok(Self {
            algorithm: inner.algorithm.or(outer.algorithm).flatten(),
            kid: inner.kid.or(outer.kid),
            payload,
            signature,
            protected,
        })
    }

    /// What the signature is over: the Sig_structure of RFC 9052 §4.4. A protected header that is an empty map counts as
    /// empty bytes, as §3 wants it.
    pub fn to_be_signed(&self, external: &[u8]) -> Vec<u8> {
        let protected = if self.protected == [0xa0] { &[] } else { self.protected };
        let size = 40 + protected.len() + external.len() + self.payload.len();
        let mut e = Encoder::new(Vec::with_capacity(size));
        let written = e.array(4).and_then(|e| e.str("Signature1")).and_then(|e| {
            e.bytes(protected)?.bytes(external)?.bytes(self.payload)?;
            Ok(e)
        });
        if let Err(error) = written {
            unreachable!("CBOR into memory: {error}");
        }
        e.into_writer()
    }
}

fn bad(_: minicbor::decode::Error) -> Reason {
    Reason::BadCbor
}

/// What a header says: `Some(None)` for an algorithm that is not known here.
#[derive(Default)]
struct Headers<'b> {
    algorithm: Option<Option<Algorithm>>,
    kid: Option<&'b [u8]>,
}

impl<'b> Headers<'b> {
    fn read(d: &mut Decoder<'b>) -> Result<Self, Reason> {
        let mut left = d.map().map_err(bad)?;
        if left.is_some_and(|n| n > HEADERS_MAX) {
            return Err(Reason::BadCbor);
        }
        let mut headers = Self::default();
        while more(d, &mut left).ok_or(Reason::BadCbor)? {
            match label(d)? {
                Some(ALG) => headers.algorithm = Some(algorithm(d)?),
                Some(KID) => headers.kid = Some(d.bytes().map_err(bad)?),
                // It lists what must be understood, which nothing here is beyond the two above.
                Some(CRIT) => return Err(Reason::Malformed),
                _ => d.skip().map_err(bad)?,
            }
        }
        Ok(headers)
    }
}

/// A label that is a number; `None` for a text, which is none of ours.
pub(super) fn label(d: &mut Decoder<'_>) -> Result<Option<i64>, Reason> {
    match d.datatype().map_err(bad)? {
        Type::String | Type::StringIndef => d.skip().map(|()| None).map_err(bad),
        _ => d.i64().map(Some).map_err(bad),
    }
}

fn algorithm(d: &mut Decoder<'_>) -> Result<Option<Algorithm>, Reason> {
    match d.datatype().map_err(bad)? {
        Type::String => d.str().map(Algorithm::of_name).map_err(bad),
        _ => d.i64().map(Algorithm::of_cose).map_err(bad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn messages_are_read_in_any_encoding() {
        let check = |bytes: &[u8], expected: Result<(Option<Algorithm>, Option<&[u8]>), Reason>| {
            let read = Sign1::read(bytes).map(|m| (m.algorithm, m.kid));
            assert_eq!(read, expected, "{bytes:02x?}");
        };
        let es256 = Ok((Some(Algorithm::Es256), None));
        check(b"\xd2\x84\x43\xa1\x01\x26\xa0\x41p\x41s", es256);
        check(b"\x84\x43\xa1\x01\x26\xa0\x41p\x41s", es256);
        check(b"\xd8\x3d\xd2\x84\x43\xa1\x01\x26\xa0\x41p\x41s", es256);
        check(b"\xd2\x9f\x43\xa1\x01\x26\xbf\xff\x41p\x41s\xff", es256);
        check(b"\xd2\x84\x40\xa1\x01\x26\x41p\x41s", es256);
        check(
            b"\xd2\x84\x41\xa0\xa2\x01\x26\x04\x41k\x41p\x41s",
            Ok((Some(Algorithm::Es256), Some(b"k"))),
        );
        check(b"\xd2\x84\x47\xa1\x01\x65ES256\xa0\x41p\x41s", Err(Reason::BadCbor));
        check(b"\xd2\x84\x48\xa1\x01\x65ES256\xa0\x41p\x41s", es256);
        check(b"\xd2\x84\x43\xa1\x01\x05\xa0\x41p\x41s", Ok((None, None))); // an HMAC
        // An unknown one that is protected is not replaced by one that is not.
        check(b"\xd2\x84\x43\xa1\x01\x05\xa1\x01\x26\x41p\x41s", Ok((None, None)));
        check(b"\xd2\x84\x46\xa2\x01\x26\x02\x81\x01\xa0\x41p\x41s", Err(Reason::Malformed)); // crit
        check(b"\xd1\x84\x43\xa1\x01\x26\xa0\x41p\x41s", Err(Reason::BadCbor)); // COSE_Mac0
        check(b"\xd2\x84\x43\xa1\x01\x26\xa0\xf6\x41s", Err(Reason::BadCbor)); // detached
        check(b"\xd2\x84\x43\xa1\x01\x26\xa0\x41p\x41s\x00", Err(Reason::BadCbor));
        check(b"", Err(Reason::BadCbor));
    }

    #[test]
    fn an_empty_protected_map_is_signed_as_no_bytes() {
        let message = Sign1::read(b"\xd2\x84\x41\xa0\xa1\x01\x26\x41p\x41s").unwrap();
        assert_eq!(message.to_be_signed(b""), b"\x84\x6aSignature1\x40\x40\x41p");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(message) = Sign1::read(&bytes) {
                let _ = message.to_be_signed(b"x");
            }
        }
    }
}
