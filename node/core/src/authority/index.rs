//! The authority's index: visits by person and by venue, totals, and how far each chain was read.
//!
//! ```text
//! of a day, sealed, gone with it:
//!   s subject  visit → Row        a person's crossings
//!   v venue    visit → Row        a venue's crossings
//!   a          record → RaisedAlert
//!   x venue    correction → what it says, of an own visit
//!   w          record → SentNotice
//!   c          chain → Seq        written in the same batch as what it speaks of
//! for good, in clear:
//!   n venue          → VenueTotals
//!   q number         → question
//!   g HMAC of number → facts, sealed (`registry`)
//! ```
//! Whose the rows of a day are cannot be told without that day's storage key, so a question goes day by day.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use minicbor::{Decode, Encode};
use sync::{
    book::{Heads, Row as Kept},
    id::{ChainId, EntranceId, RecordId, Seq, Subject, VenueId},
    ledger::Ledger,
    record::{StoredVisit, VisitKind},
    time::{Day, UnixMillis, Zone},
};

use super::{OpenError, amended};

const PERSON: u8 = b's';
const VENUE: u8 = b'v';
const TOTALS: u8 = b'n';
const CURSOR: u8 = b'c';
pub(super) const QUESTION: u8 = b'q';
const READ_ROWS: usize = 10_000;

/// A key and a value of the ledger.
type Pair = (Vec<u8>, Vec<u8>);

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

impl Row {
    /// The two entries under which the row is found.
    pub(super) fn kept(&self) -> [Kept; 2] {
        let (which, value) = (encode(&self.visit), encode(self));
        let of_chain = |whose| Kept::OfChain {
            chain: self.visit.chain,
            whose,
            which: which.clone(),
            value: value.clone(),
        };
        [of_chain(person(&self.subject)), of_chain(venue(self.venue))]
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
    #[n(6)]
    #[cbor(default)]
    pub(super) alerts: u64,
    #[n(7)]
    #[cbor(default)]
    pub(super) notices: u64,
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
        let chains = ledger.heads().borrow().chains().map(|(chain, _)| *chain).collect();
        for value in ledger.rows_of(chains, vec![CURSOR]).await? {
            let (chain, venue, seq): (ChainId, VenueId, Seq) = minicbor::decode(&value)?;
            totals.cursors.insert(chain, seq);
            totals.doors.entry(venue).or_default().insert(chain);
        }
        Ok(totals)
    }

    /// The rows that record a chain's progress and its venue's new totals.
    pub(super) fn kept(
        venue: VenueId,
        counts: &VenueTotals,
        chain: ChainId,
        seq: Seq,
    ) -> [Kept; 2] {
        let mut key = vec![TOTALS];
        key.extend_from_slice(&venue.get().to_be_bytes());
        let totals = Kept::Lasting { key, value: encode(&(venue, counts)) };
        let (whose, which) = (vec![CURSOR], encode(&chain));
        [totals, Kept::OfChain { chain, whose, which, value: encode(&(chain, venue, seq)) }]
    }

    /// Forgets the chains whose days were destroyed; what they added up to stays.
    pub(super) fn keep_only(&mut self, heads: &Heads) {
        let held: BTreeSet<ChainId> = heads.chains().map(|(chain, _)| *chain).collect();
        self.cursors.retain(|chain, _| held.contains(chain));
        self.doors.values_mut().for_each(|chains| chains.retain(|c| held.contains(c)));
    }
}

/// A person's crossings in a span of time.
pub(super) async fn of_person(
    ledger: &Ledger,
    subject: &Subject,
    from: UnixMillis,
    until: UnixMillis,
) -> Result<Vec<Row>, OpenError> {
    let heads = Arc::clone(&ledger.heads().borrow());
    let chains = heads.chains().map(|(chain, _)| *chain);
    rows(ledger, chains, person(subject), from, until).await
}

/// A venue's crossings in a span of time.
pub(super) async fn of_venue(
    ledger: &Ledger,
    id: VenueId,
    from: UnixMillis,
    until: UnixMillis,
) -> Result<Vec<Row>, OpenError> {
    let heads = Arc::clone(&ledger.heads().borrow());
    let chains = heads.venues.get(&id).into_iter().flat_map(|v| v.chains.keys().copied());
    rows(ledger, chains, venue(id), from, until).await
}

/// The rows of all days that can lie in the span: a venue's day is at most one away from the day in UTC. Visits whose
/// day nobody knew are looked at in any case.
async fn rows(
    ledger: &Ledger,
    chains: impl Iterator<Item = ChainId>,
    whose: Vec<u8>,
    from: UnixMillis,
    until: UnixMillis,
) -> Result<Vec<Row>, OpenError> {
    let utc = Zone::utc();
    let (first, last) = (utc.day(from).plus(-1), utc.day(until).plus(1));
    let asked = |chain: &ChainId| chain.day == Day::UNKNOWN || (first..=last).contains(&chain.day);
    let mut found: Vec<Row> = Vec::new();
    for value in ledger.rows_of(chains.filter(asked).collect(), whose).await? {
        let row: Row = minicbor::decode(&value)?;
        // What is dated anew may come into the span.
        if row.visit.chain.day == Day::UNKNOWN || (from..until).contains(&row.at) {
            found.push(row);
        }
    }
    let mut found = amended::apply(ledger, found).await?;
    found.retain(|row| (from..until).contains(&row.at));
    Ok(found)
}

fn person(subject: &Subject) -> Vec<u8> {
    [&[PERSON], &subject.as_bytes()[..]].concat()
}

fn venue(id: VenueId) -> Vec<u8> {
    [&[VENUE], &id.get().to_be_bytes()[..]].concat()
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

pub(super) fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).unwrap_or_else(|e| unreachable!("CBOR into memory: {e}"))
}
