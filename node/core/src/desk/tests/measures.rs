//! What the region's measures do at a door: closed kinds of venue, hours, fewer places, other statuses.

use super::*;

async fn with(venue: &Venue, rules: &str) -> Door {
    let door = venue.door(1, None).await;
    under(&door, 2, rules).await;
    door
}

async fn under(door: &Door, version: u64, rules: &str) {
    let policy = format!(
        r#"{{"version": {version}, "measures": {{"areas": {{"almaty": "red"}}, "rules": [{rules}]}}}}"#
    );
    door.bulletin(BulletinKind::Policy, version, policy.as_bytes()).await;
    door.read_anew().await;
}

#[tokio::test]
async fn a_closed_kind_of_venue_lets_nobody_in_and_everybody_out() {
    let venue = Venue::new();
    let door = venue.door(1, None).await;
    assert_eq!(come(&door, 1).await, Ok(VisitKind::Entry));
    under(&door, 2, r#"{"zone": "red", "activities": ["56."], "closed": true}"#).await;
    assert_eq!(come(&door, 2).await, Err(Some(Reason::VenueClosed)));
    venue.wait(1000);
    assert_eq!(come(&door, 1).await, Ok(VisitKind::Exit), "nobody is kept inside");
    under(&door, 3, r#"{"zone": "red", "activities": ["93."], "closed": true}"#).await;
    venue.wait(60_000);
    assert_eq!(come(&door, 2).await, Ok(VisitKind::Entry), "another kind is closed");
}

#[tokio::test]
async fn outside_its_hours_it_is_closed() {
    let venue = Venue::new(); // it is 14:13 there
    let hours = r#"{"zone": "red", "hours": {"from": "07:00", "until": "14:30"}}"#;
    let door = with(&venue, hours).await;
    assert_eq!(come(&door, 1).await, Ok(VisitKind::Entry));
    venue.wait(30 * 60_000);
    assert_eq!(come(&door, 2).await, Err(Some(Reason::ClosedNow)));
}

#[tokio::test]
async fn a_part_of_the_places_stays_empty() {
    let venue = Venue::new();
    let door = with(&venue, r#"{"zone": "red", "places_percent": 50}"#).await;
    let other = venue.door(2, None).await;
    venue.capacity(&[&door, &other], 1, 4, [4, 0]).await;
    assert_eq!(come(&door, 1).await, Ok(VisitKind::Entry));
    assert_eq!(come(&door, 2).await, Ok(VisitKind::Entry));
    assert_eq!(come(&door, 3).await, Err(Some(Reason::Full)), "two of four");
    under(&door, 3, r#"{"zone": "yellow", "places_percent": 50}"#).await;
    venue.wait(60_000);
    assert_eq!(come(&door, 3).await, Ok(VisitKind::Entry), "it is not yellow here");
}

#[tokio::test]
async fn in_a_red_zone_other_statuses_may_enter() {
    let venue = Venue::new();
    let none = r#"{"green": "refuse", "blue": "refuse"}"#;
    let door = with(&venue, &format!(r#"{{"zone": "red", "admit": {none}}}"#)).await;
    let refused = come(&door, 1).await.unwrap_err().unwrap();
    assert!([Reason::StatusGreen, Reason::StatusBlue].contains(&refused), "{refused}");
    under(&door, 3, "").await;
    venue.wait(60_000);
    assert_eq!(come(&door, 1).await, Ok(VisitKind::Entry));
}
