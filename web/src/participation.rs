//! Who takes part and how: the registrar's page, the public register, hours as a table.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    authority::{
        officers::Office,
        participation::{
            Phase, Standing, VenueFacts,
            counted::{CountError, FEWEST, Participants},
        },
    },
    policy::VenuePlace,
};
use serde_json::json;
use sync::{
    id::VenueId,
    time::{DAY_MILLIS, UnixMillis, Zone},
};

use crate::{
    app::{App, Shared},
    caller::{Caller, Keyed, Posted},
    casework::venue_zone,
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
};

/// How many days the table of hours has.
const HOURS_DAYS: i64 = 7;

#[derive(Template)]
#[template(path = "participation.html")]
struct Page {
    frame: Frame,
    trouble: Option<String>,
    rows: Vec<Row>,
}

struct Row {
    venue: VenueId,
    name: String,
    /// What the register says of it, in words.
    registered: String,
    phase: String,
    mark: &'static str,
    leader: String,
    check_ins: String,
    refusals: String,
    violations: usize,
    questions: String,
    last: String,
}

async fn found(app: &App) -> Result<Option<Participants>, CountError> {
    let Some(authority) = &app.services.authority else { return Ok(None) };
    authority.participants().await.map(Some)
}

/// `GET /authority/participation`
pub(crate) async fn page(State(app): State<Shared>, Keyed(caller): Keyed) -> Response {
    render(&app, &caller, None).await
}

async fn render(app: &App, caller: &Caller, trouble: Option<String>) -> Response {
    let t = caller.lang;
    let found = match found(app).await {
        Ok(Some(found)) => found,
        Ok(None) => return Failure::not_found().read_in(t).into_response(),
        Err(error) => return Failure::internal(&error).read_in(t).into_response(),
    };
    let row = |(facts, standing): &(VenueFacts, Standing)| row(app, t, facts, standing);
    let rows = found.iter().map(row).collect();
    show(&Page { frame: Frame::new(app, caller, "/authority/participation"), trouble, rows })
}

fn row(app: &App, t: Lang, facts: &VenueFacts, standing: &Standing) -> Row {
    let view = app.services.authority.as_ref().map(|a| a.overview().borrow().clone());
    let zone = venue_zone(&view.unwrap_or_default(), facts.venue);
    let at = |at| date::recent(t, &zone, at, app.now());
    let (mark, phase) = match standing.phase {
        Phase::Test(until) => ("poor", t.fill("casework-phase-test", at(until))),
        Phase::Active => ("good", t.say("casework-phase-active")),
        Phase::Silent(since) => ("bad", t.fill("casework-phase-silent", at(since))),
        Phase::Out(until) => ("bad", t.fill("casework-phase-out", at(until))),
    };
    Row {
        venue: facts.venue,
        name: facts.name.clone(),
        registered: registered(t, &zone, facts),
        phase,
        mark,
        leader: t.say(match standing.leader {
            Some(true) => "casework-leader-yes",
            Some(false) => "casework-leader-no",
            None => "casework-leader-unknown",
        }),
        check_ins: date::number(t, facts.check_ins),
        refusals: date::number(t, facts.refusals),
        violations: standing.violations,
        questions: date::number(t, facts.questions),
        last: facts.last_check_in.map(at).unwrap_or_default(),
    }
}

/// What the register says of a venue, in words; nothing where it is not in it.
fn registered(t: Lang, zone: &Zone, facts: &VenueFacts) -> String {
    let Some(since) = facts.since else { return String::new() };
    let class = if facts.voluntary { "office-class-voluntary" } else { "office-class-obligatory" };
    let place = facts.place.map(|place| match place {
        VenuePlace::City => "office-place-city",
        VenuePlace::Region => "office-place-region",
    });
    let since = t.fill("casework-since", date::day(t, zone, since));
    let texts = [Some(class), place].into_iter().flatten().map(|text| t.say(text));
    texts.chain([since]).collect::<Vec<_>>().join(" · ")
}

/// `POST /authority/participation`: a violation that was confirmed.
pub(crate) async fn confirm(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(authority) = app.services.authority.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    let known = match found(&app).await {
        Ok(found) => found.into_iter().flatten().map(|(facts, _)| facts.venue).collect::<Vec<_>>(),
        Err(error) => return Failure::internal(&error).read_in(t).into_response(),
    };
    let venue = form.field("venue").parse().ok().map(VenueId::new);
    let (Some(venue), false) = (venue.filter(|v| known.contains(v)), form.field("what").is_empty())
    else {
        let page = render(&app, &form.caller, Some(t.say("casework-error-violation"))).await;
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    };
    let (what, by) = (form.field("what").to_owned(), form.caller.called());
    match app.finish(async move { authority.confirm_violation(venue, &what, &by).await }).await {
        Ok(Ok(())) => {
            app.did(&form.caller, "violation-confirmed", venue).await;
            Redirect::to("/authority/participation").into_response()
        }
        Ok(Err(error)) => Failure::internal(&error).read_in(t).into_response(),
        Err(failure) => failure.read_in(t).into_response(),
    }
}

/// The register as it was counted last: nobody who asks makes the node count.
async fn lately(app: &App, t: Lang) -> Result<(UnixMillis, Arc<Participants>), Box<Response>> {
    let Some(authority) = app.services.authority.clone() else {
        return Err(Box::new(Failure::not_found().read_in(t).into_response()));
    };
    // Counted to the end, whoever goes away meanwhile.
    match app.finish(async move { authority.participants_lately().await }).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(Box::new(Failure::internal(&error).read_in(t).into_response())),
        Err(failure) => Err(Box::new(failure.read_in(t).into_response())),
    }
}

/// `GET /register.json`: the public register, with nothing about anybody.
pub(crate) async fn register_json(State(app): State<Shared>, caller: Caller) -> Response {
    let (at, found) = match lately(&app, caller.lang).await {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    let entry = |(facts, standing): &(VenueFacts, Standing)| {
        json!({
            "venue": facts.venue.get(),
            "name": facts.name,
            "state": standing.phase.word(),
            "at": standing.phase.at().map(|at| at.to_string()),
            "leader": standing.leader,
            "voluntary": facts.voluntary,
            "tracing_questions": facts.questions,
        })
    };
    let list: Vec<_> = found.iter().map(entry).collect();
    axum::Json(json!({ "at": at.to_string(), "venues": list })).into_response()
}

/// `GET /register.csv`: the same as a table.
pub(crate) async fn register_csv(State(app): State<Shared>, caller: Caller) -> Response {
    let (_, found) = match lately(&app, caller.lang).await {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    let head = ["venue", "name", "state", "at", "leader", "voluntary", "tracing_questions"]
        .map(str::to_owned)
        .to_vec();
    let rows = found.iter().map(|(facts, standing)| {
        vec![
            facts.venue.to_string(),
            facts.name.clone(),
            standing.phase.word().to_owned(),
            standing.phase.at().map(|at| at.to_string()).unwrap_or_default(),
            standing.leader.map(|is| is.to_string()).unwrap_or_default(),
            facts.voluntary.to_string(),
            facts.questions.to_string(),
        ]
    });
    table("register.csv", std::iter::once(head).chain(rows))
}

/// `GET /authority/participation/{venue}/hours.csv`: how many were inside in each hour; small numbers are not told.
pub(crate) async fn hours(
    State(app): State<Shared>,
    Keyed(caller): Keyed,
    Path(venue): Path<u64>,
) -> Response {
    let t = caller.lang;
    let Some(authority) = &app.services.authority else {
        return Failure::not_found().read_in(t).into_response();
    };
    let (venue, now) = (VenueId::new(venue), app.now());
    let zone = venue_zone(&authority.overview().borrow(), venue);
    let from = now.plus_millis(-HOURS_DAYS * DAY_MILLIS);
    match authority.hours(venue, from, now).await {
        Ok(hours) => {
            let head = vec!["hour".to_owned(), "people".to_owned()];
            let rows = hours.iter().map(|hour| {
                let people = match hour.people {
                    n if n > 0 && n < FEWEST => format!("<{FEWEST}"),
                    n => n.to_string(),
                };
                vec![date::field(&zone, hour.from), people]
            });
            table("hours.csv", std::iter::once(head).chain(rows))
        }
        Err(error) => Failure::internal(&error).read_in(t).into_response(),
    }
}

/// A table as a download; what a table's program would take for a formula is defused.
fn table(name: &str, rows: impl Iterator<Item = Vec<String>>) -> Response {
    match node_core::authority::export::plain_table(rows) {
        Ok(bytes) => {
            let file = format!("attachment; filename=\"{name}\"");
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, file),
            ];
            (headers, bytes).into_response()
        }
        Err(error) => Failure::internal(&error).into_response(),
    }
}
