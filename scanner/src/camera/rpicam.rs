//! The camera module of a Raspberry Pi: a supervised child that writes frames to a pipe.
//!
//! On current systems these modules do not work through V4L2 (`/dev/video0` is a raw sensor); the system's own
//! `rpicam-vid` drives them. It can crash, hang and outlive its reader, so it is watched like any device, killed with
//! its whole group, and started again.

mod child;
mod yuv;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{CameraConfig, PiCameras, Pipe};
use crate::live::{Backend, Device, Leash, Shot};
use crate::luma::SIDE_PX_MAX;
use crate::mjpeg::Frames;
use crate::picture::Picture;
use child::{Child, Output};
pub(crate) use yuv::Planes;

/// The programs that are looked for: the current name, and the one of older systems.
const PROGRAMS: [&str; 2] = ["rpicam-vid", "libcamera-vid"];
/// Rows of raw frames are padded unless the width is a multiple of this (rpicam-apps #151).
const WIDTH_STEP: u32 = 64;
/// Longest wait for a list of cameras.
const LIST_WAIT: Duration = Duration::from_secs(5);
/// Most cameras and bytes taken from such a list.
const LIST_MAX: usize = 16;
const LIST_BYTES_MAX: u64 = 64 << 10;

/// A camera module, read through a child.
pub(crate) struct PiCamera {
    wanted: CameraConfig,
    number: u8,
}

impl PiCamera {
    pub(crate) fn new(wanted: CameraConfig, number: u8) -> Self {
        Self { wanted, number }
    }

    /// The size that the child is asked for.
    fn size(&self) -> (u32, u32) {
        let within = |side: u32, step: u32| {
            (side.clamp(step, SIDE_PX_MAX).div_ceil(step) * step).min(SIDE_PX_MAX)
        };
        // Colour planes are half as high, so the height is even.
        (within(self.wanted.width, WIDTH_STEP), within(self.wanted.height, 2))
    }

    fn arguments(&self) -> Vec<String> {
        let (width, height) = self.size();
        let codec = match self.wanted.pipe {
            Pipe::Yuv420 => "yuv420",
            Pipe::Mjpeg => "mjpeg",
        };
        let (width, height) = (width.to_string(), height.to_string());
        let (number, fps) = (self.number.to_string(), self.wanted.fps.max(1).to_string());
        // No preview, no end, every frame flushed at once.
        let all = [
            "--camera",
            &number,
            "-t",
            "0",
            "-n",
            "--flush",
            "--codec",
            codec,
            "--width",
            &width,
            "--height",
            &height,
            "--framerate",
            &fps,
            "-o",
            "-",
        ];
        all.map(str::to_owned).to_vec()
    }
}

impl Backend for PiCamera {
    fn open(&self, leash: &Leash) -> Result<(Box<dyn Device>, String), String> {
        let program = program(self.wanted.program.as_deref()).ok_or_else(|| {
            format!("{}: not installed (package rpicam-apps)", PROGRAMS.join(" or "))
        })?;
        let (child, output) = Child::start(&program, &self.arguments(), leash)?;
        let (width, height) = self.size();
        let fps = self.wanted.fps.max(1);
        let name = program.display();
        let (device, how): (Box<dyn Device>, _) = match self.wanted.pipe {
            Pipe::Yuv420 => {
                let planes = Planes::new(output, width, height).map_err(|e| e.to_string())?;
                (Box::new(YuvPipe { planes, child }), "YUV420")
            }
            Pipe::Mjpeg => (Box::new(MjpegPipe { frames: Frames::new(output), child }), "MJPEG"),
        };
        let words = format!("{name} (camera {}), {how} {width}x{height} at {fps}/s", self.number);
        Ok((device, words))
    }
}

struct YuvPipe {
    planes: Planes<Output>,
    child: Child,
}

impl Device for YuvPipe {
    fn next(&mut self) -> Result<Shot, String> {
        match self.planes.next() {
            Some(Ok(luma)) => Ok(Shot::Frame(Picture::Luma(luma))),
            Some(Err(cause)) => Err(self.child.epitaph(Some(&cause))),
            None => Err(self.child.epitaph(None)),
        }
    }
}

struct MjpegPipe {
    frames: Frames<Output>,
    child: Child,
}

impl Device for MjpegPipe {
    fn next(&mut self) -> Result<Shot, String> {
        match self.frames.next() {
            Some(Ok(jpeg)) => Ok(Shot::Frame(Picture::Jpeg(jpeg))),
            Some(Err(cause)) => Ok(Shot::Broken(cause.to_string())),
            None => Err(self.child.epitaph(None)),
        }
    }
}

/// The program to use: the configured one, or the first that is installed.
fn program(configured: Option<&Path>) -> Option<PathBuf> {
    if let Some(path) = configured {
        return Some(path.to_owned());
    }
    let folders = std::env::var_os("PATH")?;
    let installed = |name: &str| {
        std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
    };
    PROGRAMS.into_iter().find_map(installed)
}

/// Asks the program which cameras it sees.
pub(crate) fn list(configured: Option<&Path>) -> Option<PiCameras> {
    let program = program(configured)?;
    let mut command = Command::new(&program);
    command.arg("--list-cameras");
    let seen = child::words_of(command, LIST_WAIT, LIST_BYTES_MAX)
        .map_err(|cause| format!("{}: {cause}", program.display()))
        .and_then(|text| match listed(&text) {
            none if none.is_empty() => Err(format!("{}: sees no camera module", program.display())),
            cameras => Ok(cameras),
        });
    Some(PiCameras { program, seen })
}

/// The cameras of such a list: lines like `0 : imx708 [4608x2592 10-bit RGGB] (/base/soc/…)`.
fn listed(text: &str) -> Vec<String> {
    let camera = |line: &str| {
        let (number, name) = line.split_once(" : ")?;
        let number = number.trim().parse::<u8>().ok()?;
        let name: String = name.trim().chars().filter(|c| !c.is_control()).take(120).collect();
        Some(format!("rpicam:{number} {name}"))
    };
    // Modes are indented; cameras begin their line.
    let of_it = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
    of_it.filter_map(camera).take(LIST_MAX).collect()
}

#[cfg(test)]
mod tests;
