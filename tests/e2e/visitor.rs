//! A visitor's own phone at a real door: the visit is recorded, and the number is in no file and no log.

use std::fs;

use data_encoding::BASE64URL_NOPAD;
use serde_json::json;
use sync::letterbox::seal_to;
use tests::{free_ports, process::Process, region::Region, wait_until};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::pages::{contains, everything_in};

const PHONE: &str = "+77015550199";

fn get(door: &Process, page: &str) -> String {
    let mut answer = ureq::get(door.page(page)).call().unwrap();
    answer.body_mut().read_to_string().unwrap()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before:?} in {text}")).1;
    rest.split_once(after).unwrap().0
}

/// Types the number and the PIN of the door's screen; the pass.
fn check_in(door: &Process) -> String {
    let screen = get(door, "/door?lang=en");
    let page = get(door, "/v?lang=en");
    let key = BASE64URL_NOPAD.decode(between(&page, "data-key=\"", "\"").as_bytes()).unwrap();
    let typed = json!({"country": "", "phone": PHONE, "pin": pin(&screen)}).to_string();
    let letter = seal_to(&key.try_into().unwrap(), typed.as_bytes()).unwrap();
    let letter = BASE64URL_NOPAD.encode(&letter);
    let agent = ureq::Agent::config_builder().max_redirects(0).build().new_agent();
    let answer = agent
        .post(door.page("/v/check"))
        .send_form([("letter", letter.as_str()), ("how", "pin")])
        .unwrap();
    let to = answer.headers().get("location").unwrap().to_str().unwrap().to_owned();
    to.strip_prefix("/v/pass/").unwrap().to_owned()
}

#[test]
fn a_number_is_recorded_sealed_and_any_door_answers_for_the_pass() {
    let region = Region::new();
    let (authority, a, b) = (region.authority(), region.door_a(), region.door_b());
    wait_until("A has its rules", || a.has_its_rules());
    let pass = check_in(&a);
    let page = get(&a, &format!("/v/pass/{pass}?lang=en"));
    assert!(page.contains("Valid until") && page.contains("unverified"), "{page}");
    wait_until("the sibling has it", || b.held("A") == 1);
    let receipt = get(&b, &format!("/v/receipt/{pass}?lang=en"));
    assert!(receipt.contains("Sealed: only the health authority"), "{receipt}");
    wait_until("the authority has it", || {
        get(&b, &format!("/v/receipt/{pass}?lang=en")).contains("Has received it")
    });
    for log in [authority.log(), a.log(), b.log()] {
        let log = log.join("\n");
        assert!(!log.contains(&PHONE[1..]) && !log.contains(&pass), "{log}");
    }
    drop((authority, a, b)); // sled has written all it will
    for node in ["door-a", "door-b", "authority"] {
        let bytes = everything_in(&region.folder.path().join(node).join("data"));
        assert!(bytes.len() > 1000, "the node wrote something");
        assert!(!contains(&bytes, &PHONE.as_bytes()[1..]), "{node} holds the number in clear");
        assert!(!contains(&bytes, pass.as_bytes()), "{node} holds the pass");
    }
}

/// The PIN on a door's screen.
fn pin(screen: &str) -> String {
    let strong = between(screen, "<strong><b>", "</strong>");
    strong.chars().filter(char::is_ascii_digit).collect()
}

#[test]
fn under_a_certificate_no_script_is_needed_and_plain_http_serves_the_visitors_page_alone() {
    let region = Region::new();
    let config = &region.founded.doors[0].config;
    let [port] = free_ports();
    let text = fs::read_to_string(config).unwrap();
    let plain = format!("visitors = \"127.0.0.1:{port}\"");
    fs::write(config, text.replace("tls = \"plain-loopback\"", &plain)).unwrap();
    let (_authority, a) = (region.authority(), Process::start(config));
    let pem = fs::read(config.with_file_name("data/tls/web-cert.pem")).unwrap();
    let trusted = Certificate::from_pem(&pem).unwrap();
    let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[trusted])).build();
    let agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .max_redirects(0)
        .http_status_as_error(false)
        .build()
        .new_agent();
    let get = |url: &str| {
        let mut answer = agent.get(url).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    };
    // In plain HTTP: the visitors' page, sealed, and nothing of the staff's.
    let open = |page: &str| format!("http://127.0.0.1:{port}{page}");
    assert!(get(&open("/v?lang=en")).1.contains("data-key="));
    for page in ["/desk", "/door", "/metrics", "/enter", "/events", "/venue/poster/in.svg"] {
        assert_eq!(get(&open(page)).0, 404, "{page}");
    }
    // Under TLS the form is one like any other.
    let (_, form) = get(&a.page("/v?lang=en"));
    assert!(!form.contains("data-key=") && !form.contains("disabled"), "{form}");
    wait_until("A has its rules", || {
        get(&a.page("/healthz")).1.contains("\"kind\":\"tracing-keys\"")
    });
    let (_, screen) = get(&a.page("/door?lang=en"));
    let typed = pin(&screen);
    let answer = agent
        .post(a.page("/v/check"))
        .send_form([
            ("country", "7"),
            ("phone", "701 555 01 99"),
            ("pin", typed.as_str()),
            ("how", "pin"),
        ])
        .unwrap();
    assert_eq!(answer.status(), 303);
    let to = answer.headers().get("location").unwrap().to_str().unwrap().to_owned();
    let (_, pass) = get(&a.page(&to));
    assert!(pass.contains("class=\"pass grey\""), "{pass}");
    // The same port without TLS takes nothing unsealed.
    let clear = [("country", "7"), ("phone", "701 555 01 99"), ("pin", "1"), ("how", "pin")];
    assert_eq!(agent.post(open("/v/check")).send_form(clear).unwrap().status(), 422);
}
