//! From the bytes of a message to its text: stated character sets, and the guess where none is stated.

use encoding_rs::{Encoding, GB18030, SHIFT_JIS};

use super::Payload;

/// How the bytes of a piece are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// Nothing is said: guessed, with all such pieces of a message together.
    Unsaid,
    Latin1,
    Ascii,
    ShiftJis,
    Gb18030,
    Utf16Be,
    Utf16Le,
    Utf8,
    Other(&'static Encoding),
    /// Stated to be no text, or a set that is not known here.
    Binary,
}

/// Bytes in one character set.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) charset: Charset,
    pub(super) bytes: Vec<u8>,
}

impl Charset {
    /// The character set of an ECI number (AIM ITS/04-023).
    pub(super) fn of_eci(number: u32) -> Self {
        let name: &[u8] = match number {
            1 | 3 => return Self::Latin1,
            27 | 170 => return Self::Ascii,
            20 => return Self::ShiftJis,
            25 => return Self::Utf16Be,
            33 => return Self::Utf16Le,
            26 => return Self::Utf8,
            29 | 31 | 32 => return Self::Gb18030,
            4 => b"iso-8859-2",
            5 => b"iso-8859-3",
            6 => b"iso-8859-4",
            7 => b"iso-8859-5",
            8 => b"iso-8859-6",
            9 => b"iso-8859-7",
            10 => b"iso-8859-8",
            11 => b"iso-8859-9",
            12 => b"iso-8859-10",
            13 => b"windows-874",
            15 => b"iso-8859-13",
            16 => b"iso-8859-14",
            17 => b"iso-8859-15",
            18 => b"iso-8859-16",
            21 => b"windows-1250",
            22 => b"windows-1251",
            23 => b"windows-1252",
            24 => b"windows-1256",
            28 => b"big5",
            30 => b"euc-kr",
            _ => return Self::Binary,
        };
        Encoding::for_label(name).map_or(Self::Binary, Self::Other)
    }

    fn text(self, bytes: &[u8]) -> Option<String> {
        let strictly = |encoding: &'static Encoding| {
            encoding.decode_without_bom_handling_and_without_replacement(bytes)
        };
        let text = match self {
            Self::Unsaid => return guess(bytes),
            Self::Latin1 => return Some(bytes.iter().map(|&byte| char::from(byte)).collect()),
            Self::Ascii => return bytes.is_ascii().then(|| String::from_utf8_lossy(bytes).into()),
            Self::Binary => return None,
            Self::Utf8 => return String::from_utf8(bytes.to_vec()).ok(),
            Self::ShiftJis => strictly(SHIFT_JIS)?,
            Self::Gb18030 => strictly(GB18030)?,
            Self::Utf16Be => strictly(encoding_rs::UTF_16BE)?,
            Self::Utf16Le => strictly(encoding_rs::UTF_16LE)?,
            Self::Other(encoding) => strictly(encoding)?,
        };
        Some(text.into_owned())
    }
}

/// The payload of a message: its text, or all its bytes if any of them are no text.
pub(super) fn payload(pieces: &[Piece]) -> Payload {
    let mut text = String::new();
    let mut unsaid: Vec<u8> = Vec::new();
    let all_unsaid = pieces.iter().all(|piece| piece.charset == Charset::Unsaid);
    if all_unsaid {
        unsaid.extend(pieces.iter().flat_map(|piece| &piece.bytes));
        return guess(&unsaid).map_or(Payload::Bytes(unsaid), Payload::Text);
    }
    for piece in pieces {
        match piece.charset.text(&piece.bytes) {
            Some(more) => text.push_str(&more),
            None => {
                return Payload::Bytes(
                    pieces.iter().flat_map(|piece| &piece.bytes).copied().collect(),
                );
            }
        }
    }
    Payload::Text(text)
}

/// The text that bytes without a stated character set most likely are; none if they look like none.
///
/// UTF-8 where it is valid, as nearly every writer of today means it. Then Shift JIS, if every pair is a
/// character and most are kana or kanji; then ISO 8859-1, the standard's own default, if it gives mostly letters.
fn guess(bytes: &[u8]) -> Option<String> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.strip_prefix('\u{FEFF}').unwrap_or(text).to_owned());
    }
    let japanese = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes);
    if let Some(text) = japanese.filter(|text| looks_japanese(text)) {
        return Some(text.into_owned());
    }
    looks_latin(bytes).then(|| bytes.iter().map(|&byte| char::from(byte)).collect())
}

fn looks_japanese(text: &str) -> bool {
    let is_half_kana = |c: char| ('\u{FF61}'..='\u{FF9F}').contains(&c);
    // Full-width kana, punctuation and characters: what plain writing consists of.
    let is_full = |c: char| {
        ('\u{3000}'..='\u{30FF}').contains(&c)
            || ('\u{4E00}'..='\u{9FFF}').contains(&c)
            || ('\u{FF00}'..='\u{FF5E}').contains(&c)
    };
    let outside = text.chars().filter(|c| !c.is_ascii()).count();
    let full = text.chars().filter(|&c| is_full(c)).count();
    // Three half-width kana in a row would be three accented capitals in a row in ISO 8859-1.
    let words = text.split(|c| !is_half_kana(c));
    let half: usize = words.map(|word| word.chars().count()).filter(|&length| length >= 3).sum();
    (full + half) * 10 >= outside * 7 && !text.chars().any(is_strange_control)
}

fn looks_latin(bytes: &[u8]) -> bool {
    let high = bytes.iter().filter(|byte| **byte >= 0x80);
    let letters = bytes.iter().filter(|byte| **byte >= 0xC0 || matches!(byte, 0xA0..=0xBF));
    let strange = bytes.iter().any(|&b| is_strange_control(char::from(b)));
    !strange && high.clone().count() == letters.count() && high.count() * 2 <= bytes.len()
}

fn is_strange_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{1D}' | '\u{1E}' | '\u{4}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsaid(bytes: &[u8]) -> Payload {
        payload(&[Piece { charset: Charset::Unsaid, bytes: bytes.to_vec() }])
    }

    #[test]
    fn what_is_not_said_is_guessed_and_binary_stays_whole() {
        let text = |text: &str| Payload::Text(text.to_owned());
        assert_eq!(unsaid("Grüße 日本".as_bytes()), text("Grüße 日本"));
        assert_eq!(unsaid(b"Gr\xFC\xDFe an alle"), text("Grüße an alle"));
        let (bytes, ..) = SHIFT_JIS.encode("日本語のテキスト");
        assert_eq!(unsaid(&bytes), text("日本語のテキスト"));
        for binary in [&[0x00, 0x9F, 0x92, 0x96, 0xFF][..], &[0xFF, 0x00, 0x80]] {
            assert_eq!(unsaid(binary), Payload::Bytes(binary.to_vec()));
        }
    }

    #[test]
    fn a_stated_set_is_obeyed_and_what_is_no_text_in_it_stays_bytes() {
        let said = |eci, bytes: &[u8]| {
            payload(&[Piece { charset: Charset::of_eci(eci), bytes: bytes.to_vec() }])
        };
        let text = |text: &str| Payload::Text(text.to_owned());
        assert_eq!(said(3, b"\xFC\x80"), text("ü\u{80}"));
        assert_eq!(said(22, b"\xCF\xF0"), text("Пр"));
        assert_eq!(said(25, &[0x65, 0xE5]), text("日"));
        assert_eq!(said(26, b"\xC3\xBC"), text("ü"));
        assert_eq!(said(29, &[0xC4, 0xE3]), text("你"));
        assert_eq!(said(26, b"a\xFF"), Payload::Bytes(b"a\xFF".to_vec()));
        assert_eq!(said(27, b"a\xFF"), Payload::Bytes(b"a\xFF".to_vec()));
        assert_eq!(said(899, b"abc"), Payload::Bytes(b"abc".to_vec()));
    }
}
