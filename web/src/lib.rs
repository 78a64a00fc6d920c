//! What a node shows and asks: pages, live events, TLS. No rule lives here.
//!
//! | module | what it is |
//! |---|---|
//! | `serve`, `tls` | the port, its limits, its certificate |
//! | `router`, `guard`, `caller`, `role`, `session`, `error` | who may ask what, and from where |
//! | `known`, `secret`, `challenge`, `setup`, `tries` | how people prove who they are, and what holds guesses back |
//! | `door`, `desk`, `venue`, `authority`, `trace`, `entry` | the pages, each with templates of its name |
//! | `anomalies`, `doors`, `staff`, `audit` | the other pages of the venue |
//! | `account`, `binding` | a person's own account, and how one gets it |
//! | `flow`, `evacuation`, `standing`, `wizard`, `care` | what the manager looks after |
//! | `officers`, `casework`, `board`, `participation`, `logbook`, `programs` | the authority's people and work |
//! | `api` | the same for programs, with bearer tokens |
//! | `training`, `sheet`, `slip` | the lesson, the paper sheet and the day pass: to be printed |
//! | `idcheck`, `lookup`, `family` | typed numbers, elders and children, families at the desk |
//! | `aside`, `notices`, `frames` | at the desk: who waits, word to the sanitary authority, a browser's camera |
//! | `faults` | what is wrong with the node, in words for whoever stands before it |
//! | `clicks`, `notes`, `occupancy` | what is counted and written by hand there, and how many are inside |
//! | `live`, `streams`, `waiting` | what changes on them without being asked |
//! | `visitor` | the open pages for visitors' phones: check-in, pass, receipt, self-check |
//! | `office` | the authority's register of venues, people, tokens, bulletins; the visitors' wallet |
//! | `poster` | the sheet for the wall, as SVG and PDF |
//! | `health`, `metrics` | for supervisors and Prometheus |
//! | `language`, `text`, `date`, `sign`, `symbol`, `frame`, `asset`, `named` | how things are worded, drawn and named |

mod account;
mod anomalies;
mod api;
mod app;
mod aside;
mod asset;
mod audit;
mod authority;
mod binding;
mod board;
mod caller;
mod care;
mod casework;
mod challenge;
mod clicks;
mod date;
mod desk;
mod door;
mod doors;
mod entry;
mod error;
mod evacuation;
mod family;
mod faults;
mod flow;
mod frame;
mod frames;
mod guard;
mod health;
mod house;
mod idcheck;
mod known;
mod language;
mod live;
mod logbook;
mod lookup;
mod metrics;
mod named;
mod notes;
mod notices;
mod occupancy;
mod office;
mod officers;
mod participation;
pub mod poster;
mod programs;
mod role;
mod router;
mod secret;
mod serve;
mod session;
mod setup;
mod sheet;
mod sign;
mod slip;
mod staff;
mod standing;
mod streams;
mod symbol;
mod text;
mod tls;
mod trace;
mod training;
mod tries;
mod venue;
mod visitor;
mod waiting;
mod wizard;

#[cfg(test)]
mod tests;

use std::{pin::Pin, sync::Arc};

use node_core::{authority::Authority, desk::Desk, pairing::PairingDesk};
use sync::{ledger::WallClock, status::PeersStatus};
use tokio::sync::watch;

pub use care::LAST_BACKUP;
pub use frames::{FrameError, Frames, Looked, OpenFrames};
pub use serve::{BindError, PasskeyConfig, Web, WebConfig, bind, reached_at};
pub use session::AccessError;
pub use tls::{Tls, TlsError, install_crypto};
pub use visitor::Visitors;

/// Makes a bundle's bytes, or says why not, for the log.
pub type BundleMaker =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Vec<u8>, String>> + Send>> + Send + Sync>;

/// What the pages show and ask; a part that is absent has no page.
#[derive(Clone)]
pub struct Services {
    /// The check-in desk of this node's door.
    pub door: Option<Desk>,
    /// Invites and removes doors, where this one holds the venue's manager's key.
    pub pairing: Option<PairingDesk>,
    /// Makes a bundle of what the authority lacks, where this is a door.
    pub bundle: Option<BundleMaker>,
    /// The health authority's service.
    pub authority: Option<Authority>,
    /// How things stand with other nodes.
    pub peers: Option<watch::Receiver<PeersStatus>>,
    /// How things stand with the camera.
    pub scanner: Option<watch::Receiver<ScannerView>>,
    /// What visitors' phones see and use.
    pub visitors: Visitors,
    /// Opens a reader for the frames of a browser's camera, where this node reads codes from pictures.
    pub frames: Option<OpenFrames>,
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
