//! Tracing secrets that are made while the authority runs: their file is looked at now and then, and what is new is taken up.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use node_core::authority::Authority;
use tokio_util::sync::CancellationToken;

use crate::secret::load_tracing;

/// How often the file is looked at: before doors can seal to what was published.
const LOOK: Duration = Duration::from_secs(2);

/// Takes up what the file has, until the node stops.
pub(crate) async fn follow(file: PathBuf, authority: Authority, stopped: CancellationToken) {
    // Seen at the start: what it held then is known.
    let mut seen = state(&file);
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = stopped.cancelled() => return,
            _ = look.tick() => {}
        }
        let now = state(&file);
        if now.is_none() || now == seen {
            continue;
        }
        match load_tracing(&file) {
            Ok(secrets) => {
                seen = now;
                let new = authority.learn_weeks(secrets);
                if new > 0 {
                    tracing::info!(new, "tracing secrets are taken up");
                }
            }
            Err(error) => tracing::error!(%error, "the tracing secrets cannot be read anew"),
        }
    }
}

/// By what a file is known to be another: it is replaced, never written over.
fn state(file: &Path) -> Option<(u64, i64, i64)> {
    let about = fs::metadata(file).ok()?;
    Some((about.ino(), about.mtime(), about.mtime_nsec()))
}
