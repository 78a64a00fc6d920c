//! What a node shows and asks: pages, live events, TLS. No rule lives here.
//!
//! | module | what it is |
//! |---|---|
//! | `serve`, `tls` | the port, its limits, its certificate |
//! | `router`, `guard`, `caller`, `session`, `error` | who may ask what, and from where |
//! | `door`, `desk`, `venue`, `authority`, `trace`, `entry` | the pages, each with templates of its name |
//! | `anomalies`, `doors` | the other pages of the venue |
//! | `clicks`, `notes`, `occupancy` | what is counted and written by hand there, and how many are inside |
//! | `live`, `streams`, `waiting` | what changes on them without being asked |
//! | `health`, `metrics` | for supervisors and Prometheus |
//! | `language`, `text`, `date`, `sign`, `symbol`, `frame`, `asset`, `named` | how things are worded, drawn and named |

mod anomalies;
mod app;
mod asset;
mod authority;
mod caller;
mod clicks;
mod date;
mod desk;
mod door;
mod doors;
mod entry;
mod error;
mod frame;
mod guard;
mod health;
mod language;
mod live;
mod metrics;
mod named;
mod notes;
mod occupancy;
mod router;
mod serve;
mod session;
mod sign;
mod streams;
mod symbol;
mod text;
mod tls;
mod trace;
mod venue;
mod waiting;

#[cfg(test)]
mod tests;

use node_core::{authority::Authority, desk::Desk, pairing::PairingDesk};
use sync::{ledger::WallClock, status::PeersStatus};
use tokio::sync::watch;

pub use serve::{BindError, Web, WebConfig, bind};
pub use session::AccessError;
pub use tls::{Tls, TlsError, install_crypto};

/// What the pages show and ask; a part that is absent has no page.
#[derive(Clone)]
pub struct Services {
    /// The check-in desk of this node's door.
    pub door: Option<Desk>,
    /// Invites and removes doors, where this one holds the venue's manager's key.
    pub pairing: Option<PairingDesk>,
    /// The health authority's service.
    pub authority: Option<Authority>,
    /// How things stand with other nodes.
    pub peers: Option<watch::Receiver<PeersStatus>>,
    /// How things stand with the camera.
    pub scanner: Option<watch::Receiver<ScannerView>>,
    /// The time.
    pub clock: WallClock,
    /// The program's version.
    pub version: &'static str,
    /// The node's name for people, such as the first digits of its key.
    pub node: String,
    /// Whether the node does its work.
    pub ready: watch::Receiver<bool>,
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Services({})", self.node)
    }
}

/// The camera as screens show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScannerView {
    /// What it does, in words for an operator.
    pub state: String,
    /// Frames looked at.
    pub frames: u64,
    /// Frames passed over because a newer one had come.
    pub dropped: u64,
    /// Codes read.
    pub scans: u64,
    /// Times the source was lost.
    pub losses: u64,
    /// Median time to decode a frame, milliseconds.
    pub decode_p50_ms: u64,
    /// 95th percentile of the same.
    pub decode_p95_ms: u64,
    /// Median and 95th percentile of the time from a code's first sight to its scan, milliseconds; none before a scan.
    pub wait_ms: Option<(u64, u64)>,
    /// What would let it read better: a stable word such as `too-dark`.
    pub hint: Option<&'static str>,
    /// What it thinks of the poster at the door: `current`, `outdated`, `other-door`, `other-venue`, `broken`.
    pub poster: Option<&'static str>,
    /// What is wrong with it.
    pub trouble: Option<String>,
}
