//! The manager's door shares out the authority's limit among the entrances, so that it binds whatever the network does.

use std::time::Duration;

use node_core::{
    clock::EARLIEST,
    desk::Desk,
    occupancy::{allotment, period},
};
use sync::{
    book::Row,
    key::SecretKey,
    ledger::{Ledger, LedgerError, WallClock},
    membership::{DoorGrant, Member, Place},
    order::{Matter, Order, SignedOrder, Signer},
    time::UnixMillis,
};
use tokio_util::sync::CancellationToken;

/// How often it is looked at: a door that joins should have rights of its own while its first visitor is still read.
const LOOK: Duration = Duration::from_secs(2);

/// The row that names the version which follows the authority's limit.
const FOLLOWED: &[u8] = b"share-out";

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
        let mut look = tokio::time::interval(LOOK);
        let mut said = None;
        loop {
            tokio::select! {
                () = stopped.cancelled() => return,
                _ = look.tick() => {}
            }
            let trouble = self.share_out().await.err().map(|error| error.to_string());
            if let Some(error) = &trouble
                && said != trouble
            {
                tracing::error!(%error, "the rights to admit could not be shared out");
            }
            said = trouble;
        }
    }

    async fn share_out(&self) -> Result<(), LedgerError> {
        let (now, site) = ((self.clock)(), self.desk.site());
        if now < EARLIEST {
            return Ok(()); // the business day is not known
        }
        let members: Vec<Member> =
            self.ledger.members().await?.into_iter().filter_map(|(_, member)| member).collect();
        let Some(limit) = limit(&members, now).or(site.capacity) else { return Ok(()) };
        let doors = doors(members);
        let orders = self.ledger.orders(site.venue).await?;
        let followed = self.followed().await?;
        let today = period(&site.zone, now, self.closing_minute);
        let next =
            allotment::next_version(limit, followed, &orders, &doors, self.closing_minute, today);
        let Some(capacity) = next else { return Ok(()) };
        let (version, most, shares) = (capacity.version, capacity.most, capacity.shares.len());
        let follows = allotment::follows(limit, followed, &orders);
        let order = Order { venue: site.venue, issued_at: now, matter: Matter::Capacity(capacity) };
        // Named first: after a power cut between the two no version of this number is there to follow.
        if follows {
            self.follow_with(version).await?;
        }
        self.ledger.keep_order(SignedOrder::seal(&order, Signer::Manager, &self.manager)).await?;
        tracing::info!(version, most, entrances = shares, "the rights to admit are shared out");
        Ok(())
    }

    async fn followed(&self) -> Result<Option<u64>, LedgerError> {
        let rows = self.ledger.rows(FOLLOWED.to_vec(), [FOLLOWED, &[0]].concat(), 1).await?;
        let version = rows.first().and_then(|(_, value)| value.as_slice().try_into().ok());
        Ok(version.map(u64::from_be_bytes))
    }

    async fn follow_with(&self, version: u64) -> Result<(), LedgerError> {
        let value = version.to_be_bytes().to_vec();
        self.ledger.keep_rows(vec![Row::Lasting { key: FOLLOWED.to_vec(), value }]).await
    }
}

/// The authority's limit: by the papers of any door that are valid now, those that began last.
fn limit(members: &[Member], now: UnixMillis) -> Option<u32> {
    let grants = members.iter().filter_map(|member| match &member.place {
        Place::Door { venue, .. } if venue.not_before <= now && now < venue.not_after => {
            Some(venue)
        }
        _ => None,
    });
    grants.max_by_key(|venue| venue.not_before).and_then(|venue| venue.capacity)
}

fn doors(members: Vec<Member>) -> Vec<DoorGrant> {
    let doors = members.into_iter().filter_map(|member| match member.place {
        Place::Door { door, .. } => Some(door),
        Place::Authority(_) => None,
    });
    doors.collect()
}
