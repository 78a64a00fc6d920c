//! The answer of a camera on HTTP: its head, its body in chunks or to a length, multipart or not.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = scanner::fuzzing::http(bytes);
});
