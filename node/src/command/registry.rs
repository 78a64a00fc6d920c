//! `vestibule authority registry import`: what the authority knows of people by their numbers, from a table.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Answer, CommandError, ask, failed, read_file, run::runtime, say};
use crate::control::{Ask, RegistryLine};

const EXAMPLES: &str = "Examples:
  vestibule authority registry import persons.csv --config authority.toml
  vestibule authority registry import persons.csv --config authority.toml --json

The table is CSV in UTF-8 with a first line of names; lines that begin with # are passed over:
  kind,number,fact,at,name
  iin,800101300006,test-negative,2026-11-21T08:30:00Z,
  passport,N12345678,contact,2026-11-20T18:00:00Z,Anna Eriksson
kind: iin, passport, cccd, resident-id, phone. fact: test-negative, test-positive, antigen-test-negative,
antigen-test-positive, contact, vaccination. at: when the sample was taken, the contact was, the last dose was
given. name may be left out; where it is there, a look-up that names another person gets no answer.";

/// The largest table that is read, bytes.
const TABLE_MAX: usize = 64 << 20;
/// Lines that go to the node at once: well below its longest request.
const AT_ONCE: usize = 100;
/// The longest line, bytes.
const LINE_MAX: usize = 512;

/// What the authority knows of people by their numbers.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct RegistryArgs {
    #[command(subcommand)]
    verb: RegistryVerb,
}

#[derive(Debug, clap::Subcommand)]
enum RegistryVerb {
    Import(ImportArgs),
}

/// Take rows of a table into the registry, each durably; a row that is there already changes nothing.
///
/// The numbers are kept as codes under the node's own key, and the facts sealed. The answer is negative when a row was
/// not taken; the others are.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
struct ImportArgs {
    /// The table.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The authority's configuration; the node may run.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Print JSON, an object for each row.
    #[arg(long)]
    json: bool,
}

/// Runs `vestibule authority registry`.
///
/// # Errors
/// [`CommandError`] says why the table could not be read, or the registry not be reached.
pub fn run(args: RegistryArgs) -> Result<Answer, CommandError> {
    let RegistryVerb::Import(args) = args.verb;
    let lines = read(&args.file)?;
    let asks = lines.chunks(AT_ONCE).map(|some| Ask::Register(some.to_vec())).collect();
    let done = runtime()?.block_on(ask::act(&args.config, asks))?;
    let told: Vec<&Value> = done.iter().filter_map(Value::as_array).flatten().collect();
    let refused = told.iter().filter(|row| row.get("error").is_some()).count();
    for row in &told {
        match (args.json, row["error"].as_str()) {
            (true, _) => say(row),
            (false, Some(error)) => {
                say(format_args!("{}: line {}: {error}", args.file.display(), row["line"]));
            }
            (false, None) => {}
        }
    }
    if !args.json {
        say(format_args!("{} rows taken, {refused} not", told.len() - refused));
    }
    Ok(if refused == 0 && !told.is_empty() { Answer::Yes } else { Answer::No })
}

fn read(path: &Path) -> Result<Vec<RegistryLine>, CommandError> {
    let bytes = read_file(path, TABLE_MAX)?;
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(bytes.as_slice());
    let what = || format!("cannot read {}", path.display());
    let names = reader.headers().map_err(failed(what()))?.clone();
    let place = |name: &str| names.iter().position(|n| n.trim_start_matches('\u{feff}') == name);
    let mut places = Vec::new();
    for name in ["kind", "number", "fact", "at"] {
        places.push(place(name).ok_or_else(|| {
            CommandError::Usage(format!(
                "{}: the first line names no column {name}",
                path.display()
            ))
        })?);
    }
    let named = place("name");
    let mut lines = Vec::new();
    for row in reader.records() {
        let row = row.map_err(failed(what()))?;
        let line = row.position().map_or(0, csv::Position::line);
        if row.get(0).is_some_and(|first| first.starts_with('#')) {
            continue; // a note; were the reader to skip it, it would name the next row by its line
        }
        let field = |place: usize| row.get(place).unwrap_or_default().to_owned();
        let long = row.as_slice().len() > LINE_MAX;
        lines.push(RegistryLine {
            line,
            kind: if long { String::new() } else { field(places[0]) },
            number: if long { String::new() } else { field(places[1]) },
            fact: if long {
                format!("a row of more than {LINE_MAX} bytes")
            } else {
                field(places[2])
            },
            at: if long { String::new() } else { field(places[3]) },
            name: named.filter(|_| !long).map(field).filter(|name| !name.is_empty()),
        });
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<Vec<RegistryLine>, CommandError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let text = "\u{feff}number,kind,at,fact,name\n# a note\n80,iin,2026,contact,\"Eriksson, Anna\"\n81,iin,2026,contact\n";
        let lines = table(text).unwrap();
        assert_eq!((lines.len(), lines[0].line, lines[1].line), (2, 3, 4));
        assert_eq!((lines[0].kind.as_str(), lines[0].number.as_str()), ("iin", "80"));
        assert_eq!(lines[0].name.as_deref(), Some("Eriksson, Anna"));
        assert_eq!(lines[1].name, None);
        assert!(!format!("{lines:?}").contains("80"));
        let wrong = table("kind,number,at\n").unwrap_err();
        assert_eq!(wrong.exit_code(), 2);
        assert!(wrong.to_string().contains("no column fact"), "{wrong}");
    }
}
