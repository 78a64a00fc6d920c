//! From a credential and the policy to a status at a time: how long each colour lasts and what follows it.

use sync::{
    record::Status,
    time::{DAY_MILLIS, UnixMillis},
};

use super::{Policy, RedClears, Vaccinated};
use crate::token::{
    Credential, Fact, Statement,
    fact::{Test, TestResult},
};

const HOUR_MILLIS: i64 = 3_600_000;

/// A status and how it goes on: "green until 12 Nov 14:00, then blue".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusNow {
    /// The status.
    pub status: Status,
    /// Until when it holds; `None` for grey, which holds until something changes.
    pub until: Option<UnixMillis>,
    /// The status after that; `None` where the credential ends first.
    pub then: Option<Status>,
}

/// The first status of a credential, and what follows it after how many milliseconds from the event.
struct Course {
    first: Status,
    then: Option<(UnixMillis, Status)>,
}

/// Which status does this credential give its holder at `now`?
///
/// Colours hold until the credential expires. Facts give a colour for as long as the policy says, counted in
/// hours of real time from the event, and then blue. From expiry on the status is grey. As time goes on the
/// status only moves forward along this course.
pub fn status_at(credential: &Credential, policy: &Policy, now: UnixMillis) -> StatusNow {
    let expires = credential.expires().unwrap_or(UnixMillis::new(i64::MAX));
    if now >= expires {
        return StatusNow { status: Status::Grey, until: None, then: None };
    }
    let course = course(credential.statement(), policy);
    match course.then {
        Some((end, next)) if end <= now => {
            StatusNow { status: next, until: Some(expires), then: None }
        }
        Some((end, next)) if end < expires => {
            StatusNow { status: course.first, until: Some(end), then: Some(next) }
        }
        _ => StatusNow { status: course.first, until: Some(expires), then: None },
    }
}

fn course(statement: &Statement, policy: &Policy) -> Course {
    let for_good = |first| Course { first, then: None };
    match statement {
        Statement::Colour(colour) => for_good(*colour),
        Statement::Facts(facts) => {
            facts.last().map_or(for_good(Status::Grey), |fact| course_of(fact, policy))
        }
    }
}

fn course_of(fact: &Fact, policy: &Policy) -> Course {
    let for_a_time = |first, at: UnixMillis, millis| Course {
        first,
        then: Some((at.plus_millis(millis), Status::Blue)),
    };
    let for_good = |first| Course { first, then: None };
    match fact {
        Fact::Test(Test { result: TestResult::Negative, sampled_at, .. }) => {
            for_a_time(Status::Green, *sampled_at, i64::from(policy.green_hours) * HOUR_MILLIS)
        }
        Fact::Test(Test { result: TestResult::Positive, sampled_at, .. }) => {
            match policy.red_clears_by {
                RedClears::Time => {
                    for_a_time(Status::Red, *sampled_at, i64::from(policy.red_days) * DAY_MILLIS)
                }
                RedClears::NegativeTest => for_good(Status::Red),
            }
        }
        Fact::Contact { at } => {
            for_a_time(Status::Yellow, *at, i64::from(policy.yellow_days) * DAY_MILLIS)
        }
        Fact::Vaccination(_) => match policy.vaccinated {
            Vaccinated::Green => for_good(Status::Green),
            Vaccinated::Blue => for_good(Status::Blue),
        },
        Fact::Recovery(_) | Fact::Pass | Fact::Test(_) => for_good(Status::Blue),
    }
}
