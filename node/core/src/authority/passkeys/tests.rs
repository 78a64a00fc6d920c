//! A person's authenticator, made here, and everything that a thief of it would try.

use proptest::prelude::*;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use serde_json::json;

use super::*;

const NOW: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const CHALLENGE: &[u8] = b"thirty-two bytes of a challenge!";
const OWNER: StaffId = StaffId::new([7; 8]);

fn party() -> Party {
    Party::of("https://console.example:8443").unwrap()
}

fn is_open(challenge: &[u8]) -> bool {
    challenge == CHALLENGE
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// What stands for a security key or a phone.
struct Device {
    pair: Pair,
    id: Vec<u8>,
    party: String,
    origin: String,
    flags: u8,
    counter: u32,
    holder: Vec<u8>,
}

impl Device {
    fn new(pair: Pair) -> Self {
        Self {
            pair,
            id: vec![9; 32],
            party: "console.example".into(),
            origin: "https://console.example:8443".into(),
            flags: PRESENT_AND_VERIFIED,
            counter: 5,
            holder: OWNER.as_bytes().to_vec(),
        }
    }

    fn ecdsa() -> Self {
        let alg = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(alg, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(alg, document.as_ref(), &random).unwrap();
        Self::new(Pair::P256(pair))
    }

    fn eddsa() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::new(Pair::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap()))
    }

    fn cose(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut e = minicbor::Encoder::new(&mut bytes);
        match &self.pair {
            Pair::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                e.map(5).unwrap().i8(1).unwrap().i8(2).unwrap().i8(3).unwrap().i8(-7).unwrap();
                e.i8(-1).unwrap().i8(1).unwrap().i8(-2).unwrap().bytes(x).unwrap();
                e.i8(-3).unwrap().bytes(y).unwrap();
            }
            Pair::Ed25519(pair) => {
                e.map(4).unwrap().i8(1).unwrap().i8(1).unwrap().i8(3).unwrap().i8(-8).unwrap();
                e.i8(-1).unwrap().i8(6).unwrap().i8(-2).unwrap();
                e.bytes(pair.public_key().as_ref()).unwrap();
            }
        }
        bytes
    }

    fn data(&self, flags: u8, more: &[u8]) -> Vec<u8> {
        let hash = digest(&SHA256, self.party.as_bytes());
        [hash.as_ref(), &[flags], &self.counter.to_be_bytes(), more].concat()
    }

    fn client(&self, kind: &str, challenge: &[u8]) -> Vec<u8> {
        let challenge = BASE64URL_NOPAD.encode(challenge);
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    fn attestation(&self, data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut e = minicbor::Encoder::new(&mut bytes);
        e.map(3).unwrap().str("fmt").unwrap().str("none").unwrap();
        e.str("attStmt").unwrap().map(0).unwrap().str("authData").unwrap().bytes(data).unwrap();
        bytes
    }

    fn made(&self) -> (Vec<u8>, Vec<u8>) {
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let more = [&[0; 16][..], &length, &self.id, &self.cose()].concat();
        let data = self.data(self.flags | 0x40, &more);
        (self.client("webauthn.create", CHALLENGE), self.attestation(&data))
    }

    fn passkey(&self) -> Result<Passkey, Refusal> {
        let (client, attestation) = self.made();
        let made = Made { client: &client, attestation: &attestation };
        take(&party(), &made, is_open, " Work\u{7} phone ", NOW)
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.pair {
            Pair::P256(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    fn answer(&self, kind: &str, challenge: &[u8]) -> Answer {
        let (client, data) = (self.client(kind, challenge), self.data(self.flags, &[]));
        let signature = self.sign(&[&data[..], digest(&SHA256, &client).as_ref()].concat());
        let (id, holder) = (self.id.clone(), self.holder.clone());
        Answer { id, client, data, signature, holder }
    }

    /// What comes of signing in with it where `kept` is kept.
    fn tries(&self, kept: &[Passkey]) -> Result<Passkey, Refusal> {
        self.answer("webauthn.get", CHALLENGE).checked(kept)
    }
}

const PRESENT_AND_VERIFIED: u8 = 0x05;

struct Answer {
    id: Vec<u8>,
    client: Vec<u8>,
    data: Vec<u8>,
    signature: Vec<u8>,
    holder: Vec<u8>,
}

impl Answer {
    fn checked(&self, kept: &[Passkey]) -> Result<Passkey, Refusal> {
        let used = Used {
            id: &self.id,
            client: &self.client,
            authenticator: &self.data,
            signature: &self.signature,
            holder: &self.holder,
        };
        check(&party(), &used, is_open, OWNER, kept, NOW.plus_millis(1000))
    }
}

#[test]
fn a_console_has_a_name_and_is_safe_to_talk_to() {
    let check = |address: &str, expected: Result<(&str, &str), ConsoleError>| {
        let party = Party::of(address);
        let said = party.as_ref().map(|p| (p.id(), p.origin()));
        assert_eq!(said.map_err(|e| *e), expected, "{address}");
    };
    check("https://Console.example/", Ok(("console.example", "https://console.example")));
    check("https://console.example:443", Ok(("console.example", "https://console.example")));
    check("https://c.example:8443", Ok(("c.example", "https://c.example:8443")));
    check("http://localhost:8443", Ok(("localhost", "http://localhost:8443")));
    check("https://localhost:80", Ok(("localhost", "https://localhost:80")));
    for (address, error) in [
        ("http://console.example", ConsoleError::Plain),
        ("https://192.168.1.7:8443", ConsoleError::Number),
        ("https://[::1]:8443", ConsoleError::Number),
        ("https://127.1", ConsoleError::Number),
        ("console.example", ConsoleError::Form),
        ("https://", ConsoleError::Form),
        ("https://a..b", ConsoleError::Form),
        ("https://a/b", ConsoleError::Form),
        ("https://u@a", ConsoleError::Form),
        ("https://a:99999", ConsoleError::Form),
        ("ftp://a", ConsoleError::Form),
    ] {
        check(address, Err(error));
    }
}

#[test]
fn a_passkey_that_was_made_signs_its_person_in() {
    for mut device in [Device::ecdsa(), Device::eddsa()] {
        let kept = device.passkey().unwrap();
        assert_eq!((kept.name.as_str(), kept.used), ("Work phone", None));
        let bytes = minicbor::to_vec(&kept).unwrap();
        assert_eq!(minicbor::decode::<Passkey>(&bytes).unwrap(), kept);
        device.counter += 1;
        let after = device.tries(std::slice::from_ref(&kept)).unwrap();
        assert_eq!((after.counter, after.used), (6, Some(NOW.plus_millis(1000))));
        assert_eq!(after.id_text(), kept.id_text());
    }
}

#[test]
fn a_counter_that_goes_back_or_stands_is_refused_and_one_that_never_counts_is_not() {
    let mut device = Device::ecdsa();
    let kept = [device.passkey().unwrap()];
    assert_eq!(device.tries(&kept), Err(Refusal::Counter), "it stands");
    device.counter = 4;
    assert_eq!(device.tries(&kept), Err(Refusal::Counter), "it goes back");
    device.counter = 0;
    assert_eq!(device.tries(&kept), Err(Refusal::Counter), "it stops counting");
    let never = [device.passkey().unwrap()];
    assert!(device.tries(&never).is_ok());
}

#[test]
fn what_is_not_the_persons_own_here_and_now_is_refused() {
    let kept = {
        let mut device = Device::ecdsa();
        device.counter = 0;
        device
    };
    let passkeys = [kept.passkey().unwrap()];
    let changed = |change: fn(&mut Device)| {
        let Pair::P256(_) = &kept.pair else { unreachable!() };
        let mut other = Device { id: kept.id.clone(), counter: 0, ..Device::ecdsa() };
        change(&mut other);
        other.tries(&passkeys)
    };
    assert_eq!(changed(|_| {}), Err(Refusal::Signature), "another key under its id");
    assert_eq!(changed(|d| d.origin = "https://evil.example".into()), Err(Refusal::Origin));
    assert_eq!(changed(|d| d.origin = "https://console.example".into()), Err(Refusal::Origin));
    assert_eq!(changed(|d| d.party = "evil.example".into()), Err(Refusal::Party));
    assert_eq!(changed(|d| d.flags = 0x04), Err(Refusal::Presence));
    assert_eq!(changed(|d| d.flags = 0x01), Err(Refusal::Verification));
    assert_eq!(changed(|d| d.flags = 0x15), Err(Refusal::Malformed));
    assert_eq!(changed(|d| d.id = vec![8; 32]), Err(Refusal::Unknown));
    assert_eq!(changed(|d| d.holder = vec![8; 8]), Err(Refusal::Holder), "another officer's");
    assert_eq!(changed(|d| d.holder = vec![]), Err(Refusal::Holder));
    assert_eq!(kept.tries(&[]), Err(Refusal::Unknown), "it was removed");

    let get = |challenge: &[u8]| kept.answer("webauthn.get", challenge);
    assert_eq!(get(b"of another day").checked(&passkeys), Err(Refusal::Challenge));
    let create = kept.answer("webauthn.create", CHALLENGE);
    assert_eq!(create.checked(&passkeys), Err(Refusal::Kind));
    let framed = |more: &str| {
        let text = String::from_utf8(get(CHALLENGE).client).unwrap();
        let client = text.replace("\"crossOrigin\":false", more).into_bytes();
        Answer { client, ..get(CHALLENGE) }.checked(&passkeys)
    };
    assert_eq!(framed("\"crossOrigin\":true"), Err(Refusal::Origin));
    assert_eq!(framed("\"topOrigin\":\"https://a\""), Err(Refusal::Origin));
    assert_eq!(framed("\"crossOrigin\":false "), Err(Refusal::Signature), "a letter more");
    let long = Answer { signature: vec![0; ANSWER_MAX + 1], ..get(CHALLENGE) };
    assert_eq!(long.checked(&passkeys), Err(Refusal::Malformed));
    assert!(get(CHALLENGE).checked(&passkeys).is_ok());
}

#[test]
fn a_passkey_is_made_for_this_console_by_a_verified_person() {
    let of = |change: fn(&mut Device)| {
        let mut device = Device::eddsa();
        change(&mut device);
        device.passkey().map(|_| ())
    };
    assert_eq!(of(|_| {}), Ok(()));
    assert_eq!(of(|d| d.flags = 0x01), Err(Refusal::Verification));
    assert_eq!(of(|d| d.party = "evil.example".into()), Err(Refusal::Party));
    assert_eq!(of(|d| d.origin = "https://evil.example".into()), Err(Refusal::Origin));
    assert_eq!(of(|d| d.id = vec![]), Err(Refusal::Malformed));
    assert_eq!(of(|d| d.id = vec![1; 1024]), Err(Refusal::Malformed));
    let device = Device::eddsa();
    let (client, attestation) = device.made();
    let made = Made { client: &client, attestation: &attestation };
    let other = take(&party(), &made, |_| false, "x", NOW);
    assert_eq!(other, Err(Refusal::Challenge));
    for cut in 0..attestation.len() {
        let made = Made { client: &client, attestation: &attestation[..cut] };
        assert!(take(&party(), &made, is_open, "x", NOW).is_err(), "cut at {cut}");
    }
    // A key of another curve than its algorithm.
    let mut cose = device.cose();
    *cose.iter_mut().find(|byte| **byte == 0x27).unwrap() = 0x26;
    assert!(PublicKey::of_cose(&cose).is_none());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_anything(&bytes);
    }

    #[test]
    fn a_changed_byte_signs_nobody_in(at in 0_usize..1000, part in 0_usize..3, bit in 0_u32..8) {
        let mut device = Device::eddsa();
        let kept = [device.passkey().unwrap()];
        device.counter += 1;
        let mut answer = device.answer("webauthn.get", CHALLENGE);
        let bytes = [&mut answer.client, &mut answer.data, &mut answer.signature];
        let bytes = bytes.into_iter().nth(part).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        prop_assert!(answer.checked(&kept).is_err());
    }
}
