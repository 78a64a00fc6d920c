//! Earlier visits against later revocations, as far as doors cannot match them by marks: filters, persons, cards of a time.

use std::collections::BTreeMap;

use sync::{
    id::{Seq, VenueId},
    ledger::LedgerError,
    order::Hit,
    record::{AlertCause, StoredRecord, StoredVisit, VisitKind},
    sealed::Identity,
};

use super::Authority;
use crate::token::ids::RevocableId;

/// Visits read at once.
const BATCH: usize = 500;

impl Authority {
    /// Holds every visit that is kept against the revocations, once for each version of them; `done` is the version that
    /// was looked at last. What is found goes to the doors by visit id.
    pub(super) async fn look_back(&self, done: &mut Option<u64>) -> Result<(), LedgerError> {
        let (version, unmarked) = {
            let rules = self.rules();
            (rules.revocations.version(), rules.revocations.has_unmarked())
        };
        if *done == Some(version) {
            return Ok(());
        }
        if unmarked {
            let mut hits: BTreeMap<VenueId, Vec<Hit>> = BTreeMap::new();
            let heads = self.0.ledger.heads().borrow().clone();
            for (&chain, head) in heads.chains() {
                let mut after = Seq::default();
                loop {
                    let (records, reached) = self.0.ledger.records(chain, after, BATCH).await?;
                    if reached == after {
                        break;
                    }
                    for stored in records.iter().filter_map(StoredRecord::visit) {
                        let Some(Ok(who)) = self.identity(head.venue, &stored) else { continue };
                        hits.entry(head.venue).or_default().extend(self.withdrawn(&who, &stored));
                    }
                    after = reached;
                }
            }
            let found = hits.values().map(Vec::len).sum::<usize>();
            tracing::info!(
                list = version,
                found,
                "earlier visits were held against the revocations"
            );
            for (venue, hits) in hits {
                self.sign_hits(venue, &hits).await?;
            }
        }
        *done = Some(version);
        Ok(())
    }

    /// Whether what was shown at a visit is withdrawn by an entry that no door can match. A token that was shown before
    /// a time was issued before it.
    pub(super) fn withdrawn(&self, who: &Identity, stored: &StoredVisit) -> Option<Hit> {
        if stored.visit.kind == VisitKind::Refusal {
            return None;
        }
        let (at, now) = (Some(stored.visit.at), (self.0.clock)());
        let rules = self.rules();
        let revocations = &rules.revocations;
        let named = match who {
            Identity::Native(subject) => revocations.names_subject(subject, at, now),
            Identity::Foreign(foreign) => {
                let ids = foreign.revocable.iter().filter_map(|id| RevocableId::from_bytes(id));
                let mut ids = ids.filter(|id| revocations.names_unmarked(id, now));
                ids.next().is_some() || revocations.names_subject(&foreign.subject, at, now)
            }
        };
        named.then_some(Hit { visit: stored.id, cause: AlertCause::Revoked })
    }
}
