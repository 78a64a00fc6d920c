//! The pass on a visitor's phone: confirmed and until when, refused and why, or still with the staff.

use askama::Template;
use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    desk::{CheckedIn, Desk, Held},
    pass::Pass,
    reason::Reason,
};
use sync::record::{Status, VisitKind};

use super::{Around, typed::Typed};
use crate::{
    app::{App, Shared},
    caller::Caller,
    error::Failure,
    frame::show,
    sign,
};

/// What a pass says now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The person at the desk decides.
    Waiting,
    /// Inside, and the pass holds.
    Inside,
    /// Gone.
    Left,
    /// The pass has ended by itself.
    Over,
    /// Turned away.
    Refused,
    /// Nothing is held under it here.
    Unknown,
}

#[derive(Template)]
#[template(path = "visitor_pass.html")]
struct Page {
    around: Around,
    stage: Stage,
    colour: &'static str,
    shape: &'static str,
    unverified: bool,
    /// The clock of the stage: until when, or when.
    clock: String,
    door: String,
    reason: Option<Reason>,
    advice: Option<&'static str>,
    pass: String,
    now: i64,
    until: i64,
}

impl Page {
    fn is(&self, word: &str) -> bool {
        let own = match self.stage {
            Stage::Waiting => "waiting",
            Stage::Inside => "inside",
            Stage::Left => "left",
            Stage::Over => "over",
            Stage::Refused => "refused",
            Stage::Unknown => "unknown",
        };
        own == word
    }

    fn reason_text(&self) -> Option<String> {
        self.reason.map(|reason| sign::reason_text(self.around.t, reason))
    }
}

/// `GET /v/pass/{pass}`
pub(super) async fn page(
    State(app): State<Shared>,
    caller: Caller,
    Path(text): Path<String>,
) -> Response {
    let found = app.services.door.clone().zip(Pass::from_text(&text));
    let Some((desk, pass)) = found else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    if desk.awaits(&pass) {
        return show(&render(&app, &desk, &caller, &pass, Stage::Waiting, None));
    }
    match held(&app, &desk, &caller, &pass).await {
        Ok(held) => {
            let last = held.into_iter().rfind(|one| !one.void);
            let stage = stage(&app, &desk, last.as_ref());
            let status =
                if stage == Stage::Unknown { StatusCode::NOT_FOUND } else { StatusCode::OK };
            (status, show(&render(&app, &desk, &caller, &pass, stage, last))).into_response()
        }
        Err(response) => response,
    }
}

/// What is held under a pass; asked so often at most, for it is read from the disk.
pub(super) async fn held(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    pass: &Pass,
) -> Result<Vec<Held>, Response> {
    let refused = |failure: Failure| failure.read_in(caller.lang).into_response();
    let peer = caller.peer.ok_or_else(|| refused(Failure::forbidden()))?;
    app.lobby.booth.look(peer, app.now()).map_err(|_| refused(Failure::busy()))?;
    desk.held(pass).await.map_err(|error| refused(Failure::internal(&error)))
}

fn ends_at(desk: &Desk, held: &Held) -> sync::time::UnixMillis {
    held.at.plus_millis(i64::from(desk.visitor_rules().stay_minutes) * 60_000)
}

fn stage(app: &App, desk: &Desk, last: Option<&Held>) -> Stage {
    match last {
        None => Stage::Unknown,
        Some(held) => match held.kind {
            VisitKind::Refusal => Stage::Refused,
            VisitKind::Exit => Stage::Left,
            VisitKind::Entry if app.now() < ends_at(desk, held) => Stage::Inside,
            VisitKind::Entry => Stage::Over,
        },
    }
}

fn render(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    pass: &Pass,
    stage: Stage,
    last: Option<Held>,
) -> Page {
    let zone = &desk.site().zone;
    let status = last.as_ref().map_or(Status::Grey, |held| held.status);
    let (colour, shape, _) = match (stage, &last) {
        (Stage::Inside, _) => {
            let (colour, shape, tone) = sign::look(status);
            // Let in, and nothing known: a tick in grey, for the question is the door's.
            (colour, if status == Status::Grey { "tick" } else { shape }, tone)
        }
        (Stage::Refused, Some(held)) => sign::look_of_refusal(held.status, held.reason),
        (Stage::Waiting, _) => ("grey", "persons", "wait"),
        _ => ("grey", "question", "grey"),
    };
    let until = last.as_ref().map_or(app.now(), |held| ends_at(desk, held));
    let clock = match (stage, &last) {
        (Stage::Left, Some(held)) => zone.clock(held.at),
        _ => zone.clock(until),
    };
    let reason = last.as_ref().and_then(|held| held.reason);
    Page {
        around: Around::new(app, desk, caller),
        stage,
        colour,
        shape,
        unverified: status == Status::Grey,
        clock,
        door: last.map(|held| held.door).unwrap_or_default(),
        reason: reason.filter(|_| stage == Stage::Refused),
        advice: reason.filter(|_| stage == Stage::Refused).and_then(sign::advice),
        pass: pass.to_text(),
        now: app.now().get(),
        until: until.get(),
    }
}

/// `POST /v/leave`: the visitor ends the visit.
pub(super) async fn leave(State(app): State<Shared>, caller: Caller, request: Request) -> Response {
    let t = caller.lang;
    let typed = match Typed::read(&app, &caller, request).await {
        Ok(typed) => typed,
        Err(failure) => return failure.read_in(t).into_response(),
    };
    let found = app.services.door.clone().zip(Pass::from_text(&typed.pass));
    let Some((desk, pass)) = found else {
        return Failure::not_found().read_in(t).into_response();
    };
    let held = match held(&app, &desk, &caller, &pass).await {
        Ok(held) => held,
        Err(response) => return response,
    };
    let inside = held.iter().rfind(|one| !one.void).is_some_and(|one| one.kind == VisitKind::Entry);
    if inside {
        let at = desk.clone();
        let leaving = pass.clone();
        match app.finish(async move { at.check_out(&leaving).await }).await {
            Ok(CheckedIn::Unrecorded(reason)) => {
                tracing::warn!(%reason, "a visitor's leaving was not recorded");
                return Failure::not_written().read_in(t).into_response();
            }
            Ok(_) => {}
            Err(failure) => return failure.read_in(t).into_response(),
        }
    }
    Redirect::to(&format!("/v/pass/{}", pass.to_text())).into_response()
}
