//! What goes while the peer wants no backlog: the visits of this moment, as long as they are few and it takes them.

use super::*;
use crate::peers::uploads::SMALL;

/// Envelopes that are read at most to see whether they are small.
const LIVE_MAX: u64 = 16;

impl Session {
    /// Until when the peer wants nothing delivered, if it said so and the time is still to come.
    pub fn waits_until(&self, now: UnixMillis) -> Option<UnixMillis> {
        Some(self.deliver_at).filter(|at| now < *at)
    }

    /// The peer takes no backlog for so long; nothing at all, where it would not even take what is small.
    pub(super) fn told_to_wait(&mut self, seconds: u32, now: UnixMillis) {
        let away = i64::from(seconds).saturating_mul(1000).clamp(0, AWAY_MAX_MILLIS);
        self.deliver_at = now.plus_millis(away);
        if self.is_small {
            self.live_at = self.deliver_at;
        }
    }

    /// Of what the peer lacks that which may go now.
    pub(super) fn let_go(
        &self,
        own: &Charter,
        held: &VenueHeads,
        mut lacking: Vec<(ChainId, Seq)>,
        now: UnixMillis,
    ) -> Vec<(ChainId, Seq)> {
        if now >= self.deliver_at {
            return lacking;
        }
        let few = |(chain, after): &(ChainId, Seq)| {
            let head = held.chains.get(chain).map_or(0, |head| head.seq.get());
            head.saturating_sub(after.get()) <= LIVE_MAX
        };
        lacking.retain(|what| now >= self.live_at && is_live(own, held, &what.0) && few(what));
        lacking
    }

    /// Whether a run that was read may go now, and not only when backlogs may.
    pub(super) fn passes(&mut self, run: &Run, now: UnixMillis) -> bool {
        self.is_small = weight(run) <= SMALL;
        let passes = self.is_small || now >= self.deliver_at;
        if !passes {
            self.live_at = self.deliver_at;
        }
        passes
    }
}

/// Whether a chain is this node's own of its present start, and there is none of a later day.
pub(super) fn is_live(own: &Charter, held: &VenueHeads, chain: &ChainId) -> bool {
    let latest = held.days().keys().rev().find(|day| day.is_civil());
    chain.author == own.key.public() && chain.epoch == own.epoch && Some(&chain.day) >= latest
}

/// The bytes of a run's records.
pub(in crate::peers) fn weight(run: &Run) -> usize {
    run.links.iter().flat_map(|link| &link.items).map(|item| item.bytes.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        book::Head,
        envelope::{Item, Link},
        id::{Hash, RecordNumber, Segment, SignatureBytes},
        peers::wire::Holdings,
        sample,
    };

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

    fn later(seconds: i64) -> UnixMillis {
        NOON.plus_millis(seconds * 1000)
    }

    fn chain(own: &Charter, day: i32) -> ChainId {
        ChainId { author: own.key.public(), epoch: own.epoch, day: Day::new(day) }
    }

    /// What a door holds: of each chain so many envelopes.
    fn heads(own: &Charter, chains: &[(i32, u64)]) -> Heads {
        let mut held = VenueHeads::default();
        for &(day, count) in chains {
            let head = Head {
                venue: sample::VENUE,
                seq: Seq::new(count),
                hash: Hash::new([7; 32]),
                pending: count,
                ..Head::NONE
            };
            held.set(chain(own, day), head);
        }
        Heads { venues: [(sample::VENUE, Arc::new(held))].into(), ..Heads::default() }
    }

    fn run(chain: ChainId, after: Seq, last: u64, bytes: usize) -> Fetched {
        let item = |n| Item { number: RecordNumber::new(n), bytes: vec![0; bytes].into() };
        let link = |n| Link { segment: Segment::new(0), made_at: NOON, items: vec![item(n)] };
        let links = (after.get()..last).map(link).collect();
        let (venue, previous) = (sample::VENUE, Hash::ZERO);
        let signature = SignatureBytes::new([0; 64]);
        Fetched::Run(None, Some(Run { venue, chain, after, previous, links, signature }))
    }

    /// A session of a door with the authority, which holds nothing yet.
    fn open(own: &Charter, heads: &Heads) -> Session {
        let authority = sample::authority(9, 1);
        let mut session = Session::new(authority.key.public());
        assert!(matches!(session.next(own, heads, NOON), Step::Ask(Request::Hello(..))));
        let welcome = Reply::Welcome(authority.membership, authority.epoch, Speaks::WAITS);
        let _ = session.replied(own, welcome, NOON);
        assert!(matches!(session.next(own, heads, NOON), Step::Ask(Request::Compare(_))));
        let held = scope(heads, Some(sample::VENUE));
        let days = held.days().keys().map(|day| (*day, Vec::new())).collect();
        let holdings = Holdings { bulletins: Vec::new(), days, orders: None };
        let _ = session.replied(own, Reply::Holdings(holdings), NOON);
        session
    }

    #[test]
    fn a_visit_of_this_moment_goes_while_history_waits() {
        let own = sample::door(1, 1);
        let (today, yesterday) = (chain(&own, 20_001), chain(&own, 20_000));
        let backlog = heads(&own, &[(20_000, 500)]);
        let mut session = open(&own, &backlog);
        let step = session.next(&own, &backlog, NOON);
        assert_eq!(step, Step::Fetch(Fetch::Run(yesterday, Seq::default())));
        let large = run(yesterday, Seq::default(), 100, 600);
        assert!(session.fetched(&backlog, large, NOON).is_some());
        let _ = session.replied(&own, Reply::Wait(60), NOON);
        assert_eq!(session.waits_until(NOON), Some(later(60)));
        assert_eq!(session.next(&own, &backlog, later(1)), Step::Wait);

        let visited = heads(&own, &[(20_000, 500), (20_001, 1)]);
        let step = session.next(&own, &visited, later(2));
        assert_eq!(step, Step::Fetch(Fetch::Run(today, Seq::default())), "live first");
        let small = run(today, Seq::default(), 1, 400);
        assert!(session.fetched(&visited, small, later(2)).is_some());
        let stored = Reply::Stored { seq: Seq::new(1), receipt: None };
        let _ = session.replied(&own, stored, later(2));
        assert_eq!(session.next(&own, &visited, later(3)), Step::Wait, "the history waits on");
        assert_eq!(session.waits_until(later(3)), Some(later(60)));
        let step = session.next(&own, &visited, later(60));
        assert_eq!(step, Step::Fetch(Fetch::Run(yesterday, Seq::default())));
    }

    #[test]
    fn what_the_peer_will_not_take_either_waits_like_the_rest() {
        let own = sample::door(1, 1);
        let today = chain(&own, 20_001);
        let visited = heads(&own, &[(20_001, 1)]);
        let mut session = open(&own, &visited);
        assert!(matches!(session.next(&own, &visited, NOON), Step::Fetch(_)));
        assert!(session.fetched(&visited, run(today, Seq::default(), 1, 400), NOON).is_some());
        let _ = session.replied(&own, Reply::Wait(60), NOON);
        assert_eq!(session.next(&own, &visited, later(1)), Step::Wait, "its store takes nothing");
        assert!(matches!(session.next(&own, &visited, later(60)), Step::Fetch(_)));

        // Few envelopes, but many bytes: not sent only to be turned away.
        let mut session = open(&own, &visited);
        session.deliver_at = later(60);
        assert!(matches!(session.next(&own, &visited, later(1)), Step::Fetch(_)));
        let large = run(today, Seq::default(), 1, SMALL + 1);
        assert_eq!(session.fetched(&visited, large, later(1)), None);
        assert_eq!(session.next(&own, &visited, later(2)), Step::Wait, "nor read again and again");
        let long = heads(&own, &[(20_001, LIVE_MAX + 1)]);
        session.live_at = NOON;
        assert_eq!(session.next(&own, &long, later(2)), Step::Wait);
    }
}
