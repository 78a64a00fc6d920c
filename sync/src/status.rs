//! Plain facts about peers, for screens and metrics.

use crate::{bulletin::BulletinKind, id::PublicKey, time::UnixMillis};

/// How things stand with one peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerStatus {
    /// Its key, once it has shown one.
    pub node: Option<PublicKey>,
    /// What it is, for people: `door B of venue 17`, `authority of region 1`, or its address.
    pub title: String,
    /// Whether it is there.
    pub link: Link,
    /// Since when the link is as it is.
    pub since: UnixMillis,
    /// Of a sibling: up to when all that it had written is known to be here, by its own signed word, told by itself or
    /// passed on by others. A link that is up says nothing of that while a backlog waits behind it. Of the
    /// authority's nodes, and at them: when something was last heard.
    pub heard: Option<UnixMillis>,
    /// Which version of each bulletin it is known to hold, by its own word or because it took it from this node.
    pub bulletins: Vec<(BulletinKind, u64)>,
    /// Until when it wants no visits, where it said so: too many deliver, or its store takes nothing.
    pub waits_until: Option<UnixMillis>,
}

/// Whether a peer is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// Connected and its membership checked.
    Up,
    /// Not connected; tried again by itself.
    Down {
        /// Why the last try or session ended, in words for an operator.
        reason: String,
    },
    /// Cut off: one side did not accept the other's membership.
    Refused {
        /// The stable word, such as `membership-expired`.
        word: String,
    },
}

/// All peers known, by title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeersStatus {
    /// Each peer once.
    pub peers: Vec<PeerStatus>,
    /// At the authority: who delivers and who waits.
    pub uploads: UploadsStatus,
}

/// Who delivers to a gateway, and who was told to come again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UploadsStatus {
    /// How many may deliver a backlog at once.
    pub places: usize,
    /// How many deliver.
    pub delivering: usize,
    /// How many were told to come again and have not yet.
    pub waiting: usize,
    /// How often somebody was told to, since the start.
    pub told: u64,
}

impl PeersStatus {
    /// How many are connected.
    pub fn up(&self) -> usize {
        self.peers.iter().filter(|p| p.link == Link::Up).count()
    }
}
