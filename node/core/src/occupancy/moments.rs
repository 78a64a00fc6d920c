//! Things that count for a time: a set of which only what is later than a threshold counts.

use std::collections::BTreeSet;

use sync::time::UnixMillis;

/// A set by time. The threshold moves on at the cost of what it passes; back, it costs as much again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moments<K> {
    live: BTreeSet<(UnixMillis, K)>,
    past: BTreeSet<(UnixMillis, K)>,
    after: UnixMillis,
}

impl<K> Default for Moments<K> {
    fn default() -> Self {
        let after = UnixMillis::new(i64::MIN);
        Self { live: BTreeSet::new(), past: BTreeSet::new(), after }
    }
}

impl<K: Ord + Copy> Moments<K> {
    pub(super) fn insert(&mut self, at: UnixMillis, key: K) {
        let set = if at > self.after { &mut self.live } else { &mut self.past };
        set.insert((at, key));
    }

    pub(super) fn remove(&mut self, at: UnixMillis, key: K) {
        let _ = self.live.remove(&(at, key)) || self.past.remove(&(at, key));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.live.is_empty() && self.past.is_empty()
    }

    /// How many are later than `after`.
    pub(super) fn count_after(&mut self, after: UnixMillis) -> usize {
        self.turn(after);
        self.live.len()
    }

    /// The times of those that are later than `after`, in their order.
    pub(super) fn times_after(&mut self, after: UnixMillis) -> Vec<UnixMillis> {
        self.turn(after);
        self.live.iter().map(|(at, _)| *at).collect()
    }

    /// How many are later than `after`, in two parts: those up to `split` that are early, and the others.
    pub(super) fn count_split(
        &mut self,
        after: UnixMillis,
        split: UnixMillis,
        is_early: impl Fn(UnixMillis, &K) -> bool,
    ) -> (usize, usize) {
        self.turn(after);
        let until = self.live.iter().take_while(|(at, _)| *at <= split);
        let early = until.filter(|(at, key)| is_early(*at, key)).count();
        (early, self.live.len() - early)
    }

    fn turn(&mut self, after: UnixMillis) {
        if after < self.after {
            self.live.append(&mut self.past);
        }
        self.after = after;
        while self.live.first().is_some_and(|(at, _)| *at <= after) {
            self.past.extend(self.live.pop_first());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_moves_on_and_back() {
        let mut moments = Moments::default();
        let at = UnixMillis::new;
        (1..=5).for_each(|n| moments.insert(at(n), n));
        assert_eq!(moments.count_after(at(2)), 3);
        moments.insert(at(1), 9);
        moments.remove(at(4), 4);
        assert_eq!(moments.count_after(at(2)), 2);
        assert_eq!(moments.count_after(at(0)), 5);
        assert_eq!(moments.count_split(at(1), at(3), |_, _| true), (2, 1));
        assert_eq!(moments.count_split(at(1), at(3), |_, key| *key == 3), (1, 2));
        moments.remove(at(1), 1);
        moments.remove(at(1), 9);
        assert_eq!(moments.count_after(at(-1)), 3);
    }
}
