//! The authority's index: visits by person and by venue, totals, and how far each chain was read.
//!
//! ```text
//! of a day, gone with it (in the own ledger sealed, in a shared store in partitions):
//!   s subject  visit → Row        a person's crossings
//!   v venue    visit → Row        a venue's crossings
//!   a          record → RaisedAlert
//!   x venue    correction → what it says, of an own visit
//!   w          record → SentNotice
//!   z          record → SetApart
//!   c          chain → Seq        written in the same batch as what it speaks of
//! for good, in clear:
//!   n venue          → VenueTotals
//!   q number         → question
//!   g HMAC of number → facts, sealed (`registry`)
//! ```
//! Whose the rows of a day are cannot be told in the ledger without that day's storage key, so a question goes day by day.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};
use sync::{
    book::{Heads, Pair, Row as Kept},
    id::{ChainId, EntranceId, RecordId, Seq, Subject, VenueId},
    ledger::Ledger,
    record::{StoredVisit, VisitKind},
    time::UnixMillis,
};

use super::{
    OpenError, amended,
    store::{Store, Window},
};

pub(super) const PERSON: u8 = b's';
pub(super) const VENUE: u8 = b'v';
const TOTALS: u8 = b'n';
const CURSOR: u8 = b'c';
pub(super) const QUESTION: u8 = b'q';
const READ_ROWS: usize = 10_000;

/// One crossing as the index holds it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Row {
    /// When.
    #[n(0)]
    pub at: UnixMillis,
    /// Which way.
    #[n(1)]
    pub kind: VisitKind,
    /// The person.
    #[n(2)]
    pub subject: Subject,
    /// The venue.
    #[n(3)]
    pub venue: VenueId,
    /// The entrance.
    #[n(4)]
    pub entrance: EntranceId,
    /// The visit.
    #[n(5)]
    pub visit: RecordId,
}

/// What a venue's visits add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct VenueTotals {
    #[n(0)]
    pub(super) visits: u64,
    #[n(1)]
    pub(super) entries: u64,
    #[n(2)]
    pub(super) exits: u64,
    #[n(3)]
    pub(super) refusals: u64,
    #[n(4)]
    pub(super) unreadable: u64,
    #[n(5)]
    pub(super) last: Option<UnixMillis>,
    #[n(6)]
    #[cbor(default)]
    pub(super) alerts: u64,
    #[n(7)]
    #[cbor(default)]
    pub(super) notices: u64,
    #[n(8)]
    #[cbor(default)]
    pub(super) quarantined: u64,
}

impl VenueTotals {
    pub(super) fn count(&mut self, stored: &StoredVisit) {
        self.visits += 1;
        match stored.visit.kind {
            VisitKind::Entry => self.entries += 1,
            VisitKind::Exit => self.exits += 1,
            VisitKind::Refusal => self.refusals += 1,
        }
        self.last = self.last.max(Some(stored.visit.at));
    }

    /// Adds what came since.
    pub(super) fn add(&mut self, fresh: &Self) {
        self.visits += fresh.visits;
        self.entries += fresh.entries;
        self.exits += fresh.exits;
        self.refusals += fresh.refusals;
        self.unreadable += fresh.unreadable;
        self.alerts += fresh.alerts;
        self.notices += fresh.notices;
        self.quarantined += fresh.quarantined;
        self.last = self.last.max(fresh.last);
    }
}

/// Totals of all venues, and how far each chain was read.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    pub(super) venues: BTreeMap<VenueId, VenueTotals>,
    pub(super) cursors: BTreeMap<ChainId, Seq>,
    pub(super) doors: BTreeMap<VenueId, BTreeSet<ChainId>>,
}

impl Totals {
    pub(super) async fn read(ledger: &Ledger) -> Result<Self, OpenError> {
        let mut totals = Self::default();
        let own = Store::embedded(ledger.clone());
        for (_, value) in all(&own, TOTALS).await? {
            let (venue, counts): (VenueId, VenueTotals) = minicbor::decode(&value)?;
            totals.venues.insert(venue, counts);
        }
        let chains = ledger.heads().borrow().chains().map(|(chain, _)| *chain).collect();
        for value in ledger.rows_of(chains, vec![CURSOR]).await? {
            let (chain, venue, seq): (ChainId, VenueId, Seq) = minicbor::decode(&value)?;
            totals.cursors.insert(chain, seq);
            totals.doors.entry(venue).or_default().insert(chain);
        }
        Ok(totals)
    }

    /// The row of a venue's new totals.
    pub(super) fn of_venue(venue: VenueId, counts: &VenueTotals) -> Kept {
        let mut key = vec![TOTALS];
        key.extend_from_slice(&venue.get().to_be_bytes());
        Kept::Lasting { key, value: encode(&(venue, counts)) }
    }

    /// The row that records a chain's progress.
    pub(super) fn cursor(venue: VenueId, chain: ChainId, seq: Seq) -> Kept {
        let (whose, which) = (vec![CURSOR], encode(&chain));
        Kept::OfChain { chain, whose, which, value: encode(&(chain, venue, seq)) }
    }

    /// Forgets the chains whose days were destroyed; what they added up to stays. What other nodes have counted they have
    /// counted by themselves.
    pub(super) fn keep_only(&mut self, heads: &Heads, shared: bool) {
        let held: BTreeSet<ChainId> = heads.chains().map(|(chain, _)| *chain).collect();
        self.cursors.retain(|chain, _| held.contains(chain));
        if !shared {
            self.doors.values_mut().for_each(|chains| chains.retain(|c| held.contains(c)));
        }
    }
}

/// A person's crossings in a span of time.
pub(super) async fn of_person(
    store: &Store,
    subject: &Subject,
    from: UnixMillis,
    until: UnixMillis,
) -> Result<Vec<Row>, OpenError> {
    corrected(store, store.of_person(subject, from, until).await?, from, until).await
}

/// A venue's crossings in a span of time.
pub(super) async fn of_venue(
    store: &Store,
    id: VenueId,
    from: UnixMillis,
    until: UnixMillis,
) -> Result<Vec<Row>, OpenError> {
    corrected(store, store.of_venue(id, from, until).await?, from, until).await
}

/// The crossings of several venues in spans of time, each once, and perhaps some beside the spans.
pub(super) async fn of_venues(store: &Store, windows: &[Window]) -> Result<Vec<Row>, OpenError> {
    let mut rows = store.of_venues(windows).await?;
    rows.sort_unstable_by_key(|row| row.visit);
    rows.dedup_by_key(|row| row.visit);
    amended::apply(store, rows).await
}

/// What is dated anew may come into the span, or leave it.
async fn corrected(
    store: &Store,
    rows: Vec<Row>,
    from: UnixMillis,
    until: UnixMillis,
) -> Result<Vec<Row>, OpenError> {
    let mut found = amended::apply(store, rows).await?;
    found.retain(|row| (from..until).contains(&row.at));
    Ok(found)
}

/// All entries of one kind.
pub(super) async fn all(store: &Store, prefix: u8) -> Result<Vec<Pair>, OpenError> {
    range(store, vec![prefix], vec![prefix + 1]).await
}

/// All entries between two keys, read in pieces so that nobody waits long behind it.
async fn range(store: &Store, mut from: Vec<u8>, until: Vec<u8>) -> Result<Vec<Pair>, OpenError> {
    let mut found = Vec::new();
    loop {
        let piece = store.rows(from, until.clone(), READ_ROWS).await?;
        let full = piece.len() == READ_ROWS;
        found.extend(piece);
        match found.last() {
            Some((last, _)) if full => {
                from = last.clone();
                from.push(0); // just after the last
            }
            _ => return Ok(found),
        }
    }
}

pub(super) fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).unwrap_or_else(|e| unreachable!("CBOR into memory: {e}"))
}
