//! A motion JPEG stream: cut apart, unpacked, searched.

#![no_main]

use std::{sync::Arc, time::Duration};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for scanned in scanner::scan_stream(bytes, None, Arc::new(|| Duration::ZERO)).take(64) {
        let _ = scanned.map(|scanned| scanned.codes.len());
    }
});
