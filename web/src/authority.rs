//! The authority's page: visits of the region as they arrive, and the way to a tracing question.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use node_core::authority::{Authority, Overview, VenueCount, officers::Office};
use sync::time::{UnixMillis, Zone};

use crate::{
    app::{App, Shared},
    caller::{Caller, Keyed},
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    notices,
    trace::Asked,
    venue,
};

/// A question usually reaches back as far as an infection does.
const WINDOW_MILLIS: i64 = 14 * sync::time::DAY_MILLIS;

#[derive(Template)]
#[template(path = "authority.html")]
struct Page {
    frame: Frame,
    region: String,
    counts: String,
    chart: String,
    venues: String,
    bulletins: String,
    notices: String,
    /// Whether a second person approves each question: then it is asked in a case alone.
    second: bool,
    asked: Asked,
    /// Where the question is wrong, and the words for it.
    trouble: Option<(&'static str, String)>,
    offset: String,
}

#[derive(Template)]
#[template(path = "authority_counts.html")]
struct Counts<'a> {
    t: Lang,
    view: &'a Overview,
}

#[derive(Template)]
#[template(path = "authority_chart.html")]
struct Chart<'a> {
    t: Lang,
    bars: Vec<Bar<'a>>,
}

/// One venue's visits, in thousandths of the longest bar.
struct Bar<'a> {
    venue: &'a VenueCount,
    entries: u64,
    exits: u64,
    refusals: u64,
}

#[derive(Template)]
#[template(path = "authority_venues.html")]
struct Venues<'a> {
    t: Lang,
    now: UnixMillis,
    venues: &'a [VenueCount],
}

/// `GET /authority`
pub(crate) async fn page(State(app): State<Shared>, Keyed(caller): Keyed) -> Response {
    let Some(authority) = &app.services.authority else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let now = app.now();
    let zone = zone(&authority.overview().borrow());
    let asked = Asked {
        from: date::field(&zone, now.plus_millis(-WINDOW_MILLIS)),
        until: date::field(&zone, now.plus_millis(60_000)),
        ..Asked::default()
    };
    render(&app, authority, &caller, asked, None)
}

/// The page, with a question as far as it was typed.
pub(crate) fn render(
    app: &App,
    authority: &Authority,
    caller: &Caller,
    asked: Asked,
    trouble: Option<(&'static str, String)>,
) -> Response {
    let t = caller.lang;
    let view = authority.overview().borrow().clone();
    let [counts, chart, venues, bulletins, notices] = parts(app, &view, t).map(|(_, html)| html);
    show(&Page {
        frame: Frame::new(app, caller, "/authority"),
        region: t.fill("authority-region", view.region),
        counts,
        chart,
        venues,
        bulletins,
        notices,
        second: authority.requires_second(),
        asked,
        trouble,
        offset: date::offset(&zone(&view), app.now()),
    })
}

/// The parts of the page that change, by the name of their place.
pub(crate) fn parts(app: &App, view: &Overview, t: Lang) -> [(&'static str, String); 5] {
    let now = app.now();
    let venues = Venues { t, now, venues: &view.venues };
    [
        ("counts", Counts { t, view }.render().unwrap_or_default()),
        ("chart", Chart { t, bars: bars(&view.venues) }.render().unwrap_or_default()),
        ("venues", venues.render().unwrap_or_default()),
        ("bulletins", venue::bulletins(t, &zone(view), now, &view.bulletins)),
        ("notices", notices::received(t, view, now)),
    ]
}

/// The clock of the region: that of its first venue.
pub(crate) fn zone(view: &Overview) -> Zone {
    let first = view.venues.first().map(|venue| venue.zone.clone());
    first.or_else(|| Zone::named("UTC")).unwrap_or_else(|| unreachable!("the database has UTC"))
}

fn bars(venues: &[VenueCount]) -> Vec<Bar<'_>> {
    let most = venues.iter().map(|v| v.visits).max().unwrap_or(0).max(1);
    let bar = |venue| Bar::new(venue, most);
    venues.iter().map(bar).collect()
}

impl<'a> Bar<'a> {
    fn new(venue: &'a VenueCount, most: u64) -> Self {
        let share = |n: u64| n.saturating_mul(1000) / most;
        let (entries, exits) = (share(venue.entries), share(venue.exits));
        Self { venue, entries, exits, refusals: share(venue.refusals) }
    }
}

impl Page {
    /// The words for a field that is wrong.
    fn wrong(&self, name: &str) -> Option<&str> {
        self.trouble.as_ref().filter(|(field, _)| *field == name).map(|(_, text)| text.as_str())
    }
}

impl Chart<'_> {
    fn number(&self, bar: &Bar<'_>) -> String {
        date::number(self.t, bar.venue.visits)
    }
}

impl Counts<'_> {
    fn rows(&self) -> [(&'static str, String); 9] {
        let number = |n| date::number(self.t, n);
        let view = self.view;
        [
            ("authority-visits", number(view.visits)),
            ("authority-entries", number(view.entries)),
            ("authority-exits", number(view.exits)),
            ("authority-refusals", number(view.refusals)),
            ("authority-unreadable", number(view.unreadable)),
            ("store-apart", number(view.quarantined)),
            ("authority-alerts", number(view.alerts)),
            ("staffdesk-authority-count", number(view.notices)),
            ("authority-questions", number(view.questions)),
        ]
    }
}

impl Venues<'_> {
    fn number(&self, n: u64) -> String {
        date::number(self.t, n)
    }

    fn last(&self, venue: &VenueCount) -> String {
        venue.last_visit.map_or_else(
            || self.t.say("none-yet"),
            |at| date::recent(self.t, &venue.zone, at, self.now),
        )
    }
}
