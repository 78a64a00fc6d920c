//! The bodies of bulletins: policy, trust list, revocations; and trust from files of other makers.

#![no_main]

use node_core::{
    policy::Policy,
    token::trust::{ImportKind, Revocations, TrustList},
};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = Policy::parse(bytes);
    let _ = TrustList::parse(bytes);
    let _ = Revocations::parse(bytes);
    for kind in [ImportKind::Certificates, ImportKind::KeySet, ImportKind::DidDocument] {
        let _ = TrustList::import(kind, bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = TrustList::from_public_key(text);
    }
});
