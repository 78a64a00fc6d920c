//! Where the authority keeps what it made of the doors' records: in its own ledger, or in a PostgreSQL that several of its
//! nodes share.

mod embedded;
pub mod postgres;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::PoisonError,
};

use sync::{
    book::{Pair, Row as Kept},
    id::{ChainId, Hash, RecordId, Seq, Subject, VenueId},
    ledger::{Ledger, LedgerError},
    membership::Membership,
    record::StoredRecord,
    time::{Day, UnixMillis},
};

use super::index::{Row, VenueTotals};
use embedded::Embedded;
use postgres::Postgres;

/// Why the store did not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The ledger.
    #[error("the authority's ledger failed")]
    Ledger(#[from] LedgerError),
    /// PostgreSQL cannot be reached, or broke off: nothing is lost, it is tried again.
    #[error("the shared store is away: {0}")]
    Away(String),
    /// PostgreSQL has no room, or does not write just now.
    #[error("the shared store takes nothing: {0}")]
    Full(String),
    /// PostgreSQL refused what was written or asked.
    #[error("the shared store refused it: {0}")]
    Refused(String),
    /// What lies there is not what was written.
    #[error("a row of the store is damaged")]
    Damaged,
    /// The log of questions does not hang together.
    #[error("the log of questions was altered at entry {0}")]
    Questions(u64),
    /// Made for another version of the program, or not made yet.
    #[error(
        "the shared store has schema {found}, this program needs {needed}: run `vestibule authority init-store`"
    )]
    Schema {
        /// As it is.
        found: i32,
        /// As it must be.
        needed: i32,
    },
    /// The node opens the cabinet with another key than those that share the store.
    #[error("the shared store was begun under another cabinet key: all its nodes need the same")]
    OtherKey,
}

impl StoreError {
    /// Whether it lies in what was to be written, and would fail again.
    pub(super) fn is_of_data(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Damaged)
    }
}

/// Something that a door said and that is listed: an alert, a notice, a correction; or a record that was set apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which of these; the letters of [`super::index`].
    pub kind: u8,
    /// The record that says it.
    pub id: RecordId,
    /// When.
    pub at: UnixMillis,
    /// What, as CBOR.
    pub value: Vec<u8>,
}

/// The next piece of a chain, read and opened, to be kept whole or not at all.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The venue.
    pub venue: VenueId,
    /// The chain.
    pub chain: ChainId,
    /// The place before it.
    pub after: Seq,
    /// Its last place.
    pub reached: Seq,
    /// As its author signed it; only where it is to be kept elsewhere.
    pub raw: Option<Raw>,
    /// What comes to the venue's totals.
    pub counts: VenueTotals,
    /// The crossings that are found by person and by venue.
    pub visits: Vec<Row>,
    /// What else is listed.
    pub reports: Vec<Report>,
}

/// A run of envelopes as it goes into the shared store.
#[derive(Clone, Debug)]
pub struct Raw {
    /// Hash of the header before the first.
    pub previous: Hash,
    /// Hash of the last header.
    pub tip: Hash,
    /// The run, as CBOR.
    pub run: Vec<u8>,
    /// The papers of its author.
    pub papers: Option<Membership>,
}

/// What came of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is kept.
    Kept,
    /// Another node of the authority was quicker: the chain stands there.
    Moved(Seq),
    /// Another history stands in its place.
    Forked,
}

/// The records that come next in a chain.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) records: Vec<StoredRecord>,
    pub(super) reached: Seq,
    pub(super) raw: Option<Raw>,
}

/// The store; behind it one of two engines.
#[derive(Debug)]
pub enum Store {
    /// The node's own ledger.
    Embedded(Embedded),
    /// A PostgreSQL that several nodes share.
    Shared(Box<Postgres>),
}

impl Store {
    pub(super) fn embedded(ledger: Ledger) -> Self {
        Self::Embedded(Embedded::new(ledger))
    }

    /// The store that is shared, where it is.
    pub(super) fn shared(&self) -> Option<&Postgres> {
        match self {
            Self::Embedded(_) => None,
            Self::Shared(postgres) => Some(postgres),
        }
    }

    /// Keeps pieces, durably, and says of each what came of it. `before` is what their venues added up to before them.
    pub(super) async fn take(
        &self,
        pieces: &[Piece],
        before: BTreeMap<VenueId, VenueTotals>,
    ) -> Result<Vec<Outcome>, StoreError> {
        match self {
            Self::Embedded(own) => own.take(pieces, before).await,
            Self::Shared(postgres) => postgres.take(pieces).await,
        }
    }

    /// A person's crossings between two times, and those of no known day; as written, not as corrected.
    pub(super) async fn of_person(
        &self,
        subject: &Subject,
        from: UnixMillis,
        until: UnixMillis,
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Embedded(own) => own.of_person(subject, from, until).await,
            Self::Shared(postgres) => postgres.of_person(subject, from, until).await,
        }
    }

    /// The same of a venue.
    pub(super) async fn of_venue(
        &self,
        venue: VenueId,
        from: UnixMillis,
        until: UnixMillis,
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Embedded(own) => own.of_venue(venue, from, until).await,
            Self::Shared(postgres) => postgres.of_venue(venue, from, until).await,
        }
    }

    /// The same of several venues and spans. What is of no known day may come more than once.
    pub(super) async fn of_venues(&self, windows: &[Window]) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Embedded(own) => own.of_venues(windows).await,
            Self::Shared(postgres) => postgres.of_venues(windows).await,
        }
    }

    /// What these venues' doors have said of this kind since a day, and under no known day.
    pub(super) async fn reports_of(
        &self,
        kind: u8,
        venues: &BTreeSet<VenueId>,
        since: Day,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        match self {
            Self::Embedded(own) => own.reports_of(kind, venues, since).await,
            Self::Shared(postgres) => postgres.reports_of(kind, venues, since).await,
        }
    }

    /// What doors have said of this kind; where there is very much of it, the latest of it by their clocks.
    pub(super) async fn reports(&self, kind: u8, limit: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        match self {
            Self::Embedded(own) => own.reports(kind).await,
            Self::Shared(postgres) => postgres.reports(kind, limit).await,
        }
    }

    /// Lasting rows with `from <= key < until`, at most `limit`, in the order of their keys.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rows(
        &self,
        from: Vec<u8>,
        until: Vec<u8>,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        match self {
            Self::Embedded(own) => own.rows(from, until, limit).await,
            Self::Shared(postgres) => postgres.rows(&from, &until, limit).await,
        }
    }

    /// Keeps lasting rows, or takes them out: all of them durably or none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_rows(&self, rows: Vec<Kept>) -> Result<(), StoreError> {
        match self {
            Self::Embedded(own) => own.keep(rows).await,
            Self::Shared(postgres) => postgres.keep(&rows).await,
        }
    }

    /// The same, if the row `key` still says `expected`; `false` where somebody else was quicker.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_rows_if(
        &self,
        key: &[u8],
        expected: Option<&[u8]>,
        rows: Vec<Kept>,
    ) -> Result<bool, StoreError> {
        let expected = Expected::from([(key.to_vec(), expected.map(<[u8]>::to_vec))]);
        self.keep_rows_if_all(&expected, rows).await
    }

    /// The same, if each of several rows still says what was read of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_rows_if_all(
        &self,
        expected: &Expected,
        rows: Vec<Kept>,
    ) -> Result<bool, StoreError> {
        match self {
            Self::Embedded(own) => own.keep_if(expected, rows).await,
            Self::Shared(postgres) => postgres.keep_if(expected, &rows).await,
        }
    }
}

/// What rows said when they were read, by their keys; `None` where there was none. In the order in which all nodes lock
/// them.
pub type Expected = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// A venue, and from when until when.
pub(super) type Window = (VenueId, UnixMillis, UnixMillis);

/// Places of chains.
pub(super) type Places = BTreeMap<ChainId, Seq>;

pub(super) fn guard<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
