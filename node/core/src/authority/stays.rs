//! From crossings to stays to contacts: pure.

use std::collections::BTreeMap;

use sync::{
    id::{EntranceId, Subject, VenueId},
    record::VisitKind,
    time::UnixMillis,
};

use super::index::Row;

/// One person's time at one venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Who.
    pub subject: Subject,
    /// Where.
    pub venue: VenueId,
    /// By which entrance.
    pub entrance: EntranceId,
    /// Since when.
    pub from: UnixMillis,
    /// When the person was seen to leave.
    pub left: Option<UnixMillis>,
    /// Until when: as seen, or as assumed.
    pub until: UnixMillis,
}

impl Span {
    /// The time that two spans share, ms; `None` where they share none or are elsewhere.
    pub fn overlap(&self, other: &Self) -> Option<(UnixMillis, UnixMillis)> {
        let from = self.from.max(other.from);
        let until = self.until.min(other.until);
        (self.venue == other.venue && from < until).then_some((from, until))
    }
}

/// Pairs each person's entries with the exits that follow. Who was not seen to leave is taken to have
/// stayed `default_stay_millis`, or until the next entry. An exit without entry is nobody's stay.
pub fn pair(mut rows: Vec<Row>, default_stay_millis: i64) -> Vec<Span> {
    rows.sort_by_key(|r| (r.at, r.visit));
    let mut open: BTreeMap<(Subject, VenueId), Span> = BTreeMap::new();
    let mut spans = Vec::new();
    for row in rows {
        let place = (row.subject, row.venue);
        match row.kind {
            VisitKind::Entry => {
                let span = Span {
                    subject: row.subject,
                    venue: row.venue,
                    entrance: row.entrance,
                    from: row.at,
                    left: None,
                    until: row.at.plus_millis(default_stay_millis),
                };
                if let Some(before) = open.insert(place, span) {
                    spans.push(Span { until: before.until.min(row.at), ..before });
                }
            }
            VisitKind::Exit => {
                if let Some(span) = open.remove(&place) {
                    spans.push(Span { left: Some(row.at), until: row.at, ..span });
                }
            }
            VisitKind::Refusal => {}
        }
    }
    spans.extend(open.into_values());
    spans.sort_by_key(|s| (s.from, s.subject));
    spans
}

#[cfg(test)]
mod tests {
    use sync::{
        id::{ChainId, Epoch, PublicKey, RecordId, RecordNumber},
        time::Day,
    };

    use super::*;

    fn row(who: u8, at: i64, kind: VisitKind) -> Row {
        let (author, epoch) = (PublicKey::new([1; 32]), Epoch::new([1; 8]));
        let chain = ChainId { author, epoch, day: Day::new(20_000) };
        Row {
            at: UnixMillis::new(at),
            kind,
            subject: Subject::new([who; 16]),
            venue: VenueId::new(1),
            entrance: EntranceId::new(1),
            visit: RecordId { chain, number: RecordNumber::new(at.cast_unsigned()) },
        }
    }

    fn check(rows: &[(u8, i64, VisitKind)], expected: &[(u8, i64, i64)]) {
        let rows = rows.iter().map(|&(who, at, kind)| row(who, at, kind)).collect();
        let found: Vec<_> = pair(rows, 100)
            .iter()
            .map(|s| (s.subject.as_bytes()[0], s.from.get(), s.until.get()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn entries_pair_with_exits_and_missing_ones_end_by_default() {
        use VisitKind::{Entry, Exit, Refusal};
        check(&[(1, 10, Entry), (1, 30, Exit)], &[(1, 10, 30)]);
        check(&[(1, 30, Exit), (1, 10, Entry)], &[(1, 10, 30)]);
        check(&[(1, 10, Entry)], &[(1, 10, 110)]);
        check(&[(1, 10, Entry), (1, 50, Entry), (1, 60, Exit)], &[(1, 10, 50), (1, 50, 60)]);
        check(&[(1, 5, Exit), (1, 7, Refusal)], &[]);
        check(&[(1, 10, Entry), (2, 20, Entry), (1, 25, Exit)], &[(1, 10, 25), (2, 20, 120)]);
    }

    #[test]
    fn touching_is_no_overlap() {
        let spans = |a: (i64, i64), b: (i64, i64)| {
            let rows = vec![
                row(1, a.0, VisitKind::Entry),
                row(1, a.1, VisitKind::Exit),
                row(2, b.0, VisitKind::Entry),
                row(2, b.1, VisitKind::Exit),
            ];
            let spans = pair(rows, 100);
            spans[0].overlap(&spans[1]).map(|(f, u)| u.get() - f.get())
        };
        assert_eq!(spans((0, 10), (5, 20)), Some(5));
        assert_eq!(spans((0, 10), (10, 20)), None);
        assert_eq!(spans((0, 30), (10, 20)), Some(10));
    }
}
