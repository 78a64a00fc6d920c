//! The ids by which a credential can be withdrawn later: what revocation lists name, and what visits keep marks of.

use std::fmt;

use data_encoding::HEXLOWER;
use minicbor::{Decode, Encode};
use sync::time::UnixMillis;

/// The id that an issuer gives a token, by which it can be revoked: CWT's `cti` (RFC 8392 §3.1.7), 8 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Cti(#[cbor(n(0), with = "minicbor::bytes")] [u8; 8]);

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

/// The id of a document signer's key in the EU's trust lists: the first 8 bytes of the SHA-256 of its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct DccKid(#[cbor(n(0), with = "minicbor::bytes")] [u8; 8]);

impl DccKid {
    /// From its bytes.
    pub const fn new(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// From bytes of unchecked length; `None` unless 8.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

/// Lower-case hexadecimal.
impl fmt::Display for DccKid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// What a hash in the EU's revocation lists is of (eu-dcc-revocation, "hash types").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum DccHashKind {
    /// `SIGNATURE`: of the signature; for ECDSA of its first half alone, as the second can be changed by anybody.
    #[n(0)]
    Signature,
    /// `UCI`: of the certificate identifier.
    #[n(1)]
    Uci,
    /// `COUNTRYCODEUCI`: of the issuing country's code and the identifier, nothing between them.
    #[n(2)]
    CountryCodeUci,
}

impl DccHashKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Signature, Self::Uci, Self::CountryCodeUci];

    /// The word of the EU's lists.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Signature => "SIGNATURE",
            Self::Uci => "UCI",
            Self::CountryCodeUci => "COUNTRYCODEUCI",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One of the ids by which a credential can be withdrawn; a credential has as many as its format's lists may name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[non_exhaustive]
pub enum RevocableId {
    /// Our own token's.
    #[n(0)]
    Cti(#[n(0)] Cti),
    /// An EU certificate's.
    #[n(1)]
    Dcc {
        /// Whose list may name it.
        #[n(0)]
        kid: DccKid,
        /// What the hash is of.
        #[n(1)]
        kind: DccHashKind,
        /// The first 16 bytes of the SHA-256.
        #[cbor(n(2), with = "minicbor::bytes")]
        hash: [u8; 16],
    },
    /// A SMART Health Card's revocation id (spec.smarthealth.cards, "Revocation"); the issuer's list has the name of the
    /// key. Of an entry with a time only cards that were issued before it are withdrawn.
    #[n(2)]
    Shc {
        /// The `kid` of the key that signed the card.
        #[n(0)]
        kid: Box<str>,
        /// The card's `rid`: base64url, at most 24 characters.
        #[n(1)]
        rid: Box<str>,
        /// The card's `nbf`.
        #[n(2)]
        issued_at: UnixMillis,
    },
    /// Any other format's credential: the first 16 bytes of the SHA-256 of its own id.
    #[n(3)]
    Other(#[cbor(n(0), with = "minicbor::bytes")] [u8; 16]),
}

impl RevocableId {
    /// For the seal of a visit: what [`RevocableId::from_bytes`] reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_default() // a vector takes all that it is given
    }

    /// From a seal; `None` for what this program does not know.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        minicbor::decode(bytes).ok()
    }

    /// What marks of visits are made of: one text of bytes for each id, the same for a credential and for the entry of a
    /// list that names it. A card's time of issue is no part of it, nor an EU key, as hashes of 128 bits need neither.
    pub fn mark_bytes(&self) -> Vec<u8> {
        match self {
            Self::Cti(cti) => [b"cti\0".as_slice(), cti.as_bytes()].concat(),
            Self::Dcc { kind, hash, .. } => {
                let kind = match kind {
                    DccHashKind::Signature => b"dcc-signature\0".as_slice(),
                    DccHashKind::Uci => b"dcc-uci\0",
                    DccHashKind::CountryCodeUci => b"dcc-country-uci\0",
                };
                [kind, hash.as_slice()].concat()
            }
            Self::Shc { kid, rid, .. } => {
                [b"rid\0".as_slice(), kid.as_bytes(), b"\0", rid.as_bytes()].concat()
            }
            Self::Other(hash) => [b"id\0".as_slice(), hash].concat(),
        }
    }
}

/// The kind alone: an id can be matched against a list.
impl fmt::Debug for RevocableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cti(_) => "RevocableId(cti)",
            Self::Dcc { .. } => "RevocableId(dcc)",
            Self::Shc { .. } => "RevocableId(rid)",
            Self::Other(_) => "RevocableId(other)",
        })
    }
}
