//! Word to the sanitary authority through an outage: kept at the door, sent when the network is back, received.

use tests::{process::Process, region::Region, wait_until};

/// The desk of a door, with a session.
struct AtDesk<'a> {
    door: &'a Process,
    agent: ureq::Agent,
    cookie: String,
}

impl<'a> AtDesk<'a> {
    fn of(region: &Region, door: &'a Process) -> Self {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .into();
        let config = &region.founded.doors[0].config;
        let key =
            std::fs::read_to_string(config.with_file_name("data").join("access.key")).unwrap();
        let entered = agent.get(door.page(&format!("/enter?key={}", key.trim()))).call().unwrap();
        let cookie = entered.headers().get("set-cookie").unwrap().to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self { door, agent, cookie }
    }

    fn page(&self) -> String {
        let mut answer =
            self.agent.get(self.door.page("/desk")).header("cookie", &self.cookie).call().unwrap();
        answer.body_mut().read_to_string().unwrap()
    }

    fn send(&self, to: &str, fields: &[(&str, &str)]) -> u16 {
        let page = self.page();
        let token = value(&page, "token");
        let fields = [("token", token)].into_iter().chain(fields.iter().copied());
        let sent =
            self.agent.post(self.door.page(to)).header("cookie", &self.cookie).send_form(fields);
        sent.unwrap().status().as_u16()
    }
}

/// The value of the first field of this name.
fn value<'a>(page: &'a str, name: &str) -> &'a str {
    let field = format!(r#"name="{name}" value=""#);
    page.split_once(&field)
        .unwrap_or_else(|| panic!("no {name} in {page}"))
        .1
        .split('"')
        .next()
        .unwrap()
}

#[test]
fn a_notice_waits_out_an_outage_and_a_restart_and_comes_back_as_received() {
    let region = Region::new();
    let authority = region.authority();
    let a = region.door_a();
    wait_until("A has its rules", || a.has_its_rules());
    region.cut_all();
    wait_until("A is alone", || a.metric("vestibule_peers_up", "") == Some(0));
    let desk = AtDesk::of(&region, &a);
    let red = region.visitors.red();
    assert_eq!(desk.send("/desk/check", &[("code", &red.token)]), 303);
    let page = desk.page();
    let (_, card) = page.split_once(r#"action="/desk/decide""#).unwrap();
    let id = value(card, "id");
    for act in ["wait", "notify", "refuse"] {
        assert_eq!(desk.send("/desk/decide", &[("id", id), ("act", act)]), 303, "{act}");
    }
    let page = desk.page();
    assert!(page.contains("it goes out as soon as there is a network"), "{page}");
    let counted = || authority.metric("vestibule_region_notices", "");
    assert_eq!(counted(), Some(0));

    // The power goes before the network comes back: what was said to be saved is.
    drop(desk);
    a.kill();
    let a = region.door_a();
    let desk = AtDesk::of(&region, &a);
    assert!(desk.page().contains("it goes out as soon as there is a network"));
    region.heal_all();
    wait_until("the authority has the notice", || counted() == Some(1));
    wait_until("the desk shows the receipt", || desk.page().contains("Received by the authority"));
    assert_eq!(authority.metric("vestibule_region_visits", ""), Some(1), "and the refusal");
}
