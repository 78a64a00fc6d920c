//! The check-in desk: one code in; one decision, one durable visit, one event out.
//!
//! ```text
//! text ─▶ code ─▶ credential ─▶ verdict ─┬─ unattended: decided by the verdict ─┐
//!                                        └─ attended: waits for a person ───────┴─▶ visit ─▶ event
//! ```
//! Nothing is announced as decided before the ledger has answered that the visit is durable.

mod follow;
mod state;
mod weigh;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sync::{
    id::{Tag, VisitId},
    ledger::{Ledger, LedgerError, WallClock},
    record::{ClockTrust, Decider, Visit, VisitKind},
    sealed::{Binding, Identity, Sealed},
    tag::TagKey,
    time::Day,
};
use tokio::sync::{broadcast, watch};

use crate::{
    clock::{ClockSource, Moment},
    code::Code,
    event::{Decision, DoorEvent, Pending, PendingId},
    policy::{Outcome, StaffRelease, Verdict},
    reason::Reason,
    site::{Site, SiteView},
};
use state::State;
use weigh::{Weighed, weigh};

/// Events that a slow screen may lag behind before it must start anew.
const EVENTS_LEN: usize = 64;

/// Tells what the operating system says of its clock.
pub type ClockWatch = Arc<dyn Fn() -> ClockSource + Send + Sync>;

/// Whether a person decides at this door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attendance {
    /// A person confirms or refuses each verdict.
    Attended,
    /// The verdict itself decides.
    Unattended,
}

/// What a desk is set up with.
#[derive(Clone)]
pub struct DeskConfig {
    /// The venue and this door.
    pub site: Site,
    /// Whether a person decides.
    pub attendance: Attendance,
    /// The venue's tag key, of today or of an earlier day.
    pub tag_key: TagKey,
    /// The wall clock.
    pub clock: WallClock,
    /// How well it is set.
    pub clock_watch: ClockWatch,
}

impl std::fmt::Debug for DeskConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeskConfig({:?}, {:?})", self.site, self.attendance)
    }
}

/// The desk of one door; cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    config: DeskConfig,
    ledger: Ledger,
    state: Mutex<State>,
    events: broadcast::Sender<DoorEvent>,
    view: watch::Sender<SiteView>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Desk({})", self.0.config.site.entrance_name)
    }
}

/// What a code read at the door led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckedIn {
    /// Decided, and durable.
    Decided(Decision),
    /// Waits for the person at the desk.
    Waiting(Pending),
    /// Nothing was recorded.
    Unrecorded(Reason),
}

/// What a typed or pasted code led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assessed {
    /// A verdict waits for a decision.
    Waiting(Pending),
    /// The text is no credential of any kind.
    NoCredential(Reason),
}

/// What the person at the desk does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Lets the visitor through.
    Release,
    /// Turns the visitor away.
    Refuse,
}

/// Why a decision was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecideError {
    /// Already decided, or too old.
    #[error("this verdict is no longer waiting")]
    Unknown,
    /// The policy does not let a person release this visitor.
    #[error("the policy does not let staff release this visitor")]
    Binding,
    /// It could not be written down, so it does not count.
    #[error("the decision could not be recorded")]
    Ledger(#[from] LedgerError),
}

/// Why a desk could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("the desk could not read the ledger")]
pub struct OpenError(#[from] LedgerError);

impl Desk {
    /// Opens the desk on what the ledger already holds of today and yesterday.
    ///
    /// # Errors
    /// [`OpenError`] when the ledger cannot be read.
    pub async fn open(ledger: Ledger, config: DeskConfig) -> Result<Self, OpenError> {
        let state = State::read(&ledger, &config).await?;
        let (events, _) = broadcast::channel(EVENTS_LEN);
        let (view, _) = watch::channel(SiteView::default());
        let state = Mutex::new(state);
        let desk = Self(Arc::new(Inner { config, ledger, state, events, view }));
        desk.refresh_view(BTreeSet::new());
        Ok(desk)
    }

    /// The venue and this door.
    pub fn site(&self) -> &Site {
        &self.0.config.site
    }

    /// News of this door, from now on.
    pub fn events(&self) -> broadcast::Receiver<DoorEvent> {
        self.0.events.subscribe()
    }

    /// The last decisions of this door since it started, newest first, twenty at most.
    pub fn recent(&self) -> Vec<Decision> {
        self.state().recent()
    }

    /// What screens show besides decisions.
    pub fn view(&self) -> watch::Receiver<SiteView> {
        self.0.view.subscribe()
    }

    /// A code was read by this door's camera or scanner.
    pub async fn check_in(&self, text: &str) -> CheckedIn {
        let weighed = match self.weigh(text) {
            Ok(weighed) => weighed,
            Err(reason) => return self.unrecorded(reason),
        };
        if self.0.config.attendance == Attendance::Attended {
            return CheckedIn::Waiting(self.wait(weighed));
        }
        let act = match weighed.verdict.outcome {
            Outcome::Admit => Act::Release,
            Outcome::Refuse | Outcome::CannotConfirm => Act::Refuse,
        };
        match self.record(&weighed, act, Decider::Verdict).await {
            Ok(decision) => CheckedIn::Decided(decision),
            Err(error) => {
                tracing::error!(%error, "visit could not be recorded");
                self.unrecorded(Reason::NotRecorded)
            }
        }
    }

    /// A code was typed or pasted at the desk: the verdict waits for a decision, at any door.
    #[expect(
        clippy::unused_async,
        reason = "look-ups of typed numbers will ask the authority here"
    )]
    pub async fn assess(&self, text: &str) -> Assessed {
        match self.weigh(text) {
            Ok(weighed) => Assessed::Waiting(self.wait(weighed)),
            Err(reason) => Assessed::NoCredential(reason),
        }
    }

    /// The verdict on a code, recorded nowhere.
    pub fn self_check(&self, text: &str) -> Verdict {
        let now = self.moment();
        let state = self.state();
        weigh::verdict_alone(&Code::read(text), &state.rules, now)
    }

    /// The person at the desk decides; durable when this returns.
    ///
    /// # Errors
    /// [`DecideError`]; then the visit does not count.
    pub async fn decide(&self, id: PendingId, act: Act) -> Result<Decision, DecideError> {
        let weighed = {
            let now = self.moment().wall;
            let mut state = self.state();
            let weighed = state.take_pending(id, now).ok_or(DecideError::Unknown)?;
            let binding = state.rules.policy.staff_release == StaffRelease::AdmittedOnly;
            if act == Act::Release && weighed.verdict.outcome != Outcome::Admit && binding {
                state.put_back(id, weighed);
                return Err(DecideError::Binding);
            }
            weighed
        };
        match self.record(&weighed, act, Decider::Staff).await {
            Ok(decision) => Ok(decision),
            Err(error) => {
                self.state().put_back(id, weighed);
                Err(error.into())
            }
        }
    }

    fn moment(&self) -> Moment {
        let wall = (self.0.config.clock)();
        self.state().rules.moment(wall, (self.0.config.clock_watch)())
    }

    /// No panic happens while the lock is held that would leave the state torn.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn weigh(&self, text: &str) -> Result<Weighed, Reason> {
        let now = self.moment();
        let mut state = self.state();
        state.turn_to(self.0.config.site.zone.day(now.wall));
        weigh(&Code::read(text), &self.0.config.site, &state, now)
    }

    fn wait(&self, weighed: Weighed) -> Pending {
        let pending = self.state().keep_pending(weighed);
        self.announce(DoorEvent::Waiting(pending.clone()));
        pending
    }

    fn unrecorded(&self, reason: Reason) -> CheckedIn {
        self.announce(DoorEvent::Unrecorded { at: self.moment().wall, reason });
        CheckedIn::Unrecorded(reason)
    }

    fn announce(&self, event: DoorEvent) {
        let _ = self.0.events.send(event); // nobody watching is fine
    }

    /// Writes the visit and, once it is durable, announces it.
    async fn record(
        &self,
        weighed: &Weighed,
        act: Act,
        decider: Decider,
    ) -> Result<Decision, LedgerError> {
        let now = self.moment();
        let id = self.0.ledger.name_visit();
        let site = &self.0.config.site;
        let day = match now.trust {
            ClockTrust::Unknown => Day::UNKNOWN,
            ClockTrust::Trusted | ClockTrust::Bounded => site.zone.day(now.wall),
        };
        let kind = match act {
            Act::Release => weighed.kind,
            Act::Refuse => VisitKind::Refusal,
        };
        let reason = match (act, weighed.verdict.reason) {
            (Act::Refuse, None) => Some(Reason::Staff),
            (_, reason) => reason,
        };
        let visit = Visit {
            at: now.wall,
            clock: now.trust,
            entrance: site.entrance,
            kind,
            status: weighed.verdict.status,
            reason: reason.map(|r| r.word().to_owned()),
            decider,
            tag: weighed.tag.unwrap_or_else(random_tag),
            sealed: self.seal(weighed, id, day, now),
        };
        self.0.ledger.record(id, day, site.venue, visit.clone()).await?;
        let stored = sync::record::StoredVisit { id, day, visit };
        let decision = Decision {
            visit: id,
            at: now.wall,
            kind,
            status: weighed.verdict.status,
            reason,
            until: weighed.verdict.until,
            then: weighed.verdict.then,
            decider,
            masked_name: weighed.masked_name.clone(),
        };
        self.state().recorded(&stored, decision.clone());
        self.announce(DoorEvent::Decided(decision.clone()));
        self.refresh_view(BTreeSet::new());
        Ok(decision)
    }

    /// Who came, for the authority alone. Without a tracing key the verdict was not "admit", and what a
    /// person then releases is kept without identity rather than with one in clear.
    fn seal(&self, weighed: &Weighed, visit: VisitId, day: Day, now: Moment) -> Option<Sealed> {
        let subject = weighed.subject?;
        let state = self.state();
        let key = state.rules.tracing_key(now.wall.week())?;
        let binding = Binding { venue: self.0.config.site.venue, visit, day };
        Sealed::seal(&Identity::Native(subject), key, &binding)
            .inspect_err(|error| tracing::error!(%error, "identity could not be sealed"))
            .ok()
    }
}

/// The tag of somebody whose number space is too small to hide, or who is not known: pairs with nothing.
fn random_tag() -> Tag {
    let mut bytes = [0; 16];
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::error!(%error, "no randomness for a tag");
    }
    Tag::new(bytes)
}
