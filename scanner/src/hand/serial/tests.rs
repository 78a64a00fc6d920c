//! A serial scanner at a real pseudo-terminal.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::*;
use crate::{HandKind, Scanner, Settings, SourceConfig, SourceState, Stopped, test_uptime};

/// The scanner's end, and the name of ours.
fn terminal() -> (File, PathBuf) {
    let end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&end).unwrap();
    unlockpt(&end).unwrap();
    let name = ptsname(&end, Vec::new()).unwrap().into_string().unwrap();
    (File::from(end), name.into())
}

fn config(device: PathBuf) -> HandConfig {
    let kind = HandKind::Serial { baud: 115_200 };
    HandConfig { kind, pause: Duration::from_millis(60), ..HandConfig::serial(device) }
}

fn opened(config: HandConfig) -> Box<dyn Device> {
    let serial = Serial { config, baud: 115_200 };
    let (device, words) = serial.open(&Leash::default()).unwrap();
    assert!(words.contains("115200 bits/s"), "{words}");
    device
}

fn next(device: &mut dyn Device) -> String {
    loop {
        match device.next() {
            Ok(Shot::Text(text)) => return text,
            Ok(Shot::Idle) => {}
            Ok(Shot::Broken(cause)) => return format!("broken: {cause}"),
            Ok(Shot::Frame(_)) => unreachable!("a hand scanner has no frames"),
            Err(cause) => return format!("lost: {cause}"),
        }
    }
}

#[test]
fn codes_come_by_line_end_and_by_pause_with_every_byte_as_it_was_sent() {
    let (mut scanner, name) = terminal();
    let mut device = opened(config(name));
    // 0x03, 0x11 and 0x1A would mean something to a terminal that is not raw.
    scanner.write_all(b"ST1:A\r\nST1:B\x11\x1AC\rnicht gleich").unwrap();
    assert_eq!(next(&mut *device), "ST1:A");
    assert_eq!(next(&mut *device), "ST1:B\x11\x1AC");
    assert_eq!(next(&mut *device), "nicht gleich", "a pause ends it");
    for part in ["ST1:", "IN PARTS", "\n"] {
        scanner.write_all(part.as_bytes()).unwrap();
    }
    assert_eq!(next(&mut *device), "ST1:IN PARTS");
    drop(scanner);
    assert!(next(&mut *device).contains("lost: "), "unplugged");
}

#[test]
fn an_endless_code_costs_itself_only() {
    let (mut scanner, name) = terminal();
    let mut device = opened(config(name));
    let sender = std::thread::spawn(move || {
        scanner.write_all(&[b'A'; 20_000]).unwrap();
        scanner.write_all(b"\rGOOD\r").unwrap();
        scanner
    });
    assert!(next(&mut *device).contains("too long"));
    assert_eq!(next(&mut *device), "GOOD");
    drop(sender.join().unwrap());
}

#[test]
fn a_scanner_hands_on_each_code_once_while_it_is_held_and_survives_being_unplugged() {
    let (mut end, name) = terminal();
    let link = tempfile::tempdir().unwrap();
    let device = link.path().join("scanner");
    std::os::unix::fs::symlink(name, &device).unwrap();
    let settings = Settings {
        away: Duration::from_secs(60),
        reopen_min: Duration::from_millis(5),
        ..Settings::default()
    };
    let source = SourceConfig::Hand(config(device.clone()));
    let (scanner, mut scans) = Scanner::start(source, settings, test_uptime()).unwrap();
    let mut stats = scanner.stats();
    while stats.borrow_and_update().source != SourceState::Running {
        std::thread::sleep(Duration::from_millis(1));
    }
    end.write_all(b"ONE\rONE\rTWO\r").unwrap();
    let mut next = || {
        let scan = scans.blocking_recv().unwrap();
        assert_eq!(scan.corners, None);
        scan.payload.text().unwrap().to_owned()
    };
    assert_eq!([next(), next()], ["ONE", "TWO"]);
    // Unplugged, and plugged in again under the same name.
    let (mut again, name) = terminal();
    std::fs::remove_file(&device).unwrap();
    std::os::unix::fs::symlink(name, &device).unwrap();
    drop(end);
    while stats.borrow_and_update().losses == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    while stats.borrow_and_update().source != SourceState::Running {
        std::thread::sleep(Duration::from_millis(1));
    }
    again.write_all(b"THREE\n").unwrap();
    assert_eq!(next(), "THREE");
    assert_eq!(scanner.stop(), Stopped::Clean);
}
