//! Two doors on real ledgers in one process: what the desk does with rights, counts, late news and restarts.

mod guard;
mod house;
mod manager;
mod measures;
mod person;
mod phone;
mod standing;
mod time;
mod twins;
mod venue;

use sync::{
    bulletin::BulletinKind,
    id::{Mark, ZoneId},
    record::{Alert, AlertCause, Clicks, Direction, Gap, Status, VisitKind},
    status::Link,
    time::{DAY_MILLIS, UnixMillis},
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
    venue.wait(DAY_MILLIS);
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
async fn the_managers_document_and_every_doors_are_edited_at_once_and_read_as_one() {
    let venue = Venue::new();
    let (a, b) = (venue.door(1, None).await, venue.door(2, None).await);
    let text = |text: &str| Some(text.as_bytes().to_vec());
    // Apart: the manager at A, people at both doors.
    a.desk.set_field("hours", text("9-17")).await.unwrap();
    a.desk.set_field("note/1", text("lift is broken")).await.unwrap();
    b.desk.set_field("note/2", text("wet floor")).await.unwrap();
    b.desk.set_field("note/1", text("use the stairs")).await.unwrap();
    venue.exchange(&a, &b).await;
    let fields = a.desk.fields();
    assert_eq!(fields, b.desk.fields());
    let of = |field: &str| {
        let values = fields[field].iter().map(|v| (v.by, v.text().unwrap_or("").to_owned()));
        values.collect::<std::collections::BTreeSet<_>>()
    };
    let [at_a, at_b, manager] = [1, 2, 101].map(|n| venue::key(n).public());
    assert_eq!(of("hours"), [(manager, "9-17".into())].into());
    let both = [(at_a, "lift is broken".into()), (at_b, "use the stairs".into())];
    assert_eq!(of("note/1"), both.into(), "neither is lost");
    assert_eq!(of("note/2"), [(at_b, "wet floor".into())].into());
    // Together: the next word stands alone.
    b.desk.set_field("note/1", text("lift works")).await.unwrap();
    venue.exchange(&a, &b).await;
    assert_eq!(a.desk.fields()["note/1"].len(), 1);
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

/// A visit that some door may have written.
fn entry(at: UnixMillis, tag: u8) -> Record {
    Record::Visit(Visit {
        at,
        clock: ClockTrust::Trusted,
        entrance: sync::id::EntranceId::new(2),
        kind: VisitKind::Entry,
        status: Status::Green,
        reason: None,
        decider: Decider::Verdict,
        tag: Tag::new([tag; 16]),
        sealed: None,
        zone: ZoneId::default(),
        place: PlaceTaken::One,
        marks: vec![Mark::new([tag; 8])],
        temperature: None,
    })
}

#[tokio::test]
async fn a_clock_that_jumps_and_comes_back_leaves_the_desk_as_it_was() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    venue.capacity(&[&a], 1, 3, [3, 0]).await;
    come(&a, 1).await.unwrap();
    venue.wait(2 * DAY_MILLIS);
    for _ in 0..2 {
        let now = a.desk.moment();
        a.desk.state().look(now);
    }
    assert_eq!(rights(&a), Some(3), "another day");
    venue.wait(-2 * DAY_MILLIS);
    assert_eq!(rights(&a), Some(2));
    venue.wait(1);
    assert_eq!(come(&a, 1).await, Ok(VisitKind::Exit), "the day's key is there");
    assert_eq!(rights(&a), Some(3));
}

#[tokio::test]
async fn a_start_under_a_clock_that_is_days_ahead_finds_the_day_when_the_clock_is_put_right() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    venue.capacity(&[&a], 1, 2, [2, 0]).await;
    come(&a, 1).await.unwrap();
    venue.wait(2 * DAY_MILLIS + 1);
    let lease = Some(a.epoch());
    let a = venue.restart(a, lease).await;
    assert_eq!(rights(&a), Some(2), "another day");
    venue.wait(-2 * DAY_MILLIS);
    assert_eq!(rights(&a), Some(0), "nobody knows what was used");
    assert_eq!(come(&a, 2).await, Ok(VisitKind::Entry), "read before it is weighed");
    assert_eq!(rights(&a), Some(0));
    assert_eq!(come(&a, 3).await, Err(Some(Reason::Full)));
    venue.wait(1);
    assert_eq!(come(&a, 1).await, Ok(VisitKind::Exit));
}

#[tokio::test]
async fn history_of_past_days_takes_no_memory_but_for_alerts_and_gaps() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let today = a.desk.state().today();
    let held = |days: i32, number: u8, record: Record| {
        let id = a.name(today.plus(-days));
        let author = sync::id::PublicKey::new([number; 32]);
        StoredRecord {
            id: RecordId { chain: sync::id::ChainId { author, ..id.chain }, ..id },
            record,
        }
    };
    let mut state = a.desk.state();
    for days in 2..17 {
        for tag in 0..100 {
            let at = NOON.plus_millis(-i64::from(days) * DAY_MILLIS);
            state.take(&held(days, 9, entry(at, tag)));
        }
    }
    assert!(state.occupancy.doors().is_empty());
    state.take(&held(1, 9, entry(NOON.plus_millis(-DAY_MILLIS), 1)));
    assert_eq!(state.occupancy.doors().len(), 1);
    let past = held(5, 9, entry(NOON, 1)).id;
    let alert = Alert { at: NOON, of: past, cause: AlertCause::Status };
    let gap = Gap {
        at: NOON,
        chain: past.chain,
        from: sync::id::Seq::new(1),
        to: sync::id::Seq::new(2),
        records: 2,
    };
    for _ in 0..500 {
        state.take(&held(5, 9, Record::Alert(alert.clone())));
        state.take(&held(5, 9, Record::Gap(gap.clone())));
    }
    state.take(&held(5, 8, Record::Alert(alert)));
    assert_eq!((state.alerts.iter().count(), state.gaps.iter().count()), (201, 200));
}

#[tokio::test]
async fn zones_that_nobody_named_are_not_shown() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    for zone in 1..=20_000 {
        let clicks = Clicks {
            at: NOON,
            clock: ClockTrust::Trusted,
            entrance: sync::id::EntranceId::new(2),
            zone: ZoneId::new(zone),
            people: 1,
        };
        let id = a.name(a.desk.state().today());
        a.desk.state().take(&StoredRecord { id, record: Record::Clicks(clicks) });
    }
    a.desk.refresh_view();
    let zones: Vec<_> = a.desk.view().borrow().occupancy.iter().map(|z| z.zone).collect();
    assert_eq!(zones, [ZoneId::default()]);
}

#[tokio::test]
async fn a_door_that_lost_its_store_has_no_share_before_the_next_day() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    venue.capacity(&[&a], 1, 3, [3, 0]).await;
    come(&a, 1).await.unwrap();
    let a = venue.without_store(a).await;
    venue.capacity(&[&a], 1, 3, [3, 0]).await;
    assert_eq!(rights(&a), Some(0), "its lease says that there was a start before");
    assert_eq!(come(&a, 2).await, Err(Some(Reason::NoRights)));
    venue.wait(DAY_MILLIS);
    a.desk.do_duties().await;
    assert_eq!(rights(&a), Some(3));
}

#[tokio::test]
async fn what_is_recorded_while_the_ledger_is_read_anew_counts_on() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    venue.capacity(&[&a], 1, 3, [3, 0]).await;
    let first = a.desk.state().begin_reading();
    let found = a.found(first).await;
    come(&a, 1).await.unwrap();
    let click = a.desk.click(1).await.unwrap();
    a.desk.state().put(found);
    assert_eq!((rights(&a), a.desk.view().borrow().inside), (Some(1), 2));
    a.desk.void(click).await.unwrap();
    a.read_anew().await;
    assert_eq!((rights(&a), a.desk.view().borrow().inside), (Some(2), 1));
}

#[tokio::test]
async fn the_number_is_exact_only_after_a_comparison_and_a_siblings_word_will_do() {
    let venue = Venue::new();
    let (a, b) = (venue.door(1, None).await, venue.door(2, None).await);
    venue.capacity(&[&a, &b], 1, 10, [6, 4]).await;
    venue.exchange(&a, &b).await;
    let down = || Link::Down { reason: "away".into() };
    let cases = [
        (Link::Up, None, false),
        (Link::Up, Some(60_000), false),
        (Link::Up, Some(20_000), true),
        (down(), Some(20_000), true),
    ];
    for (link, heard, exact) in cases {
        let told = format!("{link:?} {heard:?}");
        let peers = venue.link(&a, &b, link, heard);
        a.desk.do_duties().await;
        a.desk.refresh_view();
        let view = a.desk.view().borrow().clone();
        let zone = &view.occupancy[0];
        let is_exact = (zone.unseen.is_empty(), Some(zone.lo) == zone.hi);
        assert_eq!(
            (is_exact, view.duplicates_possible_since.is_none()),
            ((exact, exact), exact),
            "{told}"
        );
        // What it wrote since the last comparison may be missing, though some of it is here.
        let since = if exact { None } else { Some(NOON.plus_millis(-heard.unwrap_or(0))) };
        assert_eq!(view.duplicates_possible_since, since, "{told}");
        drop(peers);
    }
}

#[tokio::test]
async fn where_leaving_is_scanned_two_entries_are_a_pair_however_far_apart() {
    let mut venue = Venue::new();
    venue.direction = Direction::In;
    let (a, b) = (venue.door(1, None).await, venue.door(2, None).await);
    come(&a, 1).await.unwrap();
    venue.wait(3 * 3_600_000);
    come(&b, 1).await.unwrap();
    venue.exchange(&a, &b).await;
    assert_eq!(a.desk.view().borrow().duplicates.len(), 0, "who came three hours ago has left");
    a.bulletin(BulletinKind::Policy, 2, br#"{"version":2,"exit_scan":"required"}"#).await;
    a.read_anew().await;
    assert_eq!(a.desk.view().borrow().duplicates.len(), 1);
}

const TO_MIDNIGHT: i64 = 9 * 3_600_000 + 41 * 60_000;

#[tokio::test]
async fn one_code_before_and_after_midnight_or_a_new_key_is_one_person() {
    let mut venue = Venue::new();
    venue.direction = Direction::In;
    let (a, b) = (venue.door(1, None).await, venue.door(2, None).await);
    venue.wait(TO_MIDNIGHT); // 23:54
    come(&a, 1).await.unwrap();
    venue.exchange(&a, &b).await;
    venue.wait(600_000);
    come(&b, 1).await.unwrap();
    assert_eq!(b.desk.view().borrow().duplicates.len(), 1, "at once");
    let fresh = TagKey::new(b.desk.state().today(), [6; 32]);
    for door in [&a, &b] {
        let ring = TagRing::from(TagKey::new(fresh.day().plus(-1), [5; 32]));
        door.desk.rekey(ring.renewed(fresh.clone()));
    }
    come(&b, 1).await.unwrap();
    venue.exchange(&a, &b).await;
    assert_eq!(a.desk.view().borrow().duplicates.len(), 2);
}

#[tokio::test]
async fn one_code_on_both_sides_of_midnight_at_doors_that_do_not_hear_each_other_is_found() {
    let mut venue = Venue::new();
    venue.closing_minute = 240;
    let (a, b) = (venue.door(1, None).await, venue.door(2, None).await);
    venue.capacity(&[&a, &b], 1, 10, [6, 4]).await;
    venue.wait(TO_MIDNIGHT);
    come(&a, 1).await.unwrap();
    venue.wait(600_000);
    assert_eq!(come(&b, 1).await, Ok(VisitKind::Entry));
    venue.exchange(&a, &b).await;
    assert_eq!(b.desk.view().borrow().duplicates.len(), 1);
    venue.wait(600_000);
    assert_eq!(come(&b, 1).await, Ok(VisitKind::Exit));
    assert_eq!(b.desk.view().borrow().inside, 0, "the exit ends both");
}

#[tokio::test]
async fn revoked_ids_are_hashed_once_for_a_list_and_its_keys() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let list =
        format!(r#"{{"version":2,"issued_at":"{NOON}","revoked":[{{"cti":"0707070707070707"}}]}}"#);
    a.bulletin(BulletinKind::Revocations, 2, list.as_bytes()).await;
    a.read_anew().await;
    let is_new = || {
        let state = a.desk.state();
        !state.marks.watch().is_of(&state.rules.revocations, &state.keys())
    };
    assert!(is_new());
    a.desk.do_duties().await;
    assert!(!is_new());
    // A visit that comes later, from a door that had no list yet, is found by what was computed.
    let key = a.desk.state().key();
    let mark = key.mark(b"cti\0\x07\x07\x07\x07\x07\x07\x07\x07");
    let Record::Visit(visit) = entry(NOON, 7) else { unreachable!() };
    for day in [key.day(), Day::UNKNOWN] {
        let record = Record::Visit(Visit { marks: vec![mark], ..visit.clone() });
        a.desk.state().take(&StoredRecord { id: a.name(day), record });
    }
    assert!(!is_new());
    a.desk.do_duties().await;
    assert_eq!(a.desk.view().borrow().alerts.len(), 2);
    a.read_anew().await;
    assert!(!is_new(), "reading the records anew changes neither list nor key");
    venue.wait(DAY_MILLIS);
    let now = a.desk.moment();
    a.desk.state().turn_to(now);
    assert!(is_new(), "a day's key is new");
}

#[tokio::test]
async fn a_removed_door_writes_nothing_more() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let click = a.desk.click(1).await.unwrap();
    venue.remove(&[&a], 1).await;
    for refused in [
        a.desk.click(1).await,
        a.desk.void(click).await,
        a.desk.reset(ZoneId::default(), 0).await,
        a.desk.set_field("hours", None).await,
    ] {
        assert!(matches!(refused, Err(acts::ActError::Removed)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_door_stands_at_its_entrance_from_its_joining_and_not_from_the_date_of_its_papers() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let state = a.desk.state();
    let since: Vec<i64> =
        state.occupancy.shares().seats().map(|(_, seat)| seat.since.get() - NOON.get()).collect();
    // Papers are dated ten minutes back, and the manager's clock may be ten minutes ahead of the door's that signs them.
    assert_eq!(since, [2 * crate::clock::SKEW_MILLIS - 1]);
}
