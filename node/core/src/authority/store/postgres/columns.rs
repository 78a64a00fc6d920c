//! The forms of our ids, days and times in PostgreSQL's columns: int, date, bytea and timestamptz, nothing else.

use std::error::Error;

use bytes::BytesMut;
use sync::{
    id::{ChainId, Epoch, PublicKey, RecordId, RecordNumber, VenueId},
    record::VisitKind,
    time::{Day, UnixMillis},
};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::StoreError;

/// Days from 1970 to PostgreSQL's first of January 2000.
const DAYS_2000: i32 = 10_957;
const MICROS_2000: i64 = DAYS_2000 as i64 * 86_400_000_000;
/// The first day that no date stands for: the year 10000.
pub(super) const DAYS_MAX: i32 = 2_932_897;
/// 0001-01-01: visits of no known day.
pub(super) const UNKNOWN: i32 = -719_162;
/// 9999-12-31: what stands for good.
pub(super) const STANDING: i32 = DAYS_MAX - 1;

/// A date column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date(pub(super) Day);

impl Date {
    /// Days since 1970 as the column has them; what is neither civil nor within its years has none.
    pub(super) fn days(self) -> Option<i32> {
        match self.0 {
            Day::UNKNOWN => Some(UNKNOWN),
            Day::STANDING => Some(STANDING),
            day => (0..STANDING).contains(&day.get()).then_some(day.get()),
        }
    }
}

impl ToSql for Date {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let days = self.days().ok_or("a day that no calendar has")?;
        out.extend_from_slice(&(days - DAYS_2000).to_be_bytes());
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::DATE
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Date {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let days = i32::from_be_bytes(raw.try_into()?).saturating_add(DAYS_2000);
        Ok(Self(match days {
            UNKNOWN => Day::UNKNOWN,
            STANDING => Day::STANDING,
            days => Day::new(days),
        }))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::DATE
    }
}

/// A timestamptz column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp(pub(super) UnixMillis);

impl ToSql for Stamp {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let micros = self.0.get().checked_mul(1000).and_then(|m| m.checked_sub(MICROS_2000));
        out.extend_from_slice(&micros.ok_or("a time that no calendar has")?.to_be_bytes());
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::TIMESTAMPTZ
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Stamp {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let micros = i64::from_be_bytes(raw.try_into()?).saturating_add(MICROS_2000);
        Ok(Self(UnixMillis::new(micros.div_euclid(1000))))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::TIMESTAMPTZ
    }
}

/// A time for a question: what lies beyond the calendar is its end.
pub(super) fn bound(at: UnixMillis) -> Stamp {
    const END: i64 = DAYS_MAX as i64 * 86_400_000;
    Stamp(UnixMillis::new(at.get().clamp(0, END)))
}

/// A venue's number: all 64 bits, as PostgreSQL has no others.
pub(super) fn venue(id: VenueId) -> i64 {
    id.get().cast_signed()
}

pub(super) fn to_venue(number: i64) -> VenueId {
    VenueId::new(number.cast_unsigned())
}

/// author ‖ epoch ‖ number: with the day it names a record for ever.
pub(super) fn event(id: &RecordId) -> Vec<u8> {
    let chain = &id.chain;
    [&chain.author.as_bytes()[..], chain.epoch.as_bytes(), &id.number.get().to_be_bytes()].concat()
}

pub(super) fn to_event(bytes: &[u8], day: Day) -> Result<RecordId, StoreError> {
    let (author, rest) = bytes.split_at_checked(PublicKey::LEN).ok_or(StoreError::Damaged)?;
    let (epoch, number) = rest.split_at_checked(Epoch::LEN).ok_or(StoreError::Damaged)?;
    let number = number.try_into().map_err(|_| StoreError::Damaged)?;
    let chain = to_chain(author, epoch, day)?;
    Ok(RecordId { chain, number: RecordNumber::new(u64::from_be_bytes(number)) })
}

pub(super) fn to_chain(author: &[u8], epoch: &[u8], day: Day) -> Result<ChainId, StoreError> {
    let author = PublicKey::from_slice(author).ok_or(StoreError::Damaged)?;
    let epoch = Epoch::from_slice(epoch).ok_or(StoreError::Damaged)?;
    Ok(ChainId { author, epoch, day })
}

pub(super) const fn kind(kind: VisitKind) -> i16 {
    match kind {
        VisitKind::Entry => 0,
        VisitKind::Exit => 1,
        VisitKind::Refusal => 2,
    }
}

pub(super) const fn to_kind(number: i16) -> Result<VisitKind, StoreError> {
    match number {
        0 => Ok(VisitKind::Entry),
        1 => Ok(VisitKind::Exit),
        2 => Ok(VisitKind::Refusal),
        _ => Err(StoreError::Damaged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(day: Day) -> Option<Day> {
        let mut out = BytesMut::new();
        Date(day).to_sql(&Type::DATE, &mut out).ok()?;
        Date::from_sql(&Type::DATE, &out).ok().map(|date| date.0)
    }

    #[test]
    fn days_and_times_come_back_and_what_no_calendar_has_is_refused() {
        for day in [Day::UNKNOWN, Day::STANDING, Day::new(0), Day::new(20_000)] {
            assert_eq!(through(day), Some(day));
        }
        assert_eq!(through(Day::new(-1)), None);
        assert_eq!(through(Day::new(STANDING)), None, "it would be taken for what stands");
        let at = UnixMillis::new(1_790_000_000_123);
        let mut out = BytesMut::new();
        Stamp(at).to_sql(&Type::TIMESTAMPTZ, &mut out).unwrap();
        assert_eq!(Stamp::from_sql(&Type::TIMESTAMPTZ, &out).unwrap(), Stamp(at));
        assert!(Stamp(UnixMillis::new(i64::MAX)).to_sql(&Type::TIMESTAMPTZ, &mut out).is_err());
        assert_eq!(to_venue(venue(VenueId::new(u64::MAX))), VenueId::new(u64::MAX));
        for visit in [VisitKind::Entry, VisitKind::Exit, VisitKind::Refusal] {
            assert_eq!(to_kind(kind(visit)).unwrap(), visit);
        }
    }
}
