//! `vestibule bundle`: what a node has for others, on a stick, both ways.

use std::path::PathBuf;

use serde_json::Value;

use super::{Answer, CommandError, ask, failed, run::runtime, say};
use crate::control::Ask;

const EXAMPLES: &str = "Examples:
  vestibule bundle export --config door.toml --out /media/stick/door-a.bundle
  vestibule bundle import --config authority.toml /media/stick/door-a.bundle
  vestibule bundle export --config authority.toml --venue 17 --out /media/stick/answer.bundle
  vestibule bundle import --config door.toml /media/stick/answer.bundle

A door's bundle carries what the authority has not acknowledged (--all: everything), sealed for the authority and the
venue's own doors, and worthless once their keys of those days are destroyed. The authority's carries receipts and
orders for one venue. Both carry bulletins and papers. Works while the node runs and while it does not.";

/// Carry records, receipts, orders and bulletins between nodes on a stick.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct BundleArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Write a bundle.
    #[command(after_help = EXAMPLES)]
    Export {
        /// The node's configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// The file to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Which venue; needed at the authority.
        #[arg(long, value_name = "N")]
        venue: Option<u64>,
        /// Also what the authority has acknowledged already.
        #[arg(long)]
        all: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take a bundle.
    #[command(after_help = EXAMPLES)]
    Import {
        /// The node's configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// The bundles.
        #[arg(value_name = "BUNDLE", required = true)]
        files: Vec<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs `vestibule bundle`.
///
/// # Errors
/// [`CommandError`] names the file that is refused, and why.
pub fn run(args: BundleArgs) -> Result<Answer, CommandError> {
    let absolute = |path: PathBuf| {
        std::path::absolute(&path).map_err(failed(format!("{} has no path", path.display())))
    };
    match args.verb {
        Verb::Export { config, out, venue, all, json } => {
            let ask = Ask::ExportBundle { out: absolute(out)?, venue, all };
            let done = runtime()?.block_on(ask::act(&config, vec![ask]))?;
            done.iter().for_each(|d| tell(d, json, exported));
            Ok(Answer::Yes)
        }
        Verb::Import { config, files, json } => {
            let files: Result<Vec<_>, _> = files.into_iter().map(absolute).collect();
            let asks = files?.into_iter().map(|file| Ask::ImportBundle { file }).collect();
            let done = runtime()?.block_on(ask::act(&config, asks))?;
            done.iter().for_each(|d| tell(d, json, imported));
            let whole = |d: &Value| count(d, "refused") == 0 && count(d, "sealed_days") == 0;
            Ok(if done.iter().all(whole) { Answer::Yes } else { Answer::No })
        }
    }
}

fn tell(done: &Value, json: bool, words: fn(&Value) -> String) {
    if json { say(done) } else { say(words(done)) }
}

fn text(done: &Value, key: &str) -> String {
    done[key].as_str().map_or_else(|| done[key].to_string(), str::to_owned)
}

fn count(done: &Value, key: &str) -> usize {
    done[key].as_array().map_or(0, Vec::len)
}

fn exported(done: &Value) -> String {
    let mut lines = vec![format!(
        "wrote {} ({} bytes): {} days of records, {} receipts, {} orders, {} bulletins",
        text(done, "file"),
        text(done, "bytes"),
        count(done, "days"),
        text(done, "receipts"),
        text(done, "orders"),
        text(done, "bulletins"),
    )];
    for (day, why) in done["left_out"].as_object().into_iter().flatten() {
        lines.push(format!("  not in it: {day}: {}", why.as_str().unwrap_or("?")));
    }
    lines.join("\n")
}

fn imported(done: &Value) -> String {
    let mut lines = vec![format!(
        "took {}: {} new records, {} known before, {} receipts, orders and bulletins",
        text(done, "file"),
        text(done, "records"),
        text(done, "known"),
        text(done, "notices"),
    )];
    let list = |key: &str| done[key].as_array().cloned().unwrap_or_default();
    for day in list("sealed_days") {
        lines.push(format!("  {}: no key here opens it", day.as_str().unwrap_or("?")));
    }
    for why in list("refused") {
        lines.push(format!("  refused: {}", why.as_str().unwrap_or("?")));
    }
    lines.join("\n")
}
