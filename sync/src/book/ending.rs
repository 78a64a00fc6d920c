//! How chains end: what is lost by it is written down, then the keys go, then the rows that nobody can read any more.
//!
//! ```text
//! give_up   records of the gaps, and which undated chains end: staged, then committed
//! destroy   the storage keys; from here on the day is gone, whatever happens
//! sweep     the rows, some at a time
//! ```
//! A power cut between two of them is finished at the next opening: a day before the vault's floor, or an undated
//! chain that was given up, is one whose key goes and whose rows are swept.

use super::*;

/// Rows that are taken out at once: their deletion makes nobody wait long.
const SWEEP: usize = 1000;

/// What is known of a chain of [`Day::UNKNOWN`], in the store as long as the store lives: 60 bytes for each start of a
/// door that did not know the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) struct Undated {
    #[n(0)]
    chain: ChainId,
    /// The first day that this node believed while it held the chain: what is in it is not younger.
    #[n(1)]
    since: Day,
    /// Whether it was given up; then it never comes back.
    #[n(2)]
    ended: bool,
}

/// What is about to be destroyed: staged by [`Book::give_up`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaving {
    /// The chains.
    pub chains: Vec<ChainId>,
    /// What of them the authority is not known to hold.
    pub gaps: Vec<Gap>,
}

/// What was destroyed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// The chains.
    pub chains: Vec<ChainId>,
    /// Those of them whose loss was recorded now, by this node.
    pub gaps: Vec<Gap>,
}

impl Book {
    /// What is taken from others by its day; until the first limit only the vault's floor speaks.
    pub fn set_limit(&mut self, limit: Limit) {
        self.limit = Some(limit);
    }

    /// From now on the storage keys of new days are made of this ratchet, as at the venue's other doors.
    pub fn turn(&mut self, ratchet: TagKey) {
        self.store.turn(ratchet);
    }

    /// What is known of the passing days, as it was kept last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn retention(&self) -> Result<Retention, StoreError> {
        Ok(self.store.get(Prefix::Retention, &[])?.unwrap_or_default())
    }

    /// Stages what is known of the passing days.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn keep_retention(&mut self, retention: &Retention) -> Result<(), StoreError> {
        self.store.put(&mut self.batch, Prefix::Retention, &[], retention)
    }

    /// The first day that is not destroyed for good; `None` when nothing ever was.
    pub fn floor(&self) -> Option<Day> {
        self.store.vault().floor()
    }

    /// Whether records of a chain are still taken from others.
    pub(super) fn takes(&self, chain: &ChainId, now: UnixMillis) -> bool {
        let floor = self.floor();
        let fresh = self.limit.as_ref().is_none_or(|limit| limit.accepts(chain.day, floor, now));
        fresh && self.lives(chain)
    }

    /// Whether a chain's day is not destroyed, for own records.
    pub(crate) fn lives(&self, chain: &ChainId) -> bool {
        let lot = Lot::of(chain);
        let gone = self.floor().is_some_and(|floor| lot.is_before(floor));
        !gone && !self.undated.get(&lot).is_some_and(|u| u.ended)
    }

    /// Stages the records of what is lost when everything before `first` goes, under names from `numbers`, and gives up
    /// undated chains: those that this node has held for so long that all of them is older than `first`. `today` is
    /// the day believed now. The present start's own undated chain stays until the next start, which is why it is
    /// nobody's business to write to one that has ended.
    ///
    /// # Errors
    /// [`BookError`]; this book must then be dropped.
    pub fn give_up(
        &mut self,
        first: Day,
        today: Day,
        mut number: impl FnMut() -> RecordNumber,
        now: UnixMillis,
    ) -> Result<Leaving, BookError> {
        self.note_undated(first, today)?;
        self.drop_spent_orders(today);
        let held = self.heads.chains().map(|(chain, _)| *chain);
        let chains: Vec<_> = held
            .filter(|c| {
                Lot::of(c).is_before(first)
                    || self.undated.get(&Lot::of(c)).is_some_and(|u| u.ended)
            })
            .collect();
        let gaps = self.gaps(&chains, now)?;
        for (venue, gap) in &gaps {
            let id = RecordId { chain: self.charter.chain(Day::STANDING), number: number() };
            self.write(vec![(id, Record::Gap(gap.clone()))], *venue, None, now)?;
        }
        Ok(Leaving { chains, gaps: gaps.into_iter().map(|(_, gap)| gap).collect() })
    }

    fn note_undated(&mut self, first: Day, today: Day) -> Result<(), StoreError> {
        let present = self.charter.chain(Day::UNKNOWN);
        let held: Vec<_> = self.heads.chains().map(|(chain, _)| *chain).collect();
        for chain in held.into_iter().filter(|c| c.day == Day::UNKNOWN) {
            let lot = Lot::of(&chain);
            let known = self.undated.get(&lot).copied();
            let mut note = known.unwrap_or(Undated { chain, since: today, ended: false });
            note.ended |= note.since < first && chain != present;
            if known != Some(note) {
                self.store.put(&mut self.batch, Prefix::Undated, &chain_key(&chain), &note)?;
                self.undated.insert(lot, note);
            }
        }
        Ok(())
    }

    /// What of these chains the authority is not known to hold and no node of the venue has recorded as lost yet.
    fn gaps(
        &mut self,
        chains: &[ChainId],
        now: UnixMillis,
    ) -> Result<Vec<(VenueId, Gap)>, BookError> {
        let gap = |chain: &ChainId| {
            let head = self.head(chain);
            let (from, to, records) = (head.acknowledged.next(), head.seq, head.pending);
            (head.venue, Gap { at: now, chain: *chain, from, to, records })
        };
        let mut gaps: Vec<_> = chains.iter().map(gap).filter(|(_, g)| g.records > 0).collect();
        if !gaps.is_empty() {
            let told = self.gaps_told()?;
            gaps.retain(|(_, gap)| told.get(&gap.chain).is_none_or(|to| *to < gap.to));
        }
        Ok(gaps)
    }

    /// The chains whose loss somebody has recorded, and up to which place.
    fn gaps_told(&mut self) -> Result<BTreeMap<ChainId, Seq>, BookError> {
        let standing: Vec<_> =
            self.heads.chains().map(|(c, _)| *c).filter(|c| c.day == Day::STANDING).collect();
        let mut told: BTreeMap<ChainId, Seq> = BTreeMap::new();
        for chain in standing {
            for stored in self.records(chain, Seq::new(0), usize::MAX)?.0 {
                if let Record::Gap(gap) = stored.record {
                    let to = told.entry(gap.chain).or_default();
                    *to = gap.to.max(*to);
                }
            }
        }
        Ok(told)
    }

    /// Destroys the keys of what [`Book::give_up`] named, after that is committed, and forgets the chains. Their rows
    /// are [`Book::sweep`]'s.
    ///
    /// # Errors
    /// [`StoreError`] of a key that could not be wiped; this book must then be dropped.
    pub fn destroy(
        &mut self,
        first: Day,
        leaving: &Leaving,
        believed: Believed,
    ) -> Result<(), StoreError> {
        let ended = self.ended();
        let lots = self.store.vault_mut().destroy(first, &ended, believed)?;
        leaving.chains.iter().for_each(|chain| self.forget(chain));
        self.remains.extend(leaving.chains.iter().map(|c| Remains::Chain(*c)));
        self.remains.extend(lots.into_iter().map(Remains::Rows));
        Ok(())
    }

    fn ended(&self) -> BTreeSet<Lot> {
        self.undated.iter().filter(|(_, u)| u.ended).map(|(lot, _)| *lot).collect()
    }

    fn forget(&mut self, chain: &ChainId) {
        if let Some(venue) = self.homes.remove(chain).and_then(|v| self.heads.venues.get_mut(&v)) {
            Arc::make_mut(venue).forget(chain);
        }
        self.receipts.remove(chain);
        if let Some(places) = &mut self.secured {
            places.remove(chain);
        }
        self.checkpoints.remove(chain);
        self.grown.remove(chain);
        self.recount.remove(chain);
        self.open.retain(|id, _| id.chain != *chain);
        self.used.retain(|id| id.chain != *chain);
    }

    /// Takes some of the rows out that nobody can read any more; `true` when none is left.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn sweep(&mut self) -> Result<bool, StoreError> {
        let Some(what) = self.remains.last() else { return Ok(true) };
        if self.store.remove_some(what, SWEEP)? {
            self.remains.pop();
        }
        Ok(self.remains.is_empty())
    }

    /// At the opening: goes on where a destruction was cut off, and makes sure that what is left can be read.
    pub(super) fn finish_ending(&mut self) -> Result<(), StoreError> {
        for entry in self.store.scan::<Undated>(Prefix::Undated, &[]) {
            let (_, note) = entry?;
            self.undated.insert(Lot::of(&note.chain), note);
        }
        let ended = self.ended();
        self.store.vault_mut().destroy_undated(&ended)?;
        let vault = self.store.vault();
        let gone = |lot: &Lot| {
            vault.floor().is_some_and(|floor| lot.is_before(floor)) || ended.contains(lot)
        };
        let mut lost = BTreeSet::new();
        let chains = self.store.chains()?.into_iter().map(|c| (Lot::of(&c), Remains::Chain(c)));
        let rows = self.store.row_lots()?.into_iter().map(|lot| (lot, Remains::Rows(lot)));
        for (lot, remains) in chains.chain(rows).filter(|(lot, _)| vault.get(lot).is_none()) {
            if gone(&lot) {
                self.remains.push(remains);
            } else {
                lost.insert(lot);
            }
        }
        if let Some(first) = lost.first() {
            let folder = vault.folder().to_owned();
            return Err(StoreError::KeysLost { folder, count: lost.len(), first: *first });
        }
        while !self.sweep()? {}
        Ok(())
    }
}
