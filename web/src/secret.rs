//! PINs and passwords: what may be one, and how they are kept and compared: argon2id, one at a time, in a short queue.
//!
//! One comparison takes 19 MiB and a tenth of a second of a Pi. So strangers wait in a queue of their own, and who finds
//! it full is told to come again; browsers that have signed in before have another.

use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::phc::PasswordHash,
};
use tokio::sync::Semaphore;

/// The least digits of a PIN, which has nothing but digits.
const PIN_MIN: usize = 6;
/// The least characters of a password.
const PASSWORD_MIN: usize = 10;
/// The most characters of either.
const SECRET_MAX: usize = 128;
/// Memory, KiB, and passes: the second of the settings that OWASP names for argon2id.
const MEMORY_KIB: u32 = if cfg!(test) { 64 } else { 19 * 1024 };
const PASSES: u32 = if cfg!(test) { 1 } else { 2 };
/// What an account may ask for at most, whoever wrote it.
const MEMORY_MAX_KIB: u32 = 64 * 1024;
const PASSES_MAX: u32 = 8;
/// How many wait in each queue behind the one that is looked at.
const QUEUE: usize = 4;
/// The longest wait in a queue.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a text can be no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// A PIN of fewer than six digits, or a password of fewer than ten characters.
    TooShort,
    /// Over 128 characters.
    TooLong,
    /// Among the first that anybody tries.
    Guessable,
}

impl Unfit {
    /// The text that says how to mend it.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::TooShort => "secret-short",
            Self::TooLong => "secret-long",
            Self::Guessable => "secret-guessable",
        }
    }
}

/// Whether a text may be a PIN or a password of somebody with these other words.
pub(crate) fn check(secret: &str, own: &[&str]) -> Result<(), Unfit> {
    let chars: Vec<char> = secret.chars().collect();
    let pin = chars.iter().all(char::is_ascii_digit);
    if chars.len() < if pin { PIN_MIN } else { PASSWORD_MIN } {
        return Err(Unfit::TooShort);
    }
    if chars.len() > SECRET_MAX {
        return Err(Unfit::TooLong);
    }
    let lower = secret.to_lowercase();
    let named =
        own.iter().any(|word| word.chars().count() > 3 && lower.contains(&word.to_lowercase()));
    if named || repeats(&chars) || runs(&chars) { Err(Unfit::Guessable) } else { Ok(()) }
}

/// One, two or three characters over and over, or each of them several times: `121212`, `111222`.
fn repeats(chars: &[char]) -> bool {
    let period = |n: usize| chars.iter().zip(chars.iter().skip(n)).all(|(a, b)| a == b);
    let mut different: Vec<_> = chars.to_vec();
    different.sort_unstable();
    different.dedup();
    (1..=3).any(period) || different.len() <= 2
}

/// Up or down by one at each step: `456789`, `987654`.
fn runs(chars: &[char]) -> bool {
    let steps = chars.windows(2).map(|pair| match pair {
        [a, b] => i64::from(u32::from(*b)) - i64::from(u32::from(*a)),
        _ => 0,
    });
    let steps: Vec<i64> = steps.collect();
    steps.iter().all(|step| *step == 1 || *step == -9)
        || steps.iter().all(|step| *step == -1 || *step == 9)
}

/// Whose queue a comparison waits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Queue {
    /// Browsers that have signed in before.
    Known,
    /// All others.
    Strangers,
}

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    /// The queue is full.
    #[error("too many sign-ins at once")]
    Busy,
    /// argon2, or the system's randomness.
    #[error("a secret could not be hashed: {0}")]
    Hash(argon2::password_hash::Error),
    /// The thread ended.
    #[error("a secret was not looked at")]
    Stopped(#[from] tokio::task::JoinError),
}

/// One queue: who is looked at, and who may wait.
struct Line {
    one: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Line {
    fn new() -> Self {
        Self { one: Arc::new(Semaphore::new(1)), places: Arc::new(Semaphore::new(1 + QUEUE)) }
    }
}

/// Hashes and compares secrets.
pub(crate) struct Secrets {
    known: Line,
    strangers: Line,
    /// What a name that nobody has is compared with, so that it takes as long.
    nobody: String,
}

impl Secrets {
    /// Makes what it needs.
    pub(crate) fn new() -> Result<Self, SecretError> {
        let nobody = hash_now("nobody has this secret").map_err(SecretError::Hash)?;
        Ok(Self { known: Line::new(), strangers: Line::new(), nobody })
    }

    /// A secret as it is kept: a PHC string with a salt of its own.
    pub(crate) async fn hash(&self, secret: &str) -> Result<String, SecretError> {
        let secret = secret.to_owned();
        self.one_at_a_time(Queue::Known, move || hash_now(&secret))
            .await?
            .map_err(SecretError::Hash)
    }

    /// Whether a secret is the one that is kept; with none kept it takes as long and is not.
    pub(crate) async fn is_right(
        &self,
        queue: Queue,
        secret: &str,
        kept: Option<&str>,
    ) -> Result<bool, SecretError> {
        let secret: String = secret.chars().take(SECRET_MAX + 1).collect();
        let (kept, there) = (kept.unwrap_or(&self.nobody).to_owned(), kept.is_some());
        self.one_at_a_time(queue, move || is_right_now(&secret, &kept) && there).await
    }

    /// On a thread that may block, behind those who came before.
    async fn one_at_a_time<T: Send + 'static>(
        &self,
        queue: Queue,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, SecretError> {
        let line = match queue {
            Queue::Known => &self.known,
            Queue::Strangers => &self.strangers,
        };
        let place = line.places.clone().try_acquire_owned().map_err(|_| SecretError::Busy)?;
        let turn = tokio::time::timeout(PATIENCE, line.one.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(SecretError::Busy) };
        // The places go with the work, also if nobody waits for its answer any more.
        let held = (place, turn);
        let work = move || {
            let done = work();
            drop(held);
            done
        };
        Ok(tokio::task::spawn_blocking(work).await?)
    }
}

fn hash_now(secret: &str) -> Result<String, argon2::password_hash::Error> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Ok(argon2.hash_password(secret.as_bytes())?.to_string())
}

/// What is kept says how it was made; what would cost too much is not made.
fn is_right_now(secret: &str, kept: &str) -> bool {
    let Ok(hash) = PasswordHash::new(kept) else { return false };
    let Ok(params) = Params::try_from(&hash) else { return false };
    let bounded =
        params.m_cost() <= MEMORY_MAX_KIB && params.t_cost() <= PASSES_MAX && params.p_cost() <= 4;
    bounded && Argon2::default().verify_password(secret.as_bytes(), &hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_would_try_first_is_no_secret() {
        let check = |secret: &str, expected| {
            assert_eq!(super::check(secret, &["Anna Petrova", "4711"]), expected, "{secret}")
        };
        for good in
            ["184027", "904471", "correct horse", "пароль посложнее", "一二三五八十三二一三四"]
        {
            check(good, Ok(()));
        }
        for short in ["", "12345", "kitten", "short pas"] {
            check(short, Err(Unfit::TooShort));
        }
        check(&"9x".repeat(65), Err(Unfit::TooLong));
        for easy in [
            "111111",
            "121212",
            "123123",
            "123456",
            "654321",
            "456789",
            "890123",
            "111222",
            "aaaaaaaaaaaa",
            "anna petrova 1",
            "184711",
        ] {
            check(easy, Err(Unfit::Guessable));
        }
    }

    #[tokio::test]
    async fn a_secret_is_kept_as_argon2id_and_found_again() {
        let secrets = Secrets::new().unwrap();
        let kept = secrets.hash("184027").await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m="), "{kept}");
        assert_ne!(secrets.hash("184027").await.unwrap(), kept, "each has a salt of its own");
        for queue in [Queue::Known, Queue::Strangers] {
            assert!(secrets.is_right(queue, "184027", Some(&kept)).await.unwrap());
            assert!(!secrets.is_right(queue, "184028", Some(&kept)).await.unwrap());
            assert!(!secrets.is_right(queue, "nobody has this secret", None).await.unwrap());
        }
        let dear = kept.replace("m=64,", "m=4000000,");
        assert_ne!(dear, kept);
        assert!(!secrets.is_right(Queue::Known, "184027", Some(&dear)).await.unwrap());
        assert!(!secrets.is_right(Queue::Known, "", Some("nonsense")).await.unwrap());
    }

    #[tokio::test]
    async fn strangers_who_fill_their_queue_do_not_fill_the_other() {
        let secrets = Secrets::new().unwrap();
        let kept = secrets.hash("184027").await.unwrap();
        let _held: Vec<_> = (0..=QUEUE)
            .map(|_| secrets.strangers.places.clone().try_acquire_owned().unwrap())
            .collect();
        let refused = secrets.is_right(Queue::Strangers, "184027", Some(&kept)).await;
        assert!(matches!(refused, Err(SecretError::Busy)));
        assert!(secrets.is_right(Queue::Known, "184027", Some(&kept)).await.unwrap());
    }
}
