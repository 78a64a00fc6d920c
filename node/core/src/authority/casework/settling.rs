//! How a question that waits is settled: approved and answered, or refused; once, whoever else does at the same moment.

use std::collections::BTreeSet;

use sync::id::VenueId;

use super::{
    About, Asked, CaseError, CaseId, Filing, Found, PIECE, PIECE_LINES, Piece, QUESTION, Step,
    counter, numbered,
};
use crate::{
    authority::{Authority, store::Expected, trace::TraceError},
    staff::StaffId,
};

impl Authority {
    /// A question that waits is approved, and answered; or refused.
    ///
    /// # Errors
    /// [`CaseError::Own`] where the same account asked, or no account approves; [`CaseError::NotWaiting`] where somebody
    /// else was quicker.
    pub async fn settle(
        &self,
        id: CaseId,
        number: u32,
        account: Option<StaffId>,
        by: &str,
        approve: bool,
    ) -> Result<Asked, CaseError> {
        let asked = self.question(id, number).await?;
        if asked.step != Step::Waiting {
            return Err(CaseError::NotWaiting);
        }
        // Of a question that a key asked before keys had owners nobody knows whose it is: it can be refused alone.
        if account.is_none() || account == asked.account || (approve && asked.account.is_none()) {
            return Err(CaseError::Own);
        }
        if approve {
            return self.answer_in(id, asked.clone(), Some(&asked), Some(by.to_owned())).await;
        }
        let refused = Asked { step: Step::Refused(by.to_owned()), ..asked.clone() };
        let name = numbered(QUESTION, id, number);
        let filing = vec![Filing::put(name.clone(), &refused)];
        match self.cabinet().file_if(&name, Some(&asked), filing).await? {
            true => Ok(refused),
            false => Err(CaseError::NotWaiting),
        }
    }

    /// Answers and keeps the answer, if the question is still as it was; the venues that it looked into have one more.
    pub(super) async fn answer_in(
        &self,
        id: CaseId,
        asked: Asked,
        before: Option<&Asked>,
        approved_by: Option<String>,
    ) -> Result<Asked, CaseError> {
        let found = self.find_contacts(&asked).await?;
        let venues = venues(&asked, &found);
        let answered = Asked {
            step: Step::Answered(approved_by),
            persons: u32::try_from(found.persons()).unwrap_or(u32::MAX),
            staff: found.staff,
            cut: Some(found.cut),
            ..asked
        };
        let stays = found.stays.into_iter().map(Piece::Stayed);
        let lines: Vec<Piece> = stays.chain(found.met.into_iter().map(Piece::Met)).collect();
        let pieces = lines.chunks(PIECE_LINES).zip(0_u32..);
        let pieces: Vec<_> = pieces
            .map(|(some, n)| {
                let name =
                    [numbered(PIECE, id, answered.number), n.to_be_bytes().to_vec()].concat();
                Filing::put(name, &some.to_vec())
            })
            .collect();
        let name = numbered(QUESTION, id, answered.number);
        loop {
            let mut seen = Expected::new();
            if self.cabinet().look::<Asked>(&mut seen, &name).await?.as_ref() != before {
                return Err(CaseError::NotWaiting);
            }
            let mut filings = pieces.clone();
            filings.push(Filing::put(name.clone(), &answered));
            for venue in &venues {
                let entry = counter(*venue);
                let asked = self.cabinet().look::<u64>(&mut seen, &entry).await?.unwrap_or(0);
                filings.push(Filing::put(entry, &(asked + 1)));
            }
            if self.cabinet().file_seen(&seen, filings).await? {
                break;
            }
        }
        self.tell_how_many_asked().await?;
        self.refresh().await.map_err(TraceError::from)?;
        Ok(answered)
    }
}

/// The venues that a question looked into: the public register says of each how many did.
fn venues(asked: &Asked, found: &Found) -> BTreeSet<VenueId> {
    // A venue of another region hears of it there, not here.
    let own = found.stays.iter().filter(|stay| stay.elsewhere.is_none());
    let mut venues: BTreeSet<VenueId> = own.map(|stay| stay.venue).collect();
    if let About::Venue(venue) = asked.about {
        venues.insert(venue);
    }
    venues
}
