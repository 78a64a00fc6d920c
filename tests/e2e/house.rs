//! The venue's own rules at two real doors: set at the manager's, heard by the other, kept through an outage and a restart.

use tests::{process::Process, region::Region, wait_until};

use crate::outage::visitors_come;

/// Sends the manager's form with these fields.
fn rule(region: &Region, door: &Process, fields: &[(&str, &str)]) {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    let config = &region.founded.doors[0].config;
    let key = std::fs::read_to_string(config.with_file_name("data").join("access.key")).unwrap();
    let entered = agent.get(door.page(&format!("/enter?key={}", key.trim()))).call().unwrap();
    let cookie = entered.headers().get("set-cookie").unwrap().to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let mut page = agent.get(door.page("/venue/rules")).header("cookie", cookie).call().unwrap();
    let page = page.body_mut().read_to_string().unwrap();
    let token = page.split_once(r#"name="token" value=""#).unwrap().1.split('"').next().unwrap();
    let fields = [("token", token)].into_iter().chain(fields.iter().copied());
    let to = door.page("/venue/rules");
    let sent = agent.post(to).header("cookie", cookie).send_form(fields).unwrap();
    assert_eq!(sent.status().as_u16(), 303);
}

fn refused(door: &Process) -> usize {
    door.lines_with(&["decided", "kind=Refusal", "house-document"])
}

#[test]
fn what_the_manager_rules_at_one_door_turns_visitors_away_at_the_other_without_a_network() {
    let region = Region::new();
    let authority = region.authority();
    let (a, b) = (region.door_a(), region.door_b());
    wait_until("the bulletins have come", || a.has_its_rules() && b.has_its_rules());
    visitors_come(&region, "B", &b, 1);
    assert_eq!(b.metric("vestibule_inside", ""), Some(1), "the region lets them in");
    rule(&region, &a, &[("document", "1")]);
    let config = &region.founded.doors[1].config;
    let heard = |b: &Process| {
        let page = b.page_as_staff("/venue/rules", config);
        page.contains(r#"name="document" value="1" aria-describedby="document-hint" checked"#)
    };
    wait_until("B has heard of it", || heard(&b));
    region.cut_all();
    assert_eq!(b.stop(), Some(0));
    let b = region.door_b();
    wait_until("B has its rules", || b.has_its_rules());
    visitors_come(&region, "B", &b, 1);
    assert_eq!(refused(&b), 1, "{:#?}", b.log());
    region.heal_all();
    rule(&region, &a, &[]);
    wait_until("B has heard that it is over", || !heard(&b));
    visitors_come(&region, "B", &b, 1);
    assert_eq!(refused(&b), 1);
    drop(authority);
}
