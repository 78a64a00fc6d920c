//! The door's camera reads its own wall poster: told when it is right, told when it is not, and never a visitor.

use std::{fs, path::Path};

use node_core::code::poster::Poster;
use scanner::{View, stage};
use sync::{
    id::{EntranceId, RegionId},
    record::Direction,
};
use tests::{process::Process, region::Region, wait_until};

use crate::outage::visitors_come;

/// Hangs a poster's code into the camera's view; another one takes its place.
fn hang(frames: &Path, text: &str) {
    let frame = stage(text, &View::head_on(), 7).unwrap();
    let mut pgm = format!("P5\n{} {}\n255\n", frame.width(), frame.height()).into_bytes();
    pgm.extend_from_slice(frame.pixels());
    let beside = frames.join(".poster.part");
    fs::write(&beside, pgm).unwrap();
    fs::rename(beside, frames.join("poster.pgm")).unwrap();
}

fn says(door: &Process, word: &str) -> bool {
    let label = format!("about=\"poster\",word=\"{word}\"");
    door.metric("vestibule_scanner_says", &label) == Some(1)
}

#[test]
fn a_door_tells_whether_its_poster_is_current_and_its_own() {
    let region = Region::new();
    let config = &region.founded.doors[0].config;
    let text = fs::read_to_string(config).unwrap();
    fs::write(config, text.replace("source = \"replay\"", "poster = 5\nsource = \"replay\""))
        .unwrap();
    let _authority = region.authority();
    let a = region.door_a();
    wait_until("A has its rules", || a.has_its_rules());
    let frames = region.frames("A");
    let own = Poster {
        region: RegionId::new(1),
        venue: region.founded.venue,
        entrance: EntranceId::new(1),
        direction: Direction::In,
        version: 5,
    };
    let web = |poster: &Poster| format!("https://shop.example/p/{}", poster.to_text());
    for (poster, word) in [
        (own, "current"),
        (Poster { version: 4, ..own }, "outdated"),
        (Poster { entrance: EntranceId::new(2), ..own }, "other-door"),
    ] {
        hang(&frames, &web(&poster));
        wait_until(word, || says(&a, word));
    }
    assert!(!says(&a, "current"), "what was said last counts alone");
    // It hangs there while visitors come, and is none of them.
    visitors_come(&region, "A", &a, 1);
    assert_eq!(a.metric("vestibule_visits", ""), Some(1));
    assert_eq!(a.metric("vestibule_unrecorded", ""), None);
}
