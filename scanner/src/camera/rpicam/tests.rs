//! The supervised child, with real children: small scripts that write frames, hang, crash and write garbage.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use super::*;
use crate::live::{Pauses, Watched};
use crate::source::{Loss, Source, Step};
use crate::test_uptime;

/// A program in the place of `rpicam-vid`.
struct Fake(tempfile::TempDir);

impl Fake {
    fn new(script: &str) -> Self {
        let fake = Self(tempfile::tempdir().unwrap());
        let path = fake.program();
        // Written under another name and renamed: a file that is open for writing cannot be run.
        let draft = fake.0.path().join("draft");
        fs::write(&draft, format!("#!/bin/sh\ncd \"$(dirname \"$0\")\"\n{script}\n")).unwrap();
        fs::set_permissions(&draft, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(draft, path).unwrap();
        fake
    }

    fn program(&self) -> PathBuf {
        self.0.path().join("fake-vid")
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.path().join(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap_or_default()
    }

    fn camera(&self, pipe: Pipe) -> Watched {
        let wanted = CameraConfig {
            width: 100,
            height: 50,
            fps: 30,
            program: Some(self.program()),
            pipe,
            ..CameraConfig::default()
        };
        let pauses = Pauses {
            frame_deadline: Duration::from_millis(700),
            reopen_min: Duration::from_millis(5),
            reopen_max: Duration::from_millis(20),
        };
        Watched::new(Arc::new(PiCamera::new(wanted, 1)), pauses, test_uptime())
    }
}

/// One frame of 128x50 as the child writes it.
fn frame(grey: u8) -> Vec<u8> {
    [vec![grey; 128 * 50], vec![128; 2 * 64 * 25]].concat()
}

fn jpeg() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90);
    encoder.encode(&[77; 64 * 48], 64, 48, image::ExtendedColorType::L8).unwrap();
    bytes
}

/// `o` opened, `f` a frame, `b` broken, `l` lost, `h` hung; and what was said at losses.
fn events(source: &mut Watched, count: usize) -> (String, Vec<String>, Vec<u8>) {
    let (mut seen, mut said, mut greys) = (String::new(), Vec::new(), Vec::new());
    while seen.len() < count {
        match source.next(Duration::from_millis(10)) {
            Step::Opened(words) => {
                seen.push('o');
                said.push(words);
            }
            Step::Frame(picture) => {
                seen.push('f');
                let luma = picture.into_luma().unwrap();
                greys.push(luma.pixels()[luma.pixels().len() - 1]);
            }
            Step::Broken(_) => seen.push('b'),
            Step::Lost(loss, why) => {
                seen.push(if loss == Loss::Hung { 'h' } else { 'l' });
                said.push(why);
            }
            Step::Nothing | Step::Alive => {}
            Step::Text(_) | Step::Ended => unreachable!("a camera has no such step"),
        }
    }
    (seen, said, greys)
}

#[test]
fn frames_come_and_a_crash_is_told_in_its_last_words_and_mended() {
    let fake = Fake::new(
        "echo \"$@\" >> args; cat two; echo warming up >&2; echo 'ERROR: *** no sensor ***' >&2; exit 7",
    );
    fake.write("two", &[frame(10), frame(20)].concat());
    let (seen, said, greys) = events(&mut fake.camera(Pipe::Yuv420), 8);
    assert_eq!(seen, "offloffl");
    assert_eq!(greys, [10, 20, 10, 20]);
    assert!(said[0].contains("YUV420 128x50 at 30/s"), "{said:?}");
    assert!(
        said[1].contains("exit status: 7") && said[1].ends_with("*** no sensor ***"),
        "{said:?}"
    );
    let arguments = fake.read("args");
    assert!(arguments.contains("--camera 1 -t 0 -n"), "{arguments}");
    assert!(
        arguments.contains("--codec yuv420 --width 128 --height 50 --framerate 30 -o -"),
        "{arguments}"
    );
}

#[test]
fn a_frame_that_breaks_off_is_none() {
    let fake = Fake::new("cat cut");
    fake.write("cut", &[frame(10), frame(20)[..9000].to_vec()].concat());
    let (seen, said, _) = events(&mut fake.camera(Pipe::Yuv420), 3);
    assert_eq!(seen, "ofl");
    assert!(said[1].contains("breaks off"), "{said:?}");
}

#[test]
fn a_child_that_hangs_is_killed_with_its_own_children() {
    // The background child holds the pipe open: killing the shell alone would leave the reader waiting.
    let fake = Fake::new("cat one; echo $$ >> pids; sleep 1000 & echo $! >> pids; wait");
    fake.write("one", &frame(10));
    let mut camera = fake.camera(Pipe::Yuv420);
    let (seen, ..) = events(&mut camera, 5);
    assert_eq!(seen, "ofhof");
    drop(camera);
    let pids = fake.read("pids");
    let running = |pid: &str| {
        fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|s| !s.contains(") Z "))
    };
    while pids.lines().any(running) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(pids.lines().count() >= 2, "both of the first go: {pids}");
}

#[test]
fn garbage_in_a_pipe_of_jpegs_costs_itself_and_endless_garbage_counts_as_silence() {
    let fake = Fake::new("cat stream; while :; do echo garbage garbage garbage; done");
    fake.write(
        "stream",
        &[&b"\xFF\xD8\xFF\xE1\x00\x01 no frame"[..], &jpeg(), b"between", &jpeg()].concat(),
    );
    let (seen, ..) = events(&mut fake.camera(Pipe::Mjpeg), 6);
    assert_eq!(seen, "obffho");
}

#[test]
fn a_program_that_is_not_there_is_waited_for() {
    let fake = Fake::new("");
    fs::remove_file(fake.program()).unwrap();
    let (seen, said, _) = events(&mut fake.camera(Pipe::Yuv420), 2);
    assert_eq!(seen, "ll");
    assert!(said[0].contains("fake-vid"), "{said:?}");
}

#[test]
fn cameras_are_listed_as_the_program_names_them() {
    let text = "Available cameras\n-----------------\n0 : imx708 [4608x2592 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx708@1a)\n    Modes: 'SRGGB10_CSI2P' : 1536x864 [120.13 fps]\n1 : ov5647 [2592x1944]\n";
    let fake = Fake::new("cat list >&2");
    fake.write("list", text.as_bytes());
    let seen = list(Some(&fake.program())).unwrap().seen.unwrap();
    assert_eq!(
        seen[0],
        "rpicam:0 imx708 [4608x2592 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx708@1a)"
    );
    assert_eq!(seen.len(), 2);
    let none = Fake::new("echo 'No cameras available!'");
    let why = list(Some(&none.program())).unwrap().seen.unwrap_err();
    assert!(why.contains("sees no camera module"), "{why}");
}
