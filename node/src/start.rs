//! Starting and stopping a node: everything is opened and bound, and fails, before anything runs.

mod answers;
mod controls;
mod keys;
mod place;
mod sections;
mod siblings;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Instant};

use node_core::{
    authority::Authority,
    clock::ClockSource,
    desk::{self, Attendance, ClockWatch, Desk, DeskConfig},
    pairing::PairingDesk,
    site::Site,
    sms::{OUTBOX_LEN, Outbox},
};
use scanner::{Scanner, Settings, SourceConfig, Uptime};
use sync::{
    key::SecretKey,
    ledger::{Ledger, LedgerError, WallClock},
    membership::{Member, MembershipError, Place},
    peers::{InquiryCall, PairingCall, Peers, PeersConfig, PeersError},
    store::{Durability, StoreError},
    time::{Day, UnixMillis},
};
use tokio::{
    sync::{broadcast, mpsc, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use web::{ScannerView, Services, Visitors, Web};

pub(crate) use place::charter;
use sections::{passkey_config, peers_config, scanner_view, site, source, web_config};
pub(crate) use sections::{seen, zone_of};

use crate::{
    bulletins, bundles,
    config::{ClockSetting, Config, GateSection},
    frames,
    gate::{Gate, Passage, Wall},
    health,
    lamp::{LampError, Lights},
    lease, office, papers, ratchet,
    retention::{Keeping, Weeks},
    secret::{self, SecretError},
    sms::{self, Gateway},
    storing::{self, StoringError},
    wall, wiping,
};

/// Calls of nodes that want to join, at once.
const CALLS_MAX: usize = 8;

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A key file.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A file that the configuration names.
    #[error("cannot read {path}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The membership file holds something else.
    #[error("{path} holds no membership", path = .0.display())]
    NoMembership(PathBuf),
    /// The membership does not hold for this node.
    #[error("the membership in {path} does not hold for this node", path = path.display())]
    Membership {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: MembershipError,
    },
    /// A section does not fit the membership.
    #[error("{0}")]
    Role(&'static str),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The desk.
    #[error(transparent)]
    Desk(#[from] desk::OpenError),
    /// The authority.
    #[error(transparent)]
    Authority(#[from] StoringError),
    /// Lamp and buzzer.
    #[error(transparent)]
    Lamp(#[from] LampError),
    /// The scanner.
    #[error("the scanner cannot start")]
    Scanner(#[from] scanner::StartError),
    /// The pages.
    #[error(transparent)]
    Web(#[from] web::BindError),
    /// The peers.
    #[error(transparent)]
    Peers(#[from] PeersError),
    /// The system has no randomness.
    #[error("the system has no randomness: {0}")]
    Randomness(getrandom::Error),
    /// An order removed the node from its venue, and it destroyed its keys.
    #[error(
        "this node was removed from its venue ({0}) and has destroyed its keys; enrol it anew under a new key"
    )]
    Removed(String),
}

/// A running node.
#[derive(Debug)]
pub struct Node {
    /// The door's desk, where there is one.
    pub desk: Option<Desk>,
    /// The authority, where this is one.
    pub authority: Option<Authority>,
    /// The ledger.
    pub ledger: Ledger,
    /// Scans and what came of them.
    pub passages: Option<broadcast::Sender<Passage>>,
    /// Lets other doors join, where this one has the manager's key.
    pub pairing: Option<PairingDesk>,
    web: Option<WebAddresses>,
    peer_addresses: Vec<SocketAddr>,
    peers_status: Option<watch::Receiver<sync::status::PeersStatus>>,
    scanner: Option<Scanner>,
    wall: Wall,
    peers: Option<Peers>,
    tasks: JoinSet<()>,
    stopping: Stopping,
}

#[derive(Clone, Debug)]
struct WebAddresses {
    plain: String,
    with_key: String,
    set_up: Option<String>,
}

/// One token per layer, taken down in reverse of the start.
#[derive(Clone, Debug, Default)]
struct Stopping {
    gate: CancellationToken,
    web: CancellationToken,
    peers: CancellationToken,
    rules: CancellationToken,
}

/// Starts what the configuration names. `frames` takes the place of the configured source of frames.
///
/// # Errors
/// [`StartError`] names the file, port or section; nothing runs then.
pub async fn start(config: Config, frames: Option<SourceConfig>) -> Result<Node, StartError> {
    let clock: WallClock = Arc::new(wall::now);
    if let Some(why) = wiping::go_on(&config) {
        return Err(StartError::Removed(why));
    }
    let (charter, member) = charter(&config)?;
    check_role(&config, &member)?;
    let epoch = charter.epoch;
    let ledger = Ledger::open(
        &config.node.data.join("ledger"),
        charter,
        Durability::Fsync,
        Arc::clone(&clock),
    )?;
    bulletins::take_all(&ledger, &config.node.bulletins).await.iter().for_each(bulletins::warn_of);
    let mut node = Node {
        desk: None,
        authority: None,
        ledger,
        passages: None,
        pairing: None,
        web: None,
        peer_addresses: Vec::new(),
        peers_status: None,
        scanner: None,
        wall: Wall::default(),
        peers: None,
        tasks: JoinSet::new(),
        stopping: Stopping::default(),
    };
    if let (Some(gate), Place::Door { .. }) = (&config.gate, &member.place) {
        node.open_desk(&config, gate, &member, &clock).await?;
    }
    if let Some(section) = &config.authority {
        let ledger = node.ledger.clone();
        let authority = storing::open(section, ledger, Arc::clone(&clock)).await?;
        authority.require_second(section.second_approver);
        authority.keep_accesses_for(section.access_log_days);
        node.tasks
            .spawn(authority.clone().keep_house(node.stopping.rules.clone().cancelled_owned()));
        authority.equip(office::keys(section, &config.node.roots)?);
        node.send_answers(section, &authority)?;
        node.tell_abroad(section, &authority)?;
        node.authority = Some(authority);
    }
    let (calls_in, calls) = mpsc::channel(CALLS_MAX);
    let calls_in = config.venue.as_ref().map(|_| calls_in);
    let inquiries = node.answer_doors();
    node.go_among_peers(&config, &clock, calls_in, inquiries).await?;
    node.let_others_join(&config, &member, &clock, calls)?;
    let (ready_out, ready) = watch::channel(false);
    let scans = node.open_scanner(&config, frames)?;
    let pages = node.bind_pages(&config, &member, &clock, ready).await?;
    node.run(scans, pages);
    let keeping = Keeping {
        ledger: node.ledger.clone(),
        zone: zone_of(&member),
        trusted: config.node.clock == ClockSetting::Trusted,
        clock,
        tracing: match (&config.authority, &node.authority) {
            (Some(section), Some(authority)) => {
                Some(Weeks { file: section.tracing.clone(), authority: authority.clone() })
            }
            _ => None,
        },
        uptime: uptime(),
    };
    node.tasks.spawn(keeping.follow(node.stopping.rules.clone()));
    node.follow_keys(&config);
    node.open_control(&config, &member);
    let renewed = papers::watch(
        node.ledger.clone(),
        config.node.membership.clone(),
        node.stopping.rules.clone(),
    );
    node.tasks.spawn(renewed);
    let watched =
        bulletins::watch(node.ledger.clone(), config.node.bulletins, node.stopping.rules.clone());
    node.tasks.spawn(watched);
    ready_out.send_replace(true);
    tracing::info!(
        node = %node.ledger.charter().key.public(),
        role = member.title(),
        %epoch,
        version = env!("CARGO_PKG_VERSION"),
        peers = ?node.peer_addresses,
        pages = node.web.as_ref().map(|w| w.plain.as_str()),
        "node is up"
    );
    node.tasks.spawn(keep_ready(ready_out, node.stopping.rules.clone()));
    Ok(node)
}

/// The readiness that pages show lives as long as the node.
async fn keep_ready(_ready: watch::Sender<bool>, stopped: CancellationToken) {
    stopped.cancelled().await;
}

/// Whether the keys and papers that a configuration names are there, fit each other and hold; changes nothing.
pub(crate) fn would_start(config: &Config) -> Result<(), StartError> {
    let (_, member) = charter(config)?;
    check_role(config, &member)?;
    if let Some(section) = &config.authority {
        office::keys(section, &config.node.roots)?;
    }
    managers_key(config).map(drop)
}

/// From when a node has its place.
pub(crate) fn began(member: &Member) -> UnixMillis {
    match &member.place {
        Place::Door { venue, door } => venue.not_before.max(door.not_before),
        Place::Authority(_) => wall::now(),
    }
}

/// The door that a configuration and its papers describe; `None` for the authority.
pub(crate) fn site_of(config: &Config, member: &Member) -> Option<Site> {
    site(member, config.gate.as_ref()?)
}

fn check_role(config: &Config, member: &Member) -> Result<(), StartError> {
    match &member.place {
        Place::Door { .. } if config.authority.is_some() => Err(StartError::Role(
            "[authority] needs an authority's membership; this one is a door's",
        )),
        Place::Authority(_) if config.gate.is_some() => {
            Err(StartError::Role("[gate] needs a door's membership; this one is the authority's"))
        }
        _ => Ok(()),
    }
}

/// The manager's key, at the door that has it.
fn managers_key(config: &Config) -> Result<Option<SecretKey>, StartError> {
    Ok(config.venue.as_ref().map(|section| secret::load_key(&section.manager)).transpose()?)
}

/// A monotonic clock from now.
#[allow(clippy::disallowed_methods, reason = "the node hands out time; nobody else asks for it")]
pub(crate) fn uptime() -> Uptime {
    let start = Instant::now();
    Arc::new(move || start.elapsed())
}

impl Node {
    async fn open_desk(
        &mut self,
        config: &Config,
        gate: &GateSection,
        member: &Member,
        clock: &WallClock,
    ) -> Result<(), StartError> {
        let Some(site) = site(member, gate) else {
            return Ok(());
        };
        let yesterday = Day::new(site.zone.day(clock()).get().saturating_sub(1));
        let key = secret::load_tag_key(&gate.tag_key)?;
        let trusted = config.node.clock == ClockSetting::Trusted;
        // Yesterday's is kept for the guests of the night; what is older goes. Forward only, and never far on
        // the word of a clock that nobody has set: a burnt key does not come back.
        let tag_key = if ratchet::may_turn(key.day(), yesterday, trusted) {
            secret::ratchet_tag_key(&gate.tag_key, yesterday)?
        } else {
            key
        };
        // Before anything is written: the storage key of the day is made of it.
        self.ledger.turn(tag_key.clone()).await?;
        self.tasks.spawn(ratchet::follow_days(
            gate.tag_key.clone(),
            self.ledger.clone(),
            site.zone.clone(),
            trusted,
            self.stopping.rules.clone(),
        ));
        let clock_watch: ClockWatch = Arc::new(move || {
            if trusted || ratchet::is_synchronised() {
                ClockSource::Synchronised
            } else {
                ClockSource::Unsynchronised
            }
        });
        let attendance = if gate.attended { Attendance::Attended } else { Attendance::Unattended };
        let resumes = lease::last(&config.node.data);
        let desk_config = DeskConfig {
            site,
            attendance,
            tag_key,
            clock: Arc::clone(clock),
            clock_watch,
            resumes,
            manager: managers_key(config)?,
        };
        let desk = Desk::open(self.ledger.clone(), desk_config).await?;
        desk.rekey(secret::load_tag_ring(&gate.tag_key)?);
        if let Some(section) = &config.signal {
            let lights = Lights::open(section)?;
            self.tasks.spawn(lights.follow(desk.events(), self.stopping.rules.clone()));
        }
        self.desk = Some(desk);
        let data = &config.node.data;
        lease::take(data, self.ledger.charter().epoch)
            .map_err(|source| StartError::File { path: data.clone(), source })?;
        Ok(())
    }

    async fn go_among_peers(
        &mut self,
        config: &Config,
        clock: &WallClock,
        pairing: Option<mpsc::Sender<PairingCall>>,
        inquiries: Option<mpsc::Sender<InquiryCall>>,
    ) -> Result<(), StartError> {
        let Some(section) = &config.peers else {
            return Ok(());
        };
        if cfg!(feature = "quic") {
            web::install_crypto(); // two crypto libraries are linked then: one must be chosen first
        }
        let (stop, clock) = (self.stopping.peers.clone(), Arc::clone(clock));
        let peers_config =
            self.serving(PeersConfig { pairing, inquiries, ..peers_config(section) });
        let peers = Peers::start(self.ledger.clone(), peers_config, clock, stop).await?;
        self.peer_addresses = peers.addresses().to_vec();
        self.peers_status = Some(peers.status());
        if let Some(desk) = &self.desk {
            desk.watch_peers(peers.status());
            desk.ask_through(peers.inquirer());
            let stopped = self.stopping.rules.clone().cancelled_owned();
            self.tasks.spawn(desk.clone().ask_on(stopped));
        }
        self.peers = Some(peers);
        Ok(())
    }

    fn open_scanner(
        &mut self,
        config: &Config,
        frames: Option<SourceConfig>,
    ) -> Result<Option<Scans>, StartError> {
        let Some(gate) = &config.gate else {
            return Ok(None);
        };
        self.wall.wanted = gate.poster;
        let configured = if frames.is_none() { source(gate)? } else { None };
        let Some(source) = frames.or(configured) else {
            return Ok(None);
        };
        let settings = Settings { away: gate.away, ..Settings::default() };
        let uptime = uptime();
        let (scanner, scans) = Scanner::start(source, settings, Arc::clone(&uptime))?;
        self.scanner = Some(scanner);
        Ok(Some(Scans { scans, uptime }))
    }

    async fn bind_pages(
        &mut self,
        config: &Config,
        member: &Member,
        clock: &WallClock,
        ready: watch::Receiver<bool>,
    ) -> Result<Option<Web>, StartError> {
        let Some(section) = &config.web else {
            return Ok(None);
        };
        web::install_crypto();
        let visitors = Visitors {
            contact: section.contact.clone(),
            sms: self.open_sms(config)?,
            address: section.address.clone(),
            wifi: section.wifi.clone(),
            poster_version: config.gate.as_ref().and_then(|gate| gate.poster).unwrap_or(1),
            poster_from: Some(began(member)),
        };
        let services = Services {
            visitors,
            door: self.desk.clone(),
            pairing: self.pairing.clone(),
            bundle: self.desk.as_ref().map(|_| bundles::maker(self.ledger.clone())),
            authority: self.authority.clone(),
            peers: self.peers_status.clone(),
            scanner: self.scanner_view(),
            frames: Some(frames::open(uptime())),
            clock: Arc::clone(clock),
            version: env!("CARGO_PKG_VERSION"),
            node: self.ledger.charter().key.public().to_string(),
            ready,
        };
        let passkeys = passkey_config(config.authority.as_ref());
        let pages = web::bind(web_config(section, &config.node.data, passkeys), services).await?;
        self.web = Some(WebAddresses {
            plain: pages.url(""),
            with_key: pages.access_url(""),
            set_up: pages.set_up_code(),
        });
        Ok(Some(pages))
    }

    /// The gateway by which codes reach visitors' phones, where one is configured.
    fn open_sms(&mut self, config: &Config) -> Result<Option<Outbox>, StartError> {
        let Some(section) = &config.sms else { return Ok(None) };
        let gateway = Gateway::open(section)?;
        let (outbox, messages) = mpsc::channel(OUTBOX_LEN);
        self.tasks.spawn(sms::run(gateway, messages, self.stopping.web.clone()));
        Ok(Some(outbox))
    }

    fn scanner_view(&mut self) -> Option<watch::Receiver<ScannerView>> {
        let mut stats = self.scanner.as_ref()?.stats();
        let mut posters = self.wall.seen.subscribe();
        let (view_out, view) = watch::channel(ScannerView::default());
        let stop = self.stopping.gate.clone();
        self.tasks.spawn(async move {
            loop {
                let poster = *posters.borrow_and_update();
                let fresh = scanner_view(&stats.borrow_and_update(), poster);
                view_out.send_replace(fresh);
                tokio::select! {
                    () = stop.cancelled() => return,
                    changed = stats.changed() => if changed.is_err() { return },
                    Ok(()) = posters.changed() => {}
                }
            }
        });
        Some(view)
    }

    /// Everything is open and bound: now it runs.
    fn run(&mut self, scans: Option<Scans>, pages: Option<Web>) {
        let stop = self.stopping.clone();
        if let Some(desk) = self.desk.clone() {
            self.tasks.spawn(desk.clone().count(stop.rules.clone().cancelled_owned()));
            self.tasks.spawn(desk.follow(stop.rules.clone().cancelled_owned()));
        }
        if let (Some(authority), Some(peers)) = (&self.authority, &self.peers_status) {
            let stopped = stop.rules.clone().cancelled_owned();
            self.tasks.spawn(authority.clone().note_receipts(peers.clone(), stopped));
        }
        if let Some(authority) = self.authority.clone() {
            self.tasks.spawn(authority.follow(stop.rules.clone().cancelled_owned()));
        }
        if let (Some(desk), Some(Scans { scans, uptime })) = (self.desk.clone(), scans) {
            let gate = Gate::new(desk, self.wall.clone());
            self.passages = Some(gate.passages());
            self.tasks.spawn(gate.run(scans, uptime, stop.gate.clone()));
        }
        if let Some(pages) = pages {
            self.tasks.spawn(pages.serve(stop.web.clone()));
        }
        self.tasks.spawn(health::watch(self.ledger.clone(), stop.rules));
    }

    /// The address of a page such as `/door`, without a key.
    pub fn page(&self, page: &str) -> Option<String> {
        self.web.as_ref().map(|w| format!("{}{page}", w.plain))
    }

    /// The same, opening a session: for the terminal of whoever started the node, nobody else.
    pub fn page_with_key(&self, page: &str) -> Option<String> {
        self.web.as_ref().map(|w| format!("{}{page}", w.with_key))
    }

    /// The code that makes the venue's first manager, where there is none yet and this door keeps the staff: for the
    /// terminal of whoever started the node, nobody else.
    pub fn set_up_code(&self) -> Option<&str> {
        self.web.as_ref()?.set_up.as_deref()
    }

    /// Where peers reach this node.
    pub fn peer_addresses(&self) -> &[SocketAddr] {
        &self.peer_addresses
    }

    /// Stops scanning, then pages, then peers, then the rules, and closes the ledger last.
    pub async fn shutdown(mut self) {
        self.stopping.gate.cancel();
        if let Some(scanner) = self.scanner.take() {
            let stopped = tokio::task::spawn_blocking(move || scanner.stop()).await;
            tracing::debug!(?stopped, "scanner stopped");
        }
        self.stopping.web.cancel();
        self.stopping.peers.cancel();
        if let Some(peers) = self.peers.take()
            && tokio::time::timeout(health::STOP_DEADLINE, peers.stopped()).await.is_err()
        {
            tracing::warn!("peers did not stop in time");
        }
        self.stopping.rules.cancel();
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(health::STOP_DEADLINE, ended).await.is_err() {
            tracing::warn!("some tasks did not stop in time");
        }
        self.ledger.close().await;
        tracing::info!("node is down");
    }
}

struct Scans {
    scans: tokio::sync::mpsc::Receiver<scanner::Scan>,
    uptime: Uptime,
}
