//! A node with its peers, and a clock that can be moved on.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use sync::{
    book::Charter,
    ledger::{Ledger, WallClock},
    peers::{Peers, PeersConfig},
    store::Durability,
    time::UnixMillis,
};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// When the benchmark plays: eight in the morning of a day.
const START: i64 = 1_789_977_600_000 + 8 * 3_600_000;

/// A clock that runs as the real one does, and can be moved on.
#[derive(Clone)]
pub(crate) struct Clock {
    began: Instant,
    skipped: Arc<AtomicI64>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), skipped: Arc::default() }
    }

    pub(crate) fn now(&self) -> UnixMillis {
        let runs = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        UnixMillis::new(START + runs + self.skipped.load(Relaxed))
    }

    pub(crate) fn skip(&self, millis: i64) {
        self.skipped.fetch_add(millis, Relaxed);
    }

    pub(crate) fn wall(&self) -> WallClock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

/// A ledger in a folder, and its peers once started.
pub(crate) struct Node {
    pub(crate) ledger: Ledger,
    pub(crate) clock: Clock,
    peers: Option<Peers>,
    shutdown: CancellationToken,
    _folder: Option<TempDir>,
}

impl Node {
    /// A new one in a folder of its own.
    pub(crate) fn new(charter: Charter, durability: Durability, clock: &Clock) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut node = Self::at(&folder.path().join("ledger"), charter, durability, clock);
        node._folder = Some(folder);
        node
    }

    pub(crate) fn at(path: &Path, charter: Charter, durability: Durability, clock: &Clock) -> Self {
        let ledger = Ledger::open(path, charter, durability, clock.wall()).expect("a ledger");
        let shutdown = CancellationToken::new();
        Self { ledger, clock: clock.clone(), peers: None, shutdown, _folder: None }
    }

    /// Listens; returns where.
    pub(crate) async fn listen(&mut self) -> SocketAddr {
        let any = "127.0.0.1:0".parse().expect("an address");
        self.start(vec![any], Vec::new()).await;
        self.peers.as_ref().map(|p| p.addresses()[0]).expect("an address")
    }

    pub(crate) async fn call(&mut self, address: SocketAddr) {
        self.start(Vec::new(), vec![address.to_string()]).await;
    }

    async fn start(&mut self, listen: Vec<SocketAddr>, dial: Vec<String>) {
        let config = PeersConfig { listen, dial, ..PeersConfig::default() };
        let (ledger, clock) = (self.ledger.clone(), self.clock.wall());
        let peers = Peers::start(ledger, config, clock, self.shutdown.clone()).await;
        self.peers = Some(peers.expect("peers"));
    }

    /// Leaves its peers; may call again.
    pub(crate) async fn hang_up(&mut self) {
        std::mem::take(&mut self.shutdown).cancel();
        if let Some(peers) = self.peers.take() {
            peers.stopped().await;
        }
    }

    pub(crate) async fn stop(mut self) {
        self.hang_up().await;
        self.ledger.close().await;
    }

    /// How many records it holds.
    pub(crate) fn held(&self) -> u64 {
        self.ledger.heads().borrow().chains().map(|(_, head)| head.records).sum()
    }

    /// Waits until it holds so many.
    pub(crate) async fn holds(&self, records: u64) {
        let patience = Instant::now() + Duration::from_secs(300);
        while self.held() < records {
            assert!(Instant::now() < patience, "{} of {records} after five minutes", self.held());
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until it has an open session.
    pub(crate) async fn is_up(&self) {
        let status = self.peers.as_ref().expect("peers").status();
        while status.borrow().up() == 0 {
            sleep(Duration::from_millis(5)).await;
        }
    }
}
