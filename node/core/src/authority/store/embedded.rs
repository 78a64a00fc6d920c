//! The authority's store in its own ledger: rows of a day lie in that day's sealed lot, and go with it.

mod sheets;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex as Lock, PoisonError},
};

use sync::{
    book::{Pair, Row as Kept},
    id::{ChainId, Subject, VenueId},
    ledger::Ledger,
    time::{Day, UnixMillis, Zone},
};
use tokio::sync::Mutex;

use super::{Expected, Outcome, Piece, StoreError, Window};
use crate::authority::{
    amended::CORRECTION,
    index::{PERSON, Row, Totals, VENUE, VenueTotals, encode},
};
use sheets::Sheets;

/// The ledger, and who may decide upon it.
#[derive(Debug)]
pub struct Embedded {
    ledger: Ledger,
    /// Who reads, decides and writes does so alone.
    turn: Mutex<()>,
    sheets: Lock<Sheets>,
}

impl Embedded {
    pub(super) fn new(ledger: Ledger) -> Self {
        Self { ledger, turn: Mutex::default(), sheets: Lock::default() }
    }

    fn sheets(&self) -> std::sync::MutexGuard<'_, Sheets> {
        self.sheets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rows, totals and cursors go in one batch, so a crash between two leaves no visit out and none twice.
    pub(super) async fn take(
        &self,
        pieces: &[Piece],
        mut counts: BTreeMap<VenueId, VenueTotals>,
    ) -> Result<Vec<Outcome>, StoreError> {
        let (mut rows, mut written) = (Vec::new(), Vec::new());
        for piece in pieces {
            counts.entry(piece.venue).or_default().add(&piece.counts);
            rows.extend(piece.visits.iter().map(of_its_person));
            let sheets = self.sheets().add(piece.chain, &piece.visits);
            rows.extend(sheets.iter().filter_map(|sheet| of_its_venue(sheet)));
            written.push((piece.chain, sheets));
            rows.extend(piece.reports.iter().map(|report| Kept::OfChain {
                chain: report.id.chain,
                whose: whose(report.kind, piece.venue),
                which: encode(&report.id),
                value: report.value.clone(),
            }));
            rows.push(Totals::cursor(piece.venue, piece.chain, piece.reached));
        }
        rows.extend(counts.iter().map(|(venue, counts)| Totals::of_venue(*venue, counts)));
        self.ledger.keep_rows(rows).await?;
        written.into_iter().for_each(|(chain, sheets)| self.sheets().remember(chain, sheets));
        Ok(vec![Outcome::Kept; pieces.len()])
    }

    pub(super) async fn of_person(
        &self,
        subject: &Subject,
        from: UnixMillis,
        until: UnixMillis,
    ) -> Result<Vec<Row>, StoreError> {
        let heads = Arc::clone(&self.ledger.heads().borrow());
        let chains = heads.chains().map(|(chain, _)| *chain);
        self.visits(chains, person(subject), from, until).await
    }

    pub(super) async fn of_venue(
        &self,
        id: VenueId,
        from: UnixMillis,
        until: UnixMillis,
    ) -> Result<Vec<Row>, StoreError> {
        let heads = Arc::clone(&self.ledger.heads().borrow());
        let chains = heads.venues.get(&id).into_iter().flat_map(|v| v.chains.keys().copied());
        self.visits(chains, whose(VENUE, id), from, until).await
    }

    pub(super) async fn of_venues(&self, windows: &[Window]) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        for (venue, from, until) in windows {
            rows.extend(self.of_venue(*venue, *from, *until).await?);
        }
        Ok(rows)
    }

    /// The rows of all days that can lie in the span: a venue's day is at most one away from the day in UTC. Visits whose
    /// day nobody knew are looked at in any case.
    async fn visits(
        &self,
        chains: impl Iterator<Item = ChainId>,
        whose: Vec<u8>,
        from: UnixMillis,
        until: UnixMillis,
    ) -> Result<Vec<Row>, StoreError> {
        let utc = Zone::utc();
        let (first, last) = (utc.day(from).plus(-1), utc.day(until).plus(1));
        // One chain of a day stands for all of it.
        let mut days = BTreeSet::new();
        let asked = |chain: &ChainId| {
            chain.day == Day::UNKNOWN
                || ((first..=last).contains(&chain.day) && days.insert(chain.day))
        };
        let chains = chains.filter(asked).collect();
        let mut found: Vec<Row> = Vec::new();
        for value in self.ledger.rows_of(chains, whose).await? {
            let rows = crossings(&value)?;
            let in_span =
                |row: &Row| row.visit.chain.day == Day::UNKNOWN || (from..until).contains(&row.at);
            found.extend(rows.into_iter().filter(in_span));
        }
        // What a failure left unsure may stand on two sheets.
        found.sort_unstable_by_key(|row| row.visit);
        found.dedup_by_key(|row| row.visit);
        Ok(found)
    }

    pub(super) async fn reports_of(
        &self,
        kind: u8,
        venues: &BTreeSet<VenueId>,
        since: Day,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let heads = Arc::clone(&self.ledger.heads().borrow());
        let mut found = Vec::new();
        for venue in venues {
            let of_venue = heads.venues.get(venue).into_iter().flat_map(|v| v.chains.keys());
            let chains = of_venue.filter(|chain| chain.day >= since || chain.day == Day::UNKNOWN);
            let chains = chains.copied().collect();
            found.extend(self.ledger.rows_of(chains, whose(kind, *venue)).await?);
        }
        Ok(found)
    }

    pub(super) async fn reports(&self, kind: u8) -> Result<Vec<Vec<u8>>, StoreError> {
        let chains = self.ledger.heads().borrow().chains().map(|(chain, _)| *chain).collect();
        Ok(self.ledger.rows_of(chains, vec![kind]).await?)
    }

    pub(super) async fn rows(
        &self,
        from: Vec<u8>,
        until: Vec<u8>,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        Ok(self.ledger.rows(from, until, limit).await?)
    }

    pub(super) async fn keep(&self, rows: Vec<Kept>) -> Result<(), StoreError> {
        Ok(self.ledger.keep_rows(rows).await?)
    }

    pub(super) async fn keep_if(
        &self,
        expected: &Expected,
        rows: Vec<Kept>,
    ) -> Result<bool, StoreError> {
        let _turn = self.turn.lock().await;
        for (key, value) in expected {
            let until = [key.as_slice(), &[0]].concat(); // just after it
            let held = self.ledger.rows(key.clone(), until, 1).await?;
            if held.first().map(|(_, held)| held) != value.as_ref() {
                return Ok(false);
            }
        }
        self.keep(rows).await?;
        Ok(true)
    }
}

/// A visit as it is found by its person.
fn of_its_person(row: &Row) -> Kept {
    sheet(row, person(&row.subject), std::slice::from_ref(row))
}

/// A sheet of visits as it is found by its venue.
fn of_its_venue(rows: &[Row]) -> Option<Kept> {
    rows.first().map(|first| sheet(first, whose(VENUE, first.venue), rows))
}

/// Named by the first visit on it: written anew it takes the place of what it was.
fn sheet(first: &Row, whose: Vec<u8>, rows: &[Row]) -> Kept {
    Kept::OfChain {
        chain: first.visit.chain,
        whose,
        which: encode(&first.visit),
        value: encode(&rows),
    }
}

/// The crossings of a value: a list, or one alone, as earlier versions wrote each.
fn crossings(value: &[u8]) -> Result<Vec<Row>, StoreError> {
    let one = |_| minicbor::decode::<Row>(value).map(|row| vec![row]);
    minicbor::decode::<Vec<Row>>(value).or_else(one).map_err(|_| StoreError::Damaged)
}

fn person(subject: &Subject) -> Vec<u8> {
    [&[PERSON], &subject.as_bytes()[..]].concat()
}

/// Corrections are looked up by their venue, as visits are; all else is listed.
fn whose(kind: u8, venue: VenueId) -> Vec<u8> {
    match kind {
        VENUE | CORRECTION => [&[kind], &venue.get().to_be_bytes()[..]].concat(),
        _ => vec![kind],
    }
}
