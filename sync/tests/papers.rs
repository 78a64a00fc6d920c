//! Papers that are renewed: what was written under the old ones is taken all the same, by whomever it comes, and old
//! ones that somebody brings again take nothing away. And what comes with the authority's receipts.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use sync::{
    book::{Charter, Keeps},
    id::{EntranceId, Epoch, RegionId, Seq, VenueId},
    key::{SecretKey, Signed},
    ledger::{Ledger, LedgerError, WallClock},
    membership::{AuthorityGrant, DoorGrant, Membership, VenueGrant},
    record::{Direction, Edit, Record},
    store::Durability,
    time::{DAY_MILLIS, Day, UnixMillis},
};

const VENUE: VenueId = VenueId::new(17);
const DAY: Day = Day::new(20_717);
const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const AUTHORITY: u8 = 9;
const B: u8 = 2;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_bytes(&[seed; 32])
}

fn days(n: i64) -> UnixMillis {
    NOON.plus_millis(n * DAY_MILLIS)
}

/// Papers for a node from one day until another, counted from noon.
fn paper(seed: u8, from: i64, until: i64) -> Membership {
    let (root, manager, node) = (key(101), key(102), key(seed).public());
    let region = RegionId::new(1);
    if seed == AUTHORITY {
        let (not_before, not_after) = (days(from), days(until));
        let grant = AuthorityGrant { region, node, not_before, not_after };
        return Membership::Authority(Signed::seal(&grant, &root));
    }
    let venue = VenueGrant {
        region,
        venue: VENUE,
        name: "V".into(),
        zone: "UTC".into(),
        manager: manager.public(),
        capacity: None,
        doors: None,
        activity: None,
        area: None,
        not_before: days(-1000),
        not_after: days(1000),
    };
    let door = DoorGrant {
        venue: VENUE,
        entrance: EntranceId::new(u16::from(seed)),
        name: "A".into(),
        direction: Direction::Both,
        node,
        not_before: days(from),
        not_after: days(until),
    };
    Membership::Door { venue: Signed::seal(&venue, &root), door: Signed::seal(&door, &manager) }
}

/// All nodes live by one clock.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn set(&self, day: i64) {
        self.0.store(day, Ordering::SeqCst);
    }

    fn wall(&self) -> WallClock {
        let day = Arc::clone(&self.0);
        Arc::new(move || days(day.load(Ordering::SeqCst)))
    }
}

fn open(folder: &Path, seed: u8, epoch: u8, membership: Membership, clock: &Clock) -> Ledger {
    let charter = Charter {
        key: key(seed),
        membership,
        region: RegionId::new(1),
        roots: sync::roots::Roots::new(vec![key(101).public()], 1),
        keeps: if seed == AUTHORITY { Keeps::Region } else { Keeps::Venue(VENUE) },
        epoch: Epoch::new([epoch; 8]),
    };
    let path = folder.join(seed.to_string());
    Ledger::open(&path, charter, Durability::Fsync, clock.wall()).unwrap()
}

/// Writes on a day, counted from [`DAY`].
async fn write(ledger: &Ledger, day: i32, count: usize) {
    for _ in 0..count {
        let edit = Edit { at: NOON, field: "note".into(), value: None, replaces: Vec::new() };
        ledger.record(ledger.name(DAY.plus(day)), VENUE, Record::Edit(edit)).await.unwrap();
    }
}

fn held(ledger: &Ledger) -> u64 {
    ledger.heads().borrow().chains().map(|(_, h)| h.records).sum()
}

/// Everything that one holds, as a session brings it: each run introduced by the papers that go with it.
async fn deliver(from: &Ledger, to: &Ledger) -> Result<(), LedgerError> {
    let heads = from.heads().borrow().clone();
    for (&chain, head) in heads.chains() {
        let mut after = Seq::default();
        while after < head.seq {
            let (papers, run) = from.run(chain, after, 64 << 10).await?;
            let run = run.unwrap();
            after = run.last();
            to.merge(papers.into_iter().collect(), run).await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn visits_of_an_outage_are_taken_after_the_papers_were_renewed() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::default());
    let authority = open(folder.path(), AUTHORITY, 1, paper(AUTHORITY, -1, 99), &clock);
    let (old, new) = (paper(B, -1, 50), paper(B, 3, 90));
    let b = open(folder.path(), B, 1, old.clone(), &clock);
    write(&b, 0, 1).await;
    deliver(&b, &authority).await.unwrap();
    write(&b, 0, 5).await; // three days without a network, and then papers that hold from then on
    b.close().await;

    clock.set(4);
    let b = open(folder.path(), B, 2, new.clone(), &clock);
    write(&b, 4, 2).await;
    authority.introduce(vec![new.clone()]).await.unwrap(); // its Hello
    deliver(&b, &authority).await.unwrap();
    assert_eq!(held(&authority), 8, "what was written before the renewal is stranded");

    // Somebody who has never met B before gets the papers of each time with what was written then; a restart of the
    // messenger changes nothing.
    authority.close().await;
    b.close().await;
    let b = open(folder.path(), B, 3, new.clone(), &clock);
    let c = open(folder.path(), 3, 1, paper(3, -1, 99), &clock);
    c.introduce(vec![new.clone()]).await.unwrap();
    deliver(&b, &c).await.unwrap();
    assert_eq!(held(&c), 8);
    let d = open(folder.path(), 4, 1, paper(4, -1, 99), &clock);
    deliver(&c, &d).await.unwrap();
    assert_eq!(held(&d), 8, "a relay introduces by the papers of the time");
    for ledger in [b, c, d] {
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_papers_that_are_brought_again_stall_nobody() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::default());
    let (old, new) = (paper(B, -9, 1), paper(B, -1, 90));
    clock.set(2);
    let b = open(folder.path(), B, 1, new.clone(), &clock);
    let a = open(folder.path(), 1, 1, paper(1, -1, 99), &clock);
    a.introduce(vec![new.clone()]).await.unwrap();
    write(&b, 2, 1).await;
    deliver(&b, &a).await.unwrap();
    // A hostile sibling lays the expired papers to something that it forwards, and they are there after a restart.
    write(&b, 2, 1).await;
    let chain = b.charter().chain(DAY.plus(2));
    let (_, run) = b.run(chain, Seq::new(1), 64 << 10).await.unwrap();
    a.merge(vec![old.clone()], run.unwrap()).await.unwrap();
    a.introduce(vec![old]).await.unwrap();
    a.close().await;
    let a = open(folder.path(), 1, 2, paper(1, -1, 99), &clock);
    write(&b, 2, 1).await;
    let (_, run) = b.run(chain, Seq::new(2), 64 << 10).await.unwrap();
    a.merge(vec![], run.unwrap()).await.unwrap();
    assert_eq!(held(&a), 3, "an honest door is refused for papers that somebody else has brought");

    let members = a.members().await.unwrap();
    let expires = members.iter().find(|(n, _)| *n == b.charter().key.public()).unwrap().1.clone();
    assert_eq!(expires.unwrap().expires, days(90), "it stands by the papers that hold now");
    for ledger in [a, b] {
        ledger.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_papers_that_hold_longest_stand_beside_the_heads() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::default());
    let (old, new) = (paper(B, -9, 20), paper(B, -1, 90));
    let b = open(folder.path(), B, 1, old.clone(), &clock);
    let own = key(B).public();
    let shown = |ledger: &Ledger, node| ledger.heads().borrow().papers.get(&node).cloned();
    assert_eq!(shown(&b, own).as_deref(), Some(&old));
    b.introduce(vec![new.clone(), paper(3, -1, 50)]).await.unwrap();
    assert_eq!(shown(&b, own).as_deref(), Some(&new));
    assert_eq!(shown(&b, key(3).public()).as_deref(), Some(&paper(3, -1, 50)), "a sibling's, too");
    b.close().await;
    let b = open(folder.path(), B, 2, old.clone(), &clock);
    assert_eq!(shown(&b, own).as_deref(), Some(&new), "after a start");
    b.close().await;

    let authority = open(folder.path(), AUTHORITY, 1, paper(AUTHORITY, -1, 99), &clock);
    authority.introduce(vec![new]).await.unwrap();
    assert_eq!(
        shown(&authority, own),
        None,
        "of a region's many doors the authority keeps none there"
    );
    assert!(shown(&authority, key(AUTHORITY).public()).is_some());
    authority.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_many_questions_looked_into_a_venue_comes_with_its_receipts() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::default());
    let authority = open(folder.path(), AUTHORITY, 1, paper(AUTHORITY, -1, 99), &clock);
    let b = open(folder.path(), B, 1, paper(B, -1, 90), &clock);
    write(&b, 0, 2).await;
    deliver(&b, &authority).await.unwrap();
    let chain = b.charter().chain(DAY);
    let asked = |ledger: &Ledger| {
        let heads = ledger.heads().borrow().clone();
        heads.venues.get(&VENUE).map_or(0, |venue| venue.asked)
    };
    for (said, known) in [(None, 0), (Some(2), 2), (Some(3), 3), (Some(1), 3)] {
        authority.note_asked(said.into_iter().map(|n| (VENUE, n)).collect()).await.unwrap();
        let (papers, receipts) = authority.receipts(vec![chain]).await.unwrap();
        b.introduce(papers).await.unwrap();
        b.acknowledge(receipts).await.unwrap();
        assert_eq!(asked(&b), known, "{said:?}");
    }
    b.close().await;
    let b = open(folder.path(), B, 2, paper(B, -1, 90), &clock);
    assert_eq!(asked(&b), 3, "after a start");
    for ledger in [authority, b] {
        ledger.close().await;
    }
}
