//! Officers who sign in by passkey, and those who would like to: an authenticator of our own at the real pages.

use std::cell::Cell;

use data_encoding::BASE64URL_NOPAD;
use node_core::authority::officers::{Office, Offices};
use ring::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use serde_json::{Value, json};

use super::{
    browser::{Answer, Served, config, start},
    officers::{SECRET, admin, authority, officer},
    phone::{Phone, code_of},
    region::Region,
};
use crate::{PasskeyConfig, Services, WebConfig, bind};

const PAGE: &str = "/account/passkeys";

/// A security key with one passkey.
struct Device {
    pair: Ed25519KeyPair,
    id: Vec<u8>,
    counter: Cell<u32>,
    origin: String,
    holder: Vec<u8>,
}

impl Device {
    fn new(node: &Served) -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
        let id = pair.public_key().as_ref()[..16].to_vec();
        let origin = format!("http://localhost:{}", node.addr.port());
        Self { pair, id, counter: Cell::new(1), origin, holder: Vec::new() }
    }

    fn client(&self, kind: &str, asked: &Value) -> Vec<u8> {
        let challenge = &asked["challenge"];
        json!({ "type": kind, "challenge": challenge, "origin": self.origin })
            .to_string()
            .into_bytes()
    }

    fn data(&self, asked: &Value, flags: u8, more: &[u8]) -> Vec<u8> {
        let hash = digest(&SHA256, asked["party"].as_str().unwrap().as_bytes());
        [hash.as_ref(), &[flags], &self.counter.get().to_be_bytes(), more].concat()
    }

    /// Makes a passkey as the page asks for it, and sends it.
    async fn add(&mut self, phone: &Phone<'_>, name: &str, old: &str) -> Answer {
        let asked = asked(phone, "/account/passkeys/new").await;
        self.holder = decoded(&asked["holder"]);
        let cose = [b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20", self.pair.public_key().as_ref()];
        let more = [&[0; 16][..], &[0, 16], &self.id, &cose.concat()].concat();
        let data = self.data(&asked, 0x45, &more);
        let head: &[u8] = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58";
        let attestation = [head, &[u8::try_from(data.len()).unwrap()], &data].concat();
        let client = text(&self.client("webauthn.create", &asked));
        let fields = [
            ("name", name),
            ("old", old),
            ("client", &*client),
            ("attestation", &*text(&attestation)),
        ];
        phone.send(PAGE, "/account/passkeys/add", &fields).await
    }

    /// Answers a question as it stands.
    fn answer(&self, asked: &Value) -> Vec<(&'static str, String)> {
        self.counter.set(self.counter.get() + 1);
        let (client, data) = (self.client("webauthn.get", asked), self.data(asked, 0x05, &[]));
        let signed = [&data[..], digest(&SHA256, &client).as_ref()].concat();
        let signature = self.pair.sign(&signed);
        vec![
            ("id", text(&self.id)),
            ("client", text(&client)),
            ("authenticator", text(&data)),
            ("signature", text(signature.as_ref())),
            ("holder", text(&self.holder)),
            ("next", "/authority".to_owned()),
        ]
    }

    async fn sign_in(&self, phone: &Phone<'_>) -> Answer {
        let asked = asked(phone, "/enter/passkey").await;
        send(phone, &self.answer(&asked)).await
    }
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn decoded(text: &Value) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_str().unwrap().as_bytes()).unwrap()
}

async fn asked(phone: &Phone<'_>, page: &str) -> Value {
    let answer = phone.get(page).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

async fn send(phone: &Phone<'_>, fields: &[(&str, String)]) -> Answer {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    phone.post("/enter/passkey", &fields).await
}

/// The lines of the access log that are of passkeys, and what they say besides, oldest first.
async fn logged(node: &Served) -> Vec<(String, String)> {
    let lines = node.region.authority().accesses(None, 1000).await.unwrap();
    let of_passkeys = lines.into_iter().rev().map(|line| (line.access.what, line.access.detail));
    of_passkeys
        .filter(|(what, detail)| what.starts_with("passkey") || detail == "passkey")
        .collect()
}

#[tokio::test]
async fn a_passkey_is_added_opens_the_pages_and_opens_nothing_once_removed() {
    let (node, code) = authority().await;
    let ada = admin(&node, &code).await;
    assert!(!ada.get("/enter").await.body.contains("data-passkey"), "nobody has one");
    let mut key = Device::new(&node);
    let wrong = key.add(&ada, "Blue key", "not the secret").await;
    assert_eq!(wrong.status, 403, "a session alone adds none");
    assert_eq!(key.add(&ada, " ", SECRET).await.status, 422, "it has a name");
    let added = key.add(&ada, "Blue <key>", SECRET).await;
    assert_eq!((added.status, added.header("location")), (303, Some(PAGE)), "{}", added.body);
    assert_eq!(key.add(&ada, "Again", SECRET).await.status, 422, "the same one");
    let page = ada.get(PAGE).await.body;
    assert!(page.contains("<strong>Blue &#60;key&#62;</strong>") && page.contains("Not used yet"));

    let other = Phone::new(&node);
    assert!(other.get("/enter").await.body.contains(r#"data-passkey="/enter/passkey""#));
    let came = key.sign_in(&other).await;
    assert_eq!((came.status, came.header("location")), (303, Some("/authority")), "{}", came.body);
    assert_eq!(other.get("/authority/staff").await.status, 200);
    assert!(ada.get(PAGE).await.body.contains("Last used"));

    let id = text(&key.id);
    let fields = [("id", id.as_str()), ("sure", "yes")];
    assert_eq!(ada.send(PAGE, "/account/passkeys/remove", &fields[..1]).await.status, 422);
    assert_eq!(ada.send(PAGE, "/account/passkeys/remove", &fields).await.status, 303);
    assert_eq!(other.get("/authority/staff").await.status, 303, "its session is over at once");
    assert_eq!(ada.get("/authority/staff").await.status, 200, "the password's is not");
    let refused = key.sign_in(&other).await;
    assert!(refused.status == 403 && refused.body.contains("not known here"), "{}", refused.body);
    let said = |what: &str, detail: &str| (what.to_owned(), detail.to_owned());
    let expected = [
        said("passkey-added", "Blue <key>"),
        said("signed-in", "passkey"),
        said("passkey-removed", "Blue <key>"),
        said("passkey-refused", "unknown"),
    ];
    assert_eq!(logged(&node).await, expected);
}

#[tokio::test]
async fn nobody_comes_in_by_an_answer_that_is_not_the_own_and_fresh() {
    let (node, code) = authority().await;
    let ada = admin(&node, &code).await;
    let tom = officer(&ada, "Tom", "tracer").await;
    let (mut adas, mut toms) = (Device::new(&node), Device::new(&node));
    assert_eq!(adas.add(&ada, "Key", SECRET).await.status, 303);
    assert_eq!(toms.add(&tom, "Key", SECRET).await.status, 303);
    let phone = Phone::new(&node);
    let question = asked(&phone, "/enter/passkey").await;
    let answer = adas.answer(&question);
    assert_eq!(send(&phone, &answer).await.status, 303);
    let thief = Phone::new(&node);
    assert_eq!(send(&thief, &answer).await.status, 403, "the same again");
    assert_eq!(send(&thief, &adas.answer(&question)).await.status, 403, "signed anew");

    // Tom's passkey under Ada's name, and under Ada's id.
    let posing = Device { holder: adas.holder.clone(), ..Device::new(&node) };
    let posing = Device { id: toms.id.clone(), ..posing };
    assert_eq!(posing.sign_in(&thief).await.status, 403);
    let posing = Device { holder: adas.holder.clone(), id: adas.id.clone(), ..Device::new(&node) };
    assert_eq!(posing.sign_in(&Phone::new(&node)).await.status, 403);
    let elsewhere = Device {
        origin: "https://console.evil.example".into(),
        pair: adas.pair,
        id: adas.id,
        counter: adas.counter,
        holder: adas.holder,
    };
    assert_eq!(elsewhere.sign_in(&thief).await.status, 403);
    assert_eq!(thief.get("/authority").await.status, 303, "the thief has no session");
    let words: Vec<String> = logged(&node).await.into_iter().map(|(_, detail)| detail).collect();
    assert_eq!(words[3..], ["challenge", "challenge", "unknown", "signature", "origin"]);
}

#[tokio::test]
async fn a_counter_that_goes_back_is_refused_and_stands_in_the_log() {
    let (node, code) = authority().await;
    let ada = admin(&node, &code).await;
    let mut key = Device::new(&node);
    assert_eq!(key.add(&ada, "Key", SECRET).await.status, 303);
    let phone = Phone::new(&node);
    assert_eq!(key.sign_in(&phone).await.status, 303);
    key.counter.set(0);
    let copy = key.sign_in(&Phone::new(&node)).await;
    assert!(copy.status == 403 && copy.body.contains("a copy"), "{}", copy.body);
    assert_eq!(logged(&node).await.last().unwrap().0, "passkey-counter");
    assert!(ada.get("/authority/staff").await.status == 200);
    key.counter.set(10);
    assert_eq!(key.sign_in(&phone).await.status, 303, "the own one goes on");
}

/// Without a name there are no passkeys, and where they are demanded the node does not start without.
#[tokio::test]
async fn a_console_without_a_name_or_in_clear_has_no_passkeys() {
    let region = Region::found().await;
    for (console, words) in
        [("http://console.example", "https://"), ("https://10.0.0.7:8443", "a name")]
    {
        let passkeys = PasskeyConfig { console: Some(console.into()), ..PasskeyConfig::default() };
        let error = bind(WebConfig { passkeys, ..config(&region) }, region.services()).await;
        let error = error.unwrap_err();
        let why = std::error::Error::source(&error).unwrap().to_string();
        assert!(why.contains(words), "{why}");
    }
}

#[tokio::test]
async fn an_office_that_must_have_passkeys_comes_in_by_them_alone() {
    let region = Region::found().await;
    let services = Services { door: None, pairing: None, ..region.services() };
    let required_of = Offices::of([Office::Publisher]);
    let passkeys = PasskeyConfig { required_of, ..PasskeyConfig::default() };
    let web = bind(WebConfig { passkeys, ..config(&region) }, services).await.unwrap();
    let code = web.set_up_code().unwrap();
    let node = start(web, region);
    let ada = admin(&node, &code).await;
    let paul = officer(&ada, "Paul", "publisher").await;
    assert_eq!(paul.get("/authority/bulletins").await.status, 403, "not yet");
    assert_eq!(paul.get("/authority").await.status, 403);
    assert!(paul.get(PAGE).await.body.contains(r#"id="awaited""#));
    assert_eq!(paul.sign_in("Paul", SECRET).await.header("location"), Some(PAGE));
    let mut key = Device::new(&node);
    assert_eq!(key.add(&paul, "Key", SECRET).await.header("location"), Some("/enter"));
    assert_eq!(paul.get(PAGE).await.status, 303, "the password's session is over");
    let by_password = paul.sign_in("Paul", SECRET).await;
    assert!(by_password.status == 403 && by_password.body.contains("use yours"));
    let refused = ("passkey-refused".to_owned(), "password".to_owned());
    assert_eq!(logged(&node).await.last(), Some(&refused));
    assert_eq!(key.sign_in(&paul).await.status, 303);
    assert_eq!(paul.get("/authority/bulletins").await.status, 200);
    let id = text(&key.id);
    let fields = [("id", id.as_str()), ("sure", "yes")];
    let last = paul.send(PAGE, "/account/passkeys/remove", &fields).await;
    assert_eq!(last.status, 422, "the last one stays");

    // It is lost: the admin invites Paul anew, and nothing of before opens anything.
    let page = ada.get("/authority/staff").await.body;
    let (_, rest) = page.split_once("<strong>Paul</strong>").unwrap();
    let id = rest.split_once(r#"name="id" value=""#).unwrap().1.split('"').next().unwrap();
    let answer = ada.send("/authority/staff", "/authority/staff/reset", &[("id", id)]).await;
    assert_eq!(paul.get("/authority/bulletins").await.status, 303);
    assert_eq!(key.sign_in(&paul).await.status, 403);
    assert_eq!(paul.bind(&code_of(&answer), SECRET).await.status, 200);
    assert_eq!(key.sign_in(&paul).await.status, 403, "not with the new password either");
    assert_eq!(ada.get("/authority/staff").await.status, 200, "an admin needs none here");
}
