//! The coach before staged frames that are spoiled on purpose, and before ones that are fine.

use super::*;
use crate::decode::{Effort, decode_within};
use crate::meter::Budget;
use crate::{View, stage, stage_all};

const TEXT: &str = "ST1:6BFOXN%TSMAHN-HVUOC8KC*9PZ3HRAL0Z7QK*Q1LAG";

/// Changes every pixel by its place.
fn each(luma: &Luma, change: impl Fn(u32, u32, u8) -> f32) -> Luma {
    let width = luma.width();
    let pixels = (0_u32..).zip(luma.pixels());
    let pixels = pixels.map(|(at, &p)| change(at % width, at / width, p).clamp(0.0, 255.0) as u8);
    Luma::new(width, luma.height(), pixels.collect()).unwrap()
}

/// A mean over a square of `2 * reach + 1` pixels, twice: near to a lens out of focus.
fn blurred(luma: &Luma, reach: i64) -> Luma {
    let (width, height) = (i64::from(luma.width()), i64::from(luma.height()));
    let mut pixels: Vec<f32> = luma.pixels().iter().map(|&p| f32::from(p)).collect();
    for (step, length, lines, stride) in [
        (1, width, height, width),
        (width, height, width, 1),
        (1, width, height, width),
        (width, height, width, 1),
    ] {
        let old = pixels.clone();
        for line in 0..lines {
            let place = |at: i64| (line * stride + at.clamp(0, length - 1) * step) as usize;
            let mut sum: f32 = (-reach..=reach).map(|at| old[place(at)]).sum();
            for at in 0..length {
                pixels[place(at)] = sum / (2 * reach + 1) as f32;
                sum += old[place(at + reach + 1)] - old[place(at - reach)];
            }
        }
    }
    let pixels = pixels.into_iter().map(|p| p as u8).collect();
    Luma::new(luma.width(), luma.height(), pixels).unwrap()
}

fn view(side: f32) -> View {
    let mut view = View { side, ..View::head_on() };
    view.light.noise = 4;
    view
}

fn held(side: f32) -> Luma {
    stage(TEXT, &view(side), 3).unwrap()
}

fn read(luma: &Luma) -> Vec<Found> {
    decode_within(luma, Effort::OneLook, &Budget::default()).unwrap_or_default()
}

/// What is shown after looking at a frame for so long, 15 frames a second.
fn advice_after(
    coach: &mut Coach,
    luma: &Luma,
    found: &[Found],
    from: f32,
    seconds: f32,
) -> Option<Hint> {
    let mut last = Look::default();
    for frame in 0..(seconds * 15.0) as u32 {
        last = coach.look(luma, found, Duration::from_secs_f32(from + frame as f32 / 15.0));
    }
    last.hint
}

fn advice(luma: &Luma, seconds: f32) -> Option<Hint> {
    advice_after(&mut Coach::default(), luma, &read(luma), 0.0, seconds)
}

/// The same where the decoder read nothing, however good it is: the coach must tell by the picture.
fn unread(luma: &Luma) -> Option<Hint> {
    advice_after(&mut Coach::default(), luma, &[], 0.0, 3.0)
}

#[test]
fn what_is_fine_gets_no_advice() {
    assert_eq!(advice(&stage_all(&[], 1).unwrap(), 60.0), None, "an empty room");
    for seed in 0..12 {
        let walk_up = stage(TEXT, &View::walk_up(seed), seed).unwrap();
        assert_eq!(advice(&walk_up, 4.0), None, "visitor {seed}");
        assert_eq!(unread(&walk_up), None, "visitor {seed}, unread by chance");
    }
    assert_eq!(unread(&held(420.0)), None);
}

#[test]
fn each_trouble_of_a_code_has_its_hint() {
    let good = held(420.0);
    let small = stage(TEXT, &view(64.0), 3).unwrap();
    assert_eq!(unread(&small), Some(Hint::TooFar));
    let inverted = each(&good, |_, _, p| 255.0 - f32::from(p));
    assert_eq!(unread(&inverted), Some(Hint::Inverted));
    // One corner and a part of the next are all that is in view.
    let near = View { center: (1050.0, 800.0), ..view(1300.0) };
    assert_eq!(unread(&stage(TEXT, &near, 3).unwrap()), Some(Hint::TooNear));
    let glare = each(&good, |x, y, p| {
        let off = ((x as f32 - 690.0) / 110.0).powi(2) + ((y as f32 - 400.0) / 80.0).powi(2);
        f32::from(p) * 0.8 + 600.0 * (-off).exp()
    });
    assert_eq!(unread(&glare), Some(Hint::Glare));
    // The screen shows the code with the four modules of margin that the standard wants, and no more.
    let dim = each(&good, |x, y, p| {
        let on_screen = x.abs_diff(640) < 270 && y.abs_diff(360) < 270;
        if on_screen { 12.0 + f32::from(p) * 0.22 } else { f32::from(p) * 0.6 + 90.0 }
    });
    assert_eq!(unread(&dim), Some(Hint::ScreenDim));
}

#[test]
fn a_blurred_code_has_its_hint() {
    let frame = blurred(&held(200.0), 4);
    assert!(read(&frame).is_empty());
    assert_eq!(unread(&frame), Some(Hint::Blurred));
    // What is read needs no advice, however soft it looks.
    let soft = blurred(&held(420.0), 7);
    assert_eq!(advice_after(&mut Coach::default(), &soft, &read(&soft), 0.0, 5.0), None);
}

#[test]
fn light_and_lens_have_theirs() {
    let room = stage_all(&[], 1).unwrap();
    let dark = each(&room, |_, _, p| f32::from(p) * 0.12);
    assert_eq!(advice(&dark, 2.0), None, "not yet");
    assert_eq!(advice(&dark, 5.0), Some(Hint::TooDark));
    let covered = each(&room, |x, y, _| 90.0 + ((x * 7 + y * 13) % 5) as f32);
    assert_eq!(advice(&covered, 5.0), Some(Hint::Blocked));
    let soft = blurred(&room, 12);
    assert_eq!(advice(&soft, 20.0), None, "not yet");
    assert_eq!(advice(&soft, 40.0), Some(Hint::DirtyLens));
}

#[test]
fn a_hand_on_the_lens_is_no_night() {
    let room = stage_all(&[], 1).unwrap();
    let covered = each(&room, |_, _, _| 6.0);
    let mut coach = Coach::default();
    assert_eq!(advice_after(&mut coach, &room, &[], 0.0, 5.0), None);
    assert_eq!(advice_after(&mut coach, &covered, &[], 5.0, 5.0), Some(Hint::Blocked));
    assert_eq!(advice_after(&mut coach, &room, &[], 10.0, 5.0), None, "and it goes");
}

#[test]
fn a_moved_camera_is_told_and_visitors_are_none() {
    let room = stage_all(&[], 1).unwrap();
    // The same room, seen from elsewhere.
    let elsewhere = each(&stage_all(&[], 77).unwrap(), |x, y, p| {
        f32::from(p) * 0.5 + ((x / 300 + y / 200) % 2) as f32 * 90.0
    });
    let mut coach = Coach::default();
    assert_eq!(advice_after(&mut coach, &room, &[], 0.0, 10.0), None);
    for (visitor, from) in (0_u16..).zip([10.0, 14.0, 18.0]) {
        let frame = stage(TEXT, &View::walk_up(u64::from(visitor)), 1).unwrap();
        assert_eq!(advice_after(&mut coach, &frame, &read(&frame), from, 4.0), None);
    }
    assert_eq!(advice_after(&mut coach, &elsewhere, &[], 22.0, 15.0), None, "not yet");
    assert_eq!(advice_after(&mut coach, &elsewhere, &[], 37.0, 15.0), Some(Hint::Moved));
    assert_eq!(advice_after(&mut coach, &room, &[], 52.0, 15.0), None, "put back");
}

#[test]
fn a_code_that_is_read_needs_no_advice_and_hides_nobody_elses() {
    let poster = View { center: (250.0, 200.0), side: 300.0, ..view(300.0) };
    let small = View { center: (900.0, 450.0), ..view(64.0) };
    let both = stage_all(&[("POSTER", poster), (TEXT, small)], 3).unwrap();
    let found: Vec<_> =
        read(&both).into_iter().filter(|f| f.payload.text() == Some("POSTER")).collect();
    assert_eq!(found.len(), 1);
    let mut coach = Coach::default();
    assert_eq!(advice_after(&mut coach, &both, &found, 0.0, 3.0), Some(Hint::TooFar));
    let alone = stage_all(&[("POSTER", poster)], 3).unwrap();
    assert_eq!(advice_after(&mut coach, &alone, &found, 3.0, 3.0), None);
    assert!(!coach.look(&alone, &found, Duration::from_secs(9)).unread);
}

#[test]
fn words_are_stable_and_different() {
    let words: std::collections::BTreeSet<_> = Hint::ALL.iter().map(|hint| hint.word()).collect();
    assert_eq!(words.len(), Hint::ALL.len());
    assert!(Hint::ALL.is_sorted());
}

/// No frame makes it panic, whatever its size.
#[test]
fn any_frame_is_looked_at() {
    let mut coach = Coach::default();
    for (at, (width, height)) in
        (0..).zip([(1, 1), (1, 700), (4096, 1), (31, 17), (33, 19), (200, 300)])
    {
        let pixels =
            (0..width * height).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let luma = Luma::new(width, height, pixels).unwrap();
        let _ = coach.look(&luma, &[], Duration::from_millis(at * 40));
    }
}

/// Real photographs whose codes are read: nothing is to be said of them, whatever else is in the picture.
#[test]
fn photographs_that_are_read_get_no_advice() {
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/qr/clear");
    if !folder.is_dir() {
        eprintln!("shared test data missing at {}: skipped", folder.display());
        return;
    }
    let files = crate::expand(&folder).unwrap();
    let (mut seen, mut advised) = (0, Vec::new());
    for file in files.iter().step_by(4) {
        let Ok(luma) = crate::open_picture(file) else { continue };
        let found = read(&luma);
        if found.is_empty() {
            continue;
        }
        seen += 1;
        let hint = advice_after(&mut Coach::default(), &luma, &found, 0.0, 1.5);
        advised.extend(hint.map(|hint| format!("{}: {}", file.display(), hint.word())));
    }
    // Several codes may be in a picture, and one of them unread for a good reason.
    assert!(seen > 20 && advised.len() * 20 <= seen, "{} of {seen}: {advised:#?}", advised.len());
}
