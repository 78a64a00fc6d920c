//! Pages from outside: who may see what, and what nobody's log or disk may hold.

use std::path::Path;

use tests::{region::Region, wait_until};

use crate::outage::visitors_come;

fn status(url: &str) -> u16 {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    agent.get(url).call().map_or(0, |answer| answer.status().as_u16())
}

/// The screen is for everyone, the desk and the tracing only for who holds the key.
#[test]
fn only_the_screen_is_open() {
    let region = Region::new();
    let (authority, a) = (region.authority(), region.door_a());
    assert_eq!(status(&a.page("/door")), 200);
    assert_eq!(status(&a.page("/healthz")), 200);
    for page in ["/desk", "/venue"] {
        assert_ne!(status(&a.page(page)), 200, "{page} is open");
    }
    assert_ne!(status(&authority.page("/authority")), 200);
    assert_ne!(status(&a.page("/authority")), 200, "a door has no authority's page");
}

/// No token, name or pseudonym in clear in any log, nor in any file of a door.
#[test]
fn no_visitor_is_readable_in_a_doors_files_or_anybodys_log() {
    let region = Region::new();
    let (authority, a, b) = (region.authority(), region.door_a(), region.door_b());
    wait_until("A has its rules", || a.has_its_rules());
    let canary = region.visitors.green();
    canary.hold_up(&region.frames("A"));
    wait_until("the canary is recorded", || a.held("A") == 1);
    for entry in std::fs::read_dir(region.frames("A")).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    visitors_come(&region, "A", &a, 1);
    wait_until("the sibling has it", || b.held("A") == 2);
    for log in [authority.log(), a.log(), b.log()] {
        let log = log.join("\n");
        assert!(!log.contains(&canary.token), "the token is in a log");
        assert!(!log.contains(&canary.subject.to_string()), "the pseudonym is in a log");
    }
    drop((a, b)); // sled has written all it will
    for door in ["door-a", "door-b"] {
        let bytes = everything_in(&region.folder.path().join(door).join("data"));
        assert!(bytes.len() > 1000, "the door wrote something");
        for needle in [canary.token.as_bytes(), &canary.subject.as_bytes()[..]] {
            assert!(!contains(&bytes, needle), "{door} holds a visitor in clear");
        }
    }
}

pub(crate) fn everything_in(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes.extend(everything_in(&path));
        } else if path.is_file() {
            bytes.extend(std::fs::read(&path).unwrap()); // a socket holds nothing
        }
    }
    bytes
}

pub(crate) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
