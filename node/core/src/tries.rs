//! Counts of attempts, so that nobody guesses: so many in a span for each address, number or whatever the key is. Pure.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
};

use sync::time::UnixMillis;

/// The most keys that are remembered; of more the oldest is forgotten.
const KEYS_MAX: usize = 4096;

/// What of an address counts as one caller: of IPv6 the network, for each device has as many addresses there as it likes.
pub fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

/// Attempts by key.
#[derive(Debug)]
pub struct Tries<K> {
    most: u32,
    span_millis: i64,
    counts: HashMap<K, (u32, UnixMillis)>,
}

impl<K: Eq + Hash + Clone> Tries<K> {
    /// At most so many in a span of so many milliseconds, which begins with the first.
    pub fn new(most: u32, span_millis: i64) -> Self {
        Self { most, span_millis, counts: HashMap::new() }
    }

    /// After how many milliseconds there may be another; `None` for at once.
    pub fn wait(&self, key: &K, now: UnixMillis) -> Option<i64> {
        let (count, began) = self.counts.get(key)?;
        let left = began.get() + self.span_millis - now.get();
        // A clock that went back must not shut anybody out for longer than the span.
        (*count >= self.most && (1..=self.span_millis).contains(&left)).then_some(left)
    }

    /// One that was counted was none.
    pub fn take_back(&mut self, key: &K) {
        if let Some((count, _)) = self.counts.get_mut(key) {
            *count = count.saturating_sub(1);
        }
    }

    /// Counts one.
    pub fn count(&mut self, key: &K, now: UnixMillis) {
        let passed =
            |began: UnixMillis| !(0..self.span_millis).contains(&(now.get() - began.get()));
        match self.counts.get_mut(key) {
            Some((count, began)) if !passed(*began) => *count += 1,
            Some(entry) => *entry = (1, now),
            None => {
                if self.counts.len() >= KEYS_MAX {
                    self.counts.retain(|_, (_, began)| !passed(*began));
                }
                if self.counts.len() >= KEYS_MAX
                    && let Some(oldest) = self
                        .counts
                        .iter()
                        .min_by_key(|(_, (_, began))| *began)
                        .map(|(k, _)| k.clone())
                {
                    self.counts.remove(&oldest);
                }
                self.counts.insert(key.clone(), (1, now));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

    #[test]
    fn the_span_begins_with_the_first_and_ends() {
        let mut tries = Tries::new(2, 1000);
        let at = |millis| NOON.plus_millis(millis);
        assert_eq!(tries.wait(&'a', NOON), None);
        tries.count(&'a', NOON);
        tries.count(&'a', at(400));
        assert_eq!((tries.wait(&'a', at(400)), tries.wait(&'b', at(400))), (Some(600), None));
        assert_eq!(tries.wait(&'a', at(1000)), None);
        tries.count(&'a', at(1000));
        assert_eq!(tries.wait(&'a', at(1001)), None);
        tries.count(&'a', at(1001));
        tries.take_back(&'a');
        assert_eq!(tries.wait(&'a', at(1001)), None, "it was none");
        tries.count(&'a', at(1001));
        assert_eq!(tries.wait(&'a', at(1001)), Some(999));
        assert_eq!(tries.wait(&'a', at(-90_000)), None, "a clock that went back shuts nobody out");
    }

    #[test]
    fn the_keys_are_bounded() {
        let mut tries = Tries::new(1, 1000);
        (0..2 * KEYS_MAX).for_each(|n| tries.count(&n, NOON));
        assert_eq!(tries.counts.len(), KEYS_MAX);
    }
}
