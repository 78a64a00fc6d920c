//! The doors through which fuzz targets come in: any bytes, for each format that strangers write. No part of the API.

use crate::camera::rpicam::Planes;
use crate::hand::{Keys, Lines};
use crate::network::{Assembler, frames_of_an_answer};
use crate::picture::Picture;
use crate::{mjpeg, posted as post, y4m};

/// Frames that are decoded of one input.
const DECODED_MAX: usize = 4;

fn decoded(pictures: impl Iterator<Item = Picture>) -> usize {
    let take = |picture: Picture| picture.into_luma().is_ok();
    pictures.take(DECODED_MAX).map(take).filter(|&whole| whole).count()
}

/// Motion JPEG, cut apart, and its frames decoded. Gives how many could be.
pub fn mjpeg(bytes: &[u8]) -> usize {
    decoded(mjpeg::Frames::new(bytes).flatten().map(Picture::Jpeg))
}

/// An HTTP answer of a camera: its head, its body in chunks or to a length, multipart or not.
pub fn http(bytes: &[u8]) -> usize {
    frames_of_an_answer(bytes)
}

/// YUV4MPEG2.
pub fn y4m(bytes: &[u8]) -> usize {
    y4m::Frames::new(bytes).take(DECODED_MAX).flatten().count()
}

/// A picture as a browser posts it: its head judged, then decoded.
pub fn posted(bytes: &[u8]) -> usize {
    decoded(post::sized(bytes.to_vec()).into_iter())
}

/// RTP packets of motion JPEG, each after two bytes of its length; whole frames are decoded.
pub fn rtp_jpeg(mut bytes: &[u8]) -> usize {
    let mut assembler = Assembler::default();
    let mut frames = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        let (packet, rest) = rest.split_at(length);
        bytes = rest;
        frames.extend(assembler.push(packet).ok().flatten().map(Picture::Jpeg));
        if frames.len() == DECODED_MAX {
            break;
        }
    }
    decoded(frames.into_iter())
}

/// The answer of an RTSP camera: a head, and what it says of its streams.
pub fn rtsp(bytes: &[u8]) -> usize {
    crate::network::described(bytes)
}

/// A pipe of raw frames; the first two bytes are its size.
pub fn yuv_pipe(bytes: &[u8]) -> usize {
    let Some((&[width, height], pipe)) = bytes.split_first_chunk::<2>() else { return 0 };
    Planes::new(pipe, u32::from(width), u32::from(height)).map_or(0, |all| all.flatten().count())
}

/// A hand scanner on a serial line.
pub fn serial(bytes: &[u8]) -> usize {
    let mut lines = Lines::default();
    bytes.iter().filter(|&&byte| lines.push(byte) != crate::hand::End::None).count()
}

/// A hand scanner that types: a key's code in two bytes, then its value.
pub fn keys(bytes: &[u8]) -> usize {
    let mut keys = Keys::default();
    let (events, _) = bytes.as_chunks::<3>();
    let typed = events.iter().filter_map(|[high, low, value]| {
        keys.event(u16::from_be_bytes([*high, *low]), i32::from(*value))
    });
    typed.count()
}
