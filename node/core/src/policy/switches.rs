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

/// What holds at a venue that the authority has shut out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Excluded {
    /// Nobody is let in.
    #[default]
    Refuse,
    /// It works by the measures of its zone, without a leader's privileges.
    NoPrivileges,
    /// It is shown on its pages, and nothing else follows.
    Advise,
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

/// Whether the person at the desk says what the visitor's temperature is; the later asks more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TemperatureCheck {
    /// Nobody is asked, and none is recorded.
    #[default]
    Off,
    /// It may be said: normal or fever. With a fever the advice is to refuse.
    Ask,
    /// Nobody is let in by a person before it was said.
    Required,
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

/// Who scans whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ways {
    /// The door scans the visitor's code, and the visitor's phone the venue's.
    Both,
    /// Only the door scans.
    StaffScans,
    /// Only visitors' phones scan the venue's code; the door reads codes all the same, if they are shown.
    VisitorScans,
}

/// What a person of whom only a number was typed may do, while the authority has not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unverified {
    /// Come in: the later answer is an alert.
    Admit,
    /// A person decides.
    Staff,
    /// Stay out.
    Refuse,
}

/// By which documents an elder or a child is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ElderLookup {
    /// By national numbers alone: IIN, CCCD, resident ID.
    National,
    /// By passports as well.
    Any,
}

/// What proves that a typed number is at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VisitorCheck {
    /// A code by SMS where the door can send one, or the PIN on its screen.
    Either,
    /// Only a code by SMS, which also proves whose number it is.
    Sms,
    /// Only the PIN.
    Pin,
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
