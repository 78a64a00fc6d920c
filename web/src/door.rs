//! The door's screen: three pictograms while idle, the verdict for seconds, how many are inside.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use node_core::{desk::Desk, site::Site};
use sync::record::Direction;

use crate::{
    app::Shared,
    caller::Caller,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    occupancy,
    sign::Sign,
};

/// How long a verdict stays.
pub(crate) const VERDICT_MILLIS: i64 = 4000;

#[derive(Template)]
#[template(path = "door.html")]
struct Page<'a> {
    frame: Frame,
    site: &'a Site,
    inside: String,
    /// The verdict of the last seconds, for screens without scripts.
    verdict: Option<String>,
}

/// `/door`
pub(crate) async fn page(State(app): State<Shared>, caller: Caller) -> Response {
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let site = desk.site();
    let now = app.now();
    let recent = desk.recent();
    let fresh = |at: i64| (0..VERDICT_MILLIS).contains(&(now.get() - at));
    let verdict = recent.first().filter(|decision| fresh(decision.at.get()));
    show(&Page {
        frame: Frame::new(&app, &caller, "/door"),
        site,
        inside: inside(caller.lang, desk),
        verdict: verdict.map(|decision| Sign::decided(decision).html(caller.lang, &site.zone)),
    })
}

/// `14 / 120`, `14–17 / 120` while a door is not heard, or `14` where there is no limit.
pub(crate) fn inside(t: Lang, desk: &Desk) -> String {
    let view = desk.view();
    let view = view.borrow();
    let part = view.occupancy.first();
    let inside = match part {
        Some(part) => occupancy::inside(t, part.lo, part.hi),
        None => view.inside.to_string(),
    };
    let most = part.and_then(|part| part.most).or(desk.site().capacity);
    most.map_or_else(|| inside.clone(), |most| format!("{inside} / {most}"))
}

impl Page<'_> {
    /// Which way the entrance leads.
    fn direction(&self) -> String {
        self.frame.t.say(match self.site.direction {
            Direction::In => "door-direction-in",
            Direction::Out => "door-direction-out",
            Direction::Both => "door-direction-both",
        })
    }
}
