//! `vestibule scan`: images, folders and motion JPEG; one line for each, whatever is in it.

use std::fs;

use scanner::{View, stage};
use serde_json::Value;

use crate::{Answer, Place, fields, frames::*};

/// Longer than any frame here takes, also on a busy machine and in a debug build.
const PATIENT: &str = "--budget-ms 60000";

fn scan(place: &Place, paths: &str) -> Answer {
    place.run(&format!("scan --json {PATIENT} {paths}"))
}

fn texts(line: &Value) -> Vec<&str> {
    let codes = line["codes"].as_array().expect("codes are a list");
    let mut texts: Vec<_> = codes.iter().map(|c| c["text"].as_str().expect("a text")).collect();
    texts.sort_unstable();
    texts
}

#[test]
fn a_frame_with_a_code_gives_its_text() {
    let place = Place::new();
    place.write("a.pgm", pgm(&holding("HELLO")));
    let said = place.run(&format!("scan {PATIENT} a.pgm")).yes();
    assert_eq!(said.out, "a.pgm: HELLO\n");

    let line = scan(&place, "a.pgm").yes().json();
    assert_eq!(fields(&line), ["codes", "file", "millis"]);
    assert_eq!(line["file"], "a.pgm");
    assert!(line["millis"].as_f64().is_some_and(|ms| ms > 0.0), "{line}");
    let code = &line["codes"][0];
    assert_eq!(fields(code), ["corners", "text"], "bytes are for what is no text");
    let corners = code["corners"].as_array().unwrap();
    assert_eq!(corners.len(), 4);
    let view = View::head_on();
    for corner in corners {
        let [x, y] = [0, 1].map(|n| corner[n].as_i64().unwrap() as f32);
        let off = (x - view.center.0).abs().max((y - view.center.1).abs()) - view.side / 2.0;
        assert!(off.abs() < 40.0, "{corners:?} is {off} px off the symbol's edge");
    }
}

#[test]
fn frames_without_a_whole_code_give_none_and_exit_1() {
    let place = Place::new();
    let half = View { center: (0.0, 360.0), ..View::head_on() };
    place.write("half.pgm", pgm(&stage("HALF A CODE", &half, 1).unwrap()));
    place.write("room.pgm", pgm(&empty_room()));
    for name in ["half.pgm", "room.pgm"] {
        let line = scan(&place, name).no().json();
        assert_eq!(fields(&line), ["codes", "file", "millis"], "{name}");
        assert_eq!(texts(&line), [""; 0], "{name}");
        let said = place.run(&format!("scan {PATIENT} {name}")).no();
        assert_eq!(said.out, format!("{name}: no code\n"));
    }
}

#[test]
fn five_codes_are_five() {
    let place = Place::new();
    place.write("five.pgm", pgm(&five(["ONE", "TWO", "THREE", "FOUR", "FIVE"])));
    let line = scan(&place, "five.pgm").yes().json();
    assert_eq!(texts(&line), ["FIVE", "FOUR", "ONE", "THREE", "TWO"]);
    let said = place.run(&format!("scan {PATIENT} five.pgm")).yes();
    assert_eq!(said.out.lines().count(), 5, "{}", said.out);
}

#[test]
fn the_largest_symbol_is_read_whole_or_not_at_all() {
    let place = Place::new();
    let long = "lorem ipsum dolor ".repeat(161); // 2898 bytes
    place.write("screen.pgm", pgm(&on_a_screen(long.as_bytes())));
    assert_eq!(texts(&scan(&place, "screen.pgm").yes().json()), [long.as_str()]);
    let view = View { side: 660.0, ..View::head_on() };
    place.write("paper.pgm", pgm(&stage(&long, &view, 1).unwrap()));
    let said = scan(&place, "paper.pgm");
    let line = said.json();
    let read = texts(&line);
    assert!(read.is_empty() || read == [long.as_str()], "{line}");
    said.ends(i32::from(read.is_empty()));
}

#[test]
fn a_payload_that_is_no_text_comes_as_bytes_too() {
    let place = Place::new();
    place.write("a.pgm", pgm(&on_a_screen(&[0xff, 0x00, 0x80, b'!'])));
    let line = scan(&place, "a.pgm").yes().json();
    let code = &line["codes"][0];
    assert_eq!(fields(code), ["bytes", "corners", "text"]);
    assert_eq!(code["bytes"], "/wCAIQ==");
    place.run(&format!("scan {PATIENT} a.pgm")).yes().mentions(&["4 bytes: /wCAIQ=="]);
}

#[test]
fn a_broken_image_costs_itself_only() {
    let place = Place::new();
    let good = pgm(&holding("GOOD"));
    fs::create_dir_all(place.path("shots/inner")).unwrap();
    place.write("shots/a.png", b"\x89PNG\r\n\x1a\n and then nothing");
    place.write("shots/b.pgm", &good[..good.len() / 2]);
    place.write("shots/c.jpg", b"");
    place.write("shots/d.pgm", b"P5\n60000 60000\n255\n");
    place.write("shots/inner/e.pgm", &good);
    place.write("shots/notes.txt", b"no image by its name");
    let lines = scan(&place, "shots").no().lines();
    let names: Vec<_> = lines.iter().map(|l| l["file"].as_str().unwrap()).collect();
    let all = ["shots/a.png", "shots/b.pgm", "shots/c.jpg", "shots/d.pgm", "shots/inner/e.pgm"];
    assert_eq!(names, all);
    for line in &lines[..4] {
        assert_eq!(fields(line), ["codes", "error", "file", "millis"], "{line}");
        let error = line["error"].as_str().unwrap();
        assert!(error.contains("no readable image"), "{line}");
        assert!(!error.contains("shots/"), "the name stands beside it already: {line}");
    }
    assert_eq!(texts(&lines[4]), ["GOOD"]);
    let prose = place.run(&format!("scan {PATIENT} shots")).no();
    assert_eq!(prose.err.matches("shots/a.png").count(), 1, "{}", prose.err);
}

#[test]
fn a_missing_file_is_named_and_the_next_is_scanned() {
    let place = Place::new();
    place.write("a.pgm", pgm(&holding("HELLO")));
    let lines = scan(&place, "gone.pgm a.pgm").no().lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!((&lines[0]["file"], texts(&lines[0]).len()), (&"gone.pgm".into(), 0));
    let error = lines[0]["error"].as_str().unwrap();
    assert!(error.contains("No such file"), "{error}");
    assert_eq!(texts(&lines[1]), ["HELLO"]);
    place.run("scan gone.pgm").no().mentions(&["gone.pgm", "No such file"]);
}

#[test]
fn an_empty_folder_is_a_negative_answer() {
    let place = Place::new();
    fs::create_dir(place.path("empty")).unwrap();
    place.write("a.pgm", pgm(&holding("HELLO")));
    scan(&place, "empty").no().mentions(&["no images in empty"]);
    let said = scan(&place, "a.pgm empty").no().mentions(&["no images in empty"]);
    assert_eq!(said.lines().len(), 1, "the other path is scanned all the same");
}

#[test]
fn a_folder_of_good_images_is_accepted_in_the_order_of_names() {
    let place = Place::new();
    fs::create_dir(place.path("shots")).unwrap();
    for name in ["b", "a", "c"] {
        place.write(&format!("shots/{name}.pgm"), pgm(&holding(name)));
    }
    place.write("shots/d.jpg", jpeg(&holding("d")));
    let lines = scan(&place, "shots").yes().lines();
    let all: Vec<_> = lines.iter().flat_map(texts).collect();
    assert_eq!(all, ["a", "b", "c", "d"]);
}

#[test]
fn motion_jpeg_gives_a_line_per_frame_from_standard_input_and_from_a_file() {
    let place = Place::new();
    let frames = ["ONE", "TWO", "THREE"].map(|text| jpeg(&holding(text)));
    let movie = frames.concat();
    let said = place.run_fed(&format!("scan --json {PATIENT} -"), &movie).yes();
    let names = |lines: &[Value]| {
        let pair = |l: &Value| format!("{} {}", l["file"].as_str().unwrap(), texts(l).concat());
        lines.iter().map(pair).collect::<Vec<_>>()
    };
    assert_eq!(names(&said.lines()), ["-#0 ONE", "-#1 TWO", "-#2 THREE"]);

    place.write("walk.mjpeg", &movie);
    let lines = scan(&place, "walk.mjpeg").yes().lines();
    assert_eq!(names(&lines), ["walk.mjpeg#0 ONE", "walk.mjpeg#1 TWO", "walk.mjpeg#2 THREE"]);
    fs::create_dir(place.path("shots")).unwrap();
    place.write("shots/a.pgm", pgm(&holding("STILL")));
    place.write("shots/b.MJPG", &movie);
    let lines = scan(&place, "shots").yes().lines();
    assert_eq!(lines.len(), 4, "{lines:?}");

    // One frame cut short and one empty room: the others are read, and the answer is negative.
    let torn = [&frames[0][..frames[0].len() / 2], &frames[1], &jpeg(&empty_room())].concat();
    let lines = place.run_fed(&format!("scan --json {PATIENT} -"), &torn).no().lines();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0]["error"].is_string() && texts(&lines[2]).is_empty(), "{lines:?}");
    assert_eq!(texts(&lines[1]), ["TWO"]);
    for nothing in [&b""[..], b"not a frame at all"] {
        place.run_fed("scan --json -", nothing).no().mentions(&["no images"]);
    }
    place.write("empty.mjpeg", b"");
    scan(&place, "empty.mjpeg gone.mjpeg").no().mentions(&["empty.mjpeg", "gone.mjpeg"]);
}

#[test]
fn a_search_over_its_budget_is_given_up_and_said() {
    let place = Place::new();
    place.write("a.pgm", pgm(&five(["ONE", "TWO", "THREE", "FOUR", "FIVE"])));
    let line = place.run("scan --json --budget-ms 1 a.pgm").no().json();
    let error = line["error"].as_str().unwrap_or_else(|| panic!("{line}"));
    assert!(error.contains("budget"), "{line}");
    place.run("scan --budget-ms 0 a.pgm").wrong_use();
    place.run("scan").wrong_use().mentions(&["PATH"]);
    place.run("scan --fast a.pgm").wrong_use().mentions(&["--fast"]);
}

/// A movie as Y4M, grey alone.
fn y4m(frames: &[scanner::Luma]) -> Vec<u8> {
    let mut movie = b"YUV4MPEG2 W1280 H720 F15:1 Cmono\n".to_vec();
    for frame in frames {
        movie.extend(b"FRAME\n");
        movie.extend(frame.pixels());
    }
    movie
}

#[test]
fn y4m_gives_a_line_per_frame() {
    let place = Place::new();
    place.write("walk.y4m", y4m(&[holding("ONE"), holding("TWO")]));
    let lines = scan(&place, "walk.y4m").yes().lines();
    let names: Vec<_> =
        lines.iter().map(|l| (l["file"].as_str().unwrap(), texts(l).concat())).collect();
    assert_eq!(names, [("walk.y4m#0", "ONE".to_owned()), ("walk.y4m#1", "TWO".to_owned())]);
    place.write("cut.y4m", &y4m(&[holding("ONE")])[..900]);
    let line = scan(&place, "cut.y4m").no().json();
    assert!(line["error"].as_str().is_some_and(|e| e.contains("breaks off")), "{line}");
}

#[test]
fn a_live_look_tells_codes_once_and_the_camera_every_second() {
    let place = Place::new();
    // Two seconds of film at fifteen frames a second.
    let film: Vec<_> = (0..30).map(|n| holding(if n < 15 { "FIRST" } else { "SECOND" })).collect();
    place.write("door.y4m", y4m(&film));
    let lines = place.run("scan --live door.y4m --json").yes().lines();
    let codes: Vec<_> = lines.iter().filter_map(|l| l["code"]["text"].as_str()).collect();
    assert_eq!(codes, ["FIRST", "SECOND"]);
    let told: Vec<_> = lines.iter().filter(|l| l["state"].is_string()).collect();
    assert!(told.len() >= 2, "{lines:?}");
    let last = told[told.len() - 1];
    let all = [
        "broken",
        "decode_ms",
        "device",
        "dropped",
        "fps",
        "frames",
        "hint",
        "scans",
        "seconds",
        "state",
        "trouble",
        "wait_ms",
    ];
    assert_eq!(fields(last), all);
    assert_eq!(
        (&last["state"], &last["frames"], &last["scans"]),
        (&"ended".into(), &30.into(), &2.into())
    );
    let prose = place.run("scan --live door.y4m --seconds 1").yes();
    assert!(prose.out.contains("FIRST") && !prose.out.contains('\x1b'), "{}", prose.out);
}

#[test]
fn a_live_look_at_nothing_is_a_negative_answer_and_a_wrong_name_wrong_use() {
    let place = Place::new();
    let lines = place.run("scan --live /dev/video4000000 --seconds 1 --json").no().lines();
    let trouble = |l: &Value| l["trouble"].as_str().is_some_and(|t| t.contains("not plugged in"));
    assert!(lines.is_empty() || lines.iter().any(trouble), "{lines:?}");
    place.run("scan --live /dev/sda").wrong_use().mentions(&["/dev/videoN", "rtsp://"]);
    place.run("scan --live https://camera/").wrong_use().mentions(&["plain http"]);
    place.run("scan --seconds 3 a.pgm").wrong_use();
    place.run("scan --live auto a.pgm").wrong_use();
}
