//! Raw YUV420 frames of a known size, one after the other: only the first plane is kept, it is grey already.

use std::io::{self, Read};

use thiserror::Error;

use crate::luma::{Luma, LumaError, SIDE_PX_MAX};

/// Bytes that are read at once where they are thrown away.
const CHUNK: usize = 16 << 10;

/// Why a pipe gives no frame; each ends it, for nothing tells where the next frame would begin.
#[derive(Debug, Error)]
pub(crate) enum YuvError {
    /// A side outside of the bounds.
    #[error(transparent)]
    Size(#[from] LumaError),
    /// The pipe cannot be read.
    #[error("the pipe cannot be read: {0}")]
    Read(#[source] io::Error),
    /// The pipe ends within a frame.
    #[error("a frame breaks off")]
    Truncated,
}

/// The frames of a pipe.
pub(crate) struct Planes<R> {
    pipe: R,
    width: u32,
    height: u32,
    grey: usize,
    colour: u64,
    over: bool,
}

impl<R: Read> Planes<R> {
    pub(crate) fn new(pipe: R, width: u32, height: u32) -> Result<Self, YuvError> {
        let sides = 1..=SIDE_PX_MAX;
        if !sides.contains(&width) || !sides.contains(&height) {
            return Err(LumaError::Size { width, height }.into());
        }
        let colour = 2 * u64::from(width.div_ceil(2)) * u64::from(height.div_ceil(2));
        Ok(Self {
            pipe,
            width,
            height,
            grey: width as usize * height as usize,
            colour,
            over: false,
        })
    }

    fn read(&mut self) -> Result<Option<Luma>, YuvError> {
        let mut pixels = Vec::with_capacity(self.grey);
        let came = self.pipe.by_ref().take(self.grey as u64).read_to_end(&mut pixels);
        match came.map_err(YuvError::Read)? {
            0 => return Ok(None),
            all if all == self.grey => {}
            _ => return Err(YuvError::Truncated),
        }
        let mut left = self.colour;
        let mut chunk = [0; CHUNK];
        while left > 0 {
            let most = chunk.len().min(usize::try_from(left).unwrap_or(CHUNK));
            match self.pipe.read(&mut chunk[..most]) {
                Ok(0) => return Err(YuvError::Truncated),
                Ok(some) => left -= some as u64,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(YuvError::Read(cause)),
            }
        }
        Ok(Some(Luma::new(self.width, self.height, pixels)?))
    }
}

impl<R: Read> Iterator for Planes<R> {
    type Item = Result<Luma, YuvError>;

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

    #[test]
    fn the_grey_of_each_frame_is_kept_and_a_broken_end_is_told() {
        let frame = |grey: u8| [vec![grey; 4 * 2], vec![128; 4]].concat();
        let all = [frame(1), frame(2), frame(3)].concat();
        let read = |bytes: &[u8]| Planes::new(bytes, 4, 2).unwrap().collect::<Vec<_>>();
        let frames = read(&all);
        let greys: Vec<_> = frames.iter().map(|f| f.as_ref().unwrap().pixels()[7]).collect();
        assert_eq!(greys, [1, 2, 3]);
        for short in [1, 6] {
            let frames = read(&all[..all.len() - short]);
            assert!(matches!(frames[..], [Ok(_), Ok(_), Err(YuvError::Truncated)]));
        }
        assert!(Planes::new(&all[..], 0, 2).is_err());
        assert!(Planes::new(&all[..], 4, 9000).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_give_whole_frames_and_at_most_one_error(
            bytes in prop::collection::vec(any::<u8>(), 0..300), width in 1_u32..9, height in 1_u32..9,
        ) {
            let frames: Vec<_> = Planes::new(&bytes[..], width, height).unwrap().collect();
            let whole = frames.iter().filter(|frame| frame.is_ok()).count();
            prop_assert!(frames.len() - whole <= 1);
            prop_assert!(whole * (width * height) as usize <= bytes.len());
        }
    }
}
