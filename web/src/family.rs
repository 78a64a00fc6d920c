//! Families and groups at the desk: everybody who waits, each with an own verdict, released by one act.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    desk::{Desk, TogetherError},
    event::{Pending, PendingId},
    policy::Outcome,
};
use sync::{
    record::{Status, VisitKind},
    time::Zone,
};

use crate::{
    app::{App, Shared},
    caller::{Caller, Posted, Staff},
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    sign,
};

#[derive(Template)]
#[template(path = "family.html")]
struct Page {
    frame: Frame,
    people: Vec<Person>,
    trouble: Option<String>,
}

/// One who waits, as listed.
struct Person {
    id: u64,
    /// Their place in the list, from 1.
    place: usize,
    colour: &'static str,
    shape: &'static str,
    standing: String,
    outcome: String,
    reason: Option<String>,
    name: Option<String>,
    ends: Option<String>,
    read_at: String,
    /// Goes with the others unless somebody takes the tick away.
    ticked: bool,
}

/// `GET /desk/family`
pub(crate) async fn page(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    match &app.services.door {
        Some(desk) => render(&app, desk, &caller, None),
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// `POST /desk/family`: who is ticked comes in, all or none.
pub(crate) async fn release(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    let waiting = app.waiting.pending(app.now());
    let ticked = |p: &&Pending| form.field(&format!("take-{}", p.id.0)) == "yes";
    let ids: Vec<PendingId> = waiting.iter().filter(ticked).map(|p| p.id).collect();
    let work = {
        let (app, desk) = (app.clone(), desk.clone());
        async move {
            let done = desk.release_all(&ids).await;
            // Of what the disk took before it failed, the desk waits no more; nor of what somebody else decided.
            let gone = |id: &&PendingId| done.is_ok() || !desk.waits(**id);
            ids.iter().filter(gone).for_each(|id| app.waiting.remove(*id));
            done
        }
    };
    let error = match app.finish(work).await {
        Ok(Ok(_)) => return Redirect::to("/desk").into_response(),
        Ok(Err(error)) => error,
        Err(failure) => return failure.read_in(t).into_response(),
    };
    let name = |id: PendingId| waiting.iter().position(|p| p.id == id).map_or(0, |n| n + 1);
    let text = match error {
        TogetherError::People => t.say("guard-family-nobody"),
        TogetherError::Unknown(_) => t.say("guard-family-unknown"),
        TogetherError::Removed => t.say("reason-door-removed"),
        TogetherError::Binding(id) => t.fill("guard-family-binding", name(id)),
        TogetherError::NoPlaces { wanted, free } => {
            let values = [("wanted", wanted.to_string()), ("free", free.to_string())];
            t.with("guard-family-places", &values)
        }
        TogetherError::Ledger { written, source } => {
            tracing::error!(error = %source, written, "not all of a group were recorded");
            t.fill("guard-family-some", written)
        }
        error => {
            tracing::error!(%error, "a group was not released");
            t.say("guard-family-unknown")
        }
    };
    let page = render(&app, &desk, &form.caller, Some(text));
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

fn render(app: &App, desk: &Desk, caller: &Caller, trouble: Option<String>) -> Response {
    let (t, zone) = (caller.lang, &desk.site().zone);
    let waiting = app.waiting.pending(app.now());
    let people = (1..).zip(&waiting).map(|(place, p)| person(t, zone, place, p)).collect();
    show(&Page { frame: Frame::new(app, caller, "/desk/family"), people, trouble })
}

fn person(t: Lang, zone: &Zone, place: usize, pending: &Pending) -> Person {
    let verdict = &pending.verdict;
    let (colour, shape, _) = sign::look(verdict.status);
    let outcome = match verdict.outcome {
        Outcome::Admit => "outcome-admit",
        Outcome::Refuse => "outcome-refuse",
        Outcome::CannotConfirm => "outcome-cannot-confirm",
    };
    let kind = match pending.kind {
        VisitKind::Exit => "kind-exit",
        VisitKind::Entry | VisitKind::Refusal => "kind-entry",
    };
    Person {
        id: pending.id.0,
        place,
        colour,
        shape,
        standing: sign::standing(t, zone, verdict.status, verdict.until, verdict.then),
        outcome: format!("{} · {}", t.say(outcome), t.say(kind)),
        reason: verdict.reason.map(|reason| sign::reason_text(t, reason)),
        name: pending.masked_name.clone(),
        ends: pending.number_ends.clone(),
        read_at: t.fill("desk-read-at", zone.clock(pending.at)),
        ticked: goes_along(pending),
    }
}

/// Whom the rules refuse, and whoever is ill or a contact, is not released along with others by default.
fn goes_along(pending: &Pending) -> bool {
    let verdict = &pending.verdict;
    verdict.outcome != Outcome::Refuse && !matches!(verdict.status, Status::Red | Status::Yellow)
}
