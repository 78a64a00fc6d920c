//! Corrections at the authority: visits that a door took back count in no answer, visits that it dated anew count at
//! their new time.
//!
//! A door is believed about its own visits only: else one bad door could take every other door's contacts out of sight.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};
use sync::{
    id::{RecordId, VenueId},
    record::{Amend, Correction, Record, StoredRecord},
    time::{Day, UnixMillis},
};

use super::{
    OpenError,
    index::{Row, encode},
    store::{Report, Store},
};

pub(super) const CORRECTION: u8 = b'x';

/// A correction as the index holds it, with its own name: the later of two stands.
#[derive(Debug, Encode, Decode)]
struct Said {
    #[n(0)]
    by: RecordId,
    #[n(1)]
    correction: Correction,
}

/// What holds of one visit.
#[derive(Clone, Copy, Debug, Default)]
struct Amended {
    void: bool,
    redate: Option<(UnixMillis, RecordId, UnixMillis)>,
}

/// A correction among the records taken in; it goes with the day on which it was made.
pub(super) fn report(stored: &StoredRecord) -> Option<Report> {
    let Record::Correction(correction) = &stored.record else { return None };
    if correction.of.chain.author != stored.id.chain.author {
        return None;
    }
    let value = encode(&Said { by: stored.id, correction: correction.clone() });
    Some(Report { kind: CORRECTION, id: stored.id, at: correction.at, value })
}

/// The rows as their doors have corrected them.
pub(super) async fn apply(store: &Store, rows: Vec<Row>) -> Result<Vec<Row>, OpenError> {
    let venues: BTreeSet<VenueId> = rows.iter().map(|row| row.venue).collect();
    // Nothing is corrected before it is written; what is written under no known day is corrected on any.
    let days = rows.iter().map(|row| row.visit.chain.day);
    let first = days.min().unwrap_or(Day::UNKNOWN);
    let mut amended: BTreeMap<RecordId, Amended> = BTreeMap::new();
    for value in store.reports_of(CORRECTION, &venues, first).await? {
        let Said { by, correction } = minicbor::decode(&value)?;
        let of_visit = amended.entry(correction.of).or_default();
        match correction.amend {
            Amend::Void => of_visit.void = true,
            Amend::Redate { at, .. } => {
                of_visit.redate = of_visit.redate.max(Some((correction.at, by, at)));
            }
        }
    }
    let stands = |mut row: Row| {
        let of_visit = amended.get(&row.visit).copied().unwrap_or_default();
        if let Some((_, _, at)) = of_visit.redate {
            row.at = at;
        }
        (!of_visit.void).then_some(row)
    };
    Ok(rows.into_iter().filter_map(stands).collect())
}
