//! The authority's word on how venues stand: which are in test mode, which are shut out and until when. A venue that the
//! list does not name stands well.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sync::{id::VenueId, time::UnixMillis};

use crate::{
    policy::Excluded,
    reason::Reason,
    token::trust::{LIST_BYTES_MAX, ListError, parse_within, read_time},
};

/// The most venues that one list names.
pub const VENUES_MAX: usize = 12_000;

/// How a venue stands that does not simply take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stands {
    /// In test mode: inspections only warn.
    Test,
    /// Shut out.
    Excluded,
}

impl Stands {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Excluded => "excluded",
        }
    }
}

/// How a venue stands, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VenueStanding {
    /// How.
    pub stands: Stands,
    /// From then on it stands well again.
    pub until: UnixMillis,
}

/// The list of a region (`schema/standing.schema.json`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StandingList(BTreeMap<VenueId, VenueStanding>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: u64,
    venues: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    venue: u64,
    standing: Stands,
    until: String,
}

impl StandingList {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`ListError`] names the entry and the field that is wrong.
    pub fn parse(json: &[u8]) -> Result<Self, ListError> {
        let file: File = parse_within(json, LIST_BYTES_MAX)?;
        if file.venues.len() > VENUES_MAX {
            return Err(ListError::Field {
                field: "venues",
                problem: "are more than one list carries",
            });
        }
        let mut venues = BTreeMap::new();
        for (entry, said) in file.venues.iter().enumerate() {
            let wrong = |field, problem| ListError::Entry { list: "venues", entry, field, problem };
            let until = read_time(&said.until).map_err(|problem| wrong("until", problem))?;
            let standing = VenueStanding { stands: said.standing, until };
            if venues.insert(VenueId::new(said.venue), standing).is_some() {
                return Err(wrong("venue", "is named twice"));
            }
        }
        Ok(Self(venues))
    }

    /// The JSON form of how these venues stand.
    pub fn body(
        version: u64,
        venues: impl IntoIterator<Item = (VenueId, VenueStanding)>,
    ) -> Vec<u8> {
        let entry = |(venue, standing): (VenueId, VenueStanding)| {
            json!({
                "venue": venue.get(),
                "standing": standing.stands.word(),
                "until": standing.until.to_string(),
            })
        };
        let venues: Vec<_> = venues.into_iter().take(VENUES_MAX).map(entry).collect();
        json!({ "version": version, "venues": venues }).to_string().into_bytes()
    }

    /// How a venue stands now, where it does not simply take part.
    pub fn of(&self, venue: VenueId, now: UnixMillis) -> Option<VenueStanding> {
        self.0.get(&venue).copied().filter(|standing| now < standing.until)
    }

    /// Why nobody is let in at a venue now, by what the policy makes of those that are shut out.
    pub fn shut(&self, venue: VenueId, rule: Excluded, now: UnixMillis) -> Option<Reason> {
        let out = self.of(venue, now).is_some_and(|s| s.stands == Stands::Excluded);
        (out && rule == Excluded::Refuse).then_some(Reason::VenueExcluded)
    }

    /// All that are named.
    pub fn all(&self) -> &BTreeMap<VenueId, VenueStanding> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: UnixMillis = UnixMillis::from_secs(1_790_000_000);

    fn list(entries: &str) -> Result<StandingList, String> {
        let text = format!(r#"{{"version":1,"venues":[{entries}]}}"#);
        StandingList::parse(text.as_bytes()).map_err(|e| e.to_string())
    }

    #[test]
    fn a_venue_stands_as_it_is_said_until_its_time() {
        let until = NOW.plus_millis(1000);
        let said = [
            (VenueId::new(17), VenueStanding { stands: Stands::Excluded, until }),
            (VenueId::new(18), VenueStanding { stands: Stands::Test, until }),
        ];
        let list = StandingList::parse(&StandingList::body(1, said)).unwrap();
        assert_eq!(list.of(VenueId::new(17), NOW).unwrap().stands, Stands::Excluded);
        assert_eq!(list.of(VenueId::new(17), until), None, "it may come back");
        assert_eq!(list.of(VenueId::new(19), NOW), None);
        let shut = |venue, rule| list.shut(VenueId::new(venue), rule, NOW);
        assert_eq!(shut(17, Excluded::Refuse), Some(Reason::VenueExcluded));
        assert_eq!(shut(17, Excluded::Advise), None);
        assert_eq!(shut(17, Excluded::NoPrivileges), None);
        assert_eq!(shut(18, Excluded::Refuse), None, "in test mode it is open");
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(
            list(r#"{"venue":1,"standing":"test","until":"soon"}"#)
                .unwrap_err()
                .starts_with("venues[0].until")
        );
        let twice = r#"{"venue":1,"standing":"test","until":"2026-12-01T00:00:00Z"}"#;
        assert_eq!(
            list(&format!("{twice},{twice}")).unwrap_err(),
            "venues[1].venue: is named twice"
        );
        assert!(list(r#"{"venue":1,"standing":"bad","until":"2026-12-01T00:00:00Z"}"#).is_err());
        assert!(StandingList::parse(b"[]").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = StandingList::parse(&bytes);
        }
    }
}
