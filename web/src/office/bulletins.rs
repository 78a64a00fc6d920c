//! Bulletins: what is in force, drafts with what they change in words and who has signed, and which door has received what.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    authority::{
        Authority,
        changes::{Change, changes},
        drafts::{Draft, DraftError, DraftState},
        received::Receiver,
    },
    rules::kind_word,
    site::BulletinView,
    standing::{Stands, VenueStanding},
};
use sync::{bulletin::BulletinKind, status::Link, time::Zone};

use super::{announcing, authority, failed};
use crate::{
    app::{App, Shared},
    authority as overview,
    caller::{Caller, Keyed, Posted},
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    venue,
};

/// Changes of one draft that are shown.
const CHANGES_MAX: usize = 100;
/// Drafts that are done and still shown.
const DONE_MAX: usize = 10;
/// Doors that are listed.
const RECEIVERS_MAX: usize = 500;

/// What can be drawn up here: the word, the kind, its text.
const KINDS: [(&str, BulletinKind, &str); 5] = [
    ("policy", BulletinKind::Policy, "bulletin-policy"),
    ("trust", BulletinKind::Trust, "bulletin-trust"),
    ("revocations", BulletinKind::Revocations, "bulletin-revocations"),
    ("standing", BulletinKind::Standing, "bulletin-standing"),
    ("announcements", BulletinKind::Announcements, "bulletin-announcements"),
];

#[derive(Template)]
#[template(path = "office_bulletins.html")]
struct Page {
    frame: Frame,
    in_force: String,
    root: bool,
    open: Vec<Shown>,
    done: Vec<Shown>,
    receivers: Vec<Row>,
    /// The kinds in force, in the order of what each door had.
    columns: Vec<String>,
    trouble: Option<(&'static str, String)>,
    /// What the text would change, where it was only looked at.
    preview: Option<Vec<String>>,
    kinds: Vec<(&'static str, String)>,
    typed: Typed,
    /// What is announced to venues, and how they stand.
    told: String,
}

/// What was typed into the form of a draft.
#[derive(Default)]
struct Typed {
    kind: String,
    body: String,
    by: String,
    days: String,
}

struct Shown {
    number: u64,
    kind: String,
    version: u64,
    made: String,
    signed: String,
    state: String,
    changes: Vec<String>,
}

struct Row {
    door: String,
    dot: &'static str,
    had: Vec<(String, bool)>,
    at: String,
}

/// `GET /authority/bulletins`
pub(crate) async fn page(State(app): State<Shared>, Keyed(caller): Keyed) -> Response {
    let t = caller.lang;
    let authority = match authority(&app, t) {
        Ok(authority) => authority,
        Err(answer) => return *answer,
    };
    match made(&app, &authority, &caller).await {
        Ok(page) => show(&page),
        Err(error) => failed(t, &error),
    }
}

async fn made(app: &App, authority: &Authority, caller: &Caller) -> Result<Page, DraftError> {
    let t = caller.lang;
    let view = authority.overview().borrow().clone();
    let zone = overview::zone(&view);
    let (mut open, mut done) = (Vec::new(), Vec::new());
    for draft in authority.drafts().await? {
        let is_open = draft.state == DraftState::Open;
        if !is_open && done.len() >= DONE_MAX {
            continue;
        }
        let said = match is_open {
            true => {
                let held = authority.body_in_force(draft.notice.kind).await?;
                words(t, &changes(draft.notice.kind, held.as_deref(), &draft.notice.body))
            }
            false => Vec::new(),
        };
        let shown = shown(t, &zone, &draft, said);
        if is_open { open.push(shown) } else { done.push(shown) }
    }
    let receivers = authority.receivers().await?;
    let rows = receivers.iter().take(RECEIVERS_MAX);
    let column = |view: &BulletinView| t.known(&format!("bulletin-{}", view.kind));
    let columns = view.bulletins.iter().map(|v| column(v).unwrap_or_default()).collect();
    let frame = Frame::new(app, caller, "/authority/bulletins");
    Ok(Page {
        told: announcing::part(app, authority, t, &frame.token, None, None).await?,
        frame,
        in_force: venue::bulletins(t, &zone, app.now(), &view.bulletins),
        root: authority.keys().root.is_some(),
        open,
        done,
        receivers: rows.map(|r| row(app, t, &zone, &view.bulletins, r)).collect(),
        columns,
        trouble: None,
        preview: None,
        kinds: KINDS.map(|(word, _, text)| (word, t.say(text))).into(),
        typed: Typed { days: "30".into(), ..Typed::default() },
    })
}

fn shown(t: Lang, zone: &Zone, draft: &Draft, changes: Vec<String>) -> Shown {
    let values = [("by", draft.made_by.clone()), ("at", date::moment(t, zone, draft.made_at))];
    let counts =
        [("signed", draft.signers.len().to_string()), ("needed", draft.needed.to_string())];
    let state = match draft.state {
        DraftState::Open => "office-draft-open",
        DraftState::Published => "office-draft-published",
        DraftState::Dropped => "office-draft-dropped",
    };
    Shown {
        number: draft.number,
        kind: t.known(&format!("bulletin-{}", kind_word(draft.notice.kind))).unwrap_or_default(),
        version: draft.notice.version,
        made: t.with("office-draft-made", &values),
        signed: t.with("office-draft-signed", &counts),
        state: t.say(state),
        changes,
    }
}

/// Changes as sentences.
fn words(t: Lang, changes: &[Change]) -> Vec<String> {
    changes.iter().take(CHANGES_MAX).map(|change| change_text(t, change)).collect()
}

fn change_text(t: Lang, change: &Change) -> String {
    match change {
        Change::Field(name, before, after) => {
            let nothing = || t.say("office-value-none");
            let label = t.known(&format!("office-policy-{}", name.replace(['.', '_'], "-")));
            let value = |value: &Option<String>| match value {
                Some(word) => {
                    t.known(&format!("office-word-{word}")).unwrap_or_else(|| word.clone())
                }
                None => nothing(),
            };
            let values = [
                ("field", label.unwrap_or_else(|| name.clone())),
                ("before", value(before)),
                ("after", value(after)),
            ];
            t.with("office-change-field", &values)
        }
        Change::IssuerAdded(name) => t.fill("office-change-issuer-added", name),
        Change::IssuerDropped(name) => t.fill("office-change-issuer-dropped", name),
        Change::IssuerChanged(name) => t.fill("office-change-issuer-changed", name),
        Change::Entries { list, added, dropped } => {
            let values = [
                ("list", t.known(&format!("office-list-{list}")).unwrap_or((*list).to_owned())),
                ("added", date::number(t, *added as u64)),
                ("dropped", date::number(t, *dropped as u64)),
            ];
            t.with("office-change-entries", &values)
        }
        Change::Standing(venue, before, after) => {
            let values = [
                ("venue", venue.to_string()),
                ("before", stands_text(t, before.as_ref())),
                ("after", stands_text(t, after.as_ref())),
            ];
            t.with("reach-change-standing", &values)
        }
        Change::Announced(text) => t.fill("reach-change-announced", text),
        Change::Unannounced(text) => t.fill("reach-change-unannounced", text),
        Change::Other => t.say("office-change-other"),
    }
}

/// How a venue stands, in words.
fn stands_text(t: Lang, standing: Option<&VenueStanding>) -> String {
    let until = |standing: &VenueStanding| date::moment(t, &Zone::utc(), standing.until) + " UTC";
    match standing {
        None => t.say("reach-stands-good"),
        Some(test) if test.stands == Stands::Test => t.fill("reach-stands-test", until(test)),
        Some(out) => t.fill("reach-stands-excluded", until(out)),
    }
}

fn row(app: &App, t: Lang, zone: &Zone, held: &[BulletinView], receiver: &Receiver) -> Row {
    let peers = app.services.peers.as_ref().map(|peers| peers.borrow().clone()).unwrap_or_default();
    let up = peers.peers.iter().any(|p| p.node == Some(receiver.node) && p.link == Link::Up);
    let version = |kind: &str| {
        let had = receiver.received.bulletins.iter();
        had.filter(|(k, _)| kind_word(*k) == kind).map(|(_, version)| *version).max()
    };
    let had = held.iter().map(|view| match version(view.kind) {
        Some(version) => (version.to_string(), version >= view.version),
        None => (t.say("office-version-unknown"), false),
    });
    let at = receiver.received.at;
    Row {
        door: match &receiver.door {
            Some((venue, door)) => format!("{venue} · {door}"),
            None => receiver.node.to_string(),
        },
        dot: if up { "" } else { "idle" },
        had: had.collect(),
        at: match at.get() {
            0 => t.say("none-yet"),
            _ => date::recent(t, zone, at, app.now()),
        },
    }
}

/// Why a draft was not made or signed: which form, and the words.
pub(super) fn trouble(t: Lang, error: &DraftError) -> Option<(&'static str, String)> {
    Some(match error {
        DraftError::Policy(error) => ("body", t.fill("office-body-wrong", error)),
        DraftError::List(error) => ("body", t.fill("office-body-wrong", error)),
        DraftError::TooLarge => ("body", t.say("office-body-large")),
        DraftError::Days => ("days", t.say("office-draft-days")),
        DraftError::Name => ("by", t.say("office-draft-by-wrong")),
        DraftError::Unknown => ("signed", t.say("office-draft-unknown")),
        DraftError::NotSigned => ("signed", t.say("office-draft-not-signed")),
        DraftError::NotAnnounced => ("signed", t.say("reach-announce-gone")),
        DraftError::NoRoot => ("signed", t.say("office-no-root")),
        DraftError::Bulletin(_) => ("signed", t.say("office-not-a-draft")),
        _ => return None,
    })
}

async fn refused(
    app: &App,
    authority: &Authority,
    caller: &Caller,
    error: &DraftError,
    typed: Typed,
) -> Response {
    let Some(trouble) = trouble(caller.lang, error) else { return failed(caller.lang, error) };
    match made(app, authority, caller).await {
        Ok(page) => {
            let page = Page { trouble: Some(trouble), typed, ..page };
            (StatusCode::UNPROCESSABLE_ENTITY, show(&page)).into_response()
        }
        Err(error) => failed(caller.lang, &error),
    }
}

/// `POST /authority/bulletins/draft`: looks at a text, or draws it up.
pub(crate) async fn draw_up(State(app): State<Shared>, posted: Posted) -> Response {
    let t = posted.caller.lang;
    let authority = match authority(&app, t) {
        Ok(authority) => authority,
        Err(answer) => return *answer,
    };
    let text = |name: &str| posted.field(name).to_owned();
    let (kind, body, by) = (text("kind"), text("body"), text("by"));
    let typed = Typed { kind, body, by, days: text("days") };
    let Some((_, kind, _)) = KINDS.iter().find(|(word, _, _)| *word == typed.kind) else {
        return Failure::malformed().read_in(t).into_response();
    };
    let body = typed.body.clone().into_bytes();
    if posted.field("act") == "preview" {
        let changed = authority.preview(*kind, &body).await;
        let made = made(&app, &authority, &posted.caller).await;
        return match (changed, made) {
            (Ok(changed), Ok(page)) => {
                show(&Page { preview: Some(words(t, &changed)), typed, ..page })
            }
            (Err(error), _) => refused(&app, &authority, &posted.caller, &error, typed).await,
            (_, Err(error)) => failed(t, &error),
        };
    }
    let days = typed.days.parse().unwrap_or(0);
    let (at, by, kind) = (authority.clone(), typed.by.clone(), *kind);
    let work = async move { at.draw_up(kind, body, days, &by).await };
    match app.finish(work).await {
        Ok(Ok(draft)) => go_to(draft.number),
        Ok(Err(error)) => refused(&app, &authority, &posted.caller, &error, typed).await,
        Err(failure) => failure.read_in(t).into_response(),
    }
}

pub(super) fn go_to(number: u64) -> Response {
    Redirect::to(&format!("/authority/bulletins#draft-{number}")).into_response()
}

/// The page with what is wrong with an announcement.
pub(super) async fn not_announced(
    app: &App,
    authority: &Authority,
    caller: &Caller,
    typed: announcing::Typed,
    wrong: String,
) -> Response {
    let t = caller.lang;
    let page = match made(app, authority, caller).await {
        Ok(page) => page,
        Err(error) => return failed(t, &error),
    };
    let token = page.frame.token.clone();
    match announcing::part(app, authority, t, &token, Some(&typed), Some(&wrong)).await {
        Ok(told) => {
            (StatusCode::UNPROCESSABLE_ENTITY, show(&Page { told, ..page })).into_response()
        }
        Err(error) => failed(t, &error),
    }
}

pub(super) async fn settled(
    app: &Shared,
    posted: &Posted,
    work: impl Future<Output = Result<u64, DraftError>> + Send + 'static,
) -> Response {
    let t = posted.caller.lang;
    let authority = match authority(app, t) {
        Ok(authority) => authority,
        Err(answer) => return *answer,
    };
    match app.finish(work).await {
        Ok(Ok(number)) => go_to(number),
        Ok(Err(error)) => {
            let typed = Typed { days: "30".into(), ..Typed::default() };
            refused(app, &authority, &posted.caller, &error, typed).await
        }
        Err(failure) => failure.read_in(t).into_response(),
    }
}

fn number(posted: &Posted) -> u64 {
    posted.field("draft").parse().unwrap_or(0)
}

/// `POST /authority/bulletins/sign`: with the root's key of this machine.
pub(crate) async fn sign(State(app): State<Shared>, posted: Posted) -> Response {
    let (at, number) = (app.services.authority.clone(), number(&posted));
    settled(&app, &posted, async move {
        let authority = at.ok_or(DraftError::Unknown)?;
        authority.sign_draft(number).await.map(|draft| draft.number)
    })
    .await
}

/// `POST /authority/bulletins/add`: signatures made elsewhere.
pub(crate) async fn add(State(app): State<Shared>, posted: Posted) -> Response {
    let (at, text) = (app.services.authority.clone(), posted.field("signed").to_owned());
    settled(&app, &posted, async move {
        let authority = at.ok_or(DraftError::Unknown)?;
        authority.add_signatures(&text).await.map(|draft| draft.number)
    })
    .await
}

/// `POST /authority/bulletins/drop`
pub(crate) async fn give_up(State(app): State<Shared>, posted: Posted) -> Response {
    let (at, number) = (app.services.authority.clone(), number(&posted));
    settled(&app, &posted, async move {
        let authority = at.ok_or(DraftError::Unknown)?;
        authority.drop_draft(number).await.map(|()| number)
    })
    .await
}

/// `GET /authority/bulletins/draft/{number}`: the draft's text, for those who sign elsewhere.
pub(crate) async fn export(
    State(app): State<Shared>,
    Keyed(caller): Keyed,
    Path(number): Path<String>,
) -> Response {
    let t = caller.lang;
    let (authority, number) = match (authority(&app, t), number.parse()) {
        (Ok(authority), Ok(number)) => (authority, number),
        (Err(answer), _) => return *answer,
        (_, Err(_)) => return Failure::not_found().read_in(t).into_response(),
    };
    match authority.draft(number).await {
        Ok(Some(draft)) => {
            let saved = format!("attachment; filename=\"draft-{number}.bulletin\"");
            let kind = "text/plain; charset=utf-8";
            let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, &*saved)];
            (headers, draft.bulletin.to_text() + "\n").into_response()
        }
        Ok(None) => Failure::not_found().read_in(t).into_response(),
        Err(error) => failed(t, &error),
    }
}

impl Page {
    fn wrong(&self, name: &str) -> Option<&str> {
        self.trouble.as_ref().filter(|(field, _)| *field == name).map(|(_, text)| text.as_str())
    }
}
