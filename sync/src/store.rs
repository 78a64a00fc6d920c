//! sled on disk: one tree, keys by prefix, one atomic batch per commit, flushed *and* fsynced.
//!
//! sled keeps old bytes for as long as it likes, so what must be erased one day is sealed before it is given to it:
//! the store looks up by the key which lot a value belongs to (`layout`), and seals it by that lot's key, which lies
//! in a vault beside the store (`Store::vault_of`).
//!
//! sled's `flush` alone is not durable across a power cut (it ends in `sync_file_range`), so every commit
//! ends with `fdatasync` on sled's own file; nothing may be acknowledged before `Store::commit` returns.

mod erase;
mod layout;

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

pub(crate) use erase::Remains;
pub(crate) use layout::{Prefix, chain_key, header_key};

use crate::{
    document::DocumentId,
    id::ChainId,
    key::encode,
    tag::TagKey,
    vault::{DayKey, Lot, OVERHEAD, Vault, VaultError},
};
use layout::{document_key, key, lot_key, lot_of};

/// The layout below. A store with a higher number is left alone.
const FORMAT: u32 = 4;
const CACHE_BYTES: u64 = 16 << 20;
const LOCK_TRIES: u32 = 20;
const LOCK_WAIT: Duration = Duration::from_millis(100);
/// sled writes larger values to files of their own, without fsync.
const VALUE_MAX: usize = 32 << 10;
const TREE: &[u8] = b"vestibule";

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
    /// Written by a development version before the first release.
    #[error(
        "store {path} has format {found}, this program reads {FORMAT}: it was made before the first release; move it away to start anew"
    )]
    Older {
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
    /// The storage keys: of the vault beside the store.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// There are sealed days whose keys are missing and were not destroyed by this program.
    #[error(
        "storage keys are missing in {folder} for {count} days or chains, the first of them {first}: put the folder back that belongs to this store, or move the store away to start anew",
        folder = folder.display()
    )]
    KeysLost {
        /// The vault's folder.
        folder: PathBuf,
        /// How many.
        count: usize,
        /// The first.
        first: Lot,
    },
    /// A value over the size that is safe in sled.
    #[error("a value of {0} bytes is over the store's limit of {VALUE_MAX}")]
    TooLarge(usize),
}

/// The open store.
pub struct Store {
    db: sled::Db,
    tree: sled::Tree,
    vault: Vault,
    /// What new storage keys are made of, where the node has it.
    ratchet: Option<TagKey>,
    path: PathBuf,
    durability: Durability,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.path.display())
    }
}

impl Store {
    /// The folder of the storage keys of the store in folder `path`: of the same name in `keys` beside it, such as
    /// `keys/ledger`, so that whoever copies the store does not copy them.
    pub fn vault_of(path: &Path) -> PathBuf {
        path.with_file_name("keys").join(path.file_name().unwrap_or_default())
    }

    /// Opens or creates the store in folder `path`, and its vault.
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
        // Only who has the store's lock asks for the vault's.
        let vault = Vault::open(&Self::vault_of(path), durability)?;
        let mut store = Self { db, tree, vault, ratchet: None, path: path.to_owned(), durability };
        store.check_format(fresh)?;
        if fresh {
            store.sync_folders()?;
        }
        Ok(store)
    }

    fn check_format(&mut self, fresh: bool) -> Result<(), StoreError> {
        match self.get::<u32>(Prefix::Format, &[])? {
            Some(found) if found > FORMAT => {
                Err(StoreError::Newer { path: self.path.clone(), found })
            }
            Some(found) if found < FORMAT => {
                Err(StoreError::Older { path: self.path.clone(), found })
            }
            Some(_) => Ok(()),
            None if fresh || self.tree.is_empty() => {
                let mut batch = Batch::default();
                self.put(&mut batch, Prefix::Format, &[], &FORMAT)?;
                self.commit(batch)
            }
            None => Err(damaged(Prefix::Format)),
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

    /// The storage keys.
    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The storage keys, to destroy some.
    pub(crate) fn vault_mut(&mut self) -> &mut Vault {
        &mut self.vault
    }

    /// From now on new storage keys are made of this ratchet, for its day and later ones.
    pub(crate) fn turn(&mut self, ratchet: TagKey) {
        self.ratchet = Some(ratchet);
    }

    fn lot_key(&mut self, lot: Lot) -> Result<&DayKey, StoreError> {
        let ratchet = &self.ratchet;
        let shared = || match lot {
            Lot::Day(day) => ratchet.as_ref()?.on(day),
            Lot::Undated(_) => None,
        };
        let make = || shared().map_or_else(DayKey::random, |key| Ok(DayKey::from_ratchet(&key)));
        Ok(self.vault.ensure(lot, make)?)
    }

    /// Stages a value, sealed where its key says so.
    pub(crate) fn put<T: Encode<()>>(
        &mut self,
        batch: &mut Batch,
        prefix: Prefix,
        rest: &[u8],
        value: &T,
    ) -> Result<(), StoreError> {
        let bytes = Zeroizing::new(encode(value));
        // Bulletins alone may be larger; they are few and are fetched again if lost.
        if bytes.len() > VALUE_MAX - OVERHEAD && prefix != Prefix::Bulletin {
            return Err(StoreError::TooLarge(bytes.len()));
        }
        self.put_bytes(batch, prefix, rest, &bytes)
    }

    /// Stages a chunk of a document, cut into pieces that the store takes; gives the number that follows.
    pub(crate) fn put_chunk(
        &mut self,
        batch: &mut Batch,
        id: &DocumentId,
        number: u64,
        bytes: &[u8],
    ) -> Result<u64, StoreError> {
        let mut next = number;
        for piece in bytes.chunks(VALUE_MAX - OVERHEAD) {
            let mut rest = document_key(id);
            rest.extend_from_slice(&next.to_be_bytes());
            self.put_bytes(batch, Prefix::Chunk, &rest, piece)?;
            next += 1;
        }
        Ok(next)
    }

    /// Stages a row of a lot's index, to be found by `whose`.
    pub(crate) fn put_lot_row(
        &mut self,
        batch: &mut Batch,
        lot: Lot,
        (whose, which): (&[u8], &[u8]),
        value: &[u8],
    ) -> Result<(), StoreError> {
        if value.len() > VALUE_MAX - OVERHEAD {
            return Err(StoreError::TooLarge(value.len()));
        }
        let lot_key = self.lot_key(lot)?;
        let mut rest = lot_row_key(&lot, &lot_key.blind(WHOSE, whose));
        rest.extend_from_slice(&lot_key.blind(WHICH, which)[..8]);
        self.put_bytes(batch, Prefix::LotRow, &rest, value)
    }

    /// The rows of a lot's index under `whose`, in no order that means anything.
    pub(crate) fn lot_rows(&self, lot: Lot, whose: &[u8]) -> Result<Vec<Vec<u8>>, StoreError> {
        let Some(lot_key) = self.vault.get(&lot) else { return Ok(Vec::new()) };
        let from = key(Prefix::LotRow, &lot_row_key(&lot, &lot_key.blind(WHOSE, whose)));
        let rows = self.tree.scan_prefix(from).map(|entry| {
            let (k, v) = entry.map_err(|e| sled_error(&self.path, e))?;
            Ok(self.unseal(Prefix::LotRow, &k[1..], &v)?.to_vec())
        });
        rows.collect()
    }

    /// Stages that a value goes.
    pub(crate) fn remove(&self, batch: &mut Batch, prefix: Prefix, rest: &[u8]) {
        batch.batch.remove(key(prefix, rest));
        batch.changes += 1;
    }

    fn put_bytes(
        &mut self,
        batch: &mut Batch,
        prefix: Prefix,
        rest: &[u8],
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let place = key(prefix, rest);
        let value = match lot_of(prefix, rest).map_err(|()| damaged(prefix))? {
            Some(lot) => self.lot_key(lot)?.seal(&place, bytes)?,
            None => bytes.to_vec(),
        };
        batch.batch.insert(place, value);
        batch.changes += 1;
        Ok(())
    }

    fn unseal(
        &self,
        prefix: Prefix,
        rest: &[u8],
        value: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        match lot_of(prefix, rest).map_err(|()| damaged(prefix))? {
            Some(lot) => {
                let lot_key = self.vault.get(&lot).ok_or(VaultError::Gone(lot))?;
                Ok(lot_key.open(&key(prefix, rest), value)?)
            }
            None => Ok(Zeroizing::new(value.to_vec())),
        }
    }

    pub(crate) fn get<T: for<'b> Decode<'b, ()>>(
        &self,
        prefix: Prefix,
        rest: &[u8],
    ) -> Result<Option<T>, StoreError> {
        match self.tree.get(key(prefix, rest)).map_err(|e| sled_error(&self.path, e))? {
            Some(bytes) => Ok(Some(decode(prefix, &self.unseal(prefix, rest, &bytes)?)?)),
            None => Ok(None),
        }
    }

    /// All values under a prefix, with what follows it in their keys, in key order.
    pub(crate) fn scan<T: for<'b> Decode<'b, ()>>(
        &self,
        prefix: Prefix,
        rest: &[u8],
    ) -> impl Iterator<Item = Result<(Vec<u8>, T), StoreError>> + '_ {
        let found = self.tree.scan_prefix(key(prefix, rest));
        found.map(move |entry| self.read(prefix, entry))
    }

    /// Values between two keys of one prefix, `from` included, `until` not.
    pub(crate) fn range<T: for<'b> Decode<'b, ()>>(
        &self,
        prefix: Prefix,
        from: &[u8],
        until: &[u8],
    ) -> impl Iterator<Item = Result<(Vec<u8>, T), StoreError>> + '_ {
        let found = self.tree.range(key(prefix, from)..key(prefix, until));
        found.map(move |entry| self.read(prefix, entry))
    }

    fn read<T: for<'b> Decode<'b, ()>>(
        &self,
        prefix: Prefix,
        entry: sled::Result<(sled::IVec, sled::IVec)>,
    ) -> Result<(Vec<u8>, T), StoreError> {
        let (k, v) = entry.map_err(|e| sled_error(&self.path, e))?;
        let rest = k[1..].to_vec();
        let value = decode(prefix, &self.unseal(prefix, &rest, &v)?)?;
        Ok((rest, value))
    }

    /// A document's chunks, joined in order, and how many there are.
    pub(crate) fn chunks(&self, id: &DocumentId) -> Result<(Zeroizing<Vec<u8>>, u64), StoreError> {
        let mut joined = Zeroizing::new(Vec::new());
        let mut count = 0;
        for entry in self.tree.scan_prefix(key(Prefix::Chunk, &document_key(id))) {
            let (k, chunk) = entry.map_err(|e| sled_error(&self.path, e))?;
            joined.extend_from_slice(&self.unseal(Prefix::Chunk, &k[1..], &chunk)?);
            count += 1;
        }
        Ok((joined, count))
    }

    /// The highest segment that a chain has.
    pub(crate) fn last_segment(&self, chain: &ChainId) -> Option<u16> {
        let prefix = key(Prefix::Chunk, &chain_key(chain));
        let last = self.tree.scan_prefix(&prefix).keys().next_back().and_then(Result::ok)?;
        last.get(prefix.len()..prefix.len() + 2).map(|b| u16::from_be_bytes([b[0], b[1]]))
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

const WHOSE: u8 = 1;
const WHICH: u8 = 2;

fn lot_row_key(lot: &Lot, whose: &[u8; 16]) -> Vec<u8> {
    [&lot_key(lot)[..], whose].concat()
}

fn decode<T: for<'b> Decode<'b, ()>>(prefix: Prefix, bytes: &[u8]) -> Result<T, StoreError> {
    let what = prefix.what();
    minicbor::decode(bytes).map_err(|source| StoreError::Damaged { what, source })
}

fn damaged(prefix: Prefix) -> StoreError {
    let source = minicbor::decode::Error::end_of_input();
    StoreError::Damaged { what: prefix.what(), source }
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
            let mut store = Store::open(&path, Durability::Fsync).unwrap();
            let mut batch = Batch::default();
            store.put(&mut batch, Prefix::Format, &[], &(FORMAT + 1)).unwrap();
            store.commit(batch).unwrap();
        }
        for _ in 0..2 {
            let error = Store::open(&path, Durability::Fsync).unwrap_err();
            assert!(
                matches!(error, StoreError::Newer { found, .. } if found == FORMAT + 1),
                "{error}"
            );
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
}
