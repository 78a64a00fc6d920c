//! `vestibule keys`: creates and shows key files.

mod region;
mod trust;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use node_core::{code::paper::TRACING_KEYS_MAX, token::trust::Kid};
use serde_json::json;
use sync::{
    id::Week,
    key::SecretKey,
    sealed::TracingSecret,
    tag::TagKey,
    time::{Day, UnixMillis, Zone},
};

use super::{Answer, CommandError, failed, say};
use crate::{
    secret::{self, Secret},
    wall,
};

const EXAMPLES: &str = "Examples:
  vestibule keys new --out root.key > root.pub
  vestibule keys show root.key --json
  vestibule keys tracing --weeks 8 --from 2026-11-21 --out tracing.secrets
  vestibule keys tracing --weeks 8 --extend --out tracing.secrets
  vestibule keys trust --list trust.json --add issuer.pub --issuer KZ --days 365
  vestibule keys region --list trust.json --region 2 --name Beta --root beta.pub --url https://authority.beta.example
  vestibule keys trust --list trust.json --add beta-issuer.pub --issuer KZ-B --region 2
  vestibule keys tag --day today --zone Asia/Almaty --out venue.tag-key";

const NO_RANDOMNESS: &str = "the system has no randomness to give";

/// Create and show key files.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, clap::Subcommand)]
enum KeysCommand {
    /// Create a signing key: a node's, a manager's, an issuer's or a region root's. Prints the public half.
    #[command(after_help = EXAMPLES)]
    New {
        /// The file to create, readable by its owner alone.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show what a key file holds, without its secret.
    #[command(after_help = EXAMPLES)]
    Show {
        /// The key file.
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Create the authority's tracing secrets, one a week.
    #[command(after_help = EXAMPLES)]
    Tracing {
        /// How many weeks.
        #[arg(long, value_name = "N", default_value_t = 8)]
        weeks: u32,
        /// A day of the first week, as YYYY-MM-DD, or `today`.
        #[arg(long, value_name = "DATE", default_value = "today")]
        from: String,
        /// The file is there: add those of the weeks that it lacks.
        #[arg(long)]
        extend: bool,
        /// The file is there, and somebody else may have read it: add another secret for each of the weeks. What the
        /// earlier ones sealed still opens.
        #[arg(long, conflicts_with = "extend")]
        renew: bool,
        /// The file to create, readable by its owner alone.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write who may issue tokens into a trust list, or take a key out of it.
    #[command(after_help = EXAMPLES)]
    Trust(trust::TrustArgs),
    /// Write another region, whose people are let in here, into a trust list, or take it out.
    #[command(after_help = EXAMPLES)]
    Region(region::RegionArgs),
    /// Create a venue's tag key, which all its doors share.
    #[command(after_help = EXAMPLES)]
    Tag {
        /// Its first day, as YYYY-MM-DD, or `today`.
        #[arg(long, value_name = "DATE", default_value = "today")]
        day: String,
        /// The venue's time zone, in which `today` is meant.
        #[arg(long, value_name = "ZONE", default_value = "UTC")]
        zone: String,
        /// The file to create, readable by its owner alone.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs `vestibule keys`.
///
/// # Errors
/// [`CommandError`] names the file or argument.
pub fn run(args: KeysArgs) -> Result<Answer, CommandError> {
    let (secret, out, json) = match args.command {
        KeysCommand::Show { file, json } => {
            let secret = Secret::load(&file).map_err(failed("cannot show the key"))?;
            show(&secret, json);
            return Ok(Answer::Yes);
        }
        KeysCommand::New { out, json } => {
            let key = SecretKey::generate().map_err(failed(NO_RANDOMNESS))?;
            (Secret::Signing(key), out, json)
        }
        KeysCommand::Trust(args) => return trust::run(&args),
        KeysCommand::Region(args) => return region::run(&args),
        KeysCommand::Tracing { weeks, from, extend, renew, out, json } if extend || renew => {
            add_weeks(&out, tracing(weeks, &from)?, renew)?;
            show(&Secret::load(&out).map_err(failed("cannot show the key"))?, json);
            return Ok(Answer::Yes);
        }
        KeysCommand::Tracing { weeks, from, out, json, .. } => {
            (Secret::Tracing(tracing(weeks, &from)?), out, json)
        }
        KeysCommand::Tag { day, zone, out, json } => (tag(&day, &zone)?, out, json),
    };
    secret.create(&out).map_err(failed("cannot create the key file"))?;
    show(&secret, json);
    Ok(Answer::Yes)
}

fn tracing(weeks: u32, from: &str) -> Result<Vec<TracingSecret>, CommandError> {
    if weeks == 0 || weeks as usize > TRACING_KEYS_MAX {
        let text = format!("--weeks must lie between 1 and {TRACING_KEYS_MAX}");
        return Err(CommandError::Usage(text));
    }
    let first = if from == "today" { wall::now() } else { midnight("--from", from)? }.week().get();
    let secrets =
        (first..first.saturating_add(weeks)).map(|w| TracingSecret::generate(Week::new(w)));
    Ok(secrets.collect())
}

/// Adds those of the weeks that the file lacks, or all of them.
fn add_weeks(file: &Path, mut fresh: Vec<TracingSecret>, all: bool) -> Result<(), CommandError> {
    let held = secret::load_tracing(file).map_err(failed("the weeks are not added"))?;
    let held: BTreeSet<Week> = held.iter().map(TracingSecret::week).collect();
    fresh.retain(|secret| all || !held.contains(&secret.week()));
    if fresh.is_empty() {
        return Ok(());
    }
    secret::add_tracing(file, fresh).map_err(failed("the weeks are not added"))
}

fn tag(day: &str, zone: &str) -> Result<Secret, CommandError> {
    let zone = Zone::named(zone)
        .ok_or_else(|| CommandError::Usage(format!("--zone: there is no time zone {zone}")))?;
    let day = if day == "today" { zone.day(wall::now()) } else { civil_day("--day", day)? };
    let mut key = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(&mut *key).map_err(failed(NO_RANDOMNESS))?;
    Ok(Secret::Tag(TagKey::new(day, *key)))
}

fn midnight(argument: &str, date: &str) -> Result<UnixMillis, CommandError> {
    UnixMillis::parse(&format!("{date}T00:00:00Z")).ok_or_else(|| {
        CommandError::Usage(format!("{argument}: {date} is neither `today` nor a day YYYY-MM-DD"))
    })
}

fn civil_day(argument: &str, date: &str) -> Result<Day, CommandError> {
    let days = midnight(argument, date)?.secs().div_euclid(86_400);
    Ok(i32::try_from(days).map_or(Day::UNKNOWN, Day::new))
}

fn show(secret: &Secret, json: bool) {
    match (secret, json) {
        (Secret::Signing(key), true) => {
            let public = key.public();
            let kid = Kid::of(&public).to_string();
            say(json!({ "kind": "signing", "public": public.to_string(), "kid": kid }));
        }
        (Secret::Signing(key), false) => say(key.public()),
        (Secret::Tracing(secrets), true) => {
            let weeks: Vec<_> = secrets.iter().map(|s| s.week().get()).collect();
            say(json!({ "kind": "tracing", "weeks": weeks }));
        }
        (Secret::Tracing(secrets), false) => match (secrets.first(), secrets.last()) {
            (Some(first), Some(last)) => say(format_args!(
                "{} tracing secrets, weeks {} to {}",
                secrets.len(),
                first.week(),
                last.week()
            )),
            _ => say("no tracing secrets"),
        },
        (Secret::Tag(key), true) => {
            say(json!({ "kind": "tag", "day": key.day().to_string() }));
        }
        (Secret::Tag(key), false) => say(format_args!("tag key of {}", key.day())),
        (Secret::Ring(ring), true) => {
            let (day, keys) = (ring.current().day().to_string(), ring.keys().count());
            say(json!({ "kind": "tag", "day": day, "keys": keys }));
        }
        (Secret::Ring(ring), false) => {
            let (day, earlier) = (ring.current().day(), ring.keys().count() - 1);
            say(format_args!("tag key of {day}, and {earlier} earlier ones since a loss"));
        }
    }
}
