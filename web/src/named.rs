//! Records and nodes named in a form's hidden fields.

use sync::{
    id::{ChainId, Epoch, PublicKey, RecordId, RecordNumber},
    time::Day,
};

/// A record's name as a form carries it.
pub(crate) fn record(id: &RecordId) -> String {
    let ChainId { author, epoch, day } = &id.chain;
    format!("{author}.{epoch}.{}.{}", day.get(), id.number)
}

/// Reads what [`record`] wrote.
pub(crate) fn read_record(text: &str) -> Option<RecordId> {
    let mut parts = text.split('.');
    let author = PublicKey::from_hex(parts.next()?)?;
    let epoch = Epoch::from_hex(parts.next()?)?;
    let day = Day::new(parts.next()?.parse().ok()?);
    let number = RecordNumber::new(parts.next()?.parse().ok()?);
    parts.next().is_none().then_some(RecordId { chain: ChainId { author, epoch, day }, number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_nothing_else_does() {
        let (author, epoch) = (PublicKey::new([7; 32]), Epoch::new([9; 8]));
        for day in [Day::new(20_000), Day::UNKNOWN, Day::STANDING] {
            let chain = ChainId { author, epoch, day };
            let id = RecordId { chain, number: RecordNumber::new(5) };
            assert_eq!(read_record(&record(&id)), Some(id));
            assert_eq!(read_record(&(record(&id) + ".1")), None);
        }
        for wrong in ["", "....", "07.09.1.1", "ж.ж.ж.ж"] {
            assert_eq!(read_record(wrong), None, "{wrong}");
        }
    }
}
