//! CBOR of health data as JSON, within bounds: for rules that are written over JSON.

use minicbor::{Decoder, data::Type};
use serde_json::{Map, Number, Value};

/// How deep lists and maps may lie in each other; the deepest real certificate has 4.
pub(super) const DEPTH_MAX: u32 = 12;

/// One item as JSON; tags are passed over, bytes have no place. `None` for what JSON cannot say, and beyond
/// [`DEPTH_MAX`].
pub(super) fn from_cbor(bytes: &[u8]) -> Option<Value> {
    let mut d = Decoder::new(bytes);
    let value = item(&mut d, DEPTH_MAX)?;
    (d.position() == bytes.len()).then_some(value)
}

fn item(d: &mut Decoder<'_>, depth: u32) -> Option<Value> {
    let deeper = depth.checked_sub(1);
    Some(match d.datatype().ok()? {
        Type::Bool => d.bool().ok()?.into(),
        Type::Null | Type::Undefined => {
            d.skip().ok()?;
            Value::Null
        }
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => d.u64().ok()?.into(),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 => d.i64().ok()?.into(),
        Type::F16 | Type::F32 | Type::F64 => Value::Number(Number::from_f64(float(d)?)?),
        Type::String | Type::StringIndef => text(d)?.into(),
        Type::Array | Type::ArrayIndef => {
            let mut list = Vec::new();
            let mut left = d.array().ok()?;
            while more(d, &mut left)? {
                list.push(item(d, deeper?)?);
            }
            list.into()
        }
        Type::Map | Type::MapIndef => {
            let mut map = Map::new();
            let mut left = d.map().ok()?;
            while more(d, &mut left)? {
                let key = text(d)?;
                map.insert(key, item(d, deeper?)?);
            }
            map.into()
        }
        Type::Tag => {
            d.tag().ok()?;
            item(d, deeper?)?
        }
        _ => return None,
    })
}

fn text(d: &mut Decoder<'_>) -> Option<String> {
    d.str_iter().ok()?.collect::<Result<String, _>>().ok()
}

/// A float of any size; minicbor reads halves (RFC 8949, appendix D) only with another crate.
pub(super) fn float(d: &mut Decoder<'_>) -> Option<f64> {
    if d.datatype().ok()? != Type::F16 {
        return d.f64().ok();
    }
    let at = d.position();
    let bits = u16::from_be_bytes(d.input().get(at + 1..at + 3)?.try_into().ok()?);
    d.set_position(at + 3);
    let (exponent, fraction) = ((bits >> 10) & 0x1f, f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if bits & 0x3ff == 0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (fraction + 1024.0) * 2f64.powi(i32::from(exponent) - 25),
    };
    Some(if bits & 0x8000 == 0 { size } else { -size })
}

/// Whether a list or map of this many items goes on; the end of one without a number is consumed.
pub(super) fn more(d: &mut Decoder<'_>, left: &mut Option<u64>) -> Option<bool> {
    match left {
        Some(0) => Some(false),
        Some(n) => {
            *n -= 1;
            Some(true)
        }
        None if d.datatype().ok()? == Type::Break => {
            d.skip().ok()?;
            Some(false)
        }
        None => Some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(bytes: &[u8], json: Option<&str>) {
        let expected = json.map(|j| serde_json::from_str::<Value>(j).unwrap());
        assert_eq!(from_cbor(bytes), expected, "{bytes:02x?}");
    }

    #[test]
    fn items_become_what_json_calls_them() {
        check(b"\xa2\x61a\x01\x61b\x82\xf5\xf6", Some(r#"{"a":1,"b":[true,null]}"#));
        check(b"\xbf\x61a\x9f\x20\xff\xff", Some(r#"{"a":[-1]}"#));
        check(b"\x7f\x61a\x61b\xff", Some(r#""ab""#));
        check(b"\xc0\x6a2021-07-01", Some(r#""2021-07-01""#));
        check(b"\xf9\x3c\x00", Some("1.0"));
        check(b"\xf9\xc4\x00", Some("-4.0"));
        check(b"\xf9\x04\x00", Some("0.00006103515625"));
        check(b"\xf9\x02\x00", Some("0.000030517578125")); // below the normal ones
        check(b"\xfa\x47\xc3\x50\x00", Some("100000.0"));
        check(b"\xf9\x3c", None);
        check(b"\x41\x00", None); // bytes
        check(b"\xa1\x01\x02", None); // a key that is no text
        check(b"\x01\x01", None); // something after the end
        check(b"\xf9\x7e\x00", None); // not a number
        check(&[0x81; 200], None); // too deep
        check(&[0xc1; 200], None);
        check(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = from_cbor(&bytes);
        }
    }
}
