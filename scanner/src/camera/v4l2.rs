//! Video4Linux through nokhwa: the only place that names it.

use std::fs;
use std::path::Path;

use nokhwa::backends::capture::V4LCaptureDevice;
use nokhwa::utils as nk;
use nokhwa::utils::FrameFormat;

use super::choice::{choose, ranked};
use super::{CameraConfig, CameraFormat, CameraInfo, CameraPixels, Controls, Usable};
use crate::contain::{contain, words};
use crate::live::{Backend, Device, Leash, Shot};
use crate::luma::PixelLayout;
use crate::picture::Picture;

/// What of nokhwa's formats can be read here.
const READABLE: [FrameFormat; 6] = [
    FrameFormat::GRAY,
    FrameFormat::NV12,
    FrameFormat::YUYV,
    FrameFormat::RAWRGB,
    FrameFormat::RAWBGR,
    FrameFormat::MJPEG,
];

/// Formats that are tried before a camera is given up.
const FORMATS_TRIED_MAX: usize = 6;

/// Drivers of a Raspberry Pi that list nodes which are no ready camera: codecs, image processors, raw sensors.
const NO_CAMERA_DRIVERS: [&str; 8] = [
    "bcm2835-codec",
    "bcm2835-isp",
    "bcm2835_codec",
    "bcm2835_isp",
    "rpi-hevc-dec",
    "pispbe",
    "rp1-cfe",
    "unicam",
];

mod controls;

/// Cameras of this machine.
pub(crate) struct V4l2 {
    pub(crate) wanted: CameraConfig,
}

impl Backend for V4l2 {
    // A read that the kernel holds cannot be ended: nothing is tied to the leash.
    fn open(&self, _: &Leash) -> Result<(Box<dyn Device>, String), String> {
        let wanted = &self.wanted;
        contained(|| {
            if wanted.device != "auto" {
                return open_node(&wanted.device, wanted);
            }
            let mut causes = Vec::new();
            for node in nodes() {
                match open_node(&node.device, wanted) {
                    Ok(open) => return Ok(open),
                    Err(cause) => causes.push(cause),
                }
            }
            Err(match causes.is_empty() {
                true => "no video device is plugged in".to_owned(),
                false => causes.join("; "),
            })
        })
    }
}

struct Capture {
    device: V4LCaptureDevice<'static>,
    pixels: CameraPixels,
    width: u32,
    height: u32,
}

impl Device for Capture {
    fn next(&mut self) -> Result<Shot, String> {
        use nokhwa::camera_traits::CaptureBackendTrait as _;
        let bytes = contained(|| match self.device.frame_raw() {
            Ok(bytes) => Ok(bytes.into_owned()),
            Err(cause) => Err(cause.to_string()),
        })?;
        let layout = match self.pixels {
            CameraPixels::Mjpeg => return Ok(Shot::Frame(Picture::Jpeg(bytes))),
            CameraPixels::Gray => PixelLayout::Gray,
            CameraPixels::Nv12 => PixelLayout::Nv12,
            CameraPixels::Yuyv => PixelLayout::Yuyv,
            CameraPixels::Rgb => PixelLayout::Rgb,
            CameraPixels::Bgr => PixelLayout::Bgr,
        };
        let (width, height) = (self.width, self.height);
        Ok(Shot::Frame(Picture::Raw { layout, width, height, bytes }))
    }
}

/// All nodes, USB cameras first, and why each can or cannot be used.
pub(super) fn cameras() -> Vec<CameraInfo> {
    nodes().into_iter().map(describe).collect()
}

fn describe(node: Node) -> CameraInfo {
    let formats = contained(|| formats(&node));
    let usable = match &formats {
        Err(reason) => Usable::No(reason.clone()),
        Ok(formats) => choose(formats, &CameraConfig::default())
            .map_or_else(|| Usable::No("no format of it is readable".to_owned()), Usable::Yes),
    };
    CameraInfo {
        device: node.device,
        name: node.name,
        formats: formats.unwrap_or_default(),
        usable,
    }
}

fn open_node(device: &str, wanted: &CameraConfig) -> Result<(Box<dyn Device>, String), String> {
    let node = Node::at(device)?;
    let ranked = ranked(&formats(&node)?, wanted);
    let mut cause = format!("{device}: no format of it is readable");
    for format in ranked.into_iter().take(FORMATS_TRIED_MAX) {
        match start(&node, format) {
            Ok(capture) => return Ok(opened(&node, capture, format, wanted)),
            // A list may promise what the device then refuses: frame rates that are fractions are listed rounded.
            Err(refused) => cause = refused,
        }
    }
    Err(cause)
}

fn start(node: &Node, format: CameraFormat) -> Result<V4LCaptureDevice<'static>, String> {
    use nokhwa::camera_traits::CaptureBackendTrait as _;
    let exact = nk::RequestedFormatType::Exact(nk::CameraFormat::new_from(
        format.width,
        format.height,
        to_nokhwa(format.pixels),
        format.fps,
    ));
    let mut capture = node.open(exact)?;
    let cannot_start = |cause| format!("{}: cannot start: {cause}", node.device);
    capture.open_stream().map_err(cannot_start)?;
    Ok(capture)
}

fn opened(
    node: &Node,
    mut capture: V4LCaptureDevice<'static>,
    format: CameraFormat,
    wanted: &CameraConfig,
) -> (Box<dyn Device>, String) {
    let set = match wanted.controls {
        Controls::Door => controls::set_for_a_door(&mut capture),
        Controls::Leave => String::new(),
    };
    let words = format!("{} ({}), {format}{set}", node.device, node.name);
    let open = Capture {
        device: capture,
        pixels: format.pixels,
        width: format.width,
        height: format.height,
    };
    (Box::new(open), words)
}

/// What the node can deliver; the cause, if it is no camera.
fn formats(node: &Node) -> Result<Vec<CameraFormat>, String> {
    use nokhwa::camera_traits::CaptureBackendTrait as _;
    if let Some(driver) = node.driver.as_deref().filter(|d| NO_CAMERA_DRIVERS.contains(d)) {
        return Err(format!("{}: driver {driver} is no camera that V4L2 can read", node.device));
    }
    let mut capture = node.open(nk::RequestedFormatType::AbsoluteHighestResolution)?;
    let formats =
        capture.compatible_camera_formats().map_err(|cause| format!("{}: {cause}", node.device))?;
    Ok(formats.into_iter().filter_map(from_nokhwa).collect())
}

/// A file under `/dev` that V4L2 owns.
struct Node {
    device: String,
    index: u32,
    name: String,
    driver: Option<String>,
}

impl Node {
    fn at(device: &str) -> Result<Self, String> {
        let index = device.strip_prefix("/dev/video").and_then(|number| number.parse().ok());
        let index = index.ok_or_else(|| format!("{device}: not of the form /dev/videoN"))?;
        if !Path::new(device).exists() {
            return Err(format!("{device}: not plugged in"));
        }
        let about = format!("/sys/class/video4linux/video{index}");
        let name = fs::read_to_string(format!("{about}/name")).unwrap_or_default();
        let driver = fs::read_link(format!("{about}/device/driver")).ok();
        let driver = driver.and_then(|link| Some(link.file_name()?.to_str()?.to_owned()));
        Ok(Self { device: device.to_owned(), index, name: name.trim().to_owned(), driver })
    }

    fn open(&self, format: nk::RequestedFormatType) -> Result<V4LCaptureDevice<'static>, String> {
        self.settle();
        let request = nk::RequestedFormat::with_formats(format, &READABLE);
        V4LCaptureDevice::new(&nk::CameraIndex::Index(self.index), request)
            .map_err(|cause| format!("{}: {cause}", self.device))
    }
}

impl Node {
    /// Sets a device that stands at a fraction of frames a second, such as 25/2, to a whole number: nokhwa opens no
    /// device that does, not even to change it. What fails here is told by the opening that follows.
    fn settle(&self) {
        use v4l::video::Capture as _;
        let Ok(device) = v4l::Device::new(self.index as usize) else { return };
        let whole = || device.params().is_ok_and(|params| params.interval.numerator == 1);
        for fps in [15, 30, 10, 5, 1] {
            if whole() {
                return;
            }
            let _ = device.set_params(&v4l::video::capture::Parameters::with_fps(fps));
        }
    }
}

/// All nodes, those of USB cameras first. Read from `/dev`: nokhwa's query panics on a name without a number.
fn nodes() -> Vec<Node> {
    let entries = fs::read_dir("/dev").into_iter().flatten().flatten();
    let mut nodes: Vec<Node> = entries
        .filter_map(|entry| Node::at(&format!("/dev/{}", entry.file_name().to_str()?)).ok())
        .collect();
    nodes.sort_by_key(|node| (node.driver.as_deref() != Some("uvcvideo"), node.index));
    nodes
}

fn contained<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    contain(work)
        .unwrap_or_else(|wreck| Err(format!("the camera library panicked: {}", words(&wreck))))
}

fn from_nokhwa(format: nk::CameraFormat) -> Option<CameraFormat> {
    let pixels = match format.format() {
        FrameFormat::GRAY => CameraPixels::Gray,
        FrameFormat::NV12 => CameraPixels::Nv12,
        FrameFormat::YUYV => CameraPixels::Yuyv,
        FrameFormat::RAWRGB => CameraPixels::Rgb,
        FrameFormat::RAWBGR => CameraPixels::Bgr,
        FrameFormat::MJPEG => CameraPixels::Mjpeg,
    };
    Some(CameraFormat {
        pixels,
        width: format.width(),
        height: format.height(),
        fps: format.frame_rate(),
    })
}

fn to_nokhwa(pixels: CameraPixels) -> FrameFormat {
    match pixels {
        CameraPixels::Gray => FrameFormat::GRAY,
        CameraPixels::Nv12 => FrameFormat::NV12,
        CameraPixels::Yuyv => FrameFormat::YUYV,
        CameraPixels::Rgb => FrameFormat::RAWRGB,
        CameraPixels::Bgr => FrameFormat::RAWBGR,
        CameraPixels::Mjpeg => FrameFormat::MJPEG,
    }
}
