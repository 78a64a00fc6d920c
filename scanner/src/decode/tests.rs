//! The decoder on staged frames, on hostile ones, and on the shared test pictures.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::*;
use crate::{StageError, Uptime, View, open_picture, stage, stage_all};

fn texts(luma: &Luma) -> Vec<String> {
    let mut texts: Vec<String> = decode(luma)
        .iter()
        .map(|found| found.payload.text().expect("a text was staged").to_owned())
        .collect();
    texts.sort();
    texts
}

#[test]
fn bytes_that_are_no_text_stay_bytes() {
    assert_eq!(Payload::from_bytes(b"ST1:".to_vec()).text(), Some("ST1:"));
    let raw = Payload::from_bytes(vec![0xFF, 0x00, 0x80]);
    assert_eq!((raw.text(), raw.as_bytes()), (None, &[0xFF, 0x00, 0x80][..]));
    assert_eq!(format!("{:?}", Payload::from_bytes(b"SECRET".to_vec())), "Text(6 bytes)");
}

#[test]
fn corners_are_where_the_symbol_was_staged() {
    let view = View::head_on();
    let found = decode(&stage("HELLO", &view, 1).unwrap());
    let half = view.side / 2.0;
    let (cx, cy) = view.center;
    let expected = [(-half, -half), (half, -half), (half, half), (-half, half)];
    for (corner, (dx, dy)) in found[0].corners.iter().zip(expected) {
        let off = (corner.x as f32 - cx - dx).hypot(corner.y as f32 - cy - dy);
        // A module is 20 pixels here.
        assert!(off < 8.0, "{corner:?} is {off} px off");
    }
}

#[test]
fn empty_rooms_hold_no_code() {
    for seed in 0..8 {
        assert_eq!(decode(&stage_all(&[], seed).unwrap()), [], "seed {seed}");
    }
    for pixels in [vec![0; 64 * 48], vec![255; 64 * 48]] {
        assert_eq!(decode(&Luma::new(64, 48, pixels).unwrap()), []);
    }
    for (width, height) in [(1, 1), (1, 4096), (4096, 1), (2, 3)] {
        let pixels = vec![7; (width * height) as usize];
        assert_eq!(decode(&Luma::new(width, height, pixels).unwrap()), []);
    }
}

#[test]
fn half_a_code_is_no_code() {
    for center in [(0.0, 360.0), (1280.0, 360.0), (640.0, 0.0), (640.0, 720.0)] {
        let view = View { center, ..View::head_on() };
        assert_eq!(decode(&stage("HALF A CODE", &view, 1).unwrap()), [], "{center:?}");
    }
}

#[test]
fn five_codes_in_one_frame_are_five_and_a_copy_is_one() {
    let at = |x: f32, y: f32, turn_deg: f32| View {
        center: (x, y),
        side: 170.0,
        turn_deg,
        ..View::head_on()
    };
    // Turned each its own way: rqrr takes finder patterns of aligned neighbours for one symbol.
    let places = [
        at(160.0, 180.0, 4.0),
        at(640.0, 190.0, 31.0),
        at(1120.0, 180.0, -24.0),
        at(380.0, 540.0, 55.0),
        at(880.0, 530.0, -9.0),
    ];
    let names = ["ONE", "TWO", "THREE", "FOUR", "FIVE"];
    let symbols: Vec<_> = names.into_iter().zip(places).collect();
    let mut expected = names.map(str::to_owned);
    expected.sort();
    assert_eq!(texts(&stage_all(&symbols, 1).unwrap()), expected);
    let copies = places.map(|place| ("SAME", place));
    assert_eq!(texts(&stage_all(&copies, 1).unwrap()), ["SAME"]);
}

#[test]
fn the_largest_symbol_gives_its_text_or_nothing() {
    let longest = "x".repeat(2953);
    let view = View { side: 660.0, ..View::head_on() };
    let read = texts(&stage(&longest, &view, 1).unwrap());
    assert!(read.is_empty() || read == [longest.clone()]);
    assert!(matches!(stage(&(longest + "x"), &view, 1), Err(StageError::Long { .. })));
}

#[test]
fn inverted_and_mirrored_codes_are_read() {
    let staged = stage("INVERTED", &View::head_on(), 1).unwrap();
    let inverted = staged.pixels().iter().map(|grey| 255 - grey).collect();
    assert_eq!(texts(&Luma::new(1280, 720, inverted).unwrap()), ["INVERTED"]);
    let mirrored: Vec<u8> =
        staged.pixels().chunks(1280).flat_map(|row| row.iter().rev().copied()).collect();
    assert_eq!(texts(&Luma::new(1280, 720, mirrored).unwrap()), ["INVERTED"]);
}

/// Ticks a millisecond each time it is asked.
fn ticking() -> (Uptime, Arc<AtomicU64>) {
    let asked = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&asked);
    (Arc::new(move || Duration::from_millis(count.fetch_add(1, Ordering::Relaxed))), asked)
}

#[test]
fn a_spent_budget_ends_the_search_and_the_next_frame_is_read() {
    let frame = stage("BUDGET", &View::head_on(), 1).unwrap();
    let (uptime, asked) = ticking();
    let late = Budget::until(uptime, Duration::from_millis(3));
    assert_eq!(decode_within(&frame, Effort::TwoLooks, &late), Err(DecodeError::OverBudget));
    let asked = asked.load(Ordering::Relaxed);
    assert!((4..=5).contains(&asked), "asked {asked} times with a deadline after three");
    assert_eq!(texts(&frame), ["BUDGET"]);
}

/// A wall of finder patterns: every three of them may be a symbol, and rqrr tries most of them.
fn wallpaper() -> Luma {
    let dark = |x: u32, y: u32| {
        let (x, y) = (x % 36 / 3, y % 36 / 3);
        let ring = x.abs_diff(3).max(y.abs_diff(3));
        x < 7 && y < 7 && ring != 2
    };
    let pixels = (0..1280 * 720).map(|at| if dark(at % 1280, at / 1280) { 20 } else { 230 });
    Luma::new(1280, 720, pixels.collect()).unwrap()
}

#[test]
fn a_wallpaper_of_finder_patterns_is_given_up() {
    let start = std::time::Instant::now();
    let outcome = decode_within(&wallpaper(), Effort::TwoLooks, &Budget::default());
    let took = start.elapsed();
    eprintln!("wallpaper: {outcome:?} after {took:?}");
    assert_eq!(outcome.unwrap_or_default(), []);
    assert!(took < Duration::from_secs(10), "{took:?}");
}

fn shared() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/qr");
    let there = folder.join("manifest.json").is_file();
    assert!(there, "the shared test pictures are missing: {} is needed", folder.display());
    folder
}

#[test]
fn frames_that_made_rqrr_hang_end_in_time() {
    for name in ["lots001_1280x960.pgm", "synth_shared_noise_dense_02.pgm"] {
        let small = open_picture(&shared().join("hang").join(name)).unwrap();
        for frame in [small.doubled().unwrap(), small] {
            let start = std::time::Instant::now();
            let outcome = decode_within(&frame, Effort::TwoLooks, &Budget::default());
            let took = start.elapsed();
            eprintln!("{name} {frame:?}: {:?} after {took:?}", outcome.as_ref().map(Vec::len));
            // Twenty times what it takes.
            assert!(took < Duration::from_secs(5), "{name}: {took:?}");
        }
    }
}
