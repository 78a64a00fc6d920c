//! What the authority's node does for doors that call: answers their questions, renews their papers, brings what other nodes
//! hold of them.

use node_core::authority::Authority;
use sync::peers::{Arrival, InquiryCall, PeersConfig, RenewalCall};
use tokio::sync::{mpsc, watch};

use super::Node;

/// Doors' questions about typed numbers, at once: more than this wait for nobody.
const INQUIRIES_MAX: usize = 256;
/// Doors that wait for what other nodes hold; more wait before they are heard.
const ARRIVALS_MAX: usize = 64;
/// Doors that ask for new papers, at once: more ask again.
const RENEWALS_MAX: usize = 64;

impl Node {
    /// What peers need of the authority, where this is one.
    pub(super) fn serving(&mut self, config: PeersConfig) -> PeersConfig {
        let (arrivals, renewals) = (self.welcome_doors(), self.renew_papers());
        PeersConfig { arrivals, renewals, strained: self.watch_store(), ..config }
    }

    /// Answers doors' questions about typed numbers, at the authority.
    pub(super) fn answer_doors(&mut self) -> Option<mpsc::Sender<InquiryCall>> {
        let authority = self.authority.clone()?;
        let (calls_in, calls) = mpsc::channel(INQUIRIES_MAX);
        let stopped = self.stopping.rules.clone().cancelled_owned();
        self.tasks.spawn(authority.answer_doors(calls, stopped));
        Some(calls_in)
    }

    /// Renews doors' papers, at the authority.
    fn renew_papers(&mut self) -> Option<mpsc::Sender<RenewalCall>> {
        let authority = self.authority.clone()?;
        let (calls_in, calls) = mpsc::channel(RENEWALS_MAX);
        let stopped = self.stopping.rules.clone().cancelled_owned();
        self.tasks.spawn(authority.renew_papers(calls, stopped));
        Some(calls_in)
    }

    /// Says whether the authority's store takes nothing just now: then hardly any door is let deliver.
    fn watch_store(&mut self) -> Option<watch::Receiver<bool>> {
        let mut overview = self.authority.as_ref()?.overview();
        let (strained_in, strained) = watch::channel(false);
        let stopped = self.stopping.rules.clone();
        self.tasks.spawn(async move {
            loop {
                let trouble = overview.borrow_and_update().store_trouble.is_some();
                strained_in.send_if_modified(|held| std::mem::replace(held, trouble) != trouble);
                tokio::select! {
                    () = stopped.cancelled() => return,
                    changed = overview.changed() => if changed.is_err() { return },
                }
            }
        });
        Some(strained)
    }

    /// Brings here what other nodes of the authority hold, where they share a store.
    fn welcome_doors(&mut self) -> Option<mpsc::Sender<Arrival>> {
        let authority = self.authority.clone().filter(Authority::shares)?;
        let (arrivals_in, arrivals) = mpsc::channel(ARRIVALS_MAX);
        let stopped = self.stopping.rules.clone().cancelled_owned();
        self.tasks.spawn(authority.welcome(arrivals, stopped));
        Some(arrivals_in)
    }
}
