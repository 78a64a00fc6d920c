//! Bad input to a running region: what is wrong is named, and nothing is lost.

use tests::{process::Process, region::Region, wait_until};

use crate::outage::visitors_come;

/// Red, expired and broken codes are refused by their reasons; the good one after them comes in.
#[test]
fn each_bad_code_is_refused_by_its_reason_and_the_next_visitor_comes_in() {
    let region = Region::new();
    let _authority = region.authority();
    let a = region.door_a();
    wait_until("A has its rules", || a.has_its_rules());
    let frames = region.frames("A");
    std::fs::write(frames.join("0-broken.png"), b"\x89PNG no picture").unwrap();
    region.visitors.red().hold_up(&frames);
    region.visitors.expired().hold_up(&frames);
    wait_until("both were refused", || {
        let refused = |reason: &str| {
            a.metric("vestibule_refusals", &format!("reason=\"{reason}\"")) == Some(1)
        };
        refused("status-red") && refused("expired")
    });
    visitors_come(&region, "A", &a, 1);
    assert_eq!(a.metric("vestibule_inside", ""), Some(1));
}

/// Two doors on one port, two processes on one store: the second says what is taken, and the first goes on.
#[test]
fn a_port_or_store_in_use_is_named_and_the_first_goes_on() {
    let region = Region::new();
    let _authority = region.authority();
    let a = region.door_a();
    wait_until("A has its rules", || a.has_its_rules());
    let mut twin = Process::spawn(&region.founded.doors[0].config);
    assert_eq!(twin.ended(), Some(1));
    assert!(twin.lines_with(&["in use by another process"]) > 0, "{:#?}", twin.log());

    let text = std::fs::read_to_string(&region.founded.doors[1].config).unwrap();
    let a_text = std::fs::read_to_string(&region.founded.doors[0].config).unwrap();
    let listen =
        |text: &str| text.lines().find(|l| l.starts_with("listen = [")).unwrap().to_owned();
    let stolen = text.replace(&listen(&text), &listen(&a_text));
    let config = region.founded.doors[1].config.with_file_name("stolen.toml");
    std::fs::write(&config, stolen).unwrap();
    let mut thief = Process::spawn(&config);
    assert_eq!(thief.ended(), Some(1));
    assert!(thief.lines_with(&["cannot listen for peers on 127.0.0.1:"]) > 0, "{:#?}", thief.log());
    visitors_come(&region, "A", &a, 1);
}
