//! Signing keys, and values that carry the signature of one.

use std::{fmt, marker::PhantomData};

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

use crate::id::{PublicKey, SignatureBytes};

/// An Ed25519 signing key: a node's, a manager's or a region root's. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// From the 32 secret bytes of RFC 8032.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }

    /// A new one from the system's randomness.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut seed = Zeroizing::new([0u8; 32]);
        getrandom::fill(&mut *seed)?;
        Ok(Self::from_bytes(&seed))
    }

    /// The secret bytes, for the key file and the transport's identity.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey::new(self.0.verifying_key().to_bytes())
    }

    /// The X25519 secret that belongs to the key: see [`crate::rekey`].
    pub(crate) fn agreement_secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_scalar_bytes())
    }

    /// Signs `context ‖ 0x00 ‖ message`; the context keeps a signature from serving as another kind.
    pub fn sign(&self, context: &str, message: &[u8]) -> SignatureBytes {
        SignatureBytes::new(self.0.sign(&framed(context, message)).to_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {:?})", self.public())
    }
}

/// The signature does not belong to this key, context and message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signature does not verify")]
pub struct BadSignature;

/// Checks what [`SecretKey::sign`] made. Strict: small-order keys and malleable signatures fail.
///
/// # Errors
/// [`BadSignature`] when it does not verify.
pub fn verify(
    key: &PublicKey,
    context: &str,
    message: &[u8],
    signature: &SignatureBytes,
) -> Result<(), BadSignature> {
    VerifyingKey::from_bytes(key.as_bytes())
        .and_then(|k| {
            k.verify_strict(&framed(context, message), &Signature::from_bytes(signature.as_bytes()))
        })
        .map_err(|_| BadSignature)
}

fn framed(context: &str, message: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(context.len() + 1 + message.len());
    framed.extend_from_slice(context.as_bytes());
    framed.push(0);
    framed.extend_from_slice(message);
    framed
}

/// A kind of statement that is signed on its own.
pub trait Statement: for<'b> Decode<'b, ()> + Encode<()> {
    /// Names the kind and its version inside every signature.
    const CONTEXT: &'static str;
}

/// A statement with its signature, not yet checked: only [`Signed::open`] gives the statement out.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Signed<T> {
    #[cbor(n(0), with = "minicbor::bytes")]
    payload: Vec<u8>,
    #[n(1)]
    signature: SignatureBytes,
    #[cbor(skip)]
    kind: PhantomData<T>,
}

impl<T> fmt::Debug for Signed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signed({} bytes)", self.payload.len())
    }
}

/// Why a signed statement was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The signature is not this signer's.
    #[error(transparent)]
    Signature(#[from] BadSignature),
    /// Signed, but not of this shape.
    #[error("signed statement is malformed")]
    Malformed(#[from] minicbor::decode::Error),
}

impl<T: Statement> Signed<T> {
    /// Signs a statement.
    pub fn seal(statement: &T, key: &SecretKey) -> Self {
        let payload = encode(statement);
        let signature = key.sign(T::CONTEXT, &payload);
        Self { payload, signature, kind: PhantomData }
    }

    /// What it claims to say, unchecked: to learn whose signature is to be asked for.
    pub(crate) fn claims(&self) -> Option<T> {
        minicbor::decode(&self.payload).ok()
    }

    /// The statement, if `signer` signed it.
    ///
    /// # Errors
    /// [`OpenError`] when the signature fails or the bytes are not of the shape.
    pub fn open(&self, signer: &PublicKey) -> Result<T, OpenError> {
        verify(signer, T::CONTEXT, &self.payload, &self.signature)?;
        Ok(minicbor::decode(&self.payload)?)
    }
}

/// Encodes a value of ours as CBOR; writing to memory cannot fail.
pub(crate) fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).unwrap_or_else(|e| unreachable!("CBOR into memory: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Encode, Decode)]
    struct Note(#[n(0)] u32);
    impl Statement for Note {
        const CONTEXT: &'static str = "test/note/1";
    }

    #[test]
    fn a_statement_opens_only_under_its_signer_and_context() {
        let key = SecretKey::from_bytes(&[1; 32]);
        let other = SecretKey::from_bytes(&[2; 32]);
        let signed = Signed::seal(&Note(7), &key);
        assert_eq!(signed.open(&key.public()).unwrap(), Note(7));
        assert!(signed.open(&other.public()).is_err());
        assert!(verify(&key.public(), "test/other/1", &signed.payload, &signed.signature).is_err());
    }

    #[test]
    fn debug_never_shows_the_secret() {
        let key = SecretKey::from_bytes(&[0xab; 32]);
        assert!(!format!("{key:?}").contains("abab"));
    }
}
