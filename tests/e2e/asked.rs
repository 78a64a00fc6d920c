//! A venue sees how many tracing questions looked into it: as a count, without a case.

use std::process::Command;

use tests::{binary, region::Region, wait_until};

use crate::outage::visitors_come;

#[test]
fn a_tracing_question_shows_on_the_venues_own_page_as_a_count() {
    let region = Region::new();
    let (authority, a) = (region.authority(), region.door_a());
    wait_until("the bulletins have come", || a.has_its_rules());
    let ill = region.visitors.green();
    ill.hold_up(&region.frames("A"));
    wait_until("the visit is with the authority", || {
        authority.metric("vestibule_region_visits", "") == Some(1)
    });
    let page = || a.page_as_staff("/venue?lang=en", &region.founded.doors[0].config);
    assert!(page().contains("has not looked into visits at this venue"), "{}", page());

    let now = node::wall::now();
    let (from, until) = (now.plus_millis(-86_400_000), now.plus_millis(3_600_000));
    let asked = Command::new(binary())
        .args(["authority", "trace", "--json", "--subject", &ill.subject.to_string()])
        .args(["--from", &from.to_string(), "--until", &until.to_string()])
        .args(["--case", "2026-114", "--purpose", "tested positive", "--asked-by", "A. Tracer"])
        .arg("--config")
        .arg(&region.founded.authority.config)
        .output()
        .unwrap();
    assert!(asked.status.code().is_some_and(|code| code < 2), "{asked:?}");
    // It comes with the receipt for what is sent next.
    visitors_come(&region, "A", &a, 1);
    wait_until("the door shows it", || page().contains("One tracing question of the authority"));
    assert!(!page().contains("2026-114"), "no case is named");
}
