//! A look-up of a person: who of staff asked for what, and when; never whom it was about.

use minicbor::{Decode, Encode, bytes::ByteVec};

use crate::time::UnixMillis;

/// The longest name of a member of staff, bytes.
pub const WHO_MAX: usize = 16;

/// Somebody's number is about to be looked up: written before the question is asked, so that none goes unnoticed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct LookUp {
    /// When, by the door's clock.
    #[n(0)]
    pub at: UnixMillis,
    /// What was looked up.
    #[n(1)]
    pub what: LookedUp,
    /// Which member of staff did it: a short name that tells nothing by itself; `None` where nobody signed in by name.
    #[n(2)]
    pub who: Option<ByteVec>,
}

/// What was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum LookedUp {
    /// The number of a visitor who comes in.
    #[n(0)]
    Number,
    /// An elder's status.
    #[n(1)]
    Elder,
    /// A child's status.
    #[n(2)]
    Child,
    /// A status that was asked for in another way.
    #[n(3)]
    Status,
}
