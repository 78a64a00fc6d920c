//! The register of venues: found by a word, entered and changed by a form, taken over as a table with a report for each line.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use node_core::authority::{
    Authority,
    activity::ACTIVITIES,
    application::{Application, FIELDS, Problem, Wrong},
    enrolment::{EnrolError, Enrolled},
    table,
};
use serde::Deserialize;
use sync::id::VenueId;

use super::{authority, failed};
use crate::{
    app::{App, Shared},
    caller::{Caller, Keyed, Posted},
    date,
    frame::{Frame, show},
    language::Lang,
};

/// Venues on a page.
const LISTED: usize = 50;
/// Lines of a report that are shown: those that were not taken come first.
const REPORTED: usize = 200;

/// What the list is asked for.
#[derive(Default, Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    find: String,
    after: Option<u64>,
}

#[derive(Template)]
#[template(path = "office_venues.html")]
struct List {
    frame: Frame,
    find: String,
    rows: Vec<Row>,
    /// Where the next page begins.
    next: Option<u64>,
    report: Option<Report>,
    trouble: Option<String>,
    table: String,
}

struct Row {
    venue: u64,
    name: String,
    address: String,
    kind: String,
    area: String,
    until: String,
}

/// What became of a table.
struct Report {
    said: String,
    wrong: Vec<String>,
}

#[derive(Template)]
#[template(path = "office_venue_form.html")]
struct Form {
    frame: Frame,
    /// Which venue is changed; none where one is entered.
    venue: Option<u64>,
    trouble: Option<String>,
    fields: Vec<Field>,
}

/// A field of the form.
struct Field {
    name: &'static str,
    label: String,
    value: String,
    wrong: Option<String>,
    hint: Option<String>,
    options: Vec<(&'static str, String)>,
}

/// `GET /authority/venues`
pub(crate) async fn list(
    State(app): State<Shared>,
    Keyed(caller): Keyed,
    Query(wish): Query<Wish>,
) -> Response {
    match authority(&app, caller.lang) {
        Ok(authority) => render(&app, &authority, &caller, wish, None, None, String::new()).await,
        Err(answer) => *answer,
    }
}

async fn render(
    app: &App,
    authority: &Authority,
    caller: &Caller,
    wish: Wish,
    report: Option<Report>,
    trouble: Option<String>,
    table: String,
) -> Response {
    let t = caller.lang;
    let found = authority.venues(&wish.find, wish.after.map(VenueId::new), LISTED).await;
    let found = match found {
        Ok(found) => found,
        Err(error) => return failed(t, &error),
    };
    let next = found.venues.last().map(|(venue, _)| venue.get()).filter(|_| found.more);
    show(&List {
        frame: Frame::new(app, caller, "/authority/venues"),
        find: wish.find,
        rows: found.venues.iter().map(|(venue, entry)| row(app, t, *venue, entry)).collect(),
        next,
        report,
        trouble,
        table,
    })
}

fn row(app: &App, t: Lang, venue: VenueId, entry: &Enrolled) -> Row {
    let a = &entry.application;
    let zone = sync::time::Zone::named(&a.time_zone).unwrap_or_else(sync::time::Zone::utc);
    let until = entry.granted().map(|grant| grant.not_after);
    Row {
        venue: venue.get(),
        name: a.name.clone(),
        address: a.address.clone(),
        kind: kind_text(t, &a.kind),
        area: a.area.clone(),
        until: match until {
            Some(until) if until > app.now() => date::day(t, &zone, until),
            Some(_) => t.say("office-papers-ended"),
            None => t.say("office-papers-none"),
        },
    }
}

pub(super) fn kind_text(t: Lang, word: &str) -> String {
    t.known(&format!("office-kind-{word}")).unwrap_or_else(|| word.to_owned())
}

pub(super) fn field_text(t: Lang, name: &str) -> String {
    t.known(&format!("office-field-{name}")).unwrap_or_else(|| name.to_owned())
}

fn problem_text(t: Lang, problem: Problem) -> String {
    t.say(match problem {
        Problem::Missing => "office-problem-missing",
        Problem::Text => "office-problem-text",
        Problem::Date => "office-problem-date",
        Problem::Activity => "office-problem-activity",
        Problem::Mismatch => "office-problem-mismatch",
        Problem::Zone => "office-problem-zone",
        Problem::Number => "office-problem-number",
        Problem::Key => "office-problem-key",
        Problem::Entrances => "office-problem-entrances",
        _ => "office-problem-word",
    })
}

/// `GET /authority/venues/new`
pub(crate) async fn fresh(State(app): State<Shared>, Keyed(caller): Keyed) -> Response {
    match authority(&app, caller.lang) {
        Ok(_) => form(&app, &caller, None, None, &|_| String::new(), None),
        Err(answer) => *answer,
    }
}

/// `GET /authority/venues/{number}/edit`
pub(crate) async fn edit(
    State(app): State<Shared>,
    Keyed(caller): Keyed,
    Path(number): Path<u64>,
) -> Response {
    let authority = match authority(&app, caller.lang) {
        Ok(authority) => authority,
        Err(answer) => return *answer,
    };
    match authority.venue(VenueId::new(number)).await {
        Ok(Some(entry)) => {
            let value = |name: &str| entry.application.field(name);
            form(&app, &caller, Some(number), None, &value, None)
        }
        Ok(None) => Redirect::to("/authority/venues").into_response(),
        Err(error) => failed(caller.lang, &error),
    }
}

fn form(
    app: &App,
    caller: &Caller,
    venue: Option<u64>,
    trouble: Option<String>,
    value: &dyn Fn(&str) -> String,
    wrong: Option<Wrong>,
) -> Response {
    let t = caller.lang;
    let field = |name: &'static str| Field {
        name,
        label: field_text(t, name),
        value: value(name),
        wrong: wrong.filter(|w| w.field == name).map(|w| problem_text(t, w.problem)),
        hint: t.known(&format!("office-hint-{name}")),
        options: options(t, name),
    };
    let page = show(&Form {
        frame: Frame::new(app, caller, "/authority/venues"),
        venue,
        fields: FIELDS.map(field).into(),
        trouble: trouble.clone(),
    });
    let status = match wrong.is_some() || trouble.is_some() {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    (status, page).into_response()
}

fn options(t: Lang, name: &str) -> Vec<(&'static str, String)> {
    match name {
        "kind" => ACTIVITIES.iter().map(|a| (a.word, kind_text(t, a.word))).collect(),
        "class" => vec![
            ("obligatory", t.say("office-class-obligatory")),
            ("voluntary", t.say("office-class-voluntary")),
        ],
        "place" => {
            vec![("city", t.say("office-place-city")), ("region", t.say("office-place-region"))]
        }
        _ => Vec::new(),
    }
}

/// `POST /authority/venues`: a venue is entered or changed.
pub(crate) async fn save(State(app): State<Shared>, posted: Posted) -> Response {
    let t = posted.caller.lang;
    let authority = match authority(&app, t) {
        Ok(authority) => authority,
        Err(answer) => return *answer,
    };
    let number = posted.field("venue").parse::<u64>().ok();
    let value = |name: &str| posted.field(name).to_owned();
    let application = match Application::read(|name| posted.field(name)) {
        Ok(application) => application,
        Err(wrong) => return form(&app, &posted.caller, number, None, &value, Some(wrong)),
    };
    let work = async move { authority.enrol(number.map(VenueId::new), application).await };
    match app.finish(work).await {
        Ok(Ok(taken)) => {
            Redirect::to(&format!("/authority/venues/{}", taken.venue())).into_response()
        }
        Ok(Err(EnrolError::PermitTaken(venue))) => {
            let text = t.fill("office-permit-taken", venue);
            form(&app, &posted.caller, number, Some(text), &value, None)
        }
        Ok(Err(error)) => failed(t, &error),
        Err(failure) => failure.read_in(t).into_response(),
    }
}

/// `POST /authority/venues/import`: a table; each line that was not taken is named.
pub(crate) async fn import(State(app): State<Shared>, posted: Posted) -> Response {
    let t = posted.caller.lang;
    let authority = match authority(&app, t) {
        Ok(authority) => authority,
        Err(answer) => return *answer,
    };
    let text = posted.raw("table").to_owned();
    let rows = match table::read(text.as_bytes(), &["permit", "kind", "activity", "name"]) {
        Ok(rows) => rows,
        Err(error) => {
            let trouble = Some(t.fill("office-table-error", error));
            let page =
                render(&app, &authority, &posted.caller, Wish::default(), None, trouble, text);
            return (StatusCode::UNPROCESSABLE_ENTITY, page.await).into_response();
        }
    };
    let at = authority.clone();
    let work = async move {
        let read: Vec<_> =
            rows.iter().map(|row| (row.line, Application::read(|name| row.field(name)))).collect();
        let good: Vec<_> = read.iter().filter_map(|(_, a)| a.clone().ok()).collect();
        let taken = at.enrol_all(good).await;
        taken.map(|taken| (read, taken))
    };
    let (read, taken) = match app.finish(work).await {
        Ok(Ok(done)) => done,
        Ok(Err(error)) => return failed(t, &error),
        Err(failure) => return failure.read_in(t).into_response(),
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    taken.iter().for_each(|taken| *counts.entry(taken.word()).or_default() += 1);
    let wrong: Vec<String> = read
        .iter()
        .filter_map(|(line, outcome)| Some((line, outcome.as_ref().err()?)))
        .map(|(line, wrong)| {
            let text =
                format!("{}: {}", field_text(t, wrong.field), problem_text(t, wrong.problem));
            t.with("office-line", &[("line", line.to_string()), ("text", text)])
        })
        .collect();
    let told = |word: &str| date::number(t, counts.get(word).copied().unwrap_or(0) as u64);
    let values = [
        ("new", told("new")),
        ("changed", told("changed")),
        ("same", told("same")),
        ("wrong", date::number(t, wrong.len() as u64)),
    ];
    let said = t.with("office-imported", &values);
    let report = Report { said, wrong: wrong.into_iter().take(REPORTED).collect() };
    let wish = Wish::default();
    render(&app, &authority, &posted.caller, wish, Some(report), None, String::new()).await
}

impl List {
    fn next_address(&self, after: &u64) -> String {
        let find: String = self.find.bytes().map(|b| format!("%{b:02X}")).collect();
        format!("/authority/venues?find={find}&after={after}")
    }
}
