//! What the manager's pages stand on: specimens, day passes, lines of paper sheets, counts.

use sync::sealed::NumberKind;

use super::*;
use crate::{
    code::{
        ids::TypedNumber,
        sheet::{Line, sheet},
    },
    desk::{LineError, PassError},
    flow::Counts,
    policy::Policy,
    training::deck,
};

fn lines(desk: &Desk) -> Vec<Line> {
    sheet(desk.site().venue, [1, 2, 3, 4, 5])
}

fn today(desk: &Desk) -> Counts {
    let day = desk.site().zone.day(desk.moment().wall);
    desk.with_flow(|flow, _| flow.total(day))
}

#[tokio::test]
async fn no_card_of_the_deck_lets_anybody_in_or_out_or_leaves_a_trace_at_any_door() {
    for direction in [Direction::In, Direction::Out, Direction::Both] {
        let mut venue = Venue::new();
        venue.direction = direction;
        let a = venue.door(1, None).await;
        a.bulletin(BulletinKind::Policy, 2, br#"{"version":2,"admit":{"grey":"admit"}}"#).await;
        a.read_anew().await;
        let before = a.desk.held_by_day();
        assert_eq!(a.desk.standing().specimen, None);
        for card in deck(&Policy::default(), NOON) {
            let came = a.desk.check_in(&card.text).await;
            let CheckedIn::Unrecorded(reason) = came else { panic!("{:?}: {came:?}", card.lesson) };
            assert!(matches!(reason, Reason::Specimen | Reason::NotACredential), "{reason}");
            assert!(matches!(a.desk.assess(&card.text).await, Assessed::NoCredential(_)));
            assert_eq!(a.desk.self_check(&card.text).status, Status::Grey);
            assert_ne!(a.desk.self_check(&card.text).outcome, Outcome::Admit);
        }
        assert_eq!(a.desk.held_by_day(), before);
        assert!(a.desk.recent().is_empty());
        assert_eq!(a.desk.standing().specimen, Some(NOON), "the door's test is passed");
    }
}

#[tokio::test]
async fn a_day_pass_lets_out_and_in_again_today_at_every_door_of_the_venue_and_tomorrow_nowhere() {
    let venue = Venue::new();
    let (a, b) = (venue.door(1, None).await, venue.door(2, None).await);
    let CheckedIn::Decided(entry) = a.desk.check_in(&token_of(1)).await else { panic!() };
    let (pass, decision) = a.desk.day_pass(&entry.visit).unwrap();
    assert_eq!(decision, entry);
    assert_eq!(b.desk.day_pass(&entry.visit).unwrap_err(), PassError::Nobody, "not its visit");
    venue.exchange(&a, &b).await;
    let crossed = async |door: &Door, venue: &Venue| {
        venue.wait(1000);
        match door.desk.check_in(&pass).await {
            CheckedIn::Decided(d) => (d.kind, d.reason),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(crossed(&b, &venue).await, (VisitKind::Exit, None), "it pairs with the entry");
    assert_eq!(b.desk.view().borrow().inside, 0);
    venue.exchange(&a, &b).await;
    assert_eq!(crossed(&a, &venue).await, (VisitKind::Entry, None));
    venue.wait(1000);
    assert_eq!(come(&a, 1).await, Ok(VisitKind::Exit), "who came by the pass leaves by the code");
    venue.wait(DAY_MILLIS);
    a.desk.keep_up().await;
    assert_eq!(crossed(&a, &venue).await, (VisitKind::Refusal, Some(Reason::Expired)));
    venue.wait(DAY_MILLIS);
    a.desk.keep_up().await;
    let gone = a.desk.check_in(&pass).await;
    assert!(!matches!(gone, CheckedIn::Decided(d) if d.kind != VisitKind::Refusal));
    assert!(matches!(a.desk.check_in("VD1:AAAA").await, CheckedIn::Unrecorded(Reason::Expired)));
}

#[tokio::test]
async fn a_line_of_a_sheet_is_written_down_once_for_each_way_and_paired() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let lines = lines(&a.desk);
    let take = |line: usize, kind, ago: i64, typed| {
        a.desk.take_line(&lines[line], kind, NOON.plus_millis(-ago), typed)
    };
    let (enter, exit) = (VisitKind::Entry, VisitKind::Exit);
    assert!(matches!(take(0, enter, 0, None).await, Err(LineError::NotReady)));
    a.desk.count_anew().await;
    let typed = TypedNumber::read(NumberKind::Passport, "N 1234567").ok();
    let entered = take(0, enter, 3_600_000, typed).await.unwrap();
    assert_eq!((a.desk.view().borrow().inside, today(&a.desk).entries), (1, 1));
    assert!(matches!(take(0, enter, 60_000, None).await, Err(LineError::Again)));
    take(0, exit, 600_000, None).await.unwrap();
    assert!(matches!(take(0, exit, 0, None).await, Err(LineError::Again)));
    assert_eq!((a.desk.view().borrow().inside, today(&a.desk).exits), (0, 1));
    assert!(matches!(take(1, enter, -3_600_000, None).await, Err(LineError::Ahead)));
    assert!(matches!(take(1, enter, 15 * DAY_MILLIS, None).await, Err(LineError::Old)));
    // It is durable, sealed, and known again after a restart.
    let heads = a.ledger.heads().borrow().clone();
    for (chain, _) in heads.chains() {
        let (records, _) = a.ledger.records(*chain, sync::id::Seq::default(), 100).await.unwrap();
        assert!(!format!("{records:?}").contains("1234567"));
    }
    let a = venue.restart(a, None).await;
    a.desk.count_anew().await;
    let again = a.desk.take_line(&lines[0], enter, NOON, None).await;
    assert!(matches!(again, Err(LineError::Again)));
    // Taken back, it may be typed in anew.
    a.desk.void(entered).await.unwrap();
    a.desk.count_anew().await;
    a.desk.take_line(&lines[0], enter, NOON, None).await.unwrap();
}

#[tokio::test]
async fn paper_counts_even_where_no_place_is_left_and_takes_none() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    venue.capacity(&[&a], 1, 1, [1, 0]).await;
    a.desk.count_anew().await;
    assert_eq!(come(&a, 1).await, Ok(VisitKind::Entry));
    a.desk.take_line(&lines(&a.desk)[0], VisitKind::Entry, NOON, None).await.unwrap();
    assert_eq!(a.desk.view().borrow().inside, 1, "never more than was ordered");
    a.desk.count_anew().await;
    assert_eq!(today(&a.desk).entries, 2, "and both were here");
}

#[tokio::test]
async fn the_last_days_are_counted_from_what_is_held_and_go_when_they_are_over() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    come(&a, 1).await.unwrap();
    a.desk.count_anew().await;
    assert_eq!(today(&a.desk).entries, 1);
    assert_eq!(a.desk.entered(ZoneId::default()), [NOON]);
    let first = a.desk.site().zone.day(NOON);
    venue.wait(13 * DAY_MILLIS);
    a.desk.turn_flow().await;
    assert_eq!(a.desk.with_flow(|flow, _| flow.total(first).entries), 1);
    venue.wait(DAY_MILLIS);
    a.desk.turn_flow().await;
    assert_eq!(a.desk.with_flow(|flow, _| flow.total(first).entries), 0);
    venue.wait(-DAY_MILLIS);
    a.desk.turn_flow().await;
    assert_eq!(a.desk.with_flow(|flow, _| flow.total(first).entries), 1, "a clock may come back");
}
