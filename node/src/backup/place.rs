//! Putting a backup in its place: the new store is made beside the old one, whole, and then takes its name.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Serialize;
use sync::{
    bundle::{self, Bundle, BundleError, Keys, OpenError},
    ledger::{Ledger, LedgerError, WallClock},
    store::{Durability, StoreError},
    tag::TagKey,
    vault::DayKey,
};

use super::{
    Backup, Named,
    archive::{RECORDS, STANDING},
    named,
};
use crate::{
    config::Config,
    secret::{self, SecretError},
    start::{StartError, charter},
    wall,
    wiping::{destroy_all, files_in},
};

/// Beside the data folder, the one that is being made.
const MAKING: &str = ".restoring";
/// In the data folder: what this door could not open of its records, for the authority.
pub(crate) const SEALED: &str = "restored.bundle";

/// Whether what is there may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    /// What is there stays, and nothing is restored.
    Never,
    /// A store that holds no visit which the authority lacks.
    Settled,
    /// Any store.
    Anything,
}

/// Why a backup was not put in its place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// The file system.
    #[error("cannot write {path}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Something is there that would be lost.
    #[error("{0}")]
    InTheWay(String),
    /// The backup lacks a file that the configuration names.
    #[error(
        "the backup has no {0}, and the configuration names one: it was made with another configuration"
    )]
    Lacks(&'static str),
    /// A key.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The papers do not fit.
    #[error("the restored papers are refused")]
    Papers(#[from] Box<StartError>),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The records.
    #[error("the records in the backup are refused")]
    Records(#[from] BundleError),
}

impl From<OpenError> for PlaceError {
    fn from(source: OpenError) -> Self {
        Self::Records(source.into())
    }
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// Records that this door can read.
    pub records: u64,
    /// Visits among them that the authority is not known to have.
    pub unacknowledged: u64,
    /// Days that no key here opens: their records are in the file.
    pub sealed_days: Vec<String>,
    /// The file for the authority, where there are such days.
    pub sealed_file: Option<PathBuf>,
    /// What was refused, in words.
    pub refused: Vec<String>,
}

/// Puts a backup in its place. The tag key must be there already. `step` is told what is being done.
///
/// A power cut leaves what was there before, or what was restored; files of keys and papers may be there already, and a
/// second call goes on with them.
///
/// # Errors
/// [`PlaceError`]: then the data folder is as it was.
pub async fn place(
    config: &Config,
    backup: &Backup,
    tag_key: TagKey,
    replace: Replace,
    step: impl Fn(&str),
) -> Result<Placed, PlaceError> {
    let files = named(config);
    step("looking at what is there");
    may_go(config, backup, &files, replace).await?;
    let making = beside(&config.node.data);
    clear(&making)?;
    step("writing keys and papers");
    let data = &config.node.data;
    for file in &files {
        let Some(bytes) = backup.file(file.name) else {
            if file.needed {
                return Err(PlaceError::Lacks(file.name));
            }
            continue;
        };
        // What lies in the data folder goes into the new one.
        match file.path.strip_prefix(data) {
            Ok(within) => put(&making.join(within), bytes, file.secret)?,
            Err(_) => put(&file.path, bytes, file.secret)?,
        }
    }
    step("taking the records in");
    let placed = fill(config, backup, tag_key, &making).await?;
    step("putting it in its place");
    if data.exists() {
        clear(data)?;
    }
    fs::rename(&making, data).map_err(|source| PlaceError::File { path: data.clone(), source })?;
    sync_parent(data)?;
    Ok(Placed { sealed_file: placed.sealed_file.map(|_| data.join(SEALED)), ..placed })
}

/// A ledger of its own beside the old one, with everything in it that can be opened here.
async fn fill(
    config: &Config,
    backup: &Backup,
    tag_key: TagKey,
    making: &Path,
) -> Result<Placed, PlaceError> {
    let (charter, _) = charter(config).map_err(Box::new)?;
    let clock: WallClock = Arc::new(wall::now);
    let records = backup.file(RECORDS).ok_or(PlaceError::Lacks(RECORDS))?;
    let standing = backup.file(STANDING).and_then(|text| std::str::from_utf8(text).ok());
    let standing = standing.and_then(DayKey::from_text).map(Arc::new);
    let bundle = Bundle::from_bytes(records)?;
    let ledger = Ledger::open(&making.join("ledger"), charter, Durability::Fsync, clock)?;
    let taken = async {
        ledger.turn(tag_key.clone()).await?;
        let keys = Keys { ratchet: Some(tag_key), standing, ..Keys::default() };
        bundle::import(&ledger, &bundle, &keys).await.map_err(PlaceError::from)
    };
    let taken = taken.await;
    let unacknowledged = ledger.heads().borrow().pending();
    ledger.close().await;
    let taken = taken?;
    let sealed_file = making.join(SEALED);
    let sealed = !taken.sealed_days.is_empty();
    if sealed {
        put(&sealed_file, records, true)?;
    }
    Ok(Placed {
        records: taken.records,
        unacknowledged,
        sealed_days: taken.sealed_days.iter().map(ToString::to_string).collect(),
        sealed_file: sealed.then_some(sealed_file),
        refused: taken.refused,
    })
}

/// Whether what is there may be replaced.
async fn may_go(
    config: &Config,
    backup: &Backup,
    files: &[Named],
    replace: Replace,
) -> Result<(), PlaceError> {
    for file in files.iter().filter(|file| file.needed) {
        let there = match fs::read(&file.path) {
            Ok(bytes) => zeroize::Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => return Err(PlaceError::File { path: file.path.clone(), source }),
        };
        let same = backup.file(file.name).is_some_and(|bytes| bytes == there.as_slice());
        if !same && replace == Replace::Never {
            return Err(in_the_way(
                &file.path,
                "is there already and is another than the backup's",
            ));
        }
    }
    let store = config.node.data.join("ledger");
    if !store.exists() {
        return Ok(());
    }
    if replace == Replace::Never {
        return Err(in_the_way(&store, "is there already: a restore would destroy it"));
    }
    let (charter, _) = match charter(config) {
        Ok(read) => read,
        // Nobody can count what such a store holds.
        Err(_) if replace == Replace::Anything => return Ok(()),
        Err(error) => return Err(Box::new(error).into()),
    };
    // It also fails while the node runs: its store is locked then.
    let ledger = match Ledger::open(&store, charter, Durability::Fsync, Arc::new(wall::now)) {
        Err(error @ StoreError::InUse { .. }) => return Err(error.into()),
        Err(_) if replace == Replace::Anything => return Ok(()),
        opened => opened?,
    };
    let pending = ledger.heads().borrow().pending();
    ledger.close().await;
    if pending > 0 && replace != Replace::Anything {
        let why = format!("holds {pending} visits that the authority is not known to have");
        return Err(in_the_way(&store, &why));
    }
    Ok(())
}

fn in_the_way(path: &Path, why: &str) -> PlaceError {
    PlaceError::InTheWay(format!("{} {why}", path.display()))
}

/// Destroys a data folder, storage keys first; none is as good.
fn clear(folder: &Path) -> Result<(), PlaceError> {
    if !folder.exists() {
        return Ok(());
    }
    let mut files = files_in(&folder.join("keys"));
    files.extend(files_in(folder));
    destroy_all(files).into_iter().collect::<Result<Vec<_>, _>>()?;
    fs::remove_dir_all(folder).map_err(|source| PlaceError::File { path: folder.into(), source })
}

fn beside(data: &Path) -> PathBuf {
    let mut name = data.file_name().unwrap_or_default().to_owned();
    name.push(MAKING);
    data.with_file_name(name)
}

/// Writes a file whole or not at all, durably.
fn put(path: &Path, bytes: &[u8], secret: bool) -> Result<(), PlaceError> {
    let written = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("/"));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mode = fs::Permissions::from_mode(if secret { 0o600 } else { 0o644 });
        let mut file = tempfile::Builder::new().permissions(mode).tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        File::open(folder)?.sync_all()
    };
    written().map_err(|source| PlaceError::File { path: path.into(), source })
}

fn sync_parent(path: &Path) -> Result<(), PlaceError> {
    let parent = path.parent().unwrap_or(Path::new("/"));
    let synced = File::open(parent).and_then(|folder| folder.sync_all());
    synced.map_err(|source| PlaceError::File { path: parent.into(), source })
}

/// The venue's tag key where the configuration wants it; brought there from `from` if it is given.
///
/// # Errors
/// [`PlaceError`] when there is none, or it is no tag key.
pub(crate) fn tag_key(config: &Config, from: Option<&Path>) -> Result<TagKey, PlaceError> {
    let Some(gate) = &config.gate else { return Err(PlaceError::Lacks("tag.key")) };
    if let Some(from) = from {
        let ring = secret::load_tag_ring(from)?; // only what is one is copied
        drop(ring);
        let bytes = fs::read(from).map(zeroize::Zeroizing::new);
        let bytes = bytes.map_err(|source| PlaceError::File { path: from.into(), source })?;
        put(&gate.tag_key, &bytes, true)?;
    }
    Ok(secret::load_tag_key(&gate.tag_key)?)
}
