//! The names of things: newtypes for every id and key, so that no two can be mixed up.

use std::fmt;

use data_encoding::HEXLOWER;
use minicbor::{Decode, Encode};

use crate::time::Day;

macro_rules! bytes_id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[cbor(with = "minicbor::bytes")] [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// From the bytes as they are stored and sent.
            pub const fn new(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// The bytes as they are stored and sent.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// From a slice; `None` unless it has exactly [`Self::LEN`] bytes.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// From lower-case hexadecimal, the form in which people see it.
            pub fn from_hex(text: &str) -> Option<Self> {
                let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
                Self::from_slice(&bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({}…)"), &HEXLOWER.encode(&self.0)[..8])
            }
        }
    };
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $int:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] $int);

        impl $name {
            /// From the number as it is stored and sent.
            pub const fn new(number: $int) -> Self {
                Self(number)
            }

            /// The number as it is stored and sent.
            pub const fn get(self) -> $int {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

bytes_id!(
    /// An Ed25519 public key: a node's, a manager's or a region root's name in every signature.
    PublicKey,
    32
);
bytes_id!(
    /// A SHA-256 digest.
    Hash,
    32
);
bytes_id!(
    /// An Ed25519 signature (RFC 8032).
    SignatureBytes,
    64
);
bytes_id!(
    /// One start of one node: random, so that a copied card is told from its original.
    Epoch,
    8
);
bytes_id!(
    /// The authority's pseudonym of a person; never a name.
    Subject,
    16
);
bytes_id!(
    /// HMAC of a subject under the venue's key of the day: pairs an entry with its exit.
    Tag,
    16
);
bytes_id!(
    /// HMAC of an id that a later revocation could name, under the venue's key of the day.
    Mark,
    8
);
bytes_id!(
    /// A question about a typed number: random.
    InquiryId,
    16
);
number_id!(
    /// A region: one health authority.
    RegionId,
    u16
);
number_id!(
    /// A venue within its region.
    VenueId,
    u64
);
number_id!(
    /// An entrance within its venue.
    EntranceId,
    u16
);
number_id!(
    /// The place of an envelope in its author's chain; the first is 1.
    Seq,
    u64
);
number_id!(
    /// A part of one day's document; a full one is closed and the next begun.
    Segment,
    u16
);
number_id!(
    /// The count of a record within its author's epoch; the first is 1.
    RecordNumber,
    u64
);
number_id!(
    /// A part of a venue with a capacity of its own; 0 is the whole venue.
    ZoneId,
    u16
);
number_id!(
    /// A week of the tracing key: whole weeks since 1970-01-01.
    Week,
    u32
);

impl Seq {
    /// The place after this one.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl Hash {
    /// What the first envelope of a chain names as its predecessor.
    pub const ZERO: Self = Self([0; 32]);
}

/// One writer's chain of envelopes: a node, between one start and the next, on one day. A day's chains go together
/// when the day is destroyed, and nothing before them is needed to check what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct ChainId {
    /// The key that signs: a node's, or the venue's manager's.
    #[n(0)]
    pub author: PublicKey,
    /// Which of the writing node's starts.
    #[n(1)]
    pub epoch: Epoch,
    /// The day of its documents.
    #[n(2)]
    pub day: Day,
}

/// The name of a record, unique for ever: who wrote it, in which epoch, on which day, as its how-manieth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct RecordId {
    /// The chain it was written in.
    #[n(0)]
    pub chain: ChainId,
    /// Its count within the author's epoch.
    #[n(1)]
    pub number: RecordNumber,
}
