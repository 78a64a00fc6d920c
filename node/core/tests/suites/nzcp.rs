//! The four published examples of New Zealand's specification.

use node_core::token::trust::ImportKind;
use sync::time::UnixMillis;

use crate::{import, lines, none_differs, suite, text, verdict};

#[test]
fn every_verdict_agrees() {
    let folder = suite("nzcp");
    let trust = import(ImportKind::DidDocument, text(&folder.join("did.json")).as_bytes());
    let cases = lines(&folder.join("cases.jsonl"));
    let reasons = [
        ("nzcp-bad-public-key", "bad-signature"),
        ("nzcp-expired-payload", "expired"),
        ("nzcp-modified-sig", "bad-signature"),
        ("nzcp", "accept"),
    ];
    let differences: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            let id = case["id"].as_str().unwrap();
            let at = UnixMillis::from_secs(case["clock"].as_i64().unwrap());
            let said = verdict(&[case["text"].as_str().unwrap()], &trust, at);
            let expected = reasons.iter().find(|(name, _)| *name == id).map(|(_, word)| *word);
            let agrees = (said == "accept") == (case["expect"] == "accept");
            (!agrees || expected != Some(&said)).then(|| format!("{id}: {said}"))
        })
        .collect();
    none_differs("nzcp", cases.len(), &differences);
}
