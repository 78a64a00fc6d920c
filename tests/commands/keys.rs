//! `vestibule keys`: files that are their owner's alone, never replaced, and shown without their secret.

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use node_core::code::paper::tracing_keys_to_body;
use serde_json::json;
use sync::time::UnixMillis;

use crate::{Place, fields};

#[test]
fn a_new_key_is_its_owners_alone_and_shows_its_public_half() {
    let place = Place::new();
    let public = place.key("root.key");
    assert!(public.len() == 64 && public.bytes().all(|b| b.is_ascii_hexdigit()), "{public}");
    let mode = fs::metadata(place.path("root.key")).unwrap().permissions();
    assert_eq!(mode.mode() & 0o7777, 0o600);
    assert_eq!(place.run("keys show root.key").yes().out, format!("{public}\n"));
    let said = place.run("keys show root.key --json").yes();
    assert_eq!(fields(&said.json()), ["kid", "kind", "public"]);
    assert_eq!(said.json()["public"], public);
    let file = place.read("root.key");
    let secret = file.trim().rsplit(':').next().unwrap();
    assert!(!said.out.contains(secret), "the secret half is on the screen");
}

#[test]
fn a_key_that_others_can_read_is_refused_with_its_remedy() {
    let place = Place::new();
    place.key("node.key");
    for mode in [0o644, 0o640, 0o602] {
        fs::set_permissions(place.path("node.key"), Permissions::from_mode(mode)).unwrap();
        let said = place.run("keys show node.key").no();
        said.mentions(&["node.key can be read by others", "chmod 600 node.key"]);
    }
    fs::set_permissions(place.path("node.key"), Permissions::from_mode(0o600)).unwrap();
    place.run("keys show node.key").yes();
}

#[test]
fn an_existing_file_is_not_replaced() {
    let place = Place::new();
    place.key("root.key");
    let before = place.read("root.key");
    for line in
        ["keys new --out root.key", "keys tracing --out root.key", "keys tag --out root.key"]
    {
        let said = place.run(line).no().mentions(&["root.key", "exists"]);
        assert_eq!(said.out, "", "{line} prints a key that it did not write");
        assert_eq!(place.read("root.key"), before, "{line}");
    }
    place.run("keys new --out no/such/folder.key").no().mentions(&["no/such/folder.key"]);
}

#[test]
fn tracing_secrets_cover_the_weeks_asked_for() {
    let place = Place::new();
    let first = UnixMillis::parse("2026-11-21T00:00:00Z").unwrap().week();
    let line = "keys tracing --weeks 3 --from 2026-11-21 --out tracing.secrets --json";
    let said = place.run(line).yes().json();
    let n = first.get();
    assert_eq!(said, json!({"kind": "tracing", "weeks": [n, n + 1, n + 2]}));
    assert_eq!(place.run("keys show tracing.secrets --json").yes().json(), said);
    place.run("keys show tracing.secrets").yes().mentions(&["3 tracing secrets"]);
    place.run("keys tracing --out eight.secrets").yes();
    assert_eq!(place.read("eight.secrets").lines().count(), 8);
    for bad in ["--weeks 0", "--weeks 65", "--from soon", "--from 2026-02-30"] {
        place.run(&format!("keys tracing {bad} --out bad.secrets")).wrong_use();
        assert!(!place.has("bad.secrets"), "{bad}");
    }
}

#[test]
fn a_tag_key_knows_its_day() {
    let place = Place::new();
    let line = "keys tag --day 2026-11-21 --zone Asia/Almaty --out venue.tag-key --json";
    assert_eq!(place.run(line).yes().json(), json!({"kind": "tag", "day": "2026-11-21"}));
    place.run("keys show venue.tag-key").yes().mentions(&["tag key of 2026-11-21"]);
    place
        .run("keys tag --zone Asia/Almatty --out bad.tag-key")
        .wrong_use()
        .mentions(&["Asia/Almatty"]);
    place.run("keys tag --day yesterday --out bad.tag-key").wrong_use();
    assert!(!place.has("bad.tag-key"));
}

#[test]
fn a_file_that_is_no_key_is_named_and_not_shown() {
    let place = Place::new();
    place.write("notes.txt", "my password is swordfish\n");
    fs::set_permissions(place.path("notes.txt"), Permissions::from_mode(0o600)).unwrap();
    let said = place.run("keys show notes.txt").no().mentions(&["notes.txt"]);
    assert!(!said.err.contains("swordfish"), "{}", said.err);
    place.run("keys show gone.key").no().mentions(&["gone.key", "No such file"]);
    place.run("keys show .").no();
    place.run("keys").ends(2);
    place.run("keys new").wrong_use().mentions(&["--out"]);
}

#[test]
fn weeks_are_added_and_made_anew_and_the_latest_is_published() {
    let place = Place::new();
    let root = place.key("root.key");
    place.run("keys tracing --weeks 2 --from 2026-11-21 --out t.secrets").yes();
    let before = place.read("t.secrets");
    let said =
        place.run("keys tracing --weeks 3 --from 2026-11-28 --extend --out t.secrets --json");
    let weeks = said.yes().json()["weeks"].clone();
    assert_eq!(weeks.as_array().unwrap().len(), 4, "one of the three was there: {weeks}");
    assert!(place.read("t.secrets").starts_with(&before), "what was there stays as it was");
    let extended = place.read("t.secrets");
    place.run("keys tracing --weeks 3 --from 2026-11-28 --extend --out t.secrets").yes();
    assert_eq!(place.read("t.secrets"), extended, "again adds nothing");
    place.run("keys tracing --weeks 1 --from 2026-11-28 --renew --out t.secrets").yes();
    let secrets = node::secret::load_tracing(&place.path("t.secrets")).unwrap();
    assert_eq!(secrets.len(), 5);
    let publish = "authority publish --unsigned --region 1 --tracing t.secrets --out out";
    place.run(publish).yes();
    place
        .run("authority publish sign out/tracing-keys.bulletin --root root.key")
        .yes()
        .mentions(&["week"]);
    let bulletin = sync::bulletin::Bulletin::from_text(&place.read("out/tracing-keys.bulletin"));
    let root = sync::id::PublicKey::from_hex(&root).unwrap();
    let notice = bulletin.unwrap().open(&[root], 1).unwrap();
    let latest: BTreeMap<_, _> = secrets.iter().map(|s| (s.week(), s.public().unwrap())).collect();
    assert_eq!(latest.len(), 4, "a key for each week, and of two the later");
    assert_ne!(latest[&secrets[1].week()], secrets[1].public().unwrap());
    assert_eq!(notice.body, tracing_keys_to_body(&latest.into_values().collect::<Vec<_>>()));
    place.run("keys tracing --extend --renew --out t.secrets").wrong_use();
    place.run("keys tracing --extend --out gone.secrets").no().mentions(&["gone.secrets"]);
    place.run(&format!("{publish} --root root.key")).wrong_use();
}

#[test]
fn a_trust_list_takes_keys_up_and_drops_them() {
    let place = Place::new();
    for name in ["a", "b"] {
        let public = place.key(&format!("{name}.key"));
        place.write(&format!("{name}.pub"), public + "\n");
    }
    place.run("keys trust --list trust.json --add a.pub --issuer KZ").yes();
    place.run("keys trust --list trust.json --add b.pub --issuer KZ --days 30").yes();
    let list = |place: &Place| {
        let read: serde_json::Value = serde_json::from_str(&place.read("trust.json")).unwrap();
        (read["version"].as_u64().unwrap(), read["issuers"].as_array().unwrap().len())
    };
    let (version, issuers) = list(&place);
    assert_eq!(issuers, 2);
    place.run("keys trust --list trust.json --drop a.pub").yes();
    let (later, issuers) = list(&place);
    assert!(later > version && issuers == 1);
    place.run("keys trust --list trust.json --drop a.pub").no().mentions(&["trust.json", "no key"]);
    place.run("keys trust --list trust.json --add a.key --issuer KZ").no().mentions(&["a.key"]);
    place.run("keys trust --list a.pub --add a.pub --issuer KZ").no().mentions(&["a.pub"]);
    place.run("keys trust --list trust.json --add a.pub").wrong_use();
    place.run("keys trust --list trust.json").wrong_use();
    assert_eq!(list(&place).1, 1);
}

#[test]
fn papers_that_replace_others_begin_when_those_did() {
    let place = Place::new();
    let manager = place.key("manager.key");
    let node = place.key("node.key");
    place.key("a.key");
    place.key("b.key");
    let venue = |root: &str, more: &str| {
        format!(
            "enrol venue --root {root} --region 1 --venue 17 --name Shop --zone Asia/Almaty --manager {manager} --out shop.venue{more}"
        )
    };
    let door = |more: &str| {
        format!(
            "enrol door --venue-grant shop.venue --manager manager.key --entrance 1 --name A --direction both --node {node} --out n.membership{more}"
        )
    };
    let span = |place: &Place| {
        let papers = sync::membership::Membership::from_text(&place.read("n.membership")).unwrap();
        papers.span().unwrap().0
    };
    place.run(&venue("a.key", "")).yes();
    place.run(&door("")).yes();
    let begun = span(&place);
    std::thread::sleep(std::time::Duration::from_millis(5));
    place.run(&venue("b.key", " --renews shop.venue")).yes();
    place.run(&door(" --renews n.membership")).yes();
    assert_eq!(span(&place), begun);
    place.run(&door("")).yes();
    assert!(span(&place) > begun, "new papers of their own begin now");
    place.run(&door(" --renews shop.venue")).no().mentions(&["shop.venue"]);
    let other = venue("b.key", " --renews shop.venue").replace("--venue 17", "--venue 18");
    place.run(&other).no().mentions(&["another venue"]);
}
