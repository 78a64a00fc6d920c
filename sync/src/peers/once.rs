//! One question, one answer, and good-bye: how a node without a membership asks to be paired.

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc, time::Duration};

use futures::{AsyncRead, AsyncWrite, AsyncWriteExt, StreamExt};
use libp2p::{
    Stream, Swarm,
    swarm::{DialError, SwarmEvent, dial_opts::DialOpts},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::{Instant, timeout},
};

use super::{
    address::{Carrier, multiaddr},
    admission::Admission,
    discovery::{self, Discovery},
    doorway::{Doorway, Kind},
    frame,
    handler::News,
    limits::Limits,
    transport::{self, Behaviour, BehaviourEvent, node_key, peer_id},
};
use crate::{id::PublicKey, key::SecretKey};

/// The longest request, bytes.
pub const REQUEST_MAX: usize = 8 << 10;
/// The longest reply, bytes.
pub const REPLY_MAX: usize = 64 << 10;
/// How long the whole call may take, and how long its answer may.
pub const CALL_TIME: Duration = Duration::from_secs(10);
/// Calls of one peer come no faster than this.
const EACH: Duration = Duration::from_secs(1);
/// Calls that are answered at once.
const CALLS_MAX: usize = 8;

/// A call that waits for its answer. Dropping `reply` refuses it.
#[derive(Debug)]
pub struct PairingCall {
    /// Who calls: the key is proven, nothing else.
    pub peer: PublicKey,
    /// What it asks, up to [`REQUEST_MAX`] bytes, unchecked.
    pub request: Vec<u8>,
    /// Takes the answer, up to [`REPLY_MAX`] bytes.
    pub reply: oneshot::Sender<Vec<u8>>,
}

/// Why a call brought no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// Nobody there, or nobody that speaks libp2p.
    #[error("nobody answers at {0}: {1}")]
    Unreachable(SocketAddr, String),
    /// Someone else answers there.
    #[error("at {0} another node answers than the one that is meant")]
    WrongKey(SocketAddr),
    /// The node there does not pair.
    #[error("the node at {0} takes no such calls now")]
    NotOffered(SocketAddr),
    /// It refused, or was not in the mood within [`CALL_TIME`].
    #[error("the node at {0} gave no answer")]
    NoAnswer(SocketAddr),
    /// The request is over [`REQUEST_MAX`].
    #[error("the request of {0} bytes is over the limit")]
    TooLong(usize),
    /// libp2p could not be set up.
    #[error("libp2p could not be set up: {0}")]
    Setup(String),
}

/// Asks the node at `address` once, with `key` as this node's own, on a connection of its own.
///
/// # Errors
/// [`CallError`] says how far it came.
pub async fn call_once(
    key: &SecretKey,
    address: SocketAddr,
    expect: Option<PublicKey>,
    request: Vec<u8>,
) -> Result<Vec<u8>, CallError> {
    if request.len() > REQUEST_MAX {
        return Err(CallError::TooLong(request.len()));
    }
    let mut swarm = lone_swarm(key)?;
    let call = Box::pin(call(&mut swarm, address, expect, &request));
    timeout(CALL_TIME, call).await.unwrap_or(Err(CallError::NoAnswer(address)))
}

fn lone_swarm(key: &SecretKey) -> Result<Swarm<Behaviour>, CallError> {
    let setup = |e: super::PeersError| CallError::Setup(e.to_string());
    let identity = transport::identity(key).map_err(setup)?;
    let limits = Limits::default();
    let connections = transport::over(transport::tcp(), &identity, &limits, &Arc::default());
    let doorway = Doorway::new(Admission::new(limits), Vec::new());
    let lan = discovery::behaviour(Discovery::Off, identity.public().to_peer_id());
    Ok(transport::swarm(connections.map_err(setup)?, &identity, doorway, lan))
}

async fn call(
    swarm: &mut Swarm<Behaviour>,
    address: SocketAddr,
    expect: Option<PublicKey>,
    request: &[u8],
) -> Result<Vec<u8>, CallError> {
    let stream = open(swarm, address, expect).await?;
    let asking = ask(stream, request);
    tokio::pin!(asking);
    let answer = loop {
        tokio::select! {
            answer = &mut asking => break answer,
            _ = swarm.select_next_some() => {}
        }
    };
    match answer {
        Ok(Some(reply)) => Ok(reply),
        Ok(None) | Err(_) => Err(CallError::NoAnswer(address)),
    }
}

async fn open(
    swarm: &mut Swarm<Behaviour>,
    address: SocketAddr,
    expect: Option<PublicKey>,
) -> Result<Stream, CallError> {
    let place = multiaddr(address, Carrier::Tcp);
    let options = match expect {
        Some(key) => {
            let peer = peer_id(&key).ok_or(CallError::WrongKey(address))?;
            DialOpts::peer_id(peer).addresses(vec![place]).allocate_new_port().build()
        }
        None => DialOpts::unknown_peer_id().address(place).allocate_new_port().build(),
    };
    let unreachable = |error: &DialError| match error {
        DialError::WrongPeerId { .. } => CallError::WrongKey(address),
        other => CallError::Unreachable(address, call_failure(other)),
    };
    swarm.dial(options).map_err(|e| unreachable(&e))?;
    loop {
        match swarm.select_next_some().await {
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, .. } => {
                if expect.is_some() && node_key(&peer_id) != expect {
                    return Err(CallError::WrongKey(address));
                }
                swarm.behaviour_mut().doorway.open(peer_id, connection_id, Kind::Pair);
            }
            SwarmEvent::OutgoingConnectionError { error, .. } => return Err(unreachable(&error)),
            SwarmEvent::ConnectionClosed { .. } => return Err(CallError::NoAnswer(address)),
            SwarmEvent::Behaviour(BehaviourEvent::Doorway(event)) => match event.news {
                News::Opened(_, stream) => return Ok(stream),
                News::NotSpoken => return Err(CallError::NotOffered(address)),
                News::Failed(..) => return Err(CallError::NoAnswer(address)),
            },
            _ => {}
        }
    }
}

async fn ask<S>(mut io: S, request: &[u8]) -> io::Result<Option<Vec<u8>>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    frame::write(&mut io, &[request], CALL_TIME).await?;
    frame::read(&mut io, || REPLY_MAX).await
}

/// The innermost cause, which is what an operator can act on.
pub(super) fn call_failure(error: &DialError) -> String {
    let mut cause: &dyn std::error::Error = error;
    if let DialError::Transport(tries) = error
        && let Some((_, last)) = tries.last()
    {
        cause = last;
    }
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// The answering side.
#[derive(Debug)]
pub(super) struct Pairing {
    calls: mpsc::Sender<PairingCall>,
    last: BTreeMap<PublicKey, Instant>,
    under_way: JoinSet<()>,
}

impl Pairing {
    pub(super) fn new(calls: mpsc::Sender<PairingCall>) -> Self {
        Self { calls, last: BTreeMap::new(), under_way: JoinSet::new() }
    }

    /// Takes a call, unless there are too many.
    pub(super) fn take(&mut self, peer: PublicKey, stream: Stream, at: Instant) {
        while self.under_way.try_join_next().is_some() {}
        self.last.retain(|_, called| at.saturating_duration_since(*called) < EACH);
        if self.last.contains_key(&peer) || self.under_way.len() >= CALLS_MAX {
            tracing::debug!(%peer, "too many pairing calls, one is not taken");
            return;
        }
        self.last.insert(peer, at);
        let calls = self.calls.clone();
        self.under_way.spawn(async move {
            let answered = timeout(2 * CALL_TIME, answer(peer, stream, &calls)).await;
            tracing::debug!(%peer, ?answered, "pairing call");
        });
    }
}

async fn answer<S>(peer: PublicKey, mut io: S, calls: &mpsc::Sender<PairingCall>) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let read = timeout(CALL_TIME, frame::read(&mut io, || REQUEST_MAX)).await??;
    let Some(request) = read else { return Ok(()) };
    let (reply, answer) = oneshot::channel();
    let call = PairingCall { peer, request, reply };
    calls.try_send(call).map_err(|_| io::Error::other("nobody takes calls"))?;
    let answer = answer.await.map_err(|_| io::Error::other("refused"))?;
    if answer.len() > REPLY_MAX {
        return Err(io::Error::other("the answer is over the limit"));
    }
    frame::write(&mut io, &[&answer], CALL_TIME).await?;
    io.close().await
}
