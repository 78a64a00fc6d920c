//! `vestibule authority publish`: signs policy, trust list, revocations, tracing keys, standing, announcements and the time
//! into bulletins.

mod draft;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use node_core::{
    announcements::Announcements,
    authority::succession,
    clock::Beacon,
    code::paper::{TRACING_KEYS_MAX, tracing_keys_to_body},
    policy::Policy,
    standing::StandingList,
    token::{
        revocations::Revocations,
        trust::{LIST_BYTES_MAX, TrustList},
    },
};
use sync::{
    bulletin::{BULLETIN_MAX, Bulletin, BulletinKind, Notice},
    id::RegionId,
    key::SecretKey,
    time::{DAY_MILLIS, UnixMillis},
};

use super::{Answer, CommandError, failed, read_file, read_text, say, write_file};
use crate::{secret, wall};

const EXAMPLES: &str = "Examples:
  vestibule authority publish --root root.key --region 1 --policy policy.json --trust trust.json --out bulletins
  vestibule authority publish --root a.key --root b.key --region 1 --revocations revoked.json --days 3 --out bulletins
  vestibule authority publish --root root.key --region 1 --tracing tracing.secrets --out bulletins
  vestibule authority publish --root a.key --root b.key --region 1 --beacon --out bulletins
  vestibule authority publish --unsigned --region 1 --tracing tracing.secrets --out bulletins
  vestibule authority publish --root a.key --root b.key --region 1 --roots roots.json --out bulletins
  vestibule authority publish preview policy policy.json --config authority.toml
  vestibule authority publish draft policy policy.json --by 'A. Publisher' --config authority.toml
  vestibule authority publish standing --by 'A. Publisher' --config authority.toml
  vestibule authority publish draft announcements told.json --by 'A. Publisher' --config authority.toml
  vestibule authority publish renew --by 'A. Publisher' --config authority.toml
  vestibule authority publish export 3 --out policy.draft --config authority.toml
  vestibule authority publish sign policy.draft --root b.key
  vestibule authority publish add policy.draft --config authority.toml";

const ROOTS_MAX: usize = 8;
const DAYS_MAX: u32 = 366;

/// Sign policy, trust list, revocations, tracing keys, standing, announcements and the time into bulletins that any node passes on.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
pub struct PublishArgs {
    #[command(subcommand)]
    verb: Option<draft::DraftVerb>,
    /// A region root's key file; again for each further signature.
    #[arg(long, value_name = "KEYFILE", required_unless_present = "unsigned")]
    root: Vec<PathBuf>,
    /// Without a signature: for roots whose keys are elsewhere, who sign by `publish sign`.
    #[arg(long, conflicts_with = "root")]
    unsigned: bool,
    /// The region's number.
    #[arg(long, value_name = "N", required = true)]
    region: Option<u16>,
    /// The policy, as JSON.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The trust list, as JSON.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// The revocations, as JSON.
    #[arg(long, value_name = "FILE")]
    revocations: Option<PathBuf>,
    /// How venues stand, as JSON.
    #[arg(long, value_name = "FILE")]
    standing: Option<PathBuf>,
    /// What is announced to venues, as JSON.
    #[arg(long, value_name = "FILE")]
    announcements: Option<PathBuf>,
    /// The tracing secrets; only their public halves are published.
    #[arg(long, value_name = "FILE")]
    tracing: Option<PathBuf>,
    /// The root keys from now on, as JSON; signed by enough of the present ones and by enough of these.
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
    /// With the root keys: the bulletin of roots in force. None for the first after the configured ones.
    #[arg(long, value_name = "FILE", requires = "roots")]
    roots_before: Option<PathBuf>,
    /// The time, by this machine's clock: from then on no node believes a clock that is behind.
    #[arg(long)]
    beacon: bool,
    /// With the beacon: undo a time that was signed by a clock that ran ahead. Nodes believe this one instead.
    #[arg(long, requires = "beacon")]
    reset: bool,
    /// The bulletins' version; a higher one replaces a lower one. [default: seconds since 1970, and above the one that the
    /// folder holds]
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    /// For how many days they count as current.
    #[arg(long, value_name = "N", default_value_t = 30)]
    days: u32,
    /// The folder to write to.
    #[arg(long, value_name = "DIR", required = true)]
    out: Option<PathBuf>,
}

/// Runs `vestibule authority publish`.
///
/// # Errors
/// [`CommandError`] names the file and the field that is wrong; then nothing was written.
pub fn run(mut args: PublishArgs) -> Result<Answer, CommandError> {
    if let Some(verb) = args.verb.take() {
        return draft::run(verb);
    }
    let (Some(region), Some(out)) = (args.region, args.out.clone()) else {
        return Err(CommandError::Usage("give --region and --out".into()));
    };
    if !(1..=DAYS_MAX).contains(&args.days) {
        return Err(CommandError::Usage(format!("--days must lie between 1 and {DAYS_MAX}")));
    }
    if args.root.len() > ROOTS_MAX {
        return Err(CommandError::Usage(format!("--root: at most {ROOTS_MAX} keys may sign")));
    }
    let bodies = bodies(&args)?;
    if bodies.is_empty() {
        let text = "give at least one of --policy, --trust, --revocations, --standing, --announcements, --tracing, --roots, --beacon";
        return Err(CommandError::Usage(text.into()));
    }
    let roots = args.root.iter().map(|path| secret::load_key(path)).collect::<Result<Vec<_>, _>>();
    let roots = roots.map_err(failed("cannot use a root's key"))?;
    let now = wall::now();
    fs::create_dir_all(&out).map_err(failed(format!("cannot create {}", out.display())))?;
    for (kind, body) in bodies {
        let version = args.version.unwrap_or_else(|| version(&out, kind, now));
        let not_after = now.plus_millis(i64::from(args.days) * DAY_MILLIS);
        let region = RegionId::new(region);
        let notice = Notice { region, kind, version, issued_at: now, not_after, body };
        publish(&notice, &roots, &out)?;
    }
    Ok(Answer::Yes)
}

/// The seconds of now; more where the folder holds one of this second or later, for two that are published within a second
/// must not be one. One that is more than a day ahead was numbered by hand, or by a clock that was wrong.
fn version(folder: &Path, kind: BulletinKind, now: UnixMillis) -> u64 {
    let held = read_text(&folder.join(file_name(kind)), BULLETIN_MAX * 2).ok();
    let held = held.and_then(|text| Bulletin::from_text(&text).ok()?.unverified().ok());
    let secs = u64::try_from(now.secs()).unwrap_or(0);
    let next = held.map_or(secs, |held| secs.max(held.version.saturating_add(1)));
    if next > secs + 86_400 { secs } else { next }
}

fn bodies(args: &PublishArgs) -> Result<Vec<(BulletinKind, Vec<u8>)>, CommandError> {
    let mut bodies = Vec::new();
    if let Some(path) = &args.policy {
        let body = read_checked(path, |b| Policy::parse(b).map(drop))?;
        bodies.push((BulletinKind::Policy, body));
    }
    if let Some(path) = &args.trust {
        let body = read_checked(path, |b| TrustList::parse(b).map(drop))?;
        bodies.push((BulletinKind::Trust, body));
    }
    if let Some(path) = &args.revocations {
        let body = read_checked(path, |b| Revocations::parse(b).map(drop))?;
        bodies.push((BulletinKind::Revocations, body));
    }
    if let Some(path) = &args.standing {
        let body = read_checked(path, |b| StandingList::parse(b).map(drop))?;
        bodies.push((BulletinKind::Standing, body));
    }
    if let Some(path) = &args.announcements {
        let body = read_checked(path, |b| Announcements::parse(b).map(drop))?;
        bodies.push((BulletinKind::Announcements, body));
    }
    if let Some(path) = &args.tracing {
        bodies.push((BulletinKind::TracingKeys, tracing_body(path)?));
    }
    if let Some(path) = &args.roots {
        bodies.push((BulletinKind::Roots, roots_body(path, args.roots_before.as_deref())?));
    }
    if args.beacon {
        bodies.push((BulletinKind::Beacon, Beacon { resets: args.reset }.to_body()));
    }
    Ok(bodies)
}

fn read_checked<E: std::error::Error + Send + Sync + 'static>(
    path: &Path,
    check: impl FnOnce(&[u8]) -> Result<(), E>,
) -> Result<Vec<u8>, CommandError> {
    // Room for the notice around the body.
    let body = read_file(path, LIST_BYTES_MAX.min(BULLETIN_MAX) - 1024)?;
    check(&body).map_err(failed(format!("{} is not published", path.display())))?;
    Ok(body)
}

fn roots_body(path: &Path, before: Option<&Path>) -> Result<Vec<u8>, CommandError> {
    let text = read_file(path, LIST_BYTES_MAX)?;
    let held = before.map(|path| {
        let held = Bulletin::from_text(&read_text(path, BULLETIN_MAX * 2)?);
        held.map_err(failed(format!("{} holds no bulletin", path.display())))
    });
    succession::body(&text, held.transpose()?)
        .map_err(failed(format!("{} is not published", path.display())))
}

fn tracing_body(path: &Path) -> Result<Vec<u8>, CommandError> {
    let what = || format!("{} is not published", path.display());
    let secrets = secret::load_tracing(path).map_err(failed(what()))?;
    // Of a week that was given another secret the later one seals; the earlier one still opens.
    let latest = secrets.iter().map(|secret| (secret.week(), secret)).collect::<BTreeMap<_, _>>();
    if latest.len() > TRACING_KEYS_MAX {
        return Err(failed(what())(format!("it has more than {TRACING_KEYS_MAX} weeks")));
    }
    let keys: Option<Vec<_>> = latest.values().map(|s| s.public()).collect();
    let keys = keys.ok_or("one of its secrets is no X25519 key").map_err(failed(what()))?;
    Ok(tracing_keys_to_body(&keys))
}

fn publish(notice: &Notice, roots: &[SecretKey], folder: &Path) -> Result<(), CommandError> {
    let bulletin = Bulletin::seal(notice, &roots.iter().collect::<Vec<_>>());
    let path = folder.join(file_name(notice.kind));
    write_file(&path, &bulletin.to_text())?;
    let (version, until): (u64, UnixMillis) = (notice.version, notice.not_after);
    say(format_args!("{} version {version}, current until {until}", path.display()));
    Ok(())
}

const fn file_name(kind: BulletinKind) -> &'static str {
    match kind {
        BulletinKind::Policy => "policy.bulletin",
        BulletinKind::Trust => "trust.bulletin",
        BulletinKind::TracingKeys => "tracing-keys.bulletin",
        BulletinKind::Revocations => "revocations.bulletin",
        BulletinKind::Beacon => "beacon.bulletin",
        BulletinKind::Standing => "standing.bulletin",
        BulletinKind::Announcements => "announcements.bulletin",
        BulletinKind::Roots => "roots.bulletin",
    }
}
