//! QUIC beside TCP: the same identity and bounds, its own encryption and streams.

use libp2p::{
    Transport,
    core::{muxing::StreamMuxerBox, transport::Boxed},
    futures::future::Either,
    identity::Keypair,
    quic,
};

use super::{limits::Limits, transport::Connections};

/// Streams that a peer may have open at once.
const STREAMS_MAX: u32 = 4;
/// Unread bytes of one stream, and of a connection.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 2 << 20;

/// These connections and QUIC's.
pub(super) fn beside(tcp: Connections, identity: &Keypair, limits: &Limits) -> Connections {
    let mut config = quic::Config::new(identity);
    config.handshake_timeout = limits.handshake;
    config.max_concurrent_stream_limit = STREAMS_MAX;
    config.max_stream_data = STREAM_WINDOW;
    config.max_connection_data = CONNECTION_WINDOW;
    let quic: Boxed<_> = quic::tokio::Transport::new(config)
        .map(|(peer, connection), _| (peer, StreamMuxerBox::new(connection)))
        .boxed();
    quic.or_transport(tcp)
        .map(|either, _| match either {
            Either::Left(connection) | Either::Right(connection) => connection,
        })
        .boxed()
}
