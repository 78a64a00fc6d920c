//! What every page and stream of one node shares.

use std::{net::IpAddr, sync::Arc};

use sync::time::UnixMillis;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::{Services, guard::Hosts, metrics::Metrics, session::Sessions, waiting::Waiting};

/// Live streams at once; a venue has a handful of screens.
pub(crate) const STREAMS_MAX: usize = 64;

/// The node as its pages see it.
pub(crate) struct App {
    pub(crate) services: Services,
    pub(crate) sessions: Sessions,
    pub(crate) hosts: Hosts,
    pub(crate) waiting: Waiting,
    pub(crate) metrics: Metrics,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) closing: CancellationToken,
    /// Whether the pages travel by TLS.
    pub(crate) secure: bool,
    /// The port: cookies are shared by all ports of a host, so their names tell nodes apart.
    pub(crate) port: u16,
}

/// How handlers hold it.
pub(crate) type Shared = Arc<App>;

/// One connection's ends, set by the serve loop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(crate) peer: IpAddr,
    pub(crate) own: IpAddr,
}

impl App {
    pub(crate) fn now(&self) -> UnixMillis {
        (self.services.clock)()
    }

    /// The name of the session cookie.
    pub(crate) fn session_cookie(&self) -> String {
        let prefix = if self.secure { "__Host-" } else { "" };
        format!("{prefix}session-{}", self.port)
    }
}
