//! Visits of people of another region, on their way to it: each a letter sealed to that region's tracing key, in a bag that
//! the carrying region's node signs; and the receipt that comes back.
//!
//! A letter opens for the region that it is to alone, at the venue and the visit that it is of: nobody between can read it,
//! move it to another visit, or tell by its length whom or what it names. Who holds whose keys is the regions' own lists.

use data_encoding::BASE64URL_NOPAD;
use minicbor::{Decode, Encode, bytes::ByteVec};
use zeroize::Zeroizing;

use crate::{
    bounded,
    bulletin::Bulletin,
    id::{EntranceId, PublicKey, RecordId, RegionId, Subject, VenueId, Week},
    key::{OpenError, SecretKey, Signed, Statement, encode},
    membership::{Membership, MembershipError, Place},
    record::VisitKind,
    sealed::{self, TracingKey, TracingSecret},
    time::UnixMillis,
};

const INFO: &[u8] = b"vestibule/abroad-letter/1";
const VERSION: u8 = 1;
/// The longest name of a venue that is told, bytes; a longer one is cut.
const NAME_MAX: usize = 96;
/// Every letter fills so many bytes.
const TOLD_BYTES: usize = 192;
const SEALED_MAX: usize = 256;
/// The most letters of one bag.
pub const BAG_LETTERS_MAX: usize = 500;
/// The longest text of a bag or a receipt that is read, bytes.
pub const TEXT_MAX: usize = 512 << 10;
const BAG_PREFIX: &str = "vestibule-abroad:1:";
const RECEIPT_PREFIX: &str = "vestibule-abroad-receipt:1:";

/// What a region tells another of a visit of one of its people.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Told {
    /// Who, by the pseudonym of the region that the person is of.
    #[n(0)]
    pub subject: Subject,
    /// When.
    #[n(1)]
    pub at: UnixMillis,
    /// Which way.
    #[n(2)]
    pub kind: VisitKind,
    /// By which entrance.
    #[n(3)]
    pub entrance: EntranceId,
    /// What the venue is called.
    #[n(4)]
    pub venue_name: String,
}

/// Where a letter belongs; it opens nowhere else. The visit names its author, epoch, day and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Address {
    /// The region of the venue.
    #[n(0)]
    pub from: RegionId,
    /// The region of the person.
    #[n(1)]
    pub to: RegionId,
    /// The venue.
    #[n(2)]
    pub venue: VenueId,
    /// The visit.
    #[n(3)]
    pub visit: RecordId,
}

/// A visit, sealed to the region of the person.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Letter {
    /// Where it belongs.
    #[n(0)]
    pub address: Address,
    #[n(1)]
    week: Week,
    #[cbor(n(2), with = "minicbor::bytes")]
    enc: [u8; 32],
    #[cbor(n(3), decode_with = "bounded::bytes::<SEALED_MAX, _>")]
    text: ByteVec,
}

/// Why a letter was not sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LetterError {
    /// The published key is no X25519 key.
    #[error("the tracing key of week {0} is unusable")]
    Key(Week),
    /// No secret of that week is at hand.
    #[error("no tracing secret of week {0} is at hand")]
    Week(Week),
    /// Altered, or of another visit, venue or region.
    #[error("the letter does not open here")]
    Open,
    /// It opened to something this program does not know.
    #[error("the letter is of an unknown shape")]
    Shape,
}

impl Letter {
    /// Seals what is told to the region of the person.
    ///
    /// # Errors
    /// [`LetterError::Key`] when that region's key is unusable.
    pub fn seal(told: &Told, address: Address, key: &TracingKey) -> Result<Self, LetterError> {
        let name = told.venue_name.get(..told.venue_name.floor_char_boundary(NAME_MAX));
        let told = Told { venue_name: name.unwrap_or_default().to_owned(), ..told.clone() };
        let mut plain = Zeroizing::new(vec![VERSION]);
        plain.extend_from_slice(&encode(&told));
        plain.resize(TOLD_BYTES, 0);
        let aad = encode(&address);
        let (enc, text) =
            sealed::seal_to(&key.public, INFO, &plain, &aad).ok_or(LetterError::Key(key.week))?;
        Ok(Self { address, week: key.week, enc, text: text.into() })
    }

    /// Opens it in the region that it is to.
    ///
    /// # Errors
    /// [`LetterError`] when no secret at hand opens it for its address.
    pub fn open(&self, secrets: &[TracingSecret]) -> Result<Told, LetterError> {
        let mut of_week = secrets.iter().filter(|s| s.week() == self.week).peekable();
        if of_week.peek().is_none() {
            return Err(LetterError::Week(self.week));
        }
        let (aad, sealed) = (encode(&self.address), (&self.enc, &self.text[..]));
        let plain = of_week.find_map(|s| sealed::open_with(&s.to_bytes(), INFO, sealed, &aad));
        let plain = plain.ok_or(LetterError::Open)?;
        let (version, body) = plain.split_first().ok_or(LetterError::Shape)?;
        let told: Told = minicbor::decode(body).map_err(|_| LetterError::Shape)?;
        let fits = *version == VERSION && told.venue_name.len() <= NAME_MAX;
        if fits { Ok(told) } else { Err(LetterError::Shape) }
    }
}

/// Letters from one region to another.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Bag {
    /// Whose venues they are of.
    #[n(0)]
    pub from: RegionId,
    /// Whose people they are of.
    #[n(1)]
    pub to: RegionId,
    /// When it was packed, by the sender's clock.
    #[n(2)]
    pub at: UnixMillis,
    /// The letters; none asks for the other region's keys alone.
    #[cbor(n(3), decode_with = "bounded::list::<BAG_LETTERS_MAX, _, _>")]
    pub letters: Vec<Letter>,
}

impl Statement for Bag {
    const CONTEXT: &'static str = "vestibule/abroad-bag/1";
}

/// What became of a bag.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Receipt {
    /// Who received it.
    #[n(0)]
    pub from: RegionId,
    /// Who sent it.
    #[n(1)]
    pub to: RegionId,
    /// When, by the receiver's clock.
    #[n(2)]
    pub at: UnixMillis,
    /// Visits whose letters are durable there.
    #[cbor(n(3), decode_with = "bounded::list::<BAG_LETTERS_MAX, _, _>")]
    pub taken: Vec<RecordId>,
    /// Visits whose letters are of no use there, and will not be.
    #[cbor(n(4), decode_with = "bounded::list::<BAG_LETTERS_MAX, _, _>")]
    pub refused: Vec<RecordId>,
    /// The tracing keys that its region has published.
    #[n(5)]
    pub keys: Option<Bulletin>,
}

impl Statement for Receipt {
    const CONTEXT: &'static str = "vestibule/abroad-receipt/1";
}

/// A bag or a receipt with its signature and the papers of who signed. Not yet checked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Sent<T> {
    #[n(0)]
    papers: Membership,
    #[n(1)]
    said: Signed<T>,
}

/// Why what was sent is not taken; [`SentError::word`] is stable.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SentError {
    /// Over [`TEXT_MAX`].
    #[error("{0} bytes are over the limit of {TEXT_MAX}")]
    TooLarge(usize),
    /// Cut short, or of another kind.
    #[error("it is cut short, or not of the form")]
    Malformed,
    /// The papers of who signed do not hold by the named region's roots.
    #[error("the papers of who signed it do not hold")]
    Papers(#[source] MembershipError),
    /// They are no authority's of that region.
    #[error("it is signed by another than the authority of region {0}")]
    Signer(RegionId),
    /// The signature is not theirs.
    #[error("the signature does not hold")]
    Signature(#[source] OpenError),
}

impl SentError {
    /// The word for counting.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "too-large",
            Self::Malformed => "malformed",
            Self::Papers(_) => "papers",
            Self::Signer(_) => "signer",
            Self::Signature(_) => "signature",
        }
    }
}

/// What travels as text between regions.
pub trait Travels: Statement {
    /// What its text begins with.
    const PREFIX: &'static str;
    /// Which region says it, before anything is checked.
    fn said_by(&self) -> RegionId;
}

impl Travels for Bag {
    const PREFIX: &'static str = BAG_PREFIX;
    fn said_by(&self) -> RegionId {
        self.from
    }
}

impl Travels for Receipt {
    const PREFIX: &'static str = RECEIPT_PREFIX;
    fn said_by(&self) -> RegionId {
        self.from
    }
}

impl<T: Travels> Sent<T> {
    /// Signs it with a node's key, beside the node's papers.
    pub fn seal(said: &T, key: &SecretKey, papers: Membership) -> Self {
        Self { papers, said: Signed::seal(said, key) }
    }

    /// Which region it claims to come from.
    pub fn claimed(&self) -> Option<RegionId> {
        self.said.claims().map(|said| said.said_by())
    }

    /// What is said, if a node of the authority of the region that it claims to come from signed it, by that region's roots.
    ///
    /// # Errors
    /// [`SentError`].
    pub fn open(&self, roots: &[PublicKey], now: UnixMillis) -> Result<T, SentError> {
        let node = self.papers.node().ok_or(SentError::Malformed)?;
        let member = self.papers.check(roots, &node, now).map_err(SentError::Papers)?;
        let said = self.said.open(&node).map_err(SentError::Signature)?;
        match member.place {
            Place::Authority(region) if region == said.said_by() => Ok(said),
            _ => Err(SentError::Signer(said.said_by())),
        }
    }

    /// One line of text.
    pub fn to_text(&self) -> String {
        format!("{}{}", T::PREFIX, BASE64URL_NOPAD.encode(&encode(self)))
    }

    /// Reads [`Self::to_text`]. Nothing is checked yet.
    ///
    /// # Errors
    /// [`SentError`] when it is too long, cut short or something else.
    pub fn from_text(text: &str) -> Result<Self, SentError> {
        if text.len() > TEXT_MAX {
            return Err(SentError::TooLarge(text.len()));
        }
        let body = text.trim().strip_prefix(T::PREFIX).ok_or(SentError::Malformed)?;
        let bytes = BASE64URL_NOPAD.decode(body.as_bytes()).map_err(|_| SentError::Malformed)?;
        let mut decoder = minicbor::Decoder::new(&bytes);
        let read = decoder.decode().map_err(|_| SentError::Malformed)?;
        if decoder.position() == bytes.len() { Ok(read) } else { Err(SentError::Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        id::{ChainId, Epoch, RecordNumber},
        sample,
        time::Day,
    };

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
    const HOME: RegionId = RegionId::new(2);

    fn address(number: u64) -> Address {
        let (author, epoch) = (PublicKey::new([5; 32]), Epoch::new([6; 8]));
        let chain = ChainId { author, epoch, day: Day::new(20_717) };
        let visit = RecordId { chain, number: RecordNumber::new(number) };
        Address { from: sample::REGION, to: HOME, venue: sample::VENUE, visit }
    }

    fn told(name: &str) -> Told {
        Told {
            subject: Subject::new([7; 16]),
            at: NOON,
            kind: VisitKind::Entry,
            entrance: EntranceId::new(1),
            venue_name: name.into(),
        }
    }

    fn secret() -> TracingSecret {
        TracingSecret::generate(NOON.week())
    }

    #[test]
    fn a_letter_opens_for_its_region_and_its_visit_alone() {
        let (ours, others) = (secret(), secret());
        let key = ours.public().unwrap();
        let letter = Letter::seal(&told("Shop"), address(1), &key).unwrap();
        assert_eq!(letter.open(&[others.clone(), ours.clone()]), Ok(told("Shop")));
        assert_eq!(letter.open(std::slice::from_ref(&others)), Err(LetterError::Open));
        assert_eq!(letter.open(&[]), Err(LetterError::Week(NOON.week())));
        let venue = VenueId::new(18);
        for moved in [
            address(2),
            Address { venue, ..address(1) },
            Address { from: HOME, ..address(1) },
            Address { to: RegionId::new(3), ..address(1) },
        ] {
            let moved = Letter { address: moved, ..letter.clone() };
            assert_eq!(moved.open(std::slice::from_ref(&ours)), Err(LetterError::Open));
        }
        let long = Letter::seal(&told(&"Қ".repeat(500)), address(1), &key).unwrap();
        assert_eq!(long.text.len(), letter.text.len(), "the length tells nothing");
        assert_eq!(long.open(&[ours]).unwrap().venue_name.len(), NAME_MAX);
    }

    fn bag(from: RegionId) -> Bag {
        let letter = Letter::seal(&told("Shop"), address(1), &secret().public().unwrap());
        Bag { from, to: HOME, at: NOON, letters: vec![letter.unwrap()] }
    }

    #[test]
    fn a_bag_is_of_the_authority_whose_region_it_names() {
        let (authority, door) = (sample::authority(9, 1), sample::door(1, 1));
        let roots = [sample::root().public()];
        let by = |charter: &crate::book::Charter, bag: &Bag| {
            Sent::seal(bag, &charter.key, charter.membership.clone())
        };
        let sent = by(&authority, &bag(sample::REGION));
        let read = Sent::<Bag>::from_text(&sent.to_text()).unwrap();
        assert_eq!(read.claimed(), Some(sample::REGION));
        assert_eq!(read.open(&roots, NOON).unwrap(), bag_of(&sent));
        let word = |sent: &Sent<Bag>, roots: &[PublicKey]| {
            sent.open(roots, NOON).map_err(|error| error.word())
        };
        assert_eq!(word(&sent, &[PublicKey::new([3; 32])]), Err("papers"), "another's roots");
        assert_eq!(word(&by(&authority, &bag(HOME)), &roots), Err("signer"), "another's name");
        assert_eq!(word(&by(&door, &bag(sample::REGION)), &roots), Err("signer"), "a door");
        let mixed = Sent::seal(&bag(sample::REGION), &door.key, authority.membership);
        assert_eq!(word(&mixed, &roots), Err("signature"), "another's papers");
        let text = sent.to_text();
        let cut = Sent::<Bag>::from_text(&text[..text.len() - 7]);
        assert!(matches!(cut, Err(SentError::Malformed)));
        assert!(matches!(Sent::<Receipt>::from_text(&text), Err(SentError::Malformed)));
        let long = "x".repeat(TEXT_MAX + 1);
        assert!(matches!(Sent::<Bag>::from_text(&long), Err(SentError::TooLarge(_))));
    }

    fn bag_of(sent: &Sent<Bag>) -> Bag {
        sent.said.claims().unwrap()
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let text = format!("{BAG_PREFIX}{}", BASE64URL_NOPAD.encode(&bytes));
            let _ = Sent::<Bag>::from_text(&text).map(|sent| sent.claimed());
        }
    }
}
