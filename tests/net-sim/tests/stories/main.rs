//! Stories of a region with libp2p itself on a simulated network; a failure prints its seed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod seeds;

use std::time::Duration;

use net_sim::{Plan, World, minutes, seconds};
use rand::{RngExt, SeedableRng, rngs::StdRng};

/// After `RUST_LOG`, for looking into a failed seed.
fn log() {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

fn region(seed: u64, rng: &mut StdRng, doors: u16) -> World {
    log();
    let latency_max = Duration::from_millis(rng.random_range(20..300));
    let tick = Duration::from_millis(10);
    World::new(&Plan { seed, doors, venues: 1 + doors / 6, tick, latency_max })
}

/// One random thing happens.
fn happen(world: &mut World, rng: &mut StdRng) {
    let all = world.machines();
    let (a, b) = (rng.random_range(0..all), rng.random_range(0..all));
    let door = rng.random_range(0..world.authority());
    match rng.random_range(0..22) {
        0..=7 => world.record(door, rng.random_range(1..6)),
        8 => world.cut(a, b),
        9 => world.cut_one_way(a, b),
        10 => world.isolate(a),
        11 => world.hold(a, b),
        12 => world.lose(a, b, rng.random_range(0.001..0.1)),
        13 => world.slow_down(a, b, Duration::from_millis(rng.random_range(20..3000))),
        14 => world.kill(a),
        15 => world.pull_the_plug(a),
        16 => world.set_skew(a, seconds(rng.random_range(-240..240))),
        17 => world.back_up(a),
        18 => world.restore(a),
        19..=20 => world.reset(a, b),
        _ => {
            world.mend();
            world.start_all();
        }
    }
}

/// The random story, up to where all has to be well.
fn any_life(seed: u64) -> World {
    let mut rng = StdRng::seed_from_u64(seed);
    let doors = rng.random_range(2..=8);
    let mut world = region(seed, &mut rng, doors);
    for _ in 0..rng.random_range(20..60) {
        happen(&mut world, &mut rng);
        world.run(rng.random_range(0..seconds(12)));
    }
    world.calm();
    world.run(minutes(5));
    world
}

#[test]
fn whatever_happens_all_converge_and_nothing_recorded_is_lost() {
    seeds::each("whatever_happens_all_converge_and_nothing_recorded_is_lost", 0..20, |seed| {
        let world = any_life(seed);
        let (recorded, forgone) = world.recorded();
        eprintln!("seed {seed}: {world:?}, {recorded} visits, {forgone} gone with a disk");
        world.assert_all_is_well();
    });
}

/// How long a dead line may pass for a living one, and a mended one for dead.
const NOTICED_WITHIN: i64 = seconds(90);

#[test]
fn a_dead_line_is_noticed_and_a_mended_one_used_again() {
    seeds::each("a_dead_line_is_noticed_and_a_mended_one_used_again", 0..20, |seed| {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut world = region(seed, &mut rng, 3);
        world.run_until(minutes(1), World::all_see_each_other).expect("all meet");
        world.run(rng.random_range(0..minutes(1)));
        let (a, b) = [(0, 1), (0, 3), (3, 0)][rng.random_range(0..3)];
        // A clock that is put back must not put the heartbeat off.
        world.set_skew(a, seconds(rng.random_range(-240..120)));
        match rng.random_range(0..3) {
            0 => world.cut(a, b),
            1 => world.cut_one_way(a, b),
            _ => world.hold(a, b),
        }
        let dead = |w: &World| !w.sees(a, b) && !w.sees(b, a);
        let noticed = world.run_until(NOTICED_WITHIN, dead);
        world.record(0, 2);
        world.run(minutes(1));
        world.mend();
        let back = world.run_until(NOTICED_WITHIN, World::all_see_each_other);
        eprintln!("seed {seed}: noticed after {noticed:?} ms, back after {back:?} ms");
        assert!(noticed.is_some(), "one end still takes {a} - {b} for alive");
        assert!(back.is_some(), "{a} and {b} do not find together again");
        world.run(minutes(1));
        world.assert_all_is_well();
    });
}

#[test]
fn a_door_cut_off_from_the_authority_is_carried_by_its_sibling() {
    seeds::each("a_door_cut_off_from_the_authority_is_carried_by_its_sibling", 0..4, |seed| {
        let mut world = region(seed, &mut StdRng::seed_from_u64(seed), 2);
        world.cut(0, world.authority());
        world.record(0, 5);
        world.run(seconds(5));
        world.record(0, 5);
        world.run(minutes(2));
        assert!(world.recorded().0 > 0);
        world.assert_all_is_well();
    });
}

#[test]
fn a_restored_door_gets_its_own_visits_back() {
    seeds::each("a_restored_door_gets_its_own_visits_back", 0..8, |seed| {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut world = region(seed, &mut rng, 3);
        world.run(seconds(5));
        world.record(0, 3);
        world.run(rng.random_range(0..seconds(10)));
        world.back_up(0);
        world.start_all();
        world.run(seconds(5));
        world.record(0, 5);
        world.run(rng.random_range(seconds(5)..minutes(4)));
        world.restore(0);
        world.start_all();
        world.run(seconds(1));
        world.record(0, 2);
        world.run(minutes(2));
        assert_eq!(world.recorded(), (10, 0));
        world.assert_all_is_well();
    });
}

#[test]
fn connections_that_are_reset_again_and_again_lose_nothing() {
    seeds::each("connections_that_are_reset_again_and_again_lose_nothing", 0..8, |seed| {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut world = region(seed, &mut rng, 4);
        for _ in 0..200 {
            let (a, b) = (rng.random_range(0..world.machines()), rng.random_range(0..4));
            world.reset(a, b);
            world.record(b, u64::from(rng.random_bool(0.2)));
            world.run(rng.random_range(0..seconds(2)));
        }
        let met = world.run_until(minutes(1), World::all_see_each_other);
        assert!(met.is_some(), "a minute of quiet, and not all have met");
        world.run(minutes(1));
        world.assert_all_is_well();
    });
}

/// As many as one venue may have. turmoil looks at every line at every tick, so that they must be longer.
#[test]
fn sixty_four_doors_of_one_venue_live_through_an_evening() {
    seeds::each("sixty_four_doors_of_one_venue_live_through_an_evening", 0..1, |seed| {
        log();
        let mut rng = StdRng::seed_from_u64(seed);
        let (tick, latency_max) = (Duration::from_millis(50), Duration::from_millis(200));
        let mut world = World::new(&Plan { seed, doors: 64, venues: 1, tick, latency_max });
        let met = world.run_until(minutes(2), World::all_see_each_other);
        eprintln!("seed {seed}: all met after {met:?} ms");
        assert!(met.is_some(), "not all doors have met");
        for _ in 0..12 {
            happen(&mut world, &mut rng);
            world.record(rng.random_range(0..64), 2);
            world.run(rng.random_range(0..seconds(2)));
        }
        world.calm();
        world.run(seconds(45));
        eprintln!("seed {seed}: {world:?}, {:?} visits", world.recorded());
        world.assert_all_is_well();
    });
}

#[test]
fn the_same_seed_runs_the_same_way() {
    let test = "the_same_seed_runs_the_same_way";
    if let Some(seed) = seeds::own() {
        any_life(seed).trace().iter().for_each(|line| eprintln!("{line}"));
        return;
    }
    for seed in [3, 11] {
        let [one, other] = [(); 2].map(|()| seeds::alone(test, seed));
        assert!(one.status.success() && other.status.success(), "seed {seed} fails");
        let [one, other] = [one, other].map(|run| String::from_utf8(run.stderr).unwrap());
        assert!(one.lines().count() > 100, "a trace of nothing says nothing: {one}");
        let differ = one.lines().zip(other.lines()).find(|(a, b)| a != b);
        assert_eq!(differ, None, "seed {seed} ran in two ways");
        assert_eq!(one.len(), other.len());
    }
}
