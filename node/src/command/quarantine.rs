//! `vestibule authority quarantine`: the records that could not be taken into the index, and why.

use std::path::PathBuf;

use serde_json::Value;

use super::{Answer, CommandError, ask, run::runtime, say};
use crate::control::Ask;

const EXAMPLES: &str = "Examples:
  vestibule authority quarantine --config authority.toml
  vestibule authority quarantine --config authority.toml --json";

/// List the records that were set apart because they cannot be taken into the index; nothing waits behind them.
///
/// A record names its door, its day and its number, and no person. The answer is negative when there is any.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct QuarantineArgs {
    /// The authority's configuration; the node may run.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Print JSON, an object for each record.
    #[arg(long)]
    json: bool,
}

/// Runs `vestibule authority quarantine`.
///
/// # Errors
/// [`CommandError`] says why they could not be listed.
pub fn run(args: QuarantineArgs) -> Result<Answer, CommandError> {
    let done = runtime()?.block_on(ask::act(&args.config, vec![Ask::SetApart]))?;
    let apart: Vec<&Value> = done.iter().filter_map(Value::as_array).flatten().collect();
    for record in &apart {
        if args.json {
            say(record);
        } else {
            let word = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
            let door: String = word("author").chars().take(12).collect();
            say(format_args!(
                "venue {}, door {door}, day {}, record {}: {}",
                record["venue"],
                word("day"),
                record["number"],
                word("why")
            ));
        }
    }
    if !args.json {
        say(format_args!("{} records are set apart", apart.len()));
    }
    Ok(if apart.is_empty() { Answer::Yes } else { Answer::No })
}
