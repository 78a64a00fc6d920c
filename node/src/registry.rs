//! Rows of the authority's registry as a table brings them: each is checked, and told what is wrong with it.

use std::fmt;

use node_core::{
    authority::{
        Authority,
        registry::{Entry, Known},
    },
    code::ids::TypedNumber,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sync::{sealed::NumberKind, time::UnixMillis};
use zeroize::Zeroizing;

/// A row of the table, unchecked. Never printed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Where it stands in the file.
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
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({})", self.line)
    }
}

/// Takes the rows that hold; what became of each. Those of one call are durable together.
///
/// # Errors
/// Why none was taken, in words.
pub(crate) async fn take(authority: &Authority, lines: Vec<Line>) -> Result<Value, String> {
    let read: Vec<_> = lines.iter().map(|line| (line.line, entry(line))).collect();
    let good: Vec<Entry> = read.iter().filter_map(|(_, entry)| entry.clone().ok()).collect();
    authority.register(&good).await.map_err(|e| crate::command::in_words(&e))?;
    let told = read.into_iter().map(|(line, entry)| match entry {
        Ok(_) => json!({ "line": line, "result": "taken" }),
        Err(error) => json!({ "line": line, "error": error }),
    });
    Ok(told.collect())
}

fn entry(line: &Line) -> Result<Entry, String> {
    let kind = NumberKind::from_word(&line.kind)
        .ok_or("kind: must be iin, passport, cccd, resident-id or phone")?;
    let number = TypedNumber::read(kind, &line.number).map_err(|e| format!("number: {e}"))?;
    let at =
        UnixMillis::parse(&line.at).ok_or("at: must be a time such as 2026-11-22T14:00:00Z")?;
    let known = Known::from_word(&line.fact, at)
        .ok_or_else(|| "fact: must be one of those that --help names".to_owned())?;
    Ok(Entry { number, name: line.name.clone().map(Zeroizing::new), known })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_row_is_named() {
        let line = |kind: &str, number: &str, fact: &str, at: &str| Line {
            line: 2,
            kind: kind.into(),
            number: number.into(),
            fact: fact.into(),
            at: at.into(),
            name: None,
        };
        const AT: &str = "2026-11-21T08:30:00Z";
        assert!(entry(&line("iin", "800101300006", "contact", AT)).is_ok());
        for (wrong, field) in [
            (line("snils", "800101300006", "contact", AT), "kind"),
            (line("iin", "800101300007", "contact", AT), "number"),
            (line("iin", "800101300006", "plague", AT), "fact"),
            (line("iin", "800101300006", "contact", "yesterday"), "at"),
        ] {
            let error = entry(&wrong).unwrap_err();
            assert!(error.starts_with(field), "{error}");
            assert!(!error.contains("8001"), "no number in words for a log: {error}");
        }
    }
}
