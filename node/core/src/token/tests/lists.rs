//! Tables of trust lists and revocations: whom they believe, and how they say what is wrong with them.

use super::*;

#[test]
fn the_issuers_key_has_its_own_time_and_name() {
    let text = token();
    let check = |from: &str, until: &str, expected: &str| {
        let trust = trust_for(&key(1), "EdDSA", from, until).unwrap();
        let now = Moment::trusted(NOON);
        assert_eq!(word_at(&text, now, &trust, &Revocations::default()), expected);
    };
    check("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "ok");
    check("2026-01-01T00:00:00Z", "2026-09-01T00:00:00Z", "issuer-not-valid");
    check("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", "issuer-not-valid");

    let now = Moment::trusted(NOON);
    let none = Revocations::default();
    let bare = TrustList::from_public_key(&key(1).public().to_string()).unwrap();
    assert_eq!(word_at(&text, now, &bare, &none), "ok");
    assert_eq!(word_at(&text, now, &TrustList::default(), &none), "unknown-issuer");
    let (subject, cti) = (Subject::new([7; 16]), Cti::new([9; 8]));
    let (end, claim) = (NOON.plus_millis(HOUR), Claim::Colour(Status::Green));
    let other = StatusClaims::new("kz.astana", subject, cti, NOON, end, claim).unwrap();
    assert_eq!(word(&issue(&other, &key(1))), "unknown-issuer", "a key signs for its own issuer");
}

#[test]
fn revocations_hold_until_they_expire() {
    let text = token();
    let cti = Cti::new([9; 8]);
    let check = |entries: &str, expected: &str| {
        let json =
            format!(r#"{{"version":1,"issued_at":"2026-09-01T00:00:00Z","revoked":[{entries}]}}"#);
        let revocations = Revocations::parse(json.as_bytes()).unwrap();
        let now = Moment::trusted(NOON);
        assert_eq!(word_at(&text, now, &trust(), &revocations), expected, "{entries}");
    };
    check("", "ok");
    check(&format!(r#"{{"cti":"{cti}"}}"#), "revoked");
    check(&format!(r#"{{"cti":"{cti}","until":"2026-12-01T00:00:00Z"}}"#), "revoked");
    check(&format!(r#"{{"cti":"{cti}","until":"2026-09-02T00:00:00Z"}}"#), "ok");
    check(
        &format!(r#"{{"cti":"{cti}"}},{{"cti":"{cti}","until":"2026-09-02T00:00:00Z"}}"#),
        "revoked",
    );
    check(r#"{"cti":"0808080808080808"},{"cti":"0a0a0a0a0a0a0a0a"}"#, "ok");
}

#[test]
fn bad_lists_name_their_field() {
    let check = |result: Result<(), trust::ListError>, part: &str| {
        let error = result.expect_err(part);
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        assert!(format!("{error} {cause}").contains(part), "{error} {cause} lacks {part}");
    };
    let trust = |json: &str| TrustList::parse(json.as_bytes()).map(|_| ());
    check(trust("{"), "EOF");
    check(trust("[1,[]]"), "not a JSON object");
    check(trust(r#"{"version":1,"issuers":[],"x":1}"#), "unknown field `x`");
    check(trust(r#"{"version":1}"#), "missing field `issuers`");
    let (from, until) = ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
    check(trust_for(&key(1), "ES256", from, until).map(|_| ()), "issuers[0].algorithm");
    check(trust_for(&key(1), "EdDSA", "today", until).map(|_| ()), "issuers[0].not_before");
    check(trust_for(&key(1), "EdDSA", until, from).map(|_| ()), "issuers[0].not_after");
    let wrong_kid = r#"{"version":1,"issuers":[{"issuer":"a","kid":"00000000","algorithm":"EdDSA",
        "key":"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w","not_before":"","not_after":""}]}"#;
    check(trust(wrong_kid), "issuers[0].kid");
    let revoked = |json: &str| Revocations::parse(json.as_bytes()).map(|_| ());
    check(revoked(r#"{"version":1,"issued_at":"x","revoked":[]}"#), "issued_at");
    let short = r#"{"version":1,"issued_at":"2026-09-01T00:00:00Z","revoked":[{"cti":"00"}]}"#;
    check(revoked(short), "revoked[0].cti");
    let secret = TrustList::from_public_key("vestibule-key:1:ed25519:x").map(|_| ());
    check(secret, "secret key");
    check(TrustList::from_public_key(&"0".repeat(64)).map(|_| ()), "weak key");
}
