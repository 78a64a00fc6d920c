//! The node's numbers for Prometheus; none of them tells of a person.

use std::sync::atomic::AtomicU64;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use node_core::{authority::Authority, desk::Desk, event::DoorEvent, reason::Reason};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use sync::{
    record::{ClockTrust, VisitKind},
    status::UploadsStatus,
};

use crate::{
    ScannerView,
    app::{App, Shared},
    error::Failure,
};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Why {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Held {
    door: String,
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Said {
    about: &'static str,
    word: &'static str,
}

/// What is counted as it happens.
#[derive(Default)]
pub(crate) struct Metrics {
    visits: Family<Kind, Counter<u64, AtomicU64>>,
    refusals: Family<Why, Counter<u64, AtomicU64>>,
    unrecorded: Family<Why, Counter<u64, AtomicU64>>,
    missed: Counter<u64, AtomicU64>,
}

impl Metrics {
    /// Takes in news of the door.
    pub(crate) fn hear(&self, event: &DoorEvent) {
        match event {
            DoorEvent::Decided(decision) => {
                self.visits.get_or_create(&Kind { kind: kind_word(decision.kind) }).inc();
                if decision.kind == VisitKind::Refusal {
                    let reason = decision.reason.map_or("none", Reason::word);
                    self.refusals.get_or_create(&Why { reason }).inc();
                }
            }
            DoorEvent::Waiting(_) | DoorEvent::Aside(_) => {}
            DoorEvent::Unrecorded { reason, .. } => {
                self.unrecorded.get_or_create(&Why { reason: reason.word() }).inc();
            }
        }
    }

    /// News that came faster than it was counted.
    pub(crate) fn miss(&self, events: u64) {
        self.missed.inc_by(events);
    }
}

const fn kind_word(kind: VisitKind) -> &'static str {
    match kind {
        VisitKind::Entry => "entry",
        VisitKind::Exit => "exit",
        VisitKind::Refusal => "refusal",
    }
}

/// `/metrics`
pub(crate) async fn page(State(app): State<Shared>) -> Response {
    let mut registry = Registry::with_prefix("vestibule");
    let m = &app.metrics;
    registry.register("visits", "Decisions of this door since it started", m.visits.clone());
    registry.register("refusals", "Refusals of this door by reason", m.refusals.clone());
    registry.register("unrecorded", "Codes that led to no record, by reason", m.unrecorded.clone());
    registry.register("events_missed", "News not counted, for it came too fast", m.missed.clone());
    now(&app, &mut registry);
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => Failure::internal(&error).into_response(),
    }
}

/// What is read at the moment of the question.
fn now(app: &App, registry: &mut Registry) {
    let services = &app.services;
    set(registry, "ready", "Whether the node does its work", u64::from(*services.ready.borrow()));
    if let Some(desk) = &services.door {
        door(desk, registry);
    }
    if let Some(authority) = &services.authority {
        let view = authority.overview().borrow().clone();
        set(registry, "region_visits", "Visits that the authority holds", view.visits);
        set(registry, "region_refusals", "Refusals that the authority holds", view.refusals);
        set(registry, "region_alerts", "Alerts that doors have raised", view.alerts);
        set(registry, "region_notices", "Notices that doors have sent", view.notices);
        set(registry, "region_unreadable", "Visits that nobody can read", view.unreadable);
        set(registry, "region_quarantined", "Records that were set apart", view.quarantined);
        let away = u64::from(view.store_trouble.is_some());
        set(registry, "store_trouble", "Whether the authority's store takes nothing", away);
        let unpublished = u64::from(view.unpublished.is_some());
        set(
            registry,
            "withdrawals_unpublished",
            "Whether withdrawn tokens are not revoked, for the list could not be drawn up",
            unpublished,
        );
        let asked = authority.inquiries();
        set(registry, "region_inquiries", "Questions about typed numbers since the start", asked);
        abroad(authority, registry);
        set(registry, "tracing_questions", "Tracing questions in the log", view.questions);
    }
    if let Some(peers) = &services.peers {
        let peers = peers.borrow().clone();
        set(registry, "peers_up", "Peers connected", peers.up() as u64);
        set(registry, "peers_known", "Peers known", peers.peers.len() as u64);
        let now = app.now().get();
        let waits = peers.peers.iter().filter_map(|peer| peer.waits_until);
        let waits = waits.map(|until| (until.get() - now).max(0) / 1000).max().unwrap_or(0);
        let help = "Seconds for which the authority wants no visits delivered";
        set(registry, "upload_wait_seconds", help, u64::try_from(waits).unwrap_or(0));
        if services.authority.is_some() {
            let UploadsStatus { places, delivering, waiting, told } = peers.uploads;
            set(
                registry,
                "uploads_places",
                "Doors that may deliver a backlog at once",
                places as u64,
            );
            set(registry, "uploads_delivering", "Doors that deliver", delivering as u64);
            set(registry, "uploads_waiting", "Doors told to come again", waiting as u64);
            set(registry, "uploads_told", "Times a door was told to come again", told);
        }
    }
    if let Some(scanner) = &services.scanner {
        camera(&scanner.borrow().clone(), registry);
    }
}

/// Letters between regions.
fn abroad(authority: &Authority, registry: &mut Registry) {
    let counts = authority.abroad_counts();
    set(registry, "abroad_waiting", "Letters that wait for other regions", counts.waiting);
    set(registry, "abroad_sent", "Letters that other regions have taken", counts.sent);
    set(registry, "abroad_told", "Visits that other regions have told of", counts.told);
    set(registry, "abroad_expired", "Letters for which no region came", counts.expired);
    let refused = Family::<Why, Gauge>::default();
    for (reason, count) in counts.refused {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        refused.get_or_create(&Why { reason }).set(count);
    }
    registry.register("abroad_refused", "Letters and bags refused, by reason", refused);
}

fn door(desk: &Desk, registry: &mut Registry) {
    let view = desk.view().borrow().clone();
    if let Some((until, _)) = view.papers {
        let until = u64::try_from(until.secs()).unwrap_or(0);
        set(registry, "papers_until_seconds", "When this node's papers end", until);
    }
    set(registry, "inside", "People inside, as far as this door knows", u64::from(view.inside));
    set(registry, "unacknowledged", "Visits not yet at the authority", view.unacknowledged);
    set(registry, "store_trouble", "Whether the last write failed", u64::from(view.disk.is_some()));
    if let Some(most) = desk.site().capacity {
        set(registry, "capacity", "People allowed inside", u64::from(most));
    }
    let trust = match view.clock {
        Some(ClockTrust::Trusted) => 2,
        Some(ClockTrust::Bounded) => 1,
        Some(ClockTrust::Unknown) | None => 0,
    };
    set(registry, "clock_believed", "The clock: 2 believed, 1 within bounds, 0 not", trust);
    let issued = Family::<Kind, Gauge>::default();
    for bulletin in &view.bulletins {
        issued.get_or_create(&Kind { kind: bulletin.kind }).set(bulletin.issued_at.secs());
    }
    registry.register("bulletin_issued_seconds", "When each bulletin held was signed", issued);
    let held = Family::<Held, Gauge>::default();
    for door in &view.doors {
        let counts = [("entry", door.entries), ("exit", door.exits), ("refusal", door.refusals)];
        for (kind, count) in counts {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            held.get_or_create(&Held { door: door.name.clone(), kind }).set(count);
        }
    }
    registry.register("held_today", "Visits of today in this door's ledger, by door", held);
}

fn camera(scanner: &ScannerView, registry: &mut Registry) {
    let trouble = u64::from(scanner.trouble.is_some());
    set(registry, "scanner_frames", "Frames looked at", scanner.frames);
    set(registry, "scanner_dropped", "Frames passed over", scanner.dropped);
    set(registry, "scanner_scans", "Codes read", scanner.scans);
    set(registry, "scanner_decode_p50_ms", "Decoding time, median", scanner.decode_p50_ms);
    set(registry, "scanner_decode_p95_ms", "Decoding time, 95th percentile", scanner.decode_p95_ms);
    set(registry, "scanner_trouble", "Whether the camera is in trouble", trouble);
    set(registry, "scanner_losses", "Times the source of frames was lost", scanner.losses);
    if let Some((p50, p95)) = scanner.wait_ms {
        let from = "Time from a code's first sight to its scan";
        set(registry, "scanner_wait_p50_ms", &format!("{from}, median"), p50);
        set(registry, "scanner_wait_p95_ms", &format!("{from}, 95th percentile"), p95);
    }
    let said = Family::<Said, Gauge>::default();
    let all = [("hint", scanner.hint), ("poster", scanner.poster)];
    for (about, word) in all.into_iter().filter_map(|(about, word)| Some((about, word?))) {
        said.get_or_create(&Said { about, word }).set(1);
    }
    registry.register(
        "scanner_says",
        "What the camera says of its picture and of the poster",
        said,
    );
}

fn set(registry: &mut Registry, name: &str, help: &str, value: u64) {
    let gauge: Gauge = Gauge::default();
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
    registry.register(name, help, gauge);
}
