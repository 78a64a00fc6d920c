//! Zones, activities, hours and leaders, as the health authorities of Kazakhstan worded them.

use super::*;
use crate::policy::Policy;

const POLICY: &str = r#"{"measures": {
    "areas": {"almaty": "red", "akmola": "yellow"},
    "leaders": [7],
    "rules": [
        {"zone": "red", "activities": ["56.", "93.11"], "closed": true},
        {"zone": "red", "places_percent": 30, "admit": {"blue": "refuse"}},
        {"zone": "yellow", "activities": ["56."], "hours": {"from": "07:00", "until": "22:00"},
         "weekends_closed": true, "places_percent": 50},
        {"zone": "green", "activities": ["56."], "hours": {"from": "10:00", "until": "02:00"}, "places_percent": 80}
    ]}}"#;

fn measures() -> Measures {
    Policy::parse(POLICY.as_bytes()).unwrap().measures
}

fn at<'m>(measures: &'m Measures, venue: u64, activity: &str, area: &str) -> InForce<'m> {
    let venue = VenueId::new(venue);
    measures.at(Working { venue, activity: Some(activity), area: Some(area) })
}

fn shut(force: &InForce<'_>, time: &str) -> Option<Reason> {
    force.shut(UnixMillis::parse(time).unwrap(), &Zone::named("Asia/Almaty").unwrap())
}

const FRIDAY_NOON: &str = "2026-11-20T07:00:00Z"; // 12:00 in Almaty

#[test]
fn a_kind_of_venue_is_closed_in_a_zone_and_open_in_another() {
    let measures = measures();
    let cafe = at(&measures, 1, "56.10.1", "almaty");
    assert_eq!(shut(&cafe, FRIDAY_NOON), Some(Reason::VenueClosed));
    let shop = at(&measures, 1, "47.11", "almaty");
    assert_eq!(shut(&shop, FRIDAY_NOON), None);
    assert_eq!(shut(&at(&measures, 1, "56.10.1", "elsewhere"), FRIDAY_NOON), None);
    assert_eq!(shut(&at(&measures, 1, "5", "almaty"), FRIDAY_NOON), None, "the whole beginning");
    // The register takes codes with and without dots.
    let bare = at(&measures, 1, "56101", "almaty");
    assert_eq!(shut(&bare, FRIDAY_NOON), Some(Reason::VenueClosed));
    let dotted = at(&measures, 1, "9311", "almaty");
    assert_eq!(shut(&dotted, FRIDAY_NOON), Some(Reason::VenueClosed));
    assert!(!falls_under("56101", ".") && !falls_under("56101", "56.2"));
}

#[test]
fn a_leader_works_by_the_next_better_zone() {
    let measures = measures();
    let red = at(&measures, 7, "56.10.1", "almaty");
    assert_eq!((red.zone, shut(&red, FRIDAY_NOON), red.places(200)), (AreaZone::Yellow, None, 100));
    let yellow = at(&measures, 7, "56.10.1", "akmola");
    assert_eq!((yellow.zone, yellow.places(200)), (AreaZone::Green, 160));
    let green = at(&measures, 7, "56.10.1", "astana");
    assert_eq!((green.zone, green.places(200)), (AreaZone::Green, 180), "ten of a hundred more");
    assert_eq!(at(&measures, 8, "56.10.1", "astana").places(200), 160);
}

#[test]
fn hours_go_over_midnight_and_leaders_close_later() {
    let measures = measures();
    let check = |venue: u64, area: &'static str, time: &str, expected: Option<Reason>| {
        let force = at(&measures, venue, "56.10.1", area);
        assert_eq!(shut(&force, time), expected, "{venue} in {area} at {time}");
    };
    let closed = Some(Reason::ClosedNow);
    check(1, "akmola", "2026-11-20T01:59:00Z", closed); // 06:59
    check(1, "akmola", "2026-11-20T02:00:00Z", None);
    check(1, "akmola", "2026-11-20T16:59:00Z", None);
    check(1, "akmola", "2026-11-20T17:00:00Z", closed); // 22:00
    check(1, "akmola", "2026-11-21T07:00:00Z", closed); // Saturday
    check(1, "akmola", "2026-11-22T07:00:00Z", closed); // Sunday
    check(1, "astana", "2026-11-20T20:59:00Z", None); // 01:59
    check(1, "astana", "2026-11-20T21:00:00Z", closed); // 02:00
    check(1, "astana", "2026-11-21T04:59:00Z", closed); // 09:59
    check(7, "astana", "2026-11-20T22:59:00Z", None); // 03:59
    check(7, "astana", "2026-11-20T23:00:00Z", closed); // 04:00
    check(7, "akmola", "2026-11-20T21:00:00Z", closed); // eased to green: no later hours besides
}

#[test]
fn who_may_enter_may_differ() {
    let measures = measures();
    let table = at(&measures, 1, "47.11", "almaty").admit().unwrap();
    assert_eq!(table.blue, crate::policy::Admission::Refuse);
    assert_eq!(table.green, crate::policy::Admission::Admit);
    assert!(at(&measures, 1, "47.11", "astana").admit().is_none());
    assert_eq!(at(&measures, 1, "47.11", "almaty").places(1), 1, "never nobody");
}

#[test]
fn what_makes_no_sense_is_refused_with_its_place() {
    let check = |json: &str, expected: &str| {
        let policy = format!(r#"{{"measures": {json}}}"#);
        let error = Policy::parse(policy.as_bytes()).unwrap_err();
        let words = format!("{error}: {:?}", std::error::Error::source(&error));
        assert!(words.contains(expected), "{json}: {words}");
    };
    check(r#"{"rules": [{"zone": "red"}, {"zone": "red", "places_percent": 0}]}"#, "rules[1]");
    check(r#"{"rules": [{"zone": "red", "activities": [" "]}]}"#, "an activity is empty");
    check(r#"{"rules": [{"zone": "blue"}]}"#, "measures");
    check(r#"{"rules": [{"zone": "red", "hours": {"from": "7:00", "until": "22:00"}}]}"#, "22:00");
    check(r#"{"rules": [{"zone": "red", "hours": {"from": "07:00", "until": "24:01"}}]}"#, "22:00");
    check(r#"{"rules": [{"zone": "red", "hours": {"from": "+7:00", "until": "22:00"}}]}"#, "22:00");
    check(r#"{"leader_extra_percent": 101}"#, "leader_extra");
    check("[]", "measures");
}
