//! The signed envelopes in which records travel: groups of one writer's records, chained each to the last.
//!
//! What travels is the records themselves, never automerge's own bytes: every node builds the same change from them
//! ([`crate::document`]), so a peer has no way to express a deletion, a foreign actor, an orphan or a bomb.
//!
//! A header covers its records by their hash and the header before it by its hash. A signature over the last header
//! therefore covers all before it: envelopes travel in runs, and only the last of a run carries its signature. What
//! the receiver can work out (places, hashes) does not travel at all.

use minicbor::{Decode, Encode, bytes::ByteVec};
use sha2::{Digest, Sha256};

use crate::{
    id::{ChainId, Hash, PublicKey, RecordNumber, Segment, Seq, SignatureBytes, VenueId},
    key::{BadSignature, SecretKey, encode, verify},
    record::{RECORD_MAX, Record, RecordError},
    time::{DAY_MILLIS, Day, UnixMillis},
};

/// The most records in one envelope: one group commit.
pub const GROUP_MAX: usize = 64;
/// The longest encoded envelope, bytes.
pub const ENVELOPE_MAX: usize = GROUP_MAX * (RECORD_MAX + 16) + 64;
/// The most envelopes in one run.
pub const RUN_MAX: usize = 4096;
/// An envelope may not be dated further ahead of the receiver than this, ms.
pub const AHEAD_MAX_MILLIS: i64 = 10 * 60 * 1000;
/// How far the day of a document may lie from when it is written, days: zones, midnights, bounded clocks.
const DAY_SLACK: i64 = 2;

const CONTEXT: &str = "vestibule/envelope/2";

/// What the author signs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Header {
    /// The venue in whose name it is written.
    #[n(0)]
    pub venue: VenueId,
    /// The author's chain.
    #[n(1)]
    pub chain: ChainId,
    /// Its place in the chain.
    #[n(2)]
    pub seq: Seq,
    /// The hash of the header before it; [`Hash::ZERO`] for the first.
    #[n(3)]
    pub previous: Hash,
    /// The document's segment of the chain's day.
    #[n(4)]
    pub segment: Segment,
    /// When it was committed, by the author's clock.
    #[n(5)]
    pub made_at: UnixMillis,
    /// Hash of the records as [`digest`] computes it.
    #[n(6)]
    pub content: Hash,
}

impl Header {
    /// What the next header names as its predecessor.
    pub fn hash(&self) -> Hash {
        Hash::new(Sha256::digest(encode(self)).into())
    }
}

/// One record inside an envelope: its number in the chain, and its versioned bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Item {
    /// Its count within the author's epoch.
    #[n(0)]
    pub number: RecordNumber,
    /// [`Record::to_bytes`].
    #[n(1)]
    pub bytes: ByteVec,
}

/// SHA-256 over the CBOR of the items.
pub fn digest(items: &[Item]) -> Hash {
    Hash::new(Sha256::digest(encode(&items)).into())
}

/// One envelope of a run, as far as the receiver cannot work it out.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Link {
    /// The document's segment.
    #[n(0)]
    pub segment: Segment,
    /// When it was committed, by the author's clock.
    #[n(1)]
    pub made_at: UnixMillis,
    /// The records, in the order of their numbers.
    #[cbor(n(2), decode_with = "crate::bounded::list::<GROUP_MAX, _, _>")]
    pub items: Vec<Item>,
}

/// Consecutive envelopes of one chain as they travel: not yet checked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Run {
    /// The venue in whose name they are written.
    #[n(0)]
    pub venue: VenueId,
    /// The chain.
    #[n(1)]
    pub chain: ChainId,
    /// The place before the first.
    #[n(2)]
    pub after: Seq,
    /// The hash of the header at that place.
    #[n(3)]
    pub previous: Hash,
    /// The envelopes, in order.
    #[cbor(n(4), decode_with = "crate::bounded::list::<RUN_MAX, _, _>")]
    pub links: Vec<Link>,
    /// The author's signature over the last header.
    #[n(5)]
    pub signature: SignatureBytes,
}

/// An envelope that was written here, or checked as part of a run; whether it *follows* what is already known is
/// the book's question.
#[derive(Clone, Debug)]
pub struct CheckedEnvelope {
    header: Header,
    /// Absent where a later envelope of the same run carries the signature that covers it.
    signature: Option<SignatureBytes>,
    items: Vec<Item>,
    records: Vec<(RecordNumber, Record)>,
}

/// A run whose signature, content and bounds were checked; never empty.
#[derive(Clone, Debug)]
pub struct CheckedRun {
    envelopes: Vec<CheckedEnvelope>,
}

/// Why an envelope or a run is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// Nothing in it, or more than [`GROUP_MAX`] records.
    #[error("envelope holds {0} records, allowed are 1 to {GROUP_MAX}")]
    Size(usize),
    /// Nothing in it, or more than [`RUN_MAX`] envelopes.
    #[error("run holds {0} envelopes, allowed are 1 to {RUN_MAX}")]
    Length(usize),
    /// Not signed by the author it names, or altered since.
    #[error("run of {author} up to {seq}: {source}")]
    Signature {
        /// The named author.
        author: PublicKey,
        /// Its last place.
        seq: Seq,
        /// The cause.
        source: BadSignature,
    },
    /// Record numbers do not rise.
    #[error("envelope's record numbers do not rise")]
    Order,
    /// A record breaks its bounds or shape.
    #[error("record {number} in envelope is refused")]
    Record {
        /// Its number.
        number: RecordNumber,
        /// The cause.
        source: RecordError,
    },
    /// Dated too far ahead of the receiver's clock.
    #[error("envelope is dated {0}, too far ahead")]
    Future(UnixMillis),
    /// Its day is not that on which it says it was written.
    #[error("envelope of day {day} is dated {made_at}")]
    OtherDay {
        /// The chain's day.
        day: Day,
        /// When it says it was written.
        made_at: UnixMillis,
    },
}

impl CheckedEnvelope {
    /// Writes and signs the next envelope of a chain. `header.content` is filled in here.
    ///
    /// # Errors
    /// [`EnvelopeError::Size`] when the group is empty or too large.
    pub fn write(
        mut header: Header,
        records: Vec<(RecordNumber, Record)>,
        key: &SecretKey,
    ) -> Result<Self, EnvelopeError> {
        if records.is_empty() || records.len() > GROUP_MAX {
            return Err(EnvelopeError::Size(records.len()));
        }
        let items: Vec<Item> = records
            .iter()
            .map(|(number, r)| Item { number: *number, bytes: r.to_bytes().into() })
            .collect();
        header.content = digest(&items);
        let signature = Some(key.sign(CONTEXT, &encode(&header)));
        Ok(Self { header, signature, items, records })
    }

    /// What is signed, by itself or by what follows.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The signature over this header, where it carries one.
    pub fn signature(&self) -> Option<SignatureBytes> {
        self.signature
    }

    /// The records as bytes.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The records, read.
    pub fn records(&self) -> &[(RecordNumber, Record)] {
        &self.records
    }
}

impl CheckedRun {
    /// Its envelopes, in order; at least one.
    pub fn envelopes(&self) -> &[CheckedEnvelope] {
        &self.envelopes
    }

    /// As it travels.
    pub fn to_run(&self) -> Option<Run> {
        self.tail(self.envelopes.len())
    }

    /// Its last envelopes as they travel: the signature over the last covers any number of them.
    pub fn tail(&self, count: usize) -> Option<Run> {
        let envelopes = &self.envelopes[self.envelopes.len().checked_sub(count)?..];
        let Header { venue, chain, seq, previous, .. } = *envelopes.first()?.header();
        let link = |e: &CheckedEnvelope| Link {
            segment: e.header.segment,
            made_at: e.header.made_at,
            items: e.items.clone(),
        };
        Some(Run {
            venue,
            chain,
            after: Seq::new(seq.get().saturating_sub(1)),
            previous,
            links: envelopes.iter().map(link).collect(),
            signature: envelopes.last()?.signature?,
        })
    }

    /// The same, taken out.
    pub fn into_envelopes(self) -> Vec<CheckedEnvelope> {
        self.envelopes
    }
}

impl Run {
    /// The place of its last envelope.
    pub fn last(&self) -> Seq {
        Seq::new(self.after.get().saturating_add(self.links.len() as u64))
    }

    /// About how many bytes it takes in a frame, before packing.
    pub fn size(&self) -> usize {
        let items = |link: &Link| link.items.iter().map(|i| i.bytes.len() + 12).sum::<usize>();
        200 + self.links.iter().map(|l| 16 + items(l)).sum::<usize>()
    }

    /// Checks bounds, dates and content, works out the headers, and checks the signature over the last.
    ///
    /// # Errors
    /// [`EnvelopeError`] names what is wrong.
    pub fn check(self, now: UnixMillis) -> Result<CheckedRun, EnvelopeError> {
        let (count, last) = (self.links.len(), self.last());
        if count == 0 || count > RUN_MAX || self.after.get() > u64::MAX - RUN_MAX as u64 {
            return Err(EnvelopeError::Length(count));
        }
        let Self { venue, chain, after, mut previous, links, signature } = self;
        let mut envelopes = Vec::with_capacity(count);
        let mut seq = after;
        for Link { segment, made_at, items } in links {
            seq = seq.next();
            let records = read(&items)?;
            dated(chain.day, made_at, now)?;
            let content = digest(&items);
            let header = Header { venue, chain, seq, previous, segment, made_at, content };
            previous = header.hash();
            envelopes.push(CheckedEnvelope { header, signature: None, items, records });
        }
        if let Some(end) = envelopes.last_mut() {
            verify(&chain.author, CONTEXT, &encode(&end.header), &signature).map_err(|source| {
                EnvelopeError::Signature { author: chain.author, seq: last, source }
            })?;
            end.signature = Some(signature);
        }
        Ok(CheckedRun { envelopes })
    }
}

fn read(items: &[Item]) -> Result<Vec<(RecordNumber, Record)>, EnvelopeError> {
    if items.is_empty() || items.len() > GROUP_MAX {
        return Err(EnvelopeError::Size(items.len()));
    }
    if !items.is_sorted_by(|a, b| a.number < b.number) {
        return Err(EnvelopeError::Order);
    }
    let record = |item: &Item| match Record::from_bytes(&item.bytes) {
        Ok(record) => Ok((item.number, record)),
        Err(source) => Err(EnvelopeError::Record { number: item.number, source }),
    };
    items.iter().map(record).collect()
}

fn dated(day: Day, made_at: UnixMillis, now: UnixMillis) -> Result<(), EnvelopeError> {
    if made_at > now.plus_millis(AHEAD_MAX_MILLIS) {
        return Err(EnvelopeError::Future(made_at));
    }
    let written = made_at.get().div_euclid(DAY_MILLIS);
    if day.is_civil() && (i64::from(day.get()) - written).abs() > DAY_SLACK {
        return Err(EnvelopeError::OtherDay { day, made_at });
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        id::{EntranceId, Epoch, Tag, ZoneId},
        record::{ClockTrust, Decider, PlaceTaken, Status, Visit, VisitKind},
    };

    pub(crate) const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);
    pub(crate) const TODAY: Day = Day::new(20_717);

    pub(crate) fn visit(at: i64) -> Visit {
        Visit {
            at: NOON.plus_millis(at),
            clock: ClockTrust::Trusted,
            entrance: EntranceId::new(1),
            kind: VisitKind::Entry,
            status: Status::Green,
            reason: None,
            decider: Decider::Verdict,
            tag: Tag::new([7; 16]),
            sealed: None,
            zone: ZoneId::default(),
            place: PlaceTaken::One,
            marks: Vec::new(),
            temperature: None,
        }
    }

    pub(crate) fn header(key: &SecretKey, seq: u64, previous: Hash) -> Header {
        Header {
            venue: VenueId::new(17),
            chain: ChainId { author: key.public(), epoch: Epoch::new([1; 8]), day: TODAY },
            seq: Seq::new(seq),
            previous,
            segment: Segment::new(0),
            made_at: NOON,
            content: Hash::ZERO,
        }
    }

    /// Two envelopes of two visits each, signed by the last.
    fn good() -> Run {
        let key = SecretKey::from_bytes(&[5; 32]);
        let mut links = Vec::new();
        let mut previous = Hash::ZERO;
        let mut signature = None;
        for seq in 1..=2u64 {
            let records = (0..2)
                .map(|n| (RecordNumber::new(seq * 2 + n), Record::Visit(visit(n.cast_signed()))))
                .collect();
            let written =
                CheckedEnvelope::write(header(&key, seq, previous), records, &key).unwrap();
            previous = written.header().hash();
            signature = written.signature();
            let (segment, made_at) = (written.header().segment, written.header().made_at);
            links.push(Link { segment, made_at, items: written.items().to_vec() });
        }
        let Header { venue, chain, .. } = header(&key, 1, Hash::ZERO);
        let (after, previous) = (Seq::new(0), Hash::ZERO);
        Run { venue, chain, after, previous, links, signature: signature.unwrap() }
    }

    #[test]
    fn one_signature_covers_the_run_and_every_altered_part_is_noticed() {
        let checked = good().check(NOON).unwrap();
        assert_eq!(checked.envelopes().len(), 2);
        assert!(checked.envelopes()[0].signature().is_none());
        let alter: [fn(&mut Run); 7] = [
            |r| r.after = Seq::new(1),
            |r| r.previous = Hash::new([1; 32]),
            |r| r.venue = VenueId::new(18),
            |r| r.chain.author = SecretKey::from_bytes(&[6; 32]).public(),
            |r| r.links[0].made_at = NOON.plus_millis(1),
            |r| r.links[0].items[0].bytes = Record::Visit(visit(99)).to_bytes().into(),
            |r| drop(r.links[0].items.pop()),
        ];
        for (which, alter) in alter.into_iter().enumerate() {
            let mut run = good();
            alter(&mut run);
            let refused = run.check(NOON);
            assert!(matches!(refused, Err(EnvelopeError::Signature { .. })), "part {which}");
        }
        let mut cut = good();
        cut.links.pop();
        assert!(matches!(cut.check(NOON), Err(EnvelopeError::Signature { .. })));
    }

    #[test]
    fn sizes_and_order_are_bounded() {
        let mut empty = good();
        empty.links[1].items.clear();
        assert!(matches!(empty.check(NOON), Err(EnvelopeError::Size(0))));
        let none = Run { links: Vec::new(), ..good() };
        assert!(matches!(none.check(NOON), Err(EnvelopeError::Length(0))));
        let end = Run { after: Seq::new(u64::MAX), ..good() };
        assert!(end.check(NOON).is_err());
        let mut turned = good();
        turned.links[0].items.reverse();
        assert!(matches!(turned.check(NOON), Err(EnvelopeError::Order)));
    }

    #[test]
    fn the_date_may_be_ten_minutes_ahead_and_near_its_day_and_no_more() {
        let earlier = NOON.plus_millis(-AHEAD_MAX_MILLIS);
        assert!(good().check(earlier).is_ok());
        let too_early = earlier.plus_millis(-1);
        assert!(matches!(good().check(too_early), Err(EnvelopeError::Future(_))));
        let mut elsewhere = good();
        elsewhere.chain.day = TODAY.plus(4);
        assert!(matches!(elsewhere.check(NOON), Err(EnvelopeError::OtherDay { .. })));
        let mut far = good();
        far.chain.day = Day::new(i32::MAX - 1);
        assert!(far.check(NOON).is_err());
    }
}
