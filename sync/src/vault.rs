//! The vault: the storage keys, each in a file of its own outside the store, so that it can be destroyed.
//!
//! There is one for each [`Lot`]: a day, or a chain whose day nobody knows. Erasure is the destruction of these files:
//! what they sealed stays where it lies, and nobody can read it. The vault does as it is told and looks at no clock;
//! what may go is decided in `erasure`.
//!
//! The doors of a venue make a day's key of their ratchet, so that a stick that one of them writes under it can be read
//! by the others until the day's end, and by nobody after. It can be made again from a copy of the ratchet of that day
//! or an earlier one: erasure needs that such copies are nowhere, which is why no backup holds the ratchet.
//!
//! A file is wiped where it lies and then removed. That holds for the file and images of it: flash memory may keep
//! the old cells for a while.

mod file;
mod key;
mod lot;

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    fmt, io,
    path::{Path, PathBuf},
};

pub use key::{DayKey, OVERHEAD};
pub use lot::Lot;

use crate::{record::ClockTrust, store::Durability, time::Day};
use file::Folder;

/// The most keys that a vault holds: years of days, or the starts of a region's doors that did not know the day.
pub const KEYS_MAX: usize = 8192;

/// Why the vault could not be opened or used; names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The operating system refused.
    #[error("cannot {doing} {path}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// Others than the owner may read or write it.
    #[error("{path} is open to others (mode {mode:04o}); run: chmod {wanted:o} {path}", path = path.display())]
    Permissions {
        /// The file or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What they should be.
        wanted: u32,
    },
    /// Not of the form.
    #[error("{path} is no file of a vault of storage keys", path = path.display())]
    Form {
        /// The file.
        path: PathBuf,
    },
    /// Another process has it open.
    #[error("storage keys {path} are in use by another process", path = path.display())]
    InUse {
        /// Its folder.
        path: PathBuf,
    },
    /// It holds more than [`KEYS_MAX`] keys or would.
    #[error("there are too many storage keys in {path}", path = path.display())]
    Crowded {
        /// Its folder.
        path: PathBuf,
    },
    /// The day's key was destroyed and does not come back.
    #[error("storage key of {0} is destroyed: the day is past its retention")]
    Gone(Lot),
    /// A day that no calendar has.
    #[error("{0} is no date")]
    NoDate(Lot),
    /// The system has no randomness to give.
    #[error("no randomness for a storage key")]
    Random(#[from] getrandom::Error),
    /// Altered, of another key, or of another place.
    #[error("sealed value does not open here")]
    Sealed,
}

/// The statement that a clock is believed: made of [`ClockTrust::Trusted`] only. Who destroys must have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Believed(());

impl Believed {
    /// `None` unless the clock was set by a source that is believed.
    pub fn when(trust: ClockTrust) -> Option<Self> {
        (trust == ClockTrust::Trusted).then_some(Self(()))
    }
}

/// The open vault. One process has it at a time.
pub struct Vault {
    folder: Folder,
    keys: BTreeMap<Lot, DayKey>,
    floor: Option<Day>,
}

impl Vault {
    /// Opens the vault in `folder` and makes it when there is none. A destruction that a power cut interrupted is
    /// finished first. A volatile one waits for no disk.
    ///
    /// # Errors
    /// [`VaultError`] names the file and what is wrong with it.
    pub fn open(folder: &Path, durability: Durability) -> Result<Self, VaultError> {
        let folder = Folder::open(folder, durability)?;
        let names = folder.names()?;
        let floor = names.iter().find(|name| *name == file::FLOOR);
        let floor = floor.map(|name| folder.read(name, file::floor_from)).transpose()?;
        folder.destroy(|name| is_below(name, floor))?;
        let mut keys = BTreeMap::new();
        for name in folder.names()?.iter().filter(|name| file::is_key_name(name)) {
            let Some(lot) = file::lot_of(name) else {
                // Perhaps a copy that somebody made of a key: it would outlive its day.
                return Err(VaultError::Form { path: folder.path().join(name) });
            };
            keys.insert(lot, folder.read(name, file::key_from)?);
        }
        if keys.len() > KEYS_MAX {
            return Err(VaultError::Crowded { path: folder.path().to_owned() });
        }
        Ok(Self { folder, keys, floor })
    }

    /// The floor of a vault that another process may have open; `None` when there is none, or no vault.
    ///
    /// # Errors
    /// [`VaultError`] names the file and what is wrong with it.
    pub fn floor_in(folder: &Path) -> Result<Option<Day>, VaultError> {
        file::read_floor(folder)
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The key of a lot, if there is one.
    pub fn get(&self, lot: &Lot) -> Option<&DayKey> {
        self.keys.get(lot)
    }

    /// The key of a lot; the one that `make` makes if there is none. A new key would survive a power cut before it is
    /// given out, so that nothing is ever sealed by a key that is forgotten.
    ///
    /// # Errors
    /// [`VaultError::Gone`] for a day before the floor, [`VaultError::NoDate`] for one without a file name,
    /// [`VaultError::Crowded`] over [`KEYS_MAX`], or what `make` and the file system say. Then there is no new key.
    pub fn ensure(
        &mut self,
        lot: Lot,
        make: impl FnOnce() -> Result<DayKey, VaultError>,
    ) -> Result<&DayKey, VaultError> {
        let full = self.keys.len() >= KEYS_MAX;
        match self.keys.entry(lot) {
            Entry::Occupied(found) => Ok(found.into_mut()),
            Entry::Vacant(place) => {
                let name = file::key_name(&lot).ok_or(VaultError::NoDate(lot))?;
                if is_below(&name, self.floor) {
                    return Err(VaultError::Gone(lot));
                }
                if full {
                    return Err(VaultError::Crowded { path: self.folder.path().to_owned() });
                }
                let key = make()?;
                self.folder.put(&name, &file::key_text(&key))?;
                Ok(place.insert(key))
            }
        }
    }

    /// The lots that have a key, in order: days first.
    pub fn lots(&self) -> impl Iterator<Item = Lot> + '_ {
        self.keys.keys().copied()
    }

    /// The first day that is not destroyed for good; `None` when nothing ever was. It only rises.
    pub fn floor(&self) -> Option<Day> {
        self.floor
    }

    /// Destroys the keys of all days before `first` and of these undated lots, and says which there were. From now on,
    /// and after any restart, there is no key for such a day; which undated lots went, the caller must remember.
    ///
    /// # Errors
    /// [`VaultError::NoDate`] when `first` is no date; otherwise of a file that could not be wiped: then no such key
    /// is given out any more, and the next call or opening goes on with the files.
    pub fn destroy(
        &mut self,
        first: Day,
        undated: &BTreeSet<Lot>,
        _: Believed,
    ) -> Result<Vec<Lot>, VaultError> {
        let lot = Lot::Day(first);
        if !first.is_civil() || file::key_name(&lot).is_none() {
            return Err(VaultError::NoDate(lot));
        }
        if self.floor.is_none_or(|floor| floor < first) {
            // The floor comes first: a power cut after this line cannot bring a day back half.
            self.folder.put(file::FLOOR, &file::floor_text(first))?;
            self.floor = Some(first);
            self.keys.retain(|lot, _| !lot.is_before(first));
        }
        self.destroy_undated(undated)
    }

    /// Destroys the keys of undated lots that were given up already, and what is left of an earlier destruction.
    ///
    /// # Errors
    /// As of [`Vault::destroy`].
    pub fn destroy_undated(&mut self, lots: &BTreeSet<Lot>) -> Result<Vec<Lot>, VaultError> {
        let goes = |lot: &Lot| matches!(lot, Lot::Undated(_)) && lots.contains(lot);
        self.keys.retain(|lot, _| !goes(lot));
        let floor = self.floor;
        self.folder
            .destroy(|name| is_below(name, floor) || file::lot_of(name).is_some_and(|l| goes(&l)))
    }

    /// Destroys every key and the floor, also of the days without a date: the node is being given away.
    ///
    /// # Errors
    /// [`VaultError::Io`] of a file that could not be wiped; the next opening of the vault goes on with those that
    /// were already picked, so call this again after it.
    pub fn destroy_all(self) -> Result<Vec<Lot>, VaultError> {
        self.folder.destroy(|_| true)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({}, {} keys)", self.folder.path().display(), self.keys.len())
    }
}

/// Whether a name is that of a key of a day before the floor.
fn is_below(name: &str, floor: Option<Day>) -> bool {
    matches!((file::lot_of(name), floor), (Some(lot), Some(floor)) if lot.is_before(floor))
}

#[cfg(test)]
mod tests;
