//! Nodes of the simulated region: their keys, papers and books; what their people and their cards do.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use rand::RngExt;
use sync::{
    book::{Book, Charter, Keeps},
    bulletin::{Bulletin, BulletinKind, Notice},
    id::{EntranceId, Epoch, PublicKey, RecordId, RecordNumber, RegionId, Tag, ZoneId},
    key::{SecretKey, Signed},
    membership::{AuthorityGrant, DoorGrant, Membership, VenueGrant},
    order::{Matter, Order, Removal, RemovalCause, SignedOrder, Signer},
    record::{
        Alert, AlertCause, ClockTrust, Decider, Direction, PlaceTaken, Record, Status, Visit,
        VisitKind,
    },
    store::{Durability, Store},
    time::{DAY_MILLIS, Day, UnixMillis},
};
use tempfile::TempDir;

use super::{VENUE, World, network::Talk};

const REGION: RegionId = RegionId::new(1);
pub(super) const YEAR: i64 = 365 * DAY_MILLIS;

/// Who signs in the region.
pub(super) struct Keys {
    root: SecretKey,
    pub(super) manager: SecretKey,
    began: i64,
    first_lasts: i64,
}

impl Keys {
    /// The first door's papers last so long, ms; the others' a year.
    pub(super) fn new(began: i64, first_lasts: i64) -> Self {
        let key = |b| SecretKey::from_bytes(&[b; 32]);
        Self { root: key(201), manager: key(202), began, first_lasts }
    }

    fn lasting(&self, lasts: i64) -> (UnixMillis, UnixMillis) {
        (UnixMillis::new(self.began - YEAR), UnixMillis::new(self.began + lasts))
    }

    fn door_paper(&self, door: usize, node: PublicKey, issued: i64, lasts: i64) -> Membership {
        let (not_before, not_after) = self.lasting(YEAR);
        let venue = VenueGrant {
            region: REGION,
            venue: VENUE,
            name: "Simulated".into(),
            zone: "Asia/Almaty".into(),
            manager: self.manager.public(),
            capacity: None,
            not_before,
            not_after,
            doors: None,
            activity: None,
            area: None,
        };
        let (not_before, not_after) = self.lasting(lasts);
        let not_before = not_before.plus_millis(issued);
        let grant = DoorGrant {
            venue: VENUE,
            entrance: EntranceId::new(u16::try_from(door).unwrap() + 1),
            name: format!("{door}"),
            direction: Direction::Both,
            node,
            not_before,
            not_after,
        };
        Membership::Door {
            venue: Signed::seal(&venue, &self.root),
            door: Signed::seal(&grant, &self.manager),
        }
    }

    fn authority_paper(&self, node: PublicKey) -> Membership {
        let (not_before, not_after) = self.lasting(YEAR);
        let grant = AuthorityGrant { region: REGION, node, not_before, not_after };
        Membership::Authority(Signed::seal(&grant, &self.root))
    }
}

/// One node, with its card and its sessions.
pub(super) struct Node {
    pub(super) book: Option<Book>,
    folder: TempDir,
    pub(super) key: SecretKey,
    charter: Charter,
    epochs: u8,
    /// How far its clock is off, ms.
    pub(super) skew: i64,
    next_number: u64,
    has_backup: bool,
    pub(super) talks: BTreeMap<usize, Talk>,
    /// Failed calls in a row, by peer.
    pub(super) failures: BTreeMap<usize, u32>,
    /// The words for which sessions were refused.
    pub(super) refused: BTreeSet<String>,
}

impl Node {
    pub(super) fn new(keys: &Keys, number: usize, is_authority: bool) -> Self {
        let key = SecretKey::from_bytes(&[u8::try_from(number).unwrap() + 1; 32]);
        let membership = if is_authority {
            keys.authority_paper(key.public())
        } else {
            let lasts = if number == 0 { keys.first_lasts } else { YEAR };
            keys.door_paper(number, key.public(), 0, lasts)
        };
        let charter = Charter {
            key: key.clone(),
            membership,
            region: REGION,
            roots: sync::roots::Roots::new(vec![keys.root.public()], 1),
            keeps: if is_authority { Keeps::Region } else { Keeps::Venue(VENUE) },
            epoch: Epoch::new([0; 8]),
        };
        Self {
            book: None,
            folder: temporary_folder(),
            key,
            charter,
            epochs: 0,
            skew: 0,
            next_number: 1,
            has_backup: false,
            talks: BTreeMap::new(),
            failures: BTreeMap::new(),
            refused: BTreeSet::new(),
        }
    }

    fn card(&self) -> PathBuf {
        self.folder.path().join("ledger")
    }

    fn backup_card(&self) -> PathBuf {
        self.folder.path().join("backup")
    }

    /// A new start, in an epoch of its own.
    pub(super) fn start(&mut self) {
        self.epochs += 1;
        self.next_number = 1;
        // Of the whole key: nodes that share an epoch would share the manager's chain.
        let key = self.key.public();
        let [a, b, c, d, e, f, g, ..] = *key.as_bytes();
        self.charter.epoch = Epoch::new([a, b, c, d, e, f, g, self.epochs]);
        self.open();
    }

    fn open(&mut self) {
        let store = Store::open(&self.card(), Durability::Volatile).unwrap();
        self.book = Some(Book::open(store, self.charter.clone()).unwrap());
    }

    pub(super) fn book(&mut self) -> &mut Book {
        self.book.as_mut().unwrap()
    }

    pub(super) fn name(&mut self, author: PublicKey, day: Day) -> RecordId {
        self.next_number += 1;
        let chain = sync::id::ChainId { author, ..self.charter.chain(day) };
        RecordId { chain, number: RecordNumber::new(self.next_number) }
    }
}

/// In memory where the system has a place for that: thousands of stores are opened.
fn temporary_folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// What people and cards do.
impl World {
    /// A door writes records; once this returns they were shown as recorded.
    pub(crate) fn record(&mut self, door: usize, count: u64) {
        if self.removed.contains(&door) {
            return;
        }
        let at = self.wall(door);
        let day = day_of(at);
        let node = &mut self.nodes[door];
        let author = node.key.public();
        let mut records = Vec::new();
        for which in 0..count {
            let id = node.name(author, day);
            let record = match which % 5 {
                4 => Record::Alert(Alert { at, of: id, cause: AlertCause::Revoked }),
                _ => Record::Visit(visit(at)),
            };
            records.push((id, record));
        }
        self.write(door, records, false);
    }

    /// The manager writes at a door, in a chain of his own.
    pub(crate) fn record_as_manager(&mut self, door: usize) {
        if self.removed.contains(&door) {
            return;
        }
        let (at, manager) = (self.wall(door), self.keys.manager.public());
        let id = self.nodes[door].name(manager, Day::STANDING);
        let record = Record::Alert(Alert { at, of: id, cause: AlertCause::Status });
        self.write(door, vec![(id, record)], true);
    }

    pub(super) fn write(
        &mut self,
        door: usize,
        records: Vec<(RecordId, Record)>,
        as_manager: bool,
    ) {
        let at = self.wall(door);
        self.latest_written = self.latest_written.max(at.get());
        self.recorded.extend(records.iter().map(|(id, _)| *id));
        let manager = as_manager.then_some(&self.keys.manager);
        let book = self.nodes[door].book.as_mut().unwrap();
        book.write(records, VENUE, manager, at).unwrap();
        book.commit().unwrap();
        self.news_at(door);
    }

    /// The authority publishes the next version of a bulletin.
    pub(crate) fn publish(&mut self) {
        self.bulletins += 1;
        let at = UnixMillis::new(self.now);
        let notice = Notice {
            region: REGION,
            kind: BulletinKind::Policy,
            version: self.bulletins,
            issued_at: at,
            not_after: at.plus_millis(YEAR),
            body: b"{}".to_vec(),
        };
        let bulletin = Bulletin::seal(&notice, &[&self.keys.root]);
        let authority = self.authority();
        self.nodes[authority].book().keep_bulletin(bulletin).unwrap();
        self.nodes[authority].book().commit().unwrap();
        self.news_at(authority);
    }

    /// The manager removes a door, at another. The door writes no more from then on.
    pub(crate) fn remove(&mut self, door: usize, at: usize) {
        if door == at || self.removed.contains(&door) || self.removed.contains(&at) {
            return;
        }
        self.removed.insert(door);
        self.rolled_back.insert(self.nodes[door].key.public());
        // Its visits of before must not look as if they were of after, even where its clock was ahead.
        let issued_at = UnixMillis::new(self.latest_written.max(self.now));
        let removal = Removal { node: self.nodes[door].key.public(), cause: RemovalCause::Lost };
        self.order(at, Matter::Removal(removal), issued_at);
        self.forget_what_is_nowhere();
    }

    pub(super) fn order(&mut self, door: usize, matter: Matter, issued_at: UnixMillis) {
        let order = Order { venue: VENUE, issued_at, matter };
        let signed = SignedOrder::seal(&order, Signer::Manager, &self.keys.manager);
        self.nodes[door].book().keep_order(signed).unwrap();
        self.nodes[door].book().commit().unwrap();
        self.news_at(door);
    }

    /// Power off and on: a new epoch begins.
    pub(crate) fn restart(&mut self, node: usize) {
        self.power_off(node);
        self.nodes[node].start();
        self.dial_all(node);
        if node < self.authority() {
            self.adopt(node);
        }
    }

    fn power_off(&mut self, node: usize) {
        self.vanish(node);
        self.nodes[node].book = None;
    }

    /// The card is copied while the node stands still for a moment.
    pub(crate) fn back_up(&mut self, door: usize) {
        let node = &mut self.nodes[door];
        node.book = None;
        if node.has_backup {
            fs::remove_dir_all(node.backup_card()).unwrap();
        }
        copy_folder(&node.card(), &node.backup_card()).unwrap();
        node.has_backup = true;
        node.open();
    }

    /// The card's earlier copy is put back, and the door starts with it.
    pub(crate) fn restore(&mut self, door: usize) {
        if !self.nodes[door].has_backup {
            return;
        }
        self.power_off(door);
        let node = &mut self.nodes[door];
        self.rolled_back.insert(node.key.public());
        fs::remove_dir_all(node.card()).unwrap();
        copy_folder(&node.backup_card(), &node.card()).unwrap();
        node.start();
        self.forget_what_is_nowhere();
        self.dial_all(door);
        self.adopt(door);
    }

    pub(crate) fn set_clock(&mut self, node: usize, off_by_seconds: i64) {
        self.nodes[node].skew = super::seconds(off_by_seconds);
    }

    /// A door at random.
    pub(crate) fn any_door(&mut self) -> usize {
        let doors = self.authority();
        self.rng.random_range(0..doors)
    }

    /// A node at random.
    pub(crate) fn any_node(&mut self) -> usize {
        let nodes = self.nodes.len();
        self.rng.random_range(0..nodes)
    }
}

pub(super) fn day_of(at: UnixMillis) -> Day {
    Day::new(i32::try_from(at.get().div_euclid(DAY_MILLIS)).unwrap())
}

/// Of somebody who takes no place.
pub(super) fn visit(at: UnixMillis) -> Visit {
    Visit {
        at,
        clock: ClockTrust::Trusted,
        entrance: EntranceId::new(1),
        kind: VisitKind::Entry,
        status: Status::Green,
        reason: None,
        decider: Decider::Verdict,
        tag: Tag::new([7; 16]),
        sealed: None,
        zone: ZoneId::default(),
        place: PlaceTaken::None,
        marks: Vec::new(),
        temperature: None,
    }
}
