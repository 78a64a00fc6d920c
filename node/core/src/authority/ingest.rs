//! Takes visits into the index as the ledger receives them: opens the pseudonym, counts, moves the cursor.
//!
//! Rows, totals and cursor go in one batch, so a crash between two leaves no visit out and none twice.

use sync::{
    id::{ChainId, Seq, Subject, VenueId},
    ledger::LedgerError,
    membership::{Member, Place},
    record::{StoredRecord, StoredVisit},
    sealed::{Binding, Identity},
    time::Zone,
};
use tokio::sync::broadcast::error::RecvError;

use crate::rules::Rules;

use super::{
    Authority, Overview, VenueCount, amended, hits,
    index::{Row, Totals, VenueTotals},
    lookback::Lookback,
    notices,
};

/// Visits taken in at once.
const BATCH: usize = 500;

impl Authority {
    /// Follows the ledger until `shutdown`: run it beside the authority.
    pub async fn follow(self, shutdown: impl Future<Output = ()> + Send) {
        let mut heads = self.0.ledger.heads();
        let mut news = self.0.ledger.news();
        tokio::pin!(shutdown);
        self.read_rules().await;
        let mut looking = Lookback::default();
        loop {
            self.take_in().await;
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
                changed = heads.changed() => if changed.is_err() { return },
                committed = news.recv() => match committed {
                    Ok(committed) if !committed.anew => {
                        let mut rules = self.rules();
                        committed.bulletins.iter().for_each(|n| rules.take(n));
                    }
                    Ok(_) | Err(RecvError::Lagged(_)) => {
                        let held = self.0.ledger.heads().borrow().clone();
                        self.totals().keep_only(&held);
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

    async fn take_in(&self) {
        let heads = self.0.ledger.heads().borrow().clone();
        for (&chain, head) in heads.chains() {
            // One damaged chain must not keep the others from being taken in.
            if let Err(error) = self.take_in_chain(chain, head.venue, head.seq).await {
                tracing::error!(author = ?chain.author, %error, "a chain could not be taken in");
            }
        }
    }

    async fn take_in_chain(
        &self,
        chain: ChainId,
        venue: VenueId,
        head: Seq,
    ) -> Result<(), LedgerError> {
        let mut after = self.totals().cursors.get(&chain).copied().unwrap_or_default();
        while after < head {
            let (records, reached) = self.0.ledger.records(chain, after, BATCH).await?;
            if reached == after {
                break;
            }
            self.index(chain, venue, &records, reached).await?;
            after = reached;
        }
        Ok(())
    }

    async fn index(
        &self,
        chain: ChainId,
        venue: VenueId,
        records: &[StoredRecord],
        reached: Seq,
    ) -> Result<(), LedgerError> {
        let mut counts: VenueTotals = self.totals().venues.get(&venue).cloned().unwrap_or_default();
        let mut rows = Vec::with_capacity(records.len() * 2 + 2);
        let alerts: Vec<_> = records.iter().filter_map(|r| hits::row(venue, r)).collect();
        counts.alerts += alerts.len() as u64;
        rows.extend(alerts);
        rows.extend(records.iter().filter_map(|r| amended::row(venue, r)));
        let sent: Vec<_> = records.iter().filter_map(|r| notices::row(venue, r)).collect();
        counts.notices += sent.len() as u64;
        rows.extend(sent);
        let mut withdrawn = Vec::new();
        for stored in records.iter().filter_map(StoredRecord::visit) {
            counts.count(&stored);
            match self.identity(venue, &stored) {
                Some(Ok(who)) => {
                    rows.extend(row(venue, &stored, self.pseudonym(&who)).kept());
                    withdrawn.extend(self.withdrawn(&who, &stored));
                }
                Some(Err(())) => counts.unreadable += 1,
                None => {}
            }
        }
        // First: who is told twice is told once, who is not told for a power cut is told never.
        self.sign_hits(venue, &withdrawn).await?;
        rows.extend(Totals::kept(venue, &counts, chain, reached));
        self.0.ledger.keep_rows(rows).await?;
        let mut totals = self.totals();
        totals.venues.insert(venue, counts);
        totals.cursors.insert(chain, reached);
        totals.doors.entry(venue).or_default().insert(chain);
        Ok(())
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
    pub(super) async fn refresh(&self) -> Result<(), LedgerError> {
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
            alerts: totals.venues.values().map(|t| t.alerts).sum(),
            notices,
            latest_notices,
            venues: totals.venues.keys().map(|v| venue_count(*v, &totals, &places)).collect(),
            bulletins: held,
            questions,
        };
        self.0.overview.send_if_modified(|view| {
            let changed = *view != fresh;
            *view = fresh;
            changed
        });
        Ok(())
    }
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
