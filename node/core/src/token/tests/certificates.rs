//! EU certificates signed here: what withdraws them, and what is made of statements that are not understood.

use std::io::Write;

use data_encoding::BASE64;
use flate2::{Compression, write::ZlibEncoder};
use minicbor::Encoder;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};

use super::*;
use crate::policy::{Policy, status_at};

const LISTED: [u8; 8] = [7; 8];
const UCI: &str = "URN:UVCI:01:UT:1";
/// SNOMED CT, COVID-19.
const TARGET: (&str, &str) = ("tg", "840539006");

fn key_pair() -> EcdsaKeyPair {
    let (rng, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &rng).unwrap();
    EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &rng).unwrap()
}

fn trust_in(key: &EcdsaKeyPair) -> TrustList {
    let base64 = |bytes: &[u8]| data_encoding::BASE64URL_NOPAD.encode(bytes);
    let point = key.public_key().as_ref();
    let (x, y, kid) = (base64(&point[1..33]), base64(&point[33..]), BASE64.encode(&LISTED));
    let json = format!(
        r#"{{"version":1,"issuers":[],"signers":[{{"formats":["dcc"],"kid":"{kid}",
        "jwk":{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}}}]}}"#
    );
    TrustList::parse(json.as_bytes()).unwrap()
}

/// A certificate of one test, whose kid is not signed; `None` for a field leaves it out.
fn certificate(key: &EcdsaKeyPair, kid: [u8; 8], fields: &[(&str, &str)], ends: bool) -> String {
    let mut payload = Vec::new();
    let mut e = Encoder::new(&mut payload);
    e.map(if ends { 4 } else { 3 }).unwrap().i64(1).unwrap().str("UT").unwrap();
    e.i64(6).unwrap().i64(NOON.secs()).unwrap();
    if ends {
        e.i64(4).unwrap().i64(NOON.secs() + 86_400).unwrap();
    }
    e.i64(-260).unwrap().map(1).unwrap().i64(1).unwrap().map(2).unwrap();
    e.str("dob").unwrap().str("1970-01-01").unwrap().str("t").unwrap().array(1).unwrap();
    e.map(fields.len() as u64).unwrap();
    for (name, value) in fields {
        e.str(name).unwrap().str(value).unwrap();
    }
    let protected = [0xa1, 0x01, 0x26]; // {alg: ES256}
    let mut signed = Vec::new();
    let mut e = Encoder::new(&mut signed);
    e.array(4).unwrap().str("Signature1").unwrap().bytes(&protected).unwrap();
    e.bytes(&[]).unwrap().bytes(&payload).unwrap();
    let signature = key.sign(&SystemRandom::new(), &signed).unwrap();
    let mut cose = Vec::new();
    let mut e = Encoder::new(&mut cose);
    e.tag(minicbor::data::Tag::new(18)).unwrap().array(4).unwrap().bytes(&protected).unwrap();
    e.map(1).unwrap().i64(4).unwrap().bytes(&kid).unwrap();
    e.bytes(&payload).unwrap().bytes(signature.as_ref()).unwrap();
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(&cose).unwrap();
    format!("HC1:{}", base45::encode(deflate.finish().unwrap()))
}

const NEGATIVE: [(&str, &str); 6] = [
    TARGET,
    ("tt", "LP6464-4"),
    ("tr", "260415000"),
    ("sc", "2026-09-21T12:00:00Z"),
    ("co", "XX"),
    ("ci", UCI),
];

fn word(text: &str, trust: &TrustList, revocations: &Revocations) -> &'static str {
    word_at(text, Moment::trusted(NOON), trust, revocations)
}

#[test]
fn a_withdrawn_certificate_is_withdrawn_whatever_key_it_names() {
    let key = key_pair();
    let trust = trust_in(&key);
    let withdrawn_by = |kind: &str, parts: &[&[u8]]| {
        let (kid, hash) = (BASE64.encode(&LISTED), BASE64.encode(&unverified::first_16(parts)));
        let json = format!(
            r#"{{"version":1,"issued_at":"2026-09-21T00:00:00Z","revoked":[],
            "dcc":[{{"kid":"{kid}","kind":"{kind}","hashes":"{hash}"}}]}}"#
        );
        Revocations::parse(json.as_bytes()).unwrap()
    };
    let lists = [
        withdrawn_by("UCI", &[UCI.as_bytes()]),
        withdrawn_by("COUNTRYCODEUCI", &[b"UT", UCI.as_bytes()]),
        withdrawn_by("COUNTRYCODEUCI", &[b"XX", UCI.as_bytes()]),
    ];
    for kid in [LISTED, [1; 8]] {
        let text = certificate(&key, kid, &NEGATIVE, true);
        assert_eq!(word(&text, &trust, &Revocations::default()), "ok");
        for list in &lists {
            assert_eq!(word(&text, &trust, list), "revoked", "{kid:?}");
        }
    }
}

#[test]
fn one_that_never_ends_is_none() {
    let key = key_pair();
    let text = certificate(&key, LISTED, &NEGATIVE, false);
    assert_eq!(word(&text, &trust_in(&key), &Revocations::default()), "malformed");
}

#[test]
fn what_is_not_understood_confirms_nothing() {
    let key = key_pair();
    let trust = trust_in(&key);
    let check = |name: &str, value: &str, expected: Status| {
        let fields = NEGATIVE.map(|(n, v)| if n == name { (n, value) } else { (n, v) });
        let code = Code::read(&certificate(&key, LISTED, &fields, true));
        let none = Revocations::default();
        let credential = verify(&code, &trust, &none, Moment::trusted(NOON)).unwrap();
        let status = status_at(&credential, &Policy::default(), NOON).status;
        assert_eq!(status, expected, "{name} = {value}: {credential:?}");
    };
    check("tr", "260415000", Status::Green);
    check("tr", "260373001", Status::Red);
    check("tr", "1", Status::Grey);
    check("sc", "2026-09-21T9:00:00Z", Status::Grey);
    check("sc", "2026-09", Status::Grey);
    check("sc", "2099-01-01T00:00:00Z", Status::Blue); // not yet taken
    check("tg", "6142004", Status::Grey); // influenza: nothing is said of the disease
}
