//! One process for each seed: libp2p counts connections for the whole process, and a seed must run alone as it
//! ran among others.

use std::{
    env,
    ops::Range,
    process::{Command, Output},
    sync::Mutex,
    thread,
};

/// The seed that this process was started for.
const SEED: &str = "VESTIBULE_SEED";
/// The seeds that the caller wants in place of the usual ones.
const SEEDS: &str = "VESTIBULE_SEEDS";

/// One story at a time: each uses all processors.
static TURN: Mutex<()> = Mutex::new(());

fn wanted(usual: Range<u64>) -> Range<u64> {
    let Ok(text) = env::var(SEEDS) else { return usual };
    let bounds = text.split_once("..").and_then(|(a, b)| Some(a.parse().ok()?..b.parse().ok()?));
    bounds.unwrap_or_else(|| panic!("{SEEDS}={text:?} is not of the form 0..100"))
}

/// Starts this program for one story and one seed.
pub(crate) fn alone(test: &str, seed: u64) -> Output {
    Command::new(env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(SEED, seed.to_string())
        .output()
        .unwrap()
}

/// The seed of this process, if it was started for one.
pub(crate) fn own() -> Option<u64> {
    Some(env::var(SEED).ok()?.parse().unwrap())
}

/// Runs the story of this test for each seed and names those that fail.
pub(crate) fn each(test: &str, usual: Range<u64>, story: impl Fn(u64)) {
    if let Some(seed) = own() {
        return story(seed);
    }
    let _turn = TURN.lock();
    let left = Mutex::new(wanted(usual));
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some(seed) = left.lock().unwrap().next() else { return };
                    let output = alone(test, seed);
                    if !output.status.success() {
                        failed.lock().unwrap().push(seed);
                        eprintln!("{}", String::from_utf8_lossy(&output.stdout));
                        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
                    }
                }
            });
        }
    });
    for seed in &*failed.lock().unwrap() {
        let next = seed + 1;
        eprintln!("again: cd tests/net-sim && {SEEDS}={seed}..{next} cargo test {test} -- --exact");
    }
    assert!(failed.lock().unwrap().is_empty(), "{test} fails");
}
