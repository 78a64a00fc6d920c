//! A new tag key for every door that still belongs: sealed to each one's node key.
//!
//! A node has one key pair, Ed25519, for signing. A message to it is sealed by HPKE (RFC 9180) to the X25519 key that
//! belongs to the same secret: the public half is the Montgomery form of the Edwards point (RFC 7748 §4.1, the
//! birational map), the private half is the first half of SHA-512 of the seed (RFC 8032 §5.1.5), clamped by X25519
//! itself. That one pair may sign and open is shown in Thormarker, "On using the same key pair for Ed25519 and an
//! X25519 based KEM" (IACR ePrint 2021/509), for HPKE's KEM among others. `ed25519-dalek` offers both halves
//! (`VerifyingKey::to_montgomery`, `SigningKey::to_scalar_bytes`) and warns of long-lived keys, rightly: as long as
//! an order of re-keying lies in ledgers, whoever steals a door's node key can open that door's copy.

use ed25519_dalek::VerifyingKey;
use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256, single_shot_open, single_shot_seal,
};
use zeroize::Zeroizing;

use crate::{
    id::{PublicKey, VenueId},
    key::{SecretKey, encode},
    order::{ENTRANCES_MAX, Rekey, SealedKey},
    tag::TagKey,
    time::Day,
};

type Suite = X25519HkdfSha256;
const INFO: &[u8] = b"vestibule/rekey/1";

/// A tag key from the system's randomness.
///
/// # Errors
/// When the system has no randomness to give.
pub fn fresh(day: Day) -> Result<TagKey, getrandom::Error> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes)?;
    Ok(TagKey::new(day, *bytes))
}

/// Seals `fresh`, which begins on its own day, to each of these nodes. A node whose key is unusable is left out, and
/// so is whoever comes after the sixty-fourth.
pub fn make(venue: VenueId, generation: u32, fresh: &TagKey, to: &[PublicKey]) -> Rekey {
    let day = fresh.day();
    let keys = to.iter().take(ENTRANCES_MAX);
    let keys = keys.filter_map(|to| seal(venue, generation, fresh, *to)).collect();
    Rekey { generation, day, keys }
}

/// The new key, if it was sealed to this node, for this venue, generation and day.
pub fn open(rekey: &Rekey, own: &SecretKey, venue: VenueId) -> Option<TagKey> {
    let to = own.public();
    let sealed = rekey.keys.iter().find(|k| k.to == to)?;
    let secret = <Suite as Kem>::PrivateKey::from_bytes(&*own.agreement_secret()).ok()?;
    let enc = <Suite as Kem>::EncappedKey::from_bytes(&sealed.enc).ok()?;
    let bound = bound(venue, rekey.generation, rekey.day, to);
    let plain = single_shot_open::<ChaCha20Poly1305, HkdfSha256, Suite>(
        &OpModeR::Base,
        &secret,
        &enc,
        INFO,
        &sealed.text,
        &bound,
    );
    let plain = Zeroizing::new(plain.ok()?);
    Some(TagKey::new(rekey.day, plain.as_slice().try_into().ok()?))
}

fn seal(venue: VenueId, generation: u32, fresh: &TagKey, to: PublicKey) -> Option<SealedKey> {
    let point = VerifyingKey::from_bytes(to.as_bytes()).ok()?.to_montgomery();
    let public = <Suite as Kem>::PublicKey::from_bytes(point.as_bytes()).ok()?;
    let (enc, text) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Suite>(
        &OpModeS::Base,
        &public,
        INFO,
        &*fresh.to_bytes(),
        &bound(venue, generation, fresh.day(), to),
    )
    .ok()?;
    let enc = enc.to_bytes().as_slice().try_into().ok()?;
    Some(SealedKey { to, enc, text: text.into() })
}

/// What a sealed key is bound to: it opens nowhere else.
fn bound(venue: VenueId, generation: u32, day: Day, to: PublicKey) -> Vec<u8> {
    encode(&(venue, generation, day, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VENUE: VenueId = VenueId::new(17);

    #[test]
    fn each_door_opens_its_copy_and_nobody_else_any() {
        let doors = [1, 2, 3].map(|seed| SecretKey::from_bytes(&[seed; 32]));
        let key = fresh(Day::new(100)).unwrap();
        let to: Vec<_> = doors[..2].iter().map(SecretKey::public).collect();
        let rekey = make(VENUE, 4, &key, &to);
        assert_eq!(open(&rekey, &doors[0], VENUE), Some(key.clone()));
        assert_eq!(open(&rekey, &doors[1], VENUE), Some(key));
        assert_eq!(open(&rekey, &doors[2], VENUE), None);
    }

    #[test]
    fn a_copy_opens_for_its_venue_generation_day_and_door_alone() {
        let [a, b] = [1, 2].map(|seed| SecretKey::from_bytes(&[seed; 32]));
        let good = make(VENUE, 1, &fresh(Day::new(100)).unwrap(), &[a.public()]);
        assert!(open(&good, &a, VENUE).is_some());
        assert!(open(&good, &a, VenueId::new(18)).is_none());
        assert!(open(&Rekey { generation: 2, ..good.clone() }, &a, VENUE).is_none());
        assert!(open(&Rekey { day: Day::new(101), ..good.clone() }, &a, VENUE).is_none());
        let mut turned = good;
        turned.keys[0].to = b.public();
        assert!(open(&turned, &b, VENUE).is_none());
    }

    #[test]
    fn no_points_and_too_many_doors_are_left_out() {
        let key = fresh(Day::new(100)).unwrap();
        // 2 is no y-coordinate of a point of the curve.
        let mut nowhere = [0; 32];
        nowhere[0] = 2;
        assert!(make(VENUE, 1, &key, &[PublicKey::new(nowhere)]).keys.is_empty());
        let one = SecretKey::from_bytes(&[1; 32]).public();
        assert_eq!(make(VENUE, 1, &key, &[one; 70]).keys.len(), ENTRANCES_MAX);
    }
}
