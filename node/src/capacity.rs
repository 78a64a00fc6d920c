//! The manager's door shares out the authority's limit among the entrances, so that it binds whatever the network does.

use std::time::Duration;

use node_core::{
    clock::EARLIEST,
    desk::Desk,
    occupancy::{allotment, period},
};
use sync::{
    key::SecretKey,
    ledger::{Ledger, LedgerError, WallClock},
    membership::{DoorGrant, Place},
    order::{Matter, Order, SignedOrder, Signer},
};
use tokio_util::sync::CancellationToken;

/// How often it is looked at: a door that joins should have rights of its own while its first visitor is still read.
const LOOK: Duration = Duration::from_secs(2);

/// The task's matter.
pub(crate) struct ShareOut {
    pub(crate) ledger: Ledger,
    pub(crate) desk: Desk,
    pub(crate) manager: SecretKey,
    pub(crate) closing_minute: u16,
    pub(crate) clock: WallClock,
}

impl ShareOut {
    /// Looks after the rights until the node stops.
    pub(crate) async fn follow(self, stopped: CancellationToken) {
        let Some(limit) = self.desk.site().capacity else { return };
        let mut look = tokio::time::interval(LOOK);
        let mut said = None;
        loop {
            tokio::select! {
                () = stopped.cancelled() => return,
                _ = look.tick() => {}
            }
            let trouble = self.share_out(limit).await.err().map(|error| error.to_string());
            if let Some(error) = &trouble
                && said != trouble
            {
                tracing::error!(%error, "the rights to admit could not be shared out");
            }
            said = trouble;
        }
    }

    async fn share_out(&self, limit: u32) -> Result<(), LedgerError> {
        let (now, site) = ((self.clock)(), self.desk.site());
        if now < EARLIEST {
            return Ok(()); // the business day is not known
        }
        let orders = self.ledger.orders(site.venue).await?;
        let doors = self.doors().await?;
        let today = period(&site.zone, now, self.closing_minute);
        let next = allotment::next_version(limit, &orders, &doors, self.closing_minute, today);
        let Some(capacity) = next else { return Ok(()) };
        let (version, most, shares) = (capacity.version, capacity.most, capacity.shares.len());
        let order = Order { venue: site.venue, issued_at: now, matter: Matter::Capacity(capacity) };
        self.ledger.keep_order(SignedOrder::seal(&order, Signer::Manager, &self.manager)).await?;
        tracing::info!(version, most, entrances = shares, "the rights to admit are shared out");
        Ok(())
    }

    async fn doors(&self) -> Result<Vec<DoorGrant>, LedgerError> {
        let members = self.ledger.members().await?;
        let doors = members.into_iter().filter_map(|(_, member)| match member?.place {
            Place::Door { door, .. } => Some(door),
            Place::Authority(_) => None,
        });
        Ok(doors.collect())
    }
}
