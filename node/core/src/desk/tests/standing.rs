//! What the authority's word on a venue does at its doors: shut out, in test mode, told something.

use super::*;
use crate::{
    announcements::{Announcement, Announcements},
    standing::{StandingList, Stands, VenueStanding},
};

const HOUR_MILLIS: i64 = 3_600_000;

/// The venue stands so for an hour, under a policy with these fields.
async fn under(door: &Door, version: u64, stands: Stands, fields: &str) {
    let policy = format!(r#"{{"version": {version}{fields}}}"#);
    door.bulletin(BulletinKind::Policy, version, policy.as_bytes()).await;
    let standing = VenueStanding { stands, until: NOON.plus_millis(HOUR_MILLIS) };
    let body = StandingList::body(version, [(door.desk.site().venue, standing)]);
    door.bulletin(BulletinKind::Standing, version, &body).await;
    door.read_anew().await;
}

#[tokio::test]
async fn who_is_shut_out_lets_nobody_in_until_its_time_and_everybody_out() {
    let venue = Venue::new();
    let door = venue.door(1, None).await;
    assert_eq!(come(&door, 1).await, Ok(VisitKind::Entry));
    under(&door, 2, Stands::Excluded, "").await;
    assert_eq!(come(&door, 2).await, Err(Some(Reason::VenueExcluded)));
    let shown = door.desk.view().borrow().standing.unwrap();
    assert_eq!(shown.stands, Stands::Excluded);
    venue.wait(1000);
    assert_eq!(come(&door, 1).await, Ok(VisitKind::Exit), "nobody is kept inside");
    venue.wait(HOUR_MILLIS);
    assert_eq!(come(&door, 2).await, Ok(VisitKind::Entry), "its time is over");
    door.desk.refresh_view();
    assert_eq!(door.desk.view().borrow().standing, None);
}

#[tokio::test]
async fn what_shutting_out_means_is_the_policys_matter_and_test_mode_only_warns() {
    let venue = Venue::new();
    let door = venue.door(1, None).await;
    under(&door, 2, Stands::Excluded, r#", "excluded_venues": "advise""#).await;
    assert_eq!(come(&door, 1).await, Ok(VisitKind::Entry));
    under(&door, 3, Stands::Test, "").await;
    assert_eq!(come(&door, 2).await, Ok(VisitKind::Entry));
    // A leader works by the zone that is one better; without its privileges it is closed.
    let number = door.desk.site().venue.get();
    let measures = format!(
        r#", "excluded_venues": "no-privileges", "measures": {{"areas": {{"almaty": "red"}}, "leaders": [{number}],
        "rules": [{{"zone": "red", "closed": true}}]}}"#
    );
    under(&door, 4, Stands::Test, &measures).await;
    assert_eq!(come(&door, 3).await, Ok(VisitKind::Entry));
    under(&door, 5, Stands::Excluded, &measures).await;
    assert_eq!(come(&door, 4).await, Err(Some(Reason::VenueClosed)));
}

#[tokio::test]
async fn a_door_shows_what_is_announced_to_its_venue() {
    let venue = Venue::new();
    let door = venue.door(1, None).await;
    let said = |id: &str, area: &str| Announcement {
        id: id.into(),
        until: NOON.plus_millis(HOUR_MILLIS).to_string(),
        areas: [area.to_owned()].into(),
        activities: [].into(),
        venues: [].into(),
        texts: [("en".to_owned(), "Close at ten".to_owned())].into(),
    };
    let body = Announcements::body(1, &[said("1", "almaty"), said("2", "astana")]);
    door.bulletin(BulletinKind::Announcements, 1, &body).await;
    door.read_anew().await;
    let shown = || -> Vec<String> {
        door.desk.refresh_view();
        let view = door.desk.view().borrow().clone();
        view.announcements.into_iter().map(|(_, said)| said.id).collect()
    };
    assert_eq!(shown(), ["1"]);
    venue.wait(HOUR_MILLIS + 1);
    assert!(shown().is_empty());
}
