//! All machines and the one clock: lets time pass, watches, and says whether all is well.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use sync::{
    id::{ChainId, Hash, RecordId, Seq, VenueId},
    peers::chance,
};
use turmoil::Sim;

use crate::{
    papers::START,
    site::{PORT, Site, name},
};

/// What a simulated region is made of.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What fixes everything that is left to chance.
    pub seed: u64,
    /// How many doors.
    pub doors: u16,
    /// Among how many venues they are dealt out in turn.
    pub venues: u16,
    /// How far time moves at once, and the shortest that a message is under way.
    pub tick: Duration,
    /// The longest that a message is under way.
    pub latency_max: Duration,
}

/// The world. Machine numbers: doors from 0, the authority last.
pub struct World {
    pub(crate) sim: Sim<'static>,
    pub(crate) sites: Vec<Rc<Site>>,
    now: Arc<AtomicI64>,
    recorded: BTreeSet<RecordId>,
    /// Recorded at a machine whose disk then went back in time, before anyone else had them.
    pub(crate) forgone: BTreeSet<RecordId>,
    /// Chains of which the doors lost something that only the authority still has.
    pub(crate) left_to_authority: BTreeSet<ChainId>,
    trace: Vec<String>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "World({} machines, {:?})", self.sites.len(), self.sim.elapsed())
    }
}

impl World {
    /// Switches all machines on. Doors call their siblings and the authority.
    pub fn new(plan: &Plan) -> Self {
        chance::seed(plan.seed);
        let mut sim = turmoil::Builder::new()
            .rng_seed(plan.seed)
            .epoch(std::time::UNIX_EPOCH + Duration::from_millis(START.unsigned_abs()))
            .simulation_duration(Duration::from_secs(86_400))
            .tick_duration(plan.tick)
            .min_message_latency(plan.tick)
            .max_message_latency(plan.latency_max.max(plan.tick))
            .tcp_capacity(1024)
            .enable_random_order()
            .build();
        let now = Arc::new(AtomicI64::new(START));
        let addresses: Vec<String> =
            (0..=plan.doors).map(|n| format!("{}:{PORT}", sim.lookup(name(n)))).collect();
        let mut sites = Vec::new();
        for number in 0..=plan.doors {
            let venue = |n: u16| (n < plan.doors).then(|| VenueId::new(u64::from(n % plan.venues)));
            let calls = |&n: &u16| n != number && (n == plan.doors || venue(n) == venue(number));
            let dial = (0..=plan.doors)
                .filter(|n| number < plan.doors && calls(n))
                .map(|n| addresses[usize::from(n)].clone())
                .collect();
            let site = Site::new(number, venue(number), dial, Arc::clone(&now));
            let site = Rc::new(site.expect("there is room for a folder"));
            let living = Rc::clone(&site);
            sim.host(site.name.clone(), move || Rc::clone(&living).live());
            sites.push(site);
        }
        let (recorded, forgone, left_to_authority) = Default::default();
        Self { sim, sites, now, recorded, forgone, left_to_authority, trace: Vec::new() }
    }

    /// The number of machines; the authority has the last number.
    pub fn machines(&self) -> usize {
        self.sites.len()
    }

    /// The authority's number.
    pub fn authority(&self) -> usize {
        self.sites.len() - 1
    }

    /// Lets time pass.
    ///
    /// # Panics
    /// When a program on a machine ends or panics.
    pub fn run(&mut self, millis: i64) {
        let end = self.now.load(Ordering::Relaxed) + millis;
        while self.now.load(Ordering::Relaxed) < end {
            self.sim.step().unwrap_or_else(|e| panic!("after {:?}: {e}", self.sim.elapsed()));
            let now = i64::try_from(self.sim.elapsed().as_millis()).expect("a short time");
            self.now.store(START + now, Ordering::Relaxed);
            for site in &self.sites {
                let lines =
                    site.news().into_iter().map(|line| format!("{now} {} {line}", site.name));
                self.trace.extend(lines);
            }
        }
    }

    /// Lets time pass until `there`, at most so long; how long it took, or `None` if it was in vain.
    pub fn run_until(&mut self, millis: i64, there: impl Fn(&Self) -> bool) -> Option<i64> {
        let begun = self.now.load(Ordering::Relaxed);
        while !there(self) {
            if self.now.load(Ordering::Relaxed) >= begun + millis {
                return None;
            }
            self.run(100);
        }
        Some(self.now.load(Ordering::Relaxed) - begun)
    }

    /// What could be seen from outside, and when: the machines' chains and links. The same for the same seed.
    pub fn trace(&self) -> &[String] {
        &self.trace
    }

    /// Visits come to a door; nothing happens while it is down.
    pub fn record(&mut self, door: usize, count: u64) {
        self.recorded.extend(self.sites[door].record(count));
    }

    /// How many visits were shown as recorded so far, and how many of them went with a disk.
    pub fn recorded(&self) -> (usize, usize) {
        (self.recorded.len(), self.forgone.len())
    }

    /// Whether a machine takes another for present.
    pub fn sees(&self, machine: usize, other: usize) -> bool {
        self.sites[machine].sees(self.sites[other].key())
    }

    /// Whether each pair that should talk does, both ways.
    pub fn all_see_each_other(&self) -> bool {
        self.pairs().all(|(a, b)| self.sees(a, b) && self.sees(b, a))
    }

    /// The pairs that talk: doors of one venue, and every door with the authority.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let all = 0..self.sites.len();
        let pairs = all.clone().flat_map(move |a| (a + 1..all.end).map(move |b| (a, b)));
        pairs.filter(|&(a, b)| {
            let (one, other) = (self.sites[a].venue, self.sites[b].venue);
            other.is_none() || one == other
        })
    }

    /// Every machine holds the same chains of the venues it keeps, with every visit that a door showed as
    /// recorded, and every door knows that the authority has them. What all doors lost with their disks, the
    /// authority at least has.
    ///
    /// # Panics
    /// When it is not so.
    pub fn assert_all_is_well(&self) {
        let whole = self.heads(self.authority());
        let kept: BTreeSet<_> = self.recorded.difference(&self.forgone).copied().collect();
        for (number, site) in self.sites.iter().enumerate() {
            assert!(site.is_running(), "{} is down", site.name);
            let of_it = |chain: &ChainId| {
                let own = self.venue_of(*chain) == site.venue;
                site.venue.is_none() || (own && !self.left_to_authority.contains(chain))
            };
            let wanted: BTreeMap<_, _> =
                whole.iter().filter(|(c, _)| of_it(c)).map(|(c, h)| (*c, *h)).collect();
            let mut has = self.heads(number);
            has.retain(|chain, _| of_it(chain));
            assert_eq!(has, wanted, "{} and the authority differ; {}", site.name, site.view());
            let held = site.held();
            let missed: Vec<_> =
                kept.iter().filter(|v| of_it(&v.chain) && !held.contains(v)).collect();
            assert!(missed.is_empty(), "{} lacks {missed:?}", site.name);
            let mut unsure = site.chains();
            unsure.retain(|_, head| head.pending > 0);
            assert!(unsure.is_empty(), "{} does not know that they arrived: {unsure:?}", site.name);
            assert_eq!(site.pending(), 0);
        }
    }

    fn heads(&self, machine: usize) -> BTreeMap<ChainId, (Seq, Hash, u64)> {
        let chains = self.sites[machine].chains().into_iter();
        chains.map(|(chain, head)| (chain, (head.seq, head.hash, head.visits))).collect()
    }

    fn venue_of(&self, chain: ChainId) -> Option<VenueId> {
        self.sites.iter().find(|site| site.key() == chain.author)?.venue
    }
}
