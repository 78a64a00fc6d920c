//! A peer that speaks the protocol by hand: enrolled, authenticated, and says what it likes.

use std::{net::SocketAddr, time::Duration};

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::{
    Multiaddr, Stream, StreamProtocol, SwarmBuilder, identity::Keypair, noise, swarm::SwarmEvent,
    tcp, yamux,
};
use sync::{
    book::Charter,
    peers::wire::{Holdings, Message, Reply, Request, Speaks},
};
use tokio::task::JoinSet;

const REQUEST: u8 = 0;
const REPLY: u8 = 1;

/// An open session.
pub(crate) struct Liar {
    stream: Stream,
    charter: Charter,
    _driving: JoinSet<()>,
}

impl Liar {
    /// Connects as this node, and introduces itself with its papers, which hold.
    pub(crate) async fn of(charter: &Charter, at: SocketAddr) -> Self {
        let mut liar = Self::connect(charter, at).await;
        let hello = Request::Hello(charter.membership.clone(), charter.epoch, Speaks::default());
        let answer = liar.ask(&hello).await;
        assert!(matches!(answer, Some(Reply::Welcome(..))), "its papers hold: {answer:?}");
        liar
    }

    async fn connect(charter: &Charter, at: SocketAddr) -> Self {
        let behaviour = libp2p_stream::Behaviour::new();
        let mut control = behaviour.new_control();
        let identity = Keypair::ed25519_from_bytes(*charter.key.to_bytes()).unwrap();
        let mut swarm = SwarmBuilder::with_existing_identity(identity)
            .with_tokio()
            .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
            .unwrap()
            .with_behaviour(|_| behaviour)
            .unwrap()
            .with_swarm_config(|c| c.with_idle_connection_timeout(Duration::from_secs(3600)))
            .build();
        let at: Multiaddr = format!("/ip4/{}/tcp/{}", at.ip(), at.port()).parse().unwrap();
        swarm.dial(at).unwrap();
        let peer = loop {
            match swarm.select_next_some().await {
                SwarmEvent::ConnectionEstablished { peer_id, .. } => break peer_id,
                SwarmEvent::OutgoingConnectionError { error, .. } => panic!("{error}"),
                _ => {}
            }
        };
        let mut driving = JoinSet::new();
        driving.spawn(async move {
            loop {
                swarm.select_next_some().await;
            }
        });
        let protocol = StreamProtocol::new("/vestibule/sync/3");
        let stream = control.open_stream(peer, protocol).await.unwrap();
        Self { stream, charter: charter.clone(), _driving: driving }
    }

    /// The answer; `None` when the session is over. What the other side asks meanwhile is answered by the way, as
    /// one who holds nothing and stores nothing.
    pub(crate) async fn ask(&mut self, request: &Request) -> Option<Reply> {
        self.send(REQUEST, &request.to_frame()).await.ok()?;
        self.answer().await
    }

    /// Sends a message of any bytes, and waits for the answer.
    pub(crate) async fn say(&mut self, bytes: &[u8]) -> Option<Reply> {
        self.send(REQUEST, bytes).await.ok()?;
        self.answer().await
    }

    async fn answer(&mut self) -> Option<Reply> {
        loop {
            let frame = self.read().await.ok()?;
            let (kind, body) = frame.split_first()?;
            if *kind == REPLY {
                return Some(Reply::from_frame(body).unwrap());
            }
            let reply = match Request::from_frame(body).unwrap() {
                Request::Compare(_) => Reply::Holdings(Holdings::default()),
                Request::Deliver { run, .. } => Reply::Stored { seq: run.last(), receipt: None },
                Request::Publish(_) => Reply::Taken(Vec::new()),
                Request::Hello(..) => {
                    let papers = self.charter.membership.clone();
                    Reply::Welcome(papers, self.charter.epoch, Speaks::default())
                }
                Request::Order(_) | Request::Acknowledge { .. } => Reply::Done,
                Request::Beat(_) => Reply::Alive(Vec::new()),
                Request::Inquire(_) => Reply::Found(None),
                Request::Renew(_) => Reply::Renewed(Vec::new()),
            };
            self.send(REPLY, &reply.to_frame()).await.ok()?;
        }
    }

    async fn send(&mut self, kind: u8, body: &[u8]) -> std::io::Result<()> {
        let mut bytes = Vec::new();
        let mut length = body.len() + 1;
        while length >= 0x80 {
            bytes.push((length & 0x7f) as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes.push(kind);
        bytes.extend_from_slice(body);
        self.stream.write_all(&bytes).await?;
        self.stream.flush().await
    }

    async fn read(&mut self) -> std::io::Result<Vec<u8>> {
        let (mut length, mut shift) = (0, 0);
        loop {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).await?;
            length |= usize::from(byte[0] & 0x7f) << shift;
            shift += 7;
            if byte[0] < 0x80 {
                break;
            }
        }
        let mut frame = vec![0; length];
        self.stream.read_exact(&mut frame).await?;
        Ok(frame)
    }
}
