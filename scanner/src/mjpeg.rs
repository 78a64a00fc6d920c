//! Motion JPEG: concatenated JPEGs, cut apart by walking their markers.
//!
//! Searching for the end marker's two bytes would cut at the thumbnail that many cameras embed in a frame.

use std::io::{self, Read};

use thiserror::Error;

/// Largest frame, in bytes.
pub(crate) const FRAME_BYTES_MAX: usize = 16 << 20;

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const TEM: u8 = 0x01;

/// Why a stretch of a motion JPEG stream is no frame; the walk goes on after all but `Read`.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MjpegError {
    /// The stream cannot be read.
    #[error("the stream cannot be read")]
    Read(#[source] io::Error),
    /// The stream, or the next frame, begins in the middle of a frame.
    #[error("a frame breaks off after {0} bytes")]
    Truncated(usize),
    /// The markers of a frame make no sense.
    #[error("a frame is malformed after {0} bytes")]
    Malformed(usize),
    /// A frame without an end within the bound.
    #[error("a frame is larger than {FRAME_BYTES_MAX} bytes")]
    Large,
}

/// The frames of a motion JPEG stream, one by one.
pub(crate) struct Frames<R> {
    bytes: io::Bytes<io::BufReader<R>>,
    frame: Vec<u8>,
    bytes_max: usize,
    place: Place,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Before a frame, or after a broken one.
    Outside,
    /// A start marker was read; `frame` holds it.
    Started,
    Over,
}

impl<R: Read> Frames<R> {
    pub(crate) fn new(stream: R) -> Self {
        Self::with_bound(stream, FRAME_BYTES_MAX)
    }

    fn with_bound(stream: R, bytes_max: usize) -> Self {
        Self {
            bytes: io::BufReader::with_capacity(1 << 16, stream).bytes(),
            frame: Vec::new(),
            bytes_max,
            place: Place::Outside,
        }
    }

    /// Skips to a start marker; false at the end of the stream.
    fn find_start(&mut self) -> Result<bool, MjpegError> {
        let mut last = 0;
        for byte in self.bytes.by_ref() {
            let byte = byte.map_err(MjpegError::Read)?;
            if (last, byte) == (0xFF, SOI) {
                self.start();
                return Ok(true);
            }
            last = byte;
        }
        Ok(false)
    }

    fn start(&mut self) {
        self.frame.clear();
        self.frame.extend([0xFF, SOI]);
        self.place = Place::Started;
    }

    /// Walks from marker to marker up to the end of the frame.
    fn walk(&mut self) -> Result<(), MjpegError> {
        let mut marker = self.marker()?;
        loop {
            marker = match marker {
                EOI => return Ok(()),
                SOI => return Err(self.cut_short()),
                SOS => {
                    self.segment()?;
                    self.scan()?
                }
                TEM | 0xD0..=0xD7 => self.marker()?,
                _ => {
                    self.segment()?;
                    self.marker()?
                }
            };
        }
    }

    /// Reads a marker; fill bytes before it are allowed.
    fn marker(&mut self) -> Result<u8, MjpegError> {
        if self.byte()? != 0xFF {
            return Err(self.malformed());
        }
        loop {
            match self.byte()? {
                0xFF => {}
                0x00 => return Err(self.malformed()),
                marker => return Ok(marker),
            }
        }
    }

    /// Reads a segment: two bytes of length that count themselves, then the rest.
    fn segment(&mut self) -> Result<(), MjpegError> {
        let length = u16::from_be_bytes([self.byte()?, self.byte()?]);
        if length < 2 {
            return Err(self.malformed());
        }
        for _ in 2..length {
            self.byte()?;
        }
        Ok(())
    }

    /// Reads entropy-coded data up to the marker that ends it; stuffed zeros and restarts are data.
    fn scan(&mut self) -> Result<u8, MjpegError> {
        loop {
            while self.byte()? != 0xFF {}
            let mut next = self.byte()?;
            while next == 0xFF {
                next = self.byte()?;
            }
            if !matches!(next, 0x00 | 0xD0..=0xD7) {
                return Ok(next);
            }
        }
    }

    fn byte(&mut self) -> Result<u8, MjpegError> {
        if self.frame.len() >= self.bytes_max {
            return Err(MjpegError::Large);
        }
        match self.bytes.next() {
            Some(Ok(byte)) => {
                self.frame.push(byte);
                Ok(byte)
            }
            Some(Err(source)) => Err(MjpegError::Read(source)),
            None => {
                self.place = Place::Over;
                Err(MjpegError::Truncated(self.frame.len()))
            }
        }
    }

    fn malformed(&self) -> MjpegError {
        MjpegError::Malformed(self.frame.len())
    }

    /// The next frame's start came before this one's end.
    fn cut_short(&mut self) -> MjpegError {
        let bytes = self.frame.len().saturating_sub(2);
        self.start();
        MjpegError::Truncated(bytes)
    }
}

impl<R: Read> Iterator for Frames<R> {
    type Item = Result<Vec<u8>, MjpegError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.place == Place::Over {
            return None;
        }
        if self.place == Place::Outside {
            match self.find_start() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(unreadable) => {
                    self.place = Place::Over;
                    return Some(Err(unreadable));
                }
            }
        }
        self.place = Place::Outside;
        let walked = self.walk();
        if matches!(walked, Err(MjpegError::Read(_))) {
            self.place = Place::Over;
        }
        Some(walked.map(|()| std::mem::take(&mut self.frame)))
    }
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use proptest::prelude::*;

    use super::*;

    fn jpeg(grey: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        let pixels: Vec<u8> = (0..64 * 64).map(|i| (i as u8) ^ grey).collect();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
        encoder.encode(&pixels, 64, 64, image::ExtendedColorType::L8).unwrap();
        bytes
    }

    fn with_thumbnail(outer: &[u8], thumbnail: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xFF, SOI, 0xFF, 0xE1];
        bytes.extend((thumbnail.len() as u16 + 2).to_be_bytes());
        bytes.extend(thumbnail);
        bytes.extend(&outer[2..]);
        bytes
    }

    /// `f` a frame, `t` cut short, `m` malformed, `l` too large.
    fn check(stream: &[u8], expected: &str) -> Vec<Vec<u8>> {
        let mut seen = String::new();
        let mut frames = Vec::new();
        for frame in Frames::with_bound(stream, 20_000) {
            seen.push(match frame {
                Ok(bytes) => {
                    frames.push(bytes);
                    'f'
                }
                Err(MjpegError::Truncated(_)) => 't',
                Err(MjpegError::Malformed(_)) => 'm',
                Err(MjpegError::Large) => 'l',
                Err(MjpegError::Read(_)) => 'r',
            });
        }
        assert_eq!(seen, expected);
        frames
    }

    #[test]
    fn frames_are_cut_apart_whole() {
        let (a, b) = (jpeg(1), jpeg(2));
        let thumbed = with_thumbnail(&a, &b);
        let stream = [&a[..], &b, b"between", &thumbed, &[0xFF, 0xFF], &a].concat();
        assert_eq!(check(&stream, "ffff"), [a.clone(), b, thumbed, a]);
        check(b"", "");
        check(b"no frame at all \xFF\xD9", "");
    }

    #[test]
    fn broken_frames_cost_themselves_only() {
        let a = jpeg(1);
        assert_eq!(check(&[&a[..a.len() - 20], &a[..]].concat(), "tf"), std::slice::from_ref(&a));
        assert_eq!(check(&[&a[..], &a[..a.len() / 2]].concat(), "ft"), std::slice::from_ref(&a));
        let senseless = [0xFF, SOI, 0xFF, 0xE1, 0, 1];
        assert_eq!(check(&[&senseless[..], &a].concat(), "mf"), std::slice::from_ref(&a));
        assert_eq!(check(&[&[0xFF, SOI, 0x12], &a[..]].concat(), "mf"), std::slice::from_ref(&a));
        let endless = [&[0xFF, SOI, 0xFF, SOS, 0, 2][..], &[7; 30_000], &a].concat();
        assert_eq!(check(&endless, "lf"), [a]);
    }

    proptest! {
        #[test]
        fn garbage_never_panics_and_frames_end_as_they_should(
            bytes in prop::collection::vec(prop_oneof![Just(0xFF_u8), Just(SOI), Just(EOI), Just(SOS), Just(0), any::<u8>()], 0..600),
        ) {
            for frame in Frames::with_bound(&bytes[..], 200).flatten() {
                prop_assert!(frame.starts_with(&[0xFF, SOI]) && frame.ends_with(&[EOI]));
                prop_assert!(frame.len() <= 200);
            }
        }

        #[test]
        fn damage_to_one_frame_leaves_the_last_one(at in 2_usize..600, to in any::<u8>()) {
            let a = jpeg(3);
            let mut damaged = a.clone();
            let at = at % a.len();
            damaged[at] = to;
            // Damage to a length may swallow what follows it, at most 64 KiB.
            let gap = vec![0; 70_000];
            let stream = [&damaged[..], &gap, &a].concat();
            let last = Frames::new(&stream[..]).flatten().last();
            prop_assert!(last.is_some_and(|last| last.ends_with(&a[2..])));
        }
    }
}
