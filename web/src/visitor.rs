//! The page that a visitor's phone opens: a number, and the PIN of the door or a code by SMS, become a visit.
//!
//! These pages are open to everybody in the venue's network and know no sessions. Where they travel in plain HTTP, what
//! is typed is sealed in the browser (`static/visitor.js`) to a key of this start, and nothing else is taken.

mod code;
pub(crate) mod door;
mod pass;
mod receipt;
mod selfcheck;
mod typed;
mod wall;
pub(crate) mod why;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, Request, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use node_core::{
    booth::{Booth, Denied},
    code::poster::{Poster, PosterCheck, check as check_poster},
    desk::{CheckedIn, Desk, VisitorRules},
    phone::Phone,
    policy::{VisitorCheck, Ways},
    sms::Outbox,
};
use sync::{record::Direction, time::UnixMillis};

use crate::{
    app::{App, Shared},
    asset,
    caller::Caller,
    error::Failure,
    frame::show,
    language::Lang,
    sign,
};
use typed::Typed;

/// What the visitors' pages need besides the desk.
#[derive(Clone, Debug, Default)]
pub struct Visitors {
    /// The Wi-Fi that leads here, for posters.
    pub wifi: Option<String>,
    /// The version of the poster that should hang at this door.
    pub poster_version: u32,
    /// From when the door has its place, and its poster counts.
    pub poster_from: Option<UnixMillis>,
    /// Whom visitors ask, and who corrects what is wrong.
    pub contact: Option<String>,
    /// Where codes are handed in to be sent; none where there is no gateway.
    pub sms: Option<Outbox>,
    /// Where phones reach these pages, without a path, where that is not what the node finds by itself.
    pub address: Option<String>,
}

/// What the pages keep between requests.
pub(crate) struct Lobby {
    pub(crate) booth: Arc<Booth>,
    pub(crate) whys: why::Whys,
    /// Where phones reach these pages, without a path.
    pub(crate) address: String,
}

/// The addresses of the visitors' pages.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/v", get(page))
        .route("/p/{code}", get(scanned))
        .route("/P/{code}", get(scanned))
        .route("/v/check", get(page).post(check))
        .route("/v/code", get(page).post(code::check))
        .route("/v/leave", get(page).post(pass::leave))
        .route("/v/pass/{pass}", get(pass::page))
        .route("/v/receipt/{pass}", get(receipt::page))
        .route("/v/why/{name}", get(why::page))
        .route("/self", get(selfcheck::page).post(selfcheck::check))
        .route("/v/self", post(selfcheck::check))
}

/// The sheet for the wall, for whoever is signed in.
pub(crate) fn staff_routes() -> Router<Shared> {
    Router::new().route("/venue/poster/{file}", get(wall::sheet))
}

/// What all visitors' pages have around them.
pub(crate) struct Around {
    pub(crate) t: Lang,
    pub(crate) venue: String,
    pub(crate) entrance: String,
    pub(crate) contact: Option<String>,
    /// The key to seal to, where the page travels in plain HTTP.
    pub(crate) key: Option<String>,
}

impl Around {
    fn new(app: &App, desk: &Desk, caller: &Caller) -> Self {
        let site = desk.site();
        let key = || data_encoding::BASE64URL_NOPAD.encode(app.lobby.booth.public());
        Self {
            t: caller.lang,
            venue: site.venue_name.clone(),
            entrance: site.entrance_name.clone(),
            contact: app.services.visitors.contact.clone(),
            key: (!caller.secret).then(key),
        }
    }

    /// Whom to ask where a refusal is wrong.
    pub(crate) const fn why_wrong(&self) -> &'static str {
        if self.contact.is_some() { "visitor-why-wrong" } else { "visitor-why-staff" }
    }

    pub(crate) const fn languages(&self) -> [Lang; 6] {
        Lang::ALL
    }

    pub(crate) fn reads(&self, lang: &Lang) -> bool {
        self.t == *lang
    }

    pub(crate) fn asset(&self, name: &str) -> String {
        asset::address(name)
    }
}

/// What is wrong, and with which field.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Trouble {
    field: &'static str,
    text: String,
}

#[derive(Template)]
#[template(path = "visitor.html")]
struct Page {
    around: Around,
    way: Direction,
    /// The text of the poster that was scanned.
    poster: String,
    /// What is wrong with that poster.
    warning: Option<&'static str>,
    ways: Open,
    consent: String,
    trouble: Option<Trouble>,
    typed: Typed,
}

/// How a visitor may prove to be here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Open {
    /// Only the door scans, by policy.
    staff_scans: bool,
    pin: bool,
    sms: bool,
}

impl Open {
    fn of(rules: &VisitorRules, sms: bool) -> Self {
        Self {
            staff_scans: rules.ways == Ways::StaffScans,
            pin: rules.check != VisitorCheck::Sms,
            sms: sms && rules.check != VisitorCheck::Pin,
        }
    }

    const fn none(self) -> bool {
        !self.pin && !self.sms
    }
}

impl Page {
    fn new(app: &App, desk: &Desk, caller: &Caller, poster: &str) -> Self {
        let rules = desk.visitor_rules();
        let site = desk.site();
        let read = Poster::from_text(poster);
        let way = match (read, site.direction) {
            (Some(poster), Direction::Both) => poster.direction,
            (_, only) => only,
        };
        let version = app.services.visitors.poster_version;
        let warning =
            (!poster.is_empty()).then(|| warning(check_poster(poster, site, Some(version))));
        let days = [("door", rules.days_door), ("authority", rules.days_authority)];
        let days = days.map(|(name, days)| (name, days.to_string()));
        Self {
            around: Around::new(app, desk, caller),
            way,
            poster: poster.to_owned(),
            warning: warning.flatten(),
            ways: Open::of(&rules, app.services.visitors.sms.is_some()),
            consent: caller.lang.with("visitor-consent", &days),
            trouble: None,
            typed: Typed::new(caller.lang),
        }
    }

    fn goes_out(&self) -> bool {
        self.way == Direction::Out
    }

    fn trouble_with(&self, field: &str) -> bool {
        self.trouble.as_ref().is_some_and(|trouble| trouble.field == field)
    }

    fn with(mut self, typed: Typed, field: &'static str, text: String) -> Response {
        self.typed = typed;
        self.trouble = Some(Trouble { field, text });
        (StatusCode::UNPROCESSABLE_ENTITY, show(&self)).into_response()
    }
}

const fn warning(judged: PosterCheck) -> Option<&'static str> {
    match judged {
        PosterCheck::Current => None,
        PosterCheck::OtherDoor => Some("visitor-poster-other-door"),
        PosterCheck::OtherVenue => Some("visitor-poster-other-venue"),
        PosterCheck::Outdated => Some("visitor-poster-outdated"),
        _ => Some("visitor-poster-broken"),
    }
}

/// A place code that was typed: the text on the poster, with or without its spaces.
#[derive(serde::Deserialize)]
struct Place {
    #[serde(default)]
    place: String,
}

/// `GET /v`, `GET /v?place=VW1:…`
async fn page(State(app): State<Shared>, caller: Caller, Query(typed): Query<Place>) -> Response {
    let plain = typed.place.chars().take(256).filter(|c| !c.is_whitespace());
    let code: String = plain.flat_map(char::to_uppercase).collect();
    match &app.services.door {
        Some(desk) => show(&Page::new(&app, desk, &caller, &code)),
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// `GET /p/VW1:…`: what a poster leads to.
async fn scanned(State(app): State<Shared>, caller: Caller, Path(code): Path<String>) -> Response {
    match &app.services.door {
        Some(desk) => show(&Page::new(&app, desk, &caller, code.trim())),
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// `POST /v/check`: a number with the PIN, or a number to which a code is to be sent.
async fn check(State(app): State<Shared>, caller: Caller, request: Request) -> Response {
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let typed = match Typed::read(&app, &caller, request).await {
        Ok(typed) => typed,
        Err(failure) => return failure.read_in(caller.lang).into_response(),
    };
    let t = caller.lang;
    let page = Page::new(&app, &desk, &caller, &typed.poster);
    let ways = page.ways;
    if typed.unsealed {
        return page.with(typed, "", t.say("visitor-letter"));
    }
    if ways.staff_scans || ways.none() {
        return show(&page);
    }
    let phone = match Phone::read(&typed.phone, &typed.country) {
        Ok(phone) => phone,
        Err(error) => return page.with(typed, "phone", t.say(typed::phone_error(error))),
    };
    let Some(peer) = caller.peer else {
        return Failure::forbidden().read_in(t).into_response();
    };
    if typed.wants_sms && ways.sms {
        return code::send(&app, &caller, peer, phone, page, typed).await;
    }
    if !ways.pin {
        return page.with(typed, "", t.say("visitor-no-way"));
    }
    if typed.pin.is_empty() {
        return page.with(typed, "pin", t.say("visitor-pin-empty"));
    }
    match app.lobby.booth.prove_by_pin(peer, &phone, &typed.pin, app.now()) {
        Ok(()) => record(&app, &desk, &caller, phone, page.way, typed).await,
        Err(denied) => page.with(typed, "pin", denied_text(t, denied, "visitor-pin-wrong")),
    }
}

/// Why a PIN or a code was not taken.
fn denied_text(t: Lang, denied: Denied, wrong: &'static str) -> String {
    match denied {
        Denied::Wrong => t.say(wrong),
        Denied::Over => t.say("visitor-code-over"),
        Denied::Wait(secs) => t.fill("visitor-wait", secs),
        _ => t.say("error-internal"),
    }
}

/// The number is proved: the desk records the visit or asks its staff; the phone goes on to its pass.
///
/// Where that fails the page stands as it was typed, with the poster's way: who was going out does not come in.
async fn record(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    phone: Phone,
    way: Direction,
    typed: Typed,
) -> Response {
    let t = caller.lang;
    let pass = match desk.new_pass() {
        Ok(pass) => pass,
        Err(error) => return Failure::internal(&error).read_in(t).into_response(),
    };
    let (at, named, whose) = (desk.clone(), pass.clone(), phone.clone());
    let checked = app.finish(async move { at.check_in_phone(&whose, way, &named).await }).await;
    match checked {
        Ok(CheckedIn::Decided(_) | CheckedIn::Waiting(_)) => {
            Redirect::to(&format!("/v/pass/{}", pass.to_text())).into_response()
        }
        Ok(CheckedIn::Unrecorded(reason)) => {
            let page = Page::new(app, desk, caller, &typed.poster);
            // A code by SMS counts once: the number is there to ask for another.
            let typed = Typed { phone: phone.as_str().to_owned(), ..typed };
            page.with(typed, "", sign::reason_text(t, reason))
        }
        Err(failure) => failure.read_in(t).into_response(),
    }
}
