//! Secrets in files: signing keys, tracing secrets and the tag key, readable by their owner alone.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use data_encoding::BASE64URL_NOPAD;
use sync::{
    id::Week,
    key::SecretKey,
    sealed::TracingSecret,
    tag::{TagKey, TagRing},
    time::Day,
};
use zeroize::Zeroizing;

const KEY_PREFIX: &str = "vestibule-key:1:ed25519:";
const TRACING_PREFIX: &str = "vestibule-tracing:1:";
const TAG_PREFIX: &str = "vestibule-tag-key:1:";
/// The longest secrets file that is read, bytes: years of tracing secrets.
const FILE_BYTES_MAX: u64 = 64 * 1024;
const OWNER_ONLY: u32 = 0o600;
const OTHERS: u32 = 0o077;
/// Two tasks move tag keys on: the one that follows the days, and the one that follows losses.
static TAG_FILES: Mutex<()> = Mutex::new(());

/// What a secrets file holds.
#[derive(Clone, Debug)]
pub enum Secret {
    /// A signing key: a node's, a manager's, an issuer's or a region root's.
    Signing(SecretKey),
    /// The tracing secrets of several weeks.
    Tracing(Vec<TracingSecret>),
    /// The venue's tag key.
    Tag(TagKey),
    /// The venue's tag keys after a re-keying, the one in force first.
    Ring(TagRing),
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
            Self::Ring(ring) => {
                for key in ring.keys() {
                    line(TAG_PREFIX, Some(key.day().get().into()), key.to_bytes());
                }
            }
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
        if first.starts_with(TAG_PREFIX) {
            let mut keys = lines.map(tag_line).collect::<Option<Vec<_>>>()?;
            return match keys.len() {
                1 => keys.pop().map(Self::Tag),
                _ => TagRing::new(keys).map(Self::Ring),
            };
        }
        let only = lines.next()?;
        if lines.next().is_some() {
            return None;
        }
        let bytes = bytes32(only.strip_prefix(KEY_PREFIX)?)?;
        Some(Self::Signing(SecretKey::from_bytes(&bytes)))
    }
}

/// Loads a signing key.
///
/// # Errors
/// [`SecretError`], also when the file holds another kind of secret.
pub fn load_key(path: &Path) -> Result<SecretKey, SecretError> {
    match Secret::load(path)? {
        Secret::Signing(key) => Ok(key),
        _ => Err(form(path, "a signing key")),
    }
}

/// Loads the tracing secrets.
///
/// # Errors
/// [`SecretError`], also when the file holds another kind of secret.
pub fn load_tracing(path: &Path) -> Result<Vec<TracingSecret>, SecretError> {
    match Secret::load(path)? {
        Secret::Tracing(secrets) => Ok(secrets),
        _ => Err(form(path, "tracing secrets")),
    }
}

/// Takes the tracing secrets of the weeks before `first` out of their file; how many those were.
///
/// # Errors
/// As for [`load_tracing`].
pub fn forget_tracing(path: &Path, first: Week) -> Result<usize, SecretError> {
    let all = load_tracing(path)?;
    let before = all.len();
    let kept: Vec<_> = all.into_iter().filter(|secret| secret.week() >= first).collect();
    let gone = before - kept.len();
    // A file without any is no file of tracing secrets: the last one stays until the next is there.
    if gone > 0 && !kept.is_empty() {
        replace(path, &Secret::Tracing(kept))?;
        return Ok(gone);
    }
    Ok(0)
}

/// Adds tracing secrets to their file, after those that it has of the same weeks: these still open what they sealed.
///
/// # Errors
/// As for [`load_tracing`], and when the file would become too long.
pub fn add_tracing(path: &Path, fresh: Vec<TracingSecret>) -> Result<(), SecretError> {
    let mut all = load_tracing(path)?;
    all.extend(fresh);
    all.sort_by_key(TracingSecret::week); // stable: of one week the later stays behind
    let all = Secret::Tracing(all);
    if all.to_text().len() as u64 > FILE_BYTES_MAX {
        return Err(form(path, "room for so many weeks"));
    }
    replace(path, &all)
}

/// Loads the venue's tag key as it lies in the file.
///
/// # Errors
/// [`SecretError`], also when the file holds another kind of secret.
pub fn load_tag_key(path: &Path) -> Result<TagKey, SecretError> {
    load_tag_ring(path).map(|ring| ring.current().clone())
}

/// Loads the login of a camera in the network: one line, `user:password`.
///
/// # Errors
/// [`SecretError`], also when the file holds something else.
pub fn load_login(path: &Path) -> Result<scanner::Login, SecretError> {
    scanner::Login::read(&read_private(path)?).map_err(|_| form(path, "a login, user:password"))
}

/// Loads a secret of one line, such as a gateway's header.
///
/// # Errors
/// As for [`load_key`].
pub fn load_line(path: &Path) -> Result<Zeroizing<String>, SecretError> {
    let text = read_private(path)?;
    let line = text.trim();
    if line.is_empty() || line.lines().count() != 1 {
        return Err(form(path, "one line"));
    }
    Ok(Zeroizing::new(line.to_owned()))
}

/// Loads the venue's tag keys as they lie in the file: more than one for a while after a re-keying.
///
/// # Errors
/// As for [`load_tag_key`].
pub fn load_tag_ring(path: &Path) -> Result<TagRing, SecretError> {
    match Secret::load(path)? {
        Secret::Tag(key) => Ok(key.into()),
        Secret::Ring(ring) => Ok(ring),
        _ => Err(form(path, "a tag key")),
    }
}

/// Puts a new tag key in force, made after a loss: durable before this returns. The earlier ones stay for those who
/// are inside under their tags, moved on to `yesterday`.
///
/// # Errors
/// As for [`load_tag_key`].
pub fn renew_tag_key(path: &Path, fresh: TagKey, yesterday: Day) -> Result<TagRing, SecretError> {
    let _one_at_a_time = TAG_FILES.lock().unwrap_or_else(PoisonError::into_inner);
    destroy_leftover(path)?;
    let ring = load_tag_ring(path)?.renewed(fresh);
    let ring = ring.turned_to(yesterday).unwrap_or(ring);
    replace(path, &Secret::Ring(ring.clone()))?;
    Ok(ring)
}

/// Overwrites a file with zeros, makes that durable and deletes it; whether there was one. What a file is made of on
/// flash memory may outlive it: the card's own controller moves cells about.
///
/// # Errors
/// [`SecretError::Io`].
pub fn destroy(path: &Path) -> Result<bool, SecretError> {
    let at = |doing| move |source| SecretError::Io { path: path.into(), doing, source };
    let mut file = match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        opened => opened.map_err(at("open"))?,
    };
    overwrite(&mut file).map_err(at("overwrite"))?;
    drop(file);
    fs::remove_file(path).map_err(at("delete"))?;
    sync_folder(path).map_err(at("make durable"))?;
    Ok(true)
}

/// Zeros over all of a file, durably.
fn overwrite(file: &mut File) -> io::Result<()> {
    let mut left = file.metadata()?.len();
    file.rewind()?;
    let zeros = [0; 4096];
    while left > 0 {
        let piece = left.min(zeros.len() as u64) as usize;
        file.write_all(&zeros[..piece])?;
        left -= piece as u64;
    }
    file.sync_all()
}

/// Loads the venue's tag key, moves it on to `day` and rewrites the file, so that the older key is gone from it.
///
/// The new file is durable under its name before this returns. That holds for the file: flash memory may keep the
/// old cells for a while.
///
/// # Errors
/// [`SecretError::Ratchet`] for a day that is past or absurdly far; otherwise as for [`load_tag_key`].
pub fn ratchet_tag_key(path: &Path, day: Day) -> Result<TagKey, SecretError> {
    let _one_at_a_time = TAG_FILES.lock().unwrap_or_else(PoisonError::into_inner);
    destroy_leftover(path)?;
    let ring = load_tag_ring(path)?;
    let (of, wanted) = (ring.current().day(), day);
    if of > day || ring.current().on(day).is_none() {
        return Err(SecretError::Ratchet { path: path.into(), of, wanted });
    }
    let next = ring.turned_to(day).unwrap_or_else(|| ring.clone());
    if next != ring {
        replace(path, &Secret::Ring(next.clone()))?;
    }
    Ok(next.current().clone())
}

/// Moves the earlier of several tag keys on to `day`, where the one in force is of a later day: nothing for a file
/// with one key.
///
/// # Errors
/// As for [`load_tag_key`].
pub fn ratchet_earlier_keys(path: &Path, day: Day) -> Result<(), SecretError> {
    let _one_at_a_time = TAG_FILES.lock().unwrap_or_else(PoisonError::into_inner);
    destroy_leftover(path)?;
    let ring = load_tag_ring(path)?;
    match ring.turned_to(day).filter(|next| *next != ring && ring.current().day() >= day) {
        Some(next) => replace(path, &Secret::Ring(next)),
        None => Ok(()),
    }
}

// Temp, fsync, rename, fsync of the folder: after a power cut there is the old file or the new one, whole. The old one
// has a second name until it is overwritten, so that a power cut leaves no key in blocks that no file has any more.
fn replace(path: &Path, secret: &Secret) -> Result<(), SecretError> {
    let at = |doing| move |source| SecretError::Io { path: path.into(), doing, source };
    let (fresh, old) = (beside(path, ".new"), beside(path, ".old"));
    destroy_leftover(path)?;
    destroy(&fresh)?;
    secret.create(&fresh)?;
    // Some file systems have no second names: there the open file is all that leads to the old blocks.
    let held = OpenOptions::new().write(true).open(path);
    let mut held = held.map_err(at("open"))?;
    let named = fs::hard_link(path, &old).is_ok();
    fs::rename(&fresh, path).map_err(at("replace"))?;
    sync_folder(path).map_err(at("make durable"))?;
    overwrite(&mut held).map_err(at("overwrite what it was before"))?;
    if named {
        fs::remove_file(&old).map_err(at("delete what it was before"))?;
        sync_folder(path).map_err(at("make durable"))?;
    }
    Ok(())
}

/// What a power cut left of an earlier key. The second name may still be the present file's own.
fn destroy_leftover(path: &Path) -> Result<(), SecretError> {
    let old = beside(path, ".old");
    let inode = |path: &Path| fs::metadata(path).ok().map(|m| (m.dev(), m.ino()));
    if inode(&old).is_some() && inode(&old) == inode(path) {
        return fs::remove_file(&old).map_err(|source| SecretError::Io {
            path: old,
            doing: "delete",
            source,
        });
    }
    destroy(&old).map(drop)
}

pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
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

fn tag_line(line: &str) -> Option<TagKey> {
    let (day, body) = line.strip_prefix(TAG_PREFIX)?.split_once(':')?;
    let day = Day::new(day.parse().ok()?);
    day.is_civil().then_some(())?;
    Some(TagKey::new(day, *bytes32(body)?))
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
