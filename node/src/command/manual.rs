//! `vestibule manual`: writes the man pages and the shells' completions; called when a package is made.

use std::{fs, path::PathBuf};

use clap_complete::Shell;

use super::{Answer, CommandError, failed};

/// Write man pages and completions into a folder.
#[derive(Debug, clap::Args)]
#[command(hide = true, after_help = "Examples:\n  vestibule manual target/manual")]
pub struct ManualArgs {
    /// The folder; it is made.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

/// Runs `vestibule manual` for the whole command line.
///
/// # Errors
/// [`CommandError`] when a file cannot be written.
pub fn run(args: &ManualArgs, whole: clap::Command) -> Result<Answer, CommandError> {
    let what = || format!("cannot write into {}", args.folder.display());
    let [man, completions] = ["man", "completions"].map(|name| args.folder.join(name));
    for folder in [&man, &completions] {
        fs::create_dir_all(folder).map_err(failed(what()))?;
    }
    clap_mangen::generate_to(whole.clone(), &man).map_err(failed(what()))?;
    let (mut whole, name) = (whole, "vestibule");
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut whole, name, &completions)
            .map_err(failed(what()))?;
    }
    Ok(Answer::Yes)
}
