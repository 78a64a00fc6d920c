//! The choice of a camera's format: pure, the nearest size, enough frames, the least work.

use std::cmp::Reverse;
use std::fmt;

use super::CameraConfig;
use crate::luma::SIDE_PX_MAX;

/// How a camera delivers pixels, the least work for us first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CameraPixels {
    /// Grey.
    Gray,
    /// A grey plane and a colour plane.
    Nv12,
    /// Grey and colour in turns.
    Yuyv,
    /// Three bytes a pixel.
    Rgb,
    /// Three bytes a pixel.
    Bgr,
    /// One JPEG a frame.
    Mjpeg,
}

/// One way in which a camera can deliver frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CameraFormat {
    /// How it delivers pixels.
    pub pixels: CameraPixels,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Frames per second.
    pub fps: u32,
}

impl fmt::Display for CameraFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pixels = match self.pixels {
            CameraPixels::Gray => "GRAY",
            CameraPixels::Nv12 => "NV12",
            CameraPixels::Yuyv => "YUYV",
            CameraPixels::Rgb => "RGB",
            CameraPixels::Bgr => "BGR",
            CameraPixels::Mjpeg => "MJPEG",
        };
        write!(f, "{pixels} {}x{} at {}/s", self.width, self.height, self.fps)
    }
}

/// The format to use: the nearest size first, then enough frames, then the least work.
///
/// Size comes first because a symbol that is too small is never read, while ten frames a second do.
/// The best first; empty if no format is within bounds.
#[cfg_attr(not(feature = "camera"), allow(dead_code))]
pub(crate) fn ranked(formats: &[CameraFormat], wanted: &CameraConfig) -> Vec<CameraFormat> {
    let side = 1..=SIDE_PX_MAX;
    let readable =
        |f: &&CameraFormat| side.contains(&f.width) && side.contains(&f.height) && f.fps > 0;
    let misfit =
        |f: &CameraFormat| f.width.abs_diff(wanted.width) + f.height.abs_diff(wanted.height);
    let mut all: Vec<CameraFormat> = formats.iter().filter(readable).copied().collect();
    all.sort_by_key(|f| {
        let missing_fps = wanted.fps.saturating_sub(f.fps);
        (misfit(f), missing_fps, f.pixels, Reverse(f.fps.min(wanted.fps)), f.fps)
    });
    all.dedup();
    all
}

/// The first of [`ranked`].
#[cfg_attr(not(feature = "camera"), allow(dead_code))]
pub(crate) fn choose(formats: &[CameraFormat], wanted: &CameraConfig) -> Option<CameraFormat> {
    ranked(formats, wanted).first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(pixels: CameraPixels, width: u32, height: u32, fps: u32) -> CameraFormat {
        CameraFormat { pixels, width, height, fps }
    }

    #[test]
    fn nearest_size_then_enough_frames_then_least_work() {
        use CameraPixels::{Gray, Mjpeg, Yuyv};
        // What a common USB 2 camera offers: raw pixels at full size only slowly.
        let usb = [
            format(Yuyv, 640, 480, 30),
            format(Yuyv, 1280, 720, 10),
            format(Mjpeg, 1280, 720, 30),
            format(Mjpeg, 1280, 720, 15),
            format(Mjpeg, 1920, 1080, 30),
        ];
        let mut wanted = CameraConfig::default();
        assert_eq!(choose(&usb, &wanted), Some(usb[3]));
        wanted.fps = 10;
        assert_eq!(choose(&usb, &wanted), Some(usb[1]));
        wanted.fps = 60;
        assert_eq!(choose(&usb, &wanted), Some(usb[2]));
        (wanted.width, wanted.height) = (600, 400);
        assert_eq!(choose(&usb, &wanted), Some(usb[0]));
        assert_eq!(ranked(&usb, &wanted)[..2], [usb[0], usb[2]], "the next nearest comes next");
        assert_eq!(choose(&[], &wanted), None);
        let absurd = [format(Gray, 9000, 100, 30), format(Gray, 0, 0, 30), format(Gray, 64, 64, 0)];
        assert_eq!(choose(&absurd, &wanted), None);
    }
}
