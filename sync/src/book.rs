//! All that a node holds, in memory and in the store: the single-threaded heart of the ledger.
//!
//! Own visits and those of others take the same way: checked envelope → document → batch → commit.
//! Nothing that a call stages counts before [`Book::commit`] has returned.

mod intake;
mod reading;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque, btree_map::Entry},
    sync::Arc,
};

use minicbor::{Decode, Encode};

use crate::{
    bulletin::{Bulletin, BulletinError, BulletinKind, Notice},
    document::{DocumentError, DocumentId, SEGMENT_VISITS, VisitDocument},
    envelope::{CheckedEnvelope, Envelope, EnvelopeError, GROUP_MAX, Header},
    id::{
        ChainId, Epoch, Hash, PublicKey, RegionId, Segment, Seq, SignatureBytes, VenueId, VisitId,
        VisitNumber,
    },
    key::SecretKey,
    membership::{Member, Membership, MembershipError, Place},
    record::{StoredVisit, Visit},
    store::{Batch, Prefix, Store, StoreError, chain_key, header_key},
    time::{Day, UnixMillis},
};

/// Documents kept open at once; others are loaded when asked for.
const OPEN_MAX: usize = 64;

/// Whose visits a node keeps.
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
    /// The region's root keys.
    pub roots: Vec<PublicKey>,
    /// How many roots must sign a bulletin.
    pub roots_needed: usize,
    /// Whose visits it keeps.
    pub keeps: Keeps,
    /// This start.
    pub epoch: Epoch,
}

/// The last that is known of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The venue in whose name it is written.
    pub venue: VenueId,
    /// Its last place.
    pub seq: Seq,
    /// The hash of its last header.
    pub hash: Hash,
    /// How many visits it has.
    pub visits: u64,
    /// How many of them the authority has not yet acknowledged.
    pub pending: u64,
}

impl Head {
    const NONE: Self =
        Self { venue: VenueId::new(0), seq: Seq::new(0), hash: Hash::ZERO, visits: 0, pending: 0 };

    fn followed_by(self, header: &Header, visits: usize) -> Self {
        let added = visits as u64;
        Self {
            venue: header.venue,
            seq: header.seq,
            hash: header.hash(),
            visits: self.visits + added,
            pending: self.pending + added,
        }
    }
}

/// A header at rest: its visits lie in the document.
#[derive(Debug, Encode, Decode)]
struct HeaderRow {
    #[n(0)]
    header: Header,
    #[n(1)]
    signature: SignatureBytes,
    #[n(2)]
    numbers: Vec<VisitNumber>,
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
    /// Another envelope stands at its place: its author signed two histories.
    #[error("author {author} signed two different envelopes {seq}")]
    Forked {
        /// The author.
        author: PublicKey,
        /// The place.
        seq: Seq,
    },
    /// The bulletin itself.
    #[error(transparent)]
    Bulletin(#[from] BulletinError),
    /// The bulletin is another region's.
    #[error("bulletin is for region {0}")]
    OtherRegion(RegionId),
}

impl BookError {
    /// Whether the sender is to blame (its session ends) or this node (which must not go on).
    pub fn is_senders(&self) -> bool {
        !matches!(self, Self::Store(_) | Self::Document(DocumentError::Automerge(_)))
    }
}

/// What a commit made durable.
#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// New visits, own and others'.
    pub visits: Vec<StoredVisit>,
    /// New bulletins.
    pub bulletins: Vec<Arc<Notice>>,
    /// The store was opened again after a failure: what listeners hold must be read anew.
    pub anew: bool,
}

/// A key and a value of an index that belongs to what the node decides.
pub type Row = (Vec<u8>, Vec<u8>);

/// What is known of everyone's chains, for sessions and screens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heads {
    /// The last of each chain.
    pub chains: BTreeMap<ChainId, Head>,
    /// What the authority has said it holds of each chain.
    pub acknowledged: BTreeMap<ChainId, Seq>,
    /// The version of each bulletin.
    pub bulletins: BTreeMap<BulletinKind, u64>,
}

/// All that a node holds.
#[derive(Debug)]
pub struct Book {
    store: Store,
    charter: Charter,
    heads: BTreeMap<ChainId, Head>,
    members: BTreeMap<PublicKey, Membership>,
    bulletins: BTreeMap<BulletinKind, (Arc<Notice>, Bulletin)>,
    acknowledged: BTreeMap<ChainId, Seq>,
    open: BTreeMap<DocumentId, Open>,
    used: VecDeque<DocumentId>,
    batch: Batch,
    committed: Committed,
    recount: BTreeSet<ChainId>,
}

#[derive(Debug)]
struct Open {
    document: VisitDocument,
    next_chunk: u64,
}

impl Book {
    /// Reads the heads of everything that the store holds.
    ///
    /// # Errors
    /// [`StoreError`] when the store is damaged.
    pub fn open(store: Store, charter: Charter) -> Result<Self, StoreError> {
        let mut book = Self {
            store,
            heads: BTreeMap::new(),
            members: BTreeMap::new(),
            bulletins: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            open: BTreeMap::new(),
            used: VecDeque::new(),
            batch: Batch::default(),
            committed: Committed::default(),
            recount: BTreeSet::new(),
            charter,
        };
        book.read_heads()?;
        Ok(book)
    }

    fn read_heads(&mut self) -> Result<(), StoreError> {
        for entry in self.store.scan::<HeaderRow>(Prefix::Header, &[]) {
            let (_, row) = entry?;
            let head = self.heads.entry(row.header.chain).or_insert(Head::NONE);
            *head = head.followed_by(&row.header, row.numbers.len());
        }
        for entry in self.store.scan::<(PublicKey, Membership)>(Prefix::Membership, &[]) {
            let (_, (node, membership)) = entry?;
            self.members.insert(node, membership);
        }
        for entry in self.store.scan::<Bulletin>(Prefix::Bulletin, &[]) {
            let (_, bulletin) = entry?;
            // A root that was taken from the config since no longer speaks for the region.
            if let Ok(n) = bulletin.open(&self.charter.roots, self.charter.roots_needed) {
                self.bulletins.insert(n.kind, (Arc::new(n), bulletin));
            }
        }
        for entry in self.store.scan::<(ChainId, Seq)>(Prefix::Acknowledged, &[]) {
            let (_, (chain, seq)) = entry?;
            self.acknowledged.insert(chain, seq);
        }
        for (chain, seq) in self.acknowledged.clone() {
            self.count_pending(chain, seq)?;
        }
        Ok(())
    }

    /// What the node is and trusts.
    pub fn charter(&self) -> &Charter {
        &self.charter
    }

    /// This start's own chain.
    pub fn own_chain(&self) -> ChainId {
        ChainId { author: self.charter.key.public(), epoch: self.charter.epoch }
    }

    /// The heads of all chains and bulletins.
    pub fn heads(&self) -> Heads {
        Heads {
            chains: self.heads.clone(),
            acknowledged: self.acknowledged.clone(),
            bulletins: self.bulletins.iter().map(|(k, (n, _))| (*k, n.version)).collect(),
        }
    }

    /// How many bytes the store takes on disk.
    pub fn size_on_disk(&self) -> u64 {
        self.store.size_on_disk()
    }

    /// Stages a bulletin if it is higher than the one held; `false` when it is not.
    ///
    /// # Errors
    /// [`BookError`] when it is not this region's or not properly signed.
    pub fn keep_bulletin(&mut self, bulletin: Bulletin) -> Result<bool, BookError> {
        let notice = bulletin.open(&self.charter.roots, self.charter.roots_needed)?;
        if notice.region != self.charter.region {
            return Err(BookError::OtherRegion(notice.region));
        }
        if self.bulletins.get(&notice.kind).is_some_and(|(held, _)| held.version >= notice.version)
        {
            return Ok(false);
        }
        let notice = Arc::new(notice);
        self.batch.put(Prefix::Bulletin, &[notice.kind as u8], &bulletin)?;
        self.committed.bulletins.push(Arc::clone(&notice));
        self.bulletins.insert(notice.kind, (notice, bulletin));
        Ok(true)
    }

    /// Stages the authority's word that it holds a chain up to a place. It never goes back.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn acknowledge(&mut self, chain: ChainId, seq: Seq) -> Result<(), StoreError> {
        let known = self.head(&chain).seq;
        let seq = seq.min(known);
        if self.acknowledged.get(&chain).is_none_or(|held| *held < seq) && seq > Seq::new(0) {
            self.acknowledged.insert(chain, seq);
            self.batch.put(Prefix::Acknowledged, &chain_key(&chain), &(chain, seq))?;
            self.recount.insert(chain);
        }
        Ok(())
    }

    /// Counts the stored visits after `seq` anew.
    fn count_pending(&mut self, chain: ChainId, seq: Seq) -> Result<(), StoreError> {
        let (from, until) =
            (header_key(&chain, seq.next()), header_key(&chain, Seq::new(u64::MAX)));
        let mut pending = 0;
        for entry in self.store.range::<HeaderRow>(Prefix::Header, &from, &until) {
            pending += entry?.1.numbers.len() as u64;
        }
        if let Some(head) = self.heads.get_mut(&chain) {
            head.pending = pending;
        }
        Ok(())
    }

    fn head(&self, chain: &ChainId) -> Head {
        self.heads.get(chain).copied().unwrap_or(Head::NONE)
    }

    /// Stages rows of an index that belongs to what the node decides.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn keep_rows(&mut self, rows: &[Row]) -> Result<(), StoreError> {
        for (row_key, value) in rows {
            self.batch.put(Prefix::Row, row_key, &minicbor::bytes::ByteVec::from(value.clone()))?;
        }
        Ok(())
    }

    /// Makes all that is staged durable, at the cost of one fsync.
    ///
    /// # Errors
    /// [`StoreError`]; this book is then no longer what the disk has, and must be dropped.
    pub fn commit(&mut self) -> Result<Committed, StoreError> {
        self.store.commit(std::mem::take(&mut self.batch))?;
        for chain in std::mem::take(&mut self.recount) {
            let seq = self.acknowledged.get(&chain).copied().unwrap_or_default();
            self.count_pending(chain, seq)?;
        }
        Ok(std::mem::take(&mut self.committed))
    }
}

/// The region that a place belongs to, for charters made from a checked membership.
pub fn keeps_of(place: &Place) -> Keeps {
    match place {
        Place::Door { venue, .. } => Keeps::Venue(venue.venue),
        Place::Authority(_) => Keeps::Region,
    }
}
