//! What becomes known after the visit reaches the doors where the visit was, and what a door finds reaches the authority.

use std::process::{Command, Output};

use serde_json::Value;
use tests::{binary, region::Region, wait_until};

use crate::outage::visitors_come;

fn command(words: &[&str], config: &std::path::Path, more: &[&str]) -> Output {
    Command::new(binary()).args(words).arg("--config").arg(config).args(more).output().unwrap()
}

const ALWAYS: [&str; 10] = [
    "--from",
    "FROM",
    "--until",
    "UNTIL",
    "--case",
    "2026-114",
    "--purpose",
    "tested positive later",
    "--asked-by",
    "A. Tracer",
];

/// From yesterday to tomorrow.
fn tell(person: &str, config: &std::path::Path) -> (Option<i32>, Value) {
    let now = node::wall::now();
    let (from, until) = (now.plus_millis(-86_400_000), now.plus_millis(3_600_000));
    let (from, until) = (from.to_string(), until.to_string());
    let more = ALWAYS.map(|word| match word {
        "FROM" => from.as_str(),
        "UNTIL" => until.as_str(),
        word => word,
    });
    let words = ["authority", "tell", "--json", "--person", person];
    let output = command(&words, config, &more);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = text.lines().next().and_then(|line| serde_json::from_str(line).ok());
    (output.status.code(), said.unwrap_or(Value::Null))
}

/// A door knows nobody: what bears on a person, the authority answers by visit.
#[test]
fn what_no_door_can_match_the_authority_points_out_by_visit() {
    let region = Region::new();
    let (authority, a, b) = (region.authority(), region.door_a(), region.door_b());
    wait_until("the bulletins have come", || a.has_its_rules() && b.has_its_rules());
    let ill = region.visitors.green();
    ill.hold_up(&region.frames("A"));
    wait_until("the visit is with the authority", || {
        authority.metric("vestibule_region_visits", "") == Some(1)
    });
    let (door, registry) = (&region.founded.doors[0].config, &region.founded.authority.config);
    let anomalies = || a.page_as_staff("/venue/anomalies?lang=en", door);
    assert!(!anomalies().contains("A code that did not hold"));

    let person = ill.subject.to_string();
    let (code, said) = tell(&person, registry);
    assert_eq!((code, &said["visits"]), (Some(0), &Value::from(1)), "{said}");
    wait_until("the door lists the visit", || anomalies().contains("A code that did not hold"));
    let at_b = &region.founded.doors[1].config;
    wait_until("so does its sibling", || {
        let page = b.page_as_staff("/venue/anomalies?lang=en", at_b);
        page.contains("A code that did not hold")
    });
    assert!(!anomalies().contains(&person), "the door learns which visit, not who");

    // Told twice is told once; who was nowhere is a negative answer; a door can tell nobody.
    assert_eq!(tell(&person, registry).0, Some(0));
    assert_eq!(anomalies().matches("class=\"when\"").count(), 1);
    let nobody = region.visitors.green().subject.to_string();
    assert_eq!(tell(&nobody, registry).0, Some(1));
    let (code, said) = tell(&person, door);
    assert_eq!((code, said), (Some(1), Value::Null));
}

/// Publishes a list of revocations with these entries.
fn withdraw(region: &Region, whose: &str, entries: Value) {
    let folder = region.folder.path();
    let list = folder.join("revoked.json");
    let issued_at = node::wall::now().to_string();
    let mut body = serde_json::json!({
        "version": 9_999_999_999_u64, "issued_at": issued_at, "revoked": [],
    });
    body[whose] = entries;
    std::fs::write(&list, body.to_string()).unwrap();
    let published = Command::new(binary())
        .args(["authority", "publish", "--region", "1", "--version", "9999999999", "--root"])
        .arg(folder.join("root.key"))
        .arg("--revocations")
        .arg(&list)
        .arg("--out")
        .arg(folder.join("bulletins"))
        .output()
        .unwrap();
    assert!(published.status.success(), "{}", String::from_utf8_lossy(&published.stderr));
}

/// Persons are in no mark of a visit: a list that withdraws one's earlier tokens is answered by the authority, unasked.
#[test]
fn who_is_withdrawn_as_a_person_is_pointed_out_by_the_authority() {
    let region = Region::new();
    let (authority, a) = (region.authority(), region.door_a());
    wait_until("the bulletins have come", || a.has_its_rules());
    let withdrawn = region.visitors.green();
    withdrawn.hold_up(&region.frames("A"));
    wait_until("the visitor is in", || a.held("A") == 1);
    visitors_come(&region, "A", &a, 1);
    wait_until("the visits are with the authority", || {
        authority.metric("vestibule_region_visits", "") == Some(2)
    });

    let before = node::wall::now().plus_millis(1_000).to_string(); // written in whole seconds
    let entry = serde_json::json!([{ "subject": withdrawn.subject.to_string(), "before": before }]);
    withdraw(&region, "subjects", entry);
    let (door, mut page) = (&region.founded.doors[0].config, String::new());
    wait_until("the door shows what the authority found", || {
        page = a.page_as_staff("/venue/anomalies?lang=en", door);
        page.contains("A code that did not hold")
    });
    assert_eq!(page.matches("class=\"when\"").count(), 1, "one of two visits");
    assert!(!page.contains(&withdrawn.subject.to_string()));
}

/// The list of revocations comes after the visitor: the door finds the visit by its marks, and the authority hears of it.
#[test]
fn a_revocation_that_comes_later_becomes_an_alert_at_the_door_and_at_the_authority() {
    let region = Region::new();
    let (authority, a) = (region.authority(), region.door_a());
    wait_until("the bulletins have come", || a.has_its_rules());
    let forged = region.visitors.green();
    forged.hold_up(&region.frames("A"));
    wait_until("the visitor is in", || a.held("A") == 1);
    visitors_come(&region, "A", &a, 1);

    withdraw(&region, "revoked", serde_json::json!([{ "cti": forged.cti.to_string() }]));
    wait_until("the authority has heard the door's alert", || {
        authority.metric("vestibule_region_alerts", "") == Some(1)
    });
    let page = a.page_as_staff("/venue/anomalies?lang=en", &region.founded.doors[0].config);
    assert_eq!(page.matches("class=\"when\"").count(), 1, "one alert, for one of two visits");
}
