//! One try at one triple of finder patterns: placed, refined, sampled, judged, read.

use super::align;
use super::grey::Grey;
use super::place::{self, Placed};
use super::ring::Finder;
use super::sample::{Contrast, Greys};
use super::symbol::{Modules, Read};
use crate::meter::{Spent, Work};

/// How hard a try is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Depth {
    /// Least agreement of the timing patterns to go on.
    pub(super) timing_min: f32,
    /// Whether the map may bend, and starts far off.
    pub(super) bent: bool,
    /// Ways to tell dark from light.
    pub(super) judgements: &'static [Judgement],
}

/// One way to tell dark from light.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Judgement {
    /// How much is sharpened before.
    sharpen: f32,
    contrast: Contrast,
    /// Where between dark and light the threshold is: 0 is the middle, 1 is light. Ink that spread, or light that did.
    bias: f32,
}

const fn by(contrast: Contrast, sharpen: f32, bias: f32) -> Judgement {
    Judgement { sharpen, contrast, bias }
}

impl Depth {
    /// For every frame.
    pub(super) const CHEAP: Self = Self {
        timing_min: 0.3,
        bent: false,
        judgements: &[
            by(Contrast::Planes, 0.0, 0.0),
            by(Contrast::Planes, 0.7, 0.0),
            by(Contrast::Nearby, 0.3, 0.0),
        ],
    };
    /// For what looked like a code and could not be read.
    pub(super) const DEAR: Self = Self {
        timing_min: 0.1,
        bent: true,
        judgements: &[
            by(Contrast::Planes, 0.0, 0.0),
            by(Contrast::Planes, 0.5, 0.0),
            by(Contrast::Nearby, 0.0, 0.0),
            by(Contrast::Planes, 1.2, 0.0),
            by(Contrast::Planes, 0.0, 0.3),
            by(Contrast::Planes, 0.0, -0.3),
            by(Contrast::Nearby, 1.0, 0.0),
        ],
    };
}

/// What came of a try.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Read, and where it is.
    Read(Read, Placed),
    /// Looked like a symbol, but could not be read.
    Unread(Placed, Modules),
    /// No symbol.
    Nothing,
}

/// Tries a triple.
pub(super) fn attempt(
    grey: &Grey<'_>,
    finders: &[Finder; 3],
    depth: Depth,
    work: &Work,
) -> Result<Outcome, Spent> {
    let mut outcome = Outcome::Nothing;
    for mut placed in place::placed(grey, finders, depth.timing_min, work)? {
        placed.refine(grey, depth.bent, work)?;
        align::bend(grey, &mut placed, work)?;
        match read_placed(grey, placed, depth, work)? {
            read @ Outcome::Read(..) => return Ok(read),
            unread if matches!(outcome, Outcome::Nothing) => outcome = unread,
            _ => {}
        }
    }
    Ok(outcome)
}

/// Samples and reads a symbol whose place is known.
pub(super) fn read_placed(
    grey: &Grey<'_>,
    placed: Placed,
    depth: Depth,
    work: &Work,
) -> Result<Outcome, Spent> {
    let greys = Greys::of(grey, &placed, work)?;
    let side = placed.warp.side as u64;
    let mut first = None;
    for judgement in depth.judgements {
        work.spend(15_000 + 100 * side * side)?;
        let sharp = greys.sharpened(judgement.sharpen);
        let Some(modules) = sharp.judged(&placed, judgement.contrast, judgement.bias) else {
            continue;
        };
        if let Some(read) = modules.read() {
            return Ok(Outcome::Read(read, placed));
        }
        first.get_or_insert(modules);
    }
    Ok(first.map_or(Outcome::Nothing, |modules| Outcome::Unread(placed, modules)))
}
