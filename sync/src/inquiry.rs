//! A door's question about a typed number: sealed to the authority on its way there, and to the asking door on its way back.
//!
//! Nobody between can read the number, move the question to another door, or tell by length what was asked or answered.

use std::fmt;

use minicbor::{Decode, Encode, bytes::ByteVec};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    bounded,
    id::{InquiryId, PublicKey, VenueId, Week},
    key::encode,
    record::{LookedUp, Status},
    sealed::{self, TracingKey, TracingSecret, Typed},
    time::UnixMillis,
};

const ASK_INFO: &[u8] = b"vestibule/inquiry/1";
const FIND_INFO: &[u8] = b"vestibule/finding/1";
const VERSION: u8 = 1;
/// The longest name that is asked with, bytes; a longer one is cut.
pub const NAME_MAX: usize = 128;
/// Every question fills so many bytes, every answer so many.
const ASKED_BYTES: usize = 256;
const FOUND_BYTES: usize = 64;
/// The longest sealed question or answer that is read, bytes.
const SEALED_MAX: usize = 512;

/// What a door wants to know.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Asked {
    /// Of whom.
    #[n(0)]
    pub typed: Typed,
    /// The name that goes with the number, where one was typed: an answer is given only if they agree.
    #[n(1)]
    pub name: Option<String>,
    /// On what occasion.
    #[n(2)]
    pub what: LookedUp,
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.name.zeroize();
    }
}

/// The occasion alone.
impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Asked({:?}, {:?})", self.typed, self.what)
    }
}

/// What the authority knows, by its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Finding {
    /// The status at the time of the answer.
    #[n(0)]
    pub status: Status,
    /// Until when it holds, where it ends by itself.
    #[n(1)]
    pub until: Option<UnixMillis>,
    /// What follows then.
    #[n(2)]
    pub then: Option<Status>,
    /// When it was answered, by the authority's clock.
    #[n(3)]
    pub at: UnixMillis,
}

/// Who asks; a question opens for nobody else, and so does its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The venue, by the asking door's papers.
    pub venue: VenueId,
    /// The door's node.
    pub node: PublicKey,
}

/// A question on its way.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Inquiry {
    /// Its name: random.
    #[n(0)]
    id: InquiryId,
    /// Which week's tracing key opens it.
    #[n(1)]
    week: Week,
    #[cbor(n(2), with = "minicbor::bytes")]
    enc: [u8; 32],
    #[cbor(n(3), decode_with = "bounded::bytes::<SEALED_MAX, _>")]
    text: ByteVec,
    /// To which key the answer is sealed: X25519, of this question alone.
    #[cbor(n(4), with = "minicbor::bytes")]
    reply: [u8; 32],
}

/// The answer on its way.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SealedFinding {
    #[cbor(n(0), with = "minicbor::bytes")]
    enc: [u8; 32],
    #[cbor(n(1), decode_with = "bounded::bytes::<SEALED_MAX, _>")]
    text: ByteVec,
}

/// A question with the key that opens its answer. Never printed.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct OwnInquiry {
    /// The question.
    #[n(0)]
    pub inquiry: Inquiry,
    #[cbor(n(1), with = "minicbor::bytes")]
    secret: [u8; 32],
}

impl Drop for OwnInquiry {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl fmt::Debug for OwnInquiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnInquiry({})", self.inquiry.id)
    }
}

/// Why a question was not sealed or opened, or an answer not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InquiryError {
    /// The system gave no random bytes.
    #[error("no random bytes for a question")]
    Random,
    /// The published or the named key is no X25519 key.
    #[error("the key to seal to is unusable")]
    Key,
    /// The number is longer than any.
    #[error("the number is over the limit")]
    Number,
    /// No secret of that week is at hand.
    #[error("no secret of week {0} is at hand")]
    Week(Week),
    /// Altered, or of another door or question.
    #[error("it does not open here")]
    Open,
    /// It opened to something this program does not know.
    #[error("it is of an unknown shape")]
    Shape,
}

impl OwnInquiry {
    /// Seals a question for the authority.
    ///
    /// # Errors
    /// [`InquiryError`] when the number is too long, the key is unusable or there is no randomness.
    pub fn seal(asked: &Asked, key: &TracingKey, by: &Asker) -> Result<Self, InquiryError> {
        if asked.typed.number.len() > sealed::NUMBER_MAX {
            return Err(InquiryError::Number);
        }
        let mut id = [0; InquiryId::LEN];
        getrandom::fill(&mut id).map_err(|_| InquiryError::Random)?;
        let (id, (secret, reply)) = (InquiryId::new(id), sealed::new_pair());
        let plain = filled(&bounded_name(asked), ASKED_BYTES);
        let aad = encode(&(by.venue, by.node, id, reply_bytes(&reply)));
        let (enc, text) =
            sealed::seal_to(&key.public, ASK_INFO, &plain, &aad).ok_or(InquiryError::Key)?;
        let inquiry = Inquiry { id, week: key.week, enc, text: text.into(), reply };
        Ok(Self { inquiry, secret: *secret })
    }

    /// Opens the answer.
    ///
    /// # Errors
    /// [`InquiryError`] when it is not the answer to this question.
    pub fn open(&self, found: &SealedFinding, by: &Asker) -> Result<Finding, InquiryError> {
        let aad = encode(&(by.venue, by.node, self.inquiry.id));
        let sealed = (&found.enc, &found.text[..]);
        let plain = sealed::open_with(&self.secret, FIND_INFO, sealed, &aad);
        read(&plain.ok_or(InquiryError::Open)?)
    }
}

impl Inquiry {
    /// Its name.
    pub fn id(&self) -> InquiryId {
        self.id
    }

    /// Which week's tracing key opens it.
    pub fn week(&self) -> Week {
        self.week
    }

    /// Opens it at the authority, for the door that proved its key.
    ///
    /// # Errors
    /// [`InquiryError`] when no secret at hand opens it for this door.
    pub fn open(&self, secrets: &[TracingSecret], by: &Asker) -> Result<Asked, InquiryError> {
        let aad = encode(&(by.venue, by.node, self.id, reply_bytes(&self.reply)));
        let mut of_week = secrets.iter().filter(|s| s.week() == self.week).peekable();
        if of_week.peek().is_none() {
            return Err(InquiryError::Week(self.week));
        }
        let sealed = (&self.enc, &self.text[..]);
        let opened = of_week.find_map(|s| sealed::open_with(&s.to_bytes(), ASK_INFO, sealed, &aad));
        let asked: Asked = read(&opened.ok_or(InquiryError::Open)?)?;
        let fits = asked.typed.number.len() <= sealed::NUMBER_MAX;
        if fits { Ok(asked) } else { Err(InquiryError::Number) }
    }

    /// Seals the answer for the door that asked.
    ///
    /// # Errors
    /// [`InquiryError::Key`] when the door named no usable key.
    pub fn answer(&self, found: &Finding, by: &Asker) -> Result<SealedFinding, InquiryError> {
        let aad = encode(&(by.venue, by.node, self.id));
        let plain = filled(found, FOUND_BYTES);
        let (enc, text) =
            sealed::seal_to(&self.reply, FIND_INFO, &plain, &aad).ok_or(InquiryError::Key)?;
        Ok(SealedFinding { enc, text: text.into() })
    }
}

fn reply_bytes(reply: &[u8; 32]) -> &minicbor::bytes::ByteSlice {
    reply.as_slice().into()
}

fn bounded_name(asked: &Asked) -> Asked {
    let cut = |name: &String| name[..name.floor_char_boundary(NAME_MAX)].to_owned();
    Asked { typed: asked.typed.clone(), name: asked.name.as_ref().map(cut), what: asked.what }
}

/// Behind a version byte, filled up so that the length says nothing.
fn filled<T: Encode<()>>(value: &T, bytes: usize) -> Zeroizing<Vec<u8>> {
    let mut plain = Zeroizing::new(Vec::with_capacity(bytes));
    plain.push(VERSION);
    plain.extend_from_slice(&Zeroizing::new(encode(value)));
    let whole = plain.len().max(bytes);
    plain.resize(whole, 0);
    plain
}

/// Reads what a seal held.
pub(crate) fn read<T: for<'b> Decode<'b, ()>>(plain: &[u8]) -> Result<T, InquiryError> {
    match plain.split_first() {
        Some((&VERSION, body)) => minicbor::decode(body).map_err(|_| InquiryError::Shape),
        _ => Err(InquiryError::Shape),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sealed::NumberKind;

    fn asked(number: &str, name: Option<&str>) -> Asked {
        let typed = Typed { kind: NumberKind::Iin, number: number.into() };
        Asked { typed, name: name.map(Into::into), what: LookedUp::Number }
    }

    const DOOR: Asker = Asker { venue: VenueId::new(17), node: PublicKey::new([3; 32]) };

    #[test]
    fn only_the_authority_reads_it_and_only_the_asking_door_the_answer() {
        let secret = TracingSecret::generate(Week::new(9));
        let key = secret.public().unwrap();
        let own = OwnInquiry::seal(&asked("800101300006", None), &key, &DOOR).unwrap();
        let secrets = [secret];
        let opened = own.inquiry.open(&secrets, &DOOR).unwrap();
        assert_eq!(opened, asked("800101300006", None));
        for other in [
            Asker { venue: VenueId::new(18), ..DOOR },
            Asker { node: PublicKey::new([4; 32]), ..DOOR },
        ] {
            assert_eq!(own.inquiry.open(&secrets, &other), Err(InquiryError::Open));
        }
        let moved = Inquiry { reply: sealed::new_pair().1, ..own.inquiry.clone() };
        assert_eq!(
            moved.open(&secrets, &DOOR),
            Err(InquiryError::Open),
            "another wants the answer"
        );
        let late = [TracingSecret::generate(Week::new(10))];
        assert_eq!(own.inquiry.open(&late, &DOOR), Err(InquiryError::Week(Week::new(9))));

        let (until, then) = (Some(UnixMillis::new(9)), Some(Status::Blue));
        let found = Finding { status: Status::Red, until, then, at: UnixMillis::new(5) };
        let sealed = own.inquiry.answer(&found, &DOOR).unwrap();
        assert_eq!(own.open(&sealed, &DOOR).unwrap(), found);
        let other = OwnInquiry::seal(&asked("800101300006", None), &key, &DOOR).unwrap();
        assert_eq!(other.open(&sealed, &DOOR), Err(InquiryError::Open));
    }

    #[test]
    fn lengths_say_nothing_and_nothing_is_printed() {
        let key = TracingSecret::generate(Week::new(9)).public().unwrap();
        let seal = |asked: &Asked| OwnInquiry::seal(asked, &key, &DOOR).unwrap();
        let (short, long) = (asked("1", None), asked(&"9".repeat(32), Some(&"ж".repeat(300))));
        let (short, long) = (seal(&short), seal(&long));
        assert_eq!(encode(&short.inquiry).len(), encode(&long.inquiry).len());
        let printed = format!("{:?} {long:?}", asked("800101300006", Some("Anna")));
        assert!(!printed.contains("8001") && !printed.contains("Anna"), "{printed}");
        let found = |status, until| Finding { status, until, then: None, at: UnixMillis::new(5) };
        let answer = |found: &Finding| encode(&short.inquiry.answer(found, &DOOR).unwrap()).len();
        let far = found(Status::Red, Some(UnixMillis::new(i64::MAX)));
        assert_eq!(answer(&found(Status::Green, None)), answer(&far));
        let over = OwnInquiry::seal(&asked(&"9".repeat(33), None), &key, &DOOR);
        assert_eq!(over.unwrap_err(), InquiryError::Number);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = minicbor::decode::<Inquiry>(&bytes);
            let _ = minicbor::decode::<SealedFinding>(&bytes);
            let _ = read::<Asked>(&bytes);
            let _ = read::<Finding>(&bytes);
        }
    }
}
