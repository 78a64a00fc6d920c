//! `[node]`: who a node is, whom it trusts, where it writes.

use std::path::PathBuf;

use serde::Deserialize;
use sync::id::PublicKey;

/// Who the node is and whom it trusts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeSection {
    /// The node's secret key file.
    pub key: PathBuf,
    /// Its membership, as `vestibule enrol` wrote it.
    pub membership: PathBuf,
    /// The region's root keys, hexadecimal.
    pub roots: Vec<String>,
    /// How many roots must sign a bulletin; two. A trust list takes two in any case where there are two. A region with
    /// one root, for a trial, must say 1.
    #[serde(default)]
    pub roots_needed: Option<usize>,
    /// The folder for everything the node writes; `data`.
    #[serde(default = "data_folder")]
    pub data: PathBuf,
    /// Bulletins to take, at the start and every 15 s: files, or folders of `*.bulletin`; none.
    #[serde(default)]
    pub bulletins: Vec<PathBuf>,
    /// How far the system clock is believed; `system`.
    #[serde(default)]
    pub clock: ClockSetting,
}

impl NodeSection {
    /// How many roots must sign a bulletin.
    pub fn signatures_needed(&self) -> usize {
        self.roots_needed.unwrap_or(2)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if self.roots.is_empty() {
            return Err("node.roots: at least one root key is needed".into());
        }
        if self.roots.len() == 1 && self.roots_needed.is_none() {
            return Err("node.roots: a region has two root keys at least, so that no single one can make credentials; \
                        a trial with one says roots_needed = 1"
                .into());
        }
        if !(1..=self.roots.len()).contains(&self.signatures_needed()) {
            return Err("node.roots_needed must lie between 1 and the number of roots".into());
        }
        if let Some(root) = self.roots.iter().find(|r| PublicKey::from_hex(r).is_none()) {
            return Err(format!("node.roots: {root:?} is no public key of 64 hexadecimal digits"));
        }
        Ok(())
    }
}

/// How far the system clock is believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockSetting {
    /// Trusted once the system says that it is synchronised, bounded before.
    #[default]
    System,
    /// Trusted: the operator answers for it.
    Trusted,
}

fn data_folder() -> PathBuf {
    "data".into()
}
