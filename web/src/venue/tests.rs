//! What the page says while doors do not hear each other, and when they do.

use node_core::site::{UnseenView, UnsentView, ZoneView};
use sync::{
    id::{EntranceId, RegionId, VenueId},
    record::Direction,
};

use super::*;

fn site() -> Site {
    Site {
        region: RegionId::new(1),
        venue: VenueId::new(17),
        venue_name: "Market".into(),
        zone: Zone::utc(),
        capacity: Some(120),
        entrance: EntranceId::new(1),
        entrance_name: "A".into(),
        direction: Direction::Both,
        part: ZoneId::default(),
        kind: node_core::site::VenueKind::default(),
        activity: None,
        area: None,
        expires: UnixMillis::new(0),
    }
}

fn cut_off() -> SiteView {
    let since = UnixMillis::parse("2026-11-22T14:02:00Z").unwrap();
    let whole = ZoneView {
        zone: ZoneId::default(),
        most: Some(100),
        lo: 42,
        hi: Some(57),
        unseen: vec![UnseenView { door: "B".into(), since: Some(since) }],
        rights_here: Some(15),
        advisory: false,
    };
    let part = ZoneView { zone: ZoneId::new(2), most: None, hi: None, ..whole.clone() };
    SiteView {
        occupancy: vec![whole, part],
        duplicates_possible_since: Some(since),
        unsent: Some(UnsentView { since: Zone::utc().day(since).plus(-10), days_left: 4 }),
        forked: vec!["C".into()],
        ..SiteView::default()
    }
}

fn shown(view: SiteView) -> String {
    let (site, zone) = (site(), Zone::utc());
    let now = UnixMillis::parse("2026-11-22T15:00:00Z").unwrap();
    let peers = PeersStatus::default();
    let facts = Facts { t: Lang::En, site: &site, zone: &zone, now, view, peers, scanner: None };
    Alarms(&facts).render().unwrap() + &Counts(&facts).render().unwrap()
}

#[test]
fn a_door_that_is_not_heard_makes_an_interval_with_its_reason() {
    let html = shown(cut_off());
    for words in [
        "42–57 <small>of 100",
        "Not heard: B, since 14:02",
        "This door may still let in: 15",
        r#"width="42.0%""#,
        r#"x="42.0%" width="15.0%" height="10" fill="url(#hatch-1)""#,
        "42 or more",
        "part 2",
        "Duplicates possible since 14:02. Doors that are not heard: B",
        "Visits since 12 Nov 2026",
        "4 days",
        "vestibule bundle export",
        "1 anomaly to look at",
    ] {
        assert!(html.contains(words), "{words} is not in {html}");
    }
    assert!(!html.contains("advisory"), "{html}");
}

#[test]
fn when_all_is_heard_nothing_alarms() {
    let mut view = cut_off();
    view.occupancy.truncate(1);
    (view.occupancy[0].hi, view.occupancy[0].advisory) = (Some(42), true);
    view.occupancy[0].unseen.clear();
    (view.duplicates_possible_since, view.unsent) = (None, None);
    view.forked.clear();
    let html = shown(view);
    assert!(html.contains("42 <small>of 100") && html.contains("advisory"), "{html}");
    assert!(!html.contains("alarm") && !html.contains("Not heard"), "{html}");
    assert!(!html.contains("url(#hatch"), "{html}");
}

#[test]
fn what_the_authority_says_of_the_venue_and_to_it_stands_first() {
    let until = UnixMillis::parse("2026-12-01T10:00:00Z").unwrap();
    let said = Announcement {
        id: "1".into(),
        until: until.to_string(),
        areas: [].into(),
        activities: [].into(),
        venues: [].into(),
        texts: [("en".to_owned(), "Close at ten <b>\nfrom Monday".to_owned())].into(),
    };
    let standing = |stands| Some(node_core::standing::VenueStanding { stands, until });
    let view = SiteView {
        standing: standing(Stands::Excluded),
        announcements: vec![(until, said)],
        ..SiteView::default()
    };
    let html = shown(view.clone());
    assert!(html.contains("has shut this venue out until 1 Dec 2026 10:00"), "{html}");
    assert!(html.contains("<p>Close at ten &#60;b&#62;</p><p>from Monday</p>"), "{html}");
    assert!(html.contains("lang=\"en\""));
    let test = shown(SiteView { standing: standing(Stands::Test), ..view });
    assert!(test.contains("test mode until 1 Dec 2026"), "{test}");
}
