//! YUV4MPEG2 (`.y4m`): raw frames with a line of text before all and one before each; only their grey is kept.

use std::io::{self, BufReader, Read};

use thiserror::Error;

use crate::luma::{Luma, LumaError, SIDE_PX_MAX};

/// Longest line of text, in bytes.
const LINE_BYTES_MAX: usize = 1024;
const MAGIC: &[u8] = b"YUV4MPEG2";

/// Why a file or stream is no Y4M, or breaks off; nothing follows.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Y4mError {
    /// It cannot be read.
    #[error("the stream cannot be read")]
    Read(#[source] io::Error),
    /// Another format.
    #[error("does not begin with YUV4MPEG2")]
    Other,
    /// A line of text without an end.
    #[error("a line is longer than {LINE_BYTES_MAX} bytes")]
    Line,
    /// Width or height is missing, or outside of the bounds.
    #[error(transparent)]
    Size(#[from] LumaError),
    /// A way of storing pixels that is not read, such as more than 8 bits.
    #[error("pixels as {0:?} are not read: 420, 422, 444 and mono with 8 bits are")]
    Pixels(String),
    /// Something else where a frame should begin.
    #[error("no frame where one should begin")]
    OutOfStep,
    /// The end comes within a frame.
    #[error("a frame breaks off")]
    Truncated,
}

/// The frames of a Y4M stream.
pub(crate) struct Frames<R> {
    stream: BufReader<R>,
    size: Option<Size>,
    over: bool,
}

#[derive(Clone, Copy)]
struct Size {
    width: u32,
    height: u32,
    colour: u64,
}

impl<R: Read> Frames<R> {
    pub(crate) fn new(stream: R) -> Self {
        Self { stream: BufReader::with_capacity(1 << 16, stream), size: None, over: false }
    }

    fn read(&mut self) -> Result<Option<Luma>, Y4mError> {
        let size = match self.size {
            Some(size) => size,
            None => {
                let line = self.line()?.ok_or(Y4mError::Other)?;
                *self.size.insert(Size::read(&line)?)
            }
        };
        let Some(line) = self.line()? else { return Ok(None) };
        if line.split(|&b| b == b' ').next() != Some(b"FRAME") {
            return Err(Y4mError::OutOfStep);
        }
        let area = u64::from(size.width) * u64::from(size.height);
        let mut pixels = Vec::with_capacity(area as usize);
        let came = self.stream.by_ref().take(area).read_to_end(&mut pixels);
        if came.map_err(Y4mError::Read)? as u64 != area {
            return Err(Y4mError::Truncated);
        }
        let skipped = io::copy(&mut self.stream.by_ref().take(size.colour), &mut io::sink());
        if skipped.map_err(Y4mError::Read)? != size.colour {
            return Err(Y4mError::Truncated);
        }
        Ok(Some(Luma::new(size.width, size.height, pixels)?))
    }

    /// A line without its end; none at the end of the stream.
    fn line(&mut self) -> Result<Option<Vec<u8>>, Y4mError> {
        let mut line = Vec::new();
        for byte in self.stream.by_ref().bytes() {
            match byte.map_err(Y4mError::Read)? {
                b'\n' => return Ok(Some(line)),
                _ if line.len() == LINE_BYTES_MAX => return Err(Y4mError::Line),
                byte => line.push(byte),
            }
            // Another format's first line may be all of it.
            let seen = line.len().min(MAGIC.len());
            if self.size.is_none() && line[..seen] != MAGIC[..seen] {
                return Err(Y4mError::Other);
            }
        }
        if line.is_empty() { Ok(None) } else { Err(Y4mError::Truncated) }
    }
}

impl Size {
    /// Reads the first line: `YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg`.
    fn read(line: &[u8]) -> Result<Self, Y4mError> {
        let line = String::from_utf8_lossy(line);
        let mut words = line.split(' ');
        if words.next().map(str::as_bytes) != Some(MAGIC) {
            return Err(Y4mError::Other);
        }
        let (mut width, mut height, mut pixels) = (0, 0, "420");
        for word in words.filter(|word| !word.is_empty()) {
            let mut letters = word.chars();
            let letter = letters.next();
            let value = letters.as_str();
            match letter {
                Some('W') => width = value.parse().unwrap_or(0),
                Some('H') => height = value.parse().unwrap_or(0),
                Some('C') => pixels = value,
                // Rate, interlacing, aspect and remarks change no pixel's place.
                _ => {}
            }
        }
        let sides = 1..=SIDE_PX_MAX;
        if !sides.contains(&width) || !sides.contains(&height) {
            return Err(LumaError::Size { width, height }.into());
        }
        let (w, h) = (u64::from(width), u64::from(height));
        let (half_w, half_h) = (w.div_ceil(2), h.div_ceil(2));
        let colour = match pixels {
            "420" | "420jpeg" | "420mpeg2" | "420paldv" => 2 * half_w * half_h,
            "422" => 2 * half_w * h,
            "444" => 2 * w * h,
            "444alpha" => 3 * w * h,
            "mono" => 0,
            other => return Err(Y4mError::Pixels(other.chars().take(16).collect())),
        };
        Ok(Self { width, height, colour })
    }
}

impl<R: Read> Iterator for Frames<R> {
    type Item = Result<Luma, Y4mError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let frame = self.read().transpose();
        self.over = !matches!(frame, Some(Ok(_)));
        frame
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn movie(pixels: &str, colour: usize) -> Vec<u8> {
        let frame = |grey: u8| [&b"FRAME Ip\n"[..], &[grey; 6], &vec![128; colour]].concat();
        [format!("YUV4MPEG2 W3 H2 F30:1 {pixels}\n").as_bytes(), &frame(7), &frame(9)].concat()
    }

    fn read(bytes: &[u8]) -> Vec<Result<Luma, Y4mError>> {
        Frames::new(bytes).collect()
    }

    #[test]
    fn each_way_of_storing_colour_leaves_the_grey() {
        let kinds = [
            ("", 4),
            ("C420jpeg", 4),
            ("C422 XREMARK", 8),
            ("C444", 12),
            ("Cmono", 0),
            ("C444alpha", 18),
        ];
        for (pixels, colour) in kinds {
            let frames = read(&movie(pixels, colour));
            let greys: Vec<_> = frames.iter().map(|f| f.as_ref().unwrap().pixels()).collect();
            assert_eq!(greys, [[7; 6], [9; 6]], "{pixels}");
        }
    }

    #[test]
    fn what_is_none_is_told() {
        let good = movie("C422", 8);
        assert!(matches!(read(&good[..good.len() - 1])[..], [Ok(_), Err(Y4mError::Truncated)]));
        assert!(matches!(read(&movie("C422", 7))[..], [Ok(_), Err(Y4mError::OutOfStep)]));
        assert!(matches!(read(&movie("C420p10", 4))[..], [Err(Y4mError::Pixels(_))]));
        assert!(matches!(read(b"YUV4MPEG2 W3\n")[..], [Err(Y4mError::Size(_))]));
        assert!(matches!(read(b"YUV4MPEG2 W3 H99999\n")[..], [Err(Y4mError::Size(_))]));
        assert!(matches!(read(b"\xFF\xD8\xFF\xE0")[..], [Err(Y4mError::Other)]));
        assert!(matches!(read(b"")[..], [Err(Y4mError::Other)]));
        let long = [b"YUV4MPEG2 X".to_vec(), vec![b'x'; 5000]].concat();
        assert!(matches!(read(&long)[..], [Err(Y4mError::Line)]));
    }

    proptest! {
        #[test]
        fn any_bytes_give_frames_and_at_most_one_error(bytes in prop::collection::vec(any::<u8>(), 0..200), colour in 0_usize..20) {
            let all = [&movie("C422", colour)[..], &bytes].concat();
            for stream in [&all[..], &bytes] {
                let frames = read(stream);
                prop_assert!(frames.iter().filter(|f| f.is_err()).count() <= 1);
                prop_assert!(frames.iter().flatten().all(|f| f.pixels().len() <= stream.len()));
            }
        }
    }
}
