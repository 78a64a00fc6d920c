//! The venue's own rules at its doors: the manager's word alone, at every door, never laxer than the region, by their own reasons.

use sync::record::Edit;

use super::{venue::coloured, *};
use crate::policy::{HOUSE_FIELD, Hours, HouseRules, TemperatureCheck};

async fn set(door: &Door, rules: &HouseRules) -> RecordId {
    door.desk.set_house_rules(rules).await.unwrap()
}

fn hours(json: &str) -> Vec<Hours> {
    vec![serde_json::from_str(json).unwrap()]
}

/// How somebody is judged who shows a colour at an attended door.
async fn seen(door: &Door, n: u8, status: Status) -> Pending {
    match door.desk.assess(&coloured(n, status)).await {
        Assessed::Waiting(pending) => pending,
        other @ Assessed::NoCredential(_) => panic!("{other:?}"),
    }
}

async fn verdict(door: &Door, n: u8, status: Status) -> (Outcome, Option<Reason>) {
    let Verdict { outcome, reason, .. } = seen(door, n, status).await.verdict;
    (outcome, reason)
}

const ADMIT: (Outcome, Option<Reason>) = (Outcome::Admit, None);

#[tokio::test]
async fn what_the_manager_rules_holds_at_every_door_and_what_a_door_writes_at_none() {
    let venue = Venue::new();
    let (a, b) = (venue.door(1, None).await, venue.door(2, None).await);
    assert_eq!(verdict(&b, 1, Status::Blue).await, ADMIT);
    let rules = HouseRules { refuse_blue: true, ..Default::default() };
    let refused = (Outcome::Refuse, Some(Reason::HouseStatus));
    assert!(matches!(b.desk.set_house_rules(&rules).await, Err(ActError::Elsewhere)));
    assert!(matches!(
        b.desk.set_field(HOUSE_FIELD, Some(rules.to_bytes())).await,
        Err(ActError::Field("name"))
    ));
    let said = set(&a, &rules).await;
    assert_eq!(verdict(&a, 1, Status::Blue).await, refused);
    assert_eq!(verdict(&b, 1, Status::Blue).await, ADMIT, "it has not heard yet");
    venue.exchange(&a, &b).await;
    assert_eq!(verdict(&b, 1, Status::Blue).await, refused);
    assert_eq!(verdict(&b, 2, Status::Green).await, ADMIT);

    // A hostile door clears them in its own name.
    let standing = b.desk.state().house.rules().clone();
    let clear = Edit { at: NOON, field: HOUSE_FIELD.into(), value: None, replaces: vec![said] };
    b.desk.write(Day::STANDING, Record::Edit(clear)).await.unwrap();
    venue.exchange(&a, &b).await;
    for door in [&a, &b] {
        assert_eq!(*door.desk.house_rules().0, standing);
        assert_eq!(verdict(door, 1, Status::Blue).await, refused);
        assert!(!door.desk.fields().contains_key(HOUSE_FIELD));
    }
    let b = venue.restart(b, None).await;
    assert_eq!(verdict(&b, 1, Status::Blue).await, refused, "after a restart");
    set(&a, &HouseRules::default()).await;
    venue.exchange(&a, &b).await;
    assert_eq!(verdict(&b, 1, Status::Blue).await, ADMIT, "taken back");
}

#[tokio::test]
async fn what_the_region_refuses_stays_refused_for_its_own_reason() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let all = HouseRules {
        refuse_blue: true,
        refuse_yellow: true,
        refuse_grey: true,
        document: true,
        ..Default::default()
    };
    set(&a, &all).await;
    let red = (Outcome::Refuse, Some(Reason::StatusRed));
    assert_eq!(verdict(&a, 1, Status::Red).await, red);
    let yellow = (Outcome::Refuse, Some(Reason::StatusYellow));
    assert_eq!(verdict(&a, 2, Status::Yellow).await, yellow);
    assert_eq!(a.desk.self_check(&coloured(3, Status::Blue)).outcome, Outcome::Admit, "no place");
}

#[tokio::test]
async fn hours_and_places_of_its_own_turn_away_and_keep_nobody_inside() {
    let venue = Venue::new(); // it is 14:13 there
    let a = venue.door(1, None).await;
    set(&a, &HouseRules { places: Some(2), ..Default::default() }).await;
    for n in [1, 2] {
        assert_eq!(come(&a, n).await, Ok(VisitKind::Entry));
    }
    assert_eq!(come(&a, 3).await, Err(Some(Reason::HouseFull)));
    a.bulletin(BulletinKind::Policy, 2, br#"{"version":2,"capacity":"advisory"}"#).await;
    a.read_anew().await;
    assert_eq!(come(&a, 4).await, Err(Some(Reason::HouseFull)), "whatever the region advises");
    venue.wait(60_000);
    let shut = hours(r#"{"from":"09:00","until":"14:10"}"#);
    set(&a, &HouseRules { hours: shut, ..Default::default() }).await;
    assert_eq!(come(&a, 5).await, Err(Some(Reason::HouseClosed)));
    assert_eq!(come(&a, 1).await, Ok(VisitKind::Exit), "nobody is kept inside");
    set(&a, &HouseRules { refuse_blue: true, document: true, ..Default::default() }).await;
    assert_eq!(come(&a, 2).await, Ok(VisitKind::Exit));
}

#[tokio::test]
async fn a_document_and_a_temperature_are_asked_of_the_person_at_the_desk() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let rules = HouseRules {
        document: true,
        binding: true,
        refuse_blue: true,
        temperature: TemperatureCheck::Required,
        ..Default::default()
    };
    set(&a, &rules).await;
    let green = seen(&a, 1, Status::Green).await;
    let asked = (Outcome::CannotConfirm, Some(Reason::HouseDocument));
    assert_eq!((green.verdict.outcome, green.verdict.reason), asked);
    assert_eq!(green.verdict.status, Status::Green, "the colour is the region's");
    let released = a.desk.decide(green.id, Act::Release).await;
    assert!(matches!(released, Err(DecideError::NoTemperature)), "{released:?}");
    let normal = Some(sync::record::Temperature::Normal);
    let let_in = a.desk.decide_measured(green.id, Act::Release, normal).await.unwrap();
    assert_eq!((let_in.kind, let_in.reason), (VisitKind::Entry, Some(Reason::HouseDocument)));
    assert_eq!(let_in.temperature, normal);
    let blue = seen(&a, 2, Status::Blue).await;
    let released = a.desk.decide_measured(blue.id, Act::Release, normal).await;
    assert!(matches!(released, Err(DecideError::Binding)), "{released:?}");
    // Where nobody stands at the door, nobody looks at a document.
    assert_eq!(come(&a, 3).await, Err(Some(Reason::HouseDocument)));
}

#[tokio::test]
async fn a_phones_number_that_the_region_refuses_is_not_made_a_question_by_the_venue() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let phone = crate::phone::Phone::read("+77011234567", "7").unwrap();
    let weighed = |attendance| {
        let (tag, now, way) = (Tag::new([7; 16]), a.desk.moment(), Direction::In);
        let (site, mut state) = (a.desk.site(), a.desk.state());
        let weigh = weigh::phone::weigh_phone;
        let weighed = weigh(&phone, tag, way, attendance, site, &mut state, now);
        (weighed.verdict.outcome, weighed.verdict.reason)
    };
    let unverified = Some(Reason::Unverified);
    assert_eq!(weighed(Attendance::Unattended).0, Outcome::Admit);
    set(&a, &HouseRules { document: true, ..Default::default() }).await;
    let asked = (Outcome::CannotConfirm, Some(Reason::HouseDocument));
    assert_eq!(weighed(Attendance::Attended), asked);
    a.bulletin(BulletinKind::Policy, 2, br#"{"version":2,"unverified":"refuse"}"#).await;
    a.read_anew().await;
    assert_eq!(weighed(Attendance::Attended), (Outcome::Refuse, unverified));
    set(&a, &HouseRules { refuse_grey: true, ..Default::default() }).await;
    assert_eq!(weighed(Attendance::Attended), (Outcome::Refuse, Some(Reason::HouseStatus)));
}
