//! Takes visits into the index as the ledger receives them: opens the pseudonym, counts, moves the cursor.
//!
//! Pieces of many chains go in one commit; of each, rows, counts and cursor go together, so a crash between two leaves no
//! visit out and none twice. Where the store is shared, what is durable there is what the receipts speak of.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use sync::{
    book::{Head, Heads, VenueHeads},
    envelope::Run,
    id::{ChainId, Seq, VenueId},
    ledger::LedgerError,
    membership::{Member, Place, VenueGrant},
    record::{Record, RecordError, StoredRecord},
    time::Zone,
};
use tokio::{sync::broadcast::error::RecvError, time::Instant};

use crate::rules::Rules;

use super::{
    Authority, Overview, VenueCount,
    index::{Totals, VenueTotals, encode},
    lookback::Lookback,
    opening::{Opened, Read},
    quarantine::SetApart,
    sharing::{Telling, Trouble},
    store::{Fetched, Outcome, Piece, Places, Raw, StoreError, postgres::tip},
};

/// Records of one chain that are read at once.
const OF_CHAIN: usize = 1000;
/// Bytes of one chain's envelopes that are read at once.
const RUN_BYTES: usize = 192 << 10;
/// Records that go in one commit, about.
const AT_ONCE: usize = 2000;
/// How long is waited before a store that failed is tried again: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));
/// How often what other nodes have taken in is looked for, where the store is shared.
const LOOK: Duration = Duration::from_secs(3);

/// The overview is made anew so many times as seldom as making it takes, which grows with the region.
const SHOW_SELDOM: u32 = 10;

/// How far the taking in has come, besides what the totals know.
#[derive(Debug, Default)]
pub(super) struct Intake {
    /// Venues that were taken in whole, as they were then.
    done: BTreeMap<VenueId, Arc<VenueHeads>>,
    /// How far chains were read, while what was read of them is not yet durable.
    ahead: Places,
    /// Chains that cannot be taken in, and where they ended when that was found.
    stuck: BTreeMap<ChainId, Seq>,
    pub(super) telling: Telling,
    retry: Duration,
}

impl Intake {
    /// What was read ahead is let go: all is looked at once more from what is durable.
    fn start_over(&mut self) {
        self.ahead.clear();
        self.done.clear();
    }

    fn failed(&mut self) -> Duration {
        self.start_over();
        // What failed may have passed.
        self.stuck.clear();
        self.retry = (self.retry * 2).clamp(RETRY.0, RETRY.1);
        self.retry
    }
}

impl Authority {
    /// Follows the ledger until `shutdown`: run it beside the authority.
    pub async fn follow(self, shutdown: impl Future<Output = ()> + Send) {
        let mut heads = self.0.ledger.heads();
        let mut news = self.0.ledger.news();
        tokio::pin!(shutdown);
        self.read_rules().await;
        let (mut looking, mut intake) = (Lookback::default(), Intake::default());
        intake.telling.tell_all(&self.0.ledger.heads().borrow());
        let mut look = tokio::time::interval(LOOK);
        let (mut due, mut shown) = (Instant::now(), Instant::now());
        loop {
            if Instant::now() >= due {
                match self.take_in(&mut intake).await {
                    Ok(()) => {
                        intake.retry = Duration::ZERO;
                        self.note_trouble(Trouble::Taking, None);
                    }
                    Err(error) => {
                        self.note_trouble(Trouble::Taking, Some(&error));
                        due = Instant::now() + intake.failed();
                    }
                }
            }
            self.begin_look_back(&mut looking);
            let begun = Instant::now();
            let fresh = begun >= shown;
            if fresh {
                if let Err(error) = self.refresh().await {
                    tracing::error!(%error, "overview could not be made");
                }
                shown = Instant::now() + begun.elapsed() * SHOW_SELDOM;
            }
            // Between news, a little at a time.
            while looking.has_more() && news.is_empty() && heads.has_changed().is_ok_and(|new| !new)
            {
                tokio::select! {
                    biased;
                    () = &mut shutdown => return,
                    () = self.look_back(&mut looking) => tokio::task::yield_now().await,
                }
            }
            tokio::select! {
                () = &mut shutdown => return,
                () = tokio::time::sleep_until(due), if due > Instant::now() => {}
                () = tokio::time::sleep_until(shown), if !fresh => {}
                _ = look.tick(), if self.0.store.shared().is_some() => {}
                changed = heads.changed() => if changed.is_err() { return },
                committed = news.recv() => match committed {
                    Ok(committed) if !committed.anew => {
                        intake.telling.note(&committed.orders);
                        let mut rules = self.rules();
                        committed.bulletins.iter().for_each(|n| rules.take(n));
                    }
                    Ok(_) | Err(RecvError::Lagged(_)) => {
                        let held = self.0.ledger.heads().borrow().clone();
                        intake.telling.tell_all(&held);
                        self.totals().keep_only(&held, self.shares());
                        self.read_rules().await;
                    }
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }

    /// News was missed, or may have been: the rules are read from the ledger.
    async fn read_rules(&self) {
        match self.0.ledger.notices().await {
            Ok(notices) => *self.rules() = Rules::from_notices(&notices),
            Err(error) => tracing::warn!(%error, "bulletins could not be read"),
        }
    }

    /// Takes in all that the ledger holds and the store does not. While the store makes some durable, the next are read
    /// and opened.
    pub(super) async fn take_in(&self, intake: &mut Intake) -> Result<(), StoreError> {
        self.tell_orders(&mut intake.telling).await?;
        let mut pieces = self.next_pieces(intake).await?;
        while !pieces.is_empty() {
            intake.ahead.extend(pieces.iter().map(|piece| (piece.chain, piece.reached)));
            let (outcomes, next) = tokio::join!(self.keep_all(&pieces), self.next_pieces(intake));
            let outcomes = outcomes?;
            self.note(intake, &pieces, &outcomes).await?;
            let straight = outcomes.iter().all(|outcome| matches!(outcome, Outcome::Kept));
            pieces = next?;
            if !straight {
                // What was read ahead may not follow upon what is kept.
                intake.start_over();
                pieces = self.next_pieces(intake).await?;
            }
        }
        intake.ahead.clear();
        Ok(())
    }

    async fn keep_all(&self, pieces: &[Piece]) -> Result<Vec<Outcome>, StoreError> {
        match self.keep(pieces).await {
            Err(error) if error.is_of_data() => {
                tracing::warn!(%error, "some records are refused: they go one chain after the other");
                self.keep_apart(pieces).await
            }
            other => other,
        }
    }

    /// About [`AT_ONCE`] records, opened, of one chain after the other.
    async fn next_pieces(&self, intake: &mut Intake) -> Result<Vec<Piece>, StoreError> {
        loop {
            let heads = Arc::clone(&self.0.ledger.heads().borrow());
            let reads = self.next_reads(intake, &heads).await?;
            if reads.is_empty() {
                return Ok(Vec::new());
            }
            let mut pieces = Vec::with_capacity(reads.len());
            for Opened { piece, withdrawn, outgoing } in self.open_up(reads).await? {
                // First: who is told twice is told once, who is not told for a power cut is told never.
                Box::pin(self.queue_letters(outgoing)).await?;
                match self.sign_hits(piece.venue, &withdrawn).await {
                    Ok(()) => pieces.push(piece),
                    Err(error) if !error.is_senders() && !error.is_authors() => {
                        return Err(error.into());
                    }
                    Err(error) => {
                        tracing::error!(author = ?piece.chain.author, %error, "a chain is not taken in");
                        let head = heads.head(piece.venue, &piece.chain);
                        intake.stuck.insert(piece.chain, head.copied().unwrap_or(Head::NONE).seq);
                    }
                }
            }
            if !pieces.is_empty() {
                return Ok(pieces);
            }
        }
    }

    async fn next_reads(
        &self,
        intake: &mut Intake,
        heads: &Heads,
    ) -> Result<Vec<Read>, StoreError> {
        let mut reads: Vec<Read> = Vec::new();
        let mut left = AT_ONCE;
        intake.done.retain(|venue, _| heads.venues.contains_key(venue));
        for (&venue, held) in &heads.venues {
            if intake.done.get(&venue).is_some_and(|done| Arc::ptr_eq(done, held)) {
                continue;
            }
            self.look_up(venue, held).await?;
            let before = reads.len();
            for (&chain, head) in &held.chains {
                let kept = self.totals().cursors.get(&chain).copied().unwrap_or_default();
                let after = intake.ahead.get(&chain).copied().unwrap_or_default().max(kept);
                if after >= head.seq || intake.stuck.get(&chain) == Some(&head.seq) {
                    continue;
                }
                if left == 0 {
                    return Ok(reads);
                }
                match self.fetch(chain, after).await {
                    Ok(Some(fetched)) => {
                        // At least one, as the cursor moves.
                        left = left.saturating_sub(fetched.records.len().max(1));
                        reads.push(Read { venue, chain, after, fetched });
                    }
                    // One damaged chain must not keep the others from being taken in.
                    Ok(None) => drop(intake.stuck.insert(chain, head.seq)),
                    Err(error @ StoreError::Ledger(LedgerError::Closed)) => return Err(error),
                    Err(error @ StoreError::Ledger(_)) => {
                        tracing::error!(author = ?chain.author, %error, "a chain cannot be read");
                        intake.stuck.insert(chain, head.seq);
                    }
                    Err(error) => return Err(error),
                }
            }
            if reads.len() == before {
                intake.done.insert(venue, Arc::clone(held));
            }
        }
        Ok(reads)
    }

    /// The next records of a chain; for a shared store as their author signed them.
    async fn fetch(&self, chain: ChainId, after: Seq) -> Result<Option<Fetched>, StoreError> {
        if self.0.store.shared().is_none() {
            let (records, reached) = self.0.ledger.records(chain, after, OF_CHAIN).await?;
            return Ok((reached > after).then_some(Fetched { records, reached, raw: None }));
        }
        let (papers, run) = self.0.ledger.run(chain, after, RUN_BYTES).await?;
        let Some(run) = run else { return Ok(None) };
        let raw = Raw { previous: run.previous, tip: tip(&run), run: encode(&run), papers };
        let records = records(&run).map_err(|_| StoreError::Damaged)?;
        Ok(Some(Fetched { records, reached: run.last(), raw: Some(raw) }))
    }

    async fn keep(&self, pieces: &[Piece]) -> Result<Vec<Outcome>, StoreError> {
        let before = {
            let totals = self.totals();
            let of_venue =
                |piece: &Piece| Some((piece.venue, totals.venues.get(&piece.venue)?.clone()));
            pieces.iter().filter_map(of_venue).collect()
        };
        self.0.store.take(pieces, before).await
    }

    /// One piece after the other: of one that is refused for what it says, what it says is set apart and its envelopes
    /// are kept, so that nothing waits behind it.
    async fn keep_apart(&self, pieces: &[Piece]) -> Result<Vec<Outcome>, StoreError> {
        let mut outcomes = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let kept = match self.keep(std::slice::from_ref(piece)).await {
                Err(error) if error.is_of_data() => {
                    let bare = self.emptied(piece, &error);
                    self.keep(std::slice::from_ref(&bare)).await
                }
                other => other,
            };
            match kept {
                Ok(kept) => outcomes.extend(kept),
                Err(error) if error.is_of_data() => {
                    tracing::error!(author = ?piece.chain.author, %error, "a chain cannot be taken in");
                    outcomes.push(Outcome::Forked);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(outcomes)
    }

    /// The piece without its rows: each of them set apart.
    fn emptied(&self, piece: &Piece, error: &StoreError) -> Piece {
        let mut bare = Piece { visits: Vec::new(), reports: Vec::new(), ..piece.clone() };
        let (at, why) = ((self.0.clock)(), error.to_string());
        let ids = piece.visits.iter().map(|row| row.visit);
        for id in ids.chain(piece.reports.iter().map(|report| report.id)) {
            let apart = SetApart { venue: piece.venue, id, at, why: why.clone() };
            bare.reports.push(apart.report());
            bare.counts.quarantined += 1;
        }
        bare
    }

    /// What was kept moves the cursors on; what is durable in the shared store is acknowledged.
    async fn note(
        &self,
        intake: &mut Intake,
        pieces: &[Piece],
        outcomes: &[Outcome],
    ) -> Result<(), StoreError> {
        let mut safe = Places::new();
        {
            let mut totals = self.totals();
            for (piece, outcome) in pieces.iter().zip(outcomes) {
                let stands = match outcome {
                    Outcome::Kept => {
                        let of_venue = totals.venues.entry(piece.venue).or_default();
                        of_venue.add(&piece.counts);
                        piece.reached
                    }
                    Outcome::Moved(stands) => *stands,
                    Outcome::Forked => {
                        tracing::error!(
                            author = ?piece.chain.author,
                            "a chain is not taken in: another history of it is kept already"
                        );
                        intake.stuck.insert(piece.chain, self.head(piece).seq);
                        continue;
                    }
                };
                totals.cursors.insert(piece.chain, stands);
                totals.doors.entry(piece.venue).or_default().insert(piece.chain);
                safe.insert(piece.chain, stands);
            }
        }
        if self.0.store.shared().is_some() && !safe.is_empty() {
            self.0.ledger.secure(safe).await?;
        }
        Ok(())
    }

    fn head(&self, piece: &Piece) -> Head {
        let heads = self.0.ledger.heads().borrow().clone();
        heads.head(piece.venue, &piece.chain).copied().unwrap_or(Head::NONE)
    }

    /// Publishes how many questions were asked, and nothing that takes reading.
    pub(super) async fn show_questions(&self) {
        let questions = self.0.questions.lock().await.len();
        self.0.overview.send_if_modified(|view| {
            std::mem::replace(&mut view.questions, questions) != questions
        });
    }

    /// Publishes the overview if it changed.
    pub(super) async fn refresh(&self) -> Result<(), StoreError> {
        self.look_at_totals().await;
        let members = self.0.ledger.members().await?;
        let grants = grants(members.into_iter().filter_map(|(_, member)| member));
        let questions = self.0.questions.lock().await.len();
        let held = self.rules().held();
        let notices = self.totals().venues.values().map(|t| t.notices).sum::<u64>();
        let heads = self.0.ledger.heads().borrow().clone();
        let latest_notices = self.listed(&heads, notices).await;
        let fresh = {
            let totals = self.totals();
            let sum = |of: fn(&VenueTotals) -> u64| totals.venues.values().map(of).sum::<u64>();
            let venue = |(venue, counts): (&VenueId, &VenueTotals)| {
                venue_count(*venue, counts, &totals, &grants)
            };
            Overview {
                region: self.0.ledger.charter().region,
                visits: sum(|t| t.visits),
                entries: sum(|t| t.entries),
                exits: sum(|t| t.exits),
                refusals: sum(|t| t.refusals),
                unreadable: sum(|t| t.unreadable),
                quarantined: sum(|t| t.quarantined),
                alerts: sum(|t| t.alerts),
                notices,
                latest_notices,
                venues: totals.venues.iter().map(venue).collect(),
                bulletins: held,
                questions,
                store_trouble: self.trouble(),
                unpublished: self.unpublished(),
            }
        };
        self.0.overview.send_if_modified(|view| {
            let changed = *view != fresh;
            *view = fresh;
            changed
        });
        Ok(())
    }
}

/// The records of a run: each was read before it was kept.
fn records(run: &Run) -> Result<Vec<StoredRecord>, RecordError> {
    let items = run.links.iter().flat_map(|link| &link.items);
    items
        .map(|item| {
            let id = sync::id::RecordId { chain: run.chain, number: item.number };
            Ok(StoredRecord { id, record: Record::from_bytes(&item.bytes)? })
        })
        .collect()
}

/// What each venue was granted, by the papers of its doors.
fn grants(members: impl Iterator<Item = Member>) -> BTreeMap<VenueId, VenueGrant> {
    let mut grants = BTreeMap::new();
    for member in members {
        if let Place::Door { venue, .. } = member.place {
            grants.entry(venue.venue).or_insert(venue);
        }
    }
    grants
}

fn venue_count(
    venue: VenueId,
    counts: &VenueTotals,
    totals: &Totals,
    grants: &BTreeMap<VenueId, VenueGrant>,
) -> VenueCount {
    let grant = grants.get(&venue);
    let doors = totals.doors.get(&venue).map_or(0, |chains| {
        chains.iter().map(|c| c.author).collect::<std::collections::BTreeSet<_>>().len()
    });
    VenueCount {
        venue,
        name: grant.map_or_else(|| venue.to_string(), |g| g.name.clone()),
        zone: grant.and_then(|g| Zone::named(&g.zone)).unwrap_or_else(Zone::utc),
        doors: u32::try_from(doors).unwrap_or(u32::MAX),
        visits: counts.visits,
        entries: counts.entries,
        exits: counts.exits,
        refusals: counts.refusals,
        alerts: counts.alerts,
        notices: counts.notices,
        last_visit: counts.last,
    }
}
