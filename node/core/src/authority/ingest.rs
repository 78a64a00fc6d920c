//! Takes visits into the index as the ledger receives them: opens the pseudonym, counts, moves the cursor.
//!
//! Pieces of many chains go in one commit; of each, rows, counts and cursor go together, so a crash between two leaves no
//! visit out and none twice. Where the store is shared, what is durable there is what the receipts speak of.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use sync::{
    book::{Head, Heads, VenueHeads},
    envelope::Run,
    id::{ChainId, Seq, Subject, VenueId},
    membership::{Member, Place},
    order::Hit,
    record::{Record, RecordError, StoredRecord, StoredVisit},
    sealed::{Binding, Identity},
    time::Zone,
};
use tokio::{sync::broadcast::error::RecvError, time::Instant};

use crate::rules::Rules;

use super::{
    Authority, Overview, VenueCount, amended, hits,
    index::{Row, Totals, encode},
    lookback::Lookback,
    notices,
    quarantine::{self, SetApart},
    sharing::{Telling, Trouble},
    store::{Fetched, Outcome, Piece, Places, Raw, StoreError, postgres::tip},
};

/// Records of one chain that are read at once.
const OF_CHAIN: usize = 500;
/// Bytes of one chain's envelopes that are read at once.
const RUN_BYTES: usize = 192 << 10;
/// Records that go in one commit, about.
const AT_ONCE: usize = 2000;
/// How long is waited before a store that failed is tried again: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));
/// How often what other nodes have taken in is looked for, where the store is shared.
const LOOK: Duration = Duration::from_secs(3);

/// How far the taking in has come, besides what the totals know.
#[derive(Debug, Default)]
pub(super) struct Intake {
    /// Venues that were taken in whole, as they were then.
    done: BTreeMap<VenueId, Arc<VenueHeads>>,
    /// Chains that cannot be taken in, and where they ended when that was found.
    stuck: BTreeMap<ChainId, Seq>,
    pub(super) telling: Telling,
    retry: Duration,
}

impl Intake {
    fn failed(&mut self) -> Duration {
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
        let mut due = Instant::now();
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
            if let Err(error) = self.refresh().await {
                tracing::error!(%error, "overview could not be made");
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

    /// Takes in all that the ledger holds and the store does not.
    pub(super) async fn take_in(&self, intake: &mut Intake) -> Result<(), StoreError> {
        self.tell_orders(&mut intake.telling).await?;
        loop {
            let heads = Arc::clone(&self.0.ledger.heads().borrow());
            let pieces = self.next_pieces(intake, &heads).await?;
            if pieces.is_empty() {
                return Ok(());
            }
            let outcomes = match self.keep(&pieces).await {
                Err(error) if error.is_of_data() => {
                    tracing::warn!(%error, "some records are refused: they go one chain after the other");
                    self.keep_apart(&pieces).await?
                }
                other => other?,
            };
            self.note(intake, &pieces, &outcomes).await?;
        }
    }

    /// About [`AT_ONCE`] records, of one chain after the other.
    async fn next_pieces(
        &self,
        intake: &mut Intake,
        heads: &Heads,
    ) -> Result<Vec<Piece>, StoreError> {
        let mut pieces = Vec::new();
        let mut left = AT_ONCE;
        intake.done.retain(|venue, _| heads.venues.contains_key(venue));
        for (&venue, held) in &heads.venues {
            if intake.done.get(&venue).is_some_and(|done| Arc::ptr_eq(done, held)) {
                continue;
            }
            self.look_up(venue, held).await?;
            for (&chain, head) in &held.chains {
                let after = self.totals().cursors.get(&chain).copied().unwrap_or_default();
                if after >= head.seq || intake.stuck.get(&chain) == Some(&head.seq) {
                    continue;
                }
                if left == 0 {
                    return Ok(pieces);
                }
                match self.next_piece(venue, chain, after).await {
                    Ok(Some(piece)) => {
                        left = left.saturating_sub(usize::try_from(piece.size()).unwrap_or(left));
                        pieces.push(piece);
                    }
                    // One damaged chain must not keep the others from being taken in.
                    Ok(None) => drop(intake.stuck.insert(chain, head.seq)),
                    Err(error @ StoreError::Ledger(_)) => {
                        tracing::error!(author = ?chain.author, %error, "a chain cannot be read");
                        intake.stuck.insert(chain, head.seq);
                    }
                    Err(error) => return Err(error),
                }
            }
            if !pieces.iter().any(|piece| piece.venue == venue) {
                intake.done.insert(venue, Arc::clone(held));
            }
        }
        Ok(pieces)
    }

    async fn next_piece(
        &self,
        venue: VenueId,
        chain: ChainId,
        after: Seq,
    ) -> Result<Option<Piece>, StoreError> {
        let Some(fetched) = self.fetch(chain, after).await? else { return Ok(None) };
        let (piece, withdrawn) = self.open_up(venue, chain, after, fetched);
        // First: who is told twice is told once, who is not told for a power cut is told never.
        self.sign_hits(venue, &withdrawn).await?;
        Ok(Some(piece))
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

    /// Opens the pseudonyms, sorts out what is what, counts.
    fn open_up(
        &self,
        venue: VenueId,
        chain: ChainId,
        after: Seq,
        fetched: Fetched,
    ) -> (Piece, Vec<Hit>) {
        let Fetched { records, reached, raw } = fetched;
        let (counts, visits, reports) = Default::default();
        let mut piece = Piece { venue, chain, after, reached, raw, counts, visits, reports };
        let mut withdrawn = Vec::new();
        for record in &records {
            if let Some(why) = quarantine::fault(record) {
                self.set_apart(&mut piece, record, why);
                continue;
            }
            let alert = hits::report(venue, record);
            let notice = notices::report(venue, record);
            piece.counts.alerts += u64::from(alert.is_some());
            piece.counts.notices += u64::from(notice.is_some());
            piece.reports.extend(alert.or(notice).or_else(|| amended::report(record)));
            let Some(stored) = record.visit() else { continue };
            piece.counts.count(&stored);
            match self.identity(venue, &stored) {
                Some(Ok(who)) => {
                    piece.visits.push(row(venue, &stored, self.pseudonym(&who)));
                    withdrawn.extend(self.withdrawn(&who, &stored));
                }
                Some(Err(())) => piece.counts.unreadable += 1,
                None => {}
            }
        }
        (piece, withdrawn)
    }

    fn set_apart(&self, piece: &mut Piece, record: &StoredRecord, why: &str) {
        let at = (self.0.clock)();
        tracing::warn!(author = ?piece.chain.author, record = %record.id.number, why, "a record is set apart");
        let apart = SetApart { venue: piece.venue, id: record.id, at, why: why.to_owned() };
        piece.reports.push(apart.report());
        piece.counts.quarantined += 1;
    }

    async fn keep(&self, pieces: &[Piece]) -> Result<Vec<Outcome>, StoreError> {
        let totals = self.totals().clone();
        self.0.store.take(pieces, &totals).await
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

    /// Who is behind a visit's seal; `None` where nobody was identified.
    pub(super) fn identity(
        &self,
        venue: VenueId,
        stored: &StoredVisit,
    ) -> Option<Result<Identity, ()>> {
        let sealed = stored.visit.sealed.as_ref()?;
        let binding = Binding { venue, visit: stored.id, day: stored.id.chain.day };
        let secrets = self.secrets();
        let of_week = secrets.iter().filter(|s| s.week() == sealed.week());
        let opened = of_week.filter_map(|s| sealed.open(s, &binding).ok()).next();
        Some(opened.ok_or(()))
    }

    /// Under which a person's visits are found.
    fn pseudonym(&self, who: &Identity) -> Subject {
        match who {
            Identity::Native(subject, _) => *subject,
            Identity::Foreign(foreign) => foreign.subject,
            Identity::Typed(typed) => self.0.registry.pseudonym(typed),
        }
    }

    /// Publishes the overview if it changed.
    pub(super) async fn refresh(&self) -> Result<(), StoreError> {
        self.look_at_totals().await;
        let members = self.0.ledger.members().await?;
        let places: Vec<Member> = members.into_iter().filter_map(|(_, m)| m).collect();
        let questions = self.0.questions.lock().await.len();
        let totals = self.totals().clone();
        let held = self.rules().held();
        let notices = totals.venues.values().map(|t| t.notices).sum();
        let heads = self.0.ledger.heads().borrow().clone();
        let latest_notices = self.listed(&heads, notices).await;
        let fresh = Overview {
            region: self.0.ledger.charter().region,
            visits: totals.venues.values().map(|t| t.visits).sum(),
            entries: totals.venues.values().map(|t| t.entries).sum(),
            exits: totals.venues.values().map(|t| t.exits).sum(),
            refusals: totals.venues.values().map(|t| t.refusals).sum(),
            unreadable: totals.venues.values().map(|t| t.unreadable).sum(),
            quarantined: totals.venues.values().map(|t| t.quarantined).sum(),
            alerts: totals.venues.values().map(|t| t.alerts).sum(),
            notices,
            latest_notices,
            venues: totals.venues.keys().map(|v| venue_count(*v, &totals, &places)).collect(),
            bulletins: held,
            questions,
            store_trouble: self.trouble(),
        };
        self.0.overview.send_if_modified(|view| {
            let changed = *view != fresh;
            *view = fresh;
            changed
        });
        Ok(())
    }
}

impl Piece {
    /// How many rows it makes, about: at least one, as the cursor moves.
    fn size(&self) -> u64 {
        let of_counts = self.counts.visits + self.counts.quarantined;
        of_counts.max(self.reports.len() as u64).max(1)
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

fn row(venue: VenueId, stored: &StoredVisit, subject: Subject) -> Row {
    Row {
        at: stored.visit.at,
        kind: stored.visit.kind,
        subject,
        venue,
        entrance: stored.visit.entrance,
        visit: stored.id,
    }
}

fn venue_count(venue: VenueId, totals: &Totals, places: &[Member]) -> VenueCount {
    let counts = totals.venues.get(&venue).cloned().unwrap_or_default();
    let grant = places.iter().find_map(|m| match &m.place {
        Place::Door { venue: grant, .. } if grant.venue == venue => Some(grant),
        _ => None,
    });
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
