//! Letters that visitors' browsers seal.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sync::fuzzing::letter(bytes));
