//! Notices from the doors, as the authority receives them: who is to be looked after, where and since when.

use minicbor::{Decode, Encode};
use sync::{
    book::Heads,
    id::{RecordId, VenueId},
    record::{Notice, Record, StoredRecord},
};

use super::{Authority, OpenError, index, store::Report};

const NOTICE: u8 = b'w';
/// The most notices that the overview lists.
const LISTED_MAX: usize = 100;
/// The most notices of the days kept that are read at once: some hundred bytes each.
const READ_MAX: usize = 100_000;

/// A notice that a door sent.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SentNotice {
    /// The venue.
    #[n(0)]
    pub venue: VenueId,
    /// Its record.
    #[n(1)]
    pub id: RecordId,
    /// When, why, and about which visit.
    #[n(2)]
    pub notice: Notice,
}

/// A notice among the records taken in; it goes with the day on which it was sent.
pub(super) fn report(venue: VenueId, stored: &StoredRecord) -> Option<Report> {
    let Record::Notice(notice) = &stored.record else { return None };
    let sent = SentNotice { venue, id: stored.id, notice: notice.clone() };
    Some(Report { kind: NOTICE, id: stored.id, at: notice.at, value: index::encode(&sent) })
}

impl Authority {
    /// What doors have sent word of, newest first, one hundred at most.
    ///
    /// # Errors
    /// [`OpenError`] when the index cannot be read.
    pub async fn notices(&self) -> Result<Vec<SentNotice>, OpenError> {
        self.latest_notices(LISTED_MAX).await
    }

    /// All that doors have sent word of and that is kept, newest first.
    ///
    /// # Errors
    /// [`OpenError`] when the index cannot be read.
    pub(super) async fn all_notices(&self) -> Result<Vec<SentNotice>, OpenError> {
        let all = self.latest_notices(READ_MAX).await?;
        if all.len() == READ_MAX {
            tracing::warn!(
                "more than {READ_MAX} notices are kept: the earliest are not on the board"
            );
        }
        Ok(all)
    }

    async fn latest_notices(&self, most: usize) -> Result<Vec<SentNotice>, OpenError> {
        let rows = self.0.store.reports(NOTICE, most).await?;
        let sent: Result<Vec<SentNotice>, _> = rows.iter().map(|r| minicbor::decode(r)).collect();
        let mut sent = sent?;
        sent.sort_by_key(|sent| std::cmp::Reverse((sent.notice.at, sent.id)));
        sent.truncate(most);
        Ok(sent)
    }

    /// The list for the overview: read anew when there are more than before, and without those whose day was destroyed.
    pub(super) async fn listed(&self, heads: &Heads, counted: u64) -> Vec<SentNotice> {
        let (before, mut listed) = {
            let overview = self.0.overview.borrow();
            (overview.notices, overview.latest_notices.clone())
        };
        if counted != before {
            match self.notices().await {
                Ok(fresh) => listed = fresh,
                Err(error) => tracing::error!(%error, "notices could not be read"),
            }
        }
        if self.0.store.shared().is_none() {
            listed.retain(|sent| heads.head(sent.venue, &sent.id.chain).is_some());
        }
        listed
    }
}
