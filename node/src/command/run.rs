//! `vestibule run` and `vestibule check-config`: runs the node that a file describes, or says what is wrong with it.

use std::{io::IsTerminal, path::PathBuf};

use tokio::signal::unix::{SignalKind, signal};

use super::{Answer, CommandError, failed, in_words, say};
use crate::{
    config::Config,
    retention,
    start::{self, start},
    wall,
};

const EXAMPLES: &str = "Examples:
  vestibule run --config /etc/vestibule/door.toml
  vestibule check-config --config door.toml";

/// Run a node until it is told to stop.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct RunArgs {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
}

/// Say what is wrong with a configuration file, or with the keys and papers that it names.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckConfigArgs {
    /// The configuration file.
    #[arg(value_name = "FILE", required_unless_present = "config")]
    file: Option<PathBuf>,
    /// The same, as `run` takes it.
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    config: Option<PathBuf>,
}

/// Runs `vestibule check-config`.
///
/// # Errors
/// [`CommandError`] only for wrong use; a bad file is a negative answer.
pub fn check(args: CheckConfigArgs) -> Result<Answer, CommandError> {
    let Some(path) = args.file.or(args.config) else {
        return Err(CommandError::Usage("give the configuration file".into()));
    };
    match Config::load(&path) {
        Ok(config) => {
            let data = &config.node.data;
            if let Some(trouble) = retention::trouble_in(data, wall::now()) {
                say(trouble);
                return Ok(Answer::No);
            }
            if let Err(error) = start::would_start(&config) {
                let file = path.display();
                say(format!(
                    "{file} is well written, but the node would not start: {}",
                    in_words(&error)
                ));
                return Ok(Answer::No);
            }
            say(format!("{} is fine", path.display()));
            Ok(Answer::Yes)
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|c| format!("\n{c}"));
            let words = error.to_string();
            let cause = cause.filter(|c| !words.contains(c.trim())).unwrap_or_default();
            say(format!("{words}{cause}"));
            Ok(Answer::No)
        }
    }
}

/// Runs `vestibule run`.
///
/// # Errors
/// [`CommandError`] names the file, key, port or section that kept the node from starting.
pub fn run(args: RunArgs) -> Result<Answer, CommandError> {
    let config = Config::load(&args.config).map_err(|e| {
        CommandError::Usage(format!("the configuration is refused: {}", in_words(&e)))
    })?;
    runtime()?.block_on(async {
        let node = Box::pin(start(config, None)).await.map_err(failed("the node did not start"))?;
        // The key is for the person at the terminal; under a supervisor this would be a log for all to read.
        let terminal = std::io::stdout().is_terminal();
        let pages = if terminal { node.page_with_key("/") } else { node.page("/") };
        if let Some(pages) = pages {
            say(format!("pages: {pages}"));
        }
        if let (Some(code), Some(page)) = (node.set_up_code(), node.page("/setup")) {
            say(if terminal {
                format!(
                    "set-up code: {code} makes the first manager, or the authority's first administrator, at {page}, for an hour"
                )
            } else if node.authority.is_some() {
                format!("no administrator yet: whoever has the access key makes the first at {page}")
            } else {
                format!("no manager yet: the set-up code is on this door's own screen, for {page}")
            });
        }
        for address in node.peer_addresses() {
            say(format!("peers: {address}"));
        }
        stop_asked().await.map_err(failed("signals cannot be watched"))?;
        node.shutdown().await;
        Ok(Answer::Yes)
    })
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(failed("the runtime did not start"))
}

/// Returns at SIGINT or SIGTERM.
pub(crate) async fn stop_asked() -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
