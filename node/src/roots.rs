//! The region's root keys as this node last heard of them, in a file beside its store: its papers are held against them
//! before the store is open.

use std::path::{Path, PathBuf};

use sync::{
    bulletin::{Bulletin, BulletinKind},
    ledger::Ledger,
    roots::Roots,
};
use tokio_util::sync::CancellationToken;

use crate::command::{in_words, write_file};

fn file(data: &Path) -> PathBuf {
    data.join("roots.bulletin")
}

/// Walks from the configured roots to those that were last heard of. A file that does not hold is passed over: the store may
/// have the bulletin as well, and else peers bring it again.
pub(crate) fn recall(data: &Path, roots: &Roots) {
    let Ok(text) = std::fs::read_to_string(file(data)) else { return };
    let opened = Bulletin::from_text(&text).and_then(|bulletin| roots.open(&bulletin));
    match opened {
        Ok(notice) => drop(roots.take_over(&notice)),
        Err(error) => {
            tracing::warn!(%error, "roots.bulletin in the data folder does not follow the configured roots");
        }
    }
}

/// Writes down each set of roots that comes into force, until the node stops.
pub(crate) async fn follow(ledger: Ledger, data: PathBuf, stopped: CancellationToken) {
    let mut heads = ledger.heads();
    let mut written = None;
    loop {
        let held = heads.borrow_and_update().bulletins.get(&BulletinKind::Roots).copied();
        if held.is_some() && held != written {
            match write(&ledger, &data).await {
                Ok(()) => written = held,
                Err(why) => {
                    tracing::error!(%why, "the region's new roots could not be written down")
                }
            }
        }
        tokio::select! {
            () = stopped.cancelled() => return,
            changed = heads.changed() => if changed.is_err() { return },
        }
    }
}

async fn write(ledger: &Ledger, data: &Path) -> Result<(), String> {
    let held = ledger.bulletins(vec![BulletinKind::Roots]).await.map_err(|e| in_words(&e))?;
    let Some(bulletin) = held.first() else { return Ok(()) };
    write_file(&file(data), &bulletin.to_text()).map_err(|e| in_words(&e))
}
