//! A sample of the shared pictures with known texts: rates do not fall, nothing false is read.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::Path;

use scanner::{Budget, Effort, decode_within, open_picture};

#[path = "../benches/manifest/truth.rs"]
mod truth;

use truth::Entry;

/// Every so many pictures are in the sample; all negatives are.
const SAMPLE: usize = 4;

/// Least share of the sample that is read, by family, in percent.
const FLOORS: [(&str, usize); 3] = [("= boofcv", 90), ("= other", 94), ("= synthetic", 80)];

/// Texts that the manifest does not know although they are in the picture, or writes otherwise than it is.
const TRUTH_IS_SHORT: [&str; 4] = [
    // A second code hangs on the wall.
    "carried/kolabit/train_37.jpg",
    // Sixty codes, not all of them listed.
    "carried/boof-lots/image006.jpg",
    // The text typed beside the picture lacks a letter.
    "clear/zxing-qrcode-2/13.png",
    // Its character sets are stated by ECI; the listed text is what its bytes are in another set.
    "clear/paulmillr/eci.png",
];

#[test]
fn rates_hold_and_nothing_false_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/qr");
    let manifest = folder.join("manifest.json");
    assert!(
        manifest.is_file(),
        "the shared test pictures are missing: {} is needed",
        manifest.display()
    );
    let entries = Entry::all(&manifest).unwrap();
    let mut families: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        if at % SAMPLE != 0 && !entry.is_negative() {
            continue;
        }
        let luma = open_picture(&folder.join(&entry.file)).unwrap();
        let found = decode_within(&luma, Effort::TwoLooks, &Budget::default()).unwrap_or_default();
        let texts: Vec<String> =
            found.iter().filter_map(|found| found.payload.text().map(str::to_owned)).collect();
        let verdict = entry.judge(&texts);
        let known = TRUTH_IS_SHORT.contains(&entry.file.as_str());
        assert!(verdict.wrong == 0 || known, "{}: a false text", entry.file);
        let family = families.entry(entry.family()).or_default();
        family.0 += 1;
        family.1 += usize::from(verdict.read);
    }
    eprintln!("{families:?}");
    for (family, floor) in FLOORS {
        let (images, read) = families[family];
        assert!(images >= 10, "{family}: the manifest is not what it was");
        assert!(read * 100 >= images * floor, "{family}: {read} of {images}");
    }
}
