//! A libp2p transport over turmoil's TCP, for the machine that polls it.

use std::{
    future::{Ready, ready},
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use futures::{
    FutureExt, Stream, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use libp2p::{
    Multiaddr, Transport,
    core::transport::{DialOpts, ListenerId, TransportError, TransportEvent},
    multiaddr::Protocol,
};
use turmoil::net::{TcpListener, TcpStream};

use crate::wires::{Wire, Wires};

type Connection = Wire<TcpStream>;
type Event = TransportEvent<Ready<io::Result<Connection>>, io::Error>;

/// The network card of one machine.
pub(crate) struct Network {
    listeners: Vec<(ListenerId, BoxStream<'static, Event>)>,
    wires: Wires,
}

impl Network {
    /// A card whose connections are all among `wires`.
    pub(crate) fn new(wires: Wires) -> Self {
        Self { listeners: Vec::new(), wires }
    }
}

impl Transport for Network {
    type Output = Connection;
    type Error = io::Error;
    type ListenerUpgrade = Ready<io::Result<Connection>>;
    type Dial = BoxFuture<'static, io::Result<Connection>>;

    fn listen_on(
        &mut self,
        id: ListenerId,
        address: Multiaddr,
    ) -> Result<(), TransportError<io::Error>> {
        let Some(at) = socket(&address) else {
            return Err(TransportError::MultiaddrNotSupported(address));
        };
        self.listeners.push((id, incoming(id, at, address, self.wires.clone()).boxed()));
        Ok(())
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        let before = self.listeners.len();
        self.listeners.retain(|(listener, _)| *listener != id);
        self.listeners.len() < before
    }

    fn dial(
        &mut self,
        address: Multiaddr,
        _: DialOpts,
    ) -> Result<Self::Dial, TransportError<io::Error>> {
        let Some(to) = socket(&address) else {
            return Err(TransportError::MultiaddrNotSupported(address));
        };
        let wires = self.wires.clone();
        Ok(TcpStream::connect(to).map(move |c| c.map(|c| wires.wire(to.ip(), c))).boxed())
    }

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Event> {
        for (_, listener) in &mut self.listeners {
            if let Poll::Ready(Some(event)) = listener.poll_next_unpin(context) {
                return Poll::Ready(event);
            }
        }
        Poll::Pending
    }
}

/// The address once it is bound, then each connection.
fn incoming(
    id: ListenerId,
    at: SocketAddr,
    address: Multiaddr,
    wires: Wires,
) -> impl Stream<Item = Event> {
    let bound = TcpListener::bind(at).map(move |bound| match bound {
        Ok(listener) => {
            let first =
                TransportEvent::NewAddress { listener_id: id, listen_addr: address.clone() };
            let calls = stream::unfold((listener, wires), move |(listener, wires)| {
                let local = address.clone();
                async move {
                    let got = listener.accept().await;
                    let wired = got.map(|(c, from)| (wires.wire(from.ip(), c), from));
                    Some((call(id, local, wired), (listener, wires)))
                }
            });
            stream::once(ready(first)).chain(calls).boxed()
        }
        Err(error) => {
            let closed = TransportEvent::ListenerClosed { listener_id: id, reason: Err(error) };
            stream::once(ready(closed)).boxed()
        }
    });
    stream::once(bound).flatten()
}

fn call(id: ListenerId, local_addr: Multiaddr, got: io::Result<(Connection, SocketAddr)>) -> Event {
    match got {
        Ok((connection, from)) => TransportEvent::Incoming {
            listener_id: id,
            upgrade: ready(Ok(connection)),
            local_addr,
            send_back_addr: Multiaddr::from(from.ip()).with(Protocol::Tcp(from.port())),
        },
        Err(error) => TransportEvent::ListenerError { listener_id: id, error },
    }
}

fn socket(address: &Multiaddr) -> Option<SocketAddr> {
    match address.iter().collect::<Vec<_>>()[..] {
        [Protocol::Ip4(ip), Protocol::Tcp(port)] => Some(SocketAddr::new(ip.into(), port)),
        _ => None,
    }
}
