//! Guard mode: a visitor without phone and paper, known by a typed number; and the look-up of elders and children.
//!
//! The number is in memory until the decision, no longer than two minutes; what is written holds it sealed.

use sync::{
    inquiry::{Asked, OwnInquiry},
    ledger::LedgerError,
    record::{Direction, LookedUp, VisitKind},
    sealed::NumberKind,
};

use super::{
    Desk,
    look_ups::{NotNoted, Who},
    weigh::{Heard, weigh_typed},
};
use crate::{
    code::ids::{Belongs, Group, TypedNumber},
    event::{DoorEvent, Pending, PendingId},
    policy::ElderLookup,
};

/// The longest name that is typed with a number, bytes.
pub const NAME_MAX: usize = sync::inquiry::NAME_MAX;

/// Which way a visitor of whom a number was typed crosses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Comes in.
    In,
    /// Goes out.
    Out,
}

/// What came of asking the authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// It answered.
    Answered,
    /// It did not, now: the answer is asked for later, and becomes an alert where it has to.
    Unanswered,
    /// It was not asked: the venue's look-ups of this hour are used up.
    Capped,
    /// There was nothing to ask: somebody leaves, or no tracing key has come.
    NotAsked,
}

/// A typed number with its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedIn {
    /// Waits for the person at the desk.
    pub pending: Pending,
    /// What came of asking.
    pub asking: Asking,
}

/// Why a typed number led to no verdict.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TypedError {
    /// This door's node was removed from the venue.
    #[error("this door no longer belongs to the venue")]
    Removed,
    /// This door does not lead that way.
    #[error("this door does not lead that way")]
    Way,
    /// The look-up could not be written down, so it was not made.
    #[error("the look-up could not be recorded")]
    Ledger(#[from] LedgerError),
}

/// Why nobody was looked up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookUpError {
    /// This door's node was removed from the venue.
    #[error("this door no longer belongs to the venue")]
    Removed,
    /// No name, or a longer one than [`NAME_MAX`].
    #[error("a name of at most {NAME_MAX} bytes goes with the number")]
    Name,
    /// The policy allows national numbers alone.
    #[error("the policy allows no look-up by passport")]
    Passport,
    /// By the number the person is not, or not certainly, of the group.
    #[error("by the number this person is not of the group")]
    Group,
    /// The number says nothing of an age.
    #[error("the number says no age")]
    Unsaid,
    /// The venue's look-ups of this hour are used up.
    #[error("this venue has looked up as many numbers in this hour as the policy allows")]
    Capped,
    /// The authority is not reached, or did not answer in time.
    #[error("the authority did not answer")]
    NoAnswer,
    /// The look-up could not be written down, so it was not made.
    #[error("the look-up could not be recorded")]
    Ledger(#[source] LedgerError),
}

impl Desk {
    /// A visitor's number was typed, with the visitor's consent: the verdict waits for a decision. The look-up is written
    /// down before the authority is asked.
    ///
    /// # Errors
    /// [`TypedError`]; then nobody waits.
    pub async fn assess_typed(
        &self,
        typed: &TypedNumber,
        way: Way,
        who: Who,
    ) -> Result<TypedIn, TypedError> {
        if self.is_removed() {
            return Err(TypedError::Removed);
        }
        let kind = self.crossing(way).ok_or(TypedError::Way)?;
        self.keep_up().await;
        let (heard, asking) = match (kind, self.inquiry(typed, None, LookedUp::Number)) {
            (VisitKind::Entry, Some(own)) => match self.note_look_up(LookedUp::Number, who).await {
                Ok(()) => match self.ask_now(&own).await {
                    Some(found) => (Heard { found: Some(found), owed: None }, Asking::Answered),
                    None => (Heard { found: None, owed: Some(own) }, Asking::Unanswered),
                },
                Err(NotNoted::Capped) => (Heard::default(), Asking::Capped),
                Err(NotNoted::Ledger(error)) => return Err(error.into()),
            },
            _ => (Heard::default(), Asking::NotAsked),
        };
        let weighed = self.weigh_number(typed, kind, heard);
        Ok(TypedIn { pending: self.wait(weighed), asking })
    }

    /// Asks the authority about an elder or a child, for a companion or the person itself. Nobody waits at the desk after
    /// it: [`Desk::bring`] lets the person check in, within two minutes.
    ///
    /// # Errors
    /// [`LookUpError`]; the look-up is in the list all the same where the authority was asked.
    pub async fn look_up(
        &self,
        group: Group,
        typed: &TypedNumber,
        name: &str,
        who: Who,
    ) -> Result<Pending, LookUpError> {
        if self.is_removed() {
            return Err(LookUpError::Removed);
        }
        let name = name.trim();
        if name.is_empty() || name.len() > NAME_MAX {
            return Err(LookUpError::Name);
        }
        self.keep_up().await;
        let national = self.state().rules.policy.elder_lookup == ElderLookup::National;
        if national && typed.kind() == NumberKind::Passport {
            return Err(LookUpError::Passport);
        }
        match typed.belongs_to(group, self.moment().wall) {
            Belongs::Yes => {}
            Belongs::No => return Err(LookUpError::Group),
            Belongs::Unsaid => return Err(LookUpError::Unsaid),
        }
        let what = match group {
            Group::Elder => LookedUp::Elder,
            Group::Child => LookedUp::Child,
        };
        let own = self.inquiry(typed, Some(name), what).ok_or(LookUpError::NoAnswer)?;
        self.note_look_up(what, who).await.map_err(|why| match why {
            NotNoted::Capped => LookUpError::Capped,
            NotNoted::Ledger(error) => LookUpError::Ledger(error),
        })?;
        let found = self.ask_now(&own).await.ok_or(LookUpError::NoAnswer)?;
        let kind = self.crossing(Way::In).unwrap_or(VisitKind::Exit);
        let weighed = self.weigh_number(typed, kind, Heard { found: Some(found), owed: None });
        Ok(self.state().waiting.keep(weighed))
    }

    /// Who was looked up comes to the desk: the verdict waits for a decision from now on, where it is not too old.
    pub fn bring(&self, id: PendingId) -> Option<Pending> {
        let now = self.moment().wall;
        let pending = self.state().waiting.shown(id, now)?;
        self.announce(DoorEvent::Waiting(pending.clone()));
        Some(pending)
    }

    /// Whether a verdict still waits for a decision.
    pub fn waits(&self, id: PendingId) -> bool {
        let now = self.moment().wall;
        self.state().waiting.shown(id, now).is_some()
    }

    /// Which ways this door leads.
    pub fn ways(&self) -> &'static [Way] {
        match self.site().direction {
            Direction::In => &[Way::In],
            Direction::Out => &[Way::Out],
            Direction::Both => &[Way::In, Way::Out],
        }
    }

    fn crossing(&self, way: Way) -> Option<VisitKind> {
        let kind = match way {
            Way::In => VisitKind::Entry,
            Way::Out => VisitKind::Exit,
        };
        self.ways().contains(&way).then_some(kind)
    }

    fn weigh_number(
        &self,
        typed: &TypedNumber,
        kind: VisitKind,
        heard: Heard,
    ) -> super::weigh::Weighed {
        let now = self.moment();
        let mut state = self.state();
        state.turn_to(now);
        weigh_typed(typed, kind, heard, self.site(), &mut state, now)
    }

    /// The question, sealed; `None` where no tracing key of this week has come.
    fn inquiry(
        &self,
        typed: &TypedNumber,
        name: Option<&str>,
        what: LookedUp,
    ) -> Option<OwnInquiry> {
        let asked = Asked { typed: typed.to_typed(), name: name.map(str::to_owned), what };
        let week = self.moment().wall.week();
        let state = self.state();
        let key = state.rules.tracing_key(week)?;
        OwnInquiry::seal(&asked, key, &self.asker())
            .inspect_err(|error| tracing::error!(%error, "a question could not be sealed"))
            .ok()
    }
}
