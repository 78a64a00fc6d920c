//! The neutral self-check: the status of a code by the node's own rules. It records nothing, and says so.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use node_core::{
    policy::{Outcome, Verdict},
    reason::Reason,
};

use super::{Around, typed::Typed};
use crate::{app::Shared, caller::Caller, error::Failure, frame::show, sign};

#[derive(Template)]
#[template(path = "visitor_self.html")]
struct Page {
    around: Around,
    trouble: Option<String>,
    found: Option<Found>,
}

/// What the rules say.
struct Found {
    colour: &'static str,
    shape: &'static str,
    standing: String,
    reason: Option<String>,
    advice: Option<&'static str>,
}

/// `GET /self`
pub(super) async fn page(State(app): State<Shared>, caller: Caller) -> Response {
    match &app.services.door {
        Some(desk) => {
            let around = Around::new(&app, desk, &caller);
            show(&Page { around, trouble: None, found: None })
        }
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// `POST /self`
pub(super) async fn check(State(app): State<Shared>, caller: Caller, request: Request) -> Response {
    let t = caller.lang;
    let (Some(desk), Some(peer)) = (app.services.door.clone(), caller.peer) else {
        return Failure::not_found().read_in(t).into_response();
    };
    let typed = match Typed::read(&app, &caller, request).await {
        Ok(typed) => typed,
        Err(failure) => return failure.read_in(t).into_response(),
    };
    let around = Around::new(&app, &desk, &caller);
    let trouble = if typed.unsealed {
        Some(t.say("visitor-letter"))
    } else if typed.code.is_empty() {
        Some(t.say("visitor-self-empty"))
    } else {
        app.lobby
            .booth
            .look(peer, app.now())
            .err()
            .map(|denied| super::denied_text(t, denied, "visitor-pin-wrong"))
    };
    if trouble.is_some() {
        let page = Page { around, trouble, found: None };
        return (StatusCode::UNPROCESSABLE_ENTITY, show(&page)).into_response();
    }
    let verdict = desk.self_check(&typed.code);
    if verdict.reason == Some(Reason::NotACredential) {
        let trouble = Some(sign::reason_text(t, Reason::NotACredential));
        let page = Page { around, trouble, found: None };
        return (StatusCode::UNPROCESSABLE_ENTITY, show(&page)).into_response();
    }
    let found = Some(found(&verdict, t, &desk.site().zone));
    show(&Page { around, trouble: None, found })
}

fn found(verdict: &Verdict, t: crate::language::Lang, zone: &sync::time::Zone) -> Found {
    let (colour, shape, _) = match verdict.outcome {
        Outcome::Admit => sign::look(verdict.status),
        Outcome::Refuse | Outcome::CannotConfirm => {
            sign::look_of_refusal(verdict.status, verdict.reason)
        }
    };
    Found {
        colour,
        shape,
        standing: sign::standing(t, zone, verdict.status, verdict.until, verdict.then),
        reason: verdict.reason.map(|reason| sign::reason_text(t, reason)),
        advice: verdict.reason.and_then(sign::advice),
    }
}
