//! Live devices, whatever brings their frames: opened, watched, cut off when they hang, and opened again.
//!
//! ```text
//! capture thread: Watched ──spawns──> scan-device thread: Backend::open, then Device::next for ever
//!        ^───────────── shots, failures (bounded) ─────────────┘
//! no word for `frame_deadline` → its leash is cut, the reader abandoned, and a new one opens the device again
//! ```

mod leash;
mod watch;

pub(crate) use leash::Leash;
pub(crate) use watch::{Pauses, Watched};

use crate::picture::Picture;

/// What a device gives.
pub(crate) enum Shot {
    /// A frame.
    Frame(Picture),
    /// A code that the device read by itself.
    Text(String),
    /// The device is well and has nothing to say, as a hand scanner between two visitors.
    Idle,
    /// Something that is no frame; the device goes on.
    Broken(String),
}

/// Opens devices; the seam at which tests put a fake one.
pub(crate) trait Backend: Send + Sync {
    /// Opens the device and starts its stream; says what was opened, in words. May block for ever, or until the
    /// leash is cut.
    fn open(&self, leash: &Leash) -> Result<(Box<dyn Device>, String), String>;
}

/// An open device; lives and dies on its reader's thread.
pub(crate) trait Device {
    /// What comes next. May block for ever; an error means that the device must be opened again.
    fn next(&mut self) -> Result<Shot, String>;
}
