//! A TCP link that counts its connections and can turn into a black hole: up by every sign, but nothing passes.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpSocket, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    /// How often the link was swallowed; connections older than the last time stay black for good.
    holes: watch::Sender<usize>,
    open: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Relay {
    pub(crate) async fn to(target: SocketAddr) -> Self {
        Self::between(Ipv4Addr::LOCALHOST, target).await
    }

    /// The same, arriving from this address.
    pub(crate) async fn between(source: Ipv4Addr, target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (holes, seen) = watch::channel(0);
        let open = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&open);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut carried = JoinSet::new();
            while let Ok((arriving, _)) = listener.accept().await {
                let (seen, counted) = (seen.clone(), Arc::clone(&counted));
                carried.spawn(async move {
                    let socket = TcpSocket::new_v4().unwrap();
                    socket.bind((source, 0).into()).unwrap();
                    let Ok(leaving) = socket.connect(target).await else { return };
                    counted.fetch_add(1, Ordering::SeqCst);
                    carry(arriving, leaving, seen).await;
                    counted.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { address, holes, open, _tasks: tasks }
    }

    /// What is connected now carries nothing any more, and does not break either. New connections do.
    pub(crate) fn swallow(&self) {
        self.holes.send_modify(|n| *n += 1);
    }

    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

async fn carry(arriving: TcpStream, leaving: TcpStream, holes: watch::Receiver<usize>) {
    let born = *holes.borrow();
    let (from_a, to_a) = arriving.into_split();
    let (from_b, to_b) = leaving.into_split();
    tokio::select! {
        () = pass(from_a, to_b, holes.clone(), born) => {}
        () = pass(from_b, to_a, holes, born) => {}
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    holes: watch::Receiver<usize>,
    born: usize,
) {
    let mut buffer = vec![0; 8 << 10];
    loop {
        let count = from.read(&mut buffer).await.unwrap_or(0);
        let black = *holes.borrow() != born;
        match (count, black) {
            (0, false) => return,
            (0, true) => std::future::pending().await, // not even the end is passed on
            (_, true) => {}
            (count, false) => {
                if to.write_all(&buffer[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}
