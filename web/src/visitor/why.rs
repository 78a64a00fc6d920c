//! Why somebody was turned away, on the own phone: a symbol on the door's screen for sixty seconds, opened by one.
//!
//! The screen is in public and tells no diagnosis. Whoever was turned away scans the symbol; the first phone that opens
//! it keeps it, and the next visitor's code takes it from the screen.

use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use data_encoding::BASE64URL_NOPAD;
use node_core::{event::DoorEvent, reason::Reason};
use sync::{
    record::{Status, VisitKind},
    time::UnixMillis,
};

use super::Around;
use crate::{app::Shared, caller::Caller, error::Failure, frame::show, sign};

/// How long a reason may be fetched, ms.
const WHY_MILLIS: i64 = 60_000;
/// Reasons that may still be fetched.
const WHYS_MAX: usize = 16;

/// The reasons of the last minute.
#[derive(Default)]
pub(crate) struct Whys(Mutex<Fetchable>);

#[derive(Default)]
struct Fetchable {
    whys: VecDeque<Why>,
    /// Whether the latest of them is what happened last at the door.
    latest: bool,
}

struct Why {
    name: String,
    at: UnixMillis,
    status: Status,
    reason: Option<Reason>,
    opened_by: Option<IpAddr>,
}

impl Whys {
    /// Takes in news of the door.
    pub(crate) fn hear(&self, event: &DoorEvent) {
        let mut state = self.state();
        state.latest = false;
        let DoorEvent::Decided(decision) = event else { return };
        if decision.kind != VisitKind::Refusal {
            return;
        }
        let mut bytes = [0; 16];
        if let Err(error) = getrandom::fill(&mut bytes) {
            tracing::error!(%error, "no randomness for the name of a reason");
            return;
        }
        if state.whys.len() == WHYS_MAX {
            state.whys.pop_front();
        }
        state.whys.push_back(Why {
            name: BASE64URL_NOPAD.encode(&bytes),
            at: decision.at,
            status: decision.status,
            reason: decision.reason,
            opened_by: None,
        });
        state.latest = true;
    }

    /// The reason to be fetched at the door's screen now.
    pub(crate) fn name(&self, now: UnixMillis) -> Option<String> {
        let state = self.state();
        let why = state.whys.back().filter(|why| state.latest && why.lasts(now))?;
        why.opened_by.is_none().then(|| why.name.clone())
    }

    /// Fetches one: the first who does may do so again.
    fn open(&self, name: &str, by: IpAddr, now: UnixMillis) -> Option<(Status, Option<Reason>)> {
        let mut state = self.state();
        let why = state.whys.iter_mut().find(|why| why.name == name && why.lasts(now))?;
        let owner = *why.opened_by.get_or_insert(by);
        (owner == by).then_some((why.status, why.reason))
    }

    /// No panic happens while the lock is held.
    fn state(&self) -> MutexGuard<'_, Fetchable> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Why {
    fn lasts(&self, now: UnixMillis) -> bool {
        (0..WHY_MILLIS).contains(&(now.get() - self.at.get()))
    }
}

#[derive(Template)]
#[template(path = "visitor_why.html")]
struct Page {
    around: Around,
    colour: &'static str,
    shape: &'static str,
    reason: Option<String>,
    advice: Option<&'static str>,
}

/// `GET /v/why/{name}`
pub(super) async fn page(
    State(app): State<Shared>,
    caller: Caller,
    Path(name): Path<String>,
) -> Response {
    let (Some(desk), Some(peer)) = (&app.services.door, caller.peer) else {
        return Failure::not_found().read_in(caller.lang).into_response();
    };
    let around = Around::new(&app, desk, &caller);
    match app.lobby.whys.open(&name, peer, app.now()) {
        Some((status, reason)) => {
            let (colour, shape, _) = sign::look_of_refusal(status, reason);
            let advice = reason.and_then(sign::advice);
            let reason = reason.map(|reason| sign::reason_text(caller.lang, reason));
            show(&Page { around, colour, shape, reason, advice })
        }
        None => {
            let page =
                Page { around, colour: "grey", shape: "question", reason: None, advice: None };
            (StatusCode::GONE, show(&page)).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use node_core::event::Decision;
    use sync::{
        id::{ChainId, Epoch, PublicKey, RecordId, RecordNumber},
        record::Decider,
        time::Day,
    };

    use super::*;

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

    fn decided(kind: VisitKind) -> DoorEvent {
        let (author, epoch) = (PublicKey::new([1; 32]), Epoch::new([1; 8]));
        let chain = ChainId { author, epoch, day: Day::new(20_000) };
        DoorEvent::Decided(Decision {
            visit: RecordId { chain, number: RecordNumber::new(1) },
            at: NOON,
            kind,
            status: Status::Red,
            reason: Some(Reason::StatusRed),
            until: None,
            then: None,
            decider: Decider::Verdict,
            masked_name: None,
            temperature: None,
        })
    }

    #[test]
    fn a_reason_is_for_one_phone_for_a_minute_and_leaves_the_screen_with_the_next_visitor() {
        let (own, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let whys = Whys::default();
        whys.hear(&decided(VisitKind::Entry));
        assert_eq!(whys.name(NOON), None);
        whys.hear(&decided(VisitKind::Refusal));
        let name = whys.name(NOON).unwrap();
        whys.hear(&decided(VisitKind::Entry));
        assert_eq!(whys.name(NOON), None, "nothing of one visitor for the next to see");
        let found = Some((Status::Red, Some(Reason::StatusRed)));
        assert_eq!(whys.open(&name, own, NOON), found);
        assert_eq!(whys.open(&name, own, NOON.plus_millis(59_999)), found);
        assert_eq!(whys.open(&name, other, NOON), None);
        assert_eq!(whys.open(&name, own, NOON.plus_millis(60_000)), None);
        whys.hear(&decided(VisitKind::Refusal));
        let next = whys.name(NOON).unwrap();
        whys.open(&next, other, NOON);
        assert_eq!(whys.name(NOON), None, "once opened it is on the screen no longer");
        for _ in 0..100 {
            whys.hear(&decided(VisitKind::Refusal));
        }
        assert_eq!(whys.state().whys.len(), WHYS_MAX);
    }
}
