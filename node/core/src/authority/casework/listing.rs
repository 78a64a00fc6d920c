//! An answer with its contact details, as what a file is made of.

use sync::time::Zone;

use super::{Authority, CaseError, CaseId, Met};
use crate::authority::export::{Line, Sheet};

impl Authority {
    /// What a file of this answer is made of. Contact details are opened for it: write it down first.
    ///
    /// # Errors
    /// [`CaseError::NotAnswered`] where the question waits or was refused.
    pub async fn sheet(&self, id: CaseId, number: u32) -> Result<Sheet, CaseError> {
        let (case, _) = self.case(id).await?;
        let (asked, found) = self.found(id, number).await?;
        let details = self.details(id, number).await?;
        let view = self.0.overview.borrow().clone();
        let first = view.venues.first().map_or_else(Zone::utc, |venue| venue.zone.clone());
        let line = |met: &Met| {
            let detail = details.get(&met.subject).cloned().unwrap_or_default();
            let venue = view.venues.iter().find(|venue| venue.venue == met.venue);
            Line {
                subject: met.subject,
                name: detail.name,
                birth_date: detail.birth_date,
                document: detail.document,
                phone: detail.phone,
                venue: met.venue,
                venue_name: venue.map_or_else(|| met.venue.to_string(), |venue| venue.name.clone()),
                zone: venue.map_or_else(|| first.clone(), |venue| venue.zone.clone()),
                from: met.from,
                until: met.until,
                minutes: met.minutes(),
                degree: met.degree,
                same_entrance: met.same_entrance,
                same_zone: met.same_zone,
            }
        };
        Ok(Sheet {
            region: view.region,
            case: case.reference,
            at: (self.0.clock)(),
            from: asked.from,
            until: asked.until,
            lines: found.met.iter().map(line).collect(),
        })
    }
}
