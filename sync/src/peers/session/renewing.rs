//! Papers that end soon: shown anew when others take their place, asked for of whoever may have them.

use super::*;
use crate::peers::wire::RENEWED_MAX;

/// How often who may have new papers is asked, ms: at most, and where they end within hours.
const ASKED_EVERY_MILLIS: (i64, i64) = (3_600_000, 2_000);

impl Session {
    /// The papers for which others are to be asked for now: of a sibling this door's own, of the authority those of the
    /// venue's other doors as well, for they may not reach it.
    pub(super) fn renewal_due(
        &self,
        own: &Charter,
        heads: &Heads,
        held: &VenueHeads,
        to: &Member,
        now: UnixMillis,
    ) -> Option<Vec<Membership>> {
        if own.venue().is_none() || !self.peer_speaks.knows(Speaks::RENEWALS) {
            return None;
        }
        let me = own.key.public();
        let others = heads.papers.iter().filter(|(node, _)| **node != me && to.venue().is_none());
        let belong = others.filter(|(node, _)| !held.removed.contains_key(*node));
        let all = heads.papers.get(&me).into_iter().chain(belong.map(|(_, papers)| papers));
        let ending = all.filter(|papers| papers.ends_soon(now)).take(RENEWED_MAX);
        let ending: Vec<Membership> = ending.map(|papers| (**papers).clone()).collect();
        let first = ending.iter().filter_map(Membership::span).map(|(_, until)| until).min()?;
        let every = (first.get() - now.get()) / 8;
        let every = every.clamp(ASKED_EVERY_MILLIS.1, ASKED_EVERY_MILLIS.0);
        (age(now, self.renewal_at) >= every).then_some(ending)
    }

    /// A door asks for other papers: of the authority, or of a sibling that may have heard of them.
    pub(super) fn asked_to_renew(
        &mut self,
        own: &Charter,
        heads: &Heads,
        by: &Member,
        papers: Vec<Membership>,
    ) -> Response {
        if own.keeps == Keeps::Region && by.venue().is_some() {
            return Response::Take(Intake::Renewal(papers));
        }
        if !are_siblings(own, by) {
            return self.refuse("not-the-authority");
        }
        Response::Reply(Reply::Renewed(papers.iter().filter_map(|old| known(heads, old)).collect()))
    }
}

/// Papers in place of these, as far as this door knows: the door's own later ones, or the same under a later grant of the
/// venue, which may have come for another door.
fn known(heads: &Heads, old: &Membership) -> Option<Membership> {
    let held = heads.papers.get(&old.node()?).filter(|held| held.is_for_same_place_as(old));
    let best = held.map_or(old, |held| &**held);
    let grants = heads.papers.values().filter_map(|papers| match &**papers {
        Membership::Door { venue, .. } => Some(venue),
        Membership::Authority(_) => None,
    });
    let under = grants.filter_map(|grant| best.under(grant));
    let best = under.max_by_key(Membership::span).unwrap_or_else(|| best.clone());
    (best != *old).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        membership::{DoorGrant, VenueGrant},
        sample,
        time::DAY_MILLIS,
    };

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

    fn at(days: i64) -> UnixMillis {
        NOON.plus_millis(days * DAY_MILLIS)
    }

    /// Papers of a door whose venue's grant and whose own end after so many days.
    fn papers(seed: u8, venue_until: i64, door_until: i64) -> Membership {
        let charter = sample::door(seed, 1);
        let Membership::Door { venue, door } = &charter.membership else { unreachable!() };
        let (venue, door) = (venue.claims().unwrap(), door.claims().unwrap());
        let venue = VenueGrant { not_before: at(-400), not_after: at(venue_until), ..venue };
        let door = DoorGrant { not_before: at(-400), not_after: at(door_until), ..door };
        Membership::Door {
            venue: Signed::seal(&venue, &sample::root()),
            door: Signed::seal(&door, &sample::manager()),
        }
    }

    /// Papers of a door that begin and end at these days.
    fn begun(seed: u8, from: i64, until: i64) -> Membership {
        let Membership::Door { venue, door } = papers(seed, until, until) else { unreachable!() };
        let door = DoorGrant { not_before: at(from), ..door.claims().unwrap() };
        Membership::Door { venue, door: Signed::seal(&door, &sample::manager()) }
    }

    fn heads(all: &[(u8, &Membership)]) -> Heads {
        let of = |(seed, papers): &(u8, &Membership)| {
            (sample::door(*seed, 1).key.public(), Arc::new((*papers).clone()))
        };
        let first = all.first().map(|(_, papers)| Arc::new((*papers).clone()));
        let own_papers = first.map(|papers| (papers, at(-400), at(900))).into_iter().collect();
        Heads { papers: all.iter().map(of).collect(), own_papers, ..Heads::default() }
    }

    fn open(own: &Charter, peer: &Charter) -> Session {
        let mut session = Session::new(peer.key.public());
        let hello = Request::Hello(peer.membership.clone(), peer.epoch, speaks(peer));
        let _ = session.requested(own, &Heads::default(), hello, NOON);
        assert!(session.is_open());
        session
    }

    #[test]
    fn the_authority_is_asked_for_the_venues_papers_and_a_sibling_for_ones_own() {
        let (own, sibling, authority) =
            (sample::door(1, 1), sample::door(2, 1), sample::authority(9, 1));
        let (mine, theirs, long) = (papers(1, 10, 10), papers(2, 10, 10), papers(3, 900, 900));
        let heads = heads(&[(1, &mine), (2, &theirs), (3, &long)]);
        let held = VenueHeads::default();
        let asked = |peer: &Charter, held: &VenueHeads| {
            let session = open(&own, peer);
            let member = session.member().cloned().unwrap();
            session.renewal_due(&own, &heads, held, &member, NOON)
        };
        assert_eq!(asked(&sibling, &held), Some(vec![mine.clone()]));
        assert_eq!(asked(&authority, &held), Some(vec![mine.clone(), theirs]));
        let mut removed = VenueHeads::default();
        removed.removed.insert(sibling.key.public(), NOON);
        assert_eq!(
            asked(&authority, &removed),
            Some(vec![mine.clone()]),
            "not for who was removed"
        );
        let mut session = open(&own, &authority);
        session.renewal_at = NOON.plus_millis(-60_000);
        let member = session.member().cloned().unwrap();
        assert_eq!(
            session.renewal_due(&own, &heads, &held, &member, NOON),
            None,
            "not every minute"
        );
        session.peer_speaks = Speaks::INQUIRIES;
        session.renewal_at = at(-1);
        assert_eq!(session.renewal_due(&own, &heads, &held, &member, NOON), None, "an older node");
    }

    #[test]
    fn a_sibling_gives_what_it_knows_and_new_papers_are_shown_at_once() {
        let (old, new) = (papers(2, 10, 10), papers(2, 10, 300));
        assert_eq!(known(&heads(&[(2, &new)]), &old), Some(new.clone()));
        assert_eq!(known(&heads(&[(2, &old)]), &old), None);
        let granted = papers(1, 900, 900);
        let under = known(&heads(&[(1, &granted), (2, &new)]), &old).unwrap();
        assert_eq!(under.span().unwrap().1, at(300), "the venue's grant came for another door");

        let (own, peer) = (sample::door(2, 1), sample::authority(9, 1));
        let mut session = open(&own, &peer);
        let shown = heads(&[(2, &old)]);
        assert!(
            matches!(session.next(&own, &shown, NOON), Step::Ask(Request::Hello(p, ..)) if p == old)
        );
        let welcome = Reply::Welcome(peer.membership.clone(), peer.epoch, speaks(&peer));
        let _ = session.replied(&own, welcome, NOON);
        assert!(!matches!(session.next(&own, &shown, NOON), Step::Ask(Request::Hello(..))));
        session.busy = Busy::No;
        let fresh = heads(&[(2, &new)]);
        assert!(
            matches!(session.next(&own, &fresh, NOON), Step::Ask(Request::Hello(p, ..)) if p == new)
        );
    }

    #[test]
    fn papers_that_begin_by_a_faster_clock_wait_and_the_old_ones_hold_on() {
        let (own, peer) = (sample::authority(9, 1), sample::door(2, 1));
        let (old, new) = (papers(2, 10, 10), begun(2, 1, 300));
        let hello = |papers: &Membership| Request::Hello(papers.clone(), peer.epoch, speaks(&peer));
        let mut session = Session::new(peer.key.public());
        let said = |session: &mut Session, papers: &Membership, now| {
            session.requested(&own, &Heads::default(), hello(papers), now)
        };
        let _ = said(&mut session, &old, at(0));
        let (response, learned) = said(&mut session, &new, at(0));
        assert!(matches!(response, Response::Reply(Reply::Welcome(..))), "{response:?}");
        assert_eq!(
            learned.papers,
            std::slice::from_ref(&new),
            "they are kept for when their time comes"
        );
        assert!(session.is_open());
        assert_eq!(session.member().map(|m| m.expires), Some(at(10)));
        session.reconsider(&own, at(2));
        assert_eq!(session.member().map(|m| m.expires), Some(at(300)));

        let mut session = Session::new(peer.key.public());
        let (response, _) = said(&mut session, &new, at(0));
        assert_eq!(response, Response::Refuse("membership-not-yet-valid".into()), "no old ones");
        // Nor of somebody else, nor by nobody's root, nor once the old ones have ended.
        let others = begun(3, 1, 300);
        for (papers, now) in [(&others, at(0)), (&begun(2, 12, 300), at(11))] {
            let mut session = Session::new(peer.key.public());
            let _ = said(&mut session, &old, at(0));
            assert!(matches!(said(&mut session, papers, now).0, Response::Refuse(_)));
        }
    }

    #[test]
    fn own_papers_that_ended_give_way_to_earlier_ones_that_hold() {
        let own = sample::door(2, 1);
        let (first, last) = (papers(2, 300, 300), papers(2, 10, 10));
        let mut heads = heads(&[(2, &last)]);
        let span = |papers: &Membership, from, until| (Arc::new(papers.clone()), from, until);
        heads.own_papers = vec![span(&last, at(-1), at(10)), span(&first, at(-400), at(300))];
        assert_eq!(super::super::papers(&own, &heads, at(0)), &last);
        assert_eq!(super::super::papers(&own, &heads, at(11)), &first);
        assert_eq!(super::super::papers(&own, &heads, at(301)), &own.membership);
    }
}
