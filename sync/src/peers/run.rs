//! The one loop that owns the swarm: drives every session and redials who is away.

use std::{collections::BTreeMap, io, sync::Arc, time::Duration};

use futures::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use libp2p::{
    Multiaddr, PeerId, Swarm,
    request_response::{self, OutboundRequestId, ResponseChannel},
    swarm::{ConnectionId, DialError, SwarmEvent, dial_opts::DialOpts},
};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    dialler::{BackOff, REFUSED},
    session::{Response, Session, Step},
    transport::{Behaviour, BehaviourEvent, node_key, resolve},
    wire::{DELIVERY_BYTES, Reply, Request},
};
use crate::{
    bulletin::{Bulletin, BulletinKind},
    envelope::Envelope,
    id::{ChainId, PublicKey, Seq},
    ledger::{Ledger, LedgerError, WallClock},
    membership::Membership,
    status::{Link, PeerStatus, PeersStatus},
    time::UnixMillis,
};

const TICK: Duration = Duration::from_millis(250);
/// How long a refusal may take to reach the other side before the connection is cut.
const CUT_DELAY: Duration = Duration::from_millis(600);
/// Peers that went away and were never dialled are remembered for the screen, up to so many.
const REMEMBERED_MAX: usize = 256;

/// What the ledger answered for a session.
enum Done {
    Fetched(PeerId, Result<(Option<Membership>, Vec<Envelope>), LedgerError>),
    FetchedBulletins(PeerId, Result<Vec<Bulletin>, LedgerError>),
    Stored(PeerId, ChainId, Result<(), LedgerError>, ResponseChannel<Reply>),
    Kept(Result<(), LedgerError>, ResponseChannel<Reply>),
    Acknowledged(Result<(), LedgerError>),
    Resolved(usize, io::Result<Vec<Multiaddr>>),
}

impl Target {
    /// The call failed: it is made again later.
    fn put_off(&mut self, reason: String, now: UnixMillis) {
        self.calling = Calling::No;
        self.call_at = Some(Instant::now() + self.back_off.failed(chance()));
        set_link(&mut self.status, Link::Down { reason }, now);
    }
}

struct Contact {
    session: Session,
    status: PeerStatus,
    connected: bool,
    /// When a session that is over is cut: a moment later, so that the other side hears why.
    cut_at: Option<Instant>,
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Calling {
    No,
    Resolving,
    Dialling(ConnectionId),
}

struct Target {
    name: String,
    back_off: BackOff,
    call_at: Option<Instant>,
    calling: Calling,
    peer: Option<PeerId>,
    status: PeerStatus,
}

pub(super) struct Run {
    swarm: Swarm<Behaviour>,
    ledger: Ledger,
    contacts: BTreeMap<PeerId, Contact>,
    targets: Vec<Target>,
    asked: BTreeMap<OutboundRequestId, PeerId>,
    work: FuturesUnordered<BoxFuture<'static, Done>>,
    clock: WallClock,
    status: watch::Sender<PeersStatus>,
}

impl Run {
    pub(super) fn new(
        swarm: Swarm<Behaviour>,
        ledger: Ledger,
        dial: Vec<String>,
        clock: WallClock,
        status: watch::Sender<PeersStatus>,
    ) -> Self {
        let since = clock();
        let target = |name: String| Target {
            status: PeerStatus {
                node: None,
                title: name.clone(),
                link: Link::Down { reason: "not yet called".into() },
                since,
                heard: None,
            },
            name,
            back_off: BackOff::default(),
            call_at: Some(Instant::now()),
            calling: Calling::No,
            peer: None,
        };
        Self {
            swarm,
            ledger,
            contacts: BTreeMap::new(),
            targets: dial.into_iter().map(target).collect(),
            asked: BTreeMap::new(),
            work: FuturesUnordered::new(),
            clock,
            status,
        }
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
                Some(done) = self.work.next() => self.done(done),
                changed = heads.changed() => {
                    if changed.is_err() { break } // the ledger is closed
                    self.poke_all();
                }
                _ = ticks.tick() => { self.call_due(); self.poke_all(); }
            }
            self.publish_status();
        }
        let peers: Vec<PeerId> = self.contacts.keys().copied().collect();
        for peer in peers {
            let _ = self.swarm.disconnect_peer_id(peer); // already gone is fine
        }
    }

    fn now(&self) -> UnixMillis {
        (self.clock)()
    }

    fn swarm_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, .. } => {
                self.connected(peer_id, connection_id);
            }
            SwarmEvent::ConnectionClosed { peer_id, num_established: 0, cause, .. } => {
                let reason = cause.map_or("connection closed".into(), |c| c.to_string());
                self.disconnected(peer_id, reason);
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                self.call_failed(connection_id, &error);
            }
            SwarmEvent::IncomingConnectionError { error, send_back_addr, .. } => {
                tracing::debug!(%error, from = %send_back_addr, "incoming connection failed");
            }
            SwarmEvent::Behaviour(BehaviourEvent::Frames(event)) => self.frame(event),
            _ => {}
        }
    }

    fn connected(&mut self, peer: PeerId, connection: ConnectionId) {
        let now = self.now();
        let Some(key) = node_key(&peer) else {
            let _ = self.swarm.disconnect_peer_id(peer);
            return;
        };
        for target in &mut self.targets {
            if target.calling == Calling::Dialling(connection) {
                target.calling = Calling::No;
                target.peer = Some(peer);
            }
        }
        let contact = self.contacts.entry(peer).or_insert_with(|| new_contact(key, now));
        if !contact.connected {
            contact.connected = true;
            contact.session = Session::new(key);
            contact.cut_at = None;
        }
        self.poke(peer);
    }

    fn disconnected(&mut self, peer: PeerId, reason: String) {
        let now = self.now();
        self.asked.retain(|_, p| *p != peer);
        let mut refused = false;
        if let Some(contact) = self.contacts.get_mut(&peer) {
            contact.connected = false;
            refused = matches!(contact.status.link, Link::Refused { .. });
            if !refused {
                if contact.status.link == Link::Up {
                    tracing::info!(peer = %contact.status.title, %reason, "peer went away");
                }
                set_link(&mut contact.status, Link::Down { reason }, now);
            }
        }
        for target in self.targets.iter_mut().filter(|t| t.peer == Some(peer)) {
            let wait = if refused { REFUSED } else { target.back_off.failed(chance()) };
            target.call_at = Some(Instant::now() + wait);
        }
        self.forget_surplus();
    }

    fn forget_surplus(&mut self) {
        while self.contacts.len() > REMEMBERED_MAX {
            let gone = self.contacts.iter().find(|(_, c)| !c.connected).map(|(p, _)| *p);
            match gone {
                Some(peer) => self.contacts.remove(&peer),
                None => return,
            };
        }
    }

    fn call_failed(&mut self, connection: ConnectionId, error: &DialError) {
        let now = self.now();
        for target in self.targets.iter_mut().filter(|t| t.calling == Calling::Dialling(connection))
        {
            target.put_off(call_failure(error), now);
        }
    }

    fn call_due(&mut self) {
        let now = Instant::now();
        for (which, target) in self.targets.iter_mut().enumerate() {
            let up = target.peer.is_some_and(|p| self.swarm.is_connected(&p));
            let due = target.call_at.is_some_and(|at| at <= now);
            if !up && due && target.calling == Calling::No {
                target.calling = Calling::Resolving;
                let name = target.name.clone();
                self.work
                    .push(Box::pin(async move { Done::Resolved(which, resolve(&name).await) }));
            }
        }
    }

    fn dial(&mut self, which: usize, resolved: io::Result<Vec<Multiaddr>>) {
        let now = self.now();
        let Some(target) = self.targets.get_mut(which) else { return };
        let addresses = match resolved {
            Ok(addresses) if !addresses.is_empty() => addresses,
            Ok(_) => return target.put_off("the name has no address".into(), now),
            Err(error) => return target.put_off(error.to_string(), now),
        };
        let options = DialOpts::unknown_peer_id()
            .address(addresses[usize::from(chance()) % addresses.len()].clone())
            .build();
        let connection = options.connection_id();
        match self.swarm.dial(options) {
            Ok(()) => target.calling = Calling::Dialling(connection),
            Err(error) => target.put_off(call_failure(&error), now),
        }
    }

    fn poke_all(&mut self) {
        let up: Vec<PeerId> =
            self.contacts.iter().filter(|(_, c)| c.connected).map(|(p, _)| *p).collect();
        for peer in up {
            self.poke(peer);
        }
    }

    /// Lets a session take its next step.
    fn poke(&mut self, peer: PeerId) {
        let now = self.now();
        let heads = Arc::clone(&self.ledger.heads().borrow());
        let Some(contact) = self.contacts.get_mut(&peer).filter(|c| c.connected) else {
            return;
        };
        match contact.session.next(self.ledger.charter(), &heads, now) {
            Step::Wait => {}
            Step::Ask(request) => self.ask(peer, request),
            Step::Fetch(chain, after) => {
                let ledger = self.ledger.clone();
                self.work.push(Box::pin(async move {
                    Done::Fetched(peer, ledger.envelopes(chain, after, DELIVERY_BYTES).await)
                }));
            }
            Step::FetchBulletins(kinds) => self.fetch_bulletins(peer, kinds),
            Step::Close(word) => self.cut(peer, word),
        }
    }

    fn fetch_bulletins(&mut self, peer: PeerId, kinds: Vec<BulletinKind>) {
        let ledger = self.ledger.clone();
        self.work.push(Box::pin(async move {
            Done::FetchedBulletins(peer, ledger.bulletins(kinds).await)
        }));
    }

    fn ask(&mut self, peer: PeerId, request: Request) {
        let id = self.swarm.behaviour_mut().frames.send_request(&peer, request);
        self.asked.insert(id, peer);
    }

    /// Ends a session for good reason: logged, shown, and not tried again soon.
    fn cut(&mut self, peer: PeerId, word: String) {
        let now = self.now();
        let Some(contact) = self.contacts.get_mut(&peer) else { return };
        let link = Link::Refused { word };
        if contact.status.link != link {
            tracing::warn!(peer = %contact.status.title, ?link, "session refused, cutting off");
            set_link(&mut contact.status, link, now);
        }
        if *contact.cut_at.get_or_insert_with(|| Instant::now() + CUT_DELAY) <= Instant::now() {
            let _ = self.swarm.disconnect_peer_id(peer); // already gone is fine
        }
    }

    fn frame(&mut self, event: request_response::Event<Request, Reply>) {
        use request_response::{Event, Message};
        match event {
            Event::Message { peer, message: Message::Request { request, channel, .. }, .. } => {
                self.requested(peer, request, channel);
            }
            Event::Message {
                peer, message: Message::Response { request_id, response }, ..
            } => {
                if self.asked.remove(&request_id).is_some() {
                    self.replied(peer, response);
                }
            }
            Event::OutboundFailure { peer, request_id, error, .. } => {
                // One of a connection that is gone says nothing of the one that followed it.
                if self.asked.remove(&request_id).is_some() {
                    self.ask_failed(peer, &error);
                }
            }
            Event::InboundFailure { peer, error, .. } => {
                tracing::debug!(%peer, %error, "a peer's request failed");
            }
            Event::ResponseSent { .. } => {}
        }
    }

    /// No answer: libp2p would keep the dead connection, so it is ended here and called anew.
    fn ask_failed(&mut self, peer: PeerId, error: &request_response::OutboundFailure) {
        let now = self.now();
        let Some(contact) = self.contacts.get_mut(&peer) else {
            return;
        };
        contact.session.failed(now);
        if !matches!(contact.status.link, Link::Refused { .. }) {
            set_link(&mut contact.status, Link::Down { reason: error.to_string() }, now);
        }
        let _ = self.swarm.disconnect_peer_id(peer); // already gone is fine
    }

    fn replied(&mut self, peer: PeerId, reply: Reply) {
        let now = self.now();
        let Some(contact) = self.contacts.get_mut(&peer) else {
            return;
        };
        let acknowledged = contact.session.replied(self.ledger.charter(), reply, now);
        self.heard(peer, now);
        self.acknowledge(acknowledged);
        self.poke(peer);
    }

    fn requested(&mut self, peer: PeerId, request: Request, channel: ResponseChannel<Reply>) {
        let now = self.now();
        let heads = Arc::clone(&self.ledger.heads().borrow());
        let Some(contact) = self.contacts.get_mut(&peer) else {
            return;
        };
        let (response, acknowledged) =
            contact.session.requested(self.ledger.charter(), &heads, request, now);
        self.heard(peer, now);
        self.acknowledge(acknowledged);
        let ledger = self.ledger.clone();
        match response {
            Response::Reply(reply) => self.reply(channel, reply),
            // The other side cuts when it reads why; ours is marked and cut at the next tick.
            Response::Refuse(word) => self.reply(channel, Reply::Refused(word)),
            Response::Store(chain, introduced, envelopes) => {
                self.work.push(Box::pin(async move {
                    let stored = ledger.merge(introduced, envelopes).await;
                    Done::Stored(peer, chain, stored, channel)
                }));
            }
            Response::Keep(bulletins) => self.work.push(Box::pin(async move {
                let mut kept = Ok(());
                for bulletin in bulletins {
                    kept = kept.and(ledger.keep_bulletin(bulletin).await);
                }
                Done::Kept(kept, channel)
            })),
        }
    }

    fn reply(&mut self, channel: ResponseChannel<Reply>, reply: Reply) {
        let _ = self.swarm.behaviour_mut().frames.send_response(channel, reply); // asker may be gone
    }

    fn acknowledge(&mut self, places: BTreeMap<ChainId, Seq>) {
        let known = &self.ledger.heads().borrow().acknowledged.clone();
        let news: BTreeMap<_, _> =
            places.into_iter().filter(|(c, s)| known.get(c).is_none_or(|k| k < s)).collect();
        if !news.is_empty() {
            let ledger = self.ledger.clone();
            self.work
                .push(Box::pin(async move { Done::Acknowledged(ledger.acknowledge(news).await) }));
        }
    }

    fn done(&mut self, done: Done) {
        let now = self.now();
        match done {
            Done::Fetched(peer, Ok((author, envelopes))) => {
                let request = self.session(peer).and_then(|s| s.fetched(author, envelopes));
                self.ask_or_poke(peer, request);
            }
            Done::FetchedBulletins(peer, Ok(bulletins)) => {
                let request = self.session(peer).and_then(|s| s.fetched_bulletins(bulletins));
                self.ask_or_poke(peer, request);
            }
            Done::Fetched(peer, Err(error)) | Done::FetchedBulletins(peer, Err(error)) => {
                tracing::warn!(%error, "could not read what a peer lacks");
                if let Some(session) = self.session(peer) {
                    session.failed(now);
                }
            }
            Done::Stored(peer, chain, result, channel) => {
                self.answer_delivery(peer, chain, result, channel);
            }
            Done::Kept(result, channel) => self.answer_bulletins(result, channel),
            Done::Resolved(which, resolved) => self.dial(which, resolved),
            Done::Acknowledged(Ok(())) => {}
            Done::Acknowledged(Err(error)) => {
                tracing::warn!(%error, "could not note an acknowledgement");
            }
        }
    }

    fn session(&mut self, peer: PeerId) -> Option<&mut Session> {
        self.contacts.get_mut(&peer).filter(|c| c.connected).map(|c| &mut c.session)
    }

    fn ask_or_poke(&mut self, peer: PeerId, request: Option<Request>) {
        match request {
            Some(request) => self.ask(peer, request),
            None => self.poke(peer),
        }
    }

    fn answer_delivery(
        &mut self,
        peer: PeerId,
        chain: ChainId,
        result: Result<(), LedgerError>,
        channel: ResponseChannel<Reply>,
    ) {
        let head =
            self.ledger.heads().borrow().chains.get(&chain).map_or(Seq::default(), |h| h.seq);
        let Some(session) = self.session(peer) else {
            return;
        };
        let reply = match result {
            Ok(()) => session.stored(chain, head),
            Err(error) if error.is_authors() => {
                // Not the messenger's fault: say where the chain stands; that chain waits, the rest goes on.
                tracing::warn!(author = ?chain.author, %error, "an author's visits are not taken");
                session.stored(chain, head)
            }
            Err(error) if error.is_senders() => {
                tracing::warn!(author = ?chain.author, %error, "delivery refused");
                session.breach("bad-envelope")
            }
            Err(_) => Reply::Later,
        };
        self.reply(channel, reply);
    }

    fn answer_bulletins(
        &mut self,
        result: Result<(), LedgerError>,
        channel: ResponseChannel<Reply>,
    ) {
        let held = self.ledger.heads().borrow().bulletins.iter().map(|(k, v)| (*k, *v)).collect();

        let reply = match result {
            Ok(()) => Reply::Taken(held),
            // The peer may know other roots than this node does: that is no breach of its own.
            Err(error) if error.is_senders() => {
                tracing::warn!(%error, "bulletin not taken");
                Reply::Taken(held)
            }
            Err(_) => Reply::Later,
        };
        self.reply(channel, reply);
    }

    /// Something came from the peer: it is there, and by now perhaps known.
    fn heard(&mut self, peer: PeerId, now: UnixMillis) {
        let Some(contact) = self.contacts.get_mut(&peer) else {
            return;
        };
        contact.status.heard = Some(now);
        if let Some(member) = contact.session.member() {
            contact.status.title = member.title();
        }
        if contact.session.is_open() && contact.status.link != Link::Up {
            tracing::info!(peer = %contact.status.title, "session open");
            set_link(&mut contact.status, Link::Up, now);
            for target in self.targets.iter_mut().filter(|t| t.peer == Some(peer)) {
                target.back_off.succeeded();
            }
        }
    }

    /// Sessions, and addresses behind which nobody has been met yet.
    fn publish_status(&self) {
        let met = self.contacts.values().map(|c| c.status.clone());
        let unmet = self
            .targets
            .iter()
            .filter(|t| t.peer.is_none())
            .map(|t| PeerStatus { title: t.name.clone(), ..t.status.clone() });
        let mut peers: Vec<_> = met.chain(unmet).collect();
        peers.sort_by(|a, b| a.title.cmp(&b.title));
        self.status.send_if_modified(|held| {
            let changed = held.peers != peers;
            held.peers = peers;
            changed
        });
    }
}

fn new_contact(key: PublicKey, now: UnixMillis) -> Contact {
    let status = PeerStatus {
        node: Some(key),
        title: format!("node {}", &key.to_string()[..12]),
        link: Link::Down { reason: "not yet introduced".into() },
        since: now,
        heard: None,
    };
    Contact { session: Session::new(key), status, connected: false, cut_at: None }
}

fn set_link(status: &mut PeerStatus, link: Link, now: UnixMillis) {
    if std::mem::discriminant(&status.link) != std::mem::discriminant(&link) {
        status.since = now;
    }
    status.link = link;
}

/// The innermost cause, which is what an operator can act on.
fn call_failure(error: &DialError) -> String {
    let mut cause: &dyn std::error::Error = error;
    if let DialError::Transport(tries) = error
        && let Some((_, last)) = tries.last()
    {
        cause = last;
    }
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// Chance for the back-off; without randomness the waits are merely in step.
fn chance() -> u8 {
    let mut byte = [128];
    let _ = getrandom::fill(&mut byte);
    byte[0]
}
