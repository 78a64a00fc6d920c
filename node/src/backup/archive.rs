//! The archive: written whole or not at all, and read within bounds, each file checked against its hash.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sync::bundle::BUNDLE_MAX;
use zeroize::Zeroizing;

use super::{Entry, FORMAT, Label};

/// The list of contents, the first file in it.
const LIST: &str = "backup.json";
/// The configuration.
pub(crate) const CONFIG: &str = "config.toml";
/// The key of what has no day.
pub(crate) const STANDING: &str = "standing.key";
/// The venue's records.
pub(crate) const RECORDS: &str = "records.bundle";
/// A small file is not longer than this, bytes.
const SMALL_MAX: usize = 1 << 20;
/// The most files.
const FILES_MAX: usize = 32;

/// Why a backup was not written or not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The file system.
    #[error("{path}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another file.
    #[error("{path} is no backup of a door: {why}", path = .path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Made by a later version.
    #[error("{path} has form {found}, this program knows {FORMAT}: update the program", path = .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its form.
        found: u32,
    },
}

#[derive(Serialize, Deserialize)]
struct List {
    label: Label,
    /// SHA-256 of each file, hexadecimal.
    files: BTreeMap<String, String>,
}

/// A backup in memory.
#[derive(Debug)]
pub struct Backup {
    /// What it says of itself.
    pub label: Label,
    files: Vec<Entry>,
}

impl Backup {
    /// Of these files.
    pub(crate) fn new(label: Label, files: Vec<Entry>) -> Self {
        Self { label, files }
    }

    /// A file's bytes.
    pub(crate) fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.iter().find(|(known, _)| known == name).map(|(_, bytes)| bytes.as_slice())
    }

    /// Writes it, readable by its owner alone, in place of an earlier one. When this returns it would survive a power
    /// cut; before, there is the earlier one or none.
    ///
    /// # Errors
    /// [`ArchiveError::File`].
    pub fn write(&self, path: &Path) -> Result<u64, ArchiveError> {
        self.put(path).map_err(|source| ArchiveError::File { path: path.into(), source })
    }

    fn put(&self, path: &Path) -> io::Result<u64> {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o600))
            .tempfile_in(folder)?;
        let files = self.files.iter().map(|(name, bytes)| (name.clone(), hash(bytes))).collect();
        let list = List { label: self.label.clone(), files };
        let mut archive = tar::Builder::new(io::BufWriter::new(file.as_file()));
        let secs = u64::try_from(self.label.made_at / 1000).unwrap_or(0);
        let mut add = |name: &str, bytes: &[u8]| {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o600);
            header.set_mtime(secs);
            header.set_entry_type(tar::EntryType::Regular);
            archive.append_data(&mut header, name, bytes)
        };
        add(LIST, &serde_json::to_vec_pretty(&list)?)?;
        for (name, bytes) in &self.files {
            add(name, bytes)?;
        }
        archive.into_inner()?.flush()?;
        file.as_file().sync_all()?;
        let size = file.as_file().metadata()?.len();
        file.persist(path).map_err(|e| e.error)?;
        File::open(folder)?.sync_all()?;
        Ok(size)
    }

    /// Reads one. Every file in it is what the list says; nothing else of it is judged.
    ///
    /// # Errors
    /// [`ArchiveError`] names the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, ArchiveError> {
        let at = |source| ArchiveError::File { path: path.into(), source };
        let form = |why: String| ArchiveError::Form { path: path.into(), why };
        let file = File::open(path).map_err(at)?;
        // Nothing that a tar's headers say is taken before it is bounded.
        let bounded = file.take((BUNDLE_MAX + FILES_MAX * SMALL_MAX) as u64);
        let mut archive = tar::Archive::new(io::BufReader::new(bounded));
        let mut list: Option<List> = None;
        let mut files: Vec<Entry> = Vec::new();
        for entry in archive.entries().map_err(|e| form(e.to_string()))? {
            let entry = entry.map_err(|e| form(e.to_string()))?;
            let (name, bytes) = read_entry(entry).map_err(&form)?;
            let Some(list) = &list else {
                list = Some(list_of(&name, &bytes, path)?);
                continue;
            };
            if list.files.get(&name) != Some(&hash(&bytes)) || files.len() >= FILES_MAX {
                return Err(form(format!("{name} is damaged or does not belong to it")));
            }
            files.push((name, bytes));
        }
        let list = list.ok_or_else(|| form("it is empty".into()))?;
        let missing = list.files.keys().find(|name| !files.iter().any(|(known, _)| known == *name));
        match missing {
            Some(name) => Err(form(format!("it ends before {name}: it was cut off"))),
            None => Ok(Self { label: list.label, files }),
        }
    }
}

fn list_of(name: &str, bytes: &[u8], path: &Path) -> Result<List, ArchiveError> {
    let form = |why: String| ArchiveError::Form { path: path.into(), why };
    if name != LIST {
        return Err(form(format!("it begins with {name:?} and not with {LIST}")));
    }
    let value: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|e| form(e.to_string()))?;
    let found = value["label"]["format"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    if found > FORMAT {
        return Err(ArchiveError::Newer { path: path.into(), found });
    }
    serde_json::from_value(value).map_err(|e| form(e.to_string()))
}

fn read_entry(mut entry: tar::Entry<'_, impl Read>) -> Result<Entry, String> {
    let name = entry.path().map_err(|e| e.to_string())?.to_str().unwrap_or_default().to_owned();
    let most = if name == RECORDS { BUNDLE_MAX } else { SMALL_MAX };
    if entry.header().entry_type() != tar::EntryType::Regular || entry.size() > most as u64 {
        return Err(format!("{name:?} is no file of at most {most} bytes"));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(entry.size()).unwrap_or(0)));
    entry.read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    Ok((name, bytes))
}

fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backup() -> Backup {
        let label =
            Label { format: FORMAT, version: "0".into(), node: "n".into(), made_at: 5, days: 14 };
        let file =
            |name: &str, text: &str| (name.to_owned(), Zeroizing::new(text.as_bytes().to_vec()));
        Backup::new(label, vec![file("node.key", "secret"), file(RECORDS, &"r".repeat(9_000))])
    }

    #[test]
    fn what_was_written_is_read_and_only_its_owner_can() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("door.backup");
        backup().write(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        let read = Backup::read(&path).unwrap();
        assert_eq!(read.label, backup().label);
        assert_eq!(read.file("node.key"), Some(&b"secret"[..]));
        assert_eq!(read.file("tag.key"), None);
    }

    #[test]
    fn every_damaged_or_shortened_backup_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("door.backup");
        backup().write(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        let content = 512 * 2 + 100..whole.len() - 1024;
        for at in content.step_by(97) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).unwrap();
            // A bit of the padding after a file is nobody's.
            if let Ok(read) = Backup::read(&path) {
                assert_eq!(read.file(RECORDS), backup().file(RECORDS));
                assert_eq!(read.file("node.key"), backup().file("node.key"));
            }
        }
        for length in (0..whole.len() - 1024).step_by(301) {
            fs::write(&path, &whole[..length]).unwrap();
            let error = Backup::read(&path).unwrap_err();
            assert!(error.to_string().contains("door.backup"), "{error}");
        }
        let text = String::from_utf8_lossy(&whole).replace("\"format\": 1", "\"format\": 2");
        fs::write(&path, text.as_bytes()).unwrap();
        assert!(matches!(
            Backup::read(&path),
            Err(ArchiveError::Newer { found: 2, .. } | ArchiveError::Form { .. })
        ));
        fs::write(&path, "hello").unwrap();
        assert!(matches!(Backup::read(&path), Err(ArchiveError::Form { .. })));
    }
}
