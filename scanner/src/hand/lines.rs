//! Characters as they come, cut into codes: by a line end, or by a pause. Pure.

/// Longest code, in bytes: above the largest QR symbol.
const CODE_BYTES_MAX: usize = 8 << 10;

/// What a character or a pause has ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing yet, or an empty line.
    None,
    /// A whole code.
    Text(String),
    /// A code over the bound; it is gone.
    TooLong,
}

/// A code in the making. Keeps nothing of a finished one.
#[derive(Default)]
pub(crate) struct Lines {
    bytes: Vec<u8>,
    too_long: bool,
}

impl Lines {
    /// Takes in a byte of the scanner.
    pub(crate) fn push(&mut self, byte: u8) -> End {
        match byte {
            b'\r' | b'\n' => self.pause(),
            _ if self.bytes.len() == CODE_BYTES_MAX => {
                self.too_long = true;
                End::None
            }
            _ => {
                self.bytes.push(byte);
                End::None
            }
        }
    }

    /// The scanner was silent for its pause.
    pub(crate) fn pause(&mut self) -> End {
        let bytes = std::mem::take(&mut self.bytes);
        if std::mem::take(&mut self.too_long) {
            return End::TooLong;
        }
        // Framing characters that scanners can be set to send around a code.
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_matches(|c: char| c.is_control());
        if text.is_empty() { End::None } else { End::Text(text.to_owned()) }
    }

    /// Whether a code has begun.
    pub(crate) fn begun(&self) -> bool {
        !self.bytes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn codes(bytes: &[u8]) -> Vec<End> {
        let mut lines = Lines::default();
        let mut ends: Vec<_> = bytes.iter().map(|&byte| lines.push(byte)).collect();
        ends.push(lines.pause());
        assert!(!lines.begun());
        ends.into_iter().filter(|end| *end != End::None).collect()
    }

    #[test]
    fn line_ends_and_pauses_end_a_code() {
        let text = |text: &str| End::Text(text.to_owned());
        assert_eq!(
            codes(b"ST1:A\r\nST1:B\n\n\x02ST1:C\x03"),
            [text("ST1:A"), text("ST1:B"), text("ST1:C")]
        );
        assert_eq!(codes(b"\r\n\r"), []);
        let long = [vec![b'A'; CODE_BYTES_MAX + 1], b"\rB\r".to_vec()].concat();
        assert_eq!(codes(&long), [End::TooLong, text("B")]);
        assert_eq!(codes(&[b'A'; CODE_BYTES_MAX]).len(), 1);
    }

    proptest! {
        #[test]
        fn whole_lines_come_whole(lines in prop::collection::vec("[ -~]{1,40}", 0..8), crlf in any::<bool>()) {
            let end = if crlf { "\r\n" } else { "\r" };
            let sent: String = lines.iter().flat_map(|line| [line.as_str(), end]).collect();
            let expected: Vec<_> = lines.into_iter().map(End::Text).collect();
            prop_assert_eq!(codes(sent.as_bytes()), expected);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = codes(&bytes);
        }
    }
}
