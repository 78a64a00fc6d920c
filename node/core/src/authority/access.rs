//! The authority's access log: who signed in, asked, opened, exported and changed what; each line names the hash of the
//! one before, so none can be taken out; what is older than it is kept is cut off at a place that a line names.

mod cut;
#[cfg(test)]
mod tests;

use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};
use sync::{id::Hash, time::UnixMillis};

use super::{
    Authority, Cabinet,
    cabinet::{CabinetError, Filing},
    index::encode,
};
use crate::staff::StaffId;
use cut::Cut;

/// The drawer of the access log.
const DRAWER: u8 = b'S';
const READ_AT_ONCE: usize = 1000;
/// How long lines are kept where nothing else is said, days: five years.
pub const KEPT_DAYS: u32 = 1827;
/// The longest word of a line, characters.
const WORDS_MAX: usize = 200;
/// How often a line is tried where another gateway was quicker.
const TRIES: u32 = 8;

/// What is written down. Never a name of a person who visits, a number or a secret.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Access {
    /// When.
    #[n(0)]
    pub at: UnixMillis,
    /// What was done: a stable word, such as `signed-in` or `exported`.
    #[n(1)]
    pub what: String,
    /// Which account did it; nobody where it was the access key, a program or a stranger.
    #[n(2)]
    pub who: Option<StaffId>,
    /// To which account.
    #[n(3)]
    pub about: Option<StaffId>,
    /// What else is to be known: a case's reference, a file's format, a program's name.
    #[n(4)]
    pub detail: String,
    /// The address from which it was done.
    #[n(5)]
    pub from: String,
}

impl Access {
    /// Something that was done now.
    pub fn new(at: UnixMillis, what: &str) -> Self {
        let what = what.to_owned();
        Self { at, what, who: None, about: None, detail: String::new(), from: String::new() }
    }
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Line {
    /// Its place; the first is 1.
    #[n(0)]
    pub number: u64,
    /// Hash of the line before.
    #[n(1)]
    pub previous: Hash,
    /// What it says.
    #[n(2)]
    pub access: Access,
}

impl Line {
    /// The hash that the next line names.
    pub fn hash(&self) -> Hash {
        Hash::new(Sha256::digest(encode(self)).into())
    }
}

/// The end of the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    len: u64,
    head: Hash,
}

impl Default for End {
    fn default() -> Self {
        Self { len: 0, head: Hash::ZERO }
    }
}

fn name(number: u64) -> Vec<u8> {
    [&[DRAWER], &number.to_be_bytes()[..]].concat()
}

/// Why the log does not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// The cabinet.
    #[error("the access log could not be read or written")]
    Cabinet(#[from] CabinetError),
    /// A line is missing or was altered.
    #[error("the access log was altered at line {0}")]
    Altered(u64),
    /// Other gateways kept being quicker.
    #[error("the access log is too busy")]
    Busy,
}

impl End {
    /// The beginning, where the log was cut.
    const fn at(cut: &Cut) -> Self {
        Self { len: cut.dropped, head: cut.head }
    }

    /// Reads and verifies the whole log, from its beginning or its cut.
    pub(super) async fn verified(cabinet: &Cabinet) -> Result<Self, AccessError> {
        loop {
            let cut = Cut::read(cabinet).await?;
            let found = Self::verified_from(cut.as_ref(), cabinet).await;
            // Another gateway may be cutting it at this moment.
            if matches!(found, Err(AccessError::Altered(_))) && Cut::read(cabinet).await? != cut {
                continue;
            }
            return found;
        }
    }

    async fn verified_from(cut: Option<&Cut>, cabinet: &Cabinet) -> Result<Self, AccessError> {
        let end = Self::default().read_on(cabinet).await?;
        match cut {
            Some(cut) if !cut.is_said(cabinet, &end).await? => {
                Err(AccessError::Altered(cut.dropped + 1))
            }
            _ => Ok(end),
        }
    }

    /// Reads and verifies what follows this end.
    pub(super) async fn read_on(mut self, cabinet: &Cabinet) -> Result<Self, AccessError> {
        if let Some(cut) = Cut::read(cabinet).await?
            && self.len < cut.dropped
        {
            self = Self::at(&cut);
        }
        loop {
            let after = name(self.len);
            let lines = cabinet.page::<Line>(&[DRAWER], Some(&after), READ_AT_ONCE).await?;
            let full = lines.len() == READ_AT_ONCE;
            for (_, line) in lines {
                if line.number != self.len + 1 || line.previous != self.head {
                    return Err(AccessError::Altered(self.len + 1));
                }
                self = Self { len: line.number, head: line.hash() };
            }
            if !full {
                return Ok(self);
            }
        }
    }

    /// Writes a line durably behind this end; its number.
    async fn append(&mut self, cabinet: &Cabinet, access: Access) -> Result<u64, AccessError> {
        for _ in 0..TRIES {
            let line = Line { number: self.len + 1, previous: self.head, access: access.clone() };
            let entry = name(line.number);
            let filing = vec![Filing::put(entry.clone(), &line)];
            if cabinet.file_if::<Line>(&entry, None, filing).await? {
                *self = Self { len: line.number, head: line.hash() };
                return Ok(line.number);
            }
            *self = self.read_on(cabinet).await?;
        }
        Err(AccessError::Busy)
    }
}

impl Authority {
    /// Writes a line down, durably.
    ///
    /// # Errors
    /// [`AccessError`].
    pub async fn note_access(&self, mut access: Access) -> Result<(), AccessError> {
        for words in [&mut access.what, &mut access.detail, &mut access.from] {
            *words = words.chars().take(WORDS_MAX).collect();
        }
        self.0.access.lock().await.append(self.cabinet(), access).await.map(drop)
    }

    /// For how many days lines are kept from now on; [`KEPT_DAYS`] where it is not said.
    pub fn keep_accesses_for(&self, days: u32) {
        self.0.access_days.store(days, std::sync::atomic::Ordering::Relaxed);
    }

    /// Takes up what other gateways have written, so that this one never falls behind a cut.
    ///
    /// # Errors
    /// [`AccessError`].
    pub async fn follow_accesses(&self) -> Result<(), AccessError> {
        let mut end = self.0.access.lock().await;
        *end = end.read_on(self.cabinet()).await?;
        Ok(())
    }

    /// Lines of the log, newest first: at most `limit` of those before `before`.
    ///
    /// # Errors
    /// [`AccessError`].
    pub async fn accesses(
        &self,
        before: Option<u64>,
        limit: u64,
    ) -> Result<Vec<Line>, AccessError> {
        let end = self.0.access.lock().await.read_on(self.cabinet()).await?;
        let until = before.map_or(end.len, |before| end.len.min(before.saturating_sub(1)));
        let cut = Cut::read(self.cabinet()).await?.map_or(0, |cut| cut.dropped);
        let until = until.max(cut);
        let from = until.saturating_sub(limit).max(cut);
        let count = usize::try_from(until - from).unwrap_or(0);
        let mut lines = self.cabinet().page::<Line>(&[DRAWER], Some(&name(from)), count).await?;
        lines.reverse();
        Ok(lines.into_iter().map(|(_, line)| line).collect())
    }

    /// Verifies the whole log; how many lines it has had, and the hash of its last.
    ///
    /// # Errors
    /// [`AccessError::Altered`] names the first line that does not hold.
    pub async fn verify_accesses(&self) -> Result<(u64, Hash), AccessError> {
        let end = End::verified(self.cabinet()).await?;
        Ok((end.len, end.head))
    }
}
