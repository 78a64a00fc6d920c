//! Whom to call and when: soon at first, ever later up to a bound, never in step with others.

use std::{collections::BTreeMap, time::Duration};

use libp2p::{PeerId, swarm::ConnectionId};
use tokio::time::Instant;

use super::{
    PeersError,
    address::{Address, parse_list},
    contacts::set_link,
};
use crate::{
    status::{Link, PeerStatus},
    time::UnixMillis,
};

/// The first wait.
pub const FIRST: Duration = Duration::from_millis(500);
/// The longest wait for a peer that is away.
pub const LONGEST: Duration = Duration::from_secs(30);
/// The wait for a peer that refused us, or that we refused: a person must act first.
pub const REFUSED: Duration = Duration::from_secs(60);
/// The wait for someone found on the LAN who turned out to be no peer of ours.
pub const STRANGER: Duration = Duration::from_secs(600);
/// A session must hold for so long before the waits start anew: one that breaks at once is no success.
const STEADY: Duration = Duration::from_secs(10);

/// The waits between calls to one address.
#[derive(Clone, Debug, Default)]
pub struct BackOff {
    failures: u32,
}

impl BackOff {
    /// The call came through.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// The call failed; how long to wait, given chance in 0..=255. Between half and all of the doubled
    /// wait, so that ten thousand doors do not call at once after an outage.
    pub fn failed(&mut self, chance: u8) -> Duration {
        let full = FIRST.saturating_mul(1 << self.failures.min(10)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        jittered(full, chance)
    }
}

fn jittered(full: Duration, chance: u8) -> Duration {
    full / 2 + full.mul_f64(f64::from(chance) / 510.0)
}

/// Chance for the waits; without randomness they are merely in step.
pub(super) fn chance() -> u8 {
    #[cfg(feature = "simulation")]
    if let Some(byte) = super::chance::next() {
        return byte;
    }
    let mut byte = [128];
    let _ = getrandom::fill(&mut byte);
    byte[0]
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Calling {
    No,
    Resolving,
    Dialling(ConnectionId),
}

/// Whence a target is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The configuration: called for ever.
    Listed,
    /// The LAN; `false` when it is announced no more.
    Found { announced: bool },
}

/// One peer to call, at one of its addresses.
#[derive(Debug)]
pub(super) struct Target {
    addresses: Vec<Address>,
    next: usize,
    back_off: BackOff,
    call_at: Instant,
    calling: Calling,
    source: Source,
    peer: Option<PeerId>,
    status: PeerStatus,
}

impl Target {
    fn new(
        name: String,
        addresses: Vec<Address>,
        source: Source,
        at: Instant,
        now: UnixMillis,
    ) -> Self {
        let status = PeerStatus {
            node: None,
            title: name,
            link: Link::Down { reason: "not yet called".into() },
            since: now,
            heard: None,
            bulletins: Vec::new(),
            waits_until: None,
        };
        Self {
            addresses,
            next: 0,
            back_off: BackOff::default(),
            call_at: at,
            calling: Calling::No,
            source,
            peer: None,
            status,
        }
    }

    /// The next address is tried soon; after the last one it is the first's turn again, later.
    fn put_off(&mut self, at: Instant) {
        self.calling = Calling::No;
        self.next += 1;
        let round = self.next >= self.addresses.len();
        self.next %= self.addresses.len().max(1);
        let wait = if round { self.back_off.failed(chance()) } else { jittered(FIRST, chance()) };
        self.call_at = at + wait;
    }
}

/// How a session, or a connection that was to become one, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Open since then.
    Open(Instant),
    /// Never opened.
    Unopened,
    /// One side does not accept the other.
    Refused,
    /// The other side is no node of this product.
    Foreign,
}

/// Everyone to call.
#[derive(Debug)]
pub(super) struct Targets {
    all: BTreeMap<u64, Target>,
    next: u64,
}

impl Targets {
    /// From the configuration's list.
    ///
    /// # Errors
    /// [`PeersError`] for an entry that is no address.
    pub(super) fn listed(
        list: &[String],
        at: Instant,
        now: UnixMillis,
    ) -> Result<Self, PeersError> {
        let mut targets = Self { all: BTreeMap::new(), next: 0 };
        for name in list {
            let target = Target::new(name.clone(), parse_list(name)?, Source::Listed, at, now);
            targets.add(target);
        }
        Ok(targets)
    }

    fn add(&mut self, target: Target) {
        self.all.insert(self.next, target);
        self.next += 1;
    }

    /// A peer announces itself on the LAN. At most `max` such are called.
    pub(super) fn found(
        &mut self,
        peer: PeerId,
        address: Address,
        max: usize,
        at: Instant,
        now: UnixMillis,
    ) {
        let announced = Source::Found { announced: true };
        let known = self.all.values_mut().find(|t| t.is_found() && t.peer == Some(peer));
        if let Some(target) = known {
            target.source = announced;
            if !target.addresses.contains(&address) && target.addresses.len() < max {
                target.addresses.push(address);
            }
            return;
        }
        if self.all.values().filter(|t| t.is_found()).count() < max {
            let name = address.place.clone();
            let mut target = Target::new(name, vec![address], announced, at, now);
            target.peer = Some(peer);
            self.add(target);
        }
    }

    /// A peer announces an address no more. It is forgotten, unless it is known as a stranger: then a while later.
    pub(super) fn lost_sight(&mut self, peer: &PeerId, address: &Address) {
        for target in self.all.values_mut().filter(|t| t.is_found() && t.peer == Some(*peer)) {
            if target.addresses.len() > 1 {
                target.addresses.retain(|a| a != address);
                target.next %= target.addresses.len().max(1);
            } else {
                target.source = Source::Found { announced: false };
            }
        }
    }

    /// Whom to call now, of those to whom there is no session.
    pub(super) fn due(
        &mut self,
        at: Instant,
        is_talking: impl Fn(&PeerId) -> bool,
    ) -> Vec<(u64, Address)> {
        self.all.retain(|_, t| t.source != Source::Found { announced: false } || t.call_at > at);
        let mut due = Vec::new();
        for (which, target) in &mut self.all {
            let talking = target.peer.is_some_and(|p| is_talking(&p));
            if !talking && target.calling == Calling::No && target.call_at <= at {
                target.calling = Calling::Resolving;
                due.extend(target.addresses.get(target.next).map(|a| (*which, a.clone())));
            }
        }
        due
    }

    /// The call is on its way.
    pub(super) fn dialling(&mut self, which: u64, connection: ConnectionId) {
        if let Some(target) = self.all.get_mut(&which) {
            target.calling = Calling::Dialling(connection);
        }
    }

    /// The call could not be made.
    pub(super) fn put_off(&mut self, which: u64, reason: String, at: Instant, now: UnixMillis) {
        if let Some(target) = self.all.get_mut(&which) {
            target.put_off(at);
            set_link(&mut target.status, Link::Down { reason }, now);
        }
    }

    /// The call failed on its way.
    pub(super) fn failed(
        &mut self,
        connection: ConnectionId,
        reason: &str,
        at: Instant,
        now: UnixMillis,
    ) {
        let call = Calling::Dialling(connection);
        for target in self.all.values_mut().filter(|t| t.calling == call) {
            target.put_off(at);
            set_link(&mut target.status, Link::Down { reason: reason.to_owned() }, now);
        }
    }

    /// The call was taken by this peer. Should no session come of it, the next call waits.
    pub(super) fn taken(&mut self, connection: ConnectionId, peer: PeerId, at: Instant) {
        let call = Calling::Dialling(connection);
        for target in self.all.values_mut().filter(|t| t.calling == call) {
            target.peer = Some(peer);
            target.calling = Calling::No;
            target.call_at = at + LONGEST;
        }
    }

    /// What was between this node and the peer is over; it is called again in its time.
    pub(super) fn ended(&mut self, peer: PeerId, ending: Ending, at: Instant) {
        for target in self.all.values_mut().filter(|t| t.peer == Some(peer)) {
            let call = target.calling;
            match ending {
                Ending::Open(since) => {
                    if at.saturating_duration_since(since) >= STEADY {
                        target.back_off.succeeded();
                    }
                    // The same address first: it was the right one.
                    target.call_at = at + target.back_off.failed(chance());
                }
                Ending::Unopened => target.put_off(at),
                Ending::Refused | Ending::Foreign if target.is_found() => {
                    target.call_at = at + STRANGER;
                }
                Ending::Refused | Ending::Foreign => {
                    target.put_off(at);
                    target.call_at = at + REFUSED;
                }
            }
            target.calling = call; // a call under way goes on
        }
    }

    /// The waits are over: everyone is called at once.
    pub(super) fn start_anew(&mut self, at: Instant) {
        for target in self.all.values_mut() {
            target.back_off.succeeded();
            target.call_at = at;
        }
    }

    /// Nobody is called for this reason.
    pub(super) fn all_down(&mut self, reason: &str, now: UnixMillis) {
        for target in self.all.values_mut() {
            set_link(&mut target.status, Link::Down { reason: reason.to_owned() }, now);
        }
    }

    /// How those stand behind whose listed address nobody has been met.
    pub(super) fn unmet(&self) -> impl Iterator<Item = PeerStatus> + '_ {
        let unmet = self.all.values().filter(|t| t.peer.is_none());
        unmet.map(|t| t.status.clone())
    }
}

impl Target {
    fn is_found(&self) -> bool {
        matches!(self.source, Source::Found { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis::new(0);

    fn id(n: usize) -> ConnectionId {
        ConnectionId::new_unchecked(n)
    }

    fn peer(n: u8) -> PeerId {
        PeerId::from_bytes(&[0, 1, n]).unwrap()
    }

    fn nobody(_: &PeerId) -> bool {
        false
    }

    #[test]
    fn waits_grow_to_the_bound_and_start_anew_after_success() {
        let mut back_off = BackOff::default();
        let waits: Vec<_> = (0..12).map(|_| back_off.failed(255)).collect();
        assert_eq!(waits[0], FIRST);
        assert!(waits.is_sorted());
        assert_eq!(waits[11], LONGEST);
        assert!(back_off.failed(0) >= LONGEST / 2);
        back_off.succeeded();
        assert_eq!(back_off.failed(255), FIRST);
    }

    #[tokio::test]
    async fn addresses_of_one_peer_are_tried_in_turn() {
        let begun = Instant::now();
        let mut targets = Targets::listed(&["a:1,b:2".into()], begun, NOW).unwrap();
        let mut at = begun;
        for place in ["a:1", "b:2", "a:1"] {
            let due = targets.due(at, nobody);
            assert_eq!(due.len(), 1);
            assert_eq!(due[0].1.place, place);
            assert!(targets.due(at + LONGEST, nobody).is_empty(), "one call at a time");
            targets.put_off(due[0].0, "no route".into(), at, NOW);
            at += FIRST * 2;
        }
        assert_eq!(targets.unmet().count(), 1);
    }

    #[tokio::test]
    async fn while_a_session_is_up_its_peer_is_not_called() {
        let begun = Instant::now();
        let mut targets = Targets::listed(&["a:1,b:2".into()], begun, NOW).unwrap();
        let (which, _) = targets.due(begun, nobody).remove(0);
        targets.dialling(which, id(1));
        targets.taken(id(1), peer(1), begun);
        let later = begun + Duration::from_secs(3600);
        assert!(targets.due(later, |p| *p == peer(1)).is_empty());
        targets.ended(peer(1), Ending::Open(begun), later);
        assert!(targets.due(later, nobody).is_empty());
        assert_eq!(targets.due(later + FIRST, nobody).len(), 1);
    }

    #[tokio::test]
    async fn strangers_on_the_lan_are_bounded_and_left_alone_for_a_while() {
        let at = Instant::now();
        let mut targets = Targets::listed(&[], at, NOW).unwrap();
        let address: Address = "10.0.0.7:1".parse().unwrap();
        for n in 0..5 {
            targets.found(peer(n), address.clone(), 3, at, NOW);
        }
        let due = targets.due(at, nobody);
        assert_eq!(due.len(), 3);
        targets.dialling(due[0].0, id(1));
        targets.taken(id(1), peer(0), at);
        targets.ended(peer(0), Ending::Refused, at);
        targets.lost_sight(&peer(0), &address);
        targets.found(peer(0), address.clone(), 3, at, NOW); // announced once more
        let soon = at + STRANGER / 2;
        assert!(targets.due(soon, nobody).is_empty(), "dialled again and again");
        assert_eq!(targets.due(at + STRANGER, nobody).len(), 1);
        targets.lost_sight(&peer(1), &address);
        targets.due(at, nobody);
        assert_eq!(targets.all.len(), 2, "who is gone from the LAN is forgotten");
        assert_eq!(targets.unmet().count(), 0, "who was only found is not on the screen");
    }
}
