//! One chain's records as an automerge document: record number → versioned bytes, only ever added.
//!
//! Law: a document is the fold of its chain's envelopes in order. Two nodes that hold the same envelopes
//! hold the same document, down to automerge's heads, because actor, time and operations are all taken
//! from the envelope; merging is idempotent and needs no trust in a peer's bytes.

use automerge::{
    ActorId, AutoCommit, AutomergeError, ROOT, ReadDoc, ScalarValueRef, ValueRef,
    transaction::{CommitOptions, Transactable},
};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::{
    envelope::{CheckedEnvelope, Item},
    id::{ChainId, RecordNumber, Segment},
};

/// A document is closed when it holds so many records and the next segment begun: each append and load
/// costs time in proportion to what is already in it.
pub const SEGMENT_RECORDS: usize = 2_000;

/// Or when its records have so many bytes: twice what that many visits have, so that only long ones come to it.
pub const SEGMENT_BYTES: usize = 1 << 20;

/// The name of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct DocumentId {
    /// Its one writer, and the day.
    #[n(0)]
    pub chain: ChainId,
    /// Its part of the day.
    #[n(1)]
    pub segment: Segment,
}

/// Why a document could not be read or added to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// automerge refused.
    #[error("automerge refused the document")]
    Automerge(#[from] AutomergeError),
    /// A record number that is already there: documents only grow.
    #[error("record {0} is already in the document")]
    Repeated(RecordNumber),
    /// A record that the envelopes promise is not there.
    #[error("record {0} is missing from the document")]
    Missing(RecordNumber),
}

/// The document in memory.
#[derive(Debug)]
pub struct RecordDocument {
    doc: AutoCommit,
    records: usize,
    bytes: usize,
}

impl RecordDocument {
    /// A new, empty one.
    pub fn new(id: &DocumentId) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"vestibule/actor/2");
        hash.update(id.chain.author.as_bytes());
        hash.update(id.chain.epoch.as_bytes());
        let actor = ActorId::from(&hash.finalize()[..16]);
        Self { doc: AutoCommit::new().with_actor(actor), records: 0, bytes: 0 }
    }

    /// From its stored chunks, joined in order.
    ///
    /// # Errors
    /// [`DocumentError::Automerge`] when the bytes are damaged.
    pub fn load(id: &DocumentId, chunks: &[u8]) -> Result<Self, DocumentError> {
        let actor = Self::new(id).doc.get_actor().clone();
        let doc = AutoCommit::load(chunks)?.with_actor(actor);
        let records = doc.length(ROOT);
        let length = |value: &ValueRef<'_>| match value {
            ValueRef::Scalar(ScalarValueRef::Bytes(bytes)) => bytes.len(),
            _ => 0,
        };
        let bytes = doc.map_range(ROOT, ..).map(|item| length(&item.value)).sum();
        Ok(Self { doc, records, bytes })
    }

    /// How many records it holds.
    pub fn len(&self) -> usize {
        self.records
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// How many bytes its records have, which is about what it takes in memory, several times over.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether so many more records of so many bytes still go into it. To be asked before each group, by who writes it
    /// and by who takes it: where there is no room, the next segment begins.
    pub fn has_room(&self, records: usize, bytes: usize) -> bool {
        self.records + records <= SEGMENT_RECORDS && self.bytes + bytes <= SEGMENT_BYTES
    }

    /// Adds an envelope's records as one automerge change; returns the bytes to store after what is
    /// already stored. The caller has made sure that the envelope follows.
    ///
    /// # Errors
    /// [`DocumentError`]; nothing was added then.
    pub fn append(&mut self, envelope: &CheckedEnvelope) -> Result<Vec<u8>, DocumentError> {
        let before = self.doc.get_heads();
        let items = envelope.items();
        for item in items {
            if let Err(error) = self.put(item) {
                self.doc.rollback();
                return Err(error);
            }
        }
        let made_at = envelope.header().made_at.secs();
        self.doc.commit_with(CommitOptions::default().with_time(made_at));
        self.records += items.len();
        self.bytes += items.iter().map(|item| item.bytes.len()).sum::<usize>();
        Ok(self.doc.save_after(&before))
    }

    fn put(&mut self, item: &Item) -> Result<(), DocumentError> {
        let key = key_of(item.number);
        if self.doc.get(ROOT, &key)?.is_some() {
            return Err(DocumentError::Repeated(item.number));
        }
        Ok(self.doc.put(ROOT, key, item.bytes.to_vec())?)
    }

    /// Whether it holds a record of this number.
    ///
    /// # Errors
    /// [`DocumentError::Automerge`].
    pub fn contains(&self, number: RecordNumber) -> Result<bool, DocumentError> {
        Ok(self.doc.get(ROOT, key_of(number))?.is_some())
    }

    /// One record's bytes.
    ///
    /// # Errors
    /// [`DocumentError::Missing`] when it is not there.
    pub fn item(&self, number: RecordNumber) -> Result<Item, DocumentError> {
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
fn key_of(number: RecordNumber) -> String {
    format!("{:x}", number.get())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        envelope::{
            Header,
            tests::{header, visit},
        },
        id::Hash,
        key::SecretKey,
        record::Record,
    };

    fn key() -> SecretKey {
        SecretKey::from_bytes(&[5; 32])
    }

    fn envelope(seq: u64, numbers: std::ops::Range<u64>) -> CheckedEnvelope {
        let record = |n: u64| (RecordNumber::new(n), Record::Visit(visit(n.cast_signed())));
        let header = header(&key(), seq, Hash::ZERO);
        CheckedEnvelope::write(header, numbers.map(record).collect(), &key()).unwrap()
    }

    fn id() -> DocumentId {
        let Header { chain, segment, .. } = header(&key(), 1, Hash::ZERO);
        DocumentId { chain, segment }
    }

    #[test]
    fn the_same_envelopes_make_the_same_document_everywhere() {
        let (mut a, mut b) = (RecordDocument::new(&id()), RecordDocument::new(&id()));
        let mut stored = a.append(&envelope(1, 1..4)).unwrap();
        stored.extend(a.append(&envelope(2, 4..5)).unwrap());
        for e in [envelope(1, 1..4), envelope(2, 4..5)] {
            b.append(&e).unwrap();
        }
        assert_eq!(a.heads(), b.heads());
        let mut c = RecordDocument::load(&id(), &stored).unwrap();
        assert_eq!(c.heads(), a.heads());
        assert_eq!(c.len(), 4);
        c.append(&envelope(3, 5..6)).unwrap();
        a.append(&envelope(3, 5..6)).unwrap();
        assert_eq!(c.heads(), a.heads(), "a reloaded writer goes on as the same actor");
    }

    #[test]
    fn a_number_twice_is_refused_and_nothing_changes() {
        let mut doc = RecordDocument::new(&id());
        doc.append(&envelope(1, 1..3)).unwrap();
        let heads = doc.heads();
        assert!(matches!(doc.append(&envelope(2, 2..4)), Err(DocumentError::Repeated(_))));
        assert_eq!(doc.heads(), heads);
        assert!(matches!(doc.item(RecordNumber::new(3)), Err(DocumentError::Missing(_))));
    }

    #[test]
    fn damaged_bytes_are_an_error() {
        assert!(RecordDocument::load(&id(), b"not automerge").is_err());
    }
}
