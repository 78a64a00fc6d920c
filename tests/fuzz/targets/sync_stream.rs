//! The bytes of a stream between peers: frames with their lengths and kinds.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sync::fuzzing::stream(bytes));
