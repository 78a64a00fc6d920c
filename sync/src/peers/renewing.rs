//! Papers that end soon: a door's request for others goes to who signs them, beside the loop.

use std::time::Duration;

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
    membership::Membership,
};

/// How long new papers may take to be signed.
const SIGNING_TIME: Duration = Duration::from_secs(5);

/// A door asks the authority for other papers. Dropping `reply` says that there are none.
#[derive(Debug)]
pub struct RenewalCall {
    /// Who asks: its papers are checked.
    pub node: PublicKey,
    /// Of which venue, by those papers.
    pub venue: VenueId,
    /// The papers that end soon, its own or its siblings': not checked.
    pub papers: Vec<Membership>,
    /// Takes those that hold longer.
    pub reply: oneshot::Sender<Vec<Membership>>,
}

impl Run {
    /// A door's request: to who signs, or to nobody where nobody does.
    pub(super) fn take_renewal(&mut self, at: At, papers: Vec<Membership>) {
        let talk = self.contacts.get_mut(&at.0).and_then(|c| c.talk_on(at.1));
        let asker = talk.and_then(|t| t.session.member()).and_then(|m| Some((m.node, m.venue()?)));
        let calls = self.renewals.clone();
        self.work.push(Box::pin(async move {
            let renewed = match (asker, calls) {
                (Some((node, venue)), Some(calls)) => {
                    signed(calls, |reply| RenewalCall { node, venue, papers, reply }).await
                }
                _ => None,
            };
            Done::Taken(at, Outcome::Renewed(renewed.unwrap_or_default()))
        }));
    }
}

async fn signed(
    calls: mpsc::Sender<RenewalCall>,
    call: impl FnOnce(oneshot::Sender<Vec<Membership>>) -> RenewalCall,
) -> Option<Vec<Membership>> {
    let (reply, answer) = oneshot::channel();
    calls.try_send(call(reply)).ok()?; // too many at once: the door asks again
    timeout(SIGNING_TIME, answer).await.ok()?.ok()
}
