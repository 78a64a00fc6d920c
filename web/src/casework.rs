//! The pages of tracing as casework: cases, their questions, asking, approving.

mod answer;
mod entering;
mod graph;
mod notify;
pub(crate) mod sheet;
mod sormas;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use node_core::authority::{
    Authority, Overview,
    casework::{About, Asked, Case, CaseError, CaseId, Step, Target, Wanted},
    officers::Office,
    trace::{TraceError, Who},
};
use sync::{
    id::{Subject, VenueId},
    time::Zone,
};

use crate::{
    app::{App, Shared},
    authority,
    caller::{Caller, Keyed, Posted},
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    office::kinds,
    sign,
};

pub(crate) use answer::{open, page as answer_page};
pub(crate) use entering::enter;
pub(crate) use notify::notify;
pub(crate) use sheet::export;
pub(crate) use sormas::send as send_to_sormas;

/// How far back a form's window begins, ms.
const WINDOW_MILLIS: i64 = 14 * sync::time::DAY_MILLIS;

#[derive(Template)]
#[template(path = "cases.html")]
struct Cases {
    frame: Frame,
    trouble: Option<String>,
    cases: Vec<CaseRow>,
    second: bool,
}

struct CaseRow {
    id: CaseId,
    reference: String,
    by: String,
    at: String,
    questions: String,
    waiting: usize,
}

#[derive(Template)]
#[template(path = "case.html")]
struct OneCase {
    frame: Frame,
    id: CaseId,
    reference: String,
    opened: String,
    trouble: Option<String>,
    typed: Typed,
    kinds: Vec<(&'static str, String)>,
    venues: Vec<(VenueId, String)>,
    questions: Vec<QuestionRow>,
    offset: String,
    second: bool,
}

/// A question as it was typed.
#[derive(Default)]
struct Typed {
    kind: String,
    purpose: String,
    who: String,
    venue: String,
    from: String,
    until: String,
    second_degree: bool,
}

pub(crate) struct QuestionRow {
    pub(crate) number: u32,
    pub(crate) about: String,
    pub(crate) window: String,
    pub(crate) purpose: String,
    pub(crate) asked: String,
    pub(crate) state: String,
    pub(crate) waits: bool,
    pub(crate) answered: bool,
    /// Whether this reader may approve it.
    pub(crate) may_settle: bool,
}

/// `GET /authority/cases`
pub(crate) async fn list(State(app): State<Shared>, Keyed(caller): Keyed) -> Response {
    render_list(&app, &caller, None).await
}

async fn render_list(app: &App, caller: &Caller, trouble: Option<String>) -> Response {
    let t = caller.lang;
    let Some(authority) = &app.services.authority else {
        return Failure::not_found().read_in(t).into_response();
    };
    let cases = match rows(app, authority, t).await {
        Ok(cases) => cases,
        Err(error) => return Failure::internal(&error).read_in(t).into_response(),
    };
    let frame = Frame::new(app, caller, "/authority/cases");
    show(&Cases { frame, trouble, cases, second: authority.requires_second() })
}

async fn rows(app: &App, authority: &Authority, t: Lang) -> Result<Vec<CaseRow>, CaseError> {
    let zone = authority::zone(&authority.overview().borrow());
    let mut rows = Vec::new();
    for (id, case) in authority.cases().await? {
        let (_, asked) = authority.case(id).await?;
        rows.push(CaseRow {
            id,
            reference: case.reference,
            by: case.opened_by,
            at: date::recent(t, &zone, case.opened_at, app.now()),
            questions: date::number(t, asked.len() as u64),
            waiting: asked.iter().filter(|asked| asked.step == Step::Waiting).count(),
        });
    }
    Ok(rows)
}

/// `POST /authority/cases`: opens one.
pub(crate) async fn begin(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(authority) = app.services.authority.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    let (reference, by) = (form.field("case").to_owned(), form.caller.called());
    match app.finish(async move { authority.open_case(&reference, &by).await }).await {
        Ok(Ok(id)) => {
            app.did(&form.caller, "case-opened", form.field("case")).await;
            Redirect::to(&format!("/authority/cases/{id}")).into_response()
        }
        Ok(Err(error)) => {
            let page = render_list(&app, &form.caller, Some(words(t, &error))).await;
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Err(failure) => failure.read_in(t).into_response(),
    }
}

/// `GET /authority/cases/{id}`
pub(crate) async fn case(
    State(app): State<Shared>,
    Keyed(caller): Keyed,
    Path(id): Path<String>,
) -> Response {
    render_case(&app, &caller, &id, None, None).await
}

async fn render_case(
    app: &App,
    caller: &Caller,
    id: &str,
    typed: Option<Typed>,
    trouble: Option<String>,
) -> Response {
    let t = caller.lang;
    let (Some(authority), Some(id)) = (&app.services.authority, CaseId::from_hex(id)) else {
        return Failure::not_found().read_in(t).into_response();
    };
    let (case, asked) = match authority.case(id).await {
        Ok(found) => found,
        Err(CaseError::Unknown) => return Failure::not_found().read_in(t).into_response(),
        Err(error) => return Failure::internal(&error).read_in(t).into_response(),
    };
    let view = authority.overview().borrow().clone();
    let (zone, now) = (authority::zone(&view), app.now());
    let fresh = || Typed {
        from: date::field(&zone, now.plus_millis(-WINDOW_MILLIS)),
        until: date::field(&zone, now.plus_millis(60_000)),
        ..Typed::default()
    };
    let row = |asked: &Asked| question_row(app, caller, &view, &zone, asked);
    show(&OneCase {
        frame: Frame::new(app, caller, "/authority/cases"),
        id,
        opened: opened(t, &zone, &case),
        reference: case.reference,
        trouble,
        typed: typed.unwrap_or_else(fresh),
        kinds: kinds(t),
        venues: view.venues.iter().map(|v| (v.venue, v.name.clone())).collect(),
        questions: asked.iter().rev().map(row).collect(),
        offset: date::offset(&zone, now),
        second: authority.requires_second(),
    })
}

fn opened(t: Lang, zone: &Zone, case: &Case) -> String {
    let values =
        [("name", case.opened_by.clone()), ("time", date::moment(t, zone, case.opened_at))];
    t.with("casework-opened", &values)
}

fn question_row(
    app: &App,
    caller: &Caller,
    view: &Overview,
    zone: &Zone,
    asked: &Asked,
) -> QuestionRow {
    let t = caller.lang;
    let values = [("name", asked.by.clone()), ("time", date::recent(t, zone, asked.at, app.now()))];
    let state = match &asked.step {
        Step::Waiting => t.say("casework-state-waiting"),
        Step::Answered(_) => t.count("casework-persons", asked.persons),
        Step::Refused(by) => t.fill("casework-state-refused", by),
    };
    let tracer = caller.who().is_some() && caller.who() != asked.account;
    QuestionRow {
        number: asked.number,
        about: about(t, view, asked),
        window: format!(
            "{} – {}",
            date::moment(t, zone, asked.from),
            date::moment(t, zone, asked.until)
        ),
        purpose: asked.purpose.clone(),
        asked: t.with("casework-asked", &values),
        state,
        waits: asked.step == Step::Waiting,
        answered: matches!(asked.step, Step::Answered(_)),
        may_settle: tracer,
    }
}

/// What a question is about, in words.
fn about(t: Lang, view: &Overview, asked: &Asked) -> String {
    match asked.about {
        About::Person(subject) => t.fill("casework-about-person", short(&subject)),
        About::Venue(venue) => t.fill("casework-about-venue", venue_name(view, venue)),
    }
}

pub(crate) fn venue_name(view: &Overview, venue: VenueId) -> String {
    let known = view.venues.iter().find(|v| v.venue == venue);
    known.map_or_else(|| venue.to_string(), |v| v.name.clone())
}

pub(crate) fn venue_zone(view: &Overview, venue: VenueId) -> Zone {
    let known = view.venues.iter().find(|v| v.venue == venue);
    known.map_or_else(|| authority::zone(view), |v| v.zone.clone())
}

/// A pseudonym's beginning tells one person of an answer from another.
pub(crate) fn short(subject: &Subject) -> String {
    subject.to_string().chars().take(8).collect()
}

/// `POST /authority/cases/{id}/ask`
pub(crate) async fn ask(
    State(app): State<Shared>,
    Path(id): Path<String>,
    form: Posted,
) -> Response {
    let t = form.caller.lang;
    let (Some(authority), Some(case)) = (app.services.authority.clone(), CaseId::from_hex(&id))
    else {
        return Failure::not_found().read_in(t).into_response();
    };
    let Ok((held, _)) = authority.case(case).await else {
        return Failure::not_found().read_in(t).into_response();
    };
    let zone = authority::zone(&authority.overview().borrow());
    let asked = match wanted(&form, held.reference, &zone) {
        Ok(wanted) => {
            let answer = app.finish(async move { authority.ask(wanted).await }).await;
            match answer {
                Ok(answer) => answer.map_err(|error| words(t, &error)),
                Err(failure) => return failure.read_in(t).into_response(),
            }
        }
        Err(text) => Err(t.say(text)),
    };
    match asked {
        Ok((_, asked)) if asked.step == Step::Waiting => {
            Redirect::to(&format!("/authority/cases/{case}")).into_response()
        }
        Ok((_, asked)) => {
            Redirect::to(&format!("/authority/cases/{case}/{}", asked.number)).into_response()
        }
        Err(text) => {
            let typed = typed(&form);
            let page = render_case(&app, &form.caller, &id, Some(typed), Some(text)).await;
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
    }
}

fn typed(form: &Posted) -> Typed {
    Typed {
        kind: form.field("kind").to_owned(),
        purpose: form.field("purpose").to_owned(),
        who: form.field("who").to_owned(),
        venue: form.field("venue").to_owned(),
        from: form.field("from").to_owned(),
        until: form.field("until").to_owned(),
        second_degree: form.field("second") == "yes",
    }
}

/// What a form asks, or which words say what is wrong with it.
fn wanted(form: &Posted, case: String, zone: &Zone) -> Result<Wanted, &'static str> {
    let about = match (form.field("who"), form.field("venue")) {
        ("", "") => return Err("casework-error-about"),
        ("", venue) => {
            let number = venue.parse().map_err(|_| "casework-error-about")?;
            Target::Venue(VenueId::new(number))
        }
        (_, venue) if !venue.is_empty() => return Err("casework-error-both"),
        (who, _) => {
            let who = person(form.field("kind"), who).map_err(|_| "office-number-wrong")?;
            Target::Person(who)
        }
    };
    let from = date::read_field(zone, form.field("from")).ok_or("trace-error-from")?;
    let until = date::read_field(zone, form.field("until")).ok_or("trace-error-until")?;
    Ok(Wanted {
        case,
        purpose: form.field("purpose").to_owned(),
        by: form.caller.called(),
        account: form.caller.who(),
        about,
        from,
        until,
        second_degree: form.field("second") == "yes",
    })
}

/// What was typed as a person: behind the kind of a number that was chosen, or by itself.
pub(crate) fn person(kind: &str, typed: &str) -> Result<Who, TraceError> {
    match kind {
        "" => Who::read(typed),
        kind => Who::read(&format!("{kind}:{typed}")),
    }
}

/// `POST /authority/cases/{id}/{number}/settle`
pub(crate) async fn settle(
    State(app): State<Shared>,
    Path((id, number)): Path<(String, u32)>,
    form: Posted,
) -> Response {
    let t = form.caller.lang;
    let (Some(authority), Some(case)) = (app.services.authority.clone(), CaseId::from_hex(&id))
    else {
        return Failure::not_found().read_in(t).into_response();
    };
    let (account, by) = (form.caller.who(), form.caller.called());
    let approve = form.field("approve") == "yes";
    let settled = app
        .finish(async move { authority.settle(case, number, account, &by, approve).await })
        .await;
    match settled {
        Ok(Ok(_)) => {
            let what = if approve { "question-approved" } else { "question-refused" };
            app.did(&form.caller, what, format!("{case}/{number}")).await;
            let to = if approve { format!("/{number}") } else { String::new() };
            Redirect::to(&format!("/authority/cases/{case}{to}")).into_response()
        }
        Ok(Err(error)) => {
            let page = render_case(&app, &form.caller, &id, None, Some(words(t, &error))).await;
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Err(failure) => failure.read_in(t).into_response(),
    }
}

impl OneCase {
    fn is_typed(&self, venue: &VenueId) -> bool {
        self.typed.venue == venue.to_string()
    }
}

/// What went wrong with a case, in words; what nobody can have caused is logged.
pub(crate) fn words(t: Lang, error: &CaseError) -> String {
    t.say(match error {
        CaseError::Trace(TraceError::Case) => "trace-error-case",
        CaseError::Trace(TraceError::Purpose) => "trace-error-purpose",
        CaseError::Trace(TraceError::NeedsCase) => "casework-needs-case",
        CaseError::Trace(TraceError::Window) => "trace-error-window",
        CaseError::Trace(TraceError::Code(reason)) => {
            return t.fill("trace-error-code", sign::reason_text(t, *reason));
        }
        CaseError::Own => "casework-error-own-question",
        CaseError::NoAccount => "casework-error-no-account",
        CaseError::NotWaiting | CaseError::Unknown | CaseError::NotAnswered => "casework-error-gone",
        CaseError::Full => "casework-error-full",
        error => {
            tracing::error!(%error, cause = ?std::error::Error::source(error), "a question was not answered");
            "trace-error-ledger"
        }
    })
}
