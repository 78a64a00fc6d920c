//! Real credentials of every format, mutated below each of their layers: whatever comes, a verdict and no panic.
//!
//! The mutations are seeded and bounded, so that they run wherever the tests do; `VESTIBULE_MUTATIONS=10000000` runs as
//! many in all.

use std::{io::Write, panic};

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use flate2::{
    Compression,
    read::{DeflateDecoder, ZlibDecoder},
    write::{DeflateEncoder, ZlibEncoder},
};
use node_core::token::trust::{ImportKind, TrustList};
use sync::time::UnixMillis;

use crate::{json, lines, suite, text, verdict};

const AT: UnixMillis = UnixMillis::from_secs(1_640_000_000);
/// Mutations in all, unless the environment says otherwise.
const MUTATIONS: usize = 20_000;

/// Numbers that look random, from a seed (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % bound.max(1)
    }
}

fn mutate(sample: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = sample.to_vec();
    for _ in 0..=chance.below(3) {
        let at = chance.below(bytes.len());
        match chance.below(6) {
            0 | 1 if !bytes.is_empty() => bytes[at] ^= 1 << chance.below(8),
            2 => bytes.truncate(at),
            // A CBOR head that promises much, or opens without an end.
            3 if !bytes.is_empty() => {
                let heads = [0x5b, 0x7b, 0x9b, 0xbb, 0x9f, 0xbf, 0xc6, 0xfb];
                let head = vec![heads[chance.below(heads.len())], 0x7f, 0xff, 0xff, 0xff];
                bytes.splice(at..(at + 1).min(bytes.len()), head);
            }
            4 if !bytes.is_empty() => {
                bytes[at] = [0, 0x7f, 0x80, 0xff, b'"', b'{'][chance.below(6)]
            }
            _ => {
                let until = at + chance.below(bytes.len() - at);
                let again = bytes[at..until].to_vec();
                bytes.splice(at..at, again);
            }
        }
    }
    bytes
}

/// How the bytes of one layer become a text again.
type Wrap = fn(&[u8]) -> Vec<u8>;

fn of_text(bytes: &[u8]) -> Vec<u8> {
    bytes.to_vec()
}

fn of_deflated(bytes: &[u8]) -> Vec<u8> {
    format!("HC1:{}", base45::encode(bytes)).into_bytes()
}

fn of_cose(bytes: &[u8]) -> Vec<u8> {
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(bytes).unwrap();
    of_deflated(&deflate.finish().unwrap())
}

fn of_pass(bytes: &[u8]) -> Vec<u8> {
    format!("NZCP:/1/{}", BASE32_NOPAD.encode(bytes)).into_bytes()
}

fn of_payload(bytes: &[u8]) -> Vec<u8> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(bytes).unwrap();
    let payload = BASE64URL_NOPAD.encode(&deflate.finish().unwrap());
    let header = BASE64URL_NOPAD.encode(br#"{"zip":"DEF","alg":"ES256","kid":"k"}"#);
    format!("{header}.{payload}.{}", BASE64URL_NOPAD.encode(&[1; 64])).into_bytes()
}

fn inflated(mut reader: impl std::io::Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap();
    bytes
}

/// Samples of every format at every layer, and how a layer is wrapped.
fn samples() -> Vec<(Vec<u8>, Wrap)> {
    let mut samples: Vec<(Vec<u8>, Wrap)> = Vec::new();
    for case in lines(&suite("dcc-qr").join("cases.jsonl")).iter().step_by(20) {
        let text = case["text"].as_str().unwrap();
        let deflated = base45::decode(&text[4..]).unwrap();
        samples.push((inflated(ZlibDecoder::new(&deflated[..])), of_cose));
        samples.push((deflated, of_deflated));
        samples.push((text.into(), of_text));
    }
    let pass = lines(&suite("nzcp").join("cases.jsonl"))[3]["text"].as_str().unwrap().to_owned();
    samples.push((BASE32_NOPAD.decode(&pass.as_bytes()[8..]).unwrap(), of_pass));
    samples.push((pass.into(), of_text));
    for seal in lines(&suite("vdsnc").join("cases.jsonl")) {
        samples.push((seal["text"].as_str().unwrap().into(), of_text));
    }
    let card = json(&suite("shc").join("files/example-01-e-file.smart-health-card"));
    let jws = card["verifiableCredential"][0].as_str().unwrap().to_owned();
    let payload = BASE64URL_NOPAD.decode(jws.split('.').nth(1).unwrap().as_bytes()).unwrap();
    samples.push((inflated(DeflateDecoder::new(&payload[..])), of_payload));
    samples.push((jws.into(), of_text));
    samples.push((
        text(&suite("shc").join("files/example-02-f-qr-code-numeric-value-0.txt")).into(),
        of_text,
    ));
    samples
}

fn mutations() -> usize {
    std::env::var("VESTIBULE_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(MUTATIONS)
}

#[test]
fn no_mutation_of_a_credential_makes_it_panic() {
    let samples = samples();
    let trust = TrustList::default();
    let rounds = mutations() / samples.len() + 1;
    for (which, (sample, wrap)) in samples.iter().enumerate() {
        for round in 0..rounds {
            let mut chance = Chance(0x9e37_79b9 ^ ((which as u64) << 40) ^ (round as u64 + 1) << 8);
            let bytes = wrap(&mutate(sample, &mut chance));
            let text = String::from_utf8_lossy(&bytes);
            let held = panic::catch_unwind(|| verdict(&[&text], &trust, AT));
            let said = held.unwrap_or_else(|_| panic!("sample {which}, round {round}"));
            assert_ne!(said, "accept", "sample {which}, round {round}: nobody is trusted");
        }
    }
}

#[test]
fn no_mutation_of_a_trust_file_makes_it_panic() {
    let file = json(&suite("dcc").join("BE/2DCode/raw/1.json"));
    let certificate = file["TESTCTX"]["CERTIFICATE"].as_str().unwrap();
    let samples = [
        (ImportKind::Certificates, data_encoding::BASE64.decode(certificate.as_bytes()).unwrap()),
        (
            ImportKind::KeySet,
            text(&suite("shc").join("jwks.json")).replacen('{', r#"{"iss":"x","#, 1).into(),
        ),
        (ImportKind::DidDocument, text(&suite("nzcp").join("did.json")).into()),
    ];
    for (which, (kind, sample)) in samples.iter().enumerate() {
        assert!(TrustList::import(*kind, sample).is_ok(), "{kind:?} is sound before it is mutated");
        for round in 0..mutations() / 10 {
            let mut chance = Chance(0x7f4a_7c15 ^ ((which as u64) << 40) ^ (round as u64 + 1) << 8);
            let bytes = mutate(sample, &mut chance);
            let held = panic::catch_unwind(|| TrustList::import(*kind, &bytes).is_ok());
            assert!(held.is_ok(), "{kind:?}, round {round}");
        }
    }
}
