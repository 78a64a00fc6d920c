//! Two doors on real ledgers in one process: what the desk does with rights, counts, late news and restarts.

mod venue;

use sync::{
    bulletin::BulletinKind,
    id::ZoneId,
    record::{AlertCause, VisitKind},
};

use super::*;
use crate::reason::Reason;
use venue::{Door, NOON, Venue, token_of};

async fn come(door: &Door, n: u8) -> Result<VisitKind, Option<Reason>> {
    match door.desk.check_in(&token_of(n)).await {
        CheckedIn::Decided(d) if d.kind == VisitKind::Refusal => Err(d.reason),
        CheckedIn::Decided(d) => Ok(d.kind),
        other => panic!("{other:?}"),
    }
}

fn rights(door: &Door) -> Option<u32> {
    door.desk.refresh_view();
    door.desk.view().borrow().occupancy[0].rights_here
}

#[tokio::test]
async fn a_door_lets_in_only_on_its_own_rights() {
    let venue = Venue::new();
    let (a, b) = (venue.door(1, None).await, venue.door(2, None).await);
    venue.capacity(&[&a, &b], 1, 2, [1, 1]).await;
    assert_eq!(come(&a, 1).await, Ok(VisitKind::Entry));
    assert_eq!(come(&a, 2).await, Err(Some(Reason::NoRights)), "the other door's place is free");
    assert_eq!(come(&b, 3).await, Ok(VisitKind::Entry));
    venue.exchange(&a, &b).await;
    assert_eq!(come(&a, 2).await, Err(Some(Reason::Full)));
    venue.wait(1000);
    assert_eq!(come(&b, 1).await, Ok(VisitKind::Exit));
    assert_eq!(
        come(&b, 4).await,
        Err(Some(Reason::NoRights)),
        "the place is free at the other door"
    );
    venue.exchange(&a, &b).await;
    assert_eq!(rights(&a), Some(1));
    assert_eq!(come(&a, 2).await, Ok(VisitKind::Entry));
}

#[tokio::test]
async fn twenty_at_once_get_the_three_rights_there_are() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    venue.capacity(&[&a], 1, 3, [3, 0]).await;
    let mut coming = tokio::task::JoinSet::new();
    for n in 1..=20 {
        let desk = a.desk.clone();
        coming.spawn(async move { desk.check_in(&token_of(n)).await });
    }
    let came = coming.join_all().await;
    let entered =
        came.iter().filter(|c| matches!(c, CheckedIn::Decided(d) if d.kind == VisitKind::Entry));
    assert_eq!(entered.count(), 3);
    assert_eq!((rights(&a), a.desk.view().borrow().inside), (Some(0), 3));
}

#[tokio::test]
async fn clicks_are_bound_too_and_what_is_taken_back_frees_its_place() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    venue.capacity(&[&a], 1, 5, [5, 0]).await;
    assert!(matches!(a.desk.click(6).await, Err(acts::ActError::NoRights)));
    assert!(matches!(a.desk.click(0).await, Err(acts::ActError::People(0))));
    let click = a.desk.click(4).await.unwrap();
    a.desk.click(-1).await.unwrap();
    assert_eq!((rights(&a), a.desk.view().borrow().inside), (Some(2), 3));
    a.desk.void(click).await.unwrap();
    assert_eq!(rights(&a), Some(5));
    assert_eq!(come(&a, 1).await, Ok(VisitKind::Entry));
    venue.wait(1000);
    a.desk.reset(ZoneId::default(), 0).await.unwrap();
    assert_eq!((rights(&a), a.desk.view().borrow().inside), (Some(5), 0));
}

#[tokio::test]
async fn who_works_here_takes_no_place() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    venue.capacity(&[&a], 1, 0, [0, 0]).await;
    let pending = |assessed| match assessed {
        Assessed::Waiting(pending) => pending,
        other @ Assessed::NoCredential(_) => panic!("{other:?}"),
    };
    let visitor = pending(a.desk.assess(&token_of(1)).await);
    assert_eq!(visitor.verdict.reason, Some(Reason::Full));
    let released = a.desk.decide(visitor.id, Act::Release).await;
    assert!(
        matches!(released, Err(DecideError::NoRights)),
        "nor does a person's word make a place"
    );
    a.desk.decide(visitor.id, Act::ReleaseStaff).await.unwrap();
    assert_eq!(a.desk.view().borrow().inside, 0);
}

#[tokio::test]
async fn where_the_policy_advises_nobody_is_turned_away() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    venue.capacity(&[&a], 1, 1, [1, 0]).await;
    a.bulletin(BulletinKind::Policy, 2, br#"{"version":2,"capacity":"advisory"}"#).await;
    a.read_anew().await;
    for n in 1..=3 {
        assert_eq!(come(&a, n).await, Ok(VisitKind::Entry));
    }
    let view = a.desk.view().borrow().occupancy[0].clone();
    assert_eq!((view.most, view.lo, view.rights_here, view.advisory), (Some(1), 3, None, true));
}

#[tokio::test]
async fn a_start_with_its_lease_goes_on_and_one_without_has_no_rights() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    venue.capacity(&[&a], 1, 3, [3, 0]).await;
    come(&a, 1).await.unwrap();
    let first = a.epoch();
    let a = venue.restart(a, Some(first)).await;
    assert_eq!(rights(&a), Some(2));
    come(&a, 2).await.unwrap();
    let again = venue.restart(a, Some(first)).await;
    assert_eq!(rights(&again), Some(0), "an old lease is worth nothing");
    venue.wait(86_400_000);
    again.desk.do_duties().await;
    assert_eq!(rights(&again), Some(3), "a day that began after it is its own");
}

#[tokio::test]
async fn a_revocation_that_comes_late_finds_the_visit() {
    let venue = Venue::new();
    let (a, b) = (venue.door(1, None).await, venue.door(2, None).await);
    come(&a, 7).await.unwrap();
    come(&a, 8).await.unwrap();
    venue.exchange(&a, &b).await;
    let list =
        format!(r#"{{"version":2,"issued_at":"{NOON}","revoked":[{{"cti":"0707070707070707"}}]}}"#);
    for door in [&a, &b] {
        door.bulletin(BulletinKind::Revocations, 2, list.as_bytes()).await;
        door.read_anew().await;
        door.desk.do_duties().await;
        door.desk.do_duties().await;
    }
    let alerts = a.desk.view().borrow().alerts.clone();
    assert_eq!(alerts.len(), 1);
    assert_eq!((alerts[0].cause, alerts[0].door.as_str()), (AlertCause::Revoked, "door 1"));
    assert_eq!(alerts[0].visit_at, Some(NOON));
    assert!(b.desk.view().borrow().alerts.is_empty(), "the visit's own door raises it");
    venue.wait(60_000);
    b.desk.do_duties().await;
    assert_eq!(b.desk.view().borrow().alerts.len(), 1, "unless it is not heard for a minute");
    venue.exchange(&a, &b).await;
    assert_eq!(a.desk.view().borrow().alerts.len(), 1, "raised by two, shown once");
}

#[tokio::test]
async fn a_door_that_has_rights_gives_some_to_a_connected_one_that_has_none() {
    let venue = Venue::new();
    let (a, b) = (venue.door(1, None).await, venue.door(2, None).await);
    venue.capacity(&[&a, &b], 1, 10, [10, 0]).await;
    venue.exchange(&a, &b).await;
    a.desk.do_duties().await;
    assert_eq!(rights(&a), Some(10), "nobody is connected");
    let peers = venue.connect(&a, &b);
    a.desk.do_duties().await;
    a.desk.do_duties().await;
    assert_eq!(rights(&a), Some(5), "once in two seconds");
    venue.exchange(&a, &b).await;
    assert_eq!(rights(&b), Some(5));
    drop(peers);
}

#[tokio::test]
async fn an_unheard_door_is_named_with_its_time_and_pairs_are_found_when_it_comes_back() {
    let venue = Venue::new();
    let (a, b) = (venue.door(1, None).await, venue.door(2, None).await);
    venue.capacity(&[&a, &b], 1, 10, [6, 4]).await;
    venue.exchange(&a, &b).await;
    venue.wait(60_000);
    come(&a, 1).await.unwrap();
    a.desk.do_duties().await;
    a.desk.refresh_view();
    let view = a.desk.view().borrow().clone();
    let zone = &view.occupancy[0];
    assert_eq!((zone.lo, zone.hi), (0, Some(5)));
    assert_eq!((zone.unseen[0].door.as_str(), zone.unseen[0].since), ("door 2", Some(NOON)));
    assert_eq!(view.duplicates_possible_since, Some(NOON));
    venue.wait(1000);
    come(&b, 1).await.unwrap();
    venue.exchange(&a, &b).await;
    let view = a.desk.view().borrow().clone();
    let pair = &view.duplicates[0];
    assert_eq!((pair.first.door.as_str(), pair.second.door.as_str()), ("door 1", "door 2"));
    a.desk.void(pair.second.visit).await.unwrap();
    assert!(a.desk.view().borrow().duplicates.is_empty());
}

#[tokio::test]
async fn a_copied_card_and_written_fields_are_shown() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    a.desk.set_field("hours", Some(b"9-17".into())).await.unwrap();
    assert_eq!(a.desk.fields()["hours"][0].text(), Some("9-17"));
    assert!(a.desk.set_field("", None).await.is_err());
    let copy = venue.copy(1).await;
    for door in [&a, &copy, &a, &copy] {
        come(door, 3).await.unwrap();
        venue.wait(200_000);
    }
    venue.exchange(&a, &copy).await;
    let clones = a.desk.view().borrow().clones.clone();
    assert_eq!((clones.len(), clones[0].door.as_str()), (1, "door 1"));
}
