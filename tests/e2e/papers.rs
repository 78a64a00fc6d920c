//! Papers that end are renewed on contact while the nodes run, and hold over a restart.

use tests::{process::Process, region::Region, wait_until};

use crate::outage::visitors_come;

const TERM_MILLIS: i64 = 20_000;

fn until(door: &Process) -> u64 {
    door.metric("vestibule_papers_until_seconds", "").unwrap_or(0)
}

/// The venue's papers and its doors' end within seconds. A hears the authority and has the manager's key; B hears A alone.
#[test]
fn papers_are_renewed_on_contact_also_through_a_sibling_and_hold_over_a_restart() {
    let region = Region::with_papers_of(TERM_MILLIS);
    let end = u64::try_from(node::wall::now().plus_millis(TERM_MILLIS).secs()).unwrap();
    region.b_to_authority.cut();
    let (authority, a, b) = (region.authority(), region.door_a(), region.door_b());
    for door in [&a, &b] {
        wait_until("the papers are renewed", || {
            until(door) > end && door.lines_with(&["this node's papers are renewed"]) > 0
        });
    }
    let page = a.page_as_staff("/venue?lang=en", &region.founded.doors[0].config);
    assert!(page.contains("They hold until"), "{page}");

    wait_until("the first papers have ended", || node::wall::now().secs() as u64 > end + 1);
    visitors_come(&region, "A", &a, 1);
    visitors_come(&region, "B", &b, 1);
    wait_until("both visits are with the authority", || {
        authority.metric("vestibule_region_visits", "") == Some(2)
    });
    for node in [&authority, &a, &b] {
        assert_eq!(node.lines_with(&["membership-expired"]), 0, "{:#?}", node.log());
    }

    // The configuration still names the old ones.
    assert_eq!(b.stop(), Some(0));
    let b = region.door_b();
    wait_until("it goes on with what it was given", || until(&b) > end);
}
