//! Tags: a venue's key of the day, moved on by a one-way ratchet, and what it makes of a subject.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    id::{Mark, Subject, Tag},
    time::Day,
};

/// The furthest that one call moves the ratchet, days: a mad clock must not burn the key.
const LEAP_MAX: i32 = 3660;
const MARK: &[u8] = b"vestibule/mark/1\0";
const STORAGE: &[u8] = b"vestibule/storage-key/1";
const PASS: &[u8] = b"vestibule/day-pass-key/1";

/// The venue's tag key of one day. `K(d+1) = SHA-256("vestibule/tag-key/1" ‖ K(d))`: who holds today's
/// cannot tell yesterday's tags. Never printed.
///
/// Four things are made of one day's key, each by HMAC-SHA-256 over a message that no other of them can have: a tag
/// of the 16 bytes of a subject alone, a mark, the storage key and the key of passes of longer ones that begin with their own context.
/// Who sees tags and marks learns nothing of the storage key, and who has the storage key can make none of them.
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
        if !day.is_civil() || !(0..=i64::from(LEAP_MAX)).contains(&steps) {
            return None;
        }
        Some((0..steps).fold(self.clone(), |key, _| key.next()))
    }

    /// The tag of a person on this key's day.
    pub fn tag(&self, subject: &Subject) -> Tag {
        let code = self.mac(&[subject.as_bytes()]);
        let mut tag = [0; 16];
        tag.copy_from_slice(&code[..16]);
        Tag::new(tag)
    }

    /// The mark of an id on this key's day: `HMAC("vestibule/mark/1" ‖ 0x00 ‖ id)`, its first 8 bytes. Ids of
    /// different kinds that may have the same bytes are told apart by what the caller puts before them.
    pub fn mark(&self, id: &[u8]) -> Mark {
        let code = self.mac(&[MARK, id]);
        let mut mark = [0; Mark::LEN];
        mark.copy_from_slice(&code[..Mark::LEN]);
        Mark::new(mark)
    }

    /// The secret of this day's storage key, the same at every door of the venue: `HMAC("vestibule/storage-key/1")`.
    pub fn storage_key(&self) -> Zeroizing<[u8; 32]> {
        self.mac(&[STORAGE])
    }

    /// The key that seals this day's passes, the same at every door of the venue: `HMAC("vestibule/day-pass-key/1")`.
    pub fn pass_key(&self) -> Zeroizing<[u8; 32]> {
        self.mac(&[PASS])
    }

    fn mac(&self, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&*self.key)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        parts.iter().for_each(|part| mac.update(part));
        Zeroizing::new(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for TagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TagKey({})", self.day)
    }
}

/// The most keys that a ring holds; the oldest gives way.
pub const RING_MAX: usize = 4;

/// A door's tag keys: the one in force, and those that were in force before a re-keying, as long as somebody may be
/// inside under a tag of theirs. Never printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRing {
    current: TagKey,
    earlier: Vec<TagKey>,
}

impl From<TagKey> for TagRing {
    fn from(current: TagKey) -> Self {
        Self { current, earlier: Vec::new() }
    }
}

impl TagRing {
    /// From keys, the one in force first; `None` for none, and for more than [`RING_MAX`].
    pub fn new(keys: Vec<TagKey>) -> Option<Self> {
        if keys.len() > RING_MAX {
            return None;
        }
        let mut keys = keys.into_iter();
        Some(Self { current: keys.next()?, earlier: keys.collect() })
    }

    /// The key in force.
    pub fn current(&self) -> &TagKey {
        &self.current
    }

    /// All keys, the one in force first, then the later before the earlier.
    pub fn keys(&self) -> impl Iterator<Item = &TagKey> {
        std::iter::once(&self.current).chain(&self.earlier)
    }

    /// Whether `key` is the one in force, on whichever day each of them stands.
    pub fn follows(&self, key: &TagKey) -> bool {
        let day = key.day().max(self.current.day());
        key.on(day).is_some_and(|k| self.current.on(day) == Some(k))
    }

    /// The ring after a re-keying.
    #[must_use]
    pub fn renewed(&self, fresh: TagKey) -> Self {
        let mut earlier: Vec<_> = self.keys().filter(|k| **k != fresh).cloned().collect();
        earlier.truncate(RING_MAX - 1);
        Self { current: fresh, earlier }
    }

    /// The ring when no key of a day before `day` is needed any more: what was before it cannot be computed again,
    /// and a key whose place another took before `day` is gone. `None` when the ratchet does not lead there.
    #[must_use]
    pub fn turned_to(&self, day: Day) -> Option<Self> {
        if self.current.day() < day {
            return Some(self.current.on(day)?.into());
        }
        let turned = |key: &TagKey| if key.day() < day { key.on(day) } else { Some(key.clone()) };
        let earlier = self.earlier.iter().filter_map(turned).collect();
        Some(Self { current: self.current.clone(), earlier })
    }

    /// The tags under which a person may be known on `day` or the day before: that of `day` under the key in force
    /// first. A day without a key (a clock before the venue's key began) has a tag all the same, under the key as
    /// it is.
    pub fn tags(&self, day: Day, subject: &Subject) -> Vec<Tag> {
        let now = self.current.on(day).unwrap_or_else(|| self.current.clone());
        let before = day.plus(-1);
        let others = std::iter::once(self.current.on(before))
            .chain(self.earlier.iter().flat_map(|key| [key.on(day), key.on(before)]));
        std::iter::once(now).chain(others.flatten()).map(|key| key.tag(subject)).collect()
    }

    /// The tags that a door which has not heard of the key in force gives the same person on `day` or the day before.
    pub fn earlier_tags(&self, day: Day, subject: &Subject) -> Vec<Tag> {
        let days = [day, day.plus(-1)];
        let keys = self.earlier.iter().flat_map(|key| days.map(|day| key.on(day)));
        keys.flatten().map(|key| key.tag(subject)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_came_in_before_a_rekeying_is_known_until_the_night_after_it() {
        let old = TagKey::new(Day::new(99), [1; 32]);
        let fresh = TagKey::new(Day::new(100), [2; 32]);
        let ring = TagRing::from(old.clone()).renewed(fresh.clone());
        let someone = Subject::new([9; 16]);
        let tags = ring.tags(Day::new(100), &someone);
        assert_eq!(tags[0], fresh.tag(&someone));
        for day in [99, 100] {
            assert!(tags.contains(&old.on(Day::new(day)).unwrap().tag(&someone)));
        }
        assert!(ring.follows(&fresh.next()) && !ring.follows(&old));
        // On the next day the ring is turned to the day of the re-keying, on the one after beyond it.
        let next = ring.turned_to(Day::new(100)).unwrap();
        let came_before = old.on(Day::new(100)).unwrap().tag(&someone);
        assert!(next.tags(Day::new(101), &someone).contains(&came_before));
        let last = next.turned_to(Day::new(101)).unwrap();
        assert_eq!(last.keys().count(), 1);
        assert_eq!(last.tags(Day::new(102), &someone)[1], fresh.next().tag(&someone));
    }

    #[test]
    fn a_ring_stays_small() {
        let mut ring = TagRing::from(TagKey::new(Day::new(1), [0; 32]));
        for n in 1..9 {
            ring = ring.renewed(TagKey::new(Day::new(1), [n; 32]));
        }
        assert_eq!(ring.keys().count(), RING_MAX);
        assert_eq!(ring.current(), &TagKey::new(Day::new(1), [8; 32]));
        assert!(TagRing::new(Vec::new()).is_none());
    }

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
    fn tags_marks_and_storage_keys_have_nothing_in_common() {
        let key = TagKey::new(Day::new(100), [1; 32]);
        let named = *b"vestibule/mark/1"; // a subject that looks like the mark's context
        let tag = key.tag(&Subject::new(named));
        assert_ne!(tag.as_bytes()[..8], *key.mark(b"").as_bytes());
        assert_ne!(tag.as_bytes()[..8], *key.mark(&named).as_bytes());
        assert_ne!(tag.as_bytes()[..], key.storage_key()[..16]);
        assert_ne!(key.mark(b"a"), key.mark(b"b"));
        assert_ne!(key.mark(b"a"), key.next().mark(b"a"));
        assert_ne!(key.storage_key(), key.next().storage_key());
        assert_ne!(*key.storage_key(), *key.to_bytes());
        assert_eq!(key.storage_key(), TagKey::new(Day::new(100), [1; 32]).storage_key());
    }

    /// Computed apart from this program (Python's hmac): the forms are on disks and must not change.
    #[test]
    fn the_forms_are_fixed() {
        let key = TagKey::new(Day::new(100), [1; 32]);
        assert_eq!(key.tag(&Subject::new([9; 16])).to_string(), "615f606c741f7f3b4c3342b4d708596d");
        assert_eq!(key.mark(b"id").to_string(), "845ba41058082e6f");
        assert_eq!(
            data_encoding::HEXLOWER.encode(&*key.storage_key()),
            "dd2aa42b13155b6de76b694450814141a4cd3ff3171c62042924f5f4dd037ac3"
        );
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
