//! Who takes part, and how: test mode, silence, exclusion, leaders; facts and the time are arguments. Pure, but for
//! [`counted`], which counts them, and what the register adds.

pub mod counted;
mod registered;

use sync::{
    id::VenueId,
    time::{DAY_MILLIS, UnixMillis},
};

use crate::{
    outage::Outage,
    policy::{LeaderTable, VenueGroup, VenuePlace},
};

/// Over how many days check-ins make a leader.
pub const LEADER_DAYS: i64 = 14;
/// How long a venue stays out after its first violation, days.
const FIRST_OUT_DAYS: i64 = 14;
/// How long after a repeated one, months.
const REPEAT_OUT_MONTHS: i8 = 2;

/// What is known of a venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueFacts {
    /// The venue.
    pub venue: VenueId,
    /// Its name.
    pub name: String,
    /// Since when it takes part: when it had its codes; unknown where the register does not say.
    pub since: Option<UnixMillis>,
    /// The group of its trade, where the register says.
    pub group: Option<VenueGroup>,
    /// Where it stands, where the register says.
    pub place: Option<VenuePlace>,
    /// Whether it takes part without having to: no privileges then.
    pub voluntary: bool,
    /// Violations that were found and confirmed, in any order.
    pub violations: Vec<UnixMillis>,
    /// Times in which the venue could not send or be answered, in any order.
    pub outages: Vec<Outage>,
    /// Its last check-in.
    pub last_check_in: Option<UnixMillis>,
    /// Its check-ins in the last fourteen days.
    pub check_ins: u64,
    /// How many were refused in the same time.
    pub refusals: u64,
    /// How many tracing questions looked into it.
    pub questions: u64,
}

impl VenueFacts {
    /// Of a venue of which nothing else is known.
    pub const fn nothing(venue: VenueId, name: String) -> Self {
        Self {
            venue,
            name,
            since: None,
            group: None,
            place: None,
            voluntary: false,
            violations: Vec::new(),
            outages: Vec::new(),
            last_check_in: None,
            check_ins: 0,
            refusals: 0,
            questions: 0,
        }
    }
}

/// The rules of the region, from its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measures {
    /// How long test mode lasts, days.
    pub test_days: u32,
    /// After how many days without a check-in a venue may be shut out.
    pub silent_days: u32,
    /// From how many check-ins a venue is a leader.
    pub leaders: LeaderTable,
}

/// How a venue takes part now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// New: inspections only warn until then.
    Test(UnixMillis),
    /// As all others.
    Active,
    /// No check-ins for longer than the region allows, outages not counted: since when it may be shut out.
    Silent(UnixMillis),
    /// Shut out after a violation; from when it may come back.
    Out(UnixMillis),
}

impl Phase {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Test(_) => "test",
            Self::Active => "active",
            Self::Silent(_) => "silent",
            Self::Out(_) => "excluded",
        }
    }

    /// Until or since when it holds.
    pub const fn at(self) -> Option<UnixMillis> {
        match self {
            Self::Test(at) | Self::Silent(at) | Self::Out(at) => Some(at),
            Self::Active => None,
        }
    }
}

/// What the facts come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How it takes part.
    pub phase: Phase,
    /// Whether it is a leader; unknown where the register does not say what trade it is or where it stands.
    pub leader: Option<bool>,
    /// Violations that count: those in test mode are warnings.
    pub violations: usize,
}

/// How a venue stands at `now`.
pub fn standing(facts: &VenueFacts, measures: &Measures, now: UnixMillis) -> Standing {
    let days = |n: u32| i64::from(n) * DAY_MILLIS;
    let test_ends = facts.since.map(|since| since.plus_millis(days(measures.test_days)));
    let mut counted: Vec<UnixMillis> = facts.violations.clone();
    counted.retain(|at| *at <= now && test_ends.is_none_or(|ends| *at >= ends));
    counted.sort_unstable();
    let out = counted.last().and_then(|last| match counted.len() {
        1 => Some(last.plus_millis(FIRST_OUT_DAYS * DAY_MILLIS)),
        _ => months_after(*last, REPEAT_OUT_MONTHS),
    });
    let began = facts.last_check_in.max(facts.since);
    let silent = began.and_then(|began| {
        let may = runs_out(began, days(measures.silent_days), &facts.outages);
        (may < now).then_some(may)
    });
    let phase = match (out.filter(|until| now < *until), test_ends.filter(|ends| now < *ends)) {
        (Some(until), _) => Phase::Out(until),
        (None, Some(ends)) => Phase::Test(ends),
        (None, None) => silent.map_or(Phase::Active, Phase::Silent),
    };
    let leader = match (facts.voluntary, facts.group, facts.place) {
        (true, _, _) => Some(false),
        (false, Some(group), Some(place)) => {
            Some(facts.check_ins > u64::from(measures.leaders.of(group, place)))
        }
        _ => None,
    };
    Standing { phase, leader, violations: counted.len() }
}

/// When a clock of so many milliseconds that began at `from` has run out, if it stands still during outages.
fn runs_out(from: UnixMillis, millis: i64, outages: &[Outage]) -> UnixMillis {
    let mut outages: Vec<Outage> = outages.to_vec();
    outages.sort_unstable();
    let (mut at, mut left) = (from, millis);
    for outage in outages.iter().filter(|outage| outage.until > from) {
        let run = outage.from.get().saturating_sub(at.get()).max(0);
        if run >= left {
            break;
        }
        left -= run;
        at = at.max(outage.until);
    }
    at.plus_millis(left)
}

fn months_after(at: UnixMillis, months: i8) -> Option<UnixMillis> {
    let zoned = jiff::Timestamp::from_millisecond(at.get()).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
    let later = zoned.checked_add(jiff::Span::new().months(months)).ok()?;
    Some(UnixMillis::new(later.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = DAY_MILLIS;

    fn at(days: i64) -> UnixMillis {
        UnixMillis::new(1_790_000_000_000 + days * DAY)
    }

    fn facts() -> VenueFacts {
        VenueFacts {
            venue: VenueId::new(1),
            name: "A".into(),
            since: Some(at(0)),
            group: Some(VenueGroup::First),
            place: Some(VenuePlace::Region),
            voluntary: false,
            violations: vec![],
            outages: vec![],
            last_check_in: Some(at(1)),
            check_ins: 1000,
            refusals: 0,
            questions: 0,
        }
    }

    fn phase(facts: &VenueFacts, day: i64) -> Phase {
        let measures = Measures { test_days: 7, silent_days: 3, leaders: LeaderTable::default() };
        standing(facts, &measures, at(day)).phase
    }

    #[test]
    fn test_mode_then_silence_and_outages_stop_its_clock() {
        let mut venue = facts();
        assert_eq!(phase(&venue, 6), Phase::Test(at(7)), "silent, but new");
        assert_eq!(phase(&venue, 8), Phase::Silent(at(4)));
        venue.last_check_in = Some(at(9));
        assert_eq!(phase(&venue, 12), Phase::Active, "three days are not more than three");
        venue.outages =
            vec![Outage { from: at(10), until: at(15) }, Outage { from: at(11), until: at(13) }];
        assert_eq!(phase(&venue, 16), Phase::Active);
        assert_eq!(phase(&venue, 18), Phase::Silent(at(17)));
        venue.outages = vec![Outage { from: at(1), until: at(8) }];
        assert_eq!(phase(&venue, 13), Phase::Silent(at(12)), "an outage before says nothing");
    }

    #[test]
    fn a_violation_shuts_out_for_two_weeks_and_the_next_for_two_months() {
        let mut venue = VenueFacts { last_check_in: Some(at(400)), ..facts() };
        venue.violations = vec![at(3)];
        assert_eq!(phase(&venue, 8), Phase::Active, "in test mode it was a warning");
        venue.violations.push(at(20));
        assert_eq!(phase(&venue, 33), Phase::Out(at(34)));
        assert_eq!(phase(&venue, 34), Phase::Active);
        venue.violations.insert(0, at(50));
        let Phase::Out(until) = phase(&venue, 60) else { panic!("out") };
        let days = (until.get() - at(50).get()) / DAY;
        assert!((59..=62).contains(&days), "two months of the calendar: {days}");
    }

    #[test]
    fn leaders_pass_their_threshold_and_voluntary_venues_lead_nobody() {
        let leads = |change: fn(&mut VenueFacts)| {
            let mut venue = facts();
            change(&mut venue);
            let measures =
                Measures { test_days: 7, silent_days: 3, leaders: LeaderTable::default() };
            standing(&venue, &measures, at(2)).leader
        };
        assert_eq!(leads(|_| {}), Some(false), "exactly the threshold");
        assert_eq!(leads(|v| v.check_ins = 1001), Some(true));
        assert_eq!(leads(|v| (v.check_ins, v.place) = (1001, Some(VenuePlace::City))), Some(false));
        assert_eq!(leads(|v| (v.check_ins, v.voluntary) = (9999, true)), Some(false));
        assert_eq!(leads(|v| v.group = None), None);
    }

    proptest! {
        #[test]
        fn outages_only_ever_lengthen(
            spans in prop::collection::vec((0_i64..1000, 1_i64..200), 0..12),
            millis in 1_i64..1000,
        ) {
            let outages: Vec<Outage> = spans
                .iter()
                .map(|(from, len)| Outage {
                    from: UnixMillis::new(*from),
                    until: UnixMillis::new(from + len),
                })
                .collect();
            let over = runs_out(UnixMillis::new(0), millis, &outages).get();
            prop_assert!(over >= millis);
            // By counting: a millisecond runs if no outage covers it.
            let runs = (0..over).filter(|t| !outages.iter().any(|o| (o.from.get()..o.until.get()).contains(t)));
            prop_assert_eq!(i64::try_from(runs.count()).unwrap(), millis);
        }
    }
}
