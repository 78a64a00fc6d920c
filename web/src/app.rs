//! What every page and stream of one node shares.

use std::{net::IpAddr, sync::Arc};

use sync::time::UnixMillis;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Services, error::Failure, guard::Hosts, metrics::Metrics, session::Sessions, streams::Streams,
    waiting::Waiting,
};

/// The node as its pages see it.
pub(crate) struct App {
    pub(crate) services: Services,
    pub(crate) sessions: Sessions,
    pub(crate) hosts: Hosts,
    pub(crate) waiting: Waiting,
    pub(crate) metrics: Metrics,
    pub(crate) streams: Streams,
    /// What goes on to its end even if the reader who asked for it is gone.
    pub(crate) under_way: TaskTracker,
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

    /// Runs `work` to its end, also when the request that asks for it is given up: what is being made durable is
    /// not left half done. The serve loop waits for it before it returns.
    pub(crate) async fn finish<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Failure> {
        self.under_way.spawn(work).await.map_err(|error| Failure::internal(&error))
    }

    /// The name of the session cookie.
    pub(crate) fn session_cookie(&self) -> String {
        let prefix = if self.secure { "__Host-" } else { "" };
        format!("{prefix}session-{}", self.port)
    }
}
