//! A small region in one process: an authority, two attended doors of which the first holds the manager's key and has
//! pages, an issuer; for tests of the pages.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use data_encoding::BASE64URL_NOPAD;
use node_core::{
    authority::Authority,
    clock::ClockSource,
    code::paper::tracing_keys_to_body,
    desk::{Act, Assessed, Attendance, Desk, DeskConfig},
    pairing::{Pairing, PairingConfig, PairingDesk},
    site::{Site, VenueKind},
    token::{
        Claim, Cti,
        status::{IssuerKey, StatusClaims, issue},
        trust::Kid,
    },
};
use sync::{
    book::{Charter, Keeps},
    bulletin::{Bulletin, BulletinKind, Notice},
    id::{EntranceId, Epoch, PublicKey, RegionId, Seq, Subject, VenueId},
    key::{SecretKey, Signed},
    ledger::{Ledger, WallClock},
    membership::{AuthorityGrant, DoorGrant, Membership, VenueGrant},
    peers::PairingCall,
    record::{Direction, Status},
    sealed::TracingSecret,
    store::Durability,
    tag::{TagKey, TagRing},
    time::{DAY_MILLIS, UnixMillis, Zone},
};
use tokio::sync::{mpsc, watch};

use crate::Services;

pub(super) const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const REGION: RegionId = RegionId::new(1);
const VENUE: VenueId = VenueId::new(17);

/// The region; its folder goes with it.
pub(super) struct Region {
    pub(super) dir: tempfile::TempDir,
    pub(super) desk: Desk,
    pub(super) second_desk: Desk,
    /// The service that invites and removes doors, until somebody runs it.
    pub(super) pairing: Option<(Pairing, mpsc::Receiver<PairingCall>)>,
    pairing_desk: PairingDesk,
    authority: Authority,
    door: Ledger,
    second: Ledger,
    region: Ledger,
    ready: watch::Sender<bool>,
    /// The time as the pages see it.
    pub(super) now: Arc<AtomicI64>,
}

fn key(n: u8) -> SecretKey {
    SecretKey::from_bytes(&[n; 32])
}

fn clock() -> WallClock {
    Arc::new(|| NOON)
}

impl Region {
    pub(super) async fn found() -> Self {
        Self::found_as(VenueKind::Place).await
    }

    /// The same where the venue is of a kind.
    pub(super) async fn found_as(kind: VenueKind) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let secret = TracingSecret::generate(NOON.week());
        let at_venue = |n, membership| charter(n, membership, Keeps::Venue(VENUE));
        let door = open(&dir, "door", at_venue(3, papers(3, 1, "A")), &secret).await;
        let second = open(&dir, "second", at_venue(7, papers(7, 2, "B")), &secret).await;
        let grant = AuthorityGrant {
            region: REGION,
            node: key(4).public(),
            not_before: NOON.plus_millis(-1),
            not_after: NOON.plus_millis(DAY_MILLIS),
        };
        let membership = Membership::Authority(Signed::seal(&grant, &key(1)));
        let charter = charter(4, membership, Keeps::Region);
        let authority = open(&dir, "authority", charter, &secret).await;
        let zone = Zone::named("Asia/Almaty").unwrap();
        let config = DeskConfig {
            site: Site { kind, ..site(&zone, 1, "A") },
            attendance: Attendance::Attended,
            tag_key: TagKey::new(zone.day(NOON), [5; 32]),
            clock: clock(),
            clock_watch: Arc::new(|| ClockSource::Synchronised),
            resumes: None,
            manager: Some(key(2)),
        };
        let at_second = DeskConfig { site: site(&zone, 2, "B"), manager: None, ..config.clone() };
        let (pairing_desk, pairing) = Pairing::open(door.clone(), pairing_config(&zone)).unwrap();
        Self {
            dir,
            desk: Desk::open(door.clone(), config).await.unwrap(),
            second_desk: Desk::open(second.clone(), at_second).await.unwrap(),
            pairing: Some((pairing, mpsc::channel(1).1)),
            pairing_desk,
            authority: Authority::open(authority.clone(), vec![secret], clock()).await.unwrap(),
            door,
            second,
            region: authority,
            ready: watch::Sender::new(true),
            now: Arc::new(AtomicI64::new(NOON.get())),
        }
    }

    /// The same region, as one in which the second door has the pages.
    pub(super) fn beside(first: &Self) -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            desk: first.second_desk.clone(),
            second_desk: first.second_desk.clone(),
            pairing: None,
            pairing_desk: first.pairing_desk.clone(),
            authority: first.authority.clone(),
            door: first.second.clone(),
            second: first.second.clone(),
            region: first.region.clone(),
            ready: watch::Sender::new(true),
            now: Arc::clone(&first.now),
        }
    }

    /// So much later, as the pages see it.
    pub(super) fn later(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::SeqCst);
    }

    /// What the second door, which has no manager's key, shows.
    pub(super) fn services_of_second(&self) -> Services {
        let services = self.services();
        Services {
            door: Some(self.second_desk.clone()),
            pairing: None,
            authority: None,
            ..services
        }
    }

    pub(super) fn services(&self) -> Services {
        Services {
            bundle: None,
            door: Some(self.desk.clone()),
            pairing: Some(self.pairing_desk.clone()),
            authority: Some(self.authority.clone()),
            peers: None,
            scanner: None,
            visitors: crate::Visitors::default(),
            frames: None,
            clock: self.wall(),
            version: "0.0.0",
            node: "test".into(),
            ready: self.ready.subscribe(),
        }
    }

    /// The authority decides otherwise.
    pub(super) async fn policy(&self, version: u64, body: &str) {
        let (kind, not_after) = (BulletinKind::Policy, NOON.plus_millis(DAY_MILLIS));
        let body = body.as_bytes().to_vec();
        let notice = Notice { region: REGION, kind, version, issued_at: NOON, not_after, body };
        self.door.keep_bulletin(Bulletin::seal(&notice, &[&key(1)])).await.unwrap();
    }

    /// What the door wrote goes to the authority, and its receipt comes back.
    pub(super) async fn deliver(&self) {
        self.send().await;
        let chain = self.door.charter().chain(self.desk.site().zone.day(NOON));
        let (papers, receipts) = self.region.receipts(vec![chain]).await.unwrap();
        self.door.introduce(papers).await.unwrap();
        self.door.acknowledge(receipts).await.unwrap();
    }

    /// The authority, which nobody runs beside the pages.
    pub(super) fn authority(&self) -> Authority {
        self.authority.clone()
    }

    /// Visitor `n` comes in and the visit reaches the authority.
    pub(super) async fn welcome(&self, n: u8) {
        self.welcome_with(&token_of(n), u64::from(n)).await;
    }

    /// The same of who shows this code, until so many visits are there.
    pub(super) async fn welcome_with(&self, code: &str, visits: u64) {
        let Assessed::Waiting(pending) = self.desk.assess(code).await else {
            panic!("no credential");
        };
        self.desk.decide(pending.id, Act::Release).await.unwrap();
        self.send().await;
        let mut overview = self.authority.overview();
        let taken_in = async { overview.wait_for(|view| view.visits >= visits).await.map(drop) };
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        // On the heap: it is large.
        let follow = Box::pin(self.authority.clone().follow(async { drop(stopped.await) }));
        let watch = async {
            taken_in.await.unwrap();
            drop(stop);
        };
        tokio::join!(follow, watch);
    }

    /// What the first door has written today comes to the authority's ledger.
    async fn send(&self) {
        let chain = self.door.charter().chain(self.desk.site().zone.day(NOON));
        let (membership, run) = self.door.run(chain, Seq::new(0), 1 << 20).await.unwrap();
        self.region.merge(membership.into_iter().collect(), run.unwrap()).await.unwrap();
    }

    /// What the first door has written is taken in by the authority, until `done`.
    pub(super) async fn take_in(&self, done: impl AsyncFn(&Authority) -> bool) {
        self.send().await;
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let follow = self.authority.clone().follow(async { drop(stopped.await) });
        let watch = async {
            while !done(&self.authority).await {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            drop(stop);
        };
        let both = Box::pin(async { tokio::join!(follow, watch) });
        tokio::time::timeout(std::time::Duration::from_secs(20), both).await.unwrap();
    }

    /// Visitor `n` comes in at both doors, which do not hear each other.
    pub(super) async fn admit_at_both(&self, n: u8) {
        for desk in [&self.desk, &self.second_desk] {
            let Assessed::Waiting(pending) = desk.assess(&token_of(n)).await else {
                panic!("no credential");
            };
            desk.decide(pending.id, Act::Release).await.unwrap();
        }
    }

    /// The first door hears what the second has written.
    pub(super) async fn hear_second(&self) {
        let heads = self.second.heads().borrow().clone();
        for (chain, _) in heads.chains().filter(|(chain, _)| chain.author == self.second()) {
            let (papers, run) = self.second.run(*chain, Seq::new(0), 1 << 20).await.unwrap();
            self.door.merge(papers.into_iter().collect(), run.unwrap()).await.unwrap();
        }
    }

    /// The second door hears what the first has written, in its own name and in the manager's.
    pub(super) async fn tell_second(&self) {
        let heads = self.door.heads().borrow().clone();
        for (chain, _) in heads.chains().filter(|(chain, _)| chain.author != self.second()) {
            let (papers, run) = self.door.run(*chain, Seq::new(0), 1 << 20).await.unwrap();
            self.second.merge(papers.into_iter().collect(), run.unwrap()).await.unwrap();
        }
    }

    /// The authority hears all that the first door has written, in the manager's name too.
    pub(super) async fn tell_authority(&self) {
        let heads = self.door.heads().borrow().clone();
        for (chain, _) in heads.chains() {
            let (papers, run) = self.door.run(*chain, Seq::new(0), 1 << 20).await.unwrap();
            self.region.merge(papers.into_iter().collect(), run.unwrap()).await.unwrap();
        }
    }

    /// The authority on the same ledger, at another time.
    pub(super) async fn authority_at(&self, now: UnixMillis) -> Authority {
        let clock: WallClock = Arc::new(move || now);
        Authority::open(self.region.clone(), Vec::new(), clock).await.unwrap()
    }

    fn wall(&self) -> WallClock {
        let now = Arc::clone(&self.now);
        Arc::new(move || UnixMillis::new(now.load(Ordering::SeqCst)))
    }

    /// The first door's node.
    pub(super) fn own(&self) -> PublicKey {
        self.door.charter().key.public()
    }

    /// The second door's node.
    pub(super) fn second(&self) -> PublicKey {
        self.second.charter().key.public()
    }

    /// A visitor's green code, with a masked name.
    pub(super) fn token(&self) -> String {
        token_of(9)
    }
}

/// The green code of visitor `n`.
pub(super) fn token_of(n: u8) -> String {
    coloured(n, Status::Green)
}

/// The code of visitor `n` with a status.
pub(super) fn coloured(n: u8, status: Status) -> String {
    let subject = Subject::new([n; 16]);
    let (from, until) = (NOON.plus_millis(-60_000), NOON.plus_millis(DAY_MILLIS));
    let claim = Claim::Colour(status);
    let claims = StatusClaims::new("test", subject, Cti::new([n; 8]), from, until, claim);
    let claims = claims.and_then(|c| c.with_masked_name("A* B*")).unwrap();
    issue(&claims, &IssuerKey::new(&key(6)))
}

fn pairing_config(zone: &Zone) -> PairingConfig {
    let ring = TagRing::from(TagKey::new(zone.day(NOON), [5; 32]));
    PairingConfig {
        manager: key(2),
        addresses: vec![([127, 0, 0, 1], 4001).into()],
        dial: Vec::new(),
        ring: Arc::new(move || Some(ring.clone())),
        clock: clock(),
    }
}

fn site(zone: &Zone, entrance: u16, name: &str) -> Site {
    Site {
        region: REGION,
        venue: VENUE,
        venue_name: "Market".into(),
        zone: zone.clone(),
        capacity: Some(120),
        entrance: EntranceId::new(entrance),
        entrance_name: name.into(),
        direction: Direction::Both,
        part: sync::id::ZoneId::default(),
        kind: VenueKind::Place,
        activity: None,
        area: None,
        expires: NOON.plus_millis(DAY_MILLIS),
    }
}

fn papers(node: u8, entrance: u16, name: &str) -> Membership {
    let (not_before, not_after) = (NOON.plus_millis(-1), NOON.plus_millis(DAY_MILLIS));
    let venue = VenueGrant {
        region: REGION,
        venue: VENUE,
        name: "Market".into(),
        zone: "Asia/Almaty".into(),
        manager: key(2).public(),
        capacity: Some(120),
        doors: None,
        activity: None,
        area: None,
        not_before,
        not_after,
    };
    let door = DoorGrant {
        venue: VENUE,
        entrance: EntranceId::new(entrance),
        name: name.into(),
        direction: Direction::Both,
        node: key(node).public(),
        not_before,
        not_after,
    };
    Membership::Door { venue: Signed::seal(&venue, &key(1)), door: Signed::seal(&door, &key(2)) }
}

fn charter(n: u8, membership: Membership, keeps: Keeps) -> Charter {
    Charter {
        key: key(n),
        membership,
        region: REGION,
        roots: sync::roots::Roots::new(vec![key(1).public()], 1),
        keeps,
        epoch: Epoch::new([n; 8]),
    }
}

async fn open(
    dir: &tempfile::TempDir,
    name: &str,
    charter: Charter,
    secret: &TracingSecret,
) -> Ledger {
    let path = dir.path().join(name);
    let ledger = Ledger::open(&path, charter, Durability::Volatile, clock()).unwrap();
    let issuer = IssuerKey::new(&key(6)).public();
    let trust = serde_json::json!({"version": 1, "issuers": [{
        "issuer": "test",
        "kid": Kid::of(&issuer).to_string(),
        "algorithm": "EdDSA",
        "key": BASE64URL_NOPAD.encode(issuer.as_bytes()),
        "not_before": NOON.plus_millis(-DAY_MILLIS).to_string(),
        "not_after": NOON.plus_millis(DAY_MILLIS).to_string(),
    }]});
    let revocations =
        serde_json::json!({"version": 1, "issued_at": NOON.to_string(), "revoked": []});
    let keys: Vec<_> = secret.public().into_iter().collect();
    for (kind, body) in [
        (BulletinKind::Policy, br#"{"version": 1}"#.to_vec()),
        (BulletinKind::Trust, trust.to_string().into_bytes()),
        (BulletinKind::Revocations, revocations.to_string().into_bytes()),
        (BulletinKind::TracingKeys, tracing_keys_to_body(&keys)),
    ] {
        let not_after = NOON.plus_millis(DAY_MILLIS);
        let notice = Notice { region: REGION, kind, version: 1, issued_at: NOON, not_after, body };
        ledger.keep_bulletin(Bulletin::seal(&notice, &[&key(1)])).await.unwrap();
    }
    ledger
}
