//! The region's rules: which status follows from a credential, how long it lasts, and who may enter.

pub mod certlogic;
mod holder;
mod house;
mod leaders;
mod measures;
mod parse;
mod rules;
mod status;
mod switches;
mod typed;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sync::{
    record::{ClockTrust, Status},
    time::UnixMillis,
};

use crate::{
    clock::Moment,
    reason::Reason,
    token::{Credential, Refused, status::Purpose},
};

pub use house::{HOUSE_FIELD, HouseRules, PLACES_MAX};
pub use leaders::{LeaderTable, VenueGroup, VenuePlace};
pub use measures::{AreaZone, Hours, InForce, Measure, Measures, TimeOfDay, Working, falls_under};
pub use parse::PolicyError;
pub use rules::{RULES_MAX, RuleBook, RuleEntry};
pub use status::{StatusNow, status_at, status_of};
pub use switches::{
    CapacityRule, DayCount, ElderLookup, Excluded, ExitScan, Identity, Minors, PolicyZone,
    Recovered, RedClears, StaffRelease, TemperatureCheck, Unverified, Vaccinated, VisitorCheck,
    Ways,
};

/// The longest policy that is read, bytes.
pub const POLICY_BYTES_MAX: usize = 256 * 1024;

/// What a region has decided. Signed and passed on as JSON (`schema/policy.schema.json`).
///
/// Every field may be left out and then has the default named here. Durations are whole numbers in the unit that
/// the name says. A day counts 24 hours from the event, but where [`Policy::yellow_days_count`] says otherwise; calendar
/// days are those of [`Policy::time_zone`], the same for every node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Policy {
    /// The number by which a later policy replaces an earlier one: 0.
    pub version: u64,
    /// How long a negative test makes green; then blue: 72.
    pub green_hours: u32,
    /// The same for a rapid antigen test, where it differs: as `green_hours`.
    pub antigen_green_hours: Option<u32>,
    /// How long a contact stays yellow; then blue: 14.
    pub yellow_days: u32,
    /// How the days of yellow are counted: calendar, the day of the contact being the first.
    pub yellow_days_count: DayCount,
    /// Whose calendar counts: UTC.
    pub time_zone: PolicyZone,
    /// How long a positive test stays red, if time clears it; then blue: 14.
    pub red_days: u32,
    /// What ends red: time.
    pub red_clears_by: RedClears,
    /// How many days after the positive sample a negative one ends red and makes green; 0 is at once: 14.
    pub red_test_after_days: u32,
    /// What a vaccination makes: blue.
    pub vaccinated: Vaccinated,
    /// From how many days after the last dose it does so: 0.
    pub vaccinated_after_days: u32,
    /// For how many days from the last dose: as long as the credential holds.
    pub vaccinated_for_days: Option<u32>,
    /// What a recovery makes: blue.
    pub recovered: Recovered,
    /// From how many days after the positive test, where the credential does not say: 0.
    pub recovered_after_days: u32,
    /// For how many days from the positive test, where the credential does not say: as long as it holds.
    pub recovered_for_days: Option<u32>,
    /// How minors are judged: as adults.
    pub minors: Minors,
    /// Below which age one is a minor, years: 18.
    pub minor_below_years: u32,
    /// Whom staff see: a masked name.
    pub identity: Identity,
    /// Rules in CertLogic by which EU certificates are judged instead of the durations: none.
    pub rules: RuleBook,
    /// Lists of codes for those rules, such as accepted products: none.
    pub value_sets: BTreeMap<String, Vec<String>>,
    /// The country whose rules these are, for the rules: none.
    pub country: Option<String>,
    /// Which status may enter: green and blue.
    pub admit: AdmitTable,
    /// From which age the lists no longer confirm anything: 72.
    pub lists_max_age_hours: u32,
    /// Whether leaving is scanned: optional.
    pub exit_scan: ExitScan,
    /// Whom the person at the desk may let in against the verdict: any.
    pub staff_release: StaffRelease,
    /// Whether the person at the desk says what the visitor's temperature is: off.
    pub temperature: TemperatureCheck,
    /// Whether a signed capacity binds the doors: binding.
    pub capacity: CapacityRule,
    /// Who scans whom: both.
    pub ways: Ways,
    /// What proves that a typed number is at the door: either.
    pub visitor_check: VisitorCheck,
    /// What a person of whom only a number is known may do while the authority has not answered: staff.
    pub unverified: Unverified,
    /// By which documents an elder or a child is looked up: national.
    pub elder_lookup: ElderLookup,
    /// How many numbers a venue may look up in an hour, all its doors together: 120.
    pub look_ups_per_hour: u32,
    /// The shortest common stay that tracing reports: 900.
    pub trace_min_overlap_seconds: u32,
    /// How long a visit without an exit is taken to last: 120.
    pub default_stay_minutes: u32,
    /// After how many days a door destroys a day: 14.
    pub retention_days_door: u32,
    /// After how many days the authority destroys a day: 28.
    pub retention_days_authority: u32,
    /// How long a new venue's test mode lasts, in which inspections only warn, days: 7.
    pub test_days: u32,
    /// After how many days without a check-in a venue may be shut out: 3.
    pub silent_days: u32,
    /// How many check-ins in 14 days make a venue a leader.
    pub leaders: LeaderTable,
    /// What holds at a venue that is shut out: nobody is let in.
    pub excluded_venues: Excluded,
    /// What holds where, by zone, activity and leader: nothing is restricted.
    pub measures: Measures,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: 0,
            green_hours: 72,
            antigen_green_hours: None,
            yellow_days: 14,
            yellow_days_count: DayCount::Calendar,
            time_zone: PolicyZone::default(),
            red_days: 14,
            red_clears_by: RedClears::Time,
            red_test_after_days: 14,
            vaccinated: Vaccinated::Blue,
            vaccinated_after_days: 0,
            vaccinated_for_days: None,
            recovered: Recovered::Blue,
            recovered_after_days: 0,
            recovered_for_days: None,
            minors: Minors::AsAdults,
            minor_below_years: 18,
            identity: Identity::Masked,
            rules: RuleBook::default(),
            value_sets: BTreeMap::new(),
            country: None,
            admit: AdmitTable::default(),
            lists_max_age_hours: 72,
            exit_scan: ExitScan::Optional,
            staff_release: StaffRelease::Any,
            temperature: TemperatureCheck::Off,
            capacity: CapacityRule::Binding,
            ways: Ways::Both,
            visitor_check: VisitorCheck::Either,
            unverified: Unverified::Staff,
            elder_lookup: ElderLookup::National,
            look_ups_per_hour: 120,
            trace_min_overlap_seconds: 900,
            default_stay_minutes: 120,
            retention_days_door: 14,
            retention_days_authority: 28,
            test_days: 7,
            silent_days: 3,
            leaders: LeaderTable::default(),
            excluded_venues: Excluded::Refuse,
            measures: Measures::default(),
        }
    }
}

/// Whether a status may enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Admission {
    /// It may.
    Admit,
    /// It may not.
    Refuse,
}

/// Which status may enter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdmitTable {
    /// Tested negative lately: admit.
    pub green: Admission,
    /// Nothing known against: admit.
    pub blue: Admission,
    /// Contact of a case: refuse.
    pub yellow: Admission,
    /// Tested positive: refuse.
    pub red: Admission,
    /// Cannot be confirmed here and now: refuse.
    pub grey: Admission,
}

impl Default for AdmitTable {
    fn default() -> Self {
        let (green, blue) = (Admission::Admit, Admission::Admit);
        let (yellow, red, grey) = (Admission::Refuse, Admission::Refuse, Admission::Refuse);
        Self { green, blue, yellow, red, grey }
    }
}

impl AdmitTable {
    /// Whether this status may enter.
    pub fn of(&self, status: Status) -> Admission {
        match status {
            Status::Green => self.green,
            Status::Blue => self.blue,
            Status::Yellow => self.yellow,
            Status::Red => self.red,
            Status::Grey => self.grey,
        }
    }
}

/// How old what a door knows is: when the authority signed each bulletin it holds; `None` where none has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// The policy.
    pub policy: Option<UnixMillis>,
    /// The trust list.
    pub trust: Option<UnixMillis>,
    /// The revocations.
    pub revocations: Option<UnixMillis>,
}

impl Lists {
    /// All of the same age.
    pub const fn all_at(issued_at: UnixMillis) -> Self {
        let issued_at = Some(issued_at);
        Self { policy: issued_at, trust: issued_at, revocations: issued_at }
    }

    /// What keeps these lists from confirming anything now. The policy only has to be there: it holds until the
    /// next.
    pub fn hindrance(&self, policy: &Policy, now: UnixMillis) -> Option<Reason> {
        if self.policy.is_none() {
            return Some(Reason::NoPolicy);
        }
        let limit_millis = i64::from(policy.lists_max_age_hours).saturating_mul(3_600_000);
        let fresh =
            |list: Option<UnixMillis>| list.is_some_and(|at| now <= at.plus_millis(limit_millis));
        if fresh(self.trust) && fresh(self.revocations) { None } else { Some(Reason::StaleLists) }
    }
}

/// What the rules say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// May enter.
    Admit,
    /// May not enter.
    Refuse,
    /// The rules cannot say; a person may.
    CannotConfirm,
}

impl Outcome {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Admit => "admit",
            Self::Refuse => "refuse",
            Self::CannotConfirm => "cannot-confirm",
        }
    }
}

/// What the rules say of a code now, and why. Whoever decides may decide otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// May this person enter?
    pub outcome: Outcome,
    /// The status now; grey where it cannot be confirmed.
    pub status: Status,
    /// Why not, or why not for certain; `None` only with [`Outcome::Admit`].
    pub reason: Option<Reason>,
    /// Until when the status holds, where it ends by itself.
    pub until: Option<UnixMillis>,
    /// The status after that, if the credential outlasts it.
    pub then: Option<Status>,
}

impl Verdict {
    /// The verdict on a code that was not verified. What this version cannot read is not held against the visitor.
    pub fn of_refused(refused: &Refused) -> Self {
        match refused.reason {
            reason @ (Reason::UnsupportedFormat | Reason::Incomplete) => Self::unconfirmed(reason),
            reason => Self { outcome: Outcome::Refuse, ..Self::unconfirmed(reason) },
        }
    }

    const fn unconfirmed(reason: Reason) -> Self {
        Self {
            outcome: Outcome::CannotConfirm,
            status: Status::Grey,
            reason: Some(reason),
            until: None,
            then: None,
        }
    }
}

/// What do the rules say of this credential now? The same answer for the same arguments, on every node.
///
/// Before its status is asked, the credential must be meant, the clock believed and the lists present and fresh;
/// otherwise the status is grey, with the reason. A policy may admit grey; the reason then stays.
pub fn judge(credential: &Credential, policy: &Policy, lists: &Lists, now: Moment) -> Verdict {
    judge_by(credential, policy, &policy.admit, lists, now)
}

/// The same, where others may enter than everywhere.
pub fn judge_by(
    credential: &Credential,
    policy: &Policy,
    admit: &AdmitTable,
    lists: &Lists,
    now: Moment,
) -> Verdict {
    if let Some(reason) = hindrance(credential, policy, lists, now) {
        return grey(admit, reason);
    }
    let StatusNow { status, until, then } = status_at(credential, policy, now.wall);
    if status == Status::Grey {
        return grey(admit, Reason::StatusGrey);
    }
    if policy.is_minor(credential, now.wall) {
        match policy.minors {
            Minors::AsAdults => {}
            Minors::Exempt if matches!(status, Status::Red | Status::Yellow) => {}
            Minors::Exempt => {
                return Verdict { outcome: Outcome::Admit, status, reason: None, until, then };
            }
            Minors::WithAdult => {
                let reason = Some(Reason::Minor);
                return Verdict { outcome: Outcome::CannotConfirm, status, reason, until, then };
            }
        }
    }
    match admit.of(status) {
        Admission::Admit => Verdict { outcome: Outcome::Admit, status, reason: None, until, then },
        Admission::Refuse => {
            let reason = Some(refusal_of(status));
            Verdict { outcome: Outcome::Refuse, status, reason, until, then }
        }
    }
}

fn hindrance(
    credential: &Credential,
    policy: &Policy,
    lists: &Lists,
    now: Moment,
) -> Option<Reason> {
    if credential.purpose() == Purpose::Specimen {
        return Some(Reason::Specimen);
    }
    if now.trust == ClockTrust::Unknown {
        return Some(Reason::ClockUnknown);
    }
    lists.hindrance(policy, now.wall)
}

fn grey(admit: &AdmitTable, reason: Reason) -> Verdict {
    let unconfirmed = Verdict::unconfirmed(reason);
    // A specimen speaks of nobody: no policy admits it.
    match admit.grey {
        Admission::Admit if reason != Reason::Specimen => {
            Verdict { outcome: Outcome::Admit, ..unconfirmed }
        }
        _ => unconfirmed,
    }
}

const fn refusal_of(status: Status) -> Reason {
    match status {
        Status::Green => Reason::StatusGreen,
        Status::Blue => Reason::StatusBlue,
        Status::Yellow => Reason::StatusYellow,
        Status::Red => Reason::StatusRed,
        Status::Grey => Reason::StatusGrey,
    }
}

#[cfg(test)]
mod tests;
