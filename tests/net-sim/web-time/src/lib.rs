//! The names of the crate `web-time`, with tokio's instant in place of the system's: yamux measures with it.

pub use std::time::{Duration, SystemTime, SystemTimeError, UNIX_EPOCH};

pub use tokio::time::Instant;

/// That this is the replacement; the original has no such name, and who uses it does not compile without.
pub const ON_TOKIOS_CLOCK: bool = true;
