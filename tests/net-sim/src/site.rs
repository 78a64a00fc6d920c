//! One simulated machine: its folder, its clock, and what runs on it while it is not crashed.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    fs, io,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use futures::FutureExt;
use sync::{
    book::{Head, Heads},
    id::{ChainId, EntranceId, PublicKey, RecordId, Seq, Tag, VenueId, ZoneId},
    ledger::{Ledger, LedgerError, WallClock},
    peers::{Peers, PeersConfig},
    record::{ClockTrust, Decider, PlaceTaken, Record, Status, Visit, VisitKind},
    status::{Link, PeersStatus},
    store::Durability,
    time::{DAY_MILLIS, Day, UnixMillis},
};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{network::Network, papers, wires::Wires};

/// Where every machine listens.
pub(crate) const PORT: u16 = 4810;

/// So many seconds in milliseconds.
pub const fn seconds(n: i64) -> i64 {
    n * 1000
}

/// So many minutes in milliseconds.
pub const fn minutes(n: i64) -> i64 {
    n * 60_000
}

/// The ledger's calls are done when they return: it has no thread.
pub(crate) fn at_once<T>(call: impl Future<Output = Result<T, LedgerError>>) -> T {
    call.now_or_never().expect("the ledger runs in the caller").expect("the ledger does its work")
}

struct Running {
    ledger: Ledger,
    heads: watch::Receiver<Arc<Heads>>,
    status: watch::Receiver<PeersStatus>,
}

struct Backup {
    folder: TempDir,
    held: BTreeSet<RecordId>,
}

pub(crate) struct Site {
    pub(crate) name: String,
    pub(crate) venue: Option<VenueId>,
    number: u16,
    dial: Vec<String>,
    folder: TempDir,
    pub(crate) wires: Wires,
    now: Arc<AtomicI64>,
    skew: Arc<AtomicI64>,
    starts: Cell<u8>,
    running: RefCell<Option<Running>>,
    backup: RefCell<Option<Backup>>,
    /// What its disk held when it was last crashed.
    at_rest: RefCell<BTreeSet<RecordId>>,
}

impl Site {
    pub(crate) fn new(
        number: u16,
        venue: Option<VenueId>,
        dial: Vec<String>,
        now: Arc<AtomicI64>,
    ) -> io::Result<Self> {
        Ok(Self {
            name: name(number),
            venue,
            number,
            dial,
            folder: tempfile::tempdir()?,
            wires: Wires::default(),
            now,
            skew: Arc::default(),
            starts: Cell::new(0),
            running: RefCell::default(),
            backup: RefCell::default(),
            at_rest: RefCell::default(),
        })
    }

    pub(crate) fn key(&self) -> PublicKey {
        papers::key(self.number).public()
    }

    fn clock(&self) -> WallClock {
        let (now, skew) = (Arc::clone(&self.now), Arc::clone(&self.skew));
        Arc::new(move || {
            UnixMillis::new(now.load(Ordering::Relaxed) + skew.load(Ordering::Relaxed))
        })
    }

    /// The machine's program: opens the store under a new epoch and goes among its peers, for ever.
    pub(crate) async fn live(self: Rc<Self>) -> turmoil::Result {
        self.starts.set(self.starts.get() + 1);
        let charter = papers::charter(self.number, self.venue, self.starts.get());
        let path = self.folder.path().join("ledger");
        let ledger = Ledger::open_inline(&path, charter, Durability::Volatile, self.clock())?;
        let config = PeersConfig {
            listen: vec![SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), PORT)],
            dial: self.dial.clone(),
            ..PeersConfig::default()
        };
        let shutdown = CancellationToken::new();
        let over = Network::new(self.wires.clone());
        let peers = Peers::start_over(ledger.clone(), config, self.clock(), shutdown, over).await?;
        let (heads, status) = (ledger.heads(), peers.status());
        self.running.replace(Some(Running { ledger, heads, status }));
        peers.stopped().await;
        Err(format!("the peers of {} stopped by themselves", self.name).into())
    }

    /// After its program was ended: what was in memory is gone.
    pub(crate) fn crashed(&self) {
        self.at_rest.replace(self.held());
        self.running.replace(None);
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running.borrow().is_some()
    }

    pub(crate) fn set_skew(&self, millis: i64) {
        self.skew.store(millis, Ordering::Relaxed);
    }

    /// Records visits as a desk does; they were shown as recorded when this returns. None while it is down.
    pub(crate) fn record(&self, count: u64) -> Vec<RecordId> {
        let (running, at) = (self.running.borrow(), self.clock()());
        let (Some(running), Some(venue)) = (&*running, self.venue) else {
            return Vec::new();
        };
        let day = Day::new(i32::try_from(at.get() / DAY_MILLIS).expect("a day of our time"));
        let record_one = |_| {
            let id = running.ledger.name(day);
            at_once(running.ledger.record(id, venue, Record::Visit(visit(at))));
            id
        };
        (0..count).map(record_one).collect()
    }

    /// Where each chain stands here; nothing while the machine is down.
    pub(crate) fn chains(&self) -> BTreeMap<ChainId, Head> {
        let of =
            |running: &Running| running.heads.borrow().chains().map(|(c, h)| (*c, *h)).collect();
        self.running.borrow().as_ref().map_or_else(BTreeMap::new, of)
    }

    /// How many visits wait for the authority's receipt, as far as it knows.
    pub(crate) fn pending(&self) -> u64 {
        self.running.borrow().as_ref().map_or(0, |running| running.heads.borrow().pending())
    }

    /// Every visit on its disk.
    pub(crate) fn held(&self) -> BTreeSet<RecordId> {
        let Some(running) = &*self.running.borrow() else {
            return self.at_rest.borrow().clone();
        };
        let all = |chain| at_once(running.ledger.records(chain, Seq::default(), usize::MAX)).0;
        self.chains().into_keys().flat_map(all).map(|record| record.id).collect()
    }

    /// Whether it takes the peer for present.
    pub(crate) fn sees(&self, peer: PublicKey) -> bool {
        let is_up = |running: &Running| {
            let status = running.status.borrow();
            status.peers.iter().any(|p| p.node == Some(peer) && p.link == Link::Up)
        };
        self.running.borrow().as_ref().is_some_and(is_up)
    }

    /// How it sees all its peers, in words for a failed story.
    pub(crate) fn view(&self) -> String {
        let words = |r: &Running| format!("{:?}", r.status.borrow().peers);
        self.running.borrow().as_ref().map_or("down".into(), words)
    }

    /// What has changed since the last call, in one line each.
    pub(crate) fn news(&self) -> Vec<String> {
        let mut news = Vec::new();
        if let Some(running) = &mut *self.running.borrow_mut() {
            if running.heads.has_changed().unwrap_or(false) {
                let heads = running.heads.borrow_and_update();
                let of = |(chain, h): (&ChainId, &Head)| {
                    let (author, start) = (chain.author.as_bytes(), chain.epoch.as_bytes()[0]);
                    let day = chain.day.get();
                    format!(
                        "{:02x}{:02x}/{start}/{day}:{}-{}",
                        author[0], author[1], h.seq, h.acknowledged
                    )
                };
                news.push(heads.chains().map(of).collect::<Vec<_>>().join(" "));
            }
            if running.status.has_changed().unwrap_or(false) {
                let status = running.status.borrow_and_update();
                news.extend(status.peers.iter().map(|p| format!("{} {:?}", p.title, p.link)));
            }
        }
        news
    }

    /// Copies the disk of a machine that is down.
    pub(crate) fn back_up(&self) -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        copy(self.folder.path(), folder.path())?;
        self.backup.replace(Some(Backup { folder, held: self.held() }));
        Ok(())
    }

    /// Puts the copied disk back, while the machine is down; returns what only the disk that is gone held,
    /// among this machine's copies. Nothing happens without a backup.
    pub(crate) fn restore(&self) -> io::Result<BTreeSet<RecordId>> {
        let backup = self.backup.borrow();
        let Some(backup) = &*backup else { return Ok(BTreeSet::new()) };
        fs::remove_dir_all(self.folder.path())?;
        copy(backup.folder.path(), self.folder.path())?;
        let before = self.at_rest.replace(backup.held.clone());
        Ok(before.difference(&backup.held).copied().collect())
    }
}

pub(crate) fn name(number: u16) -> String {
    format!("machine-{number}")
}

/// With its modes: where keys lie the store looks at them.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn visit(at: UnixMillis) -> Visit {
    Visit {
        at,
        clock: ClockTrust::Trusted,
        entrance: EntranceId::new(1),
        kind: VisitKind::Entry,
        status: Status::Green,
        reason: None,
        decider: Decider::Verdict,
        tag: Tag::new([7; 16]),
        sealed: None,
        zone: ZoneId::default(),
        place: PlaceTaken::One,
        marks: Vec::new(),
        temperature: None,
    }
}
