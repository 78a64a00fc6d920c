//! The keys and memberships of a simulated region.

use sync::{
    book::{Charter, Keeps},
    id::{EntranceId, Epoch, RegionId, VenueId},
    key::{SecretKey, Signed},
    membership::{AuthorityGrant, DoorGrant, Membership, VenueGrant},
    record::Direction,
    time::{DAY_MILLIS, UnixMillis},
};

/// When every simulation begins, Unix milliseconds: some minutes before a day ends.
pub(crate) const START: i64 = 20_718 * DAY_MILLIS - 150_000;

const REGION: RegionId = RegionId::new(1);
const YEAR: i64 = 365 * DAY_MILLIS;
const FROM: UnixMillis = UnixMillis::new(START - YEAR);
const UNTIL: UnixMillis = UnixMillis::new(START + YEAR);

fn root() -> SecretKey {
    SecretKey::from_bytes(&[201; 32])
}

fn manager(venue: VenueId) -> SecretKey {
    let mut seed = [202; 32];
    seed[..8].copy_from_slice(&venue.get().to_be_bytes());
    SecretKey::from_bytes(&seed)
}

/// The key of the machine with this number.
pub(crate) fn key(machine: u16) -> SecretKey {
    let mut seed = [7; 32];
    seed[..2].copy_from_slice(&machine.to_be_bytes());
    SecretKey::from_bytes(&seed)
}

/// What a machine is: a door of `venue`, or the authority. `start` counts how often it was started.
pub(crate) fn charter(machine: u16, venue: Option<VenueId>, start: u8) -> Charter {
    let key = key(machine);
    Charter {
        membership: match venue {
            Some(venue) => door(machine, venue, &key),
            None => authority(&key),
        },
        key,
        region: REGION,
        roots: sync::roots::Roots::new(vec![root().public()], 1),
        keeps: venue.map_or(Keeps::Region, Keeps::Venue),
        epoch: Epoch::new([start; 8]),
    }
}

fn door(machine: u16, venue: VenueId, key: &SecretKey) -> Membership {
    let manager = manager(venue);
    let place = VenueGrant {
        region: REGION,
        venue,
        name: "Simulated".into(),
        zone: "Asia/Almaty".into(),
        manager: manager.public(),
        capacity: None,
        doors: None,
        activity: None,
        area: None,
        not_before: FROM,
        not_after: UNTIL,
    };
    let grant = DoorGrant {
        venue,
        entrance: EntranceId::new(machine + 1),
        name: format!("{machine}"),
        direction: Direction::Both,
        node: key.public(),
        not_before: FROM,
        not_after: UNTIL,
    };
    Membership::Door { venue: Signed::seal(&place, &root()), door: Signed::seal(&grant, &manager) }
}

fn authority(key: &SecretKey) -> Membership {
    let grant =
        AuthorityGrant { region: REGION, node: key.public(), not_before: FROM, not_after: UNTIL };
    Membership::Authority(Signed::seal(&grant, &root()))
}
