//! The office's pages as a browser without scripts sees them: the register, people, tokens, bulletins, the wallet's files.

use node_core::{
    authority::{
        application::Application,
        cabinet::Filing,
        drafts::DraftState,
        enrolment::Enrolled,
        keys::{Issuer, OfficeKeys},
        participation::Phase,
    },
    outage::Outage,
    policy::{VenueGroup, VenuePlace},
    token::status::IssuerKey,
};
use sync::{bulletin::BulletinKind, key::SecretKey, time::DAY_MILLIS};

use super::{
    browser::{Answer, Served, form, served},
    region::NOON,
};

async fn office() -> Served {
    let mut node = served().await;
    let key = |n| SecretKey::from_bytes(&[n; 32]);
    let issuer = Some(Issuer { name: "test".into(), key: IssuerKey::new(&key(6)) });
    node.region.authority().equip(OfficeKeys { issuer, root: Some(key(1)) });
    node.enter().await;
    node
}

async fn send(node: &Served, page: &str, fields: &[(&str, &str)]) -> Answer {
    let token = node.get("/authority/venues").await.token().to_owned();
    let fields: Vec<_> = [("token", &*token)].iter().chain(fields).copied().collect();
    node.post(page, &form(&fields)).await
}

const VENUE: [(&str, &str); 14] = [
    ("permit", "KZ-26/17"),
    ("permit_date", "2026-11-01"),
    ("kind", "catering"),
    ("activity", "56.10.1"),
    ("class", "obligatory"),
    ("name", "Кафе «Достық» <b>"),
    ("address", "Абай 1"),
    ("area", "almaty"),
    ("place", "city"),
    ("time_zone", "Asia/Almaty"),
    ("capacity", "120"),
    ("contact", ""),
    ("manager", ""),
    ("entrances", "North:in; Yard:both"),
];

fn with<'a>(name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    VENUE.iter().map(|(n, v)| if *n == name { (*n, value) } else { (*n, *v) }).collect()
}

#[tokio::test]
async fn a_venue_is_entered_granted_its_papers_and_found_again() {
    let node = office().await;
    node.region.welcome(1).await; // a door of venue 17 shows its papers
    let wrong = send(&node, "/authority/venues", &with("activity", "55.10")).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains(r#"id="wrong-activity""#) && wrong.body.contains("KZ-26/17"));
    let made = send(&node, "/authority/venues", &VENUE).await;
    // 17 is the region's venue, which is in no register yet.
    assert_eq!((made.status, made.header("location")), (303, Some("/authority/venues/18")));
    let twice = send(&node, "/authority/venues", &VENUE).await;
    assert_eq!(twice.status, 422);
    assert!(twice.body.contains("Venue 18 has this permit already"));
    let page = node.get("/authority/venues/18").await.body;
    assert!(page.contains("Кафе «Достық» &#60;b&#62;"), "{page}");
    let manager = SecretKey::from_bytes(&[9; 32]).public().to_string();
    let mut change = with("manager", &manager);
    change.push(("venue", "18"));
    assert_eq!(send(&node, "/authority/venues", &change).await.status, 303);
    let days = [("venue", "18"), ("days", "0")];
    assert_eq!(send(&node, "/authority/venues/grant", &days).await.status, 422);
    let days = [("venue", "18"), ("days", "30")];
    assert_eq!(send(&node, "/authority/venues/grant", &days).await.status, 303);
    let page = node.get("/authority/venues/18").await.body;
    assert!(page.contains("vestibule-venue-grant:1:") && page.contains("<svg class=\"qr\""));
    // What the entry says now is not what its papers say: new ones are taken also where they end earlier.
    assert!(!page.contains("id=\"outgrown\""));
    let mut change = change.clone();
    change.retain(|(name, _)| *name != "capacity");
    change.push(("capacity", "80"));
    assert_eq!(send(&node, "/authority/venues", &change).await.status, 303);
    assert!(node.get("/authority/venues/18").await.body.contains("id=\"outgrown\""));
    let days = [("venue", "18"), ("days", "20")];
    assert_eq!(send(&node, "/authority/venues/grant", &days).await.status, 303);
    assert!(!node.get("/authority/venues/18").await.body.contains("id=\"outgrown\""));
    let days = [("venue", "18"), ("days", "5")];
    let shorter = send(&node, "/authority/venues/grant", &days).await;
    assert_eq!(shorter.status, 422);
    assert!(shorter.body.contains("Not taken: the register has papers"), "{}", shorter.body);
    let list = node.get("/authority/venues?find=%D0%BA%D0%B0%D1%84%D0%B5").await.body;
    assert!(list.contains("/authority/venues/18\""), "found by a word in small letters: {list}");
    assert!(
        !node.get("/authority/venues?find=nowhere").await.body.contains("/authority/venues/18\"")
    );
    assert_eq!(node.get("/authority/venues/99").await.status, 404);
    assert_eq!(node.get("/authority/venues/x").await.status, 404);
    // The region's own venue is entered under its number when it is known by its doors alone.
    let removed = [("venue", "18"), ("node", ""), ("cause", "lost"), ("sure", "yes")];
    assert_eq!(send(&node, "/authority/venues/remove", &removed).await.status, 422);
}

#[tokio::test]
async fn a_table_is_reported_line_by_line() {
    let node = office().await;
    let names: Vec<&str> = VENUE.iter().map(|(name, _)| *name).collect();
    let row = |permit: &str, zone: &str| {
        format!("{permit},2026-11-01,hotel,55.10,voluntary,H,A,almaty,region,{zone},,,,")
    };
    let table =
        [names.join(","), row("P1", "Asia/Almaty"), row("P2", "Mars"), row("P1", "Asia/Almaty")];
    let answer = send(&node, "/authority/venues/import", &[("table", &table.join("\n"))]).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.body.contains("New: 1 · changed: 0 · unchanged: 1 · not taken: 1"),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("Line 3: Time zone: "), "{}", answer.body);
    let wrong = send(&node, "/authority/venues/import", &[("table", "a,b\n1,2\n")]).await;
    assert_eq!(wrong.status, 422);
}

#[tokio::test]
async fn a_positive_result_withdraws_what_the_counter_issued_and_is_published() {
    let node = office().await;
    let person = [("kind", "iin"), ("number", "600101300014")];
    let asked = send(&node, "/authority/tokens", &person).await;
    assert_eq!(asked.status, 200);
    assert!(asked.body.contains("big-status blue"), "{}", asked.body);
    let wrong = [("kind", "iin"), ("number", "600101300015")];
    assert_eq!(send(&node, "/authority/tokens", &wrong).await.status, 422);
    let order = |days: &'static str, holder: &'static str| {
        [&person[..], &[("form", "one"), ("says", "colour"), ("days", days), ("holder", holder)]]
            .concat()
    };
    assert_eq!(send(&node, "/authority/tokens/issue", &order("29", "")).await.status, 422);
    assert_eq!(send(&node, "/authority/tokens/issue", &order("5", "12")).await.status, 422);
    let issued = send(&node, "/authority/tokens/issue", &order("5", "")).await;
    assert_eq!(issued.status, 200);
    let token =
        issued.body.split("token-text\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(token.starts_with("ST1:"), "{token}");
    let token = token.replace("&#38;", "&");
    let card = [("tokens", &*token), ("ends", "14"), ("issuer", "test")];
    let page = node.get("/authority/tokens").await;
    let fields: Vec<_> = [("token", page.token())].iter().chain(&card).copied().collect();
    // The PDF is bytes: only its head is read as text here.
    assert_eq!(status_of(&node, "/authority/tokens/card.pdf", &form(&fields)).await, 200);
    let rows = "kind,number,fact,at\niin,600101300014,test-positive,2026-09-20T08:00:00Z\niin,1,contact,2026-09-20T08:00:00Z\n";
    let told = send(&node, "/authority/people", &[("table", rows)]).await;
    assert_eq!(told.status, 200);
    assert!(told.body.contains("Taken: 1 · not taken: 1"), "{}", told.body);
    assert!(
        told.body.contains("Codes were withdrawn, and the bulletin is published."),
        "{}",
        told.body
    );
    assert!(!told.body.contains("600101300014"), "no number comes back");
    let held = node.region.authority().in_force(sync::bulletin::BulletinKind::Revocations).await;
    let body = String::from_utf8(held.unwrap().unwrap().body.clone()).unwrap();
    assert!(body.contains("\"subject\""), "{body}");
    let page = node.get("/authority/bulletins").await.body;
    assert!(page.contains("draft-1") && page.contains("by registry"), "{page}");
}

async fn status_of(node: &Served, page: &str, body: &str) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(node.addr).await.unwrap();
    let head = format!(
        "POST {page} HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        node.cookies,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let text = String::from_utf8_lossy(&answer);
    assert!(text.contains("%PDF-"), "{}", text.chars().take(500).collect::<String>());
    text.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn all_that_is_in_force_is_drawn_up_anew() {
    let node = office().await;
    let authority = node.region.authority();
    let standing = authority.standing_now().await.unwrap();
    let announced = br#"{"version":1,"announcements":[]}"#.to_vec();
    for (kind, body) in
        [(BulletinKind::Standing, standing), (BulletinKind::Announcements, announced)]
    {
        let draft = authority.draw_up(kind, body, 30, "A. Publisher").await.unwrap();
        assert_eq!(authority.sign_draft(draft.number).await.unwrap().state, DraftState::Published);
    }
    let drawn = authority.draw_up_anew(30, "A. Publisher").await.unwrap();
    let kinds: Vec<_> = drawn.iter().map(|draft| draft.notice.kind).collect();
    for kind in [
        BulletinKind::Policy,
        BulletinKind::Trust,
        BulletinKind::Revocations,
        BulletinKind::TracingKeys,
        BulletinKind::Standing,
        BulletinKind::Announcements,
    ] {
        assert!(kinds.contains(&kind), "{kind:?} of {kinds:?}");
    }
}

#[tokio::test]
async fn tokens_that_have_ended_are_forgotten_by_the_house() {
    let node = office().await;
    let order = [
        ("kind", "iin"),
        ("number", "600101300014"),
        ("form", "one"),
        ("says", "colour"),
        ("days", "5"),
    ];
    let after =
        async |days: i64| node.region.authority_at(NOON.plus_millis(days * DAY_MILLIS)).await;
    assert_eq!(send(&node, "/authority/tokens/issue", &order).await.status, 200);
    assert_eq!(after(4).await.forget_ended_tokens().await.unwrap(), 0, "it has not ended");
    assert_eq!(after(6).await.forget_ended_tokens().await.unwrap(), 1);
    assert_eq!(send(&node, "/authority/tokens/issue", &order).await.status, 200);
    after(6).await.keep_house(std::future::ready(())).await;
    assert_eq!(after(6).await.forget_ended_tokens().await.unwrap(), 0, "the house has done it");
}

#[tokio::test]
async fn who_takes_part_is_what_the_register_and_the_venues_documents_say() {
    let node = office().await;
    node.region.welcome(1).await;
    let authority = node.region.authority();
    let found = authority.participants().await.unwrap();
    assert_eq!((found.len(), found[0].0.since, found[0].1.leader), (1, None, None));
    // A venue that has its papers and no visit yet.
    let manager = SecretKey::from_bytes(&[9; 32]).public().to_string();
    let mut fields = with("manager", &manager);
    fields.retain(|(name, _)| *name != "class");
    fields.push(("class", "voluntary"));
    assert_eq!(send(&node, "/authority/venues", &fields).await.status, 303);
    assert_eq!(authority.participants().await.unwrap().len(), 1, "it has no papers");
    let days = [("venue", "18"), ("days", "30")];
    assert_eq!(send(&node, "/authority/venues/grant", &days).await.status, 303);
    // The region's own venue has long been in the register, and had an outage.
    let entry = Enrolled {
        application: Application::read(|name| {
            VENUE.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value)
        })
        .unwrap(),
        since: NOON.plus_millis(-90 * DAY_MILLIS),
        changed: NOON,
        grant: None,
        // It waited a month for its codes: test mode counts from there.
        first_grant: Some(NOON.plus_millis(-60 * DAY_MILLIS)),
    };
    let name = [&b"Av"[..], &17_u64.to_be_bytes()].concat();
    authority.cabinet().file(vec![Filing::put(name, &entry)]).await.unwrap();
    let outage = Outage { from: NOON.plus_millis(-DAY_MILLIS), until: NOON };
    let text = node_core::outage::to_text(&[outage]).into_bytes();
    let field = node_core::outage::outage_field(&node.region.own());
    node.region.desk.set_field(&field, Some(text)).await.unwrap();
    node.region.tell_authority().await;
    let found = authority.participants().await.unwrap();
    let [(old, stands), (new, begins)] = &found[..] else { panic!("{found:?}") };
    assert_eq!((old.venue.get(), old.since, old.check_ins), (17, entry.first_grant, 1));
    assert_eq!((old.group, old.place), (Some(VenueGroup::First), Some(VenuePlace::City)));
    assert_eq!((&old.outages[..], stands.leader), (&[outage][..], Some(false)));
    assert_eq!(stands.phase, Phase::Active);
    assert_eq!((new.venue.get(), new.voluntary, new.group), (18, true, None));
    assert_eq!((begins.phase.word(), begins.leader, new.check_ins), ("test", Some(false), 0));
    let page = node.get("/authority/participation").await.body;
    assert!(page.contains("voluntary · large city · since 21 Sep 2026"), "{page}");
    assert!(page.contains("obligatory · large city · since"), "{page}");
    let register = node.get("/register.csv").await.body;
    assert!(register.contains("\r\n18,Кафе «Достық» <b>,test,"), "{register}");
}

#[tokio::test]
async fn a_policy_is_looked_at_drawn_up_signed_and_given_up() {
    let node = office().await;
    let text = |act: &'static str, body: &'static str| {
        [("kind", "policy"), ("body", body), ("by", "Ann"), ("days", "30"), ("act", act)]
    };
    let look =
        send(&node, "/authority/bulletins/draft", &text("preview", r#"{"green_hours":48}"#)).await;
    assert_eq!(look.status, 200);
    assert!(
        look.body.contains("Hours of green after a negative test: 72 becomes 48"),
        "{}",
        look.body
    );
    assert!(look.body.contains("No draft waits"), "looking draws nothing up");
    let wrong =
        send(&node, "/authority/bulletins/draft", &text("draft", r#"{"green_hours":"x"}"#)).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("wrong-body"), "{}", wrong.body);
    let drawn =
        send(&node, "/authority/bulletins/draft", &text("draft", r#"{"green_hours":48}"#)).await;
    assert_eq!(drawn.header("location"), Some("/authority/bulletins#draft-1"));
    let page = node.get("/authority/bulletins").await.body;
    assert!(page.contains("0 of 1 signatures") && page.contains("72 becomes 48"), "{page}");
    let file = node.get("/authority/bulletins/draft/1").await;
    assert!(file.body.starts_with("vestibule-bulletin:1:"), "{}", file.body);
    let strange = send(&node, "/authority/bulletins/add", &[("signed", &file.body)]).await;
    assert_eq!(strange.status, 422);
    assert_eq!(send(&node, "/authority/bulletins/sign", &[("draft", "1")]).await.status, 303);
    let page = node.get("/authority/bulletins").await.body;
    assert!(page.contains("1 of 1 signatures") && page.contains("published"), "{page}");
    assert_eq!(send(&node, "/authority/bulletins/drop", &[("draft", "1")]).await.status, 422);
}

#[tokio::test]
async fn what_is_announced_is_drawn_up_signed_shown_at_the_venue_and_taken_back() {
    let node = office().await;
    let until = "2099-01-01T12:00";
    let text = [("text-en", "Close at ten"), ("text-ru", "Закрываться в десять"), ("by", "Ann")];
    let fields = |until: &'static str, venues: &'static str| {
        [&text[..], &[("until", until), ("venues", venues), ("areas", ""), ("activities", "")]]
            .concat()
    };
    for (until, venues) in [("2001-01-01T12:00", ""), ("", ""), (until, "x")] {
        let wrong = send(&node, "/authority/bulletins/announce", &fields(until, venues)).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("wrong-announce") && wrong.body.contains("Close at ten"));
    }
    let drawn = send(&node, "/authority/bulletins/announce", &fields(until, "17, 19")).await;
    assert_eq!(drawn.header("location"), Some("/authority/bulletins#draft-1"), "{}", drawn.body);
    let page = node.get("/authority/bulletins").await.body;
    assert!(page.contains("Is announced from now on: ") && page.contains("Закрываться"), "{page}");
    assert_eq!(send(&node, "/authority/bulletins/sign", &[("draft", "1")]).await.status, 303);
    let held = node.region.authority().announced().await.unwrap();
    assert_eq!(held.len(), 1);
    let back = [("id", &*held[0].id), ("by", "Ann")];
    assert_eq!(send(&node, "/authority/bulletins/unannounce", &back).await.status, 303);
    let page = node.get("/authority/bulletins").await.body;
    assert!(page.contains("Is not announced any more: "), "{page}");
    let gone = [("id", "nothing"), ("by", "Ann")];
    assert_eq!(send(&node, "/authority/bulletins/unannounce", &gone).await.status, 422);
}

#[tokio::test]
async fn how_venues_stand_is_drawn_up_from_the_register_and_the_violations() {
    let node = office().await;
    node.region.welcome(1).await;
    node.region.tell_authority().await;
    let authority = node.region.authority();
    authority
        .confirm_violation(sync::id::VenueId::new(17), "nobody was checked", "Ann")
        .await
        .unwrap();
    let drawn = send(&node, "/authority/bulletins/standing", &[("by", "Ann")]).await;
    assert_eq!(drawn.header("location"), Some("/authority/bulletins#draft-1"), "{}", drawn.body);
    let page = node.get("/authority/bulletins").await.body;
    assert!(page.contains("Venue 17: in good standing becomes shut out until"), "{page}");
    assert_eq!(send(&node, "/authority/bulletins/standing", &[("by", "")]).await.status, 422);
}

#[tokio::test]
async fn every_page_of_the_office_renders_in_every_language_and_needs_a_session() {
    let mut node = served().await;
    let pages = [
        "/authority/venues",
        "/authority/venues/new",
        "/authority/people",
        "/authority/tokens",
        "/authority/bulletins",
    ];
    for page in pages {
        assert_eq!(node.get(page).await.status, 303, "{page}");
        assert_eq!(node.post(page, "token=").await.status / 100, 4, "{page}");
    }
    for post in [
        "venues/import",
        "venues/grant",
        "venues/take",
        "venues/remove",
        "tokens/issue",
        "tokens/card.pdf",
        "bulletins/draft",
        "bulletins/sign",
        "bulletins/add",
        "bulletins/drop",
    ] {
        assert_eq!(node.post(&format!("/authority/{post}"), "token=").await.status, 403, "{post}");
    }
    node.enter().await;
    for page in pages.into_iter().chain(["/wallet"]) {
        for lang in crate::language::Lang::ALL {
            let answer = node.get(&format!("{page}?lang={}", lang.tag())).await;
            assert_eq!(answer.status, 200, "{page}");
            assert!(answer.body.contains(&format!("<html lang=\"{}\"", lang.tag())), "{page}");
        }
    }
    let tokens = node.get("/authority/tokens").await.body;
    assert!(tokens.contains("No issuer’s key is configured here"), "an absent key is said");
    let worker = node.get("/wallet/worker.js").await;
    assert_eq!(worker.header("service-worker-allowed"), Some("/wallet"));
    assert!(worker.body.contains("/static/wallet.js?"), "{}", worker.body);
    let manifest: serde_json::Value =
        serde_json::from_str(&node.get("/wallet/manifest.json").await.body).unwrap();
    assert_eq!(manifest["start_url"], "/wallet");
}
