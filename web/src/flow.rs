//! Who came and went on a day: bars by hour, door and direction, how many were inside, and all of it as a table and as CSV.

use std::fmt::Write;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use node_core::{
    desk::Desk,
    flow::{Band, Counts, FLOW_DAYS, Flow, Hour},
    policy::ExitScan,
};
use sync::{
    id::PublicKey,
    time::{Day, UnixMillis},
};

use crate::{
    anomalies,
    app::{App, Shared},
    caller::{Caller, Manager, Staff},
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    occupancy,
};

/// The chart's inside, in its own units.
const WIDTH: u32 = 960;
const HALF: u32 = 150;
const BAND_HEIGHT: u32 = 160;
/// Doors whose bars have a pattern of their own; the others share the last.
const PATTERNS: usize = 6;

#[derive(Template)]
#[template(path = "flow.html")]
struct Page {
    frame: Frame,
    tab: &'static str,
    badge: String,
    place: String,
    /// Whether all days are counted.
    whole: bool,
    day: String,
    /// The days there are: address, words, whether it is this one.
    days: Vec<(String, String, bool)>,
    doors: Vec<String>,
    totals: [String; 3],
    bars: Vec<Bar>,
    labels: Vec<Label>,
    most: u32,
    band: String,
    limit: Option<u32>,
    band_most: u32,
    now: Option<String>,
    rows: Vec<Row>,
}

/// A piece of a bar.
struct Bar {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
    pattern: usize,
}

struct Label {
    x: u32,
    text: String,
}

/// An hour in the table.
struct Row {
    clock: String,
    cells: Vec<[u32; 3]>,
    inside: String,
}

/// `GET /venue/flow`
pub(crate) async fn today(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    match &app.services.door {
        Some(desk) => render(&app, desk, &caller, desk.site().zone.day(app.now())),
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// `GET /venue/flow/{day}`
pub(crate) async fn day(
    State(app): State<Shared>,
    Path(text): Path<String>,
    Staff(caller): Staff,
) -> Response {
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let today = desk.site().zone.day(app.now());
    match days(today).find(|day| day.to_string() == text) {
        Some(day) => render(&app, desk, &caller, day),
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// The days that are counted, today first.
pub(crate) fn days(today: Day) -> impl Iterator<Item = Day> {
    (0..FLOW_DAYS).map(move |ago| today.plus(-ago))
}

fn render(app: &App, desk: &Desk, caller: &Caller, day: Day) -> Response {
    let (t, site, now) = (caller.lang, desk.site(), app.now());
    let today = site.zone.day(now);
    let view = desk.view().borrow().clone();
    let policy = desk.policy();
    let stay = match policy.exit_scan {
        ExitScan::Required => None,
        ExitScan::Optional => Some(i64::from(policy.default_stay_minutes) * 60_000),
    };
    let asked = |flow: &Flow, whole| {
        let doors = flow.doors(day..=day);
        (whole, doors, flow.by_hour(day), flow.inside(day, stay, now), flow.total(day))
    };
    let (whole, doors, hours, bands, total) = desk.with_flow(asked);
    let (bars, most) = bars(&hours, &doors);
    let part = view.occupancy.first().filter(|_| day == today);
    let limit = view.occupancy.first().and_then(|p| p.most).or(site.capacity);
    let band_most = bands.iter().map(|b| b.hi).max().unwrap_or(0).max(limit.unwrap_or(0)).max(1);
    let listed = |of: Day| {
        let address = format!("/venue/flow/{of}");
        (address, date::civil_day(t, of), of == day)
    };
    show(&Page {
        frame: Frame::new(app, caller, "/venue/flow"),
        tab: "/venue/flow",
        badge: anomalies::badge(&view),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        whole,
        day: date::civil_day(t, day),
        days: days(today).map(listed).collect(),
        doors: doors.iter().map(|door| view.door_name(door)).collect(),
        totals: [total.all_in(), total.all_out(), total.refusals]
            .map(|n| date::number(t, n.into())),
        labels: labels(t, &hours),
        rows: rows(t, &hours, &doors, &bands),
        bars,
        most,
        band: band_path(&hours, &bands, band_most),
        limit: limit.map(|limit| BAND_HEIGHT - scaled(limit, band_most, BAND_HEIGHT)),
        band_most,
        now: part.map(|part| occupancy::inside(t, part.lo, part.hi)),
    })
}

fn scaled(n: u32, most: u32, height: u32) -> u32 {
    let share = u64::from(n) * u64::from(height) / u64::from(most.max(1));
    u32::try_from(share).unwrap_or(height).min(height)
}

/// Where an hour stands: each has as much room as the others, the one that comes again too.
fn place(index: usize, hours: usize) -> (u32, u32) {
    let count = u32::try_from(hours.max(1)).unwrap_or(1);
    let slot = WIDTH / count;
    (u32::try_from(index).unwrap_or(0) * slot, slot)
}

type Hours = [(Hour, std::collections::BTreeMap<PublicKey, Counts>)];

/// Who came in stands above the line, who went out below, a piece for each door.
fn bars(hours: &Hours, doors: &[PublicKey]) -> (Vec<Bar>, u32) {
    let sum = |of: fn(&Counts) -> u32| hours.iter().map(move |(_, d)| d.values().map(of).sum());
    let most = sum(Counts::all_in).chain(sum(Counts::all_out)).max().unwrap_or(0).max(1);
    let mut bars = Vec::new();
    for (index, (_, counted)) in hours.iter().enumerate() {
        let (left, slot) = place(index, hours.len());
        let (x, width) = (left + slot / 8, slot - slot / 4);
        let (mut up, mut down) = (HALF, HALF);
        for (n, door) in doors.iter().enumerate() {
            let Some(counts) = counted.get(door) else { continue };
            let pattern = n.min(PATTERNS - 1);
            let height = scaled(counts.all_in(), most, HALF);
            up = up.saturating_sub(height);
            bars.push(Bar { x, y: up, width, height, pattern });
            let height = scaled(counts.all_out(), most, HALF);
            bars.push(Bar { x, y: down, width, height, pattern });
            down += height;
        }
    }
    bars.retain(|bar| bar.height > 0);
    (bars, most)
}

fn labels(t: Lang, hours: &Hours) -> Vec<Label> {
    let of = |(index, (hour, _)): (usize, &(Hour, _))| {
        let (x, slot) = place(index, hours.len());
        let text = if hour.clock.1 == 0 { hour.clock.0.to_string() } else { clock(t, hour) };
        let wanted = hour.clock.0 % 3 == 0 && !hour.again;
        wanted.then(|| Label { x: x + slot / 2, text })
    };
    hours.iter().enumerate().filter_map(of).collect()
}

/// What the clock shows, and whether it does so for the second time on that day.
fn clock(t: Lang, hour: &Hour) -> String {
    let text = format!("{:02}:{:02}", hour.clock.0, hour.clock.1);
    if hour.again { t.fill("manager-flow-again", text) } else { text }
}

fn rows(t: Lang, hours: &Hours, doors: &[PublicKey], bands: &[Band]) -> Vec<Row> {
    let row = |(hour, counted): &(Hour, std::collections::BTreeMap<PublicKey, Counts>)| {
        let cell = |door: &PublicKey| {
            let counts = counted.get(door).copied().unwrap_or_default();
            [counts.all_in(), counts.all_out(), counts.refusals]
        };
        let end = bands.iter().rfind(|b| b.at > hour.from && b.at <= hour.until);
        Row {
            clock: clock(t, hour),
            cells: doors.iter().map(cell).collect(),
            inside: end.map_or_else(|| "—".to_owned(), |b| occupancy::inside(t, b.lo, Some(b.hi))),
        }
    };
    hours.iter().map(row).collect()
}

/// The outline of what lies between the least and the most: there along the one, back along the other.
fn band_path(hours: &Hours, bands: &[Band], most: u32) -> String {
    let (Some((first, _)), Some((last, _))) = (hours.first(), hours.last()) else {
        return String::new();
    };
    let (start, length) = (first.from.get(), (last.until.get() - first.from.get()).max(1));
    let x = |at: UnixMillis| (at.get() - start) * i64::from(WIDTH) / length;
    let mut path = String::new();
    let mut point = |at, n| {
        let letter = if path.is_empty() { 'M' } else { 'L' };
        let y = BAND_HEIGHT - scaled(n, most, BAND_HEIGHT);
        let _ = write!(path, "{letter}{} {y}", x(at)); // writing to a string does not fail
    };
    bands.iter().for_each(|band| point(band.at, band.hi));
    bands.iter().rev().for_each(|band| point(band.at, band.lo));
    if !path.is_empty() {
        path.push('Z');
    }
    path
}

/// `GET /venue/flow.csv`: a line for each hour and door in which anybody came, went or was turned away.
pub(crate) async fn csv(State(app): State<Shared>, Manager(caller): Manager) -> Response {
    let Some(desk) = &app.services.door else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let (site, view) = (desk.site(), desk.view().borrow().clone());
    let today = site.zone.day(app.now());
    let mut text = String::from(
        "day,hour,starts_at_utc,minutes,door,entries,exits,refusals,counted_in,counted_out\r\n",
    );
    let all: Vec<_> = days(today).collect();
    desk.with_flow(|flow, _| {
        for day in all.iter().rev() {
            for (hour, doors) in flow.by_hour(*day) {
                for (door, c) in doors {
                    let minutes = (hour.until.get() - hour.from.get()) / 60_000;
                    let name = cell(&view.door_name(&door));
                    let _ = write!(
                        text,
                        "{day},{:02}:{:02},{},{minutes},{name},{},{},{},{},{}\r\n",
                        hour.clock.0,
                        hour.clock.1,
                        hour.from,
                        c.entries,
                        c.exits,
                        c.refusals,
                        c.hand_in,
                        c.hand_out
                    ); // writing to a string does not fail
                }
            }
        }
    });
    let file = format!("attachment; filename=\"flow-{today}.csv\"");
    let kind = "text/csv; charset=utf-8".to_owned();
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, file)], text).into_response()
}

/// A text as a cell that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let unsafe_start = formula || text.starts_with(['\t', '\r', '\n']);
    let mark = if unsafe_start { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_door_makes_a_formula() {
        assert_eq!(cell("North"), "\"North\"");
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell(" @SUM(A1)"), "\"' @SUM(A1)\"");
        assert_eq!(cell("＝cmd"), "\"'＝cmd\"");
        assert_eq!(cell("a\"b,c"), "\"a\"\"b,c\"");
        assert_eq!(cell("Есік №1"), "\"Есік №1\"");
    }

    #[test]
    fn bars_stay_within_the_chart_and_a_day_of_25_hours_has_25_places() {
        let zone = sync::time::Zone::named("Europe/Berlin").unwrap();
        let day = Day::new(20_751); // 2026-10-25
        let door = PublicKey::new([1; 32]);
        let counts = Counts { entries: 7, exits: 9, ..Counts::default() };
        let hours: Vec<_> = node_core::flow::hours(&zone, day)
            .into_iter()
            .map(|hour| (hour, [(door, counts)].into()))
            .collect();
        assert_eq!(hours.len(), 25);
        let (bars, most) = bars(&hours, &[door]);
        assert_eq!((bars.len(), most), (50, 9));
        let inside = |bar: &Bar| bar.x + bar.width <= WIDTH && bar.y + bar.height <= 2 * HALF;
        assert!(bars.iter().all(inside));
        let again: Vec<_> =
            rows(Lang::En, &hours, &[door], &[]).into_iter().map(|r| r.clock).collect();
        assert_eq!(again.iter().filter(|clock| clock.starts_with("02:00")).count(), 2);
        assert_ne!(again[2], again[3]);
    }
}
