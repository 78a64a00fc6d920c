//! The decoder: a grey frame in, the payloads of its QR symbols out.

use std::fmt;

use thiserror::Error;

use crate::contain::{contain, words};
use crate::luma::Luma;
use crate::meter::{Budget, Metered, Spent};

/// Most symbols reported of one frame; a door sees one or two.
pub const CODES_MAX: usize = 16;

/// What a symbol says: text where its bytes are UTF-8, otherwise the bytes.
///
/// `Debug` prints kind and length only: a payload is somebody's credential.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Payload {
    /// Valid UTF-8.
    Text(String),
    /// Anything else.
    Bytes(Vec<u8>),
}

impl Payload {
    /// Sorts bytes into text and non-text.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes)
            .map_or_else(|not_text| Self::Bytes(not_text.into_bytes()), Self::Text)
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bytes(_) => None,
        }
    }

    /// The bytes of either kind.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
        }
    }
}

/// A place in the frame, in pixels from its top left; may lie a little outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corner {
    /// To the right.
    pub x: i32,
    /// Downwards.
    pub y: i32,
}

/// A symbol that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it says.
    pub payload: Payload,
    /// Its corners in its own reading direction: top left, top right, bottom right, bottom left.
    pub corners: [Corner; 4],
}

/// Why a frame was given up.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The search did not end within its budget.
    #[error("the search for symbols did not end within its budget")]
    OverBudget,
    /// The decoder panicked; the frame is lost, the thread is not.
    #[error("the decoder panicked: {0}")]
    Panicked(String),
}

/// How often a frame is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Once: for a live camera, whose next frame is the second look.
    OneLook,
    /// Once more, turned by a few degrees, if the first look read nothing: for a frame that comes only once.
    ///
    /// Measured: of 300 good frames with a 53-module symbol, one look misses 31 and two looks miss 4; which
    /// ones seems to be chance of pixel rounding. On the shared `clear/` pictures 172 of 275 become 198.
    TwoLooks,
}

/// Every symbol of a frame in two looks, each payload once; nothing if the frame is given up.
#[must_use]
pub fn decode(luma: &Luma) -> Vec<Found> {
    decode_within(luma, Effort::TwoLooks, &Budget::default()).unwrap_or_default()
}

/// Every symbol of a frame, each payload once, within a budget that really ends the search.
///
/// # Errors
/// The budget was spent, or the decoder panicked.
pub fn decode_within(
    luma: &Luma,
    effort: Effort,
    budget: &Budget,
) -> Result<Vec<Found>, DecodeError> {
    let codes = look(luma, budget)?;
    if !codes.is_empty() || effort == Effort::OneLook {
        return Ok(codes);
    }
    let mut codes = look(&luma.turned(), budget)?;
    for corner in codes.iter_mut().flat_map(|found| &mut found.corners) {
        (corner.x, corner.y) = luma.before_turn(corner.x, corner.y);
    }
    Ok(codes)
}

fn look(luma: &Luma, budget: &Budget) -> Result<Vec<Found>, DecodeError> {
    contain(|| search(Metered::new(luma, budget))).map_err(|wreck| {
        if wreck.is::<Spent>() {
            DecodeError::OverBudget
        } else {
            DecodeError::Panicked(words(&wreck))
        }
    })
}

fn search(frame: Metered) -> Vec<Found> {
    let mut prepared = rqrr::PreparedImage::prepare(frame);
    let mut codes: Vec<Found> = Vec::new();
    for grid in prepared.detect_grids() {
        let mut bytes = Vec::new();
        // A grid that cannot be read is the usual case: a blurred symbol, or a pattern that only looks like one.
        if grid.decode_to(&mut bytes).is_err() || bytes.is_empty() {
            continue;
        }
        let payload = Payload::from_bytes(bytes);
        if codes.iter().any(|known| known.payload == payload) {
            continue;
        }
        let corners = grid.bounds.map(|point| Corner { x: point.x, y: point.y });
        codes.push(Found { payload, corners });
        if codes.len() == CODES_MAX {
            break;
        }
    }
    codes
}

#[cfg(test)]
mod tests;
