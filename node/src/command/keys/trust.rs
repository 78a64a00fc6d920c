//! `vestibule keys trust`: an issuer's key in a trust list or out of it, with the list's next version.

use std::path::{Path, PathBuf};

use node_core::token::trust::{Kid, LIST_BYTES_MAX, TrustList};
use serde_json::{Value, json};
use sync::{
    id::PublicKey,
    time::{DAY_MILLIS, UnixMillis},
};

use crate::{
    command::{Answer, CommandError, failed, public_key, read_file, read_text, say, write_file},
    wall,
};

/// A public key and a line's end.
const KEY_FILE_MAX: usize = 200;

#[derive(Debug, clap::Args)]
#[command(after_help = super::EXAMPLES)]
pub(super) struct TrustArgs {
    /// The trust list, as JSON; made where it is not there.
    #[arg(long, value_name = "FILE")]
    list: PathBuf,
    /// A file with the issuer's public key, as `keys new` prints it: it may issue from now on.
    #[arg(long, value_name = "FILE", requires = "issuer", required_unless_present = "drop")]
    add: Option<PathBuf>,
    /// The issuer's name.
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    /// The other region whose people its tokens name; the list has it by `keys region`.
    #[arg(long, value_name = "N", requires = "add")]
    region: Option<u16>,
    /// For how many days its tokens are accepted.
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3660))]
    days: u32,
    /// A file with the public key whose tokens are accepted no more, from the next bulletin on.
    #[arg(long, value_name = "FILE")]
    drop: Option<PathBuf>,
}

/// Runs `vestibule keys trust`.
///
/// # Errors
/// [`CommandError`] names the file; then the list is as it was.
pub(super) fn run(args: &TrustArgs) -> Result<Answer, CommandError> {
    let now = wall::now();
    let mut list = held(&args.list)?;
    let what = || format!("{} stays as it was", args.list.display());
    let Some(issuers) = list["issuers"].as_array_mut() else {
        return Err(failed(what())("it has no list of issuers"));
    };
    if let Some(file) = &args.drop {
        let kid = Kid::of(&key(file)?).to_string();
        let before = issuers.len();
        issuers.retain(|entry| entry["kid"] != kid.as_str());
        if issuers.len() == before {
            return Err(failed(what())(format!("it has no key {kid}")));
        }
    }
    if let (Some(file), Some(issuer)) = (&args.add, &args.issuer) {
        let mut entry = entry(issuer, &key(file)?, args.days, now);
        if let Some(region) = args.region {
            entry["region"] = region.into();
        }
        issuers.retain(|held| held["kid"] != entry["kid"]);
        issuers.push(entry);
    }
    write(&args.list, list)
}

/// Writes the list's next version, if it can be read.
pub(super) fn write(path: &Path, mut list: Value) -> Result<Answer, CommandError> {
    let version = u64::try_from(wall::now().secs()).unwrap_or(0);
    list["version"] = version.max(list["version"].as_u64().unwrap_or(0) + 1).into();
    let what = || format!("{} stays as it was", path.display());
    let text = serde_json::to_string_pretty(&list).map_err(failed(what()))?;
    TrustList::parse(text.as_bytes()).map_err(failed(what()))?;
    write_file(path, &text)?;
    say(format_args!("{} version {}", path.display(), list["version"]));
    Ok(Answer::Yes)
}

pub(super) fn held(path: &Path) -> Result<Value, CommandError> {
    if !path.exists() {
        return Ok(json!({ "version": 0, "issuers": [] }));
    }
    let body = read_file(path, LIST_BYTES_MAX)?;
    let what = || format!("{} is no trust list", path.display());
    TrustList::parse(&body).map_err(failed(what()))?;
    serde_json::from_slice(&body).map_err(failed(what()))
}

pub(super) fn key(path: &Path) -> Result<PublicKey, CommandError> {
    let text = read_text(path, KEY_FILE_MAX)?;
    public_key(text.trim()).map_err(failed(format!("{} holds no public key", path.display())))
}

fn entry(issuer: &str, key: &PublicKey, days: u32, now: UnixMillis) -> Value {
    json!({
        "issuer": issuer,
        "kid": Kid::of(key).to_string(),
        "algorithm": "EdDSA",
        "key": key.to_string(),
        // For doors whose clocks are behind.
        "not_before": now.plus_millis(-node_core::clock::SKEW_MILLIS).to_string(),
        "not_after": now.plus_millis(i64::from(days) * DAY_MILLIS).to_string(),
    })
}
