//! The condition of a node: what `vestibule doctor` asks of it, as plain numbers and words that name no visitor.

use node_core::{
    clock::ClockSource,
    desk::Desk,
    policy::Lists,
    rules::{Rules, kind_word},
};
use serde::{Deserialize, Serialize};
use sync::{
    ledger::{Ledger, LedgerError},
    record::ClockTrust,
    status::{Link, PeersStatus},
    time::{Day, UnixMillis, Zone},
};
use tokio::sync::watch;

use crate::{ratchet, retention, start::seen, wall};

/// What of a running node is looked at beside its ledger. Of a stopped one there is none.
#[derive(Debug)]
pub struct Sights {
    /// The door's desk, where there is one.
    pub desk: Option<Desk>,
    /// The peers, where they are spoken to.
    pub peers: Option<watch::Receiver<PeersStatus>>,
    /// The source of codes, where there is one.
    pub scanner: Option<watch::Receiver<scanner::Stats>>,
}

/// The condition of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Whether the node runs; else this is read from its store.
    pub running: bool,
    /// The program that the node runs.
    pub version: String,
    /// The time by the node's clock, ms since 1970.
    pub now: i64,
    /// How far it is believed: `trusted`, `bounded` or `unknown`.
    pub clock: String,
    /// Whether a time server has set the clock, by the system's word.
    pub synchronised: bool,
    /// The last time that the authority signed, ms since 1970.
    pub floor: Option<i64>,
    /// Bytes that the store takes.
    pub store_bytes: u64,
    /// Why the last write failed.
    pub write_failed: Option<String>,
    /// Visits that the authority has not acknowledged.
    pub unacknowledged: u64,
    /// The oldest day among them.
    pub oldest: Option<String>,
    /// After how many days visits go for good that the authority does not have; only near that.
    pub days_left: Option<u16>,
    /// The bulletins held.
    pub bulletins: Vec<BulletinFacts>,
    /// Why the lists confirm nobody: a stable word.
    pub hindrance: Option<String>,
    /// The peers; none for a node that does not run or speaks to nobody.
    pub peers: Option<Vec<PeerFacts>>,
    /// The source of codes.
    pub camera: Option<CameraFacts>,
    /// Whether the node was removed from its venue.
    pub removed: bool,
}

/// One bulletin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulletinFacts {
    /// Its kind, a stable word.
    pub kind: String,
    /// Its version.
    pub version: u64,
    /// When it was signed, ms since 1970.
    pub issued_at: i64,
    /// From then on it does not count as current, ms since 1970.
    pub not_after: i64,
}

/// One peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerFacts {
    /// What it is, for people.
    pub title: String,
    /// `up`, `down` or `refused`.
    pub link: String,
    /// Why it is not up.
    pub why: Option<String>,
    /// Since when the link is so, ms since 1970.
    pub since: i64,
}

/// The source of codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CameraFacts {
    /// What it does, a stable word.
    pub state: String,
    /// Frames looked at.
    pub frames: u64,
    /// Times it was lost.
    pub losses: u64,
    /// What would let it read better, a stable word.
    pub hint: Option<String>,
    /// What is wrong with it.
    pub trouble: Option<String>,
}

impl Condition {
    /// Looks at a ledger, and at what runs around it.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub async fn of(
        ledger: &Ledger,
        sights: Option<&Sights>,
        trusted: bool,
        zone: &Zone,
    ) -> Result<Self, LedgerError> {
        let rules = Rules::from_notices(&ledger.notices().await?);
        let synchronised = ratchet::is_synchronised();
        let source = if trusted || synchronised {
            ClockSource::Synchronised
        } else {
            ClockSource::Unsynchronised
        };
        let now = wall::now();
        let moment = rules.moment(now, source);
        let heads = ledger.heads().borrow().clone();
        let kept = retention::days_kept(&rules.policy, ledger.charter().keeps);
        let alarm = heads.alarm(zone.day(now), moment.trust, kept);
        let waiting = heads.chains().filter(|(_, head)| head.pending > 0);
        let oldest: Option<Day> = waiting.map(|(chain, _)| chain.day).min();
        let desk = sights.and_then(|s| s.desk.as_ref());
        Ok(Self {
            running: sights.is_some(),
            version: env!("CARGO_PKG_VERSION").into(),
            now: now.get(),
            clock: trust_word(moment.trust).into(),
            synchronised,
            floor: rules.floor().at().map(UnixMillis::get),
            store_bytes: ledger.size_on_disk().await?,
            write_failed: ledger.failure().borrow().clone(),
            unacknowledged: heads.pending(),
            oldest: oldest.map(|day| day.to_string()),
            days_left: alarm.map(|alarm| alarm.days_left),
            bulletins: bulletins(&rules),
            hindrance: hindrance(&rules, rules.lists, moment.wall),
            peers: sights.and_then(|s| s.peers.as_ref()).map(|peers| peer_facts(&peers.borrow())),
            camera: sights.and_then(|s| s.scanner.as_ref()).map(|stats| camera(&stats.borrow())),
            removed: desk.is_some_and(Desk::is_removed),
        })
    }
}

const fn trust_word(trust: ClockTrust) -> &'static str {
    match trust {
        ClockTrust::Trusted => "trusted",
        ClockTrust::Bounded => "bounded",
        ClockTrust::Unknown => "unknown",
    }
}

fn hindrance(rules: &Rules, lists: Lists, now: UnixMillis) -> Option<String> {
    lists.hindrance(&rules.policy, now).map(|reason| reason.word().to_owned())
}

fn bulletins(rules: &Rules) -> Vec<BulletinFacts> {
    let all = rules.held().into_iter().map(|held| BulletinFacts {
        kind: held.kind.to_owned(),
        version: held.version,
        issued_at: held.issued_at.get(),
        not_after: held.not_after.get(),
    });
    all.collect()
}

/// The kinds of bulletins without which a door confirms nobody or seals for nobody.
pub(crate) fn needed_kinds() -> [&'static str; 4] {
    use sync::bulletin::BulletinKind::{Policy, Revocations, TracingKeys, Trust};
    [Policy, Trust, Revocations, TracingKeys].map(kind_word)
}

fn peer_facts(peers: &PeersStatus) -> Vec<PeerFacts> {
    let one = |peer: &sync::status::PeerStatus| {
        let (link, why) = match &peer.link {
            Link::Up => ("up", None),
            Link::Down { reason } => ("down", Some(reason.clone())),
            Link::Refused { word } => ("refused", Some(word.clone())),
        };
        let since = peer.since.get();
        PeerFacts { title: peer.title.clone(), link: link.into(), why, since }
    };
    peers.peers.iter().map(one).collect()
}

fn camera(stats: &scanner::Stats) -> CameraFacts {
    let view = seen(stats);
    CameraFacts {
        state: view.state,
        frames: view.frames,
        losses: view.losses,
        hint: view.hint.map(str::to_owned),
        trouble: view.trouble,
    }
}
