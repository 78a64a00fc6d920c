//! `vestibule token issue` and `inspect`: what is signed is what is shown, and what cannot be signed is refused.

use serde_json::{Value, json};

use crate::{Answer, Place, fields};

const CLAIMS: [&str; 12] = [
    "birth_year",
    "colour",
    "cti",
    "event",
    "expires",
    "fact",
    "holder",
    "issued_at",
    "issuer",
    "masked_name",
    "specimen",
    "subject",
];

/// A place with an issuer's key.
fn issuing() -> Place {
    let place = Place::new();
    place.key("issuer.key");
    place
}

fn issue(place: &Place, more: &str) -> Answer {
    place.run(&format!("token issue --key issuer.key --issuer KZ {more}"))
}

fn inspected(place: &Place, token: &str) -> Value {
    place.run_on("token inspect --json", token).yes().json()
}

#[test]
fn an_issued_token_says_what_was_asked_for() {
    let place = issuing();
    let subject = "ab".repeat(16);
    let said = issue(
        &place,
        &format!(
            "--fact negative-test --event 2026-11-21T09:00:00Z --issued 2026-11-21T12:00:00Z --hours 24 \
             --subject {subject} --masked-name A*** --birth-year 1987 --specimen"
        ),
    );
    let token = said.yes().out.trim_end_matches('\n').to_owned();
    assert!(token.starts_with("ST1:"), "{token}");
    let read = inspected(&place, &token);
    let kid = &place.run("keys show issuer.key --json").yes().json()["kid"];
    for (field, value) in [
        ("issuer", json!("KZ")),
        ("subject", json!(subject)),
        ("issued_at", json!("2026-11-21T12:00:00Z")),
        ("expires", json!("2026-11-22T12:00:00Z")),
        ("colour", Value::Null),
        ("fact", json!("negative-test")),
        ("event", json!("2026-11-21T09:00:00Z")),
        ("masked_name", json!("A***")),
        ("birth_year", json!(1987)),
        ("holder", Value::Null),
        ("specimen", json!(true)),
        ("verified", json!(false)),
        ("kid", kid.clone()),
    ] {
        assert_eq!(read[field], value, "{field}");
    }
    let prose = place.run_on("token inspect", &token).yes();
    prose.mentions(&["not verified", "negative-test", "A***", "1987"]);
}

#[test]
fn json_has_the_same_names_wherever_claims_are_shown() {
    let place = issuing();
    let issued = issue(&place, "--colour red --json").yes().json();
    let mut expected = [&CLAIMS[..], &["token"]].concat();
    expected.sort_unstable();
    assert_eq!(fields(&issued), expected);
    let read = inspected(&place, issued["token"].as_str().unwrap());
    let mut expected = [&CLAIMS[..], &["bytes", "kid", "signature", "verified"]].concat();
    expected.sort_unstable();
    assert_eq!(fields(&read), expected);
    for field in CLAIMS {
        assert_eq!(read[field], issued[field], "{field}");
    }
    assert_eq!((&read["colour"], &read["specimen"]), (&json!("red"), &json!(false)));
}

#[test]
fn two_tokens_of_one_command_differ() {
    let place = issuing();
    let [a, b] = [(); 2].map(|()| issue(&place, "--colour green --json").yes().json());
    assert_ne!(a["cti"], b["cti"], "each token can be revoked alone");
    assert_ne!(a["subject"], b["subject"]);
}

#[test]
fn inspect_reads_a_line_of_standard_input() {
    let place = issuing();
    let token = issue(&place, "--colour green").yes().out;
    let said = place.run_fed("token inspect - --json", format!("{token}second line\n").as_bytes());
    assert_eq!(said.yes().json()["colour"], "green");
    for (text, reason) in [
        ("", "not-a-credential"),
        ("https://example.org", "not-a-credential"),
        ("ST1:abc", "bad-base45"),
        (&token[..4 + 99], "bad-cbor"),
    ] {
        let said = place.run_fed("token inspect - --json", text.as_bytes()).no().json();
        assert_eq!(said, json!({"verified": false, "reason": reason}), "{text}");
        place.run_on("token inspect", text).no().mentions(&[reason]);
    }
}

#[test]
fn what_no_token_may_say_is_not_signed() {
    let place = issuing();
    for (bad, word) in [
        ("", "--colour"),
        ("--colour purple", "green, blue, yellow or red"),
        ("--colour grey", "green, blue, yellow or red"),
        ("--colour green --fact contact --event 2026-11-21T09:00:00Z", "cannot be used with"),
        ("--fact contact", "--event"),
        ("--fact flu --event 2026-11-21T09:00:00Z", "negative-test"),
        ("--fact contact --event yesterday", "2026-11-21T14:00:00Z"),
        ("--colour green --hours 0", "--hours"),
        ("--colour green --hours 999999", "--hours"),
        ("--colour green --subject abc", "32"),
        ("--colour green --birth-year 7", "year"),
        ("--colour green --issued 1960-01-01T00:00:00Z", ""),
        ("--fact contact --event 2026-11-22T09:00:00Z --issued 2026-11-21T09:00:00Z --hours 1", ""),
    ] {
        let said = issue(&place, bad).wrong_use().mentions(&[word]);
        assert_eq!(said.out, "", "{bad}: a token was printed");
    }
    place.run("token issue --key gone.key --issuer KZ --colour green").no().mentions(&["gone.key"]);
    place.run("keys tag --out tag.key").yes();
    place.run("token issue --key tag.key --issuer KZ --colour green").no().mentions(&["tag.key"]);
    place.run_on("token issue --key issuer.key --colour green --issuer", "").wrong_use();
}
