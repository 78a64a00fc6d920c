//! Staged frames as image files and motion JPEG, for `vestibule scan`.

use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};
use qrcode::{Color, EcLevel, QrCode};
use scanner::{Luma, View, stage, stage_all};

/// A frame with one code, straight in front of the camera.
pub(crate) fn holding(text: &str) -> Luma {
    stage(text, &View::head_on(), 1).expect("a text that fits a symbol")
}

/// An empty room.
pub(crate) fn empty_room() -> Luma {
    stage_all(&[], 1).expect("a room can be drawn")
}

/// A frame with five codes, turned each its own way, as cards on a table lie.
pub(crate) fn five(texts: [&str; 5]) -> Luma {
    let places = [
        (160.0, 180.0, 4.0),
        (640.0, 190.0, 31.0),
        (1120.0, 180.0, -24.0),
        (380.0, 540.0, 55.0),
        (880.0, 530.0, -9.0),
    ];
    let views = places.map(|(x, y, turn_deg)| View {
        center: (x, y),
        side: 170.0,
        turn_deg,
        ..View::head_on()
    });
    let symbols: Vec<_> = texts.into_iter().zip(views).collect();
    stage_all(&symbols, 1).expect("five codes can be drawn")
}

/// A symbol of any bytes as a screen shows it: four pixels a module, and its quiet zone.
pub(crate) fn on_a_screen(bytes: &[u8]) -> Luma {
    let symbol = QrCode::with_error_correction_level(bytes, EcLevel::L).expect("bytes that fit");
    let modules = symbol.width() + 8;
    let dark = |x: usize, y: usize| {
        let inside = |n: usize| (4..modules - 4).contains(&n);
        inside(x) && inside(y) && symbol[(x - 4, y - 4)] == Color::Dark
    };
    let side = modules * 4;
    let pixels = (0..side * side).map(|at| {
        let (x, y) = (at % side / 4, at / side / 4);
        if dark(x, y) { 0 } else { 255 }
    });
    Luma::new(side as u32, side as u32, pixels.collect()).expect("a symbol fits a frame")
}

/// The frame as a PGM file.
pub(crate) fn pgm(frame: &Luma) -> Vec<u8> {
    let mut file = format!("P5\n{} {}\n255\n", frame.width(), frame.height()).into_bytes();
    file.extend_from_slice(frame.pixels());
    file
}

/// The frame as a JPEG, as a camera would send it.
pub(crate) fn jpeg(frame: &Luma) -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 90)
        .encode(frame.pixels(), frame.width(), frame.height(), ExtendedColorType::L8)
        .expect("a frame fits a JPEG");
    file
}
