//! How shares and versions of the capacity follow from orders and from what doors have taken up.

use sync::id::VenueId;

use super::*;

const ZONE: ZoneId = ZoneId::new(0);
const TODAY: Day = Day::new(100);

fn door(n: u8) -> PublicKey {
    PublicKey::new([n; 32])
}

fn seat(n: u8, since: i64) -> (PublicKey, Seat) {
    let (entrance, name) = (EntranceId::new(u16::from(n)), format!("door {n}"));
    (door(n), Seat { entrance, name, direction: Direction::Both, since: UnixMillis::new(since) })
}

fn order(version: u64, most: u32, shares: &[(u16, u32)], from: Day) -> Order {
    let shares = shares.iter().map(|(e, n)| (EntranceId::new(*e), *n)).collect();
    let capacity = Capacity { zone: ZONE, version, most, shares, closing_minute: 0, from };
    let issued_at = UnixMillis::new(version as i64 * 1000);
    Order { venue: VenueId::new(1), issued_at, matter: Matter::Capacity(capacity) }
}

fn two_doors() -> Shares {
    let mut shares = Shares::default();
    shares.set_seats([seat(1, 0), seat(2, 0)].into());
    shares.take_order(&order(1, 10, &[(1, 5), (2, 5)], TODAY), TODAY);
    shares
}

fn of(shares: &Shares, period: Day) -> [Option<u32>; 2] {
    [shares.share(ZONE, period, &door(1)), shares.share(ZONE, period, &door(2))]
}

fn adopt(shares: &mut Shares, n: u8, version: u64, from: Day) {
    let at = UnixMillis::new(0);
    shares.take_adopted(door(n), &Adopted { at, zone: ZONE, version, from });
}

#[test]
fn rights_move_only_when_all_doors_have_taken_the_version_up() {
    let mut shares = two_doors();
    assert_eq!(of(&shares, TODAY), [Some(5), Some(5)]);
    shares.take_order(&order(2, 10, &[(1, 2), (2, 8)], TODAY), TODAY);
    assert_eq!(of(&shares, TODAY), [Some(5), Some(5)], "who may have used them keeps them today");
    assert_eq!(shares.to_adopt(ZONE, door(1), TODAY, false), Some((2, TODAY.next())));
    assert_eq!(shares.to_adopt(ZONE, door(1), TODAY, true), Some((2, TODAY)));
    adopt(&mut shares, 1, 2, TODAY);
    assert_eq!(shares.to_adopt(ZONE, door(1), TODAY, true), None);
    assert_eq!(of(&shares, TODAY), [Some(2), Some(5)]);
    adopt(&mut shares, 2, 2, TODAY.next());
    assert_eq!(of(&shares, TODAY), [Some(2), Some(5)]);
    assert_eq!(of(&shares, TODAY.next()), [Some(2), Some(8)]);
}

#[test]
fn who_has_given_of_its_share_keeps_it_until_all_go_by_the_new_version() {
    // The first door shared out before it knew the second, and gave it most of what it had.
    let mut shares = Shares::default();
    shares.set_seats([seat(1, 0), seat(2, 0)].into());
    shares.take_order(&order(1, 500, &[(1, 500)], TODAY), TODAY);
    shares.take_order(&order(2, 500, &[(1, 250), (2, 250)], TODAY), TODAY);
    adopt(&mut shares, 1, 1, TODAY);
    adopt(&mut shares, 1, 2, TODAY.next());
    adopt(&mut shares, 2, 2, TODAY);
    assert_eq!(of(&shares, TODAY), [Some(500), Some(0)]);
    assert_eq!(of(&shares, TODAY.next()), [Some(250), Some(250)]);
}

#[test]
fn a_lower_limit_binds_at_once_and_no_longer_than_it_is_the_newest() {
    let mut shares = two_doors();
    shares.take_order(&order(2, 4, &[(1, 3), (2, 1)], TODAY), TODAY);
    assert_eq!(of(&shares, TODAY), [Some(3), Some(1)]);
    shares.take_order(&order(3, 10, &[(1, 4), (2, 6)], TODAY), TODAY);
    assert_eq!(of(&shares, TODAY), [Some(5), Some(5)], "raised again");
    shares.take_order(&order(5, 2, &[(1, 1), (2, 1)], TODAY), TODAY);
    assert_eq!(of(&shares, TODAY), [Some(1), Some(1)], "whatever version 4 says");
}

#[test]
fn a_version_that_takes_from_nobody_counts_at_once() {
    let mut shares = two_doors();
    shares.take_order(&order(3, 30, &[(1, 20), (2, 10)], TODAY), TODAY);
    assert_eq!(of(&shares, TODAY), [Some(5), Some(5)], "what version 2 says is not known");
    shares.take_order(&order(2, 12, &[(1, 5), (2, 7)], TODAY), TODAY);
    assert_eq!(of(&shares, TODAY), [Some(20), Some(10)]);
    assert_eq!(shares.most(ZONE, TODAY), Some(30));
}

#[test]
fn an_unknown_door_keeps_everybody_at_the_first_version_and_a_removed_one_nobody() {
    let mut shares = two_doors();
    shares.take_order(&order(2, 10, &[(1, 8), (2, 1), (3, 1)], TODAY), TODAY);
    adopt(&mut shares, 1, 2, TODAY);
    adopt(&mut shares, 2, 2, TODAY);
    assert_eq!(of(&shares, TODAY), [Some(5), Some(1)]);
    shares.set_seats([seat(1, 0), seat(2, 0), seat(3, 0)].into());
    assert_eq!(of(&shares, TODAY), [Some(5), Some(1)]);
    let cause = sync::order::RemovalCause::Lost;
    let removal = Matter::Removal(sync::order::Removal { node: door(3), cause });
    let removal = Order { matter: removal, ..order(1, 1, &[], TODAY) };
    shares.take_order(&removal, TODAY);
    assert_eq!(of(&shares, TODAY), [Some(5), Some(1)], "what it gave away today still counts");
    shares.take_order(&removal, TODAY.plus(-1));
    assert_eq!(of(&shares, TODAY), [Some(8), Some(1)]);
}

#[test]
fn before_its_first_day_nothing_binds_and_a_newcomer_waits_for_its_own_version() {
    let mut shares = two_doors();
    assert_eq!(of(&shares, TODAY.plus(-1)), [None, None]);
    let (_, taken_over) = seat(1, 1500);
    shares.set_seats([seat(1, 0), seat(2, 0), (door(9), taken_over)].into());
    assert_eq!(
        shares.share(ZONE, TODAY, &door(9)),
        Some(0),
        "the door before it may have used them"
    );
    assert_eq!(shares.share(ZONE, TODAY, &door(7)), Some(0), "stands nowhere");
}

#[test]
fn who_takes_a_dead_doors_place_has_its_share_from_the_next_business_day() {
    let mut shares = two_doors();
    let (_, joined) = seat(1, 1500);
    shares.set_seats([seat(1, 0), seat(2, 0), (door(9), joined)].into());
    let cause = sync::order::RemovalCause::Replaced;
    let removal = Matter::Removal(sync::order::Removal { node: door(1), cause });
    shares.take_order(&Order { matter: removal, ..order(1, 1, &[], TODAY) }, TODAY);
    let of_successor = |period| shares.share(ZONE, period, &door(9));
    assert_eq!((of_successor(TODAY), of_successor(TODAY.next())), (Some(0), Some(5)));
    assert_eq!(shares.share(ZONE, TODAY.next(), &door(1)), Some(0));
}

#[test]
fn no_version_is_left_behind_while_one_before_it_is_unknown() {
    let mut shares = two_doors();
    shares.take_order(&order(3, 30, &[(1, 20), (2, 10)], TODAY), TODAY);
    adopt(&mut shares, 1, 3, TODAY);
    adopt(&mut shares, 2, 3, TODAY);
    assert_eq!(of(&shares, TODAY), [Some(5), Some(5)], "a door may go by version 2 as well");
    shares.take_order(&order(2, 10, &[(1, 1), (2, 9)], TODAY), TODAY);
    assert_eq!(of(&shares, TODAY), [Some(20), Some(10)]);
}
