//! The overview, and the way in: the access key opens a session.

use askama::Template;
use axum::{
    extract::{Query, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::{
    app::{App, Shared},
    caller::{Caller, Posted, cookie, form},
    error::Failure,
    frame::{Frame, pages, show, subpages},
    session::{Entered, SESSION_MILLIS},
};

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    place: String,
}

#[derive(Template)]
#[template(path = "enter.html")]
struct Enter {
    frame: Frame,
    next: String,
    trouble: Option<&'static str>,
}

/// What `/enter` may be opened with.
#[derive(Deserialize)]
pub(crate) struct Wish {
    key: Option<String>,
    next: Option<String>,
}

/// `/`
pub(crate) async fn home(State(app): State<Shared>, caller: Caller) -> Response {
    let place = match (&app.services.door, &app.services.authority) {
        (Some(desk), _) => {
            let site = desk.site();
            format!("{} · {}", site.venue_name, site.entrance_name)
        }
        (None, Some(authority)) => {
            let region = authority.overview().borrow().region;
            caller.lang.fill("authority-region", region)
        }
        (None, None) => String::new(),
    };
    show(&Home { frame: Frame::new(&app, &caller, "/"), place })
}

/// `GET /enter`
pub(crate) async fn enter(
    State(app): State<Shared>,
    caller: Caller,
    Query(wish): Query<Wish>,
) -> Response {
    let next = own_page(&app, wish.next.as_deref());
    match wish.key {
        Some(key) => try_key(&app, &caller, &key, next),
        None if caller.token.is_some() => Redirect::to(next).into_response(),
        None => ask(&app, &caller, next, None),
    }
}

/// `POST /enter`
pub(crate) async fn try_typed(
    State(app): State<Shared>,
    caller: Caller,
    request: Request,
) -> Response {
    let fields = match form(request, &app).await {
        Ok(fields) => fields,
        Err(failure) => return failure.read_in(caller.lang).into_response(),
    };
    let next = own_page(&app, fields.get("next").map(String::as_str));
    try_key(&app, &caller, fields.get("key").map_or("", String::as_str), next)
}

/// `POST /leave`
pub(crate) async fn leave(
    State(app): State<Shared>,
    headers: axum::http::HeaderMap,
    _: Posted,
) -> Response {
    if let Some(cookie) = cookie(&headers, &app.session_cookie()) {
        app.sessions.leave(cookie);
    }
    Redirect::to("/").into_response()
}

fn try_key(app: &App, caller: &Caller, key: &str, next: &'static str) -> Response {
    let Some(peer) = caller.peer else {
        return Failure::forbidden().read_in(caller.lang).into_response();
    };
    match app.sessions.enter(key, peer, app.now()) {
        Ok(Entered::Session(issued)) => {
            let mut response = Redirect::to(next).into_response();
            let cookie = format!(
                "{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}",
                app.session_cookie(),
                issued.cookie,
                SESSION_MILLIS / 1000,
                if app.secure { "; Secure" } else { "" }
            );
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Ok(Entered::Wrong) => {
            tracing::warn!(%peer, "wrong access key");
            (StatusCode::FORBIDDEN, ask(app, caller, next, Some("enter-wrong"))).into_response()
        }
        Ok(Entered::Locked) => {
            let page = ask(app, caller, next, Some("enter-locked"));
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "60")], page).into_response()
        }
        Err(error) => Failure::internal(&error).read_in(caller.lang).into_response(),
    }
}

fn ask(app: &App, caller: &Caller, next: &str, trouble: Option<&'static str>) -> Response {
    show(&Enter { frame: Frame::new(app, caller, "/enter"), next: next.to_owned(), trouble })
}

/// Where to go next: one of our own pages, never another site.
fn own_page(app: &App, wished: Option<&str>) -> &'static str {
    let own = pages(app).into_iter().map(|(path, _)| path).chain(subpages(app).iter().copied());
    own.into_iter().find(|path| Some(*path) == wished).unwrap_or("/")
}
