//! The authority's own people: the first admin, invitations, what each office may, the access log.

use node_core::authority::{
    cabinet::Filing,
    trace::{Question, Who},
};
use sync::id::Subject;

use super::{
    browser::{Served, config, start},
    phone::{Phone, code_of},
    region::{NOON, Region},
};
use crate::{Services, bind};

pub(super) const SECRET: &str = "one wise owl at night";

/// An authority without a door, and the set-up code of its terminal.
pub(super) async fn authority() -> (Served, String) {
    authority_of(Region::found().await).await
}

pub(super) async fn authority_of(region: Region) -> (Served, String) {
    let services = Services { door: None, pairing: None, ..region.services() };
    let web = bind(config(&region), services).await.unwrap();
    let code = web.set_up_code().expect("nobody is the admin");
    (start(web, region), code)
}

/// The first admin, signed in.
pub(super) async fn admin<'a>(node: &'a Served, code: &str) -> Phone<'a> {
    let phone = Phone::new(node);
    let fields = [("code", code), ("name", "Ada Admin"), ("secret", SECRET), ("again", SECRET)];
    assert_eq!(phone.post("/setup", &fields).await.status, 200);
    assert_eq!(phone.sign_in("ada admin", SECRET).await.status, 303);
    phone
}

/// Somebody with an office, invited by the admin and signed in.
pub(super) async fn officer<'a>(admin: &Phone<'a>, name: &str, office: &str) -> Phone<'a> {
    let fields = [("name", name), (office, "yes")];
    let answer = admin.send("/authority/staff", "/authority/staff/invite", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let phone = Phone::new(admin.node);
    assert_eq!(phone.bind(&code_of(&answer), SECRET).await.status, 200);
    assert_eq!(phone.sign_in(name, SECRET).await.status, 303);
    phone
}

#[tokio::test]
async fn the_first_admin_is_made_once_and_invites_the_others() {
    let (node, code) = authority().await;
    let stranger = Phone::new(&node);
    let fields = [("code", "AAAA-AAAA"), ("name", "Eve"), ("secret", SECRET), ("again", SECRET)];
    assert_eq!(stranger.post("/setup", &fields).await.status, 403);
    let ada = admin(&node, &code).await;
    let again = [("code", &*code), ("name", "Eve"), ("secret", SECRET), ("again", SECRET)];
    assert_eq!(stranger.post("/setup", &again).await.status, 403, "there is one already");
    let none = ada.send("/authority/staff", "/authority/staff/invite", &[("name", "X")]).await;
    assert_eq!(none.status, 422, "an account without an office");
    let tom = officer(&ada, "Tom Tracer", "tracer").await;
    assert!(tom.get("/authority").await.body.contains("Tom Tracer · Tracer"));
    assert_eq!(tom.get("/account").await.status, 200);
    assert_eq!(tom.send("/account", "/authority/staff/invite", &fields[1..]).await.status, 403);
    let page = ada.get("/authority/staff").await.body;
    let (_, rest) = page.split_once("<strong>Tom Tracer</strong>").unwrap();
    let id = rest.split_once(r#"name="id" value=""#).unwrap().1.split('"').next().unwrap();
    let sure = [("id", id), ("sure", "yes")];
    let gone = ada.send("/authority/staff", "/authority/staff/remove", &sure).await;
    assert_eq!(gone.status, 303);
    assert_eq!(tom.get("/authority").await.status, 303, "the session is over at once");
    assert_eq!(tom.sign_in("Tom Tracer", SECRET).await.status, 403);
}

#[tokio::test]
async fn each_office_opens_its_own_pages_and_the_auditor_reads_all() {
    let (node, code) = authority().await;
    let ada = admin(&node, &code).await;
    let tracer = officer(&ada, "Tom", "tracer").await;
    let registrar = officer(&ada, "Rita", "registrar").await;
    let auditor = officer(&ada, "Olga", "auditor").await;
    let table: [(&str, [u16; 4]); 11] = [
        ("/authority", [200, 200, 200, 200]),
        ("/authority/cases", [403, 200, 403, 200]),
        ("/authority/notices", [403, 200, 403, 200]),
        ("/authority/venues", [403, 403, 200, 200]),
        ("/authority/people", [403, 403, 200, 200]),
        ("/authority/tokens", [403, 403, 200, 200]),
        ("/authority/bulletins", [403, 403, 403, 200]),
        ("/authority/participation", [403, 403, 200, 200]),
        ("/authority/log", [403, 403, 403, 200]),
        ("/authority/staff", [200, 403, 403, 200]),
        ("/authority/programs", [200, 403, 403, 200]),
    ];
    for (page, expected) in table {
        for (phone, status) in [&ada, &tracer, &registrar, &auditor].into_iter().zip(expected) {
            let answer = phone.get(page).await;
            assert_eq!(answer.status, status, "{page}: {}", answer.body);
            let tab = format!("<a href=\"{page}\"");
            let shown = phone.get("/authority").await.body.contains(&tab);
            assert_eq!(shown, status == 200, "the tab of {page}");
        }
    }
    let publisher = officer(&ada, "Paul", "publisher").await;
    assert_eq!(publisher.get("/authority/bulletins").await.status, 200);
    assert_eq!(publisher.get("/authority/venues").await.status, 403);
    for (page, fields) in [
        ("/authority/venues/import", [("table", "A")]),
        ("/authority/people", [("table", "A")]),
        ("/authority/tokens", [("kind", "A")]),
        ("/authority/bulletins/draft", [("kind", "A")]),
        ("/authority/cases", [("case", "A")]),
        ("/authority/trace", [("case", "A")]),
        ("/authority/notices", [("notice", "A")]),
        ("/authority/participation", [("venue", "1")]),
        ("/authority/programs", [("name", "A")]),
    ] {
        let answer = auditor.send("/account", page, &fields).await;
        assert_eq!(answer.status, 403, "{page}: an auditor changes nothing");
    }
}

#[tokio::test]
async fn who_does_what_is_in_a_log_that_hangs_together() {
    let (node, code) = authority().await;
    let ada = admin(&node, &code).await;
    let auditor = officer(&ada, "Olga", "auditor").await;
    let wrong = Phone::new(&node);
    assert_eq!(wrong.sign_in("Olga", "not the secret").await.status, 403);
    let page = auditor.get("/authority/log").await.body;
    for words in [
        "First administrator made",
        "Signed in",
        "Invited",
        "Joined by invitation",
        "Wrong name, PIN",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(page.contains("The access log hangs together"));
    assert!(!page.contains(SECRET) && !page.contains(&code));
    let authority = node.region.authority();
    let (lines, _) = authority.verify_accesses().await.unwrap();
    let newest = authority.accesses(None, 2).await.unwrap();
    assert_eq!(newest.iter().map(|line| line.number).collect::<Vec<_>>(), [lines, lines - 1]);
    let entry = [&b"S"[..], &2_u64.to_be_bytes()[..]].concat();
    let taken = node_core::authority::cabinet::Filing::Take(entry);
    authority.cabinet().file(vec![taken]).await.unwrap();
    assert!(authority.verify_accesses().await.is_err(), "a line is missing");
    assert!(auditor.get("/authority/log").await.body.contains("was altered"));
}

#[tokio::test]
async fn a_tracing_question_that_was_taken_out_or_cut_off_is_noticed() {
    let (node, code) = authority().await;
    let ada = admin(&node, &code).await;
    let auditor = officer(&ada, "Olga", "auditor").await;
    let authority = node.region.authority();
    let ask = async || {
        let question = Question {
            case: "A-1".into(),
            purpose: "x".into(),
            asked_by: "x".into(),
            who: Who::Subject(Subject::new([1; 16])),
            from: NOON.plus_millis(-1000),
            until: NOON,
        };
        authority.trace(question).await.unwrap();
    };
    for _ in 0..4 {
        ask().await;
    }
    assert_eq!(authority.verify_questions().await.unwrap().0, 4);
    assert!(auditor.get("/authority/log").await.body.contains("questions hangs together"));
    let row = |number: u64| [&b"q"[..], &number.to_be_bytes()[..]].concat();
    let take = async |number: u64| {
        authority.cabinet().file(vec![Filing::Take(row(number))]).await.unwrap();
    };
    take(4).await;
    assert!(authority.verify_questions().await.is_err(), "the last is missing");
    take(2).await;
    let error = authority.verify_questions().await.unwrap_err().to_string();
    assert!(error.contains("entry 2"), "{error}");
    let page = auditor.get("/authority/log").await.body;
    assert!(page.contains("The log of questions was altered"), "{page}");
}

#[tokio::test]
async fn guesses_at_a_name_wait() {
    let (node, code) = authority().await;
    let _ada = admin(&node, &code).await;
    let stranger = Phone::new(&node);
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(stranger.sign_in("Ada Admin", "not the secret").await.status);
    }
    assert!(statuses.contains(&403) && statuses.last() == Some(&429), "{statuses:?}");
}
