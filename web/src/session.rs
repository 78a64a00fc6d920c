//! Who may see more than the door's screen: the node's access key, and the sessions that it or an account opens.

use std::{
    collections::VecDeque,
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use node_core::staff::StaffId;
use sha2::{Digest, Sha256};
use sync::time::UnixMillis;

/// How long a session lasts at most.
pub(crate) const SESSION_MILLIS: i64 = 12 * 60 * 60 * 1000;
const SESSIONS_MAX: usize = 64;
const KEY_BYTES: usize = 15;

/// Why the access key could not be made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// The file could not be read or written.
    #[error("access key {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than its owner can read or change it.
    #[error("access key {path} is open to others (mode {mode:o}); run: chmod 600 {path}")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is too short to be a key.
    #[error("access key {path} holds no key; delete it, and a new one is made at the next start")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The system gave no random bytes.
    #[error("no random bytes for an access key")]
    Random(#[source] getrandom::Error),
}

/// A session's name in the browser.
pub(crate) struct Issued {
    /// For the cookie; only its hash is kept here.
    pub(crate) cookie: String,
}

pub(crate) type Digest32 = [u8; 32];

/// Who holds a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Whoever has the node's access key: the manager's emergency way in, and an authority's way.
    Key,
    /// A member of the staff, as long as the account has the secret with this digest.
    Member { id: StaffId, secret: Digest32 },
}

/// A session as its pages know it.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    /// The token that its forms carry.
    pub(crate) token: String,
    pub(crate) holder: Holder,
    pub(crate) since: UnixMillis,
}

struct Session {
    name: Digest32,
    open: Open,
    /// When its browser last asked for anything.
    asked: UnixMillis,
}

impl Session {
    /// Whether it is not too old; and, where an account holds it, whether somebody was there lately.
    fn lasts(&self, now: UnixMillis, idle_millis: i64) -> bool {
        let within =
            |from: UnixMillis, millis: i64| (0..millis).contains(&(now.get() - from.get()));
        let awake = self.open.holder == Holder::Key || within(self.asked, idle_millis);
        awake && within(self.open.since, SESSION_MILLIS)
    }
}

#[derive(Default)]
struct State {
    sessions: VecDeque<Session>,
}

/// The doorkeeper of the protected pages.
pub(crate) struct Sessions {
    key: String,
    digest: Digest32,
    idle_millis: i64,
    state: Mutex<State>,
}

impl Sessions {
    /// Reads the access key, or makes one at the first start. A session of the staff ends when nobody asked for
    /// anything for `idle_millis`.
    pub(crate) fn open(path: &Path, idle_millis: i64) -> Result<Self, AccessError> {
        let key = match fs::metadata(path) {
            Ok(meta) => read_key(path, meta.permissions().mode() & 0o777)?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => make_key(path)?,
            Err(source) => {
                return Err(AccessError::File { path: path.to_owned(), source });
            }
        };
        let digest = digest(&plain(&key));
        Ok(Self { key, digest, idle_millis, state: Mutex::default() })
    }

    /// The access key, for the address that is printed at the start.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Whether this is the access key. Digests are compared, so the time that it takes says nothing of the key.
    pub(crate) fn is_key(&self, typed: &str) -> bool {
        digest(&plain(typed)) == self.digest
    }

    /// A secret of this node for another purpose, which is not kept: the same after a restart.
    pub(crate) fn derived(&self, purpose: &str) -> Digest32 {
        digest(&format!("vestibule/{purpose}/1 {}", plain(&self.key)))
    }

    /// Opens a session under a fresh name, whatever name the browser had; that one ends.
    pub(crate) fn begin(
        &self,
        holder: Holder,
        earlier: Option<&str>,
        now: UnixMillis,
    ) -> Result<Issued, getrandom::Error> {
        let (cookie, token) = (random_name()?, random_name()?);
        if let Some(earlier) = earlier {
            self.leave(earlier);
        }
        let mut state = self.state();
        if state.sessions.len() == SESSIONS_MAX {
            state.sessions.pop_front();
        }
        let open = Open { token, holder, since: now };
        state.sessions.push_back(Session { name: digest(&cookie), open, asked: now });
        Ok(Issued { cookie })
    }

    /// The session that a cookie names, while it lasts; that it was asked for keeps it awake.
    pub(crate) fn find(&self, cookie: &str, now: UnixMillis) -> Option<Open> {
        let mut state = self.state();
        state.sessions.retain(|s| s.lasts(now, self.idle_millis));
        let name = digest(cookie);
        let session = state.sessions.iter_mut().find(|s| s.name == name)?;
        session.asked = now;
        Some(session.open.clone())
    }

    /// The session with this form token, while it lasts; it does not count as asked for.
    pub(crate) fn of_token(&self, token: &str, now: UnixMillis) -> Option<Open> {
        let state = self.state();
        let lasting = |s: &&Session| s.open.token == token && s.lasts(now, self.idle_millis);
        state.sessions.iter().find(lasting).map(|s| s.open.clone())
    }

    /// Ends the session that a cookie names.
    pub(crate) fn leave(&self, cookie: &str) {
        let name = digest(cookie);
        self.state().sessions.retain(|s| s.name != name);
    }

    /// Ends the session with this form token.
    pub(crate) fn end(&self, token: &str) {
        self.state().sessions.retain(|s| s.open.token != token);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether two form tokens are the same, without telling by time how far.
pub(crate) fn same_token(a: &str, b: &str) -> bool {
    digest(a) == digest(b)
}

/// The digest of a text, by which secrets are kept and compared.
pub(crate) fn digest(text: &str) -> Digest32 {
    Sha256::digest(text.as_bytes()).into()
}

/// A key as typed, without what people add or change: case, spaces, dashes.
pub(crate) fn plain(key: &str) -> String {
    let typed = key.chars().take(256).filter(|c| c.is_alphanumeric());
    typed.flat_map(char::to_uppercase).collect()
}

fn random_name() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

fn read_key(path: &Path, mode: u32) -> Result<String, AccessError> {
    if mode & 0o077 != 0 {
        return Err(AccessError::Exposed { path: path.to_owned(), mode });
    }
    let text = fs::read_to_string(path)
        .map_err(|source| AccessError::File { path: path.to_owned(), source })?;
    let key = text.trim().to_owned();
    if plain(&key).len() < 12 {
        return Err(AccessError::Empty { path: path.to_owned() });
    }
    Ok(key)
}

/// A key of 120 bits, in groups of four that can be read out.
fn make_key(path: &Path) -> Result<String, AccessError> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(AccessError::Random)?;
    let letters = BASE32_NOPAD.encode(&bytes);
    let groups: Vec<&str> = (0..letters.len()).step_by(4).map(|i| &letters[i..i + 4]).collect();
    let key = groups.join("-");
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        writeln!(file, "{key}")?;
        file.sync_all()
    };
    write().map_err(|source| AccessError::File { path: path.to_owned(), source })?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
    const IDLE: i64 = 30 * 60 * 1000;

    fn fresh() -> (tempfile::TempDir, Sessions) {
        let dir = tempfile::tempdir().unwrap();
        let sessions = Sessions::open(&dir.path().join("access-key"), IDLE).unwrap();
        (dir, sessions)
    }

    fn begin(sessions: &Sessions, holder: Holder) -> String {
        sessions.begin(holder, None, NOON).unwrap().cookie
    }

    #[test]
    fn the_key_is_made_once_and_kept_from_others() {
        let (dir, first) = fresh();
        let path = dir.path().join("access-key");
        assert_eq!(Sessions::open(&path, IDLE).unwrap().key(), first.key());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            Sessions::open(&path, IDLE),
            Err(AccessError::Exposed { mode: 0o640, .. })
        ));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "\n").unwrap();
        assert!(matches!(Sessions::open(&path, IDLE), Err(AccessError::Empty { .. })));
    }

    #[test]
    fn the_key_is_known_however_it_is_typed() {
        let (_dir, sessions) = fresh();
        let typed = sessions.key().to_lowercase().replace('-', " ");
        assert!(sessions.is_key(&typed) && !sessions.is_key("") && !sessions.is_key("AAAA"));
    }

    #[test]
    fn a_session_lasts_twelve_hours_and_ends_when_left() {
        let (_dir, sessions) = fresh();
        let name = begin(&sessions, Holder::Key);
        let last = NOON.plus_millis(SESSION_MILLIS - 1);
        let token = sessions.find(&name, last).unwrap().token;
        assert!(sessions.of_token(&token, last).is_some());
        assert!(sessions.of_token(&token, NOON.plus_millis(SESSION_MILLIS)).is_none());
        assert!(sessions.find("other", NOON).is_none());
        assert!(sessions.find(&name, NOON.plus_millis(SESSION_MILLIS)).is_none());
        let name = begin(&sessions, Holder::Key);
        let token = sessions.find(&name, NOON).unwrap().token;
        sessions.leave(&name);
        assert!(sessions.of_token(&token, NOON).is_none());
        assert!(sessions.find(&name, NOON).is_none());
    }

    #[test]
    fn nobody_there_for_long_ends_a_session_of_the_staff() {
        let (_dir, sessions) = fresh();
        let holder = Holder::Member { id: StaffId::new([1; 8]), secret: [2; 32] };
        let (own, key) = (begin(&sessions, holder), begin(&sessions, Holder::Key));
        let token = sessions.find(&own, NOON.plus_millis(IDLE - 1)).unwrap().token;
        let later = NOON.plus_millis(2 * IDLE - 2);
        assert!(sessions.of_token(&token, later).is_some(), "asked for meanwhile");
        assert!(sessions.of_token(&token, later.plus_millis(1)).is_none(), "a stream is nobody");
        assert!(sessions.find(&own, later.plus_millis(1)).is_none());
        assert!(sessions.find(&key, later.plus_millis(1)).is_some());
    }

    #[test]
    fn signing_in_gives_a_fresh_name_and_ends_the_earlier_one() {
        let (_dir, sessions) = fresh();
        let first = begin(&sessions, Holder::Key);
        let second = sessions.begin(Holder::Key, Some(&first), NOON).unwrap().cookie;
        assert_ne!(first, second);
        assert!(sessions.find(&first, NOON).is_none() && sessions.find(&second, NOON).is_some());
        let planted = sessions.begin(Holder::Key, Some("planted"), NOON).unwrap().cookie;
        assert_ne!(planted, "planted");
        assert!(sessions.find("planted", NOON).is_none());
    }

    #[test]
    fn the_count_of_sessions_is_bounded() {
        let (_dir, sessions) = fresh();
        let first = begin(&sessions, Holder::Key);
        for _ in 0..SESSIONS_MAX {
            begin(&sessions, Holder::Key);
        }
        assert!(sessions.find(&first, NOON).is_none());
        assert_eq!(sessions.state().sessions.len(), SESSIONS_MAX);
    }
}
