//! The limit of a venue holds at every door, whatever the network does.

use tests::{process::Process, region::Region, wait_until};

use crate::outage::visitors_come;

fn refused_for(door: &Process, reason: &str) -> usize {
    door.lines_with(&["decided", "kind=Refusal", &format!("reason=\"{reason}\"")])
}

/// One more comes to a door, and is turned away for want of a right.
fn one_too_many(region: &Region, name: &str, door: &Process, reason: &str) {
    let before = refused_for(door, reason);
    visitors_come(region, name, door, 1);
    assert_eq!(refused_for(door, reason), before + 1, "{:#?}", door.log());
}

#[test]
fn two_doors_that_do_not_hear_each_other_never_let_in_more_than_the_venue_may_hold() {
    let region = Region::with_capacity(5);
    let authority = region.authority();
    let (a, b) = (region.door_a(), region.door_b());
    wait_until("the bulletins have come", || a.has_its_rules() && b.has_its_rules());
    region.cut_all();
    wait_until("the doors notice", || {
        [&a, &b].into_iter().all(|d| d.metric("vestibule_peers_up", "") == Some(0))
    });

    // A has three of the five rights, B two; neither lends without the other's word.
    visitors_come(&region, "A", &a, 3);
    one_too_many(&region, "A", &a, "no-rights");
    visitors_come(&region, "B", &b, 2);
    one_too_many(&region, "B", &b, "no-rights");

    region.heal_all();
    wait_until("both count five", || {
        [&a, &b].into_iter().all(|d| d.metric("vestibule_inside", "") == Some(5))
    });
    one_too_many(&region, "A", &a, "full");
    assert_eq!(a.metric("vestibule_inside", ""), Some(5));
    drop(authority);
}
