//! The first manager: made with the set-up code of this start, or by whoever has the access key.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use node_core::{
    audit::AuditKind,
    desk::Desk,
    staff::{Access, Name, Role, StaffMember},
};

use super::{chosen, line, show_bound};
use crate::{
    app::{App, Shared},
    caller::{Caller, form},
    date,
    error::Failure,
    frame::{Frame, show},
    session::same_token,
    staff,
    tries::{Lane, Wait},
};

#[derive(Template)]
#[template(path = "setup.html")]
struct Page {
    frame: Frame,
    venue: String,
    /// Whether the set-up code is asked for: not of whoever has the access key.
    asks_code: bool,
    code: String,
    name: String,
    trouble: Option<String>,
    /// Why no manager is made here.
    over: Option<String>,
}

/// What was typed.
#[derive(Default)]
struct Typed {
    code: String,
    name: String,
}

/// `GET /setup`
pub(crate) async fn set_up(State(app): State<Shared>, caller: Caller) -> Response {
    match app.services.door.clone() {
        Some(desk) => render(&app, &desk, &caller, Typed::default(), None),
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// `POST /setup`
pub(crate) async fn make_first(
    State(app): State<Shared>,
    caller: Caller,
    request: Request,
) -> Response {
    let t = caller.lang;
    let fields = match form(request, &app).await {
        Ok(fields) => fields,
        Err(failure) => return failure.read_in(t).into_response(),
    };
    let (Some(desk), Some(peer)) = (app.services.door.clone(), caller.peer) else {
        return Failure::not_found().read_in(t).into_response();
    };
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let again = |status, text: String| {
        let typed = Typed { code: field("code").to_owned(), name: field("name").to_owned() };
        (status, render(&app, &desk, &caller, typed, Some(text))).into_response()
    };
    let _one_at_a_time = app.staffing.lock().await;
    if !app.lacks_manager() {
        return again(StatusCode::FORBIDDEN, t.say("setup-over"));
    }
    let token = caller.token.as_deref().unwrap_or_default();
    let keyed = has_key(&caller) && same_token(token, field("token"));
    if !keyed {
        let (lanes, now) = ([Lane::Address(peer), Lane::Strangers], app.now());
        if let Err(Wait { seconds }) = app.tries.begin(&lanes, now) {
            let text = t.fill("signin-wait", date::span(t, seconds.saturating_mul(1000)));
            return again(StatusCode::TOO_MANY_REQUESTS, text);
        }
        if !app.is_set_up_code(field("code")) {
            app.note(line(&app, &caller, AuditKind::WrongSetUp)).await;
            return again(StatusCode::FORBIDDEN, t.say("setup-wrong"));
        }
        app.tries.was_right(&lanes);
    }
    let member = match account(&app, &desk, field("name"), field("secret"), field("again")).await {
        Ok(member) => member,
        Err(text) => return again(StatusCode::UNPROCESSABLE_ENTITY, t.say(text)),
    };
    if let Err(text) = staff::write(&app, member.clone()).await {
        return again(StatusCode::UNPROCESSABLE_ENTITY, t.say(text));
    }
    app.note(line(&app, &caller, AuditKind::SetUp).by(caller.who()).about(member.id)).await;
    show_bound(&app, &desk, &caller, &member)
}

async fn account(
    app: &App,
    desk: &Desk,
    name: &str,
    secret: &str,
    again: &str,
) -> Result<StaffMember, &'static str> {
    let roster = desk.staff();
    let name = Name::new(name).map_err(staff::name_error)?;
    if roster.present().any(|member| member.name.is_typed(name.as_str())) {
        return Err("staff-error-name-taken");
    }
    let (id, number) = staff::new_account(&roster).ok_or("staff-error-full")?;
    let kept = chosen(app, secret, again, name.as_str(), number).await?;
    Ok(StaffMember {
        id,
        number,
        name,
        role: Role::Manager,
        access: Access::Secret(kept),
        since: app.now(),
        until: None,
        shift_end: None,
    })
}

fn has_key(caller: &Caller) -> bool {
    caller.manages() && caller.who().is_none()
}

fn render(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    typed: Typed,
    trouble: Option<String>,
) -> Response {
    let t = caller.lang;
    let over = staff::elsewhere(desk, t).or_else(|| {
        if !app.lacks_manager() {
            Some(t.say("setup-over"))
        } else if app.set_up_code().is_none() && !has_key(caller) {
            Some(t.say("setup-late"))
        } else {
            None
        }
    });
    show(&Page {
        frame: Frame::new(app, caller, "/setup"),
        venue: desk.site().venue_name.clone(),
        asks_code: !has_key(caller),
        code: typed.code,
        name: typed.name,
        trouble,
        over,
    })
}
