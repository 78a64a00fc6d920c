//! What a door does when a node is removed from its venue: makes or takes a new tag key; and if it is itself the one,
//! destroys its secrets.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use node_core::{
    desk::Desk,
    rekeying::{Standing, doors},
};
use sync::{
    book::Committed,
    key::SecretKey,
    ledger::{Ledger, LedgerError, WallClock},
    order::{Matter, Order, RemovalCause, SignedOrder, Signer},
    rekey,
    time::{Day, UnixMillis},
};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{
    secret::{self, SecretError},
    wiping::Secrets,
};

/// How often it is looked at without news: a disk that was full may have room again.
const LOOK: Duration = Duration::from_secs(60);

/// The task's matter.
pub(crate) struct Rekeying {
    pub(crate) ledger: Ledger,
    pub(crate) desk: Desk,
    pub(crate) tag_key: PathBuf,
    pub(crate) manager: Option<SecretKey>,
    pub(crate) secrets: Secrets,
    pub(crate) clock: WallClock,
    /// When this door joined, by its papers.
    pub(crate) joined: UnixMillis,
    /// Whether it was said that a new key passed this door by.
    pub(crate) left_out: AtomicBool,
}

#[derive(Debug, thiserror::Error)]
enum RekeyError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("the system has no randomness: {0}")]
    Randomness(getrandom::Error),
}

impl Rekeying {
    /// Follows the orders until the node stops, or is itself removed.
    pub(crate) async fn follow(self, stopped: CancellationToken) {
        let mut news = self.ledger.news();
        let mut due: Option<Instant> = None;
        loop {
            match self.look(&mut due).await {
                Ok(Some(cause)) => return self.part(cause),
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "the tag key could not be made anew"),
            }
            let next = Instant::now() + LOOK;
            let next = due.map_or(next, |due| due.min(next));
            tokio::select! {
                () = stopped.cancelled() => return,
                () = sleep_until(next) => {}
                ended = orders(&mut news) => if ended { return },
            }
        }
    }

    /// Takes the latest new key; makes one when it is this door's turn. Tells why this node is removed, if it is.
    async fn look(&self, due: &mut Option<Instant>) -> Result<Option<RemovalCause>, RekeyError> {
        let own = self.ledger.charter().key.public();
        let venue = self.desk.site().venue;
        let orders = self.ledger.orders(venue).await?;
        let standing = Standing::of(&orders, &own);
        if standing.removed.is_some() {
            return Ok(standing.removed);
        }
        self.adopt(&standing)?;
        let members = self.ledger.members().await?;
        let members: Vec<_> = members.into_iter().filter_map(|(_, m)| m).collect();
        let doors = doors(&members, &orders);
        let Some(wait) = standing.wait(&own, &doors, self.manager.is_some()) else {
            *due = None;
            return Ok(None);
        };
        let now = Instant::now();
        if *due.get_or_insert(now + wait) <= now {
            let nodes: Vec<_> = doors.iter().map(|d| d.node).collect();
            self.make(standing.losses, &nodes).await?;
            *due = None;
            let orders = self.ledger.orders(venue).await?;
            self.adopt(&Standing::of(&orders, &own))?;
        }
        Ok(None)
    }

    fn adopt(&self, standing: &Standing) -> Result<(), RekeyError> {
        let Some(latest) = &standing.latest else { return Ok(()) };
        // A door that joined later has the key from the door that let it in.
        let own = &self.ledger.charter().key;
        let Some(key) = rekey::open(latest, own, self.desk.site().venue) else {
            if standing.is_left_out(&own.public(), self.joined)
                && !self.left_out.swap(true, Relaxed)
            {
                tracing::error!(
                    generation = latest.generation,
                    "the venue has a new tag key that was not sealed to this door: let it join again (vestibule pair)"
                );
            }
            return Ok(());
        };
        if secret::load_tag_ring(&self.tag_key)?.follows(&key) {
            return Ok(());
        }
        let ring = secret::renew_tag_key(&self.tag_key, key, self.today().plus(-1))?;
        tracing::info!(generation = latest.generation, "a new tag key is in force");
        self.desk.rekey(ring);
        Ok(())
    }

    async fn make(&self, generation: u32, to: &[sync::id::PublicKey]) -> Result<(), RekeyError> {
        let site = self.desk.site();
        let day = self.today().max(secret::load_tag_key(&self.tag_key)?.day());
        let fresh = rekey::fresh(day).map_err(RekeyError::Randomness)?;
        let matter = Matter::Rekey(rekey::make(site.venue, generation, &fresh, to));
        let order = Order { venue: site.venue, issued_at: (self.clock)(), matter };
        let charter = self.ledger.charter();
        let signed = match &self.manager {
            Some(manager) => SignedOrder::seal(&order, Signer::Manager, manager),
            None => {
                let signer = Signer::Node(charter.key.public(), charter.membership.clone());
                SignedOrder::seal(&order, signer, &charter.key)
            }
        };
        self.ledger.keep_order(signed).await?;
        tracing::warn!(generation, doors = to.len(), "a door was lost: a new tag key was made");
        Ok(())
    }

    fn today(&self) -> Day {
        self.desk.site().zone.day((self.clock)())
    }

    fn part(&self, cause: RemovalCause) {
        tracing::error!(?cause, "this node was removed from the venue; it admits nobody any more");
        if cause == RemovalCause::Replaced {
            return;
        }
        for destroyed in self.secrets.destroy(cause) {
            match destroyed {
                Ok(path) => tracing::warn!(path = %path.display(), "destroyed"),
                Err(error) => tracing::error!(%error, "a secret could not be destroyed"),
            }
        }
    }
}

/// Waits for orders; whether the ledger is gone.
async fn orders(news: &mut tokio::sync::broadcast::Receiver<Arc<Committed>>) -> bool {
    loop {
        match news.recv().await {
            Ok(committed) if committed.anew || !committed.orders.is_empty() => return false,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return false,
            Err(RecvError::Closed) => return true,
        }
    }
}
