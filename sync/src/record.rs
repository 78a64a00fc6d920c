//! The shapes of visits on disk and on the wire, each behind a version byte.

use minicbor::{Decode, Encode};

use crate::{
    id::{EntranceId, SignatureBytes, Tag, VisitId},
    key::encode,
    sealed::Sealed,
    time::{Day, UnixMillis},
};

/// The longest reason word that a visit may carry, bytes.
const REASON_MAX: usize = 32;
/// The longest encoded visit that is accepted, bytes: bounded before it is decoded.
pub const VISIT_MAX: usize = 1024;
const VISIT_VERSION: u8 = 1;

/// Which way an entrance leads, and which way a visitor crossed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Direction {
    /// Only in.
    #[n(0)]
    In,
    /// Only out.
    #[n(1)]
    Out,
    /// In and out.
    #[n(2)]
    Both,
}

/// What a visit was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum VisitKind {
    /// Somebody came in.
    #[n(0)]
    Entry,
    /// Somebody went out.
    #[n(1)]
    Exit,
    /// Somebody was turned away.
    #[n(2)]
    Refusal,
    /// A later statement about an earlier visit.
    #[n(3)]
    Correction,
}

/// A person's status by the region's policy at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Status {
    /// Tested negative lately.
    #[n(0)]
    Green,
    /// Nothing known against.
    #[n(1)]
    Blue,
    /// Contact of a case.
    #[n(2)]
    Yellow,
    /// Tested positive.
    #[n(3)]
    Red,
    /// Cannot be confirmed here and now.
    #[n(4)]
    Grey,
}

/// How far the clock was believed when something was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum ClockTrust {
    /// Set by a source that is believed.
    #[n(0)]
    Trusted,
    /// Not earlier than true, perhaps not exact.
    #[n(1)]
    Bounded,
    /// Not to be believed.
    #[n(2)]
    Unknown,
}

/// Who took the decision that a visit records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Decider {
    /// The verdict itself, at an unattended door.
    #[n(0)]
    Verdict,
    /// A person at the desk.
    #[n(1)]
    Staff,
}

/// One crossing of one entrance; immutable once written. Siblings see all but what is sealed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Visit {
    /// When it was decided, by the door's clock.
    #[n(0)]
    pub at: UnixMillis,
    /// How far that clock was believed.
    #[n(1)]
    pub clock: ClockTrust,
    /// Where.
    #[n(2)]
    pub entrance: EntranceId,
    /// What was done.
    #[n(3)]
    pub kind: VisitKind,
    /// The status that the rules saw.
    #[n(4)]
    pub status: Status,
    /// The stable word for why it was refused, where it was.
    #[n(5)]
    pub reason: Option<String>,
    /// Who decided.
    #[n(6)]
    pub decider: Decider,
    /// Pairs this visit with others of the same person on the same day.
    #[n(7)]
    pub tag: Tag,
    /// The person, for the authority's eyes only; absent where nobody was identified.
    #[n(8)]
    pub sealed: Option<Sealed>,
}

/// Why bytes are not a visit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VisitError {
    /// Longer than [`VISIT_MAX`].
    #[error("visit of {0} bytes is over the limit of {VISIT_MAX}")]
    TooLarge(usize),
    /// Written by a later version of this program.
    #[error("visit has version {0}, this program knows up to {VISIT_VERSION}")]
    Version(u8),
    /// Not of the shape.
    #[error("visit is malformed")]
    Malformed(#[from] minicbor::decode::Error),
    /// A field over its own limit.
    #[error("visit has a {0} over its limit")]
    Field(&'static str),
}

impl Visit {
    /// The bytes as stored and sent: a version byte, then CBOR.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VISIT_VERSION];
        bytes.extend_from_slice(&encode(self));
        bytes
    }

    /// Reads what [`Visit::to_bytes`] wrote, within bounds.
    ///
    /// # Errors
    /// [`VisitError`] says which bound or shape is broken.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VisitError> {
        if bytes.len() > VISIT_MAX {
            return Err(VisitError::TooLarge(bytes.len()));
        }
        match bytes.split_first() {
            Some((&VISIT_VERSION, body)) => {
                let visit: Self = minicbor::decode(body)?;
                if visit.reason.as_ref().is_some_and(|r| r.len() > REASON_MAX) {
                    return Err(VisitError::Field("reason"));
                }
                Ok(visit)
            }
            Some((&version, _)) => Err(VisitError::Version(version)),
            None => Err(VisitError::Malformed(minicbor::decode::Error::end_of_input())),
        }
    }
}

/// A visit with its name and the day under which it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVisit {
    /// Its name.
    pub id: VisitId,
    /// The day of its document.
    pub day: Day,
    /// What happened.
    pub visit: Visit,
}

/// The authority's word for "what you sent up to here is safe with me", passed on among siblings.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Acknowledgement {
    /// The chain it speaks of.
    #[n(0)]
    pub chain: crate::id::ChainId,
    /// Everything up to and with this place is durable at the authority.
    #[n(1)]
    pub seq: crate::id::Seq,
    /// When the authority said so.
    #[n(2)]
    pub at: UnixMillis,
    /// The authority node that said so.
    #[n(3)]
    pub by: crate::id::PublicKey,
    /// Its signature.
    #[n(4)]
    pub signature: SignatureBytes,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn visit() -> Visit {
        Visit {
            at: UnixMillis::new(1_790_000_000_123),
            clock: ClockTrust::Trusted,
            entrance: EntranceId::new(1),
            kind: VisitKind::Entry,
            status: Status::Green,
            reason: None,
            decider: Decider::Verdict,
            tag: Tag::new([7; 16]),
            sealed: None,
        }
    }

    #[test]
    fn a_visit_reads_back_as_written() {
        assert_eq!(Visit::from_bytes(&visit().to_bytes()).unwrap(), visit());
    }

    #[test]
    fn later_versions_and_long_fields_are_named() {
        let mut bytes = visit().to_bytes();
        bytes[0] = 9;
        assert!(matches!(Visit::from_bytes(&bytes), Err(VisitError::Version(9))));
        let long = Visit { reason: Some("x".repeat(33)), ..visit() };
        assert!(matches!(Visit::from_bytes(&long.to_bytes()), Err(VisitError::Field("reason"))));
        assert!(matches!(Visit::from_bytes(&[1; 2000]), Err(VisitError::TooLarge(2000))));
        assert!(Visit::from_bytes(&[]).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Visit::from_bytes(&bytes);
        }
    }
}
