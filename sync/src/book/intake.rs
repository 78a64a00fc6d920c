//! How visits come in: own ones are written, those of others are checked, then both are appended alike.

use super::*;

impl Book {
    /// Stages own visits, one envelope for each run of one day.
    ///
    /// # Errors
    /// [`BookError`]; this book must then be dropped.
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
            let of_day: Vec<_> =
                visits.iter().filter(|v| v.0 == day).map(|(_, n, v)| (*n, v.clone())).collect();
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
        let (seq, previous) =
            self.heads.get(&chain).map_or((Seq::new(1), Hash::ZERO), |h| (h.seq.next(), h.hash));
        let staged = self
            .open
            .keys()
            .filter(|d| d.chain == chain && d.day == day)
            .map(|d| d.segment.get())
            .max();
        let stored = self.store.last_segment(&chain, day.get());
        let mut segment = Segment::new(staged.max(stored).unwrap_or(0));
        let held = self.document(DocumentId { chain, day, segment })?.document.len();
        if held + adding > SEGMENT_VISITS {
            segment = Segment::new(segment.get().saturating_add(1));
        }
        Ok(Header { venue, chain, seq, previous, day, segment, made_at: now, content: Hash::ZERO })
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
            let envelope = envelope.check(now)?;
            if seq <= have {
                self.compare(envelope.envelope())?;
                continue;
            }
            self.admit(&envelope, introduced)?;
            if seq != have.next() {
                return Err(BookError::Gap { have, got: seq });
            }
            if envelope.header().previous != head.hash {
                return Err(BookError::Forked { author: chain.author, seq: have });
            }
            self.append(&envelope)?;
        }
        Ok(())
    }

    /// An envelope at a known place must be the known one, else its author signed two.
    fn compare(&self, offered: &Envelope) -> Result<(), BookError> {
        let header = &offered.header;
        let known: Option<HeaderRow> =
            self.store.get(Prefix::Header, &header_key(&header.chain, header.seq))?;
        match known {
            Some(row) if row.header.hash() != header.hash() => {
                Err(BookError::Forked { author: header.chain.author, seq: header.seq })
            }
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
                    .find_map(|m| check(m, &self.charter).ok().map(|member| (m.clone(), member)))
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
        if fits { Ok(()) } else { Err(BookError::OtherVenue) }
    }

    fn keep_member(&mut self, node: PublicKey, membership: Membership) -> Result<(), StoreError> {
        self.batch.put(Prefix::Membership, node.as_bytes(), &(node, membership.clone()))?;
        self.members.insert(node, membership);
        Ok(())
    }

    fn append(&mut self, envelope: &CheckedEnvelope) -> Result<(), BookError> {
        let header = envelope.header().clone();
        let id = DocumentId { chain: header.chain, day: header.day, segment: header.segment };
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
        self.batch.put(Prefix::Header, &header_key(&header.chain, header.seq), &row)?;
        let head = self.head(&header.chain).followed_by(&header, envelope.visits().len());
        self.heads.insert(header.chain, head);
        self.committed.visits.extend(envelope.visits().iter().map(|(number, visit)| StoredVisit {
            id: VisitId { chain: header.chain, number: *number },
            day: header.day,
            visit: visit.clone(),
        }));
        Ok(())
    }

    /// The document, from memory or from the store; the longest unused is closed when too many are open.
    pub(super) fn document(&mut self, id: DocumentId) -> Result<&mut Open, BookError> {
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
                Ok(place.insert(Open { document, next_chunk }))
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
}
