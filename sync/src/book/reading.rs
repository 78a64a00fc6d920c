//! What is read back: runs for peers, records and rows for the node, members, bulletins, orders.

use super::*;
use crate::vault::DayKey;

impl Book {
    /// The bulletins held, opened.
    pub fn notices(&self) -> Vec<Arc<Notice>> {
        self.bulletins.values().map(|(n, _)| Arc::clone(n)).collect()
    }

    /// The bulletins held whose kinds are asked for, as they are passed on.
    pub fn bulletins(&self, kinds: &[BulletinKind]) -> Vec<Bulletin> {
        kinds.iter().filter_map(|k| self.bulletins.get(k)).map(|(_, b)| b.clone()).collect()
    }

    /// A venue's orders, opened.
    pub fn orders(&self, venue: VenueId) -> Vec<Arc<Order>> {
        let of_venue = self.orders.iter().filter(|((v, _), _)| *v == venue);
        of_venue.map(|(_, (order, _))| Arc::clone(order)).collect()
    }

    /// The orders in these slots, as they are passed on.
    pub fn signed_orders(&self, venue: VenueId, slots: &[Slot]) -> Vec<SignedOrder> {
        slots.iter().filter_map(|s| self.orders.get(&(venue, *s))).map(|(_, o)| o.clone()).collect()
    }

    /// The latest time at which the authority has said that it holds something, of the receipts held: each was checked
    /// when it was taken.
    pub fn countersigned_at(&self) -> Option<UnixMillis> {
        self.receipts.values().filter_map(Signed::claims).map(|receipt| receipt.at).max()
    }

    /// The receipts for these chains, with the papers of who signed them: at the authority signed now, at a door as
    /// they came.
    pub fn receipts(
        &self,
        chains: &[ChainId],
        now: UnixMillis,
    ) -> (Vec<Membership>, Vec<Signed<Receipt>>) {
        let receipts: Vec<_> = chains.iter().filter_map(|c| self.receipt(c, now)).collect();
        let by: BTreeSet<_> = receipts.iter().filter_map(Signed::claims).map(|r| r.by).collect();
        let papers = by.iter().filter_map(|k| self.members.get(k)?.nearest(now));
        (papers.cloned().collect(), receipts)
    }

    /// What the authority has said of these chains, as far as it has come here.
    pub fn said(&self, chains: &[ChainId]) -> Vec<Receipt> {
        chains.iter().filter_map(|c| self.receipts.get(c)?.claims()).collect()
    }

    fn receipt(&self, chain: &ChainId, now: UnixMillis) -> Option<Signed<Receipt>> {
        let seq = self.head(chain).acknowledged;
        match self.charter.keeps {
            Keeps::Venue(_) => self.receipts.get(chain).cloned(),
            Keeps::Region if seq > Seq::default() => {
                let venue = self.homes.get(chain).and_then(|venue| self.heads.venues.get(venue));
                let asked = venue.map(|venue| venue.asked).filter(|asked| *asked > 0);
                let by = self.charter.key.public();
                let said = Receipt { chain: *chain, seq, at: now, by, asked };
                Some(Signed::seal(&said, &self.charter.key))
            }
            Keeps::Region => None,
        }
    }

    /// The values of the rows of these chains' lots under `whose`, in no order that means anything. Chains of one day
    /// are one lot, whose rows come once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn rows_of(&self, chains: &[ChainId], whose: &[u8]) -> Result<Vec<Vec<u8>>, StoreError> {
        let lots: BTreeSet<Lot> = chains.iter().map(Lot::of).collect();
        let rows: Result<Vec<_>, _> =
            lots.into_iter().map(|lot| self.store.lot_rows(lot, whose)).collect();
        Ok(rows?.into_iter().flatten().collect())
    }

    /// Lasting rows between two keys, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn rows(&self, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.store
            .range::<minicbor::bytes::ByteVec>(Prefix::Row, from, until)
            .take(limit)
            .map(|entry| entry.map(|(k, v)| (k, v.to_vec())))
            .collect()
    }

    /// The envelopes of a chain after a place as one run, about `max_bytes` of them and at least one. `None` when
    /// there are none. A run ends where a signature is.
    ///
    /// # Errors
    /// [`BookError`] when the store is damaged.
    pub fn run(
        &mut self,
        chain: ChainId,
        after: Seq,
        max_bytes: usize,
    ) -> Result<Option<Run>, BookError> {
        let head = self.head(&chain);
        if after >= head.seq {
            return Ok(None);
        }
        let previous = match after.get() {
            0 => Hash::ZERO,
            _ => match self.header_row(&chain, after)? {
                Some(row) => row.header.hash(),
                None => return Ok(None),
            },
        };
        let mut links = Vec::new();
        let mut signed = None;
        let (mut bytes, mut seq) = (0, after.next());
        while seq <= head.seq && links.len() < RUN_MAX {
            if bytes >= max_bytes && signed.is_some() {
                break;
            }
            let Some(row) = self.header_row(&chain, seq)? else { break };
            let (signature, link) = (row.signature, self.assemble(row)?);
            bytes += 24 + link.items.iter().map(|i| i.bytes.len() + 8).sum::<usize>();
            links.push(link);
            if let Some(signature) = signature {
                signed = Some((links.len(), signature));
            }
            seq = seq.next();
        }
        let Some((count, signature)) = signed else { return Ok(None) };
        links.truncate(count);
        Ok(Some(Run { venue: head.venue, chain, after, previous, links, signature }))
    }

    fn header_row(&self, chain: &ChainId, seq: Seq) -> Result<Option<HeaderRow>, StoreError> {
        self.store.get(Prefix::Header, &header_key(chain, seq))
    }

    fn assemble(&mut self, row: HeaderRow) -> Result<Link, BookError> {
        let HeaderRow { header: Header { chain, segment, made_at, .. }, numbers, .. } = row;
        let document = &self.document(DocumentId { chain, segment })?.document;
        let items: Vec<Item> =
            numbers.into_iter().map(|n| document.item(n)).collect::<Result<_, _>>()?;
        Ok(Link { segment, made_at, items })
    }

    /// The records of a chain after a place, with the place they reach: about `limit` records.
    ///
    /// # Errors
    /// [`BookError`] when the store is damaged.
    pub fn records(
        &mut self,
        chain: ChainId,
        after: Seq,
        limit: usize,
    ) -> Result<(Vec<StoredRecord>, Seq), BookError> {
        let mut records = Vec::new();
        let mut reached = after;
        let head = self.head(&chain).seq;
        while reached < head && records.len() < limit {
            let Some(row) = self.header_row(&chain, reached.next())? else { break };
            for Item { number, bytes } in self.assemble(row)?.items {
                let record = Record::from_bytes(&bytes)
                    .map_err(|source| EnvelopeError::Record { number, source })?;
                records.push(StoredRecord { id: RecordId { chain, number }, record });
            }
            reached = reached.next();
        }
        Ok((records, reached))
    }

    /// A copy of the storage key of a day, for bundles among the venue's doors. What has no day is sealed by keys of
    /// this node alone, which would open nothing elsewhere.
    pub fn day_key(&self, day: Day) -> Option<DayKey> {
        let key = self.store.vault().get(&Lot::Day(day)).filter(|_| day.is_civil())?;
        Some(DayKey::new(key.bytes()))
    }

    /// automerge's heads of one document: for comparing two nodes.
    ///
    /// # Errors
    /// [`BookError`] when the store is damaged.
    pub fn document_heads(&mut self, id: DocumentId) -> Result<Vec<[u8; 32]>, BookError> {
        Ok(self.document(id)?.document.heads())
    }
}
