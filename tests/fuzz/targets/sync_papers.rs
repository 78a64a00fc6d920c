//! Papers, orders, receipts and bulletins as they travel.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sync::fuzzing::papers(bytes));
