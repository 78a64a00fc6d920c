//! The inviting half: who is answered, and who not.

use chacha20poly1305::{
    ChaCha20Poly1305, Key, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use hmac::Mac;
use zeroize::Zeroizing;

use super::{Answer, Call, Grant, Invitation, REQUEST_MAX, Request, Wish};
use crate::{
    id::{EntranceId, PublicKey},
    key::encode,
    membership::Membership,
    time::UnixMillis,
};

/// So many wrong proofs end an invitation.
pub const WRONG_MAX: u8 = 3;

/// Why a call is not granted. [`Refusal::word`] is what the caller hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Nobody is invited.
    #[error("nobody is invited")]
    NotInviting,
    /// Its time is over.
    #[error("the invitation has expired")]
    Expired,
    /// Another node has joined by it.
    #[error("the invitation was used by another node")]
    Used,
    /// The proof is not of this invitation's secret.
    #[error("the caller has not seen the invitation")]
    WrongProof,
    /// There were too many wrong proofs.
    #[error("the invitation was ended after {WRONG_MAX} wrong proofs")]
    Ended,
    /// Not of the shape.
    #[error("the call is malformed")]
    Malformed,
    /// Every entrance that the authority allows is taken.
    #[error("the venue has as many doors as it may have")]
    Full,
    /// There is no such door to replace.
    #[error("there is no such door to replace")]
    NoSuchDoor,
    /// The joining node would replace a door, and the invitation is not for that.
    #[error("the invitation replaces no door; the inviting side must name the door that goes")]
    NotNamed,
    /// This node was removed from the venue: it may come again under a new key.
    #[error("this node was removed from the venue; give it a new key")]
    Removed,
    /// The inviting door could not do it just now.
    #[error("the inviting door could not do it")]
    Failed,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Self; 11] = [
        Self::NotInviting,
        Self::Expired,
        Self::Used,
        Self::WrongProof,
        Self::Ended,
        Self::Malformed,
        Self::Full,
        Self::NoSuchDoor,
        Self::NotNamed,
        Self::Removed,
        Self::Failed,
    ];

    /// The stable word for the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotInviting => "not-inviting",
            Self::Expired => "expired",
            Self::Used => "used",
            Self::WrongProof => "wrong-proof",
            Self::Ended => "ended",
            Self::Malformed => "malformed",
            Self::Full => "full",
            Self::NoSuchDoor => "no-such-door",
            Self::NotNamed => "not-named",
            Self::Removed => "removed",
            Self::Failed => "failed",
        }
    }

    /// The refusal of a word; `None` for one that this version does not know.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.word() == word)
    }

    /// The answer to a caller who is refused.
    pub fn to_bytes(self) -> Vec<u8> {
        encode(&Answer::Refused(self.word().to_owned()))
    }
}

/// An invitation that is being answered.
#[derive(Debug)]
pub struct Inviting {
    invitation: Invitation,
    replaces: Option<EntranceId>,
    wrong: u8,
    joined: Option<(PublicKey, Membership)>,
}

/// A call whose proof holds.
#[derive(Debug)]
pub struct Asked {
    /// What the joining node wishes; which door it replaces is the inviting side's word, not its own.
    pub wish: Wish,
    /// The papers that this node was given before: its first answer may have been lost on the way.
    pub already: Option<Membership>,
    call: Call,
}

impl Inviting {
    /// Begins to answer an invitation; `replaces` is the dead door's entrance. Where the inviting side names none, none
    /// is replaced.
    pub fn new(invitation: Invitation, replaces: Option<EntranceId>) -> Self {
        Self { invitation, replaces, wrong: 0, joined: None }
    }

    /// What is shown.
    pub fn invitation(&self) -> &Invitation {
        &self.invitation
    }

    /// Wrong proofs so far.
    pub fn wrong(&self) -> u8 {
        self.wrong
    }

    /// Whether it will never grant anything again.
    pub fn is_over(&self, now: UnixMillis) -> bool {
        now >= self.invitation.expires || self.wrong >= WRONG_MAX
    }

    /// Hears a call of the node that the transport has authenticated as `peer`.
    ///
    /// # Errors
    /// [`Refusal`]; a wrong proof is counted.
    pub fn answer(
        &mut self,
        peer: PublicKey,
        request: &[u8],
        now: UnixMillis,
    ) -> Result<Asked, Refusal> {
        if now >= self.invitation.expires {
            return Err(Refusal::Expired);
        }
        if self.wrong >= WRONG_MAX {
            return Err(Refusal::Ended);
        }
        if request.len() > REQUEST_MAX {
            return Err(Refusal::Malformed);
        }
        let request: Request = minicbor::decode(request).map_err(|_| Refusal::Malformed)?;
        let call = Call { inviter: self.invitation.inviter, joiner: peer, nonce: request.nonce };
        if call.proof(&self.invitation.secret, &request.wish).verify_slice(&request.proof).is_err()
        {
            self.wrong += 1;
            return Err(Refusal::WrongProof);
        }
        let already = match &self.joined {
            Some((node, _)) if *node != peer => return Err(Refusal::Used),
            joined => joined.as_ref().map(|(_, papers)| papers.clone()),
        };
        let mut wish: Wish = minicbor::decode(&request.wish).map_err(|_| Refusal::Malformed)?;
        if !wish.is_bounded() {
            return Err(Refusal::Malformed);
        }
        // Whoever has seen the invitation may call: which door goes is for who has shown it to say.
        if self.replaces.is_none() && wish.replaces.is_some() {
            return Err(Refusal::NotNamed);
        }
        wish.replaces = self.replaces;
        Ok(Asked { wish, already, call })
    }

    /// The node has joined: nobody else will by this invitation. Gives the answer for it.
    ///
    /// # Errors
    /// [`Refusal::Failed`] when the system has no randomness.
    pub fn grant(&mut self, asked: &Asked, grant: &Grant) -> Result<Vec<u8>, Refusal> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| Refusal::Failed)?;
        self.joined = Some((asked.call.joiner, grant.membership.clone()));
        let key = asked.call.key(&self.invitation.secret, &salt);
        let plain = Zeroizing::new(encode(grant));
        // The key is of this answer alone: the nonce needs no more than to be the same on both sides.
        let text = ChaCha20Poly1305::new(&Key::from(*key))
            .encrypt(&Nonce::default(), Payload { msg: &plain, aad: b"" })
            .map_err(|_| Refusal::Failed)?;
        Ok(encode(&Answer::Granted { salt, text: text.into() }))
    }
}
