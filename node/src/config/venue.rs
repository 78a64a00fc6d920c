//! The section of the door that has the manager's key.

use std::{net::SocketAddr, path::PathBuf, str::FromStr};

use serde::{Deserialize, Deserializer, de::Error as _};

/// What the manager entrusts to this door.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VenueSection {
    /// The manager's secret key file: this door enrols others and makes new tag keys.
    pub manager: PathBuf,
    /// Where the doors that are invited reach this one, `ip:port`; by default this machine's own addresses, with the
    /// port of `peers.listen`.
    #[serde(default)]
    pub addresses: Vec<SocketAddr>,
    /// Who shares the limit in the venue's papers out to its entrances.
    #[serde(default)]
    pub share_out: ShareOutSetting,
    /// When the business day ends; then nobody is inside any more.
    #[serde(default)]
    pub closing: ClosingTime,
}

/// Who shares the limit out to the entrances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShareOutSetting {
    /// This door, evenly, and anew when a door joins or goes.
    #[default]
    Evenly,
    /// A person, by `vestibule enrol capacity`; until then the limit is advisory.
    ByHand,
}

/// When a business day ends, in the venue's time zone; `HH:MM` as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosingTime(u16);

impl ClosingTime {
    /// Minutes after midnight, less than a day.
    pub fn minute(self) -> u16 {
        self.0
    }
}

impl Default for ClosingTime {
    /// Four in the morning: a night out is one day.
    fn default() -> Self {
        Self(4 * 60)
    }
}

impl FromStr for ClosingTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once(':').and_then(|(hours, minutes)| {
            let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
            (hours < 24 && minutes < 60).then_some(Self(hours * 60 + minutes))
        });
        parts.ok_or_else(|| format!("{text:?} is no time of the form HH:MM"))
    }
}

impl<'de> Deserialize<'de> for ClosingTime {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closing_time_is_a_time_of_day() {
        assert_eq!("23:59".parse(), Ok(ClosingTime(1439)));
        assert_eq!("04:00".parse(), Ok(ClosingTime::default()));
        for wrong in ["24:00", "4", "04:60", "-1:00", "", "04:00:00"] {
            assert!(wrong.parse::<ClosingTime>().is_err(), "{wrong}");
        }
    }
}
