//! What a draft would change against what is in force: field by field of a policy, entry by entry of a trust list, by counts
//! of revocations and weeks.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use serde_json::Value;
use sync::{bulletin::BulletinKind, sealed::TracingKey};

use super::succession;
use crate::{
    announcements::{Announcement, Announcements},
    policy::Policy,
    standing::{StandingList, VenueStanding},
};

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A field says something else: its name, before, after; `None` where it is not there.
    Field(String, Option<String>, Option<String>),
    /// An issuer's key is taken up.
    IssuerAdded(String),
    /// An issuer's key is dropped.
    IssuerDropped(String),
    /// An issuer's entry says something else.
    IssuerChanged(String),
    /// So many entries are added to a list, and so many dropped.
    Entries {
        /// Which list: `revoked`, `ctis`, `subjects`, `dcc`, `shc`.
        list: &'static str,
        /// Those that are new.
        added: usize,
        /// Those that are gone.
        dropped: usize,
    },
    /// A venue stands otherwise: its number, before, after; `None` where it simply takes part.
    Standing(u64, Option<VenueStanding>, Option<VenueStanding>),
    /// Something is announced from then on.
    Announced(String),
    /// Something is not announced any more.
    Unannounced(String),
    /// Something else than what is listed here: the whole text is another.
    Other,
}

/// The lists of revocations.
const LISTS: [&str; 5] = ["revoked", "ctis", "subjects", "dcc", "shc"];

/// What changes from `before`, the body in force if there is one, to `after`. Both are readable: they were checked.
pub fn changes(kind: BulletinKind, before: Option<&[u8]>, after: &[u8]) -> Vec<Change> {
    match kind {
        BulletinKind::Policy => fields(&policy(before), &policy(Some(after))),
        BulletinKind::Trust => issuers(&json(before), &json(Some(after))),
        BulletinKind::Revocations => entries(&json(before), &json(Some(after))),
        BulletinKind::Standing => stands(before, after),
        BulletinKind::Announcements => announced(before, after),
        BulletinKind::Roots => fields(&succession::told(before), &succession::told(Some(after))),
        BulletinKind::TracingKeys => fields(&weeks(before), &weeks(Some(after))),
        BulletinKind::Beacon if before == Some(after) => Vec::new(),
        BulletinKind::Beacon => vec![Change::Other],
    }
}

fn json(body: Option<&[u8]>) -> Value {
    body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or(Value::Null)
}

/// Each week with its public tracing key.
fn weeks(body: Option<&[u8]>) -> Value {
    let keys: Vec<TracingKey> =
        body.and_then(|body| minicbor::decode(body).ok()).unwrap_or_default();
    let hex = |key: &TracingKey| HEXLOWER.encode(&key.public);
    keys.iter().map(|key| (format!("week {}", key.week), Value::from(hex(key)))).collect()
}

/// A policy with all its fields; what is left out has its default, and before the first one all have.
fn policy(body: Option<&[u8]>) -> Value {
    let read = body.and_then(|body| Policy::parse(body).ok()).unwrap_or_default();
    serde_json::to_value(&read).unwrap_or(Value::Null)
}

fn fields(before: &Value, after: &Value) -> Vec<Change> {
    let (before, after) = (flat(before), flat(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differs = names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name) && name.as_str() != "version");
    let change = |name: &String| {
        Change::Field(name.clone(), before.get(name).cloned(), after.get(name).cloned())
    };
    differs.map(change).collect()
}

/// Fields of fields by their path: `admit.yellow`.
fn flat(value: &Value) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Object(inner) => {
                let inner = inner.iter().map(|(deep, v)| (format!("{name}.{deep}"), plain(v)));
                all.extend(inner);
            }
            Value::Null => {}
            value => drop(all.insert(name.clone(), plain(value))),
        }
    }
    all
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn issuers(before: &Value, after: &Value) -> Vec<Change> {
    let named = |list: &Value| -> BTreeMap<String, Value> {
        let all = list["issuers"].as_array().map_or(&[][..], Vec::as_slice);
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or("?").to_owned();
        let name = |entry: &Value| format!("{} {}", text(entry, "issuer"), text(entry, "kid"));
        all.iter().map(|entry| (name(entry), entry.clone())).collect()
    };
    let (before, after) = (named(before), named(after));
    let mut found = Vec::new();
    for (name, entry) in &after {
        match before.get(name) {
            None => found.push(Change::IssuerAdded(name.clone())),
            Some(held) if held != entry => found.push(Change::IssuerChanged(name.clone())),
            Some(_) => {}
        }
    }
    let dropped = before.keys().filter(|name| !after.contains_key(*name)).cloned();
    found.extend(dropped.map(Change::IssuerDropped));
    found
}

fn stands(before: Option<&[u8]>, after: &[u8]) -> Vec<Change> {
    let read = |body: &[u8]| StandingList::parse(body).unwrap_or_default();
    let (before, after) = (before.map(read).unwrap_or_default(), read(after));
    let (before, after) = (before.all(), after.all());
    let venues: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let differs = venues.into_iter().filter(|venue| before.get(venue) != after.get(venue));
    let change = |venue: &sync::id::VenueId| {
        let of = |list: &BTreeMap<_, VenueStanding>| list.get(venue).copied();
        Change::Standing(venue.get(), of(before), of(after))
    };
    differs.map(change).collect()
}

fn announced(before: Option<&[u8]>, after: &[u8]) -> Vec<Change> {
    let read = |body: &[u8]| Announcements::parse(body).unwrap_or_default();
    let (before, after) = (before.map(read).unwrap_or_default(), read(after));
    let of = |list: &Announcements| -> BTreeMap<String, Announcement> {
        list.all().map(|said| (said.id.clone(), said.clone())).collect()
    };
    let (before, after) = (of(&before), of(&after));
    let new = after.iter().filter(|(id, said)| before.get(*id) != Some(*said));
    let gone = before.iter().filter(|(id, _)| !after.contains_key(*id));
    new.map(|(_, said)| Change::Announced(in_short(said)))
        .chain(gone.map(|(_, said)| Change::Unannounced(in_short(said))))
        .collect()
}

/// The whole of what is announced in all its languages, to whom and until when: who signs it reads it.
fn in_short(said: &Announcement) -> String {
    let texts = said.texts.iter().map(|(tag, text)| format!("{tag}: {text}"));
    let whom = said.areas.iter().chain(&said.activities).cloned();
    let whom = whom.chain(said.venues.iter().map(|venue| format!("№ {venue}")));
    let whom: Vec<String> = whom.collect();
    let mut parts = vec![said.id.clone(), format!("→ {}", said.until)];
    if !whom.is_empty() {
        parts.push(whom.join(", "));
    }
    parts.extend(texts);
    parts.join(" · ")
}

fn entries(before: &Value, after: &Value) -> Vec<Change> {
    let of = |list: &Value, name: &str| -> BTreeSet<String> {
        let all = list[name].as_array().map_or(&[][..], Vec::as_slice);
        all.iter().map(Value::to_string).collect()
    };
    let changed = LISTS.iter().map(|list| {
        let (before, after) = (of(before, list), of(after, list));
        let added = after.difference(&before).count();
        Change::Entries { list, added, dropped: before.difference(&after).count() }
    });
    changed.filter(|c| !matches!(c, Change::Entries { added: 0, dropped: 0, .. })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_compared_with_its_defaults() {
        let of = |before: Option<&str>, after: &str| {
            changes(BulletinKind::Policy, before.map(str::as_bytes), after.as_bytes())
        };
        let field = |name: &str, before: &str, after: &str| {
            Change::Field(name.into(), Some(before.into()), Some(after.into()))
        };
        assert_eq!(of(None, r#"{"green_hours":72}"#), []);
        assert_eq!(of(Some(r#"{"version":1}"#), r#"{"version":2}"#), []);
        assert_eq!(
            of(Some("{}"), r#"{"green_hours":48,"admit":{"yellow":"admit"}}"#),
            [field("admit.yellow", "refuse", "admit"), field("green_hours", "72", "48")]
        );
        let unsaid = Change::Field("country".into(), None, Some("KZ".into()));
        assert_eq!(of(None, r#"{"country":"KZ"}"#), [unsaid]);
    }

    #[test]
    fn venues_and_announcements_are_told_one_by_one() {
        let venue = |n: u64, word: &str| {
            format!(r#"{{"venue":{n},"standing":"{word}","until":"2026-12-01T00:00:00Z"}}"#)
        };
        let list = |all: &[String]| format!(r#"{{"version":1,"venues":[{}]}}"#, all.join(","));
        let of = |before: &str, after: &str| {
            changes(BulletinKind::Standing, Some(before.as_bytes()), after.as_bytes())
        };
        let held = list(&[venue(1, "test"), venue(2, "excluded"), venue(3, "test")]);
        let new = list(&[venue(1, "excluded"), venue(3, "test")]);
        let changed = of(&held, &new);
        assert!(matches!(
            changed[..],
            [Change::Standing(1, Some(_), Some(_)), Change::Standing(2, Some(_), None)]
        ));
        assert!(of(&held, &held).is_empty());
        let said = |id: &str, text: &str| {
            format!(
                r#"{{"version":1,"announcements":[{{"id":"{id}","until":"2027-01-01T00:00:00Z","areas":["almaty"],"texts":{{"en":"{text}"}}}}]}}"#
            )
        };
        let of = |before: &str, after: &str| {
            changes(BulletinKind::Announcements, Some(before.as_bytes()), after.as_bytes())
        };
        let whole = "a · → 2027-01-01T00:00:00Z · almaty · en: Close at ten";
        let other = of(&said("b", "x"), &said("a", "Close at ten"));
        assert_eq!(other[0], Change::Announced(whole.into()));
        assert!(matches!(&other[1], Change::Unannounced(text) if text.starts_with("b ")));
        assert_eq!(
            of(&said("a", "x"), &said("a", "y")).len(),
            1,
            "the same one says something else"
        );
    }

    #[test]
    fn issuers_and_entries_are_told_apart() {
        let trust = |issuers: &str| format!(r#"{{"version":1,"issuers":[{issuers}]}}"#);
        let entry =
            |name: &str, key: &str| format!(r#"{{"issuer":"{name}","kid":"1","key":"{key}"}}"#);
        let before = trust(&[entry("KZ", "a"), entry("KG", "b")].join(","));
        let after = trust(&[entry("KZ", "c"), entry("VN", "d")].join(","));
        assert_eq!(
            changes(BulletinKind::Trust, Some(before.as_bytes()), after.as_bytes()),
            [
                Change::IssuerChanged("KZ 1".into()),
                Change::IssuerAdded("VN 1".into()),
                Change::IssuerDropped("KG 1".into())
            ]
        );
        let before = r#"{"revoked":[{"cti":"01"},{"cti":"02"}]}"#;
        let after = r#"{"revoked":[{"cti":"02"}],"subjects":[{"subject":"a","before":"b"}]}"#;
        assert_eq!(
            changes(BulletinKind::Revocations, Some(before.as_bytes()), after.as_bytes()),
            [
                Change::Entries { list: "revoked", added: 0, dropped: 1 },
                Change::Entries { list: "subjects", added: 1, dropped: 0 }
            ]
        );
    }
}
