//! sled on disk: one tree, keys by prefix, one atomic batch per commit, flushed *and* fsynced.
//!
//! sled's `flush` alone is not durable across a power cut (it ends in `sync_file_range`), so every commit
//! ends with `fdatasync` on sled's own file; nothing may be acknowledged before `Store::commit` returns.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use minicbor::{Decode, Encode};

use crate::{
    document::DocumentId,
    id::{ChainId, PublicKey, Seq},
    key::encode,
};

/// The layout below. A store with a higher number is left alone.
const FORMAT: u32 = 1;
const CACHE_BYTES: u64 = 16 << 20;
const LOCK_TRIES: u32 = 20;
const LOCK_WAIT: Duration = Duration::from_millis(100);
/// sled writes larger values to files of their own, without fsync.
const VALUE_MAX: usize = 32 << 10;
const TREE: &[u8] = b"vestibule";

/// What the keys begin with. What lies behind them is covered by the store's format; visits carry a version of
/// their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Prefix {
    Format = b'f',
    Header = b'h',
    Chunk = b'd',
    Membership = b'm',
    Bulletin = b'b',
    Acknowledged = b'a',
    Row = b'r',
}

/// Whether commits wait for the disk. Simulations run without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Flush and fsync before a commit returns.
    Fsync,
    /// Neither: for simulations, where losing everything at a crash is the point.
    Volatile,
}

/// Why a store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process has it open.
    #[error("store {path} is in use by another process")]
    InUse {
        /// Its folder.
        path: PathBuf,
    },
    /// Written by a later version of this program.
    #[error(
        "store {path} has format {found}, this program knows up to {FORMAT}: update the program; the store was left as it is"
    )]
    Newer {
        /// Its folder.
        path: PathBuf,
        /// The format found.
        found: u32,
    },
    /// sled could not do it.
    #[error("store {path} failed")]
    Sled {
        /// Its folder.
        path: PathBuf,
        /// The cause.
        source: sled::Error,
    },
    /// The file system could not do it.
    #[error("store {path} failed")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A value is not what its key promises.
    #[error("store has a damaged {what}")]
    Damaged {
        /// Which kind of value.
        what: &'static str,
        /// The cause, where there is one.
        source: minicbor::decode::Error,
    },
    /// A value over the size that is safe in sled.
    #[error("a value of {0} bytes is over the store's limit of {VALUE_MAX}")]
    TooLarge(usize),
}

/// The open store.
pub struct Store {
    db: sled::Db,
    tree: sled::Tree,
    path: PathBuf,
    durability: Durability,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.path.display())
    }
}

impl Store {
    /// Opens or creates the store in folder `path`.
    ///
    /// # Errors
    /// [`StoreError`] names the folder and what is wrong with it.
    pub fn open(path: &Path, durability: Durability) -> Result<Self, StoreError> {
        let fresh = !path.join("db").exists();
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|e| io_error(parent, e))?;
        }
        let db = open_patiently(path)?;
        let tree = db.open_tree(TREE).map_err(|e| sled_error(path, e))?;
        let store = Self { db, tree, path: path.to_owned(), durability };
        store.check_format(fresh)?;
        if fresh {
            store.sync_folders()?;
        }
        Ok(store)
    }

    fn check_format(&self, fresh: bool) -> Result<(), StoreError> {
        match self.get::<u32>(Prefix::Format, &[])? {
            Some(found) if found > FORMAT => {
                Err(StoreError::Newer { path: self.path.clone(), found })
            }
            Some(_) => Ok(()),
            None if fresh || self.tree.is_empty() => {
                let mut batch = Batch::default();
                batch.put(Prefix::Format, &[], &FORMAT)?;
                self.commit(batch)
            }
            None => Err(StoreError::Damaged {
                what: "format mark",
                source: minicbor::decode::Error::end_of_input(),
            }),
        }
    }

    /// A new folder is durable only when its parent knows of it.
    fn sync_folders(&self) -> Result<(), StoreError> {
        for folder in [Some(self.path.as_path()), self.path.parent()].into_iter().flatten() {
            File::open(folder).and_then(|f| f.sync_all()).map_err(|e| io_error(folder, e))?;
        }
        Ok(())
    }

    /// Writes the batch atomically and waits until it would survive a power cut.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of the batch may be taken as written.
    pub(crate) fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        if batch.changes == 0 {
            return Ok(()); // nothing to make durable: an fsync would only wear the card
        }
        self.tree.apply_batch(batch.batch).map_err(|e| sled_error(&self.path, e))?;
        if self.durability == Durability::Volatile {
            return Ok(());
        }
        self.db.flush().map_err(|e| sled_error(&self.path, e))?;
        let file = self.path.join("db");
        File::open(&file).and_then(|f| f.sync_data()).map_err(|e| io_error(&file, e))
    }

    pub(crate) fn get<T: for<'b> Decode<'b, ()>>(
        &self,
        prefix: Prefix,
        rest: &[u8],
    ) -> Result<Option<T>, StoreError> {
        match self.tree.get(key(prefix, rest)).map_err(|e| sled_error(&self.path, e))? {
            Some(bytes) => Ok(Some(decode(prefix, &bytes)?)),
            None => Ok(None),
        }
    }

    /// All values under a prefix, with what follows it in their keys, in key order.
    pub(crate) fn scan<T: for<'b> Decode<'b, ()>>(
        &self,
        prefix: Prefix,
        rest: &[u8],
    ) -> impl Iterator<Item = Result<(Vec<u8>, T), StoreError>> + '_ {
        self.tree.scan_prefix(key(prefix, rest)).map(move |entry| {
            let (k, v) = entry.map_err(|e| sled_error(&self.path, e))?;
            Ok((k[1..].to_vec(), decode(prefix, &v)?))
        })
    }

    /// Values between two keys of one prefix, `from` included, `until` not.
    pub(crate) fn range<T: for<'b> Decode<'b, ()>>(
        &self,
        prefix: Prefix,
        from: &[u8],
        until: &[u8],
    ) -> impl Iterator<Item = Result<(Vec<u8>, T), StoreError>> + '_ {
        self.tree.range(key(prefix, from)..key(prefix, until)).map(move |entry| {
            let (k, v) = entry.map_err(|e| sled_error(&self.path, e))?;
            Ok((k[1..].to_vec(), decode(prefix, &v)?))
        })
    }

    /// A document's chunks, joined in order, and how many there are.
    pub(crate) fn chunks(&self, id: &DocumentId) -> Result<(Vec<u8>, u64), StoreError> {
        let mut joined = Vec::new();
        let mut count = 0;
        for entry in self.tree.scan_prefix(key(Prefix::Chunk, &document_key(id))) {
            let (_, chunk) = entry.map_err(|e| sled_error(&self.path, e))?;
            joined.extend_from_slice(&chunk);
            count += 1;
        }
        Ok((joined, count))
    }

    /// The highest segment that a chain has for a day.
    pub(crate) fn last_segment(&self, chain: &ChainId, day: i32) -> Option<u16> {
        let mut prefix = chain_key(chain);
        prefix.extend_from_slice(&ordered(day));
        let (k, _) = self
            .tree
            .scan_prefix(key(Prefix::Chunk, &prefix))
            .keys()
            .next_back()
            .and_then(Result::ok)
            .map(|k| (k, ()))?;
        let at = 1 + prefix.len();
        k.get(at..at + 2).map(|b| u16::from_be_bytes([b[0], b[1]]))
    }

    /// Bytes that the store takes on disk.
    pub fn size_on_disk(&self) -> u64 {
        self.db.size_on_disk().unwrap_or(0)
    }
}

/// Changes that become durable together.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    batch: sled::Batch,
    changes: usize,
}

impl Batch {
    pub(crate) fn put<T: Encode<()>>(
        &mut self,
        prefix: Prefix,
        rest: &[u8],
        value: &T,
    ) -> Result<(), StoreError> {
        self.put_bytes(prefix, rest, encode(value))
    }

    /// A chunk of a document. A piece over the store's limit is split by the caller's numbering.
    pub(crate) fn put_chunk(&mut self, id: &DocumentId, number: u64, bytes: &[u8]) -> u64 {
        let mut next = number;
        for piece in bytes.chunks(VALUE_MAX) {
            let mut rest = document_key(id);
            rest.extend_from_slice(&next.to_be_bytes());
            self.batch.insert(key(Prefix::Chunk, &rest), piece);
            self.changes += 1;
            next += 1;
        }
        next
    }

    fn put_bytes(&mut self, prefix: Prefix, rest: &[u8], bytes: Vec<u8>) -> Result<(), StoreError> {
        // Bulletins alone may be larger; they are few and are fetched again if lost.
        if bytes.len() > VALUE_MAX && prefix != Prefix::Bulletin {
            return Err(StoreError::TooLarge(bytes.len()));
        }
        self.batch.insert(key(prefix, rest), bytes);
        self.changes += 1;
        Ok(())
    }
}

fn key(prefix: Prefix, rest: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + rest.len());
    key.push(prefix as u8);
    key.extend_from_slice(rest);
    key
}

/// author ‖ epoch
pub(crate) fn chain_key(chain: &ChainId) -> Vec<u8> {
    let mut key = Vec::with_capacity(PublicKey::LEN + 8 + 8);
    key.extend_from_slice(chain.author.as_bytes());
    key.extend_from_slice(chain.epoch.as_bytes());
    key
}

/// author ‖ epoch ‖ seq
pub(crate) fn header_key(chain: &ChainId, seq: Seq) -> Vec<u8> {
    let mut key = chain_key(chain);
    key.extend_from_slice(&seq.get().to_be_bytes());
    key
}

/// author ‖ epoch ‖ day ‖ segment
fn document_key(id: &DocumentId) -> Vec<u8> {
    let mut key = chain_key(&id.chain);
    key.extend_from_slice(&ordered(id.day.get()));
    key.extend_from_slice(&id.segment.get().to_be_bytes());
    key
}

/// Big-endian with the sign turned, so that bytes sort as numbers do.
fn ordered(day: i32) -> [u8; 4] {
    (day.cast_unsigned() ^ (1 << 31)).to_be_bytes()
}

fn decode<T: for<'b> Decode<'b, ()>>(prefix: Prefix, bytes: &[u8]) -> Result<T, StoreError> {
    let what = match prefix {
        Prefix::Format => "format mark",
        Prefix::Header => "envelope header",
        Prefix::Chunk => "document chunk",
        Prefix::Membership => "membership",
        Prefix::Bulletin => "bulletin",
        Prefix::Acknowledged => "acknowledgement",
        Prefix::Row => "index row",
    };
    minicbor::decode(bytes).map_err(|source| StoreError::Damaged { what, source })
}

/// sled gives its lock back a moment after it was closed, and a node that is being restarted takes a moment to
/// end: only a lock that stays is another process's.
fn open_patiently(path: &Path) -> Result<sled::Db, StoreError> {
    let mut tries = LOCK_TRIES;
    loop {
        let opened = sled::Config::new().path(path).cache_capacity(CACHE_BYTES).open();
        match opened.map_err(|e| opening(path, e)) {
            Err(StoreError::InUse { .. }) if tries > 0 => {
                tries -= 1;
                std::thread::sleep(LOCK_WAIT);
            }
            other => return other,
        }
    }
}

fn opening(path: &Path, source: sled::Error) -> StoreError {
    match &source {
        // sled wraps the lock's own error in text; the kind is lost on the way.
        sled::Error::Io(e) if e.to_string().contains("could not acquire lock") => {
            StoreError::InUse { path: path.to_owned() }
        }
        _ => sled_error(path, source),
    }
}

fn sled_error(path: &Path, source: sled::Error) -> StoreError {
    StoreError::Sled { path: path.to_owned(), source }
}

fn io_error(path: &Path, source: io::Error) -> StoreError {
    StoreError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_store_is_named_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger");
        {
            let store = Store::open(&path, Durability::Fsync).unwrap();
            let mut batch = Batch::default();
            batch.put(Prefix::Format, &[], &(FORMAT + 1)).unwrap();
            store.commit(batch).unwrap();
        }
        for _ in 0..2 {
            let error = Store::open(&path, Durability::Fsync).unwrap_err();
            assert!(matches!(error, StoreError::Newer { found: 2, .. }), "{error}");
        }
    }

    #[test]
    fn a_store_in_use_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger");
        let _open = Store::open(&path, Durability::Fsync).unwrap();
        let error = Store::open(&path, Durability::Fsync).unwrap_err();
        assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
    }

    #[test]
    fn days_sort_as_numbers_do() {
        let mut days = [5, -3, i32::MIN, 0, i32::MAX];
        days.sort_unstable();
        assert!(days.is_sorted_by_key(|d| ordered(*d)));
    }
}
