//! How many must be outside when the house is cleared: one large number, its reason, and nobody's name.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use node_core::desk::Desk;
use sync::time::UnixMillis;

use crate::{
    anomalies,
    app::{App, Shared},
    caller::{Caller, Staff},
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    occupancy::{self, ZoneRow},
};

const QUARTER_MILLIS: i64 = 900_000;
/// Times of entry that are listed; earlier ones are added to the first.
const ROWS_MAX: usize = 48;

#[derive(Template)]
#[template(path = "evacuation.html")]
struct Page {
    frame: Frame,
    tab: &'static str,
    badge: String,
    place: String,
    people: String,
}

#[derive(Template)]
#[template(path = "evacuation_people.html")]
struct People {
    t: Lang,
    at: String,
    zones: Vec<Zone>,
}

struct Zone {
    row: ZoneRow,
    /// From when, until when, how many.
    times: Vec<(String, String)>,
    /// Of those inside, so many came in by no code.
    uncoded: Option<String>,
}

/// `GET /venue/evacuation`
pub(crate) async fn page(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let site = desk.site();
    let [(_, people), (_, badge)] = parts(&app, desk, &caller);
    show(&Page {
        frame: Frame::new(&app, &caller, "/venue/evacuation"),
        tab: "/venue/evacuation",
        badge,
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        people,
    })
}

/// The parts of the page that change, by the name of their place.
pub(crate) fn parts(app: &App, desk: &Desk, caller: &Caller) -> [(&'static str, String); 2] {
    let (t, site, now) = (caller.lang, desk.site(), app.now());
    let view = desk.view().borrow().clone();
    let rows = occupancy::rows(t, site, &view, &site.zone, now);
    let zone = |(row, part): (ZoneRow, &node_core::site::ZoneView)| {
        let entered = desk.entered(part.zone);
        let coded = u32::try_from(entered.len()).unwrap_or(u32::MAX);
        let uncoded = part.lo.saturating_sub(coded);
        Zone {
            row,
            times: times(t, site, &entered, now),
            uncoded: (uncoded > 0).then(|| t.count("manager-evacuation-uncoded", uncoded)),
        }
    };
    let zones = rows.into_iter().zip(&view.occupancy).map(zone).collect();
    let at = t.fill("manager-evacuation-at", date::moment(t, &site.zone, now));
    let people = People { t, at, zones }.render().unwrap_or_default();
    [("people", people), ("badge", anomalies::badge(&view))]
}

/// People by the quarter of an hour in which they came in, the earliest first.
fn times(
    t: Lang,
    site: &node_core::site::Site,
    entered: &[UnixMillis],
    now: UnixMillis,
) -> Vec<(String, String)> {
    let mut quarters = std::collections::BTreeMap::<i64, u64>::new();
    for at in entered {
        *quarters.entry(at.get().div_euclid(QUARTER_MILLIS)).or_default() += 1;
    }
    while quarters.len() > ROWS_MAX {
        let early = quarters.pop_first().map_or(0, |(_, n)| n);
        if let Some((_, n)) = quarters.iter_mut().next() {
            *n += early;
        }
    }
    let row = |(quarter, n): (i64, u64)| {
        let from = UnixMillis::new(quarter * QUARTER_MILLIS);
        let until = from.plus_millis(QUARTER_MILLIS);
        let span = format!("{}–{}", date::recent(t, &site.zone, from, now), site.zone.clock(until));
        (span, date::number(t, n))
    };
    quarters.into_iter().map(row).collect()
}
