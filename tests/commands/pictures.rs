//! Published pictures of credentials, through the scanner and `token verify`: what another reader saw must be seen.

use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use serde_json::{Value, json};
use sync::time::UnixMillis;

use crate::Place;

fn suite(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/tokens").join(name);
    assert!(folder.is_dir(), "the published suites are missing: there is no {}", folder.display());
    folder
}

fn cases(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("cases.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The texts that the scanner sees in a picture, sorted.
fn seen(place: &Place, picture: &Path) -> Vec<String> {
    let picture = picture.to_str().unwrap();
    let said = place.run_on("scan --json --budget-ms 60000", picture).json();
    let codes = said["codes"].as_array().cloned().unwrap_or_default();
    let mut texts: Vec<_> =
        codes.iter().map(|c| c["text"].as_str().unwrap_or_default().into()).collect();
    texts.sort_unstable();
    texts
}

#[test]
fn certificates_of_real_countries_are_seen_and_hold() {
    let folder = suite("dcc-qr");
    let place = Place::new();
    let (mut differences, mut held) = (Vec::new(), 0);
    let cases = cases(&folder);
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        let text = case["text"].as_str().unwrap();
        if !seen(&place, &folder.join(id)).iter().any(|t| t == text) {
            differences.push(format!("{id}: not seen"));
            continue;
        }
        let Some(certificate) = case["cert"].as_str() else { continue };
        place.write("signer.der", BASE64.decode(certificate.as_bytes()).unwrap());
        let secs = |field: &str| case[field].as_str().unwrap().parse::<f64>().unwrap() as i64;
        // An hour after it was issued, or before it ends: one was issued before its signer's certificate, some outlive it.
        let accepted = [secs("iat") + 3600, secs("exp") - 3600].iter().any(|at| {
            let at = UnixMillis::from_secs(*at);
            let line = format!("token verify --trust signer.der --json --at {at}");
            place.run_on(&line, text).json()["verdict"] == "accept"
        });
        match accepted {
            true => held += 1,
            false => differences.push(format!("{id}: refused")),
        }
    }
    assert!(held > 0, "no signer is known");
    let count = differences.len();
    assert_eq!(count, 0, "{count} of {} differ:\n{}", cases.len(), differences.join("\n"));
}

#[test]
fn cards_are_seen_and_judged() {
    let folder = suite("shc");
    let place = Place::new();
    let set = std::fs::read_to_string(folder.join("jwks.json")).unwrap();
    let mut set: Value = serde_json::from_str(&set).unwrap();
    set["iss"] = json!("https://spec.smarthealth.cards/examples/issuer");
    place.write("cards.jwks.json", set.to_string());
    let (mut differences, mut count) = (Vec::new(), 0);
    for case in cases(&folder) {
        let files: Vec<_> =
            case["files"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        // Drawings (SVG) are no pictures yet; the same cards come as texts.
        if case["type"] != "qr" || files.iter().any(|file| file.ends_with(".svg")) {
            continue;
        }
        count += 1;
        let texts: Vec<_> =
            files.iter().flat_map(|file| seen(&place, &folder.join(file))).collect();
        let at = UnixMillis::from_secs(case["clock"].as_i64().unwrap());
        let line = format!("token verify --trust cards.jwks.json --at {at} -");
        let said = place.run_fed(&line, texts.join("\n").as_bytes()).lines();
        let accepted = said.last().is_some_and(|last| last["verdict"] == "accept");
        if accepted != (case["expect"] == "accept") {
            differences.push(format!("{}: {said:?}", case["id"]));
        }
    }
    assert!(count > 0, "no picture was read");
    assert!(differences.is_empty(), "of {count}:\n{}", differences.join("\n"));
}
