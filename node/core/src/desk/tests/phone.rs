//! Visitors who type their number: what is recorded, what a pass shows, and what frees the place.

use sync::record::{Direction, Status, VisitKind};

use super::{venue::Venue, *};
use crate::{pass::Pass, phone::Phone};

fn phone() -> Phone {
    Phone::read("701 234 56 78", "7").unwrap()
}

async fn enter(door: &venue::Door) -> Pass {
    let pass = door.desk.new_pass().unwrap();
    let checked = door.desk.check_in_phone(&phone(), Direction::In, &pass).await;
    let CheckedIn::Decided(decision) = checked else { panic!("{checked:?}") };
    assert_eq!((decision.kind, decision.status), (VisitKind::Entry, Status::Grey));
    pass
}

#[tokio::test]
async fn a_number_is_recorded_grey_and_its_pass_pairs_the_exit_at_another_door() {
    let venue = Venue::new();
    let (a, b) = (venue.door(1, None).await, venue.door(2, None).await);
    venue.capacity(&[&a, &b], 1, 2, [1, 1]).await;
    let pass = enter(&a).await;
    let again = a.desk.new_pass().unwrap();
    let full = a.desk.check_in_phone(&phone(), Direction::In, &again).await;
    assert!(
        matches!(&full, CheckedIn::Decided(d) if d.kind == VisitKind::Refusal
            && d.reason == Some(Reason::NoRights)),
        "a number needs a place like anybody: {full:?}"
    );
    venue.wait(1000);
    assert!(b.desk.held(&pass).await.unwrap().is_empty(), "not heard yet");
    venue.exchange(&a, &b).await;
    let held = b.desk.held(&pass).await.unwrap();
    assert_eq!(held.len(), 1);
    assert!(held[0].sealed && !held[0].acknowledged && held[0].told.is_empty());
    assert_eq!((held[0].door.as_str(), held[0].kind), ("door 1", VisitKind::Entry));
    b.desk.check_out(&pass).await;
    venue.exchange(&a, &b).await;
    a.desk.refresh_view();
    assert_eq!(a.desk.view().borrow().inside, 0);
    let kinds: Vec<_> = a.desk.held(&pass).await.unwrap().iter().map(|held| held.kind).collect();
    assert_eq!(kinds, [VisitKind::Entry, VisitKind::Exit]);
    let other = a.desk.new_pass().unwrap();
    assert!(a.desk.held(&other).await.unwrap().is_empty(), "nobody else's pass shows it");
}

#[tokio::test]
async fn what_the_authority_has_is_said_of_each_visit_and_not_of_all_that_were_read_with_it() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let first = enter(&a).await;
    let visit = a.desk.recent()[0].visit;
    let seq = a.ledger.heads().borrow().head(a.desk.site().venue, &visit.chain).unwrap().seq;
    let second = enter(&a).await;
    let (at, by) = (venue::NOON, venue::authority());
    venue.receipt(&a, sync::record::Receipt { chain: visit.chain, seq, at, by, asked: None }).await;
    assert!(a.desk.held(&first).await.unwrap()[0].acknowledged);
    assert!(!a.desk.held(&second).await.unwrap()[0].acknowledged, "that came later");
}

#[tokio::test]
async fn a_visit_that_was_taken_back_says_so_and_a_pass_of_a_code_does_not_exist() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let pass = enter(&a).await;
    let visit = a.desk.recent()[0].visit;
    a.desk.void(visit).await.unwrap();
    assert!(a.desk.held(&pass).await.unwrap()[0].void);
    come(&a, 3).await.unwrap();
    assert_eq!(a.desk.held(&pass).await.unwrap().len(), 1);
    assert!(!a.desk.awaits(&pass));
}

#[tokio::test]
async fn who_goes_out_by_number_is_let_out() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let pass = a.desk.new_pass().unwrap();
    let checked = a.desk.check_in_phone(&phone(), Direction::Out, &pass).await;
    assert!(matches!(&checked, CheckedIn::Decided(d) if d.kind == VisitKind::Exit), "{checked:?}");
}
