//! `vestibule token issue`: signs one status token.

use std::path::PathBuf;

use node_core::token::{
    Claim, Cti, FactKind,
    status::{IssuerKey, Purpose, StatusClaims, issue},
    status_from_word,
};
use sync::{
    id::{PublicKey, Subject},
    record::Status,
    time::UnixMillis,
};

use super::{super::say, claims_json};
use crate::{
    command::{Answer, CommandError, failed},
    secret, wall,
};

const HOUR_MILLIS: i64 = 3_600_000;
const HOURS_MAX: u32 = 10 * 366 * 24;

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("says").required(true).args(["colour", "fact"]))]
pub(super) struct IssueArgs {
    /// The issuer's key file.
    #[arg(long, value_name = "KEYFILE")]
    key: PathBuf,
    /// The issuer's name, as the trust list has it.
    #[arg(long)]
    issuer: String,
    /// Say a colour: green, blue, yellow, red.
    #[arg(long, value_parser = colour)]
    colour: Option<Status>,
    /// Say a fact: negative-test, positive-test, contact, vaccination, recovery.
    #[arg(long, value_parser = fact, requires = "event")]
    fact: Option<FactKind>,
    /// When the fact happened.
    #[arg(long, value_name = "RFC3339", value_parser = time, requires = "fact")]
    event: Option<UnixMillis>,
    /// The holder's pseudonym, 32 hexadecimal digits. [default: random]
    #[arg(long, value_name = "HEX", value_parser = subject)]
    subject: Option<Subject>,
    /// For how many hours it holds.
    #[arg(long, value_name = "N", default_value_t = 14 * 24)]
    hours: u32,
    /// When it is issued. [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    issued: Option<UnixMillis>,
    /// The holder's name as far as staff may see it, such as 'A*** K.'.
    #[arg(long, value_name = "NAME")]
    masked_name: Option<String>,
    /// The holder's year of birth.
    #[arg(long, value_name = "YEAR")]
    birth_year: Option<u16>,
    /// Bind it to the phone that holds this key: shown without that phone's proof, it is refused. See `token present`.
    #[arg(long, value_name = "PUBLICKEY", value_parser = holder)]
    holder: Option<PublicKey>,
    /// Make a specimen, which admits nobody.
    #[arg(long)]
    specimen: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &IssueArgs) -> Result<Answer, CommandError> {
    let claims = claims(args)?;
    let key = secret::load_key(&args.key).map_err(failed("cannot use the issuer's key"))?;
    let text = issue(&claims, &IssuerKey::new(&key));
    if args.json {
        let mut said = claims_json(&claims);
        said["token"] = text.into();
        say(said);
    } else {
        say(text);
    }
    Ok(Answer::Yes)
}

fn claims(args: &IssueArgs) -> Result<StatusClaims, CommandError> {
    if !(1..=HOURS_MAX).contains(&args.hours) {
        return Err(CommandError::Usage(format!("--hours must lie between 1 and {HOURS_MAX}")));
    }
    let claim = match (args.colour, args.fact, args.event) {
        (Some(colour), None, None) => Claim::Colour(colour),
        (None, Some(kind), Some(at)) => Claim::Fact { kind, at },
        _ => {
            return Err(CommandError::Usage("give --colour, or --fact with --event".into()));
        }
    };
    let subject = match args.subject {
        Some(subject) => subject,
        None => Subject::new(random()?),
    };
    let cti = Cti::new(random()?);
    let issued = args.issued.unwrap_or_else(wall::now);
    let expires = issued.plus_millis(i64::from(args.hours) * HOUR_MILLIS);
    let refused = |e: node_core::token::status::ClaimsError| CommandError::Usage(e.to_string());
    let mut claims =
        StatusClaims::new(&args.issuer, subject, cti, issued, expires, claim).map_err(refused)?;
    if let Some(name) = &args.masked_name {
        claims = claims.with_masked_name(name).map_err(refused)?;
    }
    if let Some(year) = args.birth_year {
        claims = claims.with_birth_year(year).map_err(refused)?;
    }
    if let Some(holder) = args.holder {
        claims = claims.with_holder(holder);
    }
    Ok(if args.specimen { claims.with_purpose(Purpose::Specimen) } else { claims })
}

fn random<const N: usize>() -> Result<[u8; N], CommandError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(failed("the system has no randomness to give"))?;
    Ok(bytes)
}

fn colour(word: &str) -> Result<Status, String> {
    match status_from_word(word) {
        Some(status) if status != Status::Grey => Ok(status),
        _ => Err("a token says green, blue, yellow or red".into()),
    }
}

fn fact(word: &str) -> Result<FactKind, String> {
    FactKind::from_word(word).ok_or_else(|| {
        let words: Vec<_> = FactKind::ALL.iter().map(|kind| kind.word()).collect();
        format!("a fact is one of {}", words.join(", "))
    })
}

fn subject(hex: &str) -> Result<Subject, String> {
    Subject::from_hex(hex).ok_or_else(|| "a subject has 32 lower-case hexadecimal digits".into())
}

fn holder(hex: &str) -> Result<PublicKey, String> {
    PublicKey::from_hex(hex)
        .ok_or_else(|| "a public key has 64 lower-case hexadecimal digits".into())
}

pub(super) fn time(text: &str) -> Result<UnixMillis, String> {
    UnixMillis::parse(text).ok_or_else(|| "a time looks like 2026-11-21T14:00:00Z".into())
}
