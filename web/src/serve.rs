//! The port: bound early, served until told to stop, every connection within limits.

use std::{
    fs, io,
    net::{IpAddr, SocketAddr, UdpSocket},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use axum::Router;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use node_core::desk::Desk;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, broadcast::error::RecvError},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use crate::{
    Services,
    app::{App, Ends, Shared},
    guard::Hosts,
    metrics::Metrics,
    router::router,
    session::{AccessError, Sessions},
    streams::Streams,
    tls::{self, Certificate, Tls, TlsError},
    waiting::Waiting,
};

const CONNECTIONS_MAX: usize = 256;
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
const HEADER_MAX: Duration = Duration::from_secs(10);
const CERTIFICATE_LOOK: Duration = Duration::from_secs(5);
/// How long open requests have at the end.
const FAREWELL: Duration = Duration::from_secs(3);

/// Where and how the pages are served.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// The address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The certificate.
    pub tls: Tls,
    /// The file of the access key; made at the first start.
    pub access_file: PathBuf,
    /// Further names under which browsers reach this node.
    pub hosts: Vec<String>,
}

/// Why the pages cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Something else listens there.
    #[error("{0} is in use by another program; stop it or choose another port")]
    InUse(SocketAddr),
    /// The address cannot be bound.
    #[error("cannot listen on {address}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Plain HTTP would be reachable from outside.
    #[error("plain HTTP is for loopback addresses only, not for {0}; set a certificate")]
    PlainExposed(SocketAddr),
    /// The certificate.
    #[error("no certificate to serve with")]
    Certificate(#[from] TlsError),
    /// The TLS settings.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The access key.
    #[error("no access key")]
    Access(#[from] AccessError),
}

/// A bound port with everything that it needs; nothing is answered before [`Web::serve`].
pub struct Web {
    listener: TcpListener,
    addr: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    certificate: Option<Arc<Certificate>>,
    app: Shared,
}

impl std::fmt::Debug for Web {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Web({})", self.addr)
    }
}

/// Binds the port, and makes or loads certificate and access key.
///
/// # Errors
/// [`BindError`] names what is in the way, before anything runs.
pub async fn bind(config: WebConfig, services: Services) -> Result<Web, BindError> {
    tls::install_crypto();
    let plain = config.tls == Tls::PlainLoopback;
    if plain && !config.listen.ip().is_loopback() {
        return Err(BindError::PlainExposed(config.listen));
    }
    let own: Vec<IpAddr> = own_address(config.listen).into_iter().collect();
    let names = tls::names(&own, hostname().as_deref(), &config.hosts);
    let certificate = Certificate::open(&config.tls, &names)?;
    let acceptor = match &certificate {
        Some(certificate) => Some(TlsAcceptor::from(certificate.server_config()?)),
        None => None,
    };
    let sessions = Sessions::open(&config.access_file)?;
    let listener =
        TcpListener::bind(config.listen).await.map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse(config.listen),
            _ => BindError::Address { address: config.listen, source },
        })?;
    let addr = listener
        .local_addr()
        .map_err(|source| BindError::Address { address: config.listen, source })?;
    let app = Arc::new(App {
        services,
        sessions,
        hosts: Hosts::new(&names),
        waiting: Waiting::new(),
        metrics: Metrics::default(),
        streams: Streams::new(),
        under_way: TaskTracker::new(),
        closing: CancellationToken::new(),
        secure: !plain,
        port: addr.port(),
    });
    Ok(Web { listener, addr, acceptor, certificate, app })
}

impl Web {
    /// The bound address.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// A page's address as typed into a browser on this machine or, where the node listens on all addresses, in
    /// its network: `url("/door")`.
    pub fn url(&self, page: &str) -> String {
        let scheme = if self.acceptor.is_some() { "https" } else { "http" };
        let host = if self.addr.ip().is_unspecified() {
            own_address(self.addr).unwrap_or_else(|| loopback(self.addr))
        } else {
            self.addr.ip()
        };
        format!("{scheme}://{}{page}", SocketAddr::new(host, self.addr.port()))
    }

    /// The same with the access key: opens a session on the way. For the operator's eyes only.
    pub fn access_url(&self, page: &str) -> String {
        self.url(&format!("/enter?key={}&next={page}", self.app.sessions.key()))
    }

    /// The SHA-256 of the certificate as browsers show it; `None` for plain HTTP.
    pub fn fingerprint(&self) -> Option<String> {
        self.certificate.as_ref().and_then(|certificate| certificate.fingerprint())
    }

    /// Serves until `shutdown`, then lets open requests finish for three seconds.
    pub async fn serve(self, shutdown: CancellationToken) {
        let router = router(self.app.clone());
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut tasks = JoinSet::new();
        if let Some(desk) = self.app.services.door.clone() {
            tasks.spawn(listen(self.app.clone(), desk));
        }
        if let Some(certificate) = self.certificate.clone() {
            tasks.spawn(watch(certificate, self.app.closing.clone()));
        }
        loop {
            while tasks.try_join_next().is_some() {}
            let accepted = tokio::select! {
                () = shutdown.cancelled() => break,
                accepted = self.accept(&places) => accepted,
            };
            let Some((socket, ends, place)) = accepted else {
                tokio::time::sleep(Duration::from_millis(50)).await; // out of file handles: let some close
                continue;
            };
            let connection = Connection {
                router: router.clone(),
                acceptor: self.acceptor.clone(),
                closing: self.app.closing.clone(),
                ends,
            };
            tasks.spawn(async move {
                connection.run(socket).await;
                drop(place);
            });
        }
        drop(self.listener);
        self.app.closing.cancel();
        let all_done = async {
            while tasks.join_next().await.is_some() {}
            self.app.under_way.close();
            self.app.under_way.wait().await;
        };
        if tokio::time::timeout(FAREWELL, all_done).await.is_err() {
            tracing::warn!("some requests did not finish in time");
        }
    }

    async fn accept(
        &self,
        places: &Arc<Semaphore>,
    ) -> Option<(TcpStream, Ends, tokio::sync::OwnedSemaphorePermit)> {
        let place = places.clone().acquire_owned().await.ok()?;
        match self.listener.accept().await {
            Ok((socket, peer)) => {
                let own = socket.local_addr().map_or(self.addr.ip(), |addr| addr.ip());
                Some((socket, Ends { peer: peer.ip().to_canonical(), own }, place))
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                None
            }
        }
    }
}

/// One connection and what it needs.
struct Connection {
    router: Router,
    acceptor: Option<TlsAcceptor>,
    closing: CancellationToken,
    ends: Ends,
}

impl Connection {
    async fn run(self, socket: TcpStream) {
        let _ = socket.set_nodelay(true); // only a matter of speed
        let Some(acceptor) = self.acceptor.clone() else {
            return self.talk(socket).await;
        };
        match tokio::time::timeout(HANDSHAKE_MAX, acceptor.accept(socket)).await {
            Ok(Ok(stream)) => self.talk(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, peer = %self.ends.peer, "no TLS"),
            Err(_) => tracing::debug!(peer = %self.ends.peer, "TLS took too long"),
        }
    }

    async fn talk(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let ends = self.ends;
        let service = self.router.map_request(move |mut request: hyper::Request<_>| {
            request.extensions_mut().insert(ends);
            request
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_MAX)
            .max_buf_size(16 * 1024)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.closing.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, peer = %ends.peer, "connection ended");
        }
    }
}

/// Passes the door's news to the desk's screen and the counters.
async fn listen(app: Shared, desk: Desk) {
    let mut events = desk.events();
    loop {
        let event = tokio::select! {
            () = app.closing.cancelled() => return,
            event = events.recv() => event,
        };
        match event {
            Ok(event) => {
                app.metrics.hear(&event);
                app.waiting.hear(&event);
            }
            Err(RecvError::Lagged(missed)) => app.metrics.miss(missed),
            Err(RecvError::Closed) => return,
        }
    }
}

/// Looks for a new certificate every few seconds.
async fn watch(certificate: Arc<Certificate>, closing: CancellationToken) {
    while tokio::time::timeout(CERTIFICATE_LOOK, closing.cancelled()).await.is_err() {
        certificate.look();
    }
}

/// The address by which others reach this machine: the one it would send from.
fn own_address(listen: SocketAddr) -> Option<IpAddr> {
    if !listen.ip().is_unspecified() {
        return Some(listen.ip());
    }
    // Connecting a datagram socket sends nothing; the target is a documentation address (RFC 5737).
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|addr| addr.ip()).filter(|ip| !ip.is_unspecified())
}

const fn loopback(like: SocketAddr) -> IpAddr {
    match like {
        SocketAddr::V4(_) => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        SocketAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
    }
}

fn hostname() -> Option<String> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let name = name.trim().to_ascii_lowercase();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
    (!name.is_empty() && name.bytes().all(plain)).then_some(name)
}
