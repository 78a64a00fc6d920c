//! The bit stream of a symbol: segments, their modes and characters (ISO/IEC 18004:2015, 7.4; GB/T 18284 for Hanzi).

use super::layout::Version;
use super::text::{Charset, Piece};

/// The characters of alphanumeric mode by value (table 5).
const ALPHANUMERIC: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
/// What separates fields of variable length in GS1 data.
const FIELD_SEPARATOR: u8 = 0x1D;

/// What a symbol says, in the pieces it was written in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Message {
    pub(super) pieces: Vec<Piece>,
    pub(super) part: Option<Part>,
}

/// Which part of a longer message a symbol is (structured append, 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its place, from zero.
    pub index: u8,
    /// How many there are, 1 to 16.
    pub total: u8,
    /// All bytes of the whole message, combined by exclusive or: the same in all parts.
    pub parity: u8,
}

struct Stream<'a> {
    data: &'a [u8],
    at: usize,
}

impl Stream<'_> {
    fn left(&self) -> usize {
        self.data.len() * 8 - self.at
    }

    /// The next `count` bits, at most 24; none if fewer are left.
    fn take(&mut self, count: usize) -> Option<u32> {
        if count > self.left() {
            return None;
        }
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | u32::from(self.data[self.at / 8] >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }
}

/// The message in `data`, the corrected data codewords; none if they are no valid stream.
pub(super) fn parse(data: &[u8], version: Version) -> Option<Message> {
    let mut stream = Stream { data, at: 0 };
    let mut message = Message::default();
    let mut charset = Charset::Unsaid;
    let mut gs1 = false;
    // Bits for the count of characters (table 3), by version.
    let size = |small, middle, large| match version.number() {
        0..=9 => small,
        10..=26 => middle,
        _ => large,
    };
    while stream.left() >= 4 {
        match stream.take(4)? {
            0b0000 => break,
            0b0001 => {
                let count = stream.take(size(10, 12, 14))?;
                message.bytes(charset, numeric(&mut stream, count)?);
            }
            0b0010 => {
                let count = stream.take(size(9, 11, 13))?;
                message.bytes(charset, alphanumeric(&mut stream, count, gs1)?);
            }
            0b0100 => {
                let count = stream.take(size(8, 16, 16))?;
                let bytes = (0..count).map(|_| stream.take(8).map(|b| b as u8));
                message.bytes(charset, bytes.collect::<Option<_>>()?);
            }
            0b1000 => {
                let count = stream.take(size(8, 10, 12))?;
                message.bytes(Charset::ShiftJis, kanji(&mut stream, count)?);
            }
            0b1101 => {
                // One subset is defined: GB 2312.
                if stream.take(4)? != 1 {
                    return None;
                }
                let count = stream.take(size(8, 10, 12))?;
                message.bytes(Charset::Gb18030, hanzi(&mut stream, count)?);
            }
            0b0111 => charset = Charset::of_eci(designator(&mut stream)?),
            0b0011 => {
                let (index, last) = (stream.take(4)? as u8, stream.take(4)? as u8);
                let parity = stream.take(8)? as u8;
                if index > last {
                    return None;
                }
                message.part = Some(Part { index, total: last + 1, parity });
            }
            0b0101 => gs1 = true,
            0b1001 => {
                gs1 = true;
                let _application = stream.take(8)?;
            }
            _ => return None,
        }
    }
    (!message.pieces.is_empty()).then_some(message)
}

impl Message {
    fn bytes(&mut self, charset: Charset, bytes: Vec<u8>) {
        match self.pieces.last_mut() {
            Some(last) if last.charset == charset => last.bytes.extend(bytes),
            _ if bytes.is_empty() => {}
            _ => self.pieces.push(Piece { charset, bytes }),
        }
    }
}

/// Three digits in ten bits, two in seven, one in four (7.4.3).
fn numeric(stream: &mut Stream<'_>, mut count: u32) -> Option<Vec<u8>> {
    let mut digits = Vec::new();
    while count > 0 {
        let (bits, group) = [(0, 0), (4, 1), (7, 2), (10, 3)][count.min(3) as usize];
        let value = stream.take(bits)?;
        if value >= 10_u32.pow(group) {
            return None;
        }
        for place in (0..group).rev() {
            digits.push(b'0' + (value / 10_u32.pow(place) % 10) as u8);
        }
        count -= group;
    }
    Some(digits)
}

/// Two characters in eleven bits, one in six (7.4.4); in GS1 data a percent sign separates fields, two are one (7.4.8.2).
fn alphanumeric(stream: &mut Stream<'_>, count: u32, gs1: bool) -> Option<Vec<u8>> {
    let mut characters = Vec::new();
    for _ in 0..count / 2 {
        let pair = stream.take(11)? as usize;
        characters.push(*ALPHANUMERIC.get(pair / 45)?);
        characters.push(ALPHANUMERIC[pair % 45]);
    }
    if count % 2 == 1 {
        characters.push(*ALPHANUMERIC.get(stream.take(6)? as usize)?);
    }
    if !gs1 {
        return Some(characters);
    }
    let mut plain = Vec::with_capacity(characters.len());
    let mut rest = characters.iter().peekable();
    while let Some(&character) = rest.next() {
        if character != b'%' {
            plain.push(character);
        } else if rest.next_if(|next| **next == b'%').is_some() {
            plain.push(b'%');
        } else {
            plain.push(FIELD_SEPARATOR);
        }
    }
    Some(plain)
}

/// Shift JIS pairs in thirteen bits (7.4.6).
fn kanji(stream: &mut Stream<'_>, count: u32) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for _ in 0..count {
        let value = stream.take(13)?;
        let pair = ((value / 0xC0) << 8) | (value % 0xC0);
        let pair = pair + if pair < 0x1F00 { 0x8140 } else { 0xC140 };
        bytes.extend(u16::try_from(pair).ok()?.to_be_bytes());
    }
    Some(bytes)
}

/// GB 2312 pairs in thirteen bits.
fn hanzi(stream: &mut Stream<'_>, count: u32) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for _ in 0..count {
        let value = stream.take(13)?;
        let pair = ((value / 0x60) << 8) | (value % 0x60);
        let pair = pair + if pair < 0x0A00 { 0xA1A1 } else { 0xA6A1 };
        bytes.extend(u16::try_from(pair).ok()?.to_be_bytes());
    }
    Some(bytes)
}

/// The number of an extended channel interpretation, in one to three bytes (table 4).
fn designator(stream: &mut Stream<'_>) -> Option<u32> {
    let first = stream.take(8)?;
    if first & 0x80 == 0 {
        Some(first)
    } else if first & 0xC0 == 0x80 {
        Some((first & 0x3F) << 8 | stream.take(8)?)
    } else if first & 0xE0 == 0xC0 {
        Some((first & 0x1F) << 16 | stream.take(16)?)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
