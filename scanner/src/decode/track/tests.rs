//! An eye on staged streams.

use super::*;
use crate::{Light, View, stage, stage_all};

fn look(eye: &mut Eye, luma: &Luma, frame: u64) -> Vec<String> {
    let now = Duration::from_millis(33 * frame);
    let found = eye.look(luma, now, &Budget::default()).unwrap_or_default();
    found.iter().map(|found| found.payload.text().unwrap().to_owned()).collect()
}

#[test]
fn a_code_that_moves_is_read_in_every_frame_and_a_second_one_when_it_comes() {
    let mut eye = Eye::new();
    for frame in 0..12 {
        let at = |x: f32| View { center: (x, 300.0), side: 160.0, ..View::head_on() };
        let first = at(300.0 + 8.0 * frame as f32);
        let mut views = vec![("FIRST", first)];
        if frame >= 6 {
            views.push(("SECOND", at(900.0)));
        }
        let mut read = look(&mut eye, &stage_all(&views, frame).unwrap(), frame);
        read.sort();
        assert!(read.contains(&"FIRST".to_owned()), "frame {frame}: {read:?}");
        if frame >= 6 + u64::from(WHOLE_EVERY) {
            assert_eq!(read, ["FIRST", "SECOND"], "frame {frame}");
        }
    }
}

/// A frame so noisy that one alone is mostly not enough.
fn noisy(seed: u64) -> Luma {
    let light = Light { paper: 120.0, ink: 85.0, fall_off: 0.0, noise: 110, blur: 0 };
    let view = View { side: 250.0, turn_deg: 4.0, light, ..View::head_on() };
    stage("VOTES OVER FRAMES READ WHAT NO FRAME ALONE SAYS", &view, seed).unwrap()
}

#[test]
fn votes_read_what_single_frames_do_not() {
    let mut alone = 0;
    let mut eye = Eye::new();
    let mut together = 0;
    for seed in 0..24 {
        let luma = noisy(seed);
        alone += look(&mut Eye::new(), &luma, 0).len();
        together += look(&mut eye, &luma, seed).len();
    }
    eprintln!("read alone in {alone} frames of 24, with votes in {together}");
    assert!(together >= alone, "{together} {alone}");
}

#[test]
fn an_empty_room_leaves_nothing_in_memory() {
    let mut eye = Eye::new();
    let _ = look(&mut eye, &noisy(1), 0);
    for frame in 50..60 {
        assert_eq!(look(&mut eye, &stage_all(&[], frame).unwrap(), frame), [""; 0]);
    }
    assert!(eye.places.iter().all(|place| !place.was_read));
}
