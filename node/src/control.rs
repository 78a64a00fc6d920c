//! The control socket: commands that a person gives on the machine itself, to the node that runs on it.
//!
//! A socket in the data folder that only the node's own user (and root) can open; one line of JSON each way. It exists
//! because the running node holds the store: a command that needs it asks here, and opens it itself only when no node
//! runs.

use std::{
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sync::{bundle, id::VenueId, ledger::Ledger};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
};
use tokio_util::sync::CancellationToken;

use crate::{bundles, command::in_words};

/// The longest request or answer, bytes.
const LINE_MAX: u64 = 64 << 10;

/// What can be asked of a running node.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Ask {
    /// Write a bundle to this file.
    ExportBundle {
        /// An absolute path.
        out: PathBuf,
        /// Of which venue; a door's own if it is not said.
        venue: Option<u64>,
        /// Also what the authority has acknowledged.
        all: bool,
    },
    /// Take this bundle.
    ImportBundle {
        /// An absolute path.
        file: PathBuf,
    },
}

/// What came of it: prose or numbers for whoever asked, or why not.
pub type Answer = Result<serde_json::Value, String>;

/// Serves until the node stops.
///
/// # Errors
/// [`io::Error`] when the socket cannot be made.
pub fn serve(
    folder: &Path,
    ledger: Ledger,
    keys: bundle::Keys,
    stopped: CancellationToken,
) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let path = socket(folder);
    // The store's lock says that no other node runs here: what lies there is a dead one's.
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&path, mode)?;
    Ok(async move {
        loop {
            let caller = tokio::select! {
                () = stopped.cancelled() => break,
                caller = listener.accept() => caller,
            };
            // One after the other: these are a person's commands.
            if let Ok((caller, _)) = caller
                && let Err(error) = attend(caller, &ledger, &keys).await
            {
                tracing::debug!(%error, "a command on the control socket was not answered");
            }
        }
        let _ = std::fs::remove_file(&path); // the next start clears it as well
    })
}

async fn attend(caller: UnixStream, ledger: &Ledger, keys: &bundle::Keys) -> io::Result<()> {
    let (read, mut write) = caller.into_split();
    let mut line = String::new();
    BufReader::new(read.take(LINE_MAX)).read_line(&mut line).await?;
    let answer: Answer = match serde_json::from_str::<Ask>(&line) {
        Ok(ask) => act(ask, ledger, keys).await,
        Err(error) => Err(format!("not understood: {error}")),
    };
    let mut line = serde_json::to_vec(&answer).map_err(io::Error::other)?;
    line.push(b'\n');
    write.write_all(&line).await
}

/// Does what is asked, on a ledger that is open here.
///
/// # Errors
/// Why not, in words.
pub async fn act(ask: Ask, ledger: &Ledger, keys: &bundle::Keys) -> Answer {
    match ask {
        Ask::ExportBundle { out, venue, all } => {
            bundles::export(ledger, keys, venue.map(VenueId::new), all, &out)
                .await
                .map_err(|e| in_words(&e))
        }
        Ask::ImportBundle { file } => {
            bundles::import(ledger, keys, &file).await.map_err(|e| in_words(&e))
        }
    }
}

/// Asks the node whose data lies in `folder`; `None` when none runs there.
///
/// # Errors
/// [`io::Error`] when it ends in the middle.
pub async fn ask(folder: &Path, ask: &Ask) -> io::Result<Option<Answer>> {
    let stream = match UnixStream::connect(socket(folder)).await {
        Ok(stream) => stream,
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => return Ok(None),
            _ => return Err(error),
        },
    };
    let (read, mut write) = stream.into_split();
    let mut line = serde_json::to_vec(ask).map_err(io::Error::other)?;
    line.push(b'\n');
    write.write_all(&line).await?;
    let mut answer = String::new();
    BufReader::new(read.take(LINE_MAX)).read_line(&mut answer).await?;
    serde_json::from_str(&answer).map(Some).map_err(io::Error::other)
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("control.sock")
}
