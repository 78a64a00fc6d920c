//! What is held and until when, what the authority lacks of it, and a bundle to carry it there.

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use node_core::desk::Desk;
use sync::time::{Day, UnixMillis};

use crate::{
    anomalies,
    app::{App, Shared},
    caller::{Caller, Manager, Posted},
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    standing,
};

/// The field that says when a bundle was last taken from these pages.
const LAST_BUNDLE: &str = "care/bundle";
/// The field that says when a door's backup was last made, by the number of its entrance.
pub const LAST_BACKUP: &str = "care/backup-";
/// The command that makes one.
const BACKUP: &str = "vestibule backup FILE --config /etc/vestibule/door.toml";
/// The command that does the same on the machine.
const EXPORT: &str = "vestibule bundle export";

#[derive(Template)]
#[template(path = "care.html")]
struct Page {
    frame: Frame,
    tab: &'static str,
    badge: String,
    place: String,
    trouble: Option<String>,
    rows: Vec<Row>,
    kept: String,
    unsent: String,
    size: String,
    last: Option<String>,
    saved: Option<String>,
    save: &'static str,
    command: &'static str,
    can_export: bool,
}

/// A day that is held.
struct Row {
    day: String,
    until: String,
    records: String,
    visits: String,
    unsent: String,
    size: String,
}

/// `GET /venue/care`
pub(crate) async fn page(State(app): State<Shared>, Manager(caller): Manager) -> Response {
    match &app.services.door {
        Some(desk) => render(&app, desk, &caller, None),
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// `POST /venue/care/bundle`: what the authority lacks as a file, sealed for it and for the venue's doors.
pub(crate) async fn bundle(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let (Some(desk), Some(make)) = (app.services.door.clone(), app.services.bundle.clone()) else {
        return Failure::not_found().read_in(t).into_response();
    };
    let now = app.now();
    let work = {
        let desk = desk.clone();
        async move {
            let made = make().await;
            if made.is_ok() {
                let at = now.secs().to_string().into_bytes();
                if let Err(error) = desk.set_field(LAST_BUNDLE, Some(at)).await {
                    tracing::warn!(%error, "that a bundle was taken could not be noted");
                }
            }
            made
        }
    };
    match app.finish(work).await {
        Ok(Ok(bytes)) => {
            let day = desk.site().zone.day(now);
            let file = format!("attachment; filename=\"venue-{}-{day}.bundle\"", desk.site().venue);
            let kind = "application/octet-stream".to_owned();
            ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, file)], bytes)
                .into_response()
        }
        Ok(Err(error)) => {
            tracing::error!(error, "a bundle could not be made");
            let page = render(&app, &desk, &form.caller, Some(t.say("manager-care-failed")));
            (StatusCode::INTERNAL_SERVER_ERROR, page).into_response()
        }
        Err(failure) => failure.read_in(t).into_response(),
    }
}

fn render(app: &App, desk: &Desk, caller: &Caller, trouble: Option<String>) -> Response {
    let (t, site, now) = (caller.lang, desk.site(), app.now());
    let days = desk.policy().retention_days_door.max(2);
    let held = desk.held_by_day();
    let number = |n: u64| date::number(t, n);
    let row = |(day, [records, visits, unsent, bytes]): &(Day, [u64; 4])| {
        let last = day.plus(i32::try_from(days).unwrap_or(i32::MAX) - 1);
        let (name, until) = if *day == Day::STANDING {
            (t.say("manager-care-standing"), t.say("manager-care-always"))
        } else if *day == Day::UNKNOWN {
            (t.say("manager-care-undated"), "—".to_owned())
        } else {
            (date::civil_day(t, *day), date::civil_day(t, last))
        };
        let size = size(t, *bytes);
        let (records, visits, unsent) = (number(*records), number(*visits), number(*unsent));
        Row { day: name, until, records, visits, unsent, size }
    };
    let at = |field: &str| {
        let at = standing::field(desk, field).parse().ok().map(UnixMillis::from_secs);
        at.map(|at| date::recent(t, &site.zone, at, now))
    };
    show(&Page {
        frame: Frame::new(app, caller, "/venue/care"),
        tab: "/venue/care",
        badge: anomalies::badge(&desk.view().borrow()),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        trouble,
        rows: held.iter().map(row).collect(),
        kept: t.count("age-days", days),
        unsent: number(held.iter().map(|(_, [_, _, unsent, _])| *unsent).sum()),
        size: size(t, held.iter().map(|(_, [.., bytes])| *bytes).sum()),
        last: at(LAST_BUNDLE),
        saved: at(&format!("{LAST_BACKUP}{}", site.entrance)),
        save: BACKUP,
        command: EXPORT,
        can_export: app.services.bundle.is_some(),
    })
}

/// A size in the unit that suits it.
fn size(t: Lang, bytes: u64) -> String {
    match bytes {
        ..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KiB", date::number(t, bytes / 1024)),
        _ => format!("{} MiB", date::number(t, bytes / 1_048_576)),
    }
}
