//! The pages for visitors' phones: what is typed travels sealed, becomes a visit, and is shown to its owner alone.

use data_encoding::BASE64URL_NOPAD;
use node_core::{desk::Act, event::PendingId};
use serde_json::json;
use sync::letterbox::seal_to;

use super::{
    browser::{Served, form, served},
    region::token_of,
};

const PHONE: &str = "701 234 56 78";

/// A page's key, as the script finds it.
fn key(page: &str) -> [u8; 32] {
    let text = page.split_once("data-key=\"").unwrap().1.split('"').next().unwrap();
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap().try_into().unwrap()
}

fn sealed(page: &str, typed: &serde_json::Value) -> String {
    BASE64URL_NOPAD.encode(&seal_to(&key(page), typed.to_string().as_bytes()).unwrap())
}

/// The PIN that the door's screen shows.
async fn pin(node: &Served) -> String {
    let door = node.get("/door").await.body;
    let strong = door.split_once("<strong><b>").unwrap().1.split_once("</strong>").unwrap().0;
    strong.chars().filter(char::is_ascii_digit).collect()
}

/// Checks in; where that leads.
async fn come(node: &Served, phone: &str, pin: &str) -> super::browser::Answer {
    let page = node.get("/v").await.body;
    let letter = sealed(&page, &json!({"country": "7", "phone": phone, "pin": pin}));
    node.post("/v/check", &form(&[("letter", &letter), ("how", "pin")])).await
}

/// The pass of an answer that leads to one.
fn pass(answer: &super::browser::Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location").unwrap().strip_prefix("/v/pass/").unwrap().to_owned()
}

#[tokio::test]
async fn a_number_beside_the_pin_waits_for_staff_and_becomes_a_pass() {
    let node = served().await;
    let pass = pass(&come(&node, PHONE, &pin(&node).await).await);
    let page = node.get(&format!("/v/pass/{pass}")).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Please wait") && page.body.contains("http-equiv=\"refresh\""));
    node.region.desk.decide(PendingId(1), Act::Release).await.unwrap();
    let page = node.get(&format!("/v/pass/{pass}")).await.body;
    assert!(page.contains("confirmed") && page.contains("Valid until"), "{page}");
    assert!(page.contains("unverified") && page.contains("class=\"pass grey\""), "{page}");
    let receipt = node.get(&format!("/v/receipt/{pass}")).await.body;
    assert!(receipt.contains("Sealed: only the health authority"), "{receipt}");
    assert!(receipt.contains("Has not confirmed it yet"), "{receipt}");
    assert!(receipt.contains("heard of no question"), "{receipt}");
    // The visitor ends the visit.
    let left = node.post("/v/leave", &form(&[("pass", &pass)])).await;
    assert_eq!(left.status, 303);
    assert!(node.get(&format!("/v/pass/{pass}")).await.body.contains("You left at"));
    let receipt = node.get(&format!("/v/receipt/{pass}")).await.body;
    assert!(receipt.contains("Entry ·") && receipt.contains("Exit ·"), "{receipt}");
}

#[tokio::test]
async fn a_refused_visitor_reads_why_on_the_own_phone_and_nobody_else_does() {
    let node = served().await;
    let pass = pass(&come(&node, PHONE, &pin(&node).await).await);
    node.region.desk.decide(PendingId(1), Act::Refuse).await.unwrap();
    let page = node.get(&format!("/v/pass/{pass}")).await.body;
    assert!(page.contains("No entry") && page.contains("Only a number is known"), "{page}");
    assert!(page.contains("Is this wrong?"), "{page}");
    let door = node.until("/door", "Scan this with your phone").await;
    assert!(door.contains("aria-label=\"Why? Scan this"), "{door}");
    assert_eq!(node.get("/v/why/AAAA").await.status, 410);
    let other = node.get("/v/pass/AAAA").await;
    assert_eq!(other.status, 404);
}

#[tokio::test]
async fn what_is_wrong_is_said_and_nothing_typed_is_shown_in_clear() {
    let node = served().await;
    let right = pin(&node).await;
    let wrong = if right == "000000" { "111111" } else { "000000" };
    for (phone, pin, words) in [
        ("", right.as_str(), "Type your phone number"),
        ("701", &right, "too few digits"),
        ("701 234 56 78 90", &right, "too many digits"),
        ("701 O34 56 78", &right, "digits only"),
        (PHONE, "", "Type the PIN"),
        (PHONE, wrong, "not the PIN of now"),
    ] {
        let answer = come(&node, phone, pin).await;
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
        assert!(answer.body.contains("aria-invalid=\"true\""), "{words}");
        let clear = ["234 56", "2345678"].iter().any(|part| answer.body.contains(part));
        assert!(!clear, "the number comes back in clear: {words}");
    }
    // Without a seal nothing is read, in plain HTTP.
    let clear = form(&[("country", "7"), ("phone", PHONE), ("pin", &right), ("how", "pin")]);
    let answer = node.post("/v/check", &clear).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("could not be opened"), "{}", answer.body);
    // A letter counts once.
    let page = node.get("/v").await.body;
    let letter = sealed(&page, &json!({"country": "7", "phone": PHONE, "pin": right}));
    let send = form(&[("letter", &letter), ("how", "pin")]);
    assert_eq!(node.post("/v/check", &send).await.status, 303);
    assert_eq!(node.post("/v/check", &send).await.status, 422);
}

#[tokio::test]
async fn guessing_is_capped_and_says_for_how_long() {
    let node = served().await;
    let right = pin(&node).await;
    let wrong = if right == "000000" { "111111" } else { "000000" };
    for _ in 0..5 {
        assert!(come(&node, PHONE, wrong).await.body.contains("not the PIN of now"));
    }
    let answer = come(&node, PHONE, &right).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("Too many attempts. Try again after 600 s"), "{}", answer.body);
}

#[tokio::test]
async fn a_self_check_shows_the_status_and_records_nothing() {
    let node = served().await;
    let page = node.get("/self").await.body;
    let check = |typed: serde_json::Value| form(&[("letter", &sealed(&page, &typed))]);
    let answer = node.post("/self", &check(json!({"code": token_of(9)}))).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("Green until"), "{}", answer.body);
    assert!(answer.body.contains("Nothing was recorded"), "{}", answer.body);
    let answer = node.post("/self", &check(json!({"code": "hello"}))).await;
    assert!(answer.body.contains("not a health code"), "{}", answer.body);
    let answer = node.post("/self", &check(json!({"code": ""}))).await;
    assert!(answer.body.contains("Paste or type"), "{}", answer.body);
    let metrics = node.get("/metrics").await.body;
    assert!(!metrics.contains("vestibule_visits_total{"), "{metrics}");
    assert!(node.region.desk.recent().is_empty());
}

#[tokio::test]
async fn every_visitors_page_renders_in_every_language_and_names_no_other_host() {
    let node = served().await;
    let pass = pass(&come(&node, PHONE, &pin(&node).await).await);
    node.region.desk.decide(PendingId(1), Act::Release).await.unwrap();
    let pages = ["/v", "/p/VW1:AAAA", "/self", "/v/why/AAAA"].map(str::to_owned);
    let own = [format!("/v/pass/{pass}"), format!("/v/receipt/{pass}")];
    for page in pages.iter().chain(&own) {
        for lang in crate::language::Lang::ALL {
            let answer = node.get(&format!("{page}?lang={}", lang.tag())).await;
            assert!(answer.body.contains(&format!("<html lang=\"{}\"", lang.tag())), "{page}");
            assert!(
                !answer.body.contains("http://") && !answer.body.contains("https://"),
                "{page}"
            );
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
    }
}

#[tokio::test]
async fn a_place_code_may_be_typed_with_its_spaces() {
    let node = served().await;
    let site = node.region.desk.site().clone();
    let code = node_core::code::poster::Poster::of(&site, 1).to_text().to_lowercase();
    let spaced: Vec<String> =
        code.as_bytes().chunks(4).map(|c| String::from_utf8_lossy(c).into()).collect();
    let page = node.get(&format!("/v?place={}", spaced.join("%20"))).await.body;
    assert!(!page.contains("class=\"alert\" role=\"alert\">"), "{page}");
    let wrong = node.get("/v?place=VW1:WRONG").await.body;
    assert!(wrong.contains("not read or typed whole"), "{wrong}");
}

#[tokio::test]
async fn the_poster_is_for_who_is_signed_in() {
    let mut node = served().await;
    assert_eq!(node.get("/venue/poster/in.svg").await.status, 303);
    node.enter().await;
    let sheet = node.get("/venue/poster/in.svg?languages=vi,en").await;
    assert_eq!((sheet.status, sheet.header("content-type")), (200, Some("image/svg+xml")));
    assert!(sheet.body.starts_with("<svg"), "{}", &sheet.body[..80]);
    let chosen = node.get("/venue/poster/in.svg?first=vi&second=en").await;
    assert_eq!(chosen.body.len(), sheet.body.len(), "as the wizard's form has it");
    assert_ne!(node.get("/venue/poster/in.svg?first=kk&second=en").await.body, sheet.body);
    let wizard = node.get("/venue/setup").await.body;
    for way in ["in", "out"] {
        assert!(wizard.contains(&format!(r#"formaction="/venue/poster/{way}.pdf""#)), "{wizard}");
    }
    assert_eq!(node.get("/venue/poster/up.svg").await.status, 404);
}
