//! `vestibule keys`: files that are their owner's alone, never replaced, and shown without their secret.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

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
