//! What people must look at: duplicates, copied cards, forked histories, gaps, codes that did not hold.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    desk::Desk,
    event::UndoReason,
    site::{AlertView, CloneView, CrossingView, DuplicateView, GapView, SiteView},
};
use sync::{
    id::{RecordId, ZoneId},
    record::AlertCause,
    time::{UnixMillis, Zone},
};

use crate::{
    app::{App, Shared},
    caller::{Caller, Posted, Staff},
    date,
    error::{Failure, act_error},
    frame::{Frame, show},
    language::Lang,
    named,
};

#[derive(Template)]
#[template(path = "anomalies.html")]
struct Page {
    frame: Frame,
    tab: &'static str,
    badge: String,
    place: String,
    trouble: Option<String>,
    list: String,
}

#[derive(Template)]
#[template(path = "anomalies_list.html")]
struct List<'a> {
    t: Lang,
    token: &'a str,
    /// Whether the reader may void an entry.
    manages: bool,
    zone: &'a Zone,
    now: UnixMillis,
    view: SiteView,
}

/// How many there are.
pub(crate) fn count(view: &SiteView) -> usize {
    let nodes = view.clones.len() + view.forked.len();
    view.duplicates.len() + view.alerts.len() + view.gaps.len() + nodes
}

/// How many there are, for the tab: nothing where there are none.
pub(crate) fn badge(view: &SiteView) -> String {
    match count(view) {
        0 => String::new(),
        n => n.to_string(),
    }
}

/// `GET /venue/anomalies`
pub(crate) async fn page(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    match &app.services.door {
        Some(desk) => render(&app, desk, &caller, None),
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// `POST /venue/void`: an entry of a pair counts no more.
pub(crate) async fn void(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().read_in(t).into_response();
    };
    let listed = |id: &RecordId| {
        let view = desk.view();
        let view = view.borrow();
        view.duplicates.iter().any(|pair| pair.first.visit == *id || pair.second.visit == *id)
    };
    let Some(id) = named::read_record(form.field("visit")).filter(listed) else {
        return wrong(render(&app, &desk, &form.caller, Some(t.say("void-unknown"))));
    };
    let work = {
        let desk = desk.clone();
        async move { desk.void(id).await }
    };
    match app.finish(work).await {
        Ok(Ok(_)) => {
            app.waiting.undone(id, UndoReason::Other);
            Redirect::to("/venue/anomalies").into_response()
        }
        Ok(Err(error)) => wrong(render(&app, &desk, &form.caller, Some(t.say(act_error(&error))))),
        Err(failure) => failure.read_in(t).into_response(),
    }
}

fn wrong(page: Response) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

fn render(app: &App, desk: &Desk, caller: &Caller, trouble: Option<String>) -> Response {
    let site = desk.site();
    show(&Page {
        frame: Frame::new(app, caller, "/venue/anomalies"),
        tab: "/venue/anomalies",
        badge: badge(&desk.view().borrow()),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        trouble,
        list: list(app, desk, caller),
    })
}

/// The parts of the page that change, by the name of their place.
pub(crate) fn parts(app: &App, desk: &Desk, caller: &Caller) -> [(&'static str, String); 2] {
    let badge = badge(&desk.view().borrow());
    [("list", list(app, desk, caller)), ("badge", badge)]
}

fn list(app: &App, desk: &Desk, caller: &Caller) -> String {
    let list = List {
        t: caller.lang,
        token: caller.token.as_deref().unwrap_or_default(),
        manages: caller.manages(),
        zone: &desk.site().zone,
        now: app.now(),
        view: desk.view().borrow().clone(),
    };
    list.render().unwrap_or_default()
}

impl List<'_> {
    fn none(&self) -> bool {
        count(&self.view) == 0
    }

    fn recent(&self, at: UnixMillis) -> String {
        date::recent(self.t, self.zone, at, self.now)
    }

    fn entry(&self, entry: &CrossingView) -> String {
        let values = [("door", entry.door.clone()), ("time", self.seconds(entry.at))];
        self.t.with("anomaly-entry", &values)
    }

    /// Two entries may be seconds apart.
    fn seconds(&self, at: UnixMillis) -> String {
        format!("{}:{:02}", self.recent(at), at.get().div_euclid(1000).rem_euclid(60))
    }

    fn pair<'p>(&self, pair: &'p DuplicateView) -> [&'p CrossingView; 2] {
        [&pair.first, &pair.second]
    }

    fn part(&self, pair: &DuplicateView) -> Option<String> {
        (pair.zone != ZoneId::default()).then(|| self.t.fill("anomaly-part", pair.zone))
    }

    fn name(&self, entry: &CrossingView) -> String {
        named::record(&entry.visit)
    }

    fn copied(&self, clone: &CloneView) -> String {
        let values = [
            ("door", clone.door.clone()),
            ("from", self.recent(clone.from)),
            ("to", self.recent(clone.to)),
        ];
        self.t.with("anomaly-clone", &values)
    }

    fn gap(&self, gap: &GapView) -> String {
        let values = [
            ("door", gap.door.clone()),
            ("day", date::civil_day(self.t, gap.day)),
            (
                "records",
                self.t.count("anomaly-records", i64::try_from(gap.records).unwrap_or(i64::MAX)),
            ),
        ];
        self.t.with("anomaly-gap", &values)
    }

    fn destroyed(&self, gap: &GapView) -> String {
        self.noted(gap.at)
    }

    fn noted(&self, at: UnixMillis) -> String {
        self.t.fill("anomaly-noted", self.recent(at))
    }

    fn cause(&self, alert: &AlertView) -> String {
        self.t.say(match alert.cause {
            AlertCause::Revoked => "anomaly-revoked",
            AlertCause::Status => "anomaly-status",
        })
    }

    fn visit(&self, alert: &AlertView) -> String {
        let time = alert.visit_at.map_or_else(|| "—".to_owned(), |at| self.recent(at));
        self.t.with("anomaly-entry", &[("door", alert.door.clone()), ("time", time)])
    }

    fn finder(&self, alert: &AlertView) -> String {
        let who = if alert.by_authority { "anomaly-by-authority" } else { "anomaly-by-door" };
        format!("{}, {}", self.t.say(who), self.noted(alert.at))
    }
}
