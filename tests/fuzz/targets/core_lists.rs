//! The bodies of bulletins: policy with its rules, trust list, revocations with their filters, beacon, standing, announcements;
//! and trust from files of other makers.

#![no_main]

use node_core::{
    announcements::Announcements,
    clock::Beacon,
    policy::{Policy, certlogic::Rule},
    standing::StandingList,
    token::{
        revocations::{Filter, Revocations},
        trust::{ImportKind, TrustList},
    },
};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = Policy::parse(bytes);
    let _ = TrustList::parse(bytes);
    let _ = Revocations::parse(bytes);
    let _ = Beacon::parse(bytes);
    let _ = StandingList::parse(bytes);
    let _ = Announcements::parse(bytes);
    let _ = Filter::from_bytes(bytes).map(|filter| filter.may_hold(&[7; 16]));
    // The same bytes are rule and facts.
    if let Ok(json) = serde_json::from_slice(bytes)
        && let Ok(rule) = Rule::parse(&json)
    {
        let _ = rule.evaluate(&json);
    }
    for kind in [ImportKind::Certificates, ImportKind::KeySet, ImportKind::DidDocument] {
        let _ = TrustList::import(kind, bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = TrustList::from_public_key(text);
    }
});
