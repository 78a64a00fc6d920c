//! The papers of one node: all that held at some time, for who belonged when is asked of every envelope.

use super::*;

/// The most papers that are kept of one node. Papers hold for months and records for weeks: more are never asked for.
pub(super) const PAPERS_MAX: usize = 8;

/// The papers of one node, those issued last first. None is replaced by another: an old one that somebody brings again
/// takes nothing away, and a new one does not unsay what was written under the old.
#[derive(Clone, Debug, Default)]
pub(super) struct Papers(Vec<Paper>);

#[derive(Clone, Debug)]
struct Paper {
    membership: Membership,
    from: UnixMillis,
    until: UnixMillis,
}

/// What became of papers that were laid to the others.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Laid {
    /// They were there.
    Known,
    /// They are there now.
    New,
    /// They are there now, and these, which end first, had to go for them.
    Instead(Membership),
    /// They end before all of those that are there, of which there are enough.
    Surplus,
}

impl Papers {
    /// Lays checked papers to the others.
    pub(super) fn lay(&mut self, membership: Membership) -> Laid {
        if self.has(&membership) {
            return Laid::Known;
        }
        let Some((from, until)) = membership.span() else { return Laid::Surplus };
        let least = self.0.iter().enumerate().min_by_key(|(_, p)| (p.until, p.from));
        let surplus = least.filter(|_| self.0.len() >= PAPERS_MAX);
        let surplus = surplus.map(|(at, p)| (at, (p.until, p.from)));
        if surplus.is_some_and(|(_, ends)| ends >= (until, from)) {
            return Laid::Surplus;
        }
        let gone = surplus.map(|(at, _)| self.0.remove(at).membership);
        let place = self.0.partition_point(|p| (p.from, p.until) > (from, until));
        self.0.insert(place, Paper { membership, from, until });
        gone.map_or(Laid::New, Laid::Instead)
    }

    pub(super) fn has(&self, membership: &Membership) -> bool {
        self.0.iter().any(|p| p.membership == *membership)
    }

    /// All of them, those issued last first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Membership> {
        self.0.iter().map(|p| &p.membership)
    }

    /// Those that hold at a time, those issued last first.
    pub(super) fn at(&self, at: UnixMillis) -> impl Iterator<Item = &Membership> {
        self.0.iter().filter(move |p| p.from <= at && at < p.until).map(|p| &p.membership)
    }

    /// Of those that are meant the ones that hold longest; of several such those that were laid last.
    fn longest(&self, meant: impl Fn(&Membership) -> bool) -> Option<&Membership> {
        let meant = self.0.iter().rev().filter(|p| meant(&p.membership));
        meant.max_by_key(|p| (p.until, p.from)).map(|p| &p.membership)
    }

    /// Those issued last that hold at a time; where none does, those that hold nearest to it.
    pub(super) fn nearest(&self, at: UnixMillis) -> Option<&Membership> {
        let away = |p: &&Paper| {
            let (at, from, until) = (at.get(), p.from.get(), p.until.get());
            from.saturating_sub(at).max(at.saturating_sub(until).saturating_add(1)).max(0)
        };
        self.0.iter().min_by_key(away).map(|p| &p.membership)
    }
}

/// Where papers stand in the store: the node, and a hash of the papers.
pub(super) fn paper_key(node: &PublicKey, membership: &Membership) -> Vec<u8> {
    let hash = Sha256::digest(crate::key::encode(membership));
    [node.as_bytes(), &hash[..8]].concat()
}

impl Book {
    /// Remembers who a node is; of the grants of one venue the later holds.
    pub(super) fn know(&mut self, node: PublicKey, membership: Membership) -> Laid {
        // Of which time does not matter here: who wrote when is asked of every envelope.
        let found =
            membership.check_near(&self.charter.roots.granting(), &node, UnixMillis::new(0));
        // Whom a root that the region has signed out let in is nobody; only this node's start stands by its own papers.
        if found.is_err() && membership != self.charter.membership {
            return Laid::Surplus;
        }
        if let Ok(Member { place: Place::Door { venue, .. }, .. }) = found
            && self.grants.get(&venue.venue).is_none_or(|g| g.not_before <= venue.not_before)
        {
            self.grants.insert(venue.venue, venue);
        }
        let laid = self.members.entry(node).or_default().lay(membership);
        self.show_longest(node);
        self.show_own(node);
        laid
    }

    /// Puts this node's own papers beside the heads, those issued last first.
    fn show_own(&mut self, node: PublicKey) {
        if node != self.charter.key.public() {
            return;
        }
        let papers = self.members.get(&node).into_iter().flat_map(|papers| &papers.0);
        let own = papers
            .filter(|p| self.is_own(&p.membership))
            .map(|p| (Arc::new(p.membership.clone()), p.from, p.until))
            .collect();
        self.heads.own_papers = own;
    }

    /// Whether papers are this node's, for the place that it was started for, by a root whose grants stand.
    fn is_own(&self, papers: &Membership) -> bool {
        let (charter, node) = (&self.charter, self.charter.key.public());
        papers.is_for_same_place_as(&charter.membership)
            && papers.check_near(&charter.roots.granting(), &node, UnixMillis::new(0)).is_ok()
    }

    /// Puts the papers that hold longest beside the heads: of this node those for the place that it was started for, of its
    /// venue's other doors any.
    fn show_longest(&mut self, node: PublicKey) {
        let charter = &self.charter;
        let own = node == charter.key.public();
        let meant = |papers: &Membership| match own {
            true => self.is_own(papers),
            false => charter.venue().is_some() && papers.claimed_venue() == charter.venue(),
        };
        let Some(longest) = self.members.get(&node).and_then(|papers| papers.longest(meant)) else {
            return;
        };
        if self.heads.papers.get(&node).is_none_or(|shown| **shown != *longest) {
            self.heads.papers.insert(node, Arc::new(longest.clone()));
        }
    }

    /// Reads the grants of venues anew: the region has other roots now.
    pub(super) fn regrant(&mut self) {
        self.grants.clear();
        self.heads.papers.clear();
        self.heads.own_papers.clear();
        for (node, papers) in std::mem::take(&mut self.members) {
            for paper in papers.all() {
                self.know(node, paper.clone());
            }
        }
    }

    /// Stages somebody's papers, if they hold for whom they name and are not known yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn introduce(&mut self, membership: &Membership) -> Result<(), StoreError> {
        let Some(node) = membership.node() else { return Ok(()) };
        // Most are known: no signature is checked for them.
        if self.members.get(&node).is_some_and(|papers| papers.has(membership)) {
            return Ok(());
        }
        match membership.check_near(&self.charter.roots.granting(), &node, UnixMillis::new(0)) {
            Ok(_) => self.keep_member(node, membership.clone()),
            Err(_) => Ok(()),
        }
    }

    fn keep_member(&mut self, node: PublicKey, membership: Membership) -> Result<(), StoreError> {
        match self.know(node, membership.clone()) {
            Laid::Known | Laid::Surplus => return Ok(()),
            Laid::New => {}
            Laid::Instead(gone) => {
                self.store.remove(&mut self.batch, Prefix::Membership, &paper_key(&node, &gone));
            }
        }
        self.store_member(node, &membership)
    }

    fn store_member(&mut self, node: PublicKey, paper: &Membership) -> Result<(), StoreError> {
        let place = paper_key(&node, paper);
        self.store.put(&mut self.batch, Prefix::Membership, &place, &(node, paper.clone()))
    }

    /// Stages this node's own papers, if they are not stored: what was written under them is to be introduced by them
    /// after they were renewed.
    pub(super) fn keep_own_papers(&mut self) -> Result<(), StoreError> {
        let (own, paper) = (self.charter.key.public(), self.charter.membership.clone());
        let place = paper_key(&own, &paper);
        match self.store.get::<(PublicKey, Membership)>(Prefix::Membership, &place)? {
            Some(_) => Ok(()),
            None => self.store_member(own, &paper),
        }
    }

    /// A member of this venue by the papers that `author` had at a time.
    ///
    /// # Errors
    /// [`BookError::Stranger`] when there are no papers, [`BookError::Membership`] when none holds at that time,
    /// [`BookError::OtherVenue`] when those that hold are of elsewhere.
    pub(super) fn belongs(
        &self,
        author: PublicKey,
        venue: VenueId,
        at: UnixMillis,
    ) -> Result<(), BookError> {
        let papers = self.members.get(&author).ok_or(BookError::Stranger(author))?;
        let roots = &self.charter.roots.granting();
        let mut holds = papers.at(at).filter_map(|p| p.check(roots, &author, at).ok()).peekable();
        if holds.peek().is_none() {
            let nearest = papers.nearest(at).ok_or(BookError::Stranger(author))?;
            nearest.check(roots, &author, at)?;
        }
        let mut fits = holds.map(|m| m.region() == self.charter.region && m.venue() == Some(venue));
        if fits.any(|fits| fits) { Ok(()) } else { Err(BookError::OtherVenue) }
    }

    /// An author's papers, for introducing it to a peer: those that it had at a time, such as when the last of a run
    /// was written. A manager is introduced by any door's.
    pub fn membership(&self, chain: &ChainId, at: UnixMillis) -> Option<&Membership> {
        let known = self.members.get(&chain.author).and_then(|papers| papers.nearest(at));
        known.or_else(|| {
            let venue = self.homes.get(chain)?;
            let of_venue = |m: &&Membership| m.claimed_venue() == Some(*venue);
            self.members.values().filter_map(|papers| papers.nearest(at)).find(of_venue)
        })
    }

    /// The papers of everybody who belongs or belonged to a venue, and of the authority's nodes.
    pub fn papers(&self, venue: VenueId) -> Vec<Membership> {
        let fits = |m: &&Membership| m.claimed_venue().is_none_or(|v| v == venue);
        self.members.values().flat_map(Papers::all).filter(fits).cloned().collect()
    }

    /// Everybody who was introduced, as they stand now or stood when their membership last held.
    pub fn members(&self, now: UnixMillis) -> Vec<(PublicKey, Option<Member>)> {
        let roots = &self.charter.roots.granting();
        let stands = |node, papers: &Papers| papers.nearest(now)?.check_near(roots, node, now).ok();
        self.members.iter().map(|(node, papers)| (*node, stands(node, papers))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::membership::AuthorityGrant;

    fn paper(from: i64, until: i64) -> Membership {
        let key = SecretKey::from_bytes(&[1; 32]);
        let grant = AuthorityGrant {
            region: RegionId::new(1),
            node: key.public(),
            not_before: UnixMillis::new(from),
            not_after: UnixMillis::new(until),
        };
        Membership::Authority(Signed::seal(&grant, &key))
    }

    #[test]
    fn each_time_has_its_papers_and_old_ones_take_nothing_away() {
        let (old, new) = (paper(0, 100), paper(50, 200));
        let mut papers = Papers::default();
        for p in [&new, &old, &new] {
            papers.lay(p.clone());
        }
        assert_eq!(papers.lay(old.clone()), Laid::Known);
        let at = |t| papers.at(UnixMillis::new(t)).next();
        assert_eq!(
            [at(-1), at(49), at(50), at(199), at(200)].map(Option::<&_>::cloned),
            [None, Some(old.clone()), Some(new.clone()), Some(new.clone()), None]
        );
        assert_eq!(papers.nearest(UnixMillis::new(-5)), Some(&old));
        assert_eq!(papers.nearest(UnixMillis::new(500)), Some(&new));
        assert_eq!(papers.nearest(UnixMillis::new(60)), Some(&new), "issued last");
    }

    #[test]
    fn of_too_many_those_go_that_end_first() {
        let mut papers = Papers::default();
        for n in 1..=PAPERS_MAX as i64 {
            assert_eq!(papers.lay(paper(n, 100 * n)), Laid::New);
        }
        assert_eq!(papers.lay(paper(0, 100)), Laid::Surplus);
        assert_eq!(papers.lay(paper(3, 9_000)), Laid::Instead(paper(1, 100)));
        assert_eq!(papers.all().count(), PAPERS_MAX);
    }
}
