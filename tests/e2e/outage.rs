//! The network goes and comes back; the doors go on, and all converge without help.

use tests::{process::Process, region::Region, wait_until};

/// Shows a door so many visitors and waits until it has recorded them all.
pub(crate) fn visitors_come(region: &Region, name: &str, door: &Process, count: u64) {
    let before = door.held(name);
    let frames = region.frames(name);
    for _ in 0..count {
        region.visitors.green().hold_up(&frames);
    }
    wait_until(&format!("door {name} has recorded {count} visitors"), || {
        door.held(name) >= before + count
    });
    // They walk on: the frames are gone.
    for entry in std::fs::read_dir(frames).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
}

fn unacknowledged(door: &Process) -> Option<u64> {
    door.metric("vestibule_unacknowledged", "")
}

fn at_authority(authority: &Process) -> Option<u64> {
    authority.metric("vestibule_region_visits", "")
}

/// (a) and (b): cut from everything the doors go on; healed, all converge without help, from either side.
#[test]
fn doors_scan_on_through_an_outage_and_all_converge_after_it() {
    let region = Region::new();
    let authority = region.authority();
    let (a, b) = (region.door_a(), region.door_b());
    wait_until("the bulletins have come", || a.has_its_rules() && b.has_its_rules());
    visitors_come(&region, "A", &a, 2);
    wait_until("all know of two, and that all know", || {
        at_authority(&authority) == Some(2) && b.held("A") == 2 && unacknowledged(&a) == Some(0)
    });

    region.cut_all();
    wait_until("the doors notice", || a.metric("vestibule_peers_up", "") == Some(0));
    visitors_come(&region, "A", &a, 4);
    visitors_come(&region, "B", &b, 3);
    assert_eq!(b.held("A"), 2, "nothing passes through a cut link");
    assert_eq!(at_authority(&authority), Some(2));
    assert_eq!(unacknowledged(&a), Some(4), "the door knows what is still to be sent");

    region.heal_all();
    wait_until("the authority has all", || at_authority(&authority) == Some(9));
    wait_until("each door has the other's", || a.held("B") == 3 && b.held("A") == 6);
    wait_until("both know that all has arrived", || {
        unacknowledged(&a) == Some(0) && unacknowledged(&b) == Some(0)
    });
    assert_eq!(a.metric("vestibule_inside", ""), Some(9));
    assert_eq!(b.metric("vestibule_inside", ""), Some(9));
}

/// (c): A has no way to the authority, B has: A's visits arrive through B, and A comes to know it.
#[test]
fn a_doors_visits_reach_the_authority_through_its_sibling() {
    let region = Region::new();
    let authority = region.authority();
    // A has its rules from its sibling alone.
    region.a_to_authority.cut();
    let (a, b) = (region.door_a(), region.door_b());
    wait_until("both have their rules", || a.has_its_rules() && b.has_its_rules());
    visitors_come(&region, "A", &a, 3);
    wait_until("the authority has them", || at_authority(&authority) == Some(3));
    wait_until("A knows", || unacknowledged(&a) == Some(0));
    assert_eq!(a.metric("vestibule_peers_up", ""), Some(1), "A sees only its sibling");
}

/// A door that has never met the authority has no rules, says so, and records nothing as admitted.
#[test]
fn a_door_without_bulletins_confirms_nobody() {
    let region = Region::new();
    region.cut_all();
    let a = region.door_a();
    region.visitors.green().hold_up(&region.frames("A"));
    wait_until("the visitor was answered", || a.lines_with(&["decided"]) > 0);
    // It says that the lack is its own: the visitor's code is not called forged.
    let lines = a.lines_with(&["decided", "kind=Refusal", "reason=\"stale-lists\""]);
    assert_eq!(lines, 1, "{:#?}", a.log());
    assert_eq!(a.metric("vestibule_inside", ""), Some(0));
}

/// An expired door is cut off; it says so in its log and on its page, and the others go on. Nobody renews it, for no door has
/// the manager's key.
#[test]
fn an_expired_membership_is_cut_off_and_says_so() {
    let region = Region::with_grants_of(25_000);
    let config = &region.founded.doors[0].config;
    let text = std::fs::read_to_string(config).unwrap();
    std::fs::write(config, text.split("[venue]").next().unwrap()).unwrap();
    let authority = region.authority();
    let a = region.door_a();
    wait_until("A has its rules", || a.has_its_rules());
    visitors_come(&region, "A", &a, 1);
    wait_until("it arrived", || at_authority(&authority) == Some(1));
    wait_until("one side cut the session", || {
        a.lines_with(&["cutting off", "membership-expired"]) > 0
            || authority.lines_with(&["cutting off", "membership-expired"]) > 0
    });
    wait_until("A knows why it is alone", || a.lines_with(&["membership-expired"]) > 0);
    visitors_come(&region, "A", &a, 1);
    assert_eq!(at_authority(&authority), Some(1), "nothing more is taken from it");
}

/// A node of another region is cut off on both sides; it says so in its log and on its page, and takes nothing.
#[test]
fn an_unknown_node_is_cut_off_and_says_so() {
    let (region, elsewhere) = (Region::new(), Region::new());
    let authority = region.authority();
    let config = &elsewhere.founded.doors[0].config;
    let text = std::fs::read_to_string(config).unwrap();
    let dial = text.lines().find(|line| line.starts_with("dial = [")).unwrap();
    let peers = authority.log().iter().find_map(|l| l.strip_prefix("peers: ").map(str::to_owned));
    let lost = text.replace(dial, &format!("dial = [\"{}\"]", peers.unwrap()));
    std::fs::write(config, lost).unwrap();
    let stranger = elsewhere.door_a();
    for node in [&stranger, &authority] {
        wait_until("both sides have cut the session", || {
            node.lines_with(&["cutting off", "unknown-membership"]) > 0
        });
    }
    let page = stranger.page_as_staff("/venue?lang=en", config);
    assert!(page.contains("not of this region"), "the page does not say why it is alone: {page}");
    visitors_are_refused(&elsewhere, &stranger);
    assert_eq!(at_authority(&authority), Some(0));
}

/// Without its own authority's rules the stranger's door confirms nobody, and sends nobody's visit elsewhere.
fn visitors_are_refused(region: &Region, door: &Process) {
    region.visitors.green().hold_up(&region.frames("A"));
    wait_until("the visitor was answered", || door.lines_with(&["decided"]) > 0);
}
