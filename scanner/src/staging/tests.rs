//! Staged frames: the same for the same seed, and readable.

use super::*;
use crate::decode;

/// As long as a status token: 240 characters of base45, each text another one.
fn token(seed: u64) -> String {
    const BASE45: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let mut dice = Dice::new(seed);
    (0..240).map(|_| char::from(BASE45[dice.roll() as usize % 45])).collect()
}

#[test]
fn a_seed_gives_one_frame_and_another_seed_another() {
    let staged = |seed| stage(&token(1), &View::walk_up(seed), seed).unwrap();
    assert_eq!(staged(7).pixels(), staged(7).pixels());
    assert_ne!(staged(7).pixels(), staged(8).pixels());
}

#[test]
fn walked_up_cards_are_read_in_at_least_98_of_100_frames() {
    const FRAMES: u64 = 300;
    let missed: Vec<u64> = (0..FRAMES)
        .filter(|&seed| {
            let text = token(seed);
            let codes = decode(&stage(&text, &View::walk_up(seed), seed).unwrap());
            !codes.iter().any(|found| found.payload.text() == Some(&text))
        })
        .collect();
    eprintln!("missed seeds: {missed:?}");
    assert!(missed.len() as u64 * 50 <= FRAMES, "missed seeds {missed:?}");
}

#[test]
fn views_that_cannot_be_drawn_are_refused() {
    let plain = View::head_on();
    for side in [0.0, -5.0, f32::NAN, f32::INFINITY, 1e9] {
        let view = View { side, ..plain };
        assert!(matches!(stage("A", &view, 1), Err(StageError::View)), "{side}");
    }
    for far in [-1e9, 1e9] {
        let view = View { center: (far, far), tilt: (5.0, -5.0), ..plain };
        assert_eq!(stage("A", &view, 1).map(|luma| luma.width()).ok(), Some(1280));
    }
}
