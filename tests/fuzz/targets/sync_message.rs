//! A message between peers: requests and replies.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sync::fuzzing::message(bytes));
