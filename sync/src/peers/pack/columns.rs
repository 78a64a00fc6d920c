//! Numbers and bytes one after another, small numbers in few bytes; deflated where that is shorter.

use std::io::{Read, Write};

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};

use super::UnpackError;

/// What follows is as it was written.
const PLAIN: u8 = 0;
/// What follows is deflated (RFC 1951).
const DEFLATED: u8 = 1;

/// Writes a stream.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    /// Seven bits to a byte, the lowest first.
    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// Numbers near zero are short on both sides of it.
    pub(super) fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63).cast_unsigned());
    }

    /// Each number as the difference from the one before it.
    pub(super) fn differences(&mut self, first: i64, numbers: impl Iterator<Item = i64>) {
        let mut before = first;
        for number in numbers {
            self.signed(number.wrapping_sub(before));
            before = number;
        }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn done(self) -> Vec<u8> {
        self.0
    }
}

/// Reads a stream.
#[derive(Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn bytes(&mut self, length: usize) -> Result<&'a [u8], UnpackError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(UnpackError::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], UnpackError> {
        self.bytes(N)?.try_into().map_err(|_| UnpackError::Short)
    }

    pub(super) fn number(&mut self) -> Result<u64, UnpackError> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let [byte] = self.array()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return Err(UnpackError::Bound);
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(UnpackError::Bound)
    }

    /// A number that may not be over `most`.
    pub(super) fn below(&mut self, most: usize) -> Result<usize, UnpackError> {
        let number = usize::try_from(self.number()?).map_err(|_| UnpackError::Bound)?;
        if number <= most { Ok(number) } else { Err(UnpackError::Bound) }
    }

    pub(super) fn signed(&mut self) -> Result<i64, UnpackError> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// So many numbers as [`Writer::differences`] wrote them.
    pub(super) fn differences(
        &mut self,
        first: i64,
        count: usize,
    ) -> Result<Vec<i64>, UnpackError> {
        let mut before = first;
        let next = |_| {
            before = before.wrapping_add(self.signed()?);
            Ok(before)
        };
        (0..count).map(next).collect()
    }
}

/// Deflates where that is shorter; nothing stays nothing.
pub(super) fn squeeze(bytes: Vec<u8>) -> Vec<u8> {
    if bytes.is_empty() {
        return bytes;
    }
    let mut encoder = DeflateEncoder::new(vec![DEFLATED], Compression::default());
    let deflated = encoder.write_all(&bytes).and_then(|()| encoder.finish());
    match deflated {
        Ok(deflated) if deflated.len() <= bytes.len() => deflated,
        _ => [&[PLAIN], &bytes[..]].concat(),
    }
}

/// Undoes [`squeeze`], up to `most` bytes and not one further.
pub(super) fn inflate(bytes: &[u8], most: usize) -> Result<Vec<u8>, UnpackError> {
    match bytes.split_first() {
        None => Ok(Vec::new()),
        Some((&PLAIN, plain)) if plain.len() <= most => Ok(plain.to_vec()),
        Some((&DEFLATED, deflated)) => {
            let mut inflated = Vec::new();
            let mut bounded = DeflateDecoder::new(deflated).take(most as u64 + 1);
            bounded.read_to_end(&mut inflated).map_err(UnpackError::Deflate)?;
            if inflated.len() <= most { Ok(inflated) } else { Err(UnpackError::Bound) }
        }
        Some(_) => Err(UnpackError::Bound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_read_back(numbers: Vec<i64>, first: i64) {
            let mut writer = Writer::default();
            writer.differences(first, numbers.iter().copied());
            let bytes = writer.done();
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.differences(first, numbers.len()).unwrap(), numbers);
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn what_is_squeezed_inflates(bytes: Vec<u8>, times in 0usize..40) {
            let bytes = bytes.repeat(times);
            prop_assert_eq!(inflate(&squeeze(bytes.clone()), bytes.len()).unwrap(), bytes);
        }
    }

    #[test]
    fn a_number_of_more_than_64_bits_is_refused() {
        assert_eq!(Reader::new(&[[0xff; 9].as_slice(), &[1]].concat()).number().unwrap(), u64::MAX);
        for bad in
            [[[0xff; 9].as_slice(), &[2]].concat(), vec![0xff; 11], vec![0x80; 3], Vec::new()]
        {
            assert!(Reader::new(&bad).number().is_err());
        }
    }

    #[test]
    fn a_bomb_costs_no_more_than_the_bound() {
        let bomb = squeeze(vec![0; 4 << 20]);
        assert!(matches!(inflate(&bomb, 1 << 20), Err(UnpackError::Bound)));
        assert!(matches!(inflate(&[PLAIN, 1, 2], 1), Err(UnpackError::Bound)));
        assert!(inflate(&[9, 1, 2], 10).is_err());
    }
}
