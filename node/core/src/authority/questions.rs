//! The log of tracing questions: each entry names the hash of the one before, so none can be taken out.

use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};
use sync::{
    book::Row,
    id::{Hash, Subject, VenueId},
    time::UnixMillis,
};

use super::{
    OpenError,
    index::{QUESTION, all, encode},
    store::{Store, StoreError},
};

/// A question as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Entry {
    /// Its place in the log; the first is 1.
    #[n(0)]
    pub number: u64,
    /// Hash of the entry before.
    #[n(1)]
    pub previous: Hash,
    /// When it was asked.
    #[n(2)]
    pub at: UnixMillis,
    /// Who asked.
    #[n(3)]
    pub asked_by: String,
    /// The case it belongs to.
    #[n(4)]
    pub case: String,
    /// What for.
    #[n(5)]
    pub purpose: String,
    /// About whom.
    #[n(6)]
    pub subject: Subject,
    /// From when.
    #[n(7)]
    pub from: UnixMillis,
    /// Until when.
    #[n(8)]
    pub until: UnixMillis,
    /// About which venue, where it is no person; the person is then all zeros.
    #[n(9)]
    pub venue: Option<VenueId>,
}

impl Entry {
    /// The hash that the next entry names.
    pub fn hash(&self) -> Hash {
        Hash::new(Sha256::digest(encode(self)).into())
    }
}

/// Entries that may have been left behind between two questions.
const CATCH_UP: usize = 64;

fn key(number: u64) -> Vec<u8> {
    let mut key = vec![QUESTION];
    key.extend_from_slice(&number.to_be_bytes());
    key
}

/// The end of the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    len: u64,
    head: Hash,
}

impl Chain {
    /// Reads and verifies the whole log.
    pub(super) async fn read(store: &Store) -> Result<Self, OpenError> {
        let mut chain = Self { len: 0, head: Hash::ZERO };
        for (_, value) in all(store, QUESTION).await? {
            chain = chain.next(&minicbor::decode(&value)?).map_err(OpenError::Questions)?;
        }
        Ok(chain)
    }

    /// The end with one more entry; the number of the first that does not hold, where this one does not follow.
    fn next(&self, entry: &Entry) -> Result<Self, u64> {
        if entry.number != self.len + 1 || entry.previous != self.head {
            return Err(self.len + 1);
        }
        Ok(Self { len: entry.number, head: entry.hash() })
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Takes up what was written after this chain last looked: by a question whose asker went away between
    /// the writing and the answer, or by another node of the authority.
    pub(super) async fn catch_up(&mut self, store: &Store) -> Result<(), StoreError> {
        loop {
            let until = vec![QUESTION + 1];
            let rows = store.rows(key(self.len + 1), until, CATCH_UP).await?;
            for (_, value) in &rows {
                let entry: Entry = minicbor::decode(value).map_err(|_| StoreError::Damaged)?;
                *self = self.next(&entry).map_err(StoreError::Questions)?;
            }
            if rows.len() < CATCH_UP {
                return Ok(());
            }
        }
    }

    /// Writes an entry durably; its number and predecessor are filled in here. Where another node of the authority was
    /// quicker, it goes behind that one's.
    pub(super) async fn write(
        &mut self,
        store: &Store,
        mut entry: Entry,
    ) -> Result<(), StoreError> {
        loop {
            self.catch_up(store).await?;
            entry.number = self.len + 1;
            entry.previous = self.head;
            let place = key(entry.number);
            let row = Row::Lasting { key: place.clone(), value: encode(&entry) };
            if store.keep_rows_if(&place, None, vec![row]).await? {
                *self = Self { len: entry.number, head: entry.hash() };
                return Ok(());
            }
        }
    }
}

impl super::Authority {
    /// Questions of the log, newest first: at most `limit` of those before `before`.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn asked(&self, before: Option<u64>, limit: u64) -> Result<Vec<Entry>, OpenError> {
        let len = {
            let mut chain = self.0.questions.lock().await;
            chain.catch_up(&self.0.store).await?;
            chain.len()
        };
        let until = before.map_or(len, |before| len.min(before.saturating_sub(1)));
        let from = until.saturating_sub(limit);
        let count = usize::try_from(until - from).unwrap_or(0);
        let rows = self.0.store.rows(key(from + 1), key(until + 1), count).await?;
        let read: Result<Vec<Entry>, _> = rows.iter().map(|(_, v)| minicbor::decode(v)).collect();
        let mut read = read?;
        read.reverse();
        Ok(read)
    }

    /// Verifies the whole log, from its first entry to the last that this node has seen; how many there are, and the hash of
    /// the last.
    ///
    /// # Errors
    /// [`OpenError::Questions`] names the first entry that does not hold.
    pub async fn verify_questions(&self) -> Result<(u64, Hash), OpenError> {
        let known = *self.0.questions.lock().await;
        let mut chain = Chain { len: 0, head: Hash::ZERO };
        for (_, value) in all(&self.0.store, QUESTION).await? {
            chain = chain.next(&minicbor::decode(&value)?).map_err(OpenError::Questions)?;
            if chain.len == known.len && chain.head != known.head {
                return Err(OpenError::Questions(known.len));
            }
        }
        // The last ones can be taken out without a trace in the rest.
        if chain.len < known.len {
            return Err(OpenError::Questions(chain.len + 1));
        }
        Ok((chain.len, chain.head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_must_name_the_one_before() {
        let entry = |number, previous| Entry {
            number,
            previous,
            at: UnixMillis::new(5),
            asked_by: "x".into(),
            case: "x".into(),
            purpose: "x".into(),
            subject: Subject::new([3; 16]),
            from: UnixMillis::new(1),
            until: UnixMillis::new(2),
            venue: None,
        };
        let begin = Chain { len: 0, head: Hash::ZERO };
        let first = entry(1, Hash::ZERO);
        let one = begin.next(&first).unwrap();
        assert_eq!(one.next(&entry(2, first.hash())).unwrap().len, 2);
        assert_eq!(one.next(&entry(2, Hash::ZERO)).unwrap_err(), 2, "another was before it");
        assert_eq!(one.next(&entry(3, first.hash())).unwrap_err(), 2, "one was taken out");
    }

    #[test]
    fn what_was_logged_before_venues_could_be_asked_about_keeps_its_hash() {
        #[derive(Encode)]
        struct Earlier(
            #[n(0)] u64,
            #[n(1)] Hash,
            #[n(2)] UnixMillis,
            #[n(3)] String,
            #[n(4)] String,
            #[n(5)] String,
            #[n(6)] Subject,
            #[n(7)] UnixMillis,
            #[n(8)] UnixMillis,
        );
        let (at, word) = (UnixMillis::new(5), || "x".to_owned());
        let subject = Subject::new([3; 16]);
        let earlier = encode(&Earlier(1, Hash::ZERO, at, word(), word(), word(), subject, at, at));
        let entry: Entry = minicbor::decode(&earlier).unwrap();
        assert_eq!(entry.venue, None);
        assert_eq!(encode(&entry), earlier);
    }
}
