//! The one look at the wall clock: everything else is told the time.

use std::time::{SystemTime, UNIX_EPOCH};

use sync::time::UnixMillis;

/// What the clock on the wall says; not yet judged ([`node_core::clock::believe`]).
#[allow(clippy::disallowed_methods, reason = "the one place that may ask the operating system")]
pub fn now() -> UnixMillis {
    let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |m| -m),
    };
    UnixMillis::new(millis)
}
