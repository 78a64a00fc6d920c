//! A door of these tests: a session by hand on a real connection, with a history to deliver; no store of its own.

use std::{net::SocketAddr, time::Duration};

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::{
    Multiaddr, Stream, StreamProtocol, SwarmBuilder, identity::Keypair, noise, swarm::SwarmEvent,
    tcp, yamux,
};
use rand::RngExt;
use sync::{
    envelope::{Header, Item, Link, Run, digest},
    id::{ChainId, EntranceId, Epoch, Hash, RecordNumber, Segment, Seq, Tag, VenueId, ZoneId},
    key::{SecretKey, Signed},
    membership::{DoorGrant, Membership, VenueGrant},
    peers::wire::{Holdings, Message, Reply, Request, Speaks, Summary},
    record::{ClockTrust, Decider, Direction, PlaceTaken, Record, Status, Visit, VisitKind},
    sample,
    time::{Day, UnixMillis},
};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

pub(crate) const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const DAY: Day = Day::new(20_717);
/// Deliveries of each door, and visits of each: more than passes without a place.
pub(crate) const PIECES: u64 = 3;
pub(crate) const VISITS_OF_PIECE: u64 = ENVELOPES * VISITS;
const ENVELOPES: u64 = 2;
const VISITS: u64 = 64;
const REQUEST: u8 = 0;
const REPLY: u8 = 1;

/// An open session.
struct Line {
    stream: Stream,
    papers: Membership,
    epoch: Epoch,
    _driving: JoinSet<()>,
}

/// The door.
pub(crate) struct Door {
    at: SocketAddr,
    key: SecretKey,
    venue: VenueId,
    papers: Membership,
    chain: ChainId,
    line: Option<Line>,
    /// Up to where the authority's receipt goes.
    acknowledged: u64,
    /// How often it was told to come again.
    pub(crate) told: u32,
}

fn speaks() -> Speaks {
    Speaks::RENEWALS.and(Speaks::ANNOUNCEMENTS).and(Speaks::WAITS)
}

fn papers(key: &SecretKey, venue: VenueId) -> Membership {
    let (not_before, not_after) = (UnixMillis::new(0), UnixMillis::new(i64::MAX));
    let grant = VenueGrant {
        region: sample::REGION,
        venue,
        name: "V".into(),
        zone: "UTC".into(),
        manager: sample::manager().public(),
        capacity: None,
        doors: None,
        activity: None,
        area: None,
        not_before,
        not_after,
    };
    let door = DoorGrant {
        venue,
        entrance: EntranceId::new(1),
        name: "A".into(),
        direction: Direction::Both,
        node: key.public(),
        not_before,
        not_after,
    };
    Membership::Door {
        venue: Signed::seal(&grant, &sample::root()),
        door: Signed::seal(&door, &sample::manager()),
    }
}

fn visit() -> Record {
    let mut tag = [0; 16];
    rand::rng().fill(&mut tag);
    Record::Visit(Visit {
        at: NOON,
        clock: ClockTrust::Trusted,
        entrance: EntranceId::new(1),
        kind: VisitKind::Entry,
        status: Status::Green,
        reason: None,
        decider: Decider::Verdict,
        tag: Tag::new(tag),
        sealed: None,
        zone: ZoneId::default(),
        place: PlaceTaken::One,
        marks: Vec::new(),
        temperature: None,
    })
}

impl Door {
    pub(crate) fn new(n: u32, at: SocketAddr) -> Self {
        let mut seed = [9; 32];
        seed[..4].copy_from_slice(&n.to_be_bytes());
        let (key, venue) = (SecretKey::from_bytes(&seed), VenueId::new(u64::from(n)));
        let chain = ChainId { author: key.public(), epoch: Epoch::new([1; 8]), day: DAY };
        let papers = papers(&key, venue);
        Self { at, key, venue, papers, chain, line: None, acknowledged: 0, told: 0 }
    }

    /// The whole history, a run for each delivery: each is signed.
    fn history(&self) -> Vec<Run> {
        let mut previous = Hash::ZERO;
        let mut number = 0;
        let mut runs = Vec::new();
        for piece in 0..PIECES {
            let (after, before) = (Seq::new(piece * ENVELOPES), previous);
            let mut links = Vec::new();
            let mut signed = Vec::new();
            for envelope in 1..=ENVELOPES {
                let items: Vec<Item> = (0..VISITS)
                    .map(|_| {
                        number += 1;
                        let bytes = visit().to_bytes().into();
                        Item { number: RecordNumber::new(number), bytes }
                    })
                    .collect();
                let header = Header {
                    venue: self.venue,
                    chain: self.chain,
                    seq: Seq::new(after.get() + envelope),
                    previous,
                    segment: Segment::new(0),
                    made_at: NOON,
                    content: digest(&items),
                };
                previous = header.hash();
                signed = minicbor::to_vec(&header).unwrap();
                links.push(Link { segment: Segment::new(0), made_at: NOON, items });
            }
            let signature = self.key.sign("vestibule/envelope/2", &signed);
            let (venue, chain) = (self.venue, self.chain);
            runs.push(Run { venue, chain, after, previous: before, links, signature });
        }
        runs
    }

    /// Connects, introduces itself and compares, again and again until it is let in.
    pub(crate) async fn arrive(&mut self) {
        loop {
            if let Ok(Some(line)) = timeout(Duration::from_secs(30), self.introduced()).await {
                self.line = Some(line);
                return;
            }
            let wait = rand::rng().random_range(200..1500);
            sleep(Duration::from_millis(wait)).await;
        }
    }

    async fn introduced(&mut self) -> Option<Line> {
        let (papers, epoch) = (self.papers.clone(), self.chain.epoch);
        let mut line = Line::open(self.at, self.key.clone(), papers, epoch).await?;
        let hello = Request::Hello(self.papers.clone(), self.chain.epoch, speaks());
        let Reply::Welcome(..) = line.ask(&hello).await? else { return None };
        let summary = Summary { days: vec![(DAY, 1)], ..Summary::default() };
        let Reply::Holdings(_) = line.ask(&Request::Compare(summary)).await? else { return None };
        Some(line)
    }

    /// Delivers all; waits as it is told to; returns when the authority's receipt covers it.
    pub(crate) async fn deliver_all(&mut self) {
        let runs = self.history();
        while self.acknowledged < PIECES * ENVELOPES {
            let Some(line) = &mut self.line else {
                self.arrive().await;
                continue;
            };
            let run = runs[usize::try_from(self.acknowledged / ENVELOPES).unwrap()].clone();
            match line.ask(&Request::Deliver { introduced: None, run }).await {
                Some(Reply::Stored { seq, receipt: Some(receipt) }) => {
                    let said = receipt.open(&sample::authority(9, 1).key.public()).unwrap();
                    assert_eq!((said.seq, said.chain), (seq, self.chain));
                    self.acknowledged = said.seq.get();
                }
                Some(Reply::Wait(seconds)) => {
                    self.told += 1;
                    // Meanwhile what the gateway asks is answered.
                    line.answer_for(Duration::from_secs(seconds.into())).await;
                }
                Some(other) => panic!("{other:?}"),
                None => self.line = None,
            }
        }
    }
}

impl Line {
    async fn open(
        at: SocketAddr,
        key: SecretKey,
        papers: Membership,
        epoch: Epoch,
    ) -> Option<Self> {
        let behaviour = libp2p_stream::Behaviour::new();
        let mut control = behaviour.new_control();
        let identity = Keypair::ed25519_from_bytes(*key.to_bytes()).unwrap();
        let mut swarm = SwarmBuilder::with_existing_identity(identity)
            .with_tokio()
            .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
            .unwrap()
            .with_behaviour(|_| behaviour)
            .unwrap()
            .with_swarm_config(|c| c.with_idle_connection_timeout(Duration::from_secs(3600)))
            .build();
        let at: Multiaddr = format!("/ip4/{}/tcp/{}", at.ip(), at.port()).parse().unwrap();
        swarm.dial(at).ok()?;
        let peer = loop {
            match swarm.select_next_some().await {
                SwarmEvent::ConnectionEstablished { peer_id, .. } => break peer_id,
                SwarmEvent::OutgoingConnectionError { .. } => return None,
                _ => {}
            }
        };
        let mut driving = JoinSet::new();
        driving.spawn(async move {
            loop {
                swarm.select_next_some().await;
            }
        });
        let protocol = StreamProtocol::new("/vestibule/sync/3");
        let stream = control.open_stream(peer, protocol).await.ok()?;
        Some(Self { stream, papers, epoch, _driving: driving })
    }

    /// The answer; `None` when the session is over.
    async fn ask(&mut self, request: &Request) -> Option<Reply> {
        self.send(REQUEST, &request.to_frame()).await?;
        loop {
            let frame = self.read().await?;
            if let Some(reply) = self.heard(&frame).await? {
                return Some(reply);
            }
        }
    }

    /// Answers what is asked for so long. A frame that has begun is read to its end.
    async fn answer_for(&mut self, long: Duration) {
        let over = sleep(long);
        tokio::pin!(over);
        loop {
            let mut first = [0];
            tokio::select! {
                () = &mut over => return,
                read = self.stream.read(&mut first) => match read {
                    Ok(1) => {}
                    _ => return,
                },
            }
            let Some(frame) = self.rest(first[0]).await else { return };
            if self.heard(&frame).await.is_none() {
                return;
            }
        }
    }

    async fn heard(&mut self, frame: &[u8]) -> Option<Option<Reply>> {
        let (kind, body) = frame.split_first()?;
        if *kind == REPLY {
            return Some(Some(Reply::from_frame(body).unwrap()));
        }
        let reply = match Request::from_frame(body).unwrap() {
            Request::Hello(..) => Reply::Welcome(self.papers.clone(), self.epoch, speaks()),
            Request::Compare(_) => Reply::Holdings(Holdings::default()),
            Request::Publish(_) => Reply::Taken(Vec::new()),
            Request::Beat(_) => Reply::Alive(Vec::new()),
            Request::Order(_) | Request::Acknowledge { .. } => Reply::Done,
            Request::Deliver { .. } | Request::Inquire(_) | Request::Renew(_) => return None,
        };
        self.send(REPLY, &reply.to_frame()).await?;
        Some(None)
    }

    async fn send(&mut self, kind: u8, body: &[u8]) -> Option<()> {
        let mut bytes = Vec::new();
        let mut length = body.len() + 1;
        while length >= 0x80 {
            bytes.push((length & 0x7f) as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes.push(kind);
        bytes.extend_from_slice(body);
        self.stream.write_all(&bytes).await.ok()?;
        self.stream.flush().await.ok()
    }

    async fn read(&mut self) -> Option<Vec<u8>> {
        let mut first = [0];
        self.stream.read_exact(&mut first).await.ok()?;
        self.rest(first[0]).await
    }

    /// The frame of which the first byte is read.
    async fn rest(&mut self, first: u8) -> Option<Vec<u8>> {
        let (mut length, mut shift, mut byte) = (usize::from(first & 0x7f), 7, [first]);
        while byte[0] >= 0x80 {
            self.stream.read_exact(&mut byte).await.ok()?;
            length |= usize::from(byte[0] & 0x7f) << shift;
            shift += 7;
        }
        let mut frame = vec![0; length];
        self.stream.read_exact(&mut frame).await.ok()?;
        Some(frame)
    }
}
