//! Replays of folders, broken files and motion JPEG.

use std::io::Write;
use std::path::Path;

use image::{DynamicImage, GrayImage};

use super::*;
use crate::luma::Luma;
use crate::{View, stage, test_uptime};

fn save(luma: &Luma, path: &Path) {
    let image = GrayImage::from_raw(luma.width(), luma.height(), luma.pixels().to_vec()).unwrap();
    DynamicImage::ImageLuma8(image).save(path).unwrap();
}

fn replay(path: &Path, repeat: Repeat) -> Replay {
    let config = ReplayConfig { path: path.to_owned(), pace: Pace::AsFastAsPossible, repeat };
    Replay::open(config, test_uptime()).unwrap()
}

/// `f` a frame, `b` broken, `e` the end; at most `steps` of them.
fn steps(source: &mut Replay, steps: usize) -> (String, Vec<String>) {
    let (mut seen, mut causes) = (String::new(), Vec::new());
    while seen.len() < steps {
        match source.next(Duration::from_millis(1)) {
            Step::Frame(picture) => {
                seen.push('f');
                picture.into_luma().unwrap();
            }
            Step::Broken(cause) => {
                seen.push('b');
                causes.push(cause);
            }
            Step::Ended => {
                seen.push('e');
                break;
            }
            Step::Nothing => {}
            Step::Opened(_) | Step::Lost(..) | Step::Text(_) | Step::Alive => {
                unreachable!("a replay has no device")
            }
        }
    }
    (seen, causes)
}

#[test]
fn a_folder_is_replayed_in_order_and_a_broken_file_is_named_and_skipped() {
    let dir = tempfile::tempdir().unwrap();
    let luma = Luma::new(8, 8, vec![9; 64]).unwrap();
    for name in ["c.pgm", "a.png", "d.bmp", "e.webp"] {
        save(&luma, &dir.path().join(name));
    }
    std::fs::write(dir.path().join("b.jpg"), b"\xFF\xD8 not a picture").unwrap();
    std::fs::write(dir.path().join("notes.txt"), b"no picture either").unwrap();
    let (seen, causes) = steps(&mut replay(dir.path(), Repeat::Once), 100);
    assert_eq!(seen, "fbfffe");
    assert!(causes[0].contains("b.jpg"), "{causes:?}");
    assert!(
        causes[0].len() > dir.path().join("b.jpg").as_os_str().len() + 10,
        "a cause: {causes:?}"
    );
    assert_eq!(steps(&mut replay(dir.path(), Repeat::Forever), 12).0, "fbffffbffffb");
}

#[test]
fn nothing_to_replay_is_an_error_or_a_wait_never_a_spin() {
    let dir = tempfile::tempdir().unwrap();
    let open = |path: &Path, pace| {
        let config = ReplayConfig { path: path.to_owned(), pace, repeat: Repeat::Once };
        Replay::open(config, test_uptime()).map(|_| ())
    };
    assert!(matches!(
        open(dir.path(), Pace::Fps(5.0)),
        Err(StartError::Replay(ExpandError::Empty(_)))
    ));
    let gone = dir.path().join("gone");
    assert!(matches!(
        open(&gone, Pace::Fps(5.0)),
        Err(StartError::Replay(ExpandError::Read { .. }))
    ));
    for fps in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert!(matches!(open(dir.path(), Pace::Fps(fps)), Err(StartError::Pace(_))), "{fps}");
    }
    std::fs::write(dir.path().join("a.png"), b"broken").unwrap();
    let mut source = replay(dir.path(), Repeat::Forever);
    let uptime = test_uptime();
    let start = uptime();
    assert_eq!(steps(&mut source, 20).0, "b".repeat(20));
    assert!(uptime() - start >= Duration::from_millis(19), "each vain round waits");
}

#[test]
fn a_folder_that_is_watched_for_ever_may_be_empty_and_fill() {
    let dir = tempfile::tempdir().unwrap();
    let mut source = replay(dir.path(), Repeat::Forever);
    assert!(matches!(source.next(Duration::from_millis(1)), Step::Nothing));
    save(&Luma::new(8, 8, vec![9; 64]).unwrap(), &dir.path().join("a.png"));
    assert_eq!(steps(&mut source, 2).0, "ff");
    std::fs::remove_file(dir.path().join("a.png")).unwrap();
    let later: Vec<_> = (0..4).map(|_| source.next(Duration::from_millis(1))).collect();
    assert!(!later.iter().any(|step| matches!(step, Step::Ended)));
}

#[test]
fn motion_jpeg_gives_its_frames_and_its_damage() {
    let dir = tempfile::tempdir().unwrap();
    let jpeg = dir.path().join("frame.jpg");
    save(&stage("MOVIE", &View::head_on(), 1).unwrap(), &jpeg);
    let frame = std::fs::read(&jpeg).unwrap();
    std::fs::remove_file(&jpeg).unwrap();
    let movie = dir.path().join("door.mjpeg");
    let mut file = File::create(&movie).unwrap();
    for part in [&frame[..], &frame, &frame[..frame.len() / 2], &frame] {
        file.write_all(part).unwrap();
    }
    let (seen, causes) = steps(&mut replay(&movie, Repeat::Once), 100);
    assert_eq!(seen, "ffbfe");
    assert!(causes[0].contains("door.mjpeg"), "{causes:?}");
}

#[test]
fn a_paced_replay_waits() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.png");
    save(&Luma::new(8, 8, vec![9; 64]).unwrap(), &path);
    let config = ReplayConfig { path, pace: Pace::Fps(10.0), repeat: Repeat::Forever };
    let uptime = test_uptime();
    let mut source = Replay::open(config, std::sync::Arc::clone(&uptime)).unwrap();
    assert_eq!(source.delivery(), Delivery::NewestWins);
    let start = uptime();
    assert_eq!(steps(&mut source, 4).0, "ffff");
    assert!(uptime() - start >= Duration::from_millis(300));
}

#[test]
fn y4m_is_replayed() {
    let dir = tempfile::tempdir().unwrap();
    let movie = dir.path().join("door.y4m");
    let frame = [&b"FRAME\n"[..], &[7; 8], &[128; 4]].concat();
    let whole = [&b"YUV4MPEG2 W4 H2 F30:1\n"[..], &frame, &frame].concat();
    std::fs::write(&movie, &whole).unwrap();
    assert_eq!(steps(&mut replay(&movie, Repeat::Once), 10).0, "ffe");
    assert_eq!(steps(&mut replay(&movie, Repeat::Forever), 4).0, "ffff");
    std::fs::write(&movie, &whole[..whole.len() - 1]).unwrap();
    let (seen, causes) = steps(&mut replay(&movie, Repeat::Once), 10);
    assert_eq!(seen, "fbe");
    assert!(causes[0].contains("door.y4m: a frame breaks off"), "{causes:?}");
}
