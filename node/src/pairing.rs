//! The door's side of pairing outside the rules: where it is reached, and invitations that the command made.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use node_core::pairing::{PairingDesk, Replaces};
use sync::pairing::{INVITATION_MAX, Invitation};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::secret;

/// How often the running node looks for an invitation that the command made.
const LOOK: Duration = Duration::from_millis(500);
const FILE: &str = "invitation";
/// The kernel's table of routes, in which a machine's own IPv4 addresses are marked.
const ROUTES: &str = "/proc/net/fib_trie";

/// Where the command leaves an invitation for the running node.
pub(crate) fn file(data: &Path) -> PathBuf {
    data.join(FILE)
}

/// Leaves an invitation for the running node, for its own user alone.
///
/// # Errors
/// [`io::Error`].
pub(crate) fn leave(
    data: &Path,
    invitation: &Invitation,
    replaces: Option<&Replaces>,
) -> io::Result<()> {
    let path = file(data);
    let beside = path.with_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    writeln!(file, "{}", *invitation.to_text())?;
    if let Some(door) = replaces {
        writeln!(file, "{door}")?;
    }
    file.sync_all()?;
    fs::rename(beside, path)
}

/// Takes invitations that the command left, until the node stops. The file is gone once it was read: the secret lies
/// nowhere but in memory, and no later start of the node answers it again.
pub(crate) async fn watch(desk: PairingDesk, data: PathBuf, stopped: CancellationToken) {
    let path = file(&data);
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = stopped.cancelled() => return,
            _ = look.tick() => {}
        }
        let Some((invitation, replaces)) = read(&path) else { continue };
        if let Err(error) = desk.take(invitation, replaces).await {
            tracing::warn!(%error, "an invitation was not taken");
        }
    }
}

fn read(path: &Path) -> Option<(Invitation, Option<Replaces>)> {
    let about = fs::symlink_metadata(path).ok()?;
    let text = (about.is_file() && about.len() < 2 * INVITATION_MAX as u64)
        .then(|| fs::read_to_string(path).ok().map(Zeroizing::new))
        .flatten();
    if let Err(error) = secret::destroy(path) {
        tracing::warn!(%error, "an invitation could not be taken away");
    }
    let text = text?;
    let mut lines = text.lines();
    let invitation = Invitation::from_text(lines.next()?);
    let invitation = invitation
        .inspect_err(|error| tracing::warn!(%error, "the invitation's file is refused"))
        .ok()?;
    Some((invitation, lines.next().and_then(Replaces::parse)))
}

/// Where others on the LAN reach this machine, on the ports of these addresses: those that name an address as it is,
/// those that stand for all by every address that the machine has.
pub(crate) fn reached_at(listen: &[SocketAddr]) -> Vec<SocketAddr> {
    let own = fs::read_to_string(ROUTES).map(|table| local_addresses(&table)).unwrap_or_default();
    let mut reached = Vec::new();
    for address in listen.iter().filter(|a| a.port() != 0) {
        if address.ip().is_unspecified() {
            reached.extend(own.iter().map(|ip| SocketAddr::new(IpAddr::V4(*ip), address.port())));
        } else {
            reached.push(*address);
        }
    }
    reached
}

/// The machine's own addresses in the kernel's table: an entry `/32 host LOCAL` belongs to the address above it.
fn local_addresses(table: &str) -> BTreeSet<Ipv4Addr> {
    let mut above = None;
    let mut found = BTreeSet::new();
    for line in table.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            above = address.parse().ok();
        } else if line.starts_with("/32 host LOCAL") {
            found.extend(above.filter(|ip: &Ipv4Addr| !ip.is_loopback() && !ip.is_link_local()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync::{id::PublicKey, id::VenueId, time::UnixMillis};

    #[test]
    fn the_kernels_table_tells_the_machines_own_addresses() {
        let table = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 192.168.4.17\n        /32 host LOCAL\n     |-- 192.168.4.255\n        /32 link BROADCAST\n";
        let own: Vec<_> = local_addresses(table).into_iter().collect();
        assert_eq!(own, [Ipv4Addr::new(192, 168, 4, 17)]);
        assert!(local_addresses("nonsense\n/32 host LOCAL").is_empty());
    }

    #[test]
    fn an_address_that_is_named_is_told_as_it_is() {
        let named: SocketAddr = "127.0.0.1:4740".parse().unwrap();
        let any_port: SocketAddr = "127.0.0.1:0".parse().unwrap();
        assert_eq!(reached_at(&[named, any_port]), [named]);
    }

    #[test]
    fn an_invitation_that_is_left_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let key = PublicKey::new([1; 32]);
        let at = vec!["10.0.0.1:1".parse().unwrap()];
        let named = Replaces::Name("South gate".into());
        let made =
            Invitation::new(key, at, (VenueId::new(1), "V"), None, UnixMillis::new(0)).unwrap();
        leave(folder.path(), &made, Some(&named)).unwrap();
        let path = file(folder.path());
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(read(&path), Some((made, Some(named))));
        assert!(read(&path).is_none() && !path.exists());
        fs::write(&path, "nonsense").unwrap();
        assert!(read(&path).is_none() && !path.exists());
    }
}
