//! The keys in sled: a byte for the kind, then what sorts together; and which of them are sealed, and by what.
//!
//! What belongs to a chain lies under author, epoch and day, in clear: from them it can be told which door wrote how
//! much on which day, and nothing of any visitor. The values are sealed by the key of the chain's lot. So are the
//! index rows of a lot; of their keys only the lot is in clear.

use crate::{
    document::DocumentId,
    id::{ChainId, Epoch, PublicKey, Seq},
    time::Day,
    vault::Lot,
};

/// What the keys begin with. What lies behind them is covered by the store's format; visits carry a version of
/// their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Prefix {
    Format = b'f',
    /// What a chain came to, now and then: so that opening need not read all of it.
    Checkpoint = b'c',
    Header = b'h',
    Chunk = b'd',
    Membership = b'm',
    Bulletin = b'b',
    Acknowledged = b'a',
    Order = b'o',
    Evidence = b'e',
    /// Index rows that last.
    Row = b'r',
    /// Index rows that go with a lot.
    LotRow = b'i',
    /// What is known of the passing days.
    Retention = b't',
    /// How old a chain without a day is, and whether it is gone for good.
    Undated = b'u',
}

impl Prefix {
    /// All that goes with a chain. The checkpoint is last: as long as it is there, the others are looked for.
    pub(crate) const OF_CHAINS: [Self; 5] =
        [Self::Chunk, Self::Header, Self::Acknowledged, Self::Evidence, Self::Checkpoint];

    /// For messages.
    pub(crate) fn what(self) -> &'static str {
        match self {
            Self::Format => "format mark",
            Self::Checkpoint => "checkpoint",
            Self::Header => "envelope header",
            Self::Chunk => "document chunk",
            Self::Membership => "membership",
            Self::Bulletin => "bulletin",
            Self::Acknowledged => "receipt",
            Self::Order => "order",
            Self::Evidence => "piece of evidence",
            Self::Row | Self::LotRow => "index row",
            Self::Retention => "record of the passing days",
            Self::Undated => "note on a chain without a day",
        }
    }

    fn is_sealed(self) -> bool {
        self == Self::LotRow || Self::OF_CHAINS.contains(&self)
    }
}

/// The lot whose key seals a value, by what follows the prefix in its key; `None` where it lies in clear.
///
/// # Errors
/// `Err(())` for a key that is not of the form.
pub(crate) fn lot_of(prefix: Prefix, rest: &[u8]) -> Result<Option<Lot>, ()> {
    match prefix {
        _ if !prefix.is_sealed() => Ok(None),
        Prefix::LotRow => lot_from(rest).map(Some).ok_or(()),
        _ => chain_from(rest).map(|chain| Some(Lot::of(&chain))).ok_or(()),
    }
}

/// The whole key.
pub(crate) fn key(prefix: Prefix, rest: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + rest.len());
    key.push(prefix as u8);
    key.extend_from_slice(rest);
    key
}

/// author ‖ epoch ‖ day
pub(crate) fn chain_key(chain: &ChainId) -> Vec<u8> {
    let mut key = Vec::with_capacity(PublicKey::LEN + Epoch::LEN + 4 + 10);
    key.extend_from_slice(chain.author.as_bytes());
    key.extend_from_slice(chain.epoch.as_bytes());
    key.extend_from_slice(&ordered(chain.day));
    key
}

/// The chain that a key of this form begins with.
pub(crate) fn chain_from(rest: &[u8]) -> Option<ChainId> {
    let (author, rest) = rest.split_at_checked(PublicKey::LEN)?;
    let (epoch, rest) = rest.split_at_checked(Epoch::LEN)?;
    let day = day_from(rest.get(..4)?)?;
    Some(ChainId { author: PublicKey::from_slice(author)?, epoch: Epoch::from_slice(epoch)?, day })
}

/// author ‖ epoch ‖ day ‖ seq
pub(crate) fn header_key(chain: &ChainId, seq: Seq) -> Vec<u8> {
    let mut key = chain_key(chain);
    key.extend_from_slice(&seq.get().to_be_bytes());
    key
}

/// author ‖ epoch ‖ day ‖ segment
pub(crate) fn document_key(id: &DocumentId) -> Vec<u8> {
    let mut key = chain_key(&id.chain);
    key.extend_from_slice(&id.segment.get().to_be_bytes());
    key
}

/// day, and for an undated lot its name
pub(crate) fn lot_key(lot: &Lot) -> Vec<u8> {
    match lot {
        Lot::Day(day) => ordered(*day).to_vec(),
        Lot::Undated(name) => [&ordered(Day::UNKNOWN)[..], name].concat(),
    }
}

/// The lot that a key of this form begins with.
pub(crate) fn lot_from(rest: &[u8]) -> Option<Lot> {
    match day_from(rest.get(..4)?)? {
        Day::UNKNOWN => Some(Lot::Undated(rest.get(4..20)?.try_into().ok()?)),
        day => Some(Lot::Day(day)),
    }
}

/// Big-endian with the sign turned, so that bytes sort as days do.
fn ordered(day: Day) -> [u8; 4] {
    (day.get().cast_unsigned() ^ (1 << 31)).to_be_bytes()
}

fn day_from(bytes: &[u8]) -> Option<Day> {
    let number = u32::from_be_bytes(bytes.try_into().ok()?) ^ (1 << 31);
    Some(Day::new(number.cast_signed()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_sort_as_numbers_do_and_keys_say_their_lots() {
        let mut days = [5, -3, i32::MIN, 0, i32::MAX].map(Day::new);
        days.sort_unstable();
        assert!(days.is_sorted_by_key(|d| ordered(*d)));
        for day in days {
            let (author, epoch) = (PublicKey::new([9; 32]), Epoch::new([8; 8]));
            let chain = ChainId { author, epoch, day };
            let rest = header_key(&chain, Seq::new(7));
            assert_eq!(chain_from(&rest), Some(chain));
            let lot = Lot::of(&chain);
            assert_eq!(lot_of(Prefix::Header, &rest), Ok(Some(lot)));
            assert_eq!(lot_of(Prefix::LotRow, &lot_key(&lot)), Ok(Some(lot)));
            assert_eq!(lot_of(Prefix::Undated, &rest), Ok(None));
        }
        assert_eq!(lot_of(Prefix::Chunk, &[1; 43]), Err(()));
    }
}
