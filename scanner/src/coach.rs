//! The camera coach: what keeps codes from being read, seen in the image itself. Pure: time is an argument.
//!
//! | part | looks for |
//! |---|---|
//! | `finders` | the corner marks of codes: where, how large, how sharp, which way round |
//! | `light` | brightness, structure and sharpness of the whole frame |
//! | `scene` | whether the camera still looks at what it looked at |
//! | `patience` | hysteresis: no hint comes or goes with a single frame |

mod finders;
mod light;
mod patience;
mod scene;

use std::time::Duration;

use crate::decode::Found;
use crate::luma::Luma;
use finders::{Finder, finders};
use light::Light;
use patience::Patience;
use scene::Scene;

/// What to do better, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Hint {
    /// Something stands before the lens: the picture has no structure.
    Blocked,
    /// Too little light to read anything.
    TooDark,
    /// A code has dark and light exchanged, as dark modes show it.
    Inverted,
    /// A code is too small in the picture.
    TooFar,
    /// A code does not fit into the picture.
    TooNear,
    /// A reflection covers a part of a code.
    Glare,
    /// A code is much darker than what is around it, as on a dimmed phone.
    ScreenDim,
    /// A code is out of focus or moves, and its corner marks can still be told; of a code softer than that nothing is seen.
    Blurred,
    /// The camera looks at something else than it used to.
    Moved,
    /// Nothing has been sharp for long: a dirty or unfocused lens.
    DirtyLens,
}

impl Hint {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 10] = [
        Self::Blocked,
        Self::TooDark,
        Self::Inverted,
        Self::TooFar,
        Self::TooNear,
        Self::Glare,
        Self::ScreenDim,
        Self::Blurred,
        Self::Moved,
        Self::DirtyLens,
    ];

    /// The stable word, for machines.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Blocked => "camera-blocked",
            Self::TooDark => "too-dark",
            Self::Inverted => "inverted",
            Self::TooFar => "too-far",
            Self::TooNear => "too-near",
            Self::Glare => "glare",
            Self::ScreenDim => "screen-dim",
            Self::Blurred => "blurred",
            Self::Moved => "camera-moved",
            Self::DirtyLens => "dirty-lens",
        }
    }

    /// How long it must hold before it is shown, and how long not before it goes.
    const fn persistence(self) -> (Duration, Duration) {
        match self {
            // What a visitor does: said before the hand tires, gone when the code is right.
            Self::Inverted | Self::TooFar | Self::TooNear | Self::Glare | Self::ScreenDim => {
                (Duration::from_millis(600), Duration::from_millis(800))
            }
            // Every code is blurred while it is brought up.
            Self::Blurred => (Duration::from_millis(1000), Duration::from_millis(800)),
            // What the staff must see to: somebody who passes close by is no news.
            Self::Blocked | Self::TooDark => (Duration::from_secs(3), Duration::from_secs(1)),
            Self::Moved => (Duration::from_secs(20), Duration::from_secs(5)),
            Self::DirtyLens => (Duration::from_secs(30), Duration::from_secs(3)),
        }
    }
}

/// What was seen in a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// What to do better, if it has shown for long enough.
    pub hint: Option<Hint>,
    /// Whether something like a code is in view that was not read.
    pub unread: bool,
}

/// A code with smaller modules than this, in pixels, is hardly ever read.
const MODULE_PX_MIN: f32 = 2.6;
/// The smallest symbol with a margin, in modules: a larger one does not fit either.
const SYMBOL_MODULES_MIN: f32 = 25.0;
/// A mark alone is chance, unless its modules are as large as this, in pixels.
const HUGE_MODULE_PX: f32 = 24.0;
/// An edge as wide as so many modules almost runs into the next one, if it is wider than what lenses do at their best, in pixels.
const EDGE_MODULES_MAX: f32 = 0.7;
const EDGE_PX_MIN: f32 = 2.2;
/// The white of a dimmed screen is below the first, and the frame around it brighter by the second.
const DIM_WHITE_MAX: u8 = 90;
const DIM_AROUND: u8 = 50;

/// Watches the frames of one camera.
#[derive(Debug, Default)]
pub struct Coach {
    scene: Scene,
    patience: Patience,
}

impl Coach {
    /// Takes in a frame, what the decoder read in it, and when it was taken.
    pub fn look(&mut self, luma: &Luma, read: &[Found], now: Duration) -> Look {
        let light = Light::of(luma);
        let mut marks = finders(luma);
        marks.retain(|mark| !read.iter().any(|found| covers(found, mark)));
        let code = Candidate::of(&marks);
        let mut hints = Vec::new();
        // A code or a face that fills the view is no wall before the lens, whatever its structure is.
        if light.is_dark() && marks.is_empty() && read.is_empty() {
            hints.push(if self.scene.went_dark_at_once(now) {
                Hint::Blocked
            } else {
                Hint::TooDark
            });
        } else if light.is_flat() && marks.is_empty() && read.is_empty() {
            hints.push(Hint::Blocked);
        }
        hints.extend(code.as_ref().and_then(|code| code.trouble(luma, &light)));
        if read.is_empty() && light.is_soft() {
            hints.push(Hint::DirtyLens);
        }
        if self.scene.moved(&light, now) {
            hints.push(Hint::Moved);
        }
        Look { hint: self.patience.shown(&hints, now), unread: code.is_some() }
    }
}

/// Whether a mark belongs to a code that was read.
fn covers(found: &Found, mark: &Finder) -> bool {
    let span = |pick: fn(&crate::decode::Corner) -> i32| {
        let (low, high) =
            (found.corners.iter().map(pick).min(), found.corners.iter().map(pick).max());
        (low.unwrap_or(0) as f32 - mark.module, high.unwrap_or(0) as f32 + mark.module)
    };
    let ((left, right), (top, bottom)) = (span(|c| c.x), span(|c| c.y));
    (left..=right).contains(&mark.x) && (top..=bottom).contains(&mark.y)
}

/// Whether two marks can be of one code: one polarity, one size, at least as far apart as in the smallest symbol.
fn like(a: &Finder, b: &Finder) -> bool {
    let apart = (a.x - b.x).hypot(a.y - b.y) / a.module.max(b.module);
    let alike = (0.7..1.43).contains(&(a.module / b.module));
    a.inverted == b.inverted && alike && (9.0..180.0).contains(&apart)
}

/// Whether the third mark is the corner between the other two: sides of one length, at a right angle, roughly.
fn is_square([a, b, corner]: &[Finder; 3]) -> bool {
    let side = |m: &Finder| (m.x - corner.x, m.y - corner.y);
    let ((ax, ay), (bx, by)) = (side(a), side(b));
    let (long_a, long_b) = (ax.hypot(ay), bx.hypot(by));
    let turn = (ax * bx + ay * by) / (long_a * long_b).max(1.0);
    like(a, corner)
        && like(b, corner)
        && (0.65..1.54).contains(&(long_a / long_b.max(1.0)))
        && turn.abs() < 0.45
}

/// Marks that belong together: a code that was not read.
struct Candidate {
    module: f32,
    inverted: bool,
    /// Brightness of its light and dark, the widest edge in pixels.
    white: u8,
    black: u8,
    edge: f32,
    /// Where it is, as far as its marks tell: left, top, right, bottom.
    place: [f32; 4],
    marks: usize,
}

impl Candidate {
    /// Three marks at the corners of a square; else two at its sides; else one so large that the rest is out of view.
    /// Inside a code and in a room are things that look like one mark, but hardly like three.
    fn of(marks: &[Finder]) -> Option<Self> {
        let pairs = || {
            let all = marks.iter().enumerate();
            all.flat_map(|(n, a)| marks[n + 1..].iter().map(move |b| [*a, *b]))
                .filter(|[a, b]| like(a, b))
        };
        let triples = pairs().flat_map(|[a, b]| marks.iter().map(move |c| [a, b, *c]));
        let upright = |m: &&Finder| !m.inverted;
        if let Some(triple) = triples.into_iter().find(is_square) {
            return Some(Self::around(&triple));
        }
        if let Some(pair) = pairs().find(|[a, _]| !a.inverted) {
            return Some(Self::around(&pair));
        }
        let huge = marks.iter().filter(upright).find(|mark| mark.module >= HUGE_MODULE_PX);
        huge.map(|mark| Self::around(&[*mark]))
    }

    fn around(group: &[Finder]) -> Self {
        let count = group.len() as f32;
        let mean = |pick: fn(&Finder) -> f32| group.iter().map(pick).sum::<f32>() / count;
        let module = mean(|m| m.module);
        let least = |pick: fn(&Finder) -> f32| group.iter().map(pick).fold(f32::MAX, f32::min);
        let most = |pick: fn(&Finder) -> f32| group.iter().map(pick).fold(0.0, f32::max);
        Self {
            module,
            inverted: group.iter().all(|m| m.inverted),
            white: mean(|m| f32::from(m.white)) as u8,
            black: mean(|m| f32::from(m.black)) as u8,
            edge: least(|m| m.edge),
            place: [
                least(|m| m.x) - 3.5 * module,
                least(|m| m.y) - 3.5 * module,
                most(|m| m.x) + 3.5 * module,
                most(|m| m.y) + 3.5 * module,
            ],
            marks: group.len(),
        }
    }

    /// Why it is not read, where that can be seen.
    fn trouble(&self, luma: &Luma, light: &Light) -> Option<Hint> {
        let side = luma.width().min(luma.height()) as f32;
        if self.inverted {
            Some(Hint::Inverted)
        } else if self.module < MODULE_PX_MIN {
            Some(Hint::TooFar)
        } else if self.marks < 3 && self.module * SYMBOL_MODULES_MIN > side {
            Some(Hint::TooNear)
        } else if self.marks >= 2 && self.has_glare(luma) {
            Some(Hint::Glare)
        } else if self.white < DIM_WHITE_MAX && light.bright > self.white + DIM_AROUND {
            Some(Hint::ScreenDim)
        } else if self.edge > EDGE_PX_MIN && self.edge > EDGE_MODULES_MAX * self.module {
            Some(Hint::Blurred)
        } else {
            None
        }
    }

    /// Whether a part of the code is much brighter than its own light, in patches larger than any light part of a code.
    fn has_glare(&self, luma: &Luma) -> bool {
        let level = self.white.saturating_add(18).max(245);
        if self.white > 228 || self.white.saturating_sub(self.black) < 30 {
            return false;
        }
        let [left, top, right, bottom] = self.place;
        // Two marks span a side or a diagonal: the code may reach as far again on either side.
        let reach = if self.marks >= 3 { 0.0 } else { (right - left).max(bottom - top) / 2.0 };
        let clip = |at: f32, side: u32| at.clamp(0.0, side as f32) as usize;
        let columns = clip(left - reach, luma.width())..clip(right + reach, luma.width());
        let rows = clip(top - reach, luma.height())..clip(bottom + reach, luma.height());
        let long = (8.0 * self.module) as usize;
        let step = (self.module as usize).max(2);
        let stride = luma.width() as usize;
        let glaring = |y: &usize| {
            let row = &luma.pixels()[y * stride..][columns.clone()];
            row.split(|&p| p < level).any(|run| run.len() > long)
        };
        rows.step_by(step).filter(glaring).count() >= 4
    }
}

#[cfg(test)]
mod tests;
