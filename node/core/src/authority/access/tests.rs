//! The log over years: what is old goes, what is left verifies, and whoever moves the cut is found out.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use sync::{
    book::{Charter, Keeps},
    id::{Epoch, RegionId},
    key::{SecretKey, Signed},
    ledger::{Ledger, WallClock},
    membership::{AuthorityGrant, Membership},
    store::Durability,
    time::DAY_MILLIS,
};

use super::*;

const BEGIN: UnixMillis = UnixMillis::from_secs(1_790_000_000);

/// An authority, and the day that it believes to be.
struct World {
    authority: Authority,
    day: Arc<AtomicI64>,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = |seed| SecretKey::from_bytes(&[seed; 32]);
        let grant = AuthorityGrant {
            region: RegionId::new(1),
            node: key(50).public(),
            not_before: BEGIN,
            not_after: BEGIN.plus_millis(9999 * DAY_MILLIS),
        };
        let charter = Charter {
            key: key(50),
            membership: Membership::Authority(Signed::seal(&grant, &key(101))),
            region: RegionId::new(1),
            roots: sync::roots::Roots::new(vec![key(101).public()], 1),
            keeps: Keeps::Region,
            epoch: Epoch::new([50; 8]),
        };
        let day = Arc::new(AtomicI64::new(0));
        let told = Arc::clone(&day);
        let clock: WallClock =
            Arc::new(move || BEGIN.plus_millis(told.load(Ordering::Relaxed) * DAY_MILLIS));
        let ledger =
            Ledger::open(folder.path(), charter, Durability::Volatile, Arc::clone(&clock)).unwrap();
        let authority = Authority::open(ledger, Vec::new(), clock).await.unwrap();
        authority.keep_accesses_for(100);
        Self { authority, day, _folder: folder }
    }

    /// A line on each of these days.
    async fn lines(&self, days: std::ops::Range<i64>) {
        for day in days {
            self.day.store(day, Ordering::Relaxed);
            let at = BEGIN.plus_millis(day * DAY_MILLIS);
            self.authority.note_access(Access::new(at, "signed-in")).await.unwrap();
        }
    }

    async fn drops_on(&self, day: i64) -> u64 {
        self.day.store(day, Ordering::Relaxed);
        self.authority.drop_old_accesses().await.unwrap()
    }

    async fn numbers(&self) -> Vec<u64> {
        let lines = self.authority.accesses(None, 10_000).await.unwrap();
        lines.iter().rev().map(|line| line.number).collect()
    }

    async fn put<T: Encode<()>>(&self, number: u64, value: &T) {
        self.authority.cabinet().file(vec![Filing::put(name(number), value)]).await.unwrap();
    }

    async fn take(&self, numbers: std::ops::RangeInclusive<u64>) {
        let gone = numbers.map(|number| Filing::Take(name(number))).collect();
        self.authority.cabinet().file(gone).await.unwrap();
    }

    async fn cut(&self) -> Cut {
        Cut::read(self.authority.cabinet()).await.unwrap().unwrap()
    }

    async fn line(&self, number: u64) -> Line {
        self.authority.cabinet().read(&name(number)).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn what_is_older_than_it_is_kept_goes_and_the_rest_verifies() {
    let world = World::new().await;
    world.lines(0..50).await;
    assert_eq!(world.drops_on(99).await, 0, "none is old");
    assert_eq!(world.authority.verify_accesses().await.unwrap().0, 50, "and nothing is said");
    // On day 120 those of the days 0 to 19 are over a hundred days old.
    assert_eq!(world.drops_on(120).await, 20);
    assert_eq!(world.numbers().await, (21..=51).collect::<Vec<_>>());
    let said = world.line(51).await.access;
    assert!(said.what == "log-cut" && said.detail.starts_with("1–20 "), "{said:?}");
    assert_eq!(world.authority.verify_accesses().await.unwrap().0, 51);
    world.lines(120..130).await;
    assert_eq!(world.authority.verify_accesses().await.unwrap().0, 61);
    // Again and again, also beyond the line that told of the first cut.
    assert_eq!(world.drops_on(121).await, 1);
    assert_eq!(world.drops_on(121).await, 0);
    assert_eq!(world.drops_on(225).await, 29 + 1 + 5);
    assert_eq!(world.authority.verify_accesses().await.unwrap().0, 63);
    assert_eq!(world.numbers().await.first(), Some(&57));
    let earlier = world.authority.accesses(Some(57), 10).await.unwrap();
    assert!(earlier.is_empty(), "before the cut there is nothing to be read");
}

#[tokio::test]
async fn when_all_is_old_the_log_begins_with_its_cut() {
    let world = World::new().await;
    world.lines(0..3).await;
    assert_eq!(world.drops_on(1000).await, 3);
    assert_eq!(world.numbers().await, [4]);
    assert_eq!(world.authority.verify_accesses().await.unwrap().0, 4);
}

#[tokio::test]
async fn a_drop_that_the_power_ends_is_finished_the_next_day() {
    let world = World::new().await;
    world.lines(0..50).await;
    let (second, third) = (world.line(2).await, world.line(3).await);
    assert_eq!(world.drops_on(120).await, 20);
    world.put(2, &second).await;
    world.put(3, &third).await;
    assert_eq!(world.authority.verify_accesses().await.unwrap().0, 51);
    assert_eq!(world.numbers().await.first(), Some(&21), "they are not shown");
    assert_eq!(world.drops_on(120).await, 2);
    assert!(world.authority.cabinet().read::<Line>(&name(2)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_cut_that_was_tampered_with_does_not_verify() {
    let world = World::new().await;
    world.lines(0..50).await;
    world.drops_on(120).await;
    let (cut, line) = (world.cut().await, world.line(23).await);
    let altered =
        |result: Result<(u64, Hash), AccessError>| matches!(result, Err(AccessError::Altered(_)));
    let verify = || world.authority.verify_accesses();

    // Three lines more are taken out, and the cut is moved behind them, as its row can say.
    let kept = [world.line(21).await, world.line(22).await, line.clone()];
    world.take(21..=23).await;
    assert!(altered(verify().await), "a gap behind the cut");
    world.put(0, &Cut { dropped: 23, head: line.hash(), ..cut.clone() }).await;
    assert!(altered(verify().await), "no line says so");
    for line in &kept {
        world.put(line.number, line).await;
    }
    world.put(0, &cut).await;
    assert!(verify().await.is_ok());

    // The row names another hash, another line, or is gone.
    world.put(0, &Cut { head: Hash::ZERO, ..cut.clone() }).await;
    assert!(altered(verify().await));
    world.take(0..=0).await;
    assert!(altered(verify().await), "without its cut the log has no beginning");
    world.put(0, &cut).await;

    // The line that tells of it is altered, and so is its hash.
    let told = world.line(51).await;
    let mut other = told.clone();
    other.access.detail = other.access.detail.replace("1–20", "1–21");
    world.put(51, &other).await;
    assert!(altered(verify().await));
    world.put(51, &told).await;
    assert!(verify().await.is_ok());
}
