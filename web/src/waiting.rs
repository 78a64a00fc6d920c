//! The verdicts that wait for the person at the desk, the last code that led to none, and what was taken back.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use node_core::{
    event::{DoorEvent, Pending, PendingId, UndoReason},
    reason::Reason,
};
use sync::{id::RecordId, time::UnixMillis};
use tokio::sync::watch;

/// As many as the desk keeps (`PENDING_MAX` of `node_core::desk`): what it can decide is on its screen.
const WAITING_MAX: usize = 32;
/// Visits taken back that are remembered; the desk shows fewer decisions.
const UNDONE_MAX: usize = 64;
/// The desk forgets a verdict after this long, and so do we.
const PENDING_MILLIS: i64 = 2 * 60 * 1000;
/// How long the desk's screen speaks of a code that led to nothing.
const NOTICE_MILLIS: i64 = 15 * 1000;

/// What the desk's screen shows besides the latest decisions; kept for screens that connect late.
pub(crate) struct Waiting {
    state: Mutex<State>,
    turn: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    pending: VecDeque<Pending>,
    notice: Option<(UnixMillis, Reason)>,
    undone: VecDeque<(RecordId, UndoReason)>,
}

impl Waiting {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::default(), turn: watch::Sender::new(0) }
    }

    /// Takes in news of the door.
    pub(crate) fn hear(&self, event: &DoorEvent) {
        match event {
            DoorEvent::Waiting(pending) => self.add(pending.clone()),
            DoorEvent::Unrecorded { at, reason } => self.state().notice = Some((*at, *reason)),
            DoorEvent::Decided(_) | DoorEvent::Aside(_) => self.state().notice = None,
        }
        self.turn.send_modify(|n| *n += 1);
    }

    /// Takes in a verdict; the same one twice is one.
    pub(crate) fn add(&self, pending: Pending) {
        let mut state = self.state();
        state.notice = None;
        if state.pending.iter().any(|p| p.id == pending.id) {
            return;
        }
        if state.pending.len() == WAITING_MAX {
            state.pending.pop_front();
        }
        state.pending.push_back(pending);
    }

    /// Removes a verdict that was decided or is too old.
    pub(crate) fn remove(&self, id: PendingId) {
        self.state().pending.retain(|p| p.id != id);
        self.turn.send_modify(|n| *n += 1);
    }

    /// Something else on the desk's screen is new.
    pub(crate) fn poke(&self) {
        self.turn.send_modify(|n| *n += 1);
    }

    /// Remembers that a visit was taken back, and why.
    pub(crate) fn undone(&self, visit: RecordId, why: UndoReason) {
        let mut state = self.state();
        if state.undone.len() == UNDONE_MAX {
            state.undone.pop_front();
        }
        state.undone.push_back((visit, why));
        drop(state);
        self.turn.send_modify(|n| *n += 1);
    }

    /// Why a visit was taken back, as far as is remembered; nothing where it was not.
    pub(crate) fn undone_for(&self, visit: &RecordId) -> Option<UndoReason> {
        self.state().undone.iter().find(|(undone, _)| undone == visit).map(|(_, why)| *why)
    }

    /// What waits, the oldest first.
    pub(crate) fn pending(&self, now: UnixMillis) -> Vec<Pending> {
        let mut state = self.state();
        state.pending.retain(|p| now.get().abs_diff(p.at.get()) < PENDING_MILLIS.unsigned_abs());
        state.pending.iter().cloned().collect()
    }

    /// Why the last code led to nothing, for a short while.
    pub(crate) fn notice(&self, now: UnixMillis) -> Option<Reason> {
        let (at, reason) = self.state().notice?;
        (now.get().abs_diff(at.get()) < NOTICE_MILLIS.unsigned_abs()).then_some(reason)
    }

    /// Tells of every change.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.turn.subscribe()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
