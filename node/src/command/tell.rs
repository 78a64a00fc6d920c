//! `vestibule authority tell`: late news of a person reaches the venues as visits to look at, never as a name.

use std::{
    io::{self, Read},
    path::PathBuf,
};

use sync::time::UnixMillis;

use super::{Answer, CommandError, ask, failed, run::runtime, say};
use crate::control::{Ask, Cause, Telling};

const EXAMPLES: &str = "Examples:
  vestibule authority tell --config authority.toml --person 000102030405060708090a0b0c0d0e0f --from 2026-11-08T00:00:00Z \\
      --until 2026-11-22T00:00:00Z --case 2026-114 --purpose 'positive on 21 Nov' --asked-by 'A. Tracer'
  vestibule authority tell --config authority.toml --person - --cause revoked … < code.txt";

/// The longest code that is read, bytes: more than a symbol holds.
const CODE_BYTES_MAX: u64 = 8192;

/// Tell the venues to which a person went that these visits are to be looked at.
///
/// The venues learn which visits, not who; the question is in the log before anybody is told. The answer is negative
/// when the person was nowhere. It needs no second approver: it opens nobody's contacts.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct TellArgs {
    /// The authority's configuration; the node may run.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The person: a pseudonym in hexadecimal, the text of a code, or - to read it from standard input.
    #[arg(long, value_name = "PERSON")]
    person: String,
    /// Visits from then on.
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    from: UnixMillis,
    /// Visits before then.
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    until: UnixMillis,
    /// What is wrong with these visits.
    #[arg(long, value_enum, default_value = "status")]
    cause: Cause,
    /// The case it belongs to.
    #[arg(long, value_name = "REFERENCE")]
    case: String,
    /// What for.
    #[arg(long, value_name = "WORDS")]
    purpose: String,
    /// Who tells.
    #[arg(long, value_name = "NAME")]
    asked_by: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn time(text: &str) -> Result<UnixMillis, String> {
    UnixMillis::parse(text).ok_or_else(|| "a time has the form 2026-11-22T14:00:00Z".into())
}

/// Runs `vestibule authority tell`.
///
/// # Errors
/// [`CommandError`] says why nobody could be told.
pub fn run(args: TellArgs) -> Result<Answer, CommandError> {
    let person = match args.person.as_str() {
        "-" => {
            let mut text = String::new();
            let read = io::stdin().take(CODE_BYTES_MAX).read_to_string(&mut text);
            read.map_err(failed("standard input cannot be read"))?;
            text
        }
        person => person.to_owned(),
    };
    let telling = Telling {
        person,
        from: args.from.get(),
        until: args.until.get(),
        cause: args.cause,
        case: args.case,
        purpose: args.purpose,
        asked_by: args.asked_by,
    };
    let done = runtime()?.block_on(ask::act(&args.config, vec![Ask::Tell(telling)]))?;
    let visits: u64 = done.iter().filter_map(|d| d["visits"].as_u64()).sum();
    if args.json {
        done.iter().for_each(say);
    } else {
        say(format_args!("{visits} visits were pointed out to their venues"));
    }
    Ok(if visits > 0 { Answer::Yes } else { Answer::No })
}
