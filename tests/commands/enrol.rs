//! `vestibule enrol`: from the root's key to a door's membership, and every paper that does not lead there.

use node_core::code::paper::venue_grant_to_text;
use sync::{
    id::{PublicKey, RegionId, VenueId},
    key::{SecretKey, Signed},
    membership::{Membership, Place as MemberPlace, VenueGrant},
    time::UnixMillis,
};

use crate::{Answer, Place, fields};

/// Keys of the root, the manager and a node, and the grant of venue 17.
fn granted() -> (Place, String, String, String) {
    let place = Place::new();
    let root = place.key("root.key");
    let manager = place.key("manager.key");
    let node = place.key("node.key");
    place.run(&venue(&manager, "")).yes().mentions(&["17", "shop.venue"]);
    (place, root, manager, node)
}

/// A place with a door's key and papers, and its root.
pub(crate) fn enrolled() -> (Place, String) {
    let (place, root, _, node) = granted();
    place.run(&door(&node, "")).yes();
    (place, root)
}

fn venue(manager: &str, more: &str) -> String {
    format!(
        "enrol venue --root root.key --region 1 --venue 17 --name Shop --zone Asia/Almaty \
         --manager {manager} --capacity 120 --out shop.venue {more}"
    )
}

fn door(node: &str, more: &str) -> String {
    format!(
        "enrol door --venue-grant shop.venue --manager manager.key --entrance 1 --name North \
         --direction both --node {node} --out north.membership {more}"
    )
}

#[test]
fn the_chain_from_the_root_to_a_door_holds() {
    let (place, root, manager, node) = granted();
    place.run(&door(&node, "")).yes().mentions(&["entrance 1", "venue 17"]);

    let roots = [PublicKey::from_hex(&root).unwrap()];
    let key = PublicKey::from_hex(&node).unwrap();
    let paper = Membership::from_text(&place.read("north.membership")).unwrap();
    let member = paper.check(&roots, &key, node::wall::now()).unwrap();
    assert!(
        matches!(&member.place, MemberPlace::Door { venue, door }
            if venue.capacity == Some(120) && door.name == "North"),
        "{member:?}"
    );

    place.run("enrol show north.membership").yes().mentions(&[
        "Shop",
        "North",
        "Asia/Almaty",
        &node,
    ]);
    let said = place.run(&format!("enrol show north.membership --json --root {root}"));
    let said = said.yes().json();
    let expected = [
        "activity",
        "area",
        "capacity",
        "direction",
        "doors",
        "entrance",
        "entrance_name",
        "kind",
        "manager",
        "name",
        "node",
        "not_after",
        "not_before",
        "region",
        "venue",
        "verified",
        "zone",
    ];
    assert_eq!(fields(&said), expected);
    assert_eq!((&said["kind"], &said["manager"]), (&"door".into(), &manager.into()));
    assert_eq!(said["verified"], true);
    let unasked = place.run("enrol show shop.venue --json").yes().json();
    assert_eq!((&unasked["kind"], unasked["verified"].is_null()), (&"venue".into(), true));
}

#[test]
fn an_authority_node_is_enrolled_by_the_root_alone() {
    let (place, root, _, node) = granted();
    let line =
        format!("enrol authority --root root.key --region 1 --node {node} --out hub.membership");
    place.run(&line).yes().mentions(&["region 1", "hub.membership"]);
    let paper = Membership::from_text(&place.read("hub.membership")).unwrap();
    let roots = [PublicKey::from_hex(&root).unwrap()];
    paper.check(&roots, &PublicKey::from_hex(&node).unwrap(), node::wall::now()).unwrap();
    let said = place.run(&format!("enrol show hub.membership --json --root {root}"));
    assert_eq!(said.yes().json()["kind"], "authority");
    let said = place.run(&format!("enrol show hub.membership --json --root {node}"));
    assert_eq!(said.no().json()["verified"], false, "another key is not the root");
}

#[test]
fn only_the_venues_manager_enrols_its_doors() {
    let (place, _, manager, node) = granted();
    place.key("other.key");
    let line = door(&node, "").replace("manager.key", "other.key");
    place.run(&line).no().mentions(&["other.key", "manager", &manager]);
    let line = door(&node, "").replace("manager.key", "tag.key");
    place.run("keys tag --out tag.key").yes();
    place.run(&line).no().mentions(&["tag.key", "signing key"]);
    assert!(!place.has("north.membership"));
}

#[test]
fn an_expired_venue_grant_enrols_nobody() {
    let (place, _, manager, node) = granted();
    let past = UnixMillis::from_secs(1_790_000_000);
    let grant = VenueGrant {
        region: RegionId::new(1),
        venue: VenueId::new(17),
        name: "Shop".into(),
        zone: "Asia/Almaty".into(),
        manager: PublicKey::from_hex(&manager).unwrap(),
        capacity: None,
        doors: None,
        activity: None,
        area: None,
        not_before: past,
        not_after: past.plus_millis(86_400_000),
    };
    let root = SecretKey::generate().unwrap();
    place.write("shop.venue", venue_grant_to_text(&Signed::seal(&grant, &root)));
    place.run(&door(&node, "")).no().mentions(&["no longer", "expired at 2026-09-2"]);
    assert!(!place.has("north.membership"));
}

#[test]
fn a_door_holds_no_longer_than_its_venue() {
    let (place, _, manager, node) = granted();
    place.run(&venue(&manager, "--days 3")).yes();
    place.run(&door(&node, "--days 30")).yes();
    let end = |paper: &str| {
        let said = place.run(&format!("enrol show {paper} --json")).yes().json();
        said["not_after"].clone()
    };
    assert_eq!(end("north.membership"), end("shop.venue"));
}

#[test]
fn garbage_is_named() {
    let (place, root, _, node) = granted();
    let good = place.read("shop.venue");
    for garbage in ["", "hello", "vestibule-venue-grant:1:@@", &good[..good.trim().len() / 2]] {
        place.write("shop.venue", garbage);
        place.run(&door(&node, "")).no().mentions(&["shop.venue is no venue grant"]);
        place.run("enrol show shop.venue").no().mentions(&["shop.venue", "neither"]);
    }
    place.write("shop.venue", [0xff; 50_000]);
    place.run("enrol show shop.venue").no().mentions(&["shop.venue", "limit"]);
    place.run("enrol show gone.venue").no().mentions(&["gone.venue"]);
    // Another signer under the same words.
    let twisted = good.trim().len() - 4;
    place.write("shop.venue", format!("{}AAAA", &good[..twisted]));
    let said = place.run(&format!("enrol show shop.venue --json --root {root}")).no();
    assert_eq!(said.json()["verified"], false);
}

#[test]
fn wrong_use_writes_nothing() {
    let (place, _, manager, node) = granted();
    std::fs::remove_file(place.path("shop.venue")).unwrap();
    let good = venue(&manager, "");
    let bad = |from: &str, to: &str, word: &str| -> Answer {
        let line = good.replace(from, to);
        assert_ne!(line, good, "nothing is wrong with it");
        let said = place.run(&line).wrong_use().mentions(&[word]);
        assert!(!place.has("shop.venue"), "{line}");
        said
    };
    bad("Asia/Almaty", "Asia/Almatty", "Asia/Almatty");
    bad("--region 1 ", "", "--region");
    bad("--region 1", "--region 70000", "70000");
    bad(&manager, "abc", "64 hexadecimal digits");
    bad("--capacity 120", "--capacity many", "many");
    bad("--name Shop", "--name \u{7}", "--name");
    bad("--out", "--days 0 --out", "--days");
    bad("--out", "--days 3661 --out", "--days");
    let line = door(&node, "").replace("both", "sideways");
    place.run(&line).wrong_use().mentions(&["sideways"]);
    place.run("enrol").ends(2);
}
