//! Who belongs: the region's root signs a venue, the venue's manager signs its doors.
//!
//! ```text
//! region root ──signs──▶ VenueGrant {manager key} ──manager signs──▶ DoorGrant {node key}
//!             └─signs──▶ AuthorityGrant {node key}
//! ```
//! A [`Membership`] is the unchecked chain as it travels; a [`Member`] is what remains after the check.

use data_encoding::BASE64URL_NOPAD;
use minicbor::{Decode, Encode};

use crate::{
    id::{EntranceId, PublicKey, RegionId, VenueId},
    key::{OpenError, Signed, Statement, encode},
    order::ENTRANCES_MAX,
    record::Direction,
    time::{DAY_MILLIS, UnixMillis, Zone},
};

/// The longest encoded membership that is accepted, bytes.
pub const MEMBERSHIP_MAX: usize = 2048;
/// So long before their end papers are renewed, ms; those that hold for less than three times as long, in their last third.
const RENEWED_BEFORE_MILLIS: i64 = 30 * DAY_MILLIS;
const NAME_MAX: usize = 120;
const TEXT_PREFIX: &str = "vestibule-membership:1:";

/// The region's word about a venue.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct VenueGrant {
    /// Its region.
    #[n(0)]
    pub region: RegionId,
    /// Its number there.
    #[n(1)]
    pub venue: VenueId,
    /// Its name, for people.
    #[n(2)]
    pub name: String,
    /// Its IANA time zone, such as `Asia/Almaty`.
    #[n(3)]
    pub zone: String,
    /// The manager's key, which may sign doors.
    #[n(4)]
    pub manager: PublicKey,
    /// The most people allowed inside, where there is a limit.
    #[n(5)]
    pub capacity: Option<u32>,
    /// Valid from.
    #[n(6)]
    pub not_before: UnixMillis,
    /// Valid until.
    #[n(7)]
    pub not_after: UnixMillis,
    /// How many entrances the manager may enrol, numbered from 1; [`ENTRANCES_MAX`] where nothing is said.
    #[n(8)]
    pub doors: Option<u16>,
    /// The code of its activity, such as `56.10.1`, by which the region's measures know it.
    #[n(9)]
    pub activity: Option<String>,
    /// The area it stands in, by which the region's measures know its zone.
    #[n(10)]
    pub area: Option<String>,
}

impl VenueGrant {
    /// The highest number that an entrance may have.
    pub fn last_entrance(&self) -> EntranceId {
        let most = ENTRANCES_MAX as u16;
        EntranceId::new(self.doors.map_or(most, |doors| doors.min(most)))
    }
}

impl Statement for VenueGrant {
    const CONTEXT: &'static str = "vestibule/venue-grant/1";
}

/// The manager's word about one door's node.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DoorGrant {
    /// The venue, again, so that a manager of two cannot mix them up.
    #[n(0)]
    pub venue: VenueId,
    /// The entrance.
    #[n(1)]
    pub entrance: EntranceId,
    /// Its name, for people.
    #[n(2)]
    pub name: String,
    /// Which way it leads.
    #[n(3)]
    pub direction: Direction,
    /// The node that stands there.
    #[n(4)]
    pub node: PublicKey,
    /// Valid from.
    #[n(5)]
    pub not_before: UnixMillis,
    /// Valid until.
    #[n(6)]
    pub not_after: UnixMillis,
}

impl Statement for DoorGrant {
    const CONTEXT: &'static str = "vestibule/door-grant/1";
}

/// The region's word about one of its authority's nodes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AuthorityGrant {
    /// The region.
    #[n(0)]
    pub region: RegionId,
    /// The node.
    #[n(1)]
    pub node: PublicKey,
    /// Valid from.
    #[n(2)]
    pub not_before: UnixMillis,
    /// Valid until.
    #[n(3)]
    pub not_after: UnixMillis,
}

impl Statement for AuthorityGrant {
    const CONTEXT: &'static str = "vestibule/authority-grant/1";
}

/// A chain of grants as it travels and lies in files: not yet checked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Membership {
    /// A door: the venue's grant by a root, the door's by the manager.
    #[n(0)]
    Door {
        /// Signed by a region root.
        #[n(0)]
        venue: Signed<VenueGrant>,
        /// Signed by the manager named in `venue`.
        #[n(1)]
        door: Signed<DoorGrant>,
    },
    /// A node of the authority.
    #[n(1)]
    Authority(#[n(0)] Signed<AuthorityGrant>),
}

/// A node whose membership was checked to the root. Only [`Membership::check`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// Its key.
    pub node: PublicKey,
    /// Its place.
    pub place: Place,
    /// When the first link of its chain ends.
    pub expires: UnixMillis,
}

/// A checked member's place in the region.
#[expect(
    clippy::large_enum_variant,
    reason = "few exist at a time, and matching is clearer unboxed"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// At an entrance of a venue.
    Door {
        /// The venue.
        venue: VenueGrant,
        /// The entrance.
        door: DoorGrant,
    },
    /// At the health authority.
    Authority(RegionId),
}

impl Member {
    /// The region it belongs to.
    pub fn region(&self) -> RegionId {
        match &self.place {
            Place::Door { venue, .. } => venue.region,
            Place::Authority(region) => *region,
        }
    }

    /// The venue it stands at; `None` for the authority.
    pub fn venue(&self) -> Option<VenueId> {
        match &self.place {
            Place::Door { venue, .. } => Some(venue.venue),
            Place::Authority(_) => None,
        }
    }

    /// A short name for logs and screens: `door 2 of venue 17`, `authority of region 1`.
    pub fn title(&self) -> String {
        match &self.place {
            Place::Door { venue, door } => format!("door {} of venue {}", door.name, venue.venue),
            Place::Authority(region) => format!("authority of region {region}"),
        }
    }
}

/// Why a membership does not hold. [`MembershipError::word`] is the stable word that peers exchange.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MembershipError {
    /// No root of this region signed it.
    #[error("{0} is not signed by a root key of this region")]
    NotByRoot(&'static str),
    /// The door's grant is not the manager's.
    #[error("door grant is not signed by the venue's manager")]
    NotByManager(#[source] OpenError),
    /// It names another node than the one that showed it.
    #[error("membership belongs to node {0}, not to the one that shows it")]
    OtherNode(PublicKey),
    /// The door's grant names another venue than the venue's.
    #[error("door grant is for another venue")]
    OtherVenue,
    /// Its time has not come.
    #[error("membership is valid only from {0}")]
    NotYet(UnixMillis),
    /// Its time is over.
    #[error("membership expired at {0}")]
    Expired(UnixMillis),
    /// A field breaks its bound.
    #[error("membership has a bad {0}")]
    Field(&'static str),
}

impl MembershipError {
    /// The stable word for the wire and for metrics.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotByRoot(_) | Self::NotByManager(_) => "unknown-membership",
            Self::OtherNode(_) => "other-node",
            Self::OtherVenue => "other-venue",
            Self::NotYet(_) => "membership-not-yet-valid",
            Self::Expired(_) => "membership-expired",
            Self::Field(_) => "membership-malformed",
        }
    }
}

impl Membership {
    /// Checks the chain up to one of `roots`, for `node`, at `now`.
    ///
    /// # Errors
    /// [`MembershipError`] names the link that does not hold.
    pub fn check(
        &self,
        roots: &[PublicKey],
        node: &PublicKey,
        now: UnixMillis,
    ) -> Result<Member, MembershipError> {
        let member = match self {
            Self::Door { venue, door } => {
                let venue = by_root(venue, roots, "venue grant")?;
                let door = door.open(&venue.manager).map_err(MembershipError::NotByManager)?;
                check_fields(&venue, &door)?;
                within(now, venue.not_before, venue.not_after)?;
                within(now, door.not_before, door.not_after)?;
                let expires = venue.not_after.min(door.not_after);
                Member { node: door.node, expires, place: Place::Door { venue, door } }
            }
            Self::Authority(grant) => {
                let grant = by_root(grant, roots, "authority grant")?;
                within(now, grant.not_before, grant.not_after)?;
                Member {
                    node: grant.node,
                    expires: grant.not_after,
                    place: Place::Authority(grant.region),
                }
            }
        };
        if member.node == *node { Ok(member) } else { Err(MembershipError::OtherNode(member.node)) }
    }

    /// Checks the chain as of `now`, or as of the moment nearest to it at which it holds: for a node whose own
    /// clock was never set, and for the names of those whose time is over. Never for admitting a peer.
    ///
    /// # Errors
    /// [`MembershipError`] names the link that never holds.
    pub fn check_near(
        &self,
        roots: &[PublicKey],
        node: &PublicKey,
        now: UnixMillis,
    ) -> Result<Member, MembershipError> {
        let mut at = now;
        // Two grants, each with two ends: after three moves the answer stands.
        for _ in 0..3 {
            at = match self.check(roots, node, at) {
                Err(MembershipError::NotYet(from)) => from,
                Err(MembershipError::Expired(until)) => until.plus_millis(-1),
                other => return other,
            };
        }
        self.check(roots, node, at)
    }

    /// From when until when it says that it holds, before anything is checked.
    pub fn span(&self) -> Option<(UnixMillis, UnixMillis)> {
        match self {
            Self::Door { venue, door } => {
                let (venue, door) = (venue.claims()?, door.claims()?);
                let from = venue.not_before.max(door.not_before);
                Some((from, venue.not_after.min(door.not_after)))
            }
            Self::Authority(grant) => grant.claims().map(|g| (g.not_before, g.not_after)),
        }
    }

    /// Whether it holds at `now`, and one of its grants ends so soon that it is to be renewed.
    pub fn ends_soon(&self, now: UnixMillis) -> bool {
        let holds = self.span().is_some_and(|(from, until)| from <= now && now < until);
        let soon = match self {
            Self::Door { venue, door } => {
                venue.claims().is_some_and(|v| ends_soon((v.not_before, v.not_after), now))
                    || door.claims().is_some_and(|d| ends_soon((d.not_before, d.not_after), now))
            }
            Self::Authority(grant) => {
                grant.claims().is_some_and(|g| ends_soon((g.not_before, g.not_after), now))
            }
        };
        holds && soon
    }

    /// Whether both are for the same place: the same node at the same entrance of a venue under the same manager, or at the
    /// authority of the same region. Before anything is checked.
    pub fn is_for_same_place_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Door { venue, door }, Self::Door { venue: venue_2, door: door_2 }) => {
                let venues = venue.claims().zip(venue_2.claims());
                let doors = door.claims().zip(door_2.claims());
                let same_venue = venues.is_some_and(|(a, b)| {
                    (a.region, a.venue, a.manager) == (b.region, b.venue, b.manager)
                });
                let place = |d: &DoorGrant| (d.venue, d.entrance, d.direction, d.node);
                same_venue && doors.is_some_and(|(a, b)| place(&a) == place(&b))
            }
            (Self::Authority(one), Self::Authority(other)) => {
                let grants = one.claims().zip(other.claims());
                grants.is_some_and(|(a, b)| (a.region, a.node) == (b.region, b.node))
            }
            _ => false,
        }
    }

    /// The same door's papers under a grant of its venue that holds for longer than theirs; `None` where it is no such one.
    pub fn under(&self, longer: &Signed<VenueGrant>) -> Option<Self> {
        let Self::Door { venue, door } = self else { return None };
        let (held, new) = (venue.claims()?, longer.claims()?);
        let same = (held.region, held.venue, held.manager) == (new.region, new.venue, new.manager);
        let better = same && new.not_after > held.not_after;
        better.then(|| Self::Door { venue: longer.clone(), door: door.clone() })
    }

    /// Which node it names, before anything is checked.
    pub fn node(&self) -> Option<PublicKey> {
        match self {
            Self::Door { door, .. } => door.claims().map(|d| d.node),
            Self::Authority(grant) => grant.claims().map(|g| g.node),
        }
    }

    /// Which venue it names, before anything is checked.
    pub fn claimed_venue(&self) -> Option<VenueId> {
        match self {
            Self::Door { venue, .. } => venue.claims().map(|v| v.venue),
            Self::Authority(_) => None,
        }
    }

    /// The text form for files and pasting: a prefix, then base64url of the CBOR.
    pub fn to_text(&self) -> String {
        format!("{TEXT_PREFIX}{}", BASE64URL_NOPAD.encode(&encode(self)))
    }

    /// Reads [`Membership::to_text`]; `None` for anything else. Nothing is checked yet.
    pub fn from_text(text: &str) -> Option<Self> {
        let body = text.trim().strip_prefix(TEXT_PREFIX)?;
        if body.len() > MEMBERSHIP_MAX * 4 / 3 {
            return None;
        }
        minicbor::decode(&BASE64URL_NOPAD.decode(body.as_bytes()).ok()?).ok()
    }
}

/// Whether what holds from and until these times holds at `now`, and ends so soon that it is to be renewed.
pub fn ends_soon((from, until): (UnixMillis, UnixMillis), now: UnixMillis) -> bool {
    let third = until.get().saturating_sub(from.get()) / 3;
    let left = until.get().saturating_sub(now.get());
    from <= now && left > 0 && left < third.min(RENEWED_BEFORE_MILLIS)
}

fn by_root<T: Statement>(
    signed: &Signed<T>,
    roots: &[PublicKey],
    what: &'static str,
) -> Result<T, MembershipError> {
    roots.iter().find_map(|root| signed.open(root).ok()).ok_or(MembershipError::NotByRoot(what))
}

fn within(now: UnixMillis, from: UnixMillis, until: UnixMillis) -> Result<(), MembershipError> {
    if now < from {
        Err(MembershipError::NotYet(from))
    } else if now >= until {
        Err(MembershipError::Expired(until))
    } else {
        Ok(())
    }
}

fn check_fields(venue: &VenueGrant, door: &DoorGrant) -> Result<(), MembershipError> {
    if venue.venue != door.venue {
        return Err(MembershipError::OtherVenue);
    }
    if venue.name.len() > NAME_MAX || door.name.len() > NAME_MAX {
        return Err(MembershipError::Field("name"));
    }
    let long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > NAME_MAX);
    if long(&venue.activity) || long(&venue.area) {
        return Err(MembershipError::Field("activity or area"));
    }
    if !(EntranceId::new(1)..=venue.last_entrance()).contains(&door.entrance) {
        return Err(MembershipError::Field("entrance number"));
    }
    if venue.zone.len() > NAME_MAX || Zone::named(&venue.zone).is_none() {
        return Err(MembershipError::Field("time zone"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SecretKey;

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

    struct Region {
        root: SecretKey,
        manager: SecretKey,
        node: SecretKey,
    }

    fn region() -> Region {
        let key = |b| SecretKey::from_bytes(&[b; 32]);
        Region { root: key(1), manager: key(2), node: key(3) }
    }

    fn grants(r: &Region) -> (VenueGrant, DoorGrant) {
        let venue = VenueGrant {
            region: RegionId::new(1),
            venue: VenueId::new(17),
            name: "Shop".into(),
            zone: "Asia/Almaty".into(),
            manager: r.manager.public(),
            capacity: Some(120),
            not_before: NOON.plus_millis(-10),
            not_after: NOON.plus_millis(100),
            doors: None,
            activity: None,
            area: None,
        };
        let door = DoorGrant {
            venue: VenueId::new(17),
            entrance: EntranceId::new(1),
            name: "A".into(),
            direction: Direction::In,
            node: r.node.public(),
            not_before: NOON.plus_millis(-10),
            not_after: NOON.plus_millis(50),
        };
        (venue, door)
    }

    fn chain(r: &Region, venue: &VenueGrant, door: &DoorGrant) -> Membership {
        Membership::Door {
            venue: Signed::seal(venue, &r.root),
            door: Signed::seal(door, &r.manager),
        }
    }

    fn word(m: &Membership, r: &Region, now: UnixMillis) -> &'static str {
        match m.check(&[r.root.public()], &r.node.public(), now) {
            Ok(_) => "ok",
            Err(e) => e.word(),
        }
    }

    #[test]
    fn each_broken_link_is_named() {
        let r = region();
        let (venue, door) = grants(&r);
        let good = chain(&r, &venue, &door);
        assert_eq!(word(&good, &r, NOON), "ok");
        assert_eq!(word(&good, &r, NOON.plus_millis(50)), "membership-expired");
        assert_eq!(word(&good, &r, NOON.plus_millis(-11)), "membership-not-yet-valid");

        let member = |now| good.check_near(&[r.root.public()], &r.node.public(), now);
        assert!(member(UnixMillis::new(0)).is_ok(), "a clock that was never set");
        assert!(member(NOON.plus_millis(10_000)).is_ok(), "a name of the past");

        let forged = Membership::Door {
            venue: Signed::seal(&venue, &r.manager),
            door: Signed::seal(&door, &r.manager),
        };
        assert_eq!(word(&forged, &r, NOON), "unknown-membership");
        assert!(forged.check_near(&[r.root.public()], &r.node.public(), NOON).is_err());
        let self_made = Membership::Door {
            venue: Signed::seal(&venue, &r.root),
            door: Signed::seal(&door, &r.node),
        };
        assert_eq!(word(&self_made, &r, NOON), "unknown-membership");
        let elsewhere = DoorGrant { venue: VenueId::new(18), ..door.clone() };
        assert_eq!(word(&chain(&r, &venue, &elsewhere), &r, NOON), "other-venue");
        let stolen = DoorGrant { node: r.manager.public(), ..door.clone() };
        assert_eq!(word(&chain(&r, &venue, &stolen), &r, NOON), "other-node");
        let nowhere = VenueGrant { zone: "Moon".into(), ..venue.clone() };
        assert_eq!(word(&chain(&r, &nowhere, &door), &r, NOON), "membership-malformed");
        for (doors, entrance, said) in [
            (None, 64, "ok"),
            (None, 65, "membership-malformed"),
            (Some(2), 2, "ok"),
            (Some(2), 3, "membership-malformed"),
            (Some(900), 65, "membership-malformed"),
            (None, 0, "membership-malformed"),
        ] {
            let limited = VenueGrant { doors, ..venue.clone() };
            let door = DoorGrant { entrance: EntranceId::new(entrance), ..door.clone() };
            assert_eq!(
                word(&chain(&r, &limited, &door), &r, NOON),
                said,
                "{entrance} of {doors:?}"
            );
        }
    }

    #[test]
    fn papers_are_renewed_in_their_last_third_or_their_last_month() {
        let day = |n: i64| UnixMillis::new(n * DAY_MILLIS);
        let soon = |days: i64, now: i64| ends_soon((day(0), day(days)), day(now));
        assert_eq!([soon(365, 334), soon(365, 336), soon(365, 365)], [false, true, false]);
        assert_eq!([soon(30, 19), soon(30, 21), soon(30, -1)], [false, true, false]);
        assert!(!ends_soon((UnixMillis::new(0), UnixMillis::new(i64::MAX)), NOON));
    }

    #[test]
    fn a_longer_grant_of_the_venue_serves_the_same_door_and_no_other() {
        let r = region();
        let (venue, door) = grants(&r);
        let held = chain(&r, &venue, &door);
        let longer = VenueGrant { not_after: NOON.plus_millis(900), ..venue.clone() };
        let fresh = held.under(&Signed::seal(&longer, &r.root)).unwrap();
        assert_eq!(word(&fresh, &r, NOON), "ok");
        assert!(fresh.is_for_same_place_as(&held) && fresh != held);
        assert!(fresh.under(&Signed::seal(&venue, &r.root)).is_none(), "a shorter one");
        let other = VenueGrant { manager: r.root.public(), ..longer.clone() };
        assert!(held.under(&Signed::seal(&other, &r.root)).is_none(), "another manager's");
        let moved = DoorGrant { entrance: EntranceId::new(2), ..door };
        assert!(!held.is_for_same_place_as(&chain(&r, &longer, &moved)));
    }

    #[test]
    fn the_text_form_reads_back_and_rejects_other_texts() {
        let r = region();
        let (venue, door) = grants(&r);
        let good = chain(&r, &venue, &door);
        assert_eq!(Membership::from_text(&format!(" {}\n", good.to_text())).unwrap(), good);
        for bad in ["", "vestibule-membership:1:", "vestibule-membership:1:@@", "https://x"] {
            assert!(Membership::from_text(bad).is_none());
        }
    }
}
