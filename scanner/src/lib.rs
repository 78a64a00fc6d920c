//! From light to text: cameras and files in, the texts of QR symbols out.
//!
//! ```text
//! camera ─┐                     ┌─ scan-decode thread ─────────────────┐
//! replay ─┼─ scan-capture ─slot─┤ picture → luma → decode → sighting  ├─ mpsc ─> Scan
//! staged ─┘    thread           └──────────────────────────────────────┘
//!                  └───────────── both count in ──── watch ─> Stats
//! ```
//!
//! | module | is |
//! |---|---|
//! | `source` | the one trait, because there are three sources; what can be configured |
//! | `camera` | V4L2 cameras: choice of device and format, reopening, hung readers |
//! | `replay`, `mjpeg`, `picture` | frames from folders, images, motion JPEG; bounded decoding |
//! | `staging` | a text rendered into a camera-like frame, for demo, tests and benches |
//! | `luma` | the grey frame |
//! | `decode` | finder, sampler and reader of QR symbols; `Eye` for streams; rqrr and rxing as second opinions |
//! | `meter` | the budget that really ends a search |
//! | `sighting` | pure: the same code still in view is one scan |
//! | `worker`, `slot`, `stats` | the two threads, the one-frame hand-over between them, their counters |
//! | `files` | images from the command line |
//! | `contain` | panics of foreign code stay inside |
//!
//! Invariants:
//! - nokhwa, rqrr and rxing are named only in this crate, nokhwa only in `camera::v4l2`, rqrr and rxing only in
//!   `decode::second`.
//! - This crate knows no token, and no other crate of ours. A payload never reaches a log or a `Debug`.
//! - Time is handed in as [`Uptime`]; nothing here reads a clock.
//! - Every frame, file, queue and search is bounded; what is dropped is counted.
//! - A camera's loss, a broken image or a panic in foreign code never ends a scanner.

#![cfg_attr(test, allow(clippy::unwrap_used))]
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests measure real time"))]

use std::sync::Arc;
use std::time::Duration;

mod camera;
mod contain;
mod decode;
mod files;
mod luma;
mod meter;
mod mjpeg;
mod picture;
mod replay;
mod sighting;
mod slot;
mod source;
mod staging;
mod stats;
mod worker;

pub use camera::{CameraConfig, CameraFormat, CameraInfo, CameraPixels, Usable, cameras};
pub use contain::contained;
pub use decode::{
    CODES_MAX, Corner, DecodeError, Effort, Eye, Found, Part, Payload, decode, decode_within,
};
pub use files::{
    ExpandError, ScanFileError, ScanStreamError, Scanned, expand, scan_file, scan_stream,
};
pub use luma::{Luma, LumaError, PixelLayout, SIDE_PX_MAX};
pub use meter::Budget;
pub use mjpeg::MjpegError;
pub use picture::{PictureError, open_picture};
pub use replay::{Pace, Repeat, ReplayConfig};
pub use sighting::{REMEMBERED_MAX, Sighting, Sightings};
pub use source::{SourceConfig, staged};
pub use staging::{Light, StageError, View, stage, stage_all};
pub use stats::{DecodeTimes, SourceState, Stats};
pub use worker::{Scan, Scanner, Settings, StartError, Stopped};

/// A monotonic clock: the time since some fixed moment, the same for all who hold it.
pub type Uptime = Arc<dyn Fn() -> Duration + Send + Sync>;

/// A real clock for tests, handed in as the product's is.
#[cfg(test)]
pub(crate) fn test_uptime() -> Uptime {
    let start = std::time::Instant::now();
    Arc::new(move || start.elapsed())
}
