//! The staff desk: a typed or scanned code in, a verdict to confirm or refuse, the latest decisions.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    desk::{Act, Assessed, DecideError, Desk},
    event::{Decision, Pending, PendingId},
    policy::Outcome,
};
use sync::{
    record::{Decider, VisitKind},
    time::{UnixMillis, Zone},
};

use crate::{
    app::{App, Shared},
    caller::{Caller, Posted, Staff},
    date, door,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    named, sign,
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
    recent: String,
    inside: String,
}

#[derive(Template)]
#[template(path = "desk_waiting.html")]
struct WaitingPart<'a> {
    t: Lang,
    token: &'a str,
    zone: &'a Zone,
    pending: Vec<Pending>,
    notice: Option<String>,
}

#[derive(Template)]
#[template(path = "desk_recent.html")]
struct RecentPart<'a> {
    t: Lang,
    token: &'a str,
    waiting: &'a Waiting,
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
    let act = match form.field("act") {
        "release" => Act::Release,
        "release-staff" => Act::ReleaseStaff,
        "refuse" => Act::Refuse,
        _ => return Failure::malformed().read_in(t).into_response(),
    };
    let Ok(id) = form.field("id").parse().map(PendingId) else {
        return Failure::malformed().read_in(t).into_response();
    };
    match app.finish(settle(app.clone(), desk.clone(), id, act)).await {
        Ok(Ok(())) => Redirect::to("/desk").into_response(),
        Ok(Err(text)) => refused(&app, desk, &form.caller, t.say(text)),
        Err(failure) => failure.read_in(t).into_response(),
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
        Err(DecideError::Removed) => Err("reason-door-removed"),
        Err(DecideError::NoRights) => Err("reason-no-rights"),
        Err(error) => {
            tracing::error!(%error, cause = ?std::error::Error::source(&error), "a decision was not recorded");
            Err("desk-error-ledger")
        }
    }
}

/// `POST /desk/undo`: a decision of the last minute counts no more.
pub(crate) async fn undo(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    let now = app.now();
    let visit = named::read_record(form.field("visit"));
    let late =
        |decision: &Decision| !is_fresh(decision, now) || app.waiting.is_undone(&decision.visit);
    let recent = desk.recent();
    let Some(decision) = recent.iter().find(|d| Some(d.visit) == visit && !late(d)) else {
        return refused(&app, &desk, &form.caller, t.say("desk-undo-late"));
    };
    let visit = decision.visit;
    let work = {
        let desk = desk.clone();
        async move { desk.void(visit).await }
    };
    match app.finish(work).await {
        Ok(Ok(_)) => {
            app.waiting.undone(visit);
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
        waiting: waiting(app, desk, caller),
        recent: recent(app, desk, caller),
        inside: door::inside(caller.lang, desk),
    })
}

/// The verdicts that wait, as HTML.
pub(crate) fn waiting(app: &App, desk: &Desk, caller: &Caller) -> String {
    let (t, now) = (caller.lang, app.now());
    let notice = app.waiting.notice(now).map(|reason| {
        let reason = sign::reason_text(t, reason);
        t.fill("desk-no-credential", reason)
    });
    let part = WaitingPart {
        t,
        token: caller.token.as_deref().unwrap_or_default(),
        zone: &desk.site().zone,
        pending: app.waiting.pending(now),
        notice,
    };
    part.render().unwrap_or_default()
}

/// The latest decisions, as HTML.
pub(crate) fn recent(app: &App, desk: &Desk, caller: &Caller) -> String {
    let part = RecentPart {
        t: caller.lang,
        token: caller.token.as_deref().unwrap_or_default(),
        waiting: &app.waiting,
        zone: &desk.site().zone,
        now: app.now(),
        recent: desk.recent(),
    };
    part.render().unwrap_or_default()
}

impl WaitingPart<'_> {
    fn colour(&self, pending: &Pending) -> &'static str {
        sign::look(pending.verdict.status).0
    }

    fn shape(&self, pending: &Pending) -> &'static str {
        sign::look(pending.verdict.status).1
    }

    fn outcome(&self, pending: &Pending) -> String {
        let outcome = self.t.say(match pending.verdict.outcome {
            Outcome::Admit => "outcome-admit",
            Outcome::Refuse => "outcome-refuse",
            Outcome::CannotConfirm => "outcome-cannot-confirm",
        });
        format!("{outcome} · {}", self.t.say(kind_text(pending.kind)))
    }

    fn standing(&self, pending: &Pending) -> String {
        let verdict = &pending.verdict;
        sign::standing(self.t, self.zone, verdict.status, verdict.until, verdict.then)
    }

    fn reason(&self, pending: &Pending) -> Option<String> {
        pending.verdict.reason.map(|reason| sign::reason_text(self.t, reason))
    }

    fn read_at(&self, pending: &Pending) -> String {
        self.t.fill("desk-read-at", self.zone.clock(pending.at))
    }
}

impl RecentPart<'_> {
    fn undone(&self, decision: &Decision) -> bool {
        self.waiting.is_undone(&decision.visit)
    }

    fn fresh(&self, decision: &Decision) -> bool {
        is_fresh(decision, self.now)
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

const fn kind_text(kind: VisitKind) -> &'static str {
    match kind {
        VisitKind::Entry => "kind-entry",
        VisitKind::Exit => "kind-exit",
        VisitKind::Refusal => "kind-refusal",
    }
}
