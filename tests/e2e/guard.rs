//! Guard mode with real processes: a typed number is answered by the authority, or later, and lies nowhere in clear.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use scanner::{View, stage};
use tests::{binary, process::Process, region::Region, wait_until};

use crate::pages::{contains, everything_in};

const GREEN: &str = "800101300006";
const RED: &str = "600101300014";
/// Nobody in the registry has it.
const UNKNOWN: &str = "101123500005";

/// Somebody who is signed in at a node's pages.
struct Staff<'a> {
    node: &'a Process,
    agent: ureq::Agent,
    cookie: String,
    token: String,
}

impl<'a> Staff<'a> {
    fn at(node: &'a Process, config: &Path) -> Self {
        let key =
            std::fs::read_to_string(config.with_file_name("data").join("access.key")).unwrap();
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .into();
        let entered = agent.get(node.page(&format!("/enter?key={}", key.trim()))).call().unwrap();
        let cookie = entered.headers().get("set-cookie").unwrap().to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let mut staff = Self { node, agent, cookie, token: String::new() };
        let desk = staff.page("/desk");
        staff.token = hidden(&desk, "token");
        staff
    }

    fn page(&self, page: &str) -> String {
        let asked = self.agent.get(self.node.page(page)).header("cookie", &self.cookie).call();
        asked.unwrap().body_mut().read_to_string().unwrap()
    }

    /// Sends a form; where the answer leads.
    fn send(&self, page: &str, fields: &[(&str, &str)]) -> String {
        let token = [("token", self.token.as_str())];
        let fields: Vec<_> = token.iter().chain(fields).copied().collect();
        let sent = self.agent.post(self.node.page(page)).header("cookie", &self.cookie);
        let mut answer = sent.send_form(fields).unwrap();
        match answer.headers().get("location") {
            Some(place) => place.to_str().unwrap().to_owned(),
            None => panic!("{page}: {}", answer.body_mut().read_to_string().unwrap()),
        }
    }

    /// Types a number; what came of asking.
    fn types(&self, number: &str) -> String {
        let fields = [("kind", "iin"), ("number", number), ("consent", "yes"), ("way", "in")];
        self.send("/desk/guard", &fields).rsplit('=').next().unwrap().to_owned()
    }

    /// Releases whoever waits first.
    fn releases(&self) {
        let id = hidden(&self.page("/desk"), "id");
        assert_eq!(self.send("/desk/decide", &[("id", &id), ("act", "release")]), "/desk");
    }
}

/// The first hidden field of this name.
fn hidden(page: &str, name: &str) -> String {
    let field = format!(r#"name="{name}" value=""#);
    let (_, rest) = page.split_once(&field).unwrap_or_else(|| panic!("no {name} in {page}"));
    rest.split('"').next().unwrap().to_owned()
}

/// Brings a table into the authority's registry; the exit code, and what was said.
fn import(region: &Region, rows: &str) -> (Option<i32>, String) {
    let table = region.folder.path().join("persons.csv");
    std::fs::write(&table, format!("kind,number,fact,at,name\n{rows}")).unwrap();
    let done = Command::new(binary())
        .args(["authority", "registry", "import", "--json", "--config"])
        .arg(&region.founded.authority.config)
        .arg(&table)
        .output()
        .unwrap();
    std::fs::remove_file(&table).unwrap();
    (done.status.code(), String::from_utf8(done.stdout).unwrap())
}

fn hours_ago(hours: i64) -> String {
    node::wall::now().plus_millis(-hours * 3_600_000).to_string()
}

fn known(region: &Region) {
    let (hour, day) = (hours_ago(1), hours_ago(24));
    let rows =
        format!("iin,{GREEN},test-negative,{hour},\niin,{RED},test-positive,{day},Anna Eriksson\n");
    let (code, said) = import(region, &rows);
    assert_eq!((code, said.matches(r#""result":"taken""#).count()), (Some(0), 2), "{said}");
}

#[expect(clippy::disallowed_methods, reason = "a story measures what a person waits for")]
fn now() -> Instant {
    Instant::now()
}

#[test]
fn a_typed_number_is_answered_at_once_and_the_look_up_is_listed_at_every_door() {
    let region = Region::new();
    let (authority, a, b) = (region.authority(), region.door_a(), region.door_b());
    known(&region);
    wait_until("A has its rules", || a.has_its_rules());
    wait_until("A reaches the authority", || a.metric("vestibule_peers_up", "") >= Some(1));
    let staff = Staff::at(&a, &region.founded.doors[0].config);
    let mut took = Vec::new();
    for (number, words) in [(GREEN, "Green until"), (UNKNOWN, "Blue"), (RED, "Tested positive")] {
        let begun = now();
        let said = staff.types(number);
        took.push(begun.elapsed());
        assert_eq!(said, "answered", "{number}");
        let page = staff.page("/desk");
        assert!(page.contains(words) && !page.contains(number), "{words}: {page}");
        let id = hidden(&page, "id");
        let act = if number == RED { "refuse" } else { "release" };
        staff.send("/desk/decide", &[("id", &id), ("act", act)]);
    }
    eprintln!("from the typed number to the answer: {took:?}");
    assert!(took.iter().all(|t| *t < Duration::from_secs(5)), "{took:?}");
    assert_eq!(authority.metric("vestibule_region_inquiries", ""), Some(3));
    assert_eq!((a.metric("vestibule_held_today", "entry"), a.held("A")), (Some(2), 3));
    wait_until("B lists who looked up what", || {
        let list = b.page_as_staff("/desk/lookups?lang=en", &region.founded.doors[1].config);
        list.matches("A visitor’s number").count() == 3
    });
    // An elder by name: the answer leaves by itself, and is no visit until somebody checks in.
    let elder = |name: &str| {
        let fields = [
            ("token", staff.token.as_str()),
            ("group", "elder"),
            ("name", name),
            ("kind", "iin"),
            ("number", RED),
            ("consent", "yes"),
        ];
        let sent = staff.agent.post(a.page("/desk/lookup")).header("cookie", &staff.cookie);
        sent.send_form(fields).unwrap()
    };
    let mut shown = elder("ANNA  Eriksson");
    assert_eq!(shown.headers().get("refresh").unwrap().to_str().unwrap(), "10; url=/desk/lookup");
    let page = shown.body_mut().read_to_string().unwrap();
    assert!(page.contains("A* E*") && page.contains("Red until"), "{page}");
    assert!(!page.contains(RED) && !page.contains("Eriksson"), "{page}");
    assert_eq!(a.held("A"), 3);
    assert_eq!(staff.send("/desk/lookup/come", &[("id", &hidden(&page, "id"))]), "/desk");
    assert!(staff.page("/desk").contains("Tested positive"));
    let other = elder("Maria Eriksson").body_mut().read_to_string().unwrap();
    assert!(other.contains("the name is not that of this number"), "{other}");
}

#[test]
fn without_the_authority_a_visitor_is_unverified_and_the_late_answer_is_an_alert() {
    let region = Region::new();
    let (authority, a) = (region.authority(), region.door_a());
    known(&region);
    wait_until("A has its rules", || a.has_its_rules());
    region.cut_all();
    let config = &region.founded.doors[0].config;
    let staff = Staff::at(&a, config);
    for number in [RED, GREEN] {
        assert_eq!(staff.types(number), "unanswered");
        staff.releases();
    }
    wait_until("both are in", || a.held("A") == 2);
    let anomalies = || a.page_as_staff("/venue/anomalies?lang=en", config);
    assert!(!anomalies().contains("The status was not what the code said"));
    // What is owed outlasts the night and the plug.
    a.kill();
    let a = region.door_a();
    region.heal_all();
    let anomalies = || a.page_as_staff("/venue/anomalies?lang=en", config);
    wait_until("the late answer is an alert", || {
        anomalies().contains("The status was not what the code said")
    });
    wait_until("the authority was asked about both", || {
        authority.metric("vestibule_region_inquiries", "") >= Some(2)
    });
    assert_eq!(anomalies().matches("class=\"when\"").count(), 1, "one of two");
    wait_until("the alert is with the authority", || {
        authority.metric("vestibule_region_alerts", "") == Some(1)
    });
}

/// A canary in guard mode: the number and the name are in no file of any node and in no log, answered or not.
#[test]
fn a_typed_number_is_in_no_file_and_in_no_log() {
    let region = Region::new();
    let (authority, a, b) = (region.authority(), region.door_a(), region.door_b());
    known(&region);
    wait_until("A has its rules", || a.has_its_rules());
    wait_until("A reaches the authority", || a.metric("vestibule_peers_up", "") >= Some(1));
    let staff = Staff::at(&a, &region.founded.doors[0].config);
    assert_eq!(staff.types(GREEN), "answered");
    staff.releases();
    region.cut_all();
    assert_eq!(staff.types(RED), "unanswered");
    staff.releases();
    region.heal_all();
    wait_until("the visits are with the authority", || {
        authority.metric("vestibule_region_visits", "") == Some(2)
    });
    wait_until("the alert is there", || authority.metric("vestibule_region_alerts", "") == Some(1));
    assert_eq!(authority.metric("vestibule_region_unreadable", ""), Some(0));
    let needles = [GREEN, RED, "Eriksson", "ERIKSSON", "eriksson"];
    for log in [authority.log(), a.log(), b.log()] {
        let log = log.join("\n");
        assert!(needles.iter().all(|needle| !log.contains(needle)), "in a log");
    }
    drop((authority, a, b)); // sled has written all it will
    let bytes = everything_in(region.folder.path());
    assert!(bytes.len() > 10_000, "the nodes wrote something");
    for needle in needles {
        assert!(!contains(&bytes, needle.as_bytes()), "{needle} is in a file");
    }
}

/// Holds two codes up in one frame, side by side, as a companion does.
fn hold_up_together(frames: &Path, tokens: [&str; 2]) {
    let [left, right] = tokens.map(|token| stage(token, &View::walk_up(3), 3).unwrap());
    let (width, height) = (left.width() as usize, left.height() as usize);
    let mut pgm = format!("P5\n{} {height}\n255\n", 2 * width).into_bytes();
    for row in 0..height {
        let of = row * width..(row + 1) * width;
        pgm.extend_from_slice(&left.pixels()[of.clone()]);
        pgm.extend_from_slice(&right.pixels()[of]);
    }
    let beside = frames.join(".together.part");
    std::fs::write(&beside, pgm).unwrap();
    std::fs::rename(beside, frames.join("together.pgm")).unwrap();
}

#[test]
fn two_codes_in_one_frame_wait_together_and_are_released_by_one_act() {
    let region = Region::new();
    let config = &region.founded.doors[0].config;
    let text = std::fs::read_to_string(config).unwrap();
    std::fs::write(config, text.replacen("[gate]", "[gate]\nattended = true", 1)).unwrap();
    let (_authority, a) = (region.authority(), region.door_a());
    wait_until("A has its rules", || a.has_its_rules());
    let (elder, child) = (region.visitors.green(), region.visitors.green());
    hold_up_together(&region.frames("A"), [&elder.token, &child.token]);
    let staff = Staff::at(&a, config);
    let mut page = String::new();
    wait_until("both wait", || {
        page = staff.page("/desk/family?lang=en");
        page.matches(r#"name="take-"#).count() == 2
    });
    let names: Vec<String> = page
        .split(r#"name="take-"#)
        .skip(1)
        .map(|rest| format!("take-{}", rest.split('"').next().unwrap()))
        .collect();
    let ticked: Vec<_> = names.iter().map(|name| (name.as_str(), "yes")).collect();
    assert_eq!(staff.send("/desk/family", &ticked), "/desk");
    assert_eq!(a.held("A"), 2, "a visit each");
}

#[test]
fn a_row_of_the_registry_that_does_not_hold_is_named_and_a_door_has_none() {
    let region = Region::new();
    let at = hours_ago(2);
    let rows =
        format!("iin,{GREEN},contact,{at},\niin,800101300007,contact,{at},\nx,1,contact,{at},\n");
    let (code, said) = import(&region, &rows);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(r#"{"line":2,"result":"taken"}"#), "{said}");
    assert!(said.contains("check digit") && said.contains(r#""line":4"#), "{said}");
    let table = region.folder.path().join("t.csv");
    std::fs::write(&table, format!("kind,number,fact,at\niin,{GREEN},contact,{at}\n")).unwrap();
    let a = region.door_a();
    let done = Command::new(binary())
        .args(["authority", "registry", "import", "--config"])
        .arg(&region.founded.doors[0].config)
        .arg(&table)
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("this node is a door"));
    drop(a);
}
