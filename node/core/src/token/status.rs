//! Our status token `ST1:`: Base45 (RFC 9285) of a COSE_Sign1 (RFC 9052 §4.2) over CWT claims (RFC 8392), EdDSA.
//!
//! ```text
//! "ST1:" base45( 18([ << {1: -8, 4: h'kid'} >>, {}, << claims >>, h'signature' ]) )
//! ```
//! On a phone the proof of its key follows the envelope (`proof.rs`). One token has one text: the envelope is accepted only in the shortest encoding (RFC 8949 §4.2.1), so that no
//! second text carries the same signature.

mod claims;
mod proof;
mod wire;

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, Signer, SigningKey};
use sync::{
    id::{PublicKey, RegionId},
    key::SecretKey,
    time::UnixMillis,
};

pub(super) use claims::is_visible;
pub use claims::{ClaimsError, PhotoHash, Purpose, StatusClaims};
pub use proof::STEP_MILLIS;

use super::{
    Presented, Refused, transport,
    trust::{Kid, TrustList},
};
use crate::{clock::Moment, reason::Reason};

/// The longest token that is decoded, bytes after Base45.
pub const TOKEN_MAX: usize = 1024;
const PREFIX: &str = "ST1:";

/// The key with which an issuer signs tokens. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct IssuerKey(SigningKey);

impl IssuerKey {
    /// From the key of a key file. A key that signs tokens should sign nothing else.
    pub fn new(secret: &SecretKey) -> Self {
        Self(SigningKey::from_bytes(&secret.to_bytes()))
    }

    /// The public half, for trust lists.
    pub fn public(&self) -> PublicKey {
        PublicKey::new(self.0.verifying_key().to_bytes())
    }

    /// The id under which trust lists name it.
    pub fn kid(&self) -> Kid {
        Kid::of(&self.public())
    }
}

impl fmt::Debug for IssuerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuerKey({})", self.kid())
    }
}

/// Signs claims; the text of the token.
pub fn issue(claims: &StatusClaims, key: &IssuerKey) -> String {
    let protected = wire::protected(key.kid());
    let payload = wire::encode_claims(claims);
    let signature = key.0.sign(&wire::to_be_signed(&protected, &payload)).to_bytes();
    let envelope = wire::envelope(&protected, &payload, &signature);
    format!("{PREFIX}{}", base45::encode(&envelope))
}

/// The text that the holder's phone shows at a time, for 30 s: the token with the proof that the phone holds the key that
/// the token names. `None` when the text is no token that names this key.
pub fn present(text: &str, holder: &SecretKey, at: UnixMillis) -> Option<String> {
    let bytes = token_bytes(text.trim()).ok()?;
    let (envelope, token, _) = split(&bytes).ok()?;
    let claims = wire::decode_claims(envelope.payload).ok()?;
    (claims.holder() == Some(holder.public())).then(|| {
        let proof = proof::prove(token, holder, at);
        format!("{PREFIX}{}", base45::encode([token, &proof].concat()))
    })
}

/// A token as it reads, with nothing verified: for `token inspect` only, never for a decision.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Inspection {
    /// Which key it says it was signed with.
    pub kid: Kid,
    /// What it says.
    pub claims: StatusClaims,
    /// Its length after Base45, bytes, with the proof.
    pub bytes: usize,
    /// Whether a phone's proof follows it.
    pub has_proof: bool,
    /// The signature as base64url, unchecked.
    pub signature: String,
}

/// Reads a token without verifying anything.
///
/// # Errors
/// The [`Reason`] why it is not even of the form.
pub fn inspect(text: &str) -> Result<Inspection, Reason> {
    let bytes = token_bytes(text.trim())?;
    let (envelope, _, proof) = split(&bytes)?;
    Ok(Inspection {
        kid: envelope.kid,
        claims: wire::decode_claims(envelope.payload)?,
        bytes: bytes.len(),
        has_proof: proof.is_some(),
        signature: BASE64URL_NOPAD.encode(&envelope.signature),
    })
}

/// A token whose form, issuer and signature hold, and whether its phone shows it; time and revocation are the caller's,
/// and come before the proof's.
pub(super) struct Signed {
    pub(super) claims: StatusClaims,
    pub(super) presented: Result<Presented, Reason>,
    /// Whose people it names, where they are another region's.
    pub(super) region: Option<RegionId>,
}

/// Reads a token and checks its signature.
pub(super) fn verify_signature(
    text: &str,
    trust: &TrustList,
    now: Moment,
) -> Result<Signed, Refused> {
    let bytes = token_bytes(text).map_err(Refused::because)?;
    let (envelope, token, proof) = split(&bytes).map_err(Refused::because)?;
    let claims = wire::decode_claims(envelope.payload).map_err(Refused::because)?;
    let refused = |reason| Refused { reason, issuer: Some(claims.issuer().to_owned()) };

    let key = trust.key(envelope.kid, claims.issuer(), now).map_err(refused)?;
    let message = wire::to_be_signed(envelope.protected, envelope.payload);
    let signature = Signature::from_bytes(&envelope.signature);
    if key.verify_strict(&message, &signature).is_err() {
        return Err(refused(Reason::BadSignature));
    }
    let presented = proof::presented(token, claims.holder(), proof.as_ref(), now);
    let region = trust.region_of(envelope.kid, claims.issuer());
    Ok(Signed { claims, presented, region })
}

/// The envelope, its bytes, and the proof that follows it.
fn split(bytes: &[u8]) -> Result<(wire::Envelope<'_>, &[u8], Option<proof::Proof>), Reason> {
    let (envelope, length) = wire::open(bytes)?;
    let (token, rest) = bytes.split_at(length);
    Ok((envelope, token, proof::Proof::read(rest)?))
}

fn token_bytes(text: &str) -> Result<Vec<u8>, Reason> {
    let body = text.strip_prefix(PREFIX).ok_or(Reason::BadPrefix)?;
    transport::base45(body, TOKEN_MAX)
}
