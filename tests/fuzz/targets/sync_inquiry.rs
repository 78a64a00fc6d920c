//! What opens at either end of a question about a typed number.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sync::fuzzing::inquiry(bytes));
