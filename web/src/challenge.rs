//! Challenges for passkeys: made without being remembered, each good once, for five minutes, for one purpose.
//!
//! A challenge names its time and carries a tag that only this start of the node can make, so strangers who ask for many
//! fill nothing. What is remembered are those that were answered by a key, until their time is over.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use data_encoding::BASE64URL_NOPAD;
use node_core::staff::StaffId;
use sha2::{Digest, Sha256};
use sync::time::UnixMillis;

use crate::session::Digest32;

/// How long somebody has to find the key and touch it.
pub(crate) const LASTS_MILLIS: i64 = 5 * 60 * 1000;
/// Answered ones that are remembered; with so many within five minutes the next wait.
const ANSWERED_MAX: usize = 4096;
const NONCE: usize = 16;
const TIME: usize = 8;
const TAG: usize = 32;

/// What a challenge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Signing in.
    SignIn,
    /// A new passkey for this account.
    Add(StaffId),
}

impl Purpose {
    fn bytes(self) -> [u8; 9] {
        let mut bytes = [0; 9];
        if let Self::Add(id) = self {
            bytes[0] = 1;
            bytes[1..].copy_from_slice(id.as_bytes());
        }
        bytes
    }
}

/// Makes and takes challenges.
pub(crate) struct Challenges {
    key: Digest32,
    answered: Mutex<HashMap<[u8; NONCE], UnixMillis>>,
}

impl Challenges {
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self { key, answered: Mutex::default() })
    }

    /// A fresh one, as text.
    pub(crate) fn make(
        &self,
        purpose: Purpose,
        now: UnixMillis,
    ) -> Result<String, getrandom::Error> {
        let mut bytes = [0; NONCE + TIME];
        getrandom::fill(&mut bytes[..NONCE])?;
        bytes[NONCE..].copy_from_slice(&now.get().to_be_bytes());
        Ok(BASE64URL_NOPAD.encode(&[&bytes[..], &self.tag(&bytes, purpose)].concat()))
    }

    /// Whether it is one of ours, for this, of the last minutes, and not answered before; from now on it is answered.
    pub(crate) fn take(&self, challenge: &[u8], purpose: Purpose, now: UnixMillis) -> bool {
        if challenge.len() != NONCE + TIME + TAG {
            return false;
        }
        let (own, tag) = challenge.split_at(NONCE + TIME);
        let (Ok(nonce), Ok(time)) = (own[..NONCE].try_into(), own[NONCE..].try_into()) else {
            return false;
        };
        let made = UnixMillis::new(i64::from_be_bytes(time));
        let lasts = |made: UnixMillis| (0..LASTS_MILLIS).contains(&(now.get() - made.get()));
        // Digests are compared, so the time that it takes says nothing of the tag.
        if Sha256::digest(self.tag(own, purpose)) != Sha256::digest(tag) || !lasts(made) {
            return false;
        }
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.retain(|_, made| lasts(*made));
        answered.len() < ANSWERED_MAX && answered.insert(nonce, made).is_none()
    }

    /// The length of what is hashed is always the same, so nothing can be appended to it.
    fn tag(&self, own: &[u8], purpose: Purpose) -> Digest32 {
        let of = Sha256::new().chain_update(self.key).chain_update(own);
        of.chain_update(purpose.bytes()).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

    fn bytes(text: &str) -> Vec<u8> {
        BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_challenge_is_good_once_for_its_purpose_and_not_for_long() {
        let challenges = Challenges::new().unwrap();
        let make = |purpose| bytes(&challenges.make(purpose, NOON).unwrap());
        let (one, other) = (StaffId::new([1; 8]), StaffId::new([2; 8]));
        let later = |millis| NOON.plus_millis(millis);
        let first = make(Purpose::SignIn);
        assert!(!challenges.take(&first, Purpose::Add(one), NOON));
        assert!(challenges.take(&first, Purpose::SignIn, later(1)));
        assert!(!challenges.take(&first, Purpose::SignIn, later(2)), "it was answered");
        let add = make(Purpose::Add(one));
        assert!(!challenges.take(&add, Purpose::Add(other), NOON));
        assert!(!challenges.take(&add, Purpose::Add(one), later(LASTS_MILLIS)), "too late");
        assert!(!challenges.take(&add, Purpose::Add(one), later(-1)), "of the future");
        assert!(challenges.take(&add, Purpose::Add(one), later(LASTS_MILLIS - 1)));
        let mut forged = make(Purpose::SignIn);
        forged[NONCE] ^= 1;
        assert!(
            !challenges.take(&forged, Purpose::SignIn, NOON)
                && !challenges.take(&[], Purpose::SignIn, NOON)
        );
        let elsewhere = Challenges::new().unwrap().make(Purpose::SignIn, NOON).unwrap();
        assert!(!challenges.take(&bytes(&elsewhere), Purpose::SignIn, NOON), "of another start");
    }

    #[test]
    fn what_is_remembered_is_bounded_and_forgotten() {
        let challenges = Challenges::new().unwrap();
        let take = |now| {
            let made = bytes(&challenges.make(Purpose::SignIn, now).unwrap());
            challenges.take(&made, Purpose::SignIn, now)
        };
        assert!((0..ANSWERED_MAX).all(|_| take(NOON)));
        assert!(!take(NOON), "full");
        assert!(take(NOON.plus_millis(LASTS_MILLIS)), "and empty again");
        assert_eq!(challenges.answered.lock().unwrap().len(), 1);
    }
}
