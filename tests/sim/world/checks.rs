//! What must hold at the end of a story: all converge, nothing acknowledged is lost, and then it is quiet.

use std::collections::{BTreeMap, BTreeSet};

use sync::{
    book::VenueHeads,
    document::DocumentId,
    id::{ChainId, PublicKey, RecordId, Segment, Seq},
};

use super::{VENUE, World, minutes};

impl World {
    /// What a node holds, by name.
    fn held(&mut self, node: usize) -> BTreeSet<RecordId> {
        let heads = self.heads(node);
        let book = self.nodes[node].book();
        let mut held = BTreeSet::new();
        for (&chain, head) in heads.chains() {
            let (records, reached) = book.records(chain, Seq::default(), usize::MAX).unwrap();
            assert_eq!(reached, head.seq, "node {node}: a chain is shorter than its head says");
            held.extend(records.into_iter().map(|r| r.id));
        }
        held
    }

    /// After a card was put back or a door removed: what nobody else holds is lost, and may be, unless the authority
    /// had acknowledged it. What only the authority holds stays there: it gives no records back.
    pub(super) fn forget_what_is_nowhere(&mut self) {
        let authority = self.authority();
        let acknowledged = self.held(authority);
        let mut at_doors = BTreeSet::new();
        for door in (0..authority).filter(|d| !self.removed.contains(d)).collect::<Vec<_>>() {
            at_doors.extend(self.held(door));
        }
        self.gone_home = acknowledged.difference(&at_doors).copied().collect();
        self.recorded.retain(|r| at_doors.contains(r) || acknowledged.contains(r));
    }

    pub(crate) fn is_refused(&self, node: usize, word: &str) -> bool {
        self.nodes[node].refused.contains(word)
    }

    /// All that a node knows of the venue.
    pub(crate) fn venue(&self, node: usize) -> VenueHeads {
        self.heads(node).venues.get(&VENUE).map(|v| (**v).clone()).unwrap_or_default()
    }

    /// Every node that still belongs holds every record that any door showed as recorded, in the same documents, and
    /// knows that the authority has it.
    pub(crate) fn assert_converged(&mut self) {
        let nodes = (0..self.nodes.len()).filter(|n| !self.removed.contains(n)).collect();
        self.assert_same(nodes);
    }

    /// The same among all but one.
    pub(crate) fn assert_converged_except(&mut self, node: usize) {
        let (key, epoch) = {
            let charter = self.nodes[node].book().charter();
            (charter.key.public(), charter.epoch)
        };
        self.recorded.retain(|v| v.chain.author != key || v.chain.epoch != epoch);
        self.assert_same((0..self.nodes.len()).filter(|n| *n != node).collect());
    }

    fn assert_same(&mut self, nodes: Vec<usize>) {
        let authority = self.authority();
        for &node in &nodes {
            let held = self.held(node);
            let lacks = self.recorded.difference(&held);
            let lacks: Vec<_> =
                lacks.filter(|r| node == authority || !self.gone_home.contains(r)).collect();
            assert!(lacks.is_empty(), "node {node} lacks {lacks:?}");
            let waits: Vec<_> = self.venue(node).chains.into_iter().collect();
            let waits: Vec<_> = waits.iter().filter(|(_, head)| head.pending > 0).collect();
            assert!(waits.is_empty(), "node {node} waits for receipts: {waits:#?}");
            let bulletin = self.heads(node).bulletins.values().next().copied().unwrap_or(0);
            assert_eq!(bulletin, self.bulletins, "node {node} has an old bulletin");
        }
        let doors: Vec<usize> = nodes.iter().copied().filter(|n| *n != authority).collect();
        let (first, documents) = (self.venue(doors[0]), self.documents(doors[0]));
        for &door in &doors[1..] {
            let venue = self.venue(door);
            assert_eq!(venue.days(), first.days(), "days of doors {} and {door}", doors[0]);
            assert_eq!(venue.chains, first.chains, "chains of doors {} and {door}", doors[0]);
            assert_eq!(venue.orders, first.orders, "orders of doors {} and {door}", doors[0]);
            assert_eq!(venue.removed, first.removed, "removals at doors {} and {door}", doors[0]);
            assert_eq!(self.documents(door), documents, "documents of door {door} differ");
        }
        if nodes.contains(&authority) {
            self.assert_authority_holds(&first, &documents);
        }
    }

    fn assert_authority_holds(&mut self, doors: &VenueHeads, documents: &Documents) {
        let authority = self.authority();
        let venue = self.venue(authority);
        assert_eq!(venue.orders, doors.orders, "orders at the authority");
        let same = |chain: &ChainId| {
            let of = |venue: &VenueHeads| venue.chains.get(chain).map(|head| (head.seq, head.hash));
            of(&venue) == of(doors)
        };
        // Of a card that was put back the authority may have more than was left at any door.
        let more: BTreeSet<_> = venue.chains.keys().filter(|chain| !same(chain)).collect();
        // The manager's chains are of the door at which they were written: its epochs begin with its key.
        let by = |chain: &ChainId, door: &PublicKey| {
            chain.author == *door || chain.epoch.as_bytes()[..7] == door.as_bytes()[..7]
        };
        let lost = |chain: &&&ChainId| !self.rolled_back.iter().any(|door| by(chain, door));
        assert_eq!(more.iter().find(lost), None, "a chain that only the authority has whole");
        if more.is_empty() {
            assert_eq!(venue.days(), doors.days(), "days at the authority");
        }
        let held = self.documents(authority);
        for (id, heads) in documents {
            // Where a card was put back the authority may have more.
            if venue.chains[&id.chain].seq == doors.chains[&id.chain].seq {
                assert_eq!(held.get(id), Some(heads), "the authority's document {id:?} differs");
            }
        }
    }

    fn documents(&mut self, node: usize) -> Documents {
        let chains: Vec<ChainId> = self.heads(node).chains().map(|(c, _)| *c).collect();
        let book = self.nodes[node].book();
        let id = |chain| DocumentId { chain, segment: Segment::new(0) };
        chains.into_iter().map(|c| (id(c), book.document_heads(id(c)).unwrap())).collect()
    }

    /// Ten minutes in which nothing happens: only heartbeats are heard, and no more than needed.
    pub(crate) fn assert_quiet(&mut self) {
        let (requests, beats) = self.requests_sent();
        self.run(minutes(10));
        let (requests, beats) = (self.requests_sent().0 - requests, self.requests_sent().1 - beats);
        assert_eq!(requests, beats, "more than heartbeats while nothing happens");
        let doors = (self.nodes.len() - 1 - self.removed.len()) as u64;
        // Both ends of a link ask when they have heard nothing for so long: mostly at the same moment.
        let siblings = doors * (doors - 1) / 2;
        let most = siblings * (600 / 15 + 1) * 2 + doors * (600 / 70 + 1) * 2;
        assert!(beats <= most, "{beats} heartbeats in ten quiet minutes, {most} expected");
    }
}

type Documents = BTreeMap<DocumentId, Vec<[u8; 32]>>;
