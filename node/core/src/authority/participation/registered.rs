//! What the register of venues, and the documents of the venues themselves, say of who takes part.

use sync::{
    id::{Seq, VenueId},
    time::Day,
};

use super::{VenueFacts, counted::CountError};
use crate::{
    authority::{
        Authority, OpenError, application::VenueClass, cabinet::CabinetError, enrolment::Enrolled,
        store::StoreError,
    },
    notes::Notes,
    outage::{self, OUTAGE_FIELD, Outage},
};

/// Entries of the register that are read at once.
const READ_AT_ONCE: usize = 500;
/// Records of a chain that are read at once.
const RECORDS_AT_ONCE: usize = 1000;

impl Enrolled {
    /// Adds what the register says: since when the venue takes part, its trade, where it stands, whether it must.
    pub fn tell(&self, facts: &mut VenueFacts) {
        facts.since = self.takes_part_since();
        facts.group = self.application.group();
        facts.place = Some(self.application.place);
        facts.voluntary = self.application.class == VenueClass::Voluntary;
    }
}

impl Authority {
    /// Every venue of the register that has its papers, by number.
    pub(super) async fn granted_venues(&self) -> Result<Vec<(VenueId, Enrolled)>, CabinetError> {
        let mut granted = Vec::new();
        let mut after = None;
        loop {
            let found = self.venues("", after, READ_AT_ONCE).await?;
            after = found.venues.last().map(|(venue, _)| *venue);
            granted.extend(found.venues.into_iter().filter(|(_, entry)| entry.grant.is_some()));
            if !found.more {
                return Ok(granted);
            }
        }
    }

    /// The times without a link that doors of a venue have noted in its documents, whichever door it was: any of them is
    /// a reason why visits did not come.
    pub(super) async fn noted_outages(&self, venue: VenueId) -> Result<Vec<Outage>, CountError> {
        self.bring_standing(venue).await.map_err(OpenError::from)?;
        let heads = self.0.ledger.heads().borrow().clone();
        let held = heads.venues.get(&venue);
        let chains = held.into_iter().flat_map(|held| held.chains.keys());
        let mut notes = Notes::default();
        for chain in chains.filter(|chain| chain.day == Day::STANDING) {
            let mut after = Seq::default();
            loop {
                let read = self.0.ledger.records(*chain, after, RECORDS_AT_ONCE).await;
                let (records, reached) = read.map_err(StoreError::from).map_err(OpenError::from)?;
                records.iter().for_each(|stored| notes.take(stored));
                if reached == after {
                    break;
                }
                after = reached;
            }
        }
        let fields = notes.fields();
        let noted = fields.iter().filter(|(field, _)| field.starts_with(OUTAGE_FIELD));
        let texts = noted.flat_map(|(_, values)| values.iter().filter_map(|value| value.text()));
        Ok(texts.flat_map(outage::from_text).collect())
    }
}
