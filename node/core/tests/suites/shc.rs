//! SMART Health Cards: the specification's examples and the files of its developer tools, good and broken.

use std::path::Path;

use node_core::token::trust::{ImportKind, TrustList};
use serde_json::Value;
use sync::time::UnixMillis;

use crate::{import, json, lines, none_differs, suite, text, verdict};

/// The issuer that the examples name.
const ISSUER: &str = "https://spec.smarthealth.cards/examples/issuer";

fn trust(folder: &Path) -> TrustList {
    let mut set = json(&folder.join("jwks.json"));
    set["iss"] = ISSUER.into();
    import(ImportKind::KeySet, set.to_string().as_bytes())
}

/// The digits of a JWS, as a code has them.
fn digits(jws: &str) -> String {
    let place = |c: char| format!("{:02}", u32::from(c) as i64 - i64::from(b'-'));
    format!("shc:/{}", jws.trim().chars().map(place).collect::<String>())
}

/// The codes of a case, by the kind of its files: each inner list is one card. Pictures are read in another test, which
/// has a reader of pictures.
fn cards(case: &Value, folder: &Path) -> Option<Vec<Vec<String>>> {
    let files = case["files"].as_array().unwrap().iter();
    let files = files.map(|file| folder.join(file.as_str().unwrap()));
    match case["type"].as_str().unwrap() {
        "jws" => Some(files.map(|file| vec![digits(&text(&file))]).collect()),
        "qrnumeric" => Some(vec![files.map(|file| text(&file).trim().to_owned()).collect()]),
        "healthcard" => {
            let cards = files.map(|file| json(&file)).flat_map(|file| {
                let cards = file["verifiableCredential"].as_array().unwrap().clone();
                cards.into_iter().map(|jws| vec![digits(jws.as_str().unwrap())])
            });
            Some(cards.collect())
        }
        _ => None,
    }
}

#[test]
fn every_verdict_of_texts_agrees() {
    let folder = suite("shc");
    let trust = trust(&folder);
    let (mut differences, mut count) = (Vec::new(), 0);
    for case in lines(&folder.join("cases.jsonl")) {
        let Some(cards) = cards(&case, &folder) else { continue };
        count += 1;
        let at = UnixMillis::from_secs(case["clock"].as_i64().unwrap());
        let said: Vec<_> = cards
            .iter()
            .map(|card| {
                let texts: Vec<&str> = card.iter().map(String::as_str).collect();
                verdict(&texts, &trust, at)
            })
            .collect();
        let accepted = said.iter().all(|said| said == "accept");
        if accepted != (case["expect"] == "accept") {
            differences.push(format!("{}: {said:?}", case["id"]));
        }
    }
    none_differs("shc", count, &differences);
}

#[test]
fn a_jws_is_read_as_it_is_saved_too() {
    let folder = suite("shc");
    let jws = text(&folder.join("files/example-03-d-jws.txt"));
    let at = UnixMillis::from_secs(1_688_169_600);
    assert_eq!(verdict(&[jws.trim()], &trust(&folder), at), "accept");
}

#[test]
fn parts_wait_for_each_other_in_any_order() {
    let folder = suite("shc");
    let part =
        |n: usize| text(&folder.join(format!("files/example-02-f-qr-code-numeric-value-{n}.txt")));
    let parts = [part(2), part(0), part(1)];
    let shown: Vec<&str> = parts.iter().map(|part| part.trim()).collect();
    let (trust, at) = (trust(&folder), UnixMillis::from_secs(1_688_169_600));
    assert_eq!(verdict(&shown[..2], &trust, at), "incomplete");
    assert_eq!(verdict(&shown, &trust, at), "accept");
}
