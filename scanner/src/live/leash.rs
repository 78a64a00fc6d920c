//! The hold on what a reader waits in: cutting it ends a child or a connection, so that the reader wakes up.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

type End = Box<dyn FnOnce() + Send>;

/// Shared between a reader, which ties what it waits in to it, and its watcher, which may cut it.
///
/// A V4L2 device has nothing to tie: a read that the kernel holds cannot be ended from outside.
#[derive(Clone, Default)]
pub(crate) struct Leash(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    cut: bool,
    ends: Vec<End>,
}

impl Leash {
    /// Runs `end` when the leash is cut; at once if it is already.
    pub(crate) fn tie(&self, end: impl FnOnce() + Send + 'static) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.cut {
            drop(state);
            end();
        } else {
            state.ends.push(Box::new(end));
        }
    }

    /// Unties everything, for what was tied has ended by itself.
    pub(crate) fn let_go(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).ends.clear();
    }

    /// Ends all that is tied, once.
    pub(crate) fn cut(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.cut = true;
        let ends = std::mem::take(&mut state.ends);
        drop(state);
        for end in ends {
            end();
        }
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).cut
    }
}

impl fmt::Debug for Leash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Leash").field(&self.is_cut()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn what_is_tied_ends_once_and_at_once_when_it_comes_too_late() {
        let ended = Arc::new(AtomicU32::new(0));
        let leash = Leash::default();
        let end = |by: u32| {
            let ended = Arc::clone(&ended);
            move || {
                ended.fetch_add(by, Ordering::SeqCst);
            }
        };
        leash.tie(end(1));
        assert_eq!((ended.load(Ordering::SeqCst), leash.is_cut()), (0, false));
        leash.cut();
        leash.clone().cut();
        assert_eq!((ended.load(Ordering::SeqCst), leash.is_cut()), (1, true));
        leash.tie(end(10));
        assert_eq!(ended.load(Ordering::SeqCst), 11);
    }
}
