//! A code by SMS: sent to the number that was typed, and typed back within its minute.

use std::{net::IpAddr, time::Duration};

use askama::Template;
use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use node_core::{phone::Phone, sms};

use super::{Around, Page, denied_text, record, typed::Typed};
use crate::{
    app::{App, Shared},
    caller::Caller,
    error::Failure,
    frame::show,
};

/// How long the gateway may take over a message before the visitor is told.
const PATIENCE: Duration = Duration::from_secs(25);

#[derive(Template)]
#[template(path = "visitor_code.html")]
struct Ask {
    around: Around,
    /// The number, masked, while its code counts.
    to: Option<String>,
    ticket: String,
    poster: String,
    trouble: Option<String>,
}

/// Sends a code, and asks for it.
pub(super) async fn send(
    app: &App,
    caller: &Caller,
    peer: IpAddr,
    phone: Phone,
    page: Page,
    typed: Typed,
) -> Response {
    let t = caller.lang;
    let (Some(desk), Some(outbox)) = (&app.services.door, &app.services.visitors.sms) else {
        return page.with(typed, "", t.say("visitor-no-way"));
    };
    let booth = &app.lobby.booth;
    let sent = match booth.begin_sms(peer, phone.clone(), page.way, app.now()) {
        Ok(sent) => sent,
        Err(denied) => {
            return page.with(typed, "phone", denied_text(t, denied, "visitor-pin-wrong"));
        }
    };
    let (to, text) = (phone.masked(), t.fill("visitor-sms", sent.code.as_str()));
    match tokio::time::timeout(PATIENCE, sms::send(outbox, phone, text)).await {
        Ok(Ok(())) => {
            booth.was_sent(&sent.ticket, app.now());
            let around = Around::new(app, desk, caller);
            let poster = typed.poster;
            show(&Ask { around, to: Some(to), ticket: sent.ticket, poster, trouble: None })
        }
        Ok(Err(error)) => {
            tracing::warn!(error, "a code was not sent");
            booth.was_not_sent(&sent.ticket, peer);
            page.with(typed, "phone", t.say("visitor-sms-failed"))
        }
        Err(_) => page.with(typed, "phone", t.say("visitor-sms-failed")),
    }
}

/// `POST /v/code`
pub(super) async fn check(State(app): State<Shared>, caller: Caller, request: Request) -> Response {
    let t = caller.lang;
    let (Some(desk), Some(peer)) = (app.services.door.clone(), caller.peer) else {
        return Failure::not_found().read_in(t).into_response();
    };
    let typed = match Typed::read(&app, &caller, request).await {
        Ok(typed) => typed,
        Err(failure) => return failure.read_in(t).into_response(),
    };
    let proved = if typed.unsealed {
        Err(t.say("visitor-letter"))
    } else {
        let booth = &app.lobby.booth;
        let proved = booth.prove_by_code(peer, &typed.ticket, &typed.code, app.now());
        proved.map_err(|denied| denied_text(t, denied, "visitor-code-wrong"))
    };
    match proved {
        Ok((phone, way)) => record(&app, &desk, &caller, phone, way, typed).await,
        Err(trouble) => {
            let around = Around::new(&app, &desk, &caller);
            let (ticket, poster) = (typed.ticket, typed.poster);
            let to = app.lobby.booth.sent_to(&ticket, app.now());
            let page = Ask { around, to, ticket, poster, trouble: Some(trouble) };
            (StatusCode::UNPROCESSABLE_ENTITY, show(&page)).into_response()
        }
    }
}
