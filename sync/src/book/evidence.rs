//! Two histories under one signature: the first one known stays, the other is kept beside it as evidence.

use super::*;

/// Pieces of evidence kept for one chain.
const EVIDENCE_MAX: usize = 2;
/// The longest encoded run that is kept whole, bytes; of a longer one its end is kept, which carries the signature.
const EVIDENCE_BYTES: usize = 24 << 10;

/// A run that contradicts what was known before it.
#[derive(Clone, Debug, Encode, Decode)]
pub struct Evidence {
    /// The author's own hash at the disputed place, as it was known first.
    #[n(0)]
    pub known: Hash,
    /// The disputed place.
    #[n(1)]
    pub seq: Seq,
    /// The other history, with its signature.
    #[n(2)]
    pub run: Run,
}

impl Book {
    /// Keeps the second history as evidence; the answer is always that it forked.
    pub(super) fn quarantine(&mut self, seq: Seq, run: CheckedRun) -> Result<(), BookError> {
        let Some(mut other) = run.to_run() else { return Ok(()) };
        let chain = other.chain;
        while crate::key::encode(&other).len() > EVIDENCE_BYTES && other.links.len() > 1 {
            other = run.tail(other.links.len() / 2).unwrap_or(other);
        }
        let place = header_key(&chain, seq);
        let held: usize = self.store.scan::<Evidence>(Prefix::Evidence, &chain_key(&chain)).count();
        // Told again and again it is still one piece, and no wear on the card.
        let is_known = self.store.get::<Evidence>(Prefix::Evidence, &place)?.is_some();
        let fits = crate::key::encode(&other).len() <= EVIDENCE_BYTES;
        let author = chain.author.as_bytes();
        let against = self.store.scan::<Evidence>(Prefix::Evidence, author).count();
        if held < EVIDENCE_MAX && against < quota::AUTHOR_EVIDENCE_MAX && !is_known && fits {
            let evidence = Evidence { known: self.head(&chain).hash, seq, run: other };
            self.store.put(&mut self.batch, Prefix::Evidence, &place, &evidence)?;
            self.committed.forked.push(chain);
        }
        Err(BookError::Forked { author: chain.author, seq })
    }

    /// Every second history that is kept.
    ///
    /// # Errors
    /// [`StoreError`] when the store is damaged.
    pub fn evidence(&self) -> Result<Vec<Evidence>, StoreError> {
        self.store.scan::<Evidence>(Prefix::Evidence, &[]).map(|e| e.map(|(_, e)| e)).collect()
    }
}
