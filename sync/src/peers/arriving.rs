//! What is held elsewhere comes here before a door hears what is held: where nodes of the authority share a store, a door
//! that comes from another of them sends nothing twice.

use std::time::Duration;

use tokio::{sync::oneshot, time::timeout};

use super::{
    deliveries::{At, Done},
    run::Run,
    wire::Request,
};
use crate::id::VenueId;

/// How long a door's comparison waits for it; then it is answered with what is here.
const ARRIVING_TIME: Duration = Duration::from_secs(8);

/// A door is about to hear what is held of its venue. Dropping `done` lets it hear.
#[derive(Debug)]
pub struct Arrival {
    /// The venue, by the door's checked papers.
    pub venue: VenueId,
    /// To be dropped when what is held elsewhere is here, or cannot be had.
    pub done: oneshot::Sender<()>,
}

impl Run {
    /// Lets what is held elsewhere of the peer's venue come first, beside the loop.
    pub(super) fn await_arrival(&mut self, at: At, request: Request) {
        let talk = self.contacts.get_mut(&at.0).and_then(|c| c.talk_on(at.1));
        let venue = talk.and_then(|t| t.session.member()).and_then(|member| member.venue());
        let (Some(venue), Some(arrivals)) = (venue, self.arrivals.clone()) else {
            return self.answer(at, request);
        };
        self.work.push(Box::pin(async move {
            let (done, wait) = oneshot::channel();
            let arrived = async {
                if arrivals.send(Arrival { venue, done }).await.is_ok() {
                    let _ = wait.await; // dropped is done
                }
            };
            if timeout(ARRIVING_TIME, arrived).await.is_err() {
                tracing::warn!(%venue, "what is held elsewhere did not come in time");
            }
            Done::Arrived(at, request)
        }));
    }
}
