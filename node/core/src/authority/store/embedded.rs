//! The authority's store in its own ledger: rows of a day lie in that day's sealed lot, and go with it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sync::{
    book::{Pair, Row as Kept},
    id::{ChainId, Subject, VenueId},
    ledger::Ledger,
    time::{Day, UnixMillis, Zone},
};
use tokio::sync::Mutex;

use super::{Outcome, Piece, StoreError};
use crate::authority::{
    amended::CORRECTION,
    index::{PERSON, Row, Totals, VENUE, VenueTotals, encode},
};

/// The ledger, and who may decide upon it.
#[derive(Debug)]
pub struct Embedded {
    ledger: Ledger,
    /// Who reads, decides and writes does so alone.
    turn: Mutex<()>,
}

impl Embedded {
    pub(super) fn new(ledger: Ledger) -> Self {
        Self { ledger, turn: Mutex::default() }
    }

    /// Rows, totals and cursors go in one batch, so a crash between two leaves no visit out and none twice.
    pub(super) async fn take(
        &self,
        pieces: &[Piece],
        totals: &Totals,
    ) -> Result<Vec<Outcome>, StoreError> {
        let mut counts: BTreeMap<VenueId, VenueTotals> = BTreeMap::new();
        let mut rows = Vec::new();
        for piece in pieces {
            let before = || totals.venues.get(&piece.venue).cloned().unwrap_or_default();
            let of_venue = counts.entry(piece.venue).or_insert_with(before);
            of_venue.add(&piece.counts);
            rows.extend(piece.visits.iter().flat_map(visit));
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
        let mut found = Vec::new();
        for value in self.ledger.rows_of(chains, whose).await? {
            let row: Row = minicbor::decode(&value).map_err(|_| StoreError::Damaged)?;
            if row.visit.chain.day == Day::UNKNOWN || (from..until).contains(&row.at) {
                found.push(row);
            }
        }
        Ok(found)
    }

    pub(super) async fn reports_of(
        &self,
        kind: u8,
        venue: VenueId,
        since: Day,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let heads = Arc::clone(&self.ledger.heads().borrow());
        let of_venue = heads.venues.get(&venue).into_iter().flat_map(|v| v.chains.keys());
        let chains = of_venue.filter(|chain| chain.day >= since || chain.day == Day::UNKNOWN);
        Ok(self.ledger.rows_of(chains.copied().collect(), whose(kind, venue)).await?)
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
        key: &[u8],
        expected: Option<&[u8]>,
        rows: Vec<Kept>,
    ) -> Result<bool, StoreError> {
        let _turn = self.turn.lock().await;
        let until = [key, &[0]].concat(); // just after it
        let held = self.ledger.rows(key.to_vec(), until, 1).await?;
        if held.first().map(|(_, value)| value.as_slice()) != expected {
            return Ok(false);
        }
        self.keep(rows).await?;
        Ok(true)
    }
}

/// The two entries under which a visit is found.
fn visit(row: &Row) -> [Kept; 2] {
    let (which, value) = (encode(&row.visit), encode(row));
    let of_chain = |whose| Kept::OfChain {
        chain: row.visit.chain,
        whose,
        which: which.clone(),
        value: value.clone(),
    };
    [of_chain(person(&row.subject)), of_chain(whose(VENUE, row.venue))]
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
