//! The staff desk: a typed or scanned code in, a verdict to confirm or refuse, the latest decisions.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    desk::{About, Act, Assessed, DecideError, Desk},
    event::{Decision, PendingId, UndoReason},
    site::VenueKind,
};
use sync::{
    record::{Decider, Temperature, VisitKind},
    time::{UnixMillis, Zone},
};

use crate::{
    app::{App, Shared},
    aside,
    caller::{Caller, Posted, Staff},
    date, door,
    error::{Failure, act_error},
    faults,
    frame::{Frame, show},
    language::Lang,
    named, notices, sign,
    waiting::Waiting,
};

/// How long a decision can be taken back at the desk.
const UNDO_MILLIS: u64 = 60_000;

#[derive(Template)]
#[template(path = "desk.html")]
struct Page {
    frame: Frame,
    place: String,
    code: String,
    trouble: Option<String>,
    waiting: String,
    aside: String,
    recent: String,
    notices: String,
    faults: String,
    inside: String,
    /// Whether a browser's camera can be read here.
    camera: bool,
    vehicle: bool,
}

#[derive(Template)]
#[template(path = "desk_recent.html")]
struct RecentPart<'a> {
    t: Lang,
    token: &'a str,
    waiting: &'a Waiting,
    desk: &'a Desk,
    zone: &'a Zone,
    now: UnixMillis,
    recent: Vec<Decision>,
}

/// `GET /desk`
pub(crate) async fn page(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    match &app.services.door {
        Some(desk) => render(&app, desk, &caller, String::new(), None),
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// `POST /desk/check`
pub(crate) async fn check(State(app): State<Shared>, form: Posted) -> Response {
    let caller = &form.caller;
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let t = caller.lang;
    let code = form.field("code");
    if code.is_empty() {
        return refused(&app, desk, caller, t.say("desk-empty"));
    }
    match desk.assess(code).await {
        Assessed::Waiting(pending) => {
            app.waiting.add(pending);
            Redirect::to("/desk").into_response()
        }
        Assessed::NoCredential(reason) => {
            let trouble = t.fill("desk-no-credential", sign::reason_text(t, reason));
            unprocessable(render(&app, desk, caller, code.to_owned(), Some(trouble)))
        }
    }
}

/// `POST /desk/decide`
pub(crate) async fn decide(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(t).into_response();
    };
    let Ok(id) = form.field("id").parse().map(PendingId) else {
        return Failure::malformed().read_in(t).into_response();
    };
    let temperature = match form.field("temperature") {
        "normal" => Some(Temperature::Normal),
        "fever" => Some(Temperature::Fever),
        _ => None,
    };
    if let Some(temperature) = temperature {
        desk.measure(id, temperature);
    }
    let act = match form.field("act") {
        "release" => Act::Release,
        "release-staff" => Act::ReleaseStaff,
        "refuse" => Act::Refuse,
        "wait" => return set_aside(&app, desk, &form.caller, id),
        "notify" => {
            let cause = desk.attended(id).map(|known| known.cause);
            let Some(cause) = cause.unwrap_or_default() else {
                return refused(&app, desk, &form.caller, t.say("staffdesk-notify-which"));
            };
            return notices::deliver(&app, desk, &form.caller, About::Waiting(id), cause).await;
        }
        _ => return Failure::malformed().read_in(t).into_response(),
    };
    match app.finish(settle(app.clone(), desk.clone(), id, act)).await {
        Ok(Ok(())) => Redirect::to("/desk").into_response(),
        Ok(Err(text)) => refused(&app, desk, &form.caller, t.say(text)),
        Err(failure) => failure.read_in(t).into_response(),
    }
}

/// The visitor waits aside.
fn set_aside(app: &App, desk: &Desk, caller: &Caller, id: PendingId) -> Response {
    let answered = match desk.set_aside(id) {
        Ok(()) => Ok(()),
        Err(DecideError::Crowded) => Err("staffdesk-crowded"),
        Err(_) => Err("desk-error-unknown"),
    };
    if !matches!(answered, Err("staffdesk-crowded")) {
        app.waiting.remove(id);
    }
    match answered {
        Ok(()) => Redirect::to("/desk").into_response(),
        Err(text) => refused(app, desk, caller, caller.lang.say(text)),
    }
}

/// Decides, and takes the verdict off the screen; or which words say why not.
async fn settle(app: Shared, desk: Desk, id: PendingId, act: Act) -> Result<(), &'static str> {
    match desk.decide(id, act).await {
        Ok(_) => {
            app.waiting.remove(id);
            Ok(())
        }
        Err(DecideError::Unknown) => {
            app.waiting.remove(id);
            Err("desk-error-unknown")
        }
        Err(DecideError::Binding) => Err("desk-error-binding"),
        Err(DecideError::NoTemperature) => Err("staffdesk-temperature-first"),
        Err(DecideError::Ended) => Err("staffdesk-ended"),
        Err(DecideError::Removed) => Err("reason-door-removed"),
        Err(DecideError::NoRights) => Err("reason-no-rights"),
        Err(error) => {
            tracing::error!(%error, cause = ?std::error::Error::source(&error), "a decision was not recorded");
            Err("desk-error-ledger")
        }
    }
}

/// `POST /desk/terminus`: everybody got off.
pub(crate) async fn terminus(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(desk) = app.services.door.clone().filter(|d| d.site().kind == VenueKind::Vehicle)
    else {
        return Failure::not_found().read_in(t).into_response();
    };
    let work = {
        let desk = desk.clone();
        async move { desk.reset(desk.site().part, 0).await }
    };
    match app.finish(work).await {
        Ok(Ok(_)) => Redirect::to("/desk").into_response(),
        Ok(Err(error)) => refused(&app, &desk, &form.caller, t.say(act_error(&error))),
        Err(failure) => failure.read_in(t).into_response(),
    }
}

/// `POST /desk/undo`: a decision of the last minute counts no more, for a reason.
pub(crate) async fn undo(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    let now = app.now();
    let visit = named::read_record(form.field("visit"));
    let late = |decision: &Decision| {
        !is_fresh(decision, now) || app.waiting.undone_for(&decision.visit).is_some()
    };
    let recent = desk.recent();
    let Some(decision) = recent.iter().find(|d| Some(d.visit) == visit && !late(d)) else {
        return refused(&app, &desk, &form.caller, t.say("desk-undo-late"));
    };
    let visit = decision.visit;
    let Some(why) = UndoReason::from_word(form.field("why")) else {
        return refused(&app, &desk, &form.caller, t.say("staffdesk-undo-first"));
    };
    let work = {
        let desk = desk.clone();
        async move { desk.void_because(visit, Some(why)).await }
    };
    match app.finish(work).await {
        Ok(Ok(_)) => {
            app.waiting.undone(visit, why);
            Redirect::to("/desk").into_response()
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "a decision was not taken back");
            refused(&app, &desk, &form.caller, t.say("act-error-ledger"))
        }
        Err(failure) => failure.read_in(t).into_response(),
    }
}

fn is_fresh(decision: &Decision, now: UnixMillis) -> bool {
    now.get().abs_diff(decision.at.get()) < UNDO_MILLIS
}

/// The page again, with what went wrong.
pub(crate) fn refused(app: &App, desk: &Desk, caller: &Caller, text: String) -> Response {
    unprocessable(render(app, desk, caller, String::new(), Some(text)))
}

fn unprocessable(page: Response) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

fn render(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    code: String,
    trouble: Option<String>,
) -> Response {
    let site = desk.site();
    show(&Page {
        frame: Frame::new(app, caller, "/desk"),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        code,
        trouble,
        waiting: aside::at_desk(app, desk, caller),
        aside: aside::aside(app, desk, caller),
        recent: recent(app, desk, caller),
        notices: notices::sent(app, desk, caller),
        faults: faults::at_desk(app, desk, caller.lang),
        inside: door::inside(caller.lang, desk),
        camera: app.services.frames.is_some(),
        vehicle: site.kind == VenueKind::Vehicle,
    })
}

/// The latest decisions, as HTML.
pub(crate) fn recent(app: &App, desk: &Desk, caller: &Caller) -> String {
    let part = RecentPart {
        t: caller.lang,
        token: caller.token.as_deref().unwrap_or_default(),
        waiting: &app.waiting,
        desk,
        zone: &desk.site().zone,
        now: app.now(),
        recent: desk.recent(),
    };
    part.render().unwrap_or_default()
}

impl RecentPart<'_> {
    /// That it was taken back, and why.
    fn undone(&self, decision: &Decision) -> Option<String> {
        let why = self.waiting.undone_for(&decision.visit)?;
        let why = self.t.say(why_text(why));
        Some(format!("{}: {why}", self.t.say("desk-undone")))
    }

    fn reasons(&self) -> [(&'static str, &'static str); 4] {
        UndoReason::ALL.map(|why| (why.word(), why_text(why)))
    }

    fn fever(&self, decision: &Decision) -> bool {
        decision.temperature == Some(Temperature::Fever)
    }

    fn temperature(&self, decision: &Decision) -> Option<String> {
        decision.temperature.map(|temperature| self.t.say(temperature_text(temperature)))
    }

    /// How the notice about it stands.
    fn told(&self, decision: &Decision) -> Option<String> {
        notices::state(self.t, self.desk, decision.visit, self.now)
    }

    /// For what one can be sent.
    fn cause(&self, decision: &Decision) -> Option<&'static str> {
        notices::cause_in(decision).map(notices::cause_word)
    }

    fn fresh(&self, decision: &Decision) -> bool {
        is_fresh(decision, self.now)
    }

    /// Whether a day pass can be printed for it: somebody came in by a code that held.
    fn passable(&self, decision: &Decision) -> bool {
        let known = decision.status != sync::record::Status::Grey;
        decision.kind == VisitKind::Entry && known && self.undone(decision).is_none()
    }

    fn name(&self, decision: &Decision) -> String {
        named::record(&decision.visit)
    }

    fn at(&self, decision: &Decision) -> String {
        date::recent(self.t, self.zone, decision.at, self.now)
    }

    fn kind(&self, decision: &Decision) -> String {
        self.t.say(kind_text(decision.kind))
    }

    fn look(&self, decision: &Decision) -> (&'static str, &'static str, &'static str) {
        sign::look(decision.status)
    }

    fn status(&self, decision: &Decision) -> String {
        self.t.say(sign::status_text(decision.status))
    }

    fn reason(&self, decision: &Decision) -> String {
        decision.reason.map_or_else(String::new, |reason| sign::reason_text(self.t, reason))
    }

    fn decider(&self, decision: &Decision) -> String {
        self.t.say(match decision.decider {
            Decider::Verdict => "decider-verdict",
            Decider::Staff => "decider-staff",
        })
    }
}

/// The text for a temperature.
pub(crate) const fn temperature_text(temperature: Temperature) -> &'static str {
    match temperature {
        Temperature::Normal => "staffdesk-normal",
        Temperature::Fever => "staffdesk-fever",
    }
}

const fn why_text(why: UndoReason) -> &'static str {
    match why {
        UndoReason::WrongPerson => "staffdesk-undo-wrong-person",
        UndoReason::Misread => "staffdesk-undo-misread",
        UndoReason::LeftAtOnce => "staffdesk-undo-left",
        UndoReason::Other => "staffdesk-undo-other",
    }
}

/// The text for which way somebody crosses.
pub(crate) const fn kind_text(kind: VisitKind) -> &'static str {
    match kind {
        VisitKind::Entry => "kind-entry",
        VisitKind::Exit => "kind-exit",
        VisitKind::Refusal => "kind-refusal",
    }
}
