//! All that a node holds, in memory and in the store: the single-threaded heart of the ledger.
//!
//! Own visits and those of others take the same way: checked envelope → document → batch → commit.
//! Nothing that a call stages counts before [`Book::commit`] has returned.

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
    const NONE: Self = Self {
        venue: VenueId::new(0),
        seq: Seq::new(0),
        hash: Hash::ZERO,
        visits: 0,
        pending: 0,
    };

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
        !matches!(
            self,
            Self::Store(_) | Self::Document(DocumentError::Automerge(_))
        )
    }
}

/// What a commit made durable.
#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// New visits, own and others'.
    pub visits: Vec<StoredVisit>,
    /// New bulletins.
    pub bulletins: Vec<Arc<Notice>>,
}

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
        book.reload()?;
        Ok(book)
    }

    /// Forgets what is staged and reads the heads anew: after a commit that failed.
    ///
    /// # Errors
    /// [`StoreError`] when the store is damaged.
    pub fn reload(&mut self) -> Result<(), StoreError> {
        self.batch = Batch::default();
        self.committed = Committed::default();
        self.recount.clear();
        self.open.clear();
        self.used.clear();
        self.heads.clear();
        self.members.clear();
        self.bulletins.clear();
        self.acknowledged.clear();
        for entry in self.store.scan::<HeaderRow>(Prefix::Header, &[]) {
            let (_, row) = entry?;
            let head = self.heads.entry(row.header.chain).or_insert(Head::NONE);
            *head = head.followed_by(&row.header, row.numbers.len());
        }
        for entry in self
            .store
            .scan::<(PublicKey, Membership)>(Prefix::Membership, &[])
        {
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
        ChainId {
            author: self.charter.key.public(),
            epoch: self.charter.epoch,
        }
    }

    /// The heads of all chains and bulletins.
    pub fn heads(&self) -> Heads {
        Heads {
            chains: self.heads.clone(),
            acknowledged: self.acknowledged.clone(),
            bulletins: self
                .bulletins
                .iter()
                .map(|(k, (n, _))| (*k, n.version))
                .collect(),
        }
    }

    /// How many bytes the store takes on disk.
    pub fn size_on_disk(&self) -> u64 {
        self.store.size_on_disk()
    }

    /// Stages own visits, one envelope for each run of one day.
    ///
    /// # Errors
    /// [`BookError`]; the caller then reloads.
    pub fn write(
        &mut self,
        mut visits: Vec<(Day, VisitNumber, Visit)>,
        venue: VenueId,
        now: UnixMillis,
    ) -> Result<(), BookError> {
        visits.sort_by_key(|(day, number, _)| (*day, *number));
        let days: BTreeSet<Day> = visits.iter().map(|(day, ..)| *day).collect();
        let own = self.own_chain();
        if !self.members.contains_key(&own.author) {
            self.keep_member(own.author, self.charter.membership.clone())?;
        }
        for day in days {
            let of_day: Vec<_> = visits
                .iter()
                .filter(|v| v.0 == day)
                .map(|(_, n, v)| (*n, v.clone()))
                .collect();
            for group in of_day.chunks(GROUP_MAX) {
                let header = self.next_header(own, venue, day, group.len(), now)?;
                let envelope = Envelope::write(header, group.to_vec(), &self.charter.key)?;
                self.append(&envelope)?;
            }
        }
        Ok(())
    }

    fn next_header(
        &mut self,
        chain: ChainId,
        venue: VenueId,
        day: Day,
        adding: usize,
        now: UnixMillis,
    ) -> Result<Header, BookError> {
        let (seq, previous) = self
            .heads
            .get(&chain)
            .map_or((Seq::new(1), Hash::ZERO), |h| (h.seq.next(), h.hash));
        let staged = self
            .open
            .keys()
            .filter(|d| d.chain == chain && d.day == day)
            .map(|d| d.segment.get())
            .max();
        let stored = self.store.last_segment(&chain, day.get());
        let mut segment = Segment::new(staged.max(stored).unwrap_or(0));
        let held = self
            .document(DocumentId {
                chain,
                day,
                segment,
            })?
            .document
            .len();
        if held + adding > SEGMENT_VISITS {
            segment = Segment::new(segment.get().saturating_add(1));
        }
        Ok(Header {
            venue,
            chain,
            seq,
            previous,
            day,
            segment,
            made_at: now,
            content: Hash::ZERO,
        })
    }

    /// Stages envelopes of others, in order. Those already held are passed over.
    ///
    /// # Errors
    /// [`BookError`] at the first that is not taken; what came before it stays staged.
    pub fn merge(
        &mut self,
        introduced: &[Membership],
        envelopes: Vec<Envelope>,
        now: UnixMillis,
    ) -> Result<(), BookError> {
        for envelope in envelopes {
            let chain = envelope.header.chain;
            let seq = envelope.header.seq;
            let head = self.head(&chain);
            let have = head.seq;
            if seq <= have {
                self.compare(&envelope)?;
                continue;
            }
            let envelope = envelope.check(now)?;
            self.admit(&envelope, introduced)?;
            if seq != have.next() {
                return Err(BookError::Gap { have, got: seq });
            }
            if envelope.header().previous != head.hash {
                return Err(BookError::Forked {
                    author: chain.author,
                    seq: have,
                });
            }
            self.append(&envelope)?;
        }
        Ok(())
    }

    /// An envelope at a known place must be the known one, else its author signed two.
    fn compare(&self, offered: &Envelope) -> Result<(), BookError> {
        let header = &offered.header;
        let known: Option<HeaderRow> = self
            .store
            .get(Prefix::Header, &header_key(&header.chain, header.seq))?;
        match known {
            Some(row) if row.header.hash() != header.hash() => Err(BookError::Forked {
                author: header.chain.author,
                seq: header.seq,
            }),
            _ => Ok(()),
        }
    }

    /// Checks that the author belongs where it says, as of when it wrote.
    fn admit(
        &mut self,
        envelope: &CheckedEnvelope,
        introduced: &[Membership],
    ) -> Result<(), BookError> {
        let header = envelope.header();
        let author = header.chain.author;
        let check = |m: &Membership, c: &Charter| m.check(&c.roots, &author, header.made_at);
        let known = self.members.get(&author).map(|m| check(m, &self.charter));
        let member = match known {
            Some(Ok(member)) => member,
            _ => {
                let (found, member) = introduced
                    .iter()
                    .find_map(|m| {
                        check(m, &self.charter)
                            .ok()
                            .map(|member| (m.clone(), member))
                    })
                    .ok_or(BookError::Stranger(author))?;
                self.keep_member(author, found)?;
                member
            }
        };
        let fits = match self.charter.keeps {
            Keeps::Venue(own) => member.venue() == Some(own) && header.venue == own,
            Keeps::Region => {
                member.region() == self.charter.region && member.venue() == Some(header.venue)
            }
        };
        if fits {
            Ok(())
        } else {
            Err(BookError::OtherVenue)
        }
    }

    fn keep_member(&mut self, node: PublicKey, membership: Membership) -> Result<(), StoreError> {
        self.batch.put(
            Prefix::Membership,
            node.as_bytes(),
            &(node, membership.clone()),
        )?;
        self.members.insert(node, membership);
        Ok(())
    }

    fn append(&mut self, envelope: &CheckedEnvelope) -> Result<(), BookError> {
        let header = envelope.header().clone();
        let id = DocumentId {
            chain: header.chain,
            day: header.day,
            segment: header.segment,
        };
        let open = self.document(id)?;
        if open.document.len() + envelope.visits().len() > SEGMENT_VISITS + GROUP_MAX {
            return Err(EnvelopeError::Size(open.document.len()).into());
        }
        let chunk = open.document.append(envelope)?;
        let next_chunk = open.next_chunk;
        let next = self.batch.put_chunk(&id, next_chunk, &chunk);
        if let Some(open) = self.open.get_mut(&id) {
            open.next_chunk = next;
        }
        let row = HeaderRow {
            signature: envelope.envelope().signature,
            numbers: envelope.visits().iter().map(|(n, _)| *n).collect(),
            header: header.clone(),
        };
        self.batch
            .put(Prefix::Header, &header_key(&header.chain, header.seq), &row)?;
        let head = self
            .head(&header.chain)
            .followed_by(&header, envelope.visits().len());
        self.heads.insert(header.chain, head);
        self.committed
            .visits
            .extend(envelope.visits().iter().map(|(number, visit)| StoredVisit {
                id: VisitId {
                    chain: header.chain,
                    number: *number,
                },
                day: header.day,
                visit: visit.clone(),
            }));
        Ok(())
    }

    /// The document, from memory or from the store; the longest unused is closed when too many are open.
    fn document(&mut self, id: DocumentId) -> Result<&mut Open, BookError> {
        self.used.retain(|used| *used != id);
        if self.used.len() >= OPEN_MAX
            && let Some(oldest) = self.used.pop_front()
        {
            self.close(oldest);
        }
        self.used.push_back(id);
        match self.open.entry(id) {
            Entry::Occupied(open) => Ok(open.into_mut()),
            Entry::Vacant(place) => {
                let (chunks, next_chunk) = self.store.chunks(&id)?;
                let document = match next_chunk {
                    0 => VisitDocument::new(&id),
                    _ => VisitDocument::load(&id, &chunks)?,
                };
                Ok(place.insert(Open {
                    document,
                    next_chunk,
                }))
            }
        }
    }

    /// Closing a document with staged changes would lose them from memory: it stays then.
    fn close(&mut self, id: DocumentId) {
        if self.committed.visits.is_empty() {
            self.open.remove(&id);
        } else {
            self.used.push_back(id);
        }
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
        if self
            .bulletins
            .get(&notice.kind)
            .is_some_and(|(held, _)| held.version >= notice.version)
        {
            return Ok(false);
        }
        let notice = Arc::new(notice);
        self.batch
            .put(Prefix::Bulletin, &[notice.kind as u8], &bulletin)?;
        self.committed.bulletins.push(Arc::clone(&notice));
        self.bulletins.insert(notice.kind, (notice, bulletin));
        Ok(true)
    }

    /// The bulletins held, opened.
    pub fn notices(&self) -> Vec<Arc<Notice>> {
        self.bulletins
            .values()
            .map(|(n, _)| Arc::clone(n))
            .collect()
    }

    /// The bulletins held whose kinds are asked for, as they are passed on.
    pub fn bulletins(&self, kinds: &[BulletinKind]) -> Vec<Bulletin> {
        kinds
            .iter()
            .filter_map(|k| self.bulletins.get(k))
            .map(|(_, b)| b.clone())
            .collect()
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
            self.batch
                .put(Prefix::Acknowledged, &chain_key(&chain), &(chain, seq))?;
            self.recount.insert(chain);
        }
        Ok(())
    }

    /// Counts the stored visits after `seq` anew.
    fn count_pending(&mut self, chain: ChainId, seq: Seq) -> Result<(), StoreError> {
        let (from, until) = (
            header_key(&chain, seq.next()),
            header_key(&chain, Seq::new(u64::MAX)),
        );
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
    pub fn keep_rows(&mut self, rows: &[(Vec<u8>, Vec<u8>)]) -> Result<(), StoreError> {
        for (row_key, value) in rows {
            self.batch.put(
                Prefix::Row,
                row_key,
                &minicbor::bytes::ByteVec::from(value.clone()),
            )?;
        }
        Ok(())
    }

    /// Rows between two keys, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn rows(
        &self,
        from: &[u8],
        until: &[u8],
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        self.store
            .range::<minicbor::bytes::ByteVec>(Prefix::Row, from, until)
            .take(limit)
            .map(|entry| entry.map(|(k, v)| (k, v.to_vec())))
            .collect()
    }

    /// Makes all that is staged durable, at the cost of one fsync.
    ///
    /// # Errors
    /// [`StoreError`]; the caller then reloads.
    pub fn commit(&mut self) -> Result<Committed, StoreError> {
        self.store.commit(std::mem::take(&mut self.batch))?;
        for chain in std::mem::take(&mut self.recount) {
            let seq = self.acknowledged.get(&chain).copied().unwrap_or_default();
            self.count_pending(chain, seq)?;
        }
        Ok(std::mem::take(&mut self.committed))
    }

    /// The envelopes of a chain after a place, whole, up to about `max_bytes` (at least one).
    ///
    /// # Errors
    /// [`BookError`] when the store is damaged.
    pub fn envelopes(
        &mut self,
        chain: ChainId,
        after: Seq,
        max_bytes: usize,
    ) -> Result<Vec<Envelope>, BookError> {
        let mut envelopes = Vec::new();
        let mut bytes = 0;
        let head = self.head(&chain).seq;
        let mut seq = after.next();
        while seq <= head && (bytes < max_bytes || envelopes.is_empty()) {
            let Some(row) = self
                .store
                .get::<HeaderRow>(Prefix::Header, &header_key(&chain, seq))?
            else {
                break;
            };
            let envelope = self.assemble(row)?;
            bytes += 300
                + envelope
                    .items
                    .iter()
                    .map(|i| i.bytes.len() + 12)
                    .sum::<usize>();
            envelopes.push(envelope);
            seq = seq.next();
        }
        Ok(envelopes)
    }

    fn assemble(&mut self, row: HeaderRow) -> Result<Envelope, BookError> {
        let HeaderRow {
            header,
            signature,
            numbers,
        } = row;
        let id = DocumentId {
            chain: header.chain,
            day: header.day,
            segment: header.segment,
        };
        let document = &self.document(id)?.document;
        let items = numbers
            .into_iter()
            .map(|n| document.item(n))
            .collect::<Result<_, _>>()?;
        Ok(Envelope {
            header,
            signature,
            items,
        })
    }

    /// The visits of a chain after a place, with the place they reach: about `limit` visits.
    ///
    /// # Errors
    /// [`BookError`] when the store is damaged.
    pub fn visits(
        &mut self,
        chain: ChainId,
        after: Seq,
        limit: usize,
    ) -> Result<(Vec<StoredVisit>, Seq), BookError> {
        let mut visits = Vec::new();
        let mut reached = after;
        let head = self.head(&chain).seq;
        while reached < head && visits.len() < limit {
            let key = header_key(&chain, reached.next());
            let Some(row) = self.store.get::<HeaderRow>(Prefix::Header, &key)? else {
                break;
            };
            let day = row.header.day;
            for item in self.assemble(row)?.items {
                let visit =
                    Visit::from_bytes(&item.bytes).map_err(|source| EnvelopeError::Visit {
                        number: item.number,
                        source,
                    })?;
                visits.push(StoredVisit {
                    id: VisitId {
                        chain,
                        number: item.number,
                    },
                    day,
                    visit,
                });
            }
            reached = reached.next();
        }
        Ok((visits, reached))
    }

    /// An author's membership, for introducing it to a peer.
    pub fn membership(&self, author: &PublicKey) -> Option<&Membership> {
        self.members.get(author)
    }

    /// Everybody who was introduced, as they stood when their membership began to hold.
    pub fn members(&self, now: UnixMillis) -> Vec<(PublicKey, Option<Member>)> {
        self.members
            .iter()
            .map(|(node, m)| (*node, m.check(&self.charter.roots, node, now).ok()))
            .collect()
    }

    /// automerge's heads of one document: for comparing two nodes.
    ///
    /// # Errors
    /// [`BookError`] when the store is damaged.
    pub fn document_heads(&mut self, id: DocumentId) -> Result<Vec<[u8; 32]>, BookError> {
        Ok(self.document(id)?.document.heads())
    }
}

/// The region that a place belongs to, for charters made from a checked membership.
pub fn keeps_of(place: &Place) -> Keeps {
    match place {
        Place::Door { venue, .. } => Keeps::Venue(venue.venue),
        Place::Authority(_) => Keeps::Region,
    }
}
