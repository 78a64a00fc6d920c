//! The own account of somebody of the authority: another secret, and whether the present one is known.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use node_core::{audit::AuditKind, authority::officers::Officer, staff::Access};

use super::write;
use crate::{
    account,
    app::{App, Shared},
    binding::chosen,
    caller::{Caller, Posted, Staff},
    date,
    error::Failure,
    role,
    secret::{Queue, SecretError},
    session::{SESSION_MILLIS, digest},
    tries::{Lane, Wait},
};

pub(super) fn own(app: &App, caller: &Caller) -> Option<Officer> {
    app.services.authority.as_ref()?.officer(&caller.who()?)
}

/// `GET /account`; a door's own is [`account::page`].
pub(crate) async fn page(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    match own(&app, &caller) {
        _ if app.services.door.is_some() => account::page(&app, &caller),
        Some(officer) => render(&app, &caller, &officer, None),
        None => Redirect::to("/").into_response(),
    }
}

/// `POST /account/secret`: every session of this account ends.
pub(crate) async fn post(State(app): State<Shared>, form: Posted) -> Response {
    if app.services.door.is_some() {
        return account::change(State(app), form).await;
    }
    let (caller, t) = (&form.caller, form.caller.lang);
    let _one_at_a_time = app.staffing.lock().await;
    let Some(officer) = own(&app, caller) else {
        return Failure::not_found().read_in(t).into_response();
    };
    let again = |status: StatusCode, text: String| {
        (status, render(&app, caller, &officer, Some(text))).into_response()
    };
    match is_own_secret(&app, caller, &officer, form.raw("old")).await {
        Ok(()) => {}
        Err(Wrong::Said(status, text)) => return again(status, text),
        Err(Wrong::Failed(failure)) => return failure.read_in(t).into_response(),
    }
    let name = officer.name.as_str();
    let kept = chosen(&app, form.raw("secret"), form.raw("again"), name, officer.number).await;
    let changed = match kept {
        Ok(kept) => Officer { access: Access::Secret(kept), ..officer.clone() },
        Err(text) => return again(StatusCode::UNPROCESSABLE_ENTITY, t.say(text)),
    };
    if let Err(text) = write(&app, changed).await {
        return again(StatusCode::UNPROCESSABLE_ENTITY, t.say(text));
    }
    app.note(caller.line(&app, AuditKind::SecretChanged).about(officer.id)).await;
    Redirect::to("/enter").into_response()
}

/// Why somebody with a session is not believed to know the account's secret.
pub(super) enum Wrong {
    Said(StatusCode, String),
    Failed(Failure),
}

/// Whether somebody with a session knows the account's secret, too; guesses are counted.
pub(super) async fn is_own_secret(
    app: &Shared,
    caller: &Caller,
    officer: &Officer,
    old: &str,
) -> Result<(), Wrong> {
    let t = caller.lang;
    let lanes = [Lane::Browser(digest(&format!("account {}", officer.id)))];
    if let Err(Wait { seconds }) = app.tries.begin(&lanes, app.now()) {
        let text = t.fill("signin-wait", date::span(t, seconds.saturating_mul(1000)));
        return Err(Wrong::Said(StatusCode::TOO_MANY_REQUESTS, text));
    }
    match app.secrets.is_right(Queue::Known, old, officer.secret()).await {
        Ok(true) => {
            app.tries.was_right(&lanes);
            Ok(())
        }
        Ok(false) => {
            app.note(caller.line(app, AuditKind::WrongSecret).about(officer.id)).await;
            Err(Wrong::Said(StatusCode::FORBIDDEN, t.say("account-wrong")))
        }
        Err(SecretError::Busy) => {
            app.tries.give_back(&lanes);
            Err(Wrong::Said(StatusCode::SERVICE_UNAVAILABLE, t.say("signin-busy")))
        }
        Err(error) => Err(Wrong::Failed(Failure::internal(&error))),
    }
}

fn render(app: &App, caller: &Caller, officer: &Officer, trouble: Option<String>) -> Response {
    let t = caller.lang;
    let token = caller.token.as_deref().unwrap_or_default();
    let since = app.sessions.of_token(token, app.now()).map_or(app.now(), |open| open.since);
    let authority = app.services.authority.as_ref();
    let view = authority.map(|a| a.overview().borrow().clone()).unwrap_or_default();
    let zone = crate::authority::zone(&view);
    account::show_page(account::Shown {
        app,
        caller,
        place: t.fill("authority-region", view.region),
        name: officer.name.as_str().to_owned(),
        number: officer.number,
        role: role::offices_words(t, officer.offices),
        ends: date::recent(t, &zone, since.plus_millis(SESSION_MILLIS), app.now()),
        trouble,
    })
}
