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
use crate::mjpeg::{Frames, MjpegError};
use crate::picture::{Picture, PictureError, open_picture};

/// Names of images, by their ends.
const IMAGE_ENDS: [&str; 9] = ["png", "jpg", "jpeg", "pgm", "ppm", "pbm", "pnm", "webp", "bmp"];
/// Names of motion JPEG files, by their ends.
const MOVIE_ENDS: [&str; 2] = ["mjpeg", "mjpg"];
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

/// One answer for each frame of a motion JPEG stream, each within the budget, as they come.
pub fn scan_stream<R: Read>(
    stream: R,
    budget: Option<Duration>,
    uptime: Uptime,
) -> impl Iterator<Item = Result<Scanned, ScanStreamError>> {
    Frames::new(stream).map(move |frame| {
        let luma = Picture::Jpeg(frame?).into_luma()?;
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

/// The files that a path means: itself, or the images and motion JPEG files in a folder and its folders
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

/// Whether a file's name says that it is motion JPEG.
pub(crate) fn is_motion_jpeg(path: &Path) -> bool {
    ends_in(path, &MOVIE_ENDS)
}

fn gather(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), ExpandError> {
    for entry in fs::read_dir(folder).map_err(cannot_read(folder))? {
        let entry = entry.map_err(cannot_read(folder))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(cannot_read(&path))?;
        if kind.is_dir() && depth > 0 {
            gather(&path, depth - 1, files)?;
        } else if !kind.is_dir() && (ends_in(&path, &IMAGE_ENDS) || is_motion_jpeg(&path)) {
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
