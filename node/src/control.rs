//! The control socket: commands that a person gives on the machine itself, to the node that runs on it.
//!
//! A socket in the data folder that only the node's own user (and root) can open; one line of JSON each way. It exists
//! because the running node holds the store: a command that needs it asks here, and opens it itself only when no node
//! runs.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use node_core::authority::{
    Authority,
    quarantine::SetApart,
    trace::{Question, Who},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sync::{
    bundle,
    id::VenueId,
    ledger::Ledger,
    record::AlertCause,
    time::{UnixMillis, Zone},
    vault::DayKey,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
};
use tokio_util::sync::CancellationToken;

pub use node_core::authority::intake::Line as RegistryLine;

use crate::{
    abroad, bundles, casework,
    command::in_words,
    condition::{Condition, Sights},
    office, orders, registry,
    secret::{self, SecretError},
    wall,
};
pub use crate::{abroad::AbroadAsk, office::OfficeAsk};

/// The longest request, bytes.
const LINE_MAX: u64 = 1 << 20;
/// The longest answer, bytes: a case with ten thousand lines.
const ANSWER_MAX: u64 = 16 << 20;
const NO_AUTHORITY: &str = "only the authority knows who was where; this node is a door";

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
    /// Write everything of this door's venue to this file, for the door's own backup.
    Backup {
        /// An absolute path.
        out: PathBuf,
        /// The key for what has no day, as a line of text: it lies in the backup.
        standing: String,
    },
    /// How the node is.
    Condition,
    /// List the orders of a venue that this node goes by.
    Orders {
        /// Which; a door's own if it is not said.
        venue: Option<u64>,
    },
    /// Take this bundle.
    ImportBundle {
        /// An absolute path.
        file: PathBuf,
    },
    /// Tell the venues to which a person went. Only at the authority.
    Tell(Telling),
    /// List the records that were set apart. Only at the authority.
    SetApart,
    /// Take these rows into the registry. Only at the authority.
    Register(Vec<RegistryLine>),
    /// Ask who was where with whom, in a case. Only at the authority.
    Trace(Tracing),
    /// Write the answer of a case as a file. Only at the authority.
    ExportCase {
        /// The case's reference.
        case: String,
        /// Which question; the last that was answered if it is not said.
        number: Option<u32>,
        /// The kind of file.
        format: String,
        /// An absolute path.
        out: PathBuf,
    },
    /// Counts of the region. Only at the authority.
    Stats,
    /// Work of the office: the register of venues, tokens, drafts. Only at the authority.
    Office(OfficeAsk),
    /// Letters between regions. Only at the authority.
    Abroad(AbroadAsk),
}

/// What the venues are told, and for what.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Telling {
    /// The person: a pseudonym in hexadecimal, or the text of a code.
    pub person: String,
    /// Visits from then on, ms since 1970.
    pub from: i64,
    /// Visits before then, ms since 1970.
    pub until: i64,
    /// What is wrong with these visits.
    pub cause: Cause,
    /// The case it belongs to.
    pub case: String,
    /// What for.
    pub purpose: String,
    /// Who tells.
    pub asked_by: String,
}

/// A tracing question.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tracing {
    /// The case it belongs to.
    pub case: String,
    /// What for.
    pub purpose: String,
    /// Who asks.
    pub asked_by: String,
    /// The person: a pseudonym in hexadecimal, or the text of a code.
    pub person: Option<String>,
    /// The venue, where no person is asked about.
    pub venue: Option<u64>,
    /// The venue's region, where it is another.
    pub region: Option<u16>,
    /// From when, ms since 1970.
    pub from: i64,
    /// Until when, ms since 1970.
    pub until: i64,
    /// Whether the contacts' own contacts are wanted as well.
    pub second_degree: bool,
}

/// What is wrong with a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The person's status was not what the code said.
    Status,
    /// The code is revoked.
    Revoked,
}

/// What the commands are answered from.
#[derive(Debug)]
pub struct Serving {
    /// The ledger.
    pub ledger: Ledger,
    /// The authority, where this is one.
    pub authority: Option<Authority>,
    /// Where its tracing secrets lie.
    pub tracing: Option<PathBuf>,
    /// What runs around the ledger; nothing when a command has opened the store itself.
    pub sights: Option<Sights>,
    /// Whether the configuration says that the clock is right.
    pub clock_trusted: bool,
    /// The zone of the node's days.
    pub zone: Zone,
}

/// What came of it: prose or numbers for whoever asked, or why not.
pub type Answer = Result<serde_json::Value, String>;

/// Serves until the node stops.
///
/// # Errors
/// [`io::Error`] when the socket cannot be made.
pub fn serve(
    folder: &Path,
    serving: Serving,
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
                && let Err(error) = attend(caller, &serving).await
            {
                tracing::debug!(%error, "a command on the control socket was not answered");
            }
        }
        let _ = std::fs::remove_file(&path); // the next start clears it as well
    })
}

async fn attend(caller: UnixStream, serving: &Serving) -> io::Result<()> {
    let (read, mut write) = caller.into_split();
    let mut line = String::new();
    BufReader::new(read.take(LINE_MAX)).read_line(&mut line).await?;
    let answer: Answer = match serde_json::from_str::<Ask>(&line) {
        Ok(ask) => act(ask, serving).await,
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
pub async fn act(ask: Ask, serving: &Serving) -> Answer {
    let ledger = &serving.ledger;
    match ask {
        Ask::ExportBundle { out, venue, all } => {
            let keys = serving.keys().map_err(|e| in_words(&e))?;
            bundles::export(ledger, &keys, venue.map(VenueId::new), all, &out)
                .await
                .map_err(|e| in_words(&e))
        }
        Ask::Backup { out, standing } => {
            let keys = serving.keys().map_err(|e| in_words(&e))?;
            let standing = DayKey::from_text(&standing).map(Arc::new).ok_or("that is no key")?;
            let keys = bundle::Keys { standing: Some(standing), ..keys };
            let made = bundles::export(ledger, &keys, None, true, &out).await;
            if made.is_ok() {
                serving.note_backup().await;
            }
            made.map_err(|e| in_words(&e))
        }
        Ask::Condition => {
            let sights = serving.sights.as_ref();
            let condition = Condition::of(ledger, sights, serving.clock_trusted, &serving.zone);
            let condition = condition.await.map_err(|e| in_words(&e))?;
            serde_json::to_value(condition).map_err(|e| in_words(&e))
        }
        Ask::Orders { venue } => {
            let venue = venue.map(VenueId::new).or(ledger.charter().venue());
            let venue = venue.ok_or("say which venue: the authority has the orders of all")?;
            orders::list(ledger, venue, &serving.zone).await.map_err(|e| in_words(&e))
        }
        Ask::ImportBundle { file } => {
            let keys = serving.keys().map_err(|e| in_words(&e))?;
            bundles::import(ledger, &keys, &file).await.map_err(|e| in_words(&e))
        }
        Ask::Abroad(ask) => abroad::act(serving.authority.as_ref().ok_or(NO_AUTHORITY)?, ask).await,
        Ask::Tell(telling) => serving.tell(telling).await,
        Ask::SetApart => serving.set_apart().await,
        Ask::Register(lines) => match &serving.authority {
            Some(authority) => registry::take(authority, lines).await,
            None => Err("only the authority has a registry; this node is a door".into()),
        },
        Ask::Trace(tracing) => match &serving.authority {
            Some(authority) => casework::trace(authority, tracing).await,
            None => Err(NO_AUTHORITY.into()),
        },
        Ask::ExportCase { case, number, format, out } => match &serving.authority {
            Some(authority) => casework::export(authority, &case, number, &format, &out).await,
            None => Err(NO_AUTHORITY.into()),
        },
        Ask::Stats => match &serving.authority {
            Some(authority) => Ok(authority.stats()),
            None => Err(NO_AUTHORITY.into()),
        },
        Ask::Office(ask) => match &serving.authority {
            Some(authority) => {
                serving.take_up_weeks(authority);
                office::act(authority, ask).await
            }
            None => Err("only the authority has an office; this node is a door".into()),
        },
    }
}

impl Serving {
    /// The manager's page says when this door was last saved.
    async fn note_backup(&self) {
        let Some(desk) = self.sights.as_ref().and_then(|sights| sights.desk.as_ref()) else {
            return;
        };
        let at = wall::now().secs().to_string().into_bytes();
        let field = format!("{}{}", web::LAST_BACKUP, desk.site().entrance);
        if let Err(error) = desk.set_field(&field, Some(at)).await {
            tracing::warn!(%error, "that a backup was made could not be noted");
        }
    }

    /// Read each time: those of past weeks are taken out of the file while the node runs.
    fn keys(&self) -> Result<bundle::Keys, SecretError> {
        let secrets = self.tracing.as_deref().map_or(Ok(Vec::new()), secret::load_tracing)?;
        Ok(bundle::Keys { secrets, ..bundle::Keys::default() })
    }

    /// Doors seal to new tracing keys as soon as they are published: their secrets are taken up before.
    fn take_up_weeks(&self, authority: &Authority) {
        match self.keys() {
            Ok(keys) => drop(authority.learn_weeks(keys.secrets)),
            Err(error) => tracing::error!(%error, "the tracing secrets cannot be read anew"),
        }
    }

    async fn set_apart(&self) -> Answer {
        let Some(authority) = &self.authority else {
            return Err("only the authority sets records apart; this node is a door".into());
        };
        let apart = authority.set_apart_records().await.map_err(|e| in_words(&e))?;
        let row = |apart: &SetApart| {
            json!({
                "venue": apart.venue.get(),
                "author": apart.id.chain.author.to_string(),
                "day": apart.id.chain.day.to_string(),
                "number": apart.id.number.get(),
                "at": apart.at.to_string(),
                "why": apart.why,
            })
        };
        Ok(apart.iter().map(row).collect())
    }

    async fn tell(&self, telling: Telling) -> Answer {
        let Some(authority) = &self.authority else {
            return Err(NO_AUTHORITY.into());
        };
        let cause = match telling.cause {
            Cause::Status => AlertCause::Status,
            Cause::Revoked => AlertCause::Revoked,
        };
        let question = Question {
            case: telling.case,
            purpose: telling.purpose,
            asked_by: telling.asked_by,
            who: Who::read(&telling.person).map_err(|e| in_words(&e))?,
            from: UnixMillis::new(telling.from),
            until: UnixMillis::new(telling.until),
        };
        let told = authority.tell(question, cause).await.map_err(|e| in_words(&e))?;
        Ok(json!({ "visits": told.visits }))
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
    BufReader::new(read.take(ANSWER_MAX)).read_line(&mut answer).await?;
    serde_json::from_str(&answer).map(Some).map_err(io::Error::other)
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("control.sock")
}
