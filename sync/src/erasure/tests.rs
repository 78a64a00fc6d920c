//! Clocks that are honest, jump, lie for a while or stop at night, and what may be destroyed by them.

use super::*;
use proptest::prelude::*;

use ClockTrust::{Bounded, Trusted, Unknown};

const KEPT: u16 = 14;
const START: i32 = 20_000;

fn day(n: i32) -> Day {
    Day::new(START + n)
}

fn hours(n: u64) -> Duration {
    Duration::from_secs(n * 3600)
}

/// A node with a clock that can be set to lie; true time passes whatever it says.
struct Node {
    retention: Retention,
    /// Hours since the start of day 0, by the sun.
    sun: u64,
    up: u64,
}

impl Node {
    fn new() -> Self {
        Self { retention: Retention::default(), sun: 0, up: 0 }
    }

    /// A node that believes its clock since day 1, and runs.
    fn settled() -> Self {
        let mut node = Self::new();
        assert_eq!(node.run(0, 0), None);
        node.run(24, 0).unwrap();
        node.run(1, 0).unwrap();
        node
    }

    fn today(&self) -> i32 {
        i32::try_from(self.sun / 24).unwrap()
    }

    fn run(&mut self, hours: u64, off_by: i32) -> Option<i32> {
        self.look(hours, off_by, Trusted)
    }

    fn look(&mut self, after: u64, off_by: i32, trust: ClockTrust) -> Option<i32> {
        self.sun += after;
        self.up += after;
        let first = self.retention.look(day(self.today() + off_by), trust, hours(self.up), KEPT);
        first.map(|first| first.get() - START)
    }

    /// Switched off and on again: what is stored comes back, the uptime begins anew.
    fn off(&mut self, hours: u64) {
        self.sun += hours;
        self.up = 0;
        self.retention = minicbor::decode(&minicbor::to_vec(&self.retention).unwrap()).unwrap();
    }
}

#[test]
fn an_honest_clock_is_believed_after_a_day_and_followed_from_then_on() {
    let mut node = Node::new();
    for hour in 0..24 {
        assert_eq!(node.run(u64::from(hour > 0), 0), None);
    }
    for _ in 0..24 * 40 {
        let first = node.run(1, 0).expect("believed");
        // The first answer is still of the day that was doubted.
        assert!(first == node.today() - 14 || (node.today() == 1 && first == -14), "{first}");
    }
    assert!(!node.retention.doubts());
    node.off(48);
    assert_eq!(node.run(0, 0), Some(node.today() - 14), "a weekend without power is no jump");
}

#[test]
fn a_jump_waits_for_a_day_of_uptime_and_a_jump_back_forgets_it() {
    for jump in [2, 4, 13, 30, 4000] {
        let mut node = Node::settled();
        for _ in 0..23 {
            assert_eq!(node.run(1, jump), None, "{jump}");
        }
        assert!(node.retention.doubts());
        assert_eq!(node.run(0, 0), Some(node.today() - 14), "back at the truth");
        assert!(!node.retention.doubts());
        // It begins again from nothing.
        let from = node.today() + jump;
        for _ in 0..24 {
            assert_eq!(node.run(1, jump), None, "{jump}");
        }
        assert_eq!(node.run(1, jump), Some(from - 14), "it has said so for a day");
    }
}

#[test]
fn a_clock_that_creeps_gets_no_further_than_a_day() {
    for step in [1, 2, 3] {
        let mut node = Node::settled();
        let first = (0..20).filter_map(|n| node.look(0, n * step, Trusted)).max();
        assert!(first <= Some(node.today() + 1 - 14), "{step}: {first:?}");
    }
}

#[test]
fn a_clock_that_goes_back_destroys_nothing() {
    let mut node = Node::settled();
    for _ in 0..100 {
        assert_eq!(node.run(1, -30), None);
    }
    assert_eq!(node.run(1, 0), Some(node.today() - 14));
}

#[test]
fn only_a_dated_day_of_a_trusted_clock_counts() {
    let mut node = Node::settled();
    assert_eq!(node.look(1, 0, Bounded), None);
    assert_eq!(node.look(1, 0, Unknown), None);
    for odd in [Day::UNKNOWN, Day::STANDING] {
        assert_eq!(node.retention.look(odd, Trusted, hours(999), KEPT), None);
    }
    assert_eq!(node.retention.last(), Some(day(1)));
}

#[test]
fn a_node_that_was_off_for_long_needs_a_day_of_uptime_also_in_pieces() {
    let mut node = Node::settled();
    node.off(24 * 5);
    assert_eq!(node.run(0, 0), None);
    // Ten hours a day, off at night.
    let back = node.today();
    let (a, b) = (node.run(10, 0), {
        node.off(14);
        node.run(0, 0)
    });
    assert_eq!((a, b), (None, None));
    let (a, b) = (node.run(10, 0), {
        node.off(14);
        node.run(0, 0)
    });
    assert_eq!((a, b), (None, None));
    assert_eq!(node.run(3, 0), None);
    assert_eq!(node.run(1, 0), Some(back - 14), "24 hours since it said so first");
}

#[test]
fn a_venue_that_opens_once_a_week_gets_rid_of_its_days_too() {
    let mut node = Node::settled();
    let mut lags = Vec::new();
    for _ in 0..30 {
        node.off(24 * 7 - 8);
        for _ in 0..8 {
            node.run(1, 0);
        }
        lags.push(node.today() - (node.retention.last().unwrap().get() - START));
    }
    assert!(lags[6..].iter().all(|lag| *lag <= 28), "{lags:?}");
}

#[test]
fn the_extremes_do_not_panic() {
    for (last, now) in [(i32::MIN + 1, i32::MAX - 1), (i32::MAX - 1, i32::MIN + 1)] {
        let mut retention = Retention::default();
        for (day, up) in [(last, 0), (last, 1 << 40), (now, 1 << 41), (now, u64::MAX), (now, 0)] {
            retention.look(Day::new(day), Trusted, Duration::from_secs(up), u16::MAX);
        }
        let far = alarm([(Day::new(now), u64::MAX); 2], Day::new(last), Trusted, u16::MAX);
        assert!(far.is_none_or(|far| far.days_left == 0));
    }
}

#[test]
fn the_alarm_begins_on_day_ten_of_fourteen() {
    let alarm = |pending: &[(i32, u64)], trust, kept| {
        let of_days = pending.iter().map(|(age, records)| (day(-age), *records));
        super::alarm(of_days, day(0), trust, kept)
    };
    assert_eq!(alarm(&[(9, 5)], Trusted, KEPT), None);
    assert_eq!(alarm(&[(12, 0)], Trusted, KEPT), None, "all of it is acknowledged");
    let both = [(10, 5), (13, 2), (3, 100)];
    let expected = Some(Alarm { oldest: day(-13), days_left: 1, records: 7 });
    assert_eq!(alarm(&both, Trusted, KEPT), expected);
    assert_eq!(alarm(&both, Bounded, KEPT), expected, "a warning does no harm");
    assert_eq!(alarm(&both, Unknown, KEPT), None);
    assert_eq!(alarm(&[(40, 1)], Trusted, KEPT).unwrap().days_left, 0, "it should be gone");
    assert_eq!(alarm(&[(0, 1)], Trusted, 2), None, "never on the day itself");
    assert_eq!(alarm(&[(1, 1)], Trusted, 2).unwrap().days_left, 1);
    let undated = [(Day::UNKNOWN, 1), (Day::STANDING, 1)];
    assert_eq!(super::alarm(undated, day(0), Trusted, KEPT), None);
}

#[test]
fn others_cannot_bring_a_day_back_nor_send_one_from_the_future() {
    let floor = Some(day(-20));
    for (trust, from, to) in [(Trusted, -14, Some(2)), (Bounded, -14, None), (Unknown, -20, None)] {
        let takes = |n| accepts(day(n), floor, day(0), trust, KEPT);
        assert!(!takes(from - 1) && takes(from) && takes(0), "{trust:?}");
        assert_eq!(takes(400), to.is_none(), "{trust:?}");
        assert!(to.is_none_or(|to| takes(to) && !takes(to + 1)));
        assert!(accepts(Day::UNKNOWN, floor, day(0), trust, KEPT));
        assert!(accepts(Day::STANDING, floor, day(0), trust, KEPT));
        assert!(accepts(day(-21), None, Day::UNKNOWN, trust, KEPT), "neither clock nor floor");
        assert!(!accepts(day(-21), floor, Day::UNKNOWN, trust, KEPT));
    }
    assert!(!accepts(day(-5), Some(day(-4)), day(0), Trusted, KEPT), "the floor holds in any case");
}

/// What happens to a node's clock.
#[derive(Clone, Debug)]
enum Event {
    /// It runs and says the truth.
    Honest {
        after: u64,
    },
    /// It runs, says something far off for less than a day, and then the truth again.
    Lie {
        off_by: i32,
        looks: Vec<u64>,
    },
    /// Not trusted, and off by anything.
    Untrusted {
        after: u64,
        off_by: i32,
        trust: ClockTrust,
    },
    Off {
        hours: u64,
    },
}

fn event() -> impl Strategy<Value = Event> {
    let far = prop_oneof![5..40i32, 5..20_000i32, -20_000..-4i32];
    let trust = prop_oneof![Just(Bounded), Just(Unknown)];
    prop_oneof![
        4 => (0..40u64).prop_map(|after| Event::Honest { after }),
        2 => (far, proptest::collection::vec(0..6u64, 1..5))
            .prop_map(|(off_by, looks)| Event::Lie { off_by, looks }),
        1 => (0..200u64, -30_000..30_000i32, trust)
            .prop_map(|(after, off_by, trust)| Event::Untrusted { after, off_by, trust }),
        1 => (0..24 * 30u64).prop_map(|hours| Event::Off { hours }),
    ]
}

proptest! {
    /// The one that matters: with a clock that jumps, nothing inside the limit goes, whatever happened before.
    #[test]
    fn no_day_inside_the_limit_goes(events in proptest::collection::vec(event(), 0..80)) {
        let mut node = Node::new();
        let mut highest = i32::MIN;
        for event in events {
            let mut given = Vec::new();
            match event {
                Event::Honest { after } => given.push(node.run(after, 0)),
                Event::Lie { off_by, looks } => {
                    given.extend(looks.into_iter().map(|after| node.run(after, off_by)));
                    given.push(node.run(0, 0));
                }
                Event::Untrusted { after, off_by, trust } => {
                    prop_assert_eq!(node.look(after, off_by, trust), None);
                }
                Event::Off { hours } => node.off(hours),
            }
            for first in given.into_iter().flatten() {
                prop_assert!(first <= node.today() - 14, "{first} on {}", node.today());
                prop_assert!(first >= highest, "it only rises");
                highest = first;
            }
        }
    }

    /// Sequences in which no two looks agree, or none is trusted, destroy nothing at all.
    #[test]
    fn jumps_alone_destroy_nothing(
        jumps in proptest::collection::vec((4..4000i32, any::<bool>(), 0..3u8), 0..60),
        minutes in 0..20u64,
    ) {
        let mut retention = Retention::default();
        let (mut now, mut up) = (START, 0);
        for (by, forth, trust) in jumps {
            now += if forth { by } else { -by };
            up += minutes; // an hour for three looks: not a day in all
            let trust = [Trusted, Bounded, Unknown][usize::from(trust)];
            let first = retention.look(Day::new(now), trust, Duration::from_secs(up * 60), KEPT);
            prop_assert_eq!(first, None);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _ = minicbor::decode::<Retention>(&bytes);
    }
}
