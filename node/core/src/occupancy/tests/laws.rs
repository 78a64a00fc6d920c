//! Any order, any partition: the answers agree, and the capacity holds.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sync::{
    id::{RecordId, Tag},
    order::{Matter, Order},
    record::{Amend, Correction, Record, StoredRecord, VisitKind},
    time::Zone,
};

use super::{
    super::*,
    venue::{NOON, TODAY, Venue, ZONE, capacity, key},
};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    Enter { door: usize, person: u8 },
    Exit { door: usize, person: u8 },
    Click { door: usize, people: i16 },
    Give { from: usize, to: usize, rights: u32 },
    Merge { from: usize, to: usize },
    Split { groups: Vec<u8> },
    Restart { door: usize, lease: bool, lost: usize },
    Order { door: usize, most: Option<u32>, cuts: Vec<u32>, days: i32 },
    Remove { door: usize },
    Undo { door: usize, nth: usize },
    CountNobody { door: usize },
    Clock { door: usize, fast: i64 },
    Wait { millis: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let door = || 0usize..DOORS_MAX;
    let minutes = |n: i64| n * 60_000;
    prop_oneof![
        30 => (door(), 0u8..12).prop_map(|(door, person)| Step::Enter { door, person }),
        10 => (door(), 0u8..12).prop_map(|(door, person)| Step::Exit { door, person }),
        8 => (door(), -3i16..4).prop_map(|(door, people)| Step::Click { door, people }),
        10 => (door(), door(), 1u32..6).prop_map(|(from, to, rights)| Step::Give { from, to, rights }),
        20 => (door(), door()).prop_map(|(from, to)| Step::Merge { from, to }),
        3 => proptest::collection::vec(0u8..3, DOORS_MAX).prop_map(|groups| Step::Split { groups }),
        4 => (door(), any::<bool>(), 0usize..6)
            .prop_map(|(door, lease, lost)| Step::Restart { door, lease, lost }),
        3 => (door(), proptest::option::weighted(0.3, prop_oneof![0u32..6, 0u32..30]), proptest::collection::vec(0u32..10, DOORS_MAX), 0i32..2)
            .prop_map(|(door, most, cuts, days)| Step::Order { door, most, cuts, days }),
        1 => door().prop_map(|door| Step::Remove { door }),
        3 => (door(), 0usize..8).prop_map(|(door, nth)| Step::Undo { door, nth }),
        2 => door().prop_map(|door| Step::CountNobody { door }),
        4 => (door(), prop_oneof![
            6 => -APART..=APART,
            2 => Just(APART),
            1 => Just(-APART),
            1 => prop_oneof![minutes(-1600)..minutes(1600), Just(minutes(2880)), Just(minutes(1440))],
        ]).prop_map(|(door, fast)| Step::Clock { door, fast }),
        6 => prop_oneof![1i64..5_000, 3_000_000i64..8_000_000, Just(7_200_000i64), Just(40_000_000i64)]
            .prop_map(|millis| Step::Wait { millis }),
    ]
}

/// As many doors as a venue has at most.
const DOORS_MAX: usize = 64;
/// How far a clock that is right may be ahead or behind, ms.
const APART: i64 = crate::clock::SKEW_MILLIS;

/// A thousand, or more if the environment asks for more.
fn cases() -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig { cases: asked.cases.max(1000), ..asked }
}

/// Shares by weight, together not more than `most`.
fn shares(most: u32, weights: &[u32]) -> Vec<u32> {
    let total = weights.iter().sum::<u32>().max(1);
    weights.iter().map(|w| most * w / total).collect()
}

struct World {
    venue: Venue,
    most: u32,
    versions: Vec<Order>,
    /// Capacities that some door went by on some day.
    capacities: BTreeMap<Day, u32>,
    /// Entries that the default stay has ended by the clock of their door, once.
    stayed: BTreeSet<RecordId>,
}

impl World {
    fn new(doors: usize, most: u32, weights: &[u32]) -> Self {
        let first = capacity(1, most, shares(most, &weights[..doors]), TODAY);
        let venue = Venue::new(doors, &first);
        Self {
            venue,
            most,
            versions: vec![first],
            capacities: BTreeMap::new(),
            stayed: BTreeSet::new(),
        }
    }

    fn today(&self) -> Day {
        period(&Zone::utc(), UnixMillis::new(self.venue.now), 0)
    }

    fn run(&mut self, step: &Step) {
        let doors = self.venue.doors.len();
        let venue = &mut self.venue;
        let of = |door: &usize| door % doors;
        // What a removed door writes from then on is refused by everybody's ledger.
        let acts = match step {
            Step::Enter { door, .. }
            | Step::Exit { door, .. }
            | Step::Click { door, .. }
            | Step::Give { from: door, .. }
            | Step::Restart { door, .. }
            | Step::Undo { door, .. }
            | Step::CountNobody { door } => !venue.doors[of(door)].removed,
            _ => true,
        };
        // A count by hand is taken at its word, a start that lost what it wrote begins anew by its clock, and a removed
        // door's last day is that of its removal: all three only of clocks that are nearly right.
        let acts = acts
            && match step {
                Step::CountNobody { door }
                | Step::Restart { door, lease: false, .. }
                | Step::Remove { door } => !venue.doors[of(door)].was_mad,
                _ => true,
            };
        match step {
            _ if !acts => {}
            Step::Enter { door, person } => drop(venue.enter(of(door), *person)),
            Step::Exit { door, person } => venue.exit(of(door), *person),
            Step::Click { door, people } if *people != 0 => venue.click(of(door), *people),
            Step::Give { from, to, rights } => venue.give(of(from), of(to), *rights),
            Step::Merge { from, to } if venue.groups[of(from)] == venue.groups[of(to)] => {
                venue.merge(of(from), of(to));
            }
            Step::Split { groups } => venue.groups = groups[..doors].to_vec(),
            Step::Restart { door, lease, lost } => venue.restart(of(door), *lease, *lost),
            Step::Order { door, most, cuts, days } => {
                let version = self.versions.len() as u64 + 1;
                let from = self.today().plus(*days);
                let most = most.unwrap_or(self.most); // mostly the same, shared out anew
                let order = capacity(version, most, shares(most, &cuts[..doors]), from);
                self.venue.order(of(door), version, &order);
                self.versions.push(order);
            }
            Step::Remove { door } if doors > 2 => venue.remove(of(door)),
            Step::Undo { door, nth } => self.undo(of(door), *nth),
            Step::CountNobody { door } => venue.reset(of(door), 0),
            Step::Clock { door, fast } => {
                let door = &mut venue.doors[of(door)];
                door.fast = *fast;
                door.was_mad |= fast.abs() > APART;
            }
            Step::Wait { millis } => venue.now += millis,
            _ => {}
        }
        self.venue.now += 1;
    }

    /// An own entry or click is voided; an exit is not, for that says that more are inside than was recorded.
    fn undo(&mut self, door: usize, nth: usize) {
        let own = |id: &RecordId| id.chain.author == key(door);
        let records = self.venue.doors[door].records.iter().rev();
        let adds = |r: &Record| match r {
            Record::Visit(v) => v.kind == VisitKind::Entry,
            Record::Clicks(c) => c.people > 0,
            _ => false,
        };
        let found = records.filter(|(id, r)| own(id) && adds(r)).nth(nth).map(|(id, _)| *id);
        if let Some(of) = found {
            let at = self.venue.clock(door);
            self.venue.write(
                door,
                Record::Correction(Correction { at, of, amend: Amend::Void, why: None }),
            );
        }
    }

    /// The largest capacity that some honest door may still go by on a day.
    fn in_force(&self, day: Day) -> u32 {
        let everything = self.venue.everything();
        let adopted = |n: usize| {
            let of_door = everything.iter().filter_map(|(id, r)| match r {
                Record::Adopted(a) if id.chain.author == key(n) && a.from <= day => Some(a.version),
                _ => None,
            });
            of_door.max().unwrap_or(1)
        };
        let honest = (0..self.venue.doors.len()).filter(|n| !self.venue.doors[*n].removed);
        let low = honest.map(adopted).min().unwrap_or(1);
        let known = self.versions.iter().filter_map(|o| match &o.matter {
            Matter::Capacity(c) if c.version >= low && c.from <= day => Some(c.most),
            _ => None,
        });
        known.max().unwrap_or(0)
    }

    /// The business days that anything was written in, by anybody's clock.
    fn days(&self) -> BTreeSet<Day> {
        let at = self.venue.everything().values().filter_map(super::venue::at_of);
        at.map(|at| period(&Zone::utc(), UnixMillis::new(at), 0)).collect()
    }

    /// Ends what has lasted the default stay by the clock of its own door.
    fn end_stays(&mut self) {
        for n in 0..self.venue.doors.len() {
            let stale = self.venue.clock(n).plus_millis(-super::venue::STAY);
            let ended = self.venue.everything().iter().filter(|(id, r)| {
                matches!(r, Record::Visit(v) if id.chain.author == key(n) && v.at <= stale)
            });
            let ended: Vec<_> = ended.map(|(id, _)| *id).collect();
            self.stayed.extend(ended);
        }
    }

    /// Told apart from the code under test: what is recorded as inside in a business day, over all honest doors. Who
    /// came before a count by hand came before it in truth, whatever the clocks say.
    fn recorded(&self, day: Day) -> i64 {
        let everything = self.venue.everything();
        let voided: Vec<RecordId> = everything
            .values()
            .filter_map(|r| match r {
                Record::Correction(c) if matches!(c.amend, Amend::Void) => Some(c.of),
                _ => None,
            })
            .collect();
        let written = |id: &RecordId| self.venue.written[id];
        let counted = everything.iter().filter(|(_, r)| matches!(r, Record::Reset(_)));
        let counted = counted.map(|(id, _)| written(id)).max().unwrap_or(0);
        let mut order: Vec<_> = everything.iter().collect();
        order.sort_by_key(|(id, r)| (super::venue::at_of(r), **id));
        let mut entries: Vec<(Tag, RecordId)> = Vec::new();
        let mut clicked = 0;
        for (id, record) in order {
            if voided.contains(id) {
                continue;
            }
            match record {
                // Who leaves after midnight has left, too.
                Record::Visit(v) if v.kind == VisitKind::Exit => {
                    entries.retain(|(t, _)| *t != v.tag);
                }
                Record::Visit(v) if period(&Zone::utc(), v.at, 0) == day => match v.kind {
                    VisitKind::Entry if self.venue.is_honest(id) => {
                        entries
                            .retain(|(t, i)| !(*t == v.tag && i.chain.author == id.chain.author));
                        entries.push((v.tag, *id));
                    }
                    VisitKind::Entry | VisitKind::Exit | VisitKind::Refusal => {}
                },
                Record::Clicks(c)
                    if period(&Zone::utc(), c.at, 0) == day && written(id) > counted =>
                {
                    clicked += if self.venue.is_honest(id) { i64::from(c.people) } else { 0 };
                }
                _ => {}
            }
        }
        let counts = |id: &RecordId| !self.stayed.contains(id) && written(id) > counted;
        let people = entries.iter().filter(|(_, id)| counts(id)).count();
        people as i64 + clicked
    }
}

impl World {
    /// Takes the steps; after each the capacity must hold, on every business day.
    fn holds(&mut self, steps: &[Step]) -> Result<(), TestCaseError> {
        for step in steps {
            self.run(step);
            self.end_stays();
            for day in self.days() {
                let before = self.capacities.get(&day).copied().unwrap_or(0);
                let in_force = self.in_force(day).max(before);
                self.capacities.insert(day, in_force);
                let recorded = self.recorded(day);
                let holds = recorded <= i64::from(in_force);
                prop_assert!(holds, "{recorded} of {in_force} on {day} after {step:?}");
            }
        }
        Ok(())
    }
}

fn merged(world: &World, backwards: bool) -> Occupancy {
    let mut known = Occupancy::new(Zone::utc());
    let mut all: Vec<_> = world.venue.everything().clone().into_iter().collect();
    if backwards {
        all.reverse();
    }
    world.versions.iter().for_each(|order| known.take_order(order));
    all.iter().for_each(|(id, r)| known.take(&StoredRecord { id: *id, record: r.clone() }));
    known
}

proptest! {
    #![proptest_config(cases())]

    /// Among honest, uncloned doors, recorded entries that have not ended never exceed the capacity in force.
    #[test]
    fn the_capacity_holds_whatever_the_partition(
        doors in prop_oneof![4 => 2usize..4, 1 => 4usize..9],
        most in prop_oneof![4 => 1u32..6, 1 => 0u32..25],
        weights in proptest::collection::vec(0u32..10, DOORS_MAX),
        steps in proptest::collection::vec(step(), 1..120),
    ) {
        World::new(doors, most, &weights).holds(&steps)?;
    }

    /// The same records in any order give the same count, the same pairs and the same rights.
    #[test]
    fn any_order_and_any_repetition_give_the_same(
        doors in 2usize..5,
        weights in proptest::collection::vec(0u32..10, DOORS_MAX),
        steps in proptest::collection::vec(step(), 1..80),
        order in proptest::collection::vec(any::<proptest::sample::Index>(), 0..100),
    ) {
        let mut world = World::new(doors, 20, &weights);
        steps.iter().for_each(|step| world.run(step));
        let all: Vec<_> = world.venue.everything().clone().into_iter().collect();
        let mut straight = merged(&world, false);
        let mut mixed = Occupancy::new(Zone::utc());
        for index in order.iter().filter(|_| !all.is_empty()) {
            let (id, record) = index.get(&all).clone();
            mixed.take(&StoredRecord { id, record });
        }
        world.versions.iter().rev().for_each(|order| mixed.take_order(order));
        all.iter().rev().for_each(|(id, r)| mixed.take(&StoredRecord { id: *id, record: r.clone() }));
        let now = UnixMillis::new(world.venue.now);
        let since = UnixMillis::new(NOON);
        prop_assert_eq!(straight.inside(ZONE, now, since), mixed.inside(ZONE, now, since));
        prop_assert_eq!(straight.duplicates(since, None), mixed.duplicates(since, None));
        let links = BTreeMap::new();
        let moment = Now { now, since, stay: None, links: &links };
        for n in 0..doors {
            let start = &world.venue.doors[n].start;
            prop_assert_eq!(straight.left(ZONE, start, &moment), mixed.left(ZONE, start, &moment));
        }
        prop_assert_eq!(&straight.tallies, &mixed.tallies);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    /// The same with as many doors as there may be.
    #[test]
    fn the_capacity_holds_at_sixty_four_doors(
        most in 30u32..300,
        weights in proptest::collection::vec(0u32..10, DOORS_MAX),
        steps in proptest::collection::vec(step(), 200..400),
    ) {
        World::new(DOORS_MAX, most, &weights).holds(&steps)?;
    }
}
