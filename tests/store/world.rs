//! Doors that write what is asked of them, and authorities on either engine that are given it.

use std::{sync::Arc, time::Duration};

use node_core::authority::{
    Authority,
    store::postgres::{
        Address, Postgres,
        schema::{self, Layout},
    },
};
use sync::{
    id::{ChainId, EntranceId, RecordId, Seq, Subject, Tag, ZoneId},
    key::SecretKey,
    ledger::{Ledger, WallClock},
    record::{ClockTrust, Decider, PlaceTaken, Record, Status, Visit, VisitKind},
    sample::{self, VENUE},
    sealed::{Binding, Identity, Sealed, TracingSecret},
    store::Durability,
    time::{Day, UnixMillis, Zone},
};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

/// 2026-09-21T14:13:20Z
pub(crate) const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
pub(crate) const MINUTE: i64 = 60_000;

pub(crate) fn today() -> Day {
    Zone::utc().day(NOON)
}

pub(crate) fn clock() -> WallClock {
    Arc::new(|| NOON.plus_millis(2 * 60 * MINUTE))
}

pub(crate) fn secret() -> TracingSecret {
    TracingSecret::new(NOON.week(), [9; 32])
}

pub(crate) fn subject(n: u8) -> Subject {
    Subject::new([n; 16])
}

/// A door of the sample venue.
pub(crate) struct Door {
    pub(crate) ledger: Ledger,
    _folder: TempDir,
}

impl Door {
    pub(crate) fn open(seed: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let charter = sample::door(seed, seed);
        let ledger = Ledger::open(&folder.path().join("d"), charter, Durability::Volatile, clock());
        Self { ledger: ledger.unwrap(), _folder: folder }
    }

    /// Writes a visit; nobody is identified where there is no person.
    pub(crate) async fn visit(
        &self,
        day: Day,
        at: UnixMillis,
        kind: VisitKind,
        person: Option<u8>,
    ) -> RecordId {
        self.visit_of(day, at, kind, person.map(subject)).await
    }

    /// The entry of somebody who works there.
    pub(crate) async fn comes_to_work(&self, day: Day, at: UnixMillis, person: u8) {
        let staff = PlaceTaken::None;
        self.placed_visit(day, at, VisitKind::Entry, Some(subject(person)), staff).await;
    }

    /// The same of whatever person.
    pub(crate) async fn visit_of(
        &self,
        day: Day,
        at: UnixMillis,
        kind: VisitKind,
        person: Option<Subject>,
    ) -> RecordId {
        self.placed_visit(day, at, kind, person, PlaceTaken::One).await
    }

    async fn placed_visit(
        &self,
        day: Day,
        at: UnixMillis,
        kind: VisitKind,
        person: Option<Subject>,
        place: PlaceTaken,
    ) -> RecordId {
        let id = self.ledger.name(day);
        let sealed = person.map(|subject| {
            let identity = Identity::Native(subject, None, None);
            let binding = Binding { venue: VENUE, visit: id, day };
            Sealed::seal(&identity, &secret().public().unwrap(), &binding).unwrap()
        });
        let visit = Visit {
            at,
            clock: ClockTrust::Trusted,
            entrance: EntranceId::new(1),
            kind,
            status: Status::Green,
            reason: None,
            decider: Decider::Verdict,
            tag: Tag::new(person.map_or([0; 16], |subject| *subject.as_bytes())),
            sealed,
            zone: ZoneId::default(),
            place,
            marks: Vec::new(),
            temperature: None,
        };
        self.write(id, Record::Visit(visit)).await;
        id
    }

    pub(crate) async fn write(&self, id: RecordId, record: Record) {
        self.ledger.record(id, VENUE, record).await.unwrap();
    }

    /// Gives an authority everything that it lacks.
    pub(crate) async fn send(&self, to: &Hub) {
        let heads = self.ledger.heads().borrow().clone();
        for (chain, head) in heads.chains() {
            let mut after = to.place(chain);
            while after < head.seq {
                let (papers, run) = self.ledger.run(*chain, after, 64 << 10).await.unwrap();
                let run = run.unwrap();
                after = run.last();
                to.ledger.merge(papers.into_iter().collect(), run).await.unwrap();
            }
        }
    }
}

/// Where an authority keeps its visits.
#[derive(Clone, Debug)]
pub(crate) enum Engine {
    Embedded,
    Shared(String),
}

/// An authority that follows its ledger.
pub(crate) struct Hub {
    pub(crate) ledger: Ledger,
    pub(crate) authority: Authority,
    stop: Option<oneshot::Sender<()>>,
    following: JoinHandle<()>,
    folder: TempDir,
}

impl Hub {
    pub(crate) async fn open(seed: u8, engine: &Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::open_in(folder, seed, engine, Durability::Volatile).await
    }

    /// One that a power cut does no harm.
    #[allow(dead_code, reason = "for the benchmarks")]
    pub(crate) async fn open_durably(seed: u8, engine: &Engine) -> Self {
        Self::open_in(tempfile::tempdir().unwrap(), seed, engine, Durability::Fsync).await
    }

    async fn open_in(folder: TempDir, seed: u8, engine: &Engine, durability: Durability) -> Self {
        let charter = sample::authority(seed, seed);
        let path = folder.path().join("a");
        let ledger = Ledger::open(&path, charter, durability, clock()).unwrap();
        let secrets = vec![secret()];
        let authority = match engine {
            Engine::Embedded => Authority::open(ledger.clone(), secrets, clock()).await.unwrap(),
            Engine::Shared(url) => {
                let address = Address::read(url).unwrap();
                let postgres = Postgres::open(address, sample::REGION, clock()).await.unwrap();
                let key = SecretKey::from_bytes(&[77; 32]);
                let open = Authority::open_shared(postgres, &key, ledger.clone(), secrets, clock());
                open.await.unwrap()
            }
        };
        let (stop, stopped) = oneshot::channel::<()>();
        #[expect(clippy::disallowed_methods, reason = "kept, and awaited by `close`")]
        let following = tokio::spawn(authority.clone().follow(async {
            let _ = stopped.await;
        }));
        Self { ledger, authority, stop: Some(stop), following, folder }
    }

    pub(crate) async fn close(mut self) -> TempDir {
        drop(self.stop.take());
        self.following.await.unwrap();
        self.ledger.close().await;
        self.folder
    }

    pub(crate) async fn open_again(self, seed: u8, engine: &Engine) -> Self {
        let folder = self.close().await;
        Self::open_in(folder, seed, engine, Durability::Volatile).await
    }

    /// How far its ledger holds a chain.
    pub(crate) fn place(&self, chain: &ChainId) -> Seq {
        self.ledger.heads().borrow().head(VENUE, chain).map(|h| h.seq).unwrap_or_default()
    }

    /// How far its receipts go.
    pub(crate) fn acknowledged(&self, chain: &ChainId) -> Seq {
        self.ledger.heads().borrow().head(VENUE, chain).map(|h| h.acknowledged).unwrap_or_default()
    }

    /// Waits until its overview says so.
    pub(crate) async fn sees(
        &self,
        what: &str,
        so: impl Fn(&node_core::authority::Overview) -> bool,
    ) {
        let mut overview = self.authority.overview();
        let seen =
            tokio::time::timeout(Duration::from_secs(30), overview.wait_for(|o| so(o))).await;
        assert!(
            seen.is_ok(),
            "waited in vain until {what}: {:?}",
            self.authority.overview().borrow()
        );
    }
}

/// A store that is made and empty.
pub(crate) async fn made(url: String, layout: Layout) -> Engine {
    let address = Address::read(&url).unwrap();
    let first = schema::init(&address, layout, false, today()).await.unwrap();
    let again = schema::init(&address, layout, false, today()).await.unwrap();
    assert_eq!((first.before, again.before), (0, schema::VERSION), "a second time changes nothing");
    Engine::Shared(url)
}
