//! The answer of an RTSP camera, and what it says of its streams.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = scanner::fuzzing::rtsp(bytes);
});
