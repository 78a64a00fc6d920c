//! Who is inside, from every door's visits: pure, the same at every door that has the same visits.
//!
//! Law: [`Presence`] is a join of visits. Taking the same visits in any order, any of them twice, gives the
//! same answer: per tag the latest crossing counts (by its time, then its name), and each visit is counted
//! once.

use std::collections::{BTreeMap, BTreeSet};

use sync::{
    id::{PublicKey, Tag, VisitId},
    record::{StoredVisit, VisitKind},
    time::{Day, UnixMillis},
};

/// What one door has counted on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// People who came in.
    pub entries: u64,
    /// People who went out.
    pub exits: u64,
    /// People turned away.
    pub refusals: u64,
    /// The latest of them.
    pub last: Option<UnixMillis>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Crossing {
    at: UnixMillis,
    id: VisitId,
    day: Day,
    inside: bool,
}

impl Crossing {
    /// Came in and was not seen to leave: today, or on an earlier day no longer ago than the default stay.
    fn is_inside(&self, today: Day, since: UnixMillis) -> bool {
        self.inside && (self.day >= today || self.at >= since)
    }
}

/// The crossings that count now: of today and of the day before, whose night may not have ended.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    last: BTreeMap<Tag, Crossing>,
    tallies: BTreeMap<(Day, PublicKey), Tally>,
    taken: BTreeMap<VisitId, Day>,
}

impl Presence {
    /// Takes a visit, once.
    pub fn take(&mut self, stored: &StoredVisit) {
        if self.taken.insert(stored.id, stored.day).is_some() {
            return;
        }
        let visit = &stored.visit;
        let tally = self.tallies.entry((stored.day, stored.id.chain.author)).or_default();
        tally.last = tally.last.max(Some(visit.at));
        let inside = match visit.kind {
            VisitKind::Entry => {
                tally.entries += 1;
                true
            }
            VisitKind::Exit => {
                tally.exits += 1;
                false
            }
            VisitKind::Refusal => {
                tally.refusals += 1;
                return;
            }
            VisitKind::Correction => return,
        };
        let crossing = Crossing { at: visit.at, id: stored.id, day: stored.day, inside };
        let last = self.last.entry(visit.tag).or_insert(crossing);
        *last = crossing.max(*last);
    }

    /// Whether somebody with one of these tags is inside; the tag under which the person came in. Yesterday's
    /// forgotten exits do not count: whoever comes again in the morning comes in.
    pub fn inside_as(
        &self,
        tags: &[Tag],
        today: Day,
        now: UnixMillis,
        default_stay_millis: i64,
    ) -> Option<Tag> {
        let since = now.plus_millis(-default_stay_millis);
        let inside = |tag: &Tag| self.last.get(tag).is_some_and(|c| c.is_inside(today, since));
        tags.iter().copied().find(inside)
    }

    /// How many are inside: who came in today and has not left, and who came in on an earlier day no
    /// longer ago than the default stay.
    pub fn inside(&self, today: Day, now: UnixMillis, default_stay_millis: i64) -> u32 {
        let since = now.plus_millis(-default_stay_millis);
        let inside = self.last.values().filter(|c| c.is_inside(today, since)).count();
        u32::try_from(inside).unwrap_or(u32::MAX)
    }

    /// What a door has counted on a day.
    pub fn tally(&self, day: Day, door: &PublicKey) -> Tally {
        self.tallies.get(&(day, *door)).copied().unwrap_or_default()
    }

    /// The doors that counted anything.
    pub fn doors(&self) -> BTreeSet<PublicKey> {
        self.tallies.keys().map(|(_, door)| *door).collect()
    }

    /// Forgets the days before `first`; what the unknown day holds stays.
    pub fn forget_before(&mut self, first: Day) {
        self.tallies.retain(|(day, _), _| *day >= first || *day == Day::UNKNOWN);
        self.last.retain(|_, c| c.day >= first || c.day == Day::UNKNOWN);
        self.taken.retain(|_, day| *day >= first || *day == Day::UNKNOWN);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sync::{
        id::{ChainId, EntranceId, Epoch, VisitNumber},
        record::{ClockTrust, Decider, Status, Visit},
    };

    use super::*;

    const TODAY: Day = Day::new(20_000);
    const STAY: i64 = 7_200_000;

    fn crossing(door: u8, number: u64, at: i64, tag: u8, kind: VisitKind) -> StoredVisit {
        let chain = ChainId { author: PublicKey::new([door; 32]), epoch: Epoch::new([1; 8]) };
        StoredVisit {
            id: VisitId { chain, number: VisitNumber::new(number) },
            day: TODAY,
            visit: Visit {
                at: UnixMillis::new(at),
                clock: ClockTrust::Trusted,
                entrance: EntranceId::new(u16::from(door)),
                kind,
                status: Status::Green,
                reason: None,
                decider: Decider::Verdict,
                tag: Tag::new([tag; 16]),
                sealed: None,
            },
        }
    }

    fn inside(p: &Presence) -> u32 {
        p.inside(TODAY, UnixMillis::new(1_000), STAY)
    }

    #[test]
    fn in_by_one_door_and_out_by_another() {
        let mut p = Presence::default();
        p.take(&crossing(1, 1, 10, 7, VisitKind::Entry));
        p.take(&crossing(1, 2, 11, 8, VisitKind::Entry));
        assert_eq!(inside(&p), 2);
        p.take(&crossing(2, 1, 20, 7, VisitKind::Exit));
        p.take(&crossing(2, 2, 21, 9, VisitKind::Refusal));
        assert_eq!(inside(&p), 1);
        let as_of = |tags: &[Tag]| p.inside_as(tags, TODAY, UnixMillis::new(1_000), STAY);
        assert_eq!(as_of(&[Tag::new([7; 16])]), None);
        assert_eq!(as_of(&[Tag::new([7; 16]), Tag::new([8; 16])]), Some(Tag::new([8; 16])));
        assert_eq!(p.tally(TODAY, &PublicKey::new([2; 32])).refusals, 1);
    }

    #[test]
    fn yesterdays_guests_stay_only_for_the_default_stay() {
        let mut p = Presence::default();
        p.take(&crossing(1, 1, 10, 7, VisitKind::Entry));
        let tomorrow = TODAY.next();
        assert_eq!(p.inside(tomorrow, UnixMillis::new(10 + STAY), STAY), 1);
        assert_eq!(p.inside(tomorrow, UnixMillis::new(11 + STAY), STAY), 0);
        let tag = Tag::new([7; 16]);
        let as_of = |at| p.inside_as(&[tag], tomorrow, UnixMillis::new(at), STAY);
        assert_eq!(as_of(10 + STAY), Some(tag));
        assert_eq!(as_of(11 + STAY), None, "a forgotten exit opens no door the next morning");
        p.forget_before(tomorrow);
        assert_eq!(p.doors().len(), 0);
    }

    proptest! {
        #[test]
        fn any_order_and_any_repetition_give_the_same(
            visits in proptest::collection::vec((1u8..4, 1u64..20, 0i64..50, 0u8..6, 0u8..3), 0..40),
            order in proptest::collection::vec(any::<usize>(), 0..80),
        ) {
            let visits: Vec<_> = visits
                .into_iter()
                .map(|(door, n, at, tag, kind)| {
                    // A visit's name fixes the visit: derive the rest from it.
                    let kind = [VisitKind::Entry, VisitKind::Exit, VisitKind::Refusal][usize::from(kind)];
                    crossing(door, n * 1_000_000 + at as u64 * 1_000 + u64::from(tag) * 10 + kind as u64, at, tag, kind)
                })
                .collect();
            let mut straight = Presence::default();
            visits.iter().for_each(|v| straight.take(v));
            let mut mixed = Presence::default();
            if !visits.is_empty() {
                order.iter().for_each(|i| mixed.take(&visits[i % visits.len()]));
            }
            visits.iter().rev().for_each(|v| mixed.take(v));
            prop_assert_eq!(inside(&straight), inside(&mixed));
            prop_assert_eq!(straight.last, mixed.last);
            prop_assert_eq!(straight.tallies, mixed.tallies);
        }
    }
}
