//! Secrets in files: signing keys, tracing secrets and the tag key, readable by their owner alone.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use data_encoding::BASE64URL_NOPAD;
use sync::{id::Week, key::SecretKey, sealed::TracingSecret, tag::TagKey, time::Day};
use zeroize::Zeroizing;

const KEY_PREFIX: &str = "vestibule-key:1:ed25519:";
const TRACING_PREFIX: &str = "vestibule-tracing:1:";
const TAG_PREFIX: &str = "vestibule-tag-key:1:";
/// The longest secrets file that is read, bytes: years of tracing secrets.
const FILE_BYTES_MAX: u64 = 64 * 1024;
const OWNER_ONLY: u32 = 0o600;
const OTHERS: u32 = 0o077;

/// What a secrets file holds.
#[derive(Clone, Debug)]
pub enum Secret {
    /// A signing key: a node's, a manager's, an issuer's or a region root's.
    Signing(SecretKey),
    /// The tracing secrets of several weeks.
    Tracing(Vec<TracingSecret>),
    /// The venue's tag key.
    Tag(TagKey),
}

/// Why a secrets file was not read or written; always names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The operating system refused.
    #[error("cannot {doing} {path}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// Others than the owner may read or write it.
    #[error("{path} can be read by others (mode {mode:04o}); run: chmod 600 {path}", path = path.display())]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not of the form.
    #[error("{path} does not hold {wanted}", path = path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        wanted: &'static str,
    },
    /// The ratchet does not lead from the key's day to the wanted one.
    #[error("tag key in {path} is of {of} and cannot become the key of {wanted}", path = path.display())]
    Ratchet {
        /// The file.
        path: PathBuf,
        /// The day of the key.
        of: Day,
        /// The wanted day.
        wanted: Day,
    },
}

impl Secret {
    /// Writes a new file that only its owner can read, durably; an existing file is never replaced.
    ///
    /// # Errors
    /// [`SecretError::Io`], also when the file exists.
    pub fn create(&self, path: &Path) -> Result<(), SecretError> {
        let at = |doing| move |source| SecretError::Io { path: path.into(), doing, source };
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(OWNER_ONLY)
            .open(path)
            .map_err(at("create"))?;
        let written = file.write_all(self.to_text().as_bytes()).and_then(|()| file.sync_all());
        if let Err(source) = written {
            // Half a key is worse than none: the next attempt must not find it. That it cannot be removed either
            // adds nothing to the error at hand.
            let _ = fs::remove_file(path);
            return Err(at("write")(source));
        }
        sync_folder(path).map_err(at("make durable"))
    }

    /// Reads a file that only its owner can read.
    ///
    /// # Errors
    /// [`SecretError`] names the file and what is wrong, and never shows its content.
    pub fn load(path: &Path) -> Result<Self, SecretError> {
        let text = read_private(path)?;
        Self::from_text(&text).ok_or_else(|| form(path, "a key of this program"))
    }

    fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(4096));
        let mut line = |prefix: &str, number: Option<i64>, bytes: Zeroizing<[u8; 32]>| {
            text.push_str(prefix);
            if let Some(number) = number {
                text.push_str(&number.to_string());
                text.push(':');
            }
            text.push_str(&Zeroizing::new(BASE64URL_NOPAD.encode(&*bytes)));
            text.push('\n');
        };
        match self {
            Self::Signing(key) => line(KEY_PREFIX, None, key.to_bytes()),
            Self::Tag(key) => line(TAG_PREFIX, Some(key.day().get().into()), key.to_bytes()),
            Self::Tracing(secrets) => {
                for s in secrets {
                    line(TRACING_PREFIX, Some(s.week().get().into()), s.to_bytes());
                }
            }
        }
        text
    }

    fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
        let first = lines.peek()?;
        if first.starts_with(TRACING_PREFIX) {
            return lines.map(tracing_line).collect::<Option<Vec<_>>>().map(Self::Tracing);
        }
        let only = lines.next()?;
        if lines.next().is_some() {
            return None;
        }
        if let Some(body) = only.strip_prefix(KEY_PREFIX) {
            let bytes = bytes32(body)?;
            return Some(Self::Signing(SecretKey::from_bytes(&bytes)));
        }
        let (day, body) = only.strip_prefix(TAG_PREFIX)?.split_once(':')?;
        let day = Day::new(day.parse().ok()?);
        (day != Day::UNKNOWN).then_some(())?;
        Some(Self::Tag(TagKey::new(day, *bytes32(body)?)))
    }
}

/// Loads a signing key.
///
/// # Errors
/// [`SecretError`], also when the file holds another kind of secret.
pub fn load_key(path: &Path) -> Result<SecretKey, SecretError> {
    match Secret::load(path)? {
        Secret::Signing(key) => Ok(key),
        Secret::Tracing(_) | Secret::Tag(_) => Err(form(path, "a signing key")),
    }
}

/// Loads the tracing secrets.
///
/// # Errors
/// [`SecretError`], also when the file holds another kind of secret.
pub fn load_tracing(path: &Path) -> Result<Vec<TracingSecret>, SecretError> {
    match Secret::load(path)? {
        Secret::Tracing(secrets) => Ok(secrets),
        Secret::Signing(_) | Secret::Tag(_) => Err(form(path, "tracing secrets")),
    }
}

/// Loads the venue's tag key as it lies in the file.
///
/// # Errors
/// [`SecretError`], also when the file holds another kind of secret.
pub fn load_tag_key(path: &Path) -> Result<TagKey, SecretError> {
    match Secret::load(path)? {
        Secret::Tag(key) => Ok(key),
        Secret::Signing(_) | Secret::Tracing(_) => Err(form(path, "a tag key")),
    }
}

/// Loads the venue's tag key, moves it on to `day` and rewrites the file, so that the older key is gone from it.
///
/// The new file is durable under its name before this returns. That holds for the file: flash memory may keep the
/// old cells for a while.
///
/// # Errors
/// [`SecretError::Ratchet`] for a day that is past or absurdly far; otherwise as for [`load_tag_key`].
pub fn ratchet_tag_key(path: &Path, day: Day) -> Result<TagKey, SecretError> {
    let key = load_tag_key(path)?;
    if key.day() == day {
        return Ok(key);
    }
    let (of, wanted) = (key.day(), day);
    let next = key.on(day).ok_or_else(|| SecretError::Ratchet { path: path.into(), of, wanted })?;
    replace(path, &Secret::Tag(next.clone()))?;
    Ok(next)
}

// Temp, fsync, rename, fsync of the folder: after a power cut there is the old file or the new one, whole.
fn replace(path: &Path, secret: &Secret) -> Result<(), SecretError> {
    let at = |doing| move |source| SecretError::Io { path: path.into(), doing, source };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(at("clear the way beside")(error));
        }
        _ => {}
    }
    secret.create(&beside)?;
    fs::rename(&beside, path).map_err(at("replace"))?;
    sync_folder(path).map_err(at("make durable"))
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn read_private(path: &Path) -> Result<Zeroizing<String>, SecretError> {
    let at = |doing| move |source| SecretError::Io { path: path.into(), doing, source };
    let file = File::open(path).map_err(at("open"))?;
    // Of the open file, so that nothing can be put in its place between the look and the reading.
    let about = file.metadata().map_err(at("look at"))?;
    if !about.is_file() || about.len() > FILE_BYTES_MAX {
        return Err(form(path, "a key of this program"));
    }
    let mode = about.permissions().mode() & 0o7777;
    if mode & OTHERS != 0 {
        return Err(SecretError::Permissions { path: path.into(), mode });
    }
    let mut text = Zeroizing::new(String::with_capacity(4096));
    match file.take(FILE_BYTES_MAX).read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(form(path, "a key of this program"))
        }
        Err(error) => Err(at("read")(error)),
    }
}

fn form(path: &Path, wanted: &'static str) -> SecretError {
    SecretError::Form { path: path.into(), wanted }
}

fn tracing_line(line: &str) -> Option<TracingSecret> {
    let (week, body) = line.strip_prefix(TRACING_PREFIX)?.split_once(':')?;
    Some(TracingSecret::new(Week::new(week.parse().ok()?), *bytes32(body)?))
}

fn bytes32(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
    let mut array = Zeroizing::new([0; 32]);
    if bytes.len() != array.len() {
        return None;
    }
    array.copy_from_slice(&bytes);
    Some(array)
}

#[cfg(test)]
mod tests;
