//! Readiness and the watchdog: tells systemd that the node is up, and keeps telling while it is.

use std::time::Duration;

use sync::ledger::Ledger;
use tokio_util::sync::CancellationToken;

/// Tells systemd "ready", then feeds its watchdog while the ledger answers. Does nothing outside systemd.
pub async fn watch(ledger: Ledger, shutdown: CancellationToken) {
    notify(&[sd_notify::NotifyState::Ready]);
    let Some(limit) = sd_notify::watchdog_enabled() else {
        return;
    };
    let mut beat = tokio::time::interval(limit / 2);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => {
                notify(&[sd_notify::NotifyState::Stopping]);
                return;
            }
            _ = beat.tick() => {
                // A ledger that does not answer is a node that must be restarted.
                let answers = tokio::time::timeout(limit / 4, ledger.size_on_disk()).await;
                if matches!(answers, Ok(Ok(_))) {
                    notify(&[sd_notify::NotifyState::Watchdog]);
                }
            }
        }
    }
}

fn notify(state: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!(%error, "systemd was not told");
    }
}

/// How long the parts of a node may take to end, each.
pub const STOP_DEADLINE: Duration = Duration::from_secs(8);
