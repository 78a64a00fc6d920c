//! What the authority signs and everyone passes on: a body with a kind, a version and a validity.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use minicbor::{Decode, Encode};

use crate::{
    id::{PublicKey, RegionId, SignatureBytes},
    key::{SecretKey, encode, verify},
    time::UnixMillis,
};

/// The longest encoded bulletin that is accepted, bytes.
pub const BULLETIN_MAX: usize = 1 << 20;
const SIGNATURES_MAX: usize = 8;
const CONTEXT: &str = "vestibule/bulletin/1";
const TEXT_PREFIX: &str = "vestibule-bulletin:1:";

/// What a bulletin is about. One of each kind holds in a region at a time: the highest version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum BulletinKind {
    /// The rules: which status may enter, how long a status lasts. Body: JSON.
    #[n(0)]
    Policy,
    /// Who may sign tokens. Body: JSON.
    #[n(1)]
    Trust,
    /// The public tracing keys of the coming weeks. Body: CBOR list of [`crate::sealed::TracingKey`].
    #[n(2)]
    TracingKeys,
    /// Credentials that no longer hold. Body: JSON.
    #[n(3)]
    Revocations,
    /// The time, by the authority's clock: [`Notice::issued_at`]. Body: JSON.
    #[n(4)]
    Beacon,
    /// How venues stand that are in test mode or shut out. Body: JSON.
    #[n(5)]
    Standing,
    /// What the authority tells venues, in words. Body: JSON.
    #[n(6)]
    Announcements,
    /// The region's root keys from now on. Body: CBOR of [`crate::roots::Succession`].
    #[n(9)]
    Roots,
}

impl BulletinKind {
    /// Every kind: first whose word counts.
    pub const ALL: [Self; 8] = [
        Self::Roots,
        Self::Policy,
        Self::Trust,
        Self::TracingKeys,
        Self::Revocations,
        Self::Beacon,
        Self::Standing,
        Self::Announcements,
    ];
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Notice {
    /// The region it holds for.
    #[n(0)]
    pub region: RegionId,
    /// What it is about.
    #[n(1)]
    pub kind: BulletinKind,
    /// Higher replaces lower; never the other way.
    #[n(2)]
    pub version: u64,
    /// When it was signed, by the authority's clock.
    #[n(3)]
    pub issued_at: UnixMillis,
    /// From then on it no longer counts as current.
    #[n(4)]
    pub not_after: UnixMillis,
    /// The matter, in the form its kind prescribes.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub body: Vec<u8>,
}

/// A notice with signatures, not yet checked: only [`Bulletin::open`] gives the notice out.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Bulletin {
    #[cbor(n(0), with = "minicbor::bytes")]
    payload: Vec<u8>,
    #[cbor(n(1), decode_with = "crate::bounded::list::<SIGNATURES_MAX, _, _>")]
    signatures: Vec<(PublicKey, SignatureBytes)>,
}

impl fmt::Debug for Bulletin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bulletin({} bytes, {} signatures)", self.payload.len(), self.signatures.len())
    }
}

/// Why a bulletin is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BulletinError {
    /// Over [`BULLETIN_MAX`].
    #[error("bulletin of {0} bytes is over the limit of {BULLETIN_MAX}")]
    TooLarge(usize),
    /// Fewer of the region's roots signed it than are needed.
    #[error("bulletin has {valid} valid root signatures, {needed} are needed")]
    Signatures {
        /// How many are valid.
        valid: usize,
        /// How many are needed.
        needed: usize,
    },
    /// Signed, but not of the shape.
    #[error("bulletin is malformed")]
    Malformed(#[from] minicbor::decode::Error),
    /// Not a bulletin's text form at all.
    #[error("text is no bulletin")]
    NotABulletin,
}

impl Bulletin {
    /// Signs a notice with one or more root keys.
    pub fn seal(notice: &Notice, roots: &[&SecretKey]) -> Self {
        let payload = encode(notice);
        let signatures = roots.iter().map(|k| (k.public(), k.sign(CONTEXT, &payload))).collect();
        Self { payload, signatures }
    }

    /// The same with one more root's signature. A root that has signed signs nothing more.
    #[must_use]
    pub fn signed_by(mut self, root: &SecretKey) -> Self {
        if !self.signatures.iter().any(|(by, _)| *by == root.public()) {
            self.signatures.push((root.public(), root.sign(CONTEXT, &self.payload)));
        }
        self
    }

    /// Which of these roots signed it properly.
    pub fn signers(&self, roots: &[PublicKey]) -> Vec<PublicKey> {
        let valid = |root: &&PublicKey| {
            self.signatures.iter().any(|(by, signature)| {
                by == *root && verify(root, CONTEXT, &self.payload, signature).is_ok()
            })
        };
        roots.iter().filter(valid).copied().collect()
    }

    /// This one with the signatures of these roots that another text of the same notice has besides; `None` where it is
    /// another notice.
    #[must_use]
    pub fn joined(mut self, other: &Self, roots: &[PublicKey]) -> Option<Self> {
        if self.payload != other.payload {
            return None;
        }
        let (own, theirs) = (self.signers(roots), other.signers(roots));
        self.signatures.retain(|(by, _)| own.contains(by));
        let new = other.signatures.iter().filter(|(by, _)| theirs.contains(by));
        let new = new.filter(|(by, _)| !own.contains(by)).cloned();
        self.signatures.extend(new.collect::<Vec<_>>());
        self.signatures.truncate(SIGNATURES_MAX);
        Some(self)
    }

    /// What it says, with no signature checked: to show it to those who are asked to sign, never to go by it.
    ///
    /// # Errors
    /// [`BulletinError`] when it is too large or malformed.
    pub fn unverified(&self) -> Result<Notice, BulletinError> {
        if self.payload.len() > BULLETIN_MAX {
            return Err(BulletinError::TooLarge(self.payload.len()));
        }
        Ok(minicbor::decode(&self.payload)?)
    }

    /// The notice, if at least `needed` different keys of `roots` signed it.
    ///
    /// # Errors
    /// [`BulletinError`] when it is too large, under-signed or malformed.
    pub fn open(&self, roots: &[PublicKey], needed: usize) -> Result<Notice, BulletinError> {
        if self.payload.len() > BULLETIN_MAX || self.signatures.len() > SIGNATURES_MAX {
            return Err(BulletinError::TooLarge(self.payload.len()));
        }
        let valid = self.signers(roots).len();
        if valid < needed.max(1) {
            return Err(BulletinError::Signatures { valid, needed });
        }
        Ok(minicbor::decode(&self.payload)?)
    }

    /// How many bytes it takes in a frame, nearly.
    pub fn size(&self) -> usize {
        self.payload.len() + self.signatures.len() * 100 + 16
    }

    /// The text form for files: a prefix, then base64url of the CBOR.
    pub fn to_text(&self) -> String {
        format!("{TEXT_PREFIX}{}", BASE64URL_NOPAD.encode(&encode(self)))
    }

    /// Reads [`Bulletin::to_text`]. Nothing is checked yet.
    ///
    /// # Errors
    /// [`BulletinError`] when the text is no bulletin or too large.
    pub fn from_text(text: &str) -> Result<Self, BulletinError> {
        let body = text.trim().strip_prefix(TEXT_PREFIX).ok_or(BulletinError::NotABulletin)?;
        if body.len() > BULLETIN_MAX * 4 / 3 {
            return Err(BulletinError::TooLarge(body.len()));
        }
        let bytes =
            BASE64URL_NOPAD.decode(body.as_bytes()).map_err(|_| BulletinError::NotABulletin)?;
        Ok(minicbor::decode(&bytes)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice() -> Notice {
        Notice {
            region: RegionId::new(1),
            kind: BulletinKind::Policy,
            version: 3,
            issued_at: UnixMillis::from_secs(1),
            not_after: UnixMillis::from_secs(9),
            body: b"{}".to_vec(),
        }
    }

    #[test]
    fn it_takes_as_many_different_roots_as_needed() {
        let (a, b) = (SecretKey::from_bytes(&[1; 32]), SecretKey::from_bytes(&[2; 32]));
        let roots = [a.public(), b.public()];
        let both = Bulletin::seal(&notice(), &[&a, &b]);
        assert_eq!(both.open(&roots, 2).unwrap(), notice());
        let twice_one = Bulletin::seal(&notice(), &[&a, &a]);
        assert!(matches!(
            twice_one.open(&roots, 2),
            Err(BulletinError::Signatures { valid: 1, needed: 2 })
        ));
        let stranger = Bulletin::seal(&notice(), &[&SecretKey::from_bytes(&[3; 32])]);
        assert!(stranger.open(&roots, 1).is_err());
        assert!(stranger.open(&roots, 0).is_err(), "zero needed still needs one");
    }

    #[test]
    fn signatures_are_gathered_one_by_one() {
        let [a, b, stranger] = [1, 2, 3].map(|n| SecretKey::from_bytes(&[n; 32]));
        let roots = [a.public(), b.public()];
        let draft = Bulletin::seal(&notice(), &[]);
        assert_eq!(draft.unverified().unwrap(), notice());
        assert!(draft.open(&roots, 1).is_err());
        let by_a = draft.clone().signed_by(&a).signed_by(&a);
        let by_b = draft.clone().signed_by(&stranger).signed_by(&b);
        let both = by_a.clone().joined(&by_b, &roots).unwrap();
        assert_eq!(both.signers(&roots), roots);
        assert_eq!(both.open(&roots, 2).unwrap(), notice());
        assert_eq!(both.clone().joined(&by_a, &roots).unwrap(), both, "again changes nothing");
        assert!(both.signers(&[stranger.public()]).is_empty(), "strangers' are dropped");
        let other = Bulletin::seal(&Notice { version: 4, ..notice() }, &[&b]);
        assert!(draft.joined(&other, &roots).is_none());
    }

    #[test]
    fn the_text_form_reads_back() {
        let b = Bulletin::seal(&notice(), &[&SecretKey::from_bytes(&[1; 32])]);
        assert_eq!(Bulletin::from_text(&b.to_text()).unwrap(), b);
        assert!(matches!(Bulletin::from_text("hello"), Err(BulletinError::NotABulletin)));
    }
}
