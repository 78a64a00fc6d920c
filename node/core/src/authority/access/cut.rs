//! The cut of the access log: what is older than it is to be kept goes, and the log begins after it, at a hash that one of
//! its own later lines names.
//!
//! A row at place 0 says up to which line the log was cut and what that line's hash was. Alone it is nobody's word: it
//! counts only with a line `log-cut` in the chain that says the same, so whoever moves the cut must alter the chain, too.

use minicbor::{Decode, Encode};
use sync::{
    id::Hash,
    time::{DAY_MILLIS, UnixMillis},
};

use super::{Access, AccessError, DRAWER, End, Line, name};
use crate::authority::{Authority, Cabinet, cabinet::Filing};

/// The word of the line that says so.
pub(super) const WORD: &str = "log-cut";
/// How many lines are read or taken out at once.
const AT_ONCE: usize = 500;

/// Where the log was cut.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) struct Cut {
    /// The last line that was dropped.
    #[n(0)]
    pub(super) dropped: u64,
    /// Its hash, which the first line that is left names.
    #[n(1)]
    pub(super) head: Hash,
    /// The number of the line that says so.
    #[n(2)]
    pub(super) by: u64,
}

/// What the line says besides.
fn words(dropped: u64, head: &Hash) -> String {
    format!("1–{dropped} {head}")
}

impl Cut {
    /// The last one.
    pub(super) async fn read(cabinet: &Cabinet) -> Result<Option<Self>, AccessError> {
        Ok(cabinet.read(&name(0)).await?)
    }

    /// Whether a line of the chain, which was verified up to `end`, says the same.
    pub(super) async fn is_said(&self, cabinet: &Cabinet, end: &End) -> Result<bool, AccessError> {
        if !(self.dropped + 1..=end.len).contains(&self.by) {
            return Ok(false);
        }
        let line: Option<Line> = cabinet.read(&name(self.by)).await?;
        let said = |line: Line| {
            line.number == self.by
                && line.access.what == WORD
                && line.access.detail == words(self.dropped, &self.head)
        };
        Ok(line.is_some_and(said))
    }
}

/// The last of the lines from the beginning on that are all older than `before`.
async fn last_older(
    cabinet: &Cabinet,
    from: End,
    before: UnixMillis,
) -> Result<Option<(u64, Hash)>, AccessError> {
    let mut last = None;
    let mut after = from.len;
    loop {
        let lines = cabinet.page::<Line>(&[DRAWER], Some(&name(after)), AT_ONCE).await?;
        let full = lines.len() == AT_ONCE;
        for (_, line) in lines {
            if line.access.at >= before {
                return Ok(last);
            }
            after = line.number;
            last = Some((line.number, line.hash()));
        }
        if !full {
            return Ok(last);
        }
    }
}

/// Takes out what lies before the cut; also what an earlier call left when the power went.
async fn sweep(cabinet: &Cabinet, dropped: u64) -> Result<u64, AccessError> {
    let mut gone = 0;
    loop {
        let lines = cabinet.page::<Line>(&[DRAWER], Some(&name(0)), AT_ONCE).await?;
        let old = lines.into_iter().filter(|(_, line)| line.number <= dropped);
        let old: Vec<Filing> = old.map(|(name, _)| Filing::Take(name)).collect();
        if old.is_empty() {
            return Ok(gone);
        }
        gone += old.len() as u64;
        cabinet.file(old).await?;
    }
}

impl Authority {
    /// Drops the lines of the access log that are older than it is kept; how many went.
    ///
    /// # Errors
    /// [`AccessError`]. What is left of the log verifies at every step, wherever this was stopped.
    pub async fn drop_old_accesses(&self) -> Result<u64, AccessError> {
        let cabinet = self.cabinet();
        let now = (self.0.clock)();
        let days = self.0.access_days.load(std::sync::atomic::Ordering::Relaxed);
        let before = now.plus_millis(-i64::from(days) * DAY_MILLIS);
        let mut end = self.0.access.lock().await;
        *end = end.read_on(cabinet).await?;
        let earlier = Cut::read(cabinet).await?;
        let from = earlier.as_ref().map_or_else(End::default, End::at);
        let Some((dropped, head)) = last_older(cabinet, from, before).await? else {
            return sweep(cabinet, from.len).await;
        };
        let line = Access { detail: words(dropped, &head), ..Access::new(now, WORD) };
        let by = end.append(cabinet, line).await?;
        let filing = vec![Filing::put(name(0), &Cut { dropped, head, by })];
        if !cabinet.file_if(&name(0), earlier.as_ref(), filing).await? {
            return Ok(0); // another gateway cut it at this moment
        }
        sweep(cabinet, dropped).await
    }
}
