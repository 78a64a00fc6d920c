//! What the ledger reads and stores for sessions, beside the run loop, and what is answered then.

use std::sync::Arc;

use libp2p::{Multiaddr, PeerId, swarm::ConnectionId};

use tokio::time::{Duration, Instant};

use super::{
    dialler::chance,
    errand,
    run::Run,
    session::{Fetch, Fetched, Intake, Learned, Outcome, Session, weight},
    uploads::Turn,
    wire::Request,
};
use crate::{envelope, id::PublicKey, ledger::LedgerError};

/// One session among those that there were with a peer.
pub(super) type At = (PeerId, ConnectionId);

/// Work that was done beside the run loop.
pub(super) enum Done {
    Fetched(At, Result<Fetched, LedgerError>),
    Taken(At, Outcome),
    Learned(Result<(), LedgerError>),
    /// What the doors are called, those that were never met within.
    Named(Vec<(PublicKey, String)>),
    /// What is held elsewhere has come, as far as it did: now the peer's request is answered.
    Arrived(At, Request),
    Resolved(u64, std::io::Result<Vec<Multiaddr>>),
}

impl Run {
    pub(super) fn fetch(&mut self, at: At, what: Fetch) {
        let ledger = self.ledger.clone();
        self.work
            .push(Box::pin(async move { Done::Fetched(at, errand::fetch(&ledger, what).await) }));
    }

    pub(super) fn take(&mut self, at: At, intake: Intake) {
        if let Intake::Inquiry(inquiry) = intake {
            return self.take_inquiry(at, inquiry);
        }
        if let Intake::Renewal(papers) = intake {
            return self.take_renewal(at, papers);
        }
        if let Intake::Run(_, run) = &intake
            && let Some(seconds) = self.turn_away(at, run)
        {
            return self.answer_taken(at, Outcome::Wait(seconds));
        }
        let ledger = self.ledger.clone();
        self.work
            .push(Box::pin(async move { Done::Taken(at, errand::take(&ledger, intake).await) }));
    }

    /// Notes what a session learned by the way.
    pub(super) fn learn(&mut self, learned: Learned) {
        if learned != Learned::default() {
            let ledger = self.ledger.clone();
            self.work.push(Box::pin(async move {
                Done::Learned(errand::learn(&ledger, learned).await)
            }));
        }
    }

    /// Looks up what doors are called that others pass the word of, once for each.
    pub(super) fn name_the_unmet(&mut self) {
        let unnamed = |node: &PublicKey| !self.unmet.contains_key(node);
        let nodes: Vec<_> = self.roll.all_heard().map(|(n, _)| *n).filter(unnamed).collect();
        if nodes.is_empty() {
            return;
        }
        // Until the ledger has answered, and for good where it knows no name.
        let provisional = |node: &PublicKey| format!("node {}", &node.to_string()[..12]);
        self.unmet.extend(nodes.iter().map(|node| (*node, provisional(node))));
        let ledger = self.ledger.clone();
        self.work.push(Box::pin(async move {
            let members = ledger.members().await.unwrap_or_default(); // then they go by their keys
            let named = members.into_iter().filter(|(node, _)| nodes.contains(node));
            Done::Named(named.filter_map(|(n, m)| Some((n, m?.title()))).collect())
        }));
    }

    pub(super) fn done(&mut self, done: Done) {
        let now = self.now();
        match done {
            Done::Fetched(at, Ok(fetched)) => {
                let heads = Arc::clone(&self.ledger.heads().borrow());
                let request = self.session(at).and_then(|s| s.fetched(&heads, fetched, now));
                self.ask_or_poke(at, request);
            }
            Done::Fetched(at, Err(error)) => {
                tracing::warn!(%error, "could not read what a peer lacks");
                if let Some(session) = self.session(at) {
                    session.failed(now);
                }
            }
            Done::Taken(at, outcome) => {
                let outcome = self.delivered(at, outcome);
                self.answer_taken(at, outcome);
            }
            Done::Arrived(at, request) => self.answer(at, request),
            Done::Resolved(which, resolved) => self.dial(which, resolved),
            Done::Named(titles) => self.unmet.extend(titles),
            Done::Learned(Ok(())) => {}
            Done::Learned(Err(error)) => {
                tracing::warn!(%error, "could not note what a peer told");
            }
        }
    }

    fn session(&mut self, (peer, connection): At) -> Option<&mut Session> {
        let talk = self.contacts.get_mut(&peer)?.talk_on(connection)?;
        Some(&mut talk.session)
    }

    fn ask_or_poke(&mut self, at: At, request: Option<Request>) {
        match request {
            Some(request) => self.ask(at, request),
            None => self.poke(at.0),
        }
    }

    /// At the authority: in how many seconds a peer comes again that may not deliver now.
    fn turn_away(&mut self, at: At, run: &envelope::Run) -> Option<u32> {
        let oldest = self.session(at).and_then(|session| session.their_oldest());
        let strained = self.is_strained();
        let uploads = self.uploads.as_mut()?;
        let what = (oldest.unwrap_or(run.chain.day), weight(run));
        match uploads.ask(at.0, what, strained, (Instant::now(), chance())) {
            Turn::Now => None,
            Turn::ComeAgain(away) => Some(whole_seconds(away)),
        }
    }

    fn is_strained(&self) -> bool {
        let said = self.strained.as_ref().is_some_and(|strained| *strained.borrow());
        said || self.ledger.failure().borrow().is_some()
    }

    /// What a delivery came to, once its place is given back. Where the disk did not take it, it comes again like those
    /// that wait.
    fn delivered(&mut self, at: At, outcome: Outcome) -> Outcome {
        let Some(uploads) = &mut self.uploads else { return outcome };
        let delivery = uploads.done(&at.0, Instant::now());
        match outcome {
            // Only to a delivery a peer understands that it shall wait.
            Outcome::Later if delivery => Outcome::Wait(whole_seconds(uploads.failed(chance()))),
            outcome => outcome,
        }
    }

    fn answer_taken(&mut self, at: At, outcome: Outcome) {
        let (now, heads) = (self.now(), Arc::clone(&self.ledger.heads().borrow()));
        let charter = self.ledger.charter();
        let Some(talk) = self.contacts.get_mut(&at.0).and_then(|c| c.talk_on(at.1)) else { return };
        let reply = talk.session.taken(charter, &heads, outcome, now);
        self.reply(at, reply);
    }
}

/// At least one: who comes again at once was not sent away.
fn whole_seconds(away: Duration) -> u32 {
    u32::try_from(away.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}
