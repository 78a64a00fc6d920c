//! Two regions tell each other of their people, and what is not taken.

use std::sync::Arc;

use sync::{
    abroad::{Bag, Receipt, Sent},
    book::{Charter, Keeps},
    bulletin::Notice,
    id::{ChainId, EntranceId, Epoch, PublicKey, RecordNumber},
    key::{SecretKey, Signed},
    ledger::{Ledger, WallClock},
    membership::{AuthorityGrant, Membership},
    sealed::TracingSecret,
    store::Durability,
    time::Day,
};
use tempfile::TempDir;

use super::*;
use crate::{
    authority::trace::{Question, Who},
    code::paper::tracing_keys_to_body,
    token::trust::TrustList,
};

const NOW: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const HOUR: i64 = 3_600_000;
const A: RegionId = RegionId::new(1);
const B: RegionId = RegionId::new(2);
const VENUE: VenueId = VenueId::new(17);

fn root(region: RegionId) -> SecretKey {
    SecretKey::from_bytes(&[100 + region.get() as u8; 32])
}

fn node(region: RegionId) -> SecretKey {
    SecretKey::from_bytes(&[region.get() as u8; 32])
}

fn papers(region: RegionId) -> Membership {
    let (not_before, not_after) = (NOW.plus_millis(-HOUR), NOW.plus_millis(90 * DAY_MILLIS));
    let grant = AuthorityGrant { region, node: node(region).public(), not_before, not_after };
    Membership::Authority(Signed::seal(&grant, &root(region)))
}

fn list(others: &[RegionId]) -> TrustList {
    let entry = |region: &RegionId| {
        let (number, root) = (region.get(), root(*region).public());
        format!(r#"{{"region":{number},"name":"Authority {number}","roots":["{root}"]}}"#)
    };
    let regions: Vec<String> = others.iter().map(entry).collect();
    let json = format!(r#"{{"version":1,"issuers":[],"regions":[{}]}}"#, regions.join(","));
    TrustList::parse(json.as_bytes()).unwrap()
}

/// An authority whose trust list names these regions, with a tracing key of this week that it has published.
async fn authority(folder: &TempDir, region: RegionId, others: &[RegionId]) -> Authority {
    let charter = Charter {
        key: node(region),
        membership: papers(region),
        region,
        roots: sync::roots::Roots::new(vec![root(region).public()], 1),
        keeps: Keeps::Region,
        epoch: Epoch::new([7; 8]),
    };
    let clock: WallClock = Arc::new(|| NOW);
    let ledger = Ledger::open(folder.path(), charter, Durability::Volatile, Arc::clone(&clock));
    let ledger = ledger.unwrap();
    let secret = TracingSecret::generate(NOW.week());
    let notice = Notice {
        region,
        kind: BulletinKind::TracingKeys,
        version: 1,
        issued_at: NOW,
        not_after: NOW.plus_millis(30 * DAY_MILLIS),
        body: tracing_keys_to_body(&[secret.public().unwrap()]),
    };
    ledger.keep_bulletin(Bulletin::seal(&notice, &[&root(region)])).await.unwrap();
    let authority = Authority::open(ledger, vec![secret], clock).await.unwrap();
    authority.rules().trust = list(others);
    authority
}

fn subject(n: u8) -> Subject {
    Subject::new([n; 16])
}

/// A crossing at a venue of region A by somebody of region B.
fn outgoing(number: u64, who: u8, minutes: i64, kind: VisitKind) -> Outgoing {
    let (author, epoch) = (PublicKey::new([9; 32]), Epoch::new([9; 8]));
    let chain = ChainId { author, epoch, day: Day::new(20_717) };
    let visit = RecordId { chain, number: RecordNumber::new(number) };
    Outgoing {
        address: Address { from: A, to: B, venue: VENUE, visit },
        told: Told {
            subject: subject(who),
            at: NOW.plus_millis(minutes * 60_000 - HOUR),
            kind,
            entrance: EntranceId::new(1),
            venue_name: String::new(),
        },
    }
}

async fn stays(authority: &Authority, who: u8) -> Vec<crate::authority::trace::Stay> {
    let (from, until) = (NOW.plus_millis(-24 * HOUR), NOW.plus_millis(24 * HOUR));
    let text = |text: &str| text.to_owned();
    let (case, purpose, asked_by) = (text("1"), text("x"), text("T"));
    let who = Who::Subject(subject(who));
    let question = Question { case, purpose, asked_by, who, from, until };
    authority.trace(question).await.unwrap().stays
}

#[tokio::test]
async fn a_visit_at_a_venue_of_another_region_is_told_once_and_found_at_home() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (a, b) = (authority(&one, A, &[B]).await, authority(&other, B, &[A]).await);
    let crossings = vec![outgoing(1, 5, 0, VisitKind::Entry), outgoing(2, 5, 30, VisitKind::Exit)];
    a.queue_letters(crossings.clone()).await.unwrap();
    // Without the key of the other region nothing is sealed: an empty bag asks for it.
    let packed = a.pack(B).await.unwrap();
    assert_eq!((packed.letters, packed.without_key), (0, 2));
    let (taken, receipt) = b.receive(&packed.text).await.unwrap();
    assert_eq!(taken.taken, 0);
    assert_eq!(a.settle_letters(&receipt).await.unwrap().taken, 0);
    let packed = a.pack(B).await.unwrap();
    assert_eq!((packed.letters, packed.without_key), (2, 0));
    let (taken, receipt) = b.receive(&packed.text).await.unwrap();
    assert_eq!((taken.taken, taken.known), (2, 0));
    // The receipt was lost, and the visits were read again after a power cut.
    a.queue_letters(crossings).await.unwrap();
    let again = a.pack(B).await.unwrap();
    let (taken, _) = b.receive(&again.text).await.unwrap();
    assert_eq!((taken.taken, taken.known), (0, 2));
    assert_eq!(a.settle_letters(&receipt).await.unwrap().taken, 2);
    assert_eq!(
        a.settle_letters(&receipt).await.unwrap().taken,
        0,
        "an old receipt settles nothing"
    );
    assert_eq!(a.pack(B).await.unwrap().letters, 0);

    let found = stays(&b, 5).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].left_at, Some(NOW.plus_millis(-HOUR / 2)));
    let elsewhere = found[0].elsewhere.clone().unwrap();
    assert_eq!((elsewhere.region, elsewhere.authority.as_str()), (A, "Authority 1"));
    assert!(stays(&b, 6).await.is_empty());
    assert_ne!(a.own_name(subject(5), Some(B)), subject(5), "here by a name of its own");
    assert_eq!(a.own_name(subject(5), Some(A)), subject(5));
    let counts = (a.abroad_counts(), b.abroad_counts());
    assert_eq!((counts.0.sent, counts.0.waiting, counts.1.told, counts.1.known), (2, 0, 2, 2));
}

#[tokio::test]
async fn what_is_not_to_be_taken_is_named_and_counted() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (a, b) = (authority(&one, A, &[B]).await, authority(&other, B, &[A]).await);
    let keys = b.0.ledger.bulletins(vec![BulletinKind::TracingKeys]).await.unwrap();
    assert!(a.take_keys(&keys[0]).await.unwrap());
    assert!(!a.take_keys(&keys[0]).await.unwrap(), "the same again");
    a.queue_letters(vec![outgoing(1, 5, 0, VisitKind::Entry)]).await.unwrap();
    let good = a.pack(B).await.unwrap().text;
    let bag = Sent::<Bag>::from_text(&good).unwrap().open(&[root(A).public()], NOW).unwrap();
    let by = |region, bag: &Bag| Sent::seal(bag, &node(region), papers(region)).to_text();
    let unknown = RegionId::new(3);
    for (text, word) in [
        (by(unknown, &Bag { from: unknown, ..bag.clone() }), "unknown-region"),
        (by(unknown, &bag), "papers"),
        (Sent::seal(&bag, &node(B), papers(A)).to_text(), "signature"),
        (by(A, &Bag { to: unknown, ..bag.clone() }), "other-region"),
        (good[..good.len() / 2].to_owned(), "malformed"),
        (String::new(), "malformed"),
    ] {
        assert_eq!(b.receive(&text).await.unwrap_err().word(), word);
        assert_eq!(b.abroad_counts().refused[word], if text.is_empty() { 2 } else { 1 });
    }
    // Another's letter, and one that was moved to another visit, spoil nothing beside them.
    let mut letters = bag.letters.clone();
    let first = letters[0].clone();
    for moved in
        [Address { from: unknown, ..first.address }, outgoing(9, 5, 0, VisitKind::Entry).address]
    {
        let mut letter = first.clone();
        letter.address = moved;
        letters.push(letter);
    }
    let (taken, receipt) = b.receive(&by(A, &Bag { letters, ..bag.clone() })).await.unwrap();
    assert_eq!((taken.taken, taken.refused.len()), (1, 2));
    assert_eq!((taken.refused["other-address"], taken.refused["unreadable"]), (1, 1));
    // A receipt that another signed lets nothing go.
    let forged = Sent::<Receipt>::from_text(&receipt).unwrap();
    let said = forged.open(&[root(B).public()], NOW).unwrap();
    let forged = Sent::seal(&said, &node(A), papers(A)).to_text();
    assert_eq!(a.settle_letters(&forged).await.unwrap_err().word(), "papers");
    assert_eq!(a.pack(B).await.unwrap().letters, 1);
    assert!(a.take_keys(&Bulletin::seal(&keys_notice(), &[&root(A)])).await.is_err());
}

fn keys_notice() -> Notice {
    let body = tracing_keys_to_body(&[TracingSecret::generate(NOW.week()).public().unwrap()]);
    let (issued_at, not_after) = (NOW, NOW.plus_millis(DAY_MILLIS));
    Notice { region: B, kind: BulletinKind::TracingKeys, version: 9, issued_at, not_after, body }
}
