//! Which entrance a new door gets: pure.

use std::collections::BTreeSet;

use sync::{
    id::{EntranceId, PublicKey},
    membership::VenueGrant,
    pairing::{NAME_MAX, Refusal, Wish},
};

use crate::rekeying::Door;

/// The door that goes, as the inviting side names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replaces {
    /// By its entrance's number.
    Entrance(EntranceId),
    /// By its name.
    Name(String),
}

impl Replaces {
    /// A number is an entrance's, anything else a name; `None` for nothing, and for what is too long for a name.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.parse() {
            Ok(number) => Some(Self::Entrance(EntranceId::new(number))),
            Err(_) if text.is_empty() || text.len() > NAME_MAX => None,
            Err(_) => Some(Self::Name(text.to_owned())),
        }
    }

    /// The entrance meant, if exactly one that is not the inviting door's own is.
    pub(super) fn entrance(&self, doors: &[Door], own: &PublicKey) -> Option<EntranceId> {
        let is_meant = |door: &&Door| match self {
            Self::Entrance(entrance) => door.entrance == *entrance,
            Self::Name(name) => door.name == *name,
        };
        let found: BTreeSet<_> = doors.iter().filter(is_meant).map(|d| d.entrance).collect();
        let own = doors.iter().find(|d| d.node == *own).map(|d| d.entrance);
        let mut found = found.into_iter();
        found.next().filter(|entrance| Some(*entrance) != own && found.next().is_none())
    }
}

/// As it was given.
impl std::fmt::Display for Replaces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Entrance(entrance) => write!(f, "{entrance}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// A place for a new door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its entrance.
    pub entrance: EntranceId,
    /// Its name.
    pub name: String,
    /// The nodes that stand there no longer.
    pub replaced: Vec<PublicKey>,
}

/// The lowest free entrance, or the dead door's. A door cannot replace the one that invites it; a node that belongs
/// already gets a place only by taking its own again.
///
/// # Errors
/// [`Refusal::Full`] when the authority allows no further door, [`Refusal::NoSuchDoor`] where there is nothing to
/// replace.
pub fn place(
    grant: &VenueGrant,
    doors: &[Door],
    own: &PublicKey,
    joining: &PublicKey,
    wish: &Wish,
) -> Result<Placed, Refusal> {
    let known = doors.iter().find(|d| d.node == *joining);
    let entrance = match (wish.replaces, known) {
        (None, Some(door)) => door.entrance,
        (None, None) => lowest_free(grant, doors).ok_or(Refusal::Full)?,
        (Some(entrance), _) => entrance,
    };
    let there: Vec<&Door> = doors.iter().filter(|d| d.entrance == entrance).collect();
    let of_inviter = there.iter().any(|d| d.node == *own);
    if wish.replaces.is_some() && (there.is_empty() || of_inviter) {
        return Err(Refusal::NoSuchDoor);
    }
    let before =
        there.iter().find(|d| d.node != *joining).or(there.first()).map(|d| d.name.clone());
    let name = wish.name.clone().or(before).unwrap_or_else(|| format!("Door {entrance}"));
    let replaced = there.iter().map(|d| d.node).filter(|n| n != joining).collect();
    Ok(Placed { entrance, name, replaced })
}

fn lowest_free(grant: &VenueGrant, doors: &[Door]) -> Option<EntranceId> {
    let taken: BTreeSet<_> = doors.iter().map(|d| d.entrance).collect();
    (1..=grant.last_entrance().get()).map(EntranceId::new).find(|e| !taken.contains(e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync::{
        id::{RegionId, VenueId},
        record::Direction,
        time::UnixMillis,
    };

    fn node(seed: u8) -> PublicKey {
        PublicKey::new([seed; 32])
    }

    fn grant(doors: Option<u16>) -> VenueGrant {
        VenueGrant {
            region: RegionId::new(1),
            venue: VenueId::new(17),
            name: "V".into(),
            zone: "UTC".into(),
            manager: node(100),
            capacity: None,
            not_before: UnixMillis::new(0),
            not_after: UnixMillis::new(1),
            doors,
            activity: None,
            area: None,
        }
    }

    fn door(seed: u8, entrance: u16, name: &str) -> Door {
        Door { node: node(seed), entrance: EntranceId::new(entrance), name: name.into() }
    }

    fn wish(replaces: Option<u16>) -> Wish {
        let replaces = replaces.map(EntranceId::new);
        Wish { name: None, direction: Direction::Both, replaces }
    }

    #[test]
    fn a_new_door_gets_the_lowest_free_entrance_as_long_as_there_is_one() {
        let doors = [door(1, 1, "A"), door(3, 3, "C")];
        let placed = place(&grant(None), &doors, &node(1), &node(9), &wish(None)).unwrap();
        assert_eq!((placed.entrance.get(), placed.name.as_str()), (2, "Door 2"));
        assert!(placed.replaced.is_empty());
        let full = [door(1, 1, "A"), door(2, 2, "B")];
        let refused = place(&grant(Some(2)), &full, &node(1), &node(9), &wish(None));
        assert_eq!(refused, Err(Refusal::Full));
        let all: Vec<_> = (1..=64).map(|n| door(n, n.into(), "X")).collect();
        let refused = place(&grant(None), &all, &node(1), &node(99), &wish(None));
        assert_eq!(refused, Err(Refusal::Full));
        // Who belongs already is not counted twice.
        let again = place(&grant(Some(2)), &full, &node(1), &node(2), &wish(None)).unwrap();
        assert_eq!((again.entrance.get(), again.name.as_str()), (2, "B"));
        assert!(again.replaced.is_empty());
    }

    #[test]
    fn the_door_that_goes_is_named_by_its_number_or_its_name_and_never_the_own() {
        let doors = [door(1, 1, "A"), door(2, 2, "South"), door(3, 3, "X"), door(4, 4, "X")];
        let meant = |text: &str| Replaces::parse(text)?.entrance(&doors, &node(1));
        assert_eq!(meant(" 2 "), Some(EntranceId::new(2)));
        assert_eq!(meant("South"), Some(EntranceId::new(2)));
        for nobody in ["", "1", "A", "X", "9", "south", "y".repeat(61).as_str()] {
            assert_eq!(meant(nobody), None, "{nobody}");
        }
    }

    #[test]
    fn a_dead_door_is_replaced_name_and_all_but_never_the_inviting_one() {
        let full = [door(1, 1, "A"), door(2, 2, "B")];
        let placed = place(&grant(Some(2)), &full, &node(1), &node(9), &wish(Some(2))).unwrap();
        assert_eq!((placed.entrance.get(), placed.name.as_str()), (2, "B"));
        assert_eq!(placed.replaced, [node(2)]);
        for nowhere in [1, 5] {
            let refused = place(&grant(None), &full, &node(1), &node(9), &wish(Some(nowhere)));
            assert_eq!(refused, Err(Refusal::NoSuchDoor));
        }
    }
}
