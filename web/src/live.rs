//! Server-sent events: what pages show changes without being asked.
//!
//! Each message carries whole parts of a page, so a screen that missed some is right again after the next one. The
//! open stream carries only what the door's screen shows to everybody.

use std::{collections::BTreeMap, convert::Infallible, future::ready, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::{Stream, stream};
use node_core::{authority::Authority, desk::Desk, event::DoorEvent, site::SiteView};
use serde_json::json;
use tokio::sync::{
    broadcast::{self, error::RecvError},
    watch,
};

use crate::{
    anomalies,
    app::Shared,
    aside, authority, board,
    caller::{Caller, Keyed, Manager, Staff},
    desk, door, doors,
    error::Failure,
    evacuation, faults,
    language::Lang,
    notices,
    sign::Sign,
    streams::Place,
    venue,
};

const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Ages on the pages grow without news.
const REFRESH: Duration = Duration::from_secs(10);
/// No screen needs its numbers more often than this.
const PACE: Duration = Duration::from_millis(250);
/// How often a door's screen looks at its camera, and at the PIN for visitors' phones.
const COACH: Duration = Duration::from_millis(500);

/// `/events`: the door's screen.
pub(crate) async fn door(State(app): State<Shared>, caller: Caller) -> Response {
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().into_response();
    };
    let Some(place) = app.streams.public(caller.peer) else {
        return Failure::busy().read_in(caller.lang).into_response();
    };
    let (events, view) = (desk.events(), desk.view());
    let start = Watched { desk, events, view, shown: None };
    let (t, shared) = (caller.lang, app.clone());
    let news = stream::unfold(start, move |mut watched| {
        let app = shared.clone();
        async move {
            let event = watched.next(&app, t).await?;
            Some((event, watched))
        }
    });
    answer(&app, place, news)
}

/// What a door's screen follows.
struct Watched {
    desk: Desk,
    events: broadcast::Receiver<DoorEvent>,
    view: watch::Receiver<SiteView>,
    /// What stands on the screen besides a verdict.
    shown: Option<[(&'static str, String); 5]>,
}

impl Watched {
    /// The next thing to show: a verdict, or how the door is. A camera tells nobody of its news: it is looked at.
    async fn next(&mut self, app: &Shared, t: Lang) -> Option<Event> {
        loop {
            if self.shown.is_some() {
                tokio::select! {
                    biased;
                    event = self.events.recv() => match event {
                        Ok(event) => return Some(verdict(&Sign::of(&event), t, &self.desk)),
                        Err(RecvError::Lagged(_)) => {}
                        Err(RecvError::Closed) => return None,
                    },
                    changed = self.view.changed() => {
                        changed.ok()?;
                        self.view.mark_unchanged();
                    }
                    () = tokio::time::sleep(COACH) => {}
                }
            }
            let fresh = door::parts(app, &self.desk, t);
            if self.shown.as_ref() != Some(&fresh) {
                self.shown = Some(fresh.clone());
                return Some(parts(fresh));
            }
        }
    }
}

fn verdict(sign: &Sign, t: Lang, desk: &Desk) -> Event {
    let millis = if sign.stays { 120_000 } else { door::VERDICT_MILLIS };
    let html = sign.html(t, &desk.site().zone);
    let data = json!({ "html": html, "tone": sign.tone, "millis": millis });
    Event::default().event("verdict").data(data.to_string())
}

/// `/events/desk`: the staff desk.
pub(crate) async fn desk(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().into_response();
    };
    let changes = app.waiting.changes();
    let render = move |app: Shared, caller: Caller| {
        let parts = parts([
            ("waiting", aside::at_desk(&app, &desk, &caller)),
            ("aside", aside::aside(&app, &desk, &caller)),
            ("recent", desk::recent(&app, &desk, &caller)),
            ("notices", notices::sent(&app, &desk, &caller)),
            ("faults", faults::at_desk(&app, &desk, caller.lang)),
            ("inside", door::inside(caller.lang, &desk)),
        ]);
        ready(parts)
    };
    follow(app, caller, changes, render)
}

/// `/events/site`: the venue's page.
pub(crate) async fn site(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().into_response();
    };
    let view = desk.view();
    follow(app, caller, view, move |app, caller| ready(parts(venue::parts(&app, &desk, &caller))))
}

/// `/events/anomalies`: what people must look at.
pub(crate) async fn anomalies(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().into_response();
    };
    let view = desk.view();
    let render =
        move |app: Shared, caller: Caller| ready(parts(anomalies::parts(&app, &desk, &caller)));
    follow(app, caller, view, render)
}

/// `/events/evacuation`: how many must be outside.
pub(crate) async fn evacuation(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().into_response();
    };
    let view = desk.view();
    let render =
        move |app: Shared, caller: Caller| ready(parts(evacuation::parts(&app, &desk, &caller)));
    follow(app, caller, view, render)
}

/// `/events/doors`: the doors, and where an invitation stands.
pub(crate) async fn doors(State(app): State<Shared>, Manager(caller): Manager) -> Response {
    let Some(desk) = app.services.door.clone() else {
        return Failure::not_found().into_response();
    };
    let (view, pairing) = (desk.view(), app.services.pairing.as_ref().map(|p| p.state()));
    let render = move |app: Shared, caller: Caller| {
        let desk = desk.clone();
        async move { parts(doors::parts(&app, &desk, &caller).await) }
    };
    match pairing {
        Some(pairing) => follow(app, caller, pairing, render),
        None => follow(app, caller, view, render),
    }
}

/// `/events/notices`: the board of notices.
pub(crate) async fn board(State(app): State<Shared>, Keyed(caller): Keyed) -> Response {
    let Some(authority) = app.services.authority.clone() else {
        return Failure::not_found().into_response();
    };
    let overview = authority.overview();
    let render = move |app: Shared, caller: Caller| {
        let authority = authority.clone();
        async move {
            match board::list(&app, &authority, &caller, board::Part::default()).await {
                Ok(list) => parts([("board", list)]),
                Err(error) => {
                    tracing::error!(%error, "the board could not be read");
                    Event::default().comment("")
                }
            }
        }
    };
    follow(app, caller, overview, render)
}

/// `/events/authority`: the authority's page.
pub(crate) async fn authority(State(app): State<Shared>, Keyed(caller): Keyed) -> Response {
    let Some(authority) = app.services.authority.clone() else {
        return Failure::not_found().into_response();
    };
    let overview = authority.overview();
    let render =
        move |app: Shared, caller: Caller| ready(overview_parts(&app, &authority, caller.lang));
    follow(app, caller, overview, render)
}

fn overview_parts(app: &Shared, authority: &Authority, t: Lang) -> Event {
    parts(authority::parts(app, &authority.overview().borrow(), t))
}

fn parts<const N: usize>(parts: [(&'static str, String); N]) -> Event {
    let parts: BTreeMap<_, _> = parts.into();
    Event::default().event("parts").data(json!(parts).to_string())
}

/// A stream that shows the state at once, after each change, and every ten seconds, while the session lasts.
fn follow<T: Send + Sync + 'static, F: Future<Output = Event> + Send>(
    app: Shared,
    caller: Caller,
    changes: watch::Receiver<T>,
    render: impl Fn(Shared, Caller) -> F + Send + 'static,
) -> Response {
    let Some(place) = app.streams.staff() else {
        return Failure::busy().read_in(caller.lang).into_response();
    };
    let shared = app.clone();
    let start = (changes, caller, render, true);
    let news = stream::unfold(start, move |(mut changes, caller, render, first)| {
        let app = shared.clone();
        async move {
            if !first {
                tokio::time::sleep(PACE).await;
                if let Ok(changed) = tokio::time::timeout(REFRESH, changes.changed()).await {
                    changed.ok()?;
                }
            }
            // The stream ends with the session, and when the person may no longer see all that it shows.
            let person = caller.token.as_deref().and_then(|token| app.person(token))?;
            if caller.person != Some(person) {
                return None;
            }
            changes.mark_unchanged();
            let event = render(app, caller.clone()).await;
            Some((event, (changes, caller, render, false)))
        }
    });
    answer(&app, place, news)
}

/// The answer: ends when the node closes; gives its place back when the screen goes.
fn answer(
    app: &Shared,
    place: Place,
    news: impl Stream<Item = Event> + Send + 'static,
) -> Response {
    use futures::StreamExt;
    let closing = app.closing.clone();
    let news = news.take_until(closing.cancelled_owned()).map(move |event| {
        let _held = &place;
        Ok::<_, Infallible>(event)
    });
    Sse::new(news).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}
