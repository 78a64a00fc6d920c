//! A file or a stream of raw YUV4MPEG2 frames.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = scanner::fuzzing::y4m(bytes);
});
