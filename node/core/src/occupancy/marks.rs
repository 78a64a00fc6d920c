//! Late news: a revocation that comes after the visitor finds the visit by its marks, while the day's key lives.

use std::collections::{BTreeMap, BTreeSet};

use sync::{
    id::{Mark, RecordId},
    record::{Alert, AlertCause, StoredVisit},
    tag::TagKey,
    time::Day,
};

use crate::token::{Credential, Cti};

/// What tells the ids of tokens from other ids that a revocation can name.
const CTI: &[u8] = b"cti\0";

fn mark(key: &TagKey, cti: &Cti) -> Mark {
    key.mark(&[CTI, cti.as_bytes()].concat())
}

/// The marks of a credential for a visit on the day of `key`.
pub fn marks_of(credential: &Credential, key: &TagKey) -> Vec<Mark> {
    vec![mark(key, &credential.cti())]
}

/// Marks of the visits held, and the alerts that were raised already.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    visits: BTreeMap<(Day, Mark), BTreeSet<RecordId>>,
    raised: BTreeSet<(RecordId, AlertCause)>,
}

impl Marks {
    /// Takes a visit.
    pub fn take(&mut self, stored: &StoredVisit) {
        for mark in &stored.visit.marks {
            self.visits.entry((stored.id.chain.day, *mark)).or_default().insert(stored.id);
        }
    }

    /// Somebody has raised this alert.
    pub fn take_alert(&mut self, alert: &Alert) {
        self.raised.insert((alert.of, alert.cause));
    }

    /// Visits made with a credential that is revoked, for which nobody has raised the alert. `keys` are those that
    /// live; under each, what waits in the unknown day is looked for too.
    pub fn revoked<'a>(
        &self,
        revoked: impl Iterator<Item = &'a Cti> + Clone,
        keys: &[&TagKey],
    ) -> BTreeSet<RecordId> {
        let mut found = BTreeSet::new();
        if self.visits.is_empty() {
            return found;
        }
        for key in keys {
            for cti in revoked.clone() {
                let mark = mark(key, cti);
                for day in [key.day(), Day::UNKNOWN] {
                    found.extend(self.visits.get(&(day, mark)).into_iter().flatten());
                }
            }
        }
        found.retain(|id| !self.raised.contains(&(*id, AlertCause::Revoked)));
        found
    }

    /// Forgets the days before `first`.
    pub fn forget_before(&mut self, first: Day) {
        self.visits.retain(|(day, _), _| *day >= first || *day == Day::UNKNOWN);
        self.raised.retain(|(id, _)| id.chain.day >= first || id.chain.day == Day::UNKNOWN);
    }
}
