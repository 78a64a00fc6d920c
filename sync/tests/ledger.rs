//! The ledger from outside: durable before answered, grouped, restarted, merged, attacked, on a failing disk.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::{path::Path, sync::Arc};

use sync::{
    book::{Charter, Keeps},
    bulletin::{Bulletin, BulletinKind, Notice},
    document::{DocumentId, SEGMENT_RECORDS},
    envelope::{CheckedEnvelope, Header, Link, Run},
    id::{
        ChainId, EntranceId, Epoch, Hash, RecordNumber, RegionId, Segment, Seq, Tag, VenueId,
        ZoneId,
    },
    key::{SecretKey, Signed},
    ledger::{Ledger, LedgerError},
    membership::{DoorGrant, Membership, VenueGrant},
    record::{ClockTrust, Decider, Direction, PlaceTaken, Record, Status, Visit, VisitKind},
    store::Durability,
    time::{Day, UnixMillis},
};
use tokio::task::JoinSet;

const VENUE: VenueId = VenueId::new(17);
const DAY: Day = Day::new(20_717);
const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

fn key(seed: u8) -> SecretKey {
    SecretKey::from_bytes(&[seed; 32])
}

fn paper(node: &SecretKey, venue: VenueId) -> Membership {
    let (root, manager) = (key(101), key(102));
    let (not_before, not_after) = (NOON.plus_millis(-1), NOON.plus_millis(1_000_000));
    let venue_grant = VenueGrant {
        region: RegionId::new(1),
        venue,
        name: "V".into(),
        zone: "UTC".into(),
        manager: manager.public(),
        capacity: None,
        doors: None,
        activity: None,
        area: None,
        not_before,
        not_after,
    };
    let door = DoorGrant {
        venue,
        entrance: EntranceId::new(1),
        name: "A".into(),
        direction: Direction::Both,
        node: node.public(),
        not_before,
        not_after,
    };
    Membership::Door {
        venue: Signed::seal(&venue_grant, &root),
        door: Signed::seal(&door, &manager),
    }
}

fn charter(seed: u8, epoch: u8) -> Charter {
    Charter {
        key: key(seed),
        membership: paper(&key(seed), VENUE),
        region: RegionId::new(1),
        roots: sync::roots::Roots::new(vec![key(101).public()], 1),
        keeps: Keeps::Venue(VENUE),
        epoch: Epoch::new([epoch; 8]),
    }
}

fn open(path: &Path, seed: u8, epoch: u8) -> Ledger {
    Ledger::open(path, charter(seed, epoch), Durability::Fsync, Arc::new(|| NOON)).unwrap()
}

fn visit() -> Visit {
    Visit {
        at: NOON,
        clock: ClockTrust::Trusted,
        entrance: EntranceId::new(1),
        kind: VisitKind::Entry,
        status: Status::Green,
        reason: None,
        decider: Decider::Verdict,
        tag: Tag::new([7; 16]),
        sealed: None,
        zone: ZoneId::default(),
        place: PlaceTaken::One,
        marks: Vec::new(),
        temperature: None,
    }
}

async fn record(ledger: &Ledger) -> Result<(), LedgerError> {
    ledger.record(ledger.name(DAY), VENUE, Record::Visit(visit())).await
}

async fn record_many(ledger: &Ledger, count: usize) {
    let mut waiting = JoinSet::new();
    for _ in 0..count {
        let ledger = ledger.clone();
        waiting.spawn(async move { record(&ledger).await.unwrap() });
    }
    waiting.join_all().await;
}

#[tokio::test]
async fn a_trust_list_takes_two_roots_wherever_there_are_two() {
    let dir = tempfile::tempdir().unwrap();
    let two = vec![key(101).public(), key(103).public()];
    let charter = Charter { roots: sync::roots::Roots::new(two, 1), ..charter(1, 1) };
    let ledger =
        Ledger::open(dir.path(), charter, Durability::Volatile, Arc::new(|| NOON)).unwrap();
    let bulletin = |kind, roots: &[&SecretKey]| {
        let (region, not_after) = (RegionId::new(1), NOON.plus_millis(1_000_000));
        let body = b"{}".to_vec();
        let notice = Notice { region, kind, version: 1, issued_at: NOON, not_after, body };
        Bulletin::seal(&notice, roots)
    };
    let (one, other) = (key(101), key(103));
    ledger.keep_bulletin(bulletin(BulletinKind::Policy, &[&one])).await.unwrap();
    for roots in [vec![&one], vec![&one, &one]] {
        let alone = ledger.keep_bulletin(bulletin(BulletinKind::Trust, &roots)).await;
        assert!(alone.unwrap_err().to_string().contains("signature"), "one root alone");
    }
    ledger.keep_bulletin(bulletin(BulletinKind::Trust, &[&one, &other])).await.unwrap();
    assert_eq!(ledger.notices().await.unwrap().len(), 2);
}

fn held(ledger: &Ledger) -> u64 {
    ledger.heads().borrow().chains().map(|(_, h)| h.visits).sum()
}

async fn deliver(from: &Ledger, to: &Ledger) -> Result<(), LedgerError> {
    let heads = from.heads().borrow().clone();
    for (&chain, head) in heads.chains() {
        let mut after = Seq::default();
        while after < head.seq {
            let (author, run) = from.run(chain, after, 64 << 10).await?;
            let run = run.unwrap();
            after = run.last();
            to.merge(author.into_iter().collect(), run).await?;
        }
    }
    Ok(())
}

/// A run of one envelope as an attacker with a key of its own, or a confused author, would write it.
fn run(
    by: &SecretKey,
    venue: VenueId,
    epoch: u8,
    seq: u64,
    previous: Hash,
    number: u64,
) -> (Run, Hash) {
    let chain = ChainId { author: by.public(), epoch: Epoch::new([epoch; 8]), day: DAY };
    let header = Header {
        venue,
        chain,
        seq: Seq::new(seq),
        previous,
        segment: Segment::new(0),
        made_at: NOON,
        content: Hash::ZERO,
    };
    let records = vec![(RecordNumber::new(number), Record::Visit(visit()))];
    let written = CheckedEnvelope::write(header, records, by).unwrap();
    let link = Link { segment: Segment::new(0), made_at: NOON, items: written.items().to_vec() };
    let signature = written.signature().unwrap();
    let after = Seq::new(seq - 1);
    (Run { venue, chain, after, previous, links: vec![link], signature }, written.header().hash())
}

#[tokio::test(flavor = "multi_thread")]
async fn visits_that_wait_together_share_a_commit() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l"), 1, 1);
    let mut news = ledger.news();
    record_many(&ledger, 200).await;
    assert_eq!(held(&ledger), 200);
    let mut commits = 0;
    let mut visits = 0;
    while visits < 200 {
        commits += 1;
        visits += news.recv().await.unwrap().records.len();
    }
    assert!(commits < 100, "200 visits took {commits} commits: nothing was shared");
    ledger.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_there_after_a_restart_and_a_new_epoch_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("l");
    for epoch in 1..4 {
        let ledger = open(&path, 1, epoch);
        assert_eq!(held(&ledger), u64::from(epoch - 1) * 10);
        record_many(&ledger, 10).await;
        ledger.close().await;
    }
    let ledger = open(&path, 1, 9);
    assert_eq!(ledger.heads().borrow().chains().count(), 3, "each epoch has a chain of its own");
    assert_eq!(held(&ledger), 30);
    ledger.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_segment_is_closed_and_siblings_hold_the_same_documents() {
    let dir = tempfile::tempdir().unwrap();
    let a = open(&dir.path().join("a"), 1, 1);
    let b = open(&dir.path().join("b"), 2, 1);
    let count = SEGMENT_RECORDS + 300;
    record_many(&a, count).await;
    deliver(&a, &b).await.unwrap();
    deliver(&a, &b).await.unwrap(); // twice is once
    assert_eq!(held(&b), count as u64);
    for segment in [0, 1] {
        let id = DocumentId { chain: a.charter().chain(DAY), segment: Segment::new(segment) };
        let heads = a.document_heads(id).await.unwrap();
        assert!(!heads.is_empty(), "segment {segment} was never begun");
        assert_eq!(heads, b.document_heads(id).await.unwrap());
    }
    let (visits, _) = b.records(a.charter().chain(DAY), Seq::default(), usize::MAX).await.unwrap();
    assert_eq!(visits.len(), count);
    for ledger in [a, b] {
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_belong_is_refused_and_the_honest_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l"), 1, 1);
    let (sibling, stranger) = (key(2), key(66));
    let introduce = |k: &SecretKey, venue| vec![paper(k, venue)];
    let (good, _) = run(&sibling, VENUE, 1, 1, Hash::ZERO, 1);

    let (unknown, _) = run(&stranger, VENUE, 1, 1, Hash::ZERO, 1);
    assert!(ledger.merge(vec![], unknown).await.unwrap_err().is_senders());
    let elsewhere = VenueId::new(18);
    let (foreign, _) = run(&stranger, elsewhere, 1, 1, Hash::ZERO, 1);
    assert!(ledger.merge(introduce(&stranger, elsewhere), foreign).await.is_err());
    let (claimed, _) = run(&stranger, VENUE, 1, 1, Hash::ZERO, 1);
    assert!(ledger.merge(introduce(&stranger, elsewhere), claimed).await.is_err());
    let mut forged = good.clone();
    forged.chain.author = key(1).public();
    assert!(ledger.merge(vec![], forged).await.is_err(), "a forged author is believed");

    ledger.merge(introduce(&sibling, VENUE), good).await.unwrap();
    record(&ledger).await.unwrap();
    assert_eq!(held(&ledger), 2);
    ledger.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gaps_and_double_histories_are_named_and_stall_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l"), 1, 1);
    let sibling = key(2);
    let papers = || vec![paper(&sibling, VENUE)];
    let (first, first_hash) = run(&sibling, VENUE, 1, 1, Hash::ZERO, 1);
    let (third, _) = run(&sibling, VENUE, 1, 3, first_hash, 3);
    ledger.merge(papers(), first).await.unwrap();
    assert!(ledger.merge(papers(), third).await.unwrap_err().is_authors());
    let (other_first, other_hash) = run(&sibling, VENUE, 1, 1, Hash::ZERO, 99);
    assert!(ledger.merge(papers(), other_first).await.unwrap_err().is_authors());
    let (after_other, _) = run(&sibling, VENUE, 1, 2, other_hash, 2);
    assert!(ledger.merge(papers(), after_other).await.unwrap_err().is_authors());

    let (second, _) = run(&sibling, VENUE, 1, 2, first_hash, 2);
    ledger.merge(papers(), second).await.unwrap();
    let (new_epoch, _) = run(&sibling, VENUE, 2, 1, Hash::ZERO, 1);
    ledger.merge(papers(), new_epoch).await.unwrap();
    assert_eq!(held(&ledger), 3);
    ledger.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_visit_number_is_refused_and_leaves_the_document_whole() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(&dir.path().join("l"), 1, 1);
    let sibling = key(2);
    let (first, first_hash) = run(&sibling, VENUE, 1, 1, Hash::ZERO, 1);
    let (again, _) = run(&sibling, VENUE, 1, 2, first_hash, 1);
    ledger.merge(vec![paper(&sibling, VENUE)], first).await.unwrap();
    assert!(ledger.merge(vec![], again).await.unwrap_err().is_senders());
    let (second, _) = run(&sibling, VENUE, 1, 2, first_hash, 2);
    ledger.merge(vec![], second).await.unwrap();
    assert_eq!(held(&ledger), 2);
    ledger.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_is_said_and_shown_and_the_node_goes_on_when_it_is_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("l");
    let ledger = open(&path, 1, 1);
    record(&ledger).await.unwrap();
    // Without its file the fsync fails, as on a card that was pulled.
    std::fs::rename(path.join("db"), path.join("pulled")).unwrap();
    let error = record(&ledger).await.unwrap_err();
    assert!(!error.is_senders(), "{error}");
    assert!(ledger.failure().borrow().is_some(), "screens are not told");
    std::fs::rename(path.join("pulled"), path.join("db")).unwrap();
    record(&ledger).await.unwrap();
    assert!(ledger.failure().borrow().is_none());
    ledger.close().await;
    let ledger = open(&path, 1, 2);
    assert!(held(&ledger) >= 2, "what was answered as recorded is there");
    ledger.close().await;
}
