//! A record as it lies in an envelope.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sync::fuzzing::record(bytes));
