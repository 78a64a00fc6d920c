//! The bit stream, segment by segment.

use proptest::prelude::*;
use qrcode::bits::Bits;

use super::super::Payload;
use super::super::append::joined;
use super::super::text::payload;
use super::super::{Corner, Found};
use super::*;

fn version(number: usize) -> Version {
    Version::new(number).unwrap()
}

/// Bits given as pairs of width and value, filled up with zeros.
fn packed(fields: &[(usize, u32)]) -> Vec<u8> {
    let mut bits = Vec::new();
    for &(width, value) in fields {
        bits.extend((0..width).rev().map(|i| (value >> i & 1) as u8));
    }
    bits.chunks(8)
        .map(|byte| (0..8).fold(0, |sum, i| sum << 1 | byte.get(i).copied().unwrap_or(0)))
        .collect()
}

fn text(data: &[u8]) -> Option<Payload> {
    parse(data, version(1)).map(|message| payload(&message.pieces))
}

fn said(text: &str) -> Option<Payload> {
    Some(Payload::Text(text.to_owned()))
}

#[test]
fn each_mode_gives_its_characters() {
    assert_eq!(
        text(&packed(&[(4, 1), (10, 8), (10, 12), (10, 345), (7, 67), (4, 0)])),
        said("01234567")
    );
    // The standard's own example: AC-42.
    assert_eq!(
        text(&packed(&[(4, 2), (9, 5), (11, 462), (11, 1849), (6, 2), (4, 0)])),
        said("AC-42")
    );
    assert_eq!(text(&packed(&[(4, 4), (8, 2), (8, 0x68), (8, 0x69)])), said("hi"));
    // 点 and 茗, the standard's examples.
    assert_eq!(text(&packed(&[(4, 8), (8, 2), (13, 0x0D9F), (13, 0x1AAA), (4, 0)])), said("点茗"));
    // 啊: the first of GB 2312's characters.
    assert_eq!(
        text(&packed(&[(4, 13), (4, 1), (8, 1), (13, (0xB0 - 0xA6) * 0x60), (4, 0)])),
        said("啊")
    );
    assert_eq!(
        text(&packed(&[(4, 7), (8, 9), (4, 4), (8, 2), (8, 0xE1), (8, 0xE2), (4, 0)])),
        said("αβ")
    );
    assert_eq!(
        text(&packed(&[(4, 5), (4, 2), (9, 3), (11, 10 * 45 + 38), (6, 11), (4, 0)])),
        said("A\u{1D}B")
    );
}

#[test]
fn what_is_cut_or_out_of_range_is_nothing() {
    for fields in [
        &[(4, 1), (10, 3), (10, 1000)][..],
        &[(4, 1), (10, 300), (10, 1)],
        &[(4, 2), (9, 2), (11, 2025)],
        &[(4, 4), (8, 200), (8, 1)],
        &[(4, 8), (8, 40), (13, 1)],
        &[(4, 3), (4, 5), (4, 2), (8, 0), (4, 4), (8, 1), (8, 65)],
        &[(4, 6), (8, 1)],
        &[(4, 13), (4, 2), (8, 1), (13, 0)],
        &[(4, 7), (8, 0xFF), (16, 0)],
        &[(4, 0)],
    ] {
        assert_eq!(text(&packed(fields)), None, "{fields:?}");
    }
}

fn part(index: u32, last: u32, parity: u8, bytes: &[u8]) -> Message {
    let mut fields = vec![
        (4, 3),
        (4, index),
        (4, last),
        (8, u32::from(parity)),
        (4, 4),
        (8, bytes.len() as u32),
    ];
    fields.extend(bytes.iter().map(|&byte| (8, u32::from(byte))));
    fields.push((4, 0));
    parse(&packed(&fields), version(1)).unwrap()
}

fn found(parts: Vec<Message>) -> Vec<Found> {
    joined(parts.into_iter().map(|message| (message, [Corner { x: 0, y: 0 }; 4])))
}

#[test]
fn parts_in_any_order_are_one_message_and_a_wrong_parity_is_none() {
    let parity = "HELLO WORLD".bytes().fold(0, |sum, byte| sum ^ byte);
    let parts = |parity| {
        vec![part(1, 2, parity, b"LO WO"), part(0, 2, parity, b"HEL"), part(2, 2, parity, b"RLD")]
    };
    let whole = found(parts(parity));
    assert_eq!(whole.len(), 1);
    assert_eq!((whole[0].payload.text(), whole[0].part), (Some("HELLO WORLD"), None));
    // What does not fit together stays in parts.
    assert!(found(parts(parity ^ 1)).iter().all(|found| found.part.is_some()));
    let some = found(parts(parity)[..2].to_vec());
    assert_eq!(some.len(), 2);
    assert_eq!(some[0].part, Some(Part { index: 1, total: 3, parity }));
}

proptest! {
    #[test]
    fn any_bytes_are_parsed_without_a_panic(data in prop::collection::vec(any::<u8>(), 0..300), number in 1_usize..=40) {
        if let Some(message) = parse(&data, version(number)) {
            let _ = payload(&message.pieces);
        }
    }

    #[test]
    fn an_encoder_s_segments_come_back_whole(bytes in prop::collection::vec(any::<u8>(), 1..200), number in 10_i16..=40) {
        let mut bits = Bits::new(qrcode::Version::Normal(number));
        bits.push_optimal_data(&bytes).unwrap();
        bits.push_terminator(qrcode::EcLevel::L).unwrap();
        let message = parse(&bits.into_bytes(), version(number as usize)).unwrap();
        let back: Vec<u8> = message.pieces.into_iter().flat_map(|piece| piece.bytes).collect();
        prop_assert_eq!(back, bytes);
    }
}
