//! `vestibule authority abroad`: letters between regions by file, and how it stands with each.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Answer, CommandError, ask, failed, run::runtime, say};
use crate::{abroad::AbroadAsk, control::Ask};

const EXAMPLES: &str = "Examples:
  vestibule authority abroad status --config authority.toml
  vestibule authority abroad export --region 2 --out to-2.letters --config authority.toml
  vestibule authority abroad import to-2.letters --receipt from-2.receipt --config authority.toml
  vestibule authority abroad import from-2.receipt --config authority.toml
  vestibule authority abroad import tracing-keys.bulletin --config authority.toml --json";

/// Tell other regions of visits of their people, and take what they tell.
///
/// Where the trust list has a region's address, the running node does so by itself; else the letters go by file: export
/// here, import there, and the receipt back. What was exported waits until the receipt is here.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct AbroadArgs {
    #[command(subcommand)]
    verb: AbroadVerb,
}

#[derive(Debug, clap::Subcommand)]
enum AbroadVerb {
    /// Say how many letters wait for each region, and whether its tracing key of this week is known.
    ///
    /// The answer is negative where letters wait for a region whose key is not known.
    #[command(after_help = EXAMPLES)]
    Status {
        /// The authority's configuration; the node may run.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write the letters that wait for a region into a file, 500 at most; sealed to it and signed.
    #[command(after_help = EXAMPLES)]
    Export {
        /// The region's number.
        #[arg(long, value_name = "N")]
        region: u16,
        /// Where to write it.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// The authority's configuration; the node may run.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take another region's letters, its receipt, or its tracing keys.
    ///
    /// The answer is negative where a letter was refused; the others are taken. The same file again changes nothing.
    #[command(after_help = EXAMPLES)]
    Import {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Where to write the receipt for letters, which goes back.
        #[arg(long, value_name = "FILE")]
        receipt: Option<PathBuf>,
        /// The authority's configuration; the node may run.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs `vestibule authority abroad`.
///
/// # Errors
/// [`CommandError`] says why it was not done.
pub fn run(args: AbroadArgs) -> Result<Answer, CommandError> {
    let whole = |path: PathBuf| {
        std::path::absolute(&path).map_err(failed(format!("{} is unusable", path.display())))
    };
    match args.verb {
        AbroadVerb::Status { config, json } => {
            let said = one(&config, AbroadAsk::Status)?;
            Ok(status(&said, json))
        }
        AbroadVerb::Export { region, out, config, json } => {
            let said = one(&config, AbroadAsk::Export { region, out: whole(out)? })?;
            let left = said["without_key"].as_u64().unwrap_or(0);
            if json {
                say(&said);
            } else {
                say(format_args!("{} letters in {}", said["letters"], text(&said["out"])));
                if left > 0 {
                    say(format_args!("{left} wait for region {region}'s key of this week"));
                }
            }
            Ok(if left == 0 { Answer::Yes } else { Answer::No })
        }
        AbroadVerb::Import { file, receipt, config, json } => {
            let receipt = receipt.map(whole).transpose()?;
            let said = one(&config, AbroadAsk::Import { file: whole(file)?, receipt })?;
            Ok(imported(&said, json))
        }
    }
}

fn one(config: &Path, what: AbroadAsk) -> Result<Value, CommandError> {
    let done = runtime()?.block_on(ask::act(config, vec![Ask::Abroad(what)]))?;
    Ok(done.into_iter().next().unwrap_or_default())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

fn status(said: &Value, json: bool) -> Answer {
    let regions = said["regions"].as_array().cloned().unwrap_or_default();
    if json {
        say(said);
    } else {
        for region in &regions {
            let key = if region["has_key"] == true { "key known" } else { "key not known" };
            let (name, url) = (text(&region["name"]), text(&region["url"]));
            say(format_args!(
                "region {} {name} {url}: {} letters wait, {key}",
                region["region"], region["waiting"]
            ));
        }
        if regions.is_empty() {
            say("the trust list names no other region");
        }
    }
    let stuck = |region: &Value| region["waiting"] != 0 && region["has_key"] != true;
    if regions.iter().any(stuck) { Answer::No } else { Answer::Yes }
}

fn imported(said: &Value, json: bool) -> Answer {
    if json {
        say(said);
    } else {
        match text(&said["kind"]) {
            "keys" if said["taken"] == true => say("the tracing keys are taken"),
            "keys" => say("later tracing keys are here already"),
            "receipt" => say(format_args!(
                "region {} has taken {} letters and refused {}",
                said["region"], said["taken"], said["refused"]
            )),
            _ => say(format_args!(
                "region {}: {} letters taken, {} known, refused: {}",
                said["region"], said["taken"], said["known"], said["refused"]
            )),
        }
    }
    let none = match &said["refused"] {
        Value::Object(words) => words.is_empty(),
        Value::Number(count) => count.as_u64() == Some(0),
        _ => true,
    };
    if none { Answer::Yes } else { Answer::No }
}
