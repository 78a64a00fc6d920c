//! `vestibule token verify`: each way in which a code can be good or bad, by its reason and exit code.

use serde_json::{Value, json};

use crate::{Answer, Place, fields};

const NOON: &str = "2026-11-21T12:00:00Z";

/// A place with an issuer's key and a folder of trust that holds its public half; and a green token of noon.
fn trusting() -> (Place, String) {
    let place = Place::new();
    std::fs::create_dir(place.path("trust")).unwrap();
    let public = place.key("issuer.key");
    place.write("trust/issuer.pub", format!("{public}\n"));
    let token = issued(&place, "issuer.key", "--colour green");
    (place, token)
}

fn issued(place: &Place, key: &str, claim: &str) -> String {
    let hours = if claim.contains("--hours") { "" } else { "--hours 24" };
    let line = format!("token issue --key {key} --issuer KZ --issued {NOON} {hours} {claim}");
    place.run(&line).yes().out.trim_end_matches('\n').to_owned()
}

fn verify(place: &Place, more: &str, token: &str) -> Answer {
    let at = if more.contains("--at") { String::new() } else { format!("--at {NOON}") };
    place.run_on(&format!("token verify --trust trust --json {at} {more}"), token)
}

/// Verdict and reason; the exit code must go with them, and the fields are always the same.
fn word(answer: Answer) -> String {
    let said = answer.json();
    assert_eq!(
        fields(&said),
        ["claims", "format", "reason", "status", "until", "verdict"],
        "the contract of `token verify --json`"
    );
    let accepted = said["verdict"] == "accept";
    let answer = answer.ends(i32::from(!accepted));
    assert_eq!(said["reason"].is_null(), accepted, "{}", answer.out);
    match said["reason"].as_str() {
        Some(reason) => format!("{}: {reason}", said["verdict"].as_str().unwrap_or_default()),
        None => "accept".into(),
    }
}

fn bytes(token: &str) -> Vec<u8> {
    base45::decode(token.strip_prefix("ST1:").expect("a status token")).expect("Base45")
}

fn text(bytes: &[u8]) -> String {
    format!("ST1:{}", base45::encode(bytes))
}

/// A trust list of the issuer's key for the issuer `KZ`, in 2026.
fn list(place: &Place) -> String {
    let key = place.run("keys show issuer.key --json").yes().json();
    json!({"version": 1, "issuers": [{
        "issuer": "KZ", "kid": key["kid"], "algorithm": "EdDSA", "key": key["public"],
        "not_before": "2026-01-01T00:00:00Z", "not_after": "2027-01-01T00:00:00Z",
    }]})
    .to_string()
}

#[test]
fn a_good_token_is_accepted_with_its_claims() {
    let (place, token) = trusting();
    let answer = verify(&place, "", &token).yes();
    let said = answer.json();
    assert_eq!(word(answer), "accept");
    assert_eq!((&said["format"], &said["status"]), (&json!("status"), &json!("green")));
    assert_eq!(said["until"], "2026-11-22T12:00:00Z");
    assert_eq!(
        (&said["claims"]["issuer"], &said["claims"]["colour"]),
        (&json!("KZ"), &json!("green"))
    );
    let prose = place.run_on(&format!("token verify --trust trust --at {NOON}"), &token);
    assert_eq!(prose.yes().out, "accept: green until 2026-11-22T12:00:00Z\n");
    assert_eq!(word(verify(&place, "", &format!("  {token} "))), "accept");
}

#[test]
fn the_policy_says_what_follows_from_a_fact() {
    let (place, _) = trusting();
    let fact = "--fact negative-test --event 2026-11-21T09:00:00Z";
    let token = issued(&place, "issuer.key", &format!("{fact} --hours 240"));
    place.write("policy.json", r#"{"green_hours":1}"#);
    let status = |more: &str| verify(&place, more, &token).json()["status"].clone();
    assert_eq!(status(""), "green");
    assert_eq!(status("--policy policy.json"), "blue");
    place.write("policy.json", r#"{"green_hours":1,"admit":{"blue":"refuse"}}"#);
    assert_eq!(word(verify(&place, "--policy policy.json", &token)), "refuse: status-blue");
    let red = issued(&place, "issuer.key", "--colour red");
    assert_eq!(word(verify(&place, "", &red)), "refuse: status-red");
    place.write("policy.json", r#"{"green_hours":0}"#);
    verify(&place, "--policy policy.json", &token).no().mentions(&["policy.json", "green_hours"]);
}

#[test]
fn time_ends_a_token_and_begins_it() {
    let (place, token) = trusting();
    let at = |at: &str| word(verify(&place, &format!("--at {at}"), &token));
    assert_eq!(at("2026-11-22T11:59:59Z"), "accept");
    assert_eq!(at("2026-11-22T12:00:00Z"), "refuse: expired");
    assert_eq!(at("2026-11-21T11:49:59Z"), "refuse: not-yet-valid");
    assert_eq!(at("2026-11-21T11:50:00Z"), "accept");
    assert_eq!(at("2026-11-21T17:00:00+05:00"), "accept");
    verify(&place, "--at noon", &token).wrong_use().mentions(&["2026-11-21T14:00:00Z"]);
}

#[test]
fn forged_altered_and_broken_tokens_have_their_reasons() {
    let (place, token) = trusting();
    let check = |text: &str, expected: &str| {
        let answer = verify(&place, "", text);
        assert!(answer.json()["claims"].is_null(), "{text}: claims of an unverified token");
        assert_eq!(word(answer), expected, "{text}");
    };
    place.key("forger.key");
    check(&issued(&place, "forger.key", "--colour green"), "refuse: unknown-issuer");

    let mut altered = bytes(&token);
    *altered.last_mut().unwrap() ^= 1;
    check(&text(&altered), "refuse: bad-signature");
    // The last byte before the signature and its head is the colour: red is painted green.
    let mut painted = bytes(&issued(&place, "issuer.key", "--colour red"));
    let colour = painted.len() - 67;
    assert_eq!(std::mem::take(&mut painted[colour]), 3, "red on the wire");
    check(&text(&painted), "refuse: bad-signature");
    let mut es256 = bytes(&token);
    let algorithm = es256.windows(3).position(|w| w == [0xa2, 0x01, 0x27]).unwrap() + 2;
    es256[algorithm] = 0x26;
    check(&text(&es256), "refuse: unsupported-algorithm");

    // Cut between whole groups of Base45's three characters, so that the text itself stays sound.
    check(&token[..4 + 99], "refuse: bad-cbor");
    // A token's length is not always the same: its times take more or fewer bytes.
    let cut_to = |rest: usize| {
        let mut letters = token.len() - 4 - 1;
        while letters % 3 != rest {
            letters -= 1;
        }
        &token[..4 + letters]
    };
    check(cut_to(0), "refuse: bad-cbor");
    check(cut_to(1), "refuse: bad-base45");
    check("ST1:", "refuse: bad-cbor");
    check("ST1:not base45", "refuse: bad-base45");
    check("ST2:ABC", "refuse: bad-prefix");
    check(&format!("ST1:{}", "0".repeat(3000)), "refuse: too-large");
    check(&"x".repeat(5000), "refuse: too-large");
}

#[test]
fn a_phones_token_is_shown_by_its_phone_alone() {
    let (place, _) = trusting();
    let holder = place.key("holder.key");
    let token = issued(&place, "issuer.key", &format!("--colour green --holder {}", holder.trim()));
    assert_eq!(word(verify(&place, "", &token)), "refuse: no-proof");
    let line = format!("token present --key holder.key --at {NOON}");
    let shown = place.run_on(&line, &token).yes().out.trim_end_matches('\n').to_owned();
    let said = verify(&place, "", &shown);
    assert_eq!(said.json()["claims"]["presented"], "phone");
    assert_eq!(word(said), "accept");
    let late = word(verify(&place, "--at 2026-11-21T12:01:30Z", &shown));
    assert_eq!(late, "refuse: stale-proof", "a screenshot dies");
    place.run_on("token present --key issuer.key", &token).no().mentions(&["names this key"]);
}

/// Published examples, read in place; the README there says whose.
fn shared(path: &str) -> String {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/tokens")
        .join(path);
    std::fs::read_to_string(&file)
        .unwrap_or_else(|e| panic!("the shared test data is missing: {}: {e}", file.display()))
}

#[test]
fn foreign_credentials_are_trusted_by_files_of_their_makers() {
    let place = Place::new();
    std::fs::create_dir(place.path("trust")).unwrap();
    place.write("trust/nz.did.json", shared("nzcp/did.json"));
    let mut set: Value = serde_json::from_str(&shared("shc/jwks.json")).unwrap();
    set["iss"] = json!("https://spec.smarthealth.cards/examples/issuer");
    place.write("trust/cards.jwks.json", set.to_string());
    let dcc: Value = serde_json::from_str(&shared("dcc/BE/2DCode/raw/1.json")).unwrap();
    let certificate = dcc["TESTCTX"]["CERTIFICATE"].as_str().unwrap();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
    place.write("trust/be.pem", pem);
    let at = |at: &str, text: &str| {
        let line = format!("token verify --trust trust --json --at {at}");
        word(place.run_on(&line, text))
    };
    let code = dcc["PREFIX"].as_str().unwrap();
    assert_eq!(at("2021-08-19T10:00:00Z", code), "accept");
    assert_eq!(at("2031-08-19T10:00:00Z", code), "refuse: expired");
    let pass = shared("nzcp/cases.jsonl").lines().last().unwrap().to_owned();
    let pass: Value = serde_json::from_str(&pass).unwrap();
    assert_eq!(at("2022-01-01T00:00:00Z", pass["text"].as_str().unwrap()), "accept");

    let part = |n: usize| shared(&format!("shc/files/example-02-f-qr-code-numeric-value-{n}.txt"));
    let parts: Vec<String> = [2, 0, 1].map(part).iter().map(|p| p.trim().to_owned()).collect();
    let line = "token verify --trust trust --at 2023-07-01T00:00:00Z -";
    let said = place.run_fed(line, parts.join("\n").as_bytes()).no().lines();
    let reasons: Vec<_> = said.iter().map(|l| l["reason"].clone()).collect();
    assert_eq!(reasons, [json!("incomplete"), json!("incomplete"), Value::Null]);
    assert_eq!(said[2]["verdict"], "accept");

    let inspected = place.run_on("token inspect --json", code).yes().json();
    assert_eq!((&inspected["format"], &inspected["verified"]), (&json!("dcc"), &json!(false)));

    place.write("trust/broken.jwks.json", r#"{"keys":[]}"#);
    let said = place.run_on("token verify --trust trust", code).no();
    said.mentions(&["broken.jwks.json", "iss"]);
}

#[test]
fn other_codes_are_told_apart() {
    let (place, _) = trusting();
    let check = |text: &str, format: &str, expected: &str| {
        let answer = verify(&place, "", text);
        assert_eq!(answer.json()["format"], format, "{text}");
        assert_eq!(answer.json()["status"], "grey", "{text}");
        assert_eq!(word(answer), expected, "{text}");
    };
    check(&"lorem ipsum ".repeat(256), "plain-text", "refuse: not-a-credential");
    check("https://example.org/menu", "web-address", "refuse: not-a-credential");
    check(
        "bitcoin:bc1qar0srrr7xfkvy5l643lydnw9re59gtzz",
        "payment-code",
        "refuse: not-a-credential",
    );
    check("750612345678", "plain-number", "refuse: not-a-credential");
    check("", "plain-text", "refuse: not-a-credential");
    check("HC1:NCFOXN", "dcc", "refuse: bad-compression");
    check("shc:/5676", "shc", "refuse: malformed");
    check("shc:/1/2/5676", "shc", "cannot-confirm: incomplete");
    check("NZCP:/1/0", "nzcp", "refuse: bad-encoding");
    check(r#"{"data":{"hdr":{"t":"icao.vacc"}}}"#, "vds-nc", "refuse: bad-json");
}

#[test]
fn a_specimen_admits_nobody() {
    let (place, _) = trusting();
    let specimen = issued(&place, "issuer.key", "--colour green --specimen");
    assert_eq!(word(verify(&place, "", &specimen)), "cannot-confirm: specimen");
    place.write("policy.json", r#"{"admit":{"grey":"admit"}}"#);
    let said = word(verify(&place, "--policy policy.json", &specimen));
    assert_eq!(said, "cannot-confirm: specimen");
}

#[test]
fn a_revoked_token_is_refused_and_an_old_list_confirms_nothing() {
    let (place, token) = trusting();
    let cti = verify(&place, "", &token).json()["claims"]["cti"].clone();
    let revoke = |cti: &Value, issued_at: &str| {
        let list = json!({"version": 1, "issued_at": issued_at, "revoked": [{"cti": cti}]});
        place.write("revoked.json", list.to_string());
        word(verify(&place, "--revocations revoked.json", &token))
    };
    assert_eq!(revoke(&cti, NOON), "refuse: revoked");
    assert_eq!(revoke(&json!("0000000000000000"), NOON), "accept");
    let said = revoke(&json!("0000000000000000"), "2026-11-01T12:00:00Z");
    assert_eq!(said, "cannot-confirm: stale-lists");
    place.write("revoked.json", "{}");
    let said = verify(&place, "--revocations revoked.json", &token);
    said.no().mentions(&["revoked.json"]);
}

#[test]
fn a_trust_list_believes_a_key_for_its_issuer_in_its_time() {
    let (place, token) = trusting();
    std::fs::remove_file(place.path("trust/issuer.pub")).unwrap();
    let check = |from: &str, to: &str, expected: &str| {
        let list = list(&place);
        assert!(list.contains(from), "{from} is not in {list}");
        place.write("trust/region.trust", list.replace(from, to));
        place.write("trust/README.txt", "files of other names are passed over");
        assert_eq!(word(verify(&place, "", &token)), expected, "{from} -> {to}");
    };
    check("KZ", "KZ", "accept");
    check("KZ", "KG", "refuse: unknown-issuer");
    check("2027-01-01", "2026-06-01", "refuse: issuer-not-valid");
    check("2026-01-01", "2026-12-01", "refuse: issuer-not-valid");
    let file = place
        .run_on(&format!("token verify --json --at {NOON} --trust trust/region.trust"), &token);
    assert_eq!(word(file), "refuse: issuer-not-valid", "one file is as good as a folder");
}

#[test]
fn trust_that_cannot_be_used_is_named() {
    let (place, token) = trusting();
    let refused = |words: &[&str]| {
        let said = verify(&place, "", &token).no().mentions(words);
        assert_eq!(said.out, "", "a verdict without trust");
    };
    place.write("trust/broken.trust", list(&place).replace("EdDSA", "ES256"));
    refused(&["broken.trust", "issuers[0].algorithm"]);
    std::fs::remove_file(place.path("trust/broken.trust")).unwrap();
    let secret = place.read("issuer.key");
    place.write("trust/issuer.pub", &secret);
    refused(&["issuer.pub", "secret key"]);
    std::fs::remove_file(place.path("trust/issuer.pub")).unwrap();
    refused(&["trust", "no key"]);
    std::fs::remove_dir(place.path("trust")).unwrap();
    refused(&["trust", "No such file"]);
    place.run("token verify ST1:").wrong_use().mentions(&["--trust"]);
}

#[test]
fn many_lines_give_one_verdict_each_in_their_order() {
    let (place, token) = trusting();
    let red = issued(&place, "issuer.key", "--colour red");
    let line = format!("token verify --trust trust --at {NOON} -");
    let mixed = format!("{token}\n\n{red}\r\n\u{1f600}\nHC1:X\n{token}").repeat(200);
    // Repeated, the last line of one round and the first of the next are one line.
    let expected = mixed.lines().count();
    let said = place.run_fed(&line, mixed.as_bytes()).no();
    let lines = said.lines();
    assert_eq!(lines.len(), expected);
    let verdicts: Vec<_> = lines.iter().take(5).map(|l| l["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["accept", "refuse", "refuse", "refuse", "refuse"]);
    assert_eq!(lines[expected - 1]["verdict"], "accept");
    let all_good = place.run_fed(&line, format!("{token}\n{token}\n").as_bytes()).yes();
    assert_eq!(all_good.lines().len(), 2);
    let bytes = [b"\xff\xfe\n".as_slice(), &[b'x'; 200_000], b"\n", token.as_bytes()].concat();
    let formats: Vec<_> = place.run_fed(&line, &bytes).no().lines();
    let formats: Vec<_> = formats.iter().map(|l| l["format"].as_str().unwrap()).collect();
    assert_eq!(formats, ["plain-text", "too-long", "status"]);
}
