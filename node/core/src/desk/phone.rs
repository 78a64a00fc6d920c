//! Visitors who check in with their own phone: recorded by a number, ended and looked up by the pass of the visit.

use std::collections::BTreeSet;

use sync::{
    id::{ChainId, RecordId, Seq},
    ledger::LedgerError,
    record::{
        AlertCause, Amend, Correction, Decider, Direction, Record, Status, StoredRecord, VisitKind,
    },
    time::{Day, UnixMillis},
};

use super::{
    Act, Attendance, CheckedIn, Desk,
    weigh::{Weighed, phone},
};
use crate::{
    pass::Pass,
    phone::Phone,
    policy::{VisitorCheck, Ways},
    reason::Reason,
    site::short,
};

/// Records that are read from the ledger at once.
const READ_RECORDS: usize = 512;
/// Crossings under one pass that are shown.
const HELD_MAX: usize = 16;

/// What the policy says of visitors who check in by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitorRules {
    /// Who scans whom.
    pub ways: Ways,
    /// What proves that a number is at the door.
    pub check: VisitorCheck,
    /// How long a visit without an exit is taken to last, minutes.
    pub stay_minutes: u32,
    /// After how many days doors destroy a day.
    pub days_door: u32,
    /// After how many days the authority does.
    pub days_authority: u32,
}

/// One crossing as its visitor may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// When.
    pub at: UnixMillis,
    /// At which door.
    pub door: String,
    /// What it was.
    pub kind: VisitKind,
    /// The status that was seen.
    pub status: Status,
    /// Why not, where it was a refusal.
    pub reason: Option<Reason>,
    /// Whether a sealed number is held with it.
    pub sealed: bool,
    /// Whether the authority has said that it holds it.
    pub acknowledged: bool,
    /// Whether staff took it back.
    pub void: bool,
    /// What the venue was told of it, and when.
    pub told: Vec<(AlertCause, UnixMillis)>,
}

impl Desk {
    /// What the policy says of visitors who check in by themselves.
    pub fn visitor_rules(&self) -> VisitorRules {
        let state = self.state();
        let policy = &state.rules.policy;
        VisitorRules {
            ways: policy.ways,
            check: policy.visitor_check,
            stay_minutes: policy.default_stay_minutes,
            days_door: policy.retention_days_door,
            days_authority: policy.retention_days_authority,
        }
    }

    /// A pass for somebody who comes now.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new_pass(&self) -> Result<Pass, getrandom::Error> {
        Pass::generate(self.0.config.day(self.moment()))
    }

    /// A number was proved to be at this door. The visit is found again by `pass`.
    pub async fn check_in_phone(&self, phone: &Phone, way: Direction, pass: &Pass) -> CheckedIn {
        self.keep_up().await;
        let weighed = {
            let now = self.moment();
            let mut state = self.state();
            state.turn_to(now);
            let config = &self.0.config;
            let attendance = config.attendance;
            phone::weigh_phone(phone, pass.tag(), way, attendance, &config.site, &mut state, now)
        };
        self.settle_typed(weighed).await
    }

    /// The visitor ends the visit: an exit of this door, at once. Nobody is asked.
    pub async fn check_out(&self, pass: &Pass) -> CheckedIn {
        self.keep_up().await;
        if self.is_removed() {
            return CheckedIn::Unrecorded(Reason::DoorRemoved);
        }
        let weighed = phone::weigh_leave(pass.tag(), self.moment());
        match self.record(&weighed, Act::Release, Decider::Verdict, None).await {
            Ok(decision) => CheckedIn::Decided(decision),
            Err(error) => self.not_recorded(&error),
        }
    }

    /// Whether the person at the desk still has to decide about a pass.
    pub fn awaits(&self, pass: &Pass) -> bool {
        let now = self.moment().wall;
        self.state().waiting.awaits(&pass.tag(), now)
    }

    async fn settle_typed(&self, weighed: Weighed) -> CheckedIn {
        if self.is_removed() {
            return CheckedIn::Unrecorded(Reason::DoorRemoved);
        }
        if self.0.config.attendance == Attendance::Attended && weighed.kind == VisitKind::Entry {
            return CheckedIn::Waiting(self.wait(weighed));
        }
        match self.decide_alone(weighed).await {
            Ok(decision) => CheckedIn::Decided(decision),
            Err(error) => self.not_recorded(&error),
        }
    }

    fn not_recorded(&self, error: &dyn std::error::Error) -> CheckedIn {
        tracing::error!(%error, "visit could not be recorded");
        self.unrecorded(Reason::NotRecorded)
    }

    /// Everything that this door holds under a pass, its own and what siblings have sent, oldest first.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub async fn held(&self, pass: &Pass) -> Result<Vec<Held>, LedgerError> {
        let tag = pass.tag();
        let heads = self.0.ledger.heads().borrow().clone();
        let days = [pass.day(), pass.day().plus(1)];
        let mut found: Vec<(StoredRecord, bool)> = Vec::new();
        let mut void = BTreeSet::new();
        for (&chain, head) in heads.chains() {
            if !days.contains(&chain.day) {
                continue;
            }
            let mut after = Seq::default();
            while after < head.seq {
                // Not beyond what the authority has: each envelope holds a record at least.
                let known = head.acknowledged.get().saturating_sub(after.get());
                let known = usize::try_from(known).unwrap_or(usize::MAX);
                let limit = if known == 0 { READ_RECORDS } else { known.min(READ_RECORDS) };
                let (some, reached) = self.0.ledger.records(chain, after, limit).await?;
                if reached == after {
                    break;
                }
                after = reached;
                for stored in some {
                    match &stored.record {
                        Record::Visit(visit) if visit.tag == tag && found.len() < HELD_MAX => {
                            found.push((stored, reached <= head.acknowledged));
                        }
                        Record::Correction(Correction { of, amend: Amend::Void, .. }) => {
                            void.insert(*of);
                        }
                        _ => {}
                    }
                }
            }
        }
        let mut held: Vec<Held> = found
            .iter()
            .filter_map(|(stored, known)| self.as_held(stored, *known, &void))
            .collect();
        held.sort_by_key(|one| one.at);
        Ok(held)
    }

    fn as_held(
        &self,
        stored: &StoredRecord,
        known: bool,
        void: &BTreeSet<RecordId>,
    ) -> Option<Held> {
        let Record::Visit(visit) = &stored.record else { return None };
        let ChainId { author, .. } = stored.id.chain;
        let state = self.state();
        let own = author == self.0.ledger.charter().key.public();
        let door = match state.names.get(&author) {
            _ if own => self.site().entrance_name.clone(),
            Some(name) => name.clone(),
            None => short(&author),
        };
        let told = state.hits.iter().filter(|((id, _), _)| *id == stored.id);
        Some(Held {
            at: visit.at,
            door,
            kind: visit.kind,
            status: visit.status,
            reason: visit.reason.as_deref().and_then(Reason::from_word),
            sealed: visit.sealed.is_some(),
            acknowledged: known,
            void: void.contains(&stored.id),
            told: told.map(|((_, cause), at)| (*cause, *at)).collect(),
        })
    }

    /// Until when what is written today is kept at doors and at the authority.
    pub fn kept_until(&self, day: Day) -> (Day, Day) {
        let rules = self.visitor_rules();
        let after = |days: u32| day.plus(i32::try_from(days).unwrap_or(i32::MAX));
        (after(rules.days_door), after(rules.days_authority))
    }
}
