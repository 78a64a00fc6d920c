//! Our part of one connection: negotiates the streams that are asked for and those that may be opened here.

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};

use libp2p::{
    Stream, StreamProtocol,
    core::upgrade::{InboundUpgrade, OutboundUpgrade, UpgradeInfo},
    swarm::{
        ConnectionHandler, ConnectionHandlerEvent, StreamUpgradeError, SubstreamProtocol,
        handler::{
            ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
        },
    },
};

use super::doorway::Kind;

/// What became of a stream.
#[derive(Debug)]
pub(super) enum News {
    /// It is there, negotiated.
    Opened(Kind, Stream),
    /// The other side does not speak the protocol: it is no node of ours, or an older one.
    NotSpoken,
    /// It did not come to be.
    Failed(String),
}

/// Negotiates one of these protocols.
#[derive(Clone, Debug)]
pub(super) struct Offer(Vec<Kind>);

/// A kind under its name on the wire.
#[derive(Clone, Debug)]
pub(super) struct Named(Kind, StreamProtocol);

impl AsRef<str> for Named {
    fn as_ref(&self) -> &str {
        self.1.as_ref()
    }
}

impl UpgradeInfo for Offer {
    type Info = Named;
    type InfoIter = std::vec::IntoIter<Named>;

    fn protocol_info(&self) -> Self::InfoIter {
        self.0.iter().map(|kind| Named(*kind, kind.protocol())).collect::<Vec<_>>().into_iter()
    }
}

impl InboundUpgrade<Stream> for Offer {
    type Output = (Kind, Stream);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_inbound(self, stream: Stream, named: Named) -> Self::Future {
        ready(Ok((named.0, stream)))
    }
}

impl OutboundUpgrade<Stream> for Offer {
    type Output = (Kind, Stream);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_outbound(self, stream: Stream, named: Named) -> Self::Future {
        ready(Ok((named.0, stream)))
    }
}

/// Both sides keep the connection until one of them ends it: an idle session is a good one.
#[derive(Debug)]
pub(super) struct Handler {
    offered: Vec<Kind>,
    asked: VecDeque<Kind>,
    /// A connection carries one session.
    has_session: bool,
    news: VecDeque<News>,
}

impl Handler {
    pub(super) fn new(offered: Vec<Kind>) -> Self {
        Self { offered, asked: VecDeque::new(), has_session: false, news: VecDeque::new() }
    }

    fn accept(&mut self, kind: Kind, stream: Stream) {
        // A second session on one connection: dropping the stream resets it.
        if kind != Kind::Sync || !std::mem::replace(&mut self.has_session, true) {
            self.news.push_back(News::Opened(kind, stream));
        }
    }

    fn failed(&mut self, error: StreamUpgradeError<Infallible>) {
        self.news.push_back(match error {
            StreamUpgradeError::NegotiationFailed => News::NotSpoken,
            StreamUpgradeError::Timeout => News::Failed("no answer".into()),
            StreamUpgradeError::Io(error) => News::Failed(error.to_string()),
            StreamUpgradeError::Apply(never) => match never {},
        });
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Kind;
    type ToBehaviour = News;
    type InboundProtocol = Offer;
    type OutboundProtocol = Offer;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = Kind;

    fn listen_protocol(&self) -> SubstreamProtocol<Offer> {
        SubstreamProtocol::new(Offer(self.offered.clone()), ())
    }

    fn connection_keep_alive(&self) -> bool {
        true
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ConnectionHandlerEvent<Offer, Kind, News>> {
        // All of it is pushed by the connection's own task, which polls again before it sleeps.
        if let Some(news) = self.news.pop_front() {
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(news));
        }
        match self.asked.pop_front() {
            Some(kind) => Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest {
                protocol: SubstreamProtocol::new(Offer(vec![kind]), kind),
            }),
            None => Poll::Pending,
        }
    }

    fn on_behaviour_event(&mut self, kind: Kind) {
        self.asked.push_back(kind);
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<'_, Offer, Offer, (), Kind>) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: (kind, stream),
                ..
            }) => self.accept(kind, stream),
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: (kind, stream),
                ..
            }) => self.news.push_back(News::Opened(kind, stream)),
            ConnectionEvent::DialUpgradeError(DialUpgradeError { error, .. }) => {
                self.failed(error);
            }
            _ => {}
        }
    }
}
