//! `vestibule authority tokens`: status tokens in bulk, for the people of a table.

use std::path::PathBuf;

use serde_json::Value;

use super::{
    Answer, CommandError,
    register::{office, rows},
    say,
};
use crate::control::OfficeAsk;

const EXAMPLES: &str = "Examples:
  vestibule authority tokens issue persons.csv --config authority.toml --days 14 > tokens.csv
  vestibule authority tokens issue persons.csv --config authority.toml --strips --json > strips.jsonl

The table is CSV in UTF-8 with a first line of names; all but the first two may be left out:
  kind,number,masked_name,birth_year,holder
  iin,800101300006,A*** K.,1980,
kind: iin, passport, cccd, resident-id, phone. holder: the public key that the phone's wallet shows; without one the token is
a paper code. What a token says follows from the registry and the policy in force. Nothing of it is in any log.";

/// Rows that go to the node at once: a strip has some thirty tokens, and the answer is one line.
const AT_ONCE: usize = 40;

/// Issue status tokens by what the registry knows.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct TokensArgs {
    #[command(subcommand)]
    verb: TokensVerb,
}

#[derive(Debug, clap::Subcommand)]
enum TokensVerb {
    /// Issue a token, or a strip of them, to each person of a table. The answer is negative when somebody got none.
    #[command(after_help = EXAMPLES)]
    Issue(IssueArgs),
}

#[derive(Debug, clap::Args)]
struct IssueArgs {
    /// The table.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The authority's configuration; the node may run.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// For how many days they hold at most; 28 at most.
    #[arg(long, value_name = "N", default_value_t = 14)]
    days: u32,
    /// A strip for each: tokens of 24 hours for as many days, none of which says why or for how long.
    #[arg(long, conflicts_with = "fact")]
    strips: bool,
    /// Say the fact behind the colour: the token then outlasts the colour, and turns as the policy says.
    #[arg(long)]
    fact: bool,
    /// Print JSON, an object for each token.
    #[arg(long)]
    json: bool,
}

/// Runs `vestibule authority tokens`.
///
/// # Errors
/// [`CommandError`] says why the table could not be read, or the registry not be reached.
pub fn run(args: TokensArgs) -> Result<Answer, CommandError> {
    let TokensVerb::Issue(args) = args.verb;
    let rows = rows(&args.file, &["kind", "number"])?;
    let (days, strips, fact) = (args.days, args.strips, args.fact);
    let asks = rows.chunks(AT_ONCE).map(|some| {
        let rows = some.to_vec();
        OfficeAsk::Issue { rows, days, strips, fact }
    });
    let done = office(&args.config, asks.collect())?;
    let told: Vec<&Value> = done.iter().filter_map(Value::as_array).flatten().collect();
    let refused = told.iter().filter(|row| row.get("error").is_some()).count();
    if !args.json {
        say("line,status,from,until,token,error");
    }
    for row in &told {
        match args.json {
            true => say(row),
            false => say(line(row)),
        }
    }
    Ok(if refused == 0 && !told.is_empty() { Answer::Yes } else { Answer::No })
}

/// A row of the answer as CSV. A token has neither commas nor quotes.
fn line(row: &Value) -> String {
    let text = |name: &str| row[name].as_str().unwrap_or_default();
    let error = text("error").replace('"', "\"\"");
    let said = ["status", "from", "until", "token"].map(text).join(",");
    format!("{},{said},\"{error}\"", row["line"])
}
