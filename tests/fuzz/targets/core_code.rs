//! What a code is, and whether it is a credential that holds: any text that a camera reads.

#![no_main]

use node_core::{
    clock::{ClockSource, believe},
    code::{Code, ids::IdNumber},
    token::{inspect, revocations::Revocations, trust::TrustList, verify},
};
use sync::time::UnixMillis;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let now = believe(UnixMillis::from_secs(1_790_000_000), None, ClockSource::Synchronised);
    IdNumber::readings(text).for_each(|id| {
        let _ = id.birth().and_then(|b| b.latest(now.wall));
    });
    for prefix in ["", "ST1:", "HC1:", "shc:/", "NZCP:/1/", "{\"icao.\":"] {
        let text = format!("{prefix}{text}");
        let _ = inspect(&Code::read(&text));
        let _ = verify(&Code::read(&text), &TrustList::default(), &Revocations::default(), now);
    }
});
