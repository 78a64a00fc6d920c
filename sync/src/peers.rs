//! The node among its peers: starts the libp2p swarm, keeps sessions, reports how each peer stands.
//!
//! ```text
//! swarm events ─┐
//! ledger heads ─┼─▶ run ─▶ session (one each) ─▶ requests, replies, dials
//! ledger reads ─┤
//! ticks ────────┘
//! ```

pub mod dialler;
mod run;
pub mod session;
mod transport;
pub mod wire;

use std::{io, net::SocketAddr};

use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    ledger::{Ledger, WallClock},
    status::PeersStatus,
};

/// Where to listen and whom to call.
#[derive(Clone, Debug)]
pub struct PeersConfig {
    /// TCP addresses to listen on; port 0 lets the system choose.
    pub listen: Vec<SocketAddr>,
    /// Peers to call, as `host:port`; each is called again for ever.
    pub dial: Vec<String>,
    /// The most sessions at once.
    pub sessions_max: u32,
}

/// Why the node could not go among its peers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeersError {
    /// The address cannot be listened on.
    #[error("cannot listen for peers on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// Not `host:port`.
    #[error("peer address {0:?} is not of the form host:port")]
    Address(String),
    /// libp2p could not be set up.
    #[error("libp2p could not be set up: {0}")]
    Setup(String),
}

/// The running peers task.
#[derive(Debug)]
pub struct Peers {
    addresses: Vec<SocketAddr>,
    status: watch::Receiver<PeersStatus>,
    task: JoinHandle<()>,
}

impl Peers {
    /// Listens, then starts calling. Returns when every address is bound.
    ///
    /// # Errors
    /// [`PeersError`] when an address is taken or malformed.
    pub async fn start(
        ledger: Ledger,
        config: PeersConfig,
        clock: WallClock,
        shutdown: CancellationToken,
    ) -> Result<Self, PeersError> {
        config.dial.iter().try_for_each(|a| transport::check_address(a))?;
        let mut swarm = transport::swarm(&ledger.charter().key, config.sessions_max)?;
        let addresses = transport::listen(&mut swarm, &config.listen).await?;
        let (status_out, status) = watch::channel(PeersStatus::default());
        let run = run::Run::new(swarm, ledger, config.dial, clock, status_out);
        #[expect(clippy::disallowed_methods, reason = "kept, and awaited by `stopped`")]
        let task = tokio::task::spawn(run.until(shutdown));
        Ok(Self { addresses, status, task })
    }

    /// The addresses bound.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// How each peer stands.
    pub fn status(&self) -> watch::Receiver<PeersStatus> {
        self.status.clone()
    }

    /// Waits until the task has ended after its shutdown was asked for.
    pub async fn stopped(self) {
        if let Err(error) = self.task.await {
            tracing::error!(%error, "peers task ended badly");
        }
    }
}
