//! Earlier visits against later revocations, as far as doors cannot match them by marks: filters, persons, cards of a time.

use sync::{
    id::{ChainId, Seq, VenueId},
    order::Hit,
    record::{AlertCause, StoredRecord, StoredVisit, VisitKind},
    sealed::Identity,
    time::UnixMillis,
};

use super::{Authority, store::StoreError};
use crate::token::{ids::RevocableId, revocations::Revocations};

/// Visits whose seals are opened before anything else has its turn.
const BATCH: usize = 100;

/// What tells one list from another.
type ListId = (u64, UnixMillis, usize);

/// How far the visits that are kept were held against the list in force.
#[derive(Debug, Default)]
pub(super) struct Lookback {
    list: Option<ListId>,
    chains: Vec<(ChainId, VenueId)>,
    /// Of the last of them.
    after: Seq,
}

impl Lookback {
    /// Whether visits are left to be looked at.
    pub(super) fn has_more(&self) -> bool {
        !self.chains.is_empty()
    }
}

impl Authority {
    /// Begins anew where another list is in force than before.
    pub(super) fn begin_look_back(&self, looking: &mut Lookback) {
        let rules = self.rules();
        let revocations = &rules.revocations;
        let list = (revocations.version(), revocations.issued_at(), revocations.len());
        if looking.list == Some(list) {
            return;
        }
        let heads = self.0.ledger.heads().borrow().clone();
        let chains = heads.chains().map(|(chain, head)| (*chain, head.venue));
        let chains = if revocations.has_unmarked() { chains.collect() } else { Vec::new() };
        *looking = Lookback { list: Some(list), chains, after: Seq::default() };
    }

    /// Holds some more visits against the revocations; what is found goes to the doors by visit id. A chain that cannot be
    /// read is passed over.
    pub(super) async fn look_back(&self, looking: &mut Lookback) {
        let Some(&(chain, venue)) = looking.chains.last() else { return };
        match self.look_at(chain, venue, looking.after).await {
            Ok(reached) if reached > looking.after => looking.after = reached,
            ended => {
                if let Err(error) = ended {
                    tracing::error!(author = ?chain.author, %error, "visits were not held against the revocations");
                }
                looking.chains.pop();
                looking.after = Seq::default();
            }
        }
    }

    async fn look_at(&self, chain: ChainId, venue: VenueId, after: Seq) -> Result<Seq, StoreError> {
        let (records, reached) = self.0.ledger.records(chain, after, BATCH).await?;
        let mut hits = Vec::new();
        for stored in records.iter().filter_map(StoredRecord::visit) {
            let Some(Ok(who)) = self.identity(venue, &stored) else { continue };
            hits.extend(self.withdrawn(&who, &stored));
        }
        self.sign_hits(venue, &hits).await?;
        Ok(reached)
    }

    /// Whether what was shown at a visit is withdrawn by an entry that no door can match.
    pub(super) fn withdrawn(&self, who: &Identity, stored: &StoredVisit) -> Option<Hit> {
        let now = (self.0.clock)();
        let named = names(&self.rules().revocations, who, stored, now);
        named.then_some(Hit { visit: stored.id, cause: AlertCause::Revoked })
    }
}

/// A token that was shown before a time was issued before it; of one shown later the seal says it, if its writer did.
fn names(lists: &Revocations, who: &Identity, stored: &StoredVisit, now: UnixMillis) -> bool {
    let at = Some(stored.visit.at);
    match who {
        _ if stored.visit.kind == VisitKind::Refusal => false,
        Identity::Native(subject, issued_at, _) => {
            lists.names_subject(subject, issued_at.or(at), now)
        }
        // A number is no credential: nothing of it can be withdrawn.
        Identity::Typed(_) => false,
        Identity::Foreign(foreign) => {
            let mut ids = foreign.revocable.iter().filter_map(|id| RevocableId::from_bytes(id));
            ids.any(|id| lists.names_unmarked(&id, now))
                || lists.names_subject(&foreign.subject, at, now)
        }
    }
}

#[cfg(test)]
mod tests {
    use sync::{
        id::{ChainId, EntranceId, Epoch, PublicKey, RecordId, RecordNumber, Subject, Tag},
        record::{ClockTrust, Decider, PlaceTaken, Status, Visit},
        time::Day,
    };

    use super::*;

    const NOON: UnixMillis = UnixMillis::from_secs(1_790_000_000); // 2026-09-21T14:13:20Z
    const HOUR: i64 = 3_600_000;

    fn visit(at: UnixMillis, kind: VisitKind) -> StoredVisit {
        let (author, epoch) = (PublicKey::new([1; 32]), Epoch::new([1; 8]));
        let chain = ChainId { author, epoch, day: Day::new(20_000) };
        let visit = Visit {
            at,
            clock: ClockTrust::Trusted,
            entrance: EntranceId::new(1),
            kind,
            status: Status::Green,
            reason: None,
            decider: Decider::Verdict,
            tag: Tag::new([1; 16]),
            sealed: None,
            zone: sync::id::ZoneId::default(),
            place: PlaceTaken::One,
            marks: Vec::new(),
            temperature: None,
        };
        StoredVisit { id: RecordId { chain, number: RecordNumber::new(1) }, visit }
    }

    #[test]
    fn a_token_from_before_a_person_was_withdrawn_is_found_also_when_it_is_shown_after() {
        let subject = Subject::new([3; 16]);
        let json = format!(
            r#"{{"version":1,"issued_at":"2026-09-01T00:00:00Z","revoked":[],
            "subjects":[{{"subject":"{subject}","before":"{NOON}"}}]}}"#
        );
        let lists = Revocations::parse(json.as_bytes()).unwrap();
        let named = |issued: Option<i64>, shown: i64, kind| {
            let who = Identity::Native(subject, issued.map(|h| NOON.plus_millis(h * HOUR)), None);
            let at = NOON.plus_millis(shown * HOUR);
            names(&lists, &who, &visit(at, kind), NOON.plus_millis(9 * HOUR))
        };
        assert!(named(Some(-2), -1, VisitKind::Entry));
        assert!(named(Some(-2), 2, VisitKind::Entry));
        assert!(!named(Some(1), 2, VisitKind::Entry), "issued anew since");
        assert!(named(None, -1, VisitKind::Entry) && !named(None, 1, VisitKind::Entry));
        assert!(!named(Some(-2), 2, VisitKind::Refusal));
    }
}
