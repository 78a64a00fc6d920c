//! The pages as a browser asks for them, over a real port.

mod accounts;
mod attacks;
mod browser;
mod casework;
mod contacts;
mod corrections;
mod guard;
mod house;
mod office;
mod officers;
mod passkeys;
mod person;
mod phone;
mod region;
mod restart;
mod sheet;
mod venue;
mod visitor;

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{BindError, Tls, WebConfig, bind, language::Lang};
use browser::{config, form, served, start};
use region::{Region, token_of};

#[tokio::test]
async fn every_page_renders_in_every_language() {
    let mut node = served().await;
    node.enter().await;
    let venue = ["/venue", "/venue/anomalies", "/venue/doors", "/venue/staff", "/venue/audit"];
    let guard = ["/desk/guard", "/desk/lookup", "/desk/lookups", "/desk/family"];
    for page in ["/", "/setup", "/bind", "/door", "/desk", "/authority", "/nowhere"]
        .into_iter()
        .chain(venue)
        .chain(guard)
    {
        for lang in Lang::ALL {
            let answer = node.get(&format!("{page}?lang={}", lang.tag())).await;
            assert_eq!(answer.status, if page == "/nowhere" { 404 } else { 200 }, "{page}");
            assert!(answer.body.contains(&format!("<html lang=\"{}\"", lang.tag())), "{page}");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert!(
                answer.header("content-security-policy").unwrap().contains("default-src 'self'")
            );
            assert!(
                // The door's own screen names the address of its set-up, and nobody else's.
                !answer.body.replace(&format!("http://{}/", node.addr), "").contains("http://")
                    && !answer.body.contains("https://"),
                "{page}"
            );
        }
    }
}

#[tokio::test]
async fn protected_pages_need_a_session_and_open_ones_do_not() {
    let mut node = served().await;
    for page in ["/", "/door", "/healthz", "/metrics", "/static/style.css", "/enter"] {
        assert_eq!(node.get(page).await.status, 200, "{page}");
    }
    let staffs = ["/account", "/venue/staff", "/venue/audit"];
    let guard = ["/desk/guard", "/desk/lookup", "/desk/lookups", "/desk/family"];
    let pages = ["/desk", "/venue", "/venue/anomalies", "/venue/doors", "/authority"];
    for page in pages.into_iter().chain(staffs).chain(guard) {
        let answer = node.get(page).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some(&*format!("/enter?next={page}")))
        );
    }
    let streams = ["/events/desk", "/events/site", "/events/anomalies", "/events/doors"];
    for page in streams.into_iter().chain(["/events/authority"]) {
        assert_eq!(node.get(page).await.status, 401, "{page}");
    }
    let desk = ["/desk/check", "/desk/decide", "/desk/click", "/desk/undo", "/desk/notice"];
    let venue = ["/venue/count", "/venue/note", "/venue/field", "/venue/keep", "/venue/void"];
    let doors = ["/venue/doors/invite", "/venue/doors/cancel", "/venue/doors/remove"];
    let guard = ["/desk/guard", "/desk/lookup", "/desk/lookup/come", "/desk/family"];
    let others = ["/authority/trace", "/leave", "/account/secret", "/desk/terminus"];
    let staff = ["invite", "change", "reset", "remove"].map(|act| format!("/venue/staff/{act}"));
    let staff: Vec<&str> = staff.iter().map(String::as_str).collect();
    let pages = desk.iter().chain(&guard).chain(&venue).chain(&doors);
    for page in pages.chain(&others).chain(&staff) {
        assert_eq!(node.post(page, "token=").await.status, 403, "{page}");
    }
    node.enter().await;
    let token = node.get("/desk").await.token().to_owned();
    assert_eq!(node.post("/desk/check", "token=wrong&code=x").await.status, 403);
    assert_eq!(node.post("/leave", &form(&[("token", &token)])).await.status, 303);
    assert_eq!(node.get("/desk").await.status, 303);
}

#[tokio::test]
async fn foreign_names_sites_and_large_bodies_are_refused() {
    let mut node = served().await;
    node.enter().await;
    assert_eq!(node.ask("GET /door HTTP/1.1\r\nHost: evil.example", "").await.status, 421);
    let head = format!(
        "POST /leave HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\nSec-Fetch-Site: cross-site",
        node.cookies
    );
    assert_eq!(node.ask(&head, "").await.status, 403);
    let large = format!("token=x&code={}", "a".repeat(64 * 1024));
    assert_eq!(node.post("/desk/check", &large).await.status, 413);
    let next = node.get(&format!("/enter?key={}&next=https://evil.example", node.key)).await;
    assert_eq!(next.header("location"), Some("/"));
}

#[tokio::test]
async fn a_code_is_checked_released_and_found_again() {
    let mut node = served().await;
    node.enter().await;
    let token = node.get("/desk").await.token().to_owned();
    let code = node.region.token();
    let answer = node.post("/desk/check", &form(&[("token", &token), ("code", &code)])).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/desk")));
    let page = node.get("/desk").await.body;
    let id =
        page.split_once(r#"name="id" value=""#).unwrap().1.split('"').next().unwrap().to_owned();
    assert!(page.contains("The rules admit · Entry"), "{page}");
    let act = form(&[("token", &token), ("id", &id), ("act", "release")]);
    assert_eq!(node.post("/desk/decide", &act).await.status, 303);
    let again = node.post("/desk/decide", &act).await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("already decided"), "{}", again.body);
    assert!(node.get("/desk").await.body.contains("By staff"));
    assert!(node.get("/door").await.body.contains("<strong id=\"inside\">1 / 120</strong>"));
    let metrics = node.get("/metrics").await.body;
    assert!(metrics.contains("vestibule_inside 1"), "{metrics}");
    assert!(metrics.contains("vestibule_visits_total{kind=\"entry\"} 1"), "{metrics}");
}

#[tokio::test]
async fn the_ninth_who_waits_is_on_the_screen_and_so_is_the_first() {
    let mut node = served().await;
    node.enter().await;
    let token = node.get("/desk").await.token().to_owned();
    for n in 1..=9 {
        let typed = form(&[("token", &token), ("code", &token_of(n))]);
        assert_eq!(node.post("/desk/check", &typed).await.status, 303);
    }
    let page = node.get("/desk").await.body;
    let ids: Vec<_> = page.split(r#"name="id" value=""#).skip(1).collect();
    let ids: std::collections::BTreeSet<_> =
        ids.iter().map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(ids.len(), 9, "{page}");
    for id in ids {
        let act = form(&[("token", &token), ("id", id), ("act", "release")]);
        assert_eq!(node.post("/desk/decide", &act).await.status, 303);
    }
}

#[tokio::test]
async fn a_decision_is_recorded_even_if_nobody_waits_for_the_answer() {
    let mut node = served().await;
    node.enter().await;
    let token = node.get("/desk").await.token().to_owned();
    let typed = form(&[("token", &token), ("code", &token_of(1))]);
    node.post("/desk/check", &typed).await;
    let page = node.get("/desk").await.body;
    let id = page.split_once(r#"name="id" value=""#).unwrap().1.split('"').next().unwrap();
    let act = form(&[("token", &token), ("id", id), ("act", "release")]);
    let mut view = node.region.desk.view();
    let mut stream = TcpStream::connect(node.addr).await.unwrap();
    let request = format!(
        "POST /desk/decide HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{act}",
        node.cookies,
        act.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    drop(stream);
    let recorded = view.wait_for(|view| view.inside == 1);
    tokio::time::timeout(Duration::from_secs(5), recorded).await.unwrap().unwrap();
    // The ledger's news may change the view before the desk has listed its decision.
    let listed = async {
        while node.region.desk.recent().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), listed).await.unwrap();
    assert_eq!(node.region.desk.recent().len(), 1);
}

#[tokio::test]
async fn a_stream_of_the_staff_ends_with_the_session() {
    let mut node = served().await;
    node.enter().await;
    let token = node.get("/desk").await.token().to_owned();
    let mut stream = TcpStream::connect(node.addr).await.unwrap();
    let cookies = &node.cookies;
    let request =
        format!("GET /events/desk HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = [0; 4096];
    assert!(stream.read(&mut bytes).await.unwrap() > 0);
    assert_eq!(node.post("/leave", &form(&[("token", &token)])).await.status, 303);
    node.region.desk.assess(&node.region.token()).await; // news that is no longer for that screen
    let mut seen = String::new();
    while !seen.contains("\r\n0\r\n\r\n") && !seen.starts_with("0\r\n\r\n") {
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut bytes));
        let n = read.await.expect("the stream ends").unwrap();
        assert!(n > 0, "{seen}");
        seen += &String::from_utf8_lossy(&bytes[..n]);
    }
    assert!(!seen.contains("A* B*"), "{seen}");
}

#[tokio::test]
async fn open_streams_take_no_place_from_the_staff() {
    let mut node = served().await;
    node.enter().await;
    let open = async |page: &str| {
        let mut stream = TcpStream::connect(node.addr).await.unwrap();
        let cookies = &node.cookies;
        let request =
            format!("GET {page} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = [0; 12];
        stream.read_exact(&mut bytes).await.unwrap();
        (bytes[9..].to_vec(), stream)
    };
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(open("/events").await);
    }
    assert!(held.iter().all(|(status, _)| status == b"200"));
    assert_eq!(open("/events").await.0, b"503");
    assert_eq!(open("/events/desk").await.0, b"200");
}

#[tokio::test]
async fn what_is_no_credential_is_kept_and_explained() {
    let mut node = served().await;
    node.enter().await;
    let token = node.get("/desk").await.token().to_owned();
    let typed = form(&[("token", &token), ("code", "<b>\"https://menu")]);
    let answer = node.post("/desk/check", &typed).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("This is not a health code"), "{}", answer.body);
    assert!(answer.body.contains("&#60;b&#62;&#34;https://menu"), "{}", answer.body);
}

#[tokio::test]
async fn a_wrong_question_keeps_its_words_and_a_right_one_is_answered() {
    let mut node = served().await;
    node.enter().await;
    let token = node.get("/authority").await.token().to_owned();
    let ask = |case: &'static str, until: &'static str| {
        form(&[
            ("token", &token),
            ("case", case),
            ("purpose", "tracing"),
            ("asked_by", "G. Ivanova"),
            ("who", "00000000000000000000000000000000"),
            ("from", "2026-09-01T00:00"),
            ("until", until),
        ])
    };
    for (case, until, words) in [
        ("", "2026-09-10T00:00", "wrong-case"),
        ("17", "soon", "wrong-until"),
        ("17", "2026-08-01T00:00", "wrong-until"),
    ] {
        let answer = node.post("/authority/trace", &ask(case, until)).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains(words) && answer.body.contains("G. Ivanova"), "{words}");
    }
    let answer = node.post("/authority/trace", &ask("17", "2026-09-10T00:00")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("No contact in this window"), "{}", answer.body);
}

#[tokio::test]
async fn an_answer_shows_stays_contacts_and_a_timeline() {
    let mut node = served().await;
    node.enter().await;
    node.region.welcome(1).await;
    node.region.welcome(2).await;
    let token = node.get("/authority").await.token().to_owned();
    let question = form(&[
        ("token", &token),
        ("case", "17"),
        ("purpose", "tracing"),
        ("asked_by", "G. Ivanova"),
        ("who", "01010101010101010101010101010101"),
        ("from", "2026-09-20T00:00"),
        ("until", "2026-09-23T00:00"),
    ]);
    let body = node.post("/authority/trace", &question).await.body;
    if let Ok(file) = std::env::var("VESTIBULE_TRACED_HTML") {
        std::fs::write(file, &body).unwrap(); // to look at
    }
    assert!(body.contains("1 stay<") && body.contains("1 contact<"), "{body}");
    assert!(body.contains("02020202020202020202020202020202"), "{body}");
    assert!(body.contains("assumed until 21 Sep 2026"), "{body}");
    assert_eq!(body.matches("<rect class=\"stay\"").count(), 1);
    assert_eq!(body.matches("<rect class=\"contact\"").count(), 1);
}

#[tokio::test]
async fn the_open_stream_shows_the_verdict_and_no_name() {
    let mut node = served().await;
    node.enter().await;
    let mut stream = TcpStream::connect(node.addr).await.unwrap();
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut seen = String::new();
    let mut read = async |until: &str| {
        while !seen.contains(until) {
            let mut bytes = [0; 4096];
            let n = stream.read(&mut bytes).await.unwrap();
            assert!(n > 0, "the stream ended: {seen}");
            seen += &String::from_utf8_lossy(&bytes[..n]);
        }
        seen.clone()
    };
    read("\"inside\":\"0 / 120\"").await;
    node.region.desk.assess(&node.region.token()).await;
    let seen = read("Please wait").await;
    assert!(seen.contains("verdict"), "{seen}");
    assert!(!seen.contains("A* B*"), "{seen}");
}

#[tokio::test]
async fn it_stops_when_told_even_with_a_screen_connected() {
    let mut node = served().await;
    let mut stream = TcpStream::connect(node.addr).await.unwrap();
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut bytes = [0; 512];
    assert!(stream.read(&mut bytes).await.unwrap() > 0);
    node.stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(2), node.task.join_next()).await;
    ended.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn what_is_in_the_way_is_named_before_anything_runs() {
    let region = Region::found().await;
    let exposed = WebConfig { listen: SocketAddr::from(([0, 0, 0, 0], 0)), ..config(&region) };
    let error = bind(exposed, region.services()).await.unwrap_err();
    assert!(matches!(error, BindError::PlainExposed(_)), "{error}");
    let web = bind(config(&region), region.services()).await.unwrap();
    let taken = WebConfig { listen: web.addr(), ..config(&region) };
    let error = bind(taken, region.services()).await.unwrap_err();
    assert!(matches!(error, BindError::InUse(_)), "{error}");
    assert!(error.to_string().contains(&web.addr().to_string()));
}

#[tokio::test]
async fn tls_is_spoken_with_the_certificate_made_at_the_first_start() {
    let region = Region::found().await;
    let tls = Tls::SelfMade { dir: region.dir.path().to_owned() };
    let web = bind(WebConfig { tls, ..config(&region) }, region.services()).await.unwrap();
    assert!(web.url("/door").starts_with("https://127.0.0.1:"));
    assert!(web.fingerprint().is_some());
    let node = start(web, region);
    let mut roots = rustls::RootCertStore::empty();
    let pem = std::fs::read(node.region.dir.path().join("web-cert.pem")).unwrap();
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
    let client =
        rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(client));
    let socket = TcpStream::connect(node.addr).await.unwrap();
    let mut stream = connector.connect("localhost".try_into().unwrap(), socket).await.unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"ready\":true"), "{answer}");
}
