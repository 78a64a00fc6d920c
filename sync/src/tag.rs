//! Tags: a venue's key of the day, moved on by a one-way ratchet, and what it makes of a subject.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    id::{Subject, Tag},
    time::Day,
};

/// The furthest that one call moves the ratchet, days: a mad clock must not burn the key.
const LEAP_MAX: i32 = 3660;

/// The venue's tag key of one day. `K(d+1) = SHA-256("vestibule/tag-key/1" ‖ K(d))`: who holds today's
/// cannot tell yesterday's tags. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct TagKey {
    day: Day,
    key: Zeroizing<[u8; 32]>,
}

impl TagKey {
    /// From its day and bytes.
    pub fn new(day: Day, key: [u8; 32]) -> Self {
        Self { day, key: Zeroizing::new(key) }
    }

    /// The day whose visits it tags.
    pub fn day(&self) -> Day {
        self.day
    }

    /// The secret bytes, for the venue's key file.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.key.clone()
    }

    /// The key of the day after.
    #[must_use]
    pub fn next(&self) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"vestibule/tag-key/1");
        hash.update(*self.key);
        Self::new(self.day.next(), hash.finalize().into())
    }

    /// The key of `day`; `None` for a day that is past, unknown or absurdly far.
    pub fn on(&self, day: Day) -> Option<Self> {
        let steps = i64::from(day.get()) - i64::from(self.day.get());
        if day == Day::UNKNOWN || !(0..=i64::from(LEAP_MAX)).contains(&steps) {
            return None;
        }
        Some((0..steps).fold(self.clone(), |key, _| key.next()))
    }

    /// The tag of a person on this key's day.
    pub fn tag(&self, subject: &Subject) -> Tag {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&*self.key)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        mac.update(subject.as_bytes());
        let code = mac.finalize().into_bytes();
        let mut tag = [0; 16];
        tag.copy_from_slice(&code[..16]);
        Tag::new(tag)
    }
}

impl fmt::Debug for TagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TagKey({})", self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doors_that_share_a_key_share_tags_day_by_day() {
        let a = TagKey::new(Day::new(100), [1; 32]);
        let b = a.next();
        let someone = Subject::new([9; 16]);
        let (ka, kb) = (a.on(Day::new(105)).unwrap(), b.on(Day::new(105)).unwrap());
        assert_eq!(ka.tag(&someone), kb.tag(&someone));
        assert_ne!(a.tag(&someone), b.tag(&someone));
    }

    #[test]
    fn the_ratchet_never_turns_back_nor_leaps_with_a_mad_clock() {
        let key = TagKey::new(Day::new(100), [1; 32]);
        assert!(key.on(Day::new(99)).is_none());
        assert!(key.on(Day::UNKNOWN).is_none());
        assert!(key.on(Day::new(100 + LEAP_MAX + 1)).is_none());
        assert!(key.on(Day::new(i32::MAX)).is_none());
    }
}
