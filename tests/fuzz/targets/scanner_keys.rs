//! A hand scanner that types: a key's code in two bytes, then its value.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = scanner::fuzzing::keys(bytes);
});
