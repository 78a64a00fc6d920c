//! Packets made as a camera makes them: coded pixels of flat blocks, cut into packets, put together again.

use proptest::prelude::*;

use super::*;
use crate::decode::decode;
use crate::luma::Luma;
use crate::picture::Picture;

const QUALITY: u8 = 60;

/// Codes pictures of flat 8x8 blocks with the standard's Huffman tables: a DC difference and an end each.
struct Coder {
    bits: Vec<bool>,
    last: i32,
}

impl Coder {
    fn put(&mut self, code: &str) {
        self.bits.extend(code.bytes().map(|bit| bit == b'1'));
    }

    fn grey(&mut self, level: u8) {
        // T.81 Table K.3, the codes of the categories 0 to 9.
        let codes = ["00", "010", "011", "100", "101", "110", "1110", "11110", "111110", "1111110"];
        let dc = (i32::from(level) - 128) * 8 / i32::from(tables_of(QUALITY)[0]);
        let difference = dc - self.last;
        self.last = dc;
        let category = (32 - difference.unsigned_abs().leading_zeros()) as usize;
        self.put(codes[category]);
        let value = if difference < 0 { difference - 1 } else { difference };
        for bit in (0..category).rev() {
            self.bits.push(value >> bit & 1 == 1);
        }
        self.put("1010");
    }

    fn bytes(mut self) -> Vec<u8> {
        while !self.bits.len().is_multiple_of(8) {
            self.bits.push(true);
        }
        let byte = |bits: &[bool]| bits.iter().fold(0_u8, |byte, &bit| byte << 1 | u8::from(bit));
        let stuffed = |byte: u8| if byte == 0xFF { vec![0xFF, 0] } else { vec![byte] };
        self.bits.chunks(8).flat_map(|bits| stuffed(byte(bits))).collect()
    }
}

/// The coded pixels of a picture of `blocks` (both even), 4:2:0.
pub(crate) fn coded((across, down): (usize, usize), level: impl Fn(usize, usize) -> u8) -> Vec<u8> {
    let mut coder = Coder { bits: Vec::new(), last: 0 };
    for (y, x) in (0..down / 2).flat_map(|y| (0..across / 2).map(move |x| (2 * y, 2 * x))) {
        for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            coder.grey(level(x + dx, y + dy));
        }
        coder.put("0000"); // no colour: difference 0 and an end, twice
        coder.put("0000");
    }
    coder.bytes()
}

/// The packets of one frame, RFC 2435 §3.1, at most `size` bytes of pixels each.
pub(crate) fn packets(
    data: &[u8],
    blocks: (usize, usize),
    quality: u8,
    timestamp: u32,
    size: usize,
) -> Vec<Vec<u8>> {
    let count = data.chunks(size).count();
    let packet = |(number, part): (usize, &[u8])| {
        let last = if number + 1 == count { 0x80 } else { 0 };
        let mut packet = vec![0x80, last | 26];
        packet.extend((number as u16).to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend([0, 0, 0, 7]);
        packet.extend(((number * size) as u32).to_be_bytes());
        packet.extend([1, quality, blocks.0 as u8, blocks.1 as u8]);
        if number == 0 && quality >= 128 {
            packet.extend([0, 0, 0, 128]);
            packet.extend(tables_of(QUALITY));
        }
        packet.extend(part);
        packet
    };
    data.chunks(size).enumerate().map(packet).collect()
}

/// A picture that says `text`, a module a block, as coded pixels.
pub(crate) fn saying(text: &str) -> (Vec<u8>, (usize, usize)) {
    let symbol = qrcode::QrCode::new(text).unwrap();
    let side = symbol.width();
    let blocks = ((side + 8).next_multiple_of(2), (side + 8).next_multiple_of(2));
    let colors = symbol.to_colors();
    let level = |x: usize, y: usize| match (x.checked_sub(4), y.checked_sub(4)) {
        (Some(x), Some(y))
            if x < side && y < side && colors[y * side + x] == qrcode::Color::Dark =>
        {
            20
        }
        _ => 230,
    };
    (coded(blocks, level), blocks)
}

fn luma(jpeg: Vec<u8>) -> Luma {
    Picture::Jpeg(jpeg).into_luma().unwrap()
}

fn assembled(assembler: &mut Assembler, packets: &[Vec<u8>]) -> Result<Option<Vec<u8>>, RtpError> {
    let mut frame = Ok(None);
    for packet in packets {
        frame = assembler.push(packet);
        if frame.is_err() {
            break;
        }
    }
    frame
}

#[test]
fn packets_become_a_picture_that_is_read() {
    let (data, blocks) = saying("THROUGH RTP");
    for quality in [QUALITY, 128, 200, 255] {
        let packets = packets(&data, blocks, quality, 9, 100);
        assert!(packets.len() > 5);
        let jpeg = assembled(&mut Assembler::default(), &packets).unwrap().unwrap();
        let luma = luma(jpeg);
        assert_eq!((luma.width(), luma.height()), (blocks.0 as u32 * 8, blocks.1 as u32 * 8));
        let codes = decode(&luma);
        assert_eq!(codes[0].payload.text(), Some("THROUGH RTP"), "quality {quality}");
    }
}

#[test]
fn tables_that_were_sent_once_hold_until_others_come() {
    let (data, blocks) = saying("A");
    let mut assembler = Assembler::default();
    let with = packets(&data, blocks, 200, 1, 100_000);
    let mut without = packets(&data, blocks, 200, 2, 100_000);
    without[0][22..24].copy_from_slice(&[0, 0]);
    without[0].drain(24..24 + 128);
    assert_eq!(assembled(&mut Assembler::default(), &without), Err(RtpError::Tables(200)));
    let first = assembled(&mut assembler, &with).unwrap();
    assert_eq!(assembled(&mut assembler, &without).unwrap(), first);
}

#[test]
fn a_gap_costs_its_frame_only() {
    let (data, blocks) = saying("GAP");
    let all = packets(&data, blocks, QUALITY, 3, 50);
    let mut assembler = Assembler::default();
    let mut gap = all.clone();
    gap.remove(2);
    assert_eq!(assembled(&mut assembler, &gap), Err(RtpError::Gap));
    assert_eq!(assembled(&mut assembler, &all[3..]), Err(RtpError::Gap));
    let mut mixed = all.clone();
    mixed[1][7] ^= 1;
    assert_eq!(assembled(&mut assembler, &mixed), Err(RtpError::Gap));
    assert!(assembled(&mut assembler, &all).unwrap().is_some());
}

#[test]
fn what_is_no_such_packet_is_refused() {
    let (data, blocks) = saying("X");
    let good = packets(&data, blocks, QUALITY, 3, 100_000).remove(0);
    let with = |at: usize, to: u8| {
        let mut packet = good.clone();
        packet[at] = to;
        Assembler::default().push(&packet)
    };
    assert_eq!(with(0, 0x40), Err(RtpError::Malformed));
    let mut padded = [&good[..60], &[255]].concat();
    padded[0] = 0xA0;
    let longer = Assembler::default().push(&padded);
    assert_eq!(longer, Err(RtpError::Malformed), "padding longer than the packet");
    assert_eq!(with(16, 5), Err(RtpError::Type(5)));
    assert_eq!(with(18, 0), Err(RtpError::Size));
    for cut in 0..20 {
        assert_eq!(Assembler::default().push(&good[..cut]), Err(RtpError::Malformed));
    }
    let mut assembler = Assembler::default();
    let endless = packets(&vec![0; FRAME_BYTES_MAX + 60_000], blocks, QUALITY, 3, 60_000);
    assert_eq!(assembled(&mut assembler, &endless), Err(RtpError::Large));
}

proptest! {
    #[test]
    fn no_packet_makes_it_panic(
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..8), honest in any::<bool>(),
    ) {
        let mut assembler = Assembler::default();
        for mut packet in packets {
            if honest && packet.len() > 20 {
                packet[0] = 0x80;
                packet[2..8].fill(0);
                packet[12..17].copy_from_slice(&[0, 0, 0, 0, 1]);
            }
            if let Ok(Some(jpeg)) = assembler.push(&packet) {
                let _ = Picture::Jpeg(jpeg).into_luma();
            }
        }
    }
}
