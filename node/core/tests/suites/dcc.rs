//! The EU's own test data: codes with certificate, clock and the expected result of each step.

use data_encoding::BASE64;
use node_core::token::trust::{ImportKind, TrustList};
use serde_json::Value;
use sync::time::UnixMillis;

use crate::{import, json, lines, none_differs, suite, verdict};

/// Steps that make up the verdict end to end; each that is expected to fail makes it a refusal.
const STEPS: [&str; 5] = [
    "EXPECTEDUNPREFIX",
    "EXPECTEDB45DECODE",
    "EXPECTEDCOMPRESSION",
    "EXPECTEDDECODE",
    "EXPECTEDVERIFY",
];
const TIME: &str = "EXPECTEDEXPIRATIONCHECK";
const USAGE: &str = "EXPECTEDKEYUSAGE";

const HOUR: i64 = 3_600_000;

fn expected(results: &Value, step: &str) -> Option<bool> {
    results.get(step).and_then(Value::as_bool)
}

/// The verdict that the file expects: acceptance, as only steps that it names are tested.
fn accepts(results: &Value) -> bool {
    STEPS.iter().chain([&TIME, &USAGE]).all(|step| expected(results, step) != Some(false))
}

/// What a code is judged by: the file's own certificate and clock. Time and key usage count only where the file expects
/// something of them, so a refusal for them is no difference elsewhere.
fn agrees(said: &str, results: &Value) -> bool {
    let of_time = matches!(said, "expired" | "not-yet-valid" | "issuer-not-valid");
    let of_usage = said == "key-usage";
    let untested = (of_time && expected(results, TIME).is_none())
        || (of_usage && expected(results, USAGE).is_none());
    match accepts(results) {
        true => said == "accept" || untested,
        false => said != "accept",
    }
}

/// The reason goes with the step that is expected to fail, the first of them.
fn reason_fits(said: &str, results: &Value) -> bool {
    let first = STEPS.iter().chain([&TIME, &USAGE]).find(|s| expected(results, s) == Some(false));
    match first.copied() {
        None => true,
        Some("EXPECTEDUNPREFIX") => matches!(said, "not-a-credential" | "bad-prefix"),
        Some("EXPECTEDB45DECODE") => said == "bad-base45",
        Some("EXPECTEDCOMPRESSION") => said == "bad-compression",
        Some("EXPECTEDDECODE") => matches!(said, "bad-cbor" | "malformed"),
        Some("EXPECTEDVERIFY") => {
            matches!(said, "bad-signature" | "unknown-issuer" | "unsupported-algorithm")
        }
        Some("EXPECTEDEXPIRATIONCHECK") => {
            matches!(said, "expired" | "not-yet-valid" | "issuer-not-valid")
        }
        Some(_) => said == "key-usage",
    }
}

#[test]
fn every_verdict_end_to_end_agrees() {
    let folder = suite("dcc");
    let cases = lines(&folder.join("expected.jsonl"));
    let mut differences = Vec::new();
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        let file = json(&folder.join(id));
        let context = &file["TESTCTX"];
        let trust = match context["CERTIFICATE"].as_str() {
            Some(certificate) => {
                let der = BASE64.decode(certificate.trim().as_bytes());
                match der.map(|der| TrustList::import(ImportKind::Certificates, &der)) {
                    Ok(Ok(trust)) => trust,
                    other => {
                        differences.push(format!("{id}: certificate: {other:?}"));
                        continue;
                    }
                }
            }
            None => TrustList::default(),
        };
        let clock = context["VALIDATIONCLOCK"].as_str().unwrap_or("2021-07-01T00:00:00Z");
        // Some clocks name no zone.
        let at = UnixMillis::parse(clock).or_else(|| UnixMillis::parse(&format!("{clock}Z")));
        let Some(at) = at else {
            differences.push(format!("{id}: clock {clock}"));
            continue;
        };
        let said = verdict(&[file["PREFIX"].as_str().unwrap_or_default()], &trust, at);
        let results = &case["expected"];
        let fits = agrees(&said, results) && reason_fits(&said, results);
        if !fits {
            let failed = results.as_object().unwrap().iter();
            let failed: Vec<_> = failed.filter(|(_, v)| **v == false).map(|(k, _)| k).collect();
            differences.push(format!("{id}: {said}, expected to fail: {failed:?}"));
        }
    }
    none_differs("dcc", cases.len(), &differences);
}

/// Pictures of codes in production, with the texts that another reader saw in them: where the signer's certificate is
/// known, each must hold an hour after it was issued or
/// before it ends: some outlive their signer's certificate, and one was issued before it.
#[test]
fn codes_of_real_countries_hold_with_their_certificates() {
    let cases = lines(&suite("dcc-qr").join("cases.jsonl"));
    let mut differences = Vec::new();
    let mut known = 0;
    for case in &cases {
        let Some(certificate) = case["cert"].as_str() else { continue };
        known += 1;
        let (id, text) = (case["id"].as_str().unwrap(), case["text"].as_str().unwrap());
        let der = BASE64.decode(certificate.as_bytes()).unwrap();
        let trust = import(ImportKind::Certificates, &der);
        let time = |field: &str| case[field].as_str().unwrap().parse::<f64>().unwrap() * 1000.0;
        let times = [time("iat") as i64 + HOUR, time("exp") as i64 - HOUR];
        let said = times.map(|at| verdict(&[text], &trust, UnixMillis::new(at)));
        if !said.iter().any(|said| said == "accept") {
            differences.push(format!("{id}: {said:?}"));
        }
    }
    none_differs("dcc-qr, of known signers", known, &differences);
}

/// Without the certificate the form alone is judged: all of them must be read up to the signer.
#[test]
fn codes_of_real_countries_are_read_without_their_certificates() {
    let cases = lines(&suite("dcc-qr").join("cases.jsonl"));
    let differences: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            let said = verdict(
                &[case["text"].as_str().unwrap()],
                &TrustList::default(),
                UnixMillis::from_secs(1_640_000_000),
            );
            (said != "unknown-issuer").then(|| format!("{}: {said}", case["id"]))
        })
        .collect();
    none_differs("dcc-qr", cases.len(), &differences);
}
