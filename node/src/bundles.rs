//! Bundles as files: written whole or not at all, read within bounds.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use node_core::rules::Rules;
use serde_json::{Value, json};
use sync::{
    bundle::{self, BUNDLE_MAX, Bundle, BundleError, Exported, Keys, LeftOut, OpenError},
    id::VenueId,
    ledger::{Ledger, LedgerError},
};

use crate::{command::in_words, retention, wall};

/// Why a bundle was not written or not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file system.
    #[error("{path}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The bundle.
    #[error("the bundle {path} is refused", path = path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        source: BundleError,
    },
    /// The bundle could not be made.
    #[error("the bundle could not be made")]
    Made(#[from] BundleError),
    /// Of which venue?
    #[error("the authority holds many venues: say which one (--venue N)")]
    WhichVenue,
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Writes a bundle; says how many of what is in it.
///
/// # Errors
/// [`FileError`] names the file.
pub async fn export(
    ledger: &Ledger,
    keys: &Keys,
    venue: Option<VenueId>,
    all: bool,
    out: &Path,
) -> Result<Value, FileError> {
    let venue = venue.or(ledger.charter().venue()).ok_or(FileError::WhichVenue)?;
    let rules = Rules::from_notices(&ledger.notices().await?);
    let keys = Keys { tracing: rules.tracing_keys().to_vec(), ..keys.clone() };
    let Exported { bundle, left_out } =
        bundle::export(ledger, venue, all, &keys, wall::now()).await?;
    for (day, why) in &left_out {
        tracing::warn!(%day, ?why, "a day is not in the bundle, or not all of it");
    }
    let bytes = bundle.to_bytes();
    write(out, &bytes).map_err(|source| FileError::File { path: out.into(), source })?;
    let unacknowledged = ledger.heads().borrow().pending();
    let contents = bundle.open().map_err(BundleError::from)?;
    Ok(json!({
        "file": out,
        "bytes": bytes.len(),
        "venue": venue.get(),
        "days": contents.parts.iter().map(|p| p.day.to_string()).collect::<std::collections::BTreeSet<_>>(),
        "left_out": left_out.iter().map(|(day, why)| (day.to_string(), said(*why))).collect::<std::collections::BTreeMap<_, _>>(),
        "receipts": contents.receipts.len(),
        "orders": contents.orders.len(),
        "bulletins": contents.bulletins.len(),
        "unacknowledged": unacknowledged,
        "days_kept": retention::days_kept(&rules.policy, ledger.charter().keeps),
    }))
}

/// Makes bundles of what the authority lacks, for a door's pages: sealed for the authority and for the venue's doors.
pub(crate) fn maker(ledger: Ledger) -> web::BundleMaker {
    Arc::new(move || {
        let ledger = ledger.clone();
        Box::pin(async move { made(&ledger).await.map_err(|error| in_words(&error)) })
    })
}

async fn made(ledger: &Ledger) -> Result<Vec<u8>, FileError> {
    let venue = ledger.charter().venue().ok_or(FileError::WhichVenue)?;
    let rules = Rules::from_notices(&ledger.notices().await?);
    let keys = Keys { tracing: rules.tracing_keys().to_vec(), ..Keys::default() };
    let exported = bundle::export(ledger, venue, false, &keys, wall::now()).await?;
    for (day, why) in &exported.left_out {
        tracing::warn!(%day, ?why, "a day is not in the bundle, or not all of it");
    }
    Ok(exported.bundle.to_bytes())
}

/// Takes a bundle; says what was new.
///
/// # Errors
/// [`FileError`] names the file.
pub async fn import(ledger: &Ledger, keys: &Keys, file: &Path) -> Result<Value, FileError> {
    let refused = |source| FileError::Refused { path: file.into(), source };
    let bytes = read(file).map_err(|source| FileError::File { path: file.into(), source })?;
    let bundle = Bundle::from_bytes(&bytes).map_err(|e| refused(e.into()))?;
    let taken = bundle::import(ledger, &bundle, keys).await.map_err(refused)?;
    Ok(json!({
        "file": file,
        "records": taken.records,
        "known": taken.known,
        "notices": taken.notices,
        "sealed_days": taken.sealed_days.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "refused": taken.refused,
    }))
}

/// Why a day is not in a bundle, or not all of it.
fn said(why: LeftOut) -> &'static str {
    match why {
        LeftOut::NoKey => "no tracing key of this week is here to seal it with",
        LeftOut::Full => "the bundle is full",
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(BUNDLE_MAX as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > BUNDLE_MAX {
        return Err(io::Error::other(OpenError::TooLarge(bytes.len())));
    }
    Ok(bytes)
}

/// A stick is pulled when the program says that it is done: the file is whole and on it by then.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    fs::File::open(folder)?.sync_all()
}
