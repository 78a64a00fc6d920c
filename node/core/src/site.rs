//! The venue as one of its doors sees it: doors, counts, what the authority has, bulletins, clock, peers.

use std::collections::BTreeMap;

use sync::{
    id::{EntranceId, Epoch, PublicKey, RecordId, RegionId, VenueId, ZoneId},
    record::{AlertCause, ClockTrust, Direction, NoticeCause},
    time::{UnixMillis, Zone},
};

use crate::{
    announcements::Announcement, notes::FieldValue, policy::Working, standing::VenueStanding,
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
    /// The part of the venue that this entrance leads into; 0 where it has none.
    pub part: ZoneId,
    /// What kind of place it is.
    pub kind: VenueKind,
    /// The code of its activity, as its papers have it.
    pub activity: Option<String>,
    /// The area it stands in, as its papers have it.
    pub area: Option<String>,
    /// When the membership ends.
    pub expires: UnixMillis,
}

impl Site {
    /// What the region's measures know the venue by.
    pub fn working(&self) -> Working<'_> {
        let (activity, area) = (self.activity.as_deref(), self.area.as_deref());
        Working { venue: self.venue, activity, area }
    }
}

/// What kind of place a venue is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VenueKind {
    /// A building or a ground: it has an address and closes.
    #[default]
    Place,
    /// A bus or a train: it has neither; people get on and off by one door, and all off at the terminus.
    Vehicle,
}

/// What a door's screens show besides decisions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteView {
    /// People inside this door's part of the venue, by all records that are here.
    pub inside: u32,
    /// Each part of the venue: how many are inside at least and at most, and why the two differ. This door's own
    /// part is always among them, and first.
    pub occupancy: Vec<ZoneView>,
    /// One code in twice without an exit between, newest first, two hundred at most.
    pub duplicates: Vec<DuplicateView>,
    /// Since when a code may have been used at another door without this one knowing; `None` while all are heard.
    pub duplicates_possible_since: Option<UnixMillis>,
    /// What people must look at, newest first, two hundred at most.
    pub alerts: Vec<AlertView>,
    /// Nodes of which two starts write at once.
    pub clones: Vec<CloneView>,
    /// Doors that signed two different histories; both are kept.
    pub forked: Vec<String>,
    /// Records that were destroyed before the authority had them.
    pub gaps: Vec<GapView>,
    /// What doors of the venue have sent word of to the sanitary authority, newest first, fifty at most.
    pub notices: Vec<NoticeView>,
    /// The venue's documents: each field with the values that stand; more than one where people wrote at once.
    pub notes: BTreeMap<String, Vec<FieldValue>>,
    /// Each door of the venue of which this one has heard.
    pub doors: Vec<DoorView>,
    /// Visits of the whole venue that the authority has not yet acknowledged, as far as is known here.
    pub unacknowledged: u64,
    /// The oldest visits that the authority has not acknowledged, once they are near the end of their days.
    pub unsent: Option<UnsentView>,
    /// The bulletins held.
    pub bulletins: Vec<BulletinView>,
    /// How far the clock is believed; `None` before the first look.
    pub clock: Option<ClockTrust>,
    /// Why the last write to the disk failed, until one succeeds.
    pub disk: Option<String>,
    /// Whether this door's node was removed from the venue; then it admits nobody.
    pub removed: bool,
    /// How many tracing questions have looked into the venue, by the authority's word.
    pub asked: u64,
    /// How the authority says that the venue stands, where it does not simply take part.
    pub standing: Option<VenueStanding>,
    /// What the authority tells this venue, with the time until which it is shown.
    pub announcements: Vec<(UnixMillis, Announcement)>,
    /// Until when this node's papers hold, and whether that is soon; they are renewed while it runs.
    pub papers: Option<(UnixMillis, bool)>,
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

impl SiteView {
    /// The name of a door, or the beginning of its key.
    pub fn door_name(&self, node: &PublicKey) -> String {
        let named = self.doors.iter().find(|d| d.node == *node).map(|d| d.name.clone());
        named.unwrap_or_else(|| short(node))
    }
}

/// The beginning of a key, for who has no name.
pub(crate) fn short(node: &PublicKey) -> String {
    node.to_string()[..8].to_owned()
}

/// How many are inside one part of the venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneView {
    /// The part; 0 is the whole venue.
    pub zone: ZoneId,
    /// The most people inside, where a capacity is signed for today.
    pub most: Option<u32>,
    /// At least so many are inside.
    pub lo: u32,
    /// At most so many; `None` where nothing limits what an unseen door lets in.
    pub hi: Option<u32>,
    /// The doors that are not heard: why `lo` and `hi` differ.
    pub unseen: Vec<UnseenView>,
    /// How many more this door may let in by itself; `None` where nothing binds it.
    pub rights_here: Option<u32>,
    /// The numbers bind nobody: the policy says so, or no capacity is signed. Without a signed one, and unless the
    /// policy says otherwise, a door still turns people away when its own count has reached the venue's limit.
    pub advisory: bool,
}

/// A door that is not heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnseenView {
    /// Its name.
    pub door: String,
    /// Since when; `None` where it was never heard.
    pub since: Option<UnixMillis>,
}

/// One entry, as anomalies name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrossingView {
    /// The record: what [`crate::desk::Desk::void`] takes.
    pub visit: RecordId,
    /// When.
    pub at: UnixMillis,
    /// At which door.
    pub door: String,
}

/// One code in twice without an exit between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateView {
    /// The part of the venue.
    pub zone: ZoneId,
    /// The earlier entry.
    pub first: CrossingView,
    /// The later entry.
    pub second: CrossingView,
}

/// Something that people must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertView {
    /// When it was noticed.
    pub at: UnixMillis,
    /// The visit.
    pub visit: RecordId,
    /// When that was, where it is still held here.
    pub visit_at: Option<UnixMillis>,
    /// At which door the visit was.
    pub door: String,
    /// What about it.
    pub cause: AlertCause,
    /// Whether the authority says so; otherwise a door has found it.
    pub by_authority: bool,
}

/// Two starts of one node that write at once: its card was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloneView {
    /// The node.
    pub node: PublicKey,
    /// Its door's name.
    pub door: String,
    /// The two starts.
    pub epochs: [Epoch; 2],
    /// From when both wrote.
    pub from: UnixMillis,
    /// Until when both wrote.
    pub to: UnixMillis,
}

/// Records that were destroyed before the authority had them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapView {
    /// When that was noted.
    pub at: UnixMillis,
    /// Whose records.
    pub door: String,
    /// Of which day.
    pub day: sync::time::Day,
    /// How many.
    pub records: u64,
}

/// Word that was sent to the sanitary authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeView {
    /// Its record.
    pub id: RecordId,
    /// When it was sent.
    pub at: UnixMillis,
    /// By which door.
    pub door: String,
    /// Why.
    pub cause: NoticeCause,
    /// About which visit, written by now or not.
    pub of: Option<RecordId>,
    /// When the authority said that it has it; until then it waits for a network.
    pub received: Option<UnixMillis>,
}

/// Visits that will be destroyed before the authority has them, unless somebody carries them there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsentView {
    /// The oldest day of them.
    pub since: sync::time::Day,
    /// After how many more days it goes; with 0 at the end of today.
    pub days_left: u16,
}
