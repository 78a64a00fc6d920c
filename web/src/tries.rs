//! Wrong tries and the waits after them: by address, by name, by browser, and of all strangers together.
//!
//! A try takes a place in each of its lanes *before* anything is looked at, so that many at once are counted one by one,
//! and gives them back when it was right. After a few free ones each further one makes the lane wait twice as long, up to a
//! bound: nobody is ever shut out for good. A browser that has signed a person in before tries in a lane of its own, which
//! strangers cannot fill; and the access key has one for each address, and no other.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use node_core::{
    audit::{AuditEntry, AuditKind},
    desk::Desk,
    staff::StaffId,
    tries::network,
};
use sync::time::UnixMillis;

use crate::session::{Digest32, digest};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
/// Lanes that are remembered; of more those that wait for nothing go first, and the oldest of them.
const LANES_MAX: usize = 4096;
/// How far back a door's log is read at a start: as far as a lane remembers.
const LOG_DAYS: u16 = 2;
const LOG_LINES: usize = 2000;

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Lane {
    /// Tries from one address with the access key.
    Key(IpAddr),
    /// Tries from one address with a name, a set-up code or an invitation.
    Address(IpAddr),
    /// Tries for one name, whether anybody has it or not, from browsers that are not known.
    Name(Digest32),
    /// Tries from one browser that has signed in before.
    Browser(Digest32),
    /// Tries from all browsers that are not known, for whatever names.
    Strangers,
    /// Wrong codes that begin as one invitation does; it waits for nothing, and ends after some.
    Invitation([u8; 8]),
}

/// How a lane waits, ms.
struct Rule {
    /// Tries without a wait.
    free: u32,
    /// The first wait; each further one is twice as long.
    first: i64,
    /// The longest wait.
    most: i64,
    /// After so long without a try all is forgotten.
    memory: i64,
}

impl Lane {
    /// The lane of an account, by whatever of its names it was meant.
    pub(crate) fn of(account: &StaffId) -> Self {
        Self::Name(digest(&account.to_string()))
    }

    /// The lane of an address is that of its network.
    fn bounded(self) -> Self {
        match self {
            Self::Key(ip) => Self::Key(network(ip)),
            Self::Address(ip) => Self::Address(network(ip)),
            other => other,
        }
    }

    const fn rule(self) -> Rule {
        match self {
            // 120 bits are not guessed: this is against noise.
            Self::Key(_) => Rule { free: 5, first: MINUTE, most: MINUTE, memory: MINUTE },
            Self::Address(_) | Self::Browser(_) => {
                Rule { free: 5, first: 30 * SECOND, most: 15 * MINUTE, memory: HOUR }
            }
            // A million PINs at one an hour.
            Self::Name(_) => Rule { free: 5, first: 30 * SECOND, most: HOUR, memory: 24 * HOUR },
            // Many addresses and many names do not help.
            Self::Invitation(_) => Rule { free: u32::MAX, first: 0, most: 0, memory: 24 * HOUR },
            Self::Strangers => Rule { free: 40, first: 2 * SECOND, most: MINUTE, memory: HOUR },
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Count {
    wrong: u32,
    last: UnixMillis,
}

impl Count {
    /// How long the lane still waits at `now`, ms. A clock that was put back makes nobody wait longer than the rule.
    fn waits(&self, rule: &Rule, now: UnixMillis) -> i64 {
        let since = now.get() - self.last.get();
        if self.wrong < rule.free || since < 0 {
            return 0;
        }
        let doubled = (self.wrong - rule.free).min(20);
        let wait = rule.first.saturating_mul(1 << doubled).min(rule.most);
        (wait - since).max(0)
    }
}

/// How long somebody must wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) seconds: i64,
}

/// All lanes.
#[derive(Default)]
pub(crate) struct Tries(Mutex<HashMap<Lane, Count>>);

impl Tries {
    /// Takes a place in each lane, or in none where one of them waits.
    pub(crate) fn begin(&self, lanes: &[Lane], now: UnixMillis) -> Result<(), Wait> {
        let mut counts = self.counts();
        counts.retain(|lane, c| {
            (0..lane.rule().memory.max(lane.rule().most)).contains(&(now.get() - c.last.get()))
        });
        let waits = lanes.iter().map(|lane| {
            let lane = lane.bounded();
            counts.get(&lane).map_or(0, |count| count.waits(&lane.rule(), now))
        });
        let longest = waits.max().unwrap_or(0);
        if longest > 0 {
            return Err(Wait { seconds: (longest + SECOND - 1) / SECOND });
        }
        for lane in lanes {
            make_room(&mut counts, now);
            let count = counts.entry(lane.bounded()).or_insert(Count { wrong: 0, last: now });
            *count = Count { wrong: count.wrong.saturating_add(1), last: now };
        }
        Ok(())
    }

    /// Those of a door, as far as its log remembers them.
    pub(crate) async fn at(door: Option<&Desk>) -> Self {
        let tries = Self::default();
        let Some(desk) = door else { return tries };
        match desk.audited(LOG_DAYS, LOG_LINES).await {
            Ok(entries) => tries.remember(&entries),
            Err(error) => tracing::warn!(%error, "wrong tries of before could not be read"),
        }
        tries
    }

    /// Counts what the door's log has of before the program began, so that a restart makes no room for guesses.
    /// Which browser was known then it does not say: those tries count like a stranger's.
    fn remember(&self, entries: &[AuditEntry]) {
        // Of one moment nobody knows the order: what was wrong counts as the later.
        let is_wrong =
            |kind: &AuditKind| matches!(kind, AuditKind::WrongSecret | AuditKind::WrongKey);
        let mut entries: Vec<&AuditEntry> = entries.iter().collect();
        entries.sort_by_key(|entry| (entry.at, is_wrong(&entry.kind)));
        for entry in entries {
            let (about, from) = (entry.about.or(entry.who), entry.from());
            let name = about.as_ref().map(Lane::of);
            match entry.kind {
                AuditKind::WrongSecret => {
                    let lanes = [from.map(Lane::Address), name, Some(Lane::Strangers)];
                    self.again(lanes.into_iter().flatten(), entry.at);
                }
                AuditKind::WrongKey => self.again(from.map(Lane::Key).into_iter(), entry.at),
                AuditKind::SignedIn => {
                    let lanes: Vec<_> = from.map(Lane::Address).into_iter().chain(name).collect();
                    self.was_right(&lanes);
                }
                AuditKind::EnteredByKey => {
                    self.was_right(from.map(Lane::Key).as_slice());
                }
                _ => {}
            }
        }
    }

    fn again(&self, lanes: impl Iterator<Item = Lane>, at: UnixMillis) {
        let mut counts = self.counts();
        for lane in lanes {
            make_room(&mut counts, at);
            let count = counts.entry(lane.bounded()).or_insert(Count { wrong: 0, last: at });
            let passed = at.get() - count.last.get() >= lane.rule().memory;
            let wrong = if passed { 1 } else { count.wrong.saturating_add(1) };
            *count = Count { wrong, last: at };
        }
    }

    /// It was right: the lanes of the address, the name and the browser begin anew. All strangers together get back
    /// the one place only, or somebody with an account would make room for guesses at others.
    pub(crate) fn was_right(&self, lanes: &[Lane]) {
        let mut counts = self.counts();
        for lane in lanes {
            match lane.bounded() {
                Lane::Strangers => {
                    if let Some(count) = counts.get_mut(&Lane::Strangers) {
                        count.wrong = count.wrong.saturating_sub(1);
                    }
                }
                other => drop(counts.remove(&other)),
            }
        }
    }

    /// It was not looked at after all: the places are given back.
    pub(crate) fn give_back(&self, lanes: &[Lane]) {
        let mut counts = self.counts();
        for lane in lanes {
            if let Some(count) = counts.get_mut(&lane.bounded()) {
                count.wrong = count.wrong.saturating_sub(1);
            }
        }
    }

    /// Counts one more in a lane, and says how many there are.
    pub(crate) fn count(&self, lane: Lane, now: UnixMillis) -> u32 {
        let _ = self.begin(&[lane], now);
        self.counts().get(&lane.bounded()).map_or(1, |count| count.wrong)
    }

    /// Whether a lane has just come to wait.
    pub(crate) fn waits(&self, lanes: &[Lane], now: UnixMillis) -> bool {
        let counts = self.counts();
        lanes
            .iter()
            .map(|lane| lane.bounded())
            .any(|lane| counts.get(&lane).is_some_and(|count| count.waits(&lane.rule(), now) > 0))
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Lane, Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_room(counts: &mut HashMap<Lane, Count>, now: UnixMillis) {
    if counts.len() < LANES_MAX {
        return;
    }
    let order = |(lane, count): &(&Lane, &Count)| (count.waits(&lane.rule(), now) > 0, count.last);
    if let Some(lane) = counts.iter().min_by_key(order).map(|(lane, _)| *lane) {
        counts.remove(&lane);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000);

    fn address(n: u32) -> Lane {
        Lane::Address(IpAddr::from(n.to_be_bytes()))
    }

    fn name(n: u32) -> Lane {
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&n.to_be_bytes());
        Lane::Name(digest)
    }

    #[test]
    fn waits_grow_and_end() {
        let tries = Tries::default();
        let lane = [address(1)];
        let mut now = NOON;
        for _ in 0..5 {
            assert_eq!(tries.begin(&lane, now), Ok(()));
        }
        for expected in [30, 60, 120, 240, 480, 900, 900] {
            assert_eq!(tries.begin(&lane, now), Err(Wait { seconds: expected }));
            assert!(tries.waits(&lane, now));
            now = now.plus_millis(expected * SECOND);
            assert_eq!(tries.begin(&lane, now), Ok(()), "after {expected} s");
        }
        assert!(tries.begin(&lane, NOON).is_ok(), "a clock put back locks nobody out");
        tries.was_right(&lane);
        for _ in 0..5 {
            assert_eq!(tries.begin(&lane, now), Ok(()));
        }
    }

    #[test]
    fn many_addresses_and_names_are_no_way_around() {
        let tries = Tries::default();
        let mut looked_at = 0;
        for n in 0..10_000 {
            looked_at +=
                u32::from(tries.begin(&[address(n), name(n), Lane::Strangers], NOON).is_ok());
        }
        assert_eq!(looked_at, 40, "at once, from as many addresses as tries");
        let tries = Tries::default();
        let mut looked_at = 0;
        for minute in 0..24 * 60 {
            let now = NOON.plus_millis(minute * MINUTE);
            for n in 0..10 {
                let from = address(u32::try_from(minute).unwrap() * 10 + n);
                looked_at += u32::from(tries.begin(&[from, name(1), Lane::Strangers], now).is_ok());
            }
        }
        assert!(looked_at <= 40, "{looked_at} tries for one name in a day");
    }

    #[test]
    fn strangers_do_not_shut_out_who_is_known_nor_the_access_key() {
        let tries = Tries::default();
        for n in 0..1000 {
            let _ = tries.begin(&[address(n), name(1), Lane::Strangers], NOON);
        }
        assert!(tries.begin(&[address(5000), name(1), Lane::Strangers], NOON).is_err());
        assert!(tries.begin(&[Lane::Browser([1; 32])], NOON).is_ok());
        assert!(tries.begin(&[Lane::Key(IpAddr::from([10, 0, 0, 1]))], NOON).is_ok());
    }

    #[test]
    fn a_known_browser_that_was_stolen_is_held_back_too() {
        let tries = Tries::default();
        let looked_at =
            (0..100).filter(|_| tries.begin(&[Lane::Browser([1; 32])], NOON).is_ok()).count();
        assert_eq!(looked_at, 5);
    }

    #[test]
    fn all_of_a_network_is_one_address_and_the_memory_is_bounded() {
        let tries = Tries::default();
        let of = |text: &str| [Lane::Address(text.parse().unwrap())];
        for n in 0..5 {
            assert!(tries.begin(&of(&format!("2001:db8:1:2::{n}")), NOON).is_ok());
        }
        assert!(tries.begin(&of("2001:db8:1:2:ffff::1"), NOON).is_err());
        assert!(tries.begin(&of("2001:db8:1:3::1"), NOON).is_ok());
        for n in 0..10_000 {
            let _ = tries.begin(&[address(n)], NOON);
        }
        assert!(tries.counts().len() <= LANES_MAX);
        assert!(tries.begin(&of("2001:db8:1:2::1"), NOON).is_err(), "what waits is not forgotten");
    }

    #[test]
    fn a_right_one_makes_no_room_for_guesses_at_others() {
        let tries = Tries::default();
        let mut guesses = 0;
        for n in 0..1000 {
            guesses +=
                u32::from(tries.begin(&[address(n), name(7), Lane::Strangers], NOON).is_ok());
            let own = [address(9_000_000), name(1), Lane::Strangers];
            if tries.begin(&own, NOON).is_ok() {
                tries.was_right(&own);
            }
        }
        assert_eq!(guesses, 5);
    }
}
