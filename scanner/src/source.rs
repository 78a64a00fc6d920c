//! Where frames and texts come from: the one trait behind which all sources stand.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use crate::camera::CameraConfig;
use crate::hand::HandConfig;
use crate::luma::Luma;
use crate::picture::Picture;
use crate::posted::Posted;
use crate::replay::ReplayConfig;

/// What a scanner looks at.
#[derive(Debug)]
#[non_exhaustive]
pub enum SourceConfig {
    /// A camera: V4L2 (needs the feature `camera`), the Raspberry Pi's own module, or one in the network.
    Camera(CameraConfig),
    /// A scanner that reads codes by itself and sends texts.
    Hand(HandConfig),
    /// Images, motion JPEG or Y4M from disk.
    Replay(ReplayConfig),
    /// Frames that a browser posts. See [`crate::posted`].
    Posted(Posted),
    /// Frames made by the program itself; each is decoded, the sender waits. See [`staged`].
    Staged(Receiver<Luma>),
}

/// A source that scans what is sent to it; at most `capacity` frames wait. It ends when the sender is dropped.
#[must_use]
pub fn staged(capacity: usize) -> (SyncSender<Luma>, SourceConfig) {
    let (sender, receiver) = sync_channel(capacity);
    (sender, SourceConfig::Staged(receiver))
}

/// What becomes of a frame that comes while another still waits for the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// It replaces the older one, which is counted as dropped.
    NewestWins,
    /// Its source waits.
    EveryFrame,
}

/// How a source was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// It said so.
    Failed,
    /// It said nothing for too long; its reader was abandoned.
    Hung,
}

/// What happened at a source.
pub(crate) enum Step {
    /// A frame.
    Frame(Picture),
    /// A code that the device read by itself.
    Text(String),
    /// Nothing to say, and the device is well.
    Alive,
    /// Nothing yet.
    Nothing,
    /// The source is open and delivers what the text says.
    Opened(String),
    /// A frame or file could not be read; the source goes on.
    Broken(String),
    /// The source is gone; it tries to come back.
    Lost(Loss, String),
    /// There will be no more frames.
    Ended,
}

/// A producer of frames, driven by the capture thread.
pub(crate) trait Source: Send {
    /// What is next, after waiting for at most about `patience`.
    fn next(&mut self, patience: Duration) -> Step;

    /// Whether the source can wait for the decoder.
    fn delivery(&self) -> Delivery;
}

/// The [`SourceConfig::Staged`] source.
pub(crate) struct Staged(pub(crate) Receiver<Luma>);

impl Source for Staged {
    fn next(&mut self, patience: Duration) -> Step {
        match self.0.recv_timeout(patience) {
            Ok(luma) => Step::Frame(Picture::Luma(luma)),
            Err(RecvTimeoutError::Timeout) => Step::Nothing,
            Err(RecvTimeoutError::Disconnected) => Step::Ended,
        }
    }

    fn delivery(&self) -> Delivery {
        Delivery::EveryFrame
    }
}
