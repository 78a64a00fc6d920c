//! The venue as one of its doors sees it: doors, counts, what the authority has, bulletins, clock, peers.

use sync::{
    id::{EntranceId, PublicKey, RegionId, VenueId},
    record::{ClockTrust, Direction},
    time::{UnixMillis, Zone},
};

/// The venue and this door, from the node's own checked membership. Never changes while it runs.
#[derive(Clone, Debug)]
pub struct Site {
    /// The region.
    pub region: RegionId,
    /// The venue.
    pub venue: VenueId,
    /// The venue's name.
    pub venue_name: String,
    /// Its time zone.
    pub zone: Zone,
    /// The most people allowed inside, where there is a limit.
    pub capacity: Option<u32>,
    /// This entrance.
    pub entrance: EntranceId,
    /// This entrance's name.
    pub entrance_name: String,
    /// Which way it leads.
    pub direction: Direction,
    /// When the membership ends.
    pub expires: UnixMillis,
}

/// What a door's screens show besides decisions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteView {
    /// People inside, as far as this door knows.
    pub inside: u32,
    /// Each door of the venue of which this one has heard.
    pub doors: Vec<DoorView>,
    /// Visits of the whole venue that the authority has not yet acknowledged, as far as is known here.
    pub unacknowledged: u64,
    /// The bulletins held.
    pub bulletins: Vec<BulletinView>,
    /// How far the clock is believed; `None` before the first look.
    pub clock: Option<ClockTrust>,
    /// Why the last write to the disk failed, until one succeeds.
    pub disk: Option<String>,
}

/// One door of the venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorView {
    /// Its node.
    pub node: PublicKey,
    /// Its entrance's name.
    pub name: String,
    /// Whether it is this one.
    pub own: bool,
    /// Entries seen today.
    pub entries: u64,
    /// Exits seen today.
    pub exits: u64,
    /// Refusals seen today.
    pub refusals: u64,
    /// Visits held here that the authority has not acknowledged.
    pub unacknowledged: u64,
    /// Its latest visit held here.
    pub last_visit: Option<UnixMillis>,
}

/// One bulletin held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulletinView {
    /// The stable word of its kind: `policy`, `trust`, `tracing-keys`, `revocations`.
    pub kind: &'static str,
    /// Its version.
    pub version: u64,
    /// When it was signed.
    pub issued_at: UnixMillis,
    /// Until when it counts as current.
    pub not_after: UnixMillis,
}
