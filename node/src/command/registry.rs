//! `vestibule authority registry import`: what the authority knows of people by their numbers, from a table.

use std::path::{Path, PathBuf};

use node_core::authority::intake;
use serde_json::Value;

use super::{Answer, CommandError, ask, read_file, run::runtime, say};
use crate::{
    control::{Ask, RegistryLine},
    registry::report,
};

const EXAMPLES: &str = "Examples:
  vestibule authority registry import persons.csv --config authority.toml
  vestibule authority registry import persons.csv --config authority.toml --json

The table is CSV in UTF-8 with a first line of names; lines that begin with # are passed over:
  kind,number,fact,at,name
  iin,800101300006,test-negative,2026-11-21T08:30:00Z,
  passport,N12345678,contact,2026-11-20T18:00:00Z,Anna Eriksson
kind: iin, passport, cccd, resident-id, phone. fact: test-negative, test-positive, antigen-test-negative,
antigen-test-positive, contact, vaccination. at: when the sample was taken, the contact was, the last dose was
given. name may be left out; where it is there, a look-up that names another person gets no answer.
A file that begins with { is FHIR R4: an Observation, or a Bundle of them with their Patients, whose identifiers' systems are
urn:vestibule:iin (passport, cccd, resident-id, phone) or http://hl7.org/fhir/sid/passport-...";

/// The largest table that is read, bytes.
const TABLE_MAX: usize = 64 << 20;
/// Rows that go to the node at once: well below its longest request.
const AT_ONCE: usize = 100;

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
    let Read { lines, wrong } = read(&args.file)?;
    let asks = lines.chunks(AT_ONCE).map(|some| Ask::Register(some.to_vec())).collect();
    let done = runtime()?.block_on(ask::act(&args.config, asks))?;
    let told = done.iter().filter_map(Value::as_array).flatten().chain(&wrong);
    let mut told: Vec<&Value> = told.collect();
    told.sort_by_key(|row| row["line"].as_u64());
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

/// Those of the rows that can be sent, and what is wrong with the others.
struct Read {
    lines: Vec<RegistryLine>,
    wrong: Vec<Value>,
}

fn read(path: &Path) -> Result<Read, CommandError> {
    let bytes = read_file(path, TABLE_MAX)?;
    let rows = intake::rows(&bytes).map_err(|error| {
        CommandError::Usage(format!("{}: {}", path.display(), super::in_words(&error)))
    })?;
    let mut read = Read { lines: Vec::new(), wrong: Vec::new() };
    for (line, row) in rows {
        match row {
            Ok(row) => read.lines.push(row),
            Err(problem) => read.wrong.push(report(&(line, Err(problem)))),
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<Read, CommandError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let text = "\u{feff}number,kind,at,fact,name\n# a note\n80,iin,2026,contact,\"Eriksson, Anna\"\n81,iin,2026,contact\n";
        let lines = table(text).unwrap().lines;
        assert_eq!((lines.len(), lines[0].line, lines[1].line), (2, 3, 4));
        assert_eq!((lines[0].kind.as_str(), lines[0].number.as_str()), ("iin", "80"));
        assert_eq!(lines[0].name.as_deref(), Some("Eriksson, Anna"));
        assert_eq!(lines[1].name, None);
        assert!(!format!("{lines:?}").contains("80"));
        let Err(wrong) = table("kind,number,at\n") else { panic!("a column is missing") };
        assert_eq!(wrong.exit_code(), 2);
        assert!(wrong.to_string().contains("no column fact"), "{wrong}");
        let long = table(&format!("kind,number,fact,at\niin,{},contact,2026\n", "8".repeat(3000)));
        assert_eq!(long.unwrap().wrong.len(), 1);
    }
}
