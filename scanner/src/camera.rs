//! V4L2 cameras: which device, which format, and a reader that is watched because a read may never return.
//!
//! ```text
//! capture thread: CameraSource ──spawns──> scan-camera thread: Backend::open, then Device::frame for ever
//!        ^───────────────── frames, failures (bounded) ───────────────┘
//! no word for `frame_deadline` → the reader is abandoned and a new one opens the device again
//! ```

mod choice;
#[cfg(feature = "camera")]
mod v4l2;
mod watch;

pub use choice::{CameraFormat, CameraPixels};
pub(crate) use watch::{CameraSource, Pauses};

use std::sync::Arc;

use crate::picture::Picture;

/// Which camera, and what is wanted of it; the nearest format it offers is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraConfig {
    /// `auto` (the first usable camera, USB ones first) or `/dev/videoN`.
    pub device: String,
    /// Wanted width in pixels.
    pub width: u32,
    /// Wanted height in pixels.
    pub height: u32,
    /// Wanted frames per second.
    pub fps: u32,
}

impl Default for CameraConfig {
    /// The first usable camera at 1280x720, 15 frames per second.
    fn default() -> Self {
        Self { device: "auto".to_owned(), width: 1280, height: 720, fps: 15 }
    }
}

/// A video device of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraInfo {
    /// Its path, `/dev/videoN`.
    pub device: String,
    /// What its driver calls it.
    pub name: String,
    /// What it can deliver that this crate can read.
    pub formats: Vec<CameraFormat>,
    /// Whether it can be used.
    pub usable: Usable,
}

/// Whether a video device can be used as a camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Usable {
    /// It can, and this is how it would be used for the default wishes.
    Yes(CameraFormat),
    /// It cannot, in words for staff.
    No(String),
}

/// All video devices of this machine in the order in which `auto` tries them.
///
/// Opens each for a moment; a camera that is in use elsewhere says so. Empty without the feature `camera`.
#[must_use]
pub fn cameras() -> Vec<CameraInfo> {
    #[cfg(feature = "camera")]
    return v4l2::cameras();
    #[cfg(not(feature = "camera"))]
    Vec::new()
}

/// Opens cameras; the seam at which tests put a fake one.
pub(crate) trait Backend: Send + Sync {
    /// Opens the device and starts its stream; says what was opened. May block for ever.
    fn open(&self, wanted: &CameraConfig) -> Result<(Box<dyn Device>, String), String>;
}

/// An open camera; lives and dies on its reader's thread.
pub(crate) trait Device {
    /// The next frame. May block for ever; an error means that the device must be opened again.
    fn frame(&mut self) -> Result<Picture, String>;
}

/// The real cameras, if this build has them.
pub(crate) fn backend() -> Option<Arc<dyn Backend>> {
    #[cfg(feature = "camera")]
    return Some(Arc::new(v4l2::V4l2));
    #[cfg(not(feature = "camera"))]
    None
}
