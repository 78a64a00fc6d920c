//! Who may see more than the door's screen: the node's access key, sessions, and the lock-out after wrong keys.

use std::{
    collections::{HashMap, VecDeque},
    fs::{self, OpenOptions},
    io::{self, Write},
    net::IpAddr,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use sha2::{Digest, Sha256};
use sync::time::UnixMillis;

/// How long a session lasts.
pub(crate) const SESSION_MILLIS: i64 = 12 * 60 * 60 * 1000;
const SESSIONS_MAX: usize = 64;
const TRIES: u32 = 5;
const LOCK_MILLIS: i64 = 60 * 1000;
/// Addresses whose wrong keys are remembered; the oldest is forgotten first.
const ADDRESSES_MAX: usize = 1024;
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

/// A session's name in the browser, and the token that its forms carry.
pub(crate) struct Issued {
    /// For the cookie; only its hash is kept here.
    pub(crate) cookie: String,
}

/// What a right or wrong key led to.
pub(crate) enum Entered {
    /// It was right.
    Session(Issued),
    /// It was wrong.
    Wrong,
    /// Too many were wrong; this one was not looked at.
    Locked,
}

type Digest32 = [u8; 32];

struct Session {
    name: Digest32,
    csrf: String,
    since: UnixMillis,
}

impl Session {
    fn lasts(&self, now: UnixMillis) -> bool {
        (0..SESSION_MILLIS).contains(&(now.get() - self.since.get()))
    }
}

#[derive(Clone, Copy)]
struct Tries {
    wrong: u32,
    last: UnixMillis,
}

#[derive(Default)]
struct State {
    sessions: VecDeque<Session>,
    tries: HashMap<IpAddr, Tries>,
}

/// The doorkeeper of the protected pages.
pub(crate) struct Sessions {
    key: String,
    digest: Digest32,
    state: Mutex<State>,
}

impl Sessions {
    /// Reads the access key, or makes one at the first start.
    pub(crate) fn open(path: &Path) -> Result<Self, AccessError> {
        let key = match fs::metadata(path) {
            Ok(meta) => read_key(path, meta.permissions().mode() & 0o777)?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => make_key(path)?,
            Err(source) => {
                return Err(AccessError::File { path: path.to_owned(), source });
            }
        };
        let digest = hash(&plain(&key));
        Ok(Self { key, digest, state: Mutex::default() })
    }

    /// The access key, for the address that is printed at the start.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Tries a key typed or opened at `from`.
    pub(crate) fn enter(
        &self,
        key: &str,
        from: IpAddr,
        now: UnixMillis,
    ) -> Result<Entered, getrandom::Error> {
        let mut state = self.state();
        if locked(&mut state.tries, from, now) {
            return Ok(Entered::Locked);
        }
        // Digests are compared, so the time that it takes says nothing of the key.
        if hash(&plain(key)) != self.digest {
            wrong(&mut state.tries, from, now);
            return Ok(Entered::Wrong);
        }
        state.tries.remove(&from);
        let (cookie, csrf) = (random_name()?, random_name()?);
        if state.sessions.len() == SESSIONS_MAX {
            state.sessions.pop_front();
        }
        state.sessions.push_back(Session { name: hash(&cookie), csrf, since: now });
        Ok(Entered::Session(Issued { cookie }))
    }

    /// The form token of the session that a cookie names, while it lasts.
    pub(crate) fn find(&self, cookie: &str, now: UnixMillis) -> Option<String> {
        let mut state = self.state();
        state.sessions.retain(|s| s.lasts(now));
        let name = hash(cookie);
        state.sessions.iter().find(|s| s.name == name).map(|s| s.csrf.clone())
    }

    /// Whether the session with this form token still lasts.
    pub(crate) fn lasts(&self, token: &str, now: UnixMillis) -> bool {
        let state = self.state();
        state.sessions.iter().any(|s| s.csrf == token && s.lasts(now))
    }

    /// Ends the session that a cookie names.
    pub(crate) fn leave(&self, cookie: &str) {
        let name = hash(cookie);
        self.state().sessions.retain(|s| s.name != name);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether two form tokens are the same, without telling by time how far.
pub(crate) fn same_token(a: &str, b: &str) -> bool {
    hash(a) == hash(b)
}

fn locked(tries: &mut HashMap<IpAddr, Tries>, from: IpAddr, now: UnixMillis) -> bool {
    // A clock that jumped back must not lock anybody out for longer.
    tries.retain(|_, t| (0..LOCK_MILLIS).contains(&(now.get() - t.last.get())));
    tries.get(&from).is_some_and(|t| t.wrong >= TRIES)
}

fn wrong(tries: &mut HashMap<IpAddr, Tries>, from: IpAddr, now: UnixMillis) {
    if tries.len() >= ADDRESSES_MAX
        && !tries.contains_key(&from)
        && let Some(oldest) = tries.iter().min_by_key(|(_, t)| t.last).map(|(ip, _)| *ip)
    {
        tries.remove(&oldest);
    }
    let entry = tries.entry(from).or_insert(Tries { wrong: 0, last: now });
    entry.wrong += 1;
    entry.last = now;
}

fn hash(text: &str) -> Digest32 {
    Sha256::digest(text.as_bytes()).into()
}

/// A key as typed, without what people add or change: case, spaces, dashes.
fn plain(key: &str) -> String {
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
    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn fresh() -> (tempfile::TempDir, Sessions) {
        let dir = tempfile::tempdir().unwrap();
        let sessions = Sessions::open(&dir.path().join("access-key")).unwrap();
        (dir, sessions)
    }

    fn cookie(entered: Result<Entered, getrandom::Error>) -> String {
        match entered.unwrap() {
            Entered::Session(issued) => issued.cookie,
            Entered::Wrong | Entered::Locked => panic!("not let in"),
        }
    }

    #[test]
    fn the_key_is_made_once_and_kept_from_others() {
        let (dir, first) = fresh();
        let path = dir.path().join("access-key");
        assert_eq!(Sessions::open(&path).unwrap().key(), first.key());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Sessions::open(&path), Err(AccessError::Exposed { mode: 0o640, .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "\n").unwrap();
        assert!(matches!(Sessions::open(&path), Err(AccessError::Empty { .. })));
    }

    #[test]
    fn a_session_lasts_twelve_hours_and_ends_when_left() {
        let (_dir, sessions) = fresh();
        let typed = sessions.key().to_lowercase().replace('-', " ");
        let name = cookie(sessions.enter(&typed, HERE, NOON));
        let token = sessions.find(&name, NOON.plus_millis(SESSION_MILLIS - 1)).unwrap();
        assert!(sessions.lasts(&token, NOON.plus_millis(SESSION_MILLIS - 1)));
        assert!(!sessions.lasts(&token, NOON.plus_millis(SESSION_MILLIS)));
        assert!(sessions.find("other", NOON).is_none());
        assert!(sessions.find(&name, NOON.plus_millis(SESSION_MILLIS)).is_none());
        let name = cookie(sessions.enter(&typed, HERE, NOON));
        let token = sessions.find(&name, NOON).unwrap();
        sessions.leave(&name);
        assert!(!sessions.lasts(&token, NOON));
        assert!(sessions.find(&name, NOON).is_none());
    }

    #[test]
    fn the_count_of_sessions_is_bounded() {
        let (_dir, sessions) = fresh();
        let first = cookie(sessions.enter(sessions.key(), HERE, NOON));
        for _ in 0..SESSIONS_MAX {
            cookie(sessions.enter(sessions.key(), HERE, NOON));
        }
        assert!(sessions.find(&first, NOON).is_none());
        assert_eq!(sessions.state().sessions.len(), SESSIONS_MAX);
    }

    #[test]
    fn five_wrong_keys_lock_one_address_for_a_minute() {
        let (_dir, sessions) = fresh();
        for _ in 0..TRIES {
            assert!(matches!(sessions.enter("wrong", HERE, NOON).unwrap(), Entered::Wrong));
        }
        let right = sessions.key();
        assert!(matches!(sessions.enter(right, HERE, NOON).unwrap(), Entered::Locked));
        let other = IpAddr::from([10, 0, 0, 9]);
        cookie(sessions.enter(right, other, NOON));
        cookie(sessions.enter(right, HERE, NOON.plus_millis(LOCK_MILLIS)));
    }
}
