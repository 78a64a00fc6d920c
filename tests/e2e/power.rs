//! The power goes: `kill -9` in the middle of a burst, of any node, again and again.

use tests::{process::Process, region::Region, wait_until};

fn shown(door: &Process) -> u64 {
    door.lines_with(&["decided", "kind=Entry"]) as u64
}

/// (d): whatever a door had shown as recorded is there after the restart, and reaches everybody.
#[test]
fn nothing_shown_as_recorded_is_lost_by_kill_nine() {
    let region = Region::new();
    let mut authority = region.authority();
    let mut b = region.door_b();
    let mut least = 0;
    for round in 0..4 {
        let a = region.door_a();
        wait_until("A has its rules", || a.has_its_rules());
        let held = a.held("A");
        assert!(held >= least, "round {round}: {held} visits held, {least} had been shown");
        for _ in 0..8 {
            region.visitors.green().hold_up(&region.frames("A"));
        }
        wait_until("the burst is under way", || shown(&a) >= 3 + round);
        let shown = shown(&a);
        a.kill();
        least = held + shown;
        match round {
            1 => {
                authority.kill();
                authority = region.authority();
            }
            2 => {
                b.kill();
                b = region.door_b();
            }
            _ => {}
        }
        for entry in std::fs::read_dir(region.frames("A")).unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
    let a = region.door_a();
    let held = a.held("A");
    assert!(held >= least, "{held} visits held, {least} had been shown");
    wait_until("the authority has them", || {
        authority.metric("vestibule_region_visits", "") == Some(held)
    });
    wait_until("the sibling has them", || b.held("A") == held);
}

/// SIGTERM ends a node cleanly and quickly, with exit code 0.
#[test]
fn a_node_that_is_told_to_stop_stops() {
    let region = Region::new();
    let authority = region.authority();
    let a = region.door_a();
    assert_eq!(a.stop(), Some(0));
    assert_eq!(authority.stop(), Some(0));
}
