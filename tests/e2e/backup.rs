//! A door's card dies: the door comes back from its backup, in a new epoch, and nothing that it had shown is lost.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tests::{binary, process::Process, region::Region, wait_until};

use crate::outage::visitors_come;

fn vestibule(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(binary()).args(arguments).env("NO_COLOR", "1").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn backup(config: &Path, file: &Path) {
    let (code, said, why) = vestibule(&["backup", text(file), "--config", text(config)]);
    assert_eq!(code, Some(0), "{said}{why}");
    assert!(why.contains("3/3"), "progress is told: {why}");
    let mode = fs::metadata(file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "keys are in it");
}

fn restore(config: &Path, file: &Path, more: &[&str]) -> (Option<i32>, Value, String) {
    let all = [&["restore", text(file), "--config", text(config), "--json"], more].concat();
    let (code, said, why) = vestibule(&all);
    (code, serde_json::from_str(&said).unwrap_or(Value::Null), why)
}

fn beside(config: &Path, name: &str) -> PathBuf {
    config.with_file_name(name)
}

/// The card is gone: everything that was on it.
fn lose_the_card(config: &Path) {
    fs::remove_dir_all(beside(config, "data")).unwrap();
    for name in ["node.key", "node.membership", "tag.key"] {
        fs::remove_file(beside(config, name)).unwrap();
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn epoch(door: &Process) -> String {
    let log = door.log();
    let line = log.iter().find(|line| line.contains("node is up")).unwrap();
    let after = line.split("epoch=").nth(1).unwrap();
    after.split_whitespace().next().unwrap().to_owned()
}

/// A door that nobody could hear has visitors, is saved while it runs, and loses its card. What comes back has its
/// visits, goes on in a new epoch, and everybody gets everything, also what its sibling saw meanwhile.
#[test]
fn a_door_comes_back_from_its_backup_and_no_visit_is_lost() {
    let region = Region::new();
    let (authority, b) = (region.authority(), region.door_b());
    let a = region.door_a();
    wait_until("the bulletins have come", || a.has_its_rules() && b.has_its_rules());
    region.cut_all();
    wait_until("the door is alone", || a.metric("vestibule_peers_up", "") == Some(0));
    visitors_come(&region, "A", &a, 3);
    let config = &region.founded.doors[0].config;
    let file = region.folder.path().join("a.backup");
    backup(config, &file);
    let before = epoch(&a);
    a.kill();

    // No tag key is in it, in no form; nor is a storage key of a day.
    let bytes = fs::read(&file).unwrap();
    let tag_key = fs::read_to_string(beside(config, "tag.key")).unwrap();
    for line in tag_key.lines() {
        assert!(!holds(&bytes, line.rsplit(':').next().unwrap().as_bytes()));
    }
    for entry in fs::read_dir(beside(config, "data/keys/ledger")).unwrap() {
        let key = fs::read_to_string(entry.unwrap().path()).unwrap();
        let body = key.trim().rsplit(':').next().unwrap().to_owned();
        assert!(!holds(&bytes, body.as_bytes()), "a storage key is in the backup");
    }

    lose_the_card(config);
    let (code, _, why) = restore(config, &file, &[]);
    assert_eq!(code, Some(1), "without a tag key nothing comes back");
    assert!(why.contains("another door of the venue"), "{why}");
    let siblings = beside(&region.founded.doors[1].config, "tag.key");
    let (code, said, why) = restore(config, &file, &["--tag-key", text(&siblings)]);
    assert_eq!(code, Some(0), "{said} {why}");
    assert_eq!(said["unacknowledged"], 3, "{said}");
    let (code, _, why) = restore(config, &file, &[]);
    assert_eq!(code, Some(1), "a store that is there is not overwritten");
    assert!(why.contains("--replace"), "{why}");
    let (code, _, why) = restore(config, &file, &["--replace"]);
    assert_eq!(code, Some(1), "nor one with visits that nobody else has");
    assert!(why.contains("3 visits"), "{why}");

    let a = region.door_a();
    assert_ne!(epoch(&a), before, "a new epoch");
    assert_eq!(a.held("A"), 3);
    visitors_come(&region, "B", &b, 1);
    region.heal_all();
    visitors_come(&region, "A", &a, 2);
    wait_until("the authority has all six", || {
        authority.metric("vestibule_region_visits", "") == Some(6)
    });
    wait_until("nobody stalls", || b.held("A") == 5 && a.held("B") == 1);
    wait_until("the door knows", || a.metric("vestibule_unacknowledged", "") == Some(0));
    assert_eq!(a.stop(), Some(0));
    let (code, said, why) = restore(config, &file, &["--replace"]);
    assert_eq!(code, Some(0), "the authority has them all: {said} {why}");
}

/// A venue of one door has nobody to ask for the tag key: a new one opens nothing, and the visits go to the authority
/// as a file. A second power cut in the middle changes nothing.
#[test]
fn what_the_door_itself_cannot_open_the_authority_can() {
    let region = Region::new();
    let authority = region.authority();
    let a = region.door_a();
    wait_until("the bulletins have come", || a.has_its_rules());
    region.cut_all();
    wait_until("the door is alone", || a.metric("vestibule_peers_up", "") == Some(0));
    visitors_come(&region, "A", &a, 2);
    assert_eq!(a.stop(), Some(0));
    let config = &region.founded.doors[0].config;
    let file = region.folder.path().join("a.backup");
    backup(config, &file); // of a node that does not run
    lose_the_card(config);
    let fresh = beside(config, "tag.key");
    let (code, said, why) =
        vestibule(&["keys", "tag", "--zone", "Asia/Almaty", "--out", text(&fresh)]);
    assert_eq!(code, Some(0), "{said}{why}");
    // What an earlier try left when the power went is no hindrance.
    fs::create_dir_all(beside(config, "data.restoring/keys/ledger")).unwrap();
    fs::write(beside(config, "data.restoring/keys/ledger/x"), "half").unwrap();
    let (code, said, why) = restore(config, &file, &[]);
    assert_eq!(code, Some(1), "not all of it can be read here: {said} {why}");
    assert_eq!(said["sealed_days"].as_array().map(Vec::len), Some(1), "{said}");
    assert!(!beside(config, "data.restoring").exists());
    let sealed = said["sealed_file"].as_str().unwrap();
    let registry = &region.founded.authority.config;
    let (code, said, why) = vestibule(&["bundle", "import", "--config", text(registry), sealed]);
    assert_eq!(code, Some(0), "{said}{why}");
    wait_until("the authority has them", || {
        authority.metric("vestibule_region_visits", "") == Some(2)
    });
    let a = region.door_a();
    visitors_come(&region, "A", &a, 1);

    // Another card, without even a configuration.
    drop(a);
    fs::remove_file(config).unwrap();
    let (code, _, why) = restore(config, &file, &["--replace", "--anyway"]);
    assert_eq!(code, Some(1), "{why}"); // again one sealed day
    assert!(config.exists());

    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let altered = region.folder.path().join("altered.backup");
    fs::write(&altered, bytes).unwrap();
    let (code, _, why) = restore(config, &altered, &["--replace", "--anyway"]);
    assert_eq!(code, Some(1), "{why}");
    assert!(why.contains("altered.backup") && beside(config, "data/ledger").exists(), "{why}");
}
