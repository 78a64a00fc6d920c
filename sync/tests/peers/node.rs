//! One node of the tests: a ledger in its own folder, a membership, and its peers task.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use sync::{
    book::{Charter, Keeps},
    id::{EntranceId, Epoch, RegionId, Tag, VenueId, ZoneId},
    key::{SecretKey, Signed},
    ledger::{Ledger, WallClock},
    membership::{DoorGrant, Membership, VenueGrant},
    peers::{Limits, Peers, PeersConfig},
    record::{ClockTrust, Decider, Direction, PlaceTaken, Record, Status, Visit, VisitKind},
    status::{Link, PeerStatus},
    store::Durability,
    time::{Day, UnixMillis},
};
use tempfile::TempDir;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const VENUE: VenueId = VenueId::new(17);
const DAY: Day = Day::new(20_717);
pub(crate) const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

pub(crate) fn key(seed: u8) -> SecretKey {
    SecretKey::from_bytes(&[seed; 32])
}

/// A door's membership of `venue`.
fn paper(node: &SecretKey, venue: VenueId) -> Membership {
    let (root, manager) = (key(101), key(102));
    let (not_before, not_after) = (NOON.plus_millis(-1), NOON.plus_millis(400 * 86_400_000));
    let venue_grant = VenueGrant {
        region: RegionId::new(1),
        venue,
        name: "V".into(),
        zone: "UTC".into(),
        manager: manager.public(),
        capacity: None,
        not_before,
        not_after,
        doors: None,
        activity: None,
        area: None,
    };
    let door = DoorGrant {
        venue,
        entrance: EntranceId::new(1),
        name: "A".into(),
        direction: Direction::Both,
        node: node.public(),
        not_before,
        not_after,
    };
    Membership::Door {
        venue: Signed::seal(&venue_grant, &root),
        door: Signed::seal(&door, &manager),
    }
}

/// A clock that runs `pace` times as fast as the machine's, and can be set forward.
#[derive(Clone)]
pub(crate) struct Clock {
    begun: Instant,
    pace: u32,
    ahead: Arc<AtomicI64>,
}

impl Clock {
    pub(crate) fn of_pace(pace: u32) -> Self {
        Self { begun: Instant::now(), pace, ahead: Arc::default() }
    }

    pub(crate) fn forward(&self, by: Duration) {
        self.ahead.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.wall()()
    }

    fn wall(&self) -> WallClock {
        let clock = self.clone();
        Arc::new(move || {
            let passed = (clock.begun.elapsed() * clock.pace).as_millis();
            let ahead = clock.ahead.load(Ordering::SeqCst);
            NOON.plus_millis(i64::try_from(passed).unwrap() + ahead)
        })
    }
}

/// The node.
pub(crate) struct Node {
    pub(crate) ledger: Ledger,
    pub(crate) key: SecretKey,
    pub(crate) clock: Clock,
    _folder: TempDir,
    running: Option<(Peers, CancellationToken)>,
}

/// A configuration on loopback that calls these.
pub(crate) fn calling(dial: &[String]) -> PeersConfig {
    PeersConfig {
        listen: vec!["127.0.0.1:0".parse().unwrap()],
        dial: dial.to_vec(),
        ..PeersConfig::default()
    }
}

impl Node {
    pub(crate) fn new(seed: u8) -> Self {
        Self::with_clock(seed, Clock::of_pace(1))
    }

    pub(crate) fn with_clock(seed: u8, clock: Clock) -> Self {
        Self::of_venue(seed, VENUE, clock)
    }

    pub(crate) fn of_venue(seed: u8, venue: VenueId, clock: Clock) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let charter = Charter {
            key: key(seed),
            membership: paper(&key(seed), venue),
            region: RegionId::new(1),
            roots: sync::roots::Roots::new(vec![key(101).public()], 1),
            keeps: Keeps::Venue(venue),
            epoch: Epoch::new([seed; 8]),
        };
        let path = folder.path().join("ledger");
        let ledger = Ledger::open(&path, charter, Durability::Volatile, clock.wall()).unwrap();
        Self { ledger, key: key(seed), clock, _folder: folder, running: None }
    }

    pub(crate) async fn start(&mut self, config: PeersConfig) -> SocketAddr {
        let stop = CancellationToken::new();
        let peers = Peers::start(self.ledger.clone(), config, self.clock.wall(), stop.clone());
        self.run(peers.await.unwrap(), stop)
    }

    #[cfg(feature = "simulation")]
    pub(crate) async fn start_over<T>(&mut self, config: PeersConfig, raw: T) -> SocketAddr
    where
        T: libp2p::Transport + Send + Unpin + 'static,
        T::Output: futures::AsyncRead + futures::AsyncWrite + Send + Unpin + 'static,
        T::Error: Send + Sync + 'static,
        T::Dial: Send + 'static,
        T::ListenerUpgrade: Send + 'static,
    {
        let stop = CancellationToken::new();
        let (ledger, clock) = (self.ledger.clone(), self.clock.wall());
        let peers = Peers::start_over(ledger, config, clock, stop.clone(), raw);
        self.run(peers.await.unwrap(), stop)
    }

    fn run(&mut self, peers: Peers, stop: CancellationToken) -> SocketAddr {
        let address = peers.addresses()[0];
        self.running = Some((peers, stop));
        address
    }

    /// The port is free again when this returns.
    pub(crate) async fn stop(&mut self) {
        let (peers, stop) = self.running.take().unwrap();
        stop.cancel();
        peers.stopped().await;
    }

    pub(crate) fn peers(&self) -> &Peers {
        &self.running.as_ref().unwrap().0
    }

    pub(crate) async fn record(&self, count: usize) {
        for _ in 0..count {
            let visit = Visit {
                at: NOON,
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
            };
            let id = self.ledger.name(DAY);
            self.ledger.record(id, VENUE, Record::Visit(visit)).await.unwrap();
        }
    }

    pub(crate) fn held(&self) -> u64 {
        self.ledger.heads().borrow().chains().map(|(_, h)| h.visits).sum()
    }

    pub(crate) fn statuses(&self) -> Vec<PeerStatus> {
        self.peers().status().borrow().peers.clone()
    }

    pub(crate) fn up(&self) -> usize {
        self.peers().status().borrow().up()
    }

    /// Why the only peer is not there.
    pub(crate) fn reason(&self) -> String {
        match self.statuses().first().map(|s| s.link.clone()) {
            Some(Link::Down { reason }) => reason,
            Some(Link::Refused { word }) => format!("refused: {word}"),
            Some(Link::Up) => "up".into(),
            None => "nobody".into(),
        }
    }
}

/// Bounds with short waits.
pub(crate) fn hasty() -> Limits {
    Limits { answer: Duration::from_millis(700), ..Limits::default() }
}

/// Waits until it is so; fails after 20 s with what was waited for.
pub(crate) async fn until(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !so() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) async fn a_while(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}
