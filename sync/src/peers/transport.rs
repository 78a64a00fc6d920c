//! The libp2p swarm: what carries connections, how they are encrypted and multiplexed, where it listens.

use std::{io, net::SocketAddr, sync::Arc};

use futures::{AsyncRead, AsyncWrite, StreamExt};
use libp2p::{
    PeerId, Swarm, Transport,
    core::{muxing::StreamMuxerBox, transport::Boxed, upgrade::Version},
    identity::{self, Keypair},
    mdns, noise,
    swarm::{self, NetworkBehaviour, SwarmEvent, behaviour::toggle::Toggle},
    tcp,
};
use tokio::time::Instant;

use super::{
    PeersError,
    address::{Carrier, multiaddr, socket_address},
    bucket::Bucket,
    doorway::Doorway,
    limits::Limits,
    meter::{Metered, Totals},
    muxer::Bounded,
};
use crate::{id::PublicKey, key::SecretKey};

/// Streams of one connection that may be under negotiation at once.
const NEGOTIATING_MAX: usize = 2;

/// Authenticated, multiplexed connections.
pub(super) type Connections = Boxed<(PeerId, StreamMuxerBox)>;

/// What the swarm does.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    pub(super) doorway: Doorway,
    pub(super) lan: Toggle<mdns::tokio::Behaviour>,
}

pub(super) fn setup(error: impl std::fmt::Display) -> PeersError {
    PeersError::Setup(error.to_string())
}

/// The node's key as libp2p holds it.
pub(super) fn identity(key: &SecretKey) -> Result<Keypair, PeersError> {
    Keypair::ed25519_from_bytes(*key.to_bytes()).map_err(setup)
}

/// TCP of this machine.
pub(super) fn tcp() -> tcp::tokio::Transport {
    tcp::tokio::Transport::new(tcp::Config::default().nodelay(true))
}

/// The bucket of one connection.
pub(super) fn bucket(limits: &Limits) -> Bucket {
    Bucket::new(limits.bytes_per_second, limits.bytes_per_second.saturating_mul(2), Instant::now())
}

/// Counted, paced, encrypted and multiplexed connections over any streams of bytes.
pub(super) fn over<T>(
    raw: T,
    identity: &Keypair,
    limits: &Limits,
    totals: &Arc<Totals>,
) -> Result<Connections, PeersError>
where
    T: Transport + Send + Unpin + 'static,
    T::Output: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T::Error: Send + Sync + 'static,
    T::Dial: Send + 'static,
    T::ListenerUpgrade: Send + 'static,
{
    let noise = noise::Config::new(identity).map_err(setup)?;
    let (paced, totals) = (limits.clone(), Arc::clone(totals));
    Ok(raw
        .map(move |io, _| Metered::new(io, totals, bucket(&paced)))
        .upgrade(Version::V1Lazy)
        .authenticate(noise)
        .multiplex(Bounded)
        .timeout(limits.handshake)
        .boxed())
}

/// TCP, and QUIC beside it where the program was built with it.
pub(super) fn connections(
    identity: &Keypair,
    limits: &Limits,
    totals: &Arc<Totals>,
) -> Result<Connections, PeersError> {
    let tcp = over(tcp(), identity, limits, totals)?;
    #[cfg(feature = "quic")]
    let tcp = super::quic::beside(tcp, identity, limits);
    Ok(tcp)
}

/// The swarm over these connections.
pub(super) fn swarm(
    connections: Connections,
    identity: &Keypair,
    doorway: Doorway,
    lan: Toggle<mdns::tokio::Behaviour>,
) -> Swarm<Behaviour> {
    let config =
        swarm::Config::with_tokio_executor().with_max_negotiating_inbound_streams(NEGOTIATING_MAX);
    let own = identity.public().to_peer_id();
    Swarm::new(connections, Behaviour { doorway, lan }, own, config)
}

/// Binds each address, for QUIC too if `quic`, and returns the ones bound, with the ports that the system chose.
pub(super) async fn listen(
    swarm: &mut Swarm<Behaviour>,
    addresses: &[SocketAddr],
    quic: bool,
) -> Result<Vec<SocketAddr>, PeersError> {
    let mut all = Vec::new();
    for &address in addresses {
        let bound = bind(swarm, address, Carrier::Tcp).await?;
        if quic {
            let same_port = SocketAddr::new(address.ip(), bound.port());
            bind(swarm, same_port, Carrier::Quic).await?;
        }
        all.push(bound);
    }
    Ok(all)
}

/// libp2p sets SO_REUSEPORT and would share a taken port silently; trying it plainly first tells.
pub(super) fn check_free(addresses: &[SocketAddr]) -> Result<(), PeersError> {
    for &address in addresses {
        std::net::TcpListener::bind(address)
            .map_err(|source| PeersError::Listen { address, source })?;
    }
    Ok(())
}

async fn bind(
    swarm: &mut Swarm<Behaviour>,
    address: SocketAddr,
    carrier: Carrier,
) -> Result<SocketAddr, PeersError> {
    let failed = |source| PeersError::Listen { address, source };
    let listener =
        swarm.listen_on(multiaddr(address, carrier)).map_err(|e| failed(io::Error::other(e)))?;
    loop {
        match swarm.select_next_some().await {
            SwarmEvent::NewListenAddr { listener_id, address } if listener_id == listener => {
                if let Some((bound, _)) = socket_address(&address) {
                    return Ok(bound);
                }
            }
            SwarmEvent::ListenerClosed { listener_id, reason, .. } if listener_id == listener => {
                return Err(failed(reason.err().unwrap_or_else(|| io::Error::other("closed"))));
            }
            _ => {}
        }
    }
}

/// The node key behind an authenticated peer id; `None` for peers that are not Ed25519.
pub(super) fn node_key(peer: &PeerId) -> Option<PublicKey> {
    let public = identity::PublicKey::try_decode_protobuf(peer.as_ref().digest()).ok()?;
    Some(PublicKey::new(public.try_into_ed25519().ok()?.to_bytes()))
}

/// The peer id of a node key; `None` for bytes that are no Ed25519 key.
pub(super) fn peer_id(key: &PublicKey) -> Option<PeerId> {
    let key = identity::ed25519::PublicKey::try_from_bytes(key.as_bytes()).ok()?;
    Some(identity::PublicKey::from(key).to_peer_id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_id_carries_the_node_key() {
        let key = SecretKey::from_bytes(&[4; 32]);
        let peer = identity(&key).unwrap().public().to_peer_id();
        assert_eq!(node_key(&peer), Some(key.public()));
        assert_eq!(peer_id(&key.public()), Some(peer));
    }
}
