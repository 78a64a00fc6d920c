//! Lists from outside: refused as soon as they are longer than allowed, before more of their items take memory.
//!
//! An item of three bytes takes ten times as much in memory, and a thousand of them deflate to nothing: a frame's
//! own limit alone would let a short message cost a hundred times its length.

use minicbor::{Decode, Decoder, bytes::ByteVec, decode::Error};

/// Reads a list of at most `MAX` items, for `#[cbor(decode_with = …)]`.
///
/// # Errors
/// When the list is longer, or one of its items is not of the shape.
pub(crate) fn list<'b, const MAX: usize, C, T: Decode<'b, C>>(
    decoder: &mut Decoder<'b>,
    context: &mut C,
) -> Result<Vec<T>, Error> {
    let mut list = Vec::new();
    for item in decoder.array_iter_with(context)? {
        if list.len() == MAX {
            return Err(Error::message("a list over its limit"));
        }
        list.push(item?);
    }
    Ok(list)
}

/// Reads at most `MAX` bytes, for `#[cbor(decode_with = …)]`.
///
/// # Errors
/// When there are more, or it is no string of bytes in one piece.
pub(crate) fn bytes<const MAX: usize, C>(
    decoder: &mut Decoder<'_>,
    _: &mut C,
) -> Result<ByteVec, Error> {
    let bytes = decoder.bytes()?;
    if bytes.len() > MAX {
        return Err(Error::message("bytes over their limit"));
    }
    Ok(bytes.to_vec().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_than_allowed_is_refused() {
        let three = minicbor::to_vec([1u8, 2, 3]).unwrap();
        assert_eq!(list::<3, _, u8>(&mut Decoder::new(&three), &mut ()).unwrap(), [1, 2, 3]);
        assert!(list::<2, _, u8>(&mut Decoder::new(&three), &mut ()).is_err());
        let endless = [0x9f, 1, 2, 3, 4];
        assert!(list::<3, _, u8>(&mut Decoder::new(&endless), &mut ()).is_err());
    }
}
