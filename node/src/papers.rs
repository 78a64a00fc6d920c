//! A node's own papers while it runs: those that others renewed are kept in the data folder and taken at the next start where
//! they hold longer; those that lie anew in its membership file are taken without a restart.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use sync::{
    id::PublicKey,
    ledger::Ledger,
    membership::{MEMBERSHIP_MAX, Membership},
    time::UnixMillis,
};
use tokio_util::sync::CancellationToken;

use crate::wall;

/// How often the file is looked at.
const LOOK: Duration = Duration::from_secs(5);
/// In the data folder.
const FILE: &str = "renewed.membership";

/// Where renewed papers lie.
pub(crate) fn file(data: &Path) -> PathBuf {
    data.join(FILE)
}

/// The papers of the configuration, or those that took their place: for the same place, properly signed, and for longer.
pub(crate) fn latest(
    data: &Path,
    configured: Membership,
    roots: &[PublicKey],
    node: &PublicKey,
) -> Membership {
    let renewed = read(data).filter(|renewed| {
        renewed.is_for_same_place_as(&configured)
            && renewed.check_near(roots, node, UnixMillis::new(0)).is_ok()
            && until(renewed) > until(&configured)
    });
    renewed.unwrap_or(configured)
}

fn read(data: &Path) -> Option<Membership> {
    let path = file(data);
    let long = fs::metadata(&path).ok()?.len() > 2 * MEMBERSHIP_MAX as u64;
    if long { None } else { Membership::from_text(&fs::read_to_string(path).ok()?) }
}

fn until(papers: &Membership) -> Option<UnixMillis> {
    papers.span().map(|(_, until)| until)
}

/// Keeps this node's new papers as they come.
pub(crate) async fn follow(ledger: Ledger, data: PathBuf, stopped: CancellationToken) {
    let own = ledger.charter().key.public();
    let mut heads = ledger.heads();
    let mut kept = ledger.charter().membership.clone();
    loop {
        let held = heads.borrow_and_update().papers.get(&own).cloned();
        if let Some(held) = held.filter(|held| **held != kept && until(held) >= until(&kept)) {
            kept = Membership::clone(&held);
            let when = until(&kept).unwrap_or(UnixMillis::new(0));
            match keep(&data, &kept) {
                Ok(()) => tracing::info!(until = %when, "this node's papers are renewed"),
                // They are in the ledger as well: only a start after the old ones' end would miss them.
                Err(error) => {
                    tracing::error!(%error, "renewed papers could not be written to the data folder")
                }
            }
        }
        tokio::select! {
            () = stopped.cancelled() => return,
            changed = heads.changed() => if changed.is_err() { return },
        }
    }
}

/// Whole or not at all, also over a power cut.
fn keep(data: &Path, papers: &Membership) -> io::Result<()> {
    let fresh = data.join("renewed.membership.new");
    let mut file = fs::File::create(&fresh)?;
    io::Write::write_all(&mut file, papers.to_text().as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, self::file(data))?;
    fs::File::open(data)?.sync_all()
}

/// Takes renewed papers for the same place until the node stops: the ledger keeps them, peers are shown them, and what
/// hangs on the venue's grant, such as its limit, follows. Another place needs a restart, for a door's page and rules are
/// made for one.
pub(crate) async fn watch(ledger: Ledger, file: PathBuf, stopped: CancellationToken) {
    let mut look = tokio::time::interval(LOOK);
    let mut seen = Some(ledger.charter().membership.clone());
    loop {
        tokio::select! {
            () = stopped.cancelled() => return,
            _ = look.tick() => {}
        }
        // While it is being copied it may be no papers at all.
        let read = fs::read_to_string(&file).ok().and_then(|text| Membership::from_text(&text));
        let Some(papers) = read.filter(|papers| seen.as_ref() != Some(papers)) else { continue };
        take(&ledger, &papers).await;
        seen = Some(papers);
    }
}

async fn take(ledger: &Ledger, papers: &Membership) {
    let charter = ledger.charter();
    if !papers.is_for_same_place_as(&charter.membership) {
        tracing::warn!("the membership file names another place: restart the node to stand there");
        return;
    }
    match papers.check(&charter.roots.own(), &charter.key.public(), wall::now()) {
        Ok(_) => match ledger.introduce(vec![papers.clone()]).await {
            Ok(()) => tracing::info!("renewed papers were taken"),
            Err(error) => tracing::error!(%error, "renewed papers could not be kept"),
        },
        Err(error) => {
            tracing::warn!(%error, "the membership file does not hold; the earlier papers stay")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync::{id::RegionId, key::SecretKey, key::Signed, membership::AuthorityGrant};

    fn paper(root: u8, region: u16, until: i64) -> Membership {
        let grant = AuthorityGrant {
            region: RegionId::new(region),
            node: SecretKey::from_bytes(&[1; 32]).public(),
            not_before: UnixMillis::new(0),
            not_after: UnixMillis::new(until),
        };
        Membership::Authority(Signed::seal(&grant, &SecretKey::from_bytes(&[root; 32])))
    }

    #[test]
    fn those_hold_that_are_for_this_place_and_hold_longest() {
        let folder = tempfile::tempdir().unwrap();
        let (root, node) =
            (SecretKey::from_bytes(&[9; 32]).public(), SecretKey::from_bytes(&[1; 32]).public());
        let latest = || latest(folder.path(), paper(9, 1, 100), &[root], &node);
        assert_eq!(latest(), paper(9, 1, 100), "none were given");
        for (renewed, holds) in [
            (paper(9, 1, 200), true),
            (paper(9, 1, 50), false),
            (paper(9, 2, 200), false),
            (paper(8, 1, 200), false),
        ] {
            keep(folder.path(), &renewed).unwrap();
            assert_eq!(latest() == renewed, holds);
        }
        fs::write(file(folder.path()), "torn").unwrap();
        assert_eq!(latest(), paper(9, 1, 100));
    }
}
