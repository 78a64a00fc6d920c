//! Late news: a revocation that comes after the visitor finds the visit by its marks, while the day's key lives.
//!
//! A list names up to some hundred thousand ids, and each makes a mark under each key that lives: that is computed once for a
//! list and its keys ([`Watch::of`]), by whoever holds no lock, and then only looked up.

use std::collections::{BTreeMap, BTreeSet};

use sync::{
    id::{Mark, RecordId},
    record::{Alert, AlertCause, StoredVisit},
    tag::TagKey,
    time::{Day, UnixMillis},
};

use crate::token::{Credential, RevocableId, revocations::Revocations};

fn mark(key: &TagKey, id: &RevocableId) -> Mark {
    key.mark(&id.mark_bytes())
}

/// The marks of a credential for a visit on the day of `key`.
pub fn marks_of(credential: &Credential, key: &TagKey) -> Vec<Mark> {
    credential.revocable_ids().iter().map(|id| mark(key, id)).collect()
}

/// The marks that the revoked ids of one list make under the keys that live.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    list: (u64, UnixMillis, usize),
    keys: Vec<TagKey>,
    marks: Vec<(Mark, Day)>,
}

fn name_of(list: &Revocations) -> (u64, UnixMillis, usize) {
    (list.version(), list.issued_at(), list.len())
}

impl Watch {
    /// Computes them: one HMAC for each id and key.
    pub fn of(list: &Revocations, keys: &[TagKey]) -> Self {
        let under = |key: &TagKey, ids: &Revocations| {
            ids.ids().map(|id| (mark(key, &id), key.day())).collect::<Vec<_>>()
        };
        let mut marks: Vec<_> = keys.iter().flat_map(|key| under(key, list)).collect();
        marks.sort_unstable();
        Self { list: name_of(list), keys: keys.to_vec(), marks }
    }

    /// Whether it is of this list and these keys.
    pub fn is_of(&self, list: &Revocations, keys: &[TagKey]) -> bool {
        self.list == name_of(list) && self.keys == keys
    }

    /// Whether a visit of this day with this mark was made with a revoked credential. What waits in the unknown day
    /// may be of any.
    fn names(&self, mark: Mark, day: Day) -> bool {
        if day == Day::UNKNOWN {
            let after = self.marks.partition_point(|(m, _)| *m < mark);
            return self.marks.get(after).is_some_and(|(m, _)| *m == mark);
        }
        self.marks.binary_search(&(mark, day)).is_ok()
    }
}

/// Marks of the visits held, and the alerts that were raised already.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    visits: BTreeSet<(Mark, RecordId)>,
    raised: BTreeSet<(RecordId, AlertCause)>,
    watch: Watch,
    /// Visits with a revoked credential for which nobody has raised the alert, and when that was noticed here.
    found: BTreeMap<RecordId, Option<UnixMillis>>,
}

impl Marks {
    /// Takes a visit.
    pub fn take(&mut self, stored: &StoredVisit) {
        for mark in &stored.visit.marks {
            self.visits.insert((*mark, stored.id));
            if self.watch.names(*mark, stored.id.chain.day) {
                self.find(stored.id);
            }
        }
    }

    /// Somebody has raised this alert.
    pub fn take_alert(&mut self, alert: &Alert) {
        self.raised.insert((alert.of, alert.cause));
        if alert.cause == AlertCause::Revoked {
            self.found.remove(&alert.of);
        }
    }

    fn find(&mut self, id: RecordId) {
        if !self.raised.contains(&(id, AlertCause::Revoked)) {
            self.found.entry(id).or_default();
        }
    }

    /// What is looked for.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Another list is in force, or other keys live.
    pub fn set_watch(&mut self, watch: Watch) {
        let named = self.visits.iter().filter(|(mark, id)| watch.names(*mark, id.chain.day));
        let named: BTreeSet<RecordId> = named.map(|(_, id)| *id).collect();
        self.found.retain(|id, _| named.contains(id));
        named.into_iter().for_each(|id| self.find(id));
        self.watch = watch;
    }

    /// Visits made with a credential that is revoked, for which nobody has raised the alert, and when that was noticed:
    /// now, where it is new.
    pub fn revoked(
        &mut self,
        now: UnixMillis,
    ) -> impl Iterator<Item = (RecordId, UnixMillis)> + '_ {
        self.found.iter_mut().map(move |(id, noticed)| (*id, *noticed.get_or_insert(now)))
    }

    /// Forgets all visits and alerts; what is looked for stays.
    pub fn clear(&mut self) {
        let watch = std::mem::take(&mut self.watch);
        *self = Self { watch, ..Self::default() };
    }

    /// Forgets the days before `first`.
    pub fn forget_before(&mut self, first: Day) {
        let is_held = |id: &RecordId| id.chain.day >= first || id.chain.day == Day::UNKNOWN;
        self.visits.retain(|(_, id)| is_held(id));
        self.raised.retain(|(id, _)| is_held(id));
        self.found.retain(|id, _| is_held(id));
    }
}
