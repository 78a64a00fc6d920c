//! What the person at the desk does: temperature, waiting aside, word to the authority, a browser's camera.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use node_core::site::VenueKind;
use sync::record::Status;

use super::{
    browser::{Answer, Served, form, served, served_with},
    region::{coloured, token_of},
};
use crate::{FrameError, Frames, Looked, OpenFrames, ScannerView};

async fn send(node: &Served, page: &str, fields: &[(&str, &str)]) -> Answer {
    let token = node.get("/desk").await.token().to_owned();
    let fields: Vec<_> = [("token", &*token)].iter().chain(fields).copied().collect();
    node.post(page, &form(&fields)).await
}

/// Shows a code at the desk; the name of its card.
async fn shown(node: &Served, code: &str) -> String {
    assert_eq!(send(node, "/desk/check", &[("code", code)]).await.status, 303);
    let page = node.get("/desk").await.body;
    let last = page.rsplit_once(r#"data-id=""#).unwrap().1;
    last.split('"').next().unwrap().to_owned()
}

async fn act(node: &Served, id: &str, act: &str, temperature: &str) -> Answer {
    send(node, "/desk/decide", &[("id", id), ("act", act), ("temperature", temperature)]).await
}

#[tokio::test]
async fn a_temperature_is_asked_where_the_policy_wants_it_and_a_fever_is_advised_against() {
    let mut node = served().await;
    node.enter().await;
    let id = shown(&node, &token_of(1)).await;
    let fieldset = r#"class="temperature""#;
    assert!(!node.get("/desk").await.body.contains(fieldset));
    node.region.policy(2, r#"{"version":2,"temperature":"required"}"#).await;
    node.until("/desk", fieldset).await;
    let answer = act(&node, &id, "release", "").await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("First say whether"), "{}", answer.body);
    assert_eq!(act(&node, &id, "notify", "").await.status, 422, "there is no reason yet");
    assert_eq!(act(&node, &id, "wait", "fever").await.status, 303);
    let page = node.get("/desk").await.body;
    assert!(page.contains("Fever: the advice is not to let"), "{page}");
    assert!(page.contains("measure again in ten minutes"), "the script is shown: {page}");
    assert_eq!(act(&node, &id, "refuse", "").await.status, 303);
    let page = node.get("/desk").await.body;
    assert!(page.contains("<td>Fever"), "the reason of the refusal: {page}");
}

#[tokio::test]
async fn word_to_the_authority_is_queued_then_received_and_listed_there() {
    let mut node = served().await;
    node.enter().await;
    let id = shown(&node, &coloured(1, Status::Red)).await;
    assert_eq!(act(&node, &id, "wait", "").await.status, 303);
    let page = node.get("/desk").await.body;
    assert!(page.contains("Waiting aside") && page.contains("You have done nothing wrong"));
    assert_eq!(act(&node, &id, "notify", "").await.status, 303);
    node.until("/desk", "it goes out as soon as there is a network").await;
    assert_eq!(act(&node, &id, "refuse", "").await.status, 303);
    let page = node.get("/desk").await.body;
    assert!(!page.contains(r#"class="quiet tell""#), "of this visit the authority is told: {page}");
    for cause in ["", "blue"] {
        assert_eq!(send(&node, "/desk/notice", &[("cause", cause)]).await.status, 422);
    }
    assert_eq!(send(&node, "/desk/notice", &[("cause", "fever")]).await.status, 303);
    let strange = [("cause", "red"), ("visit", "x.y.1.1")];
    assert_eq!(send(&node, "/desk/notice", &strange).await.status, 400);

    node.region.deliver().await;
    node.until("/desk", "Received by the authority").await;
    let authority = node.region.authority();
    let mut overview = authority.overview();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let follow = authority.clone().follow(async { drop(stopped.await) });
    let taken_in = async {
        overview.wait_for(|view| view.notices == 2).await.map(drop).unwrap();
        drop(stop);
    };
    tokio::join!(follow, taken_in);
    let page = node.get("/authority").await.body;
    for words in ["Red status: 1", "Fever: 1", "Yellow status: 0", "Market · entrance 1"] {
        assert!(page.contains(words), "{words} in {page}");
    }
}

#[tokio::test]
async fn the_terminus_is_a_vehicles_alone() {
    let mut node = served().await;
    node.enter().await;
    assert!(!node.get("/desk").await.body.contains("terminus"));
    assert_eq!(send(&node, "/desk/terminus", &[]).await.status, 404);

    let region = super::region::Region::found_as(VenueKind::Vehicle).await;
    let web = crate::bind(super::browser::config(&region), region.services()).await.unwrap();
    let mut bus = super::browser::start(web, region);
    bus.enter().await;
    assert_eq!(send(&bus, "/desk/click", &[("people", "1")]).await.status, 303);
    assert!(bus.get("/door").await.body.contains("Bus or train · Entrance and exit"));
    assert!(bus.get("/desk").await.body.contains(">1 / 120</strong>"));
    assert_eq!(send(&bus, "/desk/terminus", &[]).await.status, 303);
    assert!(bus.get("/desk").await.body.contains(">0 / 120</strong>"));
}

#[tokio::test]
async fn a_door_screen_is_large_dark_or_both_and_keeps_it_in_every_language() {
    let node = served().await;
    let page = node.get("/door?care=yes&dark=yes&lang=vi").await.body;
    assert!(page.contains(r#"class="kiosk care dark""#), "{page}");
    assert!(page.contains("?lang=kk&#38;care=yes&#38;dark=yes"), "{page}");
    assert!(page.contains(r#"id="speak""#));
    let page = node.get("/door?care=no&dark").await.body;
    assert!(page.contains(r#"class="kiosk""#) && !page.contains(r#"id="speak""#), "{page}");
}

#[tokio::test]
async fn what_is_wrong_is_said_in_words_at_the_door_and_at_the_desk() {
    let region = super::region::Region::found().await;
    let (view, scanner) = tokio::sync::watch::channel(ScannerView::default());
    let services = crate::Services { scanner: Some(scanner), ..region.services() };
    let web = crate::bind(super::browser::config(&region), services).await.unwrap();
    let mut node = super::browser::start(web, region);
    node.enter().await;
    let set = |state: &str, hint| {
        view.send_replace(ScannerView { state: state.into(), hint, ..ScannerView::default() });
    };
    set("running", Some("glare"));
    let page = node.get("/door?lang=ru").await.body;
    assert!(page.contains("На коде блик"), "{page}");
    assert!(page.contains("Кодқа жарық шағылысып тұр"), "in two languages at once: {page}");
    set("running", Some("dirty-lens"));
    assert!(!node.get("/door").await.body.contains("alarm"), "that is not the visitor's matter");
    for (state, hint) in [("lost", None), ("running", Some("camera-blocked"))] {
        set(state, hint);
        assert!(node.get("/door?lang=en").await.body.contains("The camera is not working"));
    }
    set("lost", None);
    let page = node.get("/desk?lang=en").await.body;
    assert!(page.contains("use a hand-held scanner or another device"), "{page}");
    set("running", None);
    assert!(!node.get("/desk").await.body.contains("alarm"));
}

/// Reads a frame's bytes as the text of a code; what begins with `!` is no picture.
struct Spelled(Arc<AtomicUsize>);

impl Frames for Spelled {
    fn look(&mut self, picture: Vec<u8>) -> Result<Looked, FrameError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let text = String::from_utf8(picture).map_err(|_| FrameError)?;
        if text.starts_with('!') {
            return Err(FrameError);
        }
        let texts = if text.is_empty() { Vec::new() } else { vec![text] };
        Ok(Looked { texts, hint: Some("too-dark") })
    }
}

#[tokio::test]
async fn frames_are_bounded_paced_and_taken_from_the_desks_own_page_alone() {
    let opened = Arc::new(AtomicUsize::new(0));
    let looks = Arc::new(AtomicUsize::new(0));
    let open: OpenFrames = {
        let (opened, looks) = (Arc::clone(&opened), Arc::clone(&looks));
        Arc::new(move || {
            opened.fetch_add(1, Ordering::Relaxed);
            Box::new(Spelled(Arc::clone(&looks)))
        })
    };
    let mut node = served_with(open).await;
    assert_eq!(node.post_frame("", b"x").await.status, 303, "who has no session has no camera");
    node.enter().await;
    let page = node.get("/desk").await;
    assert!(page.header("permissions-policy").unwrap().starts_with("camera=(self)"));
    let elsewhere = node.get("/venue").await;
    assert!(elsewhere.header("permissions-policy").unwrap().starts_with("camera=()"));
    let token = page.token().to_owned();
    assert_eq!(node.post_frame("wrong", b"x").await.status, 403);
    assert_eq!(
        node.post_frame(&token, &vec![b'x'; crate::frames::BYTES_MAX + 1]).await.status,
        413
    );
    assert_eq!(looks.load(Ordering::Relaxed), 0);
    let answer = node.post_frame(&token, token_of(4).as_bytes()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.contains(r#""read":1"#), "{}", answer.body);
    assert!(answer.body.contains("more light"), "{}", answer.body);
    assert!(node.get("/desk").await.body.contains("The rules admit"));
    // The clock of this test stands still: the next frame of the same camera comes too fast.
    assert_eq!(node.post_frame(&token, b"").await.status, 429);
    assert_eq!((opened.load(Ordering::Relaxed), looks.load(Ordering::Relaxed)), (1, 1));
}
