//! Published seals: signature by the certificate that the seal brings, and trust in that certificate.

use node_core::token::trust::{ImportKind, TrustList};
use serde_json::Value;
use sync::time::UnixMillis;

use crate::{import, lines, none_differs, suite, verdict};

/// Within the validity of all certificates.
const AT: UnixMillis = UnixMillis::from_secs(1_635_000_000);

#[test]
fn every_verdict_agrees() {
    let cases = lines(&suite("vdsnc").join("cases.jsonl"));
    let mut differences = Vec::new();
    for case in &cases {
        let (id, text) = (case["id"].as_str().unwrap(), case["text"].as_str().unwrap());
        // The signer itself is trusted: then the signature alone decides.
        let certificate = serde_json::from_str::<Value>(text).ok().and_then(|seal| {
            let text = seal["sig"]["cer"].as_str()?.to_owned();
            data_encoding::BASE64URL.decode(text.as_bytes()).ok()
        });
        let trust =
            certificate.map(|der| import(ImportKind::Certificates, &der)).unwrap_or_default();
        let said = verdict(&[text], &trust, AT);
        if (said == "accept") != (case["expect_sig"] == "accept") {
            differences.push(format!("{id}: {said}"));
        }
        // Nobody is trusted: then no seal holds, however well signed.
        let said = verdict(&[text], &TrustList::default(), AT);
        let is_seal = case["id"] != "au-example-app-nonVDSJson";
        if (said == "unknown-issuer") != is_seal || said == "accept" {
            differences.push(format!("{id} without trust: {said}"));
        }
    }
    none_differs("vdsnc", cases.len(), &differences);
}
