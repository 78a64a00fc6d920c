//! A venue that does not exist, for benchmarks and tests: its papers are signed with keys that everybody knows.

use crate::{
    book::{Charter, Keeps},
    id::{EntranceId, Epoch, RegionId, VenueId},
    key::{SecretKey, Signed},
    membership::{AuthorityGrant, DoorGrant, Membership, VenueGrant},
    record::Direction,
    time::UnixMillis,
};

/// The venue.
pub const VENUE: VenueId = VenueId::new(17);
/// Its region.
pub const REGION: RegionId = RegionId::new(1);

/// The region's root.
pub fn root() -> SecretKey {
    SecretKey::from_bytes(&[101; 32])
}

/// The venue's manager.
pub fn manager() -> SecretKey {
    SecretKey::from_bytes(&[102; 32])
}

/// A door of the venue: `seed` makes its key and its entrance, `epoch` says which start this is. Its papers hold for
/// ever.
pub fn door(seed: u8, epoch: u8) -> Charter {
    let key = SecretKey::from_bytes(&[seed; 32]);
    let (not_before, not_after) = (UnixMillis::new(0), UnixMillis::new(i64::MAX));
    let venue = VenueGrant {
        region: REGION,
        venue: VENUE,
        name: "Sample".into(),
        zone: "UTC".into(),
        manager: manager().public(),
        capacity: None,
        doors: None,
        activity: None,
        area: None,
        not_before,
        not_after,
    };
    let door = DoorGrant {
        venue: VENUE,
        entrance: EntranceId::new(u16::from(seed)),
        name: "Sample".into(),
        direction: Direction::Both,
        node: key.public(),
        not_before,
        not_after,
    };
    let (venue, door) = (Signed::seal(&venue, &root()), Signed::seal(&door, &manager()));
    charter(key, Membership::Door { venue, door }, Keeps::Venue(VENUE), epoch)
}

/// A node of the region's authority.
pub fn authority(seed: u8, epoch: u8) -> Charter {
    let key = SecretKey::from_bytes(&[seed; 32]);
    let (not_before, not_after) = (UnixMillis::new(0), UnixMillis::new(i64::MAX));
    let grant = AuthorityGrant { region: REGION, node: key.public(), not_before, not_after };
    let paper = Membership::Authority(Signed::seal(&grant, &root()));
    charter(key, paper, Keeps::Region, epoch)
}

fn charter(key: SecretKey, membership: Membership, keeps: Keeps, epoch: u8) -> Charter {
    Charter {
        key,
        membership,
        region: REGION,
        roots: crate::roots::Roots::new(vec![root().public()], 1),
        keeps,
        epoch: Epoch::new([epoch; 8]),
    }
}
