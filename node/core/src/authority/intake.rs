//! What laboratories and tracers bring: rows about people's numbers from a table or from FHIR, each checked and told of.

use std::fmt;

use serde::{Deserialize, Serialize};
use sync::{sealed::NumberKind, time::UnixMillis};
use zeroize::Zeroizing;

use super::{
    Authority, fhir,
    registry::{ENTRIES_MAX, Entry, How, Known, RegistryError},
    table::{self, ROW_MAX, TableError},
};
use crate::code::ids::TypedNumber;

/// A row, unchecked. Never printed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Where it stands: its line in a table, its place in a bundle.
    pub line: u64,
    /// What kind of number it is.
    pub kind: String,
    /// The number.
    pub number: String,
    /// What became known.
    pub fact: String,
    /// When it happened, RFC 3339.
    pub at: String,
    /// The name that goes with the number.
    pub name: Option<String>,
    /// Whether it is taken in or back.
    #[serde(default)]
    pub how: How,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({})", self.line)
    }
}

/// What is wrong with a row: which of its parts. The number itself is in no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowProblem {
    /// Too long.
    #[error("it has more than {ROW_MAX} bytes")]
    Long,
    /// The kind of number.
    #[error("kind: must be iin, passport, cccd, resident-id or phone")]
    Kind,
    /// The number.
    #[error("number: {0}")]
    Number(crate::code::ids::IdError),
    /// The time.
    #[error("at: must be a time such as 2026-11-22T14:00:00Z")]
    Time,
    /// The time lies ahead.
    #[error("at: lies ahead of now")]
    Ahead,
    /// The fact.
    #[error(
        "fact: must be test-negative, test-positive, antigen-test-negative, antigen-test-positive, contact or vaccination"
    )]
    Fact,
    /// Neither yes nor nothing stands where it is said whether a fact is taken back.
    #[error("retract: must be yes, or empty")]
    Retract,
    /// There was nothing to take back.
    #[error("retract: nothing like it is known of this number at that time")]
    NotKnown,
    /// A part of a FHIR resource.
    #[error("{0}")]
    Resource(&'static str),
}

/// What became of a row.
pub type RowReport = (u64, Result<(), RowProblem>);

/// A row as it was read: its line, and what it says or what is wrong with it.
pub type ReadRow = (u64, Result<Line, RowProblem>);

/// Why rows could not be taken at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// The table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The resource.
    #[error(transparent)]
    Fhir(#[from] fhir::FhirError),
    /// The registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// The rows of what was brought: FHIR JSON where it begins with a brace, else a table.
///
/// # Errors
/// [`IntakeError`] where it is neither.
pub fn rows(bytes: &[u8]) -> Result<Vec<ReadRow>, IntakeError> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'{') {
        return Ok(fhir::rows(bytes)?);
    }
    let named = |text: &str| Some(text.to_owned()).filter(|name| !name.is_empty());
    let rows = table::read(bytes, &["kind", "number", "fact", "at"])?;
    let line = |row: table::TableRow| {
        let field = |name: &str| row.field(name).to_owned();
        let how = match row.field("retract").trim() {
            "" | "no" => How::Adds,
            "yes" => How::Retracts,
            _ => return (row.line, Err(RowProblem::Retract)),
        };
        let line = Line {
            how,
            line: row.line,
            kind: field("kind"),
            number: field("number"),
            fact: field("fact"),
            at: field("at"),
            name: named(row.field("name")),
        };
        (row.line, if row.is_long() { Err(RowProblem::Long) } else { Ok(line) })
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Checks a row.
///
/// # Errors
/// [`RowProblem`] names the part that is wrong.
pub fn entry(line: &Line, now: UnixMillis) -> Result<Entry, RowProblem> {
    let kind = NumberKind::from_word(&line.kind).ok_or(RowProblem::Kind)?;
    let number = TypedNumber::read(kind, &line.number).map_err(RowProblem::Number)?;
    let at = UnixMillis::parse(&line.at).ok_or(RowProblem::Time)?;
    if at > now.plus_millis(crate::clock::SKEW_MILLIS) {
        return Err(RowProblem::Ahead);
    }
    let known = Known::from_word(&line.fact, at).ok_or(RowProblem::Fact)?;
    Ok(Entry { number, name: line.name.clone().map(Zeroizing::new), known, how: line.how })
}

impl Authority {
    /// Takes the rows that hold into the registry; what became of each, in their order. So many as fit in one call of
    /// [`Authority::register`] are durable together.
    ///
    /// # Errors
    /// [`RegistryError`]: then those before are taken, and may be brought again.
    pub async fn take_rows(&self, rows: Vec<ReadRow>) -> Result<Vec<RowReport>, RegistryError> {
        let now = (self.0.clock)();
        let mut told = Vec::with_capacity(rows.len());
        let mut good = Vec::new();
        for (line, row) in rows {
            match row.and_then(|row| entry(&row, now)) {
                Ok(entry) => {
                    good.push((told.len(), entry));
                    told.push((line, Ok(())));
                }
                Err(problem) => told.push((line, Err(problem))),
            }
        }
        let (places, good): (Vec<usize>, Vec<Entry>) = good.into_iter().unzip();
        for (some, places) in good.chunks(ENTRIES_MAX).zip(places.chunks(ENTRIES_MAX)) {
            for place in self.register_each(some).await?.nothing {
                if let Some((_, outcome)) = places.get(place).and_then(|at| told.get_mut(*at)) {
                    *outcome = Err(RowProblem::NotKnown);
                }
            }
        }
        Ok(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis::from_secs(1_800_000_000);

    fn line(kind: &str, number: &str, fact: &str, at: &str) -> Line {
        let [kind, number, fact, at] = [kind, number, fact, at].map(str::to_owned);
        Line { line: 2, kind, number, fact, at, name: None, how: How::Adds }
    }

    #[test]
    fn what_is_wrong_with_a_row_is_named() {
        const AT: &str = "2026-11-21T08:30:00Z";
        assert!(entry(&line("iin", "800101300006", "contact", AT), NOW).is_ok());
        for (wrong, field) in [
            (line("snils", "800101300006", "contact", AT), "kind"),
            (line("iin", "800101300007", "contact", AT), "number"),
            (line("iin", "800101300006", "plague", AT), "fact"),
            (line("iin", "800101300006", "contact", "yesterday"), "at"),
            (line("iin", "800101300006", "contact", "2126-11-21T08:30:00Z"), "at"),
        ] {
            let error = entry(&wrong, NOW).unwrap_err().to_string();
            assert!(error.starts_with(field), "{error}");
            assert!(!error.contains("8001"), "no number in words for a log: {error}");
        }
    }

    #[test]
    fn tables_and_resources_are_told_apart() {
        let table = "kind,number,fact,at,name\niin,80,contact,2026,\"Eriksson, Anna\"\n";
        let read = rows(table.as_bytes()).unwrap();
        let (at, row) = &read[0];
        assert_eq!((*at, row.as_ref().unwrap().name.as_deref()), (2, Some("Eriksson, Anna")));
        let table =
            "kind,number,fact,at,retract\niin,80,contact,2026,yes\niin,80,contact,2026,perhaps\n";
        let read = rows(table.as_bytes()).unwrap();
        assert_eq!(read[0].1.as_ref().unwrap().how, How::Retracts);
        assert_eq!(read[1].1.as_ref().unwrap_err(), &RowProblem::Retract);
        assert!(matches!(rows(b"kind,number,at\n"), Err(IntakeError::Table(_))));
        assert!(matches!(rows(b" {\"a\":1}"), Err(IntakeError::Fhir(_))));
    }
}
