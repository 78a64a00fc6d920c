//! What a draft would change against what is in force: field by field of a policy, entry by entry of a trust list, by counts
//! of revocations and weeks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sync::bulletin::BulletinKind;

use crate::policy::Policy;

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
        BulletinKind::TracingKeys | BulletinKind::Beacon if before == Some(after) => Vec::new(),
        BulletinKind::TracingKeys | BulletinKind::Beacon => vec![Change::Other],
    }
}

fn json(body: Option<&[u8]>) -> Value {
    body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or(Value::Null)
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
