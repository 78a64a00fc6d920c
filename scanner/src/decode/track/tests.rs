//! An eye on staged streams.

use super::super::layout::Version;
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

/// What a frame saw of a symbol: every third module wrong, and all of them doubtful.
fn doubtful(code: &qrcode::QrCode, state: &mut u64) -> Unread {
    let darkness = code.to_colors().into_iter().map(|color| {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let noise = (*state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0;
        noise + if color == qrcode::Color::Dark { 0.35 } else { -0.35 }
    });
    let version = Version::of_side(code.width()).unwrap();
    let modules = Modules::new(version, darkness.collect()).unwrap();
    let corners = [(0.0, 0.0), (99.0, 0.0), (99.0, 99.0), (0.0, 99.0)];
    Unread { corners: corners.map(|(x, y)| Point::new(x, y)), modules, timing: 0.9 }
}

#[test]
fn votes_read_what_no_frame_alone_says() {
    let code = qrcode::QrCode::with_error_correction_level("VOTES", qrcode::EcLevel::H).unwrap();
    let (mut eye, mut state) = (Eye::new(), 7);
    let mut read = None;
    for frame in 0..60 {
        let unread = doubtful(&code, &mut state);
        assert_eq!(unread.modules.read(), None, "frame {frame} alone");
        read = eye.vote(unread, Duration::from_millis(33 * frame));
        if read.is_some() {
            assert!(frame >= 2, "read after {frame} frames");
            break;
        }
    }
    let (message, _) = read.unwrap();
    assert_eq!(text::payload(&message.pieces).text(), Some("VOTES"));
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
