//! What a visitor's browser seals to one node: HPKE (RFC 9180), base mode, to a key that lives as long as the program.
//!
//! For a page that travels in plain HTTP: who listens on the venue's Wi-Fi learns no number. It does not help against
//! somebody who alters the page on its way; only a certificate does.

use std::fmt;

use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256, single_shot_open, single_shot_seal,
};
use zeroize::Zeroizing;

type Suite = X25519HkdfSha256;
/// What both sides name, so that a seal for something else does not open here.
const INFO: &[u8] = b"vestibule/visitor/1";
/// HPKE's encapsulated key, bytes.
const ENC: usize = 32;
/// The longest letter, bytes.
pub const LETTER_MAX: usize = 16 * 1024;

/// A node's own key for what browsers seal. Never printed, never stored.
#[derive(Clone)]
pub struct Letterbox {
    secret: Zeroizing<[u8; 32]>,
    public: [u8; 32],
}

impl Letterbox {
    /// A new one.
    pub fn generate() -> Self {
        let (secret, public) = Suite::gen_keypair();
        let mut box_ = Self { secret: Zeroizing::new([0; 32]), public: [0; 32] };
        box_.secret.copy_from_slice(&secret.to_bytes());
        box_.public.copy_from_slice(&public.to_bytes());
        box_
    }

    /// The public half, for the page.
    pub const fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// Opens a letter: the encapsulated key, then ciphertext and tag. `None` for what was not sealed to this key.
    pub fn open(&self, letter: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        if letter.len() > LETTER_MAX {
            return None;
        }
        let (enc, text) = letter.split_at_checked(ENC)?;
        let key = <Suite as Kem>::PrivateKey::from_bytes(&*self.secret).ok()?;
        let enc = <Suite as Kem>::EncappedKey::from_bytes(enc).ok()?;
        let opened = single_shot_open::<ChaCha20Poly1305, HkdfSha256, Suite>(
            &OpModeR::Base,
            &key,
            &enc,
            INFO,
            text,
            b"",
        );
        opened.ok().map(Zeroizing::new)
    }
}

impl fmt::Debug for Letterbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Letterbox(…)")
    }
}

/// Seals as a browser does; `None` where the key is none.
pub fn seal_to(public: &[u8; 32], text: &[u8]) -> Option<Vec<u8>> {
    let key = <Suite as Kem>::PublicKey::from_bytes(public).ok()?;
    let (enc, sealed) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Suite>(
        &OpModeS::Base,
        &key,
        INFO,
        text,
        b"",
    )
    .ok()?;
    Some([enc.to_bytes().as_slice(), &sealed].concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_letter_opens_at_its_own_node_only() {
        let (own, other) = (Letterbox::generate(), Letterbox::generate());
        let letter = seal_to(own.public(), b"phone=1").unwrap();
        assert_eq!(own.open(&letter).unwrap().as_slice(), b"phone=1");
        assert!(other.open(&letter).is_none());
        let mut bent = letter.clone();
        bent[40] ^= 1;
        assert!(own.open(&bent).is_none());
        assert!(own.open(&letter[..31]).is_none());
        assert!(own.open(&[0; LETTER_MAX + 1]).is_none());
        assert_eq!(format!("{own:?}"), "Letterbox(…)");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Letterbox::generate().open(&bytes).is_none());
        }
    }
}
