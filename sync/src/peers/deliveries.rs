//! What the ledger reads and stores for sessions, beside the run loop, and what is answered then.

use std::sync::Arc;

use libp2p::{Multiaddr, PeerId, swarm::ConnectionId};

use super::{
    errand,
    run::Run,
    session::{Fetch, Fetched, Intake, Learned, Outcome, Session},
    wire::Request,
};
use crate::{id::PublicKey, ledger::LedgerError};

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
            Done::Taken(at, outcome) => self.answer_taken(at, outcome),
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

    fn answer_taken(&mut self, at: At, outcome: Outcome) {
        let (now, heads) = (self.now(), Arc::clone(&self.ledger.heads().borrow()));
        let charter = self.ledger.charter();
        let Some(talk) = self.contacts.get_mut(&at.0).and_then(|c| c.talk_on(at.1)) else { return };
        let reply = talk.session.taken(charter, &heads, outcome, now);
        self.reply(at, reply);
    }
}
