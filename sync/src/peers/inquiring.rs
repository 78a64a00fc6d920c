//! Questions about typed numbers: a door's own go to the authority through its open session, ahead of everything else; those
//! that come in go to who answers them.

use std::{collections::VecDeque, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{
    deliveries::{At, Done},
    run::Run,
    session::Outcome,
};
use crate::{
    id::{PublicKey, VenueId},
    inquiry::{Inquiry, SealedFinding},
};

/// Questions of this node that wait for the loop.
const ASKS_MAX: usize = 32;
/// Questions that wait for one session.
const WAITING_MAX: usize = 8;
/// How long an answer may take to be found at the authority.
const FINDING_TIME: Duration = Duration::from_secs(5);

/// A door's question that waits for its answer at the authority. Dropping `reply` says that there is none.
#[derive(Debug)]
pub struct InquiryCall {
    /// Who asks: its papers are checked.
    pub node: PublicKey,
    /// Of which venue, by those papers.
    pub venue: VenueId,
    /// The question, sealed.
    pub inquiry: Inquiry,
    /// Takes the answer.
    pub reply: oneshot::Sender<Option<SealedFinding>>,
}

/// Why a question has no answer now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unanswered {
    /// No session with an authority that answers, or it broke off.
    #[error("the authority is not reached")]
    NoLink,
    /// The authority cannot say, or not just now.
    #[error("the authority gave no answer")]
    NoAnswer,
}

/// Asks the authority; cheap to clone.
#[derive(Clone, Debug)]
pub struct Inquirer(mpsc::Sender<Asking>);

/// A question on its way to a session.
#[derive(Debug)]
pub(super) struct Asking {
    inquiry: Inquiry,
    reply: Waiter,
}

type Waiter = oneshot::Sender<Option<SealedFinding>>;

/// The questions of one session: those that wait, and who waits for the one under way.
#[derive(Debug, Default)]
pub(super) struct Inquiring {
    waiting: VecDeque<Asking>,
    under_way: Option<Waiter>,
}

pub(super) fn channel() -> (Inquirer, mpsc::Receiver<Asking>) {
    let (asks, arriving) = mpsc::channel(ASKS_MAX);
    (Inquirer(asks), arriving)
}

impl Inquirer {
    /// Asks the authority, if a session with it is open. Whoever stops waiting drops the future.
    ///
    /// # Errors
    /// [`Unanswered`] says how far it came.
    pub async fn ask(&self, inquiry: Inquiry) -> Result<SealedFinding, Unanswered> {
        let (reply, answer) = oneshot::channel();
        let asking = Asking { inquiry, reply };
        self.0.send(asking).await.map_err(|_| Unanswered::NoLink)?;
        answer.await.map_err(|_| Unanswered::NoLink)?.ok_or(Unanswered::NoAnswer)
    }
}

impl Run {
    /// A question of this node: to a session with an authority that answers. Without one it is dropped, and its asker
    /// knows at once.
    pub(super) fn asked(&mut self, asking: Asking) {
        let open = self.contacts.talking().into_iter().find(|peer| {
            let talk = self.contacts.get_mut(peer).and_then(|c| c.talk.as_mut());
            talk.is_some_and(|t| t.session.answers() && t.inquiring.waiting.len() < WAITING_MAX)
        });
        let Some(peer) = open else { return };
        if let Some(talk) = self.contacts.get_mut(&peer).and_then(|c| c.talk.as_mut()) {
            talk.inquiring.waiting.push_back(asking);
        }
        self.poke(peer);
    }

    /// Sends the session's next question, if it may be sent now; whether it did.
    pub(super) fn inquire(&mut self, at: At) -> bool {
        let (now, own) = (self.now(), self.ledger.charter());
        let Some(talk) = self.contacts.get_mut(&at.0).and_then(|c| c.talk_on(at.1)) else {
            return false;
        };
        let inquiring = &mut talk.inquiring;
        // Nobody waits any more for some.
        inquiring.waiting.retain(|asking| !asking.reply.is_closed());
        let Some(next) = inquiring.waiting.front() else { return false };
        let Some(request) = talk.session.inquire(own, &next.inquiry, now) else { return false };
        inquiring.under_way = inquiring.waiting.pop_front().map(|asking| asking.reply);
        self.ask(at, request);
        true
    }

    /// The reply to the request under way has come; `found` where it is one to a question.
    pub(super) fn found(&mut self, at: At, found: Option<Option<SealedFinding>>) {
        let talk = self.contacts.get_mut(&at.0).and_then(|c| c.talk_on(at.1));
        let under_way = talk.and_then(|talk| talk.inquiring.under_way.take());
        if let (Some(waiter), Some(found)) = (under_way, found) {
            let _ = waiter.send(found); // nobody waits any more: fine
        }
    }

    /// A door's question: to who answers it, beside the loop.
    pub(super) fn take_inquiry(&mut self, at: At, inquiry: Inquiry) {
        let talk = self.contacts.get_mut(&at.0).and_then(|c| c.talk_on(at.1));
        let asker = talk.and_then(|t| t.session.member()).and_then(|m| Some((m.node, m.venue()?)));
        let calls = self.inquiries.clone();
        self.work.push(Box::pin(async move {
            let found = match (asker, calls) {
                (Some((node, venue)), Some(calls)) => {
                    let (reply, answer) = oneshot::channel();
                    let call = InquiryCall { node, venue, inquiry, reply };
                    let taken = calls.try_send(call).is_ok(); // too many at once: none is said to be known
                    let answer = timeout(FINDING_TIME, answer);
                    if taken { answer.await.ok().and_then(Result::ok).flatten() } else { None }
                }
                _ => None,
            };
            Done::Taken(at, Outcome::Found(found))
        }));
    }
}
