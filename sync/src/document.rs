//! One entrance-day of visits as an automerge document: visit number → versioned bytes, only ever added.
//!
//! Law: a document is the fold of its chain's envelopes in order. Two nodes that hold the same envelopes
//! hold the same document, down to automerge's heads, because actor, time and operations are all taken
//! from the envelope; merging is idempotent and needs no trust in a peer's bytes.

use automerge::{
    ActorId, AutoCommit, AutomergeError, ROOT, ReadDoc,
    transaction::{CommitOptions, Transactable},
};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::{
    envelope::{CheckedEnvelope, Item},
    id::{ChainId, Segment, VisitNumber},
    time::Day,
};

/// A document is closed when it holds so many visits and the next segment begun: each append and load
/// costs time in proportion to what is already in it.
pub const SEGMENT_VISITS: usize = 2_000;

/// The name of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct DocumentId {
    /// Its one writer.
    #[n(0)]
    pub chain: ChainId,
    /// Its day.
    #[n(1)]
    pub day: Day,
    /// Its part of the day.
    #[n(2)]
    pub segment: Segment,
}

/// Why a document could not be read or added to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// automerge refused.
    #[error("automerge refused the document")]
    Automerge(#[from] AutomergeError),
    /// A visit number that is already there: documents only grow.
    #[error("visit {0} is already in the document")]
    Repeated(VisitNumber),
    /// A visit that the envelopes promise is not there.
    #[error("visit {0} is missing from the document")]
    Missing(VisitNumber),
}

/// The document in memory.
#[derive(Debug)]
pub struct VisitDocument {
    doc: AutoCommit,
    visits: usize,
}

impl VisitDocument {
    /// A new, empty one.
    pub fn new(id: &DocumentId) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"vestibule/actor/1");
        hash.update(id.chain.author.as_bytes());
        hash.update(id.chain.epoch.as_bytes());
        let actor = ActorId::from(&hash.finalize()[..16]);
        Self { doc: AutoCommit::new().with_actor(actor), visits: 0 }
    }

    /// From its stored chunks, joined in order.
    ///
    /// # Errors
    /// [`DocumentError::Automerge`] when the bytes are damaged.
    pub fn load(id: &DocumentId, chunks: &[u8]) -> Result<Self, DocumentError> {
        let actor = Self::new(id).doc.get_actor().clone();
        let doc = AutoCommit::load(chunks)?.with_actor(actor);
        let visits = doc.length(ROOT);
        Ok(Self { doc, visits })
    }

    /// How many visits it holds.
    pub fn len(&self) -> usize {
        self.visits
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.visits == 0
    }

    /// Adds an envelope's visits as one automerge change; returns the bytes to store after what is
    /// already stored. The caller has made sure that the envelope follows.
    ///
    /// # Errors
    /// [`DocumentError`]; nothing was added then.
    pub fn append(&mut self, envelope: &CheckedEnvelope) -> Result<Vec<u8>, DocumentError> {
        let before = self.doc.get_heads();
        let items = &envelope.envelope().items;
        for item in items {
            if let Err(error) = self.put(item) {
                self.doc.rollback();
                return Err(error);
            }
        }
        let made_at = envelope.header().made_at.secs();
        self.doc.commit_with(CommitOptions::default().with_time(made_at));
        self.visits += items.len();
        Ok(self.doc.save_after(&before))
    }

    fn put(&mut self, item: &Item) -> Result<(), DocumentError> {
        let key = key_of(item.number);
        if self.doc.get(ROOT, &key)?.is_some() {
            return Err(DocumentError::Repeated(item.number));
        }
        Ok(self.doc.put(ROOT, key, item.bytes.to_vec())?)
    }

    /// One visit's bytes.
    ///
    /// # Errors
    /// [`DocumentError::Missing`] when it is not there.
    pub fn item(&self, number: VisitNumber) -> Result<Item, DocumentError> {
        match self.doc.get(ROOT, key_of(number))? {
            Some((value, _)) => match value.as_bytes() {
                Some(bytes) => Ok(Item { number, bytes: bytes.to_vec().into() }),
                None => Err(DocumentError::Missing(number)),
            },
            None => Err(DocumentError::Missing(number)),
        }
    }

    /// automerge's heads: equal at two nodes when the documents are.
    pub fn heads(&mut self) -> Vec<[u8; 32]> {
        self.doc.get_heads().iter().map(|h| h.0).collect()
    }
}

/// Hexadecimal without leading zeros: short keys, short files.
fn key_of(number: VisitNumber) -> String {
    format!("{:x}", number.get())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        envelope::{
            Envelope,
            tests::{NOON, header, visit},
        },
        id::Seq,
        key::SecretKey,
    };

    fn envelope(seq: u64, numbers: std::ops::Range<u64>) -> CheckedEnvelope {
        let key = SecretKey::from_bytes(&[5; 32]);
        let h = crate::envelope::Header { seq: Seq::new(seq), ..header(&key) };
        let visits = numbers.map(|n| (VisitNumber::new(n), visit(n as i64))).collect();
        Envelope::write(h, visits, &key).unwrap()
    }

    fn id() -> DocumentId {
        let h = header(&SecretKey::from_bytes(&[5; 32]));
        DocumentId { chain: h.chain, day: h.day, segment: h.segment }
    }

    #[test]
    fn the_same_envelopes_make_the_same_document_everywhere() {
        let (mut a, mut b) = (VisitDocument::new(&id()), VisitDocument::new(&id()));
        let mut stored = a.append(&envelope(1, 1..4)).unwrap();
        stored.extend(a.append(&envelope(2, 4..5)).unwrap());
        for e in [envelope(1, 1..4), envelope(2, 4..5)] {
            let bytes = serialise(e);
            b.append(&bytes.check(NOON).unwrap()).unwrap();
        }
        assert_eq!(a.heads(), b.heads());
        let mut c = VisitDocument::load(&id(), &stored).unwrap();
        assert_eq!(c.heads(), a.heads());
        assert_eq!(c.len(), 4);
        c.append(&envelope(3, 5..6)).unwrap();
        a.append(&envelope(3, 5..6)).unwrap();
        assert_eq!(c.heads(), a.heads(), "a reloaded writer goes on as the same actor");
    }

    fn serialise(e: CheckedEnvelope) -> Envelope {
        minicbor::decode(&crate::key::encode(e.envelope())).unwrap()
    }

    #[test]
    fn a_number_twice_is_refused_and_nothing_changes() {
        let mut doc = VisitDocument::new(&id());
        doc.append(&envelope(1, 1..3)).unwrap();
        let heads = doc.heads();
        assert!(matches!(doc.append(&envelope(2, 2..4)), Err(DocumentError::Repeated(_))));
        assert_eq!(doc.heads(), heads);
        assert!(matches!(doc.item(VisitNumber::new(3)), Err(DocumentError::Missing(_))));
    }

    #[test]
    fn damaged_bytes_are_an_error() {
        assert!(VisitDocument::load(&id(), b"not automerge").is_err());
    }
}
