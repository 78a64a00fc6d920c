//! Records that cannot be taken into the index: set apart, counted and listed, so that nothing waits behind them. The
//! record itself stays in its chain.

use minicbor::{Decode, Encode};
use sync::{
    id::{RecordId, VenueId},
    record::{Record, StoredRecord},
    time::{DAY_MILLIS, UnixMillis},
};

use super::{Authority, OpenError, index::encode, store::Report};

const SET_APART: u8 = b'z';
/// The most that are listed.
const LISTED_MAX: usize = 1000;
/// Times after this lie in no year of four digits.
const END: i64 = 2_932_897 * DAY_MILLIS;
const NO_TIME: &str = "its time lies in no year from 1970 to 9999";

/// A record that was set apart.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SetApart {
    /// The venue.
    #[n(0)]
    pub venue: VenueId,
    /// The record.
    #[n(1)]
    pub id: RecordId,
    /// When it was set apart.
    #[n(2)]
    pub at: UnixMillis,
    /// What is wrong with it, in words for whoever runs the authority.
    #[n(3)]
    pub why: String,
}

impl SetApart {
    pub(super) fn report(&self) -> Report {
        Report { kind: SET_APART, id: self.id, at: self.at, value: encode(self) }
    }
}

/// What keeps a record out of every index, if anything does.
pub(super) fn fault(stored: &StoredRecord) -> Option<&'static str> {
    let at = match &stored.record {
        Record::Visit(visit) => visit.at,
        Record::Alert(alert) => alert.at,
        Record::Notice(notice) => notice.at,
        Record::Correction(correction) => correction.at,
        _ => return None,
    };
    (!(0..END).contains(&at.get())).then_some(NO_TIME)
}

impl Authority {
    /// The records that were set apart, newest first, one thousand at most.
    ///
    /// # Errors
    /// [`OpenError`] when the index cannot be read.
    pub async fn set_apart_records(&self) -> Result<Vec<SetApart>, OpenError> {
        let rows = self.0.store.reports(SET_APART, LISTED_MAX).await?;
        let all: Result<Vec<SetApart>, _> = rows.iter().map(|row| minicbor::decode(row)).collect();
        let mut all = all?;
        all.sort_by_key(|apart| std::cmp::Reverse((apart.at, apart.id)));
        all.truncate(LISTED_MAX);
        Ok(all)
    }
}
