//! The authority's index: visits by person and by venue and time, totals, and how far each chain was read.
//!
//! ```text
//! s subject time visit → Row        a person's crossings
//! v venue time visit   → Row        a venue's crossings
//! n venue              → VenueTotals
//! c chain              → Seq        written in the same batch as what it speaks of
//! q number             → question
//! ```

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};
use sync::{
    id::{ChainId, EntranceId, Seq, Subject, VenueId, VisitId},
    ledger::Ledger,
    record::{StoredVisit, VisitKind},
    time::UnixMillis,
};

use super::OpenError;

const PERSON: u8 = b's';
const VENUE: u8 = b'v';
const TOTALS: u8 = b'n';
const CURSOR: u8 = b'c';
pub(super) const QUESTION: u8 = b'q';
const READ_ROWS: usize = 10_000;

/// A key and a value for the ledger.
pub(super) type Pair = (Vec<u8>, Vec<u8>);

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
    pub visit: VisitId,
}

impl Row {
    /// The two entries under which the row is found.
    pub(super) fn pairs(&self) -> [Pair; 2] {
        let value = encode(self);
        let by_person = key(PERSON, self.subject.as_bytes(), self.at, Some(&self.visit));
        let by_venue = key(VENUE, &self.venue.get().to_be_bytes(), self.at, Some(&self.visit));
        [(by_person, value.clone()), (by_venue, value)]
    }
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
}

impl VenueTotals {
    pub(super) fn count(&mut self, stored: &StoredVisit) {
        self.visits += 1;
        match stored.visit.kind {
            VisitKind::Entry => self.entries += 1,
            VisitKind::Exit => self.exits += 1,
            VisitKind::Refusal => self.refusals += 1,
            VisitKind::Correction => {}
        }
        self.last = self.last.max(Some(stored.visit.at));
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
        for (_, value) in all(ledger, TOTALS).await? {
            let (venue, counts): (VenueId, VenueTotals) = minicbor::decode(&value)?;
            totals.venues.insert(venue, counts);
        }
        for (_, value) in all(ledger, CURSOR).await? {
            let (chain, venue, seq): (ChainId, VenueId, Seq) = minicbor::decode(&value)?;
            totals.cursors.insert(chain, seq);
            totals.doors.entry(venue).or_default().insert(chain);
        }
        Ok(totals)
    }

    /// The rows that record a chain's progress and its venue's new totals.
    pub(super) fn pairs(
        venue: VenueId,
        counts: &VenueTotals,
        chain: ChainId,
        seq: Seq,
    ) -> [Pair; 2] {
        let mut cursor = vec![CURSOR];
        cursor.extend_from_slice(chain.author.as_bytes());
        cursor.extend_from_slice(chain.epoch.as_bytes());
        let mut totals = vec![TOTALS];
        totals.extend_from_slice(&venue.get().to_be_bytes());
        [(totals, encode(&(venue, counts))), (cursor, encode(&(chain, venue, seq)))]
    }
}

/// A person's crossings in a span of time.
pub(super) async fn of_person(
    ledger: &Ledger,
    subject: &Subject,
    from: UnixMillis,
    until: UnixMillis,
) -> Result<Vec<Row>, OpenError> {
    let span = |at| key(PERSON, subject.as_bytes(), at, None);
    rows(ledger, span(from), span(until)).await
}

/// A venue's crossings in a span of time.
pub(super) async fn of_venue(
    ledger: &Ledger,
    venue: VenueId,
    from: UnixMillis,
    until: UnixMillis,
) -> Result<Vec<Row>, OpenError> {
    let span = |at| key(VENUE, &venue.get().to_be_bytes(), at, None);
    rows(ledger, span(from), span(until)).await
}

async fn rows(ledger: &Ledger, from: Vec<u8>, until: Vec<u8>) -> Result<Vec<Row>, OpenError> {
    let pairs = range(ledger, from, until).await?;
    pairs.iter().map(|(_, value)| Ok(minicbor::decode(value)?)).collect()
}

/// All entries of one kind.
pub(super) async fn all(ledger: &Ledger, prefix: u8) -> Result<Vec<Pair>, OpenError> {
    range(ledger, vec![prefix], vec![prefix + 1]).await
}

/// All entries between two keys, read in pieces so that nobody waits long behind it.
async fn range(ledger: &Ledger, mut from: Vec<u8>, until: Vec<u8>) -> Result<Vec<Pair>, OpenError> {
    let mut found = Vec::new();
    loop {
        let piece = ledger.rows(from, until.clone(), READ_ROWS).await?;
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

/// kind ‖ whose ‖ time (sign turned, so that bytes sort as times do) ‖ visit
fn key(kind: u8, whose: &[u8], at: UnixMillis, visit: Option<&VisitId>) -> Vec<u8> {
    let mut key = vec![kind];
    key.extend_from_slice(whose);
    key.extend_from_slice(&(at.get().cast_unsigned() ^ (1 << 63)).to_be_bytes());
    if let Some(visit) = visit {
        key.extend_from_slice(visit.chain.author.as_bytes());
        key.extend_from_slice(visit.chain.epoch.as_bytes());
        key.extend_from_slice(&visit.number.get().to_be_bytes());
    }
    key
}

pub(super) fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).unwrap_or_else(|e| unreachable!("CBOR into memory: {e}"))
}
