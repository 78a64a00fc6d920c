//! A Pi camera's pipe of raw frames; the first two bytes are its size.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = scanner::fuzzing::yuv_pipe(bytes);
});
