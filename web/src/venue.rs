//! The venue's page: alarms, people inside, notes, doors, sync, bulletins, clock, camera, disk.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use node_core::{
    announcements::Announcement,
    desk::Desk,
    site::{BulletinView, DoorView, Site, SiteView},
    standing::Stands,
};
use sync::{
    id::ZoneId,
    record::ClockTrust,
    status::{Link, PeerStatus, PeersStatus},
    time::{UnixMillis, Zone},
};

use crate::{
    ScannerView, anomalies,
    app::{App, Shared},
    caller::{Caller, Staff},
    date,
    error::Failure,
    frame::{Frame, show},
    language::Lang,
    notes,
    occupancy::{self, ZoneRow},
};

/// The command that takes visits to the authority on a stick.
const EXPORT: &str = "vestibule bundle export";

#[derive(Template)]
#[template(path = "venue.html")]
struct Page {
    frame: Frame,
    tab: &'static str,
    badge: String,
    place: String,
    trouble: Option<String>,
    /// The note that was typed, where it was not written.
    typed: String,
    /// The parts of the venue whose people can be counted.
    zones: Vec<ZoneId>,
    alarms: String,
    counts: String,
    notes: String,
    fields: String,
    doors: String,
    peers: String,
    bulletins: String,
    state: String,
}

/// The facts from which each part of the page is made.
struct Facts<'a> {
    t: Lang,
    site: &'a Site,
    zone: &'a Zone,
    now: UnixMillis,
    view: SiteView,
    peers: PeersStatus,
    scanner: Option<ScannerView>,
}

#[derive(Template)]
#[template(path = "venue_alarms.html")]
struct Alarms<'a>(&'a Facts<'a>);

#[derive(Template)]
#[template(path = "venue_counts.html")]
struct Counts<'a>(&'a Facts<'a>);

#[derive(Template)]
#[template(path = "venue_doors.html")]
struct Doors<'a>(&'a Facts<'a>);

#[derive(Template)]
#[template(path = "venue_peers.html")]
struct Peers<'a>(&'a Facts<'a>);

#[derive(Template)]
#[template(path = "venue_state.html")]
struct Equipment<'a>(&'a Facts<'a>);

/// Also shown on the authority's page.
#[derive(Template)]
#[template(path = "bulletins.html")]
struct Bulletins<'a> {
    t: Lang,
    zone: &'a Zone,
    now: UnixMillis,
    bulletins: &'a [BulletinView],
}

/// `/venue`
pub(crate) async fn page(State(app): State<Shared>, Staff(caller): Staff) -> Response {
    match &app.services.door {
        Some(desk) => render(&app, desk, &caller, None, String::new()),
        None => Failure::not_found().read_in(caller.lang).into_response(),
    }
}

/// The page again, with what went wrong and the note that was typed.
pub(crate) fn refused(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    trouble: String,
    typed: String,
) -> Response {
    let page = render(app, desk, caller, Some(trouble), typed);
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

fn render(
    app: &App,
    desk: &Desk,
    caller: &Caller,
    trouble: Option<String>,
    typed: String,
) -> Response {
    let site = desk.site();
    let [alarms, badge, counts, notes, fields, doors, peers, bulletins, state] =
        parts(app, desk, caller).map(|(_, html)| html);
    show(&Page {
        frame: Frame::new(app, caller, "/venue"),
        tab: "/venue",
        badge,
        place: format!("{} · {}", site.venue_name, site.entrance_name),
        trouble,
        typed,
        zones: desk.view().borrow().occupancy.iter().map(|part| part.zone).collect(),
        alarms,
        counts,
        notes,
        fields,
        doors,
        peers,
        bulletins,
        state,
    })
}

/// The parts of the page that change, by the name of their place.
pub(crate) fn parts(app: &App, desk: &Desk, caller: &Caller) -> [(&'static str, String); 9] {
    let (t, site) = (caller.lang, desk.site());
    let facts = Facts {
        t,
        site,
        zone: &site.zone,
        now: app.now(),
        view: desk.view().borrow().clone(),
        peers: app.services.peers.as_ref().map(|p| p.borrow().clone()).unwrap_or_default(),
        scanner: app.services.scanner.as_ref().map(|s| s.borrow().clone()),
    };
    [
        ("alarms", Alarms(&facts).render().unwrap_or_default()),
        ("badge", anomalies::badge(&facts.view)),
        ("counts", Counts(&facts).render().unwrap_or_default()),
        ("notes", notes::notes(app, desk, caller)),
        ("fields", notes::fields(app, desk, caller)),
        ("doors", Doors(&facts).render().unwrap_or_default()),
        ("peers", Peers(&facts).render().unwrap_or_default()),
        ("bulletins", bulletins(t, facts.zone, facts.now, &facts.view.bulletins)),
        ("state", Equipment(&facts).render().unwrap_or_default()),
    ]
}

/// A table of bulletins as HTML.
pub(crate) fn bulletins(
    t: Lang,
    zone: &Zone,
    now: UnixMillis,
    bulletins: &[BulletinView],
) -> String {
    Bulletins { t, zone, now, bulletins }.render().unwrap_or_default()
}

/// An announcement as it is shown.
struct Announced {
    lang: String,
    lines: Vec<String>,
    until: String,
}

impl Facts<'_> {
    fn sum(&self, of: impl Fn(&DoorView) -> u64) -> String {
        date::number(self.t, self.view.doors.iter().map(of).sum())
    }

    fn entries(&self) -> String {
        self.sum(|door| door.entries)
    }

    fn exits(&self) -> String {
        self.sum(|door| door.exits)
    }

    fn refusals(&self) -> String {
        self.sum(|door| door.refusals)
    }

    fn zones(&self) -> Vec<ZoneRow> {
        occupancy::rows(self.t, self.site, &self.view, self.zone, self.now)
    }

    /// Visits that will be destroyed before the authority has them.
    fn unsent(&self) -> Option<String> {
        let unsent = self.view.unsent?;
        let values = [
            ("day", date::civil_day(self.t, unsent.since)),
            ("left", self.t.count("age-days", unsent.days_left)),
            ("command", EXPORT.to_owned()),
        ];
        Some(self.t.with("alarm-unsent", &values))
    }

    /// Since when and because of which doors one code may be in twice.
    fn duplicates_possible(&self) -> Option<String> {
        let since = self.view.duplicates_possible_since?;
        let doors = occupancy::unheard(&self.view).join(", ");
        // A door that was never heard may have let anybody in.
        if since.get() <= 0 {
            return Some(self.t.fill("alarm-duplicates-ever", doors));
        }
        let time = date::recent(self.t, self.zone, since, self.now);
        Some(self.t.with("alarm-duplicates", &[("time", time), ("doors", doors)]))
    }

    fn anomalies(&self) -> Option<String> {
        let found = anomalies::count(&self.view);
        (found > 0)
            .then(|| self.t.count("alarm-anomalies", i64::try_from(found).unwrap_or(i64::MAX)))
    }

    fn unacknowledged(&self) -> String {
        date::number(self.t, self.view.unacknowledged)
    }

    fn last(&self, door: &DoorView) -> String {
        door.last_visit.map_or_else(
            || self.t.say("none-yet"),
            |at| date::recent(self.t, self.zone, at, self.now),
        )
    }

    fn heard(&self, peer: &PeerStatus) -> String {
        peer.heard
            .map_or_else(|| self.t.say("never"), |at| date::recent(self.t, self.zone, at, self.now))
    }

    /// The class and the words for a link.
    fn link(&self, peer: &PeerStatus) -> (&'static str, String) {
        match &peer.link {
            Link::Up => ("good", self.t.say("peer-up")),
            Link::Down { reason } => ("poor", self.t.fill("peer-down", reason)),
            Link::Refused { word } => {
                let words = self.t.known(&format!("refused-{word}"));
                ("bad", self.t.fill("peer-refused", words.unwrap_or_else(|| word.clone())))
            }
        }
    }

    /// That the peer takes no visits for now, and until when.
    fn waits(&self, peer: &PeerStatus) -> Option<String> {
        let until = peer.waits_until?;
        Some(self.t.fill("reach-waits", date::recent(self.t, self.zone, until, self.now)))
    }

    fn since(&self, peer: &PeerStatus) -> String {
        let at = date::recent(self.t, self.zone, peer.since, self.now);
        self.t.fill("peer-since", at)
    }

    fn clock(&self) -> (&'static str, String) {
        let (class, text) = match self.view.clock {
            Some(ClockTrust::Trusted) => ("good", "clock-trusted"),
            Some(ClockTrust::Bounded) => ("poor", "clock-bounded"),
            Some(ClockTrust::Unknown) => ("bad", "clock-unknown"),
            None => ("poor", "clock-unread"),
        };
        (class, self.t.say(text))
    }

    fn camera(&self) -> (&'static str, String) {
        let Some(scanner) = &self.scanner else {
            return ("idle", self.t.say("scanner-none"));
        };
        match &scanner.trouble {
            Some(trouble) => ("bad", trouble.clone()),
            None => {
                let known = self.t.known(&format!("camera-{}", scanner.state));
                let well = scanner.state == "running" && self.camera_advice().is_empty();
                let class = if well { "good" } else { "poor" };
                (class, known.unwrap_or_else(|| scanner.state.clone()))
            }
        }
    }

    /// What the camera says of its picture, and of the poster where it is not the right one.
    fn camera_advice(&self) -> Vec<String> {
        let Some(scanner) = &self.scanner else { return Vec::new() };
        let hint = scanner.hint.map(|hint| format!("hint-{hint}"));
        let poster = scanner.poster.filter(|word| *word != "current");
        let poster = poster.map(|word| format!("poster-{word}"));
        let said = hint.into_iter().chain(poster);
        said.map(|key| self.t.known(&key).unwrap_or(key)).collect()
    }

    fn camera_facts(&self) -> Option<String> {
        let scanner = self.scanner.as_ref()?;
        let number = |n: u64| date::number(self.t, n);
        let values = [
            ("frames", number(scanner.frames)),
            ("dropped", number(scanner.dropped)),
            ("scans", number(scanner.scans)),
            ("p50", number(scanner.decode_p50_ms)),
            ("p95", number(scanner.decode_p95_ms)),
        ];
        let mut facts = self.t.with("scanner-facts", &values);
        if let Some((p50, p95)) = scanner.wait_ms {
            let values = [("p50", number(p50)), ("p95", number(p95))];
            facts = format!("{facts} {}", self.t.with("scanner-wait", &values));
        }
        Some(facts)
    }

    /// How many tracing questions have looked into the venue.
    fn asked(&self) -> String {
        self.t.count("reach-asked-times", self.view.asked)
    }

    /// How the authority says that the venue stands, where it does not simply take part; whether that is bad.
    fn standing(&self) -> Option<(bool, String)> {
        let standing = self.view.standing?;
        let bad = standing.stands == Stands::Excluded;
        let text = if bad { "reach-venue-excluded" } else { "reach-venue-test" };
        Some((bad, self.t.fill(text, date::moment(self.t, self.zone, standing.until))))
    }

    /// What the authority tells this venue, in the reader's language or the nearest.
    fn announcements(&self) -> Vec<Announced> {
        let tags: Vec<&str> = self.t.chain().iter().map(|lang| lang.tag()).collect();
        let shown = |(until, said): &(UnixMillis, Announcement)| {
            let (lang, text) = said.text(&tags)?;
            Some(Announced {
                lang: lang.to_owned(),
                lines: text.lines().map(str::to_owned).collect(),
                until: date::moment(self.t, self.zone, *until),
            })
        };
        self.view.announcements.iter().filter_map(shown).collect()
    }

    /// Until when this door belongs to the region.
    fn papers(&self) -> Option<(&'static str, String)> {
        let (until, soon) = self.view.papers?;
        let class = match soon {
            _ if until <= self.now => "bad",
            true => "poor",
            false => "good",
        };
        let text = if until <= self.now { "reach-papers-ended" } else { "reach-papers-until" };
        Some((class, self.t.fill(text, date::moment(self.t, self.zone, until))))
    }

    fn disk(&self) -> (&'static str, String) {
        match &self.view.disk {
            None => ("good", self.t.say("disk-ok")),
            Some(why) => ("bad", self.t.fill("disk-trouble", why)),
        }
    }
}

impl Bulletins<'_> {
    fn name(&self, bulletin: &BulletinView) -> String {
        let known = self.t.known(&format!("bulletin-{}", bulletin.kind));
        known.unwrap_or_else(|| bulletin.kind.to_owned())
    }

    fn age(&self, bulletin: &BulletinView) -> String {
        date::span(self.t, self.now.get() - bulletin.issued_at.get())
    }

    fn until(&self, bulletin: &BulletinView) -> String {
        date::moment(self.t, self.zone, bulletin.not_after)
    }

    fn overdue(&self, bulletin: &BulletinView) -> bool {
        bulletin.not_after <= self.now
    }
}

#[cfg(test)]
mod tests;
