//! One session with one peer as a state machine: events in, one next step out; no sockets, no clock.
//!
//! ```text
//! Hello ⇄ Welcome          both memberships checked, else Refused and cut
//! Compare ⇄ Holdings       a summary; the answer says where the other differs
//! Deliver ⇄ Stored, Wait   own records at once, others' only after a fresh comparison still shows them missing
//! Publish ⇄ Taken          bulletins, whoever has the higher version
//! Order, Acknowledge ⇄ Done
//! Inquire ⇄ Found         of a door to the authority, ahead of everything else; put in by who drives the session
//! Renew ⇄ Renewed         of a door whose papers, or whose siblings', end soon
//! Beat ⇄ Alive            filled in by who drives the session: what doors say of themselves (`roll`)
//! ```
//! A peer that was removed from the venue is told so, by the order itself, and nothing else; then the session ends.
//! At most one own request is under way. What is new goes before what is old, and a long history goes in pieces, so
//! that a visit of this moment waits for one piece at most.

mod compare;
mod hearing;
mod renewing;
mod waiting;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::wire::{Reply, Request, Speaks};
use crate::{
    book::{Charter, Heads, Keeps, VenueHeads},
    bulletin::{Bulletin, BulletinKind},
    envelope::Run,
    id::{ChainId, Epoch, PublicKey, Seq, VenueId},
    inquiry::{Inquiry, SealedFinding},
    key::Signed,
    membership::{Member, Membership, Place},
    order::{SignedOrder, Slot},
    record::Receipt,
    share::{Matter, may_hold},
    time::{Day, UnixMillis},
};
use compare::{Theirs, answer, bulletins, lacks, lacks_orders, lacks_receipts, scope, summary};
use waiting::is_live;
pub(in crate::peers) use waiting::weight;

/// How often a quiet sibling is asked whether it is there, ms.
pub const HEARTBEAT_MILLIS: i64 = 15_000;
/// How often the authority is, ms: with the time that a request may take, a dead link is noticed within 90 s.
pub const AUTHORITY_HEARTBEAT_MILLIS: i64 = 70_000;
/// Others' records are forwarded to the authority only after a comparison fresher than this, ms: their author mostly
/// delivers them itself.
pub const FORWARD_GRACE_MILLIS: i64 = 1_500;
/// The same towards a sibling, whom the author mostly reaches as well.
pub const SIBLING_GRACE_MILLIS: i64 = 3_000;
/// After a peer said "later", ms.
const LATER_MILLIS: i64 = 5_000;
/// The longest that a gateway may keep a node from delivering, ms: who says more is obeyed so far.
const AWAY_MAX_MILLIS: i64 = 3_600_000;
/// After a peer would not take a chain, ms: its author's clock may have been ahead, and true time catches up.
const STALLED_MILLIS: i64 = 10 * 60 * 1000;

/// What to do next.
#[expect(
    clippy::large_enum_variant,
    reason = "few exist at a time, and matching is clearer unboxed"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing until something happens.
    Wait,
    /// Send this request and bring its reply to [`Session::replied`].
    Ask(Request),
    /// Read this from the ledger and bring it to [`Session::fetched`].
    Fetch(Fetch),
    /// End the session, for this stable word.
    Close(String),
}

/// What is to be read from the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetch {
    /// A chain's envelopes after a place.
    Run(ChainId, Seq),
    /// Bulletins.
    Bulletins(Vec<BulletinKind>),
    /// A venue's orders.
    Orders(VenueId, Vec<Slot>),
    /// Receipts for chains.
    Receipts(Vec<ChainId>),
}

/// What was read.
#[expect(
    clippy::large_enum_variant,
    reason = "few exist at a time, and matching is clearer unboxed"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The author's papers, and the envelopes; nothing where there are none.
    Run(Option<Membership>, Option<Run>),
    /// Bulletins.
    Bulletins(Vec<Bulletin>),
    /// Orders.
    Orders(Vec<SignedOrder>),
    /// The papers of who signed, and the receipts.
    Receipts(Vec<Membership>, Vec<Signed<Receipt>>),
}

/// What a peer's request asks of this node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// Answer with this.
    Reply(Reply),
    /// Answer with this, then end the session.
    Refuse(String),
    /// Make this durable, then answer with [`Session::taken`].
    Take(Intake),
}

/// What a peer brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intake {
    /// Another's records.
    Run(Vec<Membership>, Run),
    /// Bulletins.
    Bulletins(Vec<Bulletin>),
    /// Orders.
    Orders(Vec<SignedOrder>),
    /// Receipts, and the papers of who signed.
    Receipts(Vec<Membership>, Vec<Signed<Receipt>>),
    /// Nothing to be kept: a door's question to the authority.
    Inquiry(Inquiry),
    /// Nothing to be kept: a door's papers that end soon.
    Renewal(Vec<Membership>),
}

/// What came of an [`Intake`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A run was taken, or refused for its author's fault.
    Stored {
        /// Its chain.
        chain: ChainId,
        /// Its last place.
        brought: Seq,
        /// The chain's last place here now.
        stands: Seq,
    },
    /// A run whose author nobody has introduced here.
    Stranger,
    /// Bulletins were taken, or passed over without blame.
    Bulletins,
    /// Orders or receipts were.
    Taken,
    /// What there is to say to a question.
    Found(Option<SealedFinding>),
    /// What there is in place of papers that end soon.
    Renewed(Vec<Membership>),
    /// The disk does not take it just now.
    Later,
    /// Too many deliver now, or the store takes nothing: come again in so many seconds.
    Wait(u32),
    /// The sender is to blame: the session ends for this stable word.
    Breach(&'static str),
}

/// What a peer told that the ledger should know, and that needs no answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Who is who.
    pub papers: Vec<Membership>,
    /// What the authority holds.
    pub receipts: Vec<Signed<Receipt>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Busy {
    No,
    Fetching(Fetch),
    Asking,
    /// A comparison is under way; this is what was held.
    Comparing(Arc<VenueHeads>),
    /// A run up to this place is under way, with or without its author's papers.
    Delivering(ChainId, Seq, bool),
    Publishing(BulletinKind, u64),
    Ordering(Vec<(Slot, crate::id::Hash)>),
    Acknowledging(Vec<(ChainId, Seq)>),
    Inquiring,
    Renewing,
}

/// The state of one session.
#[derive(Debug)]
pub struct Session {
    peer: PublicKey,
    peer_epoch: Option<Epoch>,
    peer_speaks: Speaks,
    member: Option<Member>,
    /// What the peer showed, and under which set of roots it was checked.
    papers: Option<(Membership, u64)>,
    /// What the peer showed in its place, whose time has not come by this node's clock.
    coming: Option<Membership>,
    accepted: bool,
    theirs: Option<Theirs>,
    their_bulletins: BTreeMap<BulletinKind, u64>,
    compared_at: UnixMillis,
    receipts_at: UnixMillis,
    heard_at: UnixMillis,
    beat_at: UnixMillis,
    renewal_at: UnixMillis,
    unknown_authors: BTreeSet<PublicKey>,
    stalled: BTreeMap<ChainId, UnixMillis>,
    refused_bulletins: BTreeMap<BulletinKind, u64>,
    busy: Busy,
    closing: Option<String>,
    told_removal: bool,
    not_before: UnixMillis,
    /// No backlog is delivered before, for the peer has said so; and what is small not before this.
    deliver_at: UnixMillis,
    live_at: UnixMillis,
    /// Whether the delivery under way is small.
    is_small: bool,
    /// The first day of which the peer held something else than this node when it last said what it holds.
    their_oldest: Option<Day>,
    /// The own papers that the peer was shown last.
    shown: Option<Membership>,
}

impl Session {
    /// A session with the node that the transport has authenticated as `peer`.
    pub fn new(peer: PublicKey) -> Self {
        let never = UnixMillis::new(i64::MIN);
        Self {
            peer,
            peer_epoch: None,
            peer_speaks: Speaks::default(),
            member: None,
            papers: None,
            coming: None,
            accepted: false,
            theirs: None,
            their_bulletins: BTreeMap::new(),
            compared_at: never,
            receipts_at: never,
            heard_at: never,
            beat_at: never,
            renewal_at: never,
            unknown_authors: BTreeSet::new(),
            stalled: BTreeMap::new(),
            refused_bulletins: BTreeMap::new(),
            busy: Busy::No,
            closing: None,
            told_removal: false,
            not_before: never,
            deliver_at: never,
            live_at: never,
            is_small: false,
            their_oldest: None,
            shown: None,
        }
    }

    /// The peer's checked membership; `None` before it was shown.
    pub fn member(&self) -> Option<&Member> {
        self.member.as_ref()
    }

    /// Whether both sides have accepted each other.
    pub fn is_open(&self) -> bool {
        self.accepted && self.member.is_some() && self.closing.is_none()
    }

    /// Which version of each bulletin the peer is known to hold.
    pub fn their_bulletins(&self) -> Vec<(BulletinKind, u64)> {
        self.their_bulletins.iter().map(|(kind, version)| (*kind, *version)).collect()
    }

    /// The first day of which the peer held something else than this node when it last said what it holds.
    pub fn their_oldest(&self) -> Option<Day> {
        self.their_oldest
    }

    /// Whether the peer is the authority and answers questions about typed numbers.
    pub fn answers(&self) -> bool {
        self.is_open() && self.is_authority() && self.peer_speaks.knows(Speaks::INQUIRIES)
    }

    /// The request that carries a question, if it can be sent now.
    pub fn inquire(
        &mut self,
        own: &Charter,
        inquiry: &Inquiry,
        now: UnixMillis,
    ) -> Option<Request> {
        let may = |to: &Member| now < to.expires && may_hold(own, to, Matter::Inquiry);
        let free = self.busy == Busy::No && now >= self.not_before;
        if !free || !self.answers() || !self.member.as_ref().is_some_and(may) {
            return None;
        }
        self.busy = Busy::Inquiring;
        Some(Request::Inquire(inquiry.clone()))
    }

    /// What to do next, given what is held here. Call again after every event and now and then.
    pub fn next(&mut self, own: &Charter, heads: &Heads, now: UnixMillis) -> Step {
        self.reconsider(own, now);
        if let Some(word) = &self.closing {
            return Step::Close(word.clone());
        }
        self.follow_clock(now);
        if self.busy != Busy::No || now < self.not_before {
            return Step::Wait;
        }
        let Some(member) = self.member.clone().filter(|_| self.accepted) else {
            return self.greet(own, heads, now);
        };
        // Renewed papers are shown before anything that hangs on them.
        if self.shown.as_ref() != Some(papers(own, heads, now)) {
            return self.greet(own, heads, now);
        }
        let venue = venue_of(own, &member);
        let held = scope(heads, venue);
        if now >= member.expires {
            return self.close("membership-expired");
        }
        if held.removed.contains_key(&self.peer) {
            return self.part(venue, &held);
        }
        if held.removed.contains_key(&own.key.public()) {
            return self.close("removed");
        }
        if self.comparison_due(own, &held, &member, now) {
            let told = summary(heads, &held, self.peer_speaks);
            self.compared_at = now;
            self.busy = Busy::Comparing(held);
            return Step::Ask(Request::Compare(told));
        }
        if let Some(fetch) = self.to_send(own, heads, &held, &member, now) {
            self.busy = Busy::Fetching(fetch.clone());
            return Step::Fetch(fetch);
        }
        if let Some(papers) = self.renewal_due(own, heads, &held, &member, now) {
            self.renewal_at = now;
            self.busy = Busy::Renewing;
            return Step::Ask(Request::Renew(papers));
        }
        // Siblings tell each other how far they are even while other things are said: one of both is enough.
        let quiet_since = if are_siblings(own, &member) { self.beat_at } else { self.heard_at };
        if age(now, quiet_since) >= heartbeat(own, &member) {
            self.beat_at = now;
            return self.ask(Request::Beat(Vec::new()));
        }
        Step::Wait
    }

    /// A clock that was set back must not make a session wait until its former time comes again.
    fn follow_clock(&mut self, now: UnixMillis) {
        let pasts = [
            &mut self.compared_at,
            &mut self.receipts_at,
            &mut self.heard_at,
            &mut self.beat_at,
            &mut self.renewal_at,
        ];
        pasts.into_iter().chain(self.stalled.values_mut()).for_each(|past| *past = now.min(*past));
        self.not_before = self.not_before.min(now.plus_millis(LATER_MILLIS));
        for at in [&mut self.deliver_at, &mut self.live_at] {
            *at = now.plus_millis(AWAY_MAX_MILLIS).min(*at);
        }
    }

    /// The removed peer gets the order that removed it: what it then must do it does on the signer's word.
    fn part(&mut self, venue: Option<VenueId>, held: &VenueHeads) -> Step {
        let Some(venue) = venue.filter(|_| !self.told_removal) else {
            return self.close("removed");
        };
        self.told_removal = true;
        let about = |s: &&Slot| matches!(s, Slot::Removal(node, _) if *node == self.peer);
        let fetch = Fetch::Orders(venue, held.orders.keys().filter(about).copied().collect());
        self.busy = Busy::Fetching(fetch.clone());
        Step::Fetch(fetch)
    }

    fn ask(&mut self, request: Request) -> Step {
        self.busy = Busy::Asking;
        Step::Ask(request)
    }

    fn close(&mut self, word: &str) -> Step {
        self.closing = Some(word.to_owned());
        Step::Close(word.to_owned())
    }

    fn greet(&mut self, own: &Charter, heads: &Heads, now: UnixMillis) -> Step {
        let papers = papers(own, heads, now).clone();
        self.shown = Some(papers.clone());
        self.ask(Request::Hello(papers, own.epoch, speaks(own)))
    }

    /// At first, and before others' records go that seem to be missing there.
    fn comparison_due(
        &self,
        own: &Charter,
        held: &VenueHeads,
        to: &Member,
        now: UnixMillis,
    ) -> bool {
        let Some(theirs) = &self.theirs else { return true };
        age(now, self.compared_at) >= grace(to)
            && self
                .records_lacking(own, held, theirs, to, now)
                .iter()
                .any(|(c, _)| c.author != own.key.public())
    }

    /// What goes next: own new records, then what the region and the venue ordered, then receipts, then the rest.
    fn to_send(
        &self,
        own: &Charter,
        heads: &Heads,
        held: &VenueHeads,
        to: &Member,
        now: UnixMillis,
    ) -> Option<Fetch> {
        let theirs = self.theirs.as_ref()?;
        let records = self.records_lacking(own, held, theirs, to, now);
        let run = |&(chain, after): &(ChainId, Seq)| Fetch::Run(chain, after);
        if let Some(live) = records.iter().find(|(chain, _)| is_live(own, held, chain)) {
            return Some(run(live));
        }
        if let Some(kind) = self.lacking_bulletin(own, heads, to) {
            return Some(Fetch::Bulletins(vec![kind]));
        }
        let venue = venue_of(own, to).filter(|v| may_hold(own, to, Matter::Orders(*v)));
        if let Some(venue) = venue {
            let orders = lacks_orders(held, theirs);
            if !orders.is_empty() {
                return Some(Fetch::Orders(venue, orders));
            }
            let receipts = lacks_receipts(held, theirs);
            let may = to.venue().is_some() && age(now, self.receipts_at) >= FORWARD_GRACE_MILLIS;
            if may && !receipts.is_empty() {
                return Some(Fetch::Receipts(receipts));
            }
        }
        let fresh = age(now, self.compared_at) < grace(to);
        let goes = |(c, _): &&(ChainId, Seq)| fresh || c.author == own.key.public();
        records.iter().find(goes).map(run)
    }

    /// The authority gives records to nobody; a chain on which the peer is stuck waits a while.
    fn records_lacking(
        &self,
        own: &Charter,
        held: &VenueHeads,
        theirs: &Theirs,
        to: &Member,
        now: UnixMillis,
    ) -> Vec<(ChainId, Seq)> {
        let Some(venue) = own.venue() else { return Vec::new() };
        if !may_hold(own, to, Matter::Records(venue)) {
            return Vec::new();
        }
        if now < self.live_at.min(self.deliver_at) {
            return Vec::new();
        }
        let mut lacking = lacks(held, theirs, own.key.public(), (self.peer, self.peer_epoch));
        let waits = |at: &UnixMillis| age(now, *at) < STALLED_MILLIS;
        lacking.retain(|(chain, _)| !self.stalled.get(chain).is_some_and(waits));
        self.let_go(own, held, lacking, now)
    }

    /// One at a time: together they may be over the frame's limit.
    fn lacking_bulletin(&self, own: &Charter, heads: &Heads, to: &Member) -> Option<BulletinKind> {
        if !may_hold(own, to, Matter::Bulletin) {
            return None;
        }
        // Whose word counts comes before what was said.
        let roots = heads.bulletins.get_key_value(&BulletinKind::Roots);
        let mut held = roots.into_iter().chain(&heads.bulletins);
        held.find(|(kind, version)| {
            self.peer_speaks.reads(**kind)
                && self.their_bulletins.get(kind).is_none_or(|v| v < version)
                && self.refused_bulletins.get(kind) != Some(version)
        })
        .map(|(kind, _)| *kind)
    }

    /// What [`Step::Fetch`] asked for. A chain of which nothing can be read is passed over for a while.
    pub fn fetched(&mut self, heads: &Heads, fetched: Fetched, now: UnixMillis) -> Option<Request> {
        // What an earlier session asked for is not this one's.
        let Busy::Fetching(asked) = std::mem::replace(&mut self.busy, Busy::No) else {
            return None;
        };
        match (asked, fetched) {
            (Fetch::Run(chain, _), Fetched::Run(_, None)) => {
                self.stalled.insert(chain, now);
                None
            }
            (Fetch::Run(..), Fetched::Run(_, Some(run))) if !self.passes(&run, now) => None,
            (Fetch::Run(chain, _), Fetched::Run(papers, Some(run))) => {
                let introduced = papers.filter(|_| self.unknown_authors.contains(&chain.author));
                if self.theirs.as_ref().is_some_and(|t| t.seq(&chain) >= run.last()) {
                    self.stalled.insert(chain, now); // another history: said once is enough
                }
                self.busy = Busy::Delivering(chain, run.last(), introduced.is_some());
                Some(Request::Deliver { introduced, run })
            }
            (Fetch::Bulletins(kinds), Fetched::Bulletins(bulletins)) => {
                let kind = *kinds.first()?;
                let version = *heads.bulletins.get(&kind)?;
                if bulletins.is_empty() {
                    self.refused_bulletins.insert(kind, version);
                    return None;
                }
                self.busy = Busy::Publishing(kind, version);
                Some(Request::Publish(bulletins))
            }
            (Fetch::Orders(venue, slots), Fetched::Orders(orders)) => {
                let held = scope(heads, Some(venue));
                let told = slots.iter().filter_map(|s| Some((*s, *held.orders.get(s)?))).collect();
                self.busy = Busy::Ordering(told);
                Some(Request::Order(orders))
            }
            (Fetch::Receipts(_), Fetched::Receipts(papers, receipts)) => {
                let told = receipts.iter().filter_map(Signed::claims);
                self.busy = Busy::Acknowledging(told.map(|r| (r.chain, r.seq)).collect());
                Some(Request::Acknowledge { papers, receipts })
            }
            _ => None,
        }
    }

    /// What was asked for could not be read here, or not be sent: try again a little later. A chain that
    /// could not be read is passed over for a while.
    pub fn failed(&mut self, now: UnixMillis) {
        if let Busy::Fetching(Fetch::Run(chain, _)) = std::mem::replace(&mut self.busy, Busy::No) {
            self.stalled.insert(chain, now);
        }
        self.not_before = now.plus_millis(FORWARD_GRACE_MILLIS);
    }
}

/// How long ago something was. What lies ahead comes of a clock that was put back: it counts as long past, for until
/// the clock caught up nobody would notice a dead line.
fn age(now: UnixMillis, then: UnixMillis) -> i64 {
    let age = now.get().saturating_sub(then.get());
    if age < 0 { i64::MAX } else { age }
}

fn grace(to: &Member) -> i64 {
    if to.venue().is_some() { SIBLING_GRACE_MILLIS } else { FORWARD_GRACE_MILLIS }
}

/// A link to the authority is asked seldom from both its ends: over it every byte is paid for.
fn heartbeat(own: &Charter, peer: &Member) -> i64 {
    if are_siblings(own, peer) { HEARTBEAT_MILLIS } else { AUTHORITY_HEARTBEAT_MILLIS }
}

/// Only who keeps the region's records is asked about people.
/// The papers by which this node is known: those issued last, which may have come while it runs.
fn papers<'a>(own: &'a Charter, heads: &'a Heads, now: UnixMillis) -> &'a Membership {
    heads.own_papers(now).unwrap_or(&own.membership)
}

fn speaks(own: &Charter) -> Speaks {
    let all = Speaks::RENEWALS.and(Speaks::ANNOUNCEMENTS).and(Speaks::WAITS);
    match own.keeps {
        Keeps::Region => all.and(Speaks::INQUIRIES),
        Keeps::Venue(_) => all,
    }
}

/// Whether both are doors; a session is among doors of one venue only.
fn are_siblings(own: &Charter, peer: &Member) -> bool {
    own.venue().is_some() && peer.venue().is_some()
}

/// The venue that a session is about: the door's among the two. Two nodes of the authority share bulletins alone.
fn venue_of(own: &Charter, peer: &Member) -> Option<VenueId> {
    own.venue().or_else(|| peer.venue())
}
