//! A node that serves, and a browser without a screen: for tests of the pages.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::region::Region;
use crate::{Tls, Web, WebConfig, bind};

/// A node that serves, and a browser that keeps its cookies.
pub(super) struct Served {
    pub(super) addr: SocketAddr,
    pub(super) key: String,
    pub(super) cookies: String,
    pub(super) region: Region,
    pub(super) stop: CancellationToken,
    pub(super) task: JoinSet<()>,
    /// What runs beside the pages, as in a node.
    _beside: JoinSet<()>,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The form token of the page.
    pub(super) fn token(&self) -> &str {
        let (_, rest) = self.body.split_once(r#"name="token" value=""#).unwrap();
        rest.split('"').next().unwrap()
    }
}

pub(super) fn config(region: &Region) -> WebConfig {
    WebConfig {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        tls: Tls::PlainLoopback,
        access_file: region.dir.path().join("access-key"),
        hosts: vec![],
        idle: std::time::Duration::from_secs(30 * 60),
        visitors: None,
        passkeys: crate::PasskeyConfig::default(),
    }
}

pub(super) async fn served() -> Served {
    let region = Region::found().await;
    let web = bind(config(&region), region.services()).await.unwrap();
    start(web, region)
}

/// The same at a door that does not hold the manager's key.
pub(super) async fn served_without_manager() -> Served {
    let region = Region::found().await;
    let services = crate::Services { pairing: None, ..region.services() };
    let web = bind(config(&region), services).await.unwrap();
    start(web, region)
}

/// The same where frames of a browser's camera are read.
pub(super) async fn served_with(frames: crate::OpenFrames) -> Served {
    let region = Region::found().await;
    let services = crate::Services { frames: Some(frames), ..region.services() };
    let web = bind(config(&region), services).await.unwrap();
    start(web, region)
}

pub(super) fn start(web: Web, mut region: Region) -> Served {
    let url = web.access_url("/desk");
    let key = url.split_once("key=").unwrap().1.split('&').next().unwrap().to_owned();
    let (addr, stop) = (web.addr(), CancellationToken::new());
    let mut task = JoinSet::new();
    task.spawn(web.serve(stop.clone()));
    let mut beside = JoinSet::new();
    beside.spawn(region.desk.clone().follow(std::future::pending()));
    if let Some((pairing, calls)) = region.pairing.take() {
        beside.spawn(pairing.run(calls, std::future::pending()));
    }
    Served { addr, key, cookies: String::new(), region, stop, task, _beside: beside }
}

impl Served {
    pub(super) async fn ask(&self, head: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        let request =
            format!("{head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub(super) async fn get(&self, page: &str) -> Answer {
        let head = format!("GET {page} HTTP/1.1\r\nHost: localhost\r\nCookie: {}", self.cookies);
        self.ask(&head, "").await
    }

    /// The page once it says so: what other doors wrote is taken in beside.
    pub(super) async fn until(&self, page: &str, words: &str) -> String {
        for _ in 0..200 {
            let body = self.get(page).await.body;
            if body.contains(words) {
                return body;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("{page} never said {words}");
    }

    /// The name of its session cookie.
    pub(super) fn session_cookie(&self) -> String {
        format!("session-{}", self.addr.port())
    }

    pub(super) async fn post(&self, page: &str, body: &str) -> Answer {
        let kind = "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin";
        let cookies = &self.cookies;
        let head =
            format!("POST {page} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n{kind}");
        self.ask(&head, body).await
    }

    /// Posts bytes with the session's token in the header.
    pub(super) async fn post_frame(&self, token: &str, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        let head = format!(
            "POST /desk/frame HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\nX-Form-Token: {token}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            self.cookies,
            bytes.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let _ = stream.write_all(bytes).await; // it may answer before it has read all
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub(super) async fn enter(&mut self) {
        let answer = self.get(&format!("/enter?key={}&next=/desk", self.key)).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some("/desk")));
        let cookie = answer.header("set-cookie").unwrap();
        assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
        self.cookies = cookie.split(';').next().unwrap().to_owned();
    }
}

pub(super) fn form(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    let pairs: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={}", escape(v))).collect();
    pairs.join("&")
}
