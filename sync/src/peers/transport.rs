//! The libp2p swarm: TCP, noise, yamux, one request-response protocol, connection limits.

use std::{io, net::SocketAddr, time::Duration};

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use libp2p::{
    Multiaddr, PeerId, StreamProtocol, Swarm, SwarmBuilder, connection_limits, identity,
    multiaddr::Protocol,
    noise,
    request_response::{self, Codec, ProtocolSupport},
    swarm::{NetworkBehaviour, SwarmEvent},
    tcp, yamux,
};

use super::{
    PeersError,
    wire::{FRAME_MAX, Message, PROTOCOL, Reply, Request},
};
use crate::{id::PublicKey, key::SecretKey};

/// A peer that does not answer within this is taken as gone.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Requests of one peer that may be under way at once.
const STREAMS_MAX: usize = 8;
/// Connections of one peer: both sides may have called.
const PER_PEER_MAX: u32 = 3;
const PENDING_MAX: u32 = 64;
/// Sessions end by their own rules (heartbeat, refusal), not because libp2p finds them idle.
const IDLE: Duration = Duration::from_secs(3600);

/// What the swarm does.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    limits: connection_limits::Behaviour,
    pub(super) frames: request_response::Behaviour<Frames>,
}

/// Reads and writes frames: four bytes of length, then the frame.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Frames;

impl Codec for Frames {
    type Protocol = StreamProtocol;
    type Request = Request;
    type Response = Reply;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Request>
    where
        T: AsyncRead + Unpin + Send,
    {
        read(io).await
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Reply>
    where
        T: AsyncRead + Unpin + Send,
    {
        read(io).await
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        request: Request,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write(io, &request).await
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        reply: Reply,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write(io, &reply).await
    }
}

async fn read<M: Message, T: AsyncRead + Unpin + Send>(io: &mut T) -> io::Result<M> {
    let mut length = [0; 4];
    io.read_exact(&mut length).await?;
    let length = u32::from_be_bytes(length) as usize;
    if length > FRAME_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "frame over the limit"));
    }
    // Grows as bytes arrive: a length alone reserves nothing.
    let mut bytes = Vec::new();
    io.take(length as u64).read_to_end(&mut bytes).await?;
    M::from_frame(&bytes).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))
}

async fn write<M: Message, T: AsyncWrite + Unpin + Send>(
    io: &mut T,
    message: &M,
) -> io::Result<()> {
    let frame = message.to_frame();
    let length = u32::try_from(frame.len())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "frame over the limit"))?;
    io.write_all(&length.to_be_bytes()).await?;
    io.write_all(&frame).await?;
    io.flush().await
}

/// Builds the swarm with the node's own key as its identity.
pub(super) fn swarm(key: &SecretKey, sessions_max: u32) -> Result<Swarm<Behaviour>, PeersError> {
    let setup = |e: &dyn std::fmt::Display| PeersError::Setup(e.to_string());
    let identity = identity::Keypair::ed25519_from_bytes(*key.to_bytes()).map_err(|e| setup(&e))?;
    let builder = SwarmBuilder::with_existing_identity(identity)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .map_err(|e| setup(&e))?
        .with_behaviour(|_| behaviour(sessions_max))
        .map_err(|e| setup(&e))?;
    Ok(builder.with_swarm_config(|c| c.with_idle_connection_timeout(IDLE)).build())
}

fn behaviour(sessions_max: u32) -> Behaviour {
    let limits = connection_limits::ConnectionLimits::default()
        .with_max_pending_incoming(Some(PENDING_MAX))
        .with_max_established_incoming(Some(sessions_max))
        .with_max_established_per_peer(Some(PER_PEER_MAX));
    let config = request_response::Config::default()
        .with_request_timeout(REQUEST_TIMEOUT)
        .with_max_concurrent_streams(STREAMS_MAX);
    Behaviour {
        limits: connection_limits::Behaviour::new(limits),
        frames: request_response::Behaviour::with_codec(
            Frames,
            [(StreamProtocol::new(PROTOCOL), ProtocolSupport::Full)],
            config,
        ),
    }
}

/// Binds each address and returns the ones bound, with the ports that the system chose.
pub(super) async fn listen(
    swarm: &mut Swarm<Behaviour>,
    addresses: &[SocketAddr],
) -> Result<Vec<SocketAddr>, PeersError> {
    let mut bound = Vec::new();
    for &address in addresses {
        // libp2p sets SO_REUSEPORT and would share a taken port silently; trying it plainly first tells.
        std::net::TcpListener::bind(address)
            .map_err(|source| PeersError::Listen { address, source })?;
        let listener = swarm
            .listen_on(socket_multiaddr(address))
            .map_err(|e| PeersError::Listen { address, source: io::Error::other(e) })?;
        loop {
            match swarm.select_next_some().await {
                SwarmEvent::NewListenAddr { listener_id, address } if listener_id == listener => {
                    bound.extend(socket_address(&address));
                    break;
                }
                SwarmEvent::ListenerClosed { listener_id, reason, .. }
                    if listener_id == listener =>
                {
                    let source = reason.err().unwrap_or_else(|| io::Error::other("closed"));
                    return Err(PeersError::Listen { address, source });
                }
                _ => {}
            }
        }
    }
    Ok(bound)
}

fn socket_multiaddr(address: SocketAddr) -> Multiaddr {
    Multiaddr::from(address.ip()).with(Protocol::Tcp(address.port()))
}

fn socket_address(address: &Multiaddr) -> Option<SocketAddr> {
    let mut parts = address.iter();
    let ip = match parts.next()? {
        Protocol::Ip4(ip) => ip.into(),
        Protocol::Ip6(ip) => ip.into(),
        _ => return None,
    };
    match parts.next()? {
        Protocol::Tcp(port) => Some(SocketAddr::new(ip, port)),
        _ => None,
    }
}

/// Whether a text has the form `host:port`; the host may be a name or an address.
pub(super) fn check_address(text: &str) -> Result<(), PeersError> {
    if text.parse::<SocketAddr>().is_ok() {
        return Ok(());
    }
    let bad = || PeersError::Address(text.to_owned());
    let (host, port) = text.rsplit_once(':').ok_or_else(bad)?;
    let named = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let port: Result<u16, _> = port.parse();
    let good = !host.is_empty() && host.chars().all(named) && port.is_ok();
    if good { Ok(()) } else { Err(bad()) }
}

/// Where `host:port` is now. Asked anew at every call: name servers come and go with the network, and a
/// door that starts without any must not wait for one.
pub(super) async fn resolve(address: &str) -> io::Result<Vec<Multiaddr>> {
    Ok(tokio::net::lookup_host(address).await?.map(socket_multiaddr).collect())
}

/// The node key behind an authenticated peer id; `None` for peers that are not Ed25519.
pub(super) fn node_key(peer: &PeerId) -> Option<PublicKey> {
    let public = identity::PublicKey::try_decode_protobuf(peer.as_ref().digest()).ok()?;
    Some(PublicKey::new(public.try_into_ed25519().ok()?.to_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_host_and_port() {
        for good in ["127.0.0.1:4810", "[::1]:4810", "authority.example:443", "door-b.local:4810"] {
            assert!(check_address(good).is_ok(), "{good}");
        }
        for bad in ["", "door", "door:", ":1", "door:99999", "do or:1", "/ip4/1.2.3.4/tcp/1"] {
            assert!(matches!(check_address(bad), Err(PeersError::Address(_))), "{bad}");
        }
    }

    #[test]
    fn a_peer_id_carries_the_node_key() {
        let key = SecretKey::from_bytes(&[4; 32]);
        let identity = identity::Keypair::ed25519_from_bytes(*key.to_bytes()).unwrap();
        assert_eq!(node_key(&identity.public().to_peer_id()), Some(key.public()));
    }
}
