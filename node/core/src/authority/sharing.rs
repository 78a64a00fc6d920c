//! What a node of the authority does for those with which it shares its store: brings here what they hold of a venue whose
//! door arrives, tells them its orders, counts what they have counted.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use sync::{
    book::{Heads, VenueHeads},
    id::{ChainId, Seq, VenueId},
    order::{Order, Slot},
    peers::Arrival,
    time::{Day, Zone},
};
use tokio::{sync::mpsc, task::JoinSet, time::Instant};

use super::{
    Authority,
    store::{Places, StoreError, postgres::Postgres},
};

/// Doors whose venues are brought here at once; the others wait.
const AT_ONCE: usize = 8;
/// Runs that are read at once.
const RUNS: i64 = 64;
/// The totals are read anew at most so often, and so many times as seldom as reading them takes.
const TOTALS_EVERY: (Duration, u32) = (Duration::from_secs(2), 20);
/// How long hits are told to other nodes' doors, days: as long as any node keeps the visits.
const HITS_DAYS: i32 = 28;

/// Orders that the other nodes were not told yet.
#[derive(Debug, Default)]
pub(super) struct Telling(BTreeSet<(VenueId, Slot)>);

impl Telling {
    pub(super) fn note(&mut self, orders: &[Arc<Order>]) {
        self.0.extend(orders.iter().map(|order| (order.venue, order.slot())));
    }

    pub(super) fn tell_all(&mut self, heads: &Heads) {
        let of_venue = |(venue, held): (&VenueId, &Arc<VenueHeads>)| {
            let venue = *venue;
            held.orders.keys().map(move |slot| (venue, *slot)).collect::<Vec<_>>()
        };
        self.0.extend(heads.venues.iter().flat_map(of_venue));
    }
}

/// When the totals are due, where the store is shared.
#[derive(Debug)]
pub(super) struct Looking {
    due: Instant,
    /// What is wrong with the store, until it is not.
    trouble: BTreeMap<Trouble, String>,
}

/// What the store does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    /// It takes nothing in.
    Taking,
    /// It does not answer.
    Reading,
}

impl Default for Looking {
    fn default() -> Self {
        Self { due: Instant::now(), trouble: BTreeMap::new() }
    }
}

impl Authority {
    /// Whether other nodes may have the same store.
    pub fn shares(&self) -> bool {
        self.0.store.shared().is_some()
    }

    /// Brings here what other nodes hold, venue by venue as their doors arrive, until nobody arrives any more: run it
    /// beside the authority. Without a shared store nothing is elsewhere.
    pub async fn welcome(
        self,
        mut arrivals: mpsc::Receiver<Arrival>,
        shutdown: impl Future<Output = ()> + Send,
    ) {
        tokio::pin!(shutdown);
        let mut bringing = JoinSet::new();
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                Some(_) = bringing.join_next() => {}
                arrival = arrivals.recv(), if bringing.len() < AT_ONCE => {
                    let Some(Arrival { venue, done }) = arrival else { return };
                    let authority = self.clone();
                    bringing.spawn(async move {
                        if let Err(error) = authority.bring_venue(venue).await {
                            authority.note_trouble(Trouble::Reading, Some(&error));
                        }
                        drop(done); // the door hears what is here
                    });
                }
            }
        }
    }

    /// Brings here what the store holds of a venue and this node does not.
    pub(super) async fn bring_venue(&self, venue: VenueId) -> Result<(), StoreError> {
        let Some(shared) = self.0.store.shared() else { return Ok(()) };
        let places = shared.places(venue).await?;
        let (papers, orders) = shared.told_of(venue).await?;
        self.0.ledger.introduce(papers).await?;
        for (chain, stands) in &places {
            if let Err(error) = self.bring_chain(shared, venue, chain, *stands).await {
                tracing::warn!(author = ?chain.author, %error, "a chain of the shared store is not taken here");
            }
        }
        for order in orders {
            // Spent ones, and what another root signed: passed over.
            if let Err(error) = self.0.ledger.keep_order(order).await {
                tracing::debug!(%venue, %error, "an order of the shared store is not taken here");
            }
        }
        self.totals().cursors.extend(places.iter().map(|(chain, seq)| (*chain, *seq)));
        Ok(self.0.ledger.secure(places).await?)
    }

    /// Brings here what the store holds of a venue's own documents, without its visits.
    pub(super) async fn bring_standing(&self, venue: VenueId) -> Result<(), StoreError> {
        let Some(shared) = self.0.store.shared() else { return Ok(()) };
        let mut places = shared.places(venue).await?;
        let heads = self.0.ledger.heads().borrow().clone();
        let here = |chain: &ChainId| heads.head(venue, chain).map(|head| head.seq);
        places.retain(|chain, stands| {
            chain.day == Day::STANDING && here(chain).is_none_or(|here| here < *stands)
        });
        if places.is_empty() {
            return Ok(());
        }
        let (papers, _) = shared.told_of(venue).await?;
        self.0.ledger.introduce(papers).await?;
        for (chain, stands) in &places {
            if let Err(error) = self.bring_chain(shared, venue, chain, *stands).await {
                tracing::warn!(author = ?chain.author, %error, "a chain of the shared store is not taken here");
            }
        }
        self.totals().cursors.extend(places.iter().map(|(chain, seq)| (*chain, *seq)));
        Ok(self.0.ledger.secure(places).await?)
    }

    async fn bring_chain(
        &self,
        shared: &Postgres,
        venue: VenueId,
        chain: &ChainId,
        stands: Seq,
    ) -> Result<(), StoreError> {
        loop {
            let heads = self.0.ledger.heads().borrow().clone();
            let here = heads.head(venue, chain).map(|head| head.seq).unwrap_or_default();
            if here >= stands {
                return Ok(());
            }
            let runs = shared.runs(venue, chain, here, RUNS).await?;
            if runs.is_empty() {
                return Err(StoreError::Damaged);
            }
            for run in runs {
                self.0.ledger.merge(Vec::new(), run).await?;
            }
        }
    }

    /// Brings a chain here that only the store holds, and with it what else it holds of that venue.
    pub(super) async fn have(&self, chain: &ChainId) -> Result<(), StoreError> {
        let Some(shared) = self.0.store.shared() else { return Ok(()) };
        let heads = self.0.ledger.heads().borrow().clone();
        if heads.chains().any(|(held, _)| held == chain) {
            return Ok(());
        }
        match shared.venue_of(chain).await? {
            Some(venue) => self.bring_venue(venue).await,
            None => Ok(()),
        }
    }

    /// Learns of a venue how far the shared store holds its chains; the others begin at nothing.
    pub(super) async fn look_up(
        &self,
        venue: VenueId,
        held: &VenueHeads,
    ) -> Result<(), StoreError> {
        let Some(shared) = self.0.store.shared() else { return Ok(()) };
        let unknown = |chain: &&ChainId| !self.totals().cursors.contains_key(chain);
        let unknown: Vec<ChainId> = held.chains.keys().filter(unknown).copied().collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let places = shared.places(venue).await?;
        let place = |chain: ChainId| (chain, places.get(&chain).copied().unwrap_or_default());
        let places: Places = unknown.into_iter().map(place).collect();
        self.totals().cursors.extend(places.clone());
        Ok(self.0.ledger.secure(places).await?)
    }

    pub(super) async fn tell_orders(&self, telling: &mut Telling) -> Result<(), StoreError> {
        let Some(shared) = self.0.store.shared() else {
            telling.0.clear();
            return Ok(());
        };
        let mut by_venue: BTreeMap<VenueId, Vec<Slot>> = BTreeMap::new();
        for (venue, slot) in &telling.0 {
            by_venue.entry(*venue).or_default().push(*slot);
        }
        let mut told = Vec::new();
        for (venue, slots) in by_venue {
            for slot in slots {
                let signed = self.0.ledger.signed_orders(venue, vec![slot]).await?;
                told.extend(signed.into_iter().map(|signed| (venue, slot, signed)));
            }
        }
        if !told.is_empty() {
            let until = Zone::utc().day((self.0.clock)()).plus(HITS_DAYS);
            shared.tell_orders(&told, until).await?;
        }
        telling.0.clear();
        Ok(())
    }

    /// Reads what all nodes have counted, where the store is shared and it is due.
    pub(super) async fn look_at_totals(&self) {
        let Some(shared) = self.0.store.shared() else { return };
        let begun = Instant::now();
        if begun < self.looking().due {
            return;
        }
        let read = match self.0.questions.lock().await.catch_up(&self.0.store).await {
            Ok(()) => shared.totals().await,
            Err(error) => Err(error),
        };
        let took = begun.elapsed();
        self.looking().due = Instant::now() + TOTALS_EVERY.0.max(took * TOTALS_EVERY.1);
        match read {
            Ok(fresh) => {
                let mut totals = self.totals();
                (totals.venues, totals.doors) = (fresh.venues, fresh.doors);
                drop(totals);
                self.note_trouble(Trouble::Reading, None);
            }
            Err(error) => self.note_trouble(Trouble::Reading, Some(&error)),
        }
    }

    /// Destroys in the shared store what is before a day; the ledger destroys its own.
    ///
    /// # Errors
    /// [`StoreError`]; it can be called again.
    pub async fn forget_days_before(&self, first: Day) -> Result<(), StoreError> {
        let Some(shared) = self.0.store.shared() else { return Ok(()) };
        let gone = shared.purge(first).await?;
        if gone > 0 {
            tracing::info!(%first, gone, "past days are dropped from the shared store");
        }
        Ok(())
    }

    /// Makes room in the shared store for the days to come.
    ///
    /// # Errors
    /// [`StoreError`]; it can be called again.
    pub async fn make_room(&self) -> Result<(), StoreError> {
        let today = Zone::utc().day((self.0.clock)());
        match self.0.store.shared() {
            Some(shared) => shared.make_days_ahead(today).await,
            None => Ok(()),
        }
    }

    /// Makes room in the shared store for one day.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn make_room_for(&self, day: Day) -> Result<(), StoreError> {
        match self.0.store.shared() {
            Some(shared) => shared.make_days(std::iter::once(day)).await,
            None => Ok(()),
        }
    }

    /// Says once what is wrong with the store, and once that it is not any more.
    pub(super) fn note_trouble(&self, what: Trouble, error: Option<&StoreError>) {
        let words = error.map(ToString::to_string);
        let mut looking = self.looking();
        let before = looking.trouble.get(&what);
        if before == words.as_ref() {
            return;
        }
        match words {
            Some(why) => {
                tracing::error!(?what, %why, "the store fails; nothing is lost, and it is tried again");
                looking.trouble.insert(what, why);
            }
            None => {
                tracing::info!(?what, "the store works again");
                looking.trouble.remove(&what);
            }
        }
    }

    /// What is wrong with the store, in words.
    pub(super) fn trouble(&self) -> Option<String> {
        self.looking().trouble.values().next().cloned()
    }
}
