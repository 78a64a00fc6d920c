//! Who may connect: counts strangers by address, says whom to drop for whom. No sockets, no clock.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::IpAddr,
    time::Duration,
};

use libp2p::{PeerId, swarm::ConnectionId};
use tokio::time::Instant;

use super::limits::Limits;

/// Addresses from which sessions were accepted, remembered up to so many.
const KNOWN_MAX: usize = 4096;

/// What counts as one address: an IPv4 address, or the /64 network that one IPv6 host has for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u128);

impl From<IpAddr> for Place {
    fn from(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(v4) => Self(u128::from(v4.to_bits())),
            IpAddr::V6(v6) => Self(v6.to_bits() >> 64 << 64 | 1 << 63),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Stranger {
    /// `None` for a connection that this node has dialled: it counts for nobody's bound.
    place: Option<Place>,
    arrived: Instant,
    /// Who it is, once the handshake is done.
    peer: Option<PeerId>,
}

/// Why nobody is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("too many connections from this address")]
    Address,
    #[error("too many connections from strangers")]
    Strangers,
    #[error("no connections now")]
    Shut,
}

/// Every connection, from its first byte to its end.
#[derive(Debug)]
pub(super) struct Admission {
    limits: Limits,
    strangers: BTreeMap<ConnectionId, Stranger>,
    accepted: BTreeMap<ConnectionId, Option<Place>>,
    known: BTreeSet<Place>,
    known_order: VecDeque<Place>,
    shut: bool,
}

impl Admission {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            strangers: BTreeMap::new(),
            accepted: BTreeMap::new(),
            known: BTreeSet::new(),
            known_order: VecDeque::new(),
            shut: false,
        }
    }

    /// Lets nobody in any more, or again.
    pub(super) fn shut(&mut self, shut: bool) {
        self.shut = shut;
    }

    /// Somebody arrives. Returns a connection to be dropped in its place, if need be.
    pub(super) fn knock(
        &mut self,
        id: ConnectionId,
        place: Place,
        now: Instant,
    ) -> Result<Option<(PeerId, ConnectionId)>, Refusal> {
        if self.shut {
            return Err(Refusal::Shut);
        }
        let from_outside = self.strangers.values().filter_map(|s| s.place);
        let (mut all, mut same) = (0, 0);
        for other in from_outside {
            all += 1;
            same += u32::from(other == place);
        }
        let max = self.limits.strangers_max;
        let bound = match (self.known.contains(&place), same) {
            (true, _) => max.saturating_mul(2),
            (false, 0) => max.saturating_add(max / 4),
            (false, _) => max,
        };
        let displaced = if same >= self.limits.strangers_per_address {
            Some(self.oldest_idle(|s| s.place == Some(place)).ok_or(Refusal::Address)?)
        } else if all >= bound {
            Some(self.oldest_idle(|s| s.place == Some(place)).ok_or(Refusal::Strangers)?)
        } else if all >= max {
            self.oldest_idle(|s| s.place.is_some())
        } else {
            None
        };
        self.strangers.insert(id, Stranger { place: Some(place), arrived: now, peer: None });
        Ok(displaced)
    }

    /// The stranger of these that has been silent for longest; one in its handshake cannot be dropped.
    fn oldest_idle(&mut self, of: impl Fn(&Stranger) -> bool) -> Option<(PeerId, ConnectionId)> {
        let incoming = self.strangers.iter().filter(|(_, s)| of(s));
        let idle = incoming.filter_map(|(id, s)| Some((s.arrived, *id, s.peer?)));
        let (_, id, peer) = idle.min_by_key(|(arrived, id, _)| (*arrived, *id))?;
        self.strangers.remove(&id);
        Some((peer, id))
    }

    /// The handshake is done; `dialled` by this node, or knocked before.
    pub(super) fn established(
        &mut self,
        id: ConnectionId,
        dialled: bool,
        peer: PeerId,
        now: Instant,
    ) {
        let peer = Some(peer);
        if dialled {
            self.strangers.insert(id, Stranger { place: None, arrived: now, peer });
        } else if let Some(stranger) = self.strangers.get_mut(&id) {
            stranger.peer = peer;
        }
    }

    /// An accepted session has come of the connection; `false` when there are too many of them.
    pub(super) fn accept(&mut self, id: ConnectionId) -> bool {
        if self.accepted.contains_key(&id) {
            return true;
        }
        if self.accepted.len() >= self.limits.sessions_max as usize {
            return false;
        }
        let place = self.strangers.remove(&id).and_then(|s| s.place);
        self.accepted.insert(id, place);
        if let Some(place) = place
            && self.known.insert(place)
        {
            self.known_order.push_back(place);
            if self.known_order.len() > KNOWN_MAX
                && let Some(oldest) = self.known_order.pop_front()
            {
                self.known.remove(&oldest);
            }
        }
        true
    }

    /// The connection is over, or never came to be.
    pub(super) fn gone(&mut self, id: ConnectionId) {
        self.strangers.remove(&id);
        self.accepted.remove(&id);
    }

    /// Connections that should have become a session by now.
    pub(super) fn overdue(&self, now: Instant) -> Vec<ConnectionId> {
        let late = |s: &Stranger| waited(s, now) >= self.limits.introduction;
        self.strangers
            .iter()
            .filter(|(_, s)| s.peer.is_some() && late(s))
            .map(|(id, _)| *id)
            .collect()
    }
}

fn waited(stranger: &Stranger, now: Instant) -> Duration {
    now.saturating_duration_since(stranger.arrived)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> ConnectionId {
        ConnectionId::new_unchecked(n)
    }

    fn peer() -> PeerId {
        PeerId::from_bytes(&[0, 1, 7]).unwrap()
    }

    fn place(n: u32) -> Place {
        IpAddr::V4(n.into()).into()
    }

    fn admission() -> Admission {
        Admission::new(Limits {
            sessions_max: 2,
            strangers_max: 8,
            strangers_per_address: 4,
            ..Limits::default()
        })
    }

    #[tokio::test]
    async fn one_address_has_its_bound_and_gets_it_back() {
        let (mut a, now) = (admission(), Instant::now());
        for n in 0..4 {
            assert_eq!(a.knock(id(n), place(1), now), Ok(None));
        }
        assert_eq!(a.knock(id(4), place(1), now), Err(Refusal::Address));
        assert_eq!(a.knock(id(5), place(2), now), Ok(None), "another address is free");
        a.gone(id(0));
        assert!(a.accept(id(1)), "a session counts no more among the strangers");
        assert_eq!(a.knock(id(6), place(1), now), Ok(None));
        assert_eq!(a.knock(id(7), place(1), now), Ok(None));
        assert_eq!(a.knock(id(8), place(1), now), Err(Refusal::Address));
    }

    #[tokio::test]
    async fn first_comers_and_old_friends_displace_idle_strangers() {
        let (mut a, now) = (admission(), Instant::now());
        a.knock(id(100), place(9), now).unwrap();
        assert!(a.accept(id(100)));
        for n in 0..8 {
            a.knock(id(n), place(u32::try_from(n / 4).unwrap() + 1), now).unwrap();
            a.established(id(n), false, peer(), now);
        }
        assert_eq!(
            a.knock(id(20), place(5), now),
            Ok(Some((peer(), id(0)))),
            "a first comer pushes one out"
        );
        assert_eq!(a.knock(id(21), place(5), now), Err(Refusal::Strangers));
        assert_eq!(
            a.knock(id(22), place(9), now),
            Ok(Some((peer(), id(1)))),
            "so does who was accepted before"
        );
    }

    #[tokio::test]
    async fn a_full_address_makes_room_within_its_own_share() {
        let (mut a, now) = (admission(), Instant::now());
        for n in 0..4 {
            a.knock(id(n), place(1), now + Duration::from_millis(n as u64)).unwrap();
        }
        a.established(id(2), false, peer(), now);
        a.established(id(3), false, peer(), now);
        assert_eq!(a.knock(id(9), place(1), now), Ok(Some((peer(), id(2)))));
    }

    #[tokio::test]
    async fn sessions_have_a_bound_and_the_idle_are_overdue() {
        let (mut a, now) = (admission(), Instant::now());
        for n in 0..3 {
            a.knock(id(n), place(1), now).unwrap();
            a.established(id(n), false, peer(), now);
        }
        assert!(a.accept(id(0)) && a.accept(id(0)) && a.accept(id(1)));
        assert!(!a.accept(id(2)));
        let later = now + Duration::from_secs(15);
        assert_eq!(a.overdue(later), vec![id(2)]);
        a.shut(true);
        assert_eq!(a.knock(id(9), place(9), later), Err(Refusal::Shut));
    }

    #[test]
    fn a_network_of_one_host_is_one_place() {
        let place = |text: &str| Place::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(place("2001:db8::1"), place("2001:db8::ffff:2"));
        assert_ne!(place("2001:db8:0:1::1"), place("2001:db8:0:2::1"));
        assert_eq!(place("::ffff:10.0.0.1"), place("10.0.0.1"));
        assert_ne!(place("::1"), place("0.0.0.1"));
    }
}
