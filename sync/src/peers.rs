//! The node among its peers: starts the libp2p swarm, keeps sessions, reports how each peer stands.
//!
//! ```text
//! swarm events ─┐
//! streams ──────┤
//! ledger heads ─┼─▶ run ─▶ session (one each) ─▶ requests, replies, calls
//! ledger reads ─┤
//! ticks ────────┘
//! ```
//!
//! From the outside in: `transport`, `muxer`, `meter` carry bytes; `admission`, `limits`, `bucket` bound them;
//! `doorway`, `handler` are our part of the swarm; `frame`, `stream`, `wire`, `pack` what is said; `session` what to say;
//! `contacts`, `talks`, `deliveries` who is met; `uploads` who may deliver a backlog; `roll` who was heard of; `address`, `dialler`, `discovery` whom to call; `thrift` what it may
//! cost; `once` calls without a session; `inquiring` questions about typed numbers, `renewing` papers that end, `arriving`
//! what is held elsewhere.

mod address;
mod admission;
mod arriving;
mod bucket;
#[cfg(feature = "simulation")]
pub mod chance;
mod contacts;
mod deliveries;
pub mod dialler;
mod discovery;
mod doorway;
pub mod errand;
mod frame;
mod handler;
mod inquiring;
mod limits;
mod meter;
mod muxer;
pub mod once;
mod pack;
#[cfg(feature = "quic")]
mod quic;
mod renewing;
pub mod roll;
mod run;
pub mod session;
mod stream;
mod talks;
mod thrift;
mod transport;
mod uploads;
pub mod wire;

use std::{io, net::SocketAddr, sync::Arc};

use libp2p::identity::Keypair;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use self::{
    address::Names,
    admission::Admission,
    doorway::{Doorway, Kind},
    meter::Totals,
    run::{Parts, Run},
    transport::Connections,
};
pub use self::{
    arriving::Arrival,
    discovery::Discovery,
    inquiring::{Inquirer, InquiryCall, Unanswered},
    limits::Limits,
    meter::Traffic,
    once::{CallError, PairingCall, call_once},
    renewing::RenewalCall,
    thrift::Profile,
};
use crate::{
    ledger::{Ledger, WallClock},
    status::PeersStatus,
};

pub(crate) use stream::fuzz as fuzz_stream;

/// Where to listen, whom to call, and what it may cost.
#[derive(Clone, Debug, Default)]
pub struct PeersConfig {
    /// TCP addresses to listen on, and the same ports over UDP with the feature `quic`; port 0 lets the system
    /// choose.
    pub listen: Vec<SocketAddr>,
    /// Peers to call for ever. An entry is one peer: `host:port`, or several such with commas between them, which
    /// are tried in turn until one holds; `quic://host:port` with the feature `quic`.
    pub dial: Vec<String>,
    /// Whether to look for peers on the LAN.
    pub discovery: Discovery,
    /// What the network costs.
    pub profile: Profile,
    /// Who answers calls of nodes that are not yet members; without it there are none.
    pub pairing: Option<mpsc::Sender<PairingCall>>,
    /// Who answers doors' questions about typed numbers, at the authority; without it there is no answer.
    pub inquiries: Option<mpsc::Sender<InquiryCall>>,
    /// Who brings here what other nodes of the authority hold of a door's venue, before the door hears what is held;
    /// without it nobody is asked.
    pub arrivals: Option<mpsc::Sender<Arrival>>,
    /// Who signs anew the papers of doors whose end is near, at the authority; without it none are.
    pub renewals: Option<mpsc::Sender<RenewalCall>>,
    /// Whether the store behind an authority's node takes nothing just now: then hardly anybody is let deliver.
    pub strained: Option<watch::Receiver<bool>>,
    /// Bounds.
    pub limits: Limits,
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
    /// Not `host:port`, nor a list of such.
    #[error("peer address {0:?} is not of the form host:port")]
    Address(String),
    /// An address for QUIC, which this program was built without.
    #[error("peer address {0:?} needs a program built with the feature quic")]
    Quic(String),
    /// libp2p could not be set up.
    #[error("libp2p could not be set up: {0}")]
    Setup(String),
}

/// The running peers task.
#[derive(Debug)]
pub struct Peers {
    addresses: Vec<SocketAddr>,
    status: watch::Receiver<PeersStatus>,
    totals: Arc<Totals>,
    inquirer: Inquirer,
    task: JoinHandle<()>,
}

impl Peers {
    /// Listens, then starts calling. Returns when every address is bound. With the feature `quic` the crypto
    /// provider must be installed before.
    ///
    /// # Errors
    /// [`PeersError`] when an address is taken or malformed.
    pub async fn start(
        ledger: Ledger,
        config: PeersConfig,
        clock: WallClock,
        shutdown: CancellationToken,
    ) -> Result<Self, PeersError> {
        let totals = Arc::new(Totals::default());
        let identity = transport::identity(&ledger.charter().key)?;
        let connections = transport::connections(&identity, &config.limits, &totals)?;
        transport::check_free(&config.listen)?;
        let outer = Outer { connections, identity, totals, names: Names::System };
        Self::start_with(outer, ledger, config, clock, shutdown).await
    }

    /// The same over any transport of byte streams, such as a simulated TCP: encrypted and multiplexed as ever.
    /// Addresses are `ip:port` only, and nothing is looked for on the LAN.
    ///
    /// # Errors
    /// As [`Peers::start`].
    #[cfg(feature = "simulation")]
    pub async fn start_over<T>(
        ledger: Ledger,
        config: PeersConfig,
        clock: WallClock,
        shutdown: CancellationToken,
        raw: T,
    ) -> Result<Self, PeersError>
    where
        T: libp2p::Transport + Send + Unpin + 'static,
        T::Output: futures::AsyncRead + futures::AsyncWrite + Send + Unpin + 'static,
        T::Error: Send + Sync + 'static,
        T::Dial: Send + 'static,
        T::ListenerUpgrade: Send + 'static,
    {
        let totals = Arc::new(Totals::default());
        let identity = transport::identity(&ledger.charter().key)?;
        let connections = transport::over(raw, &identity, &config.limits, &totals)?;
        let outer = Outer { connections, identity, totals, names: Names::Literal };
        let config = PeersConfig { discovery: Discovery::Off, ..config };
        Self::start_with(outer, ledger, config, clock, shutdown).await
    }

    async fn start_with(
        outer: Outer,
        ledger: Ledger,
        config: PeersConfig,
        clock: WallClock,
        shutdown: CancellationToken,
    ) -> Result<Self, PeersError> {
        let Outer { connections, identity, totals, names } = outer;
        let quic = cfg!(feature = "quic") && names == Names::System;
        let mut offered = vec![Kind::Sync];
        offered.extend(config.pairing.is_some().then_some(Kind::Pair));
        let doorway = Doorway::new(Admission::new(config.limits.clone()), offered);
        let wanted = match config.profile {
            Profile::Open => config.discovery,
            Profile::Metered { .. } => Discovery::Off,
        };
        let lan = discovery::behaviour(wanted, identity.public().to_peer_id());
        let mut swarm = transport::swarm(connections, &identity, doorway, lan);
        let addresses = transport::listen(&mut swarm, &config.listen, quic).await?;
        let (status_out, status) = watch::channel(PeersStatus::default());
        let (inquirer, asks) = inquiring::channel();
        let totals_out = Arc::clone(&totals);
        let parts =
            Parts { swarm, ledger, clock, status: status_out, totals: totals_out, names, asks };
        let run = Run::new(parts, config)?;
        #[expect(clippy::disallowed_methods, reason = "kept, and awaited by `stopped`")]
        let task = tokio::task::spawn(run.until(shutdown));
        Ok(Self { addresses, status, totals, inquirer, task })
    }

    /// The addresses bound.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// How each peer stands.
    pub fn status(&self) -> watch::Receiver<PeersStatus> {
        self.status.clone()
    }

    /// Asks the authority about typed numbers.
    pub fn inquirer(&self) -> Inquirer {
        self.inquirer.clone()
    }

    /// Bytes sent and received over all connections since the start.
    pub fn traffic(&self) -> Traffic {
        self.totals.read()
    }

    /// Waits until the task has ended after its shutdown was asked for.
    pub async fn stopped(self) {
        if let Err(error) = self.task.await {
            tracing::error!(%error, "peers task ended badly");
        }
    }
}

/// What carries the swarm.
struct Outer {
    connections: Connections,
    identity: Keypair,
    totals: Arc<Totals>,
    names: Names,
}
