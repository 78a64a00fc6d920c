//! A day pass: a paper code that a venue's door makes for one who is inside, to leave by and to come back the same day. Pure.
//!
//! `VD1:`, then base32 of 12 random bytes and of 41 sealed with ChaCha20-Poly1305 under a key that only the doors of
//! this venue have, and destroy with the day: the pseudonym, the status that the door saw, and until when it holds.

use data_encoding::BASE32_NOPAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sync::{
    id::{Subject, VenueId},
    record::Status,
    tag::TagKey,
    time::{Day, UnixMillis},
};

/// What the text begins with.
pub const PASS_PREFIX: &str = "VD1:";
/// How many random bytes a pass begins with.
pub const PASS_NONCE: usize = NONCE_LEN;
const PLAIN: usize = Subject::LEN + 1 + 4 + 4;
const SEALED: usize = NONCE_LEN + PLAIN + 16;

/// What a pass says.
#[derive(Clone, PartialEq, Eq)]
pub struct DayPass {
    /// Who has it.
    pub subject: Subject,
    /// The status that the door saw.
    pub status: Status,
    /// Until when that holds, to the second, where it ends by itself.
    pub until: Option<UnixMillis>,
    /// When the code was issued by which the visitor came in: a person may be withdrawn from a time on.
    pub issued: Option<UnixMillis>,
}

impl std::fmt::Debug for DayPass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DayPass({:?})", self.status)
    }
}

impl DayPass {
    /// The text of the pass under the key of its day; `None` if that cannot be made into a cipher's key.
    pub fn seal(&self, venue: VenueId, key: &TagKey, nonce: [u8; PASS_NONCE]) -> Option<String> {
        let mut bytes = Vec::with_capacity(PLAIN + 16);
        bytes.extend_from_slice(self.subject.as_bytes());
        bytes.push(to_byte(self.status));
        for at in [self.until, self.issued] {
            let secs = at.and_then(|at| u32::try_from(at.secs()).ok()).unwrap_or(0);
            bytes.extend_from_slice(&secs.to_be_bytes());
        }
        let random = Nonce::assume_unique_for_key(nonce);
        cipher(key)?.seal_in_place_append_tag(random, aad(venue), &mut bytes).ok()?;
        Some(format!("{PASS_PREFIX}{}", BASE32_NOPAD.encode(&[&nonce[..], &bytes].concat())))
    }

    /// Opens a pass with whichever of these keys made it, and says of which day that is.
    pub fn open(text: &str, venue: VenueId, keys: &[TagKey]) -> Option<(Day, Self)> {
        let body = text.strip_prefix(PASS_PREFIX)?;
        if body.len() > BASE32_NOPAD.encode_len(SEALED) {
            return None;
        }
        let bytes = BASE32_NOPAD.decode(body.as_bytes()).ok().filter(|b| b.len() == SEALED)?;
        let (nonce, sealed) = bytes.split_at(NONCE_LEN);
        keys.iter().find_map(|key| {
            let mut sealed = sealed.to_vec();
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let plain = cipher(key)?.open_in_place(nonce, aad(venue), &mut sealed).ok()?;
            Some((key.day(), Self::read(plain)?))
        })
    }

    fn read(plain: &[u8]) -> Option<Self> {
        let (subject, rest) = plain.split_at_checked(Subject::LEN)?;
        let (&status, times) = rest.split_first()?;
        let time = |bytes: &[u8]| {
            let secs = u32::from_be_bytes(bytes.try_into().ok()?);
            Some((secs > 0).then(|| UnixMillis::from_secs(secs.into())))
        };
        let (until, issued) = times.split_at_checked(4)?;
        Some(Self {
            subject: Subject::from_slice(subject)?,
            status: of_byte(status)?,
            until: time(until)?,
            issued: time(issued)?,
        })
    }
}

fn cipher(key: &TagKey) -> Option<LessSafeKey> {
    UnboundKey::new(&CHACHA20_POLY1305, &*key.pass_key()).ok().map(LessSafeKey::new)
}

fn aad(venue: VenueId) -> Aad<[u8; 8]> {
    Aad::from(venue.get().to_be_bytes())
}

const fn to_byte(status: Status) -> u8 {
    match status {
        Status::Green => 1,
        Status::Blue => 2,
        Status::Yellow => 3,
        Status::Red => 4,
        Status::Grey => 5,
    }
}

const fn of_byte(byte: u8) -> Option<Status> {
    Some(match byte {
        1 => Status::Green,
        2 => Status::Blue,
        3 => Status::Yellow,
        4 => Status::Red,
        5 => Status::Grey,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pass() -> DayPass {
        let until = Some(UnixMillis::from_secs(1_795_348_800));
        let issued = Some(UnixMillis::from_secs(1_795_300_000));
        DayPass { subject: Subject::new([7; 16]), status: Status::Green, until, issued }
    }

    #[test]
    fn a_pass_opens_at_its_venue_on_its_day_and_nowhere_else() {
        let (venue, key) = (VenueId::new(17), TagKey::new(Day::new(20_000), [1; 32]));
        let text = pass().seal(venue, &key, [9; 12]).unwrap();
        assert!(text.len() < 96 && crate::code::Code::read(&text).word() == "day-pass", "{text}");
        let open = |text: &str, venue: u64, keys: &[TagKey]| {
            DayPass::open(text, VenueId::new(venue), keys)
        };
        let (day, read) = open(&text, 17, &[key.next(), key.clone()]).unwrap();
        assert_eq!((day, &read), (key.day(), &pass()));
        assert_eq!(open(&text, 18, std::slice::from_ref(&key)), None, "another venue");
        assert_eq!(open(&text, 17, &[key.next()]), None, "another day");
        assert_eq!(open(&text, 17, &[]), None);
        let last = text.chars().nth(20).unwrap();
        let other = text.replacen(last, if last == 'A' { "B" } else { "A" }, 1);
        assert_eq!(open(&other, 17, std::slice::from_ref(&key)), None, "changed");
        assert!(!format!("{read:?}").contains('7'));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(body in "[A-Z2-7=]{0,120}", text in ".{0,100}") {
            let keys = [TagKey::new(Day::new(1), [1; 32])];
            prop_assert_eq!(DayPass::open(&format!("{PASS_PREFIX}{body}"), VenueId::new(1), &keys), None);
            prop_assert_eq!(DayPass::open(&text, VenueId::new(1), &keys), None);
        }
    }
}
