//! `vestibule authority trace`, `stats` and `export`: the tracer's work without a browser.

use std::{
    io::{self, Read},
    path::PathBuf,
};

use serde_json::Value;
use sync::time::UnixMillis;

use super::{Answer, CommandError, ask, failed, run::runtime, say, tell::time};
use crate::control::{Ask, Tracing};

const TRACE_EXAMPLES: &str = "Examples:
  vestibule authority trace --config authority.toml --case 2026-114 --purpose 'positive on 21 Nov' --asked-by 'A. Tracer' \\
      --subject 000102030405060708090a0b0c0d0e0f --from 2026-11-08T00:00:00Z --until 2026-11-22T00:00:00Z
  vestibule authority trace --config authority.toml --case 2026-114 --purpose 'cluster' --asked-by 'A. Tracer' --venue 17 \\
      --from 2026-11-20T18:00:00Z --until 2026-11-20T23:00:00Z --json
  vestibule authority trace --config authority.toml --code - … < code.txt";
const STATS_EXAMPLES: &str = "Examples:
  vestibule authority stats --config authority.toml
  vestibule authority stats --config authority.toml --json";
const EXPORT_EXAMPLES: &str = "Examples:
  vestibule authority export --config authority.toml --case 2026-114 --format sormas-contacts --out contacts.csv
  vestibule authority export --config authority.toml --case 2026-114 --question 2 --format xlsx --out contacts.xlsx";

/// The longest code that is read, bytes: more than a symbol holds.
const CODE_BYTES_MAX: u64 = 8192;

/// Ask who was where with whom, in a case.
///
/// The question is in the log before it is answered, and the answer is kept in the case. Where a second approver is
/// needed, the question waits for one, and the answer is negative; so it is where nobody was found.
#[derive(Debug, clap::Args)]
#[command(after_help = TRACE_EXAMPLES)]
#[command(group = clap::ArgGroup::new("about").required(true))]
pub struct TraceArgs {
    /// The authority's configuration; the node may run.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The case it belongs to; it is opened where there is none of that reference.
    #[arg(long, value_name = "REFERENCE")]
    case: String,
    /// What for.
    #[arg(long, value_name = "WORDS")]
    purpose: String,
    /// Who asks.
    #[arg(long, value_name = "NAME")]
    asked_by: String,
    /// The person, by pseudonym in hexadecimal.
    #[arg(long, value_name = "HEX", group = "about")]
    subject: Option<String>,
    /// The person, by the text of a code, or - to read it from standard input.
    #[arg(long, value_name = "TEXT", group = "about")]
    code: Option<String>,
    /// The person, by kind and number, such as iin:800101300006 or phone:+77011234567; or - to read it from standard
    /// input, where no other user of this machine sees it.
    #[arg(long, value_name = "KIND:NUMBER", group = "about")]
    number: Option<String>,
    /// Who was at this venue.
    #[arg(long, value_name = "NUMBER", group = "about")]
    venue: Option<u64>,
    /// The venue's region, where it is another: says whom to ask.
    #[arg(long, value_name = "N", requires = "venue")]
    region: Option<u16>,
    /// From then on.
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    from: UnixMillis,
    /// Before then.
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    until: UnixMillis,
    /// Also whom the contacts met afterwards.
    #[arg(long)]
    second_degree: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Counts of the region: visits, venues, notices, questions.
#[derive(Debug, clap::Args)]
#[command(after_help = STATS_EXAMPLES)]
pub struct StatsArgs {
    /// The authority's configuration; the node may run.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Write the answer of a case as a file for another system: csv, xlsx, sormas-participants, sormas-contacts, godata,
/// iris or fhir.
///
/// Contact details are in it, so its owner alone can read it, and the access log says that it was made.
#[derive(Debug, clap::Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub struct ExportArgs {
    /// The authority's configuration; the node may run.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The case.
    #[arg(long, value_name = "REFERENCE")]
    case: String,
    /// Which of its questions; the last that was answered.
    #[arg(long, value_name = "NUMBER")]
    question: Option<u32>,
    /// The kind of file.
    #[arg(long, value_name = "FORMAT")]
    format: String,
    /// Where to write it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn ask_one(config: &std::path::Path, ask: Ask) -> Result<Value, CommandError> {
    let done = runtime()?.block_on(ask::act(config, vec![ask]))?;
    Ok(done.into_iter().next().unwrap_or_default())
}

/// Runs `vestibule authority trace`.
///
/// # Errors
/// [`CommandError`] says why nothing could be asked.
pub fn trace(args: TraceArgs) -> Result<Answer, CommandError> {
    let person = match (args.subject, args.code.or(args.number).as_deref()) {
        (Some(subject), _) => Some(subject),
        (None, Some("-")) => {
            let mut text = String::new();
            let read = io::stdin().take(CODE_BYTES_MAX).read_to_string(&mut text);
            read.map_err(failed("standard input cannot be read"))?;
            Some(text)
        }
        (None, code) => code.map(str::to_owned),
    };
    let tracing = Tracing {
        case: args.case,
        purpose: args.purpose,
        asked_by: args.asked_by,
        person,
        venue: args.venue,
        region: args.region,
        from: args.from.get(),
        until: args.until.get(),
        second_degree: args.second_degree,
    };
    let found = ask_one(&args.config, Ask::Trace(tracing))?;
    let persons = found["persons"].as_u64().unwrap_or(0);
    if args.json {
        say(&found);
    } else if found["state"] == "waiting" {
        say(format_args!("question {} waits for a second approver", found["question"]));
    } else {
        print(&found);
    }
    Ok(if persons > 0 { Answer::Yes } else { Answer::No })
}

fn print(found: &Value) {
    let list = |name: &str| found[name].as_array().cloned().unwrap_or_default();
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    say(format_args!("question {}: {} persons", found["question"], found["persons"]));
    for stay in list("stays") {
        let (venue, from) = (text(&stay, "venue_name"), text(&stay, "from"));
        say(format_args!("stay    {from} to {} at {venue}", text(&stay, "until")));
        let there = &stay["elsewhere"];
        if !there.is_null() {
            let (authority, url) = (text(there, "authority"), text(there, "url"));
            let region = &there["region"];
            say(format_args!("        in region {region}: ask its authority, {authority} {url}"));
        }
    }
    for met in list("met") {
        let (person, venue) = (text(&met, "person"), text(&met, "venue_name"));
        let (minutes, from) = (met["minutes"].as_i64().unwrap_or(0), text(&met, "from"));
        say(format_args!("met     {person} {minutes} min from {from} at {venue}"));
    }
    if found["cut"].as_bool() == Some(true) {
        say("not all are in it: more was found than one answer carries; ask about a shorter time");
    }
}

/// Runs `vestibule authority stats`.
///
/// # Errors
/// [`CommandError`] says why nothing could be counted.
pub fn stats(args: StatsArgs) -> Result<Answer, CommandError> {
    let counts = ask_one(&args.config, Ask::Stats)?;
    if args.json {
        say(&counts);
    } else {
        for name in ["visits", "entries", "exits", "refusals", "alerts", "notices", "questions"] {
            say(format_args!("{name:10} {}", counts[name]));
        }
        for venue in counts["venues"].as_array().into_iter().flatten() {
            let name = venue["name"].as_str().unwrap_or_default();
            say(format_args!("venue      {} {name}: {} visits", venue["venue"], venue["visits"]));
        }
    }
    Ok(Answer::Yes)
}

/// Runs `vestibule authority export`.
///
/// # Errors
/// [`CommandError`] says why no file was written.
pub fn export(args: ExportArgs) -> Result<Answer, CommandError> {
    let out = std::path::absolute(&args.out).map_err(failed("the path of --out is unusable"))?;
    let ask = Ask::ExportCase { case: args.case, number: args.question, format: args.format, out };
    let done = ask_one(&args.config, ask)?;
    if args.json {
        say(&done);
    } else {
        say(format_args!("{} lines in {}", done["lines"], args.out.display()));
    }
    Ok(Answer::Yes)
}
