//! A text held in front of a camera that is not there: deterministic frames for demo, tests and benches.
//!
//! Mild on purpose: a steady hand, a decent camera. Hard pictures are in the shared test data.

mod plane;

use qrcode::{Color, EcLevel, QrCode};
use thiserror::Error;

use crate::luma::Luma;
use plane::{Dice, Plane, Quad};

/// Size of a staged frame, in pixels.
const WIDTH: u32 = 1280;
const HEIGHT: u32 = 720;
/// Empty modules around a symbol: the four of the standard, and a card's margin.
const QUIET_MODULES: usize = 6;

/// How a symbol is held. Lengths in pixels of a 1280x720 frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Where the symbol's centre is, from the left and the top; may be outside of the frame.
    pub center: (f32, f32),
    /// Side of the symbol without its quiet zone.
    pub side: f32,
    /// Turned clockwise by this much, in degrees.
    pub turn_deg: f32,
    /// Tilted around the vertical and the horizontal axis, each -1 to 1; 0.3 is a careless hand.
    pub tilt: (f32, f32),
    /// The light on it.
    pub light: Light,
}

/// Light and camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Light {
    /// Brightness of the paper, 0 to 255.
    pub paper: f32,
    /// Brightness of the ink, 0 to 255.
    pub ink: f32,
    /// How much darker the frame gets from one side to the other, 0 (even) to 1.
    pub fall_off: f32,
    /// Sensor noise: the largest change of a pixel, 0 to 127.
    pub noise: u8,
    /// Rounds of blurring with a three pixel wide filter.
    pub blur: u8,
}

/// Why a text cannot be staged.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StageError {
    /// It does not fit into a QR symbol.
    #[error("a text of {bytes} bytes does not fit into a QR symbol")]
    Long {
        /// Its length.
        bytes: usize,
        /// What the encoder said.
        source: qrcode::types::QrError,
    },
    /// The view has no picture: a side or tilt that is no sensible number.
    #[error("the view cannot be drawn")]
    View,
}

impl View {
    /// Straight, in the middle, under even light, without noise or blur.
    #[must_use]
    pub fn head_on() -> Self {
        Self {
            center: (WIDTH as f32 / 2.0, HEIGHT as f32 / 2.0),
            side: 420.0,
            turn_deg: 0.0,
            tilt: (0.0, 0.0),
            light: Light { paper: 230.0, ink: 25.0, fall_off: 0.0, noise: 0, blur: 0 },
        }
    }

    /// As a visitor holds it, who has just walked up: a bit off, turned, tilted, uneven light, some noise.
    #[must_use]
    pub fn walk_up(seed: u64) -> Self {
        let mut dice = Dice::new(seed ^ 0x7769_6577);
        Self {
            center: (dice.between(430.0, 850.0), dice.between(320.0, 400.0)),
            side: dice.between(360.0, 450.0),
            turn_deg: dice.between(-10.0, 10.0),
            tilt: (dice.between(-0.15, 0.15), dice.between(-0.15, 0.15)),
            light: Light {
                paper: dice.between(185.0, 245.0),
                ink: dice.between(15.0, 60.0),
                fall_off: dice.between(0.0, 0.35),
                noise: dice.between(2.0, 12.0) as u8,
                blur: dice.between(0.0, 1.5) as u8,
            },
        }
    }
}

/// A 1280x720 frame with `text` as a QR symbol seen in `view`; the same for the same arguments.
///
/// # Errors
/// The text does not fit into a symbol, or the view cannot be drawn.
pub fn stage(text: &str, view: &View, seed: u64) -> Result<Luma, StageError> {
    stage_all(&[(text, *view)], seed)
}

/// A 1280x720 frame with several symbols, later ones in front; light and camera are those of the first view.
/// Without any, an empty room.
///
/// # Errors
/// A text does not fit into a symbol, or a view cannot be drawn.
pub fn stage_all(symbols: &[(&str, View)], seed: u64) -> Result<Luma, StageError> {
    let mut dice = Dice::new(seed);
    let mut plane = Plane::cluttered(WIDTH as usize, HEIGHT as usize, &mut dice);
    for (text, view) in symbols {
        let (modules, cells) = card(text)?;
        let quad = Quad::held(view, modules).ok_or(StageError::View)?;
        plane.place(&quad, &cells, view.light);
    }
    let light = symbols.first().map_or(View::walk_up(seed).light, |(_, view)| view.light);
    for _ in 0..light.blur.min(8) {
        plane.blur();
    }
    let pixels = plane.developed(light, &mut dice);
    Luma::new(WIDTH, HEIGHT, pixels).map_err(|_| StageError::View)
}

/// A symbol with its quiet zone: modules a side, and for each whether it is dark (1) or light (0).
fn card(text: &str) -> Result<(usize, Vec<f32>), StageError> {
    // Level M as on our cards; what only fits at level L is staged at that.
    let symbol = QrCode::with_error_correction_level(text, EcLevel::M)
        .or_else(|_| QrCode::with_error_correction_level(text, EcLevel::L))
        .map_err(|source| StageError::Long { bytes: text.len(), source })?;
    let inner = symbol.width();
    let side = inner + 2 * QUIET_MODULES;
    let mut cells = vec![0.0; side * side];
    for (at, color) in symbol.to_colors().into_iter().enumerate() {
        let (x, y) = (at % inner + QUIET_MODULES, at / inner + QUIET_MODULES);
        cells[y * side + x] = f32::from(u8::from(color == Color::Dark));
    }
    Ok((side, cells))
}

#[cfg(test)]
mod tests;
