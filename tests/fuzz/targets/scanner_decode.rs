//! The search for symbols in a small frame: the first byte is its width, the rest its pixels.

#![no_main]

use scanner::{Budget, Effort, Luma, decode_within};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((&width, pixels)) = bytes.split_first() else { return };
    let width = u32::from(width.max(8));
    let height = u32::try_from(pixels.len()).unwrap_or(0) / width;
    let Ok(luma) = Luma::new(width, height, pixels.to_vec()) else { return };
    let _ = decode_within(&luma, Effort::OneLook, &Budget::default());
});
