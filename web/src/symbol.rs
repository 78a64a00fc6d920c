//! A text as a QR symbol for screens: black on white, with its quiet zone.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// The margin that readers need, modules.
const QUIET: usize = 4;

/// What is drawn: a square of `side` modules, and the dark ones as an SVG path.
pub(crate) struct Symbol {
    pub(crate) side: usize,
    pub(crate) path: String,
}

impl Symbol {
    /// The symbol of a text; `None` where the text is too long for any.
    pub(crate) fn of(text: &str) -> Option<Self> {
        // A screen is flat and undamaged: larger modules are worth more there than a higher level's correction.
        [EcLevel::M, EcLevel::L].into_iter().find_map(|level| Self::at_level(text, level))
    }

    /// The symbol of a text with a level of correction: on paper, which is torn and soiled, a higher one.
    pub(crate) fn at_level(text: &str, level: EcLevel) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, level).ok()?;
        let mut path = String::new();
        for (n, color) in code.to_colors().into_iter().enumerate() {
            if color == Color::Dark {
                let (x, y) = (n % code.width() + QUIET, n / code.width() + QUIET);
                let _ = write!(path, "M{x} {y}h1v1h-1z"); // writing to a string does not fail
            }
        }
        Some(Self { side: code.width() + 2 * QUIET, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_modules_with_a_margin() {
        let symbol = Symbol::of("VP1:HELLO").unwrap();
        assert_eq!(symbol.side, 21 + 2 * QUIET);
        assert!(symbol.path.starts_with("M4 4h1v1h-1z"), "the corner of the first finder pattern");
        assert!(Symbol::of(&"x".repeat(4000)).is_none());
    }
}
