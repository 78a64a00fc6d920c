//! Bulletins and orders from files: taken at the start and while the node runs; a bad one is told of and keeps nobody out.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use sync::{bulletin::Bulletin, ledger::Ledger, order::SignedOrder};
use tokio_util::sync::CancellationToken;

/// How often the files and folders are looked through.
const LOOK: Duration = Duration::from_secs(15);

/// Takes what is published into the watched folders while the node runs: a stick, or the authority's own hand.
pub(crate) async fn watch(ledger: Ledger, paths: Vec<PathBuf>, stopped: CancellationToken) {
    let mut said = take_all(&ledger, &paths).await;
    let mut look = tokio::time::interval(LOOK);
    look.tick().await; // the first is at once
    loop {
        tokio::select! {
            () = stopped.cancelled() => return,
            _ = look.tick() => {
                let troubles = take_all(&ledger, &paths).await;
                troubles.difference(&said).for_each(warn_of);
                said = troubles;
            }
        }
    }
}

pub(crate) fn warn_of(trouble: &String) {
    tracing::warn!("{trouble}; what was there before stays in force");
}

/// Takes every bulletin that is there and good; tells what is wrong with the others. None of them keeps a door
/// closed: a stick may be pulled, a copy may be half done, and the ledger holds the last good ones.
pub(crate) async fn take_all(ledger: &Ledger, paths: &[PathBuf]) -> BTreeSet<String> {
    let mut troubles = BTreeSet::new();
    for path in paths {
        match files_of(path) {
            Ok(files) => {
                for file in files {
                    troubles.extend(take(ledger, &file).await.err());
                }
            }
            Err(error) => {
                troubles.insert(format!("cannot read {}: {error}", path.display()));
            }
        }
    }
    troubles
}

async fn take(ledger: &Ledger, file: &Path) -> Result<(), String> {
    let text =
        fs::read_to_string(file).map_err(|e| format!("cannot read {}: {e}", file.display()))?;
    let refused =
        |e: &dyn std::error::Error| format!("bulletin {} is refused: {e}", file.display());
    if let Some(order) = SignedOrder::from_text(&text) {
        return ledger.keep_order(order).await.map_err(|e| refused(&e));
    }
    let bulletin = Bulletin::from_text(&text).map_err(|e| refused(&e))?;
    ledger.keep_bulletin(bulletin).await.map_err(|e| refused(&e))
}

fn files_of(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files: Vec<_> = fs::read_dir(path)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<io::Result<Vec<_>>>()?
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "bulletin" || e == "order"))
        .collect();
    // Whose word counts comes before what was said.
    files.sort_by_key(|file| (!file.ends_with("roots.bulletin"), file.clone()));
    Ok(files)
}
