//! The end of a day: after it no byte of what was planted on it can be read in any file of any peer, nor in a copy of
//! a store, and no late peer, wrong clock or power cut changes that.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use sync::{
    book::{Book, BookError, Charter, Keeps, Leaving, Row},
    erasure::{Limit, Retention},
    id::{
        ChainId, EntranceId, Epoch, Mark, RecordId, RecordNumber, RegionId, Seq, Subject, Tag,
        VenueId, ZoneId,
    },
    key::{SecretKey, Signed},
    membership::{AuthorityGrant, DoorGrant, Membership, VenueGrant},
    record::{
        ClockTrust, Decider, Direction, Gap, PlaceTaken, Receipt, Record, Status, Visit, VisitKind,
    },
    store::{Durability, Store, StoreError},
    tag::TagKey,
    time::{DAY_MILLIS, Day, UnixMillis, Zone},
    vault::{Believed, DayKey},
};
use tempfile::TempDir;

const VENUE: VenueId = VenueId::new(17);
const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const TODAY: Day = Day::new(20_717);
const KEPT: u16 = 14;
const SUBJECT: Subject = Subject::new(*b"CANARY-subject-1");
/// What is planted, as its bytes stand in a record: a tag, a mark, a reason.
const CANARIES: [&[u8]; 3] = [b"CANARY-tag-16-by", b"CNRYmark", b"canary-in-a-coal-mine"];
const DOOR: u8 = 1;
const SIBLING: u8 = 2;
const AUTHORITY: u8 = 9;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_bytes(&[seed; 32])
}

fn paper(seed: u8) -> Membership {
    let (root, manager, node) = (key(101), key(102), key(seed).public());
    let (not_before, not_after) = (UnixMillis::new(0), UnixMillis::new(i64::MAX));
    if seed == AUTHORITY {
        let grant = AuthorityGrant { region: RegionId::new(1), node, not_before, not_after };
        return Membership::Authority(Signed::seal(&grant, &root));
    }
    let venue = VenueGrant {
        region: RegionId::new(1),
        venue: VENUE,
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
        venue: VENUE,
        entrance: EntranceId::new(u16::from(seed)),
        name: "A".into(),
        direction: Direction::Both,
        node,
        not_before,
        not_after,
    };
    Membership::Door { venue: Signed::seal(&venue, &root), door: Signed::seal(&door, &manager) }
}

fn charter(seed: u8, epoch: u8) -> Charter {
    Charter {
        key: key(seed),
        membership: paper(seed),
        region: RegionId::new(1),
        roots: sync::roots::Roots::new(vec![key(101).public()], 1),
        keeps: if seed == AUTHORITY { Keeps::Region } else { Keeps::Venue(VENUE) },
        epoch: Epoch::new([epoch; 8]),
    }
}

fn at(day: Day) -> UnixMillis {
    NOON.plus_millis(i64::from(day.get() - TODAY.get()) * DAY_MILLIS)
}

fn planted(day: Day) -> Visit {
    Visit {
        at: at(day),
        clock: ClockTrust::Trusted,
        entrance: EntranceId::new(1),
        kind: VisitKind::Entry,
        status: Status::Green,
        reason: Some(String::from_utf8(CANARIES[2].to_vec()).unwrap()),
        decider: Decider::Verdict,
        tag: Tag::from_slice(CANARIES[0]).unwrap(),
        sealed: None,
        zone: ZoneId::default(),
        place: PlaceTaken::One,
        marks: vec![Mark::from_slice(CANARIES[1]).unwrap()],
        temperature: None,
    }
}

/// A node: its folder lives on while its book is closed.
struct Node {
    folder: TempDir,
    seed: u8,
    epoch: u8,
    book: Option<Book>,
    numbers: u64,
}

impl Node {
    fn new(seed: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut node = Self { folder, seed, epoch: 0, book: None, numbers: 1 };
        node.start().unwrap();
        node
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("ledger")
    }

    /// Stops it as a power cut does where everything was flushed, and starts it again.
    fn start(&mut self) -> Result<(), StoreError> {
        self.book = None;
        self.epoch += 1;
        let store = Store::open(&self.path(), Durability::Fsync)?;
        let mut book = Book::open(store, charter(self.seed, self.epoch))?;
        if self.seed != AUTHORITY {
            book.turn(TagKey::new(TODAY.plus(-2), [3; 32]));
        }
        self.book = Some(book);
        Ok(())
    }

    fn book(&mut self) -> &mut Book {
        self.book.as_mut().unwrap()
    }

    fn record(&mut self, day: Day, record: Record, now: UnixMillis) -> Result<ChainId, BookError> {
        let number = RecordNumber::new(self.numbers);
        self.numbers += 1;
        let chain = self.book().charter().chain(day);
        self.book().write(vec![(RecordId { chain, number }, record)], VENUE, None, now)?;
        self.book().commit()?;
        Ok(chain)
    }

    fn plant(&mut self, day: Day) -> ChainId {
        let written = if day.is_civil() { day } else { TODAY };
        self.record(day, Record::Visit(planted(written)), at(written)).unwrap()
    }

    fn chains(&mut self) -> Vec<ChainId> {
        self.book().heads().chains().map(|(chain, _)| *chain).collect()
    }

    fn has_canary(&mut self) -> bool {
        self.records()
            .iter()
            .any(|r| matches!(r, Record::Visit(v) if v.tag.as_bytes()[..] == *CANARIES[0]))
    }

    fn gaps(&mut self) -> Vec<Gap> {
        let gap = |r: Record| if let Record::Gap(gap) = r { Some(gap) } else { None };
        self.records().into_iter().filter_map(gap).collect()
    }

    fn records(&mut self) -> Vec<Record> {
        let chains = self.chains();
        let of = |c| self.book().records(c, Seq::default(), usize::MAX).unwrap().0;
        chains.into_iter().flat_map(of).map(|stored| stored.record).collect()
    }

    fn give_up(&mut self, first: Day, today: Day) -> Leaving {
        let mut next = self.numbers;
        let number = || {
            next += 1;
            RecordNumber::new(next)
        };
        let leaving = self.book().give_up(first, today, number, at(today)).unwrap();
        self.numbers = next + 1;
        self.book().commit().unwrap();
        leaving
    }

    fn purge(&mut self, first: Day, today: Day) -> Leaving {
        let leaving = self.give_up(first, today);
        self.book().destroy(first, &leaving, believed()).unwrap();
        while !self.book().sweep().unwrap() {}
        leaving
    }

    /// The folder of the store alone, as somebody copies it who knows of no keys.
    fn copy_store(&mut self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_all(&self.path(), &copy.path().join("ledger"));
        copy
    }
}

fn believed() -> Believed {
    Believed::when(ClockTrust::Trusted).unwrap()
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

fn contains(folder: &Path, needle: &[u8]) -> bool {
    files(folder).iter().any(|f| fs::read(f).unwrap().windows(needle.len()).any(|w| w == needle))
}

fn merge(from: &mut Node, to: &mut Node, chain: ChainId, now: UnixMillis) -> Result<(), BookError> {
    let introduced: Vec<_> = from.book().membership(&chain, now).cloned().into_iter().collect();
    let run = from.book().run(chain, Seq::default(), usize::MAX).unwrap().unwrap();
    to.book().merge(&introduced, run.check(now).unwrap(), now)?;
    to.book().commit()?;
    Ok(())
}

fn deliver(from: &mut Node, to: &mut Node) {
    for chain in from.chains() {
        merge(from, to, chain, NOON).unwrap();
    }
}

fn index(authority: &mut Node, chain: ChainId) {
    let row = Row::OfChain {
        chain,
        whose: SUBJECT.as_bytes().to_vec(),
        which: b"visit".to_vec(),
        value: [SUBJECT.as_bytes(), CANARIES[0]].concat(),
    };
    authority.book().keep_rows(&[row]).unwrap();
    authority.book().commit().unwrap();
}

fn traced(authority: &mut Node, chain: ChainId) -> usize {
    authority.book().rows_of(&[chain], SUBJECT.as_bytes()).unwrap().len()
}

/// The chains in which the canary can be read by who has the copy and the keys that the node still has.
fn readable_in(copy: &TempDir, node: &Node) -> Result<Vec<ChainId>, StoreError> {
    let beside = tempfile::tempdir().unwrap();
    let path = beside.path().join("ledger");
    copy_all(&copy.path().join("ledger"), &path);
    copy_all(&Store::vault_of(&node.path()), &Store::vault_of(&path));
    restrict(&Store::vault_of(&path));
    let mut book = Book::open(Store::open(&path, Durability::Fsync)?, charter(node.seed, 99))?;
    let mut chains: Vec<_> = book.heads().chains().map(|(chain, _)| *chain).collect();
    let is = |r: &Record| matches!(r, Record::Visit(v) if v.tag.as_bytes()[..] == *CANARIES[0]);
    chains.retain(|chain| {
        let records = book.records(*chain, Seq::default(), usize::MAX).unwrap().0;
        records.iter().any(|stored| is(&stored.record))
    });
    Ok(chains)
}

fn restrict(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    for file in files(folder) {
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn after_a_purge_nobody_can_read_what_was_planted() {
    let (mut door, mut sibling, mut authority) =
        (Node::new(DOOR), Node::new(SIBLING), Node::new(AUTHORITY));
    let chain = door.plant(TODAY);
    deliver(&mut door, &mut sibling);
    deliver(&mut door, &mut authority);
    index(&mut authority, chain);
    // A later day, to see that it stays.
    let kept = sibling.plant(TODAY.plus(1));

    // Before: it is there for who asks, and a bare search would find it if it lay in clear.
    assert!(door.has_canary() && sibling.has_canary() && authority.has_canary());
    assert_eq!(traced(&mut authority, chain), 1);
    let record = Record::Visit(planted(TODAY)).to_bytes();
    assert!(CANARIES.iter().all(|c| record.windows(c.len()).any(|w| w == *c)));
    fs::write(door.folder.path().join("dump"), &record).unwrap();
    assert!(CANARIES.iter().all(|c| contains(door.folder.path(), c)));
    fs::remove_file(door.folder.path().join("dump")).unwrap();

    let mut copies = Vec::new();
    for node in [&mut door, &mut sibling, &mut authority] {
        node.start().unwrap();
        let copy = node.copy_store();
        assert!(
            readable_in(&copy, node).unwrap().contains(&chain),
            "with its key the copy can be read"
        );
        copies.push(copy);
    }

    let first = TODAY.plus(1);
    let gone: Vec<_> = [&mut door, &mut sibling, &mut authority]
        .map(|node| node.purge(first, TODAY.plus(i32::from(KEPT) + 1)).chains)
        .into();
    assert_eq!(gone, [[chain], [chain], [chain]]);
    assert_eq!(traced(&mut authority, chain), 0);

    for (node, copy) in [&mut door, &mut sibling, &mut authority].into_iter().zip(&copies) {
        assert!(!node.chains().contains(&chain));
        node.start().unwrap();
        assert!(!node.chains().contains(&chain), "nor after a restart");
        for folder in [node.folder.path(), copy.path()] {
            for canary in CANARIES.into_iter().chain([&SUBJECT.as_bytes()[..], &record]) {
                assert!(!contains(folder, canary), "{}", folder.display());
            }
        }
        assert!(
            !readable_in(copy, node).unwrap().contains(&chain),
            "the copy beside the keys that are left"
        );
    }
    assert!(sibling.chains().contains(&kept) && sibling.has_canary(), "the later day");
}

#[test]
fn doors_have_the_same_key_of_a_day_and_it_is_gone_at_both() {
    let (mut door, mut sibling) = (Node::new(DOOR), Node::new(SIBLING));
    door.plant(TODAY);
    sibling.plant(TODAY);
    let id = |node: &mut Node| node.book().day_key(TODAY).map(|k: DayKey| k.id());
    assert!(id(&mut door).is_some() && id(&mut door) == id(&mut sibling));
    for node in [&mut door, &mut sibling] {
        node.purge(TODAY.plus(1), TODAY.plus(15));
        assert_eq!(id(node), None);
    }
}

#[test]
fn what_nobody_has_leaves_a_signed_gap_once_and_it_travels() {
    let (mut door, mut sibling, mut authority) =
        (Node::new(DOOR), Node::new(SIBLING), Node::new(AUTHORITY));
    let lost = door.plant(TODAY);
    deliver(&mut door, &mut sibling);
    let safe = sibling.plant(TODAY);
    let receipt = Receipt {
        chain: safe,
        seq: Seq::new(1),
        at: NOON,
        by: key(AUTHORITY).public(),
        asked: None,
    };
    sibling.book().introduce(&paper(AUTHORITY)).unwrap();
    sibling.book().acknowledge(Signed::seal(&receipt, &key(AUTHORITY))).unwrap();
    sibling.book().commit().unwrap();

    let today = TODAY.plus(15);
    let leaving = door.purge(TODAY.plus(1), today);
    assert_eq!(leaving.gaps.len(), 1);
    let expected =
        Gap { at: at(today), chain: lost, from: Seq::new(1), to: Seq::new(1), records: 1 };
    assert_eq!(door.gaps(), std::slice::from_ref(&expected));
    // The sibling has heard of it before it destroys its own copy, and of its own the authority has everything.
    for chain in door.chains() {
        merge(&mut door, &mut sibling, chain, at(today)).unwrap();
        merge(&mut door, &mut authority, chain, at(today)).unwrap();
    }
    assert!(sibling.purge(TODAY.plus(1), today).gaps.is_empty());
    assert_eq!(sibling.gaps(), std::slice::from_ref(&expected));
    assert_eq!(authority.gaps(), [expected]);
    door.start().unwrap();
    assert_eq!(door.gaps().len(), 1, "it stands after a restart and another purge");
    assert!(door.purge(TODAY.plus(2), today).gaps.is_empty());
}

#[test]
fn a_power_cut_between_any_two_steps_is_gone_on_from() {
    let first = TODAY.plus(1);
    let today = TODAY.plus(15);
    for stop in 0..4 {
        let mut door = Node::new(DOOR);
        for _ in 0..40 {
            door.plant(TODAY);
        }
        let kept = door.plant(TODAY.plus(2));
        let chain = door.book().charter().chain(TODAY);
        let leaving = door.give_up(first, today);
        if stop >= 1 {
            door.book().destroy(first, &leaving, believed()).unwrap();
        }
        if stop >= 2 {
            door.book().sweep().unwrap();
        }
        if stop >= 3 {
            while !door.book().sweep().unwrap() {}
        }
        door.start().unwrap();
        assert_eq!(door.chains().contains(&chain), stop == 0, "{stop}");
        let again = door.purge(first, today);
        assert!(again.gaps.is_empty(), "{stop}: the gap is recorded once");
        assert_eq!(door.gaps().len(), 1, "{stop}");
        for _ in 0..2 {
            let chains = door.chains();
            assert!(!chains.contains(&chain) && chains.contains(&kept), "{stop}");
            door.start().unwrap();
        }
    }
}

#[test]
fn a_late_peer_brings_nothing_back_and_old_own_records_are_refused() {
    let (mut door, mut late, mut fresh) =
        (Node::new(DOOR), Node::new(SIBLING), Node::new(SIBLING + 1));
    let chain = late.plant(TODAY);
    deliver(&mut late, &mut door);
    let today = TODAY.plus(15);
    door.purge(TODAY.plus(1), today);
    for _ in 0..2 {
        let refused = merge(&mut late, &mut door, chain, at(today)).unwrap_err();
        assert!(matches!(refused, BookError::TooOld(TODAY)) && refused.is_authors(), "{refused}");
        door.start().unwrap();
    }
    assert!(!door.has_canary());
    // One that has destroyed nothing yet, but whose limit is the same.
    let limit = Limit { retention: KEPT, trust: ClockTrust::Trusted, zone: Zone::utc() };
    fresh.book().set_limit(limit);
    let refused = merge(&mut late, &mut fresh, chain, at(today)).unwrap_err();
    assert!(matches!(refused, BookError::TooOld(TODAY)), "{refused}");
    merge(&mut late, &mut fresh, chain, at(TODAY.plus(14))).unwrap();

    let own = door.record(TODAY, Record::Visit(planted(TODAY)), at(today)).unwrap_err();
    assert!(own.to_string().contains(&TODAY.to_string()), "{own}");
}

#[test]
fn a_chain_without_a_day_goes_when_it_was_here_for_so_long() {
    let (mut door, mut late) = (Node::new(DOOR), Node::new(SIBLING));
    let undated = late.plant(Day::UNKNOWN);
    deliver(&mut late, &mut door);
    let own = door.plant(Day::UNKNOWN);
    let keep = |day: Day| day.plus(-i32::from(KEPT));
    assert!(door.purge(keep(TODAY), TODAY).chains.is_empty());
    assert!(door.purge(keep(TODAY.plus(14)), TODAY.plus(14)).chains.is_empty());
    let leaving = door.give_up(keep(TODAY.plus(15)), TODAY.plus(15));
    assert_eq!((leaving.chains, leaving.gaps.len()), (vec![undated], 1));
    door.start().unwrap(); // cut off before the key went: the opening goes on
    assert_eq!(door.chains().iter().filter(|c| c.day == Day::UNKNOWN).count(), 1);
    let refused = merge(&mut late, &mut door, undated, at(TODAY.plus(15))).unwrap_err();
    assert!(matches!(refused, BookError::TooOld(Day::UNKNOWN)), "{refused}");
    // Its own goes too, now that it is of an earlier start.
    assert_eq!(door.purge(keep(TODAY.plus(16)), TODAY.plus(16)).chains, [own]);
    assert!(!door.has_canary());
}

#[test]
fn a_clock_that_jumps_purges_nothing() {
    let mut door = Node::new(DOOR);
    let chain = door.plant(TODAY);
    let mut retention = Retention::default();
    let hour = std::time::Duration::from_secs(3600);
    for n in 0..20u32 {
        let jump = TODAY.plus(if n % 2 == 0 { 400 } else { 0 });
        if let Some(first) = retention.look(jump, ClockTrust::Trusted, hour * n, KEPT) {
            door.purge(first, jump);
        }
    }
    assert!(door.chains().contains(&chain) && door.has_canary());
    assert!(Believed::when(ClockTrust::Bounded).is_none(), "nobody else may ask for it");
}

#[test]
fn a_store_whose_keys_are_lost_is_named_and_left_alone() {
    let mut door = Node::new(DOOR);
    door.plant(TODAY);
    door.plant(TODAY.plus(1));
    door.book = None;
    let keys = Store::vault_of(&door.path());
    let away = door.folder.path().join("away");
    fs::rename(&keys, &away).unwrap();
    let error = door.start().unwrap_err();
    assert!(matches!(error, StoreError::KeysLost { count: 2, .. }), "{error}");
    assert!(error.to_string().contains(keys.to_str().unwrap()), "{error}");
    fs::remove_dir_all(&keys).unwrap();
    fs::rename(&away, &keys).unwrap();
    door.start().unwrap();
    assert!(door.has_canary());
}
