//! One code at doors of which one has not heard of a new tag key: found by whoever has both, told to all, and to nobody else.

use super::{venue::NOON, *};

/// Door `door` hears of the new key.
fn hears(door: &Door) {
    let today = door.desk.site().zone.day(NOON);
    let ring = TagRing::from(TagKey::new(today, [5; 32]));
    door.desk.rekey(ring.renewed(TagKey::new(today, [6; 32])));
}

fn pairs(door: &Door) -> Vec<(String, String)> {
    door.desk.refresh_view();
    let view = door.desk.view().borrow().clone();
    view.duplicates.iter().map(|d| (d.first.door.clone(), d.second.door.clone())).collect()
}

/// They hear each other, and write what is due.
async fn meet(venue: &Venue, a: &Door, b: &Door) {
    venue.exchange(a, b).await;
    a.desk.do_duties().await;
    b.desk.do_duties().await;
    venue.exchange(a, b).await;
}

async fn apart() -> (Venue, Door, Door) {
    let mut venue = Venue::new();
    venue.direction = Direction::In;
    let (a, b) = (venue.door(1, None).await, venue.door(2, None).await);
    hears(&a);
    (venue, a, b)
}

#[tokio::test]
async fn whichever_comes_first_both_doors_name_the_pair() {
    for first_with_new_key in [true, false] {
        let (venue, a, b) = apart().await;
        let (one, other) = if first_with_new_key { (&a, &b) } else { (&b, &a) };
        come(one, 1).await.unwrap();
        venue.wait(60_000);
        come(other, 1).await.unwrap();
        come(other, 2).await.unwrap();
        meet(&venue, &a, &b).await;
        let name = |door: &Door| door.desk.site().entrance_name.clone();
        let pair = vec![(name(one), name(other))];
        assert_eq!((pairs(&a), pairs(&b)), (pair.clone(), pair), "{first_with_new_key}");
        meet(&venue, &a, &b).await;
        assert_eq!(pairs(&b).len(), 1, "told once");
    }
}

#[tokio::test]
async fn who_left_between_or_was_taken_back_is_no_pair() {
    let mut venue = Venue::new();
    venue.direction = Direction::Both;
    let (a, b) = (venue.door(1, None).await, venue.door(2, None).await);
    hears(&a);
    assert_eq!(come(&a, 1).await, Ok(VisitKind::Entry));
    venue.wait(60_000);
    assert_eq!(come(&a, 1).await, Ok(VisitKind::Exit));
    venue.wait(60_000);
    assert_eq!(come(&b, 1).await, Ok(VisitKind::Entry));
    assert_eq!(come(&b, 2).await, Ok(VisitKind::Entry));
    venue.wait(60_000);
    assert_eq!(come(&a, 2).await, Ok(VisitKind::Entry));
    meet(&venue, &a, &b).await;
    assert_eq!(pairs(&b), [("door 2".into(), "door 1".into())], "the second alone");
    let of = b.desk.view().borrow().duplicates[0].first.visit;
    b.desk.void(of).await.unwrap();
    meet(&venue, &a, &b).await;
    assert!(pairs(&a).is_empty() && pairs(&b).is_empty());
}

#[tokio::test]
async fn nothing_that_is_written_names_the_old_tag_of_somebody_who_came_once() {
    let (venue, a, b) = apart().await;
    come(&a, 1).await.unwrap();
    come(&b, 2).await.unwrap();
    meet(&venue, &a, &b).await;
    let subject = sync::id::Subject::new([1; 16]);
    let old = TagKey::new(a.desk.site().zone.day(NOON), [5; 32]).tag(&subject);
    let heads = a.ledger.heads().borrow().clone();
    let mut records = 0;
    for (chain, _) in heads.chains() {
        let (some, _) = a.ledger.records(*chain, sync::id::Seq::default(), 500).await.unwrap();
        for stored in &some {
            let bytes = stored.record.to_bytes();
            assert!(!bytes.windows(16).any(|w| w == old.as_bytes()), "{:?}", stored.id);
            assert!(!matches!(stored.record, Record::Twin(_)));
            records += 1;
        }
    }
    assert!(records >= 2);
}

#[tokio::test]
async fn a_door_is_believed_of_its_own_entries_alone() {
    let (venue, a, b) = apart().await;
    come(&a, 1).await.unwrap();
    come(&a, 2).await.unwrap();
    venue.exchange(&a, &b).await;
    let visits: Vec<RecordId> = a.desk.recent().iter().map(|d| d.visit).collect();
    let lie = sync::record::Twin { at: NOON, own: visits[0], other: visits[1] };
    b.desk.write(b.desk.0.config.day(b.desk.moment()), Record::Twin(lie)).await.unwrap();
    meet(&venue, &a, &b).await;
    assert!(pairs(&a).is_empty() && pairs(&b).is_empty());
}
