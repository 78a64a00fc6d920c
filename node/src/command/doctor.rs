//! `vestibule doctor`: what is wrong with a node and its machine, and what to do about it.

use std::{
    fs::File,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::json;

use super::{Answer, CommandError, ask, failed, in_words, read_text, run::runtime, say, warn};
use crate::{
    condition::Condition,
    config::Config,
    control::Ask,
    doctor::{self, Finding, Machine, State},
};

const EXAMPLES: &str = "Examples:
  sudo -u vestibule vestibule doctor
  vestibule doctor --config door.toml --json
  vestibule doctor --bundle /media/stick/support.tar     for whoever helps: no name, number or address is in it

Looks at camera, light, focus, disk, card, heat, power, clock, papers, bulletins, peers and the visits that wait for the
authority. Works while the node runs and while it does not. Exit code 1 when somebody must do something.";

/// The longest configuration that is read, bytes.
const CONFIG_MAX: usize = 1 << 20;
/// The units whose log is counted.
const UNITS: [&str; 2] = ["vestibule-door", "vestibule-authority"];

/// Say what is wrong with this node and its machine, and what to do about it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct DoctorArgs {
    /// The node's configuration.
    #[arg(long, value_name = "FILE", default_value = "/etc/vestibule/door.toml")]
    config: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Also write an archive for whoever helps, without a word about any person.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// The log that is counted in the archive. Default: the system's journal of this program.
    #[arg(long, value_name = "FILE", requires = "bundle")]
    log: Option<PathBuf>,
}

/// Runs `vestibule doctor`; negative when something is wrong.
///
/// # Errors
/// [`CommandError`] when the configuration is refused or the archive cannot be written.
pub fn run(args: DoctorArgs) -> Result<Answer, CommandError> {
    let config = Config::load(&args.config).map_err(|e| {
        CommandError::Usage(format!("the configuration is refused: {}", in_words(&e)))
    })?;
    let condition = runtime()?.block_on(condition(&args.config, &config));
    let found = doctor::examine(&config, &Machine::default(), &condition);
    if args.json {
        say(
            json!({ "wrong": doctor::is_wrong(&found), "findings": found, "condition": condition.as_ref().ok() }),
        );
    } else {
        found.iter().for_each(prose);
    }
    if let Some(path) = &args.bundle {
        archive(&args, path, &found, condition.as_ref().ok())?;
        warn(format_args!(
            "wrote {}: it names no person; look into it with: tar xf",
            path.display()
        ));
    }
    Ok(if doctor::is_wrong(&found) { Answer::No } else { Answer::Yes })
}

/// What the node says of itself; a node that never ran has no store, and none is made for this.
async fn condition(path: &Path, config: &Config) -> Result<Condition, String> {
    if !config.node.data.join("ledger").exists() {
        return Err(format!("it never ran: there is no store in {}", config.node.data.display()));
    }
    let said = ask::act(path, vec![Ask::Condition]).await.map_err(|e| in_words(&e))?;
    let said = said.into_iter().next().ok_or("it said nothing")?;
    serde_json::from_value(said).map_err(|e| in_words(&e))
}

fn prose(finding: &Finding) {
    let mark = match finding.state {
        State::Fine => "ok   ",
        State::Unknown => "?    ",
        State::Note => "note ",
        State::Wrong => "WRONG",
    };
    say(format_args!("{mark} {:<14} {}", finding.about, finding.said));
    if let Some(remedy) = &finding.remedy {
        say(format_args!("{:20} -> {remedy}", ""));
    }
}

fn archive(
    args: &DoctorArgs,
    path: &Path,
    found: &[Finding],
    condition: Option<&Condition>,
) -> Result<(), CommandError> {
    let what = || format!("cannot write {}", path.display());
    let config = read_text(&args.config, CONFIG_MAX)?;
    let log = match &args.log {
        Some(file) => read_text(file, doctor::LOG_MAX)?,
        None => journal(),
    };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed(what()))?;
    doctor::support(file.as_file_mut(), found, condition, &config, &log).map_err(failed(what()))?;
    file.flush().and_then(|()| file.as_file().sync_all()).map_err(failed(what()))?;
    file.persist(path).map_err(|e| failed(what())(e.error))?;
    File::open(folder).and_then(|f| f.sync_all()).map_err(failed(what()))
}

/// The last days of the system's journal of this program; empty where there is none or it may not be read.
fn journal() -> String {
    let mut command = Command::new("journalctl");
    command.args(["--quiet", "--no-pager", "--output=cat", "--lines=20000"]);
    for unit in UNITS {
        command.args(["--unit", unit]);
    }
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = child else { return String::new() };
    let mut bytes = Vec::new();
    if let Some(out) = child.stdout.take() {
        let _ = out.take(doctor::LOG_MAX as u64).read_to_end(&mut bytes); // what came is enough
    }
    let _ = child.kill(); // it may still be writing
    let _ = child.wait();
    String::from_utf8_lossy(&bytes).into_owned()
}
