//! `vestibule keys region`: another region in a trust list or out of it, with the list's next version.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::trust::{held, key, write};
use crate::command::{Answer, CommandError, failed};

#[derive(Debug, clap::Args)]
#[command(after_help = super::EXAMPLES)]
pub(super) struct RegionArgs {
    /// The trust list, as JSON.
    #[arg(long, value_name = "FILE")]
    list: PathBuf,
    /// The other region's number.
    #[arg(long, value_name = "N")]
    region: u16,
    /// What its authority is called.
    #[arg(long, value_name = "NAME", required_unless_present = "drop")]
    name: Option<String>,
    /// A file with one of its root's public keys; again for each further root.
    #[arg(long, value_name = "FILE", required_unless_present = "drop")]
    root: Vec<PathBuf>,
    /// How many of its roots sign its bulletins.
    #[arg(long, value_name = "N", default_value_t = 1)]
    needed: u8,
    /// Where its authority's interface is; none: letters go by file.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Take the region out, with the keys whose tokens name its people.
    #[arg(long, conflicts_with_all = ["name", "root", "url"])]
    drop: bool,
}

/// Runs `vestibule keys region`.
///
/// # Errors
/// [`CommandError`] names the file; then the list is as it was.
pub(super) fn run(args: &RegionArgs) -> Result<Answer, CommandError> {
    let mut list = held(&args.list)?;
    let mut regions = list["regions"].as_array().cloned().unwrap_or_default();
    let before = regions.len();
    regions.retain(|entry| entry["region"] != args.region);
    if args.drop {
        if regions.len() == before {
            let what = format!("{} stays as it was", args.list.display());
            return Err(failed(what)(format!("it has no region {}", args.region)));
        }
        if let Some(issuers) = list["issuers"].as_array_mut() {
            issuers.retain(|entry| entry["region"] != args.region);
        }
    } else {
        let roots = args.root.iter().map(|file| key(file)).collect::<Result<Vec<_>, _>>()?;
        let roots: Vec<String> = roots.iter().map(ToString::to_string).collect();
        let mut entry = json!({
            "region": args.region, "name": args.name, "roots": roots, "roots_needed": args.needed,
        });
        if let Some(url) = &args.url {
            entry["url"] = Value::from(url.as_str());
        }
        regions.push(entry);
    }
    list["regions"] = regions.into();
    write(&args.list, list)
}
