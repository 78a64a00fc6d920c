//! The public face of a node's memory: one writer thread owns the book; everyone else asks it.
//!
//! Group commit: whatever waits while one fsync runs is written together with the next. A call that
//! writes returns only after its data would survive a power cut.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::{
    book::{Book, BookError, Charter, Committed, Heads, Row},
    bulletin::{Bulletin, BulletinKind, Notice},
    document::DocumentId,
    envelope::{Envelope, GROUP_MAX},
    id::{ChainId, PublicKey, Seq, VenueId, VisitId, VisitNumber},
    membership::{Member, Membership},
    record::{StoredVisit, Visit},
    store::{Durability, Store, StoreError},
    time::{Day, UnixMillis},
};

/// Requests that may wait for the writer; more make the asker wait.
const QUEUE_LEN: usize = 256;
/// Commits that a slow listener may lag behind before it must read anew.
const NEWS_LEN: usize = 256;

/// Tells the time to those who may not ask the system for it.
pub type WallClock = Arc<dyn Fn() -> UnixMillis + Send + Sync>;

/// A handle to the ledger; cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    charter: Arc<Charter>,
    requests: mpsc::Sender<Request>,
    heads: watch::Receiver<Arc<Heads>>,
    news: broadcast::Sender<Arc<Committed>>,
    numbers: Arc<AtomicU64>,
    failure: watch::Receiver<Option<String>>,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ledger({:?})", self.charter.key.public())
    }
}

/// Why the ledger did not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The writer has stopped.
    #[error("the ledger is closed")]
    Closed,
    /// It was refused or failed; shared, as one commit may serve many.
    #[error("ledger: {0}")]
    Book(#[source] Arc<BookError>),
}

impl LedgerError {
    /// Whether the sender of the data is to blame.
    pub fn is_senders(&self) -> bool {
        matches!(self, Self::Book(e) if e.is_senders())
    }

    /// Whether the fault lies in what an author wrote or who the author is, rather than in how it was
    /// brought: who forwards it for another is not to blame.
    pub fn is_authors(&self) -> bool {
        use crate::{document::DocumentError, envelope::EnvelopeError};
        let Self::Book(error) = self else { return false };
        match &**error {
            BookError::Gap { .. }
            | BookError::Forked { .. }
            | BookError::Membership(_)
            | BookError::Stranger(_)
            | BookError::OtherVenue
            | BookError::Document(DocumentError::Repeated(_)) => true,
            BookError::Envelope(e) => {
                matches!(e, EnvelopeError::Future(_) | EnvelopeError::Visit { .. })
            }
            _ => false,
        }
    }
}

type Reply<T> = oneshot::Sender<Result<T, LedgerError>>;

enum Request {
    Write(Change, Reply<()>),
    Read(Question),
    Stop(oneshot::Sender<()>),
}

/// What changes the book; committed in groups.
enum Change {
    Visit { day: Day, number: VisitNumber, visit: Box<Visit>, venue: VenueId },
    Merge { introduced: Vec<Membership>, envelopes: Vec<Envelope> },
    Bulletin(Bulletin),
    Acknowledge(BTreeMap<ChainId, Seq>),
    Rows(Vec<Row>),
}

/// What only reads.
enum Question {
    Envelopes {
        chain: ChainId,
        after: Seq,
        max_bytes: usize,
        reply: Reply<(Option<Membership>, Vec<Envelope>)>,
    },
    Visits {
        chain: ChainId,
        after: Seq,
        limit: usize,
        reply: Reply<(Vec<StoredVisit>, Seq)>,
    },
    Rows {
        from: Vec<u8>,
        until: Vec<u8>,
        limit: usize,
        reply: Reply<Vec<Row>>,
    },
    Bulletins {
        kinds: Vec<BulletinKind>,
        reply: Reply<Vec<Bulletin>>,
    },
    Notices(Reply<Vec<Arc<Notice>>>),
    Members(Reply<Vec<(PublicKey, Option<Member>)>>),
    DocumentHeads(DocumentId, Reply<Vec<[u8; 32]>>),
    Size(Reply<u64>),
}

impl Ledger {
    /// Opens the store in `path` and starts the writer thread.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be opened.
    pub fn open(
        path: &Path,
        charter: Charter,
        durability: Durability,
        clock: WallClock,
    ) -> Result<Self, StoreError> {
        let place = Place { path: path.to_owned(), durability, charter: charter.clone() };
        let book = place.open()?;
        let (requests, queue) = mpsc::channel(QUEUE_LEN);
        let (heads_out, heads) = watch::channel(Arc::new(book.heads()));
        let (news, _) = broadcast::channel(NEWS_LEN);
        let (failure_out, failure) = watch::channel(None);
        let writer = Writer {
            book: Some(book),
            place,
            queue,
            heads: heads_out,
            news: news.clone(),
            clock,
            failure: failure_out,
        };
        thread::Builder::new()
            .name("ledger".into())
            .spawn(move || writer.run())
            .map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
        let numbers = Arc::new(AtomicU64::new(1));
        Ok(Self { charter: Arc::new(charter), requests, heads, news, numbers, failure })
    }

    /// What the node is and trusts.
    pub fn charter(&self) -> &Charter {
        &self.charter
    }

    /// This start's own chain.
    pub fn own_chain(&self) -> ChainId {
        ChainId { author: self.charter.key.public(), epoch: self.charter.epoch }
    }

    /// A fresh visit's name: the sealed identity is bound to it, so it is needed before the visit is.
    pub fn name_visit(&self) -> VisitId {
        let number = VisitNumber::new(self.numbers.fetch_add(1, Ordering::Relaxed));
        VisitId { chain: self.own_chain(), number }
    }

    /// Writes an own visit; returns when it is durable.
    ///
    /// # Errors
    /// [`LedgerError`]: then it must not be shown as recorded.
    pub async fn record(
        &self,
        id: VisitId,
        day: Day,
        venue: VenueId,
        visit: Visit,
    ) -> Result<(), LedgerError> {
        self.change(Change::Visit { day, number: id.number, visit: Box::new(visit), venue }).await
    }

    /// Takes envelopes of others; returns when they are durable. Those already held are passed over.
    ///
    /// # Errors
    /// [`LedgerError`] at the first that is refused; what came before it is kept.
    pub async fn merge(
        &self,
        introduced: Vec<Membership>,
        envelopes: Vec<Envelope>,
    ) -> Result<(), LedgerError> {
        self.change(Change::Merge { introduced, envelopes }).await
    }

    /// Keeps a bulletin if it is higher than the one held.
    ///
    /// # Errors
    /// [`LedgerError`] when it is not properly signed.
    pub async fn keep_bulletin(&self, bulletin: Bulletin) -> Result<(), LedgerError> {
        self.change(Change::Bulletin(bulletin)).await
    }

    /// Notes what the authority holds.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn acknowledge(&self, places: BTreeMap<ChainId, Seq>) -> Result<(), LedgerError> {
        self.change(Change::Acknowledge(places)).await
    }

    /// Keeps index rows.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn keep_rows(&self, rows: Vec<Row>) -> Result<(), LedgerError> {
        self.change(Change::Rows(rows)).await
    }

    /// Index rows with `from <= key < until`, at most `limit`, in key order.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn rows(
        &self,
        from: Vec<u8>,
        until: Vec<u8>,
        limit: usize,
    ) -> Result<Vec<Row>, LedgerError> {
        self.ask(|reply| Question::Rows { from, until, limit, reply }).await
    }

    /// A chain's envelopes after a place, about `max_bytes` of them, with their author's membership.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn envelopes(
        &self,
        chain: ChainId,
        after: Seq,
        max_bytes: usize,
    ) -> Result<(Option<Membership>, Vec<Envelope>), LedgerError> {
        self.ask(|reply| Question::Envelopes { chain, after, max_bytes, reply }).await
    }

    /// A chain's visits after a place, about `limit` of them, and the place they reach.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn visits(
        &self,
        chain: ChainId,
        after: Seq,
        limit: usize,
    ) -> Result<(Vec<StoredVisit>, Seq), LedgerError> {
        self.ask(|reply| Question::Visits { chain, after, limit, reply }).await
    }

    /// The bulletins held, as they are passed on.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn bulletins(&self, kinds: Vec<BulletinKind>) -> Result<Vec<Bulletin>, LedgerError> {
        self.ask(|reply| Question::Bulletins { kinds, reply }).await
    }

    /// The bulletins held, opened.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn notices(&self) -> Result<Vec<Arc<Notice>>, LedgerError> {
        self.ask(Question::Notices).await
    }

    /// Everybody whose visits are or may come to be here; `None` where a membership never held.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn members(&self) -> Result<Vec<(PublicKey, Option<Member>)>, LedgerError> {
        self.ask(Question::Members).await
    }

    /// automerge's heads of a document: equal at two nodes when the documents are.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn document_heads(&self, id: DocumentId) -> Result<Vec<[u8; 32]>, LedgerError> {
        self.ask(|reply| Question::DocumentHeads(id, reply)).await
    }

    /// Bytes on disk.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn size_on_disk(&self) -> Result<u64, LedgerError> {
        self.ask(Question::Size).await
    }

    /// The heads of all chains and bulletins, as of the last commit.
    pub fn heads(&self) -> watch::Receiver<Arc<Heads>> {
        self.heads.clone()
    }

    /// What each commit made durable, from now on. A listener that lags reads anew.
    pub fn news(&self) -> broadcast::Receiver<Arc<Committed>> {
        self.news.subscribe()
    }

    /// Why the last commit failed, until one succeeds: a full or dying disk, for the screens.
    pub fn failure(&self) -> watch::Receiver<Option<String>> {
        self.failure.clone()
    }

    /// Ends the writer after what waits is written, and closes the store.
    pub async fn close(&self) {
        let (done, wait) = oneshot::channel();
        if self.requests.send(Request::Stop(done)).await.is_ok() {
            let _ = wait.await;
        }
    }

    async fn change(&self, change: Change) -> Result<(), LedgerError> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request::Write(change, reply)).await.map_err(|_| LedgerError::Closed)?;
        answer.await.map_err(|_| LedgerError::Closed)?
    }

    async fn ask<T>(&self, question: impl FnOnce(Reply<T>) -> Question) -> Result<T, LedgerError> {
        let (reply, answer) = oneshot::channel();
        self.requests
            .send(Request::Read(question(reply)))
            .await
            .map_err(|_| LedgerError::Closed)?;
        answer.await.map_err(|_| LedgerError::Closed)?
    }
}

/// What the store is opened with, and opened again with after a failure.
struct Place {
    path: PathBuf,
    durability: Durability,
    charter: Charter,
}

impl Place {
    fn open(&self) -> Result<Book, StoreError> {
        Book::open(Store::open(&self.path, self.durability)?, self.charter.clone())
    }
}

struct Writer {
    /// `None` after a failure, until the store could be opened again: sled does not get over an error of
    /// its disk, and what it holds in memory is then not what the disk has.
    book: Option<Book>,
    place: Place,
    queue: mpsc::Receiver<Request>,
    heads: watch::Sender<Arc<Heads>>,
    news: broadcast::Sender<Arc<Committed>>,
    clock: WallClock,
    failure: watch::Sender<Option<String>>,
}

impl Writer {
    fn run(mut self) {
        while let Some(first) = self.queue.blocking_recv() {
            self.open_again();
            let mut group = Vec::new();
            let mut next = Some(first);
            let mut stop = None;
            while let Some(request) = next {
                match request {
                    Request::Write(change, reply) => group.push((change, reply)),
                    Request::Read(question) => self.answer(question),
                    Request::Stop(done) => stop = Some(done),
                }
                next = if group.len() < GROUP_MAX && stop.is_none() {
                    self.queue.try_recv().ok()
                } else {
                    None
                };
            }
            self.commit(group);
            if let Some(done) = stop {
                drop(self.book); // closes sled before the caller goes on
                let _ = done.send(());
                return;
            }
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
                self.heads.send_replace(Arc::new(book.heads()));
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
    fn commit(&mut self, group: Vec<(Change, Reply<()>)>) {
        if group.is_empty() {
            return;
        }
        let Some(book) = &mut self.book else {
            let closed = || Err(LedgerError::Closed);
            group.into_iter().for_each(|(_, reply)| drop(reply.send(closed())));
            return;
        };
        let now = (self.clock)();
        let mut visits = Vec::new();
        let mut venue = None;
        let mut answers = Vec::new();
        for (change, reply) in group {
            let staged = match change {
                Change::Visit { day, number, visit, venue: of } => {
                    visits.push((day, number, *visit));
                    venue = Some(of);
                    Ok(())
                }
                other => stage(book, other, now),
            };
            answers.push((staged, reply));
        }
        let written = match venue {
            Some(venue) => book.write(visits, venue, now),
            None => Ok(()),
        };
        match written.and_then(|()| Ok(book.commit()?)) {
            Ok(committed) => self.announce(committed, answers),
            Err(error) => self.fail(error, answers),
        }
    }

    fn announce(&self, committed: Committed, answers: Vec<(Result<(), BookError>, Reply<()>)>) {
        self.failure.send_if_modified(|f| f.take().is_some());
        // Heads before answers: who was told "stored" sees it in the heads.
        if let Some(book) = &self.book {
            self.heads.send_replace(Arc::new(book.heads()));
        }
        if !committed.visits.is_empty() || !committed.bulletins.is_empty() {
            let _ = self.news.send(Arc::new(committed)); // nobody listening is fine
        }
        for (staged, reply) in answers {
            let _ = reply.send(staged.map_err(|e| LedgerError::Book(Arc::new(e))));
        }
    }

    /// Nothing of the group may be shown as durable: everyone is told. The store is closed; the next request
    /// finds it opened again, with what the disk then has. A visit of this group may be among it: it was
    /// never shown as recorded, and is not lost either.
    fn fail(&mut self, error: BookError, answers: Vec<(Result<(), BookError>, Reply<()>)>) {
        tracing::error!(%error, source = ?std::error::Error::source(&error), "ledger commit failed");
        self.failure.send_replace(Some(error.to_string()));
        self.book = None;
        let error = Arc::new(error);
        for (_, reply) in answers {
            let _ = reply.send(Err(LedgerError::Book(Arc::clone(&error))));
        }
    }

    fn answer(&mut self, question: Question) {
        let Some(book) = &mut self.book else { return }; // a dropped reply says "closed"
        match question {
            Question::Envelopes { chain, after, max_bytes, reply } => {
                let found = book.envelopes(chain, after, max_bytes);
                let author = book.membership(&chain.author).cloned();
                send(reply, found.map(|envelopes| (author, envelopes)));
            }
            Question::Visits { chain, after, limit, reply } => {
                send(reply, book.visits(chain, after, limit));
            }
            Question::Rows { from, until, limit, reply } => {
                send(reply, book.rows(&from, &until, limit).map_err(BookError::from));
            }
            Question::Bulletins { kinds, reply } => send(reply, Ok(book.bulletins(&kinds))),
            Question::Notices(reply) => send(reply, Ok(book.notices())),
            Question::Members(reply) => {
                let now = (self.clock)();
                send(reply, Ok(book.members(now)));
            }
            Question::DocumentHeads(id, reply) => send(reply, book.document_heads(id)),
            Question::Size(reply) => send(reply, Ok(book.size_on_disk())),
        }
    }
}

fn stage(book: &mut Book, change: Change, now: UnixMillis) -> Result<(), BookError> {
    match change {
        Change::Merge { introduced, envelopes } => book.merge(&introduced, envelopes, now),
        Change::Bulletin(bulletin) => book.keep_bulletin(bulletin).map(|_| ()),
        Change::Acknowledge(places) => {
            for (chain, seq) in places {
                book.acknowledge(chain, seq)?;
            }
            Ok(())
        }
        Change::Rows(rows) => Ok(book.keep_rows(&rows)?),
        Change::Visit { .. } => unreachable!("visits are gathered by the caller"),
    }
}

fn send<T>(reply: Reply<T>, answer: Result<T, BookError>) {
    let _ = reply.send(answer.map_err(|e| LedgerError::Book(Arc::new(e)))); // the asker may be gone
}
