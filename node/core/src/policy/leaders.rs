//! From how many check-ins in 14 days a venue is a leader, by the group of its trade and by where it stands.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The trades that are measured alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VenueGroup {
    /// Where many come and go: catering, sports, cinemas, theatres, exhibitions, tourist transport.
    First,
    /// Where fewer do: billiards, bowling, rehearsals, hotels.
    Second,
}

/// Where a venue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum VenuePlace {
    /// In one of the large cities.
    #[n(0)]
    City,
    /// In a region.
    #[n(1)]
    Region,
}

/// More check-ins than these in 14 days make a leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LeaderTable {
    /// First group, city: 2000.
    pub group1_city: u32,
    /// First group, region: 1000.
    pub group1_region: u32,
    /// Second group, city: 1000.
    pub group2_city: u32,
    /// Second group, region: 500.
    pub group2_region: u32,
}

impl Default for LeaderTable {
    fn default() -> Self {
        Self { group1_city: 2000, group1_region: 1000, group2_city: 1000, group2_region: 500 }
    }
}

impl LeaderTable {
    /// The number that a venue must pass.
    pub const fn of(&self, group: VenueGroup, place: VenuePlace) -> u32 {
        match (group, place) {
            (VenueGroup::First, VenuePlace::City) => self.group1_city,
            (VenueGroup::First, VenuePlace::Region) => self.group1_region,
            (VenueGroup::Second, VenuePlace::City) => self.group2_city,
            (VenueGroup::Second, VenuePlace::Region) => self.group2_region,
        }
    }
}

impl VenueGroup {
    /// Of its stable word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "first" => Some(Self::First),
            "second" => Some(Self::Second),
            _ => None,
        }
    }
}

impl VenuePlace {
    /// Its stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::Region => "region",
        }
    }

    /// Of its stable word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "city" => Some(Self::City),
            "region" => Some(Self::Region),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn each_venue_is_measured_by_its_group_and_place_and_a_region_may_say_otherwise() {
        let of = |json: &str, group: &str, place: &str| {
            let policy = Policy::parse(json.as_bytes()).unwrap();
            let (group, place) = (VenueGroup::from_word(group), VenuePlace::from_word(place));
            policy.leaders.of(group.unwrap(), place.unwrap())
        };
        assert_eq!(of("{}", "first", "city"), 2000);
        assert_eq!(of("{}", "first", "region"), 1000);
        assert_eq!(of("{}", "second", "city"), 1000);
        assert_eq!(of("{}", "second", "region"), 500);
        assert_eq!(of(r#"{"leaders":{"group2_city":7}}"#, "second", "city"), 7);
        assert_eq!((VenueGroup::from_word("third"), VenuePlace::from_word("")), (None, None));
        for bad in
            [r#"{"leaders":[1,2,3,4]}"#, r#"{"leaders":{"group3":1}}"#, r#"{"silent_days":0}"#]
        {
            assert!(Policy::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
