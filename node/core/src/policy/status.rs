//! From a credential and the policy to a status at a time: how long each colour lasts and what follows it.

use sync::{
    record::Status,
    time::{DAY_MILLIS, UnixMillis},
};

use super::{DayCount, Policy, Recovered, RedClears, Vaccinated, rules};
use crate::token::{
    Credential, Fact, Statement,
    fact::{Recovery, Test, TestKind, TestResult, Vaccination},
};

const HOUR_MILLIS: i64 = 3_600_000;
const BEGINNING: UnixMillis = UnixMillis::new(i64::MIN);
const END: UnixMillis = UnixMillis::new(i64::MAX);

/// A status and how it goes on: "green until 12 Nov 14:00, then blue".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusNow {
    /// The status.
    pub status: Status,
    /// Until when it holds; `None` for grey, which holds until something changes, and for what never ends by itself.
    pub until: Option<UnixMillis>,
    /// The status after that; `None` where the credential ends first.
    pub then: Option<Status>,
}

/// A colour for a time: from its first millisecond to before its last.
#[derive(Clone, Copy, Debug)]
struct Span {
    status: Status,
    from: UnixMillis,
    until: UnixMillis,
}

/// Which status does this credential give its holder at `now`?
///
/// Colours hold until the credential expires. Facts give colours for as long as the policy says; of several at a time
/// red comes before yellow, and yellow before green; where none holds it is blue: nothing is known against. From expiry
/// on the status is grey, and where a rule of the region comes to nothing.
pub fn status_at(credential: &Credential, policy: &Policy, now: UnixMillis) -> StatusNow {
    let grey = StatusNow { status: Status::Grey, until: None, then: None };
    let expires = credential.expires().unwrap_or(END);
    if now >= expires {
        return grey;
    }
    let Some(spans) = spans(credential, policy, now) else { return grey };
    course(&spans, now, expires)
}

/// Which status follows from what the authority itself knows of a person, as [`status_at`] has it: nothing is blue, for
/// nothing is known against.
pub fn status_of(facts: &[Fact], policy: &Policy, now: UnixMillis) -> StatusNow {
    let span = |fact| against(fact, facts, policy).or_else(|| in_favour(fact, policy));
    let spans: Vec<Span> = facts.iter().filter_map(span).collect();
    course(&spans, now, END)
}

/// The status now, and what follows it before `expires`.
fn course(spans: &[Span], now: UnixMillis, expires: UnixMillis) -> StatusNow {
    let status = colour(spans, now);
    let mut ends: Vec<UnixMillis> = spans.iter().flat_map(|span| [span.from, span.until]).collect();
    ends.sort_unstable();
    let changes = |at: &UnixMillis| *at > now && *at < expires && colour(spans, *at) != status;
    match ends.into_iter().find(changes) {
        Some(at) => StatusNow { status, until: Some(at), then: Some(colour(spans, at)) },
        None => StatusNow { status, until: Some(expires).filter(|at| *at != END), then: None },
    }
}

fn colour(spans: &[Span], at: UnixMillis) -> Status {
    let holding = spans.iter().filter(|span| span.from <= at && at < span.until);
    holding.map(|span| span.status).max_by_key(|status| weight(*status)).unwrap_or(Status::Blue)
}

const fn weight(status: Status) -> u8 {
    match status {
        Status::Grey => 0,
        Status::Blue => 1,
        Status::Green => 2,
        Status::Yellow => 3,
        Status::Red => 4,
    }
}

/// `None` where nothing can be said: something is not understood or unclear, or a rule came to nothing; and nothing
/// speaks against the holder.
fn spans(credential: &Credential, policy: &Policy, now: UnixMillis) -> Option<Vec<Span>> {
    let facts = match credential.statement() {
        Statement::Colour(status) => {
            return Some(vec![Span { status: *status, from: BEGINNING, until: END }]);
        }
        Statement::Facts(facts) => facts,
    };
    let mut spans: Vec<Span> = Vec::new();
    let mut silent = facts.is_empty();
    for fact in facts {
        silent |=
            matches!(fact, Fact::Unread | Fact::Test(Test { result: TestResult::Unclear, .. }));
        match against(fact, facts, policy) {
            Some(span) => spans.push(span),
            None => match rules::ruling(fact, credential, policy, now) {
                Some(Ok(ruling)) => spans.extend(by_rule(&ruling)),
                Some(Err(_)) => silent = true,
                None => spans.extend(in_favour(fact, policy)),
            },
        }
    }
    let accused = matches!(colour(&spans, now), Status::Red | Status::Yellow);
    (!silent || accused).then_some(spans)
}

/// Red or yellow.
fn against(fact: &Fact, all: &[Fact], policy: &Policy) -> Option<Span> {
    match fact {
        Fact::Test(Test { result: TestResult::Positive, sampled_at, .. }) => {
            let isolated = days_after(*sampled_at, policy.red_days);
            let by_time = match policy.red_clears_by {
                RedClears::Time => isolated,
                RedClears::NegativeTest => END,
            };
            let until = cleared(*sampled_at, all, policy).unwrap_or(END).min(by_time);
            Some(Span { status: Status::Red, from: BEGINNING, until })
        }
        Fact::Contact { at } => {
            Some(Span { status: Status::Yellow, from: BEGINNING, until: yellow_until(*at, policy) })
        }
        _ => None,
    }
}

/// The first negative sample that ends the red of a positive one: taken late enough for the policy.
fn cleared(positive: UnixMillis, all: &[Fact], policy: &Policy) -> Option<UnixMillis> {
    let counts_from = days_after(positive, policy.red_test_after_days);
    let negative = |fact: &Fact| match fact {
        Fact::Test(Test { result: TestResult::Negative, sampled_at, .. }) => Some(*sampled_at),
        _ => None,
    };
    all.iter().filter_map(negative).filter(|at| *at >= counts_from && *at > positive).min()
}

fn yellow_until(contact: UnixMillis, policy: &Policy) -> UnixMillis {
    let days = i32::try_from(policy.yellow_days).unwrap_or(i32::MAX);
    let by_hours = days_after(contact, policy.yellow_days);
    match policy.yellow_days_count {
        DayCount::Hours => by_hours,
        DayCount::Calendar => {
            let zone = policy.time_zone.zone();
            zone.start_of(zone.day(contact).plus(days)).unwrap_or(by_hours)
        }
    }
}

/// A day may begin so much earlier elsewhere: dates without a time count from then on, and nothing counts before it was.
fn since(at: UnixMillis) -> UnixMillis {
    at.plus_millis(-14 * HOUR_MILLIS)
}

/// Green by the policy's durations, where there is any.
fn in_favour(fact: &Fact, policy: &Policy) -> Option<Span> {
    let green = |from, until| Some(Span { status: Status::Green, from, until });
    match fact {
        Fact::Test(Test { result: TestResult::Negative, sampled_at, kind, .. }) => {
            let hours = match kind {
                TestKind::Antigen => policy.antigen_green_hours.unwrap_or(policy.green_hours),
                _ => policy.green_hours,
            };
            green(since(*sampled_at), sampled_at.plus_millis(i64::from(hours) * HOUR_MILLIS))
        }
        Fact::Vaccination(dose) if policy.vaccinated == Vaccinated::Green => {
            vaccinated(dose, policy).and_then(|(from, until)| green(from, until))
        }
        Fact::Pass if policy.vaccinated == Vaccinated::Green => green(BEGINNING, END),
        Fact::Recovery(recovery) if policy.recovered == Recovered::Green => {
            let (from, until) = recovered(recovery, policy);
            green(from, until)
        }
        _ => None,
    }
}

fn vaccinated(dose: &Vaccination, policy: &Policy) -> Option<(UnixMillis, UnixMillis)> {
    let from = match policy.vaccinated_after_days {
        0 => since(dose.at),
        days => days_after(dose.at, days),
    };
    let until = policy.vaccinated_for_days.map_or(END, |days| days_after(dose.at, days));
    dose.is_complete().then_some((from, until))
}

fn recovered(recovery: &Recovery, policy: &Policy) -> (UnixMillis, UnixMillis) {
    let from = recovery.valid_from.unwrap_or(match policy.recovered_after_days {
        0 => since(recovery.first_positive),
        days => days_after(recovery.first_positive, days),
    });
    let by_policy =
        policy.recovered_for_days.map_or(END, |days| days_after(recovery.first_positive, days));
    (from, recovery.valid_until.map_or(by_policy, |until| until.min(by_policy)))
}

/// Green while the rules hold. What comes after the next change is not looked for.
fn by_rule(ruling: &rules::Ruling) -> Option<Span> {
    let green = |from, until| Some(Span { status: Status::Green, from, until });
    match (ruling.holds, ruling.changes) {
        (true, changes) => green(BEGINNING, changes.unwrap_or(END)),
        (false, Some(changes)) => green(changes, END),
        (false, None) => None,
    }
}

fn days_after(at: UnixMillis, days: u32) -> UnixMillis {
    at.plus_millis(i64::from(days) * DAY_MILLIS)
}
