//! The simulated region: doors and an authority, links that break, clocks that err, one queue of events.

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use sync::{
    book::{Book, Charter, Head, Keeps},
    document::DocumentId,
    id::{ChainId, EntranceId, Epoch, RegionId, Segment, Seq, Tag, VenueId, VisitId, VisitNumber},
    key::{SecretKey, Signed},
    membership::{AuthorityGrant, DoorGrant, Membership, VenueGrant},
    peers::{
        session::{Response, Session, Step},
        wire::{Message, Reply, Request},
    },
    record::{ClockTrust, Decider, Direction, Status, Visit, VisitKind},
    store::{Durability, Store},
    time::{Day, UnixMillis},
};
use tempfile::TempDir;

const START: i64 = 1_790_000_000_000;
const TICK: i64 = 250;
const RECONNECT: i64 = 1_000;
const DELIVERY_BYTES: usize = 64 << 10;
const VENUE: VenueId = VenueId::new(17);
const YEAR: i64 = 365 * 86_400_000;

pub(crate) fn seconds(n: i64) -> i64 {
    n * 1000
}

pub(crate) fn minutes(n: i64) -> i64 {
    n * 60_000
}

struct SimNode {
    book: Option<Book>,
    folder: TempDir,
    key: SecretKey,
    membership: Membership,
    keeps: Keeps,
    epochs: u8,
    skew: i64,
    next_number: u64,
    sessions: BTreeMap<usize, Session>,
    refused: BTreeSet<String>,
}

enum Event {
    Request { from: usize, to: usize, link: u64, frame: Vec<u8> },
    Reply { from: usize, to: usize, link: u64, frame: Vec<u8> },
    Reconnect { a: usize, b: usize },
}

/// The world. Node numbers: doors from 0, the authority last.
pub(crate) struct World {
    nodes: Vec<SimNode>,
    now: i64,
    queue: BTreeMap<(i64, u64), Event>,
    next_event: u64,
    cut: BTreeSet<(usize, usize)>,
    /// The generation of the connection between two nodes; frames of an older one are lost.
    links: BTreeMap<(usize, usize), u64>,
    recorded: BTreeSet<VisitId>,
    requests: u64,
    rng: StdRng,
    root: SecretKey,
    manager: SecretKey,
}

fn pair(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

impl World {
    pub(crate) fn new(seed: u64, doors: usize) -> Self {
        let mut world = Self {
            nodes: Vec::new(),
            now: START,
            queue: BTreeMap::new(),
            next_event: 0,
            cut: BTreeSet::new(),
            links: BTreeMap::new(),
            recorded: BTreeSet::new(),
            requests: 0,
            rng: StdRng::seed_from_u64(seed ^ 0x5eed),
            root: SecretKey::from_bytes(&[201; 32]),
            manager: SecretKey::from_bytes(&[202; 32]),
        };
        for door in 0..=doors {
            let key = SecretKey::from_bytes(&[u8::try_from(door).unwrap() + 1; 32]);
            let authority = door == doors;
            let membership = if authority {
                world.authority_paper(&key)
            } else {
                world.door_paper(door, &key, YEAR)
            };
            world.nodes.push(SimNode {
                book: None,
                folder: tempfile::tempdir().unwrap(),
                key,
                membership,
                keeps: if authority { Keeps::Region } else { Keeps::Venue(VENUE) },
                epochs: 0,
                skew: 0,
                next_number: 1,
                sessions: BTreeMap::new(),
                refused: BTreeSet::new(),
            });
            world.start(door);
        }
        world.connect_all();
        world
    }

    pub(crate) fn authority(&self) -> usize {
        self.nodes.len() - 1
    }

    pub(crate) fn requests_sent(&self) -> u64 {
        self.requests
    }

    pub(crate) fn heads(&self, node: usize) -> BTreeMap<ChainId, Head> {
        self.book(node).heads().chains
    }

    fn book(&self, node: usize) -> &Book {
        self.nodes[node].book.as_ref().unwrap()
    }

    fn door_paper(&self, door: usize, key: &SecretKey, lasts: i64) -> Membership {
        let venue = VenueGrant {
            region: RegionId::new(1),
            venue: VENUE,
            name: "Simulated".into(),
            zone: "Asia/Almaty".into(),
            manager: self.manager.public(),
            capacity: None,
            not_before: UnixMillis::new(START - YEAR),
            not_after: UnixMillis::new(START + YEAR),
        };
        let grant = DoorGrant {
            venue: VENUE,
            entrance: EntranceId::new(u16::try_from(door).unwrap() + 1),
            name: format!("{door}"),
            direction: Direction::Both,
            node: key.public(),
            not_before: UnixMillis::new(START - YEAR),
            not_after: UnixMillis::new(START + lasts),
        };
        Membership::Door {
            venue: Signed::seal(&venue, &self.root),
            door: Signed::seal(&grant, &self.manager),
        }
    }

    fn authority_paper(&self, key: &SecretKey) -> Membership {
        let grant = AuthorityGrant {
            region: RegionId::new(1),
            node: key.public(),
            not_before: UnixMillis::new(START - YEAR),
            not_after: UnixMillis::new(START + YEAR),
        };
        Membership::Authority(Signed::seal(&grant, &self.root))
    }

    fn start(&mut self, node: usize) {
        let root = self.root.public();
        let n = &mut self.nodes[node];
        n.epochs += 1;
        n.next_number = 1;
        let charter = Charter {
            key: n.key.clone(),
            membership: n.membership.clone(),
            region: RegionId::new(1),
            roots: vec![root],
            roots_needed: 1,
            keeps: n.keeps,
            epoch: Epoch::new([n.epochs; 8]),
        };
        let store = Store::open(&n.folder.path().join("ledger"), Durability::Volatile).unwrap();
        n.book = Some(Book::open(store, charter).unwrap());
    }

    fn wall(&self, node: usize) -> UnixMillis {
        UnixMillis::new(self.now + self.nodes[node].skew)
    }

    /// A door writes visits; once this returns they were shown as recorded.
    pub(crate) fn record(&mut self, door: usize, count: u64) {
        let at = self.wall(door);
        let node = &mut self.nodes[door];
        let book = node.book.as_mut().unwrap();
        let day = Day::new(i32::try_from(at.get() / 86_400_000).unwrap());
        let visits: Vec<_> = (0..count)
            .map(|_| {
                node.next_number += 1;
                let number = VisitNumber::new(node.next_number);
                self.recorded.insert(VisitId { chain: book.own_chain(), number });
                (day, number, visit(at))
            })
            .collect();
        book.write(visits, VENUE, at).unwrap();
        book.commit().unwrap();
    }

    pub(crate) fn cut(&mut self, a: usize, b: usize) {
        if a != b {
            self.cut.insert(pair(a, b));
            self.disconnect(a, b);
        }
    }

    pub(crate) fn cut_all(&mut self, node: usize) {
        (0..self.nodes.len()).for_each(|other| self.cut(node, other));
    }

    pub(crate) fn heal_all(&mut self) {
        self.cut.clear();
        self.connect_all();
    }

    /// Power off and on: what was not committed is gone, a new epoch begins.
    pub(crate) fn restart(&mut self, node: usize) {
        for other in 0..self.nodes.len() {
            self.disconnect(node, other);
        }
        self.nodes[node].book = None;
        self.start(node);
        self.connect_all();
    }

    pub(crate) fn jump_clock(&mut self, node: usize, by_seconds: i64) {
        self.nodes[node].skew = seconds(by_seconds);
    }

    /// The door's membership ends now; it does not notice before it starts again.
    pub(crate) fn expire(&mut self, door: usize) {
        let key = self.nodes[door].key.clone();
        self.nodes[door].membership = self.door_paper(door, &key, self.now - START);
        self.restart(door);
    }

    pub(crate) fn is_refused(&self, node: usize, word: &str) -> bool {
        self.nodes[node].refused.contains(word)
    }

    pub(crate) fn unacknowledged(&self, node: usize) -> u64 {
        self.heads(node).values().map(|h| h.pending).sum()
    }

    fn connect_all(&mut self) {
        let all = 0..self.nodes.len();
        for (a, b) in all.clone().flat_map(|a| (a + 1..all.end).map(move |b| (a, b))) {
            if !self.nodes[a].sessions.contains_key(&b) {
                self.later(RECONNECT, Event::Reconnect { a, b });
            }
        }
    }

    fn connect(&mut self, a: usize, b: usize) {
        if self.cut.contains(&pair(a, b)) || self.nodes[a].sessions.contains_key(&b) {
            return;
        }
        *self.links.entry(pair(a, b)).or_default() += 1;
        let (key_a, key_b) = (self.nodes[a].key.public(), self.nodes[b].key.public());
        self.nodes[a].sessions.insert(b, Session::new(key_b));
        self.nodes[b].sessions.insert(a, Session::new(key_a));
    }

    fn disconnect(&mut self, a: usize, b: usize) {
        *self.links.entry(pair(a, b)).or_default() += 1;
        self.nodes[a].sessions.remove(&b);
        self.nodes[b].sessions.remove(&a);
    }

    fn later(&mut self, delay: i64, event: Event) {
        self.next_event += 1;
        self.queue.insert((self.now + delay, self.next_event), event);
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, millis: i64) {
        let end = self.now + millis;
        let mut next_tick = self.now;
        while self.now < end {
            let next = self.queue.first_key_value().map_or(i64::MAX, |((at, _), _)| *at);
            if next <= next_tick.min(end) {
                let ((at, _), event) = self.queue.pop_first().unwrap();
                self.now = at.max(self.now);
                self.handle(event);
            } else {
                self.now = next_tick.min(end);
                next_tick += TICK;
                self.tick();
            }
        }
    }

    fn tick(&mut self) {
        for node in 0..self.nodes.len() {
            let peers: Vec<usize> = self.nodes[node].sessions.keys().copied().collect();
            peers.into_iter().for_each(|peer| self.poke(node, peer));
        }
    }

    fn poke(&mut self, node: usize, peer: usize) {
        let now = self.wall(node);
        let n = &mut self.nodes[node];
        let (Some(session), Some(book)) = (n.sessions.get_mut(&peer), n.book.as_mut()) else {
            return;
        };
        let heads = book.heads();
        let request = match session.next(book.charter(), &heads, now) {
            Step::Wait => None,
            Step::Ask(request) => Some(request),
            Step::Fetch(chain, after) => {
                let envelopes = book.envelopes(chain, after, DELIVERY_BYTES).unwrap();
                session.fetched(book.membership(&chain.author).cloned(), envelopes)
            }
            Step::FetchBulletins(kinds) => session.fetched_bulletins(book.bulletins(&kinds)),
            Step::Close(word) => {
                n.refused.insert(word);
                self.disconnect(node, peer);
                None
            }
        };
        if let Some(request) = request {
            self.requests += 1;
            self.send(node, peer, request.to_frame(), true);
        }
    }

    fn send(&mut self, from: usize, to: usize, frame: Vec<u8>, request: bool) {
        let link = self.links[&pair(from, to)];
        let delay = self.rng.random_range(1..120);
        let event = match request {
            true => Event::Request { from, to, link, frame },
            false => Event::Reply { from, to, link, frame },
        };
        self.later(delay, event);
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Reconnect { a, b } => self.connect(a, b),
            Event::Request { from, to, link, frame } if self.links[&pair(from, to)] == link => {
                self.requested(from, to, &frame);
            }
            Event::Reply { from, to, link, frame } if self.links[&pair(from, to)] == link => {
                self.replied(from, to, &frame);
            }
            Event::Request { .. } | Event::Reply { .. } => {}
        }
    }

    fn requested(&mut self, from: usize, to: usize, frame: &[u8]) {
        let now = self.wall(to);
        let request = Request::from_frame(frame).unwrap();
        let n = &mut self.nodes[to];
        let (Some(session), Some(book)) = (n.sessions.get_mut(&from), n.book.as_mut()) else {
            return;
        };
        let heads = book.heads();
        let (response, acknowledged) = session.requested(book.charter(), &heads, request, now);
        acknowledged.into_iter().for_each(|(c, s)| book.acknowledge(c, s).unwrap());
        let reply = match response {
            Response::Reply(reply) => reply,
            Response::Refuse(word) => Reply::Refused(word),
            Response::Store(chain, introduced, envelopes) => {
                book.merge(&introduced, envelopes, now).unwrap();
                book.commit().unwrap();
                let head = book.heads().chains.get(&chain).map_or(Seq::default(), |h| h.seq);
                session.stored(chain, head)
            }
            Response::Keep(bulletins) => {
                for bulletin in bulletins {
                    book.keep_bulletin(bulletin).unwrap();
                }
                Reply::Taken(book.heads().bulletins.into_iter().collect())
            }
        };
        book.commit().unwrap();
        self.send(to, from, reply.to_frame(), false);
    }

    fn replied(&mut self, from: usize, to: usize, frame: &[u8]) {
        let now = self.wall(to);
        let reply = Reply::from_frame(frame).unwrap();
        let n = &mut self.nodes[to];
        let (Some(session), Some(book)) = (n.sessions.get_mut(&from), n.book.as_mut()) else {
            return;
        };
        let acknowledged = session.replied(book.charter(), reply, now);
        acknowledged.into_iter().for_each(|(c, s)| book.acknowledge(c, s).unwrap());
        book.commit().unwrap();
        self.poke(to, from);
    }

    /// Every node holds every visit that any door showed as recorded, in the same documents.
    pub(crate) fn assert_converged(&mut self) {
        self.assert_same(&(0..self.nodes.len()).collect::<Vec<_>>());
    }

    /// The same among all but one.
    pub(crate) fn assert_converged_except(&mut self, node: usize) {
        let own = self.nodes[node].book.as_ref().unwrap().own_chain();
        self.recorded.retain(|v| v.chain != own);
        let others: Vec<_> = (0..self.nodes.len()).filter(|n| *n != node).collect();
        self.assert_same(&others);
    }

    fn assert_same(&mut self, nodes: &[usize]) {
        for &node in nodes {
            let mut held = BTreeSet::new();
            let heads = self.heads(node);
            let book = self.nodes[node].book.as_mut().unwrap();
            for &chain in heads.keys() {
                let (visits, reached) = book.visits(chain, Seq::default(), usize::MAX).unwrap();
                assert_eq!(reached, heads[&chain].seq);
                held.extend(visits.into_iter().map(|v| v.id));
            }
            let missing: Vec<_> = self.recorded.difference(&held).collect();
            assert!(missing.is_empty(), "node {node} lacks {missing:?}");
        }
        let documents = |world: &mut Self, node: usize| {
            let heads = world.heads(node);
            let book = world.nodes[node].book.as_mut().unwrap();
            heads
                .keys()
                .filter(|c| world.recorded.iter().any(|v| v.chain == **c))
                .map(|&chain| {
                    let day = book.visits(chain, Seq::default(), 1).unwrap().0[0].day;
                    let id = DocumentId { chain, day, segment: Segment::new(0) };
                    (id, book.document_heads(id).unwrap())
                })
                .collect::<BTreeMap<_, _>>()
        };
        let first = documents(self, nodes[0]);
        for &node in &nodes[1..] {
            assert_eq!(documents(self, node), first, "documents of node {node} differ");
        }
    }
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
    }
}
