//! How a second door joins a venue with no network but its own: an invitation shown as a QR symbol, one call, one
//! answer.
//!
//! ```text
//! inviting door, has the manager's key              joining node, has a fresh key
//! Invitation {secret, own key, addresses} ──QR──▶   reads it
//!           ◀── Request {nonce, wish, proof} ──     proof = HMAC(secret, both node keys, nonce, wish)
//! Inviting::hear: one-time, ten minutes, three wrong proofs end it
//!           ── Answer {salt, sealed Grant} ──▶      sealed under a key that both make of the secret
//! ```
//! The transport has authenticated both node keys before a byte of this is read; the secret says that the one who
//! calls has seen the symbol, and that the one who answers has shown it.

mod invitation;
mod inviting;
mod joining;

use hmac::{Hmac, KeyInit, Mac};
use minicbor::{Decode, Encode, bytes::ByteVec};
use sha2::Sha256;
use zeroize::Zeroizing;

pub use invitation::{
    ADDRESSES_MAX, INVITATION_MAX, Invitation, InvitationError, LIFETIME_MILLIS, OnceSecret, Wifi,
};
pub use inviting::{Asked, Inviting, Refusal, WRONG_MAX};
pub use joining::{JoinError, Joining};

use crate::{
    id::{EntranceId, PublicKey},
    membership::Membership,
    record::Direction,
    tag::{RING_MAX, TagKey, TagRing},
    time::Day,
};

/// The longest name that a joining door may give itself, bytes.
pub const NAME_MAX: usize = 60;
/// The longest request, bytes.
pub const REQUEST_MAX: usize = 1024;
/// The longest answer, bytes.
pub const ANSWER_MAX: usize = 16 << 10;
const ROOTS_MAX: usize = 16;
const DIAL_MAX: usize = 32;
const DIAL_TEXT_MAX: usize = 280;

/// What the joining door would like to be.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Wish {
    /// Its name, for people; the inviting side chooses one if there is none.
    #[n(0)]
    pub name: Option<String>,
    /// Which way it leads.
    #[n(1)]
    pub direction: Direction,
    /// The entrance of a dead door whose place it takes; granted only where the invitation is for it.
    #[n(2)]
    pub replaces: Option<EntranceId>,
}

impl Wish {
    fn is_bounded(&self) -> bool {
        let fine = |name: &String| {
            !name.trim().is_empty() && name.len() <= NAME_MAX && !name.chars().any(char::is_control)
        };
        self.name.as_ref().is_none_or(fine)
    }
}

/// All that a door needs to belong.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Grant {
    /// Its papers.
    #[n(0)]
    pub membership: Membership,
    /// The region's root keys.
    #[n(1)]
    pub roots: Vec<PublicKey>,
    /// How many of them must sign a bulletin.
    #[n(2)]
    pub roots_needed: u16,
    /// The venue's tag keys.
    #[n(3)]
    keys: Vec<RingKey>,
    /// Whom to call, siblings and authority, `host:port`.
    #[n(4)]
    pub dial: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Encode, Decode)]
struct RingKey {
    #[n(0)]
    day: Day,
    #[cbor(n(1), with = "minicbor::bytes")]
    key: [u8; 32],
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Grant({:?}, dial {:?})", self.membership, self.dial)
    }
}

impl Grant {
    /// Puts a grant together. Of too many addresses the first are told.
    pub fn new(
        membership: Membership,
        roots: Vec<PublicKey>,
        roots_needed: u16,
        ring: &TagRing,
        mut dial: Vec<String>,
    ) -> Self {
        let keys = ring.keys().map(|k| RingKey { day: k.day(), key: *k.to_bytes() }).collect();
        dial.retain(|address| address.len() <= DIAL_TEXT_MAX);
        dial.truncate(DIAL_MAX);
        Self { membership, roots, roots_needed, keys, dial }
    }

    /// The venue's tag keys; `None` where there are none or too many.
    pub fn ring(&self) -> Option<TagRing> {
        TagRing::new(self.keys.iter().map(|k| TagKey::new(k.day, k.key)).collect())
    }

    fn is_bounded(&self) -> bool {
        let printable = |a: &String| {
            a.len() <= DIAL_TEXT_MAX && a.bytes().all(|b| b.is_ascii_graphic() && b != b'"')
        };
        (1..=ROOTS_MAX).contains(&self.roots.len())
            && (1..=self.roots.len()).contains(&usize::from(self.roots_needed))
            && (1..=RING_MAX).contains(&self.keys.len())
            && self.dial.len() <= DIAL_MAX
            && self.dial.iter().all(printable)
    }
}

#[derive(Debug, Encode, Decode)]
struct Request {
    #[cbor(n(0), with = "minicbor::bytes")]
    nonce: [u8; 16],
    /// A [`Wish`], as it was proven.
    #[n(1)]
    wish: ByteVec,
    #[cbor(n(2), with = "minicbor::bytes")]
    proof: [u8; 32],
}

#[derive(Debug, Encode, Decode)]
enum Answer {
    #[n(0)]
    Granted {
        #[cbor(n(0), with = "minicbor::bytes")]
        salt: [u8; 16],
        #[n(1)]
        text: ByteVec,
    },
    #[n(1)]
    Refused(#[n(0)] String),
}

/// Who takes part, and in which call: what every proof and key is made of, beside the secret.
#[derive(Clone, Copy, Debug)]
struct Call {
    inviter: PublicKey,
    joiner: PublicKey,
    nonce: [u8; 16],
}

impl Call {
    fn proof(&self, secret: &OnceSecret, wish: &[u8]) -> Hmac<Sha256> {
        self.mac(secret, b"vestibule/pair/proof/1\0").chain_update(wish)
    }

    /// The answer's key: never used twice, for it holds a salt of the one side and a nonce of the other.
    fn key(&self, secret: &OnceSecret, salt: &[u8; 16]) -> Zeroizing<[u8; 32]> {
        let mac = self.mac(secret, b"vestibule/pair/answer/1\0").chain_update(salt);
        Zeroizing::new(mac.finalize().into_bytes().into())
    }

    fn mac(&self, secret: &OnceSecret, context: &[u8]) -> Hmac<Sha256> {
        <Hmac<Sha256> as KeyInit>::new_from_slice(secret.bytes())
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"))
            .chain_update(context)
            .chain_update(self.inviter.as_bytes())
            .chain_update(self.joiner.as_bytes())
            .chain_update(self.nonce)
    }
}

#[cfg(test)]
mod tests;
