//! The joining half: asks, and reads the answer.

use chacha20poly1305::{
    ChaCha20Poly1305, Key, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use hmac::Mac;
use zeroize::Zeroizing;

use super::{ANSWER_MAX, Answer, Call, Grant, Invitation, Refusal, Request, Wish};
use crate::{
    id::PublicKey,
    key::encode,
    membership::{Member, MembershipError},
    time::UnixMillis,
};

/// Why a node did not join.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The inviting door said no.
    #[error(transparent)]
    Refused(Refusal),
    /// It said no in a word that this version does not know.
    #[error("the inviting door refuses")]
    RefusedOtherwise,
    /// Not an answer, or one of somebody who does not know the secret.
    #[error("the answer is not of the door that showed the invitation")]
    Answer,
    /// The papers do not hold.
    #[error("the papers do not hold")]
    Papers(#[from] MembershipError),
    /// The papers are of another venue.
    #[error("the papers are of another venue than the invitation")]
    OtherVenue,
    /// The system has no randomness to give.
    #[error("the system has no randomness")]
    Randomness,
}

/// A node that asks to join. One call each: make another for another call.
#[derive(Debug)]
pub struct Joining<'a> {
    pub(super) invitation: &'a Invitation,
    pub(super) call: Call,
}

impl<'a> Joining<'a> {
    /// For the node of this key.
    ///
    /// # Errors
    /// [`JoinError::Randomness`].
    pub fn new(invitation: &'a Invitation, own: PublicKey) -> Result<Self, JoinError> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|_| JoinError::Randomness)?;
        Ok(Self { invitation, call: Call { inviter: invitation.inviter, joiner: own, nonce } })
    }

    /// What to ask the inviting node.
    pub fn request(&self, wish: &Wish) -> Vec<u8> {
        let wish = encode(wish);
        let proof = self.call.proof(&self.invitation.secret, &wish).finalize();
        let (nonce, proof) = (self.call.nonce, proof.into_bytes().into());
        encode(&Request { nonce, wish: wish.into(), proof })
    }

    /// What it answered, checked: the papers hold for this node, under the roots that come with them, for the
    /// venue of the invitation. A clock that was never set is no hindrance.
    ///
    /// # Errors
    /// [`JoinError`].
    pub fn read(&self, answer: &[u8], now: UnixMillis) -> Result<(Grant, Member), JoinError> {
        if answer.len() > ANSWER_MAX {
            return Err(JoinError::Answer);
        }
        let (salt, text) = match minicbor::decode(answer).map_err(|_| JoinError::Answer)? {
            Answer::Granted { salt, text } => (salt, text),
            Answer::Refused(word) => {
                let known = Refusal::from_word(&word).map(JoinError::Refused);
                return Err(known.unwrap_or(JoinError::RefusedOtherwise));
            }
        };
        let key = self.call.key(&self.invitation.secret, &salt);
        let plain = ChaCha20Poly1305::new(&Key::from(*key))
            .decrypt(&Nonce::default(), Payload { msg: &text, aad: b"" })
            .map_err(|_| JoinError::Answer)?;
        let plain = Zeroizing::new(plain);
        let grant: Grant = minicbor::decode(&plain).map_err(|_| JoinError::Answer)?;
        if !grant.is_bounded() {
            return Err(JoinError::Answer);
        }
        let member = grant.membership.check_near(&grant.roots, &self.call.joiner, now)?;
        if member.venue() != Some(self.invitation.venue) {
            return Err(JoinError::OtherVenue);
        }
        Ok((grant, member))
    }
}
