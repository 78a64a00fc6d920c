//! What is printed for a visitor: a day pass, on A6 or on a 58 mm roll.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use node_core::desk::PassError;

use crate::{
    app::Shared,
    caller::Staff,
    date, desk,
    error::Failure,
    frame::{Frame, show},
    named,
    symbol::Symbol,
};

#[derive(Template)]
#[template(path = "slip.html")]
struct Page {
    frame: Frame,
    /// Whether it is for a roll.
    narrow: bool,
    visit: String,
    venue: String,
    entrance: String,
    day: String,
    since: String,
    symbol: Option<Symbol>,
}

/// `GET /desk/pass/{visit}`: on A6.
pub(crate) async fn sheet(
    State(app): State<Shared>,
    Path(visit): Path<String>,
    Staff(caller): Staff,
) -> Response {
    render(&app, &caller, visit, false)
}

/// `GET /desk/pass/{visit}/roll`: on a roll of 58 mm.
pub(crate) async fn roll(
    State(app): State<Shared>,
    Path(visit): Path<String>,
    Staff(caller): Staff,
) -> Response {
    render(&app, &caller, visit, true)
}

fn render(app: &Shared, caller: &crate::caller::Caller, visit: String, narrow: bool) -> Response {
    let t = caller.lang;
    // A pass lets somebody in: an inspector looks on and makes none.
    if !caller.works() {
        return Failure::role("role-needs-staff").read_in(t).into_response();
    }
    let Some(door) = &app.services.door else {
        return Failure::not_found().read_in(t).into_response();
    };
    let Some(id) = named::read_record(&visit).filter(|id| app.waiting.undone_for(id).is_none())
    else {
        return desk::refused(app, door, caller, t.say("manager-pass-none"));
    };
    let (text, decision) = match door.day_pass(&id) {
        Ok(made) => made,
        Err(PassError::Random) => return Failure::busy().read_in(t).into_response(),
        Err(_) => return desk::refused(app, door, caller, t.say("manager-pass-none")),
    };
    let site = door.site();
    show(&Page {
        frame: Frame::new(app, caller, "/desk"),
        narrow,
        visit: named::record(&id),
        venue: site.venue_name.clone(),
        entrance: site.entrance_name.clone(),
        day: date::day(t, &site.zone, app.now()),
        since: site.zone.clock(decision.at),
        symbol: Symbol::of(&text),
    })
}
