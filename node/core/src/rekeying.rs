//! When the venue's tag key must be made anew, and by whom: pure.

use std::{sync::Arc, time::Duration};

use sync::{
    id::{EntranceId, PublicKey},
    membership::{Member, Place},
    order::{Matter, Order, Rekey, RemovalCause},
    time::UnixMillis,
};

/// How much longer each door waits than the one before it, so that mostly one of them does it.
const TURN: Duration = Duration::from_secs(15);

/// What the venue's orders say of its tag key and of this node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Nodes known to be lost: the generation of key that the venue needs.
    pub losses: u32,
    /// The new key of the latest generation that is held.
    pub latest: Option<Rekey>,
    /// When that was ordered, by its maker's clock.
    pub latest_at: UnixMillis,
    /// Why this node no longer belongs, where it does not; a loss outweighs the other causes.
    pub removed: Option<RemovalCause>,
}

/// A door that belongs to the venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// Its node.
    pub node: PublicKey,
    /// Its entrance.
    pub entrance: EntranceId,
    /// Its name.
    pub name: String,
}

impl Standing {
    /// Reads a venue's orders, as far as they concern `own` and the tag key.
    pub fn of(orders: &[Arc<Order>], own: &PublicKey) -> Self {
        let mut standing = Self::default();
        for order in orders {
            match &order.matter {
                Matter::Removal(removal) => {
                    standing.losses += u32::from(removal.cause == RemovalCause::Lost);
                    if removal.node == *own && standing.removed != Some(RemovalCause::Lost) {
                        standing.removed = Some(removal.cause);
                    }
                }
                Matter::Rekey(rekey) => {
                    let latest = standing.latest.as_ref().map_or(0, |r| r.generation);
                    if rekey.generation > latest {
                        standing.latest_at = order.issued_at;
                        standing.latest = Some(rekey.clone());
                    }
                }
                Matter::Capacity(_) | Matter::Hits(_) => {}
            }
        }
        standing
    }

    /// Whether this node should have a copy of the latest key and has none: it belonged when the key was made, and its
    /// maker did not know it. `since` is when it joined. It has to join again.
    pub fn is_left_out(&self, own: &PublicKey, since: UnixMillis) -> bool {
        let sealed = |latest: &Rekey| latest.keys.iter().any(|key| key.to == *own);
        self.latest.as_ref().is_some_and(|latest| !sealed(latest)) && since <= self.latest_at
    }

    /// Whether a new key is needed that nobody is known to have made.
    pub fn needs_a_key(&self) -> bool {
        self.losses > self.latest.as_ref().map_or(0, |r| r.generation)
    }

    /// How long this door waits before it makes the key itself; `None` when it never does. Who has the manager's
    /// key does it at once, the others in the order of their entrances.
    pub fn wait(&self, own: &PublicKey, doors: &[Door], is_manager: bool) -> Option<Duration> {
        if !self.needs_a_key() || self.removed.is_some() {
            return None;
        }
        if is_manager {
            return Some(Duration::ZERO);
        }
        let place = doors.iter().position(|d| d.node == *own)?;
        Some(TURN * (u32::try_from(place).ok()? + 1))
    }
}

/// The doors that belong to the venue now, in the order of their entrances: all who were introduced, without those
/// who were removed.
pub fn doors(members: &[Member], orders: &[Arc<Order>]) -> Vec<Door> {
    let removed = |node: &PublicKey| {
        let of_node = |o: &&Arc<Order>| matches!(&o.matter, Matter::Removal(r) if r.node == *node);
        orders.iter().find(of_node).is_some()
    };
    let mut doors: Vec<Door> = members
        .iter()
        .filter(|m| !removed(&m.node))
        .filter_map(|m| match &m.place {
            Place::Door { door, .. } => {
                Some(Door { node: m.node, entrance: door.entrance, name: door.name.clone() })
            }
            Place::Authority(_) => None,
        })
        .collect();
    doors.sort_by_key(|d| (d.entrance, d.node));
    doors
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync::{id::VenueId, order::Removal, time::Day};

    fn node(seed: u8) -> PublicKey {
        PublicKey::new([seed; 32])
    }

    fn order(matter: Matter) -> Arc<Order> {
        Arc::new(Order { venue: VenueId::new(17), issued_at: UnixMillis::new(0), matter })
    }

    fn removal(seed: u8, cause: RemovalCause) -> Arc<Order> {
        order(Matter::Removal(Removal { node: node(seed), cause }))
    }

    fn rekey(generation: u32) -> Arc<Order> {
        order(Matter::Rekey(Rekey { generation, day: Day::new(1), keys: Vec::new() }))
    }

    fn three_doors() -> Vec<Door> {
        let door =
            |n| Door { node: node(n), entrance: EntranceId::new(n.into()), name: "X".into() };
        (1..4).map(door).collect()
    }

    #[test]
    fn only_a_loss_without_a_new_key_calls_for_one() {
        let needs = |orders: &[Arc<Order>]| Standing::of(orders, &node(1)).needs_a_key();
        assert!(!needs(&[]));
        assert!(!needs(&[removal(9, RemovalCause::Replaced), removal(8, RemovalCause::Retired)]));
        assert!(needs(&[removal(9, RemovalCause::Lost)]));
        assert!(!needs(&[removal(9, RemovalCause::Lost), rekey(1)]));
        assert!(needs(&[removal(9, RemovalCause::Lost), removal(8, RemovalCause::Lost), rekey(1)]));
    }

    #[test]
    fn the_manager_does_it_at_once_and_the_others_in_turn() {
        let lost = [removal(9, RemovalCause::Lost)];
        let doors = three_doors();
        let wait = |n, manager| Standing::of(&lost, &node(n)).wait(&node(n), &doors, manager);
        assert_eq!(wait(3, true), Some(Duration::ZERO));
        assert_eq!(wait(1, false), Some(TURN));
        assert!(wait(1, false) < wait(2, false) && wait(2, false) < wait(3, false));
        assert_eq!(wait(7, false), None, "who does not belong");
        let own = [removal(1, RemovalCause::Lost)];
        assert_eq!(
            Standing::of(&own, &node(1)).wait(&node(1), &doors, true),
            None,
            "nor the lost one"
        );
        let none = Standing::of(&[], &node(1));
        assert_eq!(none.wait(&node(1), &doors, true), None);
    }

    #[test]
    fn who_joined_before_a_key_that_is_not_sealed_to_it_was_left_out() {
        let made_at = |at, generation| {
            let matter = Matter::Rekey(Rekey { generation, day: Day::new(1), keys: Vec::new() });
            let issued_at = UnixMillis::new(at);
            Arc::new(Order { venue: VenueId::new(17), issued_at, matter })
        };
        let standing = Standing::of(&[made_at(500, 1)], &node(1));
        let left_out = |since| standing.is_left_out(&node(1), UnixMillis::new(since));
        assert!(left_out(400) && !left_out(501), "who came later has the key from who let it in");
        assert!(!Standing::of(&[], &node(1)).is_left_out(&node(1), UnixMillis::new(0)));
    }

    #[test]
    fn a_loss_outweighs_the_other_causes() {
        for orders in [
            [removal(1, RemovalCause::Replaced), removal(1, RemovalCause::Lost)],
            [removal(1, RemovalCause::Lost), removal(1, RemovalCause::Replaced)],
        ] {
            assert_eq!(Standing::of(&orders, &node(1)).removed, Some(RemovalCause::Lost));
        }
    }
}
