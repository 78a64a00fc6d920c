//! The writer: owns the book, commits in groups, opens the store again after a failure.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::{LedgerError, WallClock};
use crate::{
    book::{Book, BookError, Charter, Committed, Heads, Purged, Row},
    bulletin::Bulletin,
    envelope::{CheckedRun, GROUP_MAX},
    erasure::{Limit, Retention},
    id::{ChainId, RecordId, RecordNumber, Seq, VenueId},
    key::{SecretKey, Signed},
    membership::Membership,
    order::SignedOrder,
    record::{Receipt, Record},
    store::{Durability, Store, StoreError},
    tag::TagKey,
    time::{Day, UnixMillis},
    vault::Believed,
};

/// Questions that are answered while a group of changes waits; then the group goes first.
const READS_BETWEEN: usize = 16;

pub(super) type Reply = oneshot::Sender<Result<(), LedgerError>>;
/// Reads the book and answers by itself; dropped unread when the book is closed.
pub(super) type Question = Box<dyn FnOnce(&mut Book, UnixMillis) + Send>;

#[expect(
    clippy::large_enum_variant,
    reason = "few exist at a time, and matching is clearer unboxed"
)]
pub(super) enum Request {
    Write(Change, Reply),
    Read(Question),
    Limit(Limit),
    Secure(BTreeMap<ChainId, Seq>, oneshot::Sender<()>),
    Asked(BTreeMap<VenueId, u64>),
    Turn(TagKey),
    Purge(Purge, oneshot::Sender<Result<Purged, LedgerError>>),
    /// Takes out some of what a purge left; answers whether nothing is left.
    Sweep(oneshot::Sender<Result<bool, LedgerError>>),
    Stop(oneshot::Sender<()>),
}

/// What is to be destroyed, by whose word.
pub(super) struct Purge {
    pub(super) first: Day,
    pub(super) today: Day,
    pub(super) believed: Believed,
}

/// What changes the book; committed in groups.
pub(super) enum Change {
    Record { id: RecordId, record: Box<Record>, venue: VenueId, manager: Option<SecretKey> },
    Merge { introduced: Vec<Membership>, run: CheckedRun },
    Introduce(Vec<Membership>),
    Bulletin(Bulletin),
    Order(SignedOrder),
    Receipts(Vec<Signed<Receipt>>),
    Rows(Vec<Row>),
    Retention(Retention),
}

/// What the store is opened with, and opened again with after a failure.
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) durability: Durability,
    pub(super) charter: Charter,
    pub(super) limit: Option<Limit>,
    pub(super) secured: Option<BTreeMap<ChainId, Seq>>,
    pub(super) asked: BTreeMap<VenueId, u64>,
    pub(super) ratchet: Option<TagKey>,
}

impl Place {
    pub(super) fn open(&self) -> Result<Book, StoreError> {
        let store = Store::open(&self.path, self.durability)?;
        let mut book = Book::open(store, self.charter.clone())?;
        if let Some(limit) = &self.limit {
            book.set_limit(limit.clone());
        }
        if let Some(secured) = &self.secured {
            book.secure(secured);
        }
        self.asked.iter().for_each(|(venue, asked)| book.note_asked(*venue, *asked));
        if let Some(ratchet) = &self.ratchet {
            book.turn(ratchet.clone());
        }
        Ok(book)
    }
}

pub(super) struct Writer {
    /// `None` after a failure, until the store could be opened again: sled does not get over an error of
    /// its disk, and what it holds in memory is then not what the disk has.
    pub(super) book: Option<Book>,
    pub(super) place: Place,
    pub(super) heads: watch::Sender<Arc<Heads>>,
    pub(super) news: broadcast::Sender<Arc<Committed>>,
    pub(super) clock: WallClock,
    /// Where the names of new records come from.
    pub(super) numbers: Arc<AtomicU64>,
    pub(super) failure: watch::Sender<Option<String>>,
}

impl Writer {
    /// Serves the queue until it is told to stop or nobody is left to ask.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Request>) {
        while let Some(first) = queue.blocking_recv() {
            let mut group = Vec::new();
            let (mut reads, mut stop) = (0, None);
            let mut next = Some(first);
            while let Some(request) = next {
                match request {
                    Request::Write(change, reply) => group.push((change, reply)),
                    Request::Read(question) => {
                        self.answer(question);
                        reads += 1;
                    }
                    Request::Stop(done) => stop = Some(done),
                    other => {
                        // What came before goes before.
                        self.commit(std::mem::take(&mut group));
                        self.serve(other);
                    }
                }
                let go_on = group.len() < GROUP_MAX && reads < READS_BETWEEN && stop.is_none();
                next = if go_on { queue.try_recv().ok() } else { None };
            }
            self.commit(group);
            if let Some(done) = stop {
                drop(self.book); // closes sled before the caller goes on
                let _ = done.send(());
                return;
            }
        }
    }

    /// What is no change of a group.
    pub(super) fn serve(&mut self, request: Request) {
        match request {
            Request::Limit(limit) => {
                if let Some(book) = &mut self.book {
                    book.set_limit(limit.clone());
                }
                self.place.limit = Some(limit);
            }
            Request::Secure(places, reply) => {
                if let Some(book) = &mut self.book {
                    book.secure(&places);
                    self.heads.send_replace(Arc::new(book.heads().clone()));
                }
                let secured = self.place.secured.get_or_insert_default();
                for (chain, seq) in places {
                    let place = secured.entry(chain).or_default();
                    *place = (*place).max(seq);
                }
                let _ = reply.send(()); // nobody waiting is fine
            }
            Request::Asked(asked) => {
                if let Some(book) = &mut self.book {
                    asked.iter().for_each(|(venue, asked)| book.note_asked(*venue, *asked));
                    self.heads.send_replace(Arc::new(book.heads().clone()));
                }
                self.place.asked.extend(asked);
            }
            Request::Turn(ratchet) => {
                if let Some(book) = &mut self.book {
                    book.turn(ratchet.clone());
                }
                self.place.ratchet = Some(ratchet);
            }
            Request::Purge(purge, reply) => {
                let purged = self.in_book(|writer, book, now| writer.purge(book, purge, now));
                if let (Some(places), Ok(purged)) = (&mut self.place.secured, &purged) {
                    places.retain(|chain, _| !purged.chains.contains(chain));
                }
                let _ = reply.send(purged); // nobody waiting is fine
            }
            Request::Sweep(reply) => {
                let swept = self.in_book(|_, book, _| Ok(book.sweep()?));
                let _ = reply.send(swept);
            }
            Request::Read(question) => self.answer(question),
            Request::Write(change, reply) => self.commit(vec![(change, reply)]),
            Request::Stop(_) => {}
        }
    }

    /// Works on the book; after an error it is closed, as after a commit that failed.
    fn in_book<T>(
        &mut self,
        work: impl FnOnce(&Self, &mut Book, UnixMillis) -> Result<T, BookError>,
    ) -> Result<T, LedgerError> {
        self.open_again();
        let mut book = self.book.take().ok_or(LedgerError::Closed)?;
        let done = work(self, &mut book, (self.clock)());
        match done {
            Ok(done) => {
                self.book = Some(book);
                Ok(done)
            }
            Err(error) => {
                drop(book);
                let error = self.fail(error, Vec::new());
                Err(LedgerError::Book(error))
            }
        }
    }

    /// The gaps first, and durable; then the keys. In between the book takes nothing else.
    fn purge(&self, book: &mut Book, purge: Purge, now: UnixMillis) -> Result<Purged, BookError> {
        let number = || RecordNumber::new(self.numbers.fetch_add(1, Ordering::Relaxed));
        let leaving = book.give_up(purge.first, purge.today, number, now)?;
        let mut committed = book.commit()?;
        book.destroy(purge.first, &leaving, purge.believed)?;
        committed.anew |= !leaving.chains.is_empty();
        self.heads.send_replace(Arc::new(book.heads().clone()));
        if committed.is_news() {
            let _ = self.news.send(Arc::new(committed));
        }
        Ok(Purged { chains: leaving.chains, gaps: leaving.gaps })
    }

    /// Reads the book; the question goes unanswered while the store is closed.
    pub(super) fn answer(&mut self, question: Question) {
        self.open_again();
        let now = (self.clock)();
        if let Some(book) = &mut self.book {
            question(book, now);
        }
    }

    /// After a failure: closes nothing, for that is done, and opens the store before anything else is staged.
    fn open_again(&mut self) {
        if self.book.is_some() {
            return;
        }
        match self.place.open() {
            Ok(book) => {
                tracing::info!("the store is open again");
                self.heads.send_replace(Arc::new(book.heads().clone()));
                let _ = self.news.send(Arc::new(Committed { anew: true, ..Committed::default() }));
                self.book = Some(book);
            }
            Err(error) => {
                tracing::error!(%error, "the store cannot be opened again");
                self.failure.send_replace(Some(error.to_string()));
            }
        }
    }

    /// Stages the whole group, commits once, then answers each.
    pub(super) fn commit(&mut self, group: Vec<(Change, Reply)>) {
        if group.is_empty() {
            return;
        }
        self.open_again();
        let Some(book) = &mut self.book else {
            let closed = || Err(LedgerError::Closed);
            group.into_iter().for_each(|(_, reply)| drop(reply.send(closed())));
            return;
        };
        let now = (self.clock)();
        let mut own = Own::default();
        let mut answers = Vec::new();
        for (change, reply) in group {
            answers.push((stage(book, &mut own, change, now), reply));
        }
        match own.write(book, now).and_then(|()| Ok(book.commit()?)) {
            Ok(committed) => self.announce(committed, answers),
            Err(error) => drop(self.fail(error, answers)),
        }
    }

    fn announce(&self, committed: Committed, answers: Vec<(Result<(), BookError>, Reply)>) {
        self.failure.send_if_modified(|f| f.take().is_some());
        // Heads before answers: who was told "stored" sees it in the heads.
        if let Some(book) = &self.book {
            self.heads.send_replace(Arc::new(book.heads().clone()));
        }
        if committed.is_news() {
            let _ = self.news.send(Arc::new(committed)); // nobody listening is fine
        }
        for (staged, reply) in answers {
            let _ = reply.send(staged.map_err(|e| LedgerError::Book(Arc::new(e))));
        }
    }

    /// Nothing of the group may be shown as durable: everyone is told. The store is closed; the next request
    /// finds it opened again, with what the disk then has. A visit of this group may be among it: it was
    /// never shown as recorded, and is not lost either.
    fn fail(
        &mut self,
        error: BookError,
        answers: Vec<(Result<(), BookError>, Reply)>,
    ) -> Arc<BookError> {
        tracing::error!(%error, source = ?std::error::Error::source(&error), "ledger commit failed");
        self.failure.send_replace(Some(error.to_string()));
        self.book = None;
        let error = Arc::new(error);
        for (_, reply) in answers {
            let _ = reply.send(Err(LedgerError::Book(Arc::clone(&error))));
        }
        error
    }
}

/// Own records of one group, gathered so that they share envelopes.
#[derive(Default)]
struct Own {
    records: Vec<(RecordId, Record)>,
    venue: VenueId,
    manager: Option<SecretKey>,
}

impl Own {
    fn write(self, book: &mut Book, now: UnixMillis) -> Result<(), BookError> {
        book.write(self.records, self.venue, self.manager.as_ref(), now)
    }
}

fn stage(book: &mut Book, own: &mut Own, change: Change, now: UnixMillis) -> Result<(), BookError> {
    match change {
        // For this record alone: others of the group are written.
        Change::Record { id, .. } if !book.lives(&id.chain) => Err(BookError::TooOld(id.chain.day)),
        Change::Record { id, record, venue, manager } => {
            own.records.push((id, *record));
            own.venue = venue;
            own.manager = manager.or(own.manager.take());
            Ok(())
        }
        Change::Merge { introduced, run } => book.merge(&introduced, run, now),
        Change::Introduce(papers) => Ok(papers.iter().try_for_each(|p| book.introduce(p))?),
        Change::Bulletin(bulletin) => book.keep_bulletin(bulletin).map(drop),
        Change::Order(order) => book.keep_order(order),
        Change::Receipts(receipts) => receipts.into_iter().try_for_each(|r| book.acknowledge(r)),
        Change::Retention(retention) => Ok(book.keep_retention(&retention)?),
        Change::Rows(rows) => Ok(book.keep_rows(&rows)?),
    }
}
