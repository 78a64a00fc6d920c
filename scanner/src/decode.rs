//! The decoder: a grey frame in, the payloads of its QR symbols out.
//!
//! ```text
//! grey ─ threshold ─ finder ─ ring ─ triple ─ place ─ align ─ sample ─ symbol ─ bits ─ text ─ append
//!        dark/light  1:1:3:1:1 outline  of three │  mesh   greys    blocks  segments       parts
//!                    └ hunt: the third of two    └ version, map
//! ```
//!
//! `ladder` orders the steps of one frame, `track` spreads them over a stream and lets frames vote, `second`
//! asks rqrr and rxing. Everything of ours books its steps with [`Work`]; what cannot be asked to stop is metered
//! (rqrr) or sees small frames only (rxing). A block counts as repaired only if noise would have been repaired
//! as well with a chance below 2⁻²⁸ (`galois`): the standard's own reserve, kept for erasures too.

use std::fmt;

use thiserror::Error;

use crate::contain::{contain, words};
use crate::luma::Luma;
use crate::meter::{Budget, Work};

mod align;
mod append;
mod attempt;
mod bits;
mod finder;
mod galois;
mod geometry;
mod grey;
mod hunt;
mod ladder;
mod layout;
mod motion;
mod place;
mod ring;
mod sample;
mod second;
mod symbol;
mod text;
mod threshold;
mod track;
mod triple;
mod warp;

pub use bits::Part;
use ladder::Search;
pub use track::Eye;

/// Most symbols reported of one frame; a door sees one or two.
pub const CODES_MAX: usize = 16;

/// Steps of a search when no deadline is said: about a quarter of a second on a desktop.
const STEPS_MAX: u64 = 110_000_000;

/// What a symbol says: its text in the character set it states, or the one its bytes look like; otherwise all its bytes.
///
/// `Debug` prints kind and length only: a payload is somebody's credential.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Payload {
    /// Text.
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
    /// Which part it is, if its payload is only a part of a message over several symbols.
    pub part: Option<Part>,
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
    /// Once, with the cheap steps: for a stream's frame that [`Eye`] does not see. About 4 ms at 1280x720.
    OneLook,
    /// Once more, with the dear steps, if the first look read nothing or left what looks like another code:
    /// for a frame that comes only once.
    ///
    /// `cargo bench -p scanner --bench manifest` shows what the second look adds and costs.
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
    let work = Work::new(STEPS_MAX, budget);
    let outcome = contain(|| {
        let mut search = Search::new(luma, &work);
        let mut spent = search.cheap();
        for step in 0.. {
            // Beside a code that was read, only what looked like another is tried once more.
            let done = search.has_read() && (step > 1 || !search.has_left());
            if spent.is_err() || done || effort == Effort::OneLook {
                break;
            }
            let Some(outcome) = search.dear(step) else { break };
            spent = outcome;
        }
        (search.found(), spent)
    });
    match outcome {
        Ok((codes, Ok(()))) => Ok(codes),
        Ok((codes, Err(_))) if !codes.is_empty() => Ok(codes),
        Ok(_) => Err(DecodeError::OverBudget),
        Err(wreck) => Err(DecodeError::Panicked(words(&wreck))),
    }
}

/// Each payload once; none that is empty.
fn deduplicated(found: Vec<Found>) -> Vec<Found> {
    let mut once: Vec<Found> = Vec::new();
    for new in found {
        let known = |known: &Found| known.payload == new.payload && known.part == new.part;
        if !new.payload.as_bytes().is_empty() && !once.iter().any(known) {
            once.push(new);
        }
    }
    once
}

#[cfg(test)]
mod tests;
