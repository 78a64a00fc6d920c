//! What was written under a clock that nobody believed: dated anew once the time is known, by how long ago it was.

use std::collections::VecDeque;

use sync::{
    id::RecordId,
    record::{Amend, ClockTrust, Correction, Record, StoredRecord},
    time::Day,
};
use tokio::time::Instant;

use super::{Desk, acts::ActError};
use crate::clock::Moment;

/// Records that wait for their date; beyond it the oldest keep the day `unknown`.
const WAITING_MAX: usize = 20_000;
/// The most that are dated at one look, so that visitors need not wait behind them.
const DATED_AT_ONCE: usize = 64;

/// Own records of this run whose day nobody knew, oldest first, with when they were written by a clock that only runs.
#[derive(Debug, Default)]
pub(super) struct Undated(VecDeque<(RecordId, Instant)>);

impl Undated {
    /// Takes what this door has just written. Of an earlier run nobody knows how long ago it was.
    pub(super) fn wrote(&mut self, stored: &StoredRecord) {
        let dated =
            matches!(stored.record, Record::Visit(_) | Record::Clicks(_) | Record::Reset(_));
        if dated && stored.id.chain.day == Day::UNKNOWN {
            if self.0.len() == WAITING_MAX {
                self.0.pop_front();
            }
            self.0.push_back((stored.id, Instant::now()));
        }
    }
}

impl Desk {
    /// Says when the undated happened, once the clock is believed.
    pub(super) async fn redate(&self, now: Moment) -> Result<(), ActError> {
        if now.trust == ClockTrust::Unknown {
            return Ok(());
        }
        for _ in 0..DATED_AT_ONCE {
            let next = self.state().undated.0.front().copied();
            let Some((of, written)) = next else { break };
            let ago = i64::try_from(written.elapsed().as_millis()).unwrap_or(i64::MAX);
            let at = now.wall.plus_millis(ago.saturating_neg());
            let amend = Amend::Redate { at, day: self.site().zone.day(at) };
            let correction = Correction { at: now.wall, of, amend, why: None };
            self.write(self.0.config.day(now), Record::Correction(correction)).await?;
            self.state().undated.0.pop_front();
        }
        Ok(())
    }
}
