//! The check-in desk: one code in; one decision, one durable visit, one event out.
//!
//! ```text
//! text ─▶ code ─▶ credential ─▶ verdict ─┬─ unattended: decided by the verdict ─┐
//!                                        └─ attended: waits for a person ───────┴─▶ visit ─▶ event
//! ```
//! Nothing is announced as decided before the ledger has answered that the visit is durable.

mod acts;
mod auditing;
mod days;
mod doors;
mod duties;
mod floor;
mod follow;
mod history;
mod house;
mod inquiries;
mod links;
mod look;
mod look_ups;
mod notices;
mod paper;
mod pass;
mod phone;
mod staffing;
mod state;
mod together;
mod told;
mod twins;
mod typed;
mod undated;
mod waiting;
mod weigh;

pub use acts::ActError;
pub use history::Standing;
pub use look_ups::{LookUpView, Who};
pub use notices::About;
pub use paper::LineError;
pub use pass::PassError;
pub use together::{TOGETHER_MAX, TogetherError};
pub use typed::{Asking, LookUpError, NAME_MAX, TypedError, TypedIn, Way};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sync::{
    id::{Epoch, RecordId, Tag},
    key::SecretKey,
    ledger::{Ledger, LedgerError, WallClock},
    record::{
        ClockTrust, Decider, PlaceTaken, Record, Resumed, StoredRecord, Temperature, Visit,
        VisitKind,
    },
    sealed::{Binding, Sealed},
    tag::{TagKey, TagRing},
    time::Day,
};
use tokio::sync::{broadcast, watch};

use crate::{
    clock::{ClockSource, Moment},
    code::Code,
    event::{Decision, DoorEvent, Pending},
    policy::{Outcome, Verdict},
    reason::Reason,
    site::{Site, SiteView},
};
pub use doors::DoorStanding;
pub use phone::{Held, VisitorRules};
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
    /// The earlier start named by the node's lease: it may be gone on with, if it is the last that the store knows.
    pub resumes: Option<Epoch>,
    /// The venue's manager's key, where this door has it: fields are then set in the manager's name.
    pub manager: Option<SecretKey>,
}

impl DeskConfig {
    /// The day of the documents in which what happens now is written.
    fn day(&self, now: Moment) -> Day {
        match now.trust {
            ClockTrust::Unknown => Day::UNKNOWN,
            ClockTrust::Trusted | ClockTrust::Bounded => self.site.zone.day(now.wall),
        }
    }
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
    begun: Mutex<links::Begun>,
    /// Records are read anew by one at a time.
    reading: tokio::sync::Mutex<()>,
    /// Look-ups are noted by one at a time.
    looking_up: tokio::sync::Mutex<()>,
    events: broadcast::Sender<DoorEvent>,
    view: watch::Sender<SiteView>,
    history: Mutex<history::History>,
    /// Lines of paper sheets are typed in by one at a time.
    typing: tokio::sync::Mutex<()>,
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
    /// Lets somebody through who works here, and takes no visitor's place.
    ReleaseStaff,
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
    /// This door's node was removed from the venue: what it writes counts nowhere.
    #[error("this door no longer belongs to the venue")]
    Removed,
    /// The policy does not let a person release this visitor.
    #[error("the policy does not let staff release this visitor")]
    Binding,
    /// The policy wants to know the temperature of whom a person lets in.
    #[error("the policy asks for the visitor's temperature first")]
    NoTemperature,
    /// Who waited aside did so for longer than the status held: the code must be read again.
    #[error("the status has ended while the visitor waited")]
    Ended,
    /// As many wait aside as can.
    #[error("too many wait aside")]
    Crowded,
    /// The capacity binds, and this door has no right left to let anybody in.
    #[error("no place is left that this door may give")]
    NoRights,
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
        let mut state = State::read(&ledger, &config).await?;
        let moment = state.rules.moment((config.clock)(), (config.clock_watch)());
        resume(&ledger, &config, &mut state, moment).await?;
        let begun = links::Begun { at: moment.wall, trust: moment.trust };
        let (events, _) = broadcast::channel(EVENTS_LEN);
        let (view, _) = watch::channel(SiteView::default());
        let (state, begun) = (Mutex::new(state), begun.into());
        let (reading, looking_up, typing) = Default::default();
        let history = history::History::new(&config.site.zone, moment.wall).into();
        let desk = Self(Arc::new(Inner {
            config,
            ledger,
            state,
            begun,
            reading,
            events,
            view,
            history,
            typing,
            looking_up,
        }));
        desk.read_owed().await?;
        desk.refresh_view();
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
        self.keep_up().await;
        let weighed = match self.weigh(text) {
            Ok(weighed) => weighed,
            Err(reason) => {
                self.saw_specimen(reason);
                return self.unrecorded(reason);
            }
        };
        if self.0.config.attendance == Attendance::Attended {
            return CheckedIn::Waiting(self.wait(weighed));
        }
        match self.decide_alone(weighed).await {
            Ok(decision) => CheckedIn::Decided(decision),
            Err(error) => {
                tracing::error!(%error, "visit could not be recorded");
                self.unrecorded(Reason::NotRecorded)
            }
        }
    }

    /// The verdict decides. If the last right went to somebody else since it was weighed, it is a refusal.
    async fn decide_alone(&self, mut weighed: Weighed) -> Result<Decision, LedgerError> {
        if weighed.verdict.outcome == Outcome::Admit {
            match self.record(&weighed, Act::Release, Decider::Verdict, None).await {
                Err(DecideError::NoRights) => {
                    weighed.verdict.outcome = Outcome::Refuse;
                    weighed.verdict.reason = Some(Reason::NoRights);
                }
                Err(DecideError::Ledger(error)) => return Err(error),
                Err(_) => {}
                Ok(decision) => return Ok(decision),
            }
        }
        match self.record(&weighed, Act::Refuse, Decider::Verdict, None).await {
            Ok(decision) => Ok(decision),
            Err(DecideError::Ledger(error)) => Err(error),
            Err(_) => unreachable!("a refusal needs nothing but the ledger"),
        }
    }

    /// A code was typed or pasted at the desk: the verdict waits for a decision, at any door.
    pub async fn assess(&self, text: &str) -> Assessed {
        self.keep_up().await;
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

    /// Other tag keys are in force from now on: a door was lost, or the file's ring holds more than one.
    pub fn rekey(&self, ring: TagRing) {
        self.state().rekey(ring);
    }

    /// Whether an order removed this door's node from the venue.
    pub fn is_removed(&self) -> bool {
        let own = self.0.ledger.charter().key.public();
        let heads = self.0.ledger.heads().borrow().clone();
        heads.venues.get(&self.site().venue).is_some_and(|v| v.removed.contains_key(&own))
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
        if self.is_removed() {
            return Err(Reason::DoorRemoved);
        }
        let now = self.moment();
        let mut state = self.state();
        state.turn_to(now);
        let code = state.gather(Code::read(text), now.wall).ok_or(Reason::Incomplete)?;
        if let Code::DayPass(text) = &code {
            return pass::weigh_pass(text, &self.0.config.site, &mut state, now);
        }
        weigh(&code, &self.0.config.site, &mut state, now)
    }

    fn wait(&self, weighed: Weighed) -> Pending {
        let pending = self.state().waiting.keep(weighed);
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
        temperature: Option<Temperature>,
    ) -> Result<Decision, DecideError> {
        let (now, tag) = (self.moment().wall, weighed.tag.as_ref());
        let needed = u32::from(weighed.takes_place(act));
        let right = self.reserve(needed, tag, now).ok_or(DecideError::NoRights)?;
        let decision = self.write_down(weighed, act, decider, temperature).await?;
        drop(right); // counted by the record from here on
        self.tell(&decision);
        Ok(decision)
    }

    /// Announces what is durable.
    fn tell(&self, decision: &Decision) {
        self.announce(DoorEvent::Decided(decision.clone()));
        self.refresh_view();
    }

    /// Writes the visit, whose place is reserved.
    async fn write_down(
        &self,
        weighed: &Weighed,
        act: Act,
        decider: Decider,
        temperature: Option<Temperature>,
    ) -> Result<Decision, LedgerError> {
        let now = self.moment();
        let site = &self.0.config.site;
        let day = self.0.config.day(now);
        let named = weighed.name.filter(|name| name.chain.day == day);
        let id = named.unwrap_or_else(|| self.0.ledger.name(day));
        let place = match act {
            Act::ReleaseStaff => PlaceTaken::None,
            Act::Release | Act::Refuse => PlaceTaken::One,
        };
        let kind = match act {
            Act::Release | Act::ReleaseStaff => weighed.kind,
            Act::Refuse => VisitKind::Refusal,
        };
        let reason = match (act, weighed.verdict.reason) {
            (Act::Refuse, None) if temperature == Some(Temperature::Fever) => Some(Reason::Fever),
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
            zone: site.part,
            place,
            marks: weighed.marks.clone(),
            temperature,
        };
        let record = Record::Visit(visit);
        self.0.ledger.record(id, site.venue, record.clone()).await?;
        let stored = StoredRecord { id, record };
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
            temperature,
        };
        {
            let mut state = self.state();
            state.recorded(&stored, decision.clone());
            state.may_have_pass(&decision, weighed);
            if kind == VisitKind::Entry {
                state.remember_twin(weighed, site.part, id);
            }
        }
        if let Some(owed) = weighed.owed().filter(|_| kind == VisitKind::Entry) {
            self.owe(owed, id, now.wall).await;
        }
        Ok(decision)
    }

    /// Who came, for the authority alone. Without a tracing key the verdict was not "admit", and what a
    /// person then releases is kept without identity rather than with one in clear.
    fn seal(&self, weighed: &Weighed, visit: RecordId, day: Day, now: Moment) -> Option<Sealed> {
        let who = weighed.who.as_ref()?;
        let state = self.state();
        let key = state.rules.tracing_key(now.wall.week())?;
        let binding = Binding { venue: self.0.config.site.venue, visit, day };
        Sealed::seal(who, key, &binding)
            .inspect_err(|error| tracing::error!(%error, "identity could not be sealed"))
            .ok()
    }
}

/// Goes on with the start before this one, if its lease says so and the store knows no later one: written before
/// anything else, so that what it has used counts as used.
async fn resume(
    ledger: &Ledger,
    config: &DeskConfig,
    state: &mut State,
    now: Moment,
) -> Result<(), LedgerError> {
    let charter = ledger.charter();
    let (own, epoch) = (charter.key.public(), charter.epoch);
    let heads = ledger.heads().borrow().clone();
    let newest = state::newest_own(&heads, &own, epoch);
    if let (Some(earlier), true) = (newest, config.resumes.is_some() && config.resumes == newest) {
        let id = ledger.name(config.day(now));
        let record = Record::Resumed(Resumed { at: now.wall, epoch: earlier });
        ledger.record(id, config.site.venue, record.clone()).await?;
        state.take(&StoredRecord { id, record });
    }
    state.start.epochs = state.occupancy.lineage(own, epoch);
    Ok(())
}

/// The tag of somebody whose number space is too small to hide, or who is not known: pairs with nothing.
fn random_tag() -> Tag {
    let mut bytes = [0; 16];
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::error!(%error, "no randomness for a tag");
    }
    Tag::new(bytes)
}

#[cfg(test)]
mod tests;
