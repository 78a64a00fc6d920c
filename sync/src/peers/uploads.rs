//! Who may deliver a backlog now, and when the others come again: so many at once, those with the oldest data first, the rest
//! spread over the time that the queue will take. No sockets, no clock.
//!
//! What is small passes without a place: the visits of this moment must not wait behind ten thousand doors' histories.

use std::collections::{BTreeMap, BTreeSet};

use libp2p::PeerId;
use tokio::time::{Duration, Instant};

use crate::{status::UploadsStatus, time::Day};

/// A delivery of no more than this is no backlog, bytes.
pub(super) const SMALL: usize = 4 << 10;
/// Small deliveries under way at once.
const SMALL_MAX: usize = 256;
/// Who has a place and delivers nothing for so long is done.
const IDLE: Duration = Duration::from_millis(500);
/// So long a place is kept while others wait.
const TENURE: Duration = Duration::from_secs(30);
/// Who was told to come again and is due keeps its turn for so long.
const GRACE: Duration = Duration::from_secs(3);
/// Who does not come again is forgotten so long after it was due.
const FORGOTTEN: Duration = Duration::from_secs(60);
/// The first guess of how long a place is held, and the bounds of what is learned.
const HELD: (Duration, Duration, Duration) =
    (Duration::from_secs(1), Duration::from_millis(100), TENURE);
/// How long anybody is told to stay away: at least, and at most.
const AWAY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(600));
/// The same while the store takes nothing, at least: and how many may then come in a second.
const STRAINED: (Duration, u32) = (Duration::from_secs(15), 50);

/// A peer that has a place.
#[derive(Clone, Copy, Debug)]
struct Place {
    since: Instant,
    last: Instant,
    busy: bool,
}

/// A peer that was told to come again.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    oldest: Day,
    asked: u64,
    due: Instant,
}

/// What a peer that wants to deliver is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It may.
    Now,
    /// Not before so long.
    ComeAgain(Duration),
}

/// The places, and who waits for one.
#[derive(Debug)]
pub(super) struct Uploads {
    most: usize,
    places: BTreeMap<PeerId, Place>,
    small: BTreeSet<PeerId>,
    waiting: BTreeMap<PeerId, Waiting>,
    /// Those that wait in the order of their turns.
    queue: BTreeSet<(Day, u64, PeerId)>,
    held: Duration,
    asked: u64,
    told: u64,
}

impl Uploads {
    pub(super) fn new(most: u32) -> Self {
        Self {
            most: usize::try_from(most).unwrap_or(usize::MAX).max(1),
            places: BTreeMap::new(),
            small: BTreeSet::new(),
            waiting: BTreeMap::new(),
            queue: BTreeSet::new(),
            held: HELD.0,
            asked: 0,
            told: 0,
        }
    }

    /// A peer whose oldest data is of this day wants to deliver so many bytes. `strained` says that the store takes
    /// nothing: then one at a time tries it. `chance` spreads who is told to come again.
    pub(super) fn ask(
        &mut self,
        peer: PeerId,
        (oldest, bytes): (Day, usize),
        strained: bool,
        (now, chance): (Instant, u8),
    ) -> Turn {
        self.sweep(now);
        let most = if strained { 1 } else { self.most };
        if let Some(place) = self.places.get_mut(&peer) {
            (place.busy, place.last) = (true, now);
            return Turn::Now;
        }
        if bytes <= SMALL && !strained && self.small.len() < SMALL_MAX {
            self.small.insert(peer);
            return Turn::Now;
        }
        let asked = self.waiting.get(&peer).map_or(self.asked, |waiting| waiting.asked);
        let turn = (oldest, asked, peer);
        let free = most.saturating_sub(self.places.len());
        // Those that are due and whose turn is before this one's are expected at any moment.
        let expected = |other: &&(Day, u64, PeerId)| {
            let due = self.waiting.get(&other.2).map(|waiting| waiting.due);
            due.is_some_and(|due| due <= now && now < due + GRACE)
        };
        let mine = |other: &&(Day, u64, PeerId)| other.2 != peer;
        let before = self.queue.range(..turn).filter(mine);
        if free > 0 && before.clone().filter(expected).take(free).count() < free {
            self.forget(&peer);
            self.places.insert(peer, Place { since: now, last: now, busy: true });
            return Turn::Now;
        }
        let rank = u32::try_from(before.count()).unwrap_or(u32::MAX);
        let away = self.away(rank, most, strained, chance);
        self.forget(&peer);
        self.asked = self.asked.max(asked + 1);
        self.waiting.insert(peer, Waiting { oldest, asked, due: now + away });
        self.queue.insert(turn);
        self.told += 1;
        Turn::ComeAgain(away)
    }

    /// When the store fails whoever delivers: it comes again like those that wait.
    pub(super) fn failed(&self, chance: u8) -> Duration {
        let rank = u32::try_from(self.queue.len()).unwrap_or(u32::MAX);
        self.away(rank, 1, true, chance)
    }

    /// By the queue: the time until so many have had their places, and up to half as long again.
    fn away(&self, rank: u32, most: usize, strained: bool, chance: u8) -> Duration {
        let most = u32::try_from(most).unwrap_or(u32::MAX).max(1);
        let rounds = f64::from(rank) / f64::from(most) + 1.0;
        let queue = if strained {
            STRAINED.0 + Duration::from_secs(u64::from(rank / STRAINED.1))
        } else {
            self.held.mul_f64(rounds)
        };
        let spread = queue.mul_f64(1.0 + f64::from(chance) / 512.0);
        spread.clamp(AWAY.0, AWAY.1)
    }

    /// What a peer brought is answered; whether it was a delivery that was let in, and not something else.
    pub(super) fn done(&mut self, peer: &PeerId, now: Instant) -> bool {
        let small = self.small.remove(peer);
        match self.places.get_mut(peer) {
            Some(place) => {
                place.last = now;
                std::mem::replace(&mut place.busy, false) || small
            }
            None => small,
        }
    }

    /// A peer has gone.
    pub(super) fn gone(&mut self, peer: &PeerId, now: Instant) {
        self.small.remove(peer);
        self.leave(peer, now);
        self.forget(peer);
    }

    fn leave(&mut self, peer: &PeerId, now: Instant) {
        let Some(place) = self.places.remove(peer) else { return };
        let held = now.saturating_duration_since(place.since).clamp(HELD.1, HELD.2);
        self.held = (self.held * 7 + held) / 8;
    }

    fn forget(&mut self, peer: &PeerId) {
        if let Some(waiting) = self.waiting.remove(peer) {
            self.queue.remove(&(waiting.oldest, waiting.asked, *peer));
        }
    }

    /// Takes back the places of those that are done, or have had theirs for long while others wait; forgets who never came.
    pub(super) fn sweep(&mut self, now: Instant) {
        let others_wait = !self.waiting.is_empty();
        let over = self.places.iter().filter(|(_, place)| {
            let idle = now.saturating_duration_since(place.last) >= IDLE;
            let long = others_wait && now.saturating_duration_since(place.since) >= TENURE;
            !place.busy && (idle || long)
        });
        let over: Vec<PeerId> = over.map(|(peer, _)| *peer).collect();
        over.iter().for_each(|peer| self.leave(peer, now));
        let never = self.waiting.iter().filter(|(_, waiting)| now >= waiting.due + FORGOTTEN);
        let never: Vec<PeerId> = never.map(|(peer, _)| *peer).collect();
        never.iter().for_each(|peer| self.forget(peer));
    }

    pub(super) fn status(&self) -> UploadsStatus {
        UploadsStatus {
            places: self.most,
            delivering: self.places.len() + self.small.len(),
            waiting: self.waiting.len(),
            told: self.told,
        }
    }
}

#[cfg(test)]
mod tests {
    mod crowd;

    use libp2p::identity::Keypair;
    use proptest::prelude::*;

    use super::*;

    const LARGE: usize = 64 << 10;

    fn peer(n: u8) -> PeerId {
        let mut seed = [n; 32];
        seed[0] = 1;
        Keypair::ed25519_from_bytes(&mut seed).unwrap().public().to_peer_id()
    }

    fn day(n: i32) -> Day {
        Day::new(20_000 + n)
    }

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn so_many_deliver_at_once_and_the_small_pass() {
        let (mut uploads, now) = (Uploads::new(2), Instant::now());
        let mut ask = |n, bytes, now| uploads.ask(peer(n), (day(1), bytes), false, (now, 0));
        assert_eq!((ask(1, LARGE, now), ask(2, LARGE, now)), (Turn::Now, Turn::Now));
        assert_eq!(ask(3, LARGE, now), Turn::ComeAgain(seconds(1)));
        assert_eq!(ask(3, 100, now), Turn::Now, "a visit of this moment");
        assert_eq!(ask(1, LARGE, now), Turn::Now, "who has a place keeps it");
        uploads.done(&peer(1), now);
        let later = now + IDLE;
        assert_eq!(
            uploads.ask(peer(4), (day(2), LARGE), false, (later, 0)),
            Turn::Now,
            "a place is free"
        );
        assert_eq!(uploads.status().delivering, 3);
        uploads.gone(&peer(2), later);
        uploads.gone(&peer(3), later);
        assert_eq!(
            uploads.status(),
            UploadsStatus { places: 2, delivering: 1, waiting: 0, told: 1 }
        );
    }

    #[test]
    fn the_oldest_data_comes_first() {
        let (mut uploads, now) = (Uploads::new(1), Instant::now());
        let mut ask = |n, d, now| uploads.ask(peer(n), (day(d), LARGE), false, (now, 0));
        assert_eq!(ask(1, 5, now), Turn::Now);
        let Turn::ComeAgain(first) = ask(2, 5, now) else { panic!("taken") };
        let Turn::ComeAgain(older) = ask(3, 2, now) else { panic!("taken") };
        let Turn::ComeAgain(last) = ask(4, 9, now) else { panic!("taken") };
        assert_eq!(older, first, "it stands before the first that waits");
        assert!(last > first, "{last:?} {first:?}");
        uploads.gone(&peer(1), now);
        let due = now + first;
        let mut ask = |n, d, now| uploads.ask(peer(n), (day(d), LARGE), false, (now, 0));
        assert!(matches!(ask(2, 5, due), Turn::ComeAgain(_)), "the older one is expected now");
        assert_eq!(ask(3, 2, due), Turn::Now);
        uploads.gone(&peer(3), due);
        let over = due + GRACE + seconds(5);
        assert_eq!(
            uploads.ask(peer(4), (day(9), LARGE), false, (over, 0)),
            Turn::Now,
            "nobody else came"
        );
    }

    #[test]
    fn ten_thousand_are_spread_over_what_the_queue_will_take() {
        let (mut uploads, now) = (Uploads::new(64), Instant::now());
        let mut told = Vec::new();
        for n in 0..2000_u32 {
            let mut seed = [3; 32];
            seed[..4].copy_from_slice(&n.to_be_bytes());
            let peer = Keypair::ed25519_from_bytes(&mut seed).unwrap().public().to_peer_id();
            let chance = (n % 256) as u8;
            if let Turn::ComeAgain(away) = uploads.ask(peer, (day(1), LARGE), false, (now, chance))
            {
                told.push(away);
            }
        }
        assert_eq!(told.len(), 2000 - 64);
        let (least, most) = (told.iter().min().unwrap(), told.iter().max().unwrap());
        assert!(
            *least >= seconds(1) && *most >= seconds(30) && *most < seconds(60),
            "{least:?} {most:?}"
        );
        let in_first = told.iter().filter(|away| **away < seconds(10)).count();
        assert!((200..900).contains(&in_first), "{in_first} of them in the first ten seconds");
    }

    #[test]
    fn while_the_store_takes_nothing_one_at_a_time_tries_it() {
        let (mut uploads, now) = (Uploads::new(64), Instant::now());
        let mut ask = |n, bytes| uploads.ask(peer(n), (day(1), bytes), true, (now, 255));
        assert_eq!(ask(1, 100), Turn::Now);
        let Turn::ComeAgain(away) = ask(2, 100) else { panic!("small ones wait, too") };
        assert!(away >= STRAINED.0 && away <= STRAINED.0 * 2, "{away:?}");
        assert!(uploads.failed(0) >= STRAINED.0);
    }

    proptest! {
        /// Whatever comes in whatever order: never more places than there are, and who is forgotten nowhere stays behind.
        #[test]
        fn the_places_are_never_more(steps in prop::collection::vec((0_u8..12, 0_u8..4, 0_u64..3000), 1..200)) {
            let mut now = Instant::now();
            let mut uploads = Uploads::new(3);
            for (who, what, passed) in steps {
                now += Duration::from_millis(passed);
                match what {
                    0 => uploads.gone(&peer(who), now),
                    1 => _ = uploads.done(&peer(who), now),
                    _ => {
                        let what = (day(i32::from(who % 3)), LARGE);
                        let _ = uploads.ask(peer(who), what, false, (now, who));
                    }
                }
                prop_assert!(uploads.places.len() <= 3);
                prop_assert_eq!(uploads.waiting.len(), uploads.queue.len());
                prop_assert!(uploads.places.keys().all(|p| !uploads.waiting.contains_key(p)));
            }
        }
    }
}
