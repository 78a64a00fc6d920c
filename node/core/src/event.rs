//! What the desk announces to screens and signals.

use sync::{
    id::RecordId,
    record::{Decider, NoticeCause, Status, Temperature, VisitKind},
    time::UnixMillis,
};

use crate::{policy::Verdict, reason::Reason};

/// One decision, made durable before it is announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The visit that records it.
    pub visit: RecordId,
    /// When.
    pub at: UnixMillis,
    /// What was done.
    pub kind: VisitKind,
    /// The status that the rules saw.
    pub status: Status,
    /// Why not, where it was a refusal.
    pub reason: Option<Reason>,
    /// Until when the status holds.
    pub until: Option<UnixMillis>,
    /// What follows then.
    pub then: Option<Status>,
    /// Who decided.
    pub decider: Decider,
    /// The masked name that the code carries, such as `A* B*`. Shown for seconds, never stored.
    pub masked_name: Option<String>,
    /// What the person at the desk said of the visitor's temperature.
    pub temperature: Option<Temperature>,
}

/// The name of a verdict that waits for a person's decision; forgotten after two minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PendingId(pub u64);

/// A verdict that waits for the person at the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its name.
    pub id: PendingId,
    /// When the code was read.
    pub at: UnixMillis,
    /// Which way the visitor would cross.
    pub kind: VisitKind,
    /// What the rules say.
    pub verdict: Verdict,
    /// The masked name that the code carries.
    pub masked_name: Option<String>,
    /// The last two characters of a typed number, by which several are told apart.
    pub number_ends: Option<String>,
}

/// Somebody who was asked to wait aside: the verdict waits longer, for an hour at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// The verdict.
    pub pending: Pending,
    /// Since when.
    pub since: UnixMillis,
}

/// What is known of a visitor who waits, besides the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attended {
    /// What was said of the temperature so far, where the policy asks.
    pub temperature: Option<Temperature>,
    /// For what the sanitary authority is to be told; nothing where there is no reason to.
    pub cause: Option<NoticeCause>,
    /// What the visit will be called, where a notice has named it already.
    pub visit: Option<RecordId>,
}

/// Why a decision was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoReason {
    /// It was another person's code.
    WrongPerson,
    /// The code or the screen was misread.
    Misread,
    /// The visitor turned round at the door.
    LeftAtOnce,
    /// Anything else.
    Other,
}

impl UndoReason {
    /// All of them, in the order in which people are offered them.
    pub const ALL: [Self; 4] = [Self::WrongPerson, Self::Misread, Self::LeftAtOnce, Self::Other];

    /// The stable word, at most 32 bytes: it is what a correction carries.
    pub const fn word(self) -> &'static str {
        match self {
            Self::WrongPerson => "wrong-person",
            Self::Misread => "misread",
            Self::LeftAtOnce => "left-at-once",
            Self::Other => "other",
        }
    }

    /// The reason of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }
}

/// News from one door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DoorEvent {
    /// A decision was made and is durable.
    Decided(Decision),
    /// A verdict waits for the person at the desk.
    Waiting(Pending),
    /// Somebody was asked to wait aside.
    Aside(Pending),
    /// A code was read that is no credential, or a visit could not be made durable: nothing was recorded.
    Unrecorded {
        /// When.
        at: UnixMillis,
        /// Why.
        reason: Reason,
    },
}
