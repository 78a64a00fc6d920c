//! Identity that only the authority can read: HPKE (RFC 9180) to the tracing key of the week.

use std::fmt;

use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256, single_shot_open, single_shot_seal,
};
use minicbor::{Decode, Encode, bytes::ByteVec};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    id::{RecordId, RegionId, Subject, VenueId, Week},
    key::encode,
    time::{Day, UnixMillis},
};

type Suite = X25519HkdfSha256;
const INFO: &[u8] = b"vestibule/identity/1";

/// The public half of a week's tracing key: X25519, 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct TracingKey {
    /// The week it seals.
    #[n(0)]
    pub week: Week,
    /// The X25519 public key.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub public: [u8; 32],
}

const KEY_INFO: &[u8] = b"vestibule/bundle-key/1";

/// A key under a week's tracing key: gone when the week's secret is destroyed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct WrappedKey {
    /// Which week's secret opens it.
    #[n(0)]
    pub week: Week,
    #[cbor(n(1), with = "minicbor::bytes")]
    enc: [u8; 32],
    #[n(2)]
    text: ByteVec,
}

impl TracingKey {
    /// Wraps a key for the authority, bound to `aad`.
    ///
    /// # Errors
    /// [`SealedError::Key`] when the published key is unusable.
    pub fn wrap(&self, key: &[u8; 32], aad: &[u8]) -> Result<WrappedKey, SealedError> {
        let public = <Suite as Kem>::PublicKey::from_bytes(&self.public)
            .map_err(|_| SealedError::Key(self.week))?;
        let (enc, text) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Suite>(
            &OpModeS::Base,
            &public,
            KEY_INFO,
            key,
            aad,
        )?;
        let mut enc_bytes = [0; 32];
        enc_bytes.copy_from_slice(&enc.to_bytes());
        Ok(WrappedKey { week: self.week, enc: enc_bytes, text: text.into() })
    }
}

impl TracingSecret {
    /// Unwraps what [`TracingKey::wrap`] wrapped with the same `aad`; `None` when it does not open.
    pub fn unwrap_key(&self, wrapped: &WrappedKey, aad: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
        let key = <Suite as Kem>::PrivateKey::from_bytes(&*self.secret).ok()?;
        let enc = <Suite as Kem>::EncappedKey::from_bytes(&wrapped.enc).ok()?;
        let plain = Zeroizing::new(
            single_shot_open::<ChaCha20Poly1305, HkdfSha256, Suite>(
                &OpModeR::Base,
                &key,
                &enc,
                KEY_INFO,
                &wrapped.text,
                aad,
            )
            .ok()?,
        );
        plain.as_slice().try_into().ok().map(Zeroizing::new)
    }
}

/// Seals `plain` to an X25519 key: the encapsulated key and the ciphertext; `None` for bytes that are no such key.
pub(crate) fn seal_to(
    public: &[u8; 32],
    info: &[u8],
    plain: &[u8],
    aad: &[u8],
) -> Option<([u8; 32], Vec<u8>)> {
    let key = <Suite as Kem>::PublicKey::from_bytes(public).ok()?;
    let (enc, text) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Suite>(
        &OpModeS::Base,
        &key,
        info,
        plain,
        aad,
    )
    .ok()?;
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&enc.to_bytes());
    Some((bytes, text))
}

/// Opens what [`seal_to`] sealed; `None` where key, text or `aad` do not belong together.
pub(crate) fn open_with(
    secret: &[u8; 32],
    info: &[u8],
    (enc, text): (&[u8; 32], &[u8]),
    aad: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let key = <Suite as Kem>::PrivateKey::from_bytes(secret).ok()?;
    let enc = <Suite as Kem>::EncappedKey::from_bytes(enc).ok()?;
    let mode = OpModeR::Base;
    single_shot_open::<ChaCha20Poly1305, HkdfSha256, Suite>(&mode, &key, &enc, info, text, aad)
        .ok()
        .map(Zeroizing::new)
}

/// A new X25519 key: the secret half and the public one.
pub(crate) fn new_pair() -> (Zeroizing<[u8; 32]>, [u8; 32]) {
    let (secret, public) = Suite::gen_keypair();
    let (mut own, mut other) = (Zeroizing::new([0; 32]), [0; 32]);
    own.copy_from_slice(&secret.to_bytes());
    other.copy_from_slice(&public.to_bytes());
    (own, other)
}

/// The private half, at the authority alone. Never printed.
#[derive(Clone)]
pub struct TracingSecret {
    week: Week,
    secret: Zeroizing<[u8; 32]>,
}

impl TracingSecret {
    /// From the week and the 32 secret bytes.
    pub fn new(week: Week, secret: [u8; 32]) -> Self {
        Self { week, secret: Zeroizing::new(secret) }
    }

    /// A new one for a week.
    pub fn generate(week: Week) -> Self {
        let (secret, _) = Suite::gen_keypair();
        let mut bytes = [0; 32];
        bytes.copy_from_slice(&secret.to_bytes());
        Self::new(week, bytes)
    }

    /// The week that it opens.
    pub fn week(&self) -> Week {
        self.week
    }

    /// The secret bytes, for the authority's key file.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.secret.clone()
    }

    /// The public half; `None` only for bytes that are no X25519 key.
    pub fn public(&self) -> Option<TracingKey> {
        let secret = <Suite as Kem>::PrivateKey::from_bytes(&*self.secret).ok()?;
        let mut public = [0; 32];
        public.copy_from_slice(&Suite::sk_to_pk(&secret).to_bytes());
        Some(TracingKey { week: self.week, public })
    }
}

impl fmt::Debug for TracingSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TracingSecret(week {})", self.week)
    }
}

/// Who came, as far as a code said so. Encoded behind a version byte, then sealed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Identity {
    /// A native token's pseudonym, when the token was issued, for a person may be withdrawn from a time on, and which
    /// region's it is, where the trust list says that it is another's.
    #[n(0)]
    Native(#[n(0)] Subject, #[n(1)] Option<UnixMillis>, #[n(2)] Option<RegionId>),
    /// What a credential of another issuer says: the authority knows nobody by its pseudonym.
    #[n(1)]
    Foreign(#[n(0)] Foreign),
    /// A number that somebody typed, at the desk or on the visitor's own phone, with consent.
    #[n(2)]
    Typed(#[n(0)] Typed),
}

/// What kind of number was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum NumberKind {
    /// Kazakhstan's IIN.
    #[n(0)]
    Iin,
    /// The number of a passport, of whatever country.
    #[n(1)]
    Passport,
    /// Viet Nam's citizen card number.
    #[n(2)]
    Cccd,
    /// China's resident identity number.
    #[n(3)]
    ResidentId,
    /// A telephone number, as E.164 writes it.
    #[n(4)]
    Phone,
}

impl NumberKind {
    /// The kinds of documents, in the order in which people are offered them.
    pub const ALL: [Self; 4] = [Self::Iin, Self::Passport, Self::Cccd, Self::ResidentId];

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Iin => "iin",
            Self::Passport => "passport",
            Self::Cccd => "cccd",
            Self::ResidentId => "resident-id",
            Self::Phone => "phone",
        }
    }

    /// The kind of a word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().chain([Self::Phone]).find(|kind| kind.word() == word)
    }
}

/// The longest number that is sealed, bytes.
pub const NUMBER_MAX: usize = 32;

/// A typed number. Wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Typed {
    /// What kind of number it is.
    #[n(0)]
    pub kind: NumberKind,
    /// The number in its plain form: no separators, capital letters.
    #[n(1)]
    pub number: String,
}

impl Drop for Typed {
    fn drop(&mut self) {
        self.number.zeroize();
    }
}

/// The kind alone.
impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Typed({})", self.kind.word())
    }
}

/// The most bytes of a name or of an id that are sealed; longer ones are cut.
pub const FOREIGN_TEXT_MAX: usize = 160;
/// The most revocable ids that are sealed, and the most bytes of each; what is over is left out.
const REVOCABLE_MAX: usize = 4;
const REVOCABLE_ID_MAX: usize = 128;
/// Whole steps of length, so that the length of the seal tells little of the name.
const FOREIGN_STEP: usize = 128;
/// A pseudonym fills so many, so that the length does not tell who is of another region.
const NATIVE_BYTES: usize = 33;
/// The same for a typed number, so that the length tells nothing of the kind.
const TYPED_STEP: usize = 64;

/// Whom a foreign credential is of.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Foreign {
    /// A hash of the credential's id: the same at every visit with that credential.
    #[n(0)]
    pub subject: Subject,
    /// The holder's whole name.
    #[n(1)]
    pub name: Option<String>,
    /// The date of birth, as the credential writes it.
    #[n(2)]
    pub birth_date: Option<String>,
    /// The credential's own id.
    #[n(3)]
    pub credential_id: String,
    /// The ids by which it may be revoked later, as who reads the credential writes them.
    #[n(4)]
    pub revocable: Vec<ByteVec>,
}

/// Names nobody.
impl fmt::Debug for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Foreign(…)")
    }
}

impl Identity {
    /// The pseudonym: the authority's own, or the hash of a foreign credential's id. A typed number has none, for there
    /// are too few numbers for a hash to hide one: the authority makes one under a key of its own.
    pub const fn subject(&self) -> Option<Subject> {
        match self {
            Self::Native(subject, ..) => Some(*subject),
            Self::Foreign(foreign) => Some(foreign.subject),
            Self::Typed(_) => None,
        }
    }

    /// As it is sealed: behind a version byte; what is foreign is cut to its bounds and filled up to whole steps.
    fn to_plain(&self) -> Zeroizing<Vec<u8>> {
        let mut plain = Zeroizing::new(vec![IDENTITY_VERSION]);
        match self {
            Self::Native(..) => {
                plain.extend_from_slice(&encode(self));
                let whole = plain.len().max(NATIVE_BYTES);
                plain.resize(whole, 0);
            }
            Self::Typed(_) => {
                plain.extend_from_slice(&Zeroizing::new(encode(self)));
                let whole = plain.len().next_multiple_of(TYPED_STEP);
                plain.resize(whole, 0);
            }
            Self::Foreign(foreign) => {
                let cut =
                    |text: &str| text[..text.floor_char_boundary(FOREIGN_TEXT_MAX)].to_owned();
                let small = |id: &&ByteVec| id.len() <= REVOCABLE_ID_MAX;
                let bounded = Foreign {
                    subject: foreign.subject,
                    name: foreign.name.as_deref().map(cut),
                    birth_date: foreign.birth_date.as_deref().map(cut),
                    credential_id: cut(&foreign.credential_id),
                    revocable: foreign
                        .revocable
                        .iter()
                        .filter(small)
                        .take(REVOCABLE_MAX)
                        .cloned()
                        .collect(),
                };
                plain.extend_from_slice(&encode(&Self::Foreign(bounded)));
                let whole = plain.len().next_multiple_of(FOREIGN_STEP);
                plain.resize(whole, 0);
            }
        }
        plain
    }
}

/// Where a sealed identity belongs; it opens nowhere else, so it cannot be moved to another visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode)]
pub struct Binding {
    /// The venue.
    #[n(0)]
    pub venue: VenueId,
    /// The visit: its author, epoch and number.
    #[n(1)]
    pub visit: RecordId,
    /// The day of its document.
    #[n(2)]
    pub day: Day,
}

/// An identity under a tracing key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Sealed {
    /// Which week's key opens it.
    #[n(0)]
    week: Week,
    /// HPKE's encapsulated key.
    #[cbor(n(1), with = "minicbor::bytes")]
    enc: [u8; 32],
    /// Ciphertext and tag.
    #[n(2)]
    text: ByteVec,
}

/// Why an identity was not sealed or not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealedError {
    /// The key is no X25519 key.
    #[error("tracing key of week {0} is unusable")]
    Key(Week),
    /// It was sealed to another week's key.
    #[error("sealed to week {sealed}, key is of week {key}")]
    Week {
        /// The week of the seal.
        sealed: Week,
        /// The week of the key at hand.
        key: Week,
    },
    /// Wrong key, wrong visit, or altered.
    #[error("sealed identity does not open here")]
    Open(#[from] hpke::HpkeError),
    /// It opened to something this program does not know.
    #[error("sealed identity is of an unknown shape")]
    Shape,
}

const IDENTITY_VERSION: u8 = 1;

impl Sealed {
    /// Seals `identity` for one visit.
    ///
    /// # Errors
    /// [`SealedError::Key`] when the published key is unusable.
    pub fn seal(identity: &Identity, key: &TracingKey, to: &Binding) -> Result<Self, SealedError> {
        let public = <Suite as Kem>::PublicKey::from_bytes(&key.public)
            .map_err(|_| SealedError::Key(key.week))?;
        let plain = identity.to_plain();
        let (enc, text) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Suite>(
            &OpModeS::Base,
            &public,
            INFO,
            &plain,
            &encode(to),
        )?;
        let mut enc_bytes = [0; 32];
        enc_bytes.copy_from_slice(&enc.to_bytes());
        Ok(Self { week: key.week, enc: enc_bytes, text: text.into() })
    }

    /// Which week's key opens it.
    pub fn week(&self) -> Week {
        self.week
    }

    /// HPKE's encapsulated key.
    pub(crate) fn enc(&self) -> &[u8; 32] {
        &self.enc
    }

    /// Ciphertext and tag.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// From its parts as they travel; whether it opens is seen when it is opened.
    pub(crate) fn from_parts(week: Week, enc: [u8; 32], text: Vec<u8>) -> Self {
        Self { week, enc, text: text.into() }
    }

    /// Opens it with the week's secret, for the visit it was sealed for.
    ///
    /// # Errors
    /// [`SealedError`] when key, visit or bytes do not belong together.
    pub fn open(&self, secret: &TracingSecret, of: &Binding) -> Result<Identity, SealedError> {
        if self.week != secret.week {
            return Err(SealedError::Week { sealed: self.week, key: secret.week });
        }
        let key = <Suite as Kem>::PrivateKey::from_bytes(&*secret.secret)
            .map_err(|_| SealedError::Key(secret.week))?;
        let enc = <Suite as Kem>::EncappedKey::from_bytes(&self.enc)?;
        let plain = Zeroizing::new(single_shot_open::<ChaCha20Poly1305, HkdfSha256, Suite>(
            &OpModeR::Base,
            &key,
            &enc,
            INFO,
            &self.text,
            &encode(of),
        )?);
        match plain.split_first() {
            Some((&IDENTITY_VERSION, body)) => {
                minicbor::decode(body).map_err(|_| SealedError::Shape)
            }
            _ => Err(SealedError::Shape),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ChainId, Epoch, PublicKey, RecordNumber};

    fn binding(number: u64) -> Binding {
        let (author, epoch) = (PublicKey::new([1; 32]), Epoch::new([2; 8]));
        let chain = ChainId { author, epoch, day: Day::new(20_000) };
        Binding {
            venue: VenueId::new(5),
            visit: RecordId { chain, number: RecordNumber::new(number) },
            day: chain.day,
        }
    }

    #[test]
    fn a_foreign_name_is_bounded_and_its_length_hidden() {
        let secret = TracingSecret::generate(Week::new(9));
        let foreign = |name: String| {
            Identity::Foreign(Foreign {
                subject: Subject::new([3; 16]),
                name: Some(name),
                birth_date: Some("1970-01-01".into()),
                credential_id: "urn:1".into(),
                revocable: vec![vec![7; 40].into()],
            })
        };
        let seal =
            |who: &Identity| Sealed::seal(who, &secret.public().unwrap(), &binding(1)).unwrap();
        let (short, longer) = (foreign("A".into()), foreign("A".repeat(40)));
        assert_eq!(seal(&short).text().len(), seal(&longer).text().len());
        assert_eq!(seal(&longer).open(&secret, &binding(1)).unwrap(), longer);
        let cut = seal(&foreign("é".repeat(500))).open(&secret, &binding(1)).unwrap();
        assert_eq!(cut, foreign("é".repeat(FOREIGN_TEXT_MAX / 2)));
        assert_eq!(format!("{cut:?}"), "Foreign(Foreign(…))");
        assert_eq!(cut.subject(), Some(Subject::new([3; 16])));
    }

    #[test]
    fn a_typed_number_tells_neither_its_kind_nor_itself() {
        let secret = TracingSecret::generate(Week::new(9));
        let typed = |kind, number: &str| Identity::Typed(Typed { kind, number: number.into() });
        let seal =
            |who: &Identity| Sealed::seal(who, &secret.public().unwrap(), &binding(1)).unwrap();
        let iin = typed(NumberKind::Iin, "800101300006");
        let longest = typed(NumberKind::Passport, &"A".repeat(NUMBER_MAX));
        let phone = typed(NumberKind::Phone, "+4930123456");
        assert_eq!(seal(&iin).text().len(), seal(&longest).text().len());
        assert_eq!(seal(&iin).text().len(), seal(&phone).text().len());
        assert_eq!(seal(&iin).open(&secret, &binding(1)).unwrap(), iin);
        assert_eq!(format!("{iin:?}"), "Typed(Typed(iin))");
        assert_eq!(iin.subject(), None);
        for kind in NumberKind::ALL {
            assert_eq!(NumberKind::from_word(kind.word()), Some(kind));
        }
    }

    #[test]
    fn it_opens_with_the_weeks_secret_and_for_its_own_visit_only() {
        let secret = TracingSecret::generate(Week::new(9));
        let who = Identity::Native(Subject::new([3; 16]), None, None);
        let sealed = Sealed::seal(&who, &secret.public().unwrap(), &binding(1)).unwrap();
        assert_eq!(sealed.open(&secret, &binding(1)).unwrap(), who);
        assert!(sealed.open(&secret, &binding(2)).is_err());
        let other = TracingSecret::generate(Week::new(9));
        assert!(sealed.open(&other, &binding(1)).is_err());
        let later = TracingSecret::generate(Week::new(10));
        assert!(matches!(sealed.open(&later, &binding(1)), Err(SealedError::Week { .. })));
    }
}
