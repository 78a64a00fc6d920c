//! The page of one answer: drawing, timeline, who was met, who was told; and the same with contact details opened.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use node_core::authority::{
    Authority, Overview,
    casework::{About, Asked, CaseError, CaseId, Detail, Found, Stayed, Told, ToldBy},
    export::Format,
    officers::Office,
};
use sync::{id::Subject, time::Zone};

use super::{QuestionRow, graph, question_row, short, sormas, venue_name, venue_zone};
use crate::{
    app::{App, Shared},
    authority,
    caller::{Caller, Keyed, Posted},
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
};

/// The most lines of the timeline.
const LINES_MAX: usize = 60;

#[derive(Template)]
#[template(path = "case_answer.html")]
struct Page {
    frame: Frame,
    id: CaseId,
    reference: String,
    question: QuestionRow,
    notice: Option<String>,
    graph: graph::Graph,
    timeline: Vec<Line>,
    stays: Vec<[String; 3]>,
    people: Vec<Row>,
    staff: Option<String>,
    /// Whether more was found than the answer carries.
    cut: bool,
    more: bool,
    details: bool,
    sms: bool,
    /// Whether people can be sent to SORMAS, and what was sent.
    sends: bool,
    deliveries: Vec<sormas::Row>,
}

struct Line {
    label: String,
    times: String,
    own: bool,
    start: i64,
    length: i64,
}

struct Row {
    person: String,
    degree: u8,
    venue: String,
    times: String,
    minutes: String,
    shared: String,
    detail: Option<String>,
    told: String,
}

/// `GET /authority/cases/{id}/{number}`: nobody is named on it.
pub(crate) async fn page(
    State(app): State<Shared>,
    Keyed(caller): Keyed,
    Path((id, number)): Path<(String, u32)>,
) -> Response {
    let found = find(&app, &id, number).await;
    if let Ok((case, ..)) = &found {
        app.did(&caller, "answer-read", format!("{case}/{number}")).await;
    }
    answered(&app, &caller, found, &BTreeMap::new(), false, None).await
}

/// `POST /authority/cases/{id}/{number}/open`: contact details, written down before they are shown.
pub(crate) async fn open(
    State(app): State<Shared>,
    Path((id, number)): Path<(String, u32)>,
    form: Posted,
) -> Response {
    let t = form.caller.lang;
    let found = find(&app, &id, number).await;
    let (Ok((case, authority, _, _, _)), true) = (&found, form.field("sure") == "yes") else {
        let text = Some(t.say("casework-error-sure"));
        let page = answered(&app, &form.caller, found, &BTreeMap::new(), false, text).await;
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    };
    app.did(&form.caller, "details-opened", format!("{case}/{number}")).await;
    let details = match authority.details(*case, number).await {
        Ok(details) => details,
        Err(error) => return Failure::internal(&error).read_in(t).into_response(),
    };
    answered(&app, &form.caller, found, &details, true, None).await
}

/// A case, its authority, its reference, one of its questions and what was found.
pub(super) type Known = (CaseId, Authority, String, Asked, Found);

pub(super) async fn find(app: &App, id: &str, number: u32) -> Result<Known, CaseError> {
    let authority = app.services.authority.clone().ok_or(CaseError::Unknown)?;
    let case = CaseId::from_hex(id).ok_or(CaseError::Unknown)?;
    let (held, _) = authority.case(case).await?;
    let (asked, found) = authority.found(case, number).await?;
    Ok((case, authority, held.reference, asked, found))
}

pub(super) async fn answered(
    app: &App,
    caller: &Caller,
    known: Result<Known, CaseError>,
    details: &BTreeMap<Subject, Detail>,
    opened: bool,
    notice: Option<String>,
) -> Response {
    let t = caller.lang;
    let (id, authority, reference, asked, found) = match known {
        Ok(known) => known,
        Err(CaseError::Unknown | CaseError::NotAnswered) => {
            return Failure::not_found().read_in(t).into_response();
        }
        Err(error) => return Failure::internal(&error).read_in(t).into_response(),
    };
    let told = match authority.told_in(id).await {
        Ok(told) => told,
        Err(error) => return Failure::internal(&error).read_in(t).into_response(),
    };
    let view = authority.overview().borrow().clone();
    let zone = authority::zone(&view);
    let deliveries = match sormas::rows(app, t, &zone, &authority, (id, asked.number)).await {
        Ok(rows) => rows,
        Err(error) => return Failure::internal(&error).read_in(t).into_response(),
    };
    let own = match asked.about {
        About::Person(subject) => Some(subject),
        About::Venue(_) => None,
    };
    let rows = Rows { app, t, view: &view, zone: &zone };
    show(&Page {
        frame: Frame::new(app, caller, "/authority/cases"),
        id,
        reference,
        question: question_row(app, caller, &view, &zone, &asked),
        notice,
        graph: graph::draw(own, &found.met, |minutes| t.count("casework-minutes", minutes)),
        timeline: rows.timeline(&asked, &found),
        stays: rows.stays(&found),
        people: rows.people(&found, details, &told),
        staff: (found.staff > 0).then(|| t.count("casework-staff", found.staff)),
        cut: found.cut,
        more: found.persons() > graph::DRAWN_MAX,
        details: opened,
        sms: app.services.visitors.sms.is_some(),
        sends: authority.sends(),
        deliveries,
    })
}

struct Rows<'a> {
    app: &'a App,
    t: Lang,
    view: &'a Overview,
    zone: &'a Zone,
}

impl Rows<'_> {
    fn stays(&self, found: &Found) -> Vec<[String; 3]> {
        let stay = |stayed: &Stayed| {
            let zone = self.zone_of(stayed);
            let until = date::moment(self.t, &zone, stayed.until);
            let left = if stayed.seen { until } else { self.t.fill("trace-assumed", until) };
            let from = date::moment(self.t, &zone, stayed.from);
            [self.place(stayed), from, left]
        };
        found.stays.iter().map(stay).collect()
    }

    /// A venue; of another region's also whom to ask there.
    fn place(&self, stayed: &Stayed) -> String {
        match &stayed.elsewhere {
            None => venue_name(self.view, stayed.venue),
            Some(there) => {
                let ask = self.t.fill("casework-elsewhere", &there.authority);
                format!("{} · {ask}", there.venue_name)
            }
        }
    }

    /// Where a venue's zone is not known, the authority's.
    fn zone_of(&self, stayed: &Stayed) -> Zone {
        match &stayed.elsewhere {
            None => venue_zone(self.view, stayed.venue),
            Some(_) => self.zone.clone(),
        }
    }

    fn people(
        &self,
        found: &Found,
        details: &BTreeMap<Subject, Detail>,
        told: &BTreeMap<Subject, Told>,
    ) -> Vec<Row> {
        let t = self.t;
        let row = |met: &node_core::authority::casework::Met| {
            let zone = venue_zone(self.view, met.venue);
            let mut shared = Vec::new();
            if met.same_entrance {
                shared.push(t.say("casework-same-entrance"));
            }
            if met.same_zone {
                shared.push(t.say("casework-same-zone"));
            }
            Row {
                person: met.subject.to_string(),
                degree: met.degree,
                venue: venue_name(self.view, met.venue),
                times: format!("{} – {}", date::moment(t, &zone, met.from), zone.clock(met.until)),
                minutes: t.count("casework-minutes", met.minutes()),
                shared: shared.join(", "),
                detail: details.get(&met.subject).map(|detail| describe(t, detail)),
                told: told.get(&met.subject).map(|told| self.told(told)).unwrap_or_default(),
            }
        };
        found.met.iter().map(row).collect()
    }

    fn told(&self, told: &Told) -> String {
        let how = self.t.say(match told.how {
            ToldBy::Sms => "casework-told-sms",
            ToldBy::Letter => "casework-told-letter",
            ToldBy::Failed => "casework-told-failed",
        });
        let at = date::recent(self.t, self.zone, told.at, self.app.now());
        format!("{how} · {at} · {}", told.by)
    }

    fn timeline(&self, asked: &Asked, found: &Found) -> Vec<Line> {
        let ends = found.met.iter().map(|m| (m.from, m.until));
        let ends = ends.chain(found.stays.iter().map(|s| (s.from, s.until)));
        let (first, last) = ends.fold((i64::MAX, i64::MIN), |(a, b), (from, until)| {
            (a.min(from.get()), b.max(until.get()))
        });
        let (first, last) =
            if first > last { (asked.from.get(), asked.until.get()) } else { (first, last) };
        let whole = (last - first).max(1);
        let line = |label,
                    zone: Zone,
                    from: sync::time::UnixMillis,
                    until: sync::time::UnixMillis,
                    own| {
            let start = ((from.get() - first) * 1000 / whole).clamp(0, 994);
            let length = ((until.get() - from.get()) * 1000 / whole).clamp(6, 1000);
            let times = format!("{}–{}", zone.clock(from), zone.clock(until));
            Line { label, times, own, start, length }
        };
        let stays =
            found.stays.iter().map(|s| line(self.place(s), self.zone_of(s), s.from, s.until, true));
        let met = found.met.iter().map(|m| {
            let zone = venue_zone(self.view, m.venue);
            line(short(&m.subject), zone, m.from, m.until, false)
        });
        stays.chain(met).take(LINES_MAX).collect()
    }
}

/// What is known of a person, in one line.
fn describe(t: Lang, detail: &Detail) -> String {
    let document =
        detail.document.as_ref().map(|(kind, number)| format!("{} {number}", kind.word()));
    let parts = [detail.name.clone(), detail.birth_date.clone(), detail.phone.clone(), document];
    let known: Vec<String> = parts.into_iter().flatten().collect();
    if known.is_empty() { t.say("casework-unnamed") } else { known.join(" · ") }
}

impl Page {
    fn formats(&self) -> [Format; 7] {
        Format::ALL
    }

    fn languages(&self) -> [Lang; 6] {
        Lang::ALL
    }
}
