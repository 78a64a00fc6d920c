//! The audit log of one door: kept sealed with the day's records, and gone with them.

use sync::{book::Row, id::ChainId, ledger::LedgerError, time::Day};

use super::Desk;
use crate::audit::AuditEntry;

/// Under which name the day's lot keeps the lines.
const WHOSE: &[u8] = b"audit";
/// The most lines that one start of a node writes on one day: what is more is only counted in the log file.
const DAILY_MAX: u32 = 2_000;

/// How many lines were written today.
#[derive(Debug, Default)]
pub(super) struct Audited {
    day: Option<Day>,
    lines: u32,
}

impl Audited {
    /// The number of the next line of a day; `None` once there are too many.
    fn next(&mut self, day: Day) -> Option<u32> {
        if self.day != Some(day) {
            *self = Self { day: Some(day), lines: 0 };
        }
        self.lines += 1;
        (self.lines <= DAILY_MAX).then_some(self.lines)
    }
}

impl Desk {
    /// Writes a line of the audit log; durable when it returns.
    ///
    /// # Errors
    /// [`LedgerError`] when the disk fails.
    pub async fn audit(&self, entry: &AuditEntry) -> Result<(), LedgerError> {
        let day = self.0.config.day(self.moment());
        let Some(number) = self.state().audited.next(day) else {
            tracing::warn!("the audit log of today is full");
            return Ok(());
        };
        let chain = self.0.ledger.charter().chain(day);
        let which = [chain.epoch.as_bytes().as_slice(), &number.to_be_bytes()].concat();
        let value =
            minicbor::to_vec(entry).unwrap_or_else(|e| unreachable!("CBOR into memory: {e}"));
        let row = Row::OfChain { chain, whose: WHOSE.to_vec(), which, value };
        self.0.ledger.keep_rows(vec![row]).await
    }

    /// The lines of the last `days` days and those of no day, the newest first, at most `limit`.
    ///
    /// # Errors
    /// [`LedgerError`] when the disk fails.
    pub async fn audited(&self, days: u16, limit: usize) -> Result<Vec<AuditEntry>, LedgerError> {
        let today = self.0.config.day(self.moment());
        let of_day = |day| self.0.ledger.charter().chain(day);
        let back = (0..i32::from(days.max(1))).map(|n| today.plus(-n));
        let chains: Vec<ChainId> = back.chain([Day::UNKNOWN]).map(of_day).collect();
        let rows = self.0.ledger.rows_of(chains, WHOSE.to_vec()).await?;
        let mut entries: Vec<AuditEntry> =
            rows.iter().filter_map(|row| minicbor::decode(row).ok()).collect();
        entries.reverse(); // of one moment, the later line first
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
        entries.truncate(limit);
        Ok(entries)
    }
}
