//! The doctor asks real nodes, running and stopped, and what he packs up for others names nobody.

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use tests::{binary, region::Region, wait_until};

use crate::outage::visitors_come;

fn doctor(config: &Path, more: &[&str]) -> (Option<i32>, Value, String) {
    let mut command = Command::new(binary());
    command.args(["doctor", "--json", "--config"]).arg(config).args(more);
    let output = command.output().unwrap();
    let said = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), said, String::from_utf8(output.stderr).unwrap())
}

/// What is said of a thing.
fn state(said: &Value, about: &str) -> String {
    let findings = said["findings"].as_array().into_iter().flatten();
    let mut of_it = findings.filter(|finding| finding["about"] == about);
    of_it.next().map_or_else(String::new, |found| found["state"].as_str().unwrap_or("").to_owned())
}

#[test]
fn a_door_is_examined_running_cut_off_and_stopped() {
    let region = Region::new();
    let config = region.founded.doors[1].config.clone();
    let (code, said, _) = doctor(&config, &[]);
    assert_eq!((code, state(&said, "node").as_str()), (Some(1), "wrong"), "it never ran: {said}");

    let (authority, a, b) = (region.authority(), region.door_a(), region.door_b());
    wait_until("everybody is there", || {
        b.has_its_rules() && b.metric("vestibule_peers_up", "") == Some(2)
    });
    visitors_come(&region, "B", &b, 1);
    wait_until("the authority has it", || b.metric("vestibule_unacknowledged", "") == Some(0));
    let (_, said, why) = doctor(&config, &[]);
    for about in ["node", "store", "bulletins", "peers", "queue", "membership"] {
        assert_eq!(state(&said, about), "fine", "{about}: {said:#} {why}");
    }
    assert_eq!(said["condition"]["running"], true);
    assert_eq!(state(&doctor(&region.founded.authority.config, &[]).1, "node"), "fine");

    region.cut_all();
    drop((authority, a));
    wait_until("B is alone", || b.metric("vestibule_peers_up", "") == Some(0));
    visitors_come(&region, "B", &b, 1);
    let (code, said, _) = doctor(&config, &[]);
    assert_eq!((code, state(&said, "peers").as_str()), (Some(1), "wrong"), "{said:#}");
    assert_eq!(state(&said, "queue"), "note", "{said:#}");

    assert_eq!(b.stop(), Some(0));
    let (_, said, _) = doctor(&config, &[]);
    assert_eq!(said["condition"]["running"], false);
    assert_eq!((state(&said, "node"), state(&said, "queue")), ("note".into(), "note".into()));
    let remedies = said["findings"].as_array().unwrap().iter();
    let mut troubles = remedies.filter(|f| f["state"] == "wrong" || f["state"] == "note");
    assert!(troubles.all(|f| f["remedy"].is_string()), "each says what to do: {said:#}");
}

#[test]
fn the_support_archive_names_nobody() {
    const CANARIES: [&str; 4] =
        ["+77015550123", "kz-cafe-wifi", "Aigerim-the-manager", "10.11.12.13"];
    let region = Region::new();
    let config = region.founded.doors[0].config.clone();
    let (authority, a) = (region.authority(), region.door_a());
    wait_until("A has its rules", || a.has_its_rules());
    visitors_come(&region, "A", &a, 2);
    let text = fs::read_to_string(&config).unwrap();
    let with = format!("[web]\ncontact = \"{}\"\nwifi = \"{}\"", CANARIES[0], CANARIES[1]);
    fs::write(&config, text.replacen("[web]", &with, 1)).unwrap();
    let log = region.folder.path().join("log");
    fs::write(
        &log,
        format!("{}\nt WARN {} was here {}\n", a.log().join("\n"), CANARIES[2], CANARIES[3]),
    )
    .unwrap();
    let file = region.folder.path().join("support.tar");
    let (_, said, why) =
        doctor(&config, &["--bundle", file.to_str().unwrap(), "--log", log.to_str().unwrap()]);
    assert!(said["findings"].is_array(), "{why}");
    let bytes = fs::read(&file).unwrap();
    let whole = String::from_utf8_lossy(&bytes);
    assert!(whole.contains("INFO node is up") && whole.contains("gate.source = replay"), "{whole}");
    let membership = fs::read_to_string(config.with_file_name("node.membership")).unwrap();
    let key = fs::read_to_string(config.with_file_name("node.key")).unwrap();
    let secrets = [membership.trim(), key.trim(), "Demo market"];
    for canary in CANARIES.iter().chain(&secrets) {
        assert!(!whole.contains(canary), "{canary} in\n{whole}");
    }
    let public = a.log().iter().find_map(|l| l.split("node=").nth(1).map(|k| k[..64].to_owned()));
    assert!(!whole.contains(&public.unwrap()), "{whole}");
    drop(authority);
}
