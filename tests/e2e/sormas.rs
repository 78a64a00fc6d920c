//! The people of an answer go to a SORMAS server, here one of the test's own that holds what it is sent against SORMAS's
//! classes: by a button, written down with the case, and sent again without a second record.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    process::Command,
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};
use tests::{binary, region::Region, wait_until};

/// A server as SORMAS 1.8x answers: one status for each record, 207 for several, and a record for each uuid.
#[derive(Clone, Default)]
struct Sormas {
    held: Arc<Mutex<BTreeMap<String, (String, Value)>>>,
    /// What it refuses, once.
    refuses: Arc<Mutex<Option<&'static str>>>,
}

/// Fields without which SORMAS's own validation refuses a record (`@NotNull` of the classes and what the facades check).
const NEEDED: [(&str, &[&str]); 4] = [
    ("persons", &["uuid", "firstName", "lastName", "sex"]),
    (
        "contacts",
        &["uuid", "reportDateTime", "reportingUser", "person", "disease", "region", "district"],
    ),
    (
        "events",
        &["uuid", "reportDateTime", "reportingUser", "eventStatus", "eventTitle", "eventLocation"],
    ),
    ("eventparticipants", &["uuid", "event", "person", "region", "district"]),
];

impl Sormas {
    fn start() -> (Self, u16) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self::default();
        let own = server.clone();
        thread::spawn(move || listener.incoming().flatten().for_each(|stream| own.serve(stream)));
        (server, port)
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let (mut length, mut login) = (0, String::new());
        loop {
            let mut head = String::new();
            if reader.read_line(&mut head).unwrap_or(0) == 0 || head.trim().is_empty() {
                break;
            }
            let (name, value) = head.split_once(':').unwrap();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap(),
                "authorization" => login = value.trim().to_owned(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let (status, answer) = match login == "Basic dmVzdGlidWxlOnMzY3JldA==" {
            true => self.take(&path, &serde_json::from_slice(&body).unwrap()),
            false => (401, Value::Null),
        };
        let text = answer.to_string();
        let _ = write!(
            stream,
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{text}",
            text.len()
        );
    }

    fn take(&self, path: &str, records: &Value) -> (u16, Value) {
        let kind = path.strip_prefix("/sormas-rest/").and_then(|p| p.strip_suffix("/push"));
        let Some((kind, needed)) = NEEDED.iter().find(|(name, _)| Some(*name) == kind) else {
            return (404, Value::Null);
        };
        let all = records.as_array().unwrap();
        let told: Vec<Value> =
            all.iter().map(|record| self.verdict(kind, needed, record)).collect();
        let status = if told.len() == 1 { told[0]["statusCode"].as_u64().unwrap() } else { 207 };
        (u16::try_from(status).unwrap(), told.into())
    }

    fn verdict(&self, kind: &str, needed: &[&str], record: &Value) -> Value {
        let missing = needed.iter().find(|field| record[**field].is_null());
        if let Some(field) = missing {
            return json!({ "statusCode": 422, "error": format!("{field} is missing") });
        }
        if self.refuses.lock().unwrap().take_if(|refused| *refused == kind).is_some() {
            return json!({ "statusCode": 422, "error": "not now" });
        }
        let mut held = self.held.lock().unwrap();
        // What a record belongs to must be there.
        for of in ["person", "event"].iter().filter(|of| kind == "contacts" || **of == "event") {
            let uuid = record[*of]["uuid"].as_str();
            if uuid.is_some_and(|uuid| !held.contains_key(uuid)) {
                return json!({ "statusCode": 422, "error": format!("no such {of}") });
            }
        }
        let uuid = record["uuid"].as_str().unwrap().to_owned();
        assert!((20..=36).contains(&uuid.len()), "{uuid}");
        let change = |of: &Value| of["changeDate"].as_i64();
        if held.get(&uuid).is_some_and(|(_, before)| change(before) > change(record)) {
            return json!({ "statusCode": 409, "error": "outdated" });
        }
        held.insert(uuid, (kind.to_owned(), record.clone()));
        json!({ "statusCode": 200, "error": null })
    }

    fn of(&self, kind: &str) -> Vec<Value> {
        let held = self.held.lock().unwrap();
        held.values().filter(|(of, _)| of == kind).map(|(_, record)| record.clone()).collect()
    }
}

/// A browser without a screen that came in with the access key.
struct Browser {
    agent: ureq::Agent,
    cookie: String,
    base: String,
}

impl Browser {
    fn get(&self, path: &str) -> String {
        let answer = self.agent.get(format!("{}{path}", self.base)).header("cookie", &self.cookie);
        answer.call().unwrap().body_mut().read_to_string().unwrap()
    }

    fn send(&self, page: &str) -> (u16, String) {
        let text = self.get(page);
        let token =
            text.split_once(r#"name="token" value=""#).unwrap().1.split('"').next().unwrap();
        let request = self.agent.post(format!("{}{page}/sormas", self.base));
        let request =
            request.header("cookie", &self.cookie).header("Sec-Fetch-Site", "same-origin");
        let mut answer = request.send_form([("token", token), ("sure", "yes")]).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }
}

#[test]
fn an_answers_people_go_to_sormas_once_and_what_came_of_it_is_kept() {
    let (server, port) = Sormas::start();
    let region = Region::new();
    let config = &region.founded.authority.config;
    let password = config.with_file_name("sormas.password");
    std::fs::write(&password, "s3cret\n").unwrap();
    std::fs::set_permissions(&password, std::fs::Permissions::from_mode(0o600)).unwrap();
    let section = format!(
        "\n[authority.sormas]\nurl = \"http://127.0.0.1:{port}/sormas-rest/\"\nuser = \"vestibule\"\npassword = \"sormas.password\"\n\
         reporting_user = \"USER00-000000-000000-00000000\"\nregion = \"REGION-000000-000000-00000000\"\n\
         district = \"DISTRI-000000-000000-00000000\"\n"
    );
    let text = std::fs::read_to_string(config).unwrap();
    std::fs::write(config, text + &section).unwrap();
    let (authority, a) = (region.authority(), region.door_a());
    wait_until("the bulletins have come", || a.has_its_rules());
    let visitors = [region.visitors.green(), region.visitors.green(), region.visitors.green()];
    for (visitor, held) in visitors.iter().zip(1..) {
        visitor.hold_up(&region.frames("A"));
        wait_until("the visitor is in", || a.held("A") == held);
    }
    wait_until("the visits are with the authority", || {
        authority.metric("vestibule_region_visits", "") == Some(3)
    });
    let now = node::wall::now();
    let [from, until] = [-86_400_000, 86_400_000].map(|by| now.plus_millis(by).to_string());
    let ask = |who: &[&str]| {
        let asked = Command::new(binary())
            .args(["authority", "trace", "--case", "2026-114", "--purpose", "x", "--asked-by", "A"])
            .args(["--from", &from, "--until", &until, "--config"])
            .arg(config)
            .args(who)
            .output()
            .unwrap();
        assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    };
    let person = visitors[0].subject.to_string();
    let venue = region.founded.venue.to_string();
    ask(&["--subject", &person]);
    ask(&["--venue", &venue]);

    let key = std::fs::read_to_string(config.with_file_name("data").join("access.key")).unwrap();
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    let entered = agent.get(authority.page(&format!("/enter?key={}", key.trim()))).call().unwrap();
    let cookie = entered.headers().get("set-cookie").unwrap().to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let browser = Browser { agent, cookie, base: authority.page("") };
    let cases = browser.get("/authority/cases");
    let id = cases.split_once("/authority/cases/").unwrap().1.split(['"', '/']).next().unwrap();
    let answers = [1, 2].map(|number| format!("/authority/cases/{id}/{number}"));

    // One person is refused: its contact is kept back, and the other one goes through.
    *server.refuses.lock().unwrap() = Some("persons");
    let (status, page) = browser.send(&answers[0]);
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("2 records taken") && page.contains("2 refused"), "{page}");
    assert!(page.contains("422 not now") && page.contains("kept back"), "{page}");
    assert_eq!((server.of("persons").len(), server.of("contacts").len()), (1, 1));
    // Again: everything is there, and nothing twice.
    let (_, page) = browser.send(&answers[0]);
    assert!(page.contains("4 records taken, 0 known there already, 0 refused"), "{page}");
    let contacts = server.of("contacts");
    assert_eq!((server.of("persons").len(), contacts.len()), (2, 2));
    assert!(contacts.iter().all(|contact| contact["caseIdExternalSystem"] == "2026-114"));
    let met: Vec<_> = contacts.iter().map(|c| c["externalID"].as_str().unwrap()).collect();
    assert!(visitors[1..].iter().all(|v| met.contains(&v.subject.to_string().as_str())));

    // A venue is an event with its participants.
    let (_, page) = browser.send(&answers[1]);
    assert!(page.contains("4 records taken"), "{page}");
    let (event, people) = (server.of("events").remove(0), server.of("eventparticipants"));
    assert_eq!(people.len(), 3);
    assert!(people.iter().all(|person| person["event"]["uuid"] == event["uuid"]));
    assert!(event["startDate"].as_i64() < event["endDate"].as_i64());

    // A wrong password and a server that is away are told, and kept like the rest.
    drop(authority);
    std::fs::write(&password, "wrong\n").unwrap();
    let authority = region.authority();
    let browser = Browser { base: authority.page(""), ..browser };
    let entered = browser.agent.get(authority.page(&format!("/enter?key={}", key.trim())));
    let entered = entered.call().unwrap();
    let cookie = entered.headers().get("set-cookie").unwrap().to_str().unwrap();
    let browser = Browser { cookie: cookie.split(';').next().unwrap().to_owned(), ..browser };
    let (status, page) = browser.send(&answers[0]);
    assert!(status == 502 && page.contains("refuses the login (401)"), "{status} {page}");
    assert_eq!(page.matches("records taken").count(), 3, "all three deliveries are there");
}
