//! Project Wycheproof's vectors: signatures that are subtly wrong, for each kind of key that may sign a credential.

use data_encoding::HEXLOWER;
use node_core::token::signature::{Algorithm, KeyError, VerifyingKey};
use serde_json::Value;

use crate::{json, none_differs, suite};

fn hex(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

fn check(file: &str, algorithm: Algorithm, key: fn(&Value) -> Result<VerifyingKey, KeyError>) {
    let vectors = json(&suite("wycheproof").join(file));
    let (mut count, mut differences) = (0, Vec::new());
    for group in vectors["testGroups"].as_array().unwrap() {
        // A key that is refused verifies nothing.
        let key = key(group);
        for test in group["tests"].as_array().unwrap() {
            count += 1;
            let held = key
                .as_ref()
                .is_ok_and(|k| k.verify(algorithm, &hex(&test["msg"]), &hex(&test["sig"])).is_ok());
            if held != (test["result"] == "valid") {
                let (id, comment, flags) = (&test["tcId"], &test["comment"], &test["flags"]);
                differences.push(format!("{id}: {comment} {flags}: {held}"));
            }
        }
    }
    none_differs(file, count, &differences);
}

fn ec(group: &Value) -> Result<VerifyingKey, KeyError> {
    VerifyingKey::ec(&hex(&group["publicKey"]["uncompressed"]))
}

#[test]
fn ed25519() {
    check("ed25519_test.json", Algorithm::EdDsa, |g| {
        VerifyingKey::ed25519(&hex(&g["publicKey"]["pk"]))
    });
}

#[test]
fn p256() {
    check("ecdsa_secp256r1_sha256_p1363_test.json", Algorithm::Es256, ec);
}

#[test]
fn p384() {
    check("ecdsa_secp384r1_sha384_p1363_test.json", Algorithm::Es384, ec);
}

#[test]
fn rsa_pss() {
    check("rsa_pss_2048_sha256_mgf1_32_test.json", Algorithm::Ps256, |g| {
        VerifyingKey::rsa(&hex(&g["publicKeyAsn"]))
    });
}
