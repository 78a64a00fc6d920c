//! What the authority's node does for doors that call: answers their questions, brings what other nodes hold of them.

use node_core::authority::Authority;
use sync::peers::{Arrival, InquiryCall};
use tokio::sync::mpsc;

use super::Node;

/// Doors' questions about typed numbers, at once: more than this wait for nobody.
const INQUIRIES_MAX: usize = 256;
/// Doors that wait for what other nodes hold; more wait before they are heard.
const ARRIVALS_MAX: usize = 64;

impl Node {
    /// Answers doors' questions about typed numbers, at the authority.
    pub(super) fn answer_doors(&mut self) -> Option<mpsc::Sender<InquiryCall>> {
        let authority = self.authority.clone()?;
        let (calls_in, calls) = mpsc::channel(INQUIRIES_MAX);
        let stopped = self.stopping.rules.clone().cancelled_owned();
        self.tasks.spawn(authority.answer_doors(calls, stopped));
        Some(calls_in)
    }

    /// Brings here what other nodes of the authority hold, where they share a store.
    pub(super) fn welcome_doors(&mut self) -> Option<mpsc::Sender<Arrival>> {
        let authority = self.authority.clone().filter(Authority::shares)?;
        let (arrivals_in, arrivals) = mpsc::channel(ARRIVALS_MAX);
        let stopped = self.stopping.rules.clone().cancelled_owned();
        self.tasks.spawn(authority.welcome(arrivals, stopped));
        Some(arrivals_in)
    }
}
