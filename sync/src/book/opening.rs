//! Opening: finishes what was being destroyed, and reads the heads, papers, bulletins, orders and receipts that the
//! store holds.

use super::*;

impl Book {
    /// Reads the heads of everything that the store holds.
    ///
    /// # Errors
    /// [`StoreError`] when the store is damaged.
    pub fn open(store: Store, charter: Charter) -> Result<Self, StoreError> {
        let mut book = Self {
            store,
            heads: Heads::default(),
            homes: BTreeMap::new(),
            members: BTreeMap::new(),
            grants: BTreeMap::new(),
            bulletins: BTreeMap::new(),
            orders: BTreeMap::new(),
            receipts: BTreeMap::new(),
            open: BTreeMap::new(),
            used: VecDeque::new(),
            batch: Batch::default(),
            committed: Committed::default(),
            recount: BTreeSet::new(),
            grown: BTreeSet::new(),
            checkpoints: BTreeMap::new(),
            limit: None,
            secured: None,
            today: None,
            undated: BTreeMap::new(),
            remains: Vec::new(),
            charter,
        };
        // First of all: whose word counts.
        book.read_bulletin_of_roots()?;
        let own = (book.charter.key.public(), book.charter.membership.clone());
        book.know(own.0, own.1);
        book.read_members()?;
        book.finish_ending()?;
        book.read_chains()?;
        book.read_bulletins()?;
        book.read_orders()?;
        Ok(book)
    }

    fn read_members(&mut self) -> Result<(), StoreError> {
        let all: Result<Vec<_>, _> =
            self.store.scan::<(PublicKey, Membership)>(Prefix::Membership, &[]).collect();
        for (_, (node, membership)) in all? {
            self.know(node, membership);
        }
        Ok(())
    }

    fn read_chains(&mut self) -> Result<(), StoreError> {
        for chain in self.store.chains()? {
            let saved: Option<Head> = self.store.get(Prefix::Checkpoint, &chain_key(&chain))?;
            let mut head = saved.unwrap_or(Head::NONE);
            self.checkpoints.extend(saved.map(|head| (chain, head.seq)));
            let since = header_key(&chain, head.seq.next());
            let until = header_key(&chain, Seq::new(u64::MAX));
            for entry in self.store.range::<HeaderRow>(Prefix::Header, &since, &until) {
                let (_, row) = entry?;
                head = head.followed_by(&row);
            }
            if head.seq > Seq::new(0) {
                self.set_head(chain, head);
            }
        }
        let receipts: Result<Vec<_>, _> =
            self.store.scan::<Signed<Receipt>>(Prefix::Acknowledged, &[]).collect();
        for (_, receipt) in receipts? {
            // It was checked before it was stored.
            if let Some(said) = receipt.claims() {
                self.receipts.insert(said.chain, receipt);
                self.note_asked(self.head(&said.chain).venue, said.asked.unwrap_or(0));
                if said.seq > self.head(&said.chain).acknowledged {
                    self.note_receipt(said.chain, said.seq);
                    self.count_pending(said.chain)?;
                }
            }
        }
        Ok(())
    }

    fn read_bulletin_of_roots(&mut self) -> Result<(), StoreError> {
        let place = [BulletinKind::Roots as u8];
        if let Some(held) = self.store.get::<Bulletin>(Prefix::Bulletin, &place)?
            && let Ok(notice) = self.charter.open(&held)
        {
            self.charter.roots.take_over(&notice);
        }
        Ok(())
    }

    fn read_bulletins(&mut self) -> Result<(), StoreError> {
        for entry in self.store.scan::<Bulletin>(Prefix::Bulletin, &[]) {
            let (_, bulletin) = entry?;
            // A root that was taken from the config since no longer speaks for the region.
            if let Ok(n) = self.charter.open(&bulletin) {
                self.heads.bulletins.insert(n.kind, n.version);
                self.bulletins.insert(n.kind, (Arc::new(n), bulletin));
            }
        }
        Ok(())
    }

    fn read_orders(&mut self) -> Result<(), StoreError> {
        let all: Result<Vec<_>, _> = self.store.scan::<SignedOrder>(Prefix::Order, &[]).collect();
        for (_, signed) in all? {
            let grant = signed.claimed_venue().and_then(|v| self.grants.get(&v));
            if let Some(order) = grant.and_then(|g| signed.open(g, &self.charter.roots.granting()).ok())
                // Removals are read first: of new tag keys that do not stand only the row is left.
                && self.is_called_for(&order, &signed)
            {
                self.set_order(order, signed);
            }
        }
        Ok(())
    }
}
