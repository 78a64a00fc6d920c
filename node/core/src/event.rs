//! What the desk announces to screens and signals.

use sync::{
    id::RecordId,
    record::{Decider, Status, VisitKind},
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
}

/// News from one door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DoorEvent {
    /// A decision was made and is durable.
    Decided(Decision),
    /// A verdict waits for the person at the desk.
    Waiting(Pending),
    /// A code was read that is no credential, or a visit could not be made durable: nothing was recorded.
    Unrecorded {
        /// When.
        at: UnixMillis,
        /// Why.
        reason: Reason,
    },
}
