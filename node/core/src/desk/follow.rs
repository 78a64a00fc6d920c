//! What the desk does by itself: takes news from the ledger, watches the clock, keeps the view current.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use sync::{
    id::PublicKey,
    membership::{Member, Place},
};
use tokio::sync::broadcast::error::RecvError;

use super::{Desk, state};
use crate::site::{DoorView, SiteView};

/// How often the clock, the disk and the day are looked at.
const LOOK: Duration = Duration::from_secs(1);

impl Desk {
    /// Follows the ledger until `shutdown`: run it beside the desk.
    pub async fn follow(self, shutdown: impl Future<Output = ()> + Send) {
        let mut news = self.0.ledger.news();
        let mut heads = self.0.ledger.heads();
        let mut look = tokio::time::interval(LOOK);
        let mut members = self.members().await;
        // What came between the opening and this subscription was announced to nobody.
        self.read_anew().await;
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                committed = news.recv() => match committed {
                    Ok(committed) if committed.anew => self.read_anew().await,
                    Ok(committed) => {
                        let mut state = self.state();
                        committed.visits.iter().for_each(|v| state.presence.take(v));
                        committed.bulletins.iter().for_each(|n| state.rules.take(n));
                    }
                    Err(RecvError::Lagged(_)) => self.read_anew().await,
                    Err(RecvError::Closed) => return,
                },
                changed = heads.changed() => {
                    if changed.is_err() { return }
                    if heads.borrow().chains.keys().any(|c| !members.iter().any(|m| m.node == c.author)) {
                        members = self.members().await;
                    }
                }
                _ = look.tick() => {
                    let now = self.moment().wall;
                    self.state().turn_to(self.site().zone.day(now));
                }
            }
            self.refresh_view(names(&members));
        }
    }

    async fn members(&self) -> Vec<Member> {
        match self.0.ledger.members().await {
            Ok(members) => members.into_iter().filter_map(|(_, m)| m).collect(),
            Err(error) => {
                tracing::warn!(%error, "members could not be read");
                Vec::new()
            }
        }
    }

    /// News was missed: everything is read from the ledger again.
    async fn read_anew(&self) {
        let today = self.state().today();
        match state::presence(&self.0.ledger, today).await {
            Ok(presence) => self.state().presence = presence,
            Err(error) => tracing::warn!(%error, "visits could not be read anew"),
        }
        if let Ok(notices) = self.0.ledger.notices().await {
            self.state().rules = crate::rules::Rules::from_notices(&notices);
        }
    }

    /// Computes the view anew and publishes it if it changed.
    pub(super) fn refresh_view(&self, names: BTreeSet<(PublicKey, String)>) {
        let heads = self.0.ledger.heads().borrow().clone();
        let mut pending: BTreeMap<PublicKey, u64> = BTreeMap::new();
        for (chain, head) in &heads.chains {
            *pending.entry(chain.author).or_default() += head.pending;
        }
        let now = self.moment();
        let disk = self.0.ledger.failure().borrow().clone();
        self.0.view.send_if_modified(|view| {
            let known = view.doors.iter().map(|d| (d.node, d.name.clone())).collect();
            let names = if names.is_empty() { known } else { names };
            let state = self.state();
            let own = self.0.ledger.charter().key.public();
            let mut nodes = state.presence.doors();
            nodes.extend(pending.keys().copied().chain([own]));
            let mut doors: Vec<DoorView> = nodes
                .into_iter()
                .map(|node| {
                    let tally = state.presence.tally(state.today(), &node);
                    let name = names.iter().find(|(n, _)| *n == node).map(|(_, name)| name.clone());
                    DoorView {
                        node,
                        name: match name {
                            _ if node == own => self.site().entrance_name.clone(),
                            Some(name) => name,
                            None => node.to_string()[..8].to_owned(),
                        },
                        own: node == own,
                        entries: tally.entries,
                        exits: tally.exits,
                        refusals: tally.refusals,
                        unacknowledged: pending.get(&node).copied().unwrap_or_default(),
                        last_visit: tally.last,
                    }
                })
                .collect();
            doors.sort_by(|a, b| a.name.cmp(&b.name));
            let fresh = SiteView {
                inside: state.inside(now.wall),
                doors,
                unacknowledged: pending.values().sum(),
                bulletins: state.rules.held(),
                clock: Some(now.trust),
                disk: disk.clone(),
            };
            let changed = *view != fresh;
            *view = fresh;
            changed
        });
    }
}

fn names(members: &[Member]) -> BTreeSet<(PublicKey, String)> {
    members
        .iter()
        .filter_map(|m| match &m.place {
            Place::Door { door, .. } => Some((m.node, door.name.clone())),
            Place::Authority(_) => None,
        })
        .collect()
}
