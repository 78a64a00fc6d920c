//! Destroying what a node knows: its secrets when it is removed, everything when it is decommissioned.
//!
//! Files are overwritten, made durable and deleted. That is said of files: on flash memory the card's controller may
//! keep cells that no file leads to any more.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sync::order::RemovalCause;

use crate::{
    config::Config,
    secret::{SecretError, destroy},
};

/// The file in the data folder that says why a node destroyed its secrets.
const MARKER: &str = "removed";

/// Where a node's secrets lie.
#[derive(Clone, Debug)]
pub(crate) struct Secrets {
    node: PathBuf,
    tag_key: Option<PathBuf>,
    manager: Option<PathBuf>,
    data: PathBuf,
}

impl Secrets {
    /// The secrets that a configuration names.
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            node: config.node.key.clone(),
            tag_key: config.gate.as_ref().map(|g| g.tag_key.clone()),
            manager: config.venue.as_ref().map(|v| v.manager.clone()),
            data: config.node.data.clone(),
        }
    }

    /// Destroys the tag keys, the storage keys and the node's key; the manager's too where the node was lost. Leaves a
    /// word of it in the data folder. One that cannot be destroyed does not keep the others.
    pub(crate) fn destroy(&self, cause: RemovalCause) -> Vec<Result<PathBuf, SecretError>> {
        let word = word(cause);
        if let Err(error) = fs::write(self.data.join(MARKER), format!("{word}\n")) {
            tracing::error!(%error, "the removal could not be noted");
        }
        let mut paths: Vec<PathBuf> = files_in(&self.data.join("keys"));
        paths.extend(self.tag_key.clone());
        paths.extend(self.manager.clone().filter(|_| cause == RemovalCause::Lost));
        paths.push(self.node.clone());
        destroy_all(paths)
    }

    /// Destroys every secret and the whole data folder.
    pub(crate) fn decommission(&self) -> Vec<Result<PathBuf, SecretError>> {
        let mut paths = vec![self.node.clone()];
        paths.extend(self.tag_key.clone());
        paths.extend(self.manager.clone());
        paths.extend(files_in(&self.data));
        let destroyed = destroy_all(paths);
        if destroyed.iter().all(Result::is_ok) {
            let _ = fs::remove_dir_all(&self.data); // empty folders are left at worst
        }
        destroyed
    }
}

/// Why an earlier run destroyed this node's secrets, if one did.
pub(crate) fn was_removed(data: &Path) -> Option<String> {
    fs::read_to_string(data.join(MARKER)).ok().map(|word| word.trim().to_owned())
}

/// The stable word of a cause.
pub(crate) const fn word(cause: RemovalCause) -> &'static str {
    match cause {
        RemovalCause::Replaced => "replaced",
        RemovalCause::Lost => "lost",
        RemovalCause::Retired => "retired",
    }
}

fn destroy_all(paths: Vec<PathBuf>) -> Vec<Result<PathBuf, SecretError>> {
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
fn files_in(folder: &Path) -> Vec<PathBuf> {
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
    use std::{fs::File, io::Read};

    fn secrets(folder: &Path) -> Secrets {
        let data = folder.join("data");
        fs::create_dir_all(data.join("keys")).unwrap();
        fs::create_dir_all(data.join("ledger/db")).unwrap();
        for file in ["node.key", "tag.key", "manager.key", "data/keys/a.key", "data/ledger/db/x"] {
            fs::write(folder.join(file), format!("secret of {file}").repeat(900)).unwrap();
        }
        let at = |name: &str| folder.join(name);
        Secrets {
            node: at("node.key"),
            tag_key: Some(at("tag.key")),
            manager: Some(at("manager.key")),
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
            assert_eq!(folder.path().join("manager.key").exists(), managers);
            assert_eq!(was_removed(&secrets.data).as_deref(), Some(word(cause)));
        }
    }

    #[test]
    fn a_decommissioned_node_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = secrets(folder.path());
        assert_eq!(secrets.decommission().iter().filter(|d| d.is_ok()).count(), 5);
        assert!(!secrets.data.exists() && files_in(folder.path()).is_empty());
        assert!(secrets.decommission().is_empty());
    }
}
