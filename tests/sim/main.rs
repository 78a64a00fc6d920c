//! Seeded simulation of sync: real books and sessions, a network and clocks made of numbers, virtual time.
//!
//! Every run is fixed by its seed; a failing seed is printed and can be run alone:
//! `VESTIBULE_SEEDS=17..18 cargo nextest run -p tests --test sim`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod world;

use std::{
    ops::Range,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use world::{World, minutes, seconds};

/// Seeds of the default run; `tests/all seeds` runs thousands.
const SEEDS: Range<u64> = 0..24;

fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var("VESTIBULE_SEEDS") else {
        return SEEDS;
    };
    let bounds = text.split_once("..").and_then(|(a, b)| Some(a.parse().ok()?..b.parse().ok()?));
    bounds.unwrap_or_else(|| panic!("VESTIBULE_SEEDS={text:?} is not of the form 0..100"))
}

/// Runs a story for every seed, on every core, and names those that fail.
fn for_each_seed(story: impl Fn(u64) + std::panic::RefUnwindSafe + Sync) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicU64::new(seeds().start);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if !seeds().contains(&seed) {
                        return;
                    }
                    if std::panic::catch_unwind(|| story(seed)).is_err() {
                        eprintln!("seed {seed} failed");
                        failed.lock().unwrap().push(seed);
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort_unstable();
    if let Some(seed) = failed.first() {
        panic!("seeds {failed:?} failed; run one alone: VESTIBULE_SEEDS={seed}..{}", seed + 1);
    }
}

/// One thing that happens, by the dice. `wild` adds clocks that are far off.
fn befall(world: &mut World, rng: &mut StdRng, wild: bool) {
    let (door, other) = (world.any_door(), world.any_node());
    match rng.random_range(0..36) {
        0..=8 => world.record(door, rng.random_range(1..6)),
        9 => world.record_as_manager(door),
        10..=11 => world.cut(door, other),
        12 => world.cut_one_way(door, other),
        13 => world.cut_one_way(other, door),
        14 => world.cut_all(other),
        15 => world.heal_all(),
        16 => world.break_connection(door, other),
        17 => world.restart(other),
        18 => world.set_clock(other, rng.random_range(-240..240)),
        19 if wild => world.set_clock(other, rng.random_range(-10_800..10_800)),
        20 => world.back_up(door),
        21 => world.restore(door),
        22 => world.publish(),
        23 => world.set_capacity(door),
        24 => world.adopt(door),
        25..=31 => (0..rng.random_range(1..5)).for_each(|_| world.enter(door)),
        32..=33 => world.leave(door),
        34 => world.give(door, other),
        _ => {
            for _ in 0..3 {
                world.replay();
            }
        }
    }
}

#[test]
fn whatever_happens_all_converge_and_nothing_acknowledged_is_lost() {
    for_each_seed(|seed| {
        let mut rng = StdRng::seed_from_u64(seed);
        // Small venues mostly: they find most, and many can be tried.
        let doors = if seed % 5 == 0 { rng.random_range(2..=8) } else { rng.random_range(2..=4) };
        let mut world = World::new(seed, doors);
        let removal = rng.random_range(0..80);
        let wild = rng.random_range(0..4) == 0;
        // The first seeds are long stories; of the thousands after them most are short.
        let steps = if seed < SEEDS.end { 20..60 } else { 10..40 };
        for step in 0..rng.random_range(steps) {
            befall(&mut world, &mut rng, wild);
            if step == removal && doors > 2 {
                let (door, at) = (world.any_door(), world.any_door());
                world.remove(door, at);
            }
            world.run(seconds(rng.random_range(0..8)));
            world.assert_capacity_holds();
        }
        world.heal_and_settle();
        world.assert_converged();
        if seed < SEEDS.end {
            world.assert_quiet();
        }
    });
}

#[test]
fn a_door_without_a_way_to_the_authority_is_carried_by_its_sibling() {
    for_each_seed(|seed| {
        let mut world = World::new(seed, 2);
        let authority = world.authority();
        world.cut(0, authority);
        world.record(0, 5);
        world.run(minutes(1));
        // The door learns from its sibling that the authority has them.
        world.assert_converged();
    });
}

#[test]
fn a_clock_hours_ahead_makes_its_own_chain_wait_and_no_other() {
    for_each_seed(|seed| {
        let mut world = World::new(seed, 3);
        world.set_clock(0, 3 * 3600);
        world.record(0, 3);
        world.record(1, 3);
        world.run(minutes(2));
        world.set_clock(0, 0);
        let authority = world.authority();
        let of_others = world.venue(authority).chains.values().map(|h| h.visits).sum::<u64>();
        assert_eq!(of_others, 3, "the other door's visits do not wait");
        // Sessions hold all the time: nobody needs to call again for the chain to come.
        world.run(minutes(3 * 60 + 5));
        world.assert_converged();
    });
}

#[test]
fn a_clock_that_is_set_back_stops_no_session() {
    for_each_seed(|seed| {
        let mut world = World::new(seed, 2);
        world.record(0, 1);
        world.run(seconds(30));
        // Door A and the authority know nothing of each other: door B carries, whose clock goes back.
        let authority = world.authority();
        world.cut(0, authority);
        world.run(minutes(1));
        world.set_clock(1, -3 * 3600);
        world.set_clock(0, -3 * 3600);
        world.record(0, 2);
        world.run(minutes(2));
        world.assert_converged();
    });
}

#[test]
fn a_removed_door_is_refused_and_what_it_wrote_arrives_through_others() {
    for_each_seed(|seed| {
        let mut world = World::new(seed, 4);
        let authority = world.authority();
        world.cut(0, authority);
        world.cut(0, 2);
        world.cut(0, 3);
        world.record(0, 4);
        // Its one sibling has it, and has told nobody yet.
        world.cut(1, authority);
        world.cut(1, 2);
        world.cut(1, 3);
        world.run(seconds(20));
        world.remove(0, 2);
        world.heal_and_settle();
        world.assert_converged();
        let arrived = world.venue(authority).chains.values().map(|h| h.visits).sum::<u64>();
        assert_eq!(arrived, 4);
        assert!(world.is_refused(0, "removed"), "door A does not know why it is alone");
    });
}

#[test]
fn the_same_seed_runs_the_same_way() {
    let run = || {
        let mut world = World::new(9, 3);
        world.record(0, 4);
        world.run(seconds(3));
        world.cut_all(1);
        world.record(1, 2);
        world.run(seconds(5));
        world.heal_all();
        world.run(minutes(1));
        (world.requests_sent(), world.venue(0))
    };
    assert_eq!(run(), run());
}

#[test]
fn an_expired_door_is_cut_off_and_the_others_go_on() {
    let mut world = World::whose_first_door_lasts(seconds(60), 3, 3);
    world.record(0, 1);
    world.run(seconds(90));
    world.record(0, 2);
    world.record(1, 2);
    world.run(minutes(2));
    assert!(world.is_refused(0, "membership-expired"), "door A does not know why it is alone");
    world.assert_converged_except(0);
}
