//! Destroying what a node knows: its secrets when it is removed, everything when it is decommissioned.
//!
//! Files are overwritten, made durable and deleted. That is said of files: on flash memory the card's controller may
//! keep cells that no file leads to any more.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use sync::order::RemovalCause;

use crate::{
    config::Config,
    secret::{SecretError, beside, destroy},
};

/// The file in the data folder that says why a node destroyed its secrets.
const MARKER: &str = "removed";

/// Where a node's secrets lie.
#[derive(Clone, Debug)]
pub(crate) struct Secrets {
    node: PathBuf,
    tag_key: Option<PathBuf>,
    manager: Option<PathBuf>,
    tracing: Option<PathBuf>,
    data: PathBuf,
}

impl Secrets {
    /// The secrets that a configuration names.
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            node: config.node.key.clone(),
            tag_key: config.gate.as_ref().map(|g| g.tag_key.clone()),
            manager: config.venue.as_ref().map(|v| v.manager.clone()),
            tracing: config.authority.as_ref().map(|a| a.tracing.clone()),
            data: config.node.data.clone(),
        }
    }

    /// Destroys the tag keys, the storage keys and the node's key; the manager's too where the node was lost. Leaves a
    /// word of it in the data folder. One that cannot be destroyed does not keep the others.
    pub(crate) fn destroy(&self, cause: RemovalCause) -> Vec<Result<PathBuf, SecretError>> {
        if let Err(error) = note(&self.data.join(MARKER), word(cause)) {
            tracing::error!(%error, "the removal could not be noted");
        }
        let mut paths: Vec<PathBuf> = files_in(&self.data.join("keys"));
        paths.extend(self.tag_keys());
        if cause == RemovalCause::Lost {
            paths.extend(self.manager.iter().chain(&self.tracing).cloned());
        }
        paths.push(self.node.clone());
        destroy_all(paths)
    }

    /// The file of the tag keys, and what a power cut may have left beside it.
    fn tag_keys(&self) -> Vec<PathBuf> {
        let Some(path) = &self.tag_key else { return Vec::new() };
        [".old", ".new"].into_iter().map(|end| beside(path, end)).chain([path.clone()]).collect()
    }

    /// Destroys every secret and the whole data folder.
    pub(crate) fn decommission(&self) -> Vec<Result<PathBuf, SecretError>> {
        let mut paths = vec![self.node.clone()];
        paths.extend(self.tag_keys());
        paths.extend(self.manager.iter().chain(&self.tracing).cloned());
        paths.extend(files_in(&self.data));
        let destroyed = destroy_all(paths);
        if destroyed.iter().all(Result::is_ok) {
            let _ = fs::remove_dir_all(&self.data); // empty folders are left at worst
        }
        destroyed
    }
}

/// Why an earlier run destroyed this node's secrets, if one did; what it did not come to is destroyed now, for whoever
/// has the node may have pulled its plug.
pub(crate) fn go_on(config: &Config) -> Option<String> {
    let why = was_removed(&config.node.data)?;
    for destroyed in Secrets::of(config).destroy(cause(&why)) {
        match destroyed {
            Ok(path) => tracing::warn!(path = %path.display(), "destroyed now"),
            Err(error) => tracing::error!(%error, "a secret could not be destroyed"),
        }
    }
    Some(why)
}

fn was_removed(data: &Path) -> Option<String> {
    fs::read_to_string(data.join(MARKER)).ok().map(|word| word.trim().to_owned())
}

/// Durable before anything is destroyed: a start in the middle of it goes on.
fn note(marker: &Path, word: &str) -> io::Result<()> {
    let mut file = File::create(marker)?;
    writeln!(file, "{word}")?;
    file.sync_all()?;
    match marker.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// The cause of a word; one that cannot be read, cut off by a power cut perhaps, counts as the worst.
fn cause(of: &str) -> RemovalCause {
    [RemovalCause::Replaced, RemovalCause::Retired]
        .into_iter()
        .find(|cause| word(*cause) == of)
        .unwrap_or(RemovalCause::Lost)
}

/// The stable word of a cause.
pub(crate) const fn word(cause: RemovalCause) -> &'static str {
    match cause {
        RemovalCause::Replaced => "replaced",
        RemovalCause::Lost => "lost",
        RemovalCause::Retired => "retired",
    }
}

/// Overwrites and deletes these files; one that cannot be destroyed does not keep the others.
pub(crate) fn destroy_all(paths: Vec<PathBuf>) -> Vec<Result<PathBuf, SecretError>> {
    let mut destroyed = Vec::new();
    for path in paths {
        match destroy(&path) {
            Ok(true) => destroyed.push(Ok(path)),
            Ok(false) => {}
            Err(error) => destroyed.push(Err(error)),
        }
    }
    destroyed
}

/// Every file under a folder; no link is followed.
pub(crate) fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn secrets(folder: &Path) -> Secrets {
        let data = folder.join("data");
        fs::create_dir_all(data.join("keys")).unwrap();
        fs::create_dir_all(data.join("ledger/db")).unwrap();
        for file in [
            "node.key",
            "tag.key",
            "manager.key",
            "tracing.secrets",
            "data/keys/a.key",
            "data/ledger/db/x",
        ] {
            fs::write(folder.join(file), format!("secret of {file}").repeat(900)).unwrap();
        }
        let at = |name: &str| folder.join(name);
        Secrets {
            node: at("node.key"),
            tag_key: Some(at("tag.key")),
            manager: Some(at("manager.key")),
            tracing: Some(at("tracing.secrets")),
            data,
        }
    }

    #[test]
    fn a_lost_node_keeps_no_key_and_a_retired_one_keeps_the_managers() {
        for (cause, managers) in [(RemovalCause::Lost, false), (RemovalCause::Retired, true)] {
            let folder = tempfile::tempdir().unwrap();
            let secrets = secrets(folder.path());
            // Who has the file open sees that it was overwritten, not only unlinked.
            let mut open = File::open(&secrets.node).unwrap();
            assert!(secrets.destroy(cause).iter().all(Result::is_ok));
            let mut left = Vec::new();
            open.read_to_end(&mut left).unwrap();
            assert!(!left.is_empty() && left.iter().all(|b| *b == 0));
            for file in ["node.key", "tag.key", "data/keys/a.key"] {
                assert!(!folder.path().join(file).exists(), "{file}");
            }
            for file in ["manager.key", "tracing.secrets"] {
                assert_eq!(folder.path().join(file).exists(), managers, "{file}");
            }
            assert_eq!(was_removed(&secrets.data).as_deref(), Some(word(cause)));
        }
    }

    #[test]
    fn a_word_that_was_cut_off_counts_as_the_worst() {
        for known in [RemovalCause::Lost, RemovalCause::Replaced, RemovalCause::Retired] {
            assert_eq!(cause(word(known)), known);
        }
        assert_eq!(cause(""), RemovalCause::Lost);
    }

    #[test]
    fn a_decommissioned_node_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = secrets(folder.path());
        assert_eq!(secrets.decommission().iter().filter(|d| d.is_ok()).count(), 6);
        assert!(!secrets.data.exists() && files_in(folder.path()).is_empty());
        assert!(secrets.decommission().is_empty());
    }
}
