//! Frames that a browser posts: encoded pictures, bounded before they wait, decoded like any other.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use image::{ImageFormat, ImageReader};
use thiserror::Error;

use crate::contain::contain;
use crate::luma::{Luma, SIDE_PX_MAX};
use crate::picture::Picture;
use crate::source::{Delivery, Source, SourceConfig, Step};

/// Largest posted picture, in bytes.
pub const POSTED_BYTES_MAX: usize = 4 << 20;
/// Most pixels of a posted picture: 4K.
pub const POSTED_PIXELS_MAX: u64 = 3840 * 2160;
/// Frames that wait; the capture thread empties it many times a frame.
const WAITING_MAX: usize = 2;

/// Why a posted picture is refused.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PostError {
    /// Over [`POSTED_BYTES_MAX`].
    #[error("a frame of {0} bytes is over {POSTED_BYTES_MAX}")]
    Bytes(usize),
    /// Over [`POSTED_PIXELS_MAX`], or a side too long.
    #[error("a frame of {0}x{1} pixels is too large")]
    Pixels(u32, u32),
    /// Not the head of a JPEG, PNG or WebP picture.
    #[error("a frame is a JPEG, PNG or WebP picture")]
    Kind,
    /// It has the head of a picture and cannot be decoded.
    #[error("a frame is damaged")]
    Damaged,
    /// Frames come faster than they are taken; this one is dropped.
    #[error("frames come too fast")]
    Busy,
    /// The scanner has stopped.
    #[error("the scanner has stopped")]
    Stopped,
}

/// Where a browser's frames go in; cheap to clone.
#[derive(Clone, Debug)]
pub struct Posting {
    frames: SyncSender<Picture>,
    refused: Arc<AtomicU64>,
}

/// The receiving end, for [`SourceConfig::Posted`].
#[derive(Debug)]
pub struct Posted(Receiver<Picture>);

/// A source that scans what is posted to it. It ends when the last [`Posting`] is dropped.
#[must_use]
pub fn posted() -> (Posting, SourceConfig) {
    let (frames, receiver) = sync_channel(WAITING_MAX);
    (Posting { frames, refused: Arc::default() }, SourceConfig::Posted(Posted(receiver)))
}

impl Posting {
    /// Takes in one encoded picture; never waits. Only its head is looked at here.
    ///
    /// # Errors
    /// It is no picture within the bounds, or cannot be taken now.
    pub fn post(&self, bytes: Vec<u8>) -> Result<(), PostError> {
        let outcome = sized(bytes).and_then(|picture| {
            self.frames.try_send(picture).map_err(|cause| match cause {
                TrySendError::Full(_) => PostError::Busy,
                TrySendError::Disconnected(_) => PostError::Stopped,
            })
        });
        if outcome.is_err() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }

    /// Pictures refused so far.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

/// The grey of one encoded picture, bounded before it is decoded: for frames that are looked at one by one, by an
/// [`crate::Eye`] of the caller's own.
///
/// # Errors
/// It is no picture within the bounds, or is damaged.
pub fn posted_luma(bytes: Vec<u8>) -> Result<Luma, PostError> {
    sized(bytes)?.into_luma().map_err(|_| PostError::Damaged)
}

/// The picture, if its head keeps to the bounds.
pub(crate) fn sized(bytes: Vec<u8>) -> Result<Picture, PostError> {
    if bytes.len() > POSTED_BYTES_MAX {
        return Err(PostError::Bytes(bytes.len()));
    }
    let head = || {
        let reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format().ok()?;
        let format = reader.format()?;
        let known = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP];
        if !known.contains(&format) {
            return None;
        }
        Some((format, reader.into_dimensions().ok()?))
    };
    let (format, (width, height)) = contain(head).ok().flatten().ok_or(PostError::Kind)?;
    let pixels = u64::from(width) * u64::from(height);
    if width > SIDE_PX_MAX || height > SIDE_PX_MAX || pixels > POSTED_PIXELS_MAX {
        return Err(PostError::Pixels(width, height));
    }
    Ok(Picture::Encoded { format, bytes })
}

impl Source for Posted {
    fn next(&mut self, patience: Duration) -> Step {
        match self.0.recv_timeout(patience) {
            Ok(picture) => Step::Frame(picture),
            Err(RecvTimeoutError::Timeout) => Step::Nothing,
            Err(RecvTimeoutError::Disconnected) => Step::Ended,
        }
    }

    fn delivery(&self) -> Delivery {
        Delivery::NewestWins
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scanner, Settings, Stopped, View, stage, test_uptime};

    fn encoded(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image::GrayImage::new(width, height).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_posted_code_is_scanned() {
        let luma = stage("POSTED", &View::head_on(), 1).unwrap();
        let image = image::GrayImage::from_raw(1280, 720, luma.pixels().to_vec()).unwrap();
        let mut jpeg = Cursor::new(Vec::new());
        image.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
        let (posting, source) = posted();
        let (scanner, mut scans) =
            Scanner::start(source, Settings::default(), test_uptime()).unwrap();
        posting.post(jpeg.into_inner()).unwrap();
        assert_eq!(scans.blocking_recv().unwrap().payload.text(), Some("POSTED"));
        assert_eq!(scanner.stop(), Stopped::Clean);
        let late = posting.post(encoded(ImageFormat::Png, 2, 2));
        assert_eq!((late, posting.refused()), (Err(PostError::Stopped), 1));
    }

    #[test]
    fn a_picture_is_grey_or_refused() {
        let png = encoded(ImageFormat::Png, 64, 48);
        let luma = posted_luma(png.clone()).unwrap();
        assert_eq!((luma.width(), luma.height()), (64, 48));
        assert_eq!(posted_luma(png[..60].to_vec()), Err(PostError::Damaged));
        assert_eq!(posted_luma(b"GIF89a".to_vec()), Err(PostError::Kind));
    }

    #[test]
    fn frames_are_bounded_before_they_wait() {
        let (posting, _source) = posted();
        assert_eq!(
            posting.post(vec![0; POSTED_BYTES_MAX + 1]),
            Err(PostError::Bytes(POSTED_BYTES_MAX + 1))
        );
        assert_eq!(posting.post(b"GIF89a".to_vec()), Err(PostError::Kind));
        assert_eq!(posting.post(encoded(ImageFormat::Bmp, 2, 2)), Err(PostError::Kind));
        assert_eq!(
            posting.post(encoded(ImageFormat::Png, 4097, 1)),
            Err(PostError::Pixels(4097, 1))
        );
        assert_eq!(
            posting.post(encoded(ImageFormat::Png, 4000, 4000)),
            Err(PostError::Pixels(4000, 4000))
        );
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            assert_eq!(posting.post(encoded(format, 64, 64)), Ok(()));
        }
        assert_eq!(posting.post(encoded(ImageFormat::WebP, 8, 8)), Err(PostError::Busy));
        assert_eq!(posting.refused(), 6);
    }
}
