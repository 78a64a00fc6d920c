//! One venue of the register: its entry, its join code, its doors with their papers, and what can be done about them.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    authority::{
        Authority,
        application::FIELDS,
        enrolment::{ENDS_SOON_MILLIS, EnrolError, Enrolled, EnrolledDoor},
    },
    code::paper::venue_grant_to_text,
};
use sync::{
    id::{PublicKey, VenueId},
    order::RemovalCause,
    record::Direction,
    status::Link,
    time::Zone,
};

use super::{
    authority, failed,
    register::{field_text, kind_text},
};
use crate::{
    app::{App, Shared},
    caller::{Caller, Keyed, Posted},
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    symbol::Symbol,
};

#[derive(Template)]
#[template(path = "office_venue.html")]
struct Page {
    frame: Frame,
    venue: u64,
    name: String,
    fields: Vec<(String, String)>,
    trouble: Option<String>,
    /// The join code, until when it holds, its symbol.
    code: Option<(String, String, Option<Symbol>)>,
    /// Whether the papers say something else than the entry does.
    outgrown: bool,
    /// Whether papers can be asked for: the manager's key is known.
    manager: bool,
    /// Whether they can be signed here.
    root: bool,
    doors: Vec<Door>,
}

struct Door {
    node: String,
    short: String,
    name: String,
    direction: String,
    until: String,
    dot: &'static str,
    state: String,
    removed: bool,
}

/// `GET /authority/venues/{number}`
pub(crate) async fn page(
    State(app): State<Shared>,
    Keyed(caller): Keyed,
    Path(number): Path<String>,
) -> Response {
    let t = caller.lang;
    let (authority, number) = match (authority(&app, t), number.parse()) {
        (Ok(authority), Ok(number)) => (authority, VenueId::new(number)),
        (Err(answer), _) => return *answer,
        (_, Err(_)) => return Failure::not_found().read_in(t).into_response(),
    };
    render(&app, &authority, &caller, number, None).await
}

async fn render(
    app: &App,
    authority: &Authority,
    caller: &Caller,
    venue: VenueId,
    trouble: Option<String>,
) -> Response {
    let t = caller.lang;
    let entry = match authority.venue(venue).await {
        Ok(Some(entry)) => entry,
        Ok(None) => return Failure::not_found().read_in(t).into_response(),
        Err(error) => return failed(t, &error),
    };
    let doors = match authority.doors_of(venue).await {
        Ok(doors) => doors,
        Err(error) => return failed(t, &error),
    };
    let zone = Zone::named(&entry.application.time_zone).unwrap_or_else(Zone::utc);
    let status = match trouble.is_some() {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    let page = show(&Page {
        frame: Frame::new(app, caller, "/authority/venues"),
        venue: venue.get(),
        name: entry.application.name.clone(),
        fields: fields(t, &entry),
        trouble,
        code: code(t, &zone, &entry),
        outgrown: entry.outgrew_its_papers(),
        manager: entry.application.manager.is_some(),
        root: authority.keys().root.is_some(),
        doors: doors.iter().map(|door| shown(app, t, &zone, door)).collect(),
    });
    (status, page).into_response()
}

fn fields(t: Lang, entry: &Enrolled) -> Vec<(String, String)> {
    let a = &entry.application;
    let value = |name: &str| match name {
        "kind" => kind_text(t, &a.kind),
        "class" => t.say(match a.class.word() {
            "voluntary" => "office-class-voluntary",
            _ => "office-class-obligatory",
        }),
        "place" => t.say(match a.place.word() {
            "city" => "office-place-city",
            _ => "office-place-region",
        }),
        name => a.field(name),
    };
    let said = FIELDS.iter().map(|name| (field_text(t, name), value(name)));
    said.filter(|(_, value)| !value.is_empty()).collect()
}

fn code(t: Lang, zone: &Zone, entry: &Enrolled) -> Option<(String, String, Option<Symbol>)> {
    let text = venue_grant_to_text(entry.grant.as_ref()?);
    let until = entry.granted().map(|grant| date::day(t, zone, grant.not_after))?;
    let symbol = Symbol::of(&text);
    Some((text, until, symbol))
}

fn shown(app: &App, t: Lang, zone: &Zone, door: &EnrolledDoor) -> Door {
    let now = app.now();
    let peers = app.services.peers.as_ref().map(|peers| peers.borrow().clone()).unwrap_or_default();
    let link = peers.peers.iter().find(|peer| peer.node == Some(door.node)).map(|peer| &peer.link);
    let (dot, state) = match link {
        _ if door.removed => ("idle", "office-door-removed"),
        _ if door.until <= now => ("bad", "office-papers-ended"),
        _ if door.until <= now.plus_millis(ENDS_SOON_MILLIS) => ("poor", "office-papers-soon"),
        Some(Link::Up) => ("", "office-door-connected"),
        _ => ("idle", "office-door-away"),
    };
    let node = door.node.to_string();
    Door {
        short: node.chars().take(12).collect(),
        node,
        name: door.name.clone(),
        direction: t.say(match door.direction {
            Direction::In => "door-direction-in",
            Direction::Out => "door-direction-out",
            Direction::Both => "door-direction-both",
        }),
        until: date::day(t, zone, door.until),
        dot,
        state: t.say(state),
        removed: door.removed,
    }
}

/// Why the register was not changed.
fn trouble(t: Lang, error: &EnrolError) -> Option<String> {
    Some(t.say(match error {
        EnrolError::Shorter(until) => {
            return Some(t.fill("office-shorter-grant", date::day(t, &Zone::utc(), *until)));
        }
        EnrolError::NoManager => "office-no-manager",
        EnrolError::NoRoot => "office-no-root",
        EnrolError::Days => "office-days-wrong",
        EnrolError::NotAGrant => "office-not-a-grant",
        EnrolError::Unknown => "office-door-unknown",
        _ => return None,
    }))
}

async fn done(
    app: &Shared,
    posted: &Posted,
    work: impl Future<Output = Result<(), EnrolError>> + Send + 'static,
) -> Response {
    let t = posted.caller.lang;
    let number = posted.field("venue").parse().map(VenueId::new);
    let (Ok(authority), Ok(venue)) = (authority(app, t), number) else {
        return Failure::not_found().read_in(t).into_response();
    };
    match app.finish(work).await {
        Ok(Ok(())) => Redirect::to(&format!("/authority/venues/{venue}")).into_response(),
        Ok(Err(error)) => match trouble(t, &error) {
            Some(text) => render(app, &authority, &posted.caller, venue, Some(text)).await,
            None => failed(t, &error),
        },
        Err(failure) => failure.read_in(t).into_response(),
    }
}

/// `POST /authority/venues/grant`: papers signed with the root's key of this machine.
pub(crate) async fn grant(State(app): State<Shared>, posted: Posted) -> Response {
    let days = posted.field("days").parse().unwrap_or(0);
    let venue = VenueId::new(posted.field("venue").parse().unwrap_or(0));
    let at = app.services.authority.clone();
    done(&app, &posted, async move {
        let authority = at.ok_or(EnrolError::Unknown)?;
        authority.grant(venue, days).await.map(drop)
    })
    .await
}

/// `POST /authority/venues/take`: papers that a root signed elsewhere.
pub(crate) async fn take(State(app): State<Shared>, posted: Posted) -> Response {
    let text = posted.field("grant").to_owned();
    let venue = VenueId::new(posted.field("venue").parse().unwrap_or(0));
    let at = app.services.authority.clone();
    done(&app, &posted, async move {
        let authority = at.ok_or(EnrolError::Unknown)?;
        let taken = authority.take_grant_text(&text).await?;
        if taken == venue { Ok(()) } else { Err(EnrolError::NotAGrant) }
    })
    .await
}

/// `POST /authority/venues/remove`: a door no longer belongs.
pub(crate) async fn remove(State(app): State<Shared>, posted: Posted) -> Response {
    let venue = VenueId::new(posted.field("venue").parse().unwrap_or(0));
    let node = PublicKey::from_hex(posted.field("node"));
    let cause = match posted.field("cause") {
        "lost" => Some(RemovalCause::Lost),
        "replaced" => Some(RemovalCause::Replaced),
        "retired" => Some(RemovalCause::Retired),
        _ => None,
    };
    let sure = posted.field("sure") == "yes";
    let at = app.services.authority.clone();
    done(&app, &posted, async move {
        let authority = at.ok_or(EnrolError::Unknown)?;
        match (node, cause, sure) {
            (Some(node), Some(cause), true) => authority.remove_door(venue, node, cause).await,
            _ => Err(EnrolError::Unknown),
        }
    })
    .await
}
