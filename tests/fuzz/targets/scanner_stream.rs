//! A motion JPEG stream: cut apart, unpacked, searched.

#![no_main]

use std::{sync::Arc, time::Duration};

use scanner::Moving;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for scanned in
        scanner::scan_stream(Moving::Mjpeg, bytes, None, Arc::new(|| Duration::ZERO)).take(64)
    {
        let _ = scanned.map(|scanned| scanned.codes.len());
    }
});
