//! Our part of the swarm: lets connections in, opens and accepts their streams, hands them on.

use std::{
    collections::VecDeque,
    task::{Context, Poll},
};

use libp2p::{
    Multiaddr, PeerId, StreamProtocol,
    core::{ConnectedPoint, Endpoint, transport::PortUse},
    swarm::{
        CloseConnection, ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour,
        NotifyHandler, THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
    },
};
use tokio::time::Instant;

use super::{
    address::socket_address,
    admission::Admission,
    handler::{Handler, News},
};

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A session: requests and replies both ways, for as long as it lasts.
    Sync,
    /// One request, one reply.
    Pair,
}

impl Kind {
    pub(super) const fn protocol(self) -> StreamProtocol {
        match self {
            Self::Sync => StreamProtocol::new("/vestibule/sync/3"),
            Self::Pair => StreamProtocol::new("/vestibule/pair/1"),
        }
    }
}

/// What happened on a connection.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) peer: PeerId,
    pub(super) connection: ConnectionId,
    pub(super) news: News,
}

/// The behaviour: streams are opened only by the side that dialled, and only when [`Doorway::open`] asks.
#[derive(Debug)]
pub(super) struct Doorway {
    admission: Admission,
    offered: Vec<Kind>,
    pending: VecDeque<ToSwarm<Event, Kind>>,
}

impl Doorway {
    /// `offered` is what others may open here.
    pub(super) fn new(admission: Admission, offered: Vec<Kind>) -> Self {
        Self { admission, offered, pending: VecDeque::new() }
    }

    /// Opens a stream on a connection that this node has dialled.
    pub(super) fn open(&mut self, peer_id: PeerId, connection: ConnectionId, kind: Kind) {
        let handler = NotifyHandler::One(connection);
        self.pending.push_back(ToSwarm::NotifyHandler { peer_id, handler, event: kind });
    }

    pub(super) fn admission(&mut self) -> &mut Admission {
        &mut self.admission
    }

    fn handler(&self, listener: bool) -> Handler {
        let offered = if listener { self.offered.clone() } else { Vec::new() };
        Handler::new(offered)
    }
}

impl NetworkBehaviour for Doorway {
    type ConnectionHandler = Handler;
    type ToSwarm = Event;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        // Without an IP address, as in a simulation, all are of one place.
        let ip = socket_address(remote).map_or([0, 0, 0, 0].into(), |(address, _)| address.ip());
        let displaced = self.admission.knock(connection, ip.into(), Instant::now());
        if let Some((peer_id, idle)) = displaced.map_err(ConnectionDenied::new)? {
            let connection = CloseConnection::One(idle);
            self.pending.push_back(ToSwarm::CloseConnection { peer_id, connection });
        }
        Ok(())
    }

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(self.handler(true))
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(self.handler(false))
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(e) => {
                let dialled = matches!(e.endpoint, ConnectedPoint::Dialer { .. });
                self.admission.established(e.connection_id, dialled, e.peer_id, Instant::now());
            }
            FromSwarm::ConnectionClosed(e) => self.admission.gone(e.connection_id),
            FromSwarm::ListenFailure(e) => self.admission.gone(e.connection_id),
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        news: THandlerOutEvent<Self>,
    ) {
        let event = Event { peer, connection, news };
        self.pending.push_back(ToSwarm::GenerateEvent(event));
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Event, THandlerInEvent<Self>>> {
        // Whatever is pushed is pushed by the swarm's own task, which polls again before it sleeps.
        self.pending.pop_front().map_or(Poll::Pending, Poll::Ready)
    }
}
