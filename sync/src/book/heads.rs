//! What is known of everyone's chains: one entry for each chain, one set for each venue, cheap to share.

use std::{collections::BTreeMap, sync::Arc};

use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use super::HeaderRow;
use crate::{
    bulletin::BulletinKind,
    erasure::{Alarm, alarm},
    id::{ChainId, Hash, PublicKey, Seq, VenueId},
    key::encode,
    membership::Membership,
    order::Slot,
    record::ClockTrust,
    time::{Day, UnixMillis},
};

/// The last that is known of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Head {
    /// The venue in whose name it is written.
    #[n(0)]
    pub venue: VenueId,
    /// Its last place.
    #[n(1)]
    pub seq: Seq,
    /// The hash of its last header.
    #[n(2)]
    pub hash: Hash,
    /// How many records it has.
    #[n(3)]
    pub records: u64,
    /// How many of them are visits.
    #[n(8)]
    pub visits: u64,
    /// How many visits the authority has not yet acknowledged.
    #[n(4)]
    pub pending: u64,
    /// Up to where the authority has said that it holds it.
    #[n(5)]
    pub acknowledged: Seq,
    /// When its first envelope was written, by its author's clock.
    #[n(6)]
    pub first_at: UnixMillis,
    /// When its last was.
    #[n(7)]
    pub last_at: UnixMillis,
    /// What its envelopes count for in their author's quota.
    #[n(9)]
    pub bytes: u64,
}

impl Head {
    /// Of a chain of which nothing is known.
    pub const NONE: Self = Self {
        venue: VenueId::new(0),
        seq: Seq::new(0),
        hash: Hash::ZERO,
        records: 0,
        visits: 0,
        pending: 0,
        acknowledged: Seq::new(0),
        first_at: UnixMillis::new(i64::MAX),
        last_at: UnixMillis::new(i64::MIN),
        bytes: 0,
    };

    pub(super) fn followed_by(self, row: &HeaderRow) -> Self {
        let HeaderRow { header, visits, numbers, cost, .. } = row;
        // A receipt may be here before what it is for: it came by another way.
        let waiting = if header.seq > self.acknowledged { *visits } else { 0 };
        Self {
            venue: header.venue,
            seq: header.seq,
            hash: header.hash(),
            records: self.records + numbers.len() as u64,
            visits: self.visits + visits,
            pending: self.pending + waiting,
            acknowledged: self.acknowledged,
            first_at: self.first_at.min(header.made_at),
            last_at: self.last_at.max(header.made_at),
            bytes: self.bytes + cost,
        }
    }

    /// A number that is equal at two nodes when they hold the same of this chain, and the same receipt for it.
    fn digest(&self, chain: &ChainId) -> u64 {
        first8(&Sha256::digest(encode(&(chain, self.seq, self.hash, self.acknowledged))))
    }

    /// A number that tells two histories of one length apart.
    pub fn tip(&self) -> u64 {
        first8(self.hash.as_bytes())
    }
}

fn first8(hash: &[u8]) -> u64 {
    hash.iter().take(8).fold(0, |n, b| n << 8 | u64::from(*b))
}

/// What is known of one venue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VenueHeads {
    /// The last of each chain.
    pub chains: BTreeMap<ChainId, Head>,
    /// The orders held, by their slots.
    pub orders: BTreeMap<Slot, Hash>,
    /// Nodes that no longer belong, and when that was ordered.
    pub removed: BTreeMap<PublicKey, UnixMillis>,
    /// How many tracing questions have looked into it, by the authority's word.
    pub asked: u64,
    days: BTreeMap<Day, u64>,
    orders_digest: u64,
}

impl VenueHeads {
    /// For each day, a number that is equal at two nodes when they hold the same of that day. Made by XOR of hashes:
    /// who bends it deceives himself alone, for it only says what to compare.
    pub fn days(&self) -> &BTreeMap<Day, u64> {
        &self.days
    }

    /// The same for the orders.
    pub fn orders_digest(&self) -> u64 {
        self.orders_digest
    }

    pub(crate) fn set(&mut self, chain: ChainId, head: Head) {
        let day = self.days.entry(chain.day).or_default();
        if let Some(before) = self.chains.get(&chain) {
            *day ^= before.digest(&chain);
        }
        *day ^= head.digest(&chain);
        self.chains.insert(chain, head);
    }

    /// A chain whose day was destroyed.
    pub(super) fn forget(&mut self, chain: &ChainId) {
        let Some(head) = self.chains.remove(chain) else { return };
        if let Some(day) = self.days.get_mut(&chain.day) {
            *day ^= head.digest(chain);
        }
        if !self.chains.keys().any(|c| c.day == chain.day) {
            self.days.remove(&chain.day);
        }
    }

    pub(super) fn set_order(&mut self, slot: Slot, hash: Hash) {
        if let Some(before) = self.orders.insert(slot, hash) {
            self.orders_digest ^= first8(before.as_bytes());
        }
        self.orders_digest ^= first8(hash.as_bytes());
    }

    pub(super) fn forget_order(&mut self, slot: &Slot) {
        if let Some(held) = self.orders.remove(slot) {
            self.orders_digest ^= first8(held.as_bytes());
        }
    }
}

/// What is known of everyone's chains, for sessions and screens. Cheap to clone: one pointer for each venue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heads {
    /// Each venue by itself: a door has one, the authority those of its region.
    pub venues: BTreeMap<VenueId, Arc<VenueHeads>>,
    /// The version of each bulletin.
    pub bulletins: BTreeMap<BulletinKind, u64>,
    /// The papers that hold longest: of each door of this node's venue, at the authority of this node alone.
    pub papers: BTreeMap<PublicKey, Arc<Membership>>,
    /// This node's own papers for the place of its charter, those issued last first: from when, and until when they hold.
    pub(crate) own_papers: Vec<(Arc<Membership>, UnixMillis, UnixMillis)>,
}

impl Heads {
    /// Of the own papers that hold at a time those issued last.
    pub fn own_papers(&self, now: UnixMillis) -> Option<&Membership> {
        let mut all = self.own_papers.iter();
        all.find(|(_, from, until)| *from <= now && now < *until).map(|(papers, ..)| &**papers)
    }

    /// All chains of all venues.
    pub fn chains(&self) -> impl Iterator<Item = (&ChainId, &Head)> {
        self.venues.values().flat_map(|v| v.chains.iter())
    }

    /// The last of one chain, where its venue is known.
    pub fn head(&self, venue: VenueId, chain: &ChainId) -> Option<&Head> {
        self.venues.get(&venue)?.chains.get(chain)
    }

    /// Visits that go soon and the authority has not acknowledged, as far as is known here.
    pub fn alarm(&self, today: Day, trust: ClockTrust, retention: u16) -> Option<Alarm> {
        let of_days = self.chains().map(|(chain, head)| (chain.day, head.pending));
        alarm(of_days, today, trust, retention)
    }

    /// Visits that the authority has not acknowledged, as far as is known here.
    pub fn pending(&self) -> u64 {
        self.chains().map(|(_, head)| head.pending).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        envelope::Header,
        id::{Epoch, RecordNumber, Segment},
    };

    #[test]
    fn visits_that_come_after_their_receipt_do_not_wait_for_it() {
        let chain = ChainId {
            author: PublicKey::new([1; 32]),
            epoch: Epoch::new([1; 8]),
            day: Day::new(20_000),
        };
        let header = |seq| Header {
            venue: VenueId::new(17),
            chain,
            seq: Seq::new(seq),
            previous: Hash::ZERO,
            segment: Segment::new(0),
            made_at: UnixMillis::new(1_790_000_000_000),
            content: Hash::ZERO,
        };
        let row = |seq, visits: u64| HeaderRow {
            header: header(seq),
            signature: None,
            numbers: (1..=visits).map(RecordNumber::new).collect(),
            visits,
            cost: 100,
        };
        let first = Head::NONE.followed_by(&row(1, 2));
        assert_eq!(first.pending, 2);
        let told = Head { acknowledged: Seq::new(2), pending: 0, ..first };
        let second = told.followed_by(&row(2, 3));
        assert_eq!((second.visits, second.pending), (5, 0));
        assert_eq!(second.followed_by(&row(3, 1)).pending, 1);
    }
}
