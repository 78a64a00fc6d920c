//! What a laboratory's program brings over HTTP: results and contact lists as JSON or FHIR, each row checked by itself, and
//! the keys by which a request that is sent twice is known.

use minicbor::{Decode, Encode};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sync::{
    id::Hash,
    time::{DAY_MILLIS, UnixMillis},
};

use super::{
    Authority,
    cabinet::{CabinetError, Filing},
    fhir::{self, BUNDLE_ENTRIES_MAX, FhirError, RESOURCE_MAX},
    intake::{Line, ReadRow, RowProblem},
    registry::How,
};

/// The drawer of the keys of requests.
const DRAWER: u8 = b'I';
/// How long a key is known.
const KEPT_MILLIS: i64 = 2 * DAY_MILLIS;
/// The longest key, bytes.
pub const KEY_MAX: usize = 128;
/// The longest text of a row, bytes.
const TEXT_MAX: usize = 200;

/// What is brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brings {
    /// Results of tests, and vaccinations.
    Results,
    /// People who were near somebody who is ill.
    Contacts,
}

/// A row with the id by which the laboratory knows it, if it said one.
pub type BroughtRow = (ReadRow, Option<String>);

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BroughtError {
    /// Over [`RESOURCE_MAX`].
    #[error("the body is over the limit of {RESOURCE_MAX} bytes")]
    TooLarge,
    /// No JSON, or no list where one is asked for.
    #[error("the body: {0}")]
    Form(#[from] serde_json::Error),
    /// FHIR.
    #[error(transparent)]
    Fhir(#[from] FhirError),
    /// Contacts are no observations.
    #[error("contacts come as {{\"contacts\":[…]}}, not as FHIR")]
    NotFhir,
    /// Too many rows.
    #[error("at most {BUNDLE_ENTRIES_MAX} rows at a time")]
    TooMany,
    /// None.
    #[error("there is no row in it")]
    Empty,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Results {
    results: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contacts {
    contacts: Vec<Value>,
}

/// A row as a program writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: Option<String>,
    kind: String,
    number: String,
    fact: Option<String>,
    at: String,
    name: Option<String>,
    #[serde(default)]
    retract: bool,
}

/// The rows of a body, by their place from 1.
///
/// # Errors
/// [`BroughtError`] where the whole cannot be read; what is wrong with a row is that row's.
pub fn read(bytes: &[u8], what: Brings) -> Result<Vec<BroughtRow>, BroughtError> {
    if bytes.len() > RESOURCE_MAX {
        return Err(BroughtError::TooLarge);
    }
    let body: Value = serde_json::from_slice(bytes)?;
    let is_fhir = body.get("resourceType").is_some();
    let rows = match what {
        Brings::Results if is_fhir => {
            fhir::rows(bytes)?.into_iter().map(|row| (row, None)).collect()
        }
        Brings::Contacts if is_fhir => return Err(BroughtError::NotFhir),
        Brings::Results => lines(serde_json::from_value::<Results>(body)?.results, what)?,
        Brings::Contacts => lines(serde_json::from_value::<Contacts>(body)?.contacts, what)?,
    };
    if rows.is_empty() { Err(BroughtError::Empty) } else { Ok(rows) }
}

fn lines(rows: Vec<Value>, what: Brings) -> Result<Vec<BroughtRow>, BroughtError> {
    if rows.len() > BUNDLE_ENTRIES_MAX {
        return Err(BroughtError::TooMany);
    }
    let numbered = (1..).zip(rows);
    Ok(numbered
        .map(|(n, row)| match serde_json::from_value::<Written>(row) {
            Ok(written) => {
                let id = written.id.clone().filter(|id| id.len() <= TEXT_MAX);
                ((n, line(n, written, what)), id)
            }
            Err(_) => ((n, Err(RowProblem::Resource(fields(what)))), None),
        })
        .collect())
}

const fn fields(what: Brings) -> &'static str {
    match what {
        Brings::Results => {
            "it must have kind, number, fact and at, may have id, name and retract, and nothing else"
        }
        Brings::Contacts => {
            "it must have kind, number and at, may have id, name and retract, and nothing else"
        }
    }
}

fn line(n: u64, written: Written, what: Brings) -> Result<Line, RowProblem> {
    let texts = [&written.kind, &written.number, &written.at];
    let more = [&written.id, &written.fact, &written.name];
    let long = texts.into_iter().chain(more.into_iter().flatten()).any(|t| t.len() > TEXT_MAX);
    if long {
        return Err(RowProblem::Long);
    }
    let fact = match (what, written.fact) {
        (Brings::Contacts, None) => "contact".to_owned(),
        (Brings::Results, Some(fact)) if fact != "contact" => fact,
        (Brings::Results, Some(_)) => return Err(RowProblem::Fact),
        _ => return Err(RowProblem::Resource(fields(what))),
    };
    let Written { kind, number, at, name, retract, .. } = written;
    let how = if retract { How::Retracts } else { How::Adds };
    Ok(Line { line: n, kind, number, fact, at, name, how })
}

/// Whether a request may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Its key is new.
    First,
    /// The same was sent under this key before: doing it again changes nothing.
    Again,
    /// Something else was.
    Otherwise,
}

/// What was sent under a key.
#[derive(PartialEq, Eq, Encode, Decode)]
struct Used {
    #[n(0)]
    at: UnixMillis,
    #[n(1)]
    body: Hash,
}

impl Authority {
    /// Remembers the key of a program's request with its body.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn sent_as(
        &self,
        program: &[u8],
        key: &str,
        body: &[u8],
    ) -> Result<Sent, CabinetError> {
        let blind = self.cabinet().blind(&[b"request/", program, b"/", key.as_bytes()].concat());
        let name = [&[DRAWER], &blind[..]].concat();
        let body = Hash::new(Sha256::digest(body).into());
        let used = Used { at: (self.0.clock)(), body };
        let filing = vec![Filing::put(name.clone(), &used)];
        if self.cabinet().file_if::<Used>(&name, None, filing).await? {
            return Ok(Sent::First);
        }
        let held = self.cabinet().read::<Used>(&name).await?;
        Ok(match held {
            Some(held) if held.body != body => Sent::Otherwise,
            _ => Sent::Again,
        })
    }

    /// Forgets the keys of requests that are older than two days.
    ///
    /// # Errors
    /// [`CabinetError`].
    pub async fn forget_sent(&self) -> Result<usize, CabinetError> {
        let first = (self.0.clock)().plus_millis(-KEPT_MILLIS);
        let old: Vec<_> = self
            .cabinet()
            .all::<Used>(&[DRAWER])
            .await?
            .into_iter()
            .filter(|(_, used)| used.at < first)
            .map(|(name, _)| Filing::Take(name))
            .collect();
        for some in old.chunks(500) {
            self.cabinet().file(some.to_vec()).await?;
        }
        Ok(old.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(body: &str, what: Brings) -> Vec<Result<String, String>> {
        let rows = read(body.as_bytes(), what).unwrap();
        let fact = |row: Result<Line, RowProblem>| {
            row.map(|line| line.fact).map_err(|problem| problem.to_string())
        };
        rows.into_iter().map(|((_, row), _)| fact(row)).collect()
    }

    #[test]
    fn each_row_is_read_by_itself() {
        let rows = r#"{"results":[
            {"id":"LAB-1","kind":"iin","number":"800101300006","fact":"test-positive","at":"2026-11-21T08:30:00Z"},
            {"kind":"iin","number":"800101300006","at":"2026-11-21T08:30:00Z"},
            {"kind":"iin","number":"800101300006","fact":"contact","at":"2026-11-21T08:30:00Z"},
            {"kind":"iin","number":"8","fact":"test-positive","at":"x","colour":"red"}, 7]}"#;
        let read_rows = told(rows, Brings::Results);
        assert_eq!(read_rows[0], Ok("test-positive".into()));
        assert!(read_rows[1].as_ref().unwrap_err().contains("fact"));
        assert!(read_rows[2].as_ref().unwrap_err().starts_with("fact"), "a contact is no result");
        assert!(read_rows[3].is_err() && read_rows[4].is_err());
        let ids = read(rows.as_bytes(), Brings::Results).unwrap();
        assert_eq!(ids[0].1.as_deref(), Some("LAB-1"));
        let contacts = r#"{"contacts":[{"kind":"phone","number":"+77011234567","at":"2026-11-21T08:30:00Z"},
            {"kind":"phone","number":"+77011234567","fact":"test-negative","at":"2026-11-21T08:30:00Z"}]}"#;
        let read_rows = told(contacts, Brings::Contacts);
        assert!(read_rows[0] == Ok("contact".into()) && read_rows[1].is_err(), "no way to green");
    }

    #[test]
    fn what_is_no_list_is_refused_as_a_whole() {
        let refused = |body: &str, what| read(body.as_bytes(), what).unwrap_err().to_string();
        assert!(refused("{", Brings::Results).contains("body"));
        assert!(refused(r#"{"results":[]}"#, Brings::Results).contains("no row"));
        assert!(refused(r#"{"results":[],"x":1}"#, Brings::Results).contains("x"));
        assert!(refused(r#"{"results":[1]}"#, Brings::Contacts).contains("results"));
        let observation = r#"{"resourceType":"Observation"}"#;
        assert!(refused(observation, Brings::Contacts).contains("FHIR"));
        assert_eq!(told(observation, Brings::Results).len(), 1);
        let many = format!(r#"{{"results":[{}]}}"#, vec!["1"; BUNDLE_ENTRIES_MAX + 1].join(","));
        assert!(matches!(read(many.as_bytes(), Brings::Results), Err(BroughtError::TooMany)));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = (read(&bytes, Brings::Results), read(&bytes, Brings::Contacts));
        }
    }
}
