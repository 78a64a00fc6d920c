//! The stream of one session: requests and replies both ways, read and written beside the run loop.
//!
//! Each frame is a length, a kind byte and a message. One task per stream has a reading and a writing half; both
//! talk to the run loop by bounded channels, so that neither a fast nor a slow peer makes memory grow.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, FutureExt};
use libp2p::{PeerId, swarm::ConnectionId};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout},
};

use super::{
    bucket::Bucket,
    frame,
    limits::Limits,
    wire::{FRAME_MAX, Message, Reply, Request},
};

const REQUEST: u8 = 0;
const REPLY: u8 = 1;
/// Until the peer's membership is checked it may say no more than fits here, bytes: a membership is up to 2 KiB.
pub(super) const INTRODUCTION_MAX: usize = 4 << 10;
/// Frames that wait to be written: an honest peer never makes it more than two.
const WAITING_MAX: usize = 4;
/// How long the end of a stream may take to be said.
const FAREWELL: Duration = Duration::from_secs(2);

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Request(Request),
    Reply(Reply),
}

impl Frame {
    /// The kind byte and the message, bytes.
    fn to_bytes(&self) -> (u8, Vec<u8>) {
        match self {
            Self::Request(request) => (REQUEST, request.to_frame()),
            Self::Reply(reply) => (REPLY, reply.to_frame()),
        }
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&REQUEST, body) => Request::from_frame(body).ok().map(Self::Request),
            (&REPLY, body) => Reply::from_frame(body).ok().map(Self::Reply),
            _ => None,
        }
    }
}

/// Something came from a peer.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) peer: PeerId,
    pub(super) connection: ConnectionId,
    pub(super) frame: Frame,
}

/// Why a stream is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The other side has ended it, or this one.
    Closed,
    /// The network.
    Broken(String),
    /// The peer sent what it must not.
    Breach,
}

/// A stream that is over.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) peer: PeerId,
    pub(super) connection: ConnectionId,
    pub(super) end: End,
}

/// The run loop's side of a stream. Dropping it ends the stream after what waits is written.
#[derive(Debug)]
pub(super) struct Line {
    out: mpsc::Sender<(u8, Vec<u8>)>,
    queued: u64,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Frames written out so far.
    written: AtomicU64,
    /// Whether the peer's membership was checked.
    introduced: AtomicBool,
}

/// Where a frame stands in the queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    number: u64,
    /// Its length, bytes.
    pub(super) bytes: usize,
}

impl Line {
    /// Queues a frame; `None` when the peer does not read.
    pub(super) fn send(&mut self, frame: &Frame) -> Option<Ticket> {
        let (kind, bytes) = frame.to_bytes();
        let length = bytes.len();
        self.out.try_send((kind, bytes)).ok()?;
        self.queued += 1;
        Some(Ticket { number: self.queued, bytes: length })
    }

    /// Whether a frame has left this node, as far as can be known here.
    pub(super) fn has_written(&self, ticket: Ticket) -> bool {
        self.state.written.load(Ordering::Relaxed) >= ticket.number
    }

    /// The peer's membership is checked: it may now send whole frames.
    pub(super) fn introduced(&self) {
        self.state.introduced.store(true, Ordering::Relaxed);
    }
}

/// The task's side of a stream.
#[derive(Debug)]
pub(super) struct Service {
    peer: PeerId,
    connection: ConnectionId,
    out: mpsc::Receiver<(u8, Vec<u8>)>,
    heard: mpsc::Sender<Heard>,
    state: Arc<State>,
    limits: Limits,
}

/// Both sides of a stream to be.
pub(super) fn line(
    peer: PeerId,
    connection: ConnectionId,
    heard: mpsc::Sender<Heard>,
    limits: Limits,
) -> (Line, Service) {
    let (out_in, out) = mpsc::channel(WAITING_MAX);
    let state = Arc::new(State::default());
    let line = Line { out: out_in, queued: 0, state: Arc::clone(&state) };
    (line, Service { peer, connection, out, heard, state, limits })
}

impl Service {
    /// Reads and writes until either ends.
    pub(super) async fn run(self, io: impl AsyncRead + AsyncWrite + Unpin + Send) -> Ended {
        let Self { peer, connection, out, heard, state, limits } = self;
        let (mut reading, mut writing) = io.split();
        let told = Told { peer, connection, heard };
        let end = tokio::select! {
            end = read(&mut reading, &told, &state, &limits) => end,
            end = write(&mut writing, out, &state, &limits) => end,
        };
        Ended { peer, connection, end }
    }
}

struct Told {
    peer: PeerId,
    connection: ConnectionId,
    heard: mpsc::Sender<Heard>,
}

async fn read<R>(io: &mut R, told: &Told, state: &State, limits: &Limits) -> End
where
    R: AsyncRead + Unpin + Send,
{
    let pace = limits.requests_per_second;
    let mut bucket = Bucket::new(pace, 2 * pace, Instant::now());
    loop {
        let max = || match state.introduced.load(Ordering::Relaxed) {
            true => FRAME_MAX + 1,
            false => INTRODUCTION_MAX,
        };
        let bytes = match frame::read(io, max).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return End::Closed,
            Err(error) => return broken(&error),
        };
        let Some(frame) = Frame::from_bytes(&bytes) else { return End::Breach };
        bucket.take(1, Instant::now());
        if let Some(wait) = bucket.wait(Instant::now()) {
            sleep(wait).await;
        }
        let (peer, connection) = (told.peer, told.connection);
        if told.heard.send(Heard { peer, connection, frame }).await.is_err() {
            return End::Closed; // the run loop is over
        }
    }
}

async fn write<W>(
    io: &mut W,
    mut out: mpsc::Receiver<(u8, Vec<u8>)>,
    state: &State,
    limits: &Limits,
) -> End
where
    W: AsyncWrite + Unpin + Send,
{
    while let Some((kind, bytes)) = out.recv().await {
        if let Err(error) = frame::write(io, &[&[kind], &bytes], limits.stall).await {
            return broken(&error);
        }
        state.written.fetch_add(1, Ordering::Relaxed);
    }
    let _ = timeout(FAREWELL, io.close()).await; // a peer that is gone needs no farewell
    End::Closed
}

fn broken(error: &io::Error) -> End {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::InvalidData => End::Breach,
        Kind::TimedOut => End::Broken("the peer takes nothing".into()),
        Kind::UnexpectedEof | Kind::ConnectionReset | Kind::BrokenPipe => End::Closed,
        Kind::ConnectionAborted | Kind::WriteZero | Kind::NotConnected => End::Closed,
        _ => End::Broken(error.to_string()),
    }
}

/// Reads frames as from a stream, before and after the introduction, until the bytes end or are none.
pub(crate) fn fuzz(bytes: &[u8]) {
    for max in [INTRODUCTION_MAX, FRAME_MAX + 1] {
        let mut io = futures::io::Cursor::new(bytes);
        // Bytes in memory are never waited for.
        while let Some(Ok(Some(frame))) = frame::read(&mut io, || max).now_or_never() {
            assert!(frame.len() <= max);
            let _ = Frame::from_bytes(&frame);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn frames_say_what_they_are() {
        let frame = Frame::Reply(Reply::Later);
        let (kind, mut bytes) = frame.to_bytes();
        bytes.insert(0, kind);
        assert_eq!(Frame::from_bytes(&bytes), Some(frame));
        bytes[0] = 2;
        assert_eq!(Frame::from_bytes(&bytes), None);
        assert_eq!(Frame::from_bytes(&[]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Frame::from_bytes(&bytes);
        }
    }
}
