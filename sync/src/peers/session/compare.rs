//! What two nodes hold, told in short, compared, and what follows from it: what the peer lacks.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::super::wire::{CHAINS_MAX, DAYS_MAX, Held, Holdings, Speaks, Summary};
use crate::{
    book::{Head, Heads, VenueHeads},
    bulletin::BulletinKind,
    id::{ChainId, Epoch, Hash, PublicKey, Seq, VenueId},
    order::Slot,
    time::Day,
};

/// What is known of what the peer holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Theirs {
    pub(super) chains: BTreeMap<ChainId, Standing>,
    pub(super) orders: BTreeMap<Slot, Hash>,
}

/// How one chain stands at the peer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing {
    /// Its last place.
    pub(super) seq: Seq,
    /// [`Head::tip`] of that place, where it was told.
    pub(super) tip: Option<u64>,
    /// Up to where the peer knows the authority's receipt.
    pub(super) acknowledged: Seq,
}

impl Theirs {
    /// The peer holds the same as this node did at that time.
    pub(super) fn same_as(held: &VenueHeads) -> Self {
        let standing = |h: &Head| Standing { seq: h.seq, tip: None, acknowledged: h.acknowledged };
        let chains = held.chains.iter().map(|(c, h)| (*c, standing(h))).collect();
        Self { chains, orders: held.orders.clone() }
    }

    /// What follows from the peer's answer to a summary of `asked`: the days that it does not name are the same.
    pub(super) fn from_answer(asked: &VenueHeads, answer: &Holdings) -> Self {
        let mut theirs = Self::same_as(asked);
        let differing: BTreeSet<Day> = answer.days.iter().map(|(day, _)| *day).collect();
        theirs.chains.retain(|chain, _| !differing.contains(&chain.day));
        for held in answer.days.iter().flat_map(|(_, chains)| chains) {
            let Held { chain, seq, acknowledged, tip } = *held;
            theirs.chains.insert(chain, Standing { seq, tip: Some(tip), acknowledged });
        }
        if let Some(orders) = &answer.orders {
            theirs.orders = orders.iter().copied().collect();
        }
        theirs
    }

    pub(super) fn seq(&self, chain: &ChainId) -> Seq {
        self.chains.get(chain).map(|s| s.seq).unwrap_or_default()
    }
}

/// The part of the heads that is this session's matter.
pub(super) fn scope(heads: &Heads, venue: Option<VenueId>) -> Arc<VenueHeads> {
    venue.and_then(|v| heads.venues.get(&v)).cloned().unwrap_or_default()
}

/// The version of each bulletin that a peer can hear of.
pub(super) fn bulletins(heads: &Heads, to: Speaks) -> Vec<(BulletinKind, u64)> {
    let held = heads.bulletins.iter().filter(|(kind, _)| to.reads(**kind));
    held.map(|(kind, version)| (*kind, *version)).collect()
}

/// This node's holdings in short. Of many days the latest are told.
pub(super) fn summary(heads: &Heads, venue: &VenueHeads, to: Speaks) -> Summary {
    Summary {
        bulletins: bulletins(heads, to),
        days: venue.days().iter().rev().take(DAYS_MAX).map(|(d, n)| (*d, *n)).collect(),
        orders: venue.orders_digest(),
    }
}

/// The first civil day on which a peer's holdings, by its summary, are not those here.
pub(super) fn oldest_differing(venue: &VenueHeads, theirs: &Summary) -> Option<Day> {
    let days = theirs.days.iter().filter(|(day, number)| {
        day.is_civil() && venue.days().get(day).copied().unwrap_or_default() != *number
    });
    days.map(|(day, _)| *day).min()
}

/// The answer to a peer's summary: what is held here where it differs.
pub(super) fn answer(heads: &Heads, venue: &VenueHeads, theirs: &Summary, to: Speaks) -> Holdings {
    let mut left = CHAINS_MAX;
    let mut days = Vec::new();
    // What stands has the most chains and the least haste: it must not take the room of the present day.
    let (standing, others): (Vec<_>, Vec<_>) =
        theirs.days.iter().partition(|(day, _)| *day == Day::STANDING);
    for (day, number) in others.into_iter().chain(standing) {
        if venue.days().get(&day).copied().unwrap_or_default() != number {
            let of_day = venue.chains.iter().filter(|(chain, _)| chain.day == day);
            let held: Vec<Held> = of_day.take(left).map(held).collect();
            left -= held.len();
            days.push((day, held));
        }
    }
    let same_orders = venue.orders_digest() == theirs.orders;
    Holdings {
        bulletins: bulletins(heads, to),
        days,
        orders: (!same_orders).then(|| venue.orders.iter().map(|(s, h)| (*s, *h)).collect()),
    }
}

fn held((chain, head): (&ChainId, &Head)) -> Held {
    Held { chain: *chain, seq: head.seq, acknowledged: head.acknowledged, tip: head.tip() }
}

/// Chains of which the peer lacks something, in the order in which they are to go: own before others', the latest
/// day before earlier ones. The peer's own chain of its present start is never sent back to it; those of earlier
/// starts are, for it may have lost them. Of a chain of the same length with another end the end goes: its author
/// has signed two histories, and nobody would ever know.
pub(super) fn lacks<'a>(
    venue: &'a VenueHeads,
    theirs: &'a Theirs,
    own: PublicKey,
    peer: (PublicKey, Option<Epoch>),
) -> Vec<(ChainId, Seq)> {
    let mut lacking: Vec<_> = venue
        .chains
        .iter()
        .filter(|(c, _)| c.author != peer.0 || peer.1.is_some_and(|epoch| c.epoch != epoch))
        .filter_map(|(c, head)| {
            let theirs = theirs.chains.get(c).copied().unwrap_or_default();
            let differs = theirs.seq == head.seq && theirs.tip.is_some_and(|t| t != head.tip());
            let before = Seq::new(head.seq.get().saturating_sub(1));
            if differs {
                Some((*c, before))
            } else {
                (head.seq > theirs.seq).then_some((*c, theirs.seq))
            }
        })
        .collect();
    lacking.sort_by_key(|(c, _)| (c.author != own, std::cmp::Reverse(c.day)));
    lacking
}

/// Chains of which the peer does not know how far the authority holds them, and that it holds itself.
pub(super) fn lacks_receipts(venue: &VenueHeads, theirs: &Theirs) -> Vec<ChainId> {
    let lacking = venue.chains.iter().filter(|(chain, head)| {
        theirs
            .chains
            .get(chain)
            .is_some_and(|s| s.seq > Seq::default() && head.acknowledged > s.acknowledged)
    });
    lacking.map(|(chain, _)| *chain).take(RECEIPTS_AT_ONCE).collect()
}

/// Orders that the peer lacks, or of which it holds the one that gives way.
pub(super) fn lacks_orders(venue: &VenueHeads, theirs: &Theirs) -> Vec<Slot> {
    let gives_way = |slot: &Slot, hash: &Hash| theirs.orders.get(slot).is_none_or(|h| h > hash);
    let lacking = venue.orders.iter().filter(|(slot, hash)| gives_way(slot, hash));
    lacking.map(|(slot, _)| *slot).take(ORDERS_AT_ONCE).collect()
}

const RECEIPTS_AT_ONCE: usize = 64;
const ORDERS_AT_ONCE: usize = 16;
