//! How records come in: own ones are written, those of others are checked, then both are appended alike.

use super::*;

impl Book {
    /// Stages own records, one envelope for each run of one chain. `manager` signs what is named in its chain.
    ///
    /// # Errors
    /// [`BookError`]; this book must then be dropped.
    pub fn write(
        &mut self,
        mut records: Vec<(RecordId, Record)>,
        venue: VenueId,
        manager: Option<&SecretKey>,
        now: UnixMillis,
    ) -> Result<(), BookError> {
        records.sort_by_key(|(id, _)| *id);
        let own = self.charter.key.public();
        self.keep_own_papers()?;
        let chains: BTreeSet<ChainId> = records.iter().map(|(id, _)| id.chain).collect();
        for chain in chains {
            let key = match manager {
                Some(key) if key.public() == chain.author => key.clone(),
                _ if own == chain.author => self.charter.key.clone(),
                _ => return Err(BookError::Stranger(chain.author)),
            };
            let of_chain: Vec<_> = records
                .iter()
                .filter(|(id, _)| id.chain == chain)
                .map(|(id, record)| (id.number, record.clone()))
                .collect();
            for group in of_chain.chunks(GROUP_MAX) {
                let header = self.next_header(chain, venue, group, now)?;
                let envelope = CheckedEnvelope::write(header, group.to_vec(), &key)?;
                self.append(&envelope)?;
            }
        }
        Ok(())
    }

    fn next_header(
        &mut self,
        chain: ChainId,
        venue: VenueId,
        group: &[(RecordNumber, Record)],
        now: UnixMillis,
    ) -> Result<Header, BookError> {
        let head = self.head(&chain);
        let mut segment = self.last_segment(&chain);
        let bytes = group.iter().map(|(_, record)| record.to_bytes().len()).sum();
        if !self.document(DocumentId { chain, segment })?.document.has_room(group.len(), bytes) {
            segment = Segment::new(segment.get().saturating_add(1));
        }
        let (seq, previous) = (head.seq.next(), head.hash);
        Ok(Header { venue, chain, seq, previous, segment, made_at: now, content: Hash::ZERO })
    }

    /// The segment that a chain has come to.
    fn last_segment(&self, chain: &ChainId) -> Segment {
        let staged = self.open.keys().filter(|d| d.chain == *chain).map(|d| d.segment.get()).max();
        Segment::new(staged.max(self.store.last_segment(chain)).unwrap_or(0))
    }

    /// Stages a run of others. What is already held of it is passed over.
    ///
    /// # Errors
    /// [`BookError`] when it is not taken; nothing of it is staged then, but evidence may be.
    pub fn merge(
        &mut self,
        introduced: &[Membership],
        run: CheckedRun,
        now: UnixMillis,
    ) -> Result<(), BookError> {
        let envelopes = run.envelopes();
        let (Some(first), Some(last)) = (envelopes.first(), envelopes.last()) else {
            return Ok(());
        };
        let (first, last) = (first.header().clone(), last.header().clone());
        let chain = first.chain;
        if !self.takes(&chain, now) {
            return Err(BookError::TooOld(chain.day));
        }
        let head = self.head(&chain);
        if first.seq > head.seq.next() {
            return Err(BookError::Gap { have: head.seq, got: first.seq });
        }
        for membership in introduced {
            self.introduce(membership)?;
        }
        let new = envelopes.iter().find(|e| e.header().seq > head.seq);
        self.admit(&last, new.map_or(last.made_at, |e| e.header().made_at), now)?;
        if !self.follows(&head, &run)? {
            return self.quarantine(head.seq.min(last.seq), run);
        }
        let fresh: Vec<_> =
            run.into_envelopes().into_iter().filter(|e| e.header().seq > head.seq).collect();
        self.within_quota(&chain, &head, &fresh)?;
        self.fits_documents(&fresh)?;
        fresh.iter().try_for_each(|envelope| self.append(envelope))
    }

    /// Whether all of these can be added: a run is taken whole or not at all, for its one signature covers all. A
    /// segment is begun where the one before it has no room, and only there: a short run could else make a crowd of
    /// documents.
    fn fits_documents(&mut self, fresh: &[CheckedEnvelope]) -> Result<(), BookError> {
        let Some(chain) = fresh.first().map(|e| e.header().chain) else { return Ok(()) };
        let mut last = self.last_segment(&chain);
        let (mut numbers, mut bytes) = (BTreeSet::new(), 0);
        for envelope in fresh {
            let Header { segment, .. } = *envelope.header();
            let adding = envelope.items().iter().map(|item| item.bytes.len()).sum::<usize>();
            let document = &self.document(DocumentId { chain, segment: last })?.document;
            let has_room =
                document.has_room(numbers.len() + envelope.items().len(), bytes + adding);
            let due = if has_room { Some(last.get()) } else { last.get().checked_add(1) };
            if due != Some(segment.get()) {
                return Err(BookError::Segment { last, got: segment });
            }
            if segment != last {
                (last, bytes) = (segment, 0);
                numbers.clear();
            }
            let document = &self.document(DocumentId { chain, segment })?.document;
            for number in envelope.items().iter().map(|item| item.number) {
                if document.contains(number)? || !numbers.insert(number) {
                    return Err(DocumentError::Repeated(number).into());
                }
            }
            bytes += adding;
        }
        Ok(())
    }

    /// Whether a run that begins at or before the known end agrees with what is known.
    fn follows(&self, head: &Head, run: &CheckedRun) -> Result<bool, BookError> {
        let envelopes = run.envelopes();
        let at = |seq: Seq| envelopes.iter().find(|e| e.header().seq == seq);
        if let Some(next) = at(head.seq.next()) {
            return Ok(next.header().previous == head.hash);
        }
        // All of it is known by place: the last must be the known one.
        let Some(last) = envelopes.last().map(CheckedEnvelope::header) else { return Ok(true) };
        let known: Option<HeaderRow> =
            self.store.get(Prefix::Header, &header_key(&last.chain, last.seq))?;
        Ok(known.is_none_or(|row| row.header.hash() == last.hash()))
    }

    /// Checks that the author belongs where it says, as of when it wrote. A run that `began` before its author was
    /// removed is taken whole: its one signature covers what came before the removal too.
    fn admit(
        &mut self,
        header: &Header,
        began: UnixMillis,
        now: UnixMillis,
    ) -> Result<(), BookError> {
        let author = header.chain.author;
        if self.charter.venue().is_some_and(|own| own != header.venue) {
            return Err(BookError::OtherVenue);
        }
        let venue = self.heads.venues.get(&header.venue);
        let removed = venue.and_then(|v| v.removed.get(&author));
        if removed.is_some_and(|at| began > *at) {
            return Err(BookError::Removed(author));
        }
        let manager = self.grants.get(&header.venue).map(|g| g.manager);
        if manager == Some(author) && header.chain.day == Day::STANDING {
            return Ok(());
        }
        self.belongs(author, header.venue, header.made_at.min(now))
    }

    fn append(&mut self, envelope: &CheckedEnvelope) -> Result<(), BookError> {
        let header = envelope.header();
        let id = DocumentId { chain: header.chain, segment: header.segment };
        let open = self.document(id)?;
        let chunk = open.document.append(envelope)?;
        let next_chunk = open.next_chunk;
        let next = self.store.put_chunk(&mut self.batch, &id, next_chunk, &chunk)?;
        if let Some(open) = self.open.get_mut(&id) {
            open.next_chunk = next;
        }
        let is_visit = |(_, record): &&(RecordNumber, Record)| matches!(record, Record::Visit(_));
        let visits = envelope.records().iter().filter(is_visit).count() as u64;
        let row = HeaderRow {
            visits,
            cost: quota::cost_of(envelope),
            signature: envelope.signature(),
            numbers: envelope.items().iter().map(|i| i.number).collect(),
            header: header.clone(),
        };
        let place = header_key(&header.chain, header.seq);
        self.store.put(&mut self.batch, Prefix::Header, &place, &row)?;
        let head = self.head(&header.chain).followed_by(&row);
        self.set_head(header.chain, head);
        let chain = header.chain;
        self.grown.insert(chain);
        let stored = |(number, record): &(RecordNumber, Record)| StoredRecord {
            id: RecordId { chain, number: *number },
            record: record.clone(),
        };
        self.committed.records.extend(envelope.records().iter().map(stored));
        Ok(())
    }

    /// The document, from memory or from the store; the longest unused is closed when too many are open.
    pub(super) fn document(&mut self, id: DocumentId) -> Result<&mut Open, BookError> {
        self.used.retain(|used| *used != id);
        // Closing a document with staged changes would lose them from memory: all stay until the commit then.
        while self.committed.records.is_empty() && self.is_crowded(&id) {
            if let Some(oldest) = self.used.pop_front() {
                self.open.remove(&oldest);
            }
        }
        self.used.push_back(id);
        match self.open.entry(id) {
            Entry::Occupied(open) => Ok(open.into_mut()),
            Entry::Vacant(place) => {
                let (chunks, next_chunk) = self.store.chunks(&id)?;
                let document = match next_chunk {
                    0 => RecordDocument::new(&id),
                    _ => RecordDocument::load(&id, &chunks)?,
                };
                Ok(place.insert(Open { document, next_chunk }))
            }
        }
    }

    /// Whether a document must be closed before this one is used.
    fn is_crowded(&self, wanted: &DocumentId) -> bool {
        let others = self.open.iter().filter(|(id, _)| *id != wanted);
        let bytes: usize = others.map(|(_, open)| open.document.bytes()).sum();
        !self.used.is_empty() && (self.used.len() >= OPEN_MAX || bytes > OPEN_BYTES_MAX)
    }
}
