//! Frames from disk: an image, a folder of images, motion JPEG or Y4M; for tests, demos and bug reports.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use crate::Uptime;
use crate::files::{ExpandError, Movie, Moving, expand};
use crate::picture::{Picture, open_picture};
use crate::source::{Delivery, Source, Step};
use crate::worker::StartError;

/// What is replayed, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayConfig {
    /// An image, a folder of images (replayed in the order of their names), a file `*.mjpeg` or
    /// `*.mjpg`, or a file `*.y4m`.
    pub path: PathBuf,
    /// How fast.
    pub pace: Pace,
    /// How often.
    pub repeat: Repeat,
}

/// How fast frames are replayed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// As a camera would, frames per second: the decoder may miss some, which are counted as dropped.
    Fps(f32),
    /// Each as soon as the one before is decoded: none is missed.
    AsFastAsPossible,
}

/// How often a replay runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Once; then the source ends.
    Once,
    /// Until the scanner stops; a folder is looked through anew each round, so it may fill meanwhile.
    Forever,
}

/// A replay as a source of frames.
pub(crate) struct Replay {
    path: PathBuf,
    files: Vec<PathBuf>,
    next_file: usize,
    movie: Option<(PathBuf, Movie<File>)>,
    frames_this_round: u64,
    repeat: Repeat,
    interval: Option<Duration>,
    next_due: Duration,
    uptime: Uptime,
}

impl Replay {
    pub(crate) fn open(config: ReplayConfig, uptime: Uptime) -> Result<Self, StartError> {
        let interval = match config.pace {
            Pace::AsFastAsPossible => None,
            Pace::Fps(fps) if fps.is_finite() && fps > 0.001 => {
                Some(Duration::from_secs_f32(1.0 / fps))
            }
            Pace::Fps(fps) => return Err(StartError::Pace(fps)),
        };
        let files = expand(&config.path)?;
        // A folder that is watched for ever may fill later.
        if files.is_empty() && config.repeat == Repeat::Once {
            return Err(StartError::Replay(ExpandError::Empty(config.path)));
        }
        Ok(Self {
            path: config.path,
            files,
            next_file: 0,
            movie: None,
            frames_this_round: 0,
            repeat: config.repeat,
            interval,
            next_due: uptime(),
            uptime,
        })
    }

    fn advance(&mut self, patience: Duration) -> Step {
        if let Some((path, frames)) = &mut self.movie {
            match frames.next() {
                Some(Ok(picture)) => return self.frame(picture),
                Some(Err(cause)) => {
                    return Step::Broken(format!("{}: {cause}", path.display()));
                }
                None => self.movie = None,
            }
        }
        let Some(path) = self.files.get(self.next_file).cloned() else {
            return self.round_is_over(patience);
        };
        self.next_file += 1;
        let Some(kind) = Moving::of(&path) else {
            return match open_picture(&path) {
                Ok(luma) => self.frame(Picture::Luma(luma)),
                Err(cause) => Step::Broken(cause.to_string()),
            };
        };
        match File::open(&path) {
            Ok(file) => {
                self.movie = Some((path, kind.frames(file)));
                Step::Nothing
            }
            Err(cause) => Step::Broken(format!("{}: {cause}", path.display())),
        }
    }

    fn frame(&mut self, picture: Picture) -> Step {
        self.frames_this_round += 1;
        if let Some(interval) = self.interval {
            // From now, not from when it was due: after a pause, a camera does not catch up either.
            self.next_due = (self.uptime)() + interval;
        }
        Step::Frame(picture)
    }

    fn round_is_over(&mut self, patience: Duration) -> Step {
        if self.repeat == Repeat::Once {
            return Step::Ended;
        }
        // Without this wait, an empty folder or one of broken files would spin.
        if self.frames_this_round == 0 {
            std::thread::sleep(patience);
        }
        self.next_file = 0;
        self.frames_this_round = 0;
        match expand(&self.path) {
            Ok(files) => {
                self.files = files;
                Step::Nothing
            }
            Err(cause) => Step::Broken(cause.to_string()),
        }
    }
}

impl Source for Replay {
    fn next(&mut self, patience: Duration) -> Step {
        let early = self.next_due.saturating_sub((self.uptime)());
        if self.interval.is_some() && !early.is_zero() {
            std::thread::sleep(early.min(patience));
            return Step::Nothing;
        }
        self.advance(patience)
    }

    fn delivery(&self) -> Delivery {
        match self.interval {
            Some(_) => Delivery::NewestWins,
            None => Delivery::EveryFrame,
        }
    }
}

#[cfg(test)]
mod tests;
