//! Whose papers are renewed, for how long, and whose are not.

use std::sync::Arc;

use sync::{
    book::{Charter, Keeps},
    id::{EntranceId, Epoch, PublicKey, RegionId, VenueId},
    key::SecretKey,
    ledger::{Ledger, WallClock},
    membership::DoorGrant,
    order::{Matter, Order, Removal, RemovalCause, SignedOrder, Signer},
    record::Direction,
    store::Durability,
};
use tokio::sync::oneshot;

use super::*;
use crate::{
    authority::{
        application::{Application, VenueClass},
        cabinet::Filing,
        enrolment::{Enrolled, venue_name},
        keys::OfficeKeys,
    },
    policy::VenuePlace,
};

const NOW: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const REGION: RegionId = RegionId::new(1);
const VENUE: VenueId = VenueId::new(17);

fn key(seed: u8) -> SecretKey {
    SecretKey::from_bytes(&[seed; 32])
}

fn day(n: i64) -> UnixMillis {
    NOW.plus_millis(n * DAY_MILLIS)
}

/// Papers of a door whose venue's grant, of a year, ends after so many days.
fn papers(node: u8, days: i64) -> Membership {
    let (not_before, not_after) = (day(days - 365), day(days));
    let venue = VenueGrant {
        region: REGION,
        venue: VENUE,
        name: "V".into(),
        zone: "UTC".into(),
        manager: key(102).public(),
        capacity: None,
        doors: None,
        activity: None,
        area: None,
        not_before,
        not_after,
    };
    let door = DoorGrant {
        venue: VENUE,
        entrance: EntranceId::new(u16::from(node)),
        name: "A".into(),
        direction: Direction::In,
        node: key(node).public(),
        not_before,
        not_after: day(days + 300),
    };
    let (venue, door) = (Signed::seal(&venue, &key(101)), Signed::seal(&door, &key(102)));
    Membership::Door { venue, door }
}

/// An authority whose own papers end in ten days.
async fn authority(folder: &tempfile::TempDir, root: Option<SecretKey>) -> Authority {
    let grant = AuthorityGrant {
        region: REGION,
        node: key(50).public(),
        not_before: day(-90),
        not_after: day(10),
    };
    let charter = Charter {
        key: key(50),
        membership: Membership::Authority(Signed::seal(&grant, &key(101))),
        region: REGION,
        roots: sync::roots::Roots::new(vec![key(101).public()], 1),
        keeps: Keeps::Region,
        epoch: Epoch::new([50; 8]),
    };
    let clock: WallClock = Arc::new(|| NOW);
    let ledger = Ledger::open(folder.path(), charter, Durability::Volatile, Arc::clone(&clock));
    let authority = Authority::open(ledger.unwrap(), Vec::new(), clock).await.unwrap();
    authority.equip(OfficeKeys { root, ..OfficeKeys::default() });
    authority
}

async fn ask(authority: &Authority, venue: VenueId, papers: Membership) -> Vec<Membership> {
    let node: PublicKey = key(1).public();
    let (reply, _) = oneshot::channel();
    authority.renewed(&RenewalCall { node, venue, papers: vec![papers], reply }).await
}

fn days_left(papers: &[Membership], node: u8) -> Vec<i64> {
    let roots = [key(101).public()];
    let left = papers.iter().map(|papers| {
        let member = papers.check(&roots, &key(node).public(), NOW).unwrap();
        (member.expires.get() - NOW.get()) / DAY_MILLIS
    });
    left.collect()
}

#[tokio::test]
async fn a_venue_whose_papers_end_soon_has_new_ones_for_the_same_place() {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority(&folder, Some(key(101))).await;
    authority.0.ledger.introduce(vec![papers(1, 10), papers(2, 10)]).await.unwrap();
    let first = ask(&authority, VENUE, papers(1, 10)).await;
    assert_eq!(days_left(&first, 1), [310], "the door's own grant ends then");
    assert!(first[0].is_for_same_place_as(&papers(1, 10)));
    // For the venue's other door the same grant serves.
    let second = ask(&authority, VENUE, papers(2, 10)).await;
    let grant = |papers: &Membership| match papers {
        Membership::Door { venue, .. } => venue.clone(),
        Membership::Authority(_) => panic!("a door's"),
    };
    assert_eq!(grant(&first[0]), grant(&second[0]));
    assert!(ask(&authority, VENUE, first[0].clone()).await.is_empty(), "these do not end soon");
}

#[tokio::test]
async fn who_was_removed_is_shut_out_or_of_elsewhere_is_not_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority(&folder, Some(key(101))).await;
    authority.0.ledger.introduce(vec![papers(1, 10), papers(2, 10)]).await.unwrap();
    assert!(
        ask(&authority, VenueId::new(18), papers(1, 10)).await.is_empty(),
        "another venue asks"
    );
    assert!(ask(&authority, VENUE, papers(1, -1)).await.is_empty(), "they have ended");
    let removal = Removal { node: key(2).public(), cause: RemovalCause::Lost };
    let order = Order { venue: VENUE, issued_at: NOW, matter: Matter::Removal(removal) };
    let order = SignedOrder::seal(&order, Signer::Manager, &key(102));
    authority.0.ledger.keep_order(order).await.unwrap();
    assert!(ask(&authority, VENUE, papers(2, 10)).await.is_empty(), "it was removed");
    authority.confirm_violation(VENUE, "nobody was checked", "C. Inspector").await.unwrap();
    assert!(ask(&authority, VENUE, papers(1, 10)).await.is_empty(), "it is shut out");
}

#[tokio::test]
async fn without_a_roots_key_only_what_was_signed_elsewhere_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority(&folder, None).await;
    authority.0.ledger.introduce(vec![papers(1, 10)]).await.unwrap();
    assert!(ask(&authority, VENUE, papers(1, 10)).await.is_empty());
    authority.renew_own_papers().await.unwrap();
    let own = |authority: &Authority| {
        let heads = authority.0.ledger.heads().borrow().clone();
        heads.papers[&key(50).public()].span().unwrap().1
    };
    assert_eq!(own(&authority), day(10));
    authority.0.ledger.introduce(vec![papers(2, 200)]).await.unwrap();
    let given = ask(&authority, VENUE, papers(1, 10)).await;
    assert_eq!(days_left(&given, 1), [200], "another door brought a later grant");

    let elsewhere = tempfile::tempdir().unwrap();
    let authority = self::authority(&elsewhere, Some(key(101))).await;
    authority.renew_own_papers().await.unwrap();
    assert_eq!(own(&authority), day(100), "its own, for as long as before");
}

/// An entry of the register whose manager is this key.
fn entry(manager: u8) -> Enrolled {
    let application = Application {
        permit: "KZ1".into(),
        permit_date: "2026-11-01".into(),
        kind: "canteen".into(),
        activity: "56.29.2".into(),
        class: VenueClass::Obligatory,
        name: "V".into(),
        address: "Street 1".into(),
        area: String::new(),
        place: VenuePlace::City,
        time_zone: "UTC".into(),
        capacity: None,
        contact: String::new(),
        manager: Some(key(manager).public()),
        entrances: Vec::new(),
        agreement: String::new(),
    };
    Enrolled { application, since: NOW, changed: NOW, first_grant: None, grant: None }
}

/// A grant of the venue by a root, for a manager, that ends after so many days.
fn grant(root: u8, manager: u8, days: i64) -> Signed<VenueGrant> {
    let Membership::Door { venue, .. } = papers(1, days) else { unreachable!() };
    let (not_before, not_after) = (day(-1), day(days));
    let claims = venue.open(&key(101).public()).unwrap();
    let said = VenueGrant { manager: key(manager).public(), not_before, not_after, ..claims };
    Signed::seal(&said, &key(root))
}

#[tokio::test]
async fn a_longer_grant_that_counts_no_more_gives_way_to_a_shorter_one() {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority(&folder, Some(key(101))).await;
    let file = |entry: Enrolled| {
        let filing = vec![Filing::put(venue_name(VENUE), &entry)];
        authority.0.cabinet.file(filing)
    };
    let (long, short) = (grant(101, 102, 300), grant(101, 102, 100));
    file(Enrolled { grant: Some(long.clone()), ..entry(102) }).await.unwrap();
    let held = || async { authority.venue(VENUE).await.unwrap().unwrap().grant };
    let refused = authority.take_grant(short.clone()).await;
    assert!(matches!(refused, Err(EnrolError::Shorter(_))), "{refused:?}");
    assert_eq!(held().await, Some(long), "an earlier one takes nothing away");
    // Signed by a root that has been signed out since, and for a manager who is it no more.
    for dead in [grant(99, 102, 300), grant(101, 103, 300)] {
        file(Enrolled { grant: Some(dead), ..entry(102) }).await.unwrap();
        authority.take_grant(short.clone()).await.unwrap();
        assert_eq!(held().await, Some(short.clone()));
    }
    // Nor is a dead one given to a door that asks.
    file(Enrolled { grant: Some(grant(99, 102, 300)), ..entry(102) }).await.unwrap();
    authority.0.ledger.introduce(vec![papers(1, 60)]).await.unwrap();
    let given = ask(&authority, VENUE, papers(1, 10)).await;
    assert_eq!(days_left(&given, 1), [60]);
}
