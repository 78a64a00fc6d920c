//! What stands beside the chains: bulletins of the region, orders of venues, receipts.

use super::*;

impl Book {
    /// Stages a bulletin if it is higher than the one held; `false` when it is not.
    ///
    /// # Errors
    /// [`BookError`] when it is not this region's or not properly signed.
    pub fn keep_bulletin(&mut self, bulletin: Bulletin) -> Result<bool, BookError> {
        let notice = self.charter.open(&bulletin)?;
        if notice.region != self.charter.region {
            return Err(BookError::OtherRegion(notice.region));
        }
        if self.bulletins.get(&notice.kind).is_some_and(|(held, _)| held.version >= notice.version)
        {
            return Ok(false);
        }
        if self.charter.roots.take_over(&notice) {
            tracing::warn!(number = notice.version, "the region has other root keys from now on");
            self.regrant();
        }
        let notice = Arc::new(notice);
        self.store.put(&mut self.batch, Prefix::Bulletin, &[notice.kind as u8], &bulletin)?;
        self.committed.bulletins.push(Arc::clone(&notice));
        self.heads.bulletins.insert(notice.kind, notice.version);
        self.bulletins.insert(notice.kind, (notice, bulletin));
        Ok(true)
    }

    /// Stages an order for a venue that is kept here. Of two for one slot the one with the lower hash stays. A new
    /// tag key that no known loss calls for, that a lost node made, or that was made by a node after its removal, is
    /// passed over: who brings it is not to blame.
    ///
    /// # Errors
    /// [`BookError`] when it is not properly signed, not this venue's, or one too many.
    pub fn keep_order(&mut self, signed: SignedOrder) -> Result<(), BookError> {
        let grant = signed.claimed_venue().and_then(|v| self.grants.get(&v));
        let order =
            signed.open(grant.ok_or(BookError::OtherVenue)?, &self.charter.roots.granting())?;
        if self.charter.venue().is_some_and(|own| own != order.venue) {
            return Err(BookError::OtherVenue);
        }
        if !self.is_called_for(&order, &signed) {
            tracing::debug!(venue = %order.venue, "a new tag key is not called for here");
            return Ok(());
        }
        if self.today.is_some_and(|today| order.is_spent(today)) {
            return Ok(());
        }
        let (venue, slot) = (order.venue, order.slot());
        match self.orders.get(&(venue, slot)) {
            Some((_, held)) if held.hash() <= signed.hash() => return Ok(()),
            Some(_) => {}
            None if !self.has_room_for(venue, &slot) => return Err(BookError::Orders(venue)),
            None => {}
        }
        self.store.put(&mut self.batch, Prefix::Order, &order_key(venue, &slot), &signed)?;
        self.set_order(order, signed);
        let kept = self.orders.get(&(venue, slot)).map(|(order, _)| Arc::clone(order));
        self.committed.orders.extend(kept);
        Ok(())
    }

    /// Whether an order for this slot may come to those that are held: of removals there may be as many as there may
    /// be orders at all.
    fn has_room_for(&self, venue: VenueId, slot: &Slot) -> bool {
        let Some(held) = self.heads.venues.get(&venue).map(|v| &v.orders) else { return true };
        let is_hits = |s: &Slot| matches!(s, Slot::Hits(_));
        let removals = held.keys().filter(|s| matches!(s, Slot::Removal(..))).count();
        let others = held.len() - removals;
        match slot {
            Slot::Removal(..) => held.len() < ORDERS_MAX,
            Slot::Hits(_) if held.keys().filter(|s| is_hits(s)).count() >= HITS_ORDERS_MAX => false,
            Slot::Capacity(..) | Slot::Rekey(_) | Slot::Hits(_) => {
                held.len() < ORDERS_MAX && others < ORDERS_MAX - REMOVALS_ROOM
            }
        }
    }

    /// Stages that lists of hits go whose time is over.
    pub(super) fn drop_spent_orders(&mut self, today: Day) {
        self.today = Some(today);
        let spent = |(key, (order, _)): (&(VenueId, Slot), &(Arc<Order>, SignedOrder))| {
            order.is_spent(today).then_some(*key)
        };
        let spent: Vec<_> = self.orders.iter().filter_map(spent).collect();
        for (venue, slot) in spent {
            self.store.remove(&mut self.batch, Prefix::Order, &order_key(venue, &slot));
            self.orders.remove(&(venue, slot));
            Arc::make_mut(self.heads.venues.entry(venue).or_default()).forget_order(&slot);
        }
    }

    pub(super) fn set_order(&mut self, order: Order, signed: SignedOrder) {
        let slot = order.slot();
        let venue = Arc::make_mut(self.heads.venues.entry(order.venue).or_default());
        venue.set_order(slot, signed.hash());
        let removed = match &order.matter {
            Matter::Removal(removal) => {
                let at = venue.removed.entry(removal.node).or_insert(order.issued_at);
                *at = order.issued_at.min(*at);
                Some(removal.node)
            }
            _ => None,
        };
        let of = order.venue;
        self.orders.insert((of, slot), (Arc::new(order), signed));
        if let Some(node) = removed {
            self.forget_rekeys_by(of, node);
        }
    }

    /// How many nodes of a venue are known to be lost: the generation of tag key that it needs.
    pub(super) fn losses(&self, venue: VenueId) -> u32 {
        let of_venue = self.orders.keys().filter(|(v, _)| *v == venue);
        of_venue.filter(|(_, s)| matches!(s, Slot::Removal(_, RemovalCause::Lost))).count() as u32
    }

    pub(super) fn is_called_for(&self, order: &Order, signed: &SignedOrder) -> bool {
        let Matter::Rekey(rekey) = &order.matter else { return true };
        let stands = match signed.signer() {
            Signer::Node(node, _) => self.may_rekey(order.venue, *node, order.issued_at),
            Signer::Manager | Signer::Root(_) => true,
        };
        rekey.generation <= self.losses(order.venue) && stands
    }

    /// A lost node's keys never stand, whatever date the thief gave them; those of one that was replaced or taken
    /// down in order do if they were made before.
    fn may_rekey(&self, venue: VenueId, node: PublicKey, at: UnixMillis) -> bool {
        let removed = self.heads.venues.get(&venue).and_then(|v| v.removed.get(&node));
        !self.is_lost(venue, node) && removed.is_none_or(|removed| at <= *removed)
    }

    fn is_lost(&self, venue: VenueId, node: PublicKey) -> bool {
        self.orders.contains_key(&(venue, Slot::Removal(node, RemovalCause::Lost)))
    }

    /// A removed node may have made tag keys before its removal was known. Those that others made for the same slot
    /// come again.
    fn forget_rekeys_by(&mut self, venue: VenueId, node: PublicKey) {
        let by_node =
            |signed: &SignedOrder| matches!(signed.signer(), Signer::Node(n, _) if *n == node);
        let slots: Vec<Slot> = self
            .orders
            .iter()
            .filter(|((v, slot), (order, signed))| {
                *v == venue
                    && matches!(slot, Slot::Rekey(_))
                    && by_node(signed)
                    && !self.may_rekey(venue, node, order.issued_at)
            })
            .map(|((_, slot), _)| *slot)
            .collect();
        for slot in slots {
            self.orders.remove(&(venue, slot));
            Arc::make_mut(self.heads.venues.entry(venue).or_default()).forget_order(&slot);
        }
    }

    /// Stages the authority's word that it holds a chain up to a place. It never goes back.
    ///
    /// # Errors
    /// [`BookError::Receipt`] when no node of the region's authority signed it.
    pub fn acknowledge(&mut self, receipt: Signed<Receipt>) -> Result<(), BookError> {
        let claimed = receipt.claims().ok_or(BookError::Receipt)?;
        let head = self.head(&claimed.chain);
        let known = self.heads.venues.get(&head.venue).map_or(0, |venue| venue.asked);
        let news = claimed.seq == head.acknowledged && claimed.asked > Some(known);
        // Nothing new, or nothing known of it: not worth checking a signature, for every sibling tells it.
        if (claimed.seq <= head.acknowledged && !news) || head.seq == Seq::new(0) {
            return Ok(());
        }
        let said = receipt.open(&claimed.by).map_err(|_| BookError::Receipt)?;
        let roots = &self.charter.roots.granting();
        let member = self.members.get(&said.by).and_then(|papers| papers.nearest(said.at));
        let member = member.and_then(|m| m.check_near(roots, &said.by, said.at).ok());
        match member.map(|m| m.place) {
            Some(Place::Authority(region)) if region == self.charter.region => {}
            _ => return Err(BookError::Receipt),
        }
        self.store.put(&mut self.batch, Prefix::Acknowledged, &chain_key(&said.chain), &receipt)?;
        self.receipts.insert(said.chain, receipt);
        self.note_receipt(said.chain, said.seq);
        self.note_asked(head.venue, said.asked.unwrap_or(0));
        self.recount.insert(said.chain);
        Ok(())
    }

    /// So many tracing questions have looked into a venue. The number never goes back.
    pub fn note_asked(&mut self, venue: VenueId, asked: u64) {
        let known = self.heads.venues.get(&venue).map_or(0, |venue| venue.asked);
        if asked > known {
            Arc::make_mut(self.heads.venues.entry(venue).or_default()).asked = asked;
        }
    }

    /// From now on the authority's receipts speak of what is safe beyond this node: up to these places of these
    /// chains, and of nothing else. Places never go back.
    pub fn secure(&mut self, places: &BTreeMap<ChainId, Seq>) {
        let first = self.secured.is_none();
        let secured = self.secured.get_or_insert_default();
        for (chain, seq) in places {
            let place = secured.entry(*chain).or_default();
            *place = (*place).max(*seq);
        }
        let all: Vec<ChainId> = match first {
            true => self.homes.keys().copied().collect(),
            false => places.keys().copied().collect(),
        };
        for chain in all {
            let head = self.head(&chain);
            if head.seq > Seq::new(0) {
                self.set_head(chain, head);
            }
        }
    }

    pub(super) fn note_receipt(&mut self, chain: ChainId, seq: Seq) {
        let head = self.head(&chain);
        if head.seq > Seq::new(0) {
            self.set_head(chain, Head { acknowledged: seq, ..head });
        }
    }

    /// Counts the stored visits after the acknowledged place anew.
    pub(super) fn count_pending(&mut self, chain: ChainId) -> Result<(), StoreError> {
        if self.charter.keeps == Keeps::Region {
            return Ok(());
        }
        let head = self.head(&chain);
        let (from, until) =
            (header_key(&chain, head.acknowledged.next()), header_key(&chain, Seq::new(u64::MAX)));
        let mut pending = 0;
        for entry in self.store.range::<HeaderRow>(Prefix::Header, &from, &until) {
            pending += entry?.1.visits;
        }
        if head.seq > Seq::new(0) {
            self.set_head(chain, Head { pending, ..head });
        }
        Ok(())
    }
}

/// venue ‖ slot
fn order_key(venue: VenueId, slot: &Slot) -> Vec<u8> {
    let mut key = venue.get().to_be_bytes().to_vec();
    key.extend_from_slice(&crate::key::encode(slot));
    key
}
