//! The admin's page of programs that ask over HTTP: a token is shown once, and ended here.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use node_core::authority::{
    Authority,
    officers::{Office, Offices},
    programs::{PROGRAMS_MAX, Program},
};
use sync::time::{DAY_MILLIS, UnixMillis};

use crate::{
    app::{App, Shared},
    authority,
    caller::{Caller, Keyed, Posted},
    date,
    error::Failure,
    frame::{Frame, show},
    role,
};

/// How long a token holds, days.
const HOLDS: [i64; 3] = [30, 90, 365];

#[derive(Template)]
#[template(path = "programs.html")]
struct Page {
    frame: Frame,
    trouble: Option<String>,
    /// A token that was just made: shown on this answer and on no other page.
    token: Option<String>,
    programs: Vec<Row>,
}

struct Row {
    id: String,
    name: String,
    offices: String,
    until: String,
    over: bool,
}

/// `GET /authority/programs`
pub(crate) async fn page(State(app): State<Shared>, Keyed(caller): Keyed) -> Response {
    render(&app, &caller, None, None).await
}

async fn render(
    app: &App,
    caller: &Caller,
    token: Option<String>,
    trouble: Option<&str>,
) -> Response {
    let t = caller.lang;
    let Some(authority) = &app.services.authority else {
        return Failure::not_found().read_in(t).into_response();
    };
    let programs = match authority.programs().await {
        Ok(programs) => programs,
        Err(error) => return Failure::internal(&error).read_in(t).into_response(),
    };
    let zone = authority::zone(&authority.overview().borrow());
    let row = |program: &Program| Row {
        id: program.id(),
        name: program.name.clone(),
        offices: role::offices_words(t, program.offices),
        until: date::day(t, &zone, program.until),
        over: program.until <= app.now(),
    };
    show(&Page {
        frame: Frame::new(app, caller, "/authority/programs"),
        trouble: trouble.map(|text| t.say(text)),
        token,
        programs: programs.iter().map(row).collect(),
    })
}

/// `POST /authority/programs`: makes a token, or ends one.
pub(crate) async fn change(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(authority) = app.services.authority.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    let end = form.field("end").to_owned();
    if !end.is_empty() {
        return match app.finish(async move { authority.dismiss_program(&end).await }).await {
            Ok(Ok(_)) => {
                app.did(&form.caller, "program-dismissed", "").await;
                Redirect::to("/authority/programs").into_response()
            }
            Ok(Err(error)) => Failure::internal(&error).read_in(t).into_response(),
            Err(failure) => failure.read_in(t).into_response(),
        };
    }
    match admit(&app, authority, &form).await {
        Ok(token) => {
            app.did(&form.caller, "program-admitted", form.field("name")).await;
            render(&app, &form.caller, Some(token), None).await
        }
        Err(text) => {
            let page = render(&app, &form.caller, None, Some(text)).await;
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
    }
}

async fn admit(app: &App, authority: Authority, form: &Posted) -> Result<String, &'static str> {
    let name = form.field("name").to_owned();
    if name.is_empty() || name.chars().count() > 60 {
        return Err("casework-error-program");
    }
    let ticked = Office::ALL.into_iter().chain([Office::Laboratory]);
    let offices = Offices::of(ticked.filter(|office| form.field(office.word()) == "yes"));
    if offices.is_empty() {
        return Err("casework-error-office");
    }
    let days: i64 = form.field("days").parse().unwrap_or(0);
    if !HOLDS.contains(&days) {
        return Err("casework-error-program");
    }
    let until: UnixMillis = app.now().plus_millis(days * DAY_MILLIS);
    let who = form.caller.who();
    let made = async move {
        if authority.programs().await?.len() >= PROGRAMS_MAX {
            return Ok(None);
        }
        authority.admit_program(&name, offices, who, until).await.map(Some)
    };
    match app.finish(made).await {
        Ok(Ok(Some(token))) => Ok(token),
        Ok(Ok(None)) => Err("staff-error-full"),
        Ok(Err(error)) => {
            let error: node_core::authority::cabinet::CabinetError = error;
            tracing::error!(%error, "a program's token was not made");
            Err("act-error-ledger")
        }
        Err(_) => Err("act-error-ledger"),
    }
}

impl Page {
    /// Offices for which the interface has anything.
    fn offices(&self) -> [(Office, String); 4] {
        [Office::Tracer, Office::Registrar, Office::Auditor, Office::Laboratory]
            .map(|office| (office, self.frame.t.say(role::office_text(office))))
    }

    fn days(&self) -> [(i64, String); 3] {
        HOLDS.map(|days| (days, self.frame.t.count("age-days", days)))
    }
}
