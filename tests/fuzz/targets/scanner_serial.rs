//! A hand scanner on a serial line.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = scanner::fuzzing::serial(bytes);
});
