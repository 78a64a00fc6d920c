//! Sessions on their streams: which connection has it, what is said, when it is over.

use std::sync::Arc;

use libp2p::{PeerId, Stream, swarm::ConnectionId};
use tokio::time::{Duration, Instant};

use super::{
    contacts::{Asked, Connection, Kept, Parting, Talk, set_link, takes_over},
    deliveries::At,
    dialler::Ending,
    roll::{DOORS_MAX, Presence},
    run::Run,
    session::{Response, Step},
    stream::{End, Ended, Frame, Heard, line},
    transport::node_key,
    wire::{Reply, Request},
};
use crate::{key::Signed, status::Link, time::UnixMillis};

/// How long a refusal may take to reach the other side before the connection is cut, and a surplus connection
/// to be known as such.
const CUT_DELAY: Duration = Duration::from_millis(600);

impl Run {
    /// A call came through: it gets the session, if nothing better has it.
    pub(super) fn dialled(&mut self, peer: PeerId, id: ConnectionId, at: Connection) {
        if self.settle(peer, id, at) {
            self.open_stream(peer, id);
        } else {
            self.part(id, Kept::Nothing);
        }
    }

    /// A stream for a session is there: the one that was asked for, or one that the peer has opened.
    pub(super) fn opened(&mut self, peer: PeerId, id: ConnectionId, stream: Stream) {
        let Some(at) = self.connections.get(&id).copied() else { return };
        if at.dialled || self.settle(peer, id, at) {
            self.attach((peer, id), at, stream);
        } else {
            self.part(id, Kept::Stream(stream));
        }
    }

    /// Decides whether this connection carries the peer's session from now on.
    fn settle(&mut self, peer: PeerId, id: ConnectionId, at: Connection) -> bool {
        let now = self.now();
        let (Some(key), false) = (node_key(&peer), self.is_hung_up()) else { return false };
        let ours_is_lower = self.ledger.charter().key.public() < key;
        let contact = self.contacts.meet(peer, key, now);
        if let Some(held) = &contact.talk {
            let (new, old) = ((&at, id), (&held.at, held.connection));
            if !takes_over(new, old, held.open_since, ours_is_lower) {
                return false;
            }
        }
        if let Some(left) = contact.talk.replace(Talk::new(id, at, key)) {
            self.part(left.connection, Kept::Line(left.line));
        }
        true
    }

    fn attach(&mut self, at: At, connection: Connection, stream: Stream) {
        let (peer, id) = at;
        let talk = self.contacts.get_mut(&peer).and_then(|c| c.talk_on(id));
        let Some(talk) = talk.filter(|t| t.line.is_none()) else { return };
        let (own, service) = line(peer, id, self.heard_in.clone(), self.limits.clone());
        talk.line = Some(own);
        #[cfg(feature = "quic")]
        if connection.quic {
            let bucket = super::transport::bucket(&self.limits);
            let metered = super::meter::Metered::new(stream, Arc::clone(&self.totals), bucket);
            self.lines.spawn(service.run(metered));
            return self.poke(peer);
        }
        #[cfg(not(feature = "quic"))]
        let _ = connection;
        self.lines.spawn(service.run(stream));
        self.poke(peer);
    }

    fn part(&mut self, connection: ConnectionId, kept: Kept) {
        let at = Instant::now() + CUT_DELAY;
        self.partings.push(Parting { at, connection, _kept: kept });
    }

    /// Lets a session take its next step.
    pub(super) fn poke(&mut self, peer: PeerId) {
        let now = self.now();
        let burst = self.thrift.as_ref().is_none_or(|t| t.is_burst(Instant::now()));
        let heads = Arc::clone(&self.ledger.heads().borrow());
        let Some(talk) = self.contacts.get_mut(&peer).and_then(|c| c.talk.as_mut()) else { return };
        // On a metered link what is open waits for its hour; introductions and partings do not.
        if talk.line.is_none() || (talk.session.is_open() && !burst) {
            return;
        }
        let at = (peer, talk.connection);
        // Somebody stands at a desk and waits for it.
        if talk.session.answers() && self.inquire(at) {
            return;
        }
        let Some(talk) = self.contacts.get_mut(&peer).and_then(|c| c.talk.as_mut()) else { return };
        match talk.session.next(self.ledger.charter(), &heads, now) {
            Step::Wait => {}
            Step::Ask(Request::Beat(_)) => {
                let words = self.words_for(at, now);
                self.ask(at, Request::Beat(words));
            }
            Step::Ask(request) => self.ask(at, request),
            Step::Fetch(what) => self.fetch(at, what),
            Step::Close(word) => self.refuse(at, word),
        }
    }

    pub(super) fn ask(&mut self, at: At, request: Request) {
        let ticket = self.send(at, &Frame::Request(request));
        let Some(talk) = self.talk(at) else { return };
        talk.asked = ticket.map(|ticket| Asked { ticket, written: None });
        if let Some(thrift) = &mut self.thrift {
            thrift.asked(Instant::now());
        }
    }

    pub(super) fn reply(&mut self, at: At, reply: Reply) {
        self.send(at, &Frame::Reply(reply));
        if let Some(talk) = self.talk(at) {
            talk.answering = false;
        }
    }

    fn send(&mut self, at: At, frame: &Frame) -> Option<super::stream::Ticket> {
        let sent = self.talk(at)?.line.as_mut()?.send(frame);
        if sent.is_none() {
            self.lose(at, "the peer takes nothing", Ending::Unopened);
        }
        sent
    }

    fn talk(&mut self, (peer, connection): At) -> Option<&mut Talk> {
        self.contacts.get_mut(&peer)?.talk_on(connection)
    }

    /// A message came. Each side has at most one request under way: anything else is a breach.
    pub(super) fn heard(&mut self, heard: Heard) {
        let at = (heard.peer, heard.connection);
        let Some(talk) = self.talk(at) else { return };
        match heard.frame {
            Frame::Request(_) if talk.answering => self.breach(at),
            Frame::Request(request) => {
                talk.answering = true;
                self.requested(at, request);
            }
            Frame::Reply(_) if talk.asked.is_none() => self.breach(at),
            Frame::Reply(reply) => {
                talk.asked = None;
                self.replied(at, reply);
            }
        }
    }

    fn replied(&mut self, at: At, reply: Reply) {
        let now = self.now();
        let charter = self.ledger.charter();
        let Some(talk) = self.contacts.get_mut(&at.0).and_then(|c| c.talk_on(at.1)) else { return };
        let words = match &reply {
            Reply::Alive(words) => words.clone(),
            _ => Vec::new(),
        };
        let found = match &reply {
            Reply::Found(found) => Some(found.clone()),
            _ => None,
        };
        let learned = talk.session.replied(charter, reply, now);
        self.found(at, found);
        self.note_heard(at, now);
        self.hear_words(at, words, now);
        self.learn(learned);
        self.poke(at.0);
    }

    fn requested(&mut self, at: At, request: Request) {
        match request {
            Request::Compare(_) if self.arrivals.is_some() => self.await_arrival(at, request),
            request => self.answer(at, request),
        }
    }

    pub(super) fn answer(&mut self, at: At, request: Request) {
        let now = self.now();
        let heads = Arc::clone(&self.ledger.heads().borrow());
        let charter = self.ledger.charter();
        let Some(talk) = self.contacts.get_mut(&at.0).and_then(|c| c.talk_on(at.1)) else { return };
        let words = match &request {
            Request::Beat(words) => words.clone(),
            _ => Vec::new(),
        };
        let (response, learned) = talk.session.requested(charter, &heads, request, now);
        self.note_heard(at, now);
        self.hear_words(at, words, now);
        self.learn(learned);
        match response {
            Response::Reply(Reply::Alive(_)) => {
                let words = self.words_for(at, now);
                self.reply(at, Reply::Alive(words));
            }
            Response::Reply(reply) => self.reply(at, reply),
            // The other side cuts when it reads why; ours is marked now and cut a moment later.
            Response::Refuse(word) => {
                self.reply(at, Reply::Refused(word));
                self.poke(at.0);
            }
            Response::Take(intake) => self.take(at, intake),
        }
    }

    /// What doors say of themselves, for a sibling that is to be told.
    fn words_for(&mut self, at: At, now: UnixMillis) -> Vec<Signed<Presence>> {
        let heads = Arc::clone(&self.ledger.heads().borrow());
        let Some(talk) = self.contacts.get_mut(&at.0).and_then(|c| c.talk_on(at.1)) else {
            return Vec::new();
        };
        let Some(member) = talk.session.member().filter(|_| talk.session.is_open()) else {
            return Vec::new();
        };
        let own = (self.ledger.charter(), &*heads);
        self.roll.to_tell(own, member, &mut talk.told, now)
    }

    /// What a sibling says of itself and of others.
    fn hear_words(&mut self, at: At, words: Vec<Signed<Presence>>, now: UnixMillis) {
        let heads = Arc::clone(&self.ledger.heads().borrow());
        let charter = self.ledger.charter();
        let Some(talk) = self.contacts.get_mut(&at.0).and_then(|c| c.talk_on(at.1)) else { return };
        let Some(member) = talk.session.member().filter(|_| talk.session.is_open()) else { return };
        if words.is_empty() || charter.venue().is_none() || member.venue() != charter.venue() {
            return;
        }
        for said in words.iter().filter_map(Signed::claims).take(DOORS_MAX) {
            let told = talk.told.entry(said.node).or_insert(said.at);
            *told = said.at.max(*told);
        }
        // Who names ever new doors is told everything again, no more.
        if talk.told.len() > 2 * DOORS_MAX {
            talk.told.clear();
        }
        self.roll.take((charter, &heads), member.node, words, now);
        self.name_the_unmet();
    }

    /// Something came from the peer: it is there, and by now perhaps known. Of a sibling that says nothing yet about
    /// what it has written: that is the roll's matter.
    fn note_heard(&mut self, at: At, now: UnixMillis) {
        let own_venue = self.ledger.charter().venue();
        let Some(contact) = self.contacts.get_mut(&at.0) else { return };
        let Some(talk) = contact.talk.as_mut().filter(|t| t.connection == at.1) else { return };
        if let Some(member) = talk.session.member() {
            if member.venue().is_none() || own_venue.is_none() {
                contact.status.heard = Some(now);
            }
            contact.status.title = member.title();
            talk.line.iter().for_each(super::stream::Line::introduced);
        }
        if !talk.session.is_open() || talk.open_since.is_some() {
            return;
        }
        talk.open_since = Some(Instant::now());
        if !self.swarm.behaviour_mut().doorway.admission().accept(at.1) {
            return self.lose(at, "this node has as many sessions as it may", Ending::Unopened);
        }
        if contact.status.link != Link::Up {
            tracing::info!(peer = %contact.status.title, "session open");
            set_link(&mut contact.status, Link::Up, now);
            self.changed = true;
        }
    }

    /// Ends a session for good reason: logged, shown, and not tried again soon. Cut a moment later.
    fn refuse(&mut self, at: At, word: String) {
        let now = self.now();
        let Some(contact) = self.contacts.get_mut(&at.0) else { return };
        let link = Link::Refused { word };
        if contact.status.link != link {
            if self.warnings.try_take(1, Instant::now()) {
                tracing::warn!(peer = %contact.status.title, ?link, "session refused, cutting off");
            } else {
                tracing::debug!(peer = %contact.status.title, ?link, "session refused, cutting off");
            }
            set_link(&mut contact.status, link, now);
            self.changed = true;
        }
        if let Some(talk) = contact.talk_on(at.1) {
            talk.cut_at.get_or_insert_with(|| Instant::now() + CUT_DELAY);
        }
    }

    /// What came is no message, or not one to be sent now: cut without a word.
    fn breach(&mut self, at: At) {
        self.refuse(at, "malformed".into());
        self.lose(at, "malformed", Ending::Refused);
    }

    /// A stream is over.
    pub(super) fn ended(&mut self, ended: Ended) {
        let at = (ended.peer, ended.connection);
        if self.talk(at).is_none() {
            return;
        }
        match ended.end {
            End::Breach => self.breach(at),
            End::Closed => self.lose(at, "connection closed", Ending::Unopened),
            End::Broken(reason) => self.lose(at, &reason, Ending::Unopened),
        }
    }

    /// What a connection carried is over, and so is the connection. `ending` holds unless the session was open
    /// or refused.
    pub(super) fn lose(&mut self, at: At, reason: &str, ending: Ending) {
        let now = self.now();
        self.hang_up_on(at.1);
        let Some(contact) = self.contacts.get_mut(&at.0) else { return };
        let Some(talk) = contact.talk.take_if(|t| t.connection == at.1) else { return };
        if let Some(uploads) = &mut self.uploads {
            uploads.gone(&at.0, Instant::now());
        }
        let refused = talk.cut_at.is_some();
        if !refused {
            if contact.status.link == Link::Up {
                tracing::info!(peer = %contact.status.title, %reason, "peer went away");
            }
            set_link(&mut contact.status, Link::Down { reason: reason.to_owned() }, now);
            self.changed = true;
        }
        let ending = match (refused, talk.open_since) {
            (true, _) => Ending::Refused,
            (false, Some(since)) => Ending::Open(since),
            (false, None) => ending,
        };
        self.targets.ended(at.0, ending, Instant::now());
    }

    /// Sessions whose deadlines have passed, and connections that are not wanted.
    pub(super) fn sweep(&mut self) {
        let now = Instant::now();
        if let Some(uploads) = &mut self.uploads {
            uploads.sweep(now);
        }
        for peer in self.contacts.talking() {
            let Some(contact) = self.contacts.get_mut(&peer) else { continue };
            let Some(talk) = contact.talk.as_mut() else { continue };
            let at = (peer, talk.connection);
            if talk.cut_at.is_some_and(|cut| cut <= now) {
                self.lose(at, "refused", Ending::Refused);
            } else if is_unanswered(talk, &self.limits, now) {
                self.lose(at, "no answer", Ending::Unopened);
            }
        }
        let (over, later) =
            std::mem::take(&mut self.partings).into_iter().partition(|p| p.at <= now);
        self.partings = later;
        let over: Vec<Parting> = over;
        over.iter().for_each(|parting| self.hang_up_on(parting.connection));
        for id in self.swarm.behaviour_mut().doorway.admission().overdue(now) {
            match self.connections.get(&id) {
                Some(connection) => {
                    self.lose((connection.peer, id), "no session came of it", Ending::Unopened)
                }
                None => self.hang_up_on(id),
            }
        }
    }

    fn hang_up_on(&mut self, connection: ConnectionId) {
        self.swarm.close_connection(connection);
        self.swarm.behaviour_mut().doorway.admission().gone(connection);
    }
}

/// Whether an own request has been out for too long. The wait begins when it is written out; a peer that takes
/// nothing is found by the writer.
fn is_unanswered(talk: &mut Talk, limits: &super::limits::Limits, now: Instant) -> bool {
    let (Some(asked), Some(line)) = (&mut talk.asked, &talk.line) else { return false };
    if asked.written.is_none() && line.has_written(asked.ticket) {
        asked.written = Some(now);
    }
    let limit = limits.answer_to(asked.ticket.bytes);
    asked.written.is_some_and(|written| now.saturating_duration_since(written) >= limit)
}
