//! A whole region on loopback: an authority, a venue with two doors, and visitors whose codes go through the
//! real scanner. Only the camera is replayed: frames are rendered, everything behind them is the product.

pub mod crowd;
pub mod region;
mod summary;
mod visitor;

use std::{net::SocketAddr, path::Path, time::Duration};

use scanner::{SourceConfig, staged};

use crate::{
    config::{Config, ConfigError},
    start::{Node, StartError, start},
};
use region::{DoorPlan, Founded, RegionError, RegionPlan};

pub use crowd::Crowd;
pub use summary::Summary;

/// Frames that may wait in front of a door's scanner.
const FRAMES_WAITING: usize = 1;
/// Policy, trust list, revocations and tracing keys.
const BULLETINS: usize = 4;
/// How long a door of the demo waits for them.
const LISTS_PATIENCE: Duration = Duration::from_secs(20);

/// Whether the demo serves pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pages {
    /// Every node does, on loopback.
    Served,
    /// None does.
    Off,
}

/// Why the demo did not start or did not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// The region could not be founded.
    #[error(transparent)]
    Region(#[from] RegionError),
    /// A configuration that was just written cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A node did not start.
    #[error("the {node} did not start")]
    Start {
        /// Which.
        node: &'static str,
        /// Why not.
        source: StartError,
    },
    /// The nodes did not come to agree.
    #[error("the nodes did not agree within {0:?}")]
    Disagreement(Duration),
    /// The authority did not answer.
    #[error("the authority did not answer the tracing question")]
    Trace(#[from] node_core::authority::trace::TraceError),
    /// A code could not be drawn.
    #[error("a visitor's code could not be drawn")]
    Stage(#[from] scanner::StageError),
    /// A door stopped scanning.
    #[error("a door stopped scanning")]
    DoorGone,
}

/// The running demo.
#[derive(Debug)]
pub struct Demo {
    /// The authority.
    pub authority: Node,
    /// Door A: in.
    pub door_a: Door,
    /// Door B: in and out.
    pub door_b: Door,
    /// What the region was founded with.
    pub founded: Founded,
    /// Visits that the authority held of earlier runs in the same folder.
    pub visits_before: u64,
    /// People whom earlier runs left inside.
    pub inside_before: u64,
}

/// A door with its staged camera.
#[derive(Debug)]
pub struct Door {
    /// The node.
    pub node: Node,
    /// Where frames go in.
    pub camera: std::sync::mpsc::SyncSender<scanner::Luma>,
}

impl Demo {
    /// Founds the region in `folder` and starts its three nodes.
    ///
    /// # Errors
    /// [`DemoError`] says which part did not start.
    pub async fn start(folder: &Path, pages: Pages) -> Result<Self, DemoError> {
        let plan = RegionPlan {
            // Door A holds the manager's key, so that its pages can invite another.
            doors: vec![
                DoorPlan { manager: true, ..DoorPlan::named("A", "in") },
                DoorPlan::named("B", "both"),
            ],
            pages,
            ..RegionPlan::default()
        };
        let founded = region::found(folder, &plan)?;
        let config = Config::load(&founded.authority.config)?;
        let authority = begin("authority", config, None).await?;
        let to_authority = authority.peer_addresses().to_vec();
        let door_a = Self::door("door A", &founded, 0, &to_authority).await?;
        let to_a = door_a.node.peer_addresses().to_vec();
        let both: Vec<SocketAddr> = to_authority.into_iter().chain(to_a).collect();
        let door_b = Self::door("door B", &founded, 1, &both).await?;
        let visits_before =
            authority.authority.as_ref().map_or(0, |a| a.overview().borrow().visits);
        let inside = |node: &Node| node.desk.as_ref().map_or(0, |d| d.view().borrow().inside);
        let inside_before = u64::from(inside(&door_a.node).max(inside(&door_b.node)));
        Ok(Self { authority, door_a, door_b, founded, visits_before, inside_before })
    }

    async fn door(
        name: &'static str,
        founded: &Founded,
        which: usize,
        dial: &[SocketAddr],
    ) -> Result<Door, DemoError> {
        let mut config = Config::load(&founded.doors[which].config)?;
        if let Some(peers) = &mut config.peers {
            peers.dial = dial.iter().map(SocketAddr::to_string).collect();
        }
        let (camera, source) = staged(FRAMES_WAITING);
        let node = begin(name, config, Some(source)).await?;
        has_lists(&node).await;
        Ok(Door { node, camera })
    }

    /// Stops the doors, then the authority.
    pub async fn shutdown(self) {
        let Self { authority, door_a, door_b, .. } = self;
        drop((door_a.camera, door_b.camera));
        tokio::join!(door_a.node.shutdown(), door_b.node.shutdown());
        authority.shutdown().await;
    }
}

/// Waits until a door has the region's bulletins, or for a while: whoever came before them would be told that its lists are
/// out of date.
async fn has_lists(door: &Node) {
    let Some(desk) = &door.desk else { return };
    let mut view = desk.view();
    let all = view.wait_for(|view| view.bulletins.len() >= BULLETINS);
    let _in_time_or_not = tokio::time::timeout(LISTS_PATIENCE, all).await;
}

async fn begin(
    name: &'static str,
    config: Config,
    frames: Option<SourceConfig>,
) -> Result<Node, DemoError> {
    Box::pin(start(config, frames)).await.map_err(|source| DemoError::Start { node: name, source })
}
