//! The hearing half of a session: the peer's answers and requests, and what is answered to them.

use super::{compare::oldest_differing, *};
use crate::{book::Head, membership::MembershipError, peers::wire::Summary};

impl Session {
    /// The peer's answer.
    pub fn replied(&mut self, own: &Charter, reply: Reply, now: UnixMillis) -> Learned {
        self.heard_at = now;
        let busy = std::mem::replace(&mut self.busy, Busy::No);
        let mut learned = Learned::default();
        match (busy, reply) {
            (_, Reply::Refused(word)) => self.closing = Some(bounded_word(&word)),
            // Nothing is lost by it, and all but deliveries goes on.
            (Busy::Delivering(..), Reply::Wait(seconds)) => self.told_to_wait(seconds, now),
            (Busy::Publishing(..) | Busy::Ordering(_) | Busy::Acknowledging(_), Reply::Wait(_))
            | (_, Reply::Later) => self.not_before = now.plus_millis(LATER_MILLIS),
            (_, Reply::Welcome(membership, epoch, speaks)) => {
                self.peer_speaks = speaks;
                learned.papers.extend(self.meet(own, membership, epoch, now));
            }
            (Busy::Comparing(asked), Reply::Holdings(holdings)) => {
                self.theirs = Some(Theirs::from_answer(&asked, &holdings));
                self.their_bulletins = holdings.bulletins.into_iter().collect();
            }
            (Busy::Delivering(chain, up_to, _), Reply::Stored { seq, receipt }) => {
                self.delivered(chain, up_to, seq, now);
                learned.receipts.extend(receipt.filter(|_| self.is_authority()));
            }
            (Busy::Delivering(chain, _, introduced), Reply::Unknown) => {
                if introduced {
                    self.stalled.insert(chain, now);
                }
                self.unknown_authors.insert(chain.author);
            }
            (Busy::Publishing(kind, version), Reply::Taken(versions)) => {
                self.their_bulletins.extend(versions);
                // What the peer did not take now, it will not take in this session.
                if self.their_bulletins.get(&kind).is_none_or(|held| *held < version) {
                    self.refused_bulletins.insert(kind, version);
                }
            }
            // What was told once is not told again in this session, whatever the peer made of it.
            (Busy::Ordering(told), Reply::Done) => {
                self.theirs.get_or_insert_default().orders.extend(told);
            }
            (Busy::Acknowledging(told), Reply::Done) => {
                self.receipts_at = now;
                let theirs = self.theirs.get_or_insert_default();
                for (chain, seq) in told {
                    theirs.chains.entry(chain).or_default().acknowledged = seq;
                }
            }
            (Busy::Asking, Reply::Alive(_)) => {}
            // Handed on by who drives the session.
            (Busy::Inquiring, Reply::Found(_)) => {}
            // Each is checked before it is kept.
            (Busy::Renewing, Reply::Renewed(papers)) => learned.papers.extend(papers),
            _ => self.closing = Some("malformed".into()),
        }
        learned
    }

    fn meet(
        &mut self,
        own: &Charter,
        membership: Membership,
        epoch: Epoch,
        now: UnixMillis,
    ) -> Option<Membership> {
        match membership.check(&own.roots.granting(), &self.peer, now) {
            Ok(member) if fits(own, &member) => {
                self.member = Some(member);
                self.papers = Some((membership.clone(), own.roots.number()));
                self.accepted = true;
                self.peer_epoch = Some(epoch);
                return Some(membership);
            }
            Ok(_) => self.closing = Some("other-venue".into()),
            // Renewed papers begin when they are signed: to a clock that is slow they lie ahead, and the old ones still hold.
            Err(MembershipError::NotYet(_)) if self.will_hold(own, &membership, now) => {
                self.coming = Some(membership.clone());
                self.peer_epoch = Some(epoch);
                return Some(membership);
            }
            Err(error) => self.closing = Some(error.word().into()),
        }
        None
    }

    /// Whether the peer's papers hold now, and these will in their place.
    fn will_hold(&self, own: &Charter, renewed: &Membership, now: UnixMillis) -> bool {
        let holds = self.member.as_ref().is_some_and(|member| now < member.expires);
        let near = || renewed.check_near(&own.roots.granting(), &self.peer, now);
        holds && near().is_ok_and(|member| fits(own, &member))
    }

    /// Takes the papers whose time was to come, once it has.
    fn take_coming(&mut self, own: &Charter, now: UnixMillis) {
        let begun = |papers: &mut Membership| papers.span().is_some_and(|(from, _)| from <= now);
        let Some(papers) = self.coming.take_if(begun) else { return };
        if let Ok(member) = papers.check(&own.roots.granting(), &self.peer, now)
            && fits(own, &member)
        {
            self.member = Some(member);
            self.papers = Some((papers, own.roots.number()));
        }
    }

    /// Where the region has other roots by now, the peer's papers are held against them.
    pub(super) fn reconsider(&mut self, own: &Charter, now: UnixMillis) {
        self.take_coming(own, now);
        let number = own.roots.number();
        let Some((papers, seen)) = self.papers.as_mut().filter(|(_, seen)| *seen != number) else {
            return;
        };
        *seen = number;
        match papers.check(&own.roots.granting(), &self.peer, now) {
            Ok(member) => self.member = Some(member),
            Err(error) => self.closing = Some(error.word().into()),
        }
    }

    fn delivered(&mut self, chain: ChainId, up_to: Seq, seq: Seq, now: UnixMillis) {
        let place = self.theirs.get_or_insert_default().chains.entry(chain).or_default();
        let before = std::mem::replace(&mut place.seq, seq);
        place.tip = None;
        // No progress beyond what was known: the peer will not take this chain now; others go on.
        if seq < up_to && before == seq {
            self.stalled.insert(chain, now);
        }
    }

    pub(super) fn is_authority(&self) -> bool {
        matches!(self.member.as_ref().map(|m| &m.place), Some(Place::Authority(_)))
    }

    /// A request of the peer.
    pub fn requested(
        &mut self,
        own: &Charter,
        heads: &Heads,
        request: Request,
        now: UnixMillis,
    ) -> (Response, Learned) {
        self.heard_at = now;
        let nothing = Learned::default();
        if let Request::Hello(membership, epoch, speaks) = request {
            self.peer_speaks = speaks;
            return self.greeted((own, heads), membership, epoch, now);
        }
        self.reconsider(own, now);
        if let Some(word) = self.closing.clone() {
            return (self.refuse(&word), nothing);
        }
        let Some(member) = self.member.clone() else {
            return (self.refuse("not-introduced"), nothing);
        };
        let held = scope(heads, venue_of(own, &member));
        if now >= member.expires {
            return (self.refuse("membership-expired"), nothing);
        }
        if held.removed.contains_key(&self.peer) {
            // It is about to hear why, and then the session ends.
            return (Response::Reply(Reply::Later), nothing);
        }
        let response = match request {
            Request::Hello(..) => self.refuse("not-introduced"),
            Request::Compare(theirs) => {
                self.look_again(own, &held, &theirs);
                self.asked(own, heads, &held, &member, theirs)
            }
            Request::Deliver { introduced, run } => {
                Response::Take(Intake::Run(introduced.into_iter().collect(), run))
            }
            Request::Publish(bulletins) => Response::Take(Intake::Bulletins(bulletins)),
            Request::Order(orders) => Response::Take(Intake::Orders(orders)),
            Request::Acknowledge { papers, receipts } => {
                self.told(&receipts);
                Response::Take(Intake::Receipts(papers, receipts))
            }
            // Of a member of a venue alone, and by nobody else's word for which.
            Request::Inquire(inquiry) if own.keeps == Keeps::Region && member.venue().is_some() => {
                Response::Take(Intake::Inquiry(inquiry))
            }
            Request::Inquire(_) => self.refuse("not-the-authority"),
            Request::Renew(papers) => self.asked_to_renew(own, heads, &member, papers),
            Request::Beat(_) => {
                self.beat_at = now;
                Response::Reply(Reply::Alive(Vec::new()))
            }
        };
        (response, nothing)
    }

    /// What the peer tells it knows: it is not told back.
    fn told(&mut self, receipts: &[Signed<Receipt>]) {
        let Some(theirs) = &mut self.theirs else { return };
        for said in receipts.iter().filter_map(Signed::claims) {
            if let Some(standing) = theirs.chains.get_mut(&said.chain) {
                standing.acknowledged = said.seq.max(standing.acknowledged);
            }
        }
    }

    /// The authority gives no records, so it does not hear what a door has from its siblings: a door whose days differ
    /// is asked in turn, or it would wait for receipts as long as the session lasts.
    fn look_again(&mut self, own: &Charter, held: &VenueHeads, theirs: &Summary) {
        let Some(known) = self.theirs.as_ref().filter(|_| own.keeps == Keeps::Region) else {
            return;
        };
        let told: BTreeMap<_, _> = theirs.days.iter().copied().collect();
        let differs = |day: &Day| told.get(day) != held.days().get(day);
        let unsure = |(chain, head): (&ChainId, &Head)| {
            head.acknowledged > Seq::default() && known.seq(chain) < head.seq && differs(&chain.day)
        };
        if held.chains.iter().any(unsure) {
            self.theirs = None;
        }
    }

    /// A peer's summary: where it is the same as ours there is nothing to ask in return.
    fn asked(
        &mut self,
        own: &Charter,
        heads: &Heads,
        held: &VenueHeads,
        to: &Member,
        theirs: Summary,
    ) -> Response {
        let may = venue_of(own, to).is_some_and(|v| may_hold(own, to, Matter::Orders(v)));
        if !may && !may_hold(own, to, Matter::Bulletin) {
            return self.refuse("other-venue");
        }
        let told = answer(heads, held, &theirs, self.peer_speaks);
        self.their_oldest = oldest_differing(held, &theirs);
        self.their_bulletins = theirs.bulletins.iter().copied().collect();
        if self.theirs.is_none() && summary(heads, held, self.peer_speaks) == theirs {
            self.theirs = Some(Theirs::same_as(held));
        }
        Response::Reply(Reply::Holdings(told))
    }

    fn greeted(
        &mut self,
        (own, heads): (&Charter, &Heads),
        membership: Membership,
        epoch: Epoch,
        now: UnixMillis,
    ) -> (Response, Learned) {
        let theirs = self.meet(own, membership, epoch, now);
        let response = match &self.closing {
            Some(word) => Response::Refuse(word.clone()),
            None => {
                let papers = papers(own, heads, now).clone();
                self.shown = Some(papers.clone());
                Response::Reply(Reply::Welcome(papers, own.epoch, speaks(own)))
            }
        };
        (response, Learned { papers: theirs.into_iter().collect(), receipts: Vec::new() })
    }

    pub(super) fn refuse(&mut self, word: &str) -> Response {
        self.closing = Some(word.to_owned());
        Response::Refuse(word.to_owned())
    }

    /// The answer to what a peer brought, after it is durable or refused.
    pub fn taken(
        &mut self,
        own: &Charter,
        heads: &Heads,
        outcome: Outcome,
        now: UnixMillis,
    ) -> Reply {
        match outcome {
            Outcome::Stored { chain, brought, stands: seq } => {
                // The peer evidently holds what it delivered. It need not hold all that stands here.
                let theirs = self.theirs.get_or_insert_default().chains.entry(chain).or_default();
                if brought > theirs.seq {
                    (theirs.seq, theirs.tip) = (brought, None);
                }
                // What is not yet safe beyond this node is acknowledged when it is.
                let venue = self.member.as_ref().and_then(Member::venue);
                let head = venue.and_then(|venue| heads.head(venue, &chain));
                let safe = head.map_or(Seq::default(), |head| head.acknowledged.min(seq));
                let receipt = (own.keeps == Keeps::Region && safe > Seq::default()).then(|| {
                    theirs.acknowledged = safe.max(theirs.acknowledged);
                    let by = own.key.public();
                    let asked = venue.and_then(|venue| heads.venues.get(&venue));
                    let asked = asked.map(|venue| venue.asked).filter(|asked| *asked > 0);
                    Signed::seal(&Receipt { chain, seq: safe, at: now, by, asked }, &own.key)
                });
                Reply::Stored { seq, receipt }
            }
            Outcome::Stranger => Reply::Unknown,
            Outcome::Bulletins => Reply::Taken(bulletins(heads, self.peer_speaks)),
            Outcome::Taken => Reply::Done,
            Outcome::Found(found) => Reply::Found(found),
            Outcome::Renewed(papers) => Reply::Renewed(papers),
            Outcome::Wait(seconds) if self.peer_speaks.knows(Speaks::WAITS) => Reply::Wait(seconds),
            Outcome::Later | Outcome::Wait(_) => Reply::Later,
            Outcome::Breach(word) => {
                self.closing = Some(word.to_owned());
                Reply::Refused(word.to_owned())
            }
        }
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

/// A word from a peer goes into logs and onto pages: only our kind of word passes.
fn bounded_word(word: &str) -> String {
    let fine = word.len() <= 32 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if fine { word.to_owned() } else { "refused".to_owned() }
}
