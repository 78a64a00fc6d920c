//! RTP packets of motion JPEG, each after two bytes of its length.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = scanner::fuzzing::rtp_jpeg(bytes);
});
