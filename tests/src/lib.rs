//! The harness for stories: a founded region on disk, real processes, links that can be cut, staged visitors.
//!
//! Nothing here is a mock: nodes are the built binary, stores are on disk, peers speak libp2p over loopback TCP.
//! Only frames are staged, as image files that the real scanner reads.

pub mod link;
pub mod postgres;
pub mod process;
pub mod region;
pub mod visitors;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// How long a story waits for a state before it fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The built binary.
///
/// # Panics
/// When it was not built: `cargo build -p node` does it, `tests/all` does it by itself.
pub fn binary() -> PathBuf {
    if let Ok(path) = std::env::var("VESTIBULE_BIN") {
        return path.into();
    }
    let mut path = std::env::current_exe().expect("a test knows where it is");
    path.pop(); // deps
    path.pop(); // debug
    path.push("vestibule");
    assert!(path.exists(), "{} is not built: run `cargo build -p node` first", path.display());
    path
}

/// Waits until `state` holds; fails naming `what` when it does not in time. Never a fixed sleep.
///
/// # Panics
/// When the state does not come.
#[expect(clippy::disallowed_methods, reason = "a test's patience is real time")]
pub fn wait_until(what: &str, mut state: impl FnMut() -> bool) {
    let start = Instant::now();
    while !state() {
        assert!(start.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain until {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Loopback ports that were free a moment ago.
///
/// # Panics
/// When the system has none.
pub fn free_ports<const N: usize>() -> [u16; N] {
    let held = [(); N]
        .map(|()| std::net::TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port"));
    held.map(|listener| listener.local_addr().expect("a bound port").port())
}
