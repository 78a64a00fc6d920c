//! The simulated network: connections between nodes, frames on their way, and what is done to both.
//!
//! It does what the run loop of `sync::peers` does: one stream for each connection, at most one request of each side
//! under way, a session for each connection, an answer within fifteen seconds or the connection is over.

use std::sync::Arc;

use rand::RngExt;
use sync::{
    book::{Book, Heads},
    id::Seq,
    ledger::LedgerError,
    peers::{
        errand,
        session::{Fetch, Fetched, Intake, Learned, Outcome, Response, Session, Step},
        wire::{DELIVERY_BYTES, Message, Reply, Request},
    },
    time::UnixMillis,
};

use super::{World, seconds};

const ANSWER: i64 = 15_000;
const FIRST_CALL: i64 = 500;
const LONGEST_WAIT: i64 = 30_000;
const REFUSED_WAIT: i64 = 60_000;
const CUT_DELAY: i64 = 600;
/// Frames that are remembered for replay.
const STALE_MAX: usize = 40;

/// A session on its connection, as one side sees it.
pub(super) struct Talk {
    session: Session,
    link: u64,
    asked_at: Option<i64>,
    answering: bool,
    cut_at: Option<i64>,
}

/// A frame, in bytes.
#[derive(Clone)]
pub(super) enum Frame {
    Request(Vec<u8>),
    Reply(Vec<u8>),
}

/// A frame of the past.
pub(super) struct Stale {
    from: usize,
    to: usize,
    frame: Frame,
}

/// What happens at its time. `node` is where, `link` the connection that it belongs to.
pub(super) enum Event {
    Call { from: usize, to: usize },
    Called { node: usize, peer: usize, link: u64 },
    Closed { node: usize, peer: usize, link: u64 },
    Arrives { from: usize, node: usize, link: u64, frame: Frame },
    Fetch { node: usize, peer: usize, link: u64, what: Fetch },
    Take { node: usize, peer: usize, link: u64, intake: Box<Intake> },
}

/// What is done to the network.
impl World {
    /// Nothing passes between two nodes. Half of the time both notice at once, else they wait in vain.
    pub(crate) fn cut(&mut self, a: usize, b: usize) {
        self.cut_one_way(a, b);
        self.cut_one_way(b, a);
        if self.rng.random() {
            self.break_connection(a, b);
        }
    }

    /// Nothing passes from one node to the other; the way back is open.
    pub(crate) fn cut_one_way(&mut self, from: usize, to: usize) {
        if from != to {
            self.cut.insert((from, to));
        }
    }

    pub(crate) fn cut_all(&mut self, node: usize) {
        (0..self.nodes.len()).for_each(|other| self.cut(node, other));
    }

    pub(crate) fn heal_all(&mut self) {
        self.cut.clear();
    }

    /// A connection is lost; it may be called anew at once.
    pub(crate) fn break_connection(&mut self, a: usize, b: usize) {
        self.lose(a, b, false);
        self.lose(b, a, false);
    }

    /// Somebody sends a frame of the past again, as if it were said now.
    pub(crate) fn replay(&mut self) {
        if self.stale.is_empty() {
            return;
        }
        let which = self.rng.random_range(0..self.stale.len());
        let Stale { from, to, frame } = &self.stale[which];
        let (from, node, frame) = (*from, *to, frame.clone());
        if let Some(talk) = self.nodes[node].talks.get(&from) {
            let link = talk.link;
            self.later(1, Event::Arrives { from, node, link, frame });
        }
    }

    /// Requests sent, and how many of them were heartbeats.
    pub(crate) fn requests_sent(&self) -> (u64, u64) {
        (self.requests, self.beats)
    }

    /// The node is gone without a word: its peers find out when they next say something.
    pub(super) fn vanish(&mut self, node: usize) {
        let talks = std::mem::take(&mut self.nodes[node].talks);
        for (peer, talk) in talks {
            if self.rng.random() {
                self.later(5, Event::Closed { node: peer, peer: node, link: talk.link });
            }
        }
    }

    pub(super) fn dial_all(&mut self, node: usize) {
        self.nodes[node].failures.clear();
        for other in 0..self.nodes.len() {
            self.dial_later(node, other, FIRST_CALL);
        }
    }

    /// The node with the lower number calls.
    fn dial_later(&mut self, node: usize, other: usize, wait: i64) {
        if node != other {
            let wait = wait / 2 + self.rng.random_range(0..=wait / 2);
            self.later(wait, Event::Call { from: node.min(other), to: node.max(other) });
        }
    }

    fn back_off(&mut self, from: usize, to: usize) {
        let failures = self.nodes[from].failures.entry(to).or_default();
        let wait = (FIRST_CALL << (*failures).min(10)).min(LONGEST_WAIT);
        *failures += 1;
        self.dial_later(from, to, wait);
    }

    fn call(&mut self, from: usize, to: usize) {
        if self.nodes[from].talks.contains_key(&to) {
            return;
        }
        if self.cut.contains(&(from, to)) || self.cut.contains(&(to, from)) {
            return self.back_off(from, to);
        }
        self.next_link += 1;
        let link = self.next_link;
        self.begin(from, to, link);
        self.later(2, Event::Called { node: to, peer: from, link });
    }

    fn begin(&mut self, node: usize, peer: usize, link: u64) {
        let session = Session::new(self.nodes[peer].key.public());
        let talk = Talk { session, link, asked_at: None, answering: false, cut_at: None };
        self.nodes[node].talks.insert(peer, talk);
        self.poke(node, peer);
    }

    /// One side's part of a connection is over; the other side hears of it where the way is open.
    fn lose(&mut self, node: usize, peer: usize, refused: bool) {
        let Some(talk) = self.nodes[node].talks.remove(&peer) else { return };
        if !self.cut.contains(&(node, peer)) {
            self.later(2, Event::Closed { node: peer, peer: node, link: talk.link });
        }
        if peer < node {
            return; // the other one calls
        }
        if refused || talk.cut_at.is_some() {
            self.dial_later(node, peer, REFUSED_WAIT);
        } else {
            self.back_off(node, peer);
        }
    }

    fn talk(&mut self, node: usize, peer: usize, link: u64) -> Option<&mut Talk> {
        self.nodes[node].talks.get_mut(&peer).filter(|t| t.link == link)
    }

    pub(super) fn handle(&mut self, event: Event) {
        match event {
            Event::Call { from, to } => self.call(from, to),
            Event::Called { node, peer, link } => self.begin(node, peer, link),
            Event::Closed { node, peer, link } => {
                if self.talk(node, peer, link).is_some() {
                    self.lose(node, peer, false);
                }
            }
            Event::Arrives { from, node, link, frame } => self.arrives(from, node, link, frame),
            Event::Fetch { node, peer, link, what } => self.fetch(node, peer, link, what),
            Event::Take { node, peer, link, intake } => self.take(node, peer, link, *intake),
        }
    }

    fn send(&mut self, from: usize, to: usize, frame: Frame) {
        let Some(link) = self.nodes[from].talks.get(&to).map(|t| t.link) else { return };
        let is_beat =
            matches!(&frame, Frame::Request(b) if *b == Request::Beat(Vec::new()).to_frame());
        if !is_beat && matches!(frame, Frame::Request(_)) {
            self.busy_until = self.now + seconds(8);
        }
        if self.cut.contains(&(from, to)) {
            self.broken.insert((from, to, link));
        }
        if self.broken.contains(&(from, to, link)) {
            return;
        }
        self.remember(from, to, &frame);
        let delay = self.rng.random_range(1..120);
        let arrival = self.arrivals.entry((from, to, link)).or_default();
        *arrival = (*arrival + 1).max(self.now + delay);
        let delay = *arrival - self.now;
        self.later(delay, Event::Arrives { from, node: to, link, frame });
    }

    fn remember(&mut self, from: usize, to: usize, frame: &Frame) {
        let stale = Stale { from, to, frame: frame.clone() };
        if self.stale.len() < STALE_MAX {
            self.stale.push(stale);
        } else if self.rng.random_range(0..8) == 0 {
            let which = self.rng.random_range(0..STALE_MAX);
            self.stale[which] = stale;
        }
    }

    fn arrives(&mut self, from: usize, node: usize, link: u64, frame: Frame) {
        if self.cut.contains(&(from, node)) {
            self.broken.insert((from, node, link));
            return;
        }
        let Some(talk) = self.talk(node, from, link) else {
            // Nobody there any more: the sender is told.
            self.later(2, Event::Closed { node: from, peer: node, link });
            return;
        };
        match frame {
            Frame::Request(_) if talk.answering => self.lose(node, from, true),
            Frame::Request(bytes) => {
                talk.answering = true;
                self.requested(node, from, link, &bytes);
            }
            Frame::Reply(_) if talk.asked_at.is_none() => self.lose(node, from, true),
            Frame::Reply(bytes) => {
                talk.asked_at = None;
                self.replied(node, from, link, &bytes);
            }
        }
    }
}

/// What a node does.
impl World {
    /// The node's heads have changed.
    pub(super) fn news_at(&mut self, node: usize) {
        self.busy_until = self.now + seconds(8);
        self.poke_all(node);
    }

    pub(super) fn poke_all(&mut self, node: usize) {
        let peers: Vec<usize> = self.nodes[node].talks.keys().copied().collect();
        peers.into_iter().for_each(|peer| self.poke(node, peer));
    }

    /// Ends what was not answered in time, and what was refused a moment ago.
    pub(super) fn sweep(&mut self, node: usize) {
        let now = self.now;
        let over = |t: &Talk| {
            t.cut_at.is_some_and(|at| at <= now) || t.asked_at.is_some_and(|at| at + ANSWER <= now)
        };
        let talks = self.nodes[node].talks.iter();
        let ended: Vec<usize> = talks.filter(|(_, t)| over(t)).map(|(peer, _)| *peer).collect();
        ended.into_iter().for_each(|peer| self.lose(node, peer, false));
    }

    fn poke(&mut self, node: usize, peer: usize) {
        let now = self.wall(node);
        let n = &mut self.nodes[node];
        let (Some(talk), Some(book)) = (n.talks.get_mut(&peer), n.book.as_mut()) else { return };
        let link = talk.link;
        match talk.session.next(book.charter(), book.heads(), now) {
            Step::Wait => {}
            Step::Ask(request) => self.ask(node, peer, &request),
            Step::Fetch(what) => {
                let delay = self.rng.random_range(0..15);
                self.later(delay, Event::Fetch { node, peer, link, what });
            }
            Step::Close(word) => {
                talk.cut_at.get_or_insert(self.now + CUT_DELAY);
                n.refused.insert(word);
            }
        }
    }

    fn ask(&mut self, node: usize, peer: usize, request: &Request) {
        // Who was removed goes on knocking, and is nobody's peer.
        if !self.removed.contains(&node) && !self.removed.contains(&peer) {
            self.requests += 1;
            self.beats += u64::from(matches!(request, Request::Beat(_)));
        }
        if let Some(talk) = self.nodes[node].talks.get_mut(&peer) {
            talk.asked_at = Some(self.now);
        }
        self.send(node, peer, Frame::Request(request.to_frame()));
    }

    fn reply(&mut self, node: usize, peer: usize, reply: &Reply) {
        if let Some(talk) = self.nodes[node].talks.get_mut(&peer) {
            talk.answering = false;
        }
        self.send(node, peer, Frame::Reply(reply.to_frame()));
    }

    fn requested(&mut self, node: usize, peer: usize, link: u64, bytes: &[u8]) {
        let now = self.wall(node);
        let request = Request::from_frame(bytes).unwrap();
        let n = &mut self.nodes[node];
        let (Some(talk), Some(book)) = (n.talks.get_mut(&peer), n.book.as_mut()) else { return };
        let (response, learned) =
            talk.session.requested(book.charter(), book.heads(), request, now);
        note_open(&talk.session, &mut n.failures, peer);
        self.learn(node, learned);
        match response {
            Response::Reply(reply) => self.reply(node, peer, &reply),
            Response::Refuse(word) => {
                self.reply(node, peer, &Reply::Refused(word));
                self.poke(node, peer);
            }
            Response::Take(intake) => {
                let (delay, intake) = (self.rng.random_range(0..15), Box::new(intake));
                self.later(delay, Event::Take { node, peer, link, intake });
            }
        }
    }

    fn replied(&mut self, node: usize, peer: usize, link: u64, bytes: &[u8]) {
        let now = self.wall(node);
        let reply = Reply::from_frame(bytes).unwrap();
        let n = &mut self.nodes[node];
        let (Some(talk), Some(book)) = (n.talks.get_mut(&peer), n.book.as_mut()) else { return };
        debug_assert_eq!(talk.link, link);
        let learned = talk.session.replied(book.charter(), reply, now);
        note_open(&talk.session, &mut n.failures, peer);
        self.learn(node, learned);
        self.poke(node, peer);
    }

    fn fetch(&mut self, node: usize, peer: usize, link: u64, what: Fetch) {
        let now = self.wall(node);
        let n = &mut self.nodes[node];
        let (Some(talk), Some(book)) = (n.talks.get_mut(&peer), n.book.as_mut()) else { return };
        if talk.link != link {
            return;
        }
        let fetched = fetch(book, what, now);
        match talk.session.fetched(book.heads(), fetched, now) {
            Some(request) => self.ask(node, peer, &request),
            None => self.poke(node, peer),
        }
    }

    fn take(&mut self, node: usize, peer: usize, link: u64, intake: Intake) {
        let now = self.wall(node);
        let Some(book) = self.nodes[node].book.as_mut() else { return };
        let before = book.heads().clone();
        let outcome = take(book, intake, now);
        book.commit().unwrap();
        if *book.heads() != before {
            self.news_at(node);
        }
        let n = &mut self.nodes[node];
        let (Some(talk), Some(book)) = (n.talks.get_mut(&peer), n.book.as_mut()) else { return };
        if talk.link == link {
            let heads = book.heads().clone();
            let reply = talk.session.taken(book.charter(), &heads, outcome, now);
            self.reply(node, peer, &reply);
        }
    }

    fn learn(&mut self, node: usize, learned: Learned) {
        if learned == Learned::default() {
            return;
        }
        let book = self.nodes[node].book();
        let before = book.heads().clone();
        learned.papers.iter().for_each(|paper| book.introduce(paper).unwrap());
        for receipt in learned.receipts {
            blameless(book.acknowledge(receipt).map_err(ledger_error));
        }
        book.commit().unwrap();
        if *book.heads() != before {
            self.news_at(node);
        }
    }

    pub(super) fn heads(&self, node: usize) -> Arc<Heads> {
        Arc::new(self.nodes[node].book.as_ref().unwrap().heads().clone())
    }
}

fn note_open(
    session: &Session,
    failures: &mut std::collections::BTreeMap<usize, u32>,
    peer: usize,
) {
    if session.is_open() {
        failures.remove(&peer);
    }
}

/// What `errand::fetch` reads, without a thread between.
fn fetch(book: &mut Book, what: Fetch, now: UnixMillis) -> Fetched {
    match what {
        Fetch::Run(chain, after) => {
            let run = book.run(chain, after, DELIVERY_BYTES).unwrap();
            let written = run.as_ref().and_then(|r| r.links.last()).map_or(now, |l| l.made_at);
            Fetched::Run(book.membership(&chain, written).cloned(), run)
        }
        Fetch::Bulletins(kinds) => Fetched::Bulletins(book.bulletins(&kinds)),
        Fetch::Orders(venue, slots) => Fetched::Orders(book.signed_orders(venue, &slots)),
        Fetch::Receipts(chains) => {
            let (papers, receipts) = book.receipts(&chains, now);
            Fetched::Receipts(papers, receipts)
        }
    }
}

/// What `errand::take` stores, without a thread between.
fn take(book: &mut Book, intake: Intake, now: UnixMillis) -> Outcome {
    match intake {
        Intake::Run(introduced, run) => {
            let (venue, chain, brought) = (run.venue, run.chain, run.last());
            let checked = run.check(now).map_err(sync::book::BookError::from);
            let merged = checked.and_then(|run| book.merge(&introduced, run, now));
            let stands = book.heads().head(venue, &chain).map_or(Seq::default(), |h| h.seq);
            errand::outcome(chain, brought, stands, merged.map_err(ledger_error))
        }
        Intake::Bulletins(bulletins) => {
            for bulletin in bulletins {
                blameless(book.keep_bulletin(bulletin).map(drop).map_err(ledger_error));
            }
            Outcome::Bulletins
        }
        Intake::Orders(orders) => {
            orders.into_iter().for_each(|o| blameless(book.keep_order(o).map_err(ledger_error)));
            Outcome::Taken
        }
        Intake::Receipts(papers, receipts) => {
            papers.iter().for_each(|paper| book.introduce(paper).unwrap());
            for receipt in receipts {
                blameless(book.acknowledge(receipt).map_err(ledger_error));
            }
            Outcome::Taken
        }
        Intake::Inquiry(_) => Outcome::Found(None),
        Intake::Renewal(_) => Outcome::Renewed(Vec::new()),
    }
}

fn ledger_error(error: sync::book::BookError) -> LedgerError {
    LedgerError::Book(Arc::new(error))
}

/// Whatever is refused must be refused for its sender's or author's fault: the disk does not fail here.
fn blameless(kept: Result<(), LedgerError>) {
    if let Err(error) = kept {
        assert!(error.is_senders(), "{error}");
    }
}
