//! The one loop that owns the swarm: drives every session and calls who is away.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::Arc,
};

use futures::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use libp2p::{
    Multiaddr, PeerId, Swarm,
    core::ConnectedPoint,
    mdns,
    swarm::{ConnectionId, SwarmEvent, dial_opts::DialOpts},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Duration, Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    PeersConfig, PeersError,
    address::{Address, Carrier, Names, socket_address},
    arriving::Arrival,
    bucket::Bucket,
    contacts::{Connection, Contact, Contacts, Parting, set_link},
    deliveries::Done,
    dialler::{Ending, Targets, chance},
    discovery::{COURTESY, FOUND_MAX},
    doorway::{self, Kind},
    handler::News,
    inquiring::{Asking, InquiryCall},
    limits::Limits,
    meter::Totals,
    once::{Pairing, call_failure},
    renewing::RenewalCall,
    roll::Roll,
    stream::{Ended, Heard},
    thrift::{SPENT, Thrift, Turn},
    transport::{Behaviour, BehaviourEvent, node_key},
    uploads::Uploads,
};
use crate::{
    book::{Heads, Keeps},
    id::{PublicKey, VenueId},
    ledger::{Ledger, WallClock},
    membership::Member,
    status::{Link, PeerStatus, PeersStatus},
    time::UnixMillis,
};

/// Refusals logged as warnings at once; one a second after that, the rest for who debugs.
const WARNINGS_MAX: u64 = 20;
const TICK: Duration = Duration::from_millis(250);
/// Messages that wait for the loop, of all connections together; who has more to say waits in its own task.
const HEARD_MAX: usize = 64;
/// How long peers may take to hear that this node goes.
const FAREWELL: Duration = Duration::from_millis(500);

/// What the loop needs from outside.
pub(super) struct Parts {
    pub(super) swarm: Swarm<Behaviour>,
    pub(super) ledger: Ledger,
    pub(super) clock: WallClock,
    pub(super) status: watch::Sender<PeersStatus>,
    pub(super) totals: Arc<Totals>,
    pub(super) names: Names,
    pub(super) asks: mpsc::Receiver<Asking>,
}

pub(super) struct Run {
    pub(super) swarm: Swarm<Behaviour>,
    pub(super) ledger: Ledger,
    pub(super) limits: Limits,
    pub(super) connections: BTreeMap<ConnectionId, Connection>,
    pub(super) partings: Vec<Parting>,
    pub(super) contacts: Contacts,
    pub(super) targets: Targets,
    pub(super) lines: JoinSet<Ended>,
    pub(super) heard_in: mpsc::Sender<Heard>,
    pub(super) work: FuturesUnordered<BoxFuture<'static, Done>>,
    pub(super) thrift: Option<Thrift>,
    pub(super) totals: Arc<Totals>,
    /// Who answers doors' questions, at the authority.
    pub(super) inquiries: Option<mpsc::Sender<InquiryCall>>,
    /// Who brings here what is held elsewhere, at the authority.
    pub(super) arrivals: Option<mpsc::Sender<Arrival>>,
    /// Who signs papers anew, at the authority.
    pub(super) renewals: Option<mpsc::Sender<RenewalCall>>,
    /// Who may deliver a backlog, at the authority.
    pub(super) uploads: Option<Uploads>,
    /// Whether the store behind this node takes nothing just now.
    pub(super) strained: Option<watch::Receiver<bool>>,
    /// This node's own questions.
    asks: mpsc::Receiver<Asking>,
    heard: mpsc::Receiver<Heard>,
    pairing: Option<Pairing>,
    clock: WallClock,
    names: Names,
    status: watch::Sender<PeersStatus>,
    /// A link changed: the screens are told at once. What was heard when can wait for the tick.
    pub(super) changed: bool,
    /// What the venue's doors said of themselves.
    pub(super) roll: Roll,
    /// What those are called that have never been met.
    pub(super) unmet: BTreeMap<PublicKey, String>,
    /// What the ledger held when the sessions last looked.
    looked_at: Arc<Heads>,
    /// Strangers must not fill the log.
    pub(super) warnings: Bucket,
}

impl Run {
    pub(super) fn new(parts: Parts, config: PeersConfig) -> Result<Self, PeersError> {
        let Parts { swarm, ledger, clock, status, totals, names, asks } = parts;
        let (at, now) = (Instant::now(), clock());
        let (heard_in, heard) = mpsc::channel(HEARD_MAX);
        let uploads = (ledger.charter().keeps == Keeps::Region)
            .then(|| Uploads::new(config.limits.uploads_max));
        Ok(Self {
            swarm,
            ledger,
            limits: config.limits,
            connections: BTreeMap::new(),
            partings: Vec::new(),
            contacts: Contacts::default(),
            targets: Targets::listed(&config.dial, at, now)?,
            lines: JoinSet::new(),
            heard_in,
            work: FuturesUnordered::new(),
            thrift: Thrift::new(config.profile, at, now),
            totals,
            inquiries: config.inquiries,
            arrivals: config.arrivals,
            renewals: config.renewals,
            uploads,
            strained: config.strained,
            asks,
            heard,
            pairing: config.pairing.map(Pairing::new),
            clock,
            names,
            status,
            changed: false,
            roll: Roll::default(),
            unmet: BTreeMap::new(),
            looked_at: Arc::default(),
            warnings: Bucket::new(1, WARNINGS_MAX, at),
        })
    }

    /// Runs until shutdown, then lets every connection go.
    pub(super) async fn until(mut self, shutdown: CancellationToken) {
        let mut heads = self.ledger.heads();
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                event = self.swarm.select_next_some() => self.swarm_event(event),
                Some(heard) = self.heard.recv() => {
                    self.mind_the_budget(); // a tick may be long on a fast link
                    self.heard(heard);
                }
                Some(asking) = self.asks.recv() => self.asked(asking),
                Some(ended) = self.lines.join_next() => self.line_ended(ended),
                Some(done) = self.work.next() => self.done(done),
                changed = heads.changed() => {
                    if changed.is_err() { break } // the ledger is closed
                    self.settle_words();
                    self.poke_concerned();
                }
                _ = ticks.tick() => self.tick(),
            }
            if std::mem::take(&mut self.changed) {
                self.publish_status();
            }
        }
        self.publish_status();
        let _ = timeout(FAREWELL, self.say_farewell()).await; // who does not listen is left
    }

    fn tick(&mut self) {
        self.mind_the_budget();
        self.sweep();
        self.call_due();
        self.poke_all();
        self.publish_status();
    }

    /// Ends streams in order, then connections, so that peers see a node that goes and not one that broke.
    async fn say_farewell(&mut self) {
        for peer in self.contacts.talking() {
            if let Some(contact) = self.contacts.get_mut(&peer) {
                contact.talk = None; // its writer ends the stream
            }
        }
        while !self.lines.is_empty() {
            tokio::select! {
                _ = self.swarm.select_next_some() => {}
                _ = self.lines.join_next() => {}
            }
        }
        let connected: Vec<PeerId> = self.swarm.connected_peers().copied().collect();
        for peer in connected {
            let _ = self.swarm.disconnect_peer_id(peer); // already gone is fine
        }
        while self.swarm.connected_peers().next().is_some() {
            self.swarm.select_next_some().await;
        }
    }

    pub(super) fn now(&self) -> UnixMillis {
        (self.clock)()
    }

    fn swarm_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                self.connected(peer_id, connection_id, &endpoint);
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, cause, .. } => {
                let reason = cause.map_or("connection closed".into(), |c| c.to_string());
                self.lose((peer_id, connection_id), &reason, Ending::Unopened);
                self.connections.remove(&connection_id);
                self.partings.retain(|parting| parting.connection != connection_id);
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                let (at, now) = (Instant::now(), self.now());
                self.targets.failed(connection_id, &call_failure(&error), at, now);
            }
            SwarmEvent::IncomingConnectionError { error, send_back_addr, .. } => {
                tracing::debug!(%error, from = %send_back_addr, "incoming connection failed");
            }
            SwarmEvent::Behaviour(BehaviourEvent::Doorway(event)) => self.stream_event(event),
            SwarmEvent::Behaviour(BehaviourEvent::Lan(event)) => self.lan_event(event),
            _ => {}
        }
    }

    fn connected(&mut self, peer: PeerId, id: ConnectionId, endpoint: &ConnectedPoint) {
        let established = Instant::now();
        let carrier = socket_address(endpoint.get_remote_address()).map(|(_, carrier)| carrier);
        let dialled = endpoint.is_dialer();
        let connection =
            Connection { peer, dialled, established, quic: carrier == Some(Carrier::Quic) };
        self.connections.insert(id, connection);
        if dialled {
            self.targets.taken(id, peer, established);
            self.dialled(peer, id, connection);
        }
    }

    fn stream_event(&mut self, event: doorway::Event) {
        let doorway::Event { peer, connection, news } = event;
        match news {
            News::Opened(Kind::Sync, stream) => self.opened(peer, connection, stream),
            News::Opened(Kind::Pair, stream) => {
                if let (Some(pairing), Some(key)) = (&mut self.pairing, node_key(&peer)) {
                    pairing.take(key, stream, Instant::now());
                }
            }
            News::NotSpoken => {
                let reason = "another program, or another version of this one";
                self.lose((peer, connection), reason, Ending::Foreign);
            }
            News::Failed(reason) => self.lose((peer, connection), &reason, Ending::Unopened),
        }
    }

    fn lan_event(&mut self, event: mdns::Event) {
        let (at, now) = (Instant::now(), self.now());
        let own = self.ledger.charter().key.public();
        match event {
            mdns::Event::Discovered(found) => {
                for (peer, address) in found {
                    let lower = node_key(&peer).is_some_and(|key| own < key);
                    let call_at = if lower { at } else { at + COURTESY };
                    if let Some(address) = Address::announced(&address) {
                        self.targets.found(peer, address, FOUND_MAX, call_at, now);
                    }
                }
            }
            mdns::Event::Expired(gone) => {
                for (peer, address) in gone {
                    if let Some(address) = Address::announced(&address) {
                        self.targets.lost_sight(&peer, &address);
                    }
                }
            }
        }
    }

    pub(super) fn open_stream(&mut self, peer: PeerId, connection: ConnectionId) {
        self.swarm.behaviour_mut().doorway.open(peer, connection, Kind::Sync);
    }

    fn line_ended(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        match ended {
            Ok(ended) => self.ended(ended),
            Err(error) => tracing::error!(%error, "a peer's stream ended badly"),
        }
    }

    fn call_due(&mut self) {
        if self.is_hung_up() {
            return;
        }
        let contacts = &self.contacts;
        let due = self.targets.due(Instant::now(), |peer| contacts.is_talking(peer));
        let names = self.names;
        for (which, address) in due {
            self.work
                .push(Box::pin(async move { Done::Resolved(which, address.resolve(names).await) }));
        }
    }

    pub(super) fn dial(&mut self, which: u64, resolved: io::Result<Vec<Multiaddr>>) {
        let (at, now) = (Instant::now(), self.now());
        let addresses = match resolved {
            Ok(addresses) if !addresses.is_empty() => addresses,
            Ok(_) => return self.targets.put_off(which, "the name has no address".into(), at, now),
            Err(error) => return self.targets.put_off(which, error.to_string(), at, now),
        };
        // A port of its own: with the listening port two nodes that call each other would be one connection.
        let options = DialOpts::unknown_peer_id()
            .address(addresses[usize::from(chance()) % addresses.len()].clone())
            .allocate_new_port()
            .build();
        let connection = options.connection_id();
        match self.swarm.dial(options) {
            Ok(()) => self.targets.dialling(which, connection),
            Err(error) => self.targets.put_off(which, call_failure(&error), at, now),
        }
    }

    /// Lets those sessions take their next step for which something is new in the ledger: at the authority few of many.
    fn poke_concerned(&mut self) {
        let fresh = Arc::clone(&self.ledger.heads().borrow());
        let before = std::mem::replace(&mut self.looked_at, Arc::clone(&fresh));
        if before.bulletins != fresh.bulletins || before.papers != fresh.papers {
            return self.poke_all();
        }
        let own = self.ledger.charter().venue();
        let same = |venue: VenueId| match (before.venues.get(&venue), fresh.venues.get(&venue)) {
            (Some(before), Some(fresh)) => Arc::ptr_eq(before, fresh),
            (before, fresh) => before.is_none() && fresh.is_none(),
        };
        let concerned = |contact: &Contact| {
            let member = contact.talk.as_ref().and_then(|talk| talk.session.member());
            let venue = own.or_else(|| member.and_then(Member::venue));
            contact.talk.is_some() && !venue.is_some_and(same)
        };
        let met = self.contacts.iter().filter(|(_, contact)| concerned(contact));
        let concerned: Vec<PeerId> = met.map(|(peer, _)| *peer).collect();
        concerned.into_iter().for_each(|peer| self.poke(peer));
    }

    fn poke_all(&mut self) {
        self.contacts.talking().into_iter().for_each(|peer| self.poke(peer));
    }

    fn passed_on(&self, node: PublicKey, heard: UnixMillis) -> PeerStatus {
        let title = self.unmet.get(&node).cloned();
        PeerStatus {
            node: Some(node),
            title: title.unwrap_or_else(|| format!("node {}", &node.to_string()[..12])),
            link: Link::Down { reason: "heard through other doors".into() },
            since: heard,
            heard: Some(heard),
            bulletins: Vec::new(),
            waits_until: None,
        }
    }

    /// Whether the day's bytes are used up.
    pub(super) fn is_hung_up(&self) -> bool {
        self.thrift.as_ref().is_some_and(Thrift::is_spent)
    }

    fn mind_the_budget(&mut self) {
        let (at, now, traffic) = (Instant::now(), self.now(), self.totals.read());
        let Some(thrift) = &mut self.thrift else { return };
        match thrift.turn(traffic.sent.saturating_add(traffic.received), at, now) {
            Turn::None => {}
            Turn::Spent => {
                tracing::warn!("{SPENT}: no peers until tomorrow (UTC)");
                self.hang_up(now);
            }
            Turn::Fresh => {
                self.swarm.behaviour_mut().doorway.admission().shut(false);
                self.targets.start_anew(at);
            }
        }
    }

    fn hang_up(&mut self, now: UnixMillis) {
        self.swarm.behaviour_mut().doorway.admission().shut(true);
        let all: Vec<_> = self.connections.iter().map(|(id, c)| (c.peer, *id)).collect();
        for at in all {
            self.lose(at, SPENT, Ending::Unopened);
        }
        self.targets.all_down(SPENT, now);
        for status in self.contacts.statuses_mut() {
            if let Link::Down { .. } = status.link {
                set_link(status, Link::Down { reason: SPENT.into() }, now);
            }
        }
    }

    /// Whose word is made good by what the ledger holds now.
    fn settle_words(&mut self) {
        let (now, heads) = (self.now(), Arc::clone(&self.ledger.heads().borrow()));
        self.roll.settle(self.ledger.charter(), &heads, now);
    }

    /// Sessions, addresses behind which nobody has been met yet, and doors that others have passed the word of.
    fn publish_status(&self) {
        let now = self.now();
        let met = self.contacts.iter().map(|(_, c)| {
            let heard = c.status.node.and_then(|node| self.roll.heard(&node));
            let talk = c.talk.as_ref().map(|talk| talk.session.their_bulletins());
            let waits_until = c.talk.as_ref().and_then(|talk| talk.session.waits_until(now));
            let bulletins = talk.filter(|held| !held.is_empty());
            let bulletins = bulletins.unwrap_or_else(|| c.status.bulletins.clone());
            let heard = heard.or(c.status.heard);
            PeerStatus { heard, bulletins, waits_until, ..c.status.clone() }
        });
        let mut peers: Vec<_> = met.chain(self.targets.unmet()).collect();
        let known: BTreeSet<_> = peers.iter().filter_map(|p| p.node).collect();
        let others = self.roll.all_heard().filter(|(node, _)| !known.contains(*node));
        peers.extend(others.map(|(node, heard)| self.passed_on(*node, heard)));
        peers.sort_by(|a, b| a.title.cmp(&b.title));
        let uploads = self.uploads.as_ref().map(Uploads::status).unwrap_or_default();
        self.status.send_if_modified(|held| {
            let changed = held.peers != peers || held.uploads != uploads;
            (held.peers, held.uploads) = (peers, uploads);
            changed
        });
    }
}
