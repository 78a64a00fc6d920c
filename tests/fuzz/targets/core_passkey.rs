//! What a browser says of a passkey: client data, attestation object, authenticator data, COSE key.

#![no_main]

use node_core::authority::passkeys::read_anything;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| read_anything(bytes));
