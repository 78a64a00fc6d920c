//! The doors of the venue: who they are, inviting one, removing one.

mod removal;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use node_core::{
    desk::{Desk, DoorStanding},
    pairing::{InviteError, PairingDesk, PairingState, Shown},
};
use sync::{
    id::EntranceId,
    order::RemovalCause,
    pairing::{Refusal, Wifi},
    record::Direction,
    status::{Link, PeersStatus},
    time::{UnixMillis, Zone},
};

use crate::{
    anomalies,
    app::{App, Shared},
    caller::{Caller, Manager, Posted},
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    symbol::Symbol,
};

pub(crate) use removal::remove;

#[derive(Template)]
#[template(path = "doors.html")]
struct Page {
    frame: Frame,
    tab: &'static str,
    badge: String,
    place: String,
    trouble: Option<String>,
    doors: String,
    /// Where this door invites and removes others.
    pairing: Option<String>,
    /// The other doors that belong to the venue.
    others: Vec<DoorStanding>,
    wifi: String,
}

#[derive(Template)]
#[template(path = "invited.html")]
struct Invited {
    frame: Frame,
    place: String,
    symbol: Option<Symbol>,
    text: String,
    pairing: String,
}

#[derive(Template)]
#[template(path = "doors_list.html")]
struct List<'a> {
    t: Lang,
    zone: &'a Zone,
    now: UnixMillis,
    doors: Vec<DoorStanding>,
    peers: PeersStatus,
}

#[derive(Template)]
#[template(path = "doors_pairing.html")]
struct PairingPart<'a> {
    t: Lang,
    token: &'a str,
    zone: &'a Zone,
    state: PairingState,
}

/// `GET /venue/doors`
pub(crate) async fn page(State(app): State<Shared>, Manager(caller): Manager) -> Response {
    match &app.services.door {
        Some(desk) => render(&app, desk, &caller, None, String::new()).await,
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// `POST /venue/doors/invite`: the code is on this answer and on no other page.
pub(crate) async fn invite(State(app): State<Shared>, form: Posted) -> Response {
    let t = form.caller.lang;
    let (Some(desk), Some(pairing)) = (&app.services.door, &app.services.pairing) else {
        return Failure::not_found().read_in(t).into_response();
    };
    let (name, key) = (form.field("wifi"), form.field("wifi_key"));
    let wifi = Wifi { name: name.to_owned(), key: key.to_owned() };
    let wifi = (!name.is_empty() || !key.is_empty()).then_some(wifi);
    if wifi.as_ref().is_some_and(|wifi| !wifi.is_bounded()) {
        return refused(&app, desk, &form, t.say("invite-wifi-error")).await;
    }
    let replaces = form.field("replaces").parse().ok().map(EntranceId::new);
    match pairing.invite(wifi, replaces).await {
        Ok(shown) => invited(&app, desk, pairing, &form.caller, &shown),
        Err(InviteError::Stopped) => Failure::busy().read_in(t).into_response(),
        Err(error) => refused(&app, desk, &form, t.fill("invite-failed", error)).await,
    }
}

/// `POST /venue/doors/cancel`
pub(crate) async fn cancel(State(app): State<Shared>, form: Posted) -> Response {
    if let Some(pairing) = &app.services.pairing {
        pairing.cancel().await;
        return Redirect::to("/venue/doors").into_response();
    }
    Failure::not_found().read_in(form.caller.lang).into_response()
}

fn invited(
    app: &App,
    desk: &Desk,
    pairing: &PairingDesk,
    caller: &Caller,
    shown: &Shown,
) -> Response {
    let site = desk.site();
    show(&Invited {
        frame: Frame::new(app, caller, "/venue/doors"),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        symbol: Symbol::of(&shown.text),
        text: shown.text.to_string(),
        pairing: pairing_part(desk, pairing, caller),
    })
}

async fn refused(app: &App, desk: &Desk, form: &Posted, text: String) -> Response {
    let typed = form.field("wifi").to_owned();
    let page = render(app, desk, &form.caller, Some(text), typed).await;
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

async fn render(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    trouble: Option<String>,
    wifi: String,
) -> Response {
    let site = desk.site();
    let doors = match desk.doors().await {
        Ok(doors) => doors,
        Err(error) => return Failure::internal(&error).read_in(caller.lang).into_response(),
    };
    let others = doors.iter().filter(|d| !d.own && d.removed.is_none()).cloned().collect();
    show(&Page {
        frame: Frame::new(app, caller, "/venue/doors"),
        tab: "/venue/doors",
        badge: anomalies::badge(&desk.view().borrow()),
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        trouble,
        doors: list(app, desk, caller.lang, doors),
        pairing: app.services.pairing.as_ref().map(|p| pairing_part(desk, p, caller)),
        others,
        wifi,
    })
}

/// The parts of the page that change, by the name of their place.
pub(crate) async fn parts(app: &App, desk: &Desk, caller: &Caller) -> [(&'static str, String); 3] {
    let doors = desk.doors().await.unwrap_or_default();
    let pairing = app.services.pairing.as_ref().map(|p| pairing_part(desk, p, caller));
    [
        ("doors", list(app, desk, caller.lang, doors)),
        ("pairing", pairing.unwrap_or_default()),
        ("badge", anomalies::badge(&desk.view().borrow())),
    ]
}

fn list(app: &App, desk: &Desk, t: Lang, doors: Vec<DoorStanding>) -> String {
    let peers = app.services.peers.as_ref().map(|p| p.borrow().clone()).unwrap_or_default();
    let list = List { t, zone: &desk.site().zone, now: app.now(), doors, peers };
    list.render().unwrap_or_default()
}

fn pairing_part(desk: &Desk, pairing: &PairingDesk, caller: &Caller) -> String {
    let part = PairingPart {
        t: caller.lang,
        token: caller.token.as_deref().unwrap_or_default(),
        zone: &desk.site().zone,
        state: pairing.state().borrow().clone(),
    };
    part.render().unwrap_or_default()
}

impl List<'_> {
    fn direction(&self, door: &DoorStanding) -> String {
        self.t.say(match door.direction {
            Direction::In => "door-direction-in",
            Direction::Out => "door-direction-out",
            Direction::Both => "door-direction-both",
        })
    }

    /// The mark and the words for how a door stands.
    fn state(&self, door: &DoorStanding) -> (&'static str, String) {
        let recent = |at| date::recent(self.t, self.zone, at, self.now);
        if let Some((cause, at)) = door.removed {
            let text = match cause {
                RemovalCause::Lost => "door-removed-lost",
                RemovalCause::Replaced => "door-removed-replaced",
                RemovalCause::Retired => "door-removed-retired",
            };
            return ("idle", self.t.fill(text, recent(at)));
        }
        if door.own {
            return ("good", self.t.say("door-own"));
        }
        match self.peers.peers.iter().find(|peer| peer.node == Some(door.node)) {
            Some(peer) if peer.link == Link::Up => ("good", self.t.say("door-up")),
            Some(peer) => match peer.heard {
                Some(at) => ("poor", self.t.fill("door-down", recent(at))),
                None => ("poor", self.t.say("door-unheard")),
            },
            None => ("poor", self.t.say("door-unheard")),
        }
    }

    fn node(&self, door: &DoorStanding) -> String {
        door.node.to_string().chars().take(12).collect()
    }
}

impl PairingPart<'_> {
    const fn waits(&self) -> bool {
        matches!(self.state, PairingState::Waiting { .. })
    }

    /// The mark and the words for where the pairing stands.
    fn state(&self) -> (&'static str, String) {
        match &self.state {
            PairingState::Idle => ("idle", self.t.say("pairing-idle")),
            PairingState::Waiting { expires, .. } => {
                ("poor", self.t.fill("pairing-waiting", self.zone.clock(*expires)))
            }
            PairingState::Joined { name, at, .. } => {
                let values = [("door", name.clone()), ("time", self.zone.clock(*at))];
                ("good", self.t.with("pairing-joined", &values))
            }
            PairingState::Ended(why) => {
                let text = match why {
                    Refusal::Expired => "pairing-expired",
                    Refusal::Ended => "pairing-broken",
                    _ => "pairing-over",
                };
                ("bad", self.t.say(text))
            }
        }
    }

    fn wrong(&self) -> Option<String> {
        match self.state {
            PairingState::Waiting { wrong, .. } if wrong > 0 => {
                Some(self.t.fill("pairing-wrong", wrong))
            }
            _ => None,
        }
    }
}
