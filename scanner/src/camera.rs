//! Cameras: which one a configuration means, and how each kind is opened and read.
//!
//! | a camera | is opened by |
//! |---|---|
//! | V4L2, mostly USB | `v4l2`, through nokhwa, in the format that `choice` picks |
//! | a module of a Raspberry Pi | `rpicam`, a supervised child |
//! | in the network | `crate::network` |

mod address;
mod choice;
mod login;
pub(crate) mod rpicam;
#[cfg(feature = "camera")]
mod v4l2;

pub use choice::{CameraFormat, CameraPixels};
pub use login::{Login, LoginError};

pub(crate) use address::{Address, shown};

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::Uptime;
use crate::live::{Backend, Device, Leash};
use crate::network::{HttpCamera, RtspCamera};
use crate::worker::StartError;

/// Which camera, and what is wanted of it; the nearest format it offers is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraConfig {
    /// `auto` (the first usable camera: USB, then the Pi's module), `/dev/videoN`, `rpicam` or `rpicam:N` (a module of a
    /// Raspberry Pi), `http://…` (motion JPEG) or `rtsp://…` (RTSP with motion JPEG).
    pub device: String,
    /// Wanted width in pixels.
    pub width: u32,
    /// Wanted height in pixels.
    pub height: u32,
    /// Wanted frames per second.
    pub fps: u32,
    /// Whether focus, exposure and light of a V4L2 camera are set for a door.
    pub controls: Controls,
    /// The program that reads a Pi's camera module; by default `rpicam-vid`, or `libcamera-vid` on older systems.
    pub program: Option<PathBuf>,
    /// How the program delivers frames.
    pub pipe: Pipe,
    /// User and password of a camera in the network.
    pub login: Option<Login>,
}

/// What happens to focus, exposure and light when a V4L2 camera is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Controls {
    /// Set for a door, where the camera has them: continuous focus, automatic exposure that keeps the frame rate,
    /// backlight compensation, mains flicker off.
    #[default]
    Door,
    /// Left as they are.
    Leave,
}

/// How the child of a Pi's camera module delivers frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pipe {
    /// Raw planes; the first is grey already, and nothing is lost to compression.
    #[default]
    Yuv420,
    /// Motion JPEG.
    Mjpeg,
}

impl Default for CameraConfig {
    /// The first usable camera at 1280x720, 15 frames per second, set for a door.
    fn default() -> Self {
        Self {
            device: "auto".to_owned(),
            width: 1280,
            height: 720,
            fps: 15,
            controls: Controls::Door,
            program: None,
            pipe: Pipe::Yuv420,
            login: None,
        }
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

/// The camera modules that a Raspberry Pi's own program sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PiCameras {
    /// The program that was asked.
    pub program: PathBuf,
    /// Its cameras in its own words, by their number; or why there is none, in words for staff.
    pub seen: Result<Vec<String>, String>,
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

/// What a Raspberry Pi's camera program sees; none where no such program is installed. `auto` takes its first camera
/// when no V4L2 camera can be used. Waits a few seconds at most.
#[must_use]
pub fn pi_cameras(program: Option<&std::path::Path>) -> Option<PiCameras> {
    rpicam::list(program)
}

/// Whether a device's name can mean a camera: see [`CameraConfig::device`].
///
/// # Errors
/// Why not, in words, without a password that may stand in it.
pub fn check_device(device: &str) -> Result<(), String> {
    Address::read(device).map(drop)
}

/// What opens the camera that is meant. `patience` bounds the opening and each read of a camera in the network.
pub(crate) fn backend(
    wanted: CameraConfig,
    patience: Duration,
    uptime: &Uptime,
) -> Result<Arc<dyn Backend>, StartError> {
    let address = Address::read(&wanted.device).map_err(StartError::Device)?;
    Ok(match address {
        Address::Auto => Arc::new(Auto { v4l2: v4l2(wanted.clone())?, wanted }),
        Address::Node(_) => v4l2(wanted)?,
        Address::Pi(number) => Arc::new(rpicam::PiCamera::new(wanted, number)),
        Address::Http(url) => Arc::new(HttpCamera::new(url, wanted.login, wanted.fps, patience)),
        Address::Rtsp(url) => {
            Arc::new(RtspCamera::new(url, wanted.login, patience, Arc::clone(uptime)))
        }
    })
}

#[cfg(feature = "camera")]
fn v4l2(wanted: CameraConfig) -> Result<Arc<dyn Backend>, StartError> {
    Ok(Arc::new(v4l2::V4l2 { wanted }))
}

#[cfg(not(feature = "camera"))]
fn v4l2(_: CameraConfig) -> Result<Arc<dyn Backend>, StartError> {
    Err(StartError::NoCameraSupport)
}

/// `auto`: V4L2 first; if nothing there can be used, the Pi's camera module.
struct Auto {
    v4l2: Arc<dyn Backend>,
    wanted: CameraConfig,
}

impl Backend for Auto {
    fn open(&self, leash: &Leash) -> Result<(Box<dyn Device>, String), String> {
        let cause = match self.v4l2.open(leash) {
            Ok(open) => return Ok(open),
            Err(cause) => cause,
        };
        match rpicam::list(self.wanted.program.as_deref()) {
            None => Err(cause),
            Some(PiCameras { seen: Err(none), .. }) => Err(format!("{cause}; {none}")),
            Some(PiCameras { seen: Ok(_), .. }) => {
                rpicam::PiCamera::new(self.wanted.clone(), 0).open(leash)
            }
        }
    }
}
