//! People counted by hand: one in or out at the desk, and the count of all set anew.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use sync::id::ZoneId;

use crate::{
    app::Shared,
    caller::Posted,
    desk,
    error::{Failure, act_error},
    venue,
};

/// The most people that a count by hand is believed to be.
const COUNTED_MAX: u32 = 999_999;

/// `POST /desk/click`: one in, or one out.
pub(crate) async fn click(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    let people = match form.field("people") {
        "1" => 1,
        "-1" => -1,
        _ => return Failure::malformed().read_in(t).into_response(),
    };
    let work = {
        let desk = desk.clone();
        async move { desk.click(people).await }
    };
    match app.finish(work).await {
        Ok(Ok(_)) => Redirect::to("/desk").into_response(),
        Ok(Err(error)) => desk::refused(&app, &desk, &form.caller, t.say(act_error(&error))),
        Err(failure) => failure.read_in(t).into_response(),
    }
}

/// `POST /venue/count`: so many are inside.
pub(crate) async fn set(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    let wrong = |text| venue::refused(&app, &desk, &form.caller, t.say(text), String::new());
    let known = |zone: &ZoneId| desk.view().borrow().occupancy.iter().any(|z| z.zone == *zone);
    let Some(zone) = form.field("zone").parse().ok().map(ZoneId::new).filter(known) else {
        return Failure::malformed().read_in(t).into_response();
    };
    let inside = form.field("inside").parse().ok().filter(|n| *n <= COUNTED_MAX);
    let Some(inside) = inside else { return wrong("count-error-number") };
    if form.field("sure") != "yes" {
        return wrong("count-error-sure");
    }
    let work = {
        let desk = desk.clone();
        async move { desk.reset(zone, inside).await }
    };
    match app.finish(work).await {
        Ok(Ok(_)) => Redirect::to("/venue").into_response(),
        Ok(Err(error)) => wrong(act_error(&error)),
        Err(failure) => failure.read_in(t).into_response(),
    }
}
