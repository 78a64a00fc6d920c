//! The most memory that a frame costs beside itself.

#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(target_os = "linux")]

use std::fs;

use scanner::{Budget, Effort, Luma, View, decode_within, stage};

const MIB: u64 = 1 << 20;
const BUDGET: u64 = 32 * MIB;

/// A figure of this process, in bytes.
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// The largest frame: grey noise with the patterns of many symbols in it.
fn largest() -> Luma {
    let side = scanner::SIDE_PX_MAX;
    let dark = |x: u32, y: u32| {
        let (x, y) = (x % 60 / 3, y % 60 / 3);
        let ring = x.abs_diff(3).max(y.abs_diff(3));
        x < 7 && y < 7 && ring != 2
    };
    let pixels = (0..side * side).map(|at| {
        let noise = (at.wrapping_mul(2_654_435_761) >> 27) as u8;
        if dark(at % side, at / side) { 20 + noise } else { 200 + noise }
    });
    Luma::new(side, side, pixels.collect()).unwrap()
}

#[test]
fn no_frame_costs_more_than_its_share() {
    let usual = stage(&"DENSE ".repeat(100), &View::walk_up(1), 1).unwrap();
    for luma in [usual, largest()] {
        // 5 resets the peak.
        fs::write("/proc/self/clear_refs", "5").unwrap();
        let before = status("VmRSS");
        let _ = decode_within(&luma, Effort::TwoLooks, &Budget::default());
        let peak = status("VmHWM").saturating_sub(before);
        eprintln!("{luma:?}: {:.1} MiB", peak as f64 / MIB as f64);
        assert!(peak <= BUDGET, "{luma:?}: {peak} bytes");
    }
}
