//! Ten thousand doors return at once, in virtual time: the real sessions on both sides, the real places, a store that takes
//! one piece after the other.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    sync::Arc,
};

use libp2p::identity::Keypair;

use super::super::*;
use crate::{
    book::{Charter, Head, Heads, Keeps, VenueHeads},
    envelope::{Item, Link, Run},
    id::{ChainId, EntranceId, Epoch, Hash, RecordNumber, Segment, Seq, SignatureBytes, VenueId},
    key::{SecretKey, Signed},
    membership::{DoorGrant, Membership, VenueGrant},
    peers::{
        session::{Fetch, Fetched, Intake, Outcome, Response, Session, Step},
        wire::{Reply, Request},
    },
    record::Direction,
    roots::Roots,
    sample,
    time::UnixMillis,
};

const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const TODAY: i32 = 20_717;
/// Days over which the doors were cut off, each from another on.
const DAYS: i32 = 10;
/// What one piece costs the store, ms.
const PIECE_MILLIS: i64 = 4;
const PLACES: u32 = 64;

enum Event {
    Poke,
    Asked(Request),
    Stored(ChainId, Seq),
    Replied(Reply),
}

struct Door {
    own: Charter,
    peer: PeerId,
    session: Session,
    /// The gateway's side.
    theirs: Session,
    heads: Heads,
    chain: ChainId,
    pieces: u64,
    receipts: u64,
    told: u32,
    done_at: Option<i64>,
}

fn charter(n: u32) -> Charter {
    let mut seed = [9; 32];
    seed[..4].copy_from_slice(&n.to_be_bytes());
    let (key, venue) = (SecretKey::from_bytes(&seed), VenueId::new(u64::from(n)));
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
    let membership = Membership::Door {
        venue: Signed::seal(&grant, &sample::root()),
        door: Signed::seal(&door, &sample::manager()),
    };
    Charter {
        key,
        membership,
        region: sample::REGION,
        roots: Roots::new(vec![sample::root().public()], 1),
        keeps: Keeps::Venue(venue),
        epoch: Epoch::new([1; 8]),
    }
}

fn head(venue: VenueId, pieces: u64) -> Head {
    Head { venue, seq: Seq::new(pieces), hash: Hash::new([7; 32]), pending: pieces, ..Head::NONE }
}

impl Door {
    fn new(n: u32, gateway: &Charter) -> Self {
        let own = charter(n);
        let day = Day::new(TODAY - (n as i32) % DAYS);
        let chain = ChainId { author: own.key.public(), epoch: own.epoch, day };
        let pieces = u64::from(2 + n % 5);
        let venue = own.venue().unwrap();
        let mut held = VenueHeads::default();
        held.set(chain, head(venue, pieces));
        let heads = Heads { venues: [(venue, Arc::new(held))].into(), ..Heads::default() };
        let mut bytes = *own.key.to_bytes();
        let peer = Keypair::ed25519_from_bytes(&mut bytes).unwrap().public().to_peer_id();
        let (session, theirs) =
            (Session::new(gateway.key.public()), Session::new(own.key.public()));
        Self {
            own,
            peer,
            session,
            theirs,
            heads,
            chain,
            pieces,
            receipts: 0,
            told: 0,
            done_at: None,
        }
    }

    /// One piece of the history: a little more than passes without a place.
    fn piece(&self, after: Seq) -> Option<Run> {
        if after.get() >= self.pieces {
            return None;
        }
        let item = |n| Item { number: RecordNumber::new(n), bytes: vec![0; 1000].into() };
        let items = (0..=(SMALL as u64) / 1000).map(item).collect();
        let links = vec![Link { segment: Segment::new(0), made_at: NOON, items }];
        let (venue, previous) = (self.own.venue().unwrap(), Hash::ZERO);
        let signature = SignatureBytes::new([0; 64]);
        Some(Run { venue, chain: self.chain, after, previous, links, signature })
    }
}

struct World {
    gateway: Charter,
    heads: Heads,
    uploads: Uploads,
    doors: Vec<Door>,
    events: BinaryHeap<Reverse<(i64, u64, usize)>>,
    waiting: BTreeMap<u64, Event>,
    numbered: u64,
    now: i64,
    begun: Instant,
    busy_until: i64,
    state: u64,
    most: UploadsStatus,
    left: usize,
}

impl World {
    fn new(doors: u32) -> Self {
        let gateway = sample::authority(9, 1);
        let doors: Vec<Door> = (1..=doors).map(|n| Door::new(n, &gateway)).collect();
        Self {
            heads: Heads::default(),
            uploads: Uploads::new(PLACES),
            events: BinaryHeap::new(),
            waiting: BTreeMap::new(),
            numbered: 0,
            now: 0,
            begun: Instant::now(),
            busy_until: 0,
            state: 1,
            most: UploadsStatus::default(),
            left: doors.len(),
            gateway,
            doors,
        }
    }

    fn chance(&mut self) -> u8 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.state >> 56) as u8
    }

    fn clock(&self) -> UnixMillis {
        NOON.plus_millis(self.now)
    }

    fn instant(&self) -> Instant {
        self.begun + Duration::from_millis(self.now.unsigned_abs())
    }

    fn later(&mut self, wait: i64, door: usize, event: Event) {
        self.numbered += 1;
        self.waiting.insert(self.numbered, event);
        self.events.push(Reverse((self.now + wait, self.numbered, door)));
    }

    /// Over the network: 20 to 150 ms.
    fn send(&mut self, door: usize, event: Event) {
        let wait = 20 + i64::from(self.chance()) / 2;
        self.later(wait, door, event);
    }

    fn run(&mut self) {
        for door in 0..self.doors.len() {
            let wait = i64::from(self.chance()) * 8; // all within two seconds
            self.later(wait, door, Event::Poke);
        }
        while self.left > 0 {
            let Some(Reverse((at, number, door))) = self.events.pop() else { return };
            self.now = at;
            assert!(at < 3_600_000, "an hour is over");
            match self.waiting.remove(&number) {
                Some(Event::Poke) => self.poke(door),
                Some(Event::Asked(request)) => self.asked(door, request),
                Some(Event::Stored(chain, seq)) => self.stored(door, chain, seq),
                Some(Event::Replied(reply)) => self.replied(door, reply),
                None => {}
            }
        }
    }

    fn poke(&mut self, n: usize) {
        let now = self.clock();
        let door = &mut self.doors[n];
        match door.session.next(&door.own, &door.heads, now) {
            Step::Ask(request) => self.send(n, Event::Asked(request)),
            Step::Fetch(Fetch::Run(_, after)) => {
                let run = door.piece(after);
                match door.session.fetched(&door.heads, Fetched::Run(None, run), now) {
                    Some(request) => self.send(n, Event::Asked(request)),
                    None => self.later(1000, n, Event::Poke),
                }
            }
            Step::Fetch(other) => panic!("{other:?}"),
            Step::Close(word) => panic!("{word}"),
            Step::Wait if door.done_at.is_some() => {}
            Step::Wait => {
                let until = door.session.waits_until(now);
                let wait = until.map_or(1000, |until| until.get() - now.get());
                self.later(wait, n, Event::Poke);
            }
        }
    }

    fn asked(&mut self, n: usize, request: Request) {
        let now = self.clock();
        let door = &mut self.doors[n];
        let (response, _) = door.theirs.requested(&self.gateway, &self.heads, request, now);
        let run = match response {
            Response::Reply(reply) => return self.send(n, Event::Replied(reply)),
            Response::Take(Intake::Run(_, run)) => run,
            other => panic!("{other:?}"),
        };
        let bytes = run.links.iter().flat_map(|l| &l.items).map(|i| i.bytes.len()).sum();
        let what = (door.theirs.their_oldest().unwrap(), bytes);
        let (peer, instant, chance) = (door.peer, self.instant(), self.chance());
        let turn = self.uploads.ask(peer, what, false, (instant, chance));
        let status = self.uploads.status();
        self.most.delivering = self.most.delivering.max(status.delivering);
        self.most.waiting = self.most.waiting.max(status.waiting);
        match turn {
            Turn::Now => {
                self.busy_until = self.busy_until.max(self.now) + PIECE_MILLIS;
                let (wait, last) = (self.busy_until - self.now, run.last());
                self.later(wait, n, Event::Stored(run.chain, last));
            }
            Turn::ComeAgain(away) => {
                let seconds = u32::try_from(away.as_millis().div_ceil(1000)).unwrap();
                let (door, gateway) = (&mut self.doors[n], &self.gateway);
                door.told += 1;
                let reply = door.theirs.taken(gateway, &self.heads, Outcome::Wait(seconds), now);
                assert_eq!(reply, Reply::Wait(seconds));
                self.send(n, Event::Replied(reply));
            }
        }
    }

    fn stored(&mut self, n: usize, chain: ChainId, seq: Seq) {
        let (now, instant) = (self.clock(), self.instant());
        let door = &mut self.doors[n];
        let venue = door.own.venue().unwrap();
        let fresh = Head { acknowledged: seq, pending: 0, ..head(venue, seq.get()) };
        Arc::make_mut(self.heads.venues.entry(venue).or_default()).set(chain, fresh);
        self.uploads.done(&door.peer, instant);
        let outcome = Outcome::Stored { chain, brought: seq, stands: seq };
        let reply = door.theirs.taken(&self.gateway, &self.heads, outcome, now);
        self.send(n, Event::Replied(reply));
    }

    fn replied(&mut self, n: usize, reply: Reply) {
        let now = self.clock();
        let at = self.now;
        let door = &mut self.doors[n];
        let learned = door.session.replied(&door.own, reply, now);
        let receipts = learned.receipts.iter().filter_map(Signed::claims);
        door.receipts = receipts.map(|receipt| receipt.seq.get()).fold(door.receipts, u64::max);
        if door.receipts == door.pieces && door.done_at.is_none() {
            door.done_at = Some(at);
            self.left -= 1;
        }
        self.poke(n);
    }
}

fn return_at_once(doors: u32) {
    let mut world = World::new(doors);
    world.run();
    let pieces: u64 = world.doors.iter().map(|door| door.pieces).sum();
    let bare = pieces as i64 * PIECE_MILLIS;
    let drained = world.doors.iter().map(|door| door.done_at.unwrap()).max().unwrap();
    let told: u32 = world.doors.iter().map(|door| door.told).sum();
    println!(
        "{doors} doors, {pieces} pieces: drained in {drained} ms, the store alone needs {bare} ms; \
         at most {} delivered and {} waited; {:.1} times told to come again each",
        world.most.delivering,
        world.most.waiting,
        f64::from(told) / f64::from(doors),
    );
    assert!(world.doors.iter().all(|door| door.receipts == door.pieces), "all is acknowledged");
    assert!(world.most.delivering <= PLACES as usize, "nothing here is small");
    assert!(world.most.waiting <= doors as usize);
    assert!(drained < 4 * bare + 60_000, "{drained} ms is long");
    let mean = |age: i32| {
        let of_age = world.doors.iter().filter(|door| door.chain.day == Day::new(TODAY - age));
        let times: Vec<i64> = of_age.filter_map(|door| door.done_at).collect();
        times.iter().sum::<i64>() / times.len() as i64
    };
    let (oldest, latest) = (mean(DAYS - 1), mean(0));
    println!("the oldest data was in after {oldest} ms on average, the latest after {latest} ms");
    assert!(oldest < latest);
}

#[test]
fn a_thousand_doors_return_at_once_and_all_is_acknowledged() {
    return_at_once(1_000);
}

#[test]
#[ignore = "longer than a test should be: cargo test -p sync --release --features simulation crowd -- --ignored --nocapture"]
fn ten_thousand_doors_return_at_once_and_all_is_acknowledged() {
    return_at_once(10_000);
}
