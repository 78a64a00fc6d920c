//! A small region in one process: an authority, one attended door, an issuer; for tests of the pages.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use node_core::{
    authority::Authority,
    clock::ClockSource,
    code::paper::tracing_keys_to_body,
    desk::{Act, Assessed, Attendance, Desk, DeskConfig},
    site::Site,
    token::{
        Claim, Cti,
        status::{IssuerKey, StatusClaims, issue},
        trust::Kid,
    },
};
use sync::{
    book::{Charter, Keeps},
    bulletin::{Bulletin, BulletinKind, Notice},
    id::{EntranceId, Epoch, RegionId, Seq, Subject, VenueId},
    key::{SecretKey, Signed},
    ledger::{Ledger, WallClock},
    membership::{AuthorityGrant, DoorGrant, Membership, VenueGrant},
    record::{Direction, Status},
    sealed::TracingSecret,
    store::Durability,
    tag::TagKey,
    time::{DAY_MILLIS, UnixMillis, Zone},
};
use tokio::sync::watch;

use crate::Services;

const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
const REGION: RegionId = RegionId::new(1);
const VENUE: VenueId = VenueId::new(17);

/// The region; its folder goes with it.
pub(super) struct Region {
    pub(super) dir: tempfile::TempDir,
    pub(super) desk: Desk,
    authority: Authority,
    door: Ledger,
    region: Ledger,
    ready: watch::Sender<bool>,
}

fn key(n: u8) -> SecretKey {
    SecretKey::from_bytes(&[n; 32])
}

fn clock() -> WallClock {
    Arc::new(|| NOON)
}

impl Region {
    pub(super) async fn found() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let secret = TracingSecret::generate(NOON.week());
        let door = open(&dir, "door", charter(3, door(), Keeps::Venue(VENUE)), &secret).await;
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
            site: site(&zone),
            attendance: Attendance::Attended,
            tag_key: TagKey::new(zone.day(NOON), [5; 32]),
            clock: clock(),
            clock_watch: Arc::new(|| ClockSource::Synchronised),
        };
        Self {
            dir,
            desk: Desk::open(door.clone(), config).await.unwrap(),
            authority: Authority::open(authority.clone(), vec![secret], clock()).await.unwrap(),
            door,
            region: authority,
            ready: watch::Sender::new(true),
        }
    }

    pub(super) fn services(&self) -> Services {
        Services {
            door: Some(self.desk.clone()),
            authority: Some(self.authority.clone()),
            peers: None,
            scanner: None,
            clock: clock(),
            version: "0.0.0",
            node: "test".into(),
            ready: self.ready.subscribe(),
        }
    }

    /// Visitor `n` comes in and the visit reaches the authority.
    pub(super) async fn welcome(&self, n: u8) {
        let Assessed::Waiting(pending) = self.desk.assess(&token_of(n)).await else {
            panic!("no credential");
        };
        self.desk.decide(pending.id, Act::Release).await.unwrap();
        let chain = self.door.own_chain();
        let (membership, envelopes) =
            self.door.envelopes(chain, Seq::new(0), 1 << 20).await.unwrap();
        self.region.merge(membership.into_iter().collect(), envelopes).await.unwrap();
        let mut overview = self.authority.overview();
        let taken_in =
            async { overview.wait_for(|view| view.visits >= u64::from(n)).await.map(drop) };
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let follow = self.authority.clone().follow(async { drop(stopped.await) });
        let watch = async {
            taken_in.await.unwrap();
            drop(stop);
        };
        tokio::join!(follow, watch);
    }

    /// A visitor's green code, with a masked name.
    pub(super) fn token(&self) -> String {
        token_of(9)
    }
}

/// The green code of visitor `n`.
pub(super) fn token_of(n: u8) -> String {
    let subject = Subject::new([n; 16]);
    let (from, until) = (NOON.plus_millis(-60_000), NOON.plus_millis(DAY_MILLIS));
    let claim = Claim::Colour(Status::Green);
    let claims = StatusClaims::new("test", subject, Cti::new([n; 8]), from, until, claim);
    let claims = claims.and_then(|c| c.with_masked_name("A* B*")).unwrap();
    issue(&claims, &IssuerKey::new(&key(6)))
}

fn site(zone: &Zone) -> Site {
    Site {
        region: REGION,
        venue: VENUE,
        venue_name: "Market".into(),
        zone: zone.clone(),
        capacity: Some(120),
        entrance: EntranceId::new(1),
        entrance_name: "A".into(),
        direction: Direction::Both,
        expires: NOON.plus_millis(DAY_MILLIS),
    }
}

fn door() -> Membership {
    let (not_before, not_after) = (NOON.plus_millis(-1), NOON.plus_millis(DAY_MILLIS));
    let venue = VenueGrant {
        region: REGION,
        venue: VENUE,
        name: "Market".into(),
        zone: "Asia/Almaty".into(),
        manager: key(2).public(),
        capacity: Some(120),
        not_before,
        not_after,
    };
    let door = DoorGrant {
        venue: VENUE,
        entrance: EntranceId::new(1),
        name: "A".into(),
        direction: Direction::Both,
        node: key(3).public(),
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
        roots: vec![key(1).public()],
        roots_needed: 1,
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
