//! Late news at the authority: what a later list says of earlier visits goes to the doors, signed; what the doors found
//! by themselves is counted and listed.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use sync::{
    id::{PublicKey, Subject, VenueId},
    ledger::LedgerError,
    order::{HITS_MAX, Hit, Matter, Order, SignedOrder, Signer},
    record::{Alert, AlertCause, Record, StoredRecord},
    time::UnixMillis,
};

use super::{
    Authority, OpenError, index,
    store::Report,
    trace::{Question, TraceError, Traced, check},
};

pub(super) const ALERT: u8 = b'a';
/// The most alerts that are listed.
const LISTED_MAX: usize = 1000;

/// An alert that a door recorded.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RaisedAlert {
    /// The venue.
    #[n(0)]
    pub venue: VenueId,
    /// The door that raised it.
    #[n(1)]
    pub by: PublicKey,
    /// When, about which visit, and what about it.
    #[n(2)]
    pub alert: Alert,
}

/// What came of telling the venues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Visits that were pointed out, those that were pointed out before among them.
    pub visits: usize,
    /// The answer to the question; nothing where a second person approves each answer: telling opens no contacts.
    pub traced: Option<Traced>,
}

/// An alert among the records taken in; it goes with the day on which it was raised.
pub(super) fn report(venue: VenueId, stored: &StoredRecord) -> Option<Report> {
    let Record::Alert(alert) = &stored.record else { return None };
    let raised = RaisedAlert { venue, by: stored.id.chain.author, alert: alert.clone() };
    Some(Report { kind: ALERT, id: stored.id, at: alert.at, value: index::encode(&raised) })
}

impl Authority {
    /// What doors have raised, newest first, one thousand at most.
    ///
    /// # Errors
    /// [`OpenError`] when the index cannot be read.
    pub async fn alerts(&self) -> Result<Vec<RaisedAlert>, OpenError> {
        let rows = self.0.store.reports(ALERT, LISTED_MAX).await?;
        let raised: Result<Vec<RaisedAlert>, _> =
            rows.iter().map(|r| minicbor::decode(r)).collect();
        let mut raised = raised?;
        raised.sort_by_key(|raised| std::cmp::Reverse(raised.alert.at));
        raised.truncate(LISTED_MAX);
        Ok(raised)
    }

    /// Tells the venues to which a person went that these visits are to be looked at: for the doors know nobody, and
    /// news of a person's status means nothing to them. The question is in the log before anybody is told.
    ///
    /// # Errors
    /// [`TraceError`] says what is wrong with the question, or why nobody could be told.
    pub async fn tell(&self, question: Question, cause: AlertCause) -> Result<Told, TraceError> {
        check(&question)?;
        let subject = self.subject_of(&question)?;
        self.log(&question, subject).await?;
        let visits = self.tell_of(&[subject], question.from, question.until, cause).await?;
        // A second person stands before the contacts, not before what venues are told of their own visits.
        let traced = match self.requires_second() {
            true => None,
            false => Some(self.answer(&question, subject).await?),
        };
        Ok(Told { visits, traced })
    }

    async fn tell_of(
        &self,
        persons: &[Subject],
        from: UnixMillis,
        until: UnixMillis,
        cause: AlertCause,
    ) -> Result<usize, OpenError> {
        let mut hits: BTreeMap<VenueId, Vec<Hit>> = BTreeMap::new();
        for person in persons {
            for row in index::of_person(&self.0.store, person, from, until).await? {
                hits.entry(row.venue).or_default().push(Hit { visit: row.visit, cause });
            }
        }
        for (venue, hits) in &hits {
            self.sign_hits(*venue, hits).await?;
        }
        Ok(hits.values().map(Vec::len).sum())
    }

    pub(super) async fn sign_hits(&self, venue: VenueId, hits: &[Hit]) -> Result<(), LedgerError> {
        if hits.is_empty() {
            return Ok(());
        }
        let charter = self.0.ledger.charter();
        let issued_at = (self.0.clock)();
        let told = self.told(venue).await?;
        let fresh: Vec<Hit> = hits.iter().filter(|h| !told.contains(h)).copied().collect();
        for some in fresh.chunks(HITS_MAX) {
            let order = Order { venue, issued_at, matter: Matter::Hits(some.to_vec()) };
            let signer = Signer::Node(charter.key.public(), charter.membership.clone());
            self.0.ledger.keep_order(SignedOrder::seal(&order, signer, &charter.key)).await?;
        }
        Ok(())
    }

    /// What a venue was told before: it is not told again.
    async fn told(&self, venue: VenueId) -> Result<Vec<Hit>, LedgerError> {
        let orders = self.0.ledger.orders(venue).await?;
        let hits = orders.iter().filter_map(|order| match &order.matter {
            Matter::Hits(hits) => Some(hits.clone()),
            _ => None,
        });
        Ok(hits.flatten().collect())
    }
}
