//! Who gets which rights when doors come and go.

use proptest::prelude::*;
use sync::{
    id::VenueId,
    membership::DoorGrant,
    order::{Removal, RemovalCause},
    time::UnixMillis,
};

use super::*;

const TODAY: Day = Day::new(100);

fn node(seed: u8) -> PublicKey {
    PublicKey::new([seed; 32])
}

fn door(seed: u8, direction: Direction) -> DoorGrant {
    DoorGrant {
        venue: VenueId::new(17),
        entrance: EntranceId::new(seed.into()),
        name: "X".into(),
        direction,
        node: node(seed),
        not_before: UnixMillis::new(0),
        not_after: UnixMillis::new(1),
    }
}

fn order(matter: Matter) -> Arc<Order> {
    Arc::new(Order { venue: VenueId::new(17), issued_at: UnixMillis::new(0), matter })
}

fn said(capacity: &Capacity) -> Vec<(u16, u32)> {
    capacity.shares.iter().map(|(entrance, rights)| (entrance.get(), *rights)).collect()
}

/// Gives orders until no more is needed, and says how many that were.
fn settle(limit: u32, orders: &mut Vec<Arc<Order>>, doors: &[DoorGrant]) -> usize {
    let mut count = 0;
    while let Some(capacity) = next_version(limit, None, orders, doors, 240, TODAY) {
        orders.push(order(Matter::Capacity(capacity)));
        count += 1;
        assert!(count < 3, "it never settles");
    }
    count
}

#[test]
fn the_first_version_is_even_and_leaves_out_who_only_lets_out() {
    let doors = [
        door(1, Direction::In),
        door(2, Direction::Both),
        door(3, Direction::Out),
        door(4, Direction::In),
    ];
    let first = next_version(500, None, &[], &doors, 240, TODAY).unwrap();
    assert_eq!((first.version, first.most, first.closing_minute, first.from), (1, 500, 240, TODAY));
    assert_eq!(said(&first), [(1, 167), (2, 167), (4, 166)]);
    assert_eq!(next_version(500, None, &[], &doors[2..3], 240, TODAY), None, "nobody lets in");
}

#[test]
fn a_door_that_joins_gets_its_part_and_one_that_is_gone_leaves_its_own() {
    let two = [door(1, Direction::Both), door(2, Direction::Both)];
    let mut orders = Vec::new();
    assert_eq!(settle(100, &mut orders, &two[..1]), 1);
    assert_eq!(settle(100, &mut orders, &two), 1);
    assert_eq!(said(newest(&orders).unwrap()), [(1, 50), (2, 50)]);
    let lost = Removal { node: node(2), cause: RemovalCause::Lost };
    orders.push(order(Matter::Removal(lost)));
    assert_eq!(settle(100, &mut orders, &two), 1);
    assert_eq!(said(newest(&orders).unwrap()), [(1, 100)]);
    assert_eq!(newest(&orders).unwrap().version, 3);
}

#[test]
fn what_the_manager_said_stays() {
    let two = [door(1, Direction::Both), door(2, Direction::Both)];
    let shares = vec![(EntranceId::new(1), 30), (EntranceId::new(2), 0), (EntranceId::new(9), 10)];
    let (zone, closing_minute) = (ZoneId::default(), 0);
    let by_hand = Capacity { zone, version: 4, most: 40, shares, closing_minute, from: TODAY };
    let orders = [order(Matter::Capacity(by_hand))];
    let next = |limit, doors: &[DoorGrant]| next_version(limit, None, &orders, doors, 240, TODAY);
    assert_eq!(next(100, &two), None, "less than the limit, none at 2, some at a door to come");
    let lower = next(20, &two).unwrap();
    assert_eq!((lower.version, lower.most, lower.closing_minute), (5, 20, 0));
    assert_eq!(said(&lower), [(1, 15), (2, 0), (9, 5)]);
}

proptest! {
    /// Never more rights than the limit, never a version for nothing, all doors that let in are named.
    #[test]
    fn rights_together_are_at_most_the_limit(
        limits in prop::collection::vec(0_u32..70, 1..5),
        doors in prop::collection::vec((1_u8..65, any::<bool>(), any::<bool>()), 0..64),
    ) {
        let mut orders = Vec::new();
        let mut placed: Vec<DoorGrant> = Vec::new();
        for (step, (seed, lets_in, goes)) in doors.iter().enumerate() {
            let limit = limits[step % limits.len()];
            let direction = if *lets_in { Direction::Both } else { Direction::Out };
            if !placed.iter().any(|d| d.node == node(*seed)) {
                placed.push(door(*seed, direction));
            } else if *goes {
                let removal = Removal { node: node(*seed), cause: RemovalCause::Retired };
                orders.push(order(Matter::Removal(removal)));
            }
            prop_assert!(settle(limit, &mut orders, &placed) <= 1);
            let Some(newest) = newest(&orders) else { continue };
            let together: u64 = newest.shares.iter().map(|(_, n)| u64::from(*n)).sum();
            prop_assert!(together <= u64::from(newest.most));
            let places = Places::of(&orders, &placed);
            if !places.letting_in.is_empty() {
                prop_assert!(newest.most <= limits.iter().copied().max().unwrap_or(0));
                let named: BTreeSet<_> = newest.shares.iter().map(|(e, _)| *e).collect();
                prop_assert!(places.letting_in.is_subset(&named));
            }
        }
    }
}

#[test]
fn what_was_made_of_the_authoritys_limit_follows_it_up_and_what_the_manager_said_does_not() {
    let doors = [door(1, Direction::In), door(2, Direction::In)];
    assert!(follows(10, None, &[]));
    let first = next_version(10, None, &[], &doors, 240, TODAY).unwrap();
    let orders = [order(Matter::Capacity(first))];
    assert_eq!(
        next_version(30, None, &orders, &doors, 240, TODAY),
        None,
        "the manager may have said 10"
    );
    assert!(!follows(30, None, &orders));
    let raised = next_version(30, Some(1), &orders, &doors, 240, TODAY).unwrap();
    assert_eq!((raised.version, raised.most, said(&raised)), (2, 30, vec![(1, 15), (2, 15)]));
    assert!(follows(30, Some(1), &orders));
    assert_eq!(next_version(10, Some(1), &orders, &doors, 240, TODAY), None);
    assert!(follows(5, None, &orders), "what the limit cut down goes up with it again");
}
