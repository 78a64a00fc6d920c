//! What one author may cost: an honest door fits with all its days, and a hostile one costs its quota and no more,
//! whichever way it takes, while the others go on.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::path::{Path, PathBuf};

use sync::{
    book::{AUTHOR_BYTES_MAX, AUTHOR_CHAINS_MAX, Book, BookError, Charter, ENVELOPE_LEAST},
    document::{SEGMENT_BYTES, SEGMENT_RECORDS},
    envelope::{CheckedEnvelope, Header, Link, Run},
    id::{
        ChainId, EntranceId, Epoch, Hash, RecordId, RecordNumber, Segment, Seq, Subject, Tag, Week,
        ZoneId,
    },
    key::SecretKey,
    order::{Capacity, HITS_DAYS, REMOVALS_ROOM, SignedOrder, Signer},
    order::{HITS_MAX, HITS_ORDERS_MAX, Hit, Matter, ORDERS_MAX, Order, Removal, RemovalCause},
    record::{AlertCause, ClockTrust, Decider, Edit, PlaceTaken, Record, Status, Visit, VisitKind},
    sample::{VENUE, authority, door, manager},
    sealed::{Binding, Identity, Sealed, TracingSecret},
    store::{Durability, Store},
    time::{DAY_MILLIS, Day, UnixMillis},
};
use tempfile::TempDir;

const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const TODAY: Day = Day::new(20_717);
const HOSTILE: u8 = 64;

fn open(folder: &Path, charter: Charter) -> Book {
    let store = Store::open(&folder.join("ledger"), Durability::Volatile).unwrap();
    Book::open(store, charter).unwrap()
}

fn victim() -> (TempDir, Book) {
    let folder = tempfile::tempdir().unwrap();
    let mut book = open(folder.path(), door(1, 1));
    for seed in [2, HOSTILE] {
        book.introduce(&door(seed, 1).membership).unwrap();
    }
    (folder, book)
}

fn epoch(n: u64) -> Epoch {
    Epoch::new(n.to_be_bytes())
}

/// A chain as a program writes it that goes by no rule but those that are checked.
struct Writer {
    key: SecretKey,
    chain: ChainId,
    seq: u64,
    previous: Hash,
    number: u64,
    segment: Segment,
    /// Records and bytes in the segment.
    held: (usize, usize),
}

impl Writer {
    fn new(seed: u8, start: u64, day: Day) -> Self {
        let key = SecretKey::from_bytes(&[seed; 32]);
        let chain = ChainId { author: key.public(), epoch: epoch(start), day };
        Self {
            key,
            chain,
            seq: 0,
            previous: Hash::ZERO,
            number: 1,
            segment: Segment::new(0),
            held: (0, 0),
        }
    }

    /// So many envelopes of so many records of so many bytes.
    fn run(&mut self, envelopes: usize, records: usize, bytes: usize) -> Run {
        let (after, first) = (Seq::new(self.seq), self.previous);
        let made_at = match self.chain.day {
            day if day.is_civil() => at(day.min(TODAY)),
            _ => NOON,
        };
        let (mut links, mut signature) = (Vec::new(), None);
        for _ in 0..envelopes {
            self.seq += 1;
            let header = Header {
                venue: VENUE,
                chain: self.chain,
                seq: Seq::new(self.seq),
                previous: self.previous,
                segment: self.segment,
                made_at,
                content: Hash::ZERO,
            };
            let items = (0..records).map(|_| {
                self.number += 1;
                (RecordNumber::new(self.number), noise(bytes))
            });
            let items: Vec<_> = items.collect();
            let mut written =
                CheckedEnvelope::write(header.clone(), items.clone(), &self.key).unwrap();
            let adding = written.items().iter().map(|item| item.bytes.len()).sum::<usize>();
            self.held = (self.held.0 + records, self.held.1 + adding);
            if self.held.0 > SEGMENT_RECORDS || self.held.1 > SEGMENT_BYTES {
                self.segment = Segment::new(self.segment.get() + 1);
                self.held = (records, adding);
                let header = Header { segment: self.segment, ..header };
                written = CheckedEnvelope::write(header, items, &self.key).unwrap();
            }
            let segment = self.segment;
            self.previous = written.header().hash();
            signature = written.signature();
            links.push(Link { segment, made_at, items: written.items().to_vec() });
        }
        let (venue, chain) = (VENUE, self.chain);
        Run { venue, chain, after, previous: first, links, signature: signature.unwrap() }
    }
}

fn noise(bytes: usize) -> Record {
    let value: Vec<u8> = (0..bytes).map(|_| rand::random()).collect();
    Record::Edit(Edit {
        at: NOON,
        field: "x".into(),
        value: Some(value.into()),
        replaces: Vec::new(),
    })
}

fn at(day: Day) -> UnixMillis {
    NOON.plus_millis(i64::from(day.get() - TODAY.get()) * DAY_MILLIS)
}

fn merge(book: &mut Book, run: Run) -> Result<(), BookError> {
    book.merge(&[], run.check(NOON).unwrap(), NOON)?;
    book.commit().unwrap();
    Ok(())
}

fn counted(book: &Book, seed: u8) -> u64 {
    let author = SecretKey::from_bytes(&[seed; 32]).public();
    let of_author = |c: &&(&ChainId, &sync::book::Head)| c.0.author == author;
    book.heads().chains().collect::<Vec<_>>().iter().filter(of_author).map(|(_, h)| h.bytes).sum()
}

fn on_disk(folder: &Path) -> u64 {
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    let mut bytes = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => bytes += entry.metadata().unwrap().len(),
            }
        }
    }
    bytes
}

#[test]
fn a_hostile_sibling_costs_its_quota_over_all_days_and_the_others_go_on() {
    let (folder, mut book) = victim();
    let days = (-14..=2).map(|n| TODAY.plus(n)).chain([Day::UNKNOWN, Day::STANDING]);
    let mut refused = 0;
    for (start, day) in (1..).zip(days) {
        let mut writer = Writer::new(HOSTILE, start, day);
        // What a quota of records alone lets pass: 20,000 of them, on every day.
        for _ in 0..313 {
            match merge(&mut book, writer.run(1, 64, 600)) {
                Ok(()) => {}
                Err(BookError::Quota(_)) => {
                    refused += 1;
                    break;
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
    assert!(refused >= 16, "only {refused} days found an end");
    let counted = counted(&book, HOSTILE);
    assert!((AUTHOR_BYTES_MAX / 2..=AUTHOR_BYTES_MAX).contains(&counted), "{counted} bytes");
    merge(&mut book, Writer::new(2, 1, TODAY).run(1, 64, 600)).unwrap();
    drop(book);
    // sled's own log is more than what it holds, until it is cleaned.
    let disk = on_disk(folder.path());
    eprintln!("counted {counted}, on disk {disk}");
    assert!(disk < 2 * AUTHOR_BYTES_MAX, "{disk} bytes on disk");
    // What counts is known after a restart as before it.
    let book = open(folder.path(), door(1, 2));
    assert_eq!(self::counted(&book, HOSTILE), counted);
}

#[test]
fn what_is_small_is_no_way_round() {
    // The second is as long as a sealed visit that comes alone.
    for (envelopes, records, bytes) in [(500, 1, 1), (500, 1, 106), (20, 64, 1), (10, 64, 600)] {
        let (folder, mut book) = victim();
        let mut writer = Writer::new(HOSTILE, 1, TODAY);
        let mut grown = |times: usize| {
            for _ in 0..times {
                merge(&mut book, writer.run(envelopes, records, bytes)).unwrap();
            }
            (counted(&book, HOSTILE), on_disk(folder.path()))
        };
        // Past what sled takes for an empty store.
        let (before, after) = (grown(4), grown(8));
        let (counted, disk) = (after.0 - before.0, after.1.saturating_sub(before.1));
        eprintln!("{records} records of {bytes} B an envelope: counted {counted}, disk {disk}");
        let whole = AUTHOR_BYTES_MAX * disk / counted / (1 << 20);
        eprintln!("a whole quota of them: {whole} MiB on the card");
        let envelopes = 8 * envelopes as u64;
        assert!(counted >= envelopes * ENVELOPE_LEAST, "as much as visitors who come one by one");
        // sled's log, not yet cleaned, is a multiple of what it holds; the slower the machine, the more often it was flushed
        // meanwhile: two- to fivefold was seen.
        assert!(disk < 10 * counted, "counted {counted}, on disk {disk}");
    }
}

#[test]
fn two_thousand_visits_a_day_fit_with_all_their_days() {
    let (_folder, mut book) = victim();
    let charter = book.charter().clone();
    let secret = TracingSecret::generate(Week::new(2_958)).public().unwrap();
    for n in 1..=50 {
        let chain = charter.chain(TODAY);
        let id = RecordId { chain, number: RecordNumber::new(n) };
        let binding = Binding { venue: VENUE, visit: id, day: TODAY };
        let who = Identity::Native(Subject::new([7; 16]), None, None);
        let visit = Visit {
            at: NOON,
            clock: ClockTrust::Trusted,
            entrance: EntranceId::new(1),
            kind: VisitKind::Entry,
            status: Status::Green,
            reason: None,
            decider: Decider::Verdict,
            tag: Tag::new([7; 16]),
            sealed: Some(Sealed::seal(&who, &secret, &binding).unwrap()),
            zone: ZoneId::default(),
            place: PlaceTaken::One,
            marks: vec![sync::id::Mark::from_slice(&[5; 8]).unwrap()],
            temperature: None,
        };
        // One by one, as people come.
        book.write(vec![(id, Record::Visit(visit))], VENUE, None, NOON).unwrap();
        book.commit().unwrap();
    }
    let each = counted(&book, 1) / 50;
    eprintln!("a visit counts for {each} bytes");
    // 14 days and the present one, a start each day, and something to spare for what stands.
    assert!(each * 2_000 * 15 + (1 << 20) <= AUTHOR_BYTES_MAX, "{each} bytes a visit");
}

#[test]
fn a_door_that_is_switched_off_every_night_keeps_its_say_for_years() {
    let (_folder, mut book) = victim();
    for start in 1..=3 * 365 {
        let mut writer = Writer::new(2, start, Day::STANDING);
        merge(&mut book, writer.run(1, 1, 100)).unwrap();
    }
    // On a day of the calendar, and without any, so many starts are no door's.
    for day in [TODAY, Day::UNKNOWN] {
        let mut taken = 0;
        while merge(&mut book, Writer::new(HOSTILE, taken + 1, day).run(1, 1, 1)).is_ok() {
            taken += 1;
        }
        assert_eq!(taken, AUTHOR_CHAINS_MAX as u64, "{day}");
    }
}

fn ordered(book: &mut Book, issued_at: UnixMillis, matter: Matter) -> Result<(), BookError> {
    let order = Order { venue: VENUE, issued_at, matter };
    let by = authority(9, 1);
    let signed = match &order.matter {
        Matter::Hits(_) => {
            let signer = Signer::Node(by.key.public(), by.membership.clone());
            SignedOrder::seal(&order, signer, &by.key)
        }
        _ => SignedOrder::seal(&order, Signer::Manager, &manager()),
    };
    book.keep_order(signed)?;
    book.commit().unwrap();
    Ok(())
}

fn hits(n: u64) -> Matter {
    let chain = door(2, 1).chain(TODAY);
    let visit = |k| RecordId { chain, number: RecordNumber::new(n * HITS_MAX as u64 + k) };
    let hit = |k| Hit { visit: visit(k), cause: AlertCause::Revoked };
    Matter::Hits((0..2).map(hit).collect())
}

fn removal(n: u16) -> Matter {
    let mut seed = [1; 32];
    seed[..2].copy_from_slice(&n.to_be_bytes());
    let node = SecretKey::from_bytes(&seed).public();
    Matter::Removal(Removal { node, cause: RemovalCause::Replaced })
}

fn capacity(version: u64) -> Matter {
    Matter::Capacity(Capacity {
        zone: ZoneId::default(),
        version,
        most: 10,
        shares: Vec::new(),
        closing_minute: 0,
        from: TODAY,
    })
}

#[test]
fn a_lost_door_can_be_shut_out_whatever_else_was_ordered() {
    let (_folder, mut book) = victim();
    let held = |book: &Book| book.heads().venues.get(&VENUE).map_or(0, |v| v.orders.len());
    for n in 0.. {
        match ordered(&mut book, NOON, hits(n)) {
            Ok(()) => assert!(n < HITS_ORDERS_MAX as u64, "no end of hits"),
            Err(BookError::Orders(_)) => break,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(held(&book), HITS_ORDERS_MAX);
    for version in 1.. {
        match ordered(&mut book, NOON, capacity(version)) {
            Ok(()) => assert!(version < 1024, "no end of capacities"),
            Err(BookError::Orders(_)) => break,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(held(&book), ORDERS_MAX - REMOVALS_ROOM);
    for n in 0..u16::try_from(REMOVALS_ROOM).unwrap() {
        ordered(&mut book, NOON, removal(n)).unwrap();
    }
}

#[test]
fn lists_of_hits_end_everywhere_at_one_time_and_do_not_come_back() {
    let (folder, mut book) = victim();
    ordered(&mut book, NOON, hits(1)).unwrap();
    ordered(&mut book, NOON, capacity(1)).unwrap();
    let look = |book: &mut Book, days: i32| {
        let today = TODAY.plus(days);
        book.give_up(today.plus(-14), today, || RecordNumber::new(1), at(today)).unwrap();
        book.commit().unwrap();
        book.orders(VENUE).len()
    };
    assert_eq!(look(&mut book, HITS_DAYS), 2);
    let digest = book.heads().venues[&VENUE].orders_digest();
    assert_eq!(look(&mut book, HITS_DAYS + 1), 1);
    assert_ne!(book.heads().venues[&VENUE].orders_digest(), digest);
    ordered(&mut book, NOON, hits(1)).unwrap(); // whoever still has it
    assert_eq!(book.orders(VENUE).len(), 1);
    drop(book);
    let book = open(folder.path(), door(1, 2));
    assert_eq!(book.orders(VENUE).len(), 1, "gone from the disk as well");
}
