//! A door without any network: its visits reach the authority on a stick, and the receipts come back on it.

use std::{path::Path, process::Command};

use serde_json::Value;
use tests::{binary, region::Region, wait_until};

use crate::outage::visitors_come;

fn bundle(args: &[&str], config: &Path, file: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let mut command = Command::new(binary());
    command.arg("bundle").args(&args[..1]).arg("--config").arg(config).arg("--json").args(more);
    if args[0] == "export" {
        command.arg("--out");
    }
    let output = command.arg(file).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let said = text.lines().next().and_then(|line| serde_json::from_str(line).ok());
    (output.status.code(), said.unwrap_or(Value::Null))
}

/// The nodes run on while the stick is carried: commands ask the running node.
#[test]
fn visits_reach_the_authority_on_a_stick_and_receipts_come_back() {
    let region = Region::new();
    let authority = region.authority();
    let a = region.door_a();
    wait_until("the bulletins have come", || a.has_its_rules());
    region.cut_all();
    wait_until("the door is alone", || a.metric("vestibule_peers_up", "") == Some(0));
    visitors_come(&region, "A", &a, 3);
    assert_eq!(a.metric("vestibule_unacknowledged", ""), Some(3));

    let stick = region.folder.path().join("there.bundle");
    let door = &region.founded.doors[0].config;
    let (code, said) = bundle(&["export"], door, &stick, &[]);
    assert_eq!((code, &said["unacknowledged"]), (Some(0), &Value::from(3)), "{said}");

    let registry = &region.founded.authority.config;
    let (code, said) = bundle(&["import"], registry, &stick, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said["records"].as_u64() >= Some(3), "{said}");
    wait_until("the authority has them", || {
        authority.metric("vestibule_region_visits", "") == Some(3)
    });
    let (code, said) = bundle(&["import"], registry, &stick, &[]);
    assert_eq!((code, &said["records"]), (Some(0), &Value::from(0)), "twice is once: {said}");

    let back = region.folder.path().join("back.bundle");
    let venue = region.founded.venue.to_string();
    let (code, said) = bundle(&["export"], registry, &back, &["--venue", &venue]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said["receipts"].as_u64() >= Some(1), "{said}");
    let (code, said) = bundle(&["import"], door, &back, &[]);
    assert_eq!(code, Some(0), "{said}");
    wait_until("the door knows", || a.metric("vestibule_unacknowledged", "") == Some(0));
}

/// An altered stick is refused by name, and a stick of another region too; nothing of it is taken.
#[test]
fn an_altered_stick_and_a_stranger_are_refused() {
    let (region, elsewhere) = (Region::new(), Region::new());
    let stick = region.folder.path().join("s.bundle");
    let door = &region.founded.doors[0].config;
    assert_eq!(bundle(&["export"], door, &stick, &[]).0, Some(0), "a node that does not run");

    let strange = &elsewhere.founded.doors[0].config;
    assert_eq!(bundle(&["import"], strange, &stick, &[]).0, Some(1));
    let mut bytes = std::fs::read(&stick).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&stick, bytes).unwrap();
    let sibling = &region.founded.doors[1].config;
    assert_eq!(bundle(&["import"], sibling, &stick, &[]).0, Some(1));
}
