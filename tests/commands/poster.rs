//! `vestibule poster`: what hangs on the wall is read by our own scanner, from the pixels of what was written.

use std::fs;

use node_core::code::poster::Poster;
use resvg::{tiny_skia, usvg};
use scanner::{Luma, Payload, decode};
use sync::record::Direction;
use tests::region::Region;

use crate::Place;

/// The sheet as a camera might see it: 150 dots an inch, grey.
fn seen(svg: &str) -> Vec<String> {
    let tree = usvg::Tree::from_str(svg, &usvg::Options::default()).unwrap();
    let scale = 1240.0 / tree.size().width();
    let (wide, high) = (1240, (tree.size().height() * scale).round() as u32);
    let mut pixels = tiny_skia::Pixmap::new(wide, high).unwrap();
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    let grey: Vec<u8> = pixels.pixels().iter().map(|p| p.green()).collect();
    let found = decode(&Luma::new(wide, high, grey).unwrap());
    let text = |payload| match payload {
        Payload::Text(text) => Some(text),
        Payload::Bytes(_) => None,
    };
    found.into_iter().filter_map(|code| text(code.payload)).collect()
}

fn say(place: &Place, region: &Region, door: usize, more: &str) -> Vec<serde_json::Value> {
    let config = region.founded.doors[door].config.display().to_string();
    let line = format!("poster --config {config} --address http://10.0.0.5 --json {more}");
    place.run(&line).yes().lines()
}

#[test]
fn a_poster_is_read_by_the_scanner_and_its_code_is_the_same_each_time() {
    let (place, region) = (Place::new(), Region::new());
    let made = say(&place, &region, 0, "--format svg --out a.svg");
    let [made] = made.as_slice() else { panic!("{made:?}") };
    assert_eq!((&made["direction"], &made["version"]), (&"in".into(), &1.into()));
    let read = seen(&place.read("a.svg"));
    assert_eq!(read, [made["address"].as_str().unwrap()]);
    let code = Poster::from_text(&read[0]).unwrap();
    assert_eq!((code.venue, code.direction), (region.founded.venue, Direction::In));
    let again = say(&place, &region, 0, "--format pdf --languages vi,en --out b.pdf");
    assert_eq!(again[0]["code"], made["code"], "a torn poster is replaced by its like");
    let pdf = fs::read(place.path("b.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF-") && pdf.len() < 2_000_000, "{} bytes", pdf.len());
    // A new version is a new code.
    let config = &region.founded.doors[0].config;
    let text = fs::read_to_string(config).unwrap();
    fs::write(config, text.replace("source = \"replay\"", "poster = 7\nsource = \"replay\""))
        .unwrap();
    let next = say(&place, &region, 0, "--format svg --out c.svg");
    assert_ne!(next[0]["code"], made["code"]);
    assert_eq!(Poster::from_text(&seen(&place.read("c.svg"))[0]).unwrap().version, 7);
}

#[test]
fn a_door_for_both_ways_has_a_sheet_for_each() {
    let (place, region) = (Place::new(), Region::new());
    let made = say(&place, &region, 1, "--format svg --out door.svg");
    let ways: Vec<_> = made.iter().map(|sheet| sheet["direction"].as_str().unwrap()).collect();
    assert_eq!(ways, ["in", "out"]);
    for (file, way) in [("door-in.svg", Direction::In), ("door-out.svg", Direction::Out)] {
        assert_eq!(Poster::from_text(&seen(&place.read(file))[0]).unwrap().direction, way);
    }
    let only = say(&place, &region, 1, "--format svg --direction out --out only.svg");
    assert_eq!((only.len(), place.has("only.svg")), (1, true));
}

#[test]
fn what_cannot_hang_there_is_refused_in_words() {
    let (place, region) = (Place::new(), Region::new());
    let config = |n: usize| region.founded.doors[n].config.display().to_string();
    let asked = |more: &str| place.run(&format!("poster --config {} {more}", config(0)));
    asked("--direction out --address http://10.0.0.5").wrong_use().mentions(&["does not lead"]);
    asked("--languages kk --address http://10.0.0.5").wrong_use().mentions(&["kk,ru"]);
    asked("--languages kk,tlh --address http://10.0.0.5").no().mentions(&["tlh"]);
    asked("--address door.example").no().mentions(&["door.example", "http://10.0.0.5"]);
    // Its pages are on loopback: no phone gets there.
    asked("").wrong_use().mentions(&["web.address"]);
    asked("--fonts . --address http://10.0.0.5").no().mentions(&["fonts-noto-core"]);
    let hub = region.founded.authority.config.display().to_string();
    place.run(&format!("poster --config {hub}")).wrong_use().mentions(&["no door"]);
}
