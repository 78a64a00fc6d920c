//! What the authority tells venues, in words: to all, or to those of some areas, activities or numbers, until a time.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sync::time::UnixMillis;

use crate::{
    policy::{Working, falls_under},
    token::trust::{LIST_BYTES_MAX, ListError, parse_within, read_time},
};

/// The most announcements that hold at a time.
pub const ANNOUNCEMENTS_MAX: usize = 100;
/// The longest text, characters.
pub const TEXT_MAX: usize = 1000;
/// The most languages, areas, activities or venues of one.
const NAMED_MAX: usize = 1000;
const LANGUAGES_MAX: usize = 16;
const NAME_BYTES_MAX: usize = 120;

/// One announcement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// Its name, for telling one from another.
    pub id: String,
    /// From then on it is not shown any more, RFC 3339.
    pub until: String,
    /// The areas in which it concerns venues; none: all.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub areas: BTreeSet<String>,
    /// For which activities: the beginnings of their codes, such as `56.1`; none: all.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub activities: BTreeSet<String>,
    /// The venues that it concerns, by their numbers; none: all.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub venues: BTreeSet<u64>,
    /// What it says, by language tag such as `kk` or `zh-Hans`.
    pub texts: BTreeMap<String, String>,
}

/// The announcements of a region (`schema/announcements.schema.json`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcements(Vec<(UnixMillis, Announcement)>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: u64,
    announcements: Vec<Announcement>,
}

impl Announcement {
    /// Whether it concerns a venue. All that is named must fit.
    pub fn concerns(&self, place: &Working<'_>) -> bool {
        let area = place.area.is_some_and(|area| self.areas.contains(area));
        let begins = |code: &str| self.activities.iter().any(|begin| falls_under(code, begin));
        (self.areas.is_empty() || area)
            && (self.activities.is_empty() || place.activity.is_some_and(begins))
            && (self.venues.is_empty() || self.venues.contains(&place.venue.get()))
    }

    /// Its text in the first of these languages that it has, or in any; with the language.
    pub fn text<'a>(&'a self, languages: &[&str]) -> Option<(&'a str, &'a str)> {
        let wanted = languages.iter().find_map(|tag| self.texts.get_key_value(*tag));
        wanted.or_else(|| self.texts.iter().next()).map(|(tag, text)| (tag.as_str(), text.as_str()))
    }

    fn fault(&self) -> Option<(&'static str, &'static str)> {
        let visible =
            |text: &str| !text.trim().is_empty() && !text.contains(|c: char| c.is_control());
        let name = |text: &String| text.len() <= NAME_BYTES_MAX && visible(text);
        let lines = |text: &String| {
            let shown = !text.trim().is_empty() && text.chars().count() <= TEXT_MAX;
            shown && !text.contains(|c: char| c.is_control() && c != '\n' && c != '\r')
        };
        let tag = |tag: &String| {
            (2..=12).contains(&tag.len())
                && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let many = [self.areas.len(), self.activities.len(), self.venues.len()];
        match () {
            () if !name(&self.id) => Some(("id", "must be visible text, 120 bytes at most")),
            () if many.iter().any(|n| *n > NAMED_MAX) => Some(("areas", "names too many places")),
            () if !self.areas.iter().all(name) => Some(("areas", "must be visible texts")),
            () if !self.activities.iter().all(name) => {
                Some(("activities", "must be visible texts"))
            }
            () if self.texts.is_empty() || self.texts.len() > LANGUAGES_MAX => {
                Some(("texts", "must be in 1 to 16 languages"))
            }
            () if !self.texts.keys().all(tag) => Some(("texts", "must be named by language tags")),
            () if !self.texts.values().all(lines) => {
                Some(("texts", "must have 1 to 1000 characters without control characters"))
            }
            () => None,
        }
    }
}

impl Announcements {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`ListError`] names the entry and the field that is wrong.
    pub fn parse(json: &[u8]) -> Result<Self, ListError> {
        let file: File = parse_within(json, LIST_BYTES_MAX)?;
        if file.announcements.len() > ANNOUNCEMENTS_MAX {
            return Err(ListError::Field { field: "announcements", problem: "are more than 100" });
        }
        let mut ids = BTreeSet::new();
        let mut all = Vec::new();
        for (entry, said) in file.announcements.into_iter().enumerate() {
            let wrong = |(field, problem)| ListError::Entry {
                list: "announcements",
                entry,
                field,
                problem,
            };
            said.fault().map_or(Ok(()), |fault| Err(wrong(fault)))?;
            let until = read_time(&said.until).map_err(|problem| wrong(("until", problem)))?;
            if !ids.insert(said.id.clone()) {
                return Err(wrong(("id", "is there twice")));
            }
            all.push((until, said));
        }
        Ok(Self(all))
    }

    /// The JSON form.
    pub fn body<'a>(version: u64, all: impl IntoIterator<Item = &'a Announcement>) -> Vec<u8> {
        let all: Vec<_> = all.into_iter().collect();
        json!({ "version": version, "announcements": all }).to_string().into_bytes()
    }

    /// Those that concern a venue now, with their ends.
    pub fn at(&self, place: &Working<'_>, now: UnixMillis) -> Vec<(UnixMillis, Announcement)> {
        let concern = self.0.iter().filter(|(until, said)| now < *until && said.concerns(place));
        concern.cloned().collect()
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Announcement> {
        self.0.iter().map(|(_, said)| said)
    }

    /// Those that hold now, wherever.
    pub fn current(&self, now: UnixMillis) -> impl Iterator<Item = &Announcement> {
        self.0.iter().filter(move |(until, _)| now < *until).map(|(_, said)| said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sync::id::VenueId;

    const NOW: UnixMillis = UnixMillis::from_secs(1_790_000_000);

    fn read(entries: &str) -> Result<Announcements, String> {
        let text = format!(r#"{{"version":1,"announcements":[{entries}]}}"#);
        Announcements::parse(text.as_bytes()).map_err(|e| e.to_string())
    }

    fn entry(id: &str, more: &str) -> String {
        format!(
            r#"{{"id":"{id}","until":"2027-01-01T00:00:00Z","texts":{{"ru":"Да","en":"Yes"}}{more}}}"#
        )
    }

    #[test]
    fn each_venue_hears_what_concerns_it_until_its_time() {
        let all = [
            entry("1", ""),
            entry("2", r#","areas":["almaty"]"#),
            entry("3", r#","areas":["almaty"],"activities":["56."]"#),
            entry("4", r#","venues":[18]"#),
        ];
        let said = read(&all.join(",")).unwrap();
        let ids = |venue, area, activity, now| -> Vec<String> {
            let place = Working { venue: VenueId::new(venue), area, activity };
            said.at(&place, now).into_iter().map(|(_, a)| a.id).collect()
        };
        assert_eq!(ids(17, Some("almaty"), Some("56.10.1"), NOW), ["1", "2", "3"]);
        assert_eq!(ids(17, Some("almaty"), Some("93.1"), NOW), ["1", "2"]);
        assert_eq!(ids(18, None, None, NOW), ["1", "4"]);
        let over = UnixMillis::parse("2027-01-01T00:00:00Z").unwrap();
        assert!(ids(18, None, None, over).is_empty());
        assert_eq!(said.current(NOW).count(), 4);
        let again = Announcements::parse(&Announcements::body(2, said.current(NOW))).unwrap();
        assert_eq!(again, said);
    }

    #[test]
    fn the_readers_language_comes_first_and_any_is_better_than_none() {
        let said = read(&entry("1", "")).unwrap();
        let (_, one) = &said.0[0];
        assert_eq!(one.text(&["kk", "ru", "en"]), Some(("ru", "Да")));
        assert_eq!(one.text(&["vi"]), Some(("en", "Yes")));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let twice = entry("1", "");
        assert_eq!(
            read(&format!("{twice},{twice}")).unwrap_err(),
            "announcements[1].id: is there twice"
        );
        assert!(read(&entry("", "")).unwrap_err().starts_with("announcements[0].id"));
        assert!(read(&entry("1", r#","areas":[" "]"#)).unwrap_err().contains("areas"));
        assert!(
            read(r#"{"id":"1","until":"x","texts":{"en":"a"}}"#).unwrap_err().contains("until")
        );
        let bad = r#"{"id":"1","until":"2027-01-01T00:00:00Z","texts":{"en":"a\u0007"}}"#;
        assert!(read(bad).unwrap_err().contains("control"));
        assert!(read(&entry("1", r#","colour":"red""#)).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Announcements::parse(&bytes);
        }
    }
}
