//! The people of these tests: honest doors, and authors who write what they like.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use sync::{
    book::Charter,
    envelope::{Header, Item, Link, Run, digest},
    id::{ChainId, EntranceId, Epoch, Hash, RecordNumber, Segment, Seq, Tag, ZoneId},
    key::SecretKey,
    ledger::Ledger,
    peers::{Limits, Peers, PeersConfig},
    record::{ClockTrust, Decider, PlaceTaken, Record, Status, Visit, VisitKind},
    sample::{self, VENUE},
    store::Durability,
    time::{Day, UnixMillis},
};
use tempfile::TempDir;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(crate) const DAY: Day = Day::new(20_717);
pub(crate) const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

pub(crate) fn visit() -> Record {
    Record::Visit(Visit {
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
    })
}

/// An honest node: a ledger in a folder of its own, and its peers task.
pub(crate) struct Door {
    pub(crate) ledger: Ledger,
    _folder: TempDir,
    running: Option<(Peers, CancellationToken)>,
}

impl Door {
    pub(crate) fn new(seed: u8) -> Self {
        Self::of(sample::door(seed, 1))
    }

    pub(crate) fn of(charter: Charter) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger");
        let ledger = Ledger::open(&path, charter, Durability::Volatile, Arc::new(|| NOON)).unwrap();
        Self { ledger, _folder: folder, running: None }
    }

    /// Listens on loopback and calls these. The pace is not bounded, so that floods are over soon.
    pub(crate) async fn start(&mut self, dial: &[SocketAddr]) -> SocketAddr {
        let limits = Limits {
            requests_per_second: 1_000_000,
            bytes_per_second: 1 << 30,
            ..Limits::default()
        };
        let config = PeersConfig {
            listen: vec!["127.0.0.1:0".parse().unwrap()],
            dial: dial.iter().map(ToString::to_string).collect(),
            limits,
            ..PeersConfig::default()
        };
        let stop = CancellationToken::new();
        let peers = Peers::start(self.ledger.clone(), config, Arc::new(|| NOON), stop.clone());
        let peers = peers.await.unwrap();
        let address = peers.addresses()[0];
        self.running = Some((peers, stop));
        address
    }

    pub(crate) async fn stop(&mut self) {
        if let Some((peers, stop)) = self.running.take() {
            stop.cancel();
            peers.stopped().await;
        }
        self.ledger.close().await;
    }

    pub(crate) fn up(&self) -> usize {
        self.running.as_ref().unwrap().0.status().borrow().up()
    }

    pub(crate) async fn record(&self, count: usize) {
        for _ in 0..count {
            self.ledger.record(self.ledger.name(DAY), VENUE, visit()).await.unwrap();
        }
    }

    /// Visits held of one author.
    pub(crate) fn held_of(&self, author: u8) -> u64 {
        let author = key(author).public();
        let heads = self.ledger.heads();
        let heads = heads.borrow();
        heads.chains().filter(|(c, _)| c.author == author).map(|(_, h)| h.visits).sum()
    }

    /// Visits that the authority is not known to hold.
    pub(crate) fn pending(&self) -> u64 {
        self.ledger.heads().borrow().chains().map(|(_, h)| h.pending).sum()
    }
}

/// The key of `sample`'s node of this seed.
pub(crate) fn key(seed: u8) -> SecretKey {
    SecretKey::from_bytes(&[seed; 32])
}

/// One who writes a chain by hand.
#[derive(Clone)]
pub(crate) struct Author {
    pub(crate) key: SecretKey,
    pub(crate) chain: ChainId,
    pub(crate) made_at: UnixMillis,
    seq: u64,
    previous: Hash,
    number: u64,
}

impl Author {
    pub(crate) fn new(seed: u8, epoch: u64) -> Self {
        let key = key(seed);
        let epoch = Epoch::new(epoch.to_be_bytes());
        let chain = ChainId { author: key.public(), epoch, day: DAY };
        Self { key, chain, made_at: NOON, seq: 0, previous: Hash::ZERO, number: 0 }
    }

    /// Goes on where a place that nobody will ever have seen ends.
    pub(crate) fn after_a_gap(mut self) -> Self {
        (self.seq, self.previous) = (9, Hash::new([9; 32]));
        self
    }

    /// The next envelopes: of each the segment and how many visits.
    pub(crate) fn write(&mut self, envelopes: &[(u16, usize)]) -> Run {
        let group = |&(segment, visits): &(u16, usize)| {
            (segment, (0..visits).map(|_| visit().to_bytes()).collect())
        };
        self.write_raw(envelopes.iter().map(group).collect())
    }

    /// The same, with records of any bytes.
    pub(crate) fn write_raw(&mut self, envelopes: Vec<(u16, Vec<Vec<u8>>)>) -> Run {
        let (after, previous) = (Seq::new(self.seq), self.previous);
        let mut links = Vec::new();
        let mut signature = None;
        let last = envelopes.len();
        for (place, (segment, records)) in envelopes.into_iter().enumerate() {
            let items: Vec<Item> = records
                .into_iter()
                .map(|bytes| {
                    self.number += 1;
                    Item { number: RecordNumber::new(self.number), bytes: bytes.into() }
                })
                .collect();
            self.seq += 1;
            let header = Header {
                venue: VENUE,
                chain: self.chain,
                seq: Seq::new(self.seq),
                previous: self.previous,
                segment: Segment::new(segment),
                made_at: self.made_at,
                content: digest(&items),
            };
            self.previous = header.hash();
            if place + 1 == last {
                let bytes = minicbor::to_vec(&header).unwrap();
                signature = Some(self.key.sign("vestibule/envelope/2", &bytes));
            }
            links.push(Link { segment: header.segment, made_at: self.made_at, items });
        }
        let signature = signature.unwrap();
        Run { venue: VENUE, chain: self.chain, after, previous, links, signature }
    }
}

/// Waits until it is so; fails after 60 s with what was waited for.
pub(crate) async fn until(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !so() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
