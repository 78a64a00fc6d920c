//! The signed envelope in which visits travel: one group of one writer's visits, chained to the last.
//!
//! What travels is the visits themselves, never automerge's own bytes: every node builds the same change
//! from them ([`crate::document`]), so a peer has no way to express a deletion, a foreign actor, an
//! orphan or a bomb. The signature covers the header; the header covers the visits by their hash.

use minicbor::{Decode, Encode, bytes::ByteVec};
use sha2::{Digest, Sha256};

use crate::{
    id::{ChainId, Hash, PublicKey, Segment, Seq, SignatureBytes, VenueId, VisitNumber},
    key::{BadSignature, SecretKey, encode, verify},
    record::{VISIT_MAX, Visit, VisitError},
    time::{Day, UnixMillis},
};

/// The most visits in one envelope: one group commit.
pub const GROUP_MAX: usize = 64;
/// The longest encoded envelope, bytes; it is refused before it is decoded.
pub const ENVELOPE_MAX: usize = GROUP_MAX * (VISIT_MAX + 16) + 512;
/// A change may not be dated further ahead of the receiver than this, ms.
pub const AHEAD_MAX_MILLIS: i64 = 10 * 60 * 1000;

const CONTEXT: &str = "vestibule/envelope/1";

/// What the author signs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Header {
    /// The venue in whose name it is written.
    #[n(0)]
    pub venue: VenueId,
    /// The author's chain.
    #[n(1)]
    pub chain: ChainId,
    /// Its place in the chain.
    #[n(2)]
    pub seq: Seq,
    /// The hash of the header before it; [`Hash::ZERO`] for the first.
    #[n(3)]
    pub previous: Hash,
    /// The day of the document it adds to.
    #[n(4)]
    pub day: Day,
    /// The document's segment of that day.
    #[n(5)]
    pub segment: Segment,
    /// When it was committed, by the author's clock.
    #[n(6)]
    pub made_at: UnixMillis,
    /// Hash of the visits as [`Envelope::digest`] computes it.
    #[n(7)]
    pub content: Hash,
}

impl Header {
    /// What the next header names as its predecessor.
    pub fn hash(&self) -> Hash {
        Hash::new(Sha256::digest(encode(self)).into())
    }
}

/// One visit inside an envelope: its number in the chain, and its versioned bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Item {
    /// Its count within the chain.
    #[n(0)]
    pub number: VisitNumber,
    /// [`Visit::to_bytes`].
    #[n(1)]
    pub bytes: ByteVec,
}

/// A group of visits as it travels and is stored: not yet checked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Envelope {
    /// What is signed.
    #[n(0)]
    pub header: Header,
    /// The author's signature over the header.
    #[n(1)]
    pub signature: SignatureBytes,
    /// The visits, in the order of their numbers.
    #[n(2)]
    pub items: Vec<Item>,
}

/// An envelope whose signature, content and bounds were checked. Only [`Envelope::check`] and
/// [`Envelope::write`] make one; whether it *follows* what is already known is the book's question.
#[derive(Clone, Debug)]
pub struct CheckedEnvelope {
    envelope: Envelope,
    visits: Vec<(VisitNumber, Visit)>,
}

/// Why an envelope is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// Nothing in it, or more than [`GROUP_MAX`] visits.
    #[error("envelope holds {0} visits, allowed are 1 to {GROUP_MAX}")]
    Size(usize),
    /// Not signed by the author it names.
    #[error("envelope {seq} of {author}: {source}")]
    Signature {
        /// The named author.
        author: PublicKey,
        /// Its place.
        seq: Seq,
        /// The cause.
        source: BadSignature,
    },
    /// The visits are not those that were signed.
    #[error("envelope's visits do not match its signed hash")]
    Content,
    /// Visit numbers do not rise.
    #[error("envelope's visit numbers do not rise")]
    Order,
    /// A visit breaks its bounds or shape.
    #[error("visit {number} in envelope is refused")]
    Visit {
        /// Its number.
        number: VisitNumber,
        /// The cause.
        source: VisitError,
    },
    /// Dated too far ahead of the receiver's clock.
    #[error("envelope is dated {0}, too far ahead")]
    Future(UnixMillis),
}

impl Envelope {
    /// Writes and signs the next envelope of a chain. `header.content` and `header.chain.author` are
    /// filled in here.
    ///
    /// # Errors
    /// [`EnvelopeError::Size`] when the group is empty or too large.
    pub fn write(
        mut header: Header,
        visits: Vec<(VisitNumber, Visit)>,
        key: &SecretKey,
    ) -> Result<CheckedEnvelope, EnvelopeError> {
        if visits.is_empty() || visits.len() > GROUP_MAX {
            return Err(EnvelopeError::Size(visits.len()));
        }
        let items: Vec<Item> = visits
            .iter()
            .map(|(number, v)| Item { number: *number, bytes: v.to_bytes().into() })
            .collect();
        header.content = Self::digest(&items);
        header.chain.author = key.public();
        let signature = key.sign(CONTEXT, &encode(&header));
        Ok(CheckedEnvelope { envelope: Self { header, signature, items }, visits })
    }

    /// SHA-256 over the CBOR of the items.
    pub fn digest(items: &[Item]) -> Hash {
        Hash::new(Sha256::digest(encode(&items)).into())
    }

    /// Checks signature, content, order, bounds and date.
    ///
    /// # Errors
    /// [`EnvelopeError`] names what is wrong.
    pub fn check(self, now: UnixMillis) -> Result<CheckedEnvelope, EnvelopeError> {
        let header = &self.header;
        if self.items.is_empty() || self.items.len() > GROUP_MAX {
            return Err(EnvelopeError::Size(self.items.len()));
        }
        verify(&header.chain.author, CONTEXT, &encode(header), &self.signature).map_err(
            |source| EnvelopeError::Signature {
                author: header.chain.author,
                seq: header.seq,
                source,
            },
        )?;
        if Self::digest(&self.items) != header.content {
            return Err(EnvelopeError::Content);
        }
        if !self.items.is_sorted_by(|a, b| a.number < b.number) {
            return Err(EnvelopeError::Order);
        }
        if header.made_at > now.plus_millis(AHEAD_MAX_MILLIS) {
            return Err(EnvelopeError::Future(header.made_at));
        }
        let visits = self
            .items
            .iter()
            .map(|item| match Visit::from_bytes(&item.bytes) {
                Ok(visit) => Ok((item.number, visit)),
                Err(source) => Err(EnvelopeError::Visit { number: item.number, source }),
            })
            .collect::<Result<_, _>>()?;
        Ok(CheckedEnvelope { envelope: self, visits })
    }
}

impl CheckedEnvelope {
    /// The envelope as it is stored and sent on.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// Its header.
    pub fn header(&self) -> &Header {
        &self.envelope.header
    }

    /// Its visits, read.
    pub fn visits(&self) -> &[(VisitNumber, Visit)] {
        &self.visits
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        id::{EntranceId, Epoch, Tag},
        record::{ClockTrust, Decider, Status, VisitKind},
    };

    pub(crate) const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

    pub(crate) fn visit(at: i64) -> Visit {
        Visit {
            at: NOON.plus_millis(at),
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

    pub(crate) fn header(key: &SecretKey) -> Header {
        Header {
            venue: VenueId::new(17),
            chain: ChainId { author: key.public(), epoch: Epoch::new([1; 8]) },
            seq: Seq::new(1),
            previous: Hash::ZERO,
            day: Day::new(20_000),
            segment: Segment::new(0),
            made_at: NOON,
            content: Hash::ZERO,
        }
    }

    fn good() -> Envelope {
        let key = SecretKey::from_bytes(&[5; 32]);
        let visits = vec![(VisitNumber::new(1), visit(0)), (VisitNumber::new(2), visit(5))];
        Envelope::write(header(&key), visits, &key).unwrap().envelope().clone()
    }

    #[test]
    fn every_altered_part_is_noticed() {
        assert!(good().check(NOON).is_ok());
        let mut moved = good();
        moved.header.seq = Seq::new(2);
        assert!(matches!(moved.check(NOON), Err(EnvelopeError::Signature { .. })));
        let mut swapped = good();
        swapped.items[0].bytes = visit(99).to_bytes().into();
        assert!(matches!(swapped.check(NOON), Err(EnvelopeError::Content)));
        let mut dropped = good();
        dropped.items.pop();
        assert!(matches!(dropped.check(NOON), Err(EnvelopeError::Content)));
        let mut renamed = good();
        renamed.header.chain.author = SecretKey::from_bytes(&[6; 32]).public();
        assert!(matches!(renamed.check(NOON), Err(EnvelopeError::Signature { .. })));
        let mut empty = good();
        empty.items.clear();
        assert!(matches!(empty.check(NOON), Err(EnvelopeError::Size(0))));
    }

    #[test]
    fn the_date_may_be_ten_minutes_ahead_and_no_more() {
        let earlier = NOON.plus_millis(-AHEAD_MAX_MILLIS);
        assert!(good().check(earlier).is_ok());
        let too_early = earlier.plus_millis(-1);
        assert!(matches!(good().check(too_early), Err(EnvelopeError::Future(_))));
    }

    #[test]
    fn the_largest_group_fits_the_frame() {
        let key = SecretKey::from_bytes(&[5; 32]);
        let big = Visit { reason: Some("r".repeat(32)), ..visit(0) };
        let visits = (1..=GROUP_MAX as u64).map(|n| (VisitNumber::new(n), big.clone())).collect();
        let envelope = Envelope::write(header(&key), visits, &key).unwrap();
        assert!(encode(envelope.envelope()).len() < ENVELOPE_MAX);
    }
}
