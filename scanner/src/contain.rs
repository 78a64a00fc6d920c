//! Foreign code whose panics stay inside: rqrr, image and nokhwa read what strangers hold up.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Whether this thread is inside foreign code whose panics this crate catches.
///
/// A panic hook that ends the process should ask this first: the hook runs before the catch.
#[must_use]
pub fn contained() -> bool {
    DEPTH.with(|depth| depth.get() > 0)
}

/// What an unwinding call left behind.
pub(crate) type Wreck = Box<dyn Any + Send>;

/// Runs `work`; a panic in it becomes an error.
///
/// `work` must own or discard everything it may leave half done: all callers hand in fresh state.
pub(crate) fn contain<T>(work: impl FnOnce() -> T) -> Result<T, Wreck> {
    DEPTH.with(|depth| depth.set(depth.get() + 1));
    let outcome = catch_unwind(AssertUnwindSafe(work));
    DEPTH.with(|depth| depth.set(depth.get() - 1));
    outcome
}

/// The words of a panic, as far as it has any.
pub(crate) fn words(wreck: &Wreck) -> String {
    if let Some(text) = wreck.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = wreck.downcast_ref::<String>() {
        text.clone()
    } else {
        "panic without words".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_the_depth_returns_to_zero() {
        assert!(!contained());
        let wreck = contain(|| -> u8 {
            assert!(contained());
            std::panic::resume_unwind(Box::new("gone"))
        });
        assert_eq!(words(&wreck.unwrap_err()), "gone");
        assert!(!contained());
        assert_eq!(contain(|| 7).ok(), Some(7));
    }
}
