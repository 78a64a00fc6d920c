//! From light to text: cameras and files in, the texts of QR symbols out.
//!
//! ```text
//! camera ──┐ device thread        ┌─ scan-decode thread ─────────────────┐
//! network ─┤  ┌─ watched          │ picture → luma → decode → sighting   │
//! hand ────┴──┤                   │                 └──> coach → hint    ├─ mpsc ─> Scan
//! replay ─────┼─ scan-capture ─slot─ text ───────────────> sighting       │
//! posted ─────┤  thread           └──────────────────────────────────────┘
//! staged ─────┘     └───────────── both count in ──── watch ─> Stats
//! ```
//!
//! | module | is |
//! |---|---|
//! | `source` | the one trait behind which all sources stand; what can be configured |
//! | `live` | devices on a thread of their own: watched, cut off when they hang, opened again |
//! | `camera` | V4L2 cameras (choice of device, format, controls), the Pi's camera module, what a device's name means |
//! | `network` | cameras in the network: motion JPEG over HTTP, RTSP with RTP/JPEG |
//! | `hand` | hand scanners: keystrokes and serial lines, texts in place of frames |
//! | `posted` | frames from a browser |
//! | `replay`, `mjpeg`, `y4m`, `picture` | frames from folders, images, moving pictures; bounded decoding |
//! | `staging` | a text rendered into a camera-like frame, for demo, tests and benches |
//! | `luma` | the grey frame |
//! | `decode` | finder, sampler and reader of QR symbols; `Eye` for streams; rqrr and rxing as second opinions |
//! | `meter` | the budget that really ends a search |
//! | `sighting` | pure: the same code still in view is one scan |
//! | `coach` | pure: what keeps codes from being read, by the picture |
//! | `worker`, `slot`, `stats` | the two threads, the one-frame hand-over between them, their counters |
//! | `files` | images from the command line |
//! | `contain` | panics of foreign code stay inside |
//! | `fuzzing` | the doors through which fuzz targets come in |
//!
//! Invariants:
//! - nokhwa, rqrr and rxing are named only in this crate, nokhwa only in `camera::v4l2`, rqrr and rxing only in
//!   `decode::second`.
//! - This crate knows no token, and no other crate of ours. A payload never reaches a log or a `Debug`; neither does a
//!   camera's password.
//! - Time is handed in as [`Uptime`]; nothing here reads a clock.
//! - Every frame, file, answer, queue and search is bounded; what is dropped is counted.
//! - A device's loss, a broken image or a panic in foreign code never ends a scanner.

#![cfg_attr(test, allow(clippy::unwrap_used))]
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests measure real time"))]

use std::sync::Arc;
use std::time::Duration;

mod camera;
mod coach;
mod contain;
mod decode;
mod files;
#[doc(hidden)]
pub mod fuzzing;
mod hand;
mod live;
mod luma;
mod meter;
mod mjpeg;
mod network;
mod picture;
mod posted;
mod replay;
mod sighting;
mod slot;
mod source;
mod staging;
mod stats;
mod worker;
mod y4m;

pub use camera::{
    CameraConfig, CameraFormat, CameraInfo, CameraPixels, Controls, Login, LoginError, PiCameras,
    Pipe, Usable, cameras, check_device, pi_cameras,
};
pub use coach::{Coach, Hint, Look};
pub use contain::contained;
pub use decode::{
    CODES_MAX, Corner, DecodeError, Effort, Eye, Found, Part, Payload, decode, decode_within,
};
pub use files::{
    ExpandError, Moving, ScanFileError, ScanStreamError, Scanned, expand, scan_file, scan_stream,
};
pub use hand::{HandConfig, HandKind};
pub use luma::{Luma, LumaError, PixelLayout, SIDE_PX_MAX};
pub use meter::Budget;
pub use mjpeg::MjpegError;
pub use picture::{PictureError, open_picture};
pub use posted::{
    POSTED_BYTES_MAX, POSTED_PIXELS_MAX, PostError, Posted, Posting, posted, posted_luma,
};
pub use replay::{Pace, Repeat, ReplayConfig};
pub use sighting::{REMEMBERED_MAX, Sighting, Sightings};
pub use source::{SourceConfig, staged};
pub use staging::{Light, StageError, View, stage, stage_all};
pub use stats::{DecodeTimes, SourceState, Stats};
pub use worker::{Scan, Scanner, Settings, StartError, Stopped};
pub use y4m::Y4mError;

/// A monotonic clock: the time since some fixed moment, the same for all who hold it.
pub type Uptime = Arc<dyn Fn() -> Duration + Send + Sync>;

/// A real clock for tests, handed in as the product's is.
#[cfg(test)]
pub(crate) fn test_uptime() -> Uptime {
    let start = std::time::Instant::now();
    Arc::new(move || start.elapsed())
}
