//! Peers found on the LAN by mDNS. Its records name a key and addresses, no venue: whoever is found is called
//! once, and left alone for a while if its membership does not fit.

use std::time::Duration;

use libp2p::{PeerId, mdns, swarm::behaviour::toggle::Toggle};

/// Whether to look for peers on the LAN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Discovery {
    /// Only the list is called.
    #[default]
    Off,
    /// Peers announce themselves and find each other by multicast DNS.
    Lan,
}

/// Found peers that are remembered, strangers among them; also the bound on addresses of one.
pub(super) const FOUND_MAX: usize = 256;
/// Both sides find each other at once; the one with the higher key lets the other call first.
pub(super) const COURTESY: Duration = Duration::from_secs(3);

/// mDNS, if it is wanted and this machine has it.
pub(super) fn behaviour(wanted: Discovery, own: PeerId) -> Toggle<mdns::tokio::Behaviour> {
    if wanted == Discovery::Off {
        return None.into();
    }
    match mdns::tokio::Behaviour::new(mdns::Config::default(), own) {
        Ok(behaviour) => Some(behaviour).into(),
        Err(error) => {
            tracing::warn!(%error, "peers on the LAN are not looked for");
            None.into()
        }
    }
}
