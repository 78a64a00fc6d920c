//! Visits that were written on a paper sheet and are typed in later: each line once, at the time that is written there.

use sync::{
    id::{RecordId, Tag},
    ledger::LedgerError,
    record::{Decider, PlaceTaken, Record, Status, StoredRecord, Visit, VisitKind},
    sealed::{Binding, Identity, Sealed},
    time::UnixMillis,
};

use super::Desk;
use crate::{
    clock::SKEW_MILLIS,
    code::{ids::TypedNumber, sheet::Line},
    flow::FLOW_DAYS,
    reason::Reason,
};

/// Why a line was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// This door's node was removed from the venue: what it writes counts nowhere.
    #[error("this door no longer belongs to the venue")]
    Removed,
    /// What is held of the last days is still being read.
    #[error("the last days are still being read")]
    NotReady,
    /// The line was typed in before.
    #[error("this line was typed in already")]
    Again,
    /// Its time is to come.
    #[error("the time is ahead of now")]
    Ahead,
    /// Its time is longer ago than days are kept.
    #[error("the time is more than {FLOW_DAYS} days ago")]
    Old,
    /// There is no key to seal the number with.
    #[error("the number cannot be sealed now")]
    NoKey,
    /// It could not be written down, so it does not count.
    #[error("it could not be recorded")]
    Ledger(#[from] LedgerError),
}

impl Desk {
    /// Writes down a crossing of a line; durable when it returns. Whoever came in while no place was free was let in all
    /// the same, so the visit is kept, and takes none.
    ///
    /// # Errors
    /// [`LineError`]; then it does not count.
    pub async fn take_line(
        &self,
        line: &Line,
        kind: VisitKind,
        at: UnixMillis,
        typed: Option<TypedNumber>,
    ) -> Result<RecordId, LineError> {
        let _one_at_a_time = self.0.typing.lock().await;
        if self.is_removed() {
            return Err(LineError::Removed);
        }
        let tag = line.tag();
        self.check_line(&tag, kind, at)?;
        let (now, site) = (self.moment(), self.site());
        let day = self.0.config.day(now);
        let id = self.0.ledger.name(day);
        let sealed = typed.map(|typed| self.seal_typed(&typed, id, day, now.wall)).transpose()?;
        let needed = u32::from(kind == VisitKind::Entry);
        let right = self.reserve(needed, Some(&tag), now.wall);
        let place = match kind {
            VisitKind::Entry if right.is_some() => PlaceTaken::One,
            VisitKind::Exit if self.is_inside(&tag, now.wall) => PlaceTaken::One,
            _ => PlaceTaken::None,
        };
        let visit = Visit {
            at,
            clock: now.trust,
            entrance: site.entrance,
            kind,
            status: Status::Grey,
            reason: Some(Reason::Paper.word().to_owned()),
            decider: Decider::Staff,
            tag,
            sealed,
            zone: site.part,
            place,
            marks: Vec::new(),
            temperature: None,
        };
        let record = Record::Visit(visit);
        self.0.ledger.record(id, site.venue, record.clone()).await?;
        let stored = StoredRecord { id, record };
        self.state().wrote(&stored);
        self.take_flow(&stored);
        drop(right); // counted by the record from here on
        self.refresh_view();
        Ok(id)
    }

    fn check_line(&self, tag: &Tag, kind: VisitKind, at: UnixMillis) -> Result<(), LineError> {
        let now = self.moment().wall;
        if at > now.plus_millis(SKEW_MILLIS) {
            return Err(LineError::Ahead);
        }
        let zone = &self.site().zone;
        if zone.day(at) <= zone.day(now).plus(-FLOW_DAYS) {
            return Err(LineError::Old);
        }
        let standing = self.with_flow(|flow, whole| whole.then(|| flow.has_line(tag, kind)));
        match standing {
            None => Err(LineError::NotReady),
            Some(true) => Err(LineError::Again),
            Some(false) => Ok(()),
        }
    }

    fn is_inside(&self, tag: &Tag, now: UnixMillis) -> bool {
        let part = self.site().part;
        let tags = [*tag];
        self.state().with_now(part, now, |known, _, moment| {
            known.inside_as(part, &tags, moment.since).is_some()
        })
    }

    /// The number, for the authority alone.
    fn seal_typed(
        &self,
        typed: &TypedNumber,
        visit: RecordId,
        day: sync::time::Day,
        now: UnixMillis,
    ) -> Result<Sealed, LineError> {
        let who = Identity::Typed(typed.to_typed());
        let state = self.state();
        let key = state.rules.tracing_key(now.week()).ok_or(LineError::NoKey)?;
        let binding = Binding { venue: self.site().venue, visit, day };
        Sealed::seal(&who, key, &binding).map_err(|_| LineError::NoKey)
    }
}
