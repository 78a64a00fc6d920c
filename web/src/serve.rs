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
use node_core::{
    authority::{
        officers::Offices,
        passkeys::{ConsoleError, Party},
    },
    booth::Booth,
    desk::Desk,
};
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
    app::{App, Ends, Passkeys, Shared},
    challenge::Challenges,
    frames::Readers,
    guard::Hosts,
    metrics::Metrics,
    router::{router, visitors_router},
    secret::{SecretError, Secrets},
    session::{AccessError, Sessions},
    setup::{self, SetUp},
    streams::Streams,
    tls::{self, Certificate, Tls, TlsError},
    tries::Tries,
    visitor::{Lobby, why::Whys},
    waiting::Waiting,
};

const CONNECTIONS_MAX: usize = 256;
/// Connections of visitors' phones at once, beside those of the pages for staff.
const VISITORS_MAX: usize = 128;
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
    /// How long a session of the staff lasts while nobody asks for anything.
    pub idle: Duration,
    /// Where the visitors' pages are served in plain HTTP besides; none.
    pub visitors: Option<SocketAddr>,
    /// How officers of the authority sign in.
    pub passkeys: PasskeyConfig,
}

/// How officers sign in by passkey.
#[derive(Clone, Debug, Default)]
pub struct PasskeyConfig {
    /// The address under which they open the console; by itself, that of a node on loopback.
    pub console: Option<String>,
    /// Who signs in with a passkey alone.
    pub required_of: Offices,
}

impl PasskeyConfig {
    /// The console's party on a node that listens here. Who must not sign in otherwise needs one.
    fn party(&self, listen: SocketAddr, plain: bool) -> Result<Option<Party>, BindError> {
        let scheme = if plain { "http" } else { "https" };
        match &self.console {
            Some(console) => Ok(Some(Party::of(console)?)),
            None if listen.ip().is_loopback() => {
                Ok(Some(Party::of(&format!("{scheme}://localhost:{}", listen.port()))?))
            }
            None if self.required_of.is_empty() => Ok(None),
            None => Err(BindError::NoConsole),
        }
    }
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
    /// Secrets cannot be hashed.
    #[error("PINs and passwords cannot be compared: {0}")]
    Secrets(String),
    /// The system gave no random bytes.
    #[error("no random bytes for a set-up code")]
    Random(#[source] getrandom::Error),
    /// No passkey can be made at the console's address.
    #[error("the console's address")]
    Console(#[from] ConsoleError),
    /// Passkeys are demanded, and there is no address at which browsers make some.
    #[error("officers must sign in by passkey, and the console has no address to do so")]
    NoConsole,
}

/// A bound port with everything that it needs; nothing is answered before [`Web::serve`].
pub struct Web {
    listener: TcpListener,
    visitors: Option<TcpListener>,
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
    let console = config.passkeys.console.as_deref().map(Party::of).transpose()?;
    let console_host = console.as_ref().map(|party| party.id().to_owned());
    let further: Vec<String> = config.hosts.iter().cloned().chain(console_host).collect();
    let names = tls::names(&own, hostname().as_deref(), &further);
    let certificate = Certificate::open(&config.tls, &names)?;
    let acceptor = match &certificate {
        Some(certificate) => Some(TlsAcceptor::from(certificate.server_config()?)),
        None => None,
    };
    let idle = i64::try_from(config.idle.as_millis()).unwrap_or(i64::MAX);
    let sessions = Sessions::open(&config.access_file, idle)?;
    let secrets =
        Secrets::new().map_err(|error: SecretError| BindError::Secrets(error.to_string()))?;
    let set_up = SetUp::new().map_err(BindError::Random)?;
    let (listener, addr) = listen_at(config.listen).await?;
    let visitors = match config.visitors {
        Some(at) => Some(listen_at(at).await?),
        None => None,
    };
    let party = config.passkeys.party(addr, plain)?;
    let challenges = Challenges::new().map_err(BindError::Random)?;
    let passkeys = Passkeys { party, required_of: config.passkeys.required_of, challenges };
    let open = visitors.as_ref().map(|(_, at)| ("http", *at));
    let scheme = if plain { "http" } else { "https" };
    let address = match &services.visitors.address {
        Some(address) => address.trim_end_matches('/').to_owned(),
        None => {
            let (scheme, at) = open.unwrap_or((scheme, addr));
            let at = reached_at(at).unwrap_or(at);
            if (scheme, at.port()) == ("http", 80) {
                format!("{scheme}://{}", host_of(at.ip()))
            } else {
                format!("{scheme}://{at}")
            }
        }
    };
    let booth = Booth::open().map_err(AccessError::Random)?;
    let lobby = Lobby { booth: Arc::new(booth), whys: Whys::default(), address };
    let hosts = address_host(&lobby.address).map(str::to_owned);
    let names: Vec<String> = names.into_iter().chain(hosts).collect();
    let tries = Tries::at(services.door.as_ref()).await;
    let app = Arc::new(App {
        services,
        sessions,
        secrets,
        set_up,
        tries,
        passkeys,
        staffing: tokio::sync::Mutex::new(()),
        home: console.map_or_else(|| home(addr, !plain), |party| party.origin().to_owned()),
        hosts: Hosts::new(&names),
        waiting: Waiting::new(),
        metrics: Metrics::default(),
        streams: Streams::new(),
        lobby,
        readers: Readers::new(),
        under_way: TaskTracker::new(),
        closing: CancellationToken::new(),
        secure: !plain,
        port: addr.port(),
    });
    let visitors = visitors.map(|(listener, _)| listener);
    Ok(Web { listener, visitors, addr, acceptor, certificate, app })
}

async fn listen_at(at: SocketAddr) -> Result<(TcpListener, SocketAddr), BindError> {
    let listener = TcpListener::bind(at).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => BindError::InUse(at),
        _ => BindError::Address { address: at, source },
    })?;
    let bound = listener.local_addr();
    let addr = bound.map_err(|source| BindError::Address { address: at, source })?;
    Ok((listener, addr))
}

/// The host of an address such as `http://door.example:8080`.
fn address_host(address: &str) -> Option<&str> {
    let host = address.split_once("://")?.1;
    Some(host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|b| b.is_ascii_digit()) { name } else { host }
    }))
}

fn host_of(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

impl Web {
    /// The bound address.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// A page's address as typed into a browser on this machine or, where the node listens on all addresses, in
    /// its network: `url("/door")`.
    pub fn url(&self, page: &str) -> String {
        format!("{}{page}", self.app.home)
    }

    /// The code that makes the first manager, where this door keeps the staff and has none. For the operator's eyes only.
    pub fn set_up_code(&self) -> Option<String> {
        self.app.set_up_code().map(str::to_owned)
    }

    /// How long [`Web::set_up_code`] holds after the start.
    pub const SET_UP_HOLDS: Duration = setup::HOLDS;

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
        let open_router = visitors_router(self.app.clone());
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let visitors_places = Arc::new(Semaphore::new(VISITORS_MAX));
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
                accepted = self.accept(&self.listener, &places, self.acceptor.is_some()) => (accepted, false),
                accepted = self.accept_visitor(&visitors_places) => (accepted, true),
            };
            let (Some((socket, ends, place)), open) = accepted else {
                tokio::time::sleep(Duration::from_millis(50)).await; // out of file handles: let some close
                continue;
            };
            let connection = Connection {
                router: if open { open_router.clone() } else { router.clone() },
                acceptor: self.acceptor.clone().filter(|_| !open),
                closing: self.app.closing.clone(),
                ends,
            };
            tasks.spawn(async move {
                connection.run(socket).await;
                drop(place);
            });
        }
        drop((self.listener, self.visitors));
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

    /// Accepts a visitor's phone; waits for ever where there is no such port.
    async fn accept_visitor(
        &self,
        places: &Arc<Semaphore>,
    ) -> Option<(TcpStream, Ends, tokio::sync::OwnedSemaphorePermit)> {
        match &self.visitors {
            Some(listener) => self.accept(listener, places, false).await,
            None => std::future::pending().await,
        }
    }

    async fn accept(
        &self,
        listener: &TcpListener,
        places: &Arc<Semaphore>,
        secret: bool,
    ) -> Option<(TcpStream, Ends, tokio::sync::OwnedSemaphorePermit)> {
        let place = places.clone().acquire_owned().await.ok()?;
        match listener.accept().await {
            Ok((socket, peer)) => {
                let own = socket.local_addr().map_or(self.addr.ip(), |addr| addr.ip());
                Some((socket, Ends { peer: peer.ip().to_canonical(), own, secret }, place))
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
    let (mut events, mut view) = (desk.events(), desk.view());
    loop {
        let event = tokio::select! {
            () = app.closing.cancelled() => return,
            event = events.recv() => event,
            Ok(()) = view.changed() => {
                app.waiting.poke();
                continue;
            }
        };
        match event {
            Ok(event) => {
                app.metrics.hear(&event);
                app.waiting.hear(&event);
                app.lobby.whys.hear(&event);
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

/// Where others reach what listens at `listen`: with this machine's own address where it listens on all.
pub fn reached_at(listen: SocketAddr) -> Option<SocketAddr> {
    own_address(listen).map(|ip| SocketAddr::new(ip, listen.port()))
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

/// Where browsers in the network reach a bound address.
fn home(addr: SocketAddr, secure: bool) -> String {
    let host = if addr.ip().is_unspecified() {
        own_address(addr).unwrap_or_else(|| loopback(addr))
    } else {
        addr.ip()
    };
    let scheme = if secure { "https" } else { "http" };
    format!("{scheme}://{}", SocketAddr::new(host, addr.port()))
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
