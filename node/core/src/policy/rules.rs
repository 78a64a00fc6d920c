//! A region's rules for EU certificates: CertLogic by the kind of fact, parsed at load, and what they say at a time.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sync::time::{DAY_MILLIS, UnixMillis};

use super::{
    Policy,
    certlogic::{EvaluationError, Rule},
};
use crate::token::{Credential, Fact};

/// The most rules for one kind of fact.
pub const RULES_MAX: usize = 64;
const ID_BYTES_MAX: usize = 64;
/// So many days ahead a change of what the rules say is looked for.
const DAYS_AHEAD: i64 = 400;

/// The rules by kind of fact. All of a kind must hold for the fact to make green; a kind without rules is judged by the
/// policy's durations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleBook {
    /// Of vaccinations.
    #[serde(deserialize_with = "bounded")]
    pub vaccination: Vec<RuleEntry>,
    /// Of tests that found nothing.
    #[serde(deserialize_with = "bounded")]
    pub test: Vec<RuleEntry>,
    /// Of recoveries.
    #[serde(deserialize_with = "bounded")]
    pub recovery: Vec<RuleEntry>,
}

/// A rule with its name. One that is not well-formed is not read, and neither is the policy that has it.
///
/// It sees the EU's form: `payload` is the certificate (`v`, `t`, `r`, `dob`), `external` has `validationClock`, `exp`,
/// `iat`, `issuerCountryCode`, `countryCode` and `valueSets`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawEntry", into = "RawEntry")]
pub struct RuleEntry {
    id: String,
    logic: Json,
    rule: Rule,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    id: String,
    logic: Json,
}

impl TryFrom<RawEntry> for RuleEntry {
    type Error = String;

    fn try_from(raw: RawEntry) -> Result<Self, Self::Error> {
        if !(1..=ID_BYTES_MAX).contains(&raw.id.len()) {
            return Err(format!("id must have 1 to {ID_BYTES_MAX} bytes"));
        }
        let rule = Rule::parse(&raw.logic).map_err(|error| format!("{}: {error}", raw.id))?;
        Ok(Self { id: raw.id, logic: raw.logic, rule })
    }
}

impl From<RuleEntry> for RawEntry {
    fn from(entry: RuleEntry) -> Self {
        Self { id: entry.id, logic: entry.logic }
    }
}

impl RuleEntry {
    /// What the region calls it, such as `VR-EU-0001`.
    pub fn id(&self) -> &str {
        &self.id
    }
}

fn bounded<'d, D: serde::Deserializer<'d>>(from: D) -> Result<Vec<RuleEntry>, D::Error> {
    let read: Vec<RuleEntry> = Vec::deserialize(from)?;
    if read.len() > RULES_MAX {
        return Err(serde::de::Error::custom(format!("more than {RULES_MAX} rules of a kind")));
    }
    Ok(read)
}

impl RuleBook {
    fn of(&self, fact: &Fact) -> &[RuleEntry] {
        match fact {
            Fact::Vaccination(_) => &self.vaccination,
            Fact::Test(_) => &self.test,
            Fact::Recovery(_) => &self.recovery,
            _ => &[],
        }
    }
}

/// What the rules say now of a fact, and when they say something else.
pub(super) struct Ruling {
    /// Whether all hold.
    pub(super) holds: bool,
    /// When that changes; a change that lasts less than a day may be passed over.
    pub(super) changes: Option<UnixMillis>,
}

/// What the rules for a fact say; `None` where there is none, or the credential has no form that rules are written over.
///
/// # Errors
/// [`EvaluationError`] where a rule comes to nothing for these facts: then nothing can be confirmed.
pub(super) fn ruling(
    fact: &Fact,
    credential: &Credential,
    policy: &Policy,
    now: UnixMillis,
) -> Option<Result<Ruling, EvaluationError>> {
    let rules = policy.rules.of(fact);
    let data = credential.health_data().filter(|_| !rules.is_empty())?.to_json()?;
    let mut facts = facts(data, credential, policy);
    let mut at = |when: UnixMillis| -> Result<bool, EvaluationError> {
        facts["external"]["validationClock"] = json!(when.to_string());
        rules.iter().try_fold(true, |all, entry| Ok(all && entry.rule.holds(&facts)?))
    };
    Some(at(now).map(|holds| Ruling { holds, changes: change(holds, now, &mut at) }))
}

fn facts(payload: Json, credential: &Credential, policy: &Policy) -> Json {
    let time = |at: Option<UnixMillis>| at.map(|at| at.to_string());
    json!({
        "payload": payload,
        "external": {
            "validationClock": null,
            "exp": time(credential.expires()),
            "iat": time(credential.issued_at()),
            "issuerCountryCode": credential.issuer(),
            "countryCode": policy.country,
            "valueSets": policy.value_sets,
        },
    })
}

/// The second from which the answer is another one: looked for day by day, then halved.
fn change(
    holds: bool,
    now: UnixMillis,
    at: &mut impl FnMut(UnixMillis) -> Result<bool, EvaluationError>,
) -> Option<UnixMillis> {
    let mut differs = |when: UnixMillis| at(when) != Ok(holds);
    let now = UnixMillis::from_secs(now.secs());
    let day = |n: i64| now.plus_millis(n * DAY_MILLIS);
    let other = (1..=DAYS_AHEAD).find(|n| differs(day(*n)))?;
    let (mut same, mut other) = (day(other - 1).secs(), day(other).secs());
    while other - same > 1 {
        let middle = same + (other - same) / 2;
        if differs(UnixMillis::from_secs(middle)) {
            other = middle;
        } else {
            same = middle;
        }
    }
    Some(UnixMillis::from_secs(other))
}
