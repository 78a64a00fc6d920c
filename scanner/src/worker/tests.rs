//! A whole scanner: sources in, scans and counters out.

use std::sync::mpsc::SyncSender;

use super::*;
use crate::luma::Luma;
use crate::source::Delivery;
use crate::{Pace, Repeat, ReplayConfig, View, stage, stage_all, staged, test_uptime};

fn card(text: &str) -> Luma {
    stage(text, &View::head_on(), 1).unwrap()
}

fn scanner(away_ms: u64) -> (SyncSender<Luma>, Scanner, mpsc::Receiver<Scan>) {
    let (frames, source) = staged(2);
    let settings = Settings { away: Duration::from_millis(away_ms), ..Settings::default() };
    let (scanner, scans) = Scanner::start(source, settings, test_uptime()).unwrap();
    (frames, scanner, scans)
}

fn texts(mut scans: mpsc::Receiver<Scan>) -> Vec<String> {
    std::iter::from_fn(|| scans.blocking_recv())
        .map(|scan| {
            assert!(scan.frame_at <= scan.scanned_at);
            scan.payload.text().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn a_code_in_view_is_one_scan_and_the_end_closes_the_receiver() {
    let (frames, scanner, scans) = scanner(60_000);
    for text in ["A", "A", "B", "A", "B"] {
        frames.send(card(text)).unwrap();
    }
    drop(frames);
    assert_eq!(texts(scans), ["A", "B"]);
    let stats = scanner.stats().borrow().clone();
    assert_eq!((stats.frames, stats.read, stats.scans, stats.dropped), (5, 5, 2, 0));
    assert_eq!(stats.source, SourceState::Ended);
    assert!(stats.decode.p95_ms >= stats.decode.p50_ms && stats.decode.p50_ms > 0.0);
    assert_eq!(scanner.stop(), Stopped::Clean);
}

#[test]
fn a_full_receiver_loses_no_scan_of_a_source_that_can_wait() {
    let (frames, _scanner, scans) = scanner(60_000);
    let names: Vec<String> = (0..12).map(|n| format!("CARD {n}")).collect();
    let cards: Vec<Luma> = names.iter().map(|name| card(name)).collect();
    let sender = std::thread::spawn(move || {
        for card in cards {
            frames.send(card).unwrap();
        }
    });
    assert_eq!(texts(scans), names);
    sender.join().unwrap();
}

#[test]
fn stop_ends_a_scanner_whose_scans_nobody_takes() {
    let (frames, scanner, _scans) = scanner(0);
    let sender = std::thread::spawn(move || while frames.send(card("AGAIN")).is_ok() {});
    let mut stats = scanner.stats();
    while stats.borrow_and_update().scans < SCANS_WAITING_MAX as u64 {
        sleep(Duration::from_millis(1));
    }
    assert_eq!(scanner.stop(), Stopped::Clean);
    sender.join().unwrap();
}

#[test]
fn dropping_the_receiver_stops_the_scanner() {
    let (frames, scanner, scans) = scanner(0);
    drop(scans);
    while frames.send(stage_all(&[], 1).unwrap()).is_ok() {}
    while scanner.threads.handles.iter().any(|handle| !handle.is_finished()) {
        sleep(Duration::from_millis(1));
    }
}

/// A source that plays a list of steps, then ends.
struct Script(std::vec::IntoIter<Step>, Delivery);

impl Source for Script {
    fn next(&mut self, _: Duration) -> Step {
        self.0.next().unwrap_or(Step::Ended)
    }

    fn delivery(&self) -> Delivery {
        self.1
    }
}

fn played(steps: Vec<Step>, delivery: Delivery) -> (Vec<String>, Stats) {
    let script = Box::new(Script(steps.into_iter(), delivery));
    let (scanner, scans) = Scanner::watching(script, Settings::default(), test_uptime()).unwrap();
    let texts = texts(scans);
    let stats = scanner.stats().borrow().clone();
    (texts, stats)
}

#[test]
fn losses_hangs_and_broken_frames_are_counted_and_survived() {
    use crate::picture::Picture;
    let frame = |text| Step::Frame(Picture::Luma(card(text)));
    let steps = vec![
        Step::Opened("fake camera".to_owned()),
        frame("BEFORE"),
        Step::Lost(Loss::Hung, "silent".to_owned()),
        Step::Lost(Loss::Failed, "not plugged in".to_owned()),
        Step::Broken("a file".to_owned()),
        Step::Frame(Picture::Jpeg(b"no jpeg".to_vec())),
        frame("AFTER"),
    ];
    let (texts, stats) = played(steps, Delivery::EveryFrame);
    assert_eq!(texts, ["BEFORE", "AFTER"]);
    assert_eq!((stats.losses, stats.abandoned, stats.broken), (1, 1, 2));
    assert_eq!(stats.device, "fake camera");
}

#[test]
fn a_live_source_drops_old_frames_and_reads_the_newest() {
    use crate::picture::Picture;
    let empty = stage_all(&[], 1).unwrap();
    let mut steps: Vec<Step> =
        (0..200).map(|_| Step::Frame(Picture::Luma(empty.clone()))).collect();
    steps.push(Step::Frame(Picture::Luma(card("NEWEST"))));
    let (texts, stats) = played(steps, Delivery::NewestWins);
    assert_eq!(texts, ["NEWEST"]);
    assert_eq!(stats.frames, 201);
    assert!(stats.dropped > 100, "{} dropped", stats.dropped);
}

#[test]
fn a_loss_keeps_its_first_moment_and_its_latest_cause() {
    let (stats, watched) = watch::channel(Stats::default());
    note_loss(Loss::Failed, "first".to_owned(), &stats, Duration::from_secs(1));
    note_loss(Loss::Failed, "second".to_owned(), &stats, Duration::from_secs(9));
    let expected = SourceState::Lost { since: Duration::from_secs(1), reason: "second".to_owned() };
    assert_eq!(watched.borrow().source, expected);
    assert_eq!(watched.borrow().losses, 1);
}

#[test]
fn a_source_that_can_never_deliver_is_refused_at_the_start() {
    let refused = |source| {
        Scanner::start(source, Settings::default(), test_uptime()).map(|_| ()).unwrap_err()
    };
    let gone = ReplayConfig {
        path: "/nonexistent/frames".into(),
        pace: Pace::AsFastAsPossible,
        repeat: Repeat::Once,
    };
    assert!(matches!(refused(SourceConfig::Replay(gone)), StartError::Replay(_)));
    let camera =
        crate::CameraConfig { device: "/dev/sda".to_owned(), ..crate::CameraConfig::default() };
    assert!(matches!(refused(SourceConfig::Camera(camera)), StartError::Device(_)));
}

#[cfg(feature = "camera")]
#[test]
fn a_camera_that_is_not_there_is_waited_for() {
    let camera = crate::CameraConfig {
        device: "/dev/video4000000".to_owned(),
        ..crate::CameraConfig::default()
    };
    let (scanner, _scans) =
        Scanner::start(SourceConfig::Camera(camera), Settings::default(), test_uptime()).unwrap();
    let mut stats = scanner.stats();
    while !matches!(&stats.borrow_and_update().source, SourceState::Lost { reason, .. } if reason.contains("not plugged in"))
    {
        sleep(Duration::from_millis(1));
    }
    assert_eq!(scanner.stop(), Stopped::Clean);
}
