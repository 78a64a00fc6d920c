//! What formats share between a text and its bytes: Base45, and inflating within a bound.

use flate2::{Decompress, FlushDecompress, Status};

use crate::reason::Reason;

/// The bytes of a text in Base45 (RFC 9285), of at most `max` bytes, so that each text has bytes of its own.
pub(super) fn base45(text: &str, max: usize) -> Result<Vec<u8>, Reason> {
    // Two bytes are written as three characters, a last odd one as two.
    if text.len() > max / 2 * 3 + max % 2 * 2 {
        return Err(Reason::TooLarge);
    }
    let bytes = base45::decode(text).map_err(|_| Reason::BadBase45)?;
    // RFC 9285 §6: a last pair must not exceed 255. The decoder cuts it to a byte instead, which would give one
    // token several texts.
    match bytes.last() {
        Some(last) if text.len() % 3 == 2 && !text.ends_with(&base45::encode([*last])) => {
            Err(Reason::BadBase45)
        }
        _ => Ok(bytes),
    }
}

/// Which form of DEFLATE (RFC 1951) bytes have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deflated {
    /// With the head and checksum of zlib (RFC 1950).
    Zlib,
    /// Bare.
    Raw,
}

/// What bytes inflate to, of at most `max` bytes, with nothing left over.
pub(super) fn inflate(bytes: &[u8], form: Deflated, max: usize) -> Result<Vec<u8>, Reason> {
    let mut inflater = Decompress::new(form == Deflated::Zlib);
    let mut out = Vec::with_capacity((bytes.len() * 4).min(max));
    let mut rest = bytes;
    loop {
        let before = inflater.total_in();
        let status = inflater
            .decompress_vec(rest, &mut out, FlushDecompress::None)
            .map_err(|_| Reason::BadCompression)?;
        let used = usize::try_from(inflater.total_in() - before).unwrap_or(rest.len());
        rest = rest.get(used..).unwrap_or_default();
        match status {
            Status::StreamEnd if rest.is_empty() && out.len() <= max => return Ok(out),
            Status::StreamEnd if rest.is_empty() => return Err(Reason::TooLarge),
            Status::StreamEnd => return Err(Reason::BadCompression),
            // It waits for input that does not come.
            _ if out.len() < out.capacity() => return Err(Reason::BadCompression),
            _ if out.len() >= max => return Err(Reason::TooLarge),
            _ => out.reserve_exact(out.len().clamp(1024, 1024.max(max - out.len()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::DeflateEncoder, write::ZlibEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut e = ZlibEncoder::new(Vec::new(), Compression::best());
        e.write_all(bytes).unwrap();
        e.finish().unwrap()
    }

    fn raw(bytes: &[u8]) -> Vec<u8> {
        let mut e = DeflateEncoder::new(Vec::new(), Compression::best());
        e.write_all(bytes).unwrap();
        e.finish().unwrap()
    }

    #[test]
    fn what_was_deflated_comes_back_within_the_bound() {
        for length in [0, 1, 1000, 5000] {
            let bytes = vec![7; length];
            assert_eq!(inflate(&zlib(&bytes), Deflated::Zlib, 5000), Ok(bytes.clone()));
            assert_eq!(inflate(&raw(&bytes), Deflated::Raw, 5000), Ok(bytes));
        }
        let bomb = zlib(&vec![0; 50_000_000]);
        assert_eq!(inflate(&bomb, Deflated::Zlib, 65_536), Err(Reason::TooLarge));
        assert_eq!(inflate(&zlib(&[0; 5001]), Deflated::Zlib, 5000), Err(Reason::TooLarge));
    }

    #[test]
    fn what_is_cut_longer_or_of_another_form_is_refused() {
        let good = zlib(b"some text that is long enough");
        let check = |bytes: &[u8], form| {
            assert_eq!(inflate(bytes, form, 5000), Err(Reason::BadCompression), "{bytes:02x?}");
        };
        check(&good[..good.len() - 1], Deflated::Zlib);
        check(&[&good[..], b"x"].concat(), Deflated::Zlib);
        check(&good, Deflated::Raw);
        check(&raw(b"some text"), Deflated::Zlib);
        check(b"", Deflated::Zlib);
        check(b"", Deflated::Raw);
        let mut altered = good.clone();
        *altered.last_mut().unwrap() ^= 1;
        check(&altered, Deflated::Zlib);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for form in [Deflated::Zlib, Deflated::Raw] {
                let inflated = inflate(&bytes, form, 1000);
                prop_assert!(inflated.is_err() || inflated.is_ok_and(|b| b.len() <= 1000));
            }
        }

        #[test]
        fn base45_has_one_text_for_its_bytes(text in "[0-9A-Z $%*+./:-]{0,20}") {
            if let Ok(bytes) = base45(&text, 1000) {
                prop_assert_eq!(base45::encode(bytes), text);
            }
        }
    }
}
