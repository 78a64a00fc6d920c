//! The delays of the crate `futures-timer`, on tokio's clock in place of a thread with the system's.
//!
//! Only what libp2p calls. A delay is made and polled inside a tokio runtime.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep};

/// That this is the replacement; the original has no such name, and who uses it does not compile without.
pub const ON_TOKIOS_CLOCK: bool = true;

/// A future that is ready after a while.
#[derive(Debug)]
pub struct Delay(Pin<Box<Sleep>>);

impl Delay {
    /// Ready after `wait` from now.
    pub fn new(wait: Duration) -> Self {
        Self(Box::pin(tokio::time::sleep(wait)))
    }

    /// From now on: ready after `wait` from now.
    pub fn reset(&mut self, wait: Duration) {
        let now = Instant::now();
        // As tokio does with a wait that has no end: some thirty years.
        let at = now.checked_add(wait).unwrap_or(now + Duration::from_secs(86_400 * 365 * 30));
        self.0.as_mut().reset(at);
    }
}

impl Future for Delay {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(context)
    }
}
