//! `vestibule authority enrol`: the register of venues, as tables and lists; requests for a root to sign, and their papers.

use std::path::{Path, PathBuf};

use node_core::{
    authority::{enrolment::APPLICATIONS_MAX, table},
    code::paper::venue_grant_to_text,
};
use serde_json::Value;
use sync::{
    id::{PublicKey, RegionId, VenueId},
    key::Signed,
    membership::VenueGrant,
    time::UnixMillis,
};

use super::{
    Answer, CommandError, ask, failed, read_file, read_text, run::runtime, say, write_file,
};
use crate::{
    control::{Ask, OfficeAsk},
    office::Row,
    secret,
};

const EXAMPLES: &str = "Examples:
  vestibule authority enrol import venues.csv --config authority.toml --json
  vestibule authority enrol list --config authority.toml --find bazaar
  vestibule authority enrol requests --config authority.toml --days 365 --out wanted.jsonl
  vestibule authority enrol sign wanted.jsonl --root root.key --out signed.grants
  vestibule authority enrol take signed.grants --config authority.toml

The table is CSV in UTF-8 with a first line of names; lines that begin with # are passed over:
  permit,permit_date,kind,activity,class,name,address,area,place,time_zone,capacity,contact,manager,entrances,agreement
  KZ-26/17,2026-11-01,catering,56.10.1,obligatory,Dostyk,\"Abay 1, Almaty\",almaty,city,Asia/Almaty,120,,,North:in;Yard:both,1
kind: catering, karaoke, computer-club, lottery, sport, sauna, fitness, pool, theatre, concert-hall, cinema, exhibition,
tourist-transport, oceanarium, children-centre, billiards, bowling, spa, rehearsal, hotel, airport, other. class: obligatory,
voluntary. place: city, region. A line whose permit is in the register changes that entry.";

/// Lines that go to the node at once: well below its longest request.
const AT_ONCE: usize = 100;
const FILE_MAX: usize = 16 << 20;

/// The register of venues.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct RegisterArgs {
    #[command(subcommand)]
    verb: RegisterVerb,
}

#[derive(Debug, clap::Subcommand)]
enum RegisterVerb {
    /// Take a table's venues into the register; each line is told of. The answer is negative when one was not taken.
    #[command(after_help = EXAMPLES)]
    Import {
        /// The table.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        at: At,
    },
    /// List the register.
    #[command(after_help = EXAMPLES)]
    List {
        /// Only venues in whose number, name, address, area or permit this stands.
        #[arg(long, value_name = "TEXT", default_value = "")]
        find: String,
        #[command(flatten)]
        at: At,
    },
    /// Write what a root is to sign: for venues without papers, or whose papers end within 30 days.
    #[command(after_help = EXAMPLES)]
    Requests {
        /// For how many days the papers are to hold.
        #[arg(long, value_name = "N", default_value_t = 365)]
        days: u32,
        /// The file to write, a line of JSON for each.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        at: At,
    },
    /// Sign requests with a root's key, where that key is; prints what each says.
    #[command(after_help = EXAMPLES)]
    Sign {
        /// The requests.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// A region root's key file.
        #[arg(long, value_name = "KEYFILE")]
        root: PathBuf,
        /// The file to write, a grant in each line.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Take signed papers into the register: each is its venue's join code from then on.
    #[command(after_help = EXAMPLES)]
    Take {
        /// The grants, one in each line.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Debug, clap::Args)]
struct At {
    /// The authority's configuration; the node may run.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs `vestibule authority enrol`.
///
/// # Errors
/// [`CommandError`] names the file, or says why the register could not be reached.
pub fn run(args: RegisterArgs) -> Result<Answer, CommandError> {
    match args.verb {
        RegisterVerb::Import { file, at } => import(&file, &at),
        RegisterVerb::List { find, at } => list(&find, &at),
        RegisterVerb::Requests { days, out, at } => requests(days, &out, &at),
        RegisterVerb::Sign { file, root, out } => sign(&file, &root, &out),
        RegisterVerb::Take { file, at } => take(&file, &at),
    }
}

/// The rows of a table, and what is wrong with those that cannot be sent.
pub(super) fn rows(path: &Path, needed: &[&'static str]) -> Result<Vec<Row>, CommandError> {
    let bytes = read_file(path, FILE_MAX)?;
    let read = table::read(&bytes, needed).map_err(|error| {
        CommandError::Usage(format!("{}: {}", path.display(), super::in_words(&error)))
    })?;
    Ok(read.iter().map(|row| (row.line, row.fields().clone())).collect())
}

pub(super) fn office(config: &Path, asks: Vec<OfficeAsk>) -> Result<Vec<Value>, CommandError> {
    let asks = asks.into_iter().map(Ask::Office).collect();
    runtime()?.block_on(ask::act(config, asks))
}

/// Prints a report per line; negative where one is an error or there is none.
pub(super) fn report(file: &Path, done: &[Value], json: bool) -> Answer {
    let told: Vec<&Value> = done.iter().filter_map(Value::as_array).flatten().collect();
    let refused = told.iter().filter(|row| row.get("error").is_some()).count();
    for row in &told {
        match (json, row["error"].as_str()) {
            (true, _) => say(row),
            (false, Some(error)) => {
                say(format_args!("{}: line {}: {error}", file.display(), row["line"]));
            }
            (false, None) => {}
        }
    }
    if !json {
        say(format_args!("{} taken, {refused} not", told.len() - refused));
    }
    if refused == 0 && !told.is_empty() { Answer::Yes } else { Answer::No }
}

fn import(file: &Path, at: &At) -> Result<Answer, CommandError> {
    let rows = rows(file, &["permit", "permit_date", "kind", "activity", "class", "name"])?;
    if rows.len() > 20 * APPLICATIONS_MAX {
        return Err(CommandError::Usage(format!("{}: too many lines", file.display())));
    }
    let asks = rows.chunks(AT_ONCE).map(|some| OfficeAsk::Enrol(some.to_vec())).collect();
    Ok(report(file, &office(&at.config, asks)?, at.json))
}

fn list(find: &str, at: &At) -> Result<Answer, CommandError> {
    let mut after = None;
    let mut any = false;
    loop {
        let asks = vec![OfficeAsk::Venues { text: find.to_owned(), after }];
        let done = office(&at.config, asks)?;
        let Some(page) = done.first() else { break };
        let venues = page["venues"].as_array().map_or(&[][..], Vec::as_slice);
        for venue in venues {
            any = true;
            match at.json {
                true => say(venue),
                false => say(format_args!(
                    "{:>6}  {}  {}  {}",
                    venue["venue"],
                    venue["name"].as_str().unwrap_or_default(),
                    venue["address"].as_str().unwrap_or_default(),
                    venue["granted_until"].as_str().unwrap_or("no papers"),
                )),
            }
        }
        after = venues.last().and_then(|venue| venue["venue"].as_u64());
        if page["more"] != true {
            break;
        }
    }
    Ok(if any { Answer::Yes } else { Answer::No })
}

fn requests(days: u32, out: &Path, at: &At) -> Result<Answer, CommandError> {
    let mut wanted: Vec<String> = Vec::new();
    let mut after = None;
    loop {
        let done = office(&at.config, vec![OfficeAsk::Requests { after, days }])?;
        let Some(page) = done.first() else { break };
        let some = page["requests"].as_array().map_or(&[][..], Vec::as_slice);
        wanted.extend(some.iter().map(Value::to_string));
        after = page["after"].as_u64();
        if after.is_none() {
            break;
        }
    }
    write_file(out, &wanted.join("\n"))?;
    match at.json {
        true => say(serde_json::json!({ "requests": wanted.len() })),
        false => say(format_args!("{} to sign: {}", wanted.len(), out.display())),
    }
    Ok(if wanted.is_empty() { Answer::No } else { Answer::Yes })
}

fn sign(file: &Path, root: &Path, out: &Path) -> Result<Answer, CommandError> {
    let text = read_text(file, FILE_MAX)?;
    let root = secret::load_key(root).map_err(failed("cannot use the root's key"))?;
    let mut grants = Vec::new();
    for (n, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let what = || format!("{}: line {n} is not signed", file.display());
        let said: Value = serde_json::from_str(line).map_err(failed(what()))?;
        let grant = wanted(&said).ok_or("a field is missing or of another form");
        let grant = grant.map_err(failed(what()))?;
        say(format_args!("venue {} {:?} until {}", grant.venue, grant.name, grant.not_after));
        grants.push(venue_grant_to_text(&Signed::seal(&grant, &root)));
    }
    write_file(out, &grants.join("\n"))?;
    Ok(if grants.is_empty() { Answer::No } else { Answer::Yes })
}

fn wanted(said: &Value) -> Option<VenueGrant> {
    let number = |name: &str| said[name].as_u64();
    let time = |name: &str| said[name].as_i64().map(UnixMillis::new);
    let small = |name: &str| match &said[name] {
        Value::Null => Some(None),
        value => u32::try_from(value.as_u64()?).ok().map(Some),
    };
    let doors = small("doors")?.map(u16::try_from).transpose().ok()?;
    Some(VenueGrant {
        region: RegionId::new(u16::try_from(number("region")?).ok()?),
        venue: VenueId::new(number("venue")?),
        name: said["name"].as_str()?.to_owned(),
        zone: said["zone"].as_str()?.to_owned(),
        manager: PublicKey::from_hex(said["manager"].as_str()?)?,
        capacity: small("capacity")?,
        not_before: time("not_before")?,
        not_after: time("not_after")?,
        doors,
        activity: said["activity"].as_str().map(str::to_owned),
        area: said["area"].as_str().map(str::to_owned),
    })
}

fn take(file: &Path, at: &At) -> Result<Answer, CommandError> {
    let text = read_text(file, FILE_MAX)?;
    let lines: Vec<String> =
        text.lines().map(str::to_owned).filter(|line| !line.trim().is_empty()).collect();
    let asks = lines.chunks(AT_ONCE).map(|some| OfficeAsk::TakeGrants(some.to_vec())).collect();
    let done = office(&at.config, asks)?;
    let told = done.iter().filter_map(Value::as_array).flatten();
    // The answers come in the order of the lines.
    let numbered: Vec<Value> = (1..)
        .zip(told)
        .map(|(line, row): (u64, &Value)| {
            let mut row = row.clone();
            row["line"] = line.into();
            row
        })
        .collect();
    Ok(report(file, &[numbered.into()], at.json))
}
