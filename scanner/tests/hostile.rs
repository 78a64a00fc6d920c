//! Small frames of chance and damage: none panics, none takes more than its budget.
//!
//! `VESTIBULE_FUZZ_FRAMES=1000000 cargo test --release -p scanner --test hostile` runs as many as said.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use scanner::{Budget, DecodeError, Effort, Eye, Luma, Uptime, View, decode_within, stage};

/// Frames of a run inside CI.
const FRAMES: u64 = 600;
const SIDE_MAX: u64 = 200;
/// A long run says how far it is after so many frames.
const PROGRESS: u64 = 10_000;
/// Looks at the clock that a frame may take: each is worth about 0.2 ms.
const LOOKS_MAX: u64 = 2_000;

struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }
}

/// Small sides more often than large ones: there are the edges, and a frame of theirs costs less.
fn side(chance: &mut Chance) -> u32 {
    let within = 1 + chance.below(SIDE_MAX);
    1 + chance.below(within) as u32
}

/// A frame of noise, of stripes and squares, or a part of a staged one, then damaged; one in forty is a whole small symbol,
/// so that it is seen that something is read.
fn frame(chance: &mut Chance, staged: &[Luma]) -> Luma {
    if chance.below(40) == 0 {
        return staged[0].crop(0, 0, SIDE_MAX as u32, SIDE_MAX as u32).unwrap();
    }
    let (width, height) = (side(chance), side(chance));
    let mut pixels: Vec<u8> = match chance.below(4) {
        0 => (0..width * height).map(|_| chance.next() as u8).collect(),
        1 => {
            let (across, down) = (1 + chance.below(12) as u32, 1 + chance.below(12) as u32);
            (0..width * height)
                .map(|at| if (at % width / across + at / width / down) % 2 == 0 { 20 } else { 230 })
                .collect()
        }
        _ => {
            let from = &staged[chance.below(staged.len() as u64) as usize];
            let left = chance.below(u64::from(from.width() - width)) as u32;
            let top = chance.below(u64::from(from.height() - height)) as u32;
            from.crop(left, top, width, height).unwrap().pixels().to_vec()
        }
    };
    for _ in 0..chance.below(6) {
        let from = chance.below(pixels.len() as u64) as usize;
        let long = chance.below(400) as usize;
        let value = chance.next() as u8;
        let end = (from + long).min(pixels.len());
        match chance.below(3) {
            0 => pixels[from..end].fill(value),
            1 => pixels[from..end].iter_mut().for_each(|pixel| *pixel ^= value),
            _ => pixels[from..end].reverse(),
        }
    }
    Luma::new(width, height, pixels).unwrap()
}

/// Symbols of several sizes around the middle, so that parts of a frame hold parts of them.
fn staged() -> Vec<Luma> {
    let texts = ["A", "HOSTILE FRAMES OF ALL KINDS", &"LONG ".repeat(40)];
    let sides = [60.0, 110.0, 180.0, 420.0];
    let all = texts.iter().flat_map(|text| sides.iter().map(move |side| (text, *side)));
    let frames = all.map(|(text, side)| {
        let view = View { center: (100.0, 100.0), side, turn_deg: side / 9.0, ..View::head_on() };
        stage(text, &view, side as u64).unwrap().crop(0, 0, 420, 420).unwrap()
    });
    frames.collect()
}

/// What came of the frames of one worker.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    read: u64,
    given_up: u64,
    most: u64,
}

/// Frames by turns alone and as a stream; the seed is named with a frame that does not hold.
fn run(seed: u64, frames: u64, staged: &[Luma]) -> Tally {
    let mut chance = Chance(seed);
    let mut eye = Eye::new();
    let mut tally = Tally::default();
    for number in 0..frames {
        let luma = frame(&mut chance, staged);
        let looks = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&looks);
        let uptime: Uptime =
            Arc::new(move || Duration::from_millis(count.fetch_add(1, Ordering::Relaxed)));
        let budget = Budget::until(uptime, Duration::MAX);
        let outcome = if number % 2 == 0 {
            decode_within(&luma, Effort::TwoLooks, &budget)
        } else {
            eye.look(&luma, Duration::from_millis(number * 33), &budget)
        };
        tally.most = tally.most.max(looks.load(Ordering::Relaxed));
        match outcome {
            Ok(found) => tally.read += u64::from(!found.is_empty()),
            Err(DecodeError::OverBudget) => tally.given_up += 1,
            Err(cause) => panic!("seed {seed}, frame {number} ({luma:?}): {cause}"),
        }
        assert!(tally.most <= LOOKS_MAX, "seed {seed}, frame {number}: {} looks", tally.most);
        if (number + 1) % PROGRESS == 0 {
            eprintln!("seed {seed}: {} of {frames} frames", number + 1);
        }
    }
    tally
}

#[test]
fn no_frame_panics_or_exceeds_its_budget() {
    let frames = std::env::var("VESTIBULE_FUZZ_FRAMES").ok().map_or(FRAMES, |n| n.parse().unwrap());
    let staged = staged();
    let workers = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let begun: Vec<_> = (0..workers)
            .map(|worker| {
                let share = (frames + worker) / workers;
                let staged = &staged;
                scope.spawn(move || run(20_260_101 + worker, share, staged))
            })
            .collect();
        begun.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let sum = |part: fn(&Tally) -> u64| tallies.iter().map(part).sum::<u64>();
    let (read, given_up) = (sum(|t| t.read), sum(|t| t.given_up));
    let most = tallies.iter().map(|t| t.most).max().unwrap_or_default();
    eprintln!(
        "{frames} frames: {read} read, {given_up} given up, at most {most} looks at the clock"
    );
    assert!(
        frames < 500 || read > 0,
        "no part of a symbol was ever read: the frames are not what they should be"
    );
}
