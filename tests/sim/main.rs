//! Seeded simulation of sync: real books and sessions, a network and clocks made of numbers, virtual time.
//!
//! Every run is fixed by its seed; a failing seed is printed and can be run alone:
//! `VESTIBULE_SEEDS=17..18 cargo nextest run -p tests --test sim`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod world;

use std::ops::Range;

use rand::{RngExt, SeedableRng, rngs::StdRng};
use world::{World, minutes, seconds};

/// Seeds of the default run.
const SEEDS: Range<u64> = 0..24;

fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var("VESTIBULE_SEEDS") else {
        return SEEDS;
    };
    let bounds = text.split_once("..").and_then(|(a, b)| Some(a.parse().ok()?..b.parse().ok()?));
    bounds.unwrap_or_else(|| panic!("VESTIBULE_SEEDS={text:?} is not of the form 0..100"))
}

/// Runs a story for every seed and names the one that fails.
fn for_each_seed(story: impl Fn(u64) + std::panic::RefUnwindSafe) {
    for seed in seeds() {
        if let Err(cause) = std::panic::catch_unwind(|| story(seed)) {
            eprintln!("seed {seed} failed; run it alone with VESTIBULE_SEEDS={seed}..{}", seed + 1);
            std::panic::resume_unwind(cause);
        }
    }
}

#[test]
fn whatever_happens_all_converge_and_nothing_acknowledged_is_lost() {
    for_each_seed(|seed| {
        let mut rng = StdRng::seed_from_u64(seed);
        let doors = rng.random_range(2..=5);
        let mut world = World::new(seed, doors);
        for _ in 0..rng.random_range(20..60) {
            match rng.random_range(0..10) {
                0..=4 => world.record(rng.random_range(0..doors), rng.random_range(1..6)),
                5 => world.cut(rng.random_range(0..=doors), rng.random_range(0..=doors)),
                6 => world.cut_all(rng.random_range(0..=doors)),
                7 => world.heal_all(),
                8 => world.restart(rng.random_range(0..=doors)),
                _ => world.jump_clock(rng.random_range(0..=doors), rng.random_range(-240..240)),
            }
            world.run(seconds(rng.random_range(0..8)));
        }
        world.heal_all();
        world.run(minutes(3));
        world.assert_converged();
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
        world.assert_converged();
        // And the door learns from its sibling that the authority has them.
        assert_eq!(world.unacknowledged(0), 0, "door A does not know that its visits arrived");
    });
}

#[test]
fn a_quiet_venue_says_little() {
    let mut world = World::new(1, 2);
    world.record(0, 3);
    world.run(minutes(1));
    world.assert_converged();
    let before = world.requests_sent();
    world.run(minutes(10));
    let sent = world.requests_sent() - before;
    // Three links, both ends, a heartbeat of 15 s: 240; a busy loop would be thousands.
    assert!(sent <= 260, "{sent} requests in ten quiet minutes");
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
        (world.requests_sent(), world.heads(0))
    };
    assert_eq!(run(), run());
}

#[test]
fn an_expired_door_is_cut_off_and_the_others_go_on() {
    let mut world = World::new(3, 3);
    world.record(0, 1);
    world.run(seconds(30));
    world.expire(0);
    world.run(seconds(30));
    world.record(0, 2);
    world.record(1, 2);
    world.run(minutes(2));
    assert!(world.is_refused(0, "membership-expired"), "door A does not know why it is alone");
    world.assert_converged_except(0);
}
