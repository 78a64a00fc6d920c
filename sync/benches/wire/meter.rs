//! Counts bytes between two nodes, headers included.
//!
//! By itself through a relay: TCP's payload as it passes, and for every segment of at most 1,448 bytes the 52 bytes of
//! IPv4, TCP and its timestamps, and as many for an acknowledgement of every second segment. With
//! `VESTIBULE_BENCH_INTERFACE` (in a network namespace of its own, where nothing else is sent) the nodes talk
//! directly and the kernel's counters of that interface are read instead, less the link layer's 14 bytes a packet:
//!
//! ```text
//! unshare -n sh -c 'ip link set lo mtu 1500 gso_max_segs 1 up; VESTIBULE_BENCH_INTERFACE=lo cargo bench …'
//! ```

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinSet,
    time::{Instant, sleep},
};

const SEGMENT: u64 = 1_448;
const HEADERS: u64 = 52;
const LINK_LAYER: u64 = 14;

#[derive(Debug, Default)]
struct Counts {
    payload: AtomicU64,
    segments: AtomicU64,
}

/// Between one node that listens and one that calls.
pub(crate) struct Meter {
    counts: Arc<Counts>,
    interface: Option<String>,
    address: SocketAddr,
    _relay: JoinSet<()>,
}

impl Meter {
    /// Before a node that listens at `target`.
    pub(crate) async fn before(target: SocketAddr) -> Self {
        let counts = Arc::new(Counts::default());
        let mut relay = JoinSet::new();
        if let Ok(name) = std::env::var("VESTIBULE_BENCH_INTERFACE") {
            return Self { counts, interface: Some(name), address: target, _relay: relay };
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        relay.spawn(accept(listener, target, Arc::clone(&counts)));
        Self { counts, interface: None, address, _relay: relay }
    }

    /// Whom to call.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Bytes so far, headers included.
    pub(crate) fn bytes(&self) -> u64 {
        if let Some(name) = &self.interface {
            return interface_bytes(name);
        }
        let segments = self.counts.segments.load(Relaxed);
        self.counts.payload.load(Relaxed) + HEADERS * (segments + segments.div_ceil(2))
    }

    /// Waits until nothing has passed for so long; returns the bytes so far.
    pub(crate) async fn quiet(&self, lasting: Duration) -> u64 {
        let (mut bytes, mut since) = (self.bytes(), Instant::now());
        while since.elapsed() < lasting {
            sleep(Duration::from_millis(20)).await;
            if self.bytes() != bytes {
                (bytes, since) = (self.bytes(), Instant::now());
            }
        }
        bytes
    }
}

/// What an interface has received, without the link layer's headers. Of this process's network, unlike `/sys`.
fn interface_bytes(name: &str) -> u64 {
    let all = std::fs::read_to_string("/proc/net/dev").expect("the kernel's counts");
    let line = all.lines().find_map(|l| l.trim_start().strip_prefix(name)?.strip_prefix(':'));
    let mut numbers = line.expect("an interface of that name").split_whitespace().map(str::parse);
    let mut next = || -> u64 { numbers.next().and_then(Result::ok).expect("a number") };
    let (bytes, packets) = (next(), next());
    bytes - LINK_LAYER * packets
}

async fn accept(listener: TcpListener, target: SocketAddr, counts: Arc<Counts>) {
    let mut pipes = JoinSet::new();
    while let Ok((caller, _)) = listener.accept().await {
        let counts = Arc::clone(&counts);
        pipes.spawn(async move {
            let Ok(called) = TcpStream::connect(target).await else { return };
            let _ = (caller.set_nodelay(true), called.set_nodelay(true));
            let ((from, to), (back, answer)) = (caller.into_split(), called.into_split());
            tokio::select! {
                () = pipe(from, answer, &counts) => {}
                () = pipe(back, to, &counts) => {}
            }
        });
    }
}

async fn pipe(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, counts: &Counts) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        counts.payload.fetch_add(length as u64, Relaxed);
        counts.segments.fetch_add((length as u64).div_ceil(SEGMENT), Relaxed);
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
