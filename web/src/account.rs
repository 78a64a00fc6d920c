//! A person's own account: what it is, until when the session lasts, and another PIN or password.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    audit::AuditKind,
    desk::Desk,
    staff::{Access, StaffMember},
};

use crate::{
    app::{App, Shared},
    binding,
    caller::{Caller, Posted},
    date,
    error::Failure,
    frame::{Frame, show},
    role,
    secret::{Queue, SecretError},
    session::digest,
    staff,
    tries::{Lane, Wait},
};

#[derive(Template)]
#[template(path = "account.html")]
struct Page {
    frame: Frame,
    place: String,
    name: String,
    number: u16,
    role: String,
    /// When the session ends.
    ends: String,
    trouble: Option<String>,
    elsewhere: Option<String>,
    /// Whether there is a page of passkeys, too.
    passkeys: bool,
}

/// What the page of an account that is no venue's shows.
pub(crate) struct Shown<'a> {
    pub(crate) app: &'a App,
    pub(crate) caller: &'a Caller,
    pub(crate) place: String,
    pub(crate) name: String,
    pub(crate) number: u16,
    pub(crate) role: String,
    pub(crate) ends: String,
    pub(crate) trouble: Option<String>,
}

/// The same page for an account that is no venue's.
pub(crate) fn show_page(shown: Shown<'_>) -> Response {
    let Shown { app, caller, place, name, number, role, ends, trouble } = shown;
    let frame = Frame::new(app, caller, "/account");
    let (elsewhere, passkeys) = (None, true);
    show(&Page { frame, place, name, number, role, ends, trouble, elsewhere, passkeys })
}

/// `GET /account` of a door.
pub(crate) fn page(app: &App, caller: &Caller) -> Response {
    match own(app, caller) {
        Some((desk, member)) => render(app, &desk, caller, &member, None),
        // Whoever has the access key has no account.
        None => Redirect::to("/").into_response(),
    }
}

/// `POST /account/secret`: every session of this account ends, here and at every other door that hears of it.
pub(crate) async fn change(State(app): State<Shared>, form: Posted) -> Response {
    let (caller, t) = (&form.caller, form.caller.lang);
    let _one_at_a_time = app.staffing.lock().await;
    let Some((desk, member)) = own(&app, caller) else {
        return Failure::not_found().read_in(t).into_response();
    };
    let again = |status, text: String| {
        (status, render(&app, &desk, caller, &member, Some(text))).into_response()
    };
    // A session alone does not change a secret: guesses at the old one are counted as those at the door are.
    let lanes = [Lane::Browser(digest(&format!("account {}", member.id)))];
    if let Err(Wait { seconds }) = app.tries.begin(&lanes, app.now()) {
        let text = t.fill("signin-wait", date::span(t, seconds.saturating_mul(1000)));
        return again(StatusCode::TOO_MANY_REQUESTS, text);
    }
    let kept = member.secret(app.now());
    match app.secrets.is_right(Queue::Known, form.raw("old"), kept).await {
        Ok(true) => app.tries.was_right(&lanes),
        Ok(false) => {
            app.note(caller.line(&app, AuditKind::WrongSecret).about(member.id)).await;
            return again(StatusCode::FORBIDDEN, t.say("account-wrong"));
        }
        Err(SecretError::Busy) => {
            app.tries.give_back(&lanes);
            return again(StatusCode::SERVICE_UNAVAILABLE, t.say("signin-busy"));
        }
        Err(error) => return Failure::internal(&error).read_in(t).into_response(),
    }
    let chosen = binding::chosen_by(&app, &member, form.raw("secret"), form.raw("again")).await;
    let changed = match chosen {
        Ok(kept) => StaffMember { access: Access::Secret(kept), ..member.clone() },
        Err(text) => return again(StatusCode::UNPROCESSABLE_ENTITY, t.say(text)),
    };
    if let Err(text) = staff::write(&app, changed).await {
        return again(StatusCode::UNPROCESSABLE_ENTITY, t.say(text));
    }
    app.note(caller.line(&app, AuditKind::SecretChanged).about(member.id)).await;
    Redirect::to("/enter").into_response()
}

fn own(app: &App, caller: &Caller) -> Option<(Desk, StaffMember)> {
    let desk = app.services.door.clone()?;
    let member = desk.staff().get(&caller.who()?)?.clone();
    Some((desk, member))
}

fn render(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    member: &StaffMember,
    trouble: Option<String>,
) -> Response {
    let (t, site) = (caller.lang, desk.site());
    let token = caller.token.as_deref().unwrap_or_default();
    let open = app.sessions.of_token(token, app.now());
    let ends = open.map_or(app.now(), |open| app.ends(member, open.since));
    show(&Page {
        frame: Frame::new(app, caller, "/account"),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        name: member.name.as_str().to_owned(),
        number: member.number,
        role: t.say(role::text(member.role)),
        ends: date::recent(t, &site.zone, ends, app.now()),
        trouble,
        elsewhere: staff::elsewhere(desk, t),
        passkeys: false,
    })
}
