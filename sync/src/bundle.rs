//! A bundle: what one node has for others, as one signed file for a stick, both ways.
//!
//! A door's bundle carries the venue's records, day by day, each day under a key of its own. That key is wrapped for
//! the authority (to the tracing key of the week) and for the venue's doors (under the storage key of the day): where
//! those keys are destroyed, the bundle says nothing any more, wherever the stick lies. The authority's bundle
//! carries receipts, orders, bulletins and papers.

mod moving;

use minicbor::{Decode, Encode, bytes::ByteVec};
use zeroize::Zeroizing;

pub use moving::{BundleError, Exported, Imported, Keys, LeftOut, export, import};

use crate::{
    bulletin::Bulletin,
    envelope::Run,
    id::{PublicKey, SignatureBytes, VenueId},
    key::{BadSignature, SecretKey, Signed, encode, verify},
    membership::Membership,
    order::SignedOrder,
    record::Receipt,
    sealed::{SealedError, TracingKey, TracingSecret, WrappedKey},
    time::{Day, UnixMillis},
    vault::{DayKey, VaultError},
};

/// The longest bundle that is read, bytes.
pub const BUNDLE_MAX: usize = 64 << 20;
/// About how many bytes of runs go into one part.
pub(crate) const PART_BYTES: usize = 1 << 20;
const PARTS_MAX: usize = 4096;
const PAPERS_MAX: usize = 1024;
const RECEIPTS_MAX: usize = 16_384;
const RUNS_MAX: usize = 4096;
const MAGIC: &[u8] = b"vestibule-bundle:1\n";
const CONTEXT: &str = "vestibule/bundle/1";

/// What a bundle carries.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Contents {
    /// The venue that it is about.
    #[n(0)]
    pub venue: VenueId,
    /// When it was made, by its maker's clock.
    #[n(1)]
    pub made_at: UnixMillis,
    /// Who is who.
    #[n(2)]
    pub papers: Vec<Membership>,
    /// The region's bulletins.
    #[n(3)]
    pub bulletins: Vec<Bulletin>,
    /// The venue's orders.
    #[n(4)]
    pub orders: Vec<SignedOrder>,
    /// What the authority holds.
    #[n(5)]
    pub receipts: Vec<Signed<Receipt>>,
    /// The venue's records.
    #[n(6)]
    pub parts: Vec<Part>,
}

/// Some runs of one day, under a key of their own.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Part {
    /// The day.
    #[n(0)]
    pub day: Day,
    /// The key, for the authority.
    #[n(1)]
    authority: Option<WrappedKey>,
    /// The key, for the venue's doors: which storage key wraps it, and the wrapped.
    #[n(2)]
    venue: Option<(ByteVec, ByteVec)>,
    /// The runs, sealed.
    #[n(3)]
    text: ByteVec,
}

/// A bundle as it lies in a file, not yet checked: only [`Bundle::open`] gives the contents out.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Bundle {
    #[n(0)]
    payload: ByteVec,
    #[n(1)]
    by: PublicKey,
    #[n(2)]
    papers: Membership,
    #[n(3)]
    signature: SignatureBytes,
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bundle({} bytes by {:?})", self.payload.len(), self.by)
    }
}

/// Why bytes are no bundle that can be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Over [`BUNDLE_MAX`].
    #[error("bundle of {0} bytes is over the limit of {BUNDLE_MAX}")]
    TooLarge(usize),
    /// Another file.
    #[error("the file is no bundle")]
    NotABundle,
    /// Of a bundle, but not of the shape.
    #[error("bundle is malformed")]
    Malformed(#[from] minicbor::decode::Error),
    /// A list over its bound.
    #[error("bundle has too many {0}")]
    Crowded(&'static str),
    /// Altered, or not by whom it says.
    #[error("bundle: {0}")]
    Signature(#[from] BadSignature),
    /// Its maker does not belong here.
    #[error("the bundle's maker does not belong to this region or venue")]
    Maker,
}

impl Bundle {
    /// Signs the contents.
    pub fn seal(contents: &Contents, key: &SecretKey, papers: Membership) -> Self {
        let payload = encode(contents);
        let signature = key.sign(CONTEXT, &payload);
        Self { payload: payload.into(), by: key.public(), papers, signature }
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        [MAGIC, &encode(self)].concat()
    }

    /// Reads the bytes of a file. Nothing is checked yet.
    ///
    /// # Errors
    /// [`OpenError`] when it is no bundle or too large.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OpenError> {
        if bytes.len() > BUNDLE_MAX {
            return Err(OpenError::TooLarge(bytes.len()));
        }
        let body = bytes.strip_prefix(MAGIC).ok_or(OpenError::NotABundle)?;
        Ok(minicbor::decode(body)?)
    }

    /// Who says that it made this.
    pub fn maker(&self) -> (PublicKey, &Membership) {
        (self.by, &self.papers)
    }

    /// The contents, if the maker signed them. Whether the maker belongs is the caller's question.
    ///
    /// # Errors
    /// [`OpenError`] when it is altered, malformed or too crowded.
    pub fn open(&self) -> Result<Contents, OpenError> {
        verify(&self.by, CONTEXT, &self.payload, &self.signature)?;
        let contents: Contents = minicbor::decode(&self.payload)?;
        let crowded = [
            (contents.papers.len() > PAPERS_MAX, "papers"),
            (contents.bulletins.len() > PAPERS_MAX, "bulletins"),
            (contents.orders.len() > crate::order::ORDERS_MAX, "orders"),
            (contents.receipts.len() > RECEIPTS_MAX, "receipts"),
            (contents.parts.len() > PARTS_MAX, "parts"),
        ];
        match crowded.iter().find(|(over, _)| *over) {
            Some((_, what)) => Err(OpenError::Crowded(what)),
            None => Ok(contents),
        }
    }
}

/// Why a part was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PartError {
    /// The sealing failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The tracing key of the week is unusable.
    #[error(transparent)]
    Tracing(#[from] SealedError),
}

impl Part {
    /// Seals runs of one day for whom there are keys.
    ///
    /// # Errors
    /// [`PartError`] when a key is unusable or the system has no randomness.
    pub fn seal(
        venue: VenueId,
        day: Day,
        runs: &[Run],
        authority: Option<&TracingKey>,
        doors: Option<&DayKey>,
    ) -> Result<Self, PartError> {
        let aad = encode(&(venue, day));
        let key = DayKey::random()?;
        let authority = authority.map(|to| to.wrap(key.bytes(), &aad)).transpose()?;
        let wrap = |to: &DayKey| {
            let wrapped = to.seal(&aad, key.bytes())?;
            Ok::<_, VaultError>((to.id().to_vec().into(), wrapped.into()))
        };
        let venue = doors.map(wrap).transpose()?;
        let plain = Zeroizing::new(encode(&runs));
        Ok(Self { day, authority, venue, text: key.seal(&aad, &plain)?.into() })
    }

    /// Which of the venue's storage keys opens it.
    pub fn day_key(&self) -> Option<&[u8]> {
        self.venue.as_ref().map(|(id, _)| id.as_slice())
    }

    /// The runs, with a key that opens them; `None` when none does.
    ///
    /// # Errors
    /// [`OpenError`] when it opens to something else than runs.
    pub fn open(
        &self,
        venue: VenueId,
        secrets: &[TracingSecret],
        doors: Option<&DayKey>,
    ) -> Result<Option<Vec<Run>>, OpenError> {
        let aad = encode(&(venue, self.day));
        let by_secret = self.authority.as_ref().and_then(|wrapped| {
            let of_week = secrets.iter().filter(|s| s.week() == wrapped.week);
            of_week.filter_map(|s| s.unwrap_key(wrapped, &aad)).next()
        });
        let by_day = || {
            let (id, wrapped) = self.venue.as_ref()?;
            let key = doors.filter(|k| k.id() == id.as_slice())?.open(&aad, wrapped).ok()?;
            key.as_slice().try_into().ok().map(Zeroizing::new)
        };
        let Some(key) = by_secret.or_else(by_day) else { return Ok(None) };
        let Ok(plain) = DayKey::new(&key).open(&aad, &self.text) else { return Ok(None) };
        let runs: Vec<Run> = minicbor::decode(&plain)?;
        if runs.len() > RUNS_MAX {
            return Err(OpenError::Crowded("runs"));
        }
        Ok(Some(runs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::Week, tag::TagKey};
    use proptest::prelude::*;

    const VENUE: VenueId = VenueId::new(17);
    const DAY: Day = Day::new(20_717);

    #[test]
    fn a_part_opens_for_the_authority_of_its_week_and_the_doors_of_its_day() {
        let secret = TracingSecret::generate(Week::new(9));
        let key = DayKey::from_ratchet(&TagKey::new(DAY, [1; 32]));
        let tracing = secret.public().unwrap();
        let part = Part::seal(VENUE, DAY, &[], Some(&tracing), Some(&key)).unwrap();
        assert_eq!(part.open(VENUE, std::slice::from_ref(&secret), None).unwrap(), Some(vec![]));
        assert_eq!(part.open(VENUE, &[], Some(&key)).unwrap(), Some(vec![]));
        let other = DayKey::from_ratchet(&TagKey::new(DAY, [2; 32]));
        let later = TracingSecret::generate(Week::new(9));
        assert_eq!(part.open(VENUE, &[later], Some(&other)).unwrap(), None, "the keys are gone");
        assert_eq!(part.open(VenueId::new(18), &[secret], Some(&key)).unwrap(), None);
    }

    #[test]
    fn an_altered_bundle_and_other_files_are_named() {
        let contents = Contents {
            venue: VENUE,
            made_at: UnixMillis::new(1),
            papers: vec![],
            bulletins: vec![],
            orders: vec![],
            receipts: vec![],
            parts: vec![],
        };
        let key = SecretKey::from_bytes(&[1; 32]);
        let grant = crate::membership::AuthorityGrant {
            region: crate::id::RegionId::new(1),
            node: key.public(),
            not_before: UnixMillis::new(0),
            not_after: UnixMillis::new(9),
        };
        let papers = Membership::Authority(Signed::seal(&grant, &key));
        let bytes = Bundle::seal(&contents, &key, papers).to_bytes();
        assert_eq!(Bundle::from_bytes(&bytes).unwrap().open().unwrap(), contents);
        let mut altered = Bundle::from_bytes(&bytes).unwrap();
        altered.payload[0] ^= 1;
        assert!(matches!(altered.open(), Err(OpenError::Signature(_))));
        assert!(matches!(Bundle::from_bytes(b"hello"), Err(OpenError::NotABundle)));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Bundle::from_bytes(&[MAGIC, &bytes].concat()).map(|b| b.open());
        }
    }
}
