//! The claims of a CBOR Web Token (RFC 8392) as foreign issuers write them: floats, tags, endless maps and all.

use minicbor::{Decoder, data::Type};
use sync::time::UnixMillis;

use super::{
    cose::label,
    json::{float, more},
};
use crate::reason::Reason;

/// More entries than this no map of a credential has.
const FIELDS_MAX: usize = 64;

fn bad(_: minicbor::decode::Error) -> Reason {
    Reason::BadCbor
}

/// Goes through a map with numbers for keys; entries with other keys are passed over. `read` must consume the value, or
/// answer `false` and leave it.
pub(super) fn claims<'b>(
    d: &mut Decoder<'b>,
    mut read: impl FnMut(i64, &mut Decoder<'b>) -> Result<bool, Reason>,
) -> Result<(), Reason> {
    each(d, |d| match label(d)? {
        Some(key) if read(key, d)? => Ok(()),
        _ => d.skip().map_err(bad),
    })
}

/// Goes through a map with texts for keys; entries with other keys are passed over. `read` must consume the value, or
/// answer `false` and leave it.
pub(super) fn fields<'b>(
    d: &mut Decoder<'b>,
    mut read: impl FnMut(&str, &mut Decoder<'b>) -> Result<bool, Reason>,
) -> Result<(), Reason> {
    each(d, |d| {
        match d.datatype().map_err(bad)? {
            Type::String if read(d.str().map_err(bad)?, d)? => return Ok(()),
            Type::String => {}
            _ => d.skip().map_err(bad)?,
        }
        d.skip().map_err(bad)
    })
}

fn each<'b>(
    d: &mut Decoder<'b>,
    mut entry: impl FnMut(&mut Decoder<'b>) -> Result<(), Reason>,
) -> Result<(), Reason> {
    let mut left = d.map().map_err(bad)?;
    for _ in 0..=FIELDS_MAX {
        if !more(d, &mut left).ok_or(Reason::BadCbor)? {
            return Ok(());
        }
        entry(d)?;
    }
    Err(Reason::TooLarge)
}

/// Goes through a list of at most so many items; `item` must consume one.
pub(super) fn items<'b>(
    d: &mut Decoder<'b>,
    most: usize,
    mut item: impl FnMut(&mut Decoder<'b>) -> Result<(), Reason>,
) -> Result<(), Reason> {
    let mut left = d.array().map_err(bad)?;
    for _ in 0..=most {
        if !more(d, &mut left).ok_or(Reason::BadCbor)? {
            return Ok(());
        }
        item(d)?;
    }
    Err(Reason::TooLarge)
}

/// A text; `None` for any other kind of item. Tags are passed over.
pub(super) fn text<'b>(d: &mut Decoder<'b>) -> Result<Option<&'b str>, Reason> {
    untag(d)?;
    match d.datatype().map_err(bad)? {
        Type::String => d.str().map(Some).map_err(bad),
        _ => d.skip().map(|()| None).map_err(bad),
    }
}

/// A number that is whole, whether written as an integer or as a float; `None` for any other item.
pub(super) fn whole(d: &mut Decoder<'_>) -> Result<Option<i64>, Reason> {
    untag(d)?;
    match d.datatype().map_err(bad)? {
        Type::F16 | Type::F32 | Type::F64 => {
            let number = float(d).ok_or(Reason::BadCbor)?;
            let is_whole = number.fract() == 0.0 && number.abs() < 1e15;
            Ok(is_whole.then_some(number as i64))
        }
        kind if is_integer(kind) => d.i64().map(Some).map_err(bad),
        _ => d.skip().map(|()| None).map_err(bad),
    }
}

/// A time: NumericDate (RFC 8392 §2), seconds as an integer or a float, with or without tag 1.
pub(super) fn time(d: &mut Decoder<'_>) -> Result<UnixMillis, Reason> {
    untag(d)?;
    match d.datatype().map_err(bad)? {
        Type::F16 | Type::F32 | Type::F64 => {
            of_float(float(d).ok_or(Reason::BadCbor)?).ok_or(Reason::Malformed)
        }
        kind if is_integer(kind) => {
            d.i64().map(UnixMillis::from_secs).map_err(|_| Reason::Malformed)
        }
        _ => Err(Reason::Malformed),
    }
}

/// Seconds with a fraction, to the millisecond; `None` when they are no time between years -9999 and 9999.
pub(super) fn of_float(secs: f64) -> Option<UnixMillis> {
    let is_time = secs.is_finite() && secs.abs() < 2.6e11;
    is_time.then(|| UnixMillis::new((secs * 1000.0).round() as i64))
}

const fn is_integer(kind: Type) -> bool {
    matches!(
        kind,
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64
    )
}

fn untag(d: &mut Decoder<'_>) -> Result<(), Reason> {
    if d.datatype().map_err(bad)? == Type::Tag {
        d.tag().map_err(bad)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_as_integers_floats_and_tagged() {
        let check = |bytes: &[u8], expected: Result<i64, Reason>| {
            assert_eq!(
                time(&mut Decoder::new(bytes)).map(UnixMillis::get),
                expected,
                "{bytes:02x?}"
            );
        };
        check(b"\x1a\x60\x00\x00\x00", Ok(0x6000_0000 * 1000));
        check(b"\xc1\x1a\x60\x00\x00\x00", Ok(0x6000_0000 * 1000));
        check(b"\xfb\x41\xd8\x00\x00\x00\x20\x00\x00", Ok(0x6000_0000 * 1000 + 500));
        check(b"\xf9\x7e\x00", Err(Reason::Malformed));
        check(b"\xf9\x7c\x00", Err(Reason::Malformed));
        check(b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff", Err(Reason::Malformed));
        check(b"\x61x", Err(Reason::Malformed));
        check(b"", Err(Reason::BadCbor));
    }

    #[test]
    fn whole_numbers_come_as_floats_too() {
        let check = |bytes: &[u8], expected| {
            assert_eq!(whole(&mut Decoder::new(bytes)).unwrap(), expected, "{bytes:02x?}");
        };
        check(b"\x02", Some(2));
        check(b"\xf9\x40\x00", Some(2));
        check(b"\xf9\x3e\x00", None);
        check(b"\x612", None);
        check(b"\xf6", None);
    }

    #[test]
    fn maps_are_gone_through_whatever_their_keys() {
        let mut seen = Vec::new();
        let bytes = b"\xbf\x01\x02\x61x\x81\x03\x39\x01\x03\xf5\xff";
        let read = claims(&mut Decoder::new(bytes), |key, d| {
            seen.push(key);
            if key == 1 { d.skip().map(|()| true).map_err(bad) } else { Ok(false) }
        });
        assert_eq!((read, seen), (Ok(()), vec![1, -260]));
        let endless = [b"\xbf".as_slice(), &b"\x01\x02".repeat(1000)].concat();
        assert_eq!(claims(&mut Decoder::new(&endless), |_, _| Ok(false)), Err(Reason::TooLarge));
    }
}
