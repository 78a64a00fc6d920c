//! Images from the command line: which files a path means, and what each says within a budget.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::Uptime;
use crate::decode::{DecodeError, Effort, Found, decode_within};
use crate::luma::Luma;
use crate::meter::Budget;
use crate::mjpeg::{self, MjpegError};
use crate::picture::{Picture, PictureError, open_picture};
use crate::y4m::{self, Y4mError};

/// Names of images, by their ends.
const IMAGE_ENDS: [&str; 9] = ["png", "jpg", "jpeg", "pgm", "ppm", "pbm", "pnm", "webp", "bmp"];
/// Names of moving pictures, by their ends.
const MJPEG_ENDS: [&str; 2] = ["mjpeg", "mjpg"];
const Y4M_ENDS: [&str; 1] = ["y4m"];
/// Folders in folders that are looked into.
const DEPTH_MAX: usize = 8;
/// Most files one path may mean.
const FILES_MAX: usize = 100_000;

/// What one image or frame says.
#[derive(Clone, Debug, PartialEq)]
pub struct Scanned {
    /// Its codes.
    pub codes: Vec<Found>,
    /// Time from grey pixels to codes, in milliseconds; reading the file is not in it.
    pub millis: f64,
}

/// Why an image file gives no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ScanFileError {
    /// It is no readable image; names the file.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The search for symbols spent its budget or panicked.
    #[error("{}: {source}", path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// Which of both.
        source: DecodeError,
    },
}

/// Why a frame of a stream gives no answer; only an unreadable stream ends it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ScanStreamError {
    /// The stream is no motion JPEG at this place.
    #[error(transparent)]
    Mjpeg(#[from] MjpegError),
    /// The stream is no Y4M, or breaks off.
    #[error(transparent)]
    Y4m(#[from] Y4mError),
    /// The frame is no readable JPEG.
    #[error("a frame {0}")]
    Picture(#[from] PictureError),
    /// The search for symbols spent its budget or panicked.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// Why a path means no files.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExpandError {
    /// The path or a folder below it cannot be read.
    #[error("{}: cannot be read", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A folder without images.
    #[error("{}: holds no image", .0.display())]
    Empty(PathBuf),
    /// More files than are scanned in one go.
    #[error("{}: holds more than {FILES_MAX} images", .0.display())]
    Many(PathBuf),
}

/// The codes of an image file (PNG, JPEG, PNM, WebP, BMP by content). The search ends when the budget is
/// spent; without one, a bound on its steps holds, which grows with the pixels.
///
/// # Errors
/// The file is no readable image, or the search was given up; the text names the file.
pub fn scan_file(
    path: &Path,
    budget: Option<Duration>,
    uptime: &Uptime,
) -> Result<Scanned, ScanFileError> {
    let luma = open_picture(path)?;
    scan_luma(&luma, budget, uptime)
        .map_err(|source| ScanFileError::Decode { path: path.to_owned(), source })
}

/// How pictures move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moving {
    /// Motion JPEG: JPEGs one after the other.
    Mjpeg,
    /// YUV4MPEG2: raw frames.
    Y4m,
}

impl Moving {
    /// What a file's name says: `*.mjpeg`, `*.mjpg` or `*.y4m`; none for a single image.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        if ends_in(path, &MJPEG_ENDS) {
            Some(Self::Mjpeg)
        } else {
            ends_in(path, &Y4M_ENDS).then_some(Self::Y4m)
        }
    }

    pub(crate) fn frames<R: Read>(self, stream: R) -> Movie<R> {
        match self {
            Self::Mjpeg => Movie::Mjpeg(mjpeg::Frames::new(stream)),
            Self::Y4m => Movie::Y4m(y4m::Frames::new(stream)),
        }
    }
}

/// The frames of moving pictures.
pub(crate) enum Movie<R> {
    Mjpeg(mjpeg::Frames<R>),
    Y4m(y4m::Frames<R>),
}

impl<R: Read> Iterator for Movie<R> {
    type Item = Result<Picture, ScanStreamError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self {
            Self::Mjpeg(frames) => frames.next()?.map(Picture::Jpeg).map_err(Into::into),
            Self::Y4m(frames) => frames.next()?.map(Picture::Luma).map_err(Into::into),
        })
    }
}

/// One answer for each frame of a stream, each within the budget, as they come.
pub fn scan_stream<R: Read>(
    kind: Moving,
    stream: R,
    budget: Option<Duration>,
    uptime: Uptime,
) -> impl Iterator<Item = Result<Scanned, ScanStreamError>> {
    kind.frames(stream).map(move |frame| {
        let luma = frame?.into_luma()?;
        Ok(scan_luma(&luma, budget, &uptime)?)
    })
}

fn scan_luma(
    luma: &Luma,
    budget: Option<Duration>,
    uptime: &Uptime,
) -> Result<Scanned, DecodeError> {
    let start = uptime();
    let budget = budget
        .map_or_else(Budget::default, |longest| Budget::until(Arc::clone(uptime), start + longest));
    let codes = decode_within(luma, Effort::TwoLooks, &budget)?;
    let millis = uptime().saturating_sub(start).as_secs_f64() * 1000.0;
    Ok(Scanned { codes, millis })
}

/// The files that a path means: itself, or the images and moving pictures in a folder and its folders
/// (not through links to folders), sorted by their paths.
///
/// # Errors
/// Something cannot be read, or there are too many files. An empty folder gives an empty list.
pub fn expand(path: &Path) -> Result<Vec<PathBuf>, ExpandError> {
    let facts = path.metadata().map_err(cannot_read(path))?;
    if !facts.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    gather(path, DEPTH_MAX, &mut files)?;
    files.sort();
    Ok(files)
}

fn gather(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), ExpandError> {
    for entry in fs::read_dir(folder).map_err(cannot_read(folder))? {
        let entry = entry.map_err(cannot_read(folder))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(cannot_read(&path))?;
        if kind.is_dir() && depth > 0 {
            gather(&path, depth - 1, files)?;
        } else if !kind.is_dir() && (ends_in(&path, &IMAGE_ENDS) || Moving::of(&path).is_some()) {
            if files.len() == FILES_MAX {
                return Err(ExpandError::Many(folder.to_owned()));
            }
            files.push(path);
        }
    }
    Ok(())
}

fn ends_in(path: &Path, ends: &[&str]) -> bool {
    let end = path.extension().and_then(|end| end.to_str());
    end.is_some_and(|end| ends.iter().any(|known| known.eq_ignore_ascii_case(end)))
}

fn cannot_read(path: &Path) -> impl Fn(io::Error) -> ExpandError {
    let path = path.to_owned();
    move |source| ExpandError::Read { path: path.clone(), source }
}

#[cfg(test)]
mod tests;
