//! The JPEG that RTP packets leave out: everything but the coded pixels (RFC 2435, Appendices A and B).

/// Both quantization tables.
pub(super) const TABLES_BYTES: usize = 128;

/// What a frame's packets say of it.
pub(super) struct Description {
    /// Colour at half height too (4:2:0), not at half width alone (4:2:2).
    pub(super) half_height: bool,
    /// In pixels.
    pub(super) width: u16,
    /// In pixels.
    pub(super) height: u16,
    /// For grey and for colour, in zigzag order.
    pub(super) tables: [u8; TABLES_BYTES],
    /// Blocks between restart markers; 0 for none.
    pub(super) restart_every: u16,
}

impl Description {
    /// A whole JPEG. Its Huffman tables are the standard's, which the marker `AVI1` stands for.
    pub(super) fn jpeg(&self, data: &[u8]) -> Vec<u8> {
        let mut jpeg = Vec::with_capacity(data.len() + 256);
        jpeg.extend([0xFF, 0xD8]);
        jpeg.extend([0xFF, 0xE0, 0, 16]);
        jpeg.extend(b"AVI1\0\0\0\0\0\0\0\0\0\0");
        for (number, table) in (0_u8..).zip(self.tables.chunks(64)) {
            jpeg.extend([0xFF, 0xDB, 0, 67, number]);
            jpeg.extend(table);
        }
        if self.restart_every != 0 {
            jpeg.extend([0xFF, 0xDD, 0, 4]);
            jpeg.extend(self.restart_every.to_be_bytes());
        }
        jpeg.extend([0xFF, 0xC0, 0, 17, 8]);
        jpeg.extend(self.height.to_be_bytes());
        jpeg.extend(self.width.to_be_bytes());
        let grey = if self.half_height { 0x22 } else { 0x21 };
        jpeg.extend([3, 1, grey, 0, 2, 0x11, 1, 3, 0x11, 1]);
        jpeg.extend([0xFF, 0xDA, 0, 12, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]);
        jpeg.extend(data);
        if !data.ends_with(&[0xFF, 0xD9]) {
            jpeg.extend([0xFF, 0xD9]);
        }
        jpeg
    }
}

/// The tables of a quality from 1 to 99 (Appendix A).
pub(super) fn tables_of(quality: u8) -> [u8; TABLES_BYTES] {
    let quality = u32::from(quality.clamp(1, 99));
    let percent = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    let mut tables = [0; TABLES_BYTES];
    let standard = GREY.iter().chain(&COLOUR);
    for (scaled, &plain) in tables.iter_mut().zip(standard) {
        *scaled = ((u32::from(plain) * percent + 50) / 100).clamp(1, 255) as u8;
    }
    tables
}

/// Table K.1 of ITU-T T.81, in zigzag order.
#[rustfmt::skip]
const GREY: [u8; 64] = [
    16, 11, 12, 14, 12, 10, 16, 14,
    13, 14, 18, 17, 16, 19, 24, 40,
    26, 24, 22, 22, 24, 49, 35, 37,
    29, 40, 58, 51, 61, 60, 57, 51,
    56, 55, 64, 72, 92, 78, 64, 68,
    87, 69, 55, 56, 80, 109, 81, 87,
    95, 98, 103, 104, 103, 62, 77, 113,
    121, 112, 100, 120, 92, 101, 103, 99,
];

/// Table K.2 of ITU-T T.81, in zigzag order.
#[rustfmt::skip]
const COLOUR: [u8; 64] = [
    17, 18, 18, 24, 21, 24, 47, 26,
    26, 47, 99, 66, 56, 66, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
];
