//! How this door stands to the others: who is there, who was heard when, which of its own starts it goes on with.

use std::collections::BTreeMap;

use sync::{
    book::{Head, Heads},
    id::{Epoch, PublicKey},
    membership::{Member, Place},
    record::ClockTrust,
    status::PeersStatus,
    time::{Day, UnixMillis, Zone},
};

use crate::{
    clock::SKEW_MILLIS,
    occupancy::{Seat, Seen, Start},
    site::CloneView,
};

/// Two starts of one node that write at once for longer than this are two nodes, ms: clocks that are put right and
/// the last words of a start that ends are no more.
const OVERLAP_MILLIS: i64 = 120_000;

/// The share of a door of which no other start is known is its own since ever.
pub(super) const SINCE_EVER: Day = Day::new(i32::MIN + 1);

/// Who stands where, and everybody's names.
pub(super) fn seats_of<'a>(
    members: impl Iterator<Item = &'a Member>,
) -> (BTreeMap<PublicKey, Seat>, BTreeMap<PublicKey, String>) {
    let mut seats = BTreeMap::new();
    for member in members {
        if let Place::Door { door, .. } = &member.place {
            let seat = Seat {
                entrance: door.entrance,
                name: door.name.clone(),
                direction: door.direction,
                // Papers are dated back by the one, so that they hold where a clock is slow; and who signs the
                // capacity may have a clock that is fast by the other.
                since: door.not_before.plus_millis(2 * SKEW_MILLIS),
            };
            seats.insert(member.node, seat);
        }
    }
    let names = seats.iter().map(|(node, seat)| (*node, seat.name.clone())).collect();
    (seats, names)
}

/// When each door was last heard: by comparing with it or with who has compared with it. What it wrote and is here says
/// only that it lived then: live news comes first, and what is older may still be missing.
pub(super) fn links(heads: &Heads, peers: Option<&PeersStatus>) -> BTreeMap<PublicKey, Seen> {
    let never = UnixMillis::new(i64::MIN);
    let mut links: BTreeMap<PublicKey, Seen> = BTreeMap::new();
    for (chain, head) in heads.chains() {
        let seen = links.entry(chain.author).or_insert(Seen { heard: never, word: never });
        seen.word = seen.word.max(head.last_at);
    }
    for peer in peers.into_iter().flat_map(|p| &p.peers) {
        if let (Some(node), Some(heard)) = (peer.node, peer.heard) {
            let seen = links.entry(node).or_insert(Seen { heard: never, word: never });
            seen.heard = seen.heard.max(heard);
        }
    }
    links
}

/// The newest start of a door of which anything is here.
pub(super) fn newest_start(heads: &Heads, door: &PublicKey) -> Option<Epoch> {
    let of_door = heads.chains().filter(|(chain, _)| chain.author == *door);
    of_door.max_by_key(|(chain, head)| (head.last_at, chain.epoch)).map(|(chain, _)| chain.epoch)
}

/// When this run began, by a clock that is believed so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    pub(super) at: UnixMillis,
    pub(super) trust: ClockTrust,
}

/// What this start may call its own.
///
/// A node of which no other start is known, by its store or by its lease, has its door's share. One that came back
/// without its lease or without its store may have used it, and forgotten: it has the share from the first business
/// day that surely begins after it, and only when every door that has rights was heard since, for they know what it has
/// signed.
pub(super) fn start(
    heads: &Heads,
    door: PublicKey,
    epochs: Vec<Epoch>,
    leased: Option<Epoch>,
    begun: Begun,
    heard_all: bool,
    zone: &Zone,
) -> Start {
    let own = || heads.chains().filter(|(chain, _)| chain.author == door);
    let known = |epoch: &Epoch| epochs.contains(epoch);
    if own().all(|(chain, _)| known(&chain.epoch)) && leased.as_ref().is_none_or(known) {
        return Start { door, epochs, share_from: Some(SINCE_EVER) };
    }
    let earlier =
        own().filter(|(chain, _)| chain.epoch != epochs[0] && epochs.contains(&chain.epoch));
    let earlier = earlier.map(|(_, head)| zone.day(head.first_at).plus(2)).min();
    // The start before may have had a clock that was fast.
    let today = zone.day(begun.at.plus_millis(2 * SKEW_MILLIS));
    let now = match begun.trust {
        ClockTrust::Trusted => Some(today.plus(1)),
        ClockTrust::Bounded => Some(today.plus(2)),
        ClockTrust::Unknown => None,
    };
    let share_from = earlier.into_iter().chain(now).min().filter(|_| heard_all);
    Start { door, epochs, share_from }
}

/// Nodes of which two starts write at once: a card was copied.
pub(super) fn clones(heads: &Heads, name: impl Fn(&PublicKey) -> String) -> Vec<CloneView> {
    let mut by_day: BTreeMap<(PublicKey, Day), Vec<(Epoch, &Head)>> = BTreeMap::new();
    for (chain, head) in heads.chains().filter(|(chain, _)| chain.day.is_civil()) {
        by_day.entry((chain.author, chain.day)).or_default().push((chain.epoch, head));
    }
    let mut found = Vec::new();
    for ((node, _), starts) in by_day {
        for (n, (one, a)) in starts.iter().enumerate() {
            for (other, b) in starts.iter().skip(n + 1) {
                let (from, to) = (a.first_at.max(b.first_at), a.last_at.min(b.last_at));
                if to.get() - from.get() > OVERLAP_MILLIS {
                    let epochs = [*one, *other];
                    found.push(CloneView { node, door: name(&node), epochs, from, to });
                }
            }
        }
    }
    found
}
