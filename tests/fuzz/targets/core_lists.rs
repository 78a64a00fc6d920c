//! The bodies of bulletins: policy, trust list, revocations.

#![no_main]

use node_core::{
    policy::Policy,
    token::trust::{Revocations, TrustList},
};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = Policy::parse(bytes);
    let _ = TrustList::parse(bytes);
    let _ = Revocations::parse(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = TrustList::from_public_key(text);
    }
});
