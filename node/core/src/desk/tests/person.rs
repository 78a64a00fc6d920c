//! What the person at the desk does: temperature, waiting aside, word to the authority, taking back with a reason.

use sync::{
    bulletin::BulletinKind,
    id::Seq,
    record::{Amend, NoticeCause, Receipt, Record, Temperature, VisitKind},
};

use super::venue::{Door, Venue, token_of};
use super::*;
use crate::{
    event::{Pending, UndoReason},
    reason::Reason,
    site::VenueKind,
};

async fn shown(door: &Door, n: u8) -> Pending {
    match door.desk.assess(&token_of(n)).await {
        Assessed::Waiting(pending) => pending,
        other @ Assessed::NoCredential(_) => panic!("{other:?}"),
    }
}

async fn policy(door: &Door, text: &str) {
    door.bulletin(BulletinKind::Policy, 2, text.as_bytes()).await;
    door.read_anew().await;
}

/// What the door wrote today.
async fn written(door: &Door) -> Vec<StoredRecord> {
    let heads = door.ledger.heads().borrow().clone();
    let mut all = Vec::new();
    for (chain, _) in heads.chains() {
        all.extend(door.ledger.records(*chain, Seq::default(), 500).await.unwrap().0);
    }
    all
}

#[tokio::test]
async fn a_temperature_is_written_only_where_the_policy_asks_and_a_fever_binds_where_refusals_do() {
    let fever = Some(Temperature::Fever);
    // policy, temperature, act → what is recorded of it, or why not
    type Told = Result<(VisitKind, Option<Temperature>, Option<Reason>), &'static str>;
    let cases: [(&str, Option<Temperature>, Act, Told); 7] = [
        ("off", fever, Act::Release, Ok((VisitKind::Entry, None, None))),
        ("ask", None, Act::Release, Ok((VisitKind::Entry, None, None))),
        ("ask", fever, Act::Release, Ok((VisitKind::Entry, fever, None))),
        ("ask", fever, Act::Refuse, Ok((VisitKind::Refusal, fever, Some(Reason::Fever)))),
        ("required", None, Act::Release, Err("NoTemperature")),
        ("required", None, Act::Refuse, Ok((VisitKind::Refusal, None, Some(Reason::Staff)))),
        ("binding", fever, Act::ReleaseStaff, Err("Binding")),
    ];
    for (n, (check, temperature, act, told)) in (1..).zip(cases) {
        let venue = Venue::new();
        let a = venue.door(1, None).await;
        let (check, release) =
            if check == "binding" { ("ask", "admitted-only") } else { (check, "any") };
        let text =
            format!(r#"{{"version":2,"temperature":"{check}","staff_release":"{release}"}}"#);
        policy(&a, &text).await;
        let pending = shown(&a, n).await;
        let done = a.desk.decide_measured(pending.id, act, temperature).await;
        let done = done.map(|d| (d.kind, d.temperature, d.reason)).map_err(|e| match e {
            DecideError::NoTemperature => "NoTemperature",
            DecideError::Binding => "Binding",
            other => panic!("{other}"),
        });
        assert_eq!(done, told, "case {n}");
        if let Ok((_, temperature, _)) = told {
            let kept = written(&a).await.into_iter().find_map(|r| r.visit()).unwrap();
            assert_eq!(kept.visit.temperature, temperature, "case {n}");
        }
    }
}

#[tokio::test]
async fn who_waits_aside_waits_for_an_hour_and_a_verdict_at_the_desk_for_two_minutes() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    policy(&a, r#"{"version":2,"temperature":"ask"}"#).await;
    let (gone, aside) = (shown(&a, 1).await, shown(&a, 2).await);
    a.desk.measure(aside.id, Temperature::Fever);
    a.desk.set_aside(aside.id).unwrap();
    venue.wait(121_000);
    assert!(matches!(a.desk.decide(gone.id, Act::Release).await, Err(DecideError::Unknown)));
    assert!(matches!(a.desk.set_aside(gone.id), Err(DecideError::Unknown)));
    assert_eq!(a.desk.aside().iter().map(|w| w.pending.id).collect::<Vec<_>>(), [aside.id]);
    venue.wait(30 * 60_000);
    // Others come meanwhile, more than wait at once; nobody who waits aside gives way to them.
    for n in 3..40 {
        shown(&a, n).await;
    }
    let known = a.desk.attended(aside.id).unwrap();
    assert_eq!((known.cause, known.visit), (Some(NoticeCause::Fever), None));
    let decision = a.desk.decide(aside.id, Act::Release).await.unwrap();
    assert_eq!(decision.temperature, Some(Temperature::Fever), "what was said before counts");
    assert_eq!((decision.kind, a.desk.aside().len()), (VisitKind::Entry, 0));
    let late = shown(&a, 50).await;
    a.desk.set_aside(late.id).unwrap();
    venue.wait(3_600_000);
    assert!(a.desk.aside().is_empty());
    assert!(matches!(a.desk.decide(late.id, Act::Refuse).await, Err(DecideError::Unknown)));
}

#[tokio::test]
async fn so_many_wait_aside_and_no_more() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    for n in 1..=24 {
        let pending = shown(&a, n).await;
        a.desk.set_aside(pending.id).unwrap();
    }
    let one_more = shown(&a, 25).await;
    assert!(matches!(a.desk.set_aside(one_more.id), Err(DecideError::Crowded)));
    a.desk.decide(one_more.id, Act::Refuse).await.unwrap();
}

#[tokio::test]
async fn word_to_the_authority_is_sent_once_names_the_visit_before_it_is_written_and_is_received() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let pending = shown(&a, 1).await;
    let about = About::Waiting(pending.id);
    let sent = a.desk.notify(about, NoticeCause::Fever, Some([3; 8])).await.unwrap();
    let again = a.desk.notify(about, NoticeCause::Fever, None).await.unwrap();
    assert_eq!(sent, again, "one tap or two: the authority is told once");
    let refused = a.desk.decide(pending.id, Act::Refuse).await.unwrap();
    let notice = a.desk.view().borrow().notices[0].clone();
    assert_eq!((notice.id, notice.of, notice.received), (sent, Some(refused.visit), None));
    let about = About::Visit(refused.visit);
    assert_eq!(a.desk.notify(about, NoticeCause::Fever, None).await.unwrap(), sent);
    assert!(matches!(
        a.desk.notify(About::Waiting(pending.id), NoticeCause::Red, None).await,
        Err(ActError::Gone)
    ));
    a.desk.hear_of_notices().await;
    let before = a.ledger.heads().borrow().head(a.desk.site().venue, &sent.chain).unwrap().seq;

    // What comes later is not covered by the authority's word for what came before.
    a.desk.notify(About::Nobody, NoticeCause::Red, None).await.unwrap();
    a.desk.hear_of_notices().await;
    let at = venue::NOON.plus_millis(5_000);
    venue
        .receipt(
            &a,
            Receipt { chain: sent.chain, seq: before, at, by: venue::authority(), asked: None },
        )
        .await;
    a.desk.hear_of_notices().await;
    a.read_anew().await;
    let view = a.desk.view().borrow().notices.clone();
    let received: Vec<_> = view.iter().map(|n| (n.cause, n.received)).collect();
    assert!(received.contains(&(NoticeCause::Fever, Some(at))), "{received:?}");
    assert!(received.contains(&(NoticeCause::Red, None)), "{received:?}");
}

#[tokio::test]
async fn a_door_whose_lists_are_too_old_says_so() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    assert_eq!(a.desk.hindrance(), None);
    venue.wait(73 * 3_600_000);
    assert_eq!(a.desk.hindrance(), Some(Reason::StaleLists));
}

#[tokio::test]
async fn a_decision_is_taken_back_with_its_reason() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let pending = shown(&a, 1).await;
    let decision = a.desk.decide(pending.id, Act::Release).await.unwrap();
    a.desk.void_because(decision.visit, Some(UndoReason::WrongPerson)).await.unwrap();
    assert_eq!(a.desk.view().borrow().inside, 0);
    let records = written(&a).await;
    let correction = records.iter().find_map(|r| match &r.record {
        Record::Correction(c) => Some(c.clone()),
        _ => None,
    });
    let correction = correction.unwrap();
    assert_eq!((correction.of, correction.amend), (decision.visit, Amend::Void));
    assert_eq!(correction.why.as_deref(), Some("wrong-person"));
    for reason in UndoReason::ALL {
        assert_eq!(UndoReason::from_word(reason.word()), Some(reason));
    }
}

#[tokio::test]
async fn on_a_bus_entries_pair_with_exits_and_nobody_stays_longer_than_the_default_stay() {
    for (kind, inside_later) in [(VenueKind::Vehicle, 0), (VenueKind::Place, 1)] {
        let mut venue = Venue::new();
        venue.kind = kind;
        let a = venue.door(1, None).await;
        let inside = || {
            a.desk.refresh_view();
            a.desk.view().borrow().inside
        };
        for n in [1, 2] {
            let on = shown(&a, n).await;
            assert_eq!(on.kind, VisitKind::Entry);
            a.desk.decide(on.id, Act::Release).await.unwrap();
        }
        venue.wait(60_000);
        let off = shown(&a, 1).await;
        assert_eq!(off.kind, VisitKind::Exit);
        a.desk.decide(off.id, Act::Release).await.unwrap();
        assert_eq!(inside(), 1);
        venue.wait(121 * 60_000);
        assert_eq!(inside(), inside_later, "{kind:?}");
    }
}
