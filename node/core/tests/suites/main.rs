//! Published test suites that no one here wrote, read in place from `../shared/data/tokens` (README.md there): every
//! verdict must agree, or be named here with its upstream reason.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod cose;
mod dcc;
mod mutated;
mod nzcp;
mod shc;
mod vdsnc;
mod wycheproof;

use std::path::PathBuf;

use node_core::{
    clock::Moment,
    code::Code,
    token::{
        revocations::Revocations,
        shc::{Gathered, Gatherer},
        trust::{ImportKind, TrustList},
        verify,
    },
};
use serde_json::Value;
use sync::time::UnixMillis;

/// The folder of a suite.
///
/// # Panics
/// When the shared test data is not beside the repository: the suites cannot be skipped.
fn suite(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/tokens");
    let folder = folder.join(name);
    assert!(
        folder.is_dir(),
        "the published suites are missing: there is no {}; put the shared test data beside the repository",
        folder.display()
    );
    folder
}

fn text(path: &std::path::Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn json(path: &std::path::Path) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The cases of a suite: one JSON object on each line.
fn lines(path: &std::path::Path) -> Vec<Value> {
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{path:?}: {e}"));
    text(path).lines().map(read).collect()
}

/// `accept`, or the word of the reason. Codes are shown one after the other, as parts of a card are; the last one counts.
fn verdict(texts: &[&str], trust: &TrustList, at: UnixMillis) -> String {
    let mut gatherer = Gatherer::default();
    let mut said = "none".to_owned();
    for text in texts {
        said = match gatherer.take(Code::read(text)) {
            Gathered::Waiting { .. } => "incomplete".into(),
            Gathered::Whole(code) => {
                match verify(&code, trust, &Revocations::default(), Moment::trusted(at)) {
                    Ok(_) => "accept".into(),
                    Err(refused) => refused.reason.word().into(),
                }
            }
        };
    }
    said
}

fn import(kind: ImportKind, bytes: &[u8]) -> TrustList {
    TrustList::import(kind, bytes).unwrap_or_else(|e| panic!("{kind:?}: {e}"))
}

/// Fails with all differences at once.
fn none_differs(suite: &str, cases: usize, differences: &[String]) {
    assert!(cases > 0, "{suite}: no case was read");
    let (count, list) = (differences.len(), differences.join("\n"));
    assert!(differences.is_empty(), "{suite}: {count} of {cases} differ:\n{list}");
}
