//! Who has received which bulletins: as peers say it in their sessions, and remembered when these have ended.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use sync::{
    bulletin::BulletinKind, id::PublicKey, membership::Place, status::PeersStatus, time::UnixMillis,
};
use tokio::sync::watch;

use super::{
    Authority,
    cabinet::{CabinetError, Filing},
    store::StoreError,
};

const DRAWER: &[u8] = b"E";

/// What a node is known to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Received {
    /// When this was last known to be new.
    #[n(0)]
    pub at: UnixMillis,
    /// The version of each bulletin.
    #[n(1)]
    pub bulletins: Vec<(BulletinKind, u64)>,
}

/// A node that should have the bulletins in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// The node.
    pub node: PublicKey,
    /// The venue's name and the entrance's; nothing of an authority's node.
    pub door: Option<(String, String)>,
    /// What it holds, as far as is known.
    pub received: Received,
}

fn name(node: &PublicKey) -> Vec<u8> {
    [DRAWER, node.as_bytes()].concat()
}

impl Authority {
    /// Follows the sessions and remembers what peers hold: run it beside the authority.
    pub async fn note_receipts(
        self,
        mut peers: watch::Receiver<PeersStatus>,
        shutdown: impl Future<Output = ()> + Send,
    ) {
        let mut known: BTreeMap<PublicKey, Vec<(BulletinKind, u64)>> = BTreeMap::new();
        tokio::pin!(shutdown);
        loop {
            let now = (self.0.clock)();
            let status = peers.borrow_and_update().clone();
            let mut filings = Vec::new();
            for peer in &status.peers {
                let Some(node) = peer.node.filter(|_| !peer.bulletins.is_empty()) else { continue };
                if known.get(&node) != Some(&peer.bulletins) {
                    let received = Received { at: now, bulletins: peer.bulletins.clone() };
                    filings.push(Filing::put(name(&node), &received));
                    known.insert(node, received.bulletins);
                }
            }
            if !filings.is_empty()
                && let Err(error) = self.0.cabinet.file(filings).await
            {
                tracing::warn!(%error, "who received which bulletin was not noted");
                known.clear(); // noted with the next change
            }
            tokio::select! {
                () = &mut shutdown => return,
                changed = peers.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Every door whose papers hold, with what it is known to hold; those that lack most come
    /// first.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn receivers(&self) -> Result<Vec<Receiver>, CabinetError> {
        let now = (self.0.clock)();
        let in_force: Vec<_> = self
            .0
            .ledger
            .notices()
            .await
            .map_err(StoreError::from)?
            .iter()
            .map(|n| (n.kind, n.version))
            .collect();
        let mut all = Vec::new();
        for (node, member) in self.0.ledger.members().await.map_err(StoreError::from)? {
            let Some(member) = member.filter(|member| member.expires > now) else { continue };
            let Place::Door { venue, door } = member.place else { continue };
            let received = self.0.cabinet.read::<Received>(&name(&node)).await?;
            let (door, received) = (Some((venue.name, door.name)), received.unwrap_or_default());
            all.push(Receiver { node, door, received });
        }
        let lacks = |receiver: &Receiver| {
            in_force.iter().filter(|held| !receiver.received.bulletins.contains(held)).count()
        };
        all.sort_by_key(|receiver| std::cmp::Reverse(lacks(receiver)));
        Ok(all)
    }
}
