//! Ids in a sorted, packed array, with what few values they have: 10 bytes for a token of ours, 18 for an EU certificate.

use std::collections::BTreeMap;

use sync::time::UnixMillis;

/// No time: an entry that never ends, or that counts whenever the credential was issued.
pub(super) const NEVER: UnixMillis = UnixMillis::new(i64::MAX);
/// More different pairs of times than this no list has.
const TERMS_MAX: usize = 1 << 16;

/// Until when an entry is needed, and before when a credential was issued that it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Term {
    pub(super) until: UnixMillis,
    pub(super) issued_before: UnixMillis,
}

impl Default for Term {
    fn default() -> Self {
        Self { until: NEVER, issued_before: NEVER }
    }
}

/// The ids, and for each the place of its term in a short table.
#[derive(Clone, Debug)]
pub(super) struct Packed<const N: usize> {
    ids: Box<[[u8; N]]>,
    places: Box<[u16]>,
    terms: Box<[Term]>,
}

impl<const N: usize> Default for Packed<N> {
    fn default() -> Self {
        Self { ids: Box::default(), places: Box::default(), terms: Box::default() }
    }
}

/// There are more different times than a list may have.
#[derive(Debug)]
pub(super) struct TooManyTerms;

impl<const N: usize> Packed<N> {
    /// Packs entries in any order; an id may come more than once.
    pub(super) fn pack(mut entries: Vec<([u8; N], Term)>) -> Result<Self, TooManyTerms> {
        entries.sort_unstable();
        entries.dedup();
        let mut terms: BTreeMap<Term, u16> = BTreeMap::new();
        for (_, term) in &entries {
            terms.insert(*term, 0);
        }
        if terms.len() > TERMS_MAX {
            return Err(TooManyTerms);
        }
        for (place, known) in (0..=u16::MAX).zip(terms.values_mut()) {
            *known = place;
        }
        let place = |term: &Term| terms.get(term).copied().unwrap_or_default();
        Ok(Self {
            ids: entries.iter().map(|(id, _)| *id).collect(),
            places: entries.iter().map(|(_, term)| place(term)).collect(),
            terms: terms.keys().copied().collect(),
        })
    }

    /// Before when a credential with this id was issued that is withdrawn at `now`, the latest of its entries;
    /// [`NEVER`] where that does not matter.
    pub(super) fn find(&self, id: &[u8; N], now: UnixMillis) -> Option<UnixMillis> {
        let first = self.ids.partition_point(|known| known < id);
        let same = self.ids[first..].iter().take_while(|known| *known == id).count();
        let terms = self.places[first..first + same].iter().map(|p| self.terms[usize::from(*p)]);
        terms.filter(|term| now < term.until).map(|term| term.issued_before).max()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8; N], UnixMillis)> {
        let before = |place: &u16| self.terms[usize::from(*place)].issued_before;
        self.ids.iter().zip(self.places.iter().map(before))
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.ids) + size_of_val(&*self.places) + size_of_val(&*self.terms)
    }
}
