//! A venue's crossings lie many on a sheet, so that whoever reads a day opens few seals.

use std::collections::BTreeMap;

use sync::id::ChainId;

use crate::authority::index::Row;

/// Crossings on a sheet to which more are added: it is written anew for each.
const ADDED_MAX: usize = 24;
/// Crossings on a sheet that came at once, of about a hundred bytes each: a value of the store has 32 KiB at most.
const SHEET_MAX: usize = 200;
/// Sheets that are remembered to be added to; when there are more, each chain begins a new one.
const OPEN_MAX: usize = 10_000;

/// The last sheet of each chain, while there is room on it.
#[derive(Debug, Default)]
pub(super) struct Sheets(BTreeMap<ChainId, Vec<Row>>);

impl Sheets {
    /// The sheets to write for a chain's next crossings: the last one with what is new, or new ones. What was remembered
    /// of the chain is forgotten until [`Sheets::remember`], so that after a failure a new sheet begins.
    pub(super) fn add(&mut self, chain: ChainId, crossings: &[Row]) -> Vec<Vec<Row>> {
        let mut sheet = self.0.remove(&chain).unwrap_or_default();
        if sheet.len() + crossings.len() > ADDED_MAX {
            sheet.clear();
        }
        sheet.extend_from_slice(crossings);
        sheet.chunks(SHEET_MAX).map(<[Row]>::to_vec).collect()
    }

    /// What [`Sheets::add`] gave is durable.
    pub(super) fn remember(&mut self, chain: ChainId, written: Vec<Vec<Row>>) {
        if self.0.len() >= OPEN_MAX {
            self.0.clear();
        }
        let last = written.into_iter().next_back();
        if let Some(sheet) = last.filter(|sheet| sheet.len() < ADDED_MAX) {
            self.0.insert(chain, sheet);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync::{
        id::{EntranceId, Epoch, PublicKey, RecordId, RecordNumber, Subject, VenueId},
        record::VisitKind,
        time::{Day, UnixMillis},
    };

    fn chain() -> ChainId {
        ChainId { author: PublicKey::new([1; 32]), epoch: Epoch::new([2; 8]), day: Day::new(3) }
    }

    fn rows(numbers: std::ops::Range<u64>) -> Vec<Row> {
        let row = |n: u64| Row {
            at: UnixMillis::new(n.cast_signed()),
            kind: VisitKind::Entry,
            subject: Subject::new([7; 16]),
            venue: VenueId::new(1),
            entrance: EntranceId::new(1),
            visit: RecordId { chain: chain(), number: RecordNumber::new(n) },
        };
        numbers.map(row).collect()
    }

    #[test]
    fn single_crossings_share_a_sheet_until_it_is_full() {
        let mut sheets = Sheets::default();
        let mut of_first: BTreeMap<RecordId, Vec<Row>> = BTreeMap::new();
        for n in 0..100 {
            let written = sheets.add(chain(), &rows(n..n + 1));
            for sheet in &written {
                of_first.insert(sheet[0].visit, sheet.clone());
            }
            sheets.remember(chain(), written);
        }
        assert_eq!(of_first.len(), 100_usize.div_ceil(ADDED_MAX));
        let all: Vec<Row> = of_first.into_values().flatten().collect();
        assert_eq!(all, rows(0..100));
    }

    #[test]
    fn what_failed_is_not_added_to() {
        let mut sheets = Sheets::default();
        let written = sheets.add(chain(), &rows(0..2));
        sheets.remember(chain(), written);
        drop(sheets.add(chain(), &rows(2..3)));
        assert_eq!(sheets.add(chain(), &rows(2..3)), [rows(2..3)]);
    }

    #[test]
    fn many_at_once_are_cut_to_what_the_store_takes() {
        let mut sheets = Sheets::default();
        let written = sheets.add(chain(), &rows(0..450));
        assert_eq!(written.iter().map(Vec::len).collect::<Vec<_>>(), [200, 200, 50]);
        assert!(crate::authority::index::encode(&written[0]).len() < 30 << 10);
        assert!(sheets.add(chain(), &[]).is_empty());
    }
}
