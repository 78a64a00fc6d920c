//! Tables and laws of verification: every way in which a token can be wrong, by its reason.

use sync::{id::Subject, key::SecretKey, record::Status};

use super::{
    status::{ClaimsError, IssuerKey, Purpose, StatusClaims, inspect, issue, present},
    *,
};

mod certificates;
mod foreign;
mod laws;
mod lists;
pub(crate) mod sample;

const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const HOUR: i64 = 3_600_000;
const ISSUER: &str = "kz.almaty";

fn key(seed: u8) -> IssuerKey {
    IssuerKey::new(&SecretKey::from_bytes(&[seed; 32]))
}

fn trust() -> TrustList {
    trust_for(&key(1), "EdDSA", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z").unwrap()
}

fn trust_for(
    key: &IssuerKey,
    algorithm: &str,
    from: &str,
    until: &str,
) -> Result<TrustList, trust::ListError> {
    let public = data_encoding::BASE64URL_NOPAD.encode(key.public().as_bytes());
    let (kid, name) = (key.kid(), ISSUER);
    TrustList::parse(
        format!(
            r#"{{"version":1,"issuers":[{{"issuer":"{name}","kid":"{kid}","algorithm":"{algorithm}",
            "key":"{public}","not_before":"{from}","not_after":"{until}"}}]}}"#
        )
        .as_bytes(),
    )
}

fn claims(issued_at: UnixMillis, expires: UnixMillis, claim: Claim) -> StatusClaims {
    let (subject, cti) = (Subject::new([7; 16]), Cti::new([9; 8]));
    StatusClaims::new(ISSUER, subject, cti, issued_at, expires, claim).unwrap()
}

fn green() -> StatusClaims {
    claims(NOON, NOON.plus_millis(24 * HOUR), Claim::Colour(Status::Green))
}

fn token() -> String {
    issue(&green(), &key(1))
}

fn word_at(text: &str, now: Moment, trust: &TrustList, revocations: &Revocations) -> &'static str {
    match verify(&Code::read(text), trust, revocations, now) {
        Ok(_) => "ok",
        Err(refused) => refused.reason.word(),
    }
}

fn word(text: &str) -> &'static str {
    word_at(text, Moment::trusted(NOON), &trust(), &Revocations::default())
}

fn envelope_of(text: &str) -> Vec<u8> {
    base45::decode(text.strip_prefix("ST1:").unwrap()).unwrap()
}

fn text_of(envelope: &[u8]) -> String {
    format!("ST1:{}", base45::encode(envelope))
}

/// A token whose claims are `payload`, honestly signed: what a careless issuer could send.
fn signed(payload: &[u8]) -> String {
    let secret = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
    let mut protected = vec![0xa2, 0x01, 0x27, 0x04, 0x44];
    protected.extend_from_slice(key(1).kid().as_bytes());
    let bytes = |b: &[u8]| minicbor::to_vec(minicbor::bytes::ByteVec::from(b.to_vec())).unwrap();
    let message =
        [b"\x84\x6aSignature1".as_slice(), &bytes(&protected), b"\x40", &bytes(payload)].concat();
    let signature = ed25519_dalek::Signer::sign(&secret, &message).to_bytes();
    let parts =
        [&[0xd2, 0x84], &bytes(&protected)[..], &[0xa0], &bytes(payload), &bytes(&signature)];
    text_of(&parts.concat())
}

/// The claims of [`green`] as CBOR: found between the envelope's fixed head and the signature.
fn green_payload() -> Vec<u8> {
    let bytes = envelope_of(&token());
    let end = bytes.len() - 66;
    bytes[15..end].to_vec()
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|w| w == from).expect("the part is there");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

#[test]
fn a_good_token_says_what_was_issued() {
    let fact = Claim::Fact { kind: FactKind::NegativeTest, at: NOON.plus_millis(-HOUR) };
    let all = claims(NOON, NOON.plus_millis(HOUR), fact)
        .with_masked_name("A*** К.")
        .unwrap()
        .with_birth_year(1987)
        .unwrap()
        .with_photo([3; 16])
        .with_holder(key(5).public())
        .with_purpose(Purpose::Specimen);
    let text = issue(&all, &key(1));
    assert_eq!(inspect(&text).unwrap().claims, all);
    let holder = SecretKey::from_bytes(&[5; 32]);
    let code = Code::read(&present(&text, &holder, NOON).unwrap());
    let now = Moment::trusted(NOON);
    let credential = verify(&code, &trust(), &Revocations::default(), now).unwrap();
    assert_eq!(credential.statement(), &Statement::from(fact));
    assert_eq!(credential.issuer(), ISSUER);
    assert_eq!(credential.masked_name(), Some("A*** К."));
    assert_eq!(credential.birth_year(), Some(1987));
    assert_eq!(credential.holder_key(), Some(key(5).public()));
    assert_eq!(credential.purpose(), Purpose::Specimen);
    assert_eq!(credential.presented(), Presented::Phone);
    assert_eq!(credential.subject(), Subject::new([7; 16]));
    assert!(!format!("{credential:?}").contains("A***"), "debug names nobody");
}

#[test]
fn sizes_are_as_designed() {
    let check = |claims: &StatusClaims, bytes: usize, chars: usize| {
        let text = issue(claims, &key(1));
        assert_eq!((envelope_of(&text).len(), text.len()), (bytes, chars));
    };
    check(&green(), 141, 216); // with an issuer of 9 letters
    let short = |claim| {
        let (subject, cti) = (Subject::new([7; 16]), Cti::new([9; 8]));
        StatusClaims::new("KZ", subject, cti, NOON, NOON.plus_millis(HOUR), claim).unwrap()
    };
    check(&short(Claim::Colour(Status::Green)), 134, 205);
    let fact = short(Claim::Fact { kind: FactKind::NegativeTest, at: NOON });
    check(&fact, 140, 214);
    let named = fact.with_masked_name("A*** B.").unwrap().with_birth_year(1987).unwrap();
    check(&named, 153, 234);
    let photo = named.with_photo([3; 16]);
    check(&photo, 171, 261);
    check(&photo.with_holder(key(5).public()), 214, 325);
}

#[test]
fn the_bytes_are_golden() {
    assert_eq!(token(), GOLDEN);
}

const GOLDEN: &str = "ST1:RRQ+D9P60CO0JS6W/18CK1U7180JQD%%5$VDIECIDFC5A:*0:*0:*0:*0:*0:*0:*0-*0CF3YPM600CF3BIMF8\
    G 49I61I61I61M71100992.FK/10*48UCDZ+E6D1H/35:K1Y66V8.F5-4O 67TE84CPSZQRZDTO4%H2B2Q//58MUD2LJT9A8V.KGN ROHI%RC14W87VH8V601N5CC0";

#[test]
fn each_bad_text_has_its_reason() {
    let good = token();
    let check = |text: &str, expected: &str| assert_eq!(word(text), expected, "{text:.60}");
    check(&good, "ok");
    check(&format!("  {good}\n"), "ok");
    check(&good.replace("ST1:", "ST2:"), "bad-prefix");
    check(&good.replace("ST1:", ""), "not-a-credential");
    check("https://example.org", "not-a-credential");
    check("750612345678", "not-a-credential");
    check("", "not-a-credential");
    check("HC1:NCF", "bad-compression");
    check("shc:/5676", "malformed");
    check("shc:/1/2/5676", "incomplete");
    check("NZCP:/1/0", "bad-encoding");
    check(r#"{"icao.vacc":1}"#, "bad-json");
    check("ST1:", "bad-cbor");
    check("ST1:abc", "bad-base45");
    check("ST1:::", "bad-base45"); // a last pair above 255
    check(&good[..good.len() / 2], "bad-cbor");
    check(&good[..good.len() - 3], "bad-cbor");
    check(&format!("{good}000"), "bad-cbor"); // no proof follows
    check(&format!("ST1:{}", "0".repeat(3000)), "too-large");
    check(&format!("ST1:{}", "0".repeat(5000)), "too-large");
    check(&issue(&green(), &key(2)), "unknown-issuer");
    let mut forged = envelope_of(&good);
    *forged.last_mut().unwrap() ^= 1;
    check(&text_of(&forged), "bad-signature");
}

#[test]
fn each_bad_envelope_has_its_reason() {
    let good = envelope_of(&token());
    let check = |from: &[u8], to: &[u8], expected: &str| {
        assert_eq!(word(&text_of(&replaced(&good, from, to))), expected, "{from:x?} -> {to:x?}");
    };
    check(&[0xd2, 0x84], &[0x84], "bad-cbor"); // no tag
    check(&[0xd2, 0x84], &[0xd2, 0xd2, 0x84], "bad-cbor"); // two tags
    check(&[0xd2, 0x84], &[0xd1, 0x84], "bad-cbor"); // COSE_Mac0
    check(&[0xd2, 0x84], &[0xd2, 0x9f], "bad-cbor"); // indefinite array
    check(&[0x49, 0xa2], &[0x58, 0x09, 0xa2], "bad-cbor"); // a longer head for the same length
    check(&[0xa2, 0x01, 0x27], &[0xa2, 0x01, 0x26], "unsupported-algorithm"); // ES256
    check(&[0xa2, 0x01, 0x27], &[0xa2, 0x01, 0x40], "bad-cbor");
    check(&[0xa0, 0x58], &[0xa1, 0x58], "bad-cbor"); // something unprotected
}

#[test]
fn each_bad_claim_has_its_reason_however_well_signed() {
    let good = green_payload();
    assert_eq!(word(&signed(&good)), "ok", "the forge makes good tokens too");
    let check = |from: &[u8], to: &[u8], expected: &str| {
        assert_eq!(word(&signed(&replaced(&good, from, to))), expected, "{from:x?} -> {to:x?}");
    };
    let status = [0x3a, 0x00, 0x01, 0x11, 0x70, 0xa1, 0x01, 0x00];
    check(&status[5..], &[0xa1, 0x01, 0x03], "ok"); // red is a colour
    check(&status[5..], &[0xa1, 0x01, 0x04], "malformed"); // grey is not
    check(&status[5..], &[0xa1, 0x02, 0x00], "malformed"); // a fact without a time
    check(&status[5..], &[0xa0], "malformed");
    check(&status[5..], &[0xbf, 0x01, 0x00, 0xff], "bad-cbor"); // indefinite
    check(&status[5..], &[0xa2, 0x01, 0x00, 0x01, 0x01], "malformed"); // doubled
    check(&status[5..], &[0xa2, 0x01, 0x00, 0x04, 0x60], "malformed"); // an empty name
    check(&status[5..], &[0xa2, 0x01, 0x00, 0x04, 0x61, 0x0a], "malformed"); // a line break
    check(&status[5..], &[0xa2, 0x01, 0x00, 0x04, 0x61, 0xff], "bad-cbor"); // not UTF-8
    check(&status[5..], &[0xa2, 0x01, 0x00, 0x05, 0x01], "malformed"); // born in the year 1
    check(&status[5..], &[0xa2, 0x01, 0x00, 0x18, 0x63, 0xf5], "ok"); // an unknown plain key
    check(&status[5..], &[0xa2, 0x01, 0x00, 0x18, 0x63, 0x81, 0x81, 0x00], "malformed");
    check(&status, &status[..5], "bad-cbor"); // cut off
    check(&status, &[&status[..], &[0x00]].concat(), "bad-cbor"); // something after the end
    check(&[0x02, 0x50], &[0x01, 0x50], "malformed"); // iss twice
    check(&[0x02, 0x50], &[0x02, 0x51, 0x00], "malformed"); // a subject of 17 bytes
    check(&[0xa6, 0x01], &[0xa5, 0x01], "bad-cbor");
    check(&[0xa6, 0x01], &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], "bad-cbor");
    let exp = u32::try_from(green().expires().secs()).unwrap().to_be_bytes();
    check(&exp, &[0, 0, 0, 1], "malformed"); // expires before it is issued
}

#[test]
fn times_count_to_the_second() {
    let text = token();
    let (trust, none) = (trust(), Revocations::default());
    let check = |millis: i64, clock: ClockTrust, expected: &str| {
        let now = Moment { wall: NOON.plus_millis(millis), trust: clock };
        assert_eq!(word_at(&text, now, &trust, &none), expected, "{millis} {clock:?}");
    };
    use ClockTrust::{Bounded, Trusted, Unknown};
    check(-SKEW_MILLIS, Trusted, "ok");
    check(-SKEW_MILLIS - 1, Trusted, "not-yet-valid");
    check(-SKEW_MILLIS - 1, Bounded, "not-yet-valid");
    check(-SKEW_MILLIS - 1, Unknown, "ok"); // the clock may be behind; the policy says grey
    check(24 * HOUR - 1, Trusted, "ok");
    check(24 * HOUR, Trusted, "expired");
    check(24 * HOUR, Unknown, "expired"); // above the floor, expired is certain
}

#[test]
fn a_phones_token_needs_the_phones_proof_of_now() {
    let holder = SecretKey::from_bytes(&[5; 32]);
    let static_text = issue(&green().with_holder(holder.public()), &key(1));
    let shown = |secs: i64| present(&static_text, &holder, NOON.plus_millis(secs * 1000)).unwrap();
    let check_at = |text: &str, clock: ClockTrust, expected: &str| {
        let now = Moment { wall: NOON, trust: clock };
        let said = match verify(&Code::read(text), &trust(), &Revocations::default(), now) {
            Ok(credential) => credential.presented().word(),
            Err(refused) => refused.reason.word(),
        };
        assert_eq!(said, expected, "{clock:?}");
    };
    use ClockTrust::{Bounded, Trusted, Unknown};
    check_at(&shown(0), Trusted, "phone");
    check_at(&shown(-30), Trusted, "phone");
    check_at(&shown(30), Trusted, "phone");
    check_at(&shown(-75), Trusted, "stale-proof");
    check_at(&shown(75), Trusted, "stale-proof");
    check_at(&shown(-75), Bounded, "phone-at-unknown-time");
    check_at(&shown(-700), Bounded, "stale-proof");
    check_at(&shown(-7000), Unknown, "phone-at-unknown-time");
    check_at(&static_text, Trusted, "no-proof");
    check_at(&static_text, Unknown, "no-proof");
    check_at(&token(), Trusted, "paper");

    let stranger = SecretKey::from_bytes(&[6; 32]);
    assert_eq!(present(&static_text, &stranger, NOON), None, "the token names another key");
    assert_eq!(present(&token(), &holder, NOON), None, "the token names no key");
    assert_eq!(present(&shown(-75), &holder, NOON), Some(shown(0)), "a new proof replaces the old");
    let mut forged = envelope_of(&shown(0));
    *forged.last_mut().unwrap() ^= 1;
    check_at(&text_of(&forged), Trusted, "no-proof");
    let (token, proof) = (envelope_of(&token()), envelope_of(&shown(0)));
    let proof = &proof[envelope_of(&static_text).len()..];
    check_at(&text_of(&[token.as_slice(), proof].concat()), Trusted, "malformed"); // on paper
    assert_eq!((envelope_of(&shown(0)).len(), shown(0).len()), (256, 388), "as designed");
}

#[test]
fn claims_out_of_bounds_are_not_issued() {
    let colour = Claim::Colour(Status::Green);
    let check = |issuer: &str, from: i64, until: i64, claim: Claim, expected: ClaimsError| {
        let (subject, cti) = (Subject::new([7; 16]), Cti::new([9; 8]));
        let (from, until) = (UnixMillis::from_secs(from), UnixMillis::from_secs(until));
        let result = StatusClaims::new(issuer, subject, cti, from, until, claim);
        assert_eq!(result.unwrap_err(), expected);
    };
    check("", 1, 2, colour, ClaimsError::Issuer);
    check(&"x".repeat(65), 1, 2, colour, ClaimsError::Issuer);
    check("a\u{202e}b", 1, 2, colour, ClaimsError::Issuer);
    check("a", 2, 2, colour, ClaimsError::Lifetime);
    check("a", -1, 2, colour, ClaimsError::Lifetime);
    check("a", 1, i64::MAX, colour, ClaimsError::Lifetime);
    check("a", 1, 2, Claim::Colour(Status::Grey), ClaimsError::Grey);
    let later = Claim::Fact { kind: FactKind::Contact, at: UnixMillis::from_secs(1_000) };
    check("a", 1, 2, later, ClaimsError::EventTime);
    assert_eq!(green().with_masked_name(" ").unwrap_err(), ClaimsError::MaskedName);
    assert_eq!(green().with_birth_year(7).unwrap_err(), ClaimsError::BirthYear);
}
