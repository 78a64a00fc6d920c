//! RTP packets (RFC 3550 §5.1) of motion JPEG (RFC 2435), put together to whole frames.

use thiserror::Error;

use super::jpeg::{Description, TABLES_BYTES, tables_of};

/// Largest frame, in bytes.
const FRAME_BYTES_MAX: usize = 4 << 20;
/// Of an RTP header without extras.
const HEADER_BYTES: usize = 12;

/// Why a packet is dropped, and with it its frame.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum RtpError {
    /// Not an RTP packet of version 2, or shorter than it says.
    #[error("a packet is malformed")]
    Malformed,
    /// A part of the frame is missing.
    #[error("a part of a frame is missing")]
    Gap,
    /// Another way of packing than the RFC's.
    #[error("a frame is packed in a way that is not known (type {0})")]
    Type(u8),
    /// The tables that the frame needs were never sent.
    #[error("the tables of quality {0} were never sent")]
    Tables(u8),
    /// The size is not in the packet: RFC 2435 ends at 2040 pixels a side.
    #[error("a frame is wider or higher than 2040 pixels: set the camera to less")]
    Size,
    /// Over the bound.
    #[error("a frame is larger than {FRAME_BYTES_MAX} bytes")]
    Large,
}

/// Puts frames together.
#[derive(Default)]
pub(crate) struct Assembler {
    frame: Option<Frame>,
    /// The last tables that came in a packet, by their quality.
    tables: Option<(u8, [u8; TABLES_BYTES])>,
}

struct Frame {
    timestamp: u32,
    sequence: u16,
    description: Description,
    data: Vec<u8>,
}

impl Assembler {
    /// Takes in a packet; gives a whole JPEG with the frame's last one.
    pub(crate) fn push(&mut self, packet: &[u8]) -> Result<Option<Vec<u8>>, RtpError> {
        let taken = self.take(packet);
        if taken.is_err() {
            self.frame = None;
        }
        taken
    }

    fn take(&mut self, packet: &[u8]) -> Result<Option<Vec<u8>>, RtpError> {
        let rtp = Rtp::read(packet).ok_or(RtpError::Malformed)?;
        let mut payload = rtp.payload;
        // RFC 2435 §3.1: type-specific, 24 bits of offset, type, quality, width and height in blocks.
        let [_, o0, o1, o2, kind, quality, width, height] = *bytes(&mut payload)?;
        let offset = u32::from_be_bytes([0, o0, o1, o2]) as usize;
        let restart_every = match kind {
            0 | 1 => 0,
            // §3.1.7: an interval, then where in it this packet begins, which needs not be known to put it together.
            64 | 65 => {
                let [high, low, _, _] = *bytes(&mut payload)?;
                u16::from_be_bytes([high, low])
            }
            other => return Err(RtpError::Type(other)),
        };
        if offset == 0 {
            let tables = self.tables(quality, &mut payload)?;
            if width == 0 || height == 0 {
                return Err(RtpError::Size);
            }
            let (width, height) = (u16::from(width) * 8, u16::from(height) * 8);
            let description =
                Description { half_height: kind % 64 == 1, width, height, tables, restart_every };
            let (timestamp, sequence) = (rtp.timestamp, rtp.sequence);
            self.frame = Some(Frame { timestamp, sequence, description, data: Vec::new() });
        }
        let frame = self.frame.as_mut().ok_or(RtpError::Gap)?;
        let next = if offset == 0 { frame.sequence } else { frame.sequence.wrapping_add(1) };
        let fits =
            frame.timestamp == rtp.timestamp && rtp.sequence == next && frame.data.len() == offset;
        if !fits {
            return Err(RtpError::Gap);
        }
        if frame.data.len() + payload.len() > FRAME_BYTES_MAX {
            return Err(RtpError::Large);
        }
        frame.sequence = rtp.sequence;
        frame.data.extend_from_slice(payload);
        if !rtp.last {
            return Ok(None);
        }
        Ok(self.frame.take().map(|frame| frame.description.jpeg(&frame.data)))
    }

    /// §3.1.8: tables by a formula up to 127, in the packet above, where an empty length means those of last time.
    fn tables(&mut self, quality: u8, payload: &mut &[u8]) -> Result<[u8; TABLES_BYTES], RtpError> {
        if quality < 128 {
            return Ok(tables_of(quality));
        }
        let [_, precision, high, low] = *bytes(payload)?;
        match u16::from_be_bytes([high, low]) {
            0 => match self.tables {
                Some((known, tables)) if known == quality && quality != 255 => Ok(tables),
                _ => Err(RtpError::Tables(quality)),
            },
            // Two tables of bytes; 16-bit ones belong to 12-bit pictures, which nobody sends.
            128 if precision == 0 => {
                let tables = *bytes(payload)?;
                self.tables = Some((quality, tables));
                Ok(tables)
            }
            _ => Err(RtpError::Malformed),
        }
    }
}

struct Rtp<'a> {
    last: bool,
    sequence: u16,
    timestamp: u32,
    payload: &'a [u8],
}

impl<'a> Rtp<'a> {
    fn read(packet: &'a [u8]) -> Option<Self> {
        let (header, mut rest) = packet.split_at_checked(HEADER_BYTES)?;
        if header[0] >> 6 != 2 {
            return None;
        }
        rest = rest.get(usize::from(header[0] & 15) * 4..)?;
        if header[0] & 0x10 != 0 {
            let extension = rest.first_chunk::<4>()?;
            let words = u16::from_be_bytes([extension[2], extension[3]]);
            rest = rest.get(4 + usize::from(words) * 4..)?;
        }
        if header[0] & 0x20 != 0 {
            let padding = usize::from(*rest.last()?);
            rest = rest.get(..rest.len().checked_sub(padding)?)?;
        }
        Some(Self {
            last: header[1] & 0x80 != 0,
            sequence: u16::from_be_bytes([header[2], header[3]]),
            timestamp: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
            payload: rest,
        })
    }
}

/// Takes so many bytes off the front.
fn bytes<'a, const N: usize>(payload: &mut &'a [u8]) -> Result<&'a [u8; N], RtpError> {
    let (taken, rest) = payload.split_first_chunk().ok_or(RtpError::Malformed)?;
    *payload = rest;
    Ok(taken)
}

#[cfg(test)]
pub(crate) mod tests;
