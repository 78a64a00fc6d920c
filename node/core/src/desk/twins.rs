//! One person under tags of two keys: what a door that has both can tell of its own entries, and tells the others.
//!
//! After a re-keying a door that has not heard of it goes on with the old key. Whoever has both keys when somebody comes in
//! knows under which tag that door would know the person. It remembers this in memory alone, for as long as the earlier
//! key lives: written down, the old tag beside the new one would let whoever was shut out test today's visits. Only when an
//! entry under that tag comes in does it write that the two are one person's.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sync::{
    id::{RecordId, Tag, ZoneId},
    record::{Record, StoredRecord, StoredVisit, Twin, VisitKind},
    sealed::Identity,
};

use super::{Desk, acts::ActError, state::State, told::Told, weigh::Weighed};
use crate::{
    clock::Moment,
    occupancy::{Duplicate, PAIRS_MAX},
    policy::ExitScan,
};

/// Earlier tags that are remembered at most: of more the first go.
const REMEMBERED_MAX: usize = 16_384;
/// The most that is written at once.
const AT_ONCE: usize = 64;

/// What is remembered, and what was told.
#[derive(Debug, Default)]
pub(super) struct Twins {
    /// The own entry of whom a door with an earlier key would know by this tag.
    remembered: BTreeMap<(ZoneId, Tag), RecordId>,
    order: VecDeque<(ZoneId, Tag)>,
    /// Pairs that were found here: the own entry first.
    found: BTreeSet<(RecordId, RecordId)>,
    /// What doors have told, each of its own entries.
    told: Told<Twin>,
}

impl Twins {
    fn remember(&mut self, zone: ZoneId, tag: Tag, own: RecordId) {
        if self.remembered.insert((zone, tag), own).is_none() {
            self.order.push_back((zone, tag));
        }
        if self.order.len() > REMEMBERED_MAX
            && let Some(first) = self.order.pop_front()
        {
            self.remembered.remove(&first);
        }
    }

    /// The earlier keys are gone: their tags mean nothing any more.
    pub(super) fn forget(&mut self) {
        self.remembered.clear();
        self.order.clear();
    }

    /// The records are read anew; what is in memory alone stays.
    pub(super) fn clear(&mut self) {
        self.told.clear();
    }

    /// Lets go what is about visits that `keep` does not name.
    pub(super) fn retain(&mut self, keep: impl Fn(&RecordId) -> bool) {
        self.told.retain(|twin| keep(&twin.own));
        self.found.retain(|(own, _)| keep(own));
    }

    /// Looks at somebody else's entry.
    pub(super) fn meet(&mut self, visit: &StoredVisit) {
        let key = (visit.visit.zone, visit.visit.tag);
        if visit.visit.kind == VisitKind::Entry
            && let Some(own) = self.remembered.get(&key)
            && own.chain.author != visit.id.chain.author
        {
            self.found.insert((*own, visit.id));
        }
    }

    /// Whether a pair was told of, by either door.
    fn is_told(&self, own: &RecordId, other: &RecordId) -> bool {
        let names = |twin: &Twin| {
            (twin.own, twin.other) == (*own, *other) || (twin.other, twin.own) == (*own, *other)
        };
        self.told.iter().any(names)
    }

    /// Takes what a door tells of an entry of its own; of others' entries nobody is believed.
    pub(super) fn take(&mut self, stored: &StoredRecord, twin: &Twin) {
        if stored.id.chain.author == twin.own.chain.author {
            self.told.take(twin.at, stored.id, *twin);
        }
    }
}

impl State {
    /// Remembers who came in here, where an earlier key is still held.
    pub(super) fn remember_twin(&mut self, weighed: &Weighed, zone: ZoneId, own: RecordId) {
        let subject = weighed.who.as_ref().and_then(Identity::subject);
        let Some(subject) = subject else { return };
        for tag in self.earlier_tags(&subject) {
            if weighed.tag != Some(tag) {
                self.twins.remember(zone, tag, own);
            }
        }
    }

    /// The pairs that doors have told of, as far as they hold now.
    pub(super) fn twin_pairs(&self) -> Vec<(ZoneId, Duplicate)> {
        let stay = self.pair_stay();
        let pair = |twin: &Twin| self.occupancy.twins(&twin.own, &twin.other, stay);
        self.twins.told.iter().filter_map(pair).take(PAIRS_MAX).collect()
    }

    /// How far apart two entries may be that are a pair: where leaving is scanned, nobody leaves unseen.
    pub(super) fn pair_stay(&self) -> Option<i64> {
        match self.rules.policy.exit_scan {
            ExitScan::Required => None,
            ExitScan::Optional => Some(self.stay()),
        }
    }
}

impl Desk {
    /// Tells the others of pairs that only this door can find.
    pub(super) async fn tell_twins(&self, now: Moment) -> Result<(), ActError> {
        let due: Vec<(RecordId, RecordId)> = {
            let state = self.state();
            let stay = state.pair_stay();
            let is_pair = |(own, other): &&(RecordId, RecordId)| {
                !state.twins.is_told(own, other)
                    && state.occupancy.twins(own, other, stay).is_some()
            };
            state.twins.found.iter().filter(is_pair).take(AT_ONCE).copied().collect()
        };
        for (own, other) in due {
            let twin = Record::Twin(Twin { at: now.wall, own, other });
            self.write(self.0.config.day(now), twin).await?;
        }
        Ok(())
    }
}
