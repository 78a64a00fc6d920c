//! From a laboratory's result to the contacts who are told: people found by number, entered as contacts, facts taken back;
//! the board beyond its first page, and withdrawals that do not fit.

use node_core::{
    authority::{
        cabinet::Filing,
        issuing::{Says, TokenOrder, Withdrawn},
        keys::{Issuer, OfficeKeys},
        officers::Office,
    },
    code::ids::TypedNumber,
    desk::About,
    token::status::IssuerKey,
};
use sync::{
    bulletin::BulletinKind,
    id::Subject,
    key::SecretKey,
    record::{NoticeCause, Status},
    sealed::NumberKind,
    time::DAY_MILLIS,
};

use super::{
    casework::{ask, open, program, value, visited},
    officers::{admin, authority_of, officer},
    phone::Phone,
    region::{NOON, Region},
};

const HOUR: i64 = 3_600_000;

fn number(kind: NumberKind, text: &str) -> TypedNumber {
    TypedNumber::read(kind, text).unwrap()
}

fn order(number: TypedNumber, phone: Option<&str>) -> TokenOrder {
    TokenOrder {
        number,
        says: Says::Colour,
        days: 5,
        masked_name: None,
        birth_year: None,
        holder: None,
        phone: phone.map(|phone| TypedNumber::read(NumberKind::Phone, phone).unwrap()),
    }
}

fn equip(region: &Region) {
    let key = |n| SecretKey::from_bytes(&[n; 32]);
    let issuer = Some(Issuer { name: "test".into(), key: IssuerKey::new(&key(6)) });
    region.authority().equip(OfficeKeys { issuer, root: Some(key(1)) });
}

#[tokio::test]
async fn who_showed_a_token_is_found_by_number_told_and_entered_as_a_contact() {
    let region = Region::found().await;
    equip(&region);
    let authority = region.authority();
    let (ill, near) = ("600101300014", "800101300006");
    let tokens = [
        order(number(NumberKind::Iin, ill), None),
        order(number(NumberKind::Iin, near), Some("+77011234567")),
    ];
    for (visits, order) in (1..).zip(&tokens) {
        let token = authority.issue_token(order).await.unwrap();
        Box::pin(region.welcome_with(&token.text, visits)).await;
    }
    region.later(3 * HOUR);
    let (node, code) = Box::pin(authority_of(region)).await;
    let ada = admin(&node, &code).await;
    let tom = officer(&ada, "Tom", "tracer").await;
    let case = open(&tom, "2026-114").await;
    let wrong = ask(&tom, &case, "600101300015", "", &[("kind", "iin")]).await;
    assert_eq!(wrong.status, 422, "a digit is wrong");
    let asked = ask(&tom, &case, ill, "", &[("kind", "iin")]).await;
    assert_eq!(asked.status, 303, "{}", asked.body);
    let answer = asked.header("location").unwrap().to_owned();
    let page = tom.get(&answer).await.body;
    assert!(page.contains("1 person") && !page.contains(near), "{page}");
    let opened = tom.send(&answer, &format!("{answer}/open"), &[("sure", "yes")]).await;
    assert!(opened.body.contains(&format!("+77011234567 · iin {near}")), "{}", opened.body);
    assert_eq!(tom.send(&answer, &format!("{answer}/enter"), &[]).await.status, 422, "unsure");
    let entered = tom.send(&answer, &format!("{answer}/enter"), &[("sure", "yes")]).await;
    assert!(entered.body.contains("Entered as contacts: 1"), "{}", entered.body);
    let status = authority.status_of_number(&number(NumberKind::Iin, near)).await.unwrap().status;
    assert_eq!(status, Status::Yellow);
    let held = authority.in_force(BulletinKind::Revocations).await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&held.body).contains("\"subject\""), "the token is withdrawn");
    let log = authority.accesses(None, 10).await.unwrap();
    assert!(log.iter().any(|line| line.access.what == "contacts-entered"));
    // The same by one text, as programs and the command line give it.
    let same = ask(&tom, &case, &format!("iin:{ill}"), "", &[]).await;
    assert!(tom.get(same.header("location").unwrap()).await.body.contains("1 person"));
}

#[tokio::test]
async fn a_wrong_fact_is_taken_back_and_the_status_follows() {
    let (node, code) = visited().await;
    let laboratory = program(&node, &[Office::Laboratory]).await;
    let authority = node.region.authority();
    let person = number(NumberKind::Iin, "800101300006");
    let row = |fact: &str, more: &str| {
        format!(
            r#"{{"results":[{{"kind":"iin","number":"800101300006","fact":"{fact}","at":"2026-09-20T08:00:00Z"{more}}}]}}"#
        )
    };
    let send = async |body: String| laboratory.send("POST", "/api/v1/results", &body).await;
    let status = async || authority.status_of_number(&person).await.unwrap().status;
    let nothing = send(row("test-positive", r#","retract":true"#)).await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.body.contains("nothing like it is known"), "{}", nothing.body);
    assert_eq!(send(row("test-positive", "")).await.status, 200);
    assert_eq!(status().await, Status::Red);
    let back = send(row("test-positive", r#","retract":true"#)).await;
    assert_eq!((back.status, status().await), (200, Status::Blue), "{}", back.body);
    // FHIR: corrected takes the place of what was said before.
    assert_eq!(send(row("test-positive", "")).await.status, 200);
    let observation = r#"{"resourceType":"Observation","status":"corrected",
        "code":{"coding":[{"code":"94500-6"}]},"effectiveDateTime":"2026-09-20T08:00:00Z",
        "subject":{"identifier":{"system":"urn:vestibule:iin","value":"800101300006"}},
        "valueCodeableConcept":{"coding":[{"code":"260415000"}]}}"#;
    assert_eq!(send(observation.to_owned()).await.status, 200);
    assert_eq!(status().await, Status::Green, "the positive one is gone");
    let wrong = observation.replace("corrected", "entered-in-error");
    assert_eq!(send(wrong).await.status, 200);
    assert_eq!(status().await, Status::Blue);
    let ada = admin(&node, &code).await;
    let table = "kind,number,fact,at,retract\niin,800101300006,contact,2026-09-20T08:00:00Z,\niin,800101300006,contact,2026-09-20T08:00:00Z,yes\n";
    let rita = officer(&ada, "Rita", "registrar").await;
    let told = rita.send("/authority/people", "/authority/people", &[("table", table)]).await;
    assert!(told.body.contains("Taken: 2 · not taken: 0"), "{}", told.body);
    let log = authority.accesses(None, 20).await.unwrap();
    let struck = log.iter().filter(|line| line.access.what == "facts-taken-back");
    assert_eq!(struck.count(), 1);
    assert!(log.iter().any(|line| line.access.detail.contains("1 of them to take back")));
}

#[tokio::test]
async fn green_codes_go_with_the_negative_test_that_was_wrong() {
    let (node, _) = visited().await;
    equip(&node.region);
    let laboratory = program(&node, &[Office::Laboratory]).await;
    let row = |more: &str| {
        format!(
            r#"{{"results":[{{"kind":"iin","number":"800101300006","fact":"test-negative","at":"2026-09-20T08:00:00Z"{more}}}]}}"#
        )
    };
    let brought = laboratory.send("POST", "/api/v1/results", &row("")).await;
    assert_eq!(value(&brought)["withdrawals"], "in-force", "{}", brought.body);
    let authority = node.region.authority();
    let green = order(number(NumberKind::Iin, "800101300006"), None);
    assert_eq!(authority.issue_token(&green).await.unwrap().status, Status::Green);
    let back = laboratory.send("POST", "/api/v1/results", &row(r#","retract":true"#)).await;
    assert_eq!(value(&back)["withdrawals"], "published", "{}", back.body);
    assert_eq!(authority.withdrawals().await.unwrap().len(), 1);
}

#[tokio::test]
async fn withdrawals_that_do_not_fit_are_said_aloud_until_they_do() {
    let (node, code) = visited().await;
    equip(&node.region);
    let laboratory = program(&node, &[Office::Laboratory]).await;
    let authority = node.region.authority();
    let withdrawn = |n: u32| {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&n.to_be_bytes());
        let until = NOON.plus_millis(5 * DAY_MILLIS);
        let (subject, before) = (Subject::new(bytes), NOON);
        Withdrawn { subject, before, until, ctis: Vec::new(), ends: None }
    };
    let name = |n: u32| [&b"W"[..], &n.to_be_bytes()[..]].concat();
    let all: Vec<_> = (0..11_000).map(|n| Filing::put(name(n), &withdrawn(n))).collect();
    for some in all.chunks(1000) {
        authority.cabinet().file(some.to_vec()).await.unwrap();
    }
    let row = r#"{"results":[{"kind":"iin","number":"800101300006","fact":"test-positive","at":"2026-09-20T08:00:00Z"}]}"#;
    let told = laboratory.send("POST", "/api/v1/results", row).await;
    assert_eq!(told.status, 200, "the rows are kept");
    assert_eq!(value(&told)["withdrawals"], "failed", "{}", told.body);
    assert!(authority.unpublished().unwrap().why.contains("11000 persons"));
    let stranger = Phone::new(&node);
    let metrics = stranger.get("/metrics").await.body;
    assert!(metrics.contains("vestibule_withdrawals_unpublished 1"), "{metrics}");
    let ada = admin(&node, &code).await;
    assert!(ada.get("/authority").await.body.contains(r#"id="unpublished""#));
    for some in (2000..11_000).collect::<Vec<u32>>().chunks(1000) {
        let gone = some.iter().map(|n| Filing::Take(name(*n))).collect();
        authority.cabinet().file(gone).await.unwrap();
    }
    let told = laboratory.send("POST", "/api/v1/results", row).await;
    assert_eq!(value(&told)["withdrawals"], "published", "{}", told.body);
    assert!(!ada.get("/authority").await.body.contains(r#"id="unpublished""#));
    assert!(stranger.get("/metrics").await.body.contains("vestibule_withdrawals_unpublished 0"));
}

#[tokio::test]
async fn the_hundred_and_first_notice_is_on_the_board_and_what_is_open_comes_first() {
    let region = Region::found().await;
    for _ in 0..103 {
        region.desk.notify(About::Nobody, NoticeCause::Fever, None).await.unwrap();
    }
    Box::pin(region.take_in(async |at| at.overview().borrow().notices == 103)).await;
    let (node, code) = Box::pin(authority_of(region)).await;
    let ada = admin(&node, &code).await;
    let tom = officer(&ada, "Tom", "tracer").await;
    let board = node.region.authority().board().await.unwrap();
    assert_eq!(board.len(), 103);
    let last = node_core::authority::board::name_of(&board[102].sent.id);
    let first = node_core::authority::board::name_of(&board[0].sent.id);
    let page = tom.get("/authority/notices").await.body;
    assert!(!page.contains(&last) && page.contains("/authority/notices?after=100"), "{page}");
    assert!(tom.get("/authority/notices?after=100").await.body.contains(&last));
    let closed = [("notice", &*last), ("seen", "new"), ("to", "closed")];
    let brought = tom.send("/authority/notices", "/authority/notices", &closed).await;
    assert_eq!(brought.status, 303, "it can be brought further");
    let closed = [("notice", &*first), ("seen", "new"), ("to", "closed")];
    assert_eq!(tom.send("/authority/notices", "/authority/notices", &closed).await.status, 303);
    assert!(!tom.get("/authority/notices").await.body.contains(&first), "open ones first");
    let tracer = program(&node, &[Office::Tracer]).await;
    assert_eq!(value(&tracer.get("/api/v1/notices?limit=500").await)["total"], 103);
    assert_eq!(tracer.get(&format!("/api/v1/notices/{last}")).await.status, 200);
}

#[tokio::test]
async fn the_public_register_is_counted_once_for_many_who_ask() {
    let (node, _) = visited().await;
    let stranger = Phone::new(&node);
    let authority = node.region.authority();
    let (at, counted) = authority.participants_lately().await.unwrap();
    let register = value(&stranger.get("/register.json").await);
    assert_eq!(register["at"], at.to_string());
    let (_, again) = authority.participants_lately().await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&counted, &again), "nobody counted meanwhile");
    authority.confirm_violation(counted[0].0.venue, "x", "x").await.unwrap();
    let (_, anew) = authority.participants_lately().await.unwrap();
    assert!(!std::sync::Arc::ptr_eq(&counted, &anew), "what the authority confirms is shown");
}

#[tokio::test]
async fn nobody_asks_by_a_key_where_a_second_must_approve_nor_approves_what_the_own_program_asked()
{
    let (node, code) = visited().await;
    let authority = node.region.authority();
    let ada = admin(&node, &code).await;
    let tom = officer(&ada, "Tom", "tracer").await;
    let una = officer(&ada, "Una", "tracer").await;
    authority.require_second(true);
    let case = open(&tom, "A-1").await;
    let nobodys = program(&node, &[Office::Tracer]).await;
    let id = case.rsplit('/').next().unwrap();
    let path = format!("/api/v1/cases/{id}/questions");
    let question = r#"{"purpose":"x","person":"01010101010101010101010101010101","from":"2026-09-20T00:00:00Z","until":"2026-09-23T00:00:00Z"}"#;
    assert_eq!(nobodys.send("POST", &path, question).await.status, 409, "nobody knows whose");
    assert_eq!(authority.asked(None, 9).await.unwrap().len(), 0);
    // A program that Tom made asks in his name.
    let owner = authority.officer_named("Tom").unwrap().id;
    let offices = node_core::authority::officers::Offices::of([Office::Tracer]);
    let until = NOON.plus_millis(DAY_MILLIS);
    let token = authority.admit_program("his", offices, Some(owner), until).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}"
    );
    let asked = node.ask(&head, question).await;
    assert_eq!((asked.status, value(&asked)["state"].as_str()), (201, Some("waiting")));
    let settle = format!("{case}/1/settle");
    assert_eq!(tom.send(&case, &settle, &[("approve", "yes")]).await.status, 422, "his own");
    assert_eq!(una.send(&case, &settle, &[("approve", "yes")]).await.status, 303);
}
