//! The vault's files: their names and text, written so that a power cut leaves all or nothing, and wiped in place.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use data_encoding::BASE64URL_NOPAD;
use jiff::{civil::Date, tz::TimeZone};
use zeroize::Zeroizing;

use super::{DayKey, Lot, VaultError};
use crate::{store::Durability, time::Day};

/// The file that names the first day that is not destroyed.
pub(super) const FLOOR: &str = "floor";
/// Behind a name: written, but not yet in its place.
const NEW: &str = ".new";
/// Behind a name: to be wiped, whatever happens.
const GONE: &str = ".gone";
const KEY: &str = ".key";
const KEY_PREFIX: &str = "vestibule-storage-key:1:";
const FLOOR_PREFIX: &str = "vestibule-storage-floor:1:";
/// The longest file that is read, bytes.
const FILE_BYTES_MAX: u64 = 128;
/// The most names that a folder may hold.
const NAMES_MAX: usize = 4 * super::KEYS_MAX;
const OWNER_FILE: u32 = 0o600;
const OWNER_FOLDER: u32 = 0o700;
const OTHERS: u32 = 0o077;

/// The name of a lot's file; `None` for a day that the calendar does not write in four digits of a year.
pub(super) fn key_name(lot: &Lot) -> Option<String> {
    let text = lot.to_string();
    let named = match lot {
        Lot::Day(Day::STANDING) | Lot::Undated(_) => true,
        Lot::Day(day) => date(&text) == Some(*day),
    };
    named.then(|| text + KEY)
}

/// The lot that a file's name says; the opposite of [`key_name`].
pub(super) fn lot_of(name: &str) -> Option<Lot> {
    let text = name.strip_suffix(KEY)?;
    if text == Day::STANDING.to_string() {
        return Some(Lot::Day(Day::STANDING));
    }
    Lot::undated(text).or_else(|| date(text).map(Lot::Day))
}

/// Whether a name claims to be a key's.
pub(super) fn is_key_name(name: &str) -> bool {
    name.ends_with(KEY)
}

pub(super) fn key_text(key: &DayKey) -> Zeroizing<String> {
    let body = Zeroizing::new(BASE64URL_NOPAD.encode(key.bytes()));
    let mut text = Zeroizing::new(String::with_capacity(KEY_PREFIX.len() + body.len() + 1));
    text.push_str(KEY_PREFIX);
    text.push_str(&body);
    text.push('\n');
    text
}

pub(super) fn key_from(text: &str) -> Option<DayKey> {
    let body = text.strip_prefix(KEY_PREFIX)?.trim_end();
    let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(body.as_bytes()).ok()?);
    bytes.as_slice().try_into().ok().map(DayKey::new)
}

pub(super) fn floor_text(first: Day) -> String {
    format!("{FLOOR_PREFIX}{first}\n")
}

pub(super) fn floor_from(text: &str) -> Option<Day> {
    date(text.strip_prefix(FLOOR_PREFIX)?.trim_end())
}

/// From `2026-11-21`, and from no other spelling of a date.
fn date(text: &str) -> Option<Day> {
    let well_formed = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date: Date = well_formed.then(|| text.parse().ok())??;
    let secs = date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
    let day = Day::new(i32::try_from(secs.div_euclid(86_400)).ok()?);
    (day.to_string() == text).then_some(day)
}

/// An open folder, locked against other processes as long as it is open.
pub(super) struct Folder {
    path: PathBuf,
    handle: File,
    durability: Durability,
}

impl Folder {
    /// Opens a folder that is its owner's alone, and makes it durably when there is none.
    pub(super) fn open(path: &Path, durability: Durability) -> Result<Self, VaultError> {
        let at = |doing| move |source| io_error(path, doing, source);
        make(path, OWNER_FOLDER)?;
        let handle = File::open(path).map_err(at("open"))?;
        let mode = handle.metadata().map_err(at("look at"))?.permissions().mode() & 0o7777;
        if mode & OTHERS != 0 {
            return Err(VaultError::Permissions { path: path.into(), mode, wanted: OWNER_FOLDER });
        }
        match handle.try_lock() {
            Ok(()) => Ok(Self { path: path.into(), handle, durability }),
            Err(TryLockError::WouldBlock) => Err(VaultError::InUse { path: path.into() }),
            Err(TryLockError::Error(source)) => Err(at("lock")(source)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The names in it that are text; what is not is none of ours.
    pub(super) fn names(&self) -> Result<Vec<String>, VaultError> {
        let at = |source| io_error(&self.path, "list", source);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(at)? {
            names.extend(entry.map_err(at)?.file_name().into_string());
            if names.len() > NAMES_MAX {
                return Err(VaultError::Crowded { path: self.path.clone() });
            }
        }
        Ok(names)
    }

    /// The parsed text of a file that only its owner can read.
    pub(super) fn read<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, VaultError> {
        read(&self.path.join(name), parse)
    }

    /// Puts a file in its place, or in an older one's. When this returns, it would survive a power cut; before, there
    /// is the older one or none.
    pub(super) fn put(&self, name: &str, text: &str) -> Result<(), VaultError> {
        let (path, beside) = (self.path.join(name), self.path.join(format!("{name}{NEW}")));
        self.wipe(&beside)?;
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(OWNER_FILE)
            .open(&beside)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| self.settle(&file)))
            .and_then(|()| fs::rename(&beside, &path));
        if let Err(source) = written {
            // The next opening of the vault wipes it, should that not work now either.
            let _ = self.wipe(&beside);
            return Err(io_error(&path, "write", source));
        }
        self.sync()
    }

    /// Wipes every file of the vault whose name `goes` picks, and what an earlier call could not finish. Says which
    /// lots' keys went.
    pub(super) fn destroy(&self, goes: impl Fn(&str) -> bool) -> Result<Vec<Lot>, VaultError> {
        let mut doomed = Vec::new();
        for name in self.names()? {
            let stem = name.strip_suffix(NEW).or_else(|| name.strip_suffix(GONE));
            let (stem, renamed) = stem.map_or((name.as_str(), false), |stem| (stem, true));
            let ours = stem == FLOOR || lot_of(stem).is_some();
            if !ours || !(renamed || goes(stem)) {
                continue;
            }
            let path = self.path.join(&name);
            let last = if renamed { path.clone() } else { self.path.join(name.clone() + GONE) };
            // The new name is the decision: after a power cut in the middle the next opening goes on from it.
            if !renamed {
                fs::rename(&path, &last).map_err(|e| io_error(&path, "rename", e))?;
            }
            let lot = lot_of(stem).filter(|_| !name.ends_with(NEW));
            doomed.push((last, lot));
        }
        if doomed.is_empty() {
            return Ok(Vec::new());
        }
        self.sync()?;
        for (path, _) in &doomed {
            self.wipe(path)?;
        }
        self.sync()?;
        let mut lots: Vec<_> = doomed.into_iter().filter_map(|(_, lot)| lot).collect();
        lots.sort_unstable();
        Ok(lots)
    }

    /// Overwrites a file with zeros where it lies, waits for the disk, and takes its name away.
    fn wipe(&self, path: &Path) -> Result<(), VaultError> {
        let at = |doing| move |source| io_error(path, doing, source);
        let mut file = match OpenOptions::new().write(true).open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(at("open")(e)),
        };
        let length = file.metadata().map_err(at("look at"))?.len();
        io::copy(&mut io::repeat(0).take(length), &mut file).map_err(at("overwrite"))?;
        self.settle(&file).map_err(at("overwrite"))?;
        fs::remove_file(path).map_err(at("remove"))
    }

    fn settle(&self, file: &File) -> io::Result<()> {
        if self.durability == Durability::Volatile { Ok(()) } else { file.sync_all() }
    }

    fn sync(&self) -> Result<(), VaultError> {
        self.settle(&self.handle).map_err(|e| io_error(&self.path, "make durable", e))
    }
}

/// The floor of the vault in a folder, without a lock.
pub(super) fn read_floor(folder: &Path) -> Result<Option<Day>, VaultError> {
    let path = folder.join(FLOOR);
    match read(&path, floor_from) {
        Err(VaultError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// The parsed text of a file that only its owner can read.
fn read<T>(path: &Path, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, VaultError> {
    let at = |doing| move |source| io_error(path, doing, source);
    let file = File::open(path).map_err(at("open"))?;
    // Of the open file, so that nothing can be put in its place between the look and the reading.
    let about = file.metadata().map_err(at("look at"))?;
    let mode = about.permissions().mode() & 0o7777;
    if mode & OTHERS != 0 {
        return Err(VaultError::Permissions { path: path.to_owned(), mode, wanted: OWNER_FILE });
    }
    let mut text = Zeroizing::new(String::with_capacity(1024));
    if about.is_file() && about.len() <= FILE_BYTES_MAX {
        match file.take(FILE_BYTES_MAX).read_to_string(&mut text) {
            Err(e) if e.kind() != io::ErrorKind::InvalidData => return Err(at("read")(e)),
            _ => {} // bytes that are no text leave it empty, and that is no form of ours
        }
    }
    parse(&text).ok_or_else(|| VaultError::Form { path: path.to_owned() })
}

/// Makes a folder, and those above it that are missing; each is durable when its parent knows of it.
fn make(path: &Path, mode: u32) -> Result<(), VaultError> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make(parent, 0o777)?;
    let at = |doing| move |source| io_error(path, doing, source);
    DirBuilder::new().mode(mode).create(path).map_err(at("make"))?;
    File::open(parent).and_then(|f| f.sync_all()).map_err(at("make durable"))
}

fn io_error(path: &Path, doing: &'static str, source: io::Error) -> VaultError {
    VaultError::Io { path: path.to_owned(), doing, source }
}
