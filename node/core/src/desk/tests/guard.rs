//! Typed numbers at a door: what is written of them, how often they are looked up, what a late answer does; families.

use sync::{
    inquiry::{Finding, OwnInquiry},
    membership::{AuthorityGrant, Membership},
    record::{LookedUp, StoredVisit},
    sealed::{Identity, NumberKind},
};

use super::{
    venue::{REGION, key},
    *,
};
use crate::{
    authority::{
        Authority,
        registry::{Entry, How, Known},
    },
    code::ids::{Group, TypedNumber},
};

const HOUR: i64 = 3_600_000;

fn typed(number: &str) -> TypedNumber {
    TypedNumber::read(NumberKind::Iin, number).unwrap()
}

fn anybody() -> TypedNumber {
    typed("800101300006")
}

async fn policy(door: &Door, version: u64, json: &str) {
    door.bulletin(BulletinKind::Policy, version, json.as_bytes()).await;
    door.read_anew().await;
}

async fn comes(door: &Door) -> TypedIn {
    door.desk.assess_typed(&anybody(), Way::In, None).await.unwrap()
}

async fn visits(door: &Door) -> Vec<StoredVisit> {
    let heads = door.ledger.heads().borrow().clone();
    let mut visits = Vec::new();
    for (chain, _) in heads.chains() {
        let (records, _) =
            door.ledger.records(*chain, sync::id::Seq::default(), 500).await.unwrap();
        visits.extend(records.iter().filter_map(StoredRecord::visit));
    }
    visits
}

#[tokio::test]
async fn a_typed_visitor_is_sealed_under_a_tag_of_no_use_and_the_question_outlasts_a_restart() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    for _ in 0..2 {
        let came = comes(&a).await;
        assert_eq!(came.asking, Asking::Unanswered);
        assert_eq!(came.pending.number_ends.as_deref(), Some("06"));
        let verdict = came.pending.verdict;
        assert_eq!((verdict.outcome, verdict.status), (Outcome::CannotConfirm, Status::Grey));
        a.desk.decide(came.pending.id, Act::Release).await.unwrap();
    }
    let written = visits(&a).await;
    assert_ne!(written[0].visit.tag, written[1].visit.tag, "nobody can test a number against it");
    for StoredVisit { id, visit } in &written {
        let binding = Binding { venue: a.desk.site().venue, visit: *id, day: id.chain.day };
        let who = visit.sealed.as_ref().unwrap().open(&venue.secret, &binding).unwrap();
        assert_eq!(who, Identity::Typed(anybody().to_typed()));
    }
    assert_eq!((a.desk.look_ups().len(), a.desk.owed_answers()), (2, 2));
    let a = venue.restart(a, None).await;
    assert_eq!((a.desk.look_ups().len(), a.desk.owed_answers()), (2, 2));
}

#[tokio::test]
async fn who_is_turned_away_or_leaves_is_not_asked_about_later() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let refused = comes(&a).await;
    a.desk.decide(refused.pending.id, Act::Refuse).await.unwrap();
    let left = a.desk.assess_typed(&anybody(), Way::Out, None).await.unwrap();
    assert_eq!((left.asking, left.pending.verdict.outcome), (Asking::NotAsked, Outcome::Admit));
    a.desk.decide(left.pending.id, Act::Release).await.unwrap();
    assert_eq!((a.desk.owed_answers(), a.desk.look_ups().len()), (0, 1));
}

#[tokio::test]
async fn the_doors_of_a_venue_share_the_look_ups_of_an_hour() {
    let venue = Venue::new();
    let (a, b) = (venue.door(1, None).await, venue.door(2, None).await);
    for door in [&a, &b] {
        policy(door, 2, r#"{"version":2,"look_ups_per_hour":2}"#).await;
        assert_eq!(door.desk.look_ups_left(), (2, 2));
        assert_eq!(comes(door).await.asking, Asking::Unanswered);
    }
    venue.exchange(&a, &b).await;
    assert_eq!((a.desk.look_ups_left(), b.desk.look_ups_left()), ((0, 2), (0, 2)));
    let capped = comes(&a).await;
    assert_eq!(capped.asking, Asking::Capped);
    assert_eq!(
        capped.pending.verdict.reason,
        Some(Reason::Unverified),
        "nobody is kept out for it"
    );
    a.desk.decide(capped.pending.id, Act::Release).await.unwrap();
    assert_eq!(a.desk.owed_answers(), 0, "nor asked about behind the cap");
    let elder = a.desk.look_up(Group::Elder, &typed("600101300014"), "Anna", None).await;
    assert!(matches!(elder, Err(LookUpError::Capped)));
    let who: Vec<_> = a.desk.look_ups().into_iter().map(|l| (l.door, l.what)).collect();
    let number = LookedUp::Number;
    assert_eq!(who.len(), 2);
    assert!(who.contains(&("door 1".into(), number)) && who.contains(&("door 2".into(), number)));
    venue.wait(HOUR);
    assert_eq!(a.desk.look_ups_left(), (2, 2));
}

#[tokio::test]
async fn the_switch_decides_what_an_unverified_person_may_do() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let bound = r#""staff_release":"admitted-only""#;
    for (version, unverified, released) in
        [(2, "admit", true), (3, "staff", true), (4, "refuse", false)]
    {
        let json = format!(r#"{{"version":{version},"unverified":"{unverified}",{bound}}}"#);
        policy(&a, version, &json).await;
        let came = comes(&a).await;
        let done = a.desk.decide(came.pending.id, Act::Release).await;
        assert_eq!(done.is_ok(), released, "{unverified}");
        if !released {
            assert!(matches!(done, Err(DecideError::Binding)), "{unverified}");
        }
    }
}

#[tokio::test]
async fn a_late_answer_is_an_alert_where_it_speaks_against_the_visitor_and_nothing_else() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    for (status, alerts, owed) in [(Status::Green, 0, 1), (Status::Red, 1, 0)] {
        if status == Status::Green {
            for _ in 0..2 {
                let came = comes(&a).await;
                a.desk.decide(came.pending.id, Act::Release).await.unwrap();
                venue.wait(1000);
            }
        }
        let before = visits(&a).await;
        let found = Finding { status, until: None, then: None, at: NOON };
        a.desk.settle_first(found).await;
        a.desk.refresh_view();
        let view = a.desk.view().borrow().clone();
        assert_eq!((view.alerts.len(), a.desk.owed_answers()), (alerts, owed), "{status:?}");
        assert_eq!(visits(&a).await, before, "the visit stays as it was written");
    }
    let view = a.desk.view().borrow().clone();
    assert_eq!((view.alerts[0].cause, view.alerts[0].by_authority), (AlertCause::Status, false));
    let a = venue.restart(a, None).await;
    assert_eq!(a.desk.owed_answers(), 0);
}

async fn authority(venue: &Venue) -> (Authority, Ledger) {
    let (not_before, not_after) = (NOON.plus_millis(-1), NOON.plus_millis(DAY_MILLIS));
    let grant = AuthorityGrant { region: REGION, node: key(50).public(), not_before, not_after };
    let charter = sync::book::Charter {
        key: key(50),
        membership: Membership::Authority(sync::key::Signed::seal(&grant, &key(100))),
        region: REGION,
        roots: sync::roots::Roots::new(vec![key(100).public()], 1),
        keeps: sync::book::Keeps::Region,
        epoch: Epoch::new([50; 8]),
    };
    let path = venue.dir.path().join("authority");
    let clock: WallClock = Arc::new(|| NOON);
    let ledger =
        Ledger::open(&path, charter, sync::store::Durability::Volatile, Arc::clone(&clock));
    let ledger = ledger.unwrap();
    let secrets = vec![venue.secret.clone()];
    (Authority::open(ledger.clone(), secrets, clock).await.unwrap(), ledger)
}

#[tokio::test]
async fn the_authority_answers_by_its_registry_and_its_policy() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let (authority, ledger) = authority(&venue).await;
    let day = |days: i64| NOON.plus_millis(-days * DAY_MILLIS);
    let test = |positive, days| Known::Test { at: day(days), positive, antigen: false };
    let entry = |number: &str, name: Option<&str>, known| {
        let name = name.map(|n| zeroize::Zeroizing::new(n.to_owned()));
        Entry { number: typed(number), name, known, how: How::Adds }
    };
    let (green, red, contact) = ("800101300006", "600101300014", "150101500001");
    let rows = [
        entry(green, None, test(false, 1)),
        entry(red, Some("Анна Иванова"), test(true, 2)),
        entry(contact, None, Known::Contact { at: day(3) }),
    ];
    assert_eq!(authority.register(&rows).await.unwrap(), 3);
    assert_eq!(authority.register(&rows[..1]).await.unwrap(), 1, "again changes nothing");
    let find = async |number: &str, name: Option<&str>| {
        let asked = sync::inquiry::Asked {
            typed: typed(number).to_typed(),
            name: name.map(str::to_owned),
            what: LookedUp::Number,
        };
        let by = a.desk.asker();
        let own = OwnInquiry::seal(&asked, &venue.secret.public().unwrap(), &by).unwrap();
        let found = authority.find(&own.inquiry, by).await?;
        Some(own.open(&found, &by).unwrap())
    };
    let found = find(green, None).await.unwrap();
    assert_eq!((found.status, found.then), (Status::Green, Some(Status::Blue)));
    assert_eq!(found.until, Some(day(1).plus_millis(72 * HOUR)));
    assert_eq!(find(red, None).await.unwrap().status, Status::Red);
    assert_eq!(find(contact, None).await.unwrap().status, Status::Yellow);
    assert_eq!(find("101123500005", None).await.unwrap().status, Status::Blue, "nothing known");
    assert_eq!(find(red, Some("АННА ИВАНОВА")).await.unwrap().status, Status::Red);
    assert_eq!(find(red, Some("Пётр Иванов")).await, None, "another name is told nothing");
    assert_eq!(authority.inquiries(), 6);
    // Of the numbers nothing lies in the store.
    let rows = ledger.rows(vec![b'g'], vec![b'h'], 10).await.unwrap();
    assert_eq!(rows.len(), 3);
    for (key, value) in rows {
        let row = [key, value].concat();
        assert!(!row.windows(6).any(|w| w == b"800101" || w == b"600101"));
    }
}

#[tokio::test]
async fn a_family_has_places_for_all_or_for_none() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    venue.capacity(&[&a], 1, 2, [2, 0]).await;
    let mut family = Vec::new();
    for _ in 0..3 {
        family.push(comes(&a).await.pending.id);
    }
    let refused = a.desk.release_all(&family).await;
    assert!(matches!(refused, Err(TogetherError::NoPlaces { wanted: 3, free: 2 })), "{refused:?}");
    assert_eq!((rights(&a), a.desk.view().borrow().inside), (Some(2), 0), "nobody came in");
    let done = a.desk.release_all(&family[..2]).await.unwrap();
    assert_eq!((done.len(), rights(&a)), (2, Some(0)));
    assert_ne!(done[0].visit, done[1].visit, "a visit each");
    let again = a.desk.release_all(&family).await;
    assert!(matches!(again, Err(TogetherError::Unknown(_))));
    assert!(a.desk.waits(family[2]), "who was not released waits on");
    assert!(matches!(a.desk.release_all(&[]).await, Err(TogetherError::People)));
}

#[tokio::test]
async fn who_may_not_be_released_keeps_the_family_out_by_name() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let bound = r#"{"version":2,"unverified":"refuse","staff_release":"admitted-only"}"#;
    policy(&a, 2, bound).await;
    let Assessed::Waiting(green) = a.desk.assess(&token_of(7)).await else { panic!("no code") };
    let unverified = comes(&a).await.pending.id;
    let refused = a.desk.release_all(&[green.id, unverified]).await;
    assert!(matches!(refused, Err(TogetherError::Binding(id)) if id == unverified));
    assert_eq!(a.desk.release_all(&[green.id]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_nobody_decides_is_in_memory_for_two_minutes() {
    let venue = Venue::new();
    let a = venue.door(1, None).await;
    let came = comes(&a).await.pending.id;
    assert!(a.desk.waits(came));
    venue.wait(120_000);
    let now = a.desk.moment();
    a.desk.state().look(now);
    assert!(!a.desk.waits(came) && a.desk.bring(came).is_none());
    assert!(a.desk.state().is_empty_handed());
}
