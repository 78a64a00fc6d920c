//! The command line's verbs: each file reads its arguments, does one thing and prints an answer.

pub mod abroad;
mod ask;
pub mod backup;
pub mod bench;
pub mod bundle;
pub mod cameras;
pub mod casework;
pub mod demo;
pub mod doctor;
pub mod enrol;
pub mod init_store;
pub mod keys;
pub mod manual;
pub mod pair;
pub mod poster;
pub mod publish;
pub mod quarantine;
pub mod register;
pub mod registry;
pub mod run;
pub mod scan;
pub mod tell;
pub mod token;
pub mod tokens;
pub mod wipe;

use std::{
    error::Error,
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};

use sync::id::PublicKey;

/// What a command that ran through found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Done, or yes: exit code 0.
    Yes,
    /// A negative answer: exit code 1.
    No,
}

impl Answer {
    /// The exit code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
        }
    }
}

/// Why a command did not run through.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The arguments do not make sense together: exit code 2.
    #[error("{0}")]
    Usage(String),
    /// It was tried: exit code 1.
    #[error("{what}")]
    Failed {
        /// What was tried, with the file or argument named.
        what: String,
        /// Why it did not work.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl CommandError {
    /// The exit code.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Failed { .. } => 1,
        }
    }
}

/// What failed, in words, around its cause: for `map_err`.
pub(crate) fn failed<E: Into<Box<dyn Error + Send + Sync>>>(
    what: impl Into<String>,
) -> impl FnOnce(E) -> CommandError {
    let what = what.into();
    move |source| CommandError::Failed { what, source: source.into() }
}

/// Prints one line on standard output. A reader that has gone away ends the printing, not the command.
pub(crate) fn say(line: impl std::fmt::Display) {
    // `println!` panics when the reader of a pipe leaves early, as `head` does.
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// An error and its causes, each said once.
pub fn in_words(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let words = deeper.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = deeper.source();
    }
    text
}

/// Prints one line on standard error: what went wrong, for people.
pub fn warn(line: impl std::fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{line}"); // nowhere to complain to is nobody's fault
}

/// Reads a file of at most `limit` bytes.
pub(crate) fn read_file(path: &Path, limit: usize) -> Result<Vec<u8>, CommandError> {
    let what = || format!("cannot read {}", path.display());
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed(what()))?;
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(failed(what()))?;
    if bytes.len() > limit {
        return Err(failed(what())(format!("it is over the limit of {limit} bytes")));
    }
    Ok(bytes)
}

/// Reads a text file of at most `limit` bytes.
pub(crate) fn read_text(path: &Path, limit: usize) -> Result<String, CommandError> {
    String::from_utf8(read_file(path, limit)?)
        .map_err(failed(format!("{} is no text", path.display())))
}

/// Writes a public text file whole or not at all, in place of an earlier one.
pub(crate) fn write_file(path: &Path, text: &str) -> Result<(), CommandError> {
    write_bytes(path, format!("{text}\n").as_bytes())
}

/// The same for bytes.
pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let what = || format!("cannot write {}", path.display());
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .permissions(public_permissions())
        .tempfile_in(folder)
        .map_err(failed(what()))?;
    file.write_all(bytes).map_err(failed(what()))?;
    file.as_file().sync_all().map_err(failed(what()))?;
    file.persist(path).map_err(|e| failed(what())(e.error))?;
    File::open(folder).and_then(|f| f.sync_all()).map_err(failed(what()))
}

fn public_permissions() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(0o644)
}

/// Whether root works in a folder of another's, or in one that would be made there.
pub(crate) fn belongs_to_another(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let there = folder.ancestors().find_map(|folder| fs::metadata(folder).ok());
    rustix::process::geteuid().is_root() && there.is_some_and(|found| found.uid() != 0)
}

/// Reads a public key as an argument: 64 hexadecimal digits, as `vestibule keys show` prints them.
pub(crate) fn public_key(text: &str) -> Result<PublicKey, String> {
    PublicKey::from_hex(text)
        .ok_or_else(|| "a public key has 64 hexadecimal digits (see `vestibule keys show`)".into())
}
