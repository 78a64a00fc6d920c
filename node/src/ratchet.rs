//! The tag key's file as the days go by: forward only, and never far on the word of a clock that nobody has set.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use sync::{
    ledger::Ledger,
    time::{Day, Zone},
};
use tokio_util::sync::CancellationToken;

use crate::{secret, wall};

/// systemd-timesyncd makes this file when a time server has set the clock.
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";
/// How often the day is looked at.
const LOOK: Duration = Duration::from_secs(600);
/// How many days an unset clock may move the key.
const UNSURE_DAYS: i32 = 2;

/// Whether a time server has set the clock.
pub(crate) fn is_synchronised() -> bool {
    Path::new(SYNCHRONISED).exists()
}

/// Whether the tag key's file may be moved from one day to another now.
pub(crate) fn may_turn(from: Day, to: Day, trusted: bool) -> bool {
    let near = to.get().saturating_sub(from.get()) <= UNSURE_DAYS;
    from < to && (trusted || near || is_synchronised())
}

/// Moves the tag key's file on as the days go by, so that the keys of past days are nowhere, and tells the ledger, which
/// makes the storage keys of new days of it.
pub(crate) async fn follow_days(
    path: PathBuf,
    ledger: Ledger,
    zone: Zone,
    trusted: bool,
    stopped: CancellationToken,
) {
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = stopped.cancelled() => return,
            _ = look.tick() => {}
        }
        let yesterday = Day::new(zone.day(wall::now()).get().saturating_sub(1));
        let turned = secret::load_tag_key(&path).and_then(|key| {
            if may_turn(key.day(), yesterday, trusted) {
                secret::ratchet_tag_key(&path, yesterday).map(drop)
            } else {
                secret::ratchet_earlier_keys(&path, yesterday)
            }
        });
        match turned.and_then(|()| secret::load_tag_key(&path)) {
            Ok(key) => drop(ledger.turn(key).await), // closed only when the node stops
            Err(error) => tracing::error!(%error, "the tag key was not moved on"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unset_clock_cannot_burn_the_key() {
        let day = Day::new;
        assert!(may_turn(day(100), day(4000), true));
        assert!(may_turn(day(100), day(102), false));
        assert!(is_synchronised() || !may_turn(day(100), day(103), false));
        assert!(!may_turn(day(100), day(100), true));
        assert!(!may_turn(day(100), day(99), true));
    }
}
