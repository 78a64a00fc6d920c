//! What a code is, and whether it is a credential that holds: any text that a camera reads.

#![no_main]

use node_core::{
    clock::{ClockSource, believe},
    code::{Code, ids::IdNumber, pass::DayPass, sheet::Line},
    outage,
    token::{inspect, revocations::Revocations, trust::TrustList, verify},
};
use sync::{
    id::VenueId,
    tag::TagKey,
    time::{Day, UnixMillis},
};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let now = believe(UnixMillis::from_secs(1_790_000_000), None, ClockSource::Synchronised);
    IdNumber::readings(text).for_each(|id| {
        let _ = id.birth().and_then(|b| b.latest(now.wall));
    });
    let _ = Line::read(text, VenueId::new(17)).map(|line| line.code());
    let _ = outage::from_text(text);
    let keys = [TagKey::new(Day::new(20_000), [1; 32])];
    let _ = DayPass::open(text, VenueId::new(17), &keys);
    let _ = DayPass::open(&format!("VD1:{text}"), VenueId::new(17), &keys);
    for prefix in ["", "ST1:", "HC1:", "shc:/", "NZCP:/1/", "{\"icao.\":"] {
        let text = format!("{prefix}{text}");
        let _ = inspect(&Code::read(&text));
        let _ = verify(&Code::read(&text), &TrustList::default(), &Revocations::default(), now);
    }
});
