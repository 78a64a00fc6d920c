//! A venue with a clock that is turned by hand; doors that hear of each other when told to.

use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use data_encoding::BASE64URL_NOPAD;
use sync::{
    book::{Charter, Keeps},
    bulletin::{Bulletin, BulletinKind, Notice},
    id::{EntranceId, Epoch, PublicKey, RegionId, Seq, Subject, VenueId, ZoneId},
    key::{SecretKey, Signed},
    membership::{AuthorityGrant, DoorGrant, Membership, VenueGrant},
    order::{Capacity, Matter, Order, Removal, RemovalCause, SignedOrder, Signer},
    record::{Direction, Receipt, Status},
    sealed::TracingSecret,
    status::{Link, PeerStatus, PeersStatus},
    store::Durability,
    time::{DAY_MILLIS, UnixMillis, Zone},
};

use super::super::*;
use crate::{
    code::paper::tracing_keys_to_body,
    site::VenueKind,
    token::{
        Claim, Cti,
        status::{IssuerKey, StatusClaims, issue},
        trust::Kid,
    },
};

pub(super) const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
pub(super) const REGION: RegionId = RegionId::new(1);
const VENUE: VenueId = VenueId::new(17);

pub(super) fn key(n: u8) -> SecretKey {
    SecretKey::from_bytes(&[n; 32])
}

/// The node of the authority.
pub(super) fn authority() -> PublicKey {
    key(103).public()
}

pub(super) struct Venue {
    pub(super) dir: tempfile::TempDir,
    pub(super) secret: TracingSecret,
    now: Arc<AtomicI64>,
    starts: AtomicU8,
    /// Which way doors lead that are opened from now on.
    pub(super) direction: Direction,
    /// When the business day ends by capacities that are signed from now on.
    pub(super) closing_minute: u16,
    /// What kind of place doors that are opened from now on belong to.
    pub(super) kind: VenueKind,
}

pub(super) struct Door {
    pub(super) desk: Desk,
    pub(super) ledger: Ledger,
    n: u8,
}

impl Door {
    pub(super) fn epoch(&self) -> Epoch {
        self.ledger.charter().epoch
    }

    pub(super) async fn bulletin(&self, kind: BulletinKind, version: u64, body: &[u8]) {
        let not_after = NOON.plus_millis(3 * DAY_MILLIS);
        let body = body.to_vec();
        let notice = Notice { region: REGION, kind, version, issued_at: NOON, not_after, body };
        self.ledger.keep_bulletin(Bulletin::seal(&notice, &[&key(100)])).await.unwrap();
    }

    /// Its name for a record of a day.
    pub(super) fn name(&self, day: Day) -> RecordId {
        self.ledger.name(day)
    }

    /// What its ledger holds now.
    pub(super) async fn found(&self, first: Day) -> state::Found {
        state::Found::read(&self.ledger, &self.desk.0.config, first).await.unwrap()
    }

    pub(super) async fn read_anew(&self) {
        self.desk.read_anew().await;
        self.desk.refresh_view();
    }

    async fn lists(&self, secret: &TracingSecret) {
        let issuer = IssuerKey::new(&key(102)).public();
        let trust = serde_json::json!({"version": 1, "issuers": [{
            "issuer": "test",
            "kid": Kid::of(&issuer).to_string(),
            "algorithm": "EdDSA",
            "key": BASE64URL_NOPAD.encode(issuer.as_bytes()),
            "not_before": NOON.plus_millis(-DAY_MILLIS).to_string(),
            "not_after": NOON.plus_millis(3 * DAY_MILLIS).to_string(),
        }]});
        let revocations =
            serde_json::json!({"version": 1, "issued_at": NOON.to_string(), "revoked": []});
        let keys: Vec<_> = secret.public().into_iter().collect();
        self.bulletin(BulletinKind::Policy, 1, br#"{"version": 1}"#).await;
        self.bulletin(BulletinKind::Trust, 1, trust.to_string().as_bytes()).await;
        self.bulletin(BulletinKind::Revocations, 1, revocations.to_string().as_bytes()).await;
        self.bulletin(BulletinKind::TracingKeys, 1, &tracing_keys_to_body(&keys)).await;
    }
}

impl Venue {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let secret = TracingSecret::generate(NOON.week());
        let now = Arc::new(AtomicI64::new(NOON.get()));
        let (starts, direction) = (AtomicU8::new(1), Direction::Both);
        Self { dir, secret, now, starts, direction, closing_minute: 0, kind: VenueKind::Place }
    }

    pub(super) fn wait(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::Relaxed);
    }

    pub(super) async fn door(&self, n: u8, resumes: Option<Epoch>) -> Door {
        self.open(n, n.to_string(), resumes).await
    }

    /// A door whose store is gone, and whose lease is not.
    pub(super) async fn without_store(&self, door: Door) -> Door {
        let lease = door.epoch();
        door.ledger.close().await;
        self.open(door.n, format!("{}-anew", door.n), Some(lease)).await
    }

    /// Another node with a door's key and a store of its own.
    pub(super) async fn copy(&self, n: u8) -> Door {
        self.open(n, format!("{n}-copy"), None).await
    }

    pub(super) async fn restart(&self, door: Door, resumes: Option<Epoch>) -> Door {
        door.ledger.close().await;
        self.door(door.n, resumes).await
    }

    async fn open(&self, n: u8, folder: String, resumes: Option<Epoch>) -> Door {
        let now = Arc::clone(&self.now);
        let clock: WallClock = Arc::new(move || UnixMillis::new(now.load(Ordering::Relaxed)));
        let charter = Charter {
            key: key(n),
            membership: membership(n),
            region: REGION,
            roots: sync::roots::Roots::new(vec![key(100).public()], 1),
            keeps: Keeps::Venue(VENUE),
            epoch: Epoch::new([self.starts.fetch_add(1, Ordering::Relaxed); 8]),
        };
        let path = self.dir.path().join(folder);
        let ledger =
            Ledger::open(&path, charter, Durability::Volatile, Arc::clone(&clock)).unwrap();
        let site = Site {
            region: REGION,
            venue: VENUE,
            venue_name: "Market".into(),
            zone: Zone::utc(),
            capacity: None,
            entrance: EntranceId::new(u16::from(n)),
            entrance_name: format!("door {n}"),
            direction: self.direction,
            part: ZoneId::default(),
            kind: self.kind,
            activity: Some("56.10.1".into()),
            area: Some("almaty".into()),
            expires: NOON.plus_millis(DAY_MILLIS),
        };
        let config = DeskConfig {
            tag_key: TagKey::new(site.zone.day(NOON), [5; 32]),
            site,
            attendance: Attendance::Unattended,
            clock,
            clock_watch: Arc::new(|| ClockSource::Synchronised),
            resumes,
            manager: (n == 1).then(|| key(101)),
        };
        let desk = Desk::open(ledger.clone(), config).await.unwrap();
        let door = Door { desk, ledger, n };
        door.lists(&self.secret).await;
        door.read_anew().await;
        door.desk.do_duties().await;
        door
    }

    /// The manager signs a capacity; the doors take it up.
    pub(super) async fn capacity(
        &self,
        doors: &[&Door],
        version: u64,
        most: u32,
        shares: [u32; 2],
    ) {
        let shares = [(EntranceId::new(1), shares[0]), (EntranceId::new(2), shares[1])];
        let capacity = Capacity {
            zone: ZoneId::default(),
            version,
            most,
            shares: shares.into_iter().filter(|(_, n)| *n > 0).collect(),
            closing_minute: self.closing_minute,
            from: Zone::utc().day(NOON),
        };
        let matter = Matter::Capacity(capacity);
        self.order(doors, matter).await;
    }

    /// The manager orders that a door no longer belongs.
    pub(super) async fn remove(&self, doors: &[&Door], n: u8) {
        let removal = Removal { node: key(n).public(), cause: RemovalCause::Replaced };
        self.order(doors, Matter::Removal(removal)).await;
    }

    async fn order(&self, doors: &[&Door], matter: Matter) {
        let order = Order { venue: VENUE, issued_at: NOON, matter };
        for door in doors {
            let signed = SignedOrder::seal(&order, Signer::Manager, &key(101));
            door.ledger.keep_order(signed).await.unwrap();
            door.read_anew().await;
            door.desk.do_duties().await;
        }
    }

    /// The authority says what it has of a chain.
    pub(super) async fn receipt(&self, door: &Door, said: Receipt) {
        let grant = AuthorityGrant {
            region: REGION,
            node: authority(),
            not_before: NOON.plus_millis(-1),
            not_after: NOON.plus_millis(3 * DAY_MILLIS),
        };
        let papers = Membership::Authority(Signed::seal(&grant, &key(100)));
        door.ledger.introduce(vec![papers]).await.unwrap();
        door.ledger.acknowledge(vec![Signed::seal(&said, &key(103))]).await.unwrap();
    }

    /// Everything that one door holds comes to the other.
    pub(super) async fn exchange(&self, a: &Door, b: &Door) {
        for (from, to) in [(a, b), (b, a)] {
            let heads = from.ledger.heads().borrow().clone();
            for (chain, head) in heads.chains() {
                let mine =
                    to.ledger.heads().borrow().head(VENUE, chain).map_or(Seq::default(), |h| h.seq);
                if mine < head.seq {
                    let (paper, run) = from.ledger.run(*chain, mine, 1 << 20).await.unwrap();
                    to.ledger.merge(paper.into_iter().collect(), run.unwrap()).await.unwrap();
                }
            }
        }
        for door in [a, b] {
            door.read_anew().await;
            door.desk.look_at_others(door.desk.moment());
            door.desk.refresh_view();
        }
    }

    /// There is a link between the two, and all that one has is here.
    pub(super) fn connect(&self, a: &Door, b: &Door) -> watch::Sender<PeersStatus> {
        self.link(a, b, Link::Up, Some(0))
    }

    /// How one hears the other; `heard` ms ago both had the same.
    pub(super) fn link(
        &self,
        a: &Door,
        b: &Door,
        link: Link,
        heard: Option<i64>,
    ) -> watch::Sender<PeersStatus> {
        let now = UnixMillis::new(self.now.load(Ordering::Relaxed));
        let heard = heard.map(|ago| now.plus_millis(-ago));
        let node = Some(key(b.n).public());
        let peer = PeerStatus {
            node,
            title: "door".into(),
            link,
            since: now,
            heard,
            bulletins: vec![],
            waits_until: None,
        };
        let (out, peers) =
            watch::channel(PeersStatus { peers: vec![peer], ..PeersStatus::default() });
        a.desk.watch_peers(peers);
        out
    }
}

fn membership(n: u8) -> Membership {
    let (not_before, not_after) = (NOON.plus_millis(-1), NOON.plus_millis(3 * DAY_MILLIS));
    let venue = VenueGrant {
        region: REGION,
        venue: VENUE,
        name: "Market".into(),
        zone: "UTC".into(),
        manager: key(101).public(),
        capacity: None,
        not_before,
        not_after,
        doors: None,
        activity: None,
        area: None,
    };
    let door = DoorGrant {
        venue: VENUE,
        entrance: EntranceId::new(u16::from(n)),
        name: format!("door {n}"),
        direction: Direction::Both,
        node: key(n).public(),
        not_before,
        not_after,
    };
    Membership::Door {
        venue: Signed::seal(&venue, &key(100)),
        door: Signed::seal(&door, &key(101)),
    }
}

/// The green code of visitor `n`.
pub(super) fn token_of(n: u8) -> String {
    coloured(n, Status::Green)
}

/// The code of visitor `n` in a colour.
pub(super) fn coloured(n: u8, status: Status) -> String {
    let (from, until) = (NOON.plus_millis(-60_000), NOON.plus_millis(3 * DAY_MILLIS));
    let claim = Claim::Colour(status);
    let claims =
        StatusClaims::new("test", Subject::new([n; 16]), Cti::new([n; 8]), from, until, claim);
    issue(&claims.unwrap(), &IssuerKey::new(&key(102)))
}
