//! The limit of a venue holds at every door, whatever the network does.

use std::{fs, path::Path, process::Command};

use node::secret::load_key;
use node_core::code::paper::unverified;
use serde_json::Value;
use sync::{
    key::Signed,
    membership::{DoorGrant, Membership, VenueGrant},
};
use tests::{binary, process::Process, region::Region, wait_until};

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

/// The authority grants the venue more places, and the manager signs the door's papers anew: a new membership file.
fn raise(region: &Region, config: &Path, most: u32) {
    let key = |name: &str| load_key(&region.folder.path().join(name)).unwrap();
    let file = config.with_file_name("node.membership");
    let papers = Membership::from_text(&fs::read_to_string(&file).unwrap()).unwrap();
    let Membership::Door { venue, door } = papers else { panic!("not a door's") };
    let (venue, door) = (unverified(&venue).unwrap(), unverified(&door).unwrap());
    let not_before = venue.not_before.plus_millis(1000);
    let venue = VenueGrant { capacity: Some(most), not_before, ..venue };
    let door = DoorGrant { not_before: door.not_before.plus_millis(1000), ..door };
    let papers = Membership::Door {
        venue: Signed::seal(&venue, &key("root.key")),
        door: Signed::seal(&door, &key("manager.key")),
    };
    fs::write(file, papers.to_text()).unwrap();
}

/// The orders that a running door goes by.
fn orders(config: &Path) -> Vec<Value> {
    let asked = Command::new(binary())
        .args(["enrol", "orders", "--json", "--config"])
        .arg(config)
        .output()
        .unwrap();
    assert!(asked.status.success(), "{asked:?}");
    let text = String::from_utf8(asked.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_limit_that_the_authority_raises_is_followed_at_every_door_while_they_run() {
    let region = Region::with_capacity(2);
    // What a person signed stays; the manager's door shares out what nobody did.
    fs::remove_file(region.folder.path().join("orders").join("capacity.order")).unwrap();
    let authority = region.authority();
    let (a, b) = (region.door_a(), region.door_b());
    wait_until("the bulletins have come", || a.has_its_rules() && b.has_its_rules());
    let configs = [&region.founded.doors[0].config, &region.founded.doors[1].config];
    let hold = |most: u32| {
        let holds = |order: &Value| {
            let shares = order["shares"].as_array().map_or(0, Vec::len);
            order["most"] == most && shares == 2 && order["in_force"] == true
        };
        configs.iter().all(|config| orders(config).iter().any(holds))
    };
    wait_until("both go by two places", || hold(2));

    raise(&region, configs[0], 4);
    wait_until("both go by four", || hold(4));
    let words =
        Command::new(binary()).args(["enrol", "orders", "--config"]).arg(configs[1]).output();
    let words = String::from_utf8(words.unwrap().stdout).unwrap();
    assert!(words.contains("at most 4") && words.contains("signed by the manager"), "{words}");
    assert!(words.contains("at most 2") && words.contains("superseded"), "{words}");
    // Both take it up first: until then whoever comes is turned away, for the rights are those of the version before.
    for _ in 0..20 {
        visitors_come(&region, "B", &b, 1);
        if b.metric("vestibule_inside", "") >= Some(3) {
            break;
        }
    }
    assert_eq!(b.metric("vestibule_inside", ""), Some(3), "{:#?}", b.log());
    drop(authority);
}
