//! The switches of a policy: what the systems of different regions did differently.

use serde::{Deserialize, Serialize};
use sync::time::Zone;

/// What ends red.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RedClears {
    /// The days are over.
    Time,
    /// Only a new credential with a negative test.
    NegativeTest,
}

/// What a vaccination makes of its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vaccinated {
    /// Green for as long as the credential holds.
    Green,
    /// Nothing known against, like anybody.
    Blue,
}

/// What a recovery makes of its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recovered {
    /// Green for as long as it counts.
    Green,
    /// Nothing known against, like anybody.
    Blue,
}

/// How days are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DayCount {
    /// By the calendar: the day of the event is the first, and the last one ends at midnight.
    Calendar,
    /// 24 hours each, from the event.
    Hours,
}

/// How minors are judged, where the credential says how old its holder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Minors {
    /// Like anybody.
    AsAdults,
    /// Admitted, unless yellow or red.
    Exempt,
    /// Not by their own code: an adult is answerable for them, and a person decides.
    WithAdult,
}

/// Whom staff see at an attended door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// The name as far as its issuer masked it.
    Masked,
    /// The whole name where the credential has it, and the age in full years.
    Full,
}

/// Whether leaving is scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExitScan {
    /// Whoever leaves shows the code again.
    Required,
    /// Who does not is taken to have left after the default stay.
    Optional,
}

/// Whom the person at the desk may let in against the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StaffRelease {
    /// The verdict is advice; the person decides.
    Any,
    /// Refusal is binding: only who the rules admit.
    AdmittedOnly,
}

/// Whether a signed capacity binds the doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CapacityRule {
    /// A door lets in only whom it has a right for, staff and all: the capacity holds whatever the network does.
    Binding,
    /// Doors show how many are inside, and turn nobody away for it.
    Advisory,
}

/// A time zone of the IANA database, such as `Asia/Almaty`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PolicyZone {
    name: String,
    zone: Zone,
}

impl PolicyZone {
    /// The zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }
}

/// UTC.
impl Default for PolicyZone {
    fn default() -> Self {
        Self { name: "UTC".to_owned(), zone: Zone::utc() }
    }
}

impl TryFrom<String> for PolicyZone {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let zone = Zone::named(&name).ok_or("is no time zone such as Asia/Almaty")?;
        Ok(Self { name, zone })
    }
}

impl From<PolicyZone> for String {
    fn from(zone: PolicyZone) -> Self {
        zone.name
    }
}
