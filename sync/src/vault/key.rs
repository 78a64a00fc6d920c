//! The storage key of one lot: what lies on the disk is sealed by it, and is gone with it.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, AeadInOut, Payload, inout::InOutBuf},
};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::VaultError;
use crate::tag::TagKey;

const NONCE: usize = 24;
const TAG: usize = 16;
const BLIND: &[u8] = b"vestibule/blind/1";
/// What sealing adds to a value, bytes: the nonce in front and Poly1305's tag behind.
pub const OVERHEAD: usize = NONCE + TAG;

/// 32 secret bytes that seal what is stored of one lot, by XChaCha20-Poly1305. Wiped when dropped, never printed.
pub struct DayKey {
    // Boxed, so that moving the key leaves no copy behind. It is the cipher's whole state: making a cipher of it for
    // each call copies 32 bytes and computes nothing.
    key: Box<Zeroizing<[u8; 32]>>,
    /// Under which rows are named, made of the key once: each row that is written asks for it twice.
    blinding: Box<Zeroizing<[u8; 32]>>,
    id: [u8; 8],
}

impl DayKey {
    /// From the secret bytes.
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"vestibule/storage-key-id/1");
        hash.update(key);
        let digest = hash.finalize();
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        let mut boxed = Box::new(Zeroizing::new([0; 32]));
        boxed.copy_from_slice(key);
        let blinding = Box::new(mac(key, &[BLIND]));
        Self { key: boxed, blinding, id }
    }

    /// A new one.
    ///
    /// # Errors
    /// [`VaultError::Random`] when the system has no randomness to give.
    pub fn random() -> Result<Self, VaultError> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *key)?;
        Ok(Self::new(&key))
    }

    /// The one that all doors of a venue share on the day of `key`. It cannot be made again once the ratchet has
    /// moved on.
    pub fn from_ratchet(key: &TagKey) -> Self {
        Self::new(&key.storage_key())
    }

    /// As one line of text, such as its file holds.
    pub fn to_text(&self) -> Zeroizing<String> {
        super::file::key_text(self)
    }

    /// From such a line.
    pub fn from_text(text: &str) -> Option<Self> {
        super::file::key_from(text)
    }

    /// Tells which key it is and nothing of it: from its hash.
    pub fn id(&self) -> [u8; 8] {
        self.id
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.key
    }

    /// What stands for `name` in the key of a row, so that the row is found by who has this key and the name, and tells
    /// the name to nobody else: HMAC-SHA-256 under a key of its own, its first 16 bytes. `kind` tells names of
    /// different kinds apart.
    pub fn blind(&self, kind: u8, name: &[u8]) -> [u8; 16] {
        let code = mac(&self.blinding, &[&[kind], name]);
        let mut blind = [0; 16];
        blind.copy_from_slice(&code[..16]);
        blind
    }

    /// Seals a value under a fresh random nonce; it is [`OVERHEAD`] bytes longer then. `aad` says where it belongs:
    /// it opens nowhere else.
    ///
    /// # Errors
    /// [`VaultError::Random`] when the system has no randomness to give.
    pub fn seal(&self, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce)?;
        let mut sealed = Vec::with_capacity(OVERHEAD + plain.len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let text = InOutBuf::from(&mut sealed[NONCE..]);
        let tag = self.cipher().encrypt_inout_detached(&XNonce::from(nonce), aad, text);
        sealed.extend_from_slice(&tag.map_err(|_| VaultError::Sealed)?);
        Ok(sealed)
    }

    /// Opens what [`DayKey::seal`] made with the same `aad`.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] when it is altered, of another key, or belongs elsewhere.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE>().ok_or(VaultError::Sealed)?;
        self.cipher()
            .decrypt(&XNonce::from(*nonce), Payload { msg: text, aad })
            .map(Zeroizing::new)
            .map_err(|_| VaultError::Sealed)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&**self.key).into())
    }
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    parts.iter().for_each(|part| mac.update(part));
    Zeroizing::new(mac.finalize().into_bytes().into())
}

impl fmt::Debug for DayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DayKey({})", data_encoding::HEXLOWER.encode(&self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Day;
    use proptest::prelude::*;

    #[test]
    fn it_opens_with_its_key_and_in_its_place_only() {
        let (key, tomorrow) = (DayKey::new(&[1; 32]), DayKey::new(&[2; 32]));
        let sealed = key.seal(b"here", b"what was seen").unwrap();
        assert_eq!(sealed.len(), b"what was seen".len() + OVERHEAD);
        assert_eq!(**key.open(b"here", &sealed).unwrap(), *b"what was seen");
        assert!(matches!(key.open(b"there", &sealed), Err(VaultError::Sealed)));
        assert!(matches!(tomorrow.open(b"here", &sealed), Err(VaultError::Sealed)));
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(key.open(b"here", &altered).is_err(), "byte {at}");
            assert!(key.open(b"here", &sealed[..at]).is_err(), "cut at {at}");
        }
        assert_ne!(sealed, key.seal(b"here", b"what was seen").unwrap(), "nonces are fresh");
    }

    #[test]
    fn doors_of_a_venue_have_the_same_key_and_strangers_another() {
        let here = TagKey::new(Day::new(100), [1; 32]);
        let there = TagKey::new(Day::new(98), [1; 32]).on(Day::new(100)).unwrap();
        assert_eq!(
            DayKey::from_ratchet(&here.next().next()).id(),
            DayKey::from_ratchet(&here.on(Day::new(102)).unwrap()).id()
        );
        assert_ne!(DayKey::from_ratchet(&here).id(), DayKey::from_ratchet(&there).id());
        assert_ne!(DayKey::random().unwrap().id(), DayKey::random().unwrap().id());
    }

    #[test]
    fn names_are_blinded_by_key_and_kind() {
        let (key, other) = (DayKey::random().unwrap(), DayKey::random().unwrap());
        assert_eq!(key.blind(1, b"name"), key.blind(1, b"name"));
        assert_ne!(key.blind(1, b"name"), key.blind(2, b"name"));
        assert_ne!(key.blind(1, b"name"), key.blind(1, b"nam"));
        assert_ne!(key.blind(1, b"name"), other.blind(1, b"name"));
    }

    #[test]
    fn debug_shows_the_id_and_no_secret() {
        let key = DayKey::new(&[0xab; 32]);
        let shown = format!("{key:?}");
        assert!(!shown.contains("abab") && !shown.contains("171"), "{shown}");
        assert!(!key.bytes().windows(8).any(|part| part == key.id()));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(DayKey::new(&[1; 32]).open(b"", &bytes).is_err());
        }

        #[test]
        fn any_value_comes_back(
            aad in proptest::collection::vec(any::<u8>(), 0..40),
            plain in proptest::collection::vec(any::<u8>(), 0..3000),
        ) {
            let key = DayKey::new(&[1; 32]);
            let sealed = key.seal(&aad, &plain).unwrap();
            prop_assert_eq!(&**key.open(&aad, &sealed).unwrap(), &plain);
        }
    }
}
