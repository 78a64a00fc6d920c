//! What a door's processor spends on a code: the whole verification beside the bare signature check, and the slowest
//! refusal.

use criterion::{Criterion, criterion_group, criterion_main};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use ed25519_dalek::{Signer, SigningKey};
use flate2::{
    Compression,
    write::{DeflateEncoder, ZlibEncoder},
};
use node_core::{
    clock::Moment,
    code::Code,
    token::{
        Claim, Cti, FactKind,
        revocations::Revocations,
        status::{IssuerKey, StatusClaims, issue},
        trust::TrustList,
        verify,
    },
};
use ring::{
    rand::SystemRandom,
    signature::{EcdsaKeyPair, KeyPair, UnparsedPublicKey},
};
use std::{hint::black_box, io::Write};
use sync::{id::Subject, key::SecretKey, time::UnixMillis};

const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

fn token(c: &mut Criterion) {
    let key = IssuerKey::new(&SecretKey::from_bytes(&[1; 32]));
    let claim = Claim::Fact { kind: FactKind::NegativeTest, at: NOON };
    let (subject, cti) = (Subject::new([7; 16]), Cti::new([9; 8]));
    let end = NOON.plus_millis(3_600_000);
    let claims = StatusClaims::new("KZ", subject, cti, NOON, end, claim).expect("within bounds");
    let text = issue(&claims, &key);
    let trust = TrustList::from_public_key(&key.public().to_string()).expect("a public key");
    let revocations = Revocations::default();
    c.bench_function("whole token", |b| {
        b.iter(|| {
            let code = Code::read(black_box(&text));
            verify(&code, &trust, &revocations, Moment::trusted(NOON)).expect("verifies")
        });
    });

    let signing = SigningKey::from_bytes(&[1; 32]);
    let verifying = signing.verifying_key();
    let message = [7; 90]; // as long as the Sig_structure of the token above
    let signature = signing.sign(&message);
    c.bench_function("verify_strict alone", |b| {
        b.iter(|| verifying.verify_strict(black_box(&message), &signature).expect("verifies"));
    });
}

/// CBOR of bytes.
fn bytes(content: &[u8]) -> Vec<u8> {
    let content = minicbor::bytes::ByteVec::from(content.to_vec());
    minicbor::to_vec(content).expect("CBOR into memory")
}

/// The claims of an EU certificate of a usual size; nobody's.
fn dcc_claims() -> Vec<u8> {
    let mut e = minicbor::Encoder::new(Vec::new());
    let written = e.map(4).and_then(|e| {
        e.i64(1)?
            .str("XX")?
            .i64(4)?
            .i64(NOON.secs() + 86_400)?
            .i64(6)?
            .i64(NOON.secs() - 86_400)?;
        e.i64(-260)?
            .map(1)?
            .i64(1)?
            .map(4)?
            .str("ver")?
            .str("1.3.0")?
            .str("dob")?
            .str("1990-01-01")?;
        e.str("nam")?.map(4)?.str("fn")?.str("Specimen")?.str("fnt")?.str("SPECIMEN")?;
        e.str("gn")?.str("Nobody")?.str("gnt")?.str("NOBODY")?;
        e.str("v")?.array(1)?.map(10)?.str("dn")?.u8(2)?.str("sd")?.u8(2)?;
        for (key, value) in [
            ("ci", "URN:UVCI:01:XX:0123456789ABCDEF0123456789ABCDEF#1"),
            ("co", "XX"),
            ("dt", "2026-02-01"),
            ("is", "An authority that issues nothing"),
            ("ma", "ORG-100030215"),
            ("mp", "EU/1/20/1528"),
            ("tg", "840539006"),
            ("vp", "1119349007"),
        ] {
            e.str(key)?.str(value)?;
        }
        Ok(())
    });
    written.expect("CBOR into memory");
    e.into_writer()
}

fn dcc(c: &mut Criterion) {
    let rng = SystemRandom::new();
    let algorithm = &ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &rng).expect("randomness");
    let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &rng).expect("its own key");
    let protected = [&b"\xa2\x01\x26\x04\x48"[..], &[7; 8]].concat();
    let claims = dcc_claims();
    let parts = [b"\x84\x6aSignature1".as_slice(), &bytes(&protected), b"\x40", &bytes(&claims)];
    let message = parts.concat();
    let signature = key.sign(&rng, &message).expect("signs");
    let parts = [b"\xd2\x84".as_slice(), &bytes(&protected), b"\xa0", &bytes(&claims)];
    let cose = [parts.concat(), bytes(signature.as_ref())].concat();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(&cose).expect("into memory");
    let text = format!("HC1:{}", base45::encode(zlib.finish().expect("into memory")));

    let point = key.public_key().as_ref().to_vec();
    let number = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let trust = format!(
        r#"{{"version":1,"issuers":[],"signers":[{{"formats":["dcc"],"kid":"{}",
        "jwk":{{"kty":"EC","crv":"P-256","x":"{}","y":"{}"}}}}]}}"#,
        BASE64.encode(&[7; 8]),
        number(&point[1..33]),
        number(&point[33..])
    );
    let trust = TrustList::parse(trust.as_bytes()).expect("a trust list");
    let revocations = Revocations::default();
    c.bench_function("whole EU certificate", |b| {
        b.iter(|| {
            let code = Code::read(black_box(&text));
            verify(&code, &trust, &revocations, Moment::trusted(NOON)).expect("verifies")
        });
    });
    let key = UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_FIXED, point);
    c.bench_function("ES256 alone", |b| {
        b.iter(|| key.verify(black_box(&message), signature.as_ref()).expect("verifies"));
    });
}

/// The most that a code can ask for before it is refused: a card that inflates to nearly the bound, full of resources.
fn slowest(c: &mut Criterion) {
    let dose = r#"{"resource":{"resourceType":"Immunization","status":"completed","vaccineCode":{"coding":[{"code":"208"}]},"occurrenceDateTime":"2026-01-29"}}"#;
    let filler = "9".repeat(90_000);
    let payload = format!(
        r#"{{"iss":"https://example.org","nbf":1,"vc":{{"type":["https://smarthealth.cards#health-card"],
        "credentialSubject":{{"fhirBundle":{{"resourceType":"Bundle","entry":[{},{{"x":[{filler}]}}]}}}}}}}}"#,
        vec![dose; 250].join(",")
    );
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(payload.as_bytes()).expect("into memory");
    let base64 = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let (header, body) = (
        base64(br#"{"alg":"ES256","zip":"DEF","kid":"k"}"#),
        base64(&deflate.finish().expect("into memory")),
    );
    let text = format!("{header}.{body}.{}", base64(&[1; 64]));
    let (trust, revocations) = (TrustList::default(), Revocations::default());
    c.bench_function("slowest refusal", |b| {
        b.iter(|| {
            let code = Code::read(black_box(&text));
            verify(&code, &trust, &revocations, Moment::trusted(NOON))
                .expect_err("nobody is trusted")
        });
    });
}

criterion_group!(benches, token, dcc, slowest);
criterion_main!(benches);
