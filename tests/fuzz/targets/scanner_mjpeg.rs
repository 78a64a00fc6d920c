//! Motion JPEG: cut apart, and its frames decoded.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = scanner::fuzzing::mjpeg(bytes);
});
