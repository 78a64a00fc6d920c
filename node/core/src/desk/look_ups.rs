//! Who of staff looked up what, written before it is looked up; and how many more a venue may in this hour.

use sync::{
    id::RecordId,
    ledger::LedgerError,
    record::{LookUp, LookedUp, Record},
    time::UnixMillis,
};

use super::{Desk, acts::ActError};
use crate::{
    audit::{AuditEntry, AuditKind},
    staff::StaffId,
};

/// So many are remembered of each door: as many as a policy may allow in an hour.
pub(super) const LOOK_UPS_MAX: usize = 1000;
const HOUR_MILLIS: i64 = 3_600_000;
/// Doors' clocks may differ by so much, ms.
const AHEAD_MILLIS: i64 = 10 * 60_000;

/// The short name of a member of staff; `None` where nobody signed in by name.
pub type Who = Option<[u8; 8]>;

/// A look-up, for the list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookUpView {
    /// The record.
    pub id: RecordId,
    /// When.
    pub at: UnixMillis,
    /// At which door.
    pub door: String,
    /// What was looked up.
    pub what: LookedUp,
    /// By whom, as far as that is known.
    pub who: Option<Vec<u8>>,
}

/// Why a look-up was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(super) enum NotNoted {
    /// The venue's look-ups of this hour are used up.
    #[error("this venue has looked up as many numbers in this hour as the policy allows")]
    Capped,
    /// It could not be written down.
    #[error("the look-up could not be recorded")]
    Ledger(#[from] LedgerError),
}

impl Desk {
    /// The look-ups of today and yesterday at all doors, as far as they are known here, newest first.
    pub fn look_ups(&self) -> Vec<LookUpView> {
        let view = self.view();
        let doors = view.borrow().clone();
        let mut listed: Vec<LookUpView> = self
            .state()
            .look_ups
            .iter()
            .map(|(id, told)| LookUpView {
                id: *id,
                at: told.at,
                door: doors.door_name(&id.chain.author),
                what: told.what,
                who: told.who.as_ref().map(|who| who.to_vec()),
            })
            .collect();
        listed.sort_by_key(|l| std::cmp::Reverse((l.at, l.id)));
        listed
    }

    /// How many numbers this venue may look up now, and how many in an hour.
    pub fn look_ups_left(&self) -> (u32, u32) {
        let now = self.moment().wall;
        let state = self.state();
        let most = state.rules.policy.look_ups_per_hour;
        let lately = |at: UnixMillis| {
            let age = now.get().saturating_sub(at.get());
            (-AHEAD_MILLIS..HOUR_MILLIS).contains(&age)
        };
        let used = state.look_ups.iter().filter(|(_, told)| lately(told.at)).count();
        (most.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX)), most)
    }

    /// Writes down that somebody is about to look up a number; durable when this returns.
    pub(super) async fn note_look_up(&self, what: LookedUp, who: Who) -> Result<(), NotNoted> {
        // One after the other, so that two at once do not both take the last.
        let _one_at_a_time = self.0.looking_up.lock().await;
        if self.look_ups_left().0 == 0 {
            return Err(NotNoted::Capped);
        }
        let now = self.moment();
        let by = who;
        let who = who.map(|name| name.to_vec().into());
        let told = Record::LookUp(LookUp { at: now.wall, what, who });
        match self.write(self.0.config.day(now), told).await {
            Ok(_) => {
                // The record itself is what counts; this line keeps it beside what else the person did.
                let line = AuditEntry::new(now.wall, AuditKind::LookedUp(what), None);
                if let Err(error) = self.audit(&line.by(by.map(StaffId::new))).await {
                    tracing::error!(%error, "a line of the audit log was not written");
                }
                Ok(())
            }
            Err(ActError::Ledger(error)) => Err(error.into()),
            Err(_) => unreachable!("only the ledger can refuse a record"),
        }
    }
}
