//! Casework without a browser: a question, counts and a file from the running authority, and what a door answers.

use std::{path::Path, process::Command};

use serde_json::Value;
use tests::{binary, region::Region, wait_until};

/// Runs a command of the authority; its exit code and what it printed.
fn run(verb: &str, config: &Path, words: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(binary())
        .args(["authority", verb, "--config"])
        .arg(config)
        .args(words)
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_case_is_asked_counted_and_exported_from_the_command_line() {
    let region = Region::new();
    let (authority, a) = (region.authority(), region.door_a());
    wait_until("the bulletins have come", || a.has_its_rules());
    let visitors = [region.visitors.green(), region.visitors.green()];
    for (visitor, held) in visitors.iter().zip(1..) {
        visitor.hold_up(&region.frames("A"));
        wait_until("the visitor is in", || a.held("A") == held);
    }
    wait_until("the visits are with the authority", || {
        authority.metric("vestibule_region_visits", "") == Some(2)
    });
    let (config, door) = (&region.founded.authority.config, &region.founded.doors[0].config);
    let now = node::wall::now();
    let from = now.plus_millis(-86_400_000).to_string();
    let until = now.plus_millis(86_400_000).to_string();
    let always = ["--case", "2026-114", "--purpose", "cluster", "--asked-by", "A. Tracer"];
    let window = ["--from", &from, "--until", &until, "--json"];
    let ask = |about: &[&str], config: &Path| {
        run("trace", config, &[&always[..], about, &window[..]].concat())
    };

    let person = visitors[0].subject.to_string();
    let (code, said) = ask(&["--subject", &person], config);
    assert_eq!(code, Some(0), "{said}");
    let found: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(found["met"][0]["person"], visitors[1].subject.to_string());
    assert_eq!(found["met"][0]["same_entrance"], true);
    let nobody = region.visitors.green().subject.to_string();
    assert_eq!(ask(&["--subject", &nobody], config).0, Some(1), "nobody was found");
    assert_eq!(ask(&["--subject", &person], door).0, Some(1), "a door knows nobody");
    assert_eq!(ask(&["--subject", &person, "--venue", "1"], config).0, Some(2), "one of the two");
    assert_eq!(ask(&[], config).0, Some(2));

    let (code, said) = run("stats", config, &["--json"]);
    let stats: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &stats["visits"], &stats["questions"]), (Some(0), &2.into(), &2.into()));

    let out = region.folder.path().join("contacts.csv");
    let file = out.to_str().unwrap();
    let export = |more: &[&str]| {
        let case = ["--case", "2026-114", "--out", file];
        run("export", config, &[&case[..], more].concat())
    };
    assert_eq!(export(&["--format", "pdf"]).0, Some(1));
    assert_eq!(export(&["--format", "csv", "--question", "1"]).0, Some(0));
    let table = std::fs::read_to_string(&out).unwrap();
    assert!(table.contains(&visitors[1].subject.to_string()), "{table}");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&out).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "contact details are for the owner's eyes");
}

#[test]
fn where_a_second_must_approve_the_command_line_is_no_way_around() {
    let region = Region::new();
    let config = &region.founded.authority.config;
    let text = std::fs::read_to_string(config).unwrap();
    let strict = text.replacen("[authority]\n", "[authority]\nsecond_approver = true\n", 1);
    assert_ne!(strict, text);
    std::fs::write(config, strict).unwrap();
    // No node runs: the commands open the store themselves.
    let person = "000102030405060708090a0b0c0d0e0f";
    let window = ["--from", "2026-11-08T00:00:00Z", "--until", "2026-11-22T00:00:00Z", "--json"];
    let case = ["--case", "2026-114", "--purpose", "x", "--asked-by", "A. Tracer"];
    let words = |who: &'static str| [&[who, person][..], &window, &case].concat();
    let output = Command::new(binary())
        .args(["authority", "trace", "--config"])
        .arg(config)
        .args(words("--subject"))
        .output()
        .unwrap();
    // Nobody's account asks, so nobody would be kept from approving the own question.
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success() && !said.contains("persons"), "{said}");
    assert!(format!("{said}{complained}").contains("an account of your own"), "{complained}");
    let output = Command::new(binary())
        .args(["authority", "tell", "--config"])
        .arg(config)
        .args(words("--person"))
        .output()
        .unwrap();
    // Venues may be told: that opens nobody's contacts. Here the person was nowhere.
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.trim(), r#"{"visits":0}"#);
}
