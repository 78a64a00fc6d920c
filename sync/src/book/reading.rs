//! What is read back: envelopes for peers, visits and rows for the node, members and bulletins.

use super::*;

impl Book {
    /// The bulletins held, opened.
    pub fn notices(&self) -> Vec<Arc<Notice>> {
        self.bulletins.values().map(|(n, _)| Arc::clone(n)).collect()
    }

    /// The bulletins held whose kinds are asked for, as they are passed on.
    pub fn bulletins(&self, kinds: &[BulletinKind]) -> Vec<Bulletin> {
        kinds.iter().filter_map(|k| self.bulletins.get(k)).map(|(_, b)| b.clone()).collect()
    }

    /// Rows between two keys, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn rows(&self, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        self.store
            .range::<minicbor::bytes::ByteVec>(Prefix::Row, from, until)
            .take(limit)
            .map(|entry| entry.map(|(k, v)| (k, v.to_vec())))
            .collect()
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
            let Some(row) =
                self.store.get::<HeaderRow>(Prefix::Header, &header_key(&chain, seq))?
            else {
                break;
            };
            let envelope = self.assemble(row)?;
            bytes += 300 + envelope.items.iter().map(|i| i.bytes.len() + 12).sum::<usize>();
            envelopes.push(envelope);
            seq = seq.next();
        }
        Ok(envelopes)
    }

    fn assemble(&mut self, row: HeaderRow) -> Result<Envelope, BookError> {
        let HeaderRow { header, signature, numbers } = row;
        let id = DocumentId { chain: header.chain, day: header.day, segment: header.segment };
        let document = &self.document(id)?.document;
        let items = numbers.into_iter().map(|n| document.item(n)).collect::<Result<_, _>>()?;
        Ok(Envelope { header, signature, items })
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
                let visit = Visit::from_bytes(&item.bytes)
                    .map_err(|source| EnvelopeError::Visit { number: item.number, source })?;
                visits.push(StoredVisit { id: VisitId { chain, number: item.number }, day, visit });
            }
            reached = reached.next();
        }
        Ok((visits, reached))
    }

    /// An author's membership, for introducing it to a peer.
    pub fn membership(&self, author: &PublicKey) -> Option<&Membership> {
        self.members.get(author)
    }

    /// Everybody who was introduced, as they stand now or stood when their membership last held.
    pub fn members(&self, now: UnixMillis) -> Vec<(PublicKey, Option<Member>)> {
        self.members
            .iter()
            .map(|(node, m)| (*node, m.check_near(&self.charter.roots, node, now).ok()))
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
