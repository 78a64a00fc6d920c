//! Places for live streams: few enough to serve, and none that a passer-by takes from the staff.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Open streams at once; a venue has a handful of screens.
const PUBLIC_MAX: usize = 48;
/// Open streams of one address, so that one machine cannot take them all.
const PUBLIC_MAX_EACH: usize = 8;
/// Streams behind a session at once.
const STAFF_MAX: usize = 32;

type Counts = Arc<Mutex<HashMap<Option<IpAddr>, usize>>>;

/// The places of one node.
pub(crate) struct Streams {
    public: Arc<Semaphore>,
    staff: Arc<Semaphore>,
    by_address: Counts,
}

/// A place that a stream holds; given back when dropped.
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    _of_address: Option<OfAddress>,
}

/// One of an address's open streams.
struct OfAddress {
    address: Option<IpAddr>,
    counts: Counts,
}

impl Streams {
    pub(crate) fn new() -> Self {
        Self {
            public: Arc::new(Semaphore::new(PUBLIC_MAX)),
            staff: Arc::new(Semaphore::new(STAFF_MAX)),
            by_address: Counts::default(),
        }
    }

    /// A place for an open stream to `address`, while there are some and it has not too many already.
    pub(crate) fn public(&self, address: Option<IpAddr>) -> Option<Place> {
        let permit = self.public.clone().try_acquire_owned().ok()?;
        let of_address = OfAddress::take(&self.by_address, address)?;
        Some(Place { _permit: permit, _of_address: Some(of_address) })
    }

    /// A place for a stream behind a session.
    pub(crate) fn staff(&self) -> Option<Place> {
        let permit = self.staff.clone().try_acquire_owned().ok()?;
        Some(Place { _permit: permit, _of_address: None })
    }
}

impl OfAddress {
    fn take(counts: &Counts, address: Option<IpAddr>) -> Option<Self> {
        let mut held = counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(address).or_default();
        if *count >= PUBLIC_MAX_EACH {
            return None;
        }
        *count += 1;
        Some(Self { address, counts: Arc::clone(counts) })
    }
}

impl Drop for OfAddress {
    fn drop(&mut self) {
        let mut held = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: usize) -> Option<IpAddr> {
        Some(IpAddr::from([10, 0, 0, u8::try_from(n).unwrap()]))
    }

    #[test]
    fn one_address_has_few_and_gets_them_back() {
        let streams = Streams::new();
        let mut held: Vec<_> = (0..PUBLIC_MAX_EACH).map(|_| streams.public(address(1))).collect();
        assert!(held.iter().all(Option::is_some));
        assert!(streams.public(address(1)).is_none());
        assert!(streams.public(address(2)).is_some());
        held.pop();
        assert!(streams.public(address(1)).is_some());
        drop(held);
        assert!(streams.by_address.lock().unwrap().is_empty());
        assert_eq!(streams.public.available_permits(), PUBLIC_MAX);
    }

    #[test]
    fn the_public_takes_nothing_from_the_staff() {
        let streams = Streams::new();
        let mut public = Vec::new();
        while let Some(place) = streams.public(address(public.len() / PUBLIC_MAX_EACH)) {
            public.push(place);
        }
        assert_eq!(public.len(), PUBLIC_MAX);
        let staff: Vec<_> = (0..STAFF_MAX).map(|_| streams.staff()).collect();
        assert!(staff.iter().all(Option::is_some));
        assert!(streams.staff().is_none());
    }
}
