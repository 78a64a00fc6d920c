//! Foreign credentials below the layers that a fuzzer does not get through by itself: deflated and signed bytes.

#![no_main]

use std::io::Write;

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use flate2::{
    Compression,
    write::{DeflateEncoder, ZlibEncoder},
};
use node_core::{
    clock::{ClockSource, believe},
    code::Code,
    token::{revocations::Revocations, trust::TrustList, verify},
};
use sync::time::UnixMillis;

fn certificate(cose: &[u8]) -> Option<String> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(cose).ok()?;
    Some(format!("HC1:{}", base45::encode(zlib.finish().ok()?)))
}

fn card(payload: &[u8]) -> Option<String> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(payload).ok()?;
    let header = BASE64URL_NOPAD.encode(br#"{"zip":"DEF","alg":"ES256","kid":"k"}"#);
    let payload = BASE64URL_NOPAD.encode(&deflate.finish().ok()?);
    Some(format!("{header}.{payload}.{}", BASE64URL_NOPAD.encode(&[1; 64])))
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let now = believe(UnixMillis::from_secs(1_790_000_000), None, ClockSource::Synchronised);
    let pass = Some(format!("NZCP:/1/{}", BASE32_NOPAD.encode(bytes)));
    for text in [certificate(bytes), card(bytes), pass].into_iter().flatten() {
        let _ = verify(&Code::read(&text), &TrustList::default(), &Revocations::default(), now);
    }
});
