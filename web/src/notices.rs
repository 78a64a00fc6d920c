//! Word to the sanitary authority: sent from the desk with one tap, followed until it is received, listed there.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    authority::{Overview, notices::SentNotice},
    desk::{About, Desk},
    event::Decision,
    site::NoticeView,
};
use sync::{
    id::RecordId,
    record::{NoticeCause, Status, Temperature},
    time::{UnixMillis, Zone},
};

use crate::{
    app::{App, Shared},
    caller::{Caller, Posted},
    date, desk,
    error::{Failure, act_error},
    language::Lang,
    named,
};

/// The most notices that the desk lists.
const LISTED_MAX: usize = 8;

#[derive(Template)]
#[template(path = "desk_notices.html")]
struct Sent<'a> {
    t: Lang,
    zone: &'a Zone,
    now: UnixMillis,
    notices: Vec<NoticeView>,
}

#[derive(Template)]
#[template(path = "authority_notices.html")]
struct Received<'a> {
    t: Lang,
    now: UnixMillis,
    view: &'a Overview,
}

/// `POST /desk/notice`: about a decision of this door, or about somebody who showed no code.
pub(crate) async fn send(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    let Some(cause) = cause_of(form.field("cause")) else {
        return desk::refused(&app, &desk, &form.caller, t.say("staffdesk-notify-which"));
    };
    let about = match form.field("visit") {
        "" => About::Nobody,
        name => {
            let named = named::read_record(name);
            let recent = desk.recent();
            match recent.iter().find(|d| Some(d.visit) == named) {
                Some(decision) => About::Visit(decision.visit),
                None => return Failure::malformed().read_in(t).into_response(),
            }
        }
    };
    deliver(&app, &desk, &form.caller, about, cause).await
}

/// Sends it and shows the desk again.
pub(crate) async fn deliver(
    app: &Shared,
    desk: &Desk,
    caller: &Caller,
    about: About,
    cause: NoticeCause,
) -> Response {
    let t = caller.lang;
    let who = caller.who().map(|id| *id.as_bytes());
    let work = {
        let desk = desk.clone();
        async move { desk.notify(about, cause, who).await }
    };
    match app.finish(work).await {
        Ok(Ok(_)) => {
            app.waiting.poke();
            Redirect::to("/desk").into_response()
        }
        Ok(Err(node_core::desk::ActError::Gone)) => {
            desk::refused(app, desk, caller, t.say("desk-error-unknown"))
        }
        Ok(Err(error)) => desk::refused(app, desk, caller, t.say(act_error(&error))),
        Err(failure) => failure.read_in(t).into_response(),
    }
}

fn cause_of(word: &str) -> Option<NoticeCause> {
    match word {
        "red" => Some(NoticeCause::Red),
        "yellow" => Some(NoticeCause::Yellow),
        "fever" => Some(NoticeCause::Fever),
        _ => None,
    }
}

/// The word by which a form names a cause.
pub(crate) const fn cause_word(cause: NoticeCause) -> &'static str {
    match cause {
        NoticeCause::Red => "red",
        NoticeCause::Yellow => "yellow",
        NoticeCause::Fever => "fever",
    }
}

pub(crate) const fn cause_text(cause: NoticeCause) -> &'static str {
    match cause {
        NoticeCause::Red => "staffdesk-cause-red",
        NoticeCause::Yellow => "staffdesk-cause-yellow",
        NoticeCause::Fever => "staffdesk-cause-fever",
    }
}

/// For what the authority is to be told of a decision.
pub(crate) const fn cause_in(decision: &Decision) -> Option<NoticeCause> {
    match (decision.status, decision.temperature) {
        (Status::Red, _) => Some(NoticeCause::Red),
        (Status::Yellow, _) => Some(NoticeCause::Yellow),
        (_, Some(Temperature::Fever)) => Some(NoticeCause::Fever),
        _ => None,
    }
}

/// How the notice about a visit stands; nothing where none was sent.
pub(crate) fn state(t: Lang, desk: &Desk, of: RecordId, now: UnixMillis) -> Option<String> {
    let view = desk.view();
    let view = view.borrow();
    let notice = view.notices.iter().find(|notice| notice.of == Some(of))?;
    Some(way(t, &desk.site().zone, notice, now))
}

fn way(t: Lang, zone: &Zone, notice: &NoticeView, now: UnixMillis) -> String {
    match notice.received {
        Some(at) => t.fill("staffdesk-received", date::recent(t, zone, at, now)),
        None => t.say("staffdesk-queued"),
    }
}

/// What was sent from this venue, as HTML.
pub(crate) fn sent(app: &App, desk: &Desk, caller: &Caller) -> String {
    let mut notices = desk.view().borrow().notices.clone();
    notices.truncate(LISTED_MAX);
    let (t, zone) = (caller.lang, &desk.site().zone);
    Sent { t, zone, now: app.now(), notices }.render().unwrap_or_default()
}

/// What doors have sent to this authority, as HTML.
pub(crate) fn received(t: Lang, view: &Overview, now: UnixMillis) -> String {
    Received { t, now, view }.render().unwrap_or_default()
}

impl Sent<'_> {
    fn at(&self, notice: &NoticeView) -> String {
        date::recent(self.t, self.zone, notice.at, self.now)
    }

    fn cause(&self, notice: &NoticeView) -> String {
        self.t.say(cause_text(notice.cause))
    }

    fn way(&self, notice: &NoticeView) -> String {
        way(self.t, self.zone, notice, self.now)
    }
}

impl Received<'_> {
    /// How many there are of each cause among the latest.
    fn counts(&self) -> [(&'static str, String); 3] {
        [NoticeCause::Red, NoticeCause::Yellow, NoticeCause::Fever].map(|cause| {
            let of_cause = |sent: &&SentNotice| sent.notice.cause == cause;
            let count = self.view.latest_notices.iter().filter(of_cause).count();
            (cause_text(cause), date::number(self.t, count as u64))
        })
    }

    fn at(&self, sent: &SentNotice) -> String {
        let zone = self.venue(sent).map_or_else(Zone::utc, |venue| venue.zone.clone());
        date::recent(self.t, &zone, sent.notice.at, self.now)
    }

    fn venue(&self, sent: &SentNotice) -> Option<&node_core::authority::VenueCount> {
        self.view.venues.iter().find(|venue| venue.venue == sent.venue)
    }

    fn place(&self, sent: &SentNotice) -> String {
        let name = self.venue(sent).map_or_else(|| sent.venue.to_string(), |v| v.name.clone());
        format!("{name} · {}", self.t.fill("staffdesk-entrance", sent.notice.entrance.get()))
    }

    fn cause(&self, sent: &SentNotice) -> String {
        self.t.say(cause_text(sent.notice.cause))
    }
}
