//! All that a node holds, in memory and in the store: the single-threaded heart of the ledger.
//!
//! Own records and those of others take the same way: checked envelope → document → batch → commit.
//! Nothing that a call stages counts before [`Book::commit`] has returned.

mod ending;
mod evidence;
mod heads;
mod intake;
mod opening;
mod papers;
mod quota;
mod reading;
mod standing;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque, btree_map::Entry},
    sync::Arc,
};

use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

pub use ending::{Leaving, Purged};
pub use evidence::Evidence;
pub use heads::{Head, Heads, VenueHeads};
use papers::Papers;
pub use quota::{
    AUTHOR_BYTES_MAX, AUTHOR_BYTES_MAX_AT_AUTHORITY, AUTHOR_CHAINS_MAX, AUTHOR_RECORDS_MAX,
    ENVELOPE_COST, ENVELOPE_LEAST, RECORD_COST, STANDING_CHAINS_MAX,
};

use crate::{
    bulletin::{Bulletin, BulletinError, BulletinKind, Notice},
    document::{DocumentError, DocumentId, RecordDocument},
    envelope::{
        CheckedEnvelope, CheckedRun, EnvelopeError, GROUP_MAX, Header, Item, Link, RUN_MAX, Run,
    },
    erasure::{Limit, Retention},
    id::{
        ChainId, Epoch, Hash, PublicKey, RecordId, RecordNumber, RegionId, Segment, Seq,
        SignatureBytes, VenueId,
    },
    key::{SecretKey, Signed},
    membership::{Member, Membership, MembershipError, Place, VenueGrant},
    order::{
        HITS_ORDERS_MAX, Matter, ORDERS_MAX, Order, OrderError, REMOVALS_ROOM, RemovalCause,
        SignedOrder, Signer, Slot,
    },
    record::{Gap, Receipt, Record, StoredRecord},
    roots::Roots,
    store::{Batch, Prefix, Remains, Store, StoreError, chain_key, header_key},
    tag::TagKey,
    time::{Day, UnixMillis},
    vault::{Believed, Lot},
};

/// Documents kept open at once; others are loaded when asked for.
const OPEN_MAX: usize = 8;
/// Of the records of open documents so many bytes are kept at once, and the document that is asked for: eight full ones
/// of honest doors fit, and somebody's longest records do not take all the memory.
const OPEN_BYTES_MAX: usize = 2 << 20;
/// So many envelopes of a chain are read one by one at most when the store is opened.
const CHECKPOINT_EVERY: u64 = 16;

/// Whose records a node keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// A door: its own venue's.
    Venue(VenueId),
    /// The authority: its whole region's.
    Region,
}

/// What a node is and trusts: given at the start, never changed.
#[derive(Clone, Debug)]
pub struct Charter {
    /// The node's own key.
    pub key: SecretKey,
    /// Its own membership, as shown to peers.
    pub membership: Membership,
    /// The region.
    pub region: RegionId,
    /// The region's root keys, and how many of them must sign a bulletin; a trust list takes two wherever there are two.
    pub roots: Roots,
    /// Whose records it keeps.
    pub keeps: Keeps,
    /// This start.
    pub epoch: Epoch,
}

impl Charter {
    /// The venue, where this is a door.
    pub fn venue(&self) -> Option<VenueId> {
        match self.keeps {
            Keeps::Venue(venue) => Some(venue),
            Keeps::Region => None,
        }
    }

    /// How many roots must have signed a bulletin of this kind. Whoever may say which keys sign credentials can make
    /// any credential: that is never left to one of several.
    pub fn signatures_needed(&self, kind: BulletinKind) -> usize {
        let roots = self.roots.set();
        let needed = usize::from(roots.needed);
        match kind {
            BulletinKind::Trust => needed.max(roots.keys.len().min(2)),
            BulletinKind::Policy
            | BulletinKind::TracingKeys
            | BulletinKind::Revocations
            | BulletinKind::Beacon
            | BulletinKind::Standing
            | BulletinKind::Announcements
            | BulletinKind::Roots => needed,
        }
    }

    /// The notice of a bulletin, if enough of the region's roots signed it.
    ///
    /// # Errors
    /// [`BulletinError`].
    pub fn open(&self, bulletin: &Bulletin) -> Result<Notice, BulletinError> {
        // Whoever knows an earlier set only must walk from that to this one.
        if bulletin.unverified()?.kind == BulletinKind::Roots {
            return self.roots.open(bulletin);
        }
        let roots = self.roots.set();
        let notice = bulletin.open(&roots.keys, usize::from(roots.needed))?;
        match self.signatures_needed(notice.kind) {
            more if more > usize::from(roots.needed) => bulletin.open(&roots.keys, more),
            _ => Ok(notice),
        }
    }

    /// This start's chain of a day.
    pub fn chain(&self, day: Day) -> ChainId {
        ChainId { author: self.key.public(), epoch: self.epoch, day }
    }
}

/// A header at rest: its records lie in the document.
#[derive(Debug, Encode, Decode)]
struct HeaderRow {
    #[n(0)]
    header: Header,
    /// Absent where a later one covers it.
    #[n(1)]
    signature: Option<SignatureBytes>,
    #[n(2)]
    numbers: Vec<RecordNumber>,
    /// How many of the records are visits.
    #[n(3)]
    visits: u64,
    /// What it counts for in its author's quota, bytes.
    #[n(4)]
    cost: u64,
}

/// Why something was not taken into the book.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BookError {
    /// The disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// automerge.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The envelope itself.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Its author does not belong.
    #[error("author of an envelope does not belong")]
    Membership(#[from] MembershipError),
    /// Its author was never introduced.
    #[error("author {0} of an envelope was not introduced")]
    Stranger(PublicKey),
    /// Its author was removed before it was written.
    #[error("author {0} of an envelope was removed from the venue")]
    Removed(PublicKey),
    /// Its author belongs to another venue.
    #[error("envelope is of another venue")]
    OtherVenue,
    /// It does not follow what is known: something between is missing.
    #[error("envelope {got} does not follow {have}")]
    Gap {
        /// The last known place.
        have: Seq,
        /// The offered place.
        got: Seq,
    },
    /// It goes into another segment than it must: the last, or the next one when that has no room.
    #[error("envelope goes into segment {got}, which is not what follows from {last}")]
    Segment {
        /// The segment that the chain has come to.
        last: Segment,
        /// The one that it names.
        got: Segment,
    },
    /// Another envelope stands at its place: its author signed two histories. Both are kept as evidence.
    #[error("author {author} signed two different histories up to {seq}")]
    Forked {
        /// The author.
        author: PublicKey,
        /// The place.
        seq: Seq,
    },
    /// Its author has written more than a door can, on one day or on all days that are kept.
    #[error("author {0} is over the limit of what is kept of one door")]
    Quota(PublicKey),
    /// Of a day that is no longer kept here: past its retention, or destroyed already. Own records are refused when the
    /// clock has gone back behind what was destroyed, or was far ahead when it was.
    #[error("nothing of day {0} is kept here any more")]
    TooOld(Day),
    /// The bulletin itself.
    #[error(transparent)]
    Bulletin(#[from] BulletinError),
    /// The bulletin is another region's.
    #[error("bulletin is for region {0}")]
    OtherRegion(RegionId),
    /// The order itself.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// More orders than a venue can need.
    #[error("venue {0} has too many orders")]
    Orders(VenueId),
    /// A receipt that no authority's node signed.
    #[error("receipt is not signed by a node of the authority")]
    Receipt,
}

impl BookError {
    /// Whether the sender is to blame (its session ends) or this node (which must not go on).
    pub fn is_senders(&self) -> bool {
        !matches!(self, Self::Store(_) | Self::Document(DocumentError::Automerge(_)))
    }

    /// Whether the fault lies in what an author wrote or who the author is, rather than in how it was brought: who
    /// forwards it for another is not to blame.
    pub fn is_authors(&self) -> bool {
        match self {
            Self::Gap { .. }
            | Self::Segment { .. }
            | Self::Forked { .. }
            | Self::Membership(_)
            | Self::Stranger(_)
            | Self::Removed(_)
            | Self::OtherVenue
            | Self::Quota(_)
            | Self::TooOld(_)
            | Self::Document(DocumentError::Repeated(_)) => true,
            Self::Envelope(e) => matches!(
                e,
                EnvelopeError::Future(_)
                    | EnvelopeError::Record { .. }
                    | EnvelopeError::OtherDay { .. }
            ),
            _ => false,
        }
    }
}

/// What a commit made durable.
#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// New records, own and others'.
    pub records: Vec<StoredRecord>,
    /// New bulletins.
    pub bulletins: Vec<Arc<Notice>>,
    /// New orders.
    pub orders: Vec<Arc<Order>>,
    /// Chains whose authors were found to have signed two histories.
    pub forked: Vec<ChainId>,
    /// The store was opened again after a failure, or days were destroyed: what listeners hold must be read anew.
    pub anew: bool,
}

impl Committed {
    pub(crate) fn is_news(&self) -> bool {
        self.anew
            || !self.records.is_empty()
            || !self.bulletins.is_empty()
            || !self.orders.is_empty()
            || !self.forked.is_empty()
    }
}

/// A key and a value, as they lie in an index.
pub type Pair = (Vec<u8>, Vec<u8>);

/// A row of an index that belongs to what the node decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// Kept for good, key and value in clear: nothing of a person.
    Lasting {
        /// Where it stands.
        key: Vec<u8>,
        /// What it says.
        value: Vec<u8>,
    },
    /// A row that was to last goes: out of the index, though not out of the disk's old bytes.
    Gone {
        /// Where it stood.
        key: Vec<u8>,
    },
    /// Goes with a chain's lot, and can be read by nobody then: neither what it says nor whose it is.
    OfChain {
        /// The chain that it was made from.
        chain: ChainId,
        /// By what it is looked up.
        whose: Vec<u8>,
        /// Which of several it is; a second one of the same name replaces the first.
        which: Vec<u8>,
        /// What it says.
        value: Vec<u8>,
    },
}

/// All that a node holds.
#[derive(Debug)]
pub struct Book {
    store: Store,
    charter: Charter,
    heads: Heads,
    homes: BTreeMap<ChainId, VenueId>,
    members: BTreeMap<PublicKey, Papers>,
    grants: BTreeMap<VenueId, VenueGrant>,
    bulletins: BTreeMap<BulletinKind, (Arc<Notice>, Bulletin)>,
    orders: BTreeMap<(VenueId, Slot), (Arc<Order>, SignedOrder)>,
    receipts: BTreeMap<ChainId, Signed<Receipt>>,
    open: BTreeMap<DocumentId, Open>,
    used: VecDeque<DocumentId>,
    batch: Batch,
    committed: Committed,
    recount: BTreeSet<ChainId>,
    /// Chains that have grown since the last commit.
    grown: BTreeSet<ChainId>,
    /// Up to where each chain's last checkpoint goes.
    checkpoints: BTreeMap<ChainId, Seq>,
    limit: Option<Limit>,
    /// How far what the authority holds is safe beyond this node, where that is what its receipts say.
    secured: Option<BTreeMap<ChainId, Seq>>,
    /// The day that was believed when days were given up last, in this run.
    today: Option<Day>,
    undated: BTreeMap<Lot, ending::Undated>,
    remains: Vec<Remains>,
}

#[derive(Debug)]
struct Open {
    document: RecordDocument,
    next_chunk: u64,
}

impl Book {
    /// What the node is and trusts.
    pub fn charter(&self) -> &Charter {
        &self.charter
    }

    /// What is known of everyone's chains.
    pub fn heads(&self) -> &Heads {
        &self.heads
    }

    /// How many bytes the store takes on disk.
    pub fn size_on_disk(&self) -> u64 {
        self.store.size_on_disk()
    }

    fn head(&self, chain: &ChainId) -> Head {
        let venue = self.homes.get(chain);
        venue.and_then(|v| self.heads.head(*v, chain)).copied().unwrap_or(Head::NONE)
    }

    fn set_head(&mut self, chain: ChainId, mut head: Head) {
        if self.charter.keeps == Keeps::Region {
            // What the authority holds, the authority holds; where its nodes share a store, once it is there.
            let safe = self.secured.as_ref().map(|s| s.get(&chain).copied().unwrap_or_default());
            (head.acknowledged, head.pending) = (safe.map_or(head.seq, |s| s.min(head.seq)), 0);
        }
        self.homes.insert(chain, head.venue);
        Arc::make_mut(self.heads.venues.entry(head.venue).or_default()).set(chain, head);
    }

    /// Stages rows of an index that belongs to what the node decides.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn keep_rows(&mut self, rows: &[Row]) -> Result<(), StoreError> {
        let (store, batch) = (&mut self.store, &mut self.batch);
        rows.iter().try_for_each(|row| match row {
            Row::Lasting { key, value } => {
                store.put(batch, Prefix::Row, key, &minicbor::bytes::ByteVec::from(value.clone()))
            }
            Row::Gone { key } => {
                store.remove(batch, Prefix::Row, key);
                Ok(())
            }
            Row::OfChain { chain, whose, which, value } => {
                store.put_lot_row(batch, Lot::of(chain), (whose, which), value)
            }
        })
    }

    /// Makes all that is staged durable, at the cost of one fsync.
    ///
    /// # Errors
    /// [`StoreError`]; this book is then no longer what the disk has, and must be dropped.
    pub fn commit(&mut self) -> Result<Committed, StoreError> {
        self.checkpoint()?;
        self.store.commit(std::mem::take(&mut self.batch))?;
        for chain in std::mem::take(&mut self.recount) {
            self.count_pending(chain)?;
        }
        Ok(std::mem::take(&mut self.committed))
    }

    /// Stages what the chains that have grown came to: the first time, and then now and then.
    fn checkpoint(&mut self) -> Result<(), StoreError> {
        for chain in std::mem::take(&mut self.grown) {
            let head = self.head(&chain);
            let last = self.checkpoints.get(&chain).map(|seq| seq.get());
            if last.is_none_or(|last| head.seq.get() >= last + CHECKPOINT_EVERY) {
                self.store.put(&mut self.batch, Prefix::Checkpoint, &chain_key(&chain), &head)?;
                self.checkpoints.insert(chain, head.seq);
            }
        }
        Ok(())
    }
}

/// The region that a place belongs to, for charters made from a checked membership.
pub fn keeps_of(place: &Place) -> Keeps {
    match place {
        Place::Door { venue, .. } => Keeps::Venue(venue.venue),
        Place::Authority(_) => Keeps::Region,
    }
}
