//! What the desk does by itself: takes news from the ledger, watches the clock, keeps the view current.

use std::{sync::Arc, time::Duration};

use sync::{book::Committed, status::PeersStatus};
use tokio::sync::{broadcast::error::RecvError, watch};

use super::{Desk, links, state::Found};
use crate::rules::Rules;

/// How often the clock, the disk and the day are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often the authority's receipts are looked at for its time.
const LISTEN: Duration = Duration::from_secs(60);

impl Desk {
    /// Follows the ledger until `shutdown`: run it beside the desk.
    pub async fn follow(self, shutdown: impl Future<Output = ()> + Send) {
        let mut news = self.0.ledger.news();
        let mut heads = self.0.ledger.heads();
        let mut look = tokio::time::interval(LOOK);
        let mut listen = tokio::time::interval(LISTEN);
        // What came between the opening and this subscription was announced to nobody.
        self.read_anew().await;
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                committed = news.recv() => match committed {
                    Ok(committed) if committed.anew => self.read_anew().await,
                    Ok(committed) => self.take(&committed),
                    Err(RecvError::Lagged(_)) => self.read_anew().await,
                    Err(RecvError::Closed) => return,
                },
                changed = heads.changed() => {
                    if changed.is_err() { return }
                    // Let go before the state is locked: who holds that looks at the heads, too.
                    let held = Arc::clone(&heads.borrow_and_update());
                    let known = |node| self.state().names.contains_key(node);
                    let strange = held.chains().any(|(c, _)| !known(&c.author));
                    if strange { self.read_members().await }
                }
                _ = look.tick() => {
                    let now = self.moment();
                    self.state().look(now);
                    self.keep_up().await;
                }
                _ = listen.tick() => self.hear_receipts().await,
            }
            self.do_duties().await;
            self.keep_floor().await;
            self.hear_of_notices().await;
            self.refresh_view();
        }
    }

    /// Who is connected: from then on the desk says which doors it does not hear, and shares rights with those it does.
    pub fn watch_peers(&self, peers: watch::Receiver<PeersStatus>) {
        self.state().peers = Some(peers);
    }

    fn take(&self, committed: &Committed) {
        let mut state = self.state();
        committed.orders.iter().for_each(|order| state.take_order(order));
        committed.records.iter().for_each(|record| state.take(record));
        committed.bulletins.iter().for_each(|notice| state.rules.take(notice));
        state.forked.extend(committed.forked.iter().map(|chain| chain.author));
    }

    async fn read_members(&self) {
        match self.0.ledger.members().await {
            Ok(members) => {
                let (seats, names) =
                    links::seats_of(members.iter().filter_map(|(_, m)| m.as_ref()));
                let mut state = self.state();
                state.names = names;
                state.occupancy.set_seats(seats);
            }
            Err(error) => tracing::warn!(%error, "members could not be read"),
        }
    }

    /// The clock may have gone back to a day whose records are not held any more.
    pub(super) async fn keep_up(&self) {
        let now = self.moment();
        let lacks = {
            let mut state = self.state();
            state.turn_to(now);
            state.lacks_days()
        };
        if lacks {
            self.read_anew().await;
        }
    }

    /// News was missed: everything is read from the ledger again.
    pub(super) async fn read_anew(&self) {
        let _one_at_a_time = self.0.reading.lock().await;
        let first = self.state().begin_reading();
        match Found::read(&self.0.ledger, &self.0.config, first).await {
            Ok(found) => self.state().put(found),
            Err(error) => {
                tracing::warn!(%error, "records could not be read anew");
                self.state().give_up_reading();
            }
        }
        if let Ok(notices) = self.0.ledger.notices().await {
            let mut state = self.state();
            let floor = state.rules.floor().clone();
            state.rules = Rules::over(floor, &notices);
        }
    }
}
