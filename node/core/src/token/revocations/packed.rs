//! Ids in a sorted, packed array, with what few values they have: 11 bytes for a token of ours, 19 for an EU certificate.

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
///
/// Hashes are spread evenly: an index by their first bits leaves a few to be searched among, which are near each other
/// in memory.
#[derive(Clone, Debug)]
pub(super) struct Packed<const N: usize> {
    ids: Box<[[u8; N]]>,
    /// For each value of the first bits the place of the first id that has it or a higher one; and the end.
    index: Box<[u32]>,
    bits: u32,
    places: Box<[u16]>,
    terms: Box<[Term]>,
}

impl<const N: usize> Default for Packed<N> {
    fn default() -> Self {
        let (ids, places, terms) = (Box::default(), Box::default(), Box::default());
        Self { ids, index: Box::default(), bits: 0, places, terms }
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
        let ids: Box<[[u8; N]]> = entries.iter().map(|(id, _)| *id).collect();
        // About four ids to a value.
        let bits = (ids.len() / 4).max(1).ilog2().min(16);
        let first = |value: u32| ids.partition_point(|id| first_bits(id, bits) < value);
        let index = (0..=1 << bits).map(|value| u32::try_from(first(value)).unwrap_or(u32::MAX));
        let index = index.collect();
        Ok(Self {
            index,
            bits,
            ids,
            places: entries.iter().map(|(_, term)| place(term)).collect(),
            terms: terms.keys().copied().collect(),
        })
    }

    /// Before when a credential with this id was issued that is withdrawn at `now`, the latest of its entries;
    /// [`NEVER`] where that does not matter.
    pub(super) fn find(&self, id: &[u8; N], now: UnixMillis) -> Option<UnixMillis> {
        let value = usize::try_from(first_bits(id, self.bits)).ok()?;
        let bound = |at: usize| usize::try_from(*self.index.get(at)?).ok();
        let (from, to) = (bound(value)?, bound(value + 1)?);
        let first = from + self.ids[from..to].partition_point(|known| known < id);
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
        let entries = size_of_val(&*self.ids) + size_of_val(&*self.places);
        entries + size_of_val(&*self.index) + size_of_val(&*self.terms)
    }
}

/// The first bits of an id, at most 16, as a number.
fn first_bits<const N: usize>(id: &[u8; N], bits: u32) -> u32 {
    let two = id.first_chunk::<2>().map_or(0, |two| u32::from(u16::from_be_bytes(*two)));
    two >> (16 - bits)
}
