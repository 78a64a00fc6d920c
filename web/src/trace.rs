//! The tracing question as a form, and its answer: stays, contacts, a timeline.

use std::error::Error;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use node_core::authority::{
    Authority, Overview,
    trace::{Contact, Question, Stay, TraceError, Traced, Who},
};
use sync::{
    id::VenueId,
    record::AlertCause,
    time::{UnixMillis, Zone},
};

use crate::{
    app::Shared,
    authority,
    caller::Posted,
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    sign,
};

/// A question as it was typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) case: String,
    pub(crate) purpose: String,
    pub(crate) asked_by: String,
    pub(crate) who: String,
    pub(crate) from: String,
    pub(crate) until: String,
}

#[derive(Template)]
#[template(path = "traced.html")]
struct Page {
    frame: Frame,
    /// How many visits the venues were told of, in words.
    told: Option<String>,
    asked: Asked,
    window: (String, String),
    subject: String,
    stays: Vec<StayRow>,
    contacts: Vec<ContactRow>,
    timeline: Vec<Line>,
}

struct StayRow {
    venue: String,
    entered: String,
    left: String,
}

struct ContactRow {
    person: String,
    venue: String,
    from: String,
    until: String,
    overlap: String,
}

/// One line of the timeline: where it begins and how long it is, in thousandths of the whole.
struct Line {
    label: String,
    times: String,
    own: bool,
    start: i64,
    length: i64,
}

/// `GET /authority/trace`: a reader who changed the language of an answer asks anew.
pub(crate) async fn restart() -> Redirect {
    Redirect::to("/authority")
}

/// `POST /authority/trace`
pub(crate) async fn ask(State(app): State<Shared>, form: Posted) -> Response {
    // Where a second person must approve, a question is asked in a case, and waits there.
    if app.services.authority.as_ref().is_some_and(Authority::requires_second) {
        return Failure::role("casework-needs-case").read_in(form.caller.lang).into_response();
    }
    answer(&app, form, |authority, question| async move {
        authority.trace(question).await.map(|traced| (traced, None))
    })
    .await
}

/// `POST /authority/tell`: the same question again, and the venues learn which visits are to be looked at.
pub(crate) async fn tell(State(app): State<Shared>, form: Posted) -> Response {
    if app.services.authority.as_ref().is_some_and(Authority::requires_second) {
        return Failure::role("casework-needs-case").read_in(form.caller.lang).into_response();
    }
    answer(&app, form, |authority, question| async move {
        let told = authority.tell(question, AlertCause::Status).await?;
        Ok((told.traced.ok_or(TraceError::NeedsCase)?, Some(told.visits)))
    })
    .await
}

async fn answer<F>(
    app: &Shared,
    form: Posted,
    of: impl FnOnce(Authority, Question) -> F,
) -> Response
where
    F: Future<Output = Result<(Traced, Option<usize>), TraceError>> + Send + 'static,
{
    let t = form.caller.lang;
    let Some(authority) = &app.services.authority else {
        return Failure::not_found().read_in(t).into_response();
    };
    let asked = Asked::of(&form);
    let zone = authority::zone(&authority.overview().borrow());
    let wrong = |field, text| {
        let page =
            authority::render(app, authority, &form.caller, asked.clone(), Some((field, text)));
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    };
    let question = match asked.question(&zone) {
        Ok(question) => question,
        Err((field, text)) => return wrong(field, t.say(text)),
    };
    let (from, until) = (question.from, question.until);
    let answer = of(authority.clone(), question);
    let answer = async move { answer.await.map_err(|error| trouble(t, &error)) };
    match app.finish(answer).await {
        Ok(Ok((traced, told))) => {
            let view = authority.overview().borrow().clone();
            let rows = Rows { t, view: &view, zone: &zone };
            show(&Page {
                frame: Frame::new(app, &form.caller, "/authority"),
                told: told.map(|visits| t.count("told", visits)),
                window: (date::moment(t, &zone, from), date::moment(t, &zone, until)),
                subject: traced.subject.to_string(),
                stays: traced.stays.iter().map(|stay| rows.stay(stay)).collect(),
                contacts: traced.contacts.iter().map(|contact| rows.contact(contact)).collect(),
                timeline: rows.timeline(&traced),
                asked,
            })
        }
        Ok(Err((field, text))) => wrong(field, text),
        Err(failure) => failure.read_in(t).into_response(),
    }
}

impl Asked {
    fn of(form: &Posted) -> Self {
        let field = |name| form.field(name).to_owned();
        Self {
            case: field("case"),
            purpose: field("purpose"),
            asked_by: field("asked_by"),
            who: field("who"),
            from: field("from"),
            until: field("until"),
        }
    }

    /// The question, or which field is wrong and the text for it. What the rules ask of it is checked by them.
    fn question(&self, zone: &Zone) -> Result<Question, (&'static str, &'static str)> {
        if self.asked_by.is_empty() || self.asked_by.chars().count() > 200 {
            return Err(("asked_by", "trace-error-asked-by"));
        }
        if self.who.is_empty() {
            return Err(("who", "trace-error-who"));
        }
        let who = Who::read(&self.who).map_err(|_| ("who", "office-number-wrong"))?;
        let from = date::read_field(zone, &self.from).ok_or(("from", "trace-error-from"))?;
        let until = date::read_field(zone, &self.until).ok_or(("until", "trace-error-until"))?;
        Ok(Question {
            case: self.case.clone(),
            purpose: self.purpose.clone(),
            asked_by: self.asked_by.clone(),
            who,
            from,
            until,
        })
    }
}

/// Which field is wrong, and the words for it.
fn trouble(t: Lang, error: &TraceError) -> (&'static str, String) {
    match error {
        TraceError::Case => ("case", t.say("trace-error-case")),
        TraceError::Purpose => ("purpose", t.say("trace-error-purpose")),
        TraceError::NeedsCase => ("", t.say("casework-needs-case")),
        TraceError::Window => ("until", t.say("trace-error-window")),
        TraceError::Code(reason) => {
            ("who", t.fill("trace-error-code", sign::reason_text(t, *reason)))
        }
        error => {
            tracing::error!(%error, cause = ?error.source(), "a question was not answered");
            ("", t.say("trace-error-ledger"))
        }
    }
}

/// What turns an answer into rows for one reader.
struct Rows<'a> {
    t: Lang,
    view: &'a Overview,
    zone: &'a Zone,
}

impl Rows<'_> {
    fn zone(&self, venue: VenueId) -> &Zone {
        let known = self.view.venues.iter().find(|v| v.venue == venue);
        known.map_or(self.zone, |venue| &venue.zone)
    }

    fn moment(&self, venue: VenueId, at: UnixMillis) -> String {
        date::moment(self.t, self.zone(venue), at)
    }

    fn stay(&self, stay: &Stay) -> StayRow {
        let moment = |at| self.moment(stay.venue, at);
        let assumed = || self.t.fill("trace-assumed", moment(stay.assumed_until));
        StayRow {
            venue: self.place(stay),
            entered: moment(stay.entered_at),
            left: stay.left_at.map_or_else(assumed, moment),
        }
    }

    /// A venue; of another region's also whom to ask there.
    fn place(&self, stay: &Stay) -> String {
        match &stay.elsewhere {
            None => stay.venue_name.clone(),
            Some(there) => {
                let ask = self.t.fill("casework-elsewhere", &there.authority);
                format!("{} · {ask}", there.venue_name)
            }
        }
    }

    fn contact(&self, contact: &Contact) -> ContactRow {
        ContactRow {
            person: contact.subject.to_string(),
            venue: contact.venue_name.clone(),
            from: self.moment(contact.venue, contact.from),
            until: self.moment(contact.venue, contact.until),
            overlap: self.t.count("trace-minutes", contact.overlap_seconds / 60),
        }
    }

    fn timeline(&self, traced: &Traced) -> Vec<Line> {
        let end = |stay: &Stay| stay.left_at.unwrap_or(stay.assumed_until);
        let first = traced.stays.iter().map(|s| s.entered_at.get()).min().unwrap_or(0);
        let last = traced.stays.iter().map(|s| end(s).get()).max().unwrap_or(0);
        let whole = (last - first).max(1);
        let line = |label: String, venue, from: UnixMillis, until: UnixMillis, own| {
            let start = (from.get() - first).clamp(0, whole) * 1000 / whole;
            let length = ((until.get() - from.get()).max(0) * 1000 / whole).clamp(6, 1000);
            let zone = self.zone(venue);
            let times = format!("{}–{}", zone.clock(from), zone.clock(until));
            Line { label, times, own, start: start.min(994), length }
        };
        let stays = traced
            .stays
            .iter()
            .map(|stay| line(self.place(stay), stay.venue, stay.entered_at, end(stay), true));
        let contacts = traced.contacts.iter().take(50).map(|contact| {
            let person = contact.subject.to_string().chars().take(8).collect::<String>() + "…";
            line(person, contact.venue, contact.from, contact.until, false)
        });
        stays.chain(contacts).collect()
    }
}
