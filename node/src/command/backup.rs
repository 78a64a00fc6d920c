//! `vestibule backup` and `vestibule restore`: a door in one file, and back from it.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use sync::{book::Keeps, vault::DayKey};
use zeroize::Zeroizing;

use super::{
    Answer, CommandError, ask, belongs_to_another, failed, in_words, read_file, run::runtime, say,
    warn, write_file,
};
use crate::{
    backup::{
        self, Age, Backup, CONFIG, Entry, Label, Named, PlaceError, RECORDS, Replace, STANDING,
    },
    config::Config,
    control::Ask,
    start::charter,
    wall,
};

const EXAMPLES: &str = "Examples:
  sudo -u vestibule vestibule backup /media/stick/door-a.backup --config /etc/vestibule/door.toml
  sudo -u vestibule vestibule restore /media/stick/door-a.backup --config /etc/vestibule/door.toml --tag-key tag.key

A backup holds the door's own key and papers: keep it like a key. It holds no tag key, so bring that from another door of
the venue (its tag.key), or from pairing; a venue of one door makes a new one (vestibule keys tag). The records of each day in
it can be read only as long as the keys of that day exist somewhere, and a backup past its days is refused.
Days that this door cannot open are left in data/restored.bundle: vestibule bundle import takes them in at the authority.";

/// The longest small file, bytes.
const SMALL_MAX: usize = 1 << 20;
/// How many days a door keeps where no policy has come yet.
const DAYS: u16 = 14;

/// Save a door in one file: its key, its papers and its venue's records.
///
/// Works while the node runs and while it does not.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct BackupArgs {
    /// The file to write.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The door's configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Print JSON, and no progress.
    #[arg(long)]
    json: bool,
}

/// Bring a door back from its backup, under its own key. The node must be stopped.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct RestoreArgs {
    /// The backup.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The door's configuration; where there is none, the backup's is written there.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The venue's tag key, from another door; else it must be in its place already.
    #[arg(long, value_name = "FILE")]
    tag_key: Option<PathBuf>,
    /// Destroy the store that is here, if the authority has all of its visits.
    #[arg(long)]
    replace: bool,
    /// Destroy it although visits are lost by it.
    #[arg(long, requires = "replace")]
    anyway: bool,
    /// Print JSON, and no progress.
    #[arg(long)]
    json: bool,
}

/// Runs `vestibule backup`.
///
/// # Errors
/// [`CommandError`] names the file.
pub fn run(args: BackupArgs) -> Result<Answer, CommandError> {
    let config = load(&args.config)?;
    let (charter, _) = charter(&config).map_err(failed("the door's papers are refused"))?;
    if !matches!(charter.keeps, Keeps::Venue(_)) {
        return Err(CommandError::Usage(of_an_authority(&config).into()));
    }
    let step = Steps::new(args.json, 3);
    step.say("gathering keys and papers");
    let mut files = gather(&backup::named(&config))?;
    files.push((CONFIG.into(), private(&args.config)?));
    step.say("asking the node for its records");
    let standing = DayKey::random().map_err(failed("no key could be made"))?.to_text();
    let (records, said) = records(&args.config, &config, &standing)?;
    files.push((STANDING.into(), Zeroizing::new(standing.as_bytes().to_vec())));
    files.push((RECORDS.into(), records));
    let label = Label {
        format: backup::FORMAT,
        version: env!("CARGO_PKG_VERSION").into(),
        node: charter.key.public().to_string(),
        made_at: wall::now().get(),
        days: said["days_kept"].as_u64().and_then(|n| u16::try_from(n).ok()).unwrap_or(DAYS),
    };
    step.say("writing the file");
    let backup = Backup::new(label, files);
    let bytes = backup.write(&args.file).map_err(failed("the backup was not written"))?;
    let left_out = &said["left_out"];
    if args.json {
        say(
            json!({ "file": args.file, "bytes": bytes, "days": said["days"], "left_out": left_out }),
        );
    } else {
        say(format_args!("wrote {} ({bytes} bytes): keep it like a key", args.file.display()));
        for (day, why) in left_out.as_object().into_iter().flatten() {
            say(format_args!("  not in it: {day}: {}", why.as_str().unwrap_or("?")));
        }
    }
    let whole = left_out.as_object().is_none_or(serde_json::Map::is_empty);
    Ok(if whole { Answer::Yes } else { Answer::No })
}

/// Why an authority has no such backup, and what it has.
fn of_an_authority(config: &Config) -> &'static str {
    let shared = config.authority.as_ref().is_some_and(|authority| authority.store.is_some());
    if shared {
        "only a door has such a backup: all that this authority has acknowledged is in its PostgreSQL. Save that with \
         pg_dump, and beside it the cabinet key, the tracing secrets, this node's key, papers and configuration \
         (deploy/AUTHORITY.md)"
    } else {
        "only a door has such a backup: an authority that lost its store has its visits again from the doors, as far \
         as they still keep them. Cases, accounts and registry are saved where it keeps them in PostgreSQL \
         (deploy/AUTHORITY.md)"
    }
}

/// A bundle of everything, by way of a folder in the data folder that only its owner can read.
fn records(
    path: &Path,
    config: &Config,
    standing: &str,
) -> Result<(Zeroizing<Vec<u8>>, Value), CommandError> {
    let data = &config.node.data;
    if !data.join("ledger").exists() {
        return Err(failed("there is nothing to save")(format!(
            "the node never ran: there is no store in {}",
            data.display()
        )));
    }
    let folder = tempfile::tempdir_in(data).map_err(failed("no place beside the store"))?;
    // Called by root, and written by the running node's own user.
    let owner = fs::metadata(data).map_err(failed("the data folder cannot be looked at"))?;
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(folder.path(), Some(owner.uid()), Some(owner.gid()))
            .map_err(failed("the data folder's owner cannot be given a folder"))?;
    }
    let out = folder.path().join(RECORDS);
    let ask = Ask::Backup { out: out.clone(), standing: standing.to_owned() };
    let said = runtime()?.block_on(ask::act(path, vec![ask]))?;
    let bytes = fs::read(&out).map_err(failed("the records cannot be read"))?;
    Ok((Zeroizing::new(bytes), said.into_iter().next().unwrap_or_default()))
}

/// The door's small files; what need not be there may be missing.
fn gather(named: &[Named]) -> Result<Vec<Entry>, CommandError> {
    let mut files = Vec::new();
    for file in named.iter().filter(|file| file.needed || file.path.exists()) {
        files.push((file.name.to_owned(), private(&file.path)?));
    }
    Ok(files)
}

fn private(path: &Path) -> Result<Zeroizing<Vec<u8>>, CommandError> {
    read_file(path, SMALL_MAX).map(Zeroizing::new)
}

/// Runs `vestibule restore`; negative when days are still sealed or something was refused.
///
/// # Errors
/// [`CommandError`] names what is in the way, or the file that is refused.
pub fn restore(args: RestoreArgs) -> Result<Answer, CommandError> {
    let step = Steps::new(args.json, 5);
    step.say("reading the backup");
    let backup = Backup::read(&args.file).map_err(failed("the backup is refused"))?;
    may_come_back(&backup, &args.file)?;
    if !args.config.exists() {
        let text = backup.file(CONFIG).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let text =
            text.ok_or("it holds no configuration").map_err(failed("the backup is refused"))?;
        write_file(&args.config, text.trim_end())?;
    }
    let config = load(&args.config)?;
    let own =
        "it belongs to another user; run this as that one: sudo -u vestibule vestibule restore …";
    if belongs_to_another(&config.node.data) {
        return Err(CommandError::Usage(format!("{}: {own}", config.node.data.display())));
    }
    let replace = match (args.replace, args.anyway) {
        (false, _) => Replace::Never,
        (true, false) => Replace::Settled,
        (true, true) => Replace::Anything,
    };
    let placed = runtime()?.block_on(async {
        let tag_key = backup::tag_key(&config, args.tag_key.as_deref()).map_err(no_tag_key)?;
        let place = backup::place(&config, &backup, tag_key, replace, |what| step.say(what));
        Box::pin(place).await.map_err(not_restored)
    })?;
    if args.json {
        say(serde_json::to_value(&placed).unwrap_or_default());
    } else {
        say(format_args!(
            "restored: {} records, {} visits among them not yet known to be with the authority; start the node",
            placed.records, placed.unacknowledged
        ));
        if let Some(file) = &placed.sealed_file {
            let days = placed.sealed_days.join(", ");
            let file = file.display();
            say(format_args!(
                "  no key here opens {days}: at the authority, vestibule bundle import {file}"
            ));
        }
        for why in &placed.refused {
            say(format_args!("  refused: {why}"));
        }
    }
    let whole = placed.sealed_days.is_empty() && placed.refused.is_empty();
    Ok(if whole { Answer::Yes } else { Answer::No })
}

fn may_come_back(backup: &Backup, path: &Path) -> Result<(), CommandError> {
    let path = path.display();
    match backup.label.age(wall::now()) {
        Age::Days(_) => Ok(()),
        Age::Past(days) => Err(failed(format!("{path} is past its days"))(format!(
            "it was made {days} days ago, and a door keeps {}: destroy it, and pair the door anew",
            backup.label.days
        ))),
        Age::Ahead => Err(failed(format!("{path} was made after now"))(
            "set this machine's clock first (timedatectl set-time)",
        )),
    }
}

fn no_tag_key(error: PlaceError) -> CommandError {
    failed(
        "a backup holds no tag key: bring one from another door of the venue (--tag-key FILE), or make a new one for a          venue of one door (vestibule keys tag)",
    )(error)
}

fn not_restored(error: PlaceError) -> CommandError {
    let remedy = match &error {
        PlaceError::InTheWay(_) => {
            "nothing was restored; --replace destroys what is there, and --anyway even visits that nobody else has"
        }
        _ => "nothing was restored; the node must be stopped for it",
    };
    failed(remedy)(error)
}

fn load(path: &Path) -> Result<Config, CommandError> {
    Config::load(path)
        .map_err(|e| CommandError::Usage(format!("the configuration is refused: {}", in_words(&e))))
}

/// Says on standard error what is being done, and how far it is.
struct Steps {
    quiet: bool,
    all: usize,
    done: std::cell::Cell<usize>,
}

impl Steps {
    fn new(quiet: bool, all: usize) -> Self {
        Self { quiet, all, done: std::cell::Cell::new(0) }
    }

    fn say(&self, what: &str) {
        self.done.set(self.done.get() + 1);
        if !self.quiet {
            warn(format_args!("{}/{} {what}", self.done.get(), self.all));
        }
    }
}
