//! Chance from a seed: what a simulation puts in place of the system's randomness, for one thread.

use std::cell::Cell;

thread_local! {
    static STATE: Cell<Option<u64>> = const { Cell::new(None) };
}

/// From now on what peers leave to chance on this thread follows from `seed`.
pub fn seed(seed: u64) {
    STATE.set(Some(seed));
}

/// The next byte; `None` while there is no seed. SplitMix64.
pub(super) fn next() -> Option<u8> {
    let state = STATE.get()?.wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(Some(state));
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    Some((mixed >> 56) as u8)
}
