//! The COSE working group's examples of COSE_Sign1, with their own keys.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use node_core::token::{
    cose::Sign1,
    signature::{KeyError, VerifyingKey},
};
use serde_json::Value;

use crate::{json, none_differs, suite};

/// Examples that are not verified, and why not.
const UNSUPPORTED: [(&str, &str); 3] = [
    ("ecdsa-examples/ecdsa-sig-03.json", "P-521: no credential uses it, and ring does not have it"),
    ("ecdsa-examples/ecdsa-sig-04.json", "ES512: no credential uses it, and ring does not have it"),
    ("eddsa-examples/eddsa-sig-02.json", "Ed448: no credential uses it"),
];

fn hex(value: &Value) -> Vec<u8> {
    HEXLOWER_PERMISSIVE.decode(value.as_str().unwrap_or_default().as_bytes()).unwrap()
}

fn key(jwk: &Value) -> Result<VerifyingKey, KeyError> {
    let field = |name: &str| match (&jwk[name], &jwk[format!("{name}_hex")]) {
        (Value::String(text), _) => BASE64URL_NOPAD.decode(text.as_bytes()).unwrap(),
        (_, hexadecimal) => hex(hexadecimal),
    };
    match jwk["crv"].as_str() {
        Some("P-256" | "P-384" | "P-521") => {
            VerifyingKey::ec(&[vec![4], field("x"), field("y")].concat())
        }
        _ => VerifyingKey::ed25519(&field("x")),
    }
}

fn verified(example: &Value) -> Result<(), String> {
    let sign = &example["input"]["sign0"];
    let bytes = hex(&example["output"]["cbor"]);
    let message = Sign1::read(&bytes).map_err(|reason| reason.to_string())?;
    let to_be_signed = message.to_be_signed(&hex(&sign["external"]));
    let algorithm = message.algorithm.ok_or("unsupported-algorithm")?;
    let key = key(&sign["key"]).map_err(|e| e.to_string())?;
    key.verify(algorithm, &to_be_signed, message.signature).map_err(|reason| reason.to_string())
}

#[test]
fn every_sign1_example_agrees() {
    let folder = suite("cose");
    let (mut count, mut differences) = (0, Vec::new());
    for group in ["CWT", "RFC8152", "ecdsa-examples", "eddsa-examples", "sign1-tests"] {
        let files = std::fs::read_dir(folder.join(group)).unwrap();
        for file in files.map(|file| file.unwrap().path()) {
            let example = json(&file);
            if example["input"]["sign0"].is_null() {
                continue; // MACs, encryption and several signatures: no credential has them
            }
            count += 1;
            let name = format!("{group}/{}", file.file_name().unwrap().to_string_lossy());
            let named = UNSUPPORTED.iter().any(|(unsupported, _)| *unsupported == name);
            let must_hold = example["fail"] != true && !named;
            let held = verified(&example);
            if held.is_ok() != must_hold {
                differences.push(format!("{name}: {held:?}"));
            }
        }
    }
    none_differs("cose sign1", count, &differences);
}
