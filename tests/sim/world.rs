//! The simulated region: doors and an authority, what befalls them, one queue of events, virtual time.

mod checks;
mod network;
mod nodes;
mod rights;

use std::collections::{BTreeMap, BTreeSet};

use network::{Event, Stale};
use nodes::{Keys, Node};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sync::{
    id::{PublicKey, RecordId, VenueId},
    time::UnixMillis,
};

const VENUE: VenueId = VenueId::new(17);
/// 2026-09-21, 00:00 UTC; each seed begins at an hour of its own, so that some stories cross midnight.
const START: i64 = 1_789_948_800_000;
/// How often a node looks at its sessions.
const TICK: i64 = 250;
/// The same while nothing happens and the story only waits.
const QUIET_TICK: i64 = 5_000;

pub(crate) fn seconds(n: i64) -> i64 {
    n * 1000
}

pub(crate) fn minutes(n: i64) -> i64 {
    n * 60_000
}

/// The world. Node numbers: doors from 0, the authority last.
pub(crate) struct World {
    nodes: Vec<Node>,
    keys: Keys,
    rng: StdRng,
    now: i64,
    queue: BTreeMap<(i64, u64), Event>,
    next_event: u64,
    next_link: u64,
    /// Directions in which nothing passes.
    cut: BTreeSet<(usize, usize)>,
    /// When the last frame of a direction of a connection arrives: a stream keeps its order.
    arrivals: BTreeMap<(usize, usize, u64), i64>,
    /// Directions of a connection in which a frame was lost: of a stream, all that follows is lost too.
    broken: BTreeSet<(usize, usize, u64)>,
    /// Frames of the past, for those who replay them.
    stale: Vec<Stale>,
    requests: u64,
    beats: u64,
    busy_until: i64,
    /// What was shown as recorded, and is to be found again at the end.
    recorded: BTreeSet<RecordId>,
    /// What a restored backup left at the authority alone: it gives no records back.
    gone_home: BTreeSet<RecordId>,
    /// Doors whose card was put back, or that were removed.
    rolled_back: BTreeSet<PublicKey>,
    removed: BTreeSet<usize>,
    bulletins: u64,
    capacities: u64,
    guests: Vec<rights::Guest>,
    next_guest: u64,
    latest_written: i64,
}

impl World {
    pub(crate) fn new(seed: u64, doors: usize) -> Self {
        Self::whose_first_door_lasts(nodes::YEAR, seed, doors)
    }

    /// The same where the papers of the first door end after so many ms.
    pub(crate) fn whose_first_door_lasts(lasts: i64, seed: u64, doors: usize) -> Self {
        let mut rng = StdRng::seed_from_u64(seed ^ 0x5eed);
        let now = START + rng.random_range(0..24) * minutes(60);
        let keys = Keys::new(now, lasts);
        let mut world = Self {
            nodes: (0..=doors).map(|n| Node::new(&keys, n, n == doors)).collect(),
            keys,
            rng,
            now,
            queue: BTreeMap::new(),
            next_event: 0,
            next_link: 0,
            cut: BTreeSet::new(),
            arrivals: BTreeMap::new(),
            broken: BTreeSet::new(),
            stale: Vec::new(),
            requests: 0,
            beats: 0,
            busy_until: now,
            recorded: BTreeSet::new(),
            gone_home: BTreeSet::new(),
            rolled_back: BTreeSet::new(),
            removed: BTreeSet::new(),
            bulletins: 0,
            capacities: 0,
            guests: Vec::new(),
            next_guest: 0,
            latest_written: now,
        };
        for node in 0..=doors {
            world.nodes[node].start();
        }
        for node in 0..=doors {
            world.dial_all(node);
        }
        world.share_out();
        world
    }

    pub(crate) fn authority(&self) -> usize {
        self.nodes.len() - 1
    }

    fn wall(&self, node: usize) -> UnixMillis {
        UnixMillis::new(self.now + self.nodes[node].skew)
    }

    fn later(&mut self, delay: i64, event: Event) {
        self.next_event += 1;
        self.queue.insert((self.now + delay, self.next_event), event);
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, millis: i64) {
        let end = self.now + millis;
        let mut tick_at = self.now;
        while self.now < end {
            let next = self.queue.first_key_value().map_or(i64::MAX, |((at, _), _)| *at);
            if next <= tick_at.min(end) {
                let ((at, _), event) = self.queue.pop_first().unwrap();
                self.now = at.max(self.now);
                self.handle(event);
                if self.busy_until > self.now {
                    tick_at = tick_at.min(self.now + TICK);
                }
            } else {
                self.now = tick_at.min(end);
                tick_at = self.now + if self.busy_until > self.now { TICK } else { QUIET_TICK };
                self.tick();
            }
        }
    }

    /// All is well again: no cuts, true clocks. Runs until everyone can have told everything, longer where a clock
    /// was so far ahead that others wait for true time to catch up.
    pub(crate) fn heal_and_settle(&mut self) {
        self.heal_all();
        self.nodes.iter_mut().for_each(|n| n.skew = 0);
        self.run(minutes(4));
        let ahead = self.latest_written - self.now;
        if ahead > 0 {
            self.run(ahead);
        }
        // A chain on which a peer was stuck is tried again after ten minutes.
        self.run(minutes(14));
    }

    fn tick(&mut self) {
        for node in 0..self.nodes.len() {
            self.sweep(node);
            self.poke_all(node);
        }
    }
}
