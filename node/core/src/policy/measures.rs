//! What holds where: by the zone of an area, by a venue's activity, and by whether the venue is a leader. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sync::{
    id::VenueId,
    time::{Day, UnixMillis, Zone},
};

use super::AdmitTable;
use crate::reason::Reason;

/// The most measures of a policy.
const MEASURES_MAX: usize = 512;
/// The most areas, and the most leaders, of a policy.
const PLACES_MAX: usize = 20_000;
const ACTIVITIES_MAX: usize = 256;
const DAY_MINUTES: u16 = 24 * 60;

/// How an area fares.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum AreaZone {
    /// Few fall ill.
    #[default]
    Green,
    /// More do.
    Yellow,
    /// Many do.
    Red,
}

impl AreaZone {
    /// What a leader works by: the zone that is one better.
    const fn eased(self) -> Self {
        match self {
            Self::Red => Self::Yellow,
            Self::Yellow | Self::Green => Self::Green,
        }
    }
}

/// A time of the day, `HH:MM`; `24:00` is its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl TryFrom<String> for TimeOfDay {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (hours, minutes) = text.split_once(':').ok_or("is no time such as 22:00")?;
        let number = |part: &str| {
            let two = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            if two { part.parse::<u16>().ok() } else { None }
        };
        let minute = number(hours).zip(number(minutes)).filter(|(_, m)| *m < 60);
        let minute = minute.map(|(h, m)| h * 60 + m).filter(|m| *m <= DAY_MINUTES);
        minute.map(Self).ok_or("is no time such as 22:00")
    }
}

impl From<TimeOfDay> for String {
    fn from(TimeOfDay(minute): TimeOfDay) -> Self {
        format!("{:02}:{:02}", minute / 60, minute % 60)
    }
}

/// From when to when a venue may be open. One that closes at or before the hour it opens is open over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// From when.
    pub from: TimeOfDay,
    /// Until when.
    pub until: TimeOfDay,
}

impl Hours {
    /// Whether a minute of the day lies within, `extra` minutes later at night included.
    pub(super) fn has(self, minute: u16, extra: u32) -> bool {
        let (from, minute) = (u32::from(self.from.0), u32::from(minute));
        let mut until = u32::from(self.until.0);
        if until <= from {
            until += u32::from(DAY_MINUTES);
        }
        let until = (until + extra).min(from + u32::from(DAY_MINUTES));
        (from..until).contains(&minute) || minute + u32::from(DAY_MINUTES) < until
    }
}

/// What holds for some activities in a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// In which zone.
    pub zone: AreaZone,
    /// For which activities: the beginnings of their codes, such as `56.1`; none: for all.
    #[serde(default)]
    pub activities: Vec<String>,
    /// They may not work at all: false.
    #[serde(default)]
    pub closed: bool,
    /// They may not work on Saturdays and Sundays: false.
    #[serde(default)]
    pub weekends_closed: bool,
    /// When they may work: always.
    #[serde(default)]
    pub hours: Option<Hours>,
    /// How many of a hundred places may be taken: all.
    #[serde(default)]
    pub places_percent: Option<u32>,
    /// Which status may enter, where it is not as everywhere.
    #[serde(default)]
    pub admit: Option<AdmitTable>,
}

/// Whether a code of an activity begins so. Codes are compared without their dots: registers write both `56.10.1` and
/// `56101`.
pub fn falls_under(code: &str, begins: &str) -> bool {
    let bare = |text: &str| text.replace('.', "");
    let begins = bare(begins);
    !begins.is_empty() && bare(code).starts_with(&begins)
}

impl Measure {
    fn concerns(&self, zone: AreaZone, activity: Option<&str>) -> bool {
        let named = |begins: &String| activity.is_some_and(|code| falls_under(code, begins));
        self.zone == zone && (self.activities.is_empty() || self.activities.iter().any(named))
    }
}

/// Which zone each area is in, who is a leader, and what follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Measures {
    /// The zone of each area that is named.
    pub areas: BTreeMap<String, AreaZone>,
    /// The zone of all others: green.
    pub elsewhere: AreaZone,
    /// The venues that are leaders until the next policy, by their numbers.
    pub leaders: BTreeSet<u64>,
    /// The measures. The first that concerns a venue holds; where none does, nothing is restricted.
    pub rules: Vec<Measure>,
    /// How much later a leader in a green zone may close, minutes: 120.
    pub leader_extra_minutes: u32,
    /// How many more of a hundred places a leader in a green zone may fill: 10.
    pub leader_extra_percent: u32,
}

impl Default for Measures {
    fn default() -> Self {
        Self {
            areas: BTreeMap::new(),
            elsewhere: AreaZone::Green,
            leaders: BTreeSet::new(),
            rules: Vec::new(),
            leader_extra_minutes: 120,
            leader_extra_percent: 10,
        }
    }
}

/// What a venue is to the measures, by its signed papers.
#[derive(Clone, Copy, Debug)]
pub struct Working<'a> {
    /// Its number.
    pub venue: VenueId,
    /// The code of its activity.
    pub activity: Option<&'a str>,
    /// The area it stands in.
    pub area: Option<&'a str>,
}

/// What holds at a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InForce<'a> {
    /// The zone that it works by.
    pub zone: AreaZone,
    /// Whether it is a leader.
    pub leader: bool,
    measure: Option<&'a Measure>,
    extra_minutes: u32,
    extra_percent: u32,
}

impl Measures {
    /// What holds at a venue.
    pub fn at(&self, place: Working<'_>) -> InForce<'_> {
        self.with(place, self.leaders.contains(&place.venue.get()))
    }

    /// What holds at a venue that has no privileges, whatever its check-ins.
    pub fn without_privileges(&self, place: Working<'_>) -> InForce<'_> {
        self.with(place, false)
    }

    fn with(&self, place: Working<'_>, leader: bool) -> InForce<'_> {
        let named = place.area.and_then(|area| self.areas.get(area));
        let real = named.copied().unwrap_or(self.elsewhere);
        let zone = if leader { real.eased() } else { real };
        // Red works by yellow and yellow by green; what is better than green are hours and places.
        let more = leader && real == AreaZone::Green;
        InForce {
            zone,
            leader,
            measure: self.rules.iter().find(|rule| rule.concerns(zone, place.activity)),
            extra_minutes: if more { self.leader_extra_minutes } else { 0 },
            extra_percent: if more { self.leader_extra_percent } else { 0 },
        }
    }

    /// What is wrong with them, in words; the reader has checked the shape.
    pub(super) fn fault(&self) -> Option<String> {
        if self.rules.len() > MEASURES_MAX {
            return Some(format!("rules: more than {MEASURES_MAX}"));
        }
        if self.areas.len() > PLACES_MAX || self.leaders.len() > PLACES_MAX {
            return Some(format!("areas or leaders: more than {PLACES_MAX}"));
        }
        if self.leader_extra_minutes > u32::from(DAY_MINUTES) || self.leader_extra_percent > 100 {
            return Some("leader_extra_minutes or leader_extra_percent: too much".to_owned());
        }
        self.rules.iter().enumerate().find_map(|(n, rule)| {
            let many = rule.activities.len() > ACTIVITIES_MAX;
            let empty = rule.activities.iter().any(|begins| begins.trim().is_empty());
            let percent = rule.places_percent.is_some_and(|p| !(1..=100).contains(&p));
            let what = match (many, empty, percent) {
                (true, _, _) => "too many activities",
                (_, true, _) => "an activity is empty",
                (_, _, true) => "places_percent is not between 1 and 100",
                _ => return None,
            };
            Some(format!("rules[{n}]: {what}"))
        })
    }
}

impl<'a> InForce<'a> {
    /// Which status may enter, where it is not as everywhere.
    pub fn admit(&self) -> Option<&'a AdmitTable> {
        self.measure.and_then(|measure| measure.admit.as_ref())
    }

    /// Why the venue may not be open at a time, where it may not.
    pub fn shut(&self, now: UnixMillis, zone: &Zone) -> Option<Reason> {
        let measure = self.measure?;
        if measure.closed {
            return Some(Reason::VenueClosed);
        }
        let (_, _, _, hour, minute) = zone.civil(now)?;
        let minute = u16::from(hour.unsigned_abs()) * 60 + u16::from(minute.unsigned_abs());
        let weekend = measure.weekends_closed && is_weekend(zone.day(now));
        let late = measure.hours.is_some_and(|hours| !hours.has(minute, self.extra_minutes));
        (weekend || late).then_some(Reason::ClosedNow)
    }

    /// How many of so many places may be taken; at least one.
    pub fn places(&self, capacity: u32) -> u32 {
        let Some(percent) = self.measure.and_then(|measure| measure.places_percent) else {
            return capacity;
        };
        let percent = (percent + self.extra_percent).min(100);
        let places = u64::from(capacity) * u64::from(percent) / 100;
        u32::try_from(places).unwrap_or(capacity).max(1)
    }
}

/// Saturday or Sunday; 1970-01-01 was a Thursday.
fn is_weekend(day: Day) -> bool {
    day.is_civil() && matches!(day.get().rem_euclid(7), 2 | 3)
}

#[cfg(test)]
mod tests;
