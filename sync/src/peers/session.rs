//! One session with one peer as a state machine: events in, one next step out; no sockets, no clock.
//!
//! ```text
//! Hello ⇄ Welcome        both memberships checked, else Refused and cut
//! Compare ⇄ Holdings     both now know what the other lacks; repeated as heartbeat
//! Deliver ⇄ Stored       own visits at once, others' only after a fresh Compare shows them still missing
//! Publish ⇄ Taken        bulletins, whoever has the higher version
//! ```
//! At most one own request is under way. A reply "Stored" from the authority is its acknowledgement.

use std::collections::{BTreeMap, BTreeSet};

use super::wire::{Holdings, Reply, Request};
use crate::{
    book::{Charter, Heads, Keeps},
    bulletin::{Bulletin, BulletinKind},
    envelope::Envelope,
    id::{ChainId, PublicKey, Seq},
    membership::{Member, Membership, Place},
    share::{Matter, may_hold},
    time::UnixMillis,
};

/// The heartbeat: how often holdings are compared when there is nothing else to say, ms.
pub const HEARTBEAT_MILLIS: i64 = 15_000;
/// Others' visits are forwarded only after a comparison fresher than this, ms: their author mostly
/// delivers them itself. Also how often news of acknowledgements is passed on at most.
pub const FORWARD_GRACE_MILLIS: i64 = 1_500;
/// After a peer said "later", ms.
const LATER_MILLIS: i64 = 5_000;

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing until something happens.
    Wait,
    /// Send this request and bring its reply to [`Session::replied`].
    Ask(Request),
    /// Read envelopes of this chain after this place and bring them to [`Session::fetched`].
    Fetch(ChainId, Seq),
    /// Read these bulletins and bring them to [`Session::fetched_bulletins`].
    FetchBulletins(Vec<BulletinKind>),
    /// End the session, for this stable word.
    Close(String),
}

/// What a peer's request asks of this node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// Answer with this.
    Reply(Reply),
    /// Answer with this, then end the session.
    Refuse(String),
    /// Make these durable, then answer with [`Session::stored`].
    Store(ChainId, Vec<Membership>, Vec<Envelope>),
    /// Keep these, then answer with the versions held.
    Keep(Vec<Bulletin>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Busy {
    No,
    Fetching(ChainId),
    FetchingBulletin,
    Asking,
}

/// The state of one session.
#[derive(Debug)]
pub struct Session {
    peer: PublicKey,
    member: Option<Member>,
    accepted: bool,
    theirs: Option<BTreeMap<ChainId, Seq>>,
    their_bulletins: BTreeMap<BulletinKind, u64>,
    compared_at: UnixMillis,
    told: BTreeMap<ChainId, Seq>,
    stalled: BTreeSet<ChainId>,
    offered_bulletin: Option<(BulletinKind, u64)>,
    refused_bulletins: BTreeMap<BulletinKind, u64>,
    sent: Option<(ChainId, Seq)>,
    busy: Busy,
    closing: Option<String>,
    not_before: UnixMillis,
}

impl Session {
    /// A session with the node that the transport has authenticated as `peer`.
    pub fn new(peer: PublicKey) -> Self {
        Self {
            peer,
            member: None,
            accepted: false,
            theirs: None,
            their_bulletins: BTreeMap::new(),
            compared_at: UnixMillis::new(i64::MIN),
            told: BTreeMap::new(),
            stalled: BTreeSet::new(),
            offered_bulletin: None,
            refused_bulletins: BTreeMap::new(),
            sent: None,
            busy: Busy::No,
            closing: None,
            not_before: UnixMillis::new(i64::MIN),
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

    /// What to do next, given what is held here. Call again after every event and now and then.
    pub fn next(&mut self, own: &Charter, heads: &Heads, now: UnixMillis) -> Step {
        if let Some(word) = &self.closing {
            return Step::Close(word.clone());
        }
        if self.busy != Busy::No || now < self.not_before {
            return Step::Wait;
        }
        let Some(member) = self.member.clone().filter(|_| self.accepted) else {
            return self.ask(Request::Hello(own.membership.clone()));
        };
        if now >= member.expires {
            return self.close("membership-expired");
        }
        if self.theirs.is_none() || self.comparison_due(own, heads, &member, now) {
            return self.compare(own, heads, &member, now);
        }
        if let Some(kind) = self.lacking_bulletin(own, heads, &member) {
            self.busy = Busy::FetchingBulletin;
            self.offered_bulletin = heads.bulletins.get(&kind).map(|version| (kind, *version));
            return Step::FetchBulletins(vec![kind]);
        }
        match self.lacking(own, heads, &member, now) {
            Some((chain, after)) => {
                self.busy = Busy::Fetching(chain);
                Step::Fetch(chain, after)
            }
            None => Step::Wait,
        }
    }

    fn ask(&mut self, request: Request) -> Step {
        self.busy = Busy::Asking;
        Step::Ask(request)
    }

    fn close(&mut self, word: &str) -> Step {
        self.closing = Some(word.to_owned());
        Step::Close(word.to_owned())
    }

    fn compare(&mut self, own: &Charter, heads: &Heads, to: &Member, now: UnixMillis) -> Step {
        let holdings = holdings(own, heads, to);
        self.told = holdings.acknowledged.iter().copied().collect();
        self.compared_at = now;
        self.ask(Request::Compare(holdings))
    }

    /// Heartbeat, news of acknowledgements, or others' visits that the peer seems to lack.
    fn comparison_due(&self, own: &Charter, heads: &Heads, to: &Member, now: UnixMillis) -> bool {
        let age = now.get().saturating_sub(self.compared_at.get());
        if age < FORWARD_GRACE_MILLIS {
            return false;
        }
        age >= HEARTBEAT_MILLIS
            || (to.venue().is_some()
                && holdings(own, heads, to)
                    .acknowledged
                    .iter()
                    .any(|(c, s)| self.told.get(c) != Some(s)))
            || self.lacks(own, heads, to).any(|(chain, _)| chain.author != own.key.public())
    }

    /// One at a time: together they may be over the frame's limit.
    fn lacking_bulletin(&self, own: &Charter, heads: &Heads, to: &Member) -> Option<BulletinKind> {
        if !may_hold(own, to, Matter::Bulletin) {
            return None;
        }
        let mut held = heads.bulletins.iter();
        held.find(|(kind, version)| {
            self.their_bulletins.get(kind).is_none_or(|v| v < version)
                && self.refused_bulletins.get(kind) != Some(version)
        })
        .map(|(kind, _)| *kind)
    }

    /// What the peer may hold, lacks, and is not stuck on.
    fn lacks<'a>(
        &'a self,
        own: &'a Charter,
        heads: &'a Heads,
        to: &'a Member,
    ) -> impl Iterator<Item = (ChainId, Seq)> + 'a {
        let theirs = self.theirs.as_ref();
        heads.chains.iter().filter_map(move |(chain, head)| {
            let has = theirs.and_then(|t| t.get(chain)).copied().unwrap_or_default();
            let wanted = own.keeps != Keeps::Region
                && chain.author != self.peer
                && head.seq > has
                && !self.stalled.contains(chain)
                && may_hold(own, to, Matter::Visits(head.venue));
            wanted.then_some((*chain, has))
        })
    }

    /// Own visits first; others' only when the comparison is fresh.
    fn lacking(
        &self,
        own: &Charter,
        heads: &Heads,
        to: &Member,
        now: UnixMillis,
    ) -> Option<(ChainId, Seq)> {
        let fresh = now.get().saturating_sub(self.compared_at.get()) < FORWARD_GRACE_MILLIS;
        let is_own = |(chain, _): &(ChainId, Seq)| chain.author == own.key.public();
        self.lacks(own, heads, to)
            .find(is_own)
            .or_else(|| self.lacks(own, heads, to).find(|_| fresh))
    }

    /// The envelopes that [`Step::Fetch`] asked for. A chain of which nothing can be read is passed over
    /// until the next session; the others go on.
    pub fn fetched(
        &mut self,
        author: Option<Membership>,
        envelopes: Vec<Envelope>,
    ) -> Option<Request> {
        // What an earlier session asked for is not this one's.
        if !matches!(self.busy, Busy::Fetching(_)) {
            return None;
        }
        let fetched = std::mem::replace(&mut self.busy, Busy::No);
        let Some(last) = envelopes.last() else {
            if let Busy::Fetching(chain) = fetched {
                self.stalled.insert(chain);
            }
            return None;
        };
        self.sent = Some((last.header.chain, last.header.seq));
        self.busy = Busy::Asking;
        // Always introduced: an earlier introduction may not have been taken.
        Some(Request::Deliver { introduced: author, envelopes })
    }

    /// The bulletins that [`Step::FetchBulletins`] asked for.
    pub fn fetched_bulletins(&mut self, bulletins: Vec<Bulletin>) -> Option<Request> {
        if self.busy != Busy::FetchingBulletin {
            return None;
        }
        self.busy = Busy::No;
        if bulletins.is_empty() {
            return None;
        }
        self.busy = Busy::Asking;
        Some(Request::Publish(bulletins))
    }

    /// What was asked for could not be read here, or not be sent: try again a little later. A chain that
    /// could not be read is passed over until the next session.
    pub fn failed(&mut self, now: UnixMillis) {
        if let Busy::Fetching(chain) = std::mem::replace(&mut self.busy, Busy::No) {
            self.stalled.insert(chain);
        }
        self.not_before = now.plus_millis(FORWARD_GRACE_MILLIS);
    }

    /// The peer's answer. Returns what the authority has thereby acknowledged, if it was the authority,
    /// or what a sibling says it has.
    pub fn replied(
        &mut self,
        own: &Charter,
        reply: Reply,
        now: UnixMillis,
    ) -> BTreeMap<ChainId, Seq> {
        self.busy = Busy::No;
        match reply {
            Reply::Welcome(membership) => self.meet(own, &membership, now),
            Reply::Refused(word) => self.closing = Some(bounded_word(&word)),
            Reply::Holdings(holdings) => return self.learn(holdings),
            Reply::Stored { chain, seq } => return self.delivered(chain, seq),
            Reply::Taken(versions) => self.bulletin_taken(versions),
            Reply::Later => self.not_before = now.plus_millis(LATER_MILLIS),
        }
        BTreeMap::new()
    }

    fn meet(&mut self, own: &Charter, membership: &Membership, now: UnixMillis) {
        match membership.check(&own.roots, &self.peer, now) {
            Ok(member) if fits(own, &member) => {
                self.member = Some(member);
                self.accepted = true;
            }
            Ok(_) => self.closing = Some("other-venue".into()),
            Err(error) => self.closing = Some(error.word().into()),
        }
    }

    fn learn(&mut self, holdings: Holdings) -> BTreeMap<ChainId, Seq> {
        let chains: BTreeMap<_, _> = holdings.chains.into_iter().collect();
        self.their_bulletins = holdings.bulletins.into_iter().collect();
        let acknowledged = if self.is_authority() {
            chains.clone()
        } else {
            holdings.acknowledged.into_iter().collect()
        };
        self.theirs = Some(chains);
        acknowledged
    }

    fn delivered(&mut self, chain: ChainId, seq: Seq) -> BTreeMap<ChainId, Seq> {
        if let Some((sent, up_to)) = self.sent.take()
            && sent == chain
        {
            let before = self.theirs.get_or_insert_default().insert(chain, seq);
            // No progress beyond what was known: the peer will not take this chain now; others go on.
            if seq < up_to && before == Some(seq) {
                self.stalled.insert(chain);
            }
        }
        if self.is_authority() { BTreeMap::from([(chain, seq)]) } else { BTreeMap::new() }
    }

    /// What the peer did not take now, it will not take in this session.
    fn bulletin_taken(&mut self, versions: Vec<(BulletinKind, u64)>) {
        self.their_bulletins.extend(versions);
        if let Some((kind, version)) = self.offered_bulletin.take()
            && self.their_bulletins.get(&kind).is_none_or(|held| *held < version)
        {
            self.refused_bulletins.insert(kind, version);
        }
    }

    fn is_authority(&self) -> bool {
        matches!(self.member.as_ref().map(|m| &m.place), Some(Place::Authority(_)))
    }

    /// A request of the peer. Also returns acknowledgements that it passes on.
    pub fn requested(
        &mut self,
        own: &Charter,
        heads: &Heads,
        request: Request,
        now: UnixMillis,
    ) -> (Response, BTreeMap<ChainId, Seq>) {
        let none = BTreeMap::new();
        if let Request::Hello(membership) = request {
            return (self.greeted(own, &membership, now), none);
        }
        let Some(member) = self.member.clone() else {
            return (self.refuse("not-introduced"), none);
        };
        if now >= member.expires {
            return (self.refuse("membership-expired"), none);
        }
        match request {
            Request::Hello(_) => (self.refuse("not-introduced"), none),
            Request::Compare(theirs) => {
                let acknowledged = self.learn(theirs);
                let ours = holdings(own, heads, &member);
                self.compared_at = now;
                self.told = ours.acknowledged.iter().copied().collect();
                (Response::Reply(Reply::Holdings(ours)), acknowledged)
            }
            Request::Deliver { introduced, envelopes } => {
                (self.offered(introduced, envelopes), none)
            }
            Request::Publish(bulletins) => (Response::Keep(bulletins), none),
        }
    }

    fn greeted(&mut self, own: &Charter, membership: &Membership, now: UnixMillis) -> Response {
        self.meet(own, membership, now);
        match &self.closing {
            Some(word) => Response::Refuse(word.clone()),
            None => Response::Reply(Reply::Welcome(own.membership.clone())),
        }
    }

    fn offered(&mut self, introduced: Option<Membership>, envelopes: Vec<Envelope>) -> Response {
        match envelopes.first().map(|e| e.header.chain) {
            Some(chain) if envelopes.iter().all(|e| e.header.chain == chain) => {
                Response::Store(chain, introduced.into_iter().collect(), envelopes)
            }
            _ => self.refuse("malformed"),
        }
    }

    fn refuse(&mut self, word: &str) -> Response {
        self.closing = Some(word.to_owned());
        Response::Refuse(word.to_owned())
    }

    /// The answer to a delivery, after it is durable; `head` is the chain's place now.
    pub fn stored(&mut self, chain: ChainId, head: Seq) -> Reply {
        // The peer evidently holds what it delivered.
        let theirs = self.theirs.get_or_insert_default().entry(chain).or_default();
        *theirs = head.max(*theirs);
        Reply::Stored { chain, seq: head }
    }

    /// The peer sent something that is refused for good: the session ends.
    pub fn breach(&mut self, word: &str) -> Reply {
        self.closing = Some(word.to_owned());
        Reply::Refused(word.to_owned())
    }
}

/// Siblings are of one venue; a door and the authority of one region; two authorities do not sync yet.
fn fits(own: &Charter, peer: &Member) -> bool {
    let venues = match own.keeps {
        Keeps::Venue(venue) => peer.venue().is_none_or(|theirs| theirs == venue),
        Keeps::Region => true,
    };
    venues && peer.region() == own.region
}

fn holdings(own: &Charter, heads: &Heads, to: &Member) -> Holdings {
    let may = |chain: &ChainId| {
        heads.chains.get(chain).is_some_and(|h| may_hold(own, to, Matter::Visits(h.venue)))
    };
    Holdings {
        chains: heads.chains.iter().filter(|(c, _)| may(c)).map(|(c, h)| (*c, h.seq)).collect(),
        bulletins: match may_hold(own, to, Matter::Bulletin) {
            true => heads.bulletins.iter().map(|(k, v)| (*k, *v)).collect(),
            false => Vec::new(),
        },
        acknowledged: heads
            .acknowledged
            .iter()
            .filter(|(c, _)| may(c))
            .map(|(c, s)| (*c, *s))
            .collect(),
    }
}

/// A word from a peer goes into logs and onto pages: only our kind of word passes.
fn bounded_word(word: &str) -> String {
    let fine = word.len() <= 32 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if fine { word.to_owned() } else { "refused".to_owned() }
}
