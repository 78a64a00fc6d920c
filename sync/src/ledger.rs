//! The public face of a node's memory: one writer owns the book; everyone else asks it.
//!
//! Group commit: whatever waits while one fsync runs is written together with the next. A call that
//! writes returns only after its data would survive a power cut.

mod writer;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::{
    book::{Book, BookError, Charter, Committed, Evidence, Heads, Purged, Row},
    bulletin::{Bulletin, BulletinKind, Notice},
    document::DocumentId,
    envelope::Run,
    erasure::{Limit, Retention},
    id::{ChainId, PublicKey, RecordId, RecordNumber, Seq, VenueId},
    key::{SecretKey, Signed},
    membership::{Member, Membership, MembershipError},
    order::{Order, SignedOrder, Slot},
    record::{Receipt, Record, StoredRecord},
    store::{Durability, StoreError},
    tag::TagKey,
    time::{Day, UnixMillis},
    vault::{Believed, DayKey},
};
use writer::{Change, Place, Purge, Request, Writer};

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
    desk: WritersDesk,
    heads: watch::Receiver<Arc<Heads>>,
    news: broadcast::Sender<Arc<Committed>>,
    numbers: Arc<AtomicU64>,
    failure: watch::Receiver<Option<String>>,
    clock: WallClock,
}

/// How the writer is reached.
#[derive(Clone)]
enum WritersDesk {
    Thread(mpsc::Sender<Request>),
    /// At once, in the caller's task: for simulations, whose time must not run on while a thread works.
    #[cfg(feature = "simulation")]
    Inline(Arc<std::sync::Mutex<Option<Writer>>>),
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
    /// The writer has stopped, or its store is closed after a failure.
    #[error("the ledger is closed")]
    Closed,
    /// It was refused or failed; shared, as one commit may serve many.
    #[error("ledger: {0}")]
    Book(#[source] Arc<BookError>),
}

impl LedgerError {
    fn refused(error: impl Into<BookError>) -> Self {
        Self::Book(Arc::new(error.into()))
    }

    /// Whether the sender of the data is to blame.
    pub fn is_senders(&self) -> bool {
        matches!(self, Self::Book(e) if e.is_senders())
    }

    /// Whether the fault lies in what an author wrote or who the author is, rather than in how it was
    /// brought: who forwards it for another is not to blame.
    pub fn is_authors(&self) -> bool {
        matches!(self, Self::Book(e) if e.is_authors())
    }

    /// Whether all that is missing is the author's introduction, or one by the papers that it had when it wrote.
    pub fn is_stranger(&self) -> bool {
        use MembershipError::{Expired, NotYet};
        let missing = |e: &BookError| {
            matches!(e, BookError::Stranger(_) | BookError::Membership(NotYet(_) | Expired(_)))
        };
        matches!(self, Self::Book(e) if missing(e))
    }
}

impl Ledger {
    /// Opens the store in `path`, with its storage keys beside it ([`crate::store::Store::vault_of`]), and starts the
    /// writer thread.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be opened.
    pub fn open(
        path: &Path,
        charter: Charter,
        durability: Durability,
        clock: WallClock,
    ) -> Result<Self, StoreError> {
        let (requests, queue) = mpsc::channel(QUEUE_LEN);
        let desk = WritersDesk::Thread(requests);
        let (ledger, writer) = Self::with_writer(path, charter, durability, clock, desk)?;
        thread::Builder::new()
            .name("ledger".into())
            .spawn(move || writer.run(queue))
            .map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
        Ok(ledger)
    }

    /// Opens the store in `path` without a thread: every request runs in the caller's task.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be opened.
    #[cfg(feature = "simulation")]
    pub fn open_inline(
        path: &Path,
        charter: Charter,
        durability: Durability,
        clock: WallClock,
    ) -> Result<Self, StoreError> {
        let place = Arc::new(std::sync::Mutex::new(None));
        let desk = WritersDesk::Inline(Arc::clone(&place));
        let (ledger, writer) = Self::with_writer(path, charter, durability, clock, desk)?;
        *place.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(writer);
        Ok(ledger)
    }

    fn with_writer(
        path: &Path,
        charter: Charter,
        durability: Durability,
        clock: WallClock,
        desk: WritersDesk,
    ) -> Result<(Self, Writer), StoreError> {
        let place = Place {
            path: path.to_owned(),
            durability,
            charter: charter.clone(),
            limit: None,
            secured: None,
            asked: BTreeMap::new(),
            ratchet: None,
        };
        let book = place.open()?;
        let numbers = Arc::new(AtomicU64::new(1));
        let (heads_out, heads) = watch::channel(Arc::new(book.heads().clone()));
        let (news, _) = broadcast::channel(NEWS_LEN);
        let (failure_out, failure) = watch::channel(None);
        let writer = Writer {
            book: Some(book),
            place,
            heads: heads_out,
            news: news.clone(),
            clock: Arc::clone(&clock),
            failure: failure_out,
            numbers: Arc::clone(&numbers),
        };
        let charter = Arc::new(charter);
        Ok((Self { charter, desk, heads, news, numbers, failure, clock }, writer))
    }

    /// What the node is and trusts.
    pub fn charter(&self) -> &Charter {
        &self.charter
    }

    /// A fresh record's name: a sealed identity is bound to it, so it is needed before the record is.
    pub fn name(&self, day: Day) -> RecordId {
        self.name_in(self.charter.chain(day))
    }

    /// A fresh name in the manager's chain of this start.
    pub fn name_for(&self, manager: &PublicKey) -> RecordId {
        self.name_in(ChainId { author: *manager, ..self.charter.chain(Day::STANDING) })
    }

    fn name_in(&self, chain: ChainId) -> RecordId {
        let number = RecordNumber::new(self.numbers.fetch_add(1, Ordering::Relaxed));
        RecordId { chain, number }
    }

    /// Writes an own record; returns when it is durable.
    ///
    /// # Errors
    /// [`LedgerError`]: then it must not be shown as recorded.
    pub async fn record(
        &self,
        id: RecordId,
        venue: VenueId,
        record: Record,
    ) -> Result<(), LedgerError> {
        self.change(Change::Record { id, record: Box::new(record), venue, manager: None }).await
    }

    /// Writes a record in the manager's name, under a name of [`Ledger::name_for`]; returns when it is durable.
    ///
    /// # Errors
    /// [`LedgerError`]: then it must not be shown as recorded.
    pub async fn record_as(
        &self,
        manager: &SecretKey,
        id: RecordId,
        venue: VenueId,
        record: Record,
    ) -> Result<(), LedgerError> {
        let (record, manager) = (Box::new(record), Some(manager.clone()));
        self.change(Change::Record { id, record, venue, manager }).await
    }

    /// Takes a run of another's; returns when it is durable. What is already held is passed over. The signature is
    /// checked here, in the caller's task, not by the writer.
    ///
    /// # Errors
    /// [`LedgerError`] when it is refused.
    pub async fn merge(&self, introduced: Vec<Membership>, run: Run) -> Result<(), LedgerError> {
        let run = run.check((self.clock)()).map_err(LedgerError::refused)?;
        self.change(Change::Merge { introduced, run }).await
    }

    /// Keeps somebody's papers, if they hold.
    ///
    /// # Errors
    /// [`LedgerError`] when the disk fails.
    pub async fn introduce(&self, papers: Vec<Membership>) -> Result<(), LedgerError> {
        self.change(Change::Introduce(papers)).await
    }

    /// Keeps a bulletin if it is higher than the one held.
    ///
    /// # Errors
    /// [`LedgerError`] when it is not properly signed.
    pub async fn keep_bulletin(&self, bulletin: Bulletin) -> Result<(), LedgerError> {
        self.change(Change::Bulletin(bulletin)).await
    }

    /// Keeps an order about a venue that is kept here.
    ///
    /// # Errors
    /// [`LedgerError`] when it is not properly signed.
    pub async fn keep_order(&self, order: SignedOrder) -> Result<(), LedgerError> {
        self.change(Change::Order(order)).await
    }

    /// Notes what the authority holds.
    ///
    /// # Errors
    /// [`LedgerError`] when a receipt is not the authority's; those before it are kept.
    pub async fn acknowledge(&self, receipts: Vec<Signed<Receipt>>) -> Result<(), LedgerError> {
        self.change(Change::Receipts(receipts)).await
    }

    /// Keeps index rows.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn keep_rows(&self, rows: Vec<Row>) -> Result<(), LedgerError> {
        self.change(Change::Rows(rows)).await
    }

    /// The values of the index rows of these chains' lots under `whose`, in no order that means anything. Chains of
    /// one day are one lot, whose rows come once.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn rows_of(
        &self,
        chains: Vec<ChainId>,
        whose: Vec<u8>,
    ) -> Result<Vec<Vec<u8>>, LedgerError> {
        self.ask(move |book, _| Ok(book.rows_of(&chains, &whose)?)).await
    }

    /// Lasting index rows with `from <= key < until`, at most `limit`, in key order.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn rows(
        &self,
        from: Vec<u8>,
        until: Vec<u8>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, LedgerError> {
        self.ask(move |book, _| Ok(book.rows(&from, &until, limit)?)).await
    }

    /// A chain's envelopes after a place as one run, about `max_bytes` of them, with the papers that their author had
    /// then.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn run(
        &self,
        chain: ChainId,
        after: Seq,
        max_bytes: usize,
    ) -> Result<(Option<Membership>, Option<Run>), LedgerError> {
        self.ask(move |book, now| {
            let run = book.run(chain, after, max_bytes)?;
            let written = run.as_ref().and_then(|run| run.links.last()).map(|link| link.made_at);
            Ok((book.membership(&chain, written.unwrap_or(now)).cloned(), run))
        })
        .await
    }

    /// A chain's records after a place, about `limit` of them, and the place they reach.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn records(
        &self,
        chain: ChainId,
        after: Seq,
        limit: usize,
    ) -> Result<(Vec<StoredRecord>, Seq), LedgerError> {
        self.ask(move |book, _| book.records(chain, after, limit)).await
    }

    /// The bulletins held, as they are passed on.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn bulletins(&self, kinds: Vec<BulletinKind>) -> Result<Vec<Bulletin>, LedgerError> {
        self.ask(move |book, _| Ok(book.bulletins(&kinds))).await
    }

    /// The bulletins held, opened.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn notices(&self) -> Result<Vec<Arc<Notice>>, LedgerError> {
        self.ask(|book, _| Ok(book.notices())).await
    }

    /// A venue's orders, opened.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn orders(&self, venue: VenueId) -> Result<Vec<Arc<Order>>, LedgerError> {
        self.ask(move |book, _| Ok(book.orders(venue))).await
    }

    /// A venue's orders in these slots, as they are passed on.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn signed_orders(
        &self,
        venue: VenueId,
        slots: Vec<Slot>,
    ) -> Result<Vec<SignedOrder>, LedgerError> {
        self.ask(move |book, _| Ok(book.signed_orders(venue, &slots))).await
    }

    /// The latest time at which the authority has countersigned something held here.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn countersigned_at(&self) -> Result<Option<UnixMillis>, LedgerError> {
        self.ask(move |book, _| Ok(book.countersigned_at())).await
    }

    /// The receipts held for these chains, with the papers of who signed them.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn receipts(
        &self,
        chains: Vec<ChainId>,
    ) -> Result<(Vec<Membership>, Vec<Signed<Receipt>>), LedgerError> {
        self.ask(move |book, now| Ok(book.receipts(&chains, now))).await
    }

    /// What the authority has said of these chains: up to where it holds them, and when it said so.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn said(&self, chains: Vec<ChainId>) -> Result<Vec<Receipt>, LedgerError> {
        self.ask(move |book, _| Ok(book.said(&chains))).await
    }

    /// The papers of everybody who belongs to a venue, and of the authority's nodes.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn papers(&self, venue: VenueId) -> Result<Vec<Membership>, LedgerError> {
        self.ask(move |book, _| Ok(book.papers(venue))).await
    }

    /// The storage key of a day, where there is one: for bundles among the venue's doors.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn day_key(&self, day: Day) -> Result<Option<DayKey>, LedgerError> {
        self.ask(move |book, _| Ok(book.day_key(day))).await
    }

    /// Second histories that somebody signed.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn evidence(&self) -> Result<Vec<Evidence>, LedgerError> {
        self.ask(|book, _| Ok(book.evidence()?)).await
    }

    /// Everybody whose records are or may come to be here; `None` where a membership never held.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn members(&self) -> Result<Vec<(PublicKey, Option<Member>)>, LedgerError> {
        self.ask(|book, now| Ok(book.members(now))).await
    }

    /// automerge's heads of a document: equal at two nodes when the documents are.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn document_heads(&self, id: DocumentId) -> Result<Vec<[u8; 32]>, LedgerError> {
        self.ask(move |book, _| book.document_heads(id)).await
    }

    /// Bytes on disk.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn size_on_disk(&self) -> Result<u64, LedgerError> {
        self.ask(|book, _| Ok(book.size_on_disk())).await
    }

    /// What is taken from others by its day from now on; at first only what was destroyed here is refused.
    ///
    /// # Errors
    /// [`LedgerError::Closed`].
    pub async fn set_limit(&self, limit: Limit) -> Result<(), LedgerError> {
        self.request(Request::Limit(limit)).await
    }

    /// From now on the authority's receipts speak only of what is safe beyond this node: up to these places of these
    /// chains. For nodes of the authority that share a store; to be said again at each start.
    ///
    /// # Errors
    /// [`LedgerError::Closed`].
    pub async fn secure(&self, places: BTreeMap<ChainId, Seq>) -> Result<(), LedgerError> {
        let (reply, answer) = oneshot::channel();
        self.request(Request::Secure(places, reply)).await?;
        answer.await.map_err(|_| LedgerError::Closed)
    }

    /// So many tracing questions have looked into these venues: the authority's receipts say so from now on. To be said
    /// again at each start.
    ///
    /// # Errors
    /// [`LedgerError::Closed`].
    pub async fn note_asked(&self, asked: BTreeMap<VenueId, u64>) -> Result<(), LedgerError> {
        self.request(Request::Asked(asked)).await
    }

    /// What is known of the passing days, as it was kept last.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn retention(&self) -> Result<Retention, LedgerError> {
        self.ask(|book, _| Ok(book.retention()?)).await
    }

    /// Keeps what is known of the passing days.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn keep_retention(&self, retention: Retention) -> Result<(), LedgerError> {
        self.change(Change::Retention(retention)).await
    }

    /// From now on the storage keys of new days are made of this ratchet, as at the venue's other doors; without one
    /// they are random. To be called before anything is written, and whenever the ratchet has moved.
    ///
    /// # Errors
    /// [`LedgerError::Closed`].
    pub async fn turn(&self, ratchet: TagKey) -> Result<(), LedgerError> {
        self.request(Request::Turn(ratchet)).await
    }

    /// Destroys what is older than `first`: records what nobody has of it, destroys the storage keys, and takes the
    /// rows out that cannot be read any more. `today` is the day that is believed: undated chains are as old as the
    /// first such day on which they were here. A power cut in the middle is gone on from at the next opening.
    ///
    /// # Errors
    /// [`LedgerError`]; the store is opened again then and finds what was destroyed gone.
    pub async fn purge(
        &self,
        first: Day,
        today: Day,
        believed: Believed,
    ) -> Result<Purged, LedgerError> {
        let (reply, answer) = oneshot::channel();
        self.request(Request::Purge(Purge { first, today, believed }, reply)).await?;
        let purged = answer.await.map_err(|_| LedgerError::Closed)??;
        loop {
            let (reply, answer) = oneshot::channel();
            self.request(Request::Sweep(reply)).await?;
            if answer.await.map_err(|_| LedgerError::Closed)?? {
                return Ok(purged);
            }
        }
    }

    /// The first day that is not destroyed for good; `None` when nothing ever was.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn floor(&self) -> Result<Option<Day>, LedgerError> {
        self.ask(|book, _| Ok(book.floor())).await
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
        if self.request(Request::Stop(done)).await.is_ok() {
            let _ = wait.await;
        }
    }

    async fn change(&self, change: Change) -> Result<(), LedgerError> {
        let (reply, answer) = oneshot::channel();
        self.request(Request::Write(change, reply)).await?;
        answer.await.map_err(|_| LedgerError::Closed)?
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Book, UnixMillis) -> Result<T, BookError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (reply, answer) = oneshot::channel();
        let question = Box::new(move |book: &mut Book, now| {
            let _ = reply.send(question(book, now)); // the asker may be gone
        });
        self.request(Request::Read(question)).await?;
        answer.await.map_err(|_| LedgerError::Closed)?.map_err(LedgerError::refused)
    }

    async fn request(&self, request: Request) -> Result<(), LedgerError> {
        match &self.desk {
            WritersDesk::Thread(queue) => {
                queue.send(request).await.map_err(|_| LedgerError::Closed)
            }
            #[cfg(feature = "simulation")]
            WritersDesk::Inline(place) => {
                let mut place = place.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let writer = place.as_mut().ok_or(LedgerError::Closed)?;
                match request {
                    Request::Stop(done) => {
                        *place = None;
                        let _ = done.send(());
                    }
                    other => writer.serve(other),
                }
                Ok(())
            }
        }
    }
}
