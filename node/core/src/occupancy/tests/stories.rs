//! What people see, told one by one.

use sync::record::{Amend, Clicks, ClockTrust, Correction, Record, Reset, Visit, VisitKind};

use super::{
    super::*,
    venue::{NOON, STAY, TODAY, Venue, ZONE, capacity, key, tag, visit},
};

const SKEW: i64 = crate::clock::SKEW_MILLIS;

fn inside(venue: &mut Venue, door: usize) -> u32 {
    venue.with_now(door, |known, _, now| known.inside(ZONE, now.now, now.since))
}

fn two_doors(most: u32, shares: [u32; 2]) -> Venue {
    Venue::new(2, &capacity(1, most, shares.to_vec(), TODAY))
}

fn exchange(venue: &mut Venue) {
    venue.merge(0, 1);
    venue.merge(1, 0);
}

#[test]
fn an_exit_frees_the_place_at_the_door_of_the_entry_once() {
    let mut venue = two_doors(2, [1, 1]);
    assert!(venue.enter(0, 1) && !venue.enter(0, 2));
    venue.merge(0, 1);
    venue.now += 1;
    venue.exit(1, 1);
    assert!(!venue.enter(0, 2), "not heard of yet");
    venue.merge(1, 0);
    assert_eq!((venue.left(0), venue.left(1)), (1, 1));
    venue.exit(0, 1);
    venue.exit(0, 9);
    exchange(&mut venue);
    assert_eq!((venue.left(0), venue.left(1)), (1, 1), "no exit makes a second right");
    assert_eq!(inside(&mut venue, 1), 0);
}

#[test]
fn rights_given_are_gone_here_and_there_when_read() {
    let mut venue = two_doors(4, [4, 0]);
    venue.enter(1, 9);
    venue.restart(1, true, 0);
    venue.merge(1, 0);
    venue.give(0, 1, 3);
    assert_eq!((venue.left(0), venue.left(1)), (1, 0));
    exchange(&mut venue);
    assert_eq!((venue.left(0), venue.left(1)), (1, 3));
    venue.restart(1, true, 0);
    assert_eq!(venue.left(1), 3, "a start with its lease goes on with them");
    venue.restart(1, false, 0);
    assert_eq!(venue.left(1), 0, "one without has none");
    venue.now += 86_400_000;
    assert_eq!((venue.left(0), venue.left(1)), (4, 0), "the next day begins with the shares");
}

#[test]
fn who_stays_the_default_stay_has_left_when_all_doors_were_heard_past_it() {
    let mut venue = two_doors(2, [1, 1]);
    venue.enter(0, 1);
    venue.now += STAY;
    assert_eq!((inside(&mut venue, 0), venue.left(0)), (0, 1));
    venue.groups = vec![0, 1];
    assert_eq!((inside(&mut venue, 0), venue.left(0)), (0, 0), "the other door was not heard");
}

#[test]
fn a_place_that_the_stay_has_freed_is_not_taken_up_again_by_coming_back() {
    let mut venue = two_doors(1, [1, 0]);
    assert!(venue.enter(0, 1));
    venue.now += 1;
    assert!(venue.enter(0, 1), "who left unseen comes in again in the same place");
    venue.now += STAY;
    assert!(venue.enter(0, 2));
    assert!(!venue.enter(0, 1));
    venue.now += 1;
    venue.reset(0, 0);
    venue.now += 1;
    assert!(venue.enter(0, 3) && !venue.enter(0, 2));
}

#[test]
fn clicks_void_and_counts_by_hand() {
    let mut venue = two_doors(10, [5, 5]);
    venue.click(0, 3);
    venue.click(0, -1);
    venue.enter(1, 1);
    exchange(&mut venue);
    assert_eq!((inside(&mut venue, 0), venue.left(0), venue.left(1)), (3, 3, 4));
    venue.click(1, -1);
    exchange(&mut venue);
    assert_eq!((inside(&mut venue, 0), venue.left(0), venue.left(1)), (2, 3, 4), "who clicked in?");
    let entry = venue.doors[1].records.keys().find(|id| id.chain.author == key(1)).copied();
    let entry = entry.filter(|id| matches!(venue.doors[1].records[id], Record::Visit(_)));
    let (at, of) = (
        UnixMillis::new(venue.now),
        entry.unwrap_or_else(|| {
            *venue.doors[1].records.iter().find(|(_, r)| matches!(r, Record::Visit(_))).unwrap().0
        }),
    );
    venue.write(0, Record::Correction(Correction { at, of, amend: Amend::Void, why: None }));
    exchange(&mut venue);
    assert_eq!((inside(&mut venue, 1), venue.left(1)), (1, 5));
    venue.now += 1;
    venue.reset(1, 0);
    exchange(&mut venue);
    assert_eq!((inside(&mut venue, 0), venue.left(0), venue.left(1)), (0, 3, 5), "a slow clock's?");
    venue.now += 2 * SKEW;
    venue.reset(1, 0);
    exchange(&mut venue);
    assert_eq!((inside(&mut venue, 0), venue.left(0), venue.left(1)), (0, 5, 5));
    venue.now += 1;
    venue.reset(1, 2);
    exchange(&mut venue);
    assert_eq!(inside(&mut venue, 0), 2);
    venue.now += 1;
    venue.exit(0, 77); // one of those counted: nobody knows when that one came
    assert_eq!(inside(&mut venue, 0), 1);
}

#[test]
fn a_correction_may_come_before_what_it_corrects_and_a_new_date_moves_it() {
    let mut venue = two_doors(2, [1, 1]);
    venue.enter(0, 1);
    let of = *venue.doors[0].records.iter().find(|(_, r)| matches!(r, Record::Visit(_))).unwrap().0;
    let at = UnixMillis::new(venue.now);
    let day = TODAY.plus(-1);
    let amend = Amend::Redate { at: UnixMillis::new(NOON - 86_400_000), day };
    venue.write(1, Record::Correction(Correction { at, of, amend, why: None }));
    assert_eq!(inside(&mut venue, 0), 1);
    exchange(&mut venue);
    assert_eq!((inside(&mut venue, 0), inside(&mut venue, 1)), (0, 0));
    assert_eq!(venue.left(0), 1, "who came yesterday has left");
}

#[test]
fn one_code_at_two_doors_is_a_named_pair() {
    let mut venue = two_doors(10, [5, 5]);
    venue.enter(0, 1);
    venue.now += 60_000;
    venue.enter(1, 1);
    assert!(venue.doors[0].known.duplicates(UnixMillis::new(NOON - 1), Some(STAY)).is_empty());
    exchange(&mut venue);
    let pairs: Vec<_> = (0..2)
        .map(|n| venue.doors[n].known.duplicates(UnixMillis::new(NOON - 1), Some(STAY)))
        .collect();
    assert_eq!(pairs[0], pairs[1]);
    let (_, pair) = pairs[0][0];
    assert_eq!((pair.first.1.chain.author, pair.second.1.chain.author), (key(0), key(1)));
    assert_eq!(pair.second.0.get() - pair.first.0.get(), 60_000);
    venue.exit(0, 1);
    venue.now += 1;
    venue.enter(0, 1);
    assert_eq!(venue.doors[0].known.duplicates(UnixMillis::new(NOON - 1), Some(STAY)).len(), 1);
    let at = UnixMillis::new(venue.now);
    let void = Correction { at, of: pair.second.1, amend: Amend::Void, why: None };
    venue.write(1, Record::Correction(void));
    venue.merge(1, 0);
    assert!(venue.doors[0].known.duplicates(UnixMillis::new(NOON - 1), Some(STAY)).is_empty());
}

#[test]
fn an_unseen_door_makes_an_interval_with_its_reason() {
    let mut venue = two_doors(10, [6, 4]);
    venue.enter(0, 1);
    venue.enter(1, 2);
    exchange(&mut venue);
    let ask = |venue: &mut Venue, binding| {
        let (heard, word) = (UnixMillis::new(NOON), UnixMillis::new(NOON - 1));
        let links = [(key(1), Seen { heard, word })].into();
        venue.with_now(0, |known, start, now| {
            known.interval(ZONE, &start.door, now, &links, binding)
        })
    };
    let seen = ask(&mut venue, true);
    assert_eq!((seen.lo, seen.hi, seen.unseen.len()), (2, Some(2), 0));
    venue.now += 45_000;
    assert_eq!(ask(&mut venue, true).unseen.len(), 0);
    venue.now -= 2 * 45_000 + 1;
    assert_eq!(ask(&mut venue, true).unseen.len(), 1, "a clock that went back proves nothing");
    venue.now = NOON + 45_001;
    let unseen = ask(&mut venue, true);
    assert_eq!((unseen.lo, unseen.hi), (0, Some(5)), "three rights are left at the other door");
    let since = Some(UnixMillis::new(NOON));
    assert_eq!(unseen.unseen, [Unseen { door: key(1), since }]);
    assert_eq!(ask(&mut venue, false).hi, None);
}

#[test]
fn a_poor_sibling_is_given_rights_and_the_last_one_only_when_it_asks() {
    let mut venue = two_doors(10, [10, 0]);
    let gift = |venue: &mut Venue| {
        let left = venue.left(0);
        venue.with_now(0, |known, start, now| known.rebalance(ZONE, start, left, now, |_| true))
    };
    assert_eq!(gift(&mut venue), Some(Gift { to: key(1), rights: 5 }));
    venue.groups = vec![0, 1];
    assert_eq!(gift(&mut venue), None, "nobody is there");
    venue.groups = vec![0, 0];
    (1..=9).for_each(|person| assert!(venue.enter(0, person)));
    assert_eq!(gift(&mut venue), None);
    let reason = Some("no-rights".to_owned());
    let refusal = Visit { reason, ..visit(venue.now, 50, VisitKind::Refusal) };
    venue.write(1, Record::Visit(refusal));
    venue.merge(1, 0);
    assert_eq!(gift(&mut venue), Some(Gift { to: key(1), rights: 1 }));
}

#[test]
fn a_staff_pass_takes_no_place() {
    let mut venue = two_doors(1, [1, 0]);
    let pass = Visit { place: PlaceTaken::None, ..visit(venue.now, 1, VisitKind::Entry) };
    venue.write(0, Record::Visit(pass));
    assert_eq!((inside(&mut venue, 0), venue.left(0)), (0, 1));
    assert_eq!(venue.doors[0].known.inside_as(ZONE, &[tag(1)], UnixMillis::new(0)), None);
}

#[test]
fn a_count_by_hand_under_a_fast_clock_waits_and_frees_nobody_who_came_after_it() {
    let mut venue = two_doors(6, [3, 3]);
    venue.doors[0].fast = 9 * 60_000;
    assert!(venue.enter(1, 1) && venue.enter(1, 2));
    exchange(&mut venue);
    venue.now += 2 * SKEW + 1;
    venue.reset(0, 0);
    exchange(&mut venue);
    assert_eq!((inside(&mut venue, 0), inside(&mut venue, 1), venue.left(1)), (0, 2, 1));
    venue.now += 1;
    assert!(venue.enter(1, 3) && !venue.enter(1, 4), "the count has not come");
    venue.now += 9 * 60_000;
    assert_eq!((inside(&mut venue, 1), venue.left(1)), (0, 2), "who came since has a place");
    venue.now += 1;
    assert!(venue.enter(1, 4) && venue.enter(1, 5) && !venue.enter(1, 6));
}

#[test]
fn a_count_by_hand_from_the_end_of_time_is_never_gone_by_and_hides_no_other() {
    let mut venue = two_doors(4, [2, 2]);
    assert!(venue.enter(0, 1));
    for at in [NOON + 40_000_000, i64::MAX] {
        venue.write(1, Record::Reset(Reset { at: UnixMillis::new(at), zone: ZONE, inside: 0 }));
    }
    exchange(&mut venue);
    assert_eq!((inside(&mut venue, 0), venue.left(0)), (1, 1));
    venue.now += 1;
    venue.reset(0, 0);
    assert_eq!((inside(&mut venue, 0), venue.left(0)), (0, 2));
}

#[test]
fn an_entry_of_tomorrow_frees_no_place_of_today() {
    let mut venue = two_doors(2, [2, 0]);
    venue.doors[0].fast = 86_400_000;
    assert!(venue.enter(0, 1), "on tomorrow's rights");
    venue.doors[0].fast = 0;
    venue.now += 1;
    assert!(venue.enter(0, 1) && venue.enter(0, 2));
    venue.now += 1;
    assert!(!venue.enter(0, 3), "both places of today are taken");
    venue.exit(0, 2);
    assert!(venue.enter(0, 3));
}

#[test]
fn a_clock_that_was_ahead_does_not_make_a_used_day_unused() {
    let mut venue = two_doors(4, [2, 2]);
    assert!(venue.enter(0, 1));
    let unused = |venue: &Venue, days: i64| {
        let now = UnixMillis::new(venue.now + days * 86_400_000);
        venue.doors[0].known.is_unused(ZONE, &key(0), now)
    };
    assert_eq!([-1, 0, 1].map(|days| unused(&venue, days)), [false, false, true]);
}

#[test]
fn what_is_said_of_records_that_never_came_is_forgotten_and_what_is_misplaced_never_counts() {
    let mut venue = two_doors(4, [2, 2]);
    let id = venue.write(0, Record::Visit(visit(NOON, 9, VisitKind::Refusal)));
    for n in 0..50 {
        let day = Day::new(i32::MAX - 1 - n);
        let of = RecordId { chain: sync::id::ChainId { day, ..id.chain }, ..id };
        let at = UnixMillis::new(NOON);
        venue.write(0, Record::Correction(Correction { at, of, amend: Amend::Void, why: None }));
    }
    let known = &mut venue.doors[0].known;
    let standing = sync::id::ChainId { day: Day::STANDING, ..id.chain };
    for (n, record) in (0..).zip([
        Record::Visit(visit(NOON, 1, VisitKind::Entry)),
        Record::Clicks(Clicks {
            at: UnixMillis::new(NOON),
            clock: ClockTrust::Trusted,
            entrance: sync::id::EntranceId::new(1),
            zone: ZONE,
            people: 5,
        }),
    ]) {
        let id = RecordId { chain: standing, number: sync::id::RecordNumber::new(1000 + n) };
        known.take(&StoredRecord { id, record });
    }
    assert_eq!(known.amended.len(), 50);
    known.forget_before(TODAY);
    assert_eq!(known.amended.len(), 50);
    known.forget_before(TODAY.next());
    assert_eq!((known.amended.len(), known.held.len(), known.purses.len()), (0, 0, 0));
    assert_eq!(inside(&mut venue, 0), 0);
}

#[test]
fn who_comes_in_after_a_count_keeps_the_place_though_the_clock_is_put_back() {
    let mut venue = two_doors(2, [2, 0]);
    venue.doors[0].fast = 9 * 60_000;
    assert!(venue.enter(0, 1));
    venue.now += 1;
    venue.reset(0, 0);
    assert_eq!(venue.left(0), 2);
    venue.doors[0].fast = -9 * 60_000;
    venue.now += 1;
    assert!(venue.enter(0, 2) && !venue.enter(0, 3), "the count is ahead: the first counts too");
    venue.now += 18 * 60_000;
    assert_eq!(venue.left(0), 1);
}
