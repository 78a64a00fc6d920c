//! The proof that a phone adds to a token: a signature of the holder's key over the token and the time step.
//!
//! ```text
//! "ST1:" base45( token ‖ [step, h'signature'] )        a CBOR sequence (RFC 8742)
//! signed by the holder's key: "vestibule/proof/1" ‖ 0x00 ‖ SHA-256(token) ‖ step as 8 bytes, big-endian
//! ```
//! A step has 30 s. A screenshot so dies within a minute, where the clock is trusted.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use minicbor::{Decoder, Encoder};
use sha2::{Digest, Sha256};
use sync::{id::PublicKey, key::SecretKey, record::ClockTrust, time::UnixMillis};

use crate::{
    clock::{Moment, SKEW_MILLIS},
    reason::Reason,
    token::Presented,
};

/// How long a step lasts, ms.
pub const STEP_MILLIS: i64 = 30_000;
/// How many steps a phone's clock may be ahead or behind, where ours is right.
const TOLERANCE: u64 = 1;
/// The same where ours is only believed within bounds.
const TOLERANCE_BOUNDED: u64 = (SKEW_MILLIS / STEP_MILLIS) as u64;
const CONTEXT: &[u8] = b"vestibule/proof/1\0";

/// A proof, unchecked.
pub(super) struct Proof {
    step: u64,
    signature: Signature,
}

/// The step in which a time lies.
fn step_of(at: UnixMillis) -> u64 {
    u64::try_from(at.get().div_euclid(STEP_MILLIS)).unwrap_or(0)
}

fn message(token: &[u8], step: u64) -> Vec<u8> {
    [CONTEXT, &Sha256::digest(token), &step.to_be_bytes()].concat()
}

/// The proof for a token at a time, as it follows the token.
pub(super) fn prove(token: &[u8], holder: &SecretKey, at: UnixMillis) -> Vec<u8> {
    let key = SigningKey::from_bytes(&holder.to_bytes());
    let step = step_of(at);
    let signature = key.sign(&message(token, step)).to_bytes();
    let mut e = Encoder::new(Vec::with_capacity(80));
    let written =
        e.array(2).and_then(|e| e.u64(step)).and_then(|e| e.bytes(&signature).map(|_| ()));
    written.unwrap_or_else(|e| unreachable!("CBOR into memory: {e}"));
    e.into_writer()
}

impl Proof {
    /// Reads what follows a token, in the only accepted encoding; `None` where nothing does.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<Self>, Reason> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let mut d = Decoder::new(bytes);
        let bad = |_| Reason::BadCbor;
        let two = d.array().map_err(bad)? == Some(2);
        let (step, signature) = (d.u64().map_err(bad)?, d.bytes().map_err(bad)?);
        let signature = Signature::from_slice(signature).map_err(|_| Reason::BadCbor)?;
        // A number in more bytes than it needs would give one proof several texts.
        let head = match step {
            0..24 => 1,
            24..0x100 => 2,
            0x100..0x1_0000 => 3,
            0x1_0000..0x1_0000_0000 => 5,
            _ => 9,
        };
        let shortest = bytes.len() == 1 + head + 66;
        if two && shortest && d.position() == bytes.len() {
            Ok(Some(Self { step, signature }))
        } else {
            Err(Reason::BadCbor)
        }
    }

    fn check(&self, token: &[u8], holder: PublicKey, now: Moment) -> Result<Presented, Reason> {
        let key = VerifyingKey::from_bytes(holder.as_bytes()).map_err(|_| Reason::Malformed)?;
        key.verify_strict(&message(token, self.step), &self.signature)
            .map_err(|_| Reason::NoProof)?;
        let (tolerance, presented) = match now.trust {
            ClockTrust::Trusted => (TOLERANCE, Presented::Phone),
            ClockTrust::Bounded => (TOLERANCE_BOUNDED, Presented::PhoneAtUnknownTime),
            ClockTrust::Unknown => return Ok(Presented::PhoneAtUnknownTime),
        };
        match self.step.abs_diff(step_of(now.wall)) <= tolerance {
            true => Ok(presented),
            false => Err(Reason::StaleProof),
        }
    }
}

/// How a token came: one that names a holder's key needs that key's proof, as whoever copied it could leave the proof
/// out; any other is paper, and takes none.
pub(super) fn presented(
    token: &[u8],
    holder: Option<PublicKey>,
    proof: Option<&Proof>,
    now: Moment,
) -> Result<Presented, Reason> {
    match (holder, proof) {
        (None, None) => Ok(Presented::Paper),
        (None, Some(_)) => Err(Reason::Malformed),
        (Some(_), None) => Err(Reason::NoProof),
        (Some(holder), Some(proof)) => proof.check(token, holder, now),
    }
}
