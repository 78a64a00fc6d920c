//! The auditor's page: the access log and the log of tracing questions, each with whether it hangs together.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use node_core::{
    authority::{Authority, access::Line},
    staff::StaffId,
};
use serde::Deserialize;

use crate::{
    app::Shared,
    authority,
    caller::Keyed,
    casework::{short, venue_name},
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
};

/// Lines of a page.
const LINES: u64 = 200;

#[derive(Template)]
#[template(path = "logbook.html")]
struct Page {
    frame: Frame,
    holds: String,
    broken: bool,
    /// The same of the tracing questions.
    asked_holds: String,
    asked_broken: bool,
    lines: Vec<Row>,
    questions: Vec<Question>,
    earlier: Option<u64>,
}

struct Row {
    number: u64,
    at: String,
    what: String,
    who: String,
    about: String,
    detail: String,
    from: String,
}

struct Question {
    number: u64,
    at: String,
    by: String,
    case: String,
    purpose: String,
    about: String,
}

/// From where the log is read.
#[derive(Deserialize)]
pub(crate) struct From {
    before: Option<u64>,
}

/// `GET /authority/log`
pub(crate) async fn page(
    State(app): State<Shared>,
    Keyed(caller): Keyed,
    Query(from): Query<From>,
) -> Response {
    let t = caller.lang;
    let Some(authority) = &app.services.authority else {
        return Failure::not_found().read_in(t).into_response();
    };
    let (holds, broken) = match authority.verify_accesses().await {
        Ok((lines, head)) => {
            let head = head.to_string().chars().take(16).collect();
            (t.with("casework-log-holds", &[("lines", lines.to_string()), ("hash", head)]), false)
        }
        Err(error) => {
            tracing::error!(%error, "the access log does not hold");
            (t.say("casework-log-broken"), true)
        }
    };
    let (asked_holds, asked_broken) = match authority.verify_questions().await {
        Ok((entries, head)) => {
            let head = head.to_string().chars().take(16).collect();
            let values = [("lines", entries.to_string()), ("hash", head)];
            (t.with("casework-asked-holds", &values), false)
        }
        Err(error) => {
            tracing::error!(%error, "the log of questions does not hold");
            (t.say("casework-asked-broken"), true)
        }
    };
    let read = (authority.accesses(from.before, LINES).await, authority.asked(None, LINES).await);
    let (lines, asked) = match read {
        (Ok(lines), Ok(asked)) => (lines, asked),
        (Err(error), _) => return Failure::internal(&error).read_in(t).into_response(),
        (_, Err(error)) => return Failure::internal(&error).read_in(t).into_response(),
    };
    let view = authority.overview().borrow().clone();
    let (zone, now) = (authority::zone(&view), app.now());
    let question = |entry: &node_core::authority::questions::Entry| Question {
        number: entry.number,
        at: date::recent(t, &zone, entry.at, now),
        by: entry.asked_by.clone(),
        case: entry.case.clone(),
        purpose: entry.purpose.clone(),
        about: match entry.venue {
            Some(venue) => t.fill("casework-about-venue", venue_name(&view, venue)),
            None => t.fill("casework-about-person", short(&entry.subject)),
        },
    };
    let row = |line: &Line| row(t, authority, date::recent(t, &zone, line.access.at, now), line);
    show(&Page {
        frame: Frame::new(&app, &caller, "/authority/log"),
        holds,
        broken,
        asked_holds,
        asked_broken,
        earlier: lines.last().map(|line| line.number).filter(|number| *number > 1),
        lines: lines.iter().map(row).collect(),
        questions: asked.iter().map(question).collect(),
    })
}

fn row(t: Lang, authority: &Authority, at: String, line: &Line) -> Row {
    let access = &line.access;
    let name = |id: StaffId| {
        let officer = authority.officer(&id);
        officer.map_or_else(|| id.to_string(), |officer| officer.name.as_str().to_owned())
    };
    Row {
        number: line.number,
        at,
        what: t.say(what(&access.what)),
        who: access.who.map(name).unwrap_or_default(),
        about: access.about.filter(|id| access.who != Some(*id)).map(name).unwrap_or_default(),
        detail: access.detail.clone(),
        from: access.from.clone(),
    }
}

/// The text for a stable word of the log.
fn what(word: &str) -> &'static str {
    match word {
        "signed-in" => "audit-signed-in",
        "entered-by-key" => "audit-by-key",
        "wrong-secret" => "audit-wrong-secret",
        "wrong-key" => "audit-wrong-key",
        "locked-out" => "audit-locked",
        "signed-out" => "audit-signed-out",
        "invited" => "audit-invited",
        "bound" => "audit-bound",
        "wrong-invitation" => "audit-wrong-invitation",
        "invitation-ended" => "audit-invitation-ended",
        "set-up" => "casework-log-set-up",
        "wrong-set-up" => "audit-wrong-set-up",
        "secret-changed" => "audit-secret",
        "removed" => "audit-removed",
        "passkey-added" => "passkey-log-added",
        "passkey-removed" => "passkey-log-removed",
        "passkey-refused" => "passkey-log-refused",
        "passkey-counter" => "passkey-log-counter",
        "offices-changed" => "casework-log-offices",
        "case-opened" => "casework-log-case",
        "question-approved" => "casework-log-approved",
        "question-refused" => "casework-log-refused",
        "answer-read" => "casework-log-read",
        "details-opened" => "casework-log-details",
        "exported" => "casework-log-exported",
        "sent-to-sormas" => "links-log-sormas",
        "told-by-sms" => "casework-log-sms",
        "told-by-letter" => "casework-log-letter",
        "notice-brought" => "casework-log-notice",
        "program-admitted" => "casework-log-program",
        "program-dismissed" => "casework-log-program-ended",
        "facts-taken-back" => "office-log-taken-back",
        "contacts-entered" => "casework-log-entered",
        "violation-confirmed" => "casework-log-violation",
        "log-cut" => "passkey-log-cut",
        "api" => "casework-log-api",
        _ => "audit-other",
    }
}
