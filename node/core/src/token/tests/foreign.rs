//! Foreign credentials signed here: trust by a list, rotation of keys, times, and what `Debug` shows.

use data_encoding::BASE64URL_NOPAD;
use flate2::{Compression, write::DeflateEncoder};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use std::io::Write;

use super::*;

const ISSUER: &str = "https://cards.example";

fn key_pair() -> EcdsaKeyPair {
    let (rng, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &rng).unwrap();
    EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &rng).unwrap()
}

fn base64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn payload(more: &str) -> String {
    format!(
        r#"{{"iss":"{ISSUER}","nbf":{},{more}"vc":{{"type":["https://smarthealth.cards#health-card"],"rid":"r1",
        "credentialSubject":{{"fhirBundle":{{"resourceType":"Bundle","entry":[
        {{"resource":{{"resourceType":"Patient","name":[{{"family":"Qqfamily","given":["Qqgiven"]}}],"birthDate":"1987-05-01"}}}},
        {{"resource":{{"resourceType":"Immunization","status":"completed","vaccineCode":{{"coding":[{{"code":"208"}}]}},
        "occurrenceDateTime":"2026-01-29"}}}}]}}}}}}}}"#,
        NOON.secs()
    )
}

fn card(payload: &str, header: &str, key: &EcdsaKeyPair) -> String {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(payload.as_bytes()).unwrap();
    let message = format!("{}.{}", base64(header.as_bytes()), base64(&deflate.finish().unwrap()));
    let signature = key.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    format!("{message}.{}", base64(signature.as_ref()))
}

const HEADER: &str = r#"{"alg":"ES256","zip":"DEF","kid":"k"}"#;

fn entry(key: &EcdsaKeyPair, more: &str) -> String {
    let point = key.public_key().as_ref();
    let (x, y) = (base64(&point[1..33]), base64(&point[33..]));
    format!(
        r#"{{"formats":["shc"],"issuer":"{ISSUER}",{more}"kid":"k","jwk":{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}}}"#
    )
}

fn list(entries: &[String]) -> Result<TrustList, trust::ListError> {
    let json = format!(r#"{{"version":1,"issuers":[],"signers":[{}]}}"#, entries.join(","));
    TrustList::parse(json.as_bytes())
}

fn check(text: &str, trust: &TrustList, millis: i64, expected: &str) {
    let now = Moment::trusted(NOON.plus_millis(millis));
    assert_eq!(word_at(text, now, trust, &Revocations::default()), expected, "at {millis}");
}

#[test]
fn a_card_holds_by_a_key_of_the_list_in_its_time() {
    let key = key_pair();
    let trust = list(&[entry(&key, "")]).unwrap();
    let text = card(&payload(""), HEADER, &key);
    check(&text, &trust, 0, "ok");
    check(&text, &trust, -SKEW_MILLIS - 1, "not-yet-valid");
    let ending = card(&payload(&format!(r#""exp":{},"#, NOON.secs() + 10)), HEADER, &key);
    check(&ending, &trust, 9_999, "ok");
    check(&ending, &trust, 11_000, "expired");
    check(&card(&payload(""), HEADER, &key_pair()), &trust, 0, "bad-signature");
    check(&text, &TrustList::default(), 0, "unknown-issuer");
    let crit = HEADER.replace('{', r#"{"crit":["exp"],"#);
    check(&card(&payload(""), &crit, &key), &trust, 0, "malformed"); // RFC 7515 §4.1.11
    check(
        &card(&payload(""), &HEADER.replace("\"k\"", "\"l\""), &key),
        &trust,
        0,
        "unknown-issuer",
    );
    check(
        &card(&payload(""), &HEADER.replace("ES256", "none"), &key),
        &trust,
        0,
        "unsupported-algorithm",
    );
    check(&card(&payload(""), &HEADER.replace("DEF", "GZIP"), &key), &trust, 0, "malformed");
    check(
        &card(&payload("").replace("https://c", "http://c"), HEADER, &key),
        &trust,
        0,
        "malformed",
    );
    check(&card("{}", HEADER, &key), &trust, 0, "bad-json");
    let deep = format!(r#"{{"iss":{}1{}}}"#, "[".repeat(5000), "]".repeat(5000));
    check(&card(&deep, HEADER, &key), &trust, 0, "bad-json");
    let big = format!("{}{}", payload(""), " ".repeat(200_000));
    check(&card(&big, HEADER, &key), &trust, 0, "too-large");
}

#[test]
fn an_old_and_a_new_key_overlap() {
    let (old, new) = (key_pair(), key_pair());
    let until = r#""not_after":"2026-09-21T14:13:30Z","#; // ten seconds after NOON
    let from = r#""not_before":"2026-09-21T14:03:30Z","#;
    let trust = list(&[entry(&old, until), entry(&new, from)]).unwrap();
    let by = |key| card(&payload(""), HEADER, key);
    check(&by(&old), &trust, 0, "ok");
    check(&by(&new), &trust, 0, "ok");
    check(&by(&old), &trust, 11_000, "issuer-not-valid");
    check(&by(&new), &trust, 11_000, "ok");
    let now = Moment { wall: NOON.plus_millis(-3_600_000), trust: ClockTrust::Unknown };
    let said = word_at(&by(&new), now, &trust, &Revocations::default());
    assert_eq!(said, "ok", "a clock that is not believed cannot say that the key has not begun");
}

#[test]
fn a_credential_says_what_it_holds_and_debug_names_nobody() {
    let key = key_pair();
    let trust = list(&[entry(&key, "")]).unwrap();
    let code = Code::read(&card(&payload(""), HEADER, &key));
    let now = Moment::trusted(NOON);
    let credential = verify(&code, &trust, &Revocations::default(), now).unwrap();
    assert_eq!((credential.format(), credential.issuer()), (Format::Shc, ISSUER));
    assert_eq!(credential.masked_name(), Some("Q*** Q."));
    assert_eq!(credential.birth_year(), Some(1987));
    assert_eq!(credential.statement().to_string(), "vaccination");
    assert_eq!(credential.presented(), Presented::Paper);
    let holder = credential.holder().unwrap();
    assert_eq!(holder.name(), Some("Qqgiven Qqfamily"));
    assert_eq!(holder.birth_date(), Some("1987-05-01"));
    let id = RevocableId::Shc { kid: "k".into(), rid: "r1".into(), issued_at: NOON };
    assert_eq!(RevocableId::from_bytes(&id.to_bytes()).as_ref(), Some(&id), "as in a seal");
    assert_eq!(credential.revocable_ids(), [id]);
    let said = format!("{credential:?} {holder:?} {:?} {:?}", credential.revocable_ids(), code);
    assert!(!said.contains("Qq") && !said.contains("1987"), "{said}");
}

#[test]
fn a_wrong_entry_of_signers_is_named() {
    let key = key_pair();
    let good = entry(&key, "");
    let wrong = |from: &str, to: &str, expected: &str| {
        let entry = good.replace(from, to);
        assert_ne!(entry, good, "{from}");
        let error = list(&[good.clone(), entry]).unwrap_err().to_string();
        assert!(error.starts_with(&format!("signers[1].{expected}: ")), "{from} -> {to}: {error}");
    };
    wrong(r#"["shc"]"#, "[]", "formats");
    wrong(r#"["shc"]"#, r#"["status"]"#, "formats");
    wrong(r#"["shc"]"#, r#"["dcc"]"#, "kid"); // one character is no base64
    wrong(&format!(r#""issuer":"{ISSUER}","#), "", "issuer");
    wrong("P-256", "secp256k1", "jwk");
    wrong(r#""x":""#, r#""x":"!"#, "jwk");
    wrong(r#""kid":"k","#, "", "kid");
    wrong(r#""kid":"k""#, r#""kid":"k","not_after":"soon""#, "not_after");
    wrong(r#""kid":"k""#, r#""kid":"k","uses":["everything"]"#, "uses");
    wrong(r#""kid":"k""#, r#""kid":"k","certificate":"AAAA""#, "certificate");
}
