//! `vestibule cameras` and `vestibule bench`: what this machine has, and how fast it is.

use crate::{Place, fields};

#[test]
fn a_machine_without_cameras_says_so_in_plain_words() {
    let place = Place::new();
    let said = place.run("cameras --json");
    assert!(matches!(said.code, Some(0 | 1)), "{:?}", said.code);
    let json = said.json();
    assert_eq!(fields(&json), ["cameras", "rpicam"]);
    let cameras = json["cameras"].as_array().unwrap();
    let chosen = cameras.iter().filter(|c| c["chosen"] == true).count();
    assert_eq!(chosen, usize::from(said.code == Some(0)), "{json}");
    if cameras.is_empty() {
        place.run("cameras").no().mentions(&["no video device", "plugged in", "/dev/video"]);
    }
    place.run("cameras front").wrong_use();
}

#[test]
fn bench_prints_every_number() {
    let place = Place::new();
    let figures = place.run("bench --json").yes().json();
    let expected = [
        "append_10000_visits_ms",
        "bytes_per_visit_on_disk",
        "cores",
        "decode_frame_ms_median",
        "group_commit_gain",
        "merge_10000_visits_ms",
        "verify_token_per_second",
        "verify_token_us",
        "version",
        "visit_alone_ms",
        "visits_alone_per_second",
        "visits_together_per_second",
    ];
    assert_eq!(fields(&figures), expected);
    for (name, value) in figures.as_object().unwrap() {
        let number = value.as_f64().is_some_and(|n| n > 0.0 && n.is_finite());
        assert!(number || name == "version", "{name}: {value}");
    }
}
