//! Texts that are typed, pasted or shown: invitations, papers, orders, bulletins.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sync::fuzzing::text(bytes));
