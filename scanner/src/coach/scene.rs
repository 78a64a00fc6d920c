//! The memory of what the camera looks at: a view that stays another one was moved.

use std::time::Duration;

use super::light::{CELLS, Light};

/// A view is learned after it has stood still for so long; people who pass do not stand still.
const LEARN: Duration = Duration::from_secs(3);
/// A moved camera that stays so long looks at its new view by intent.
const ACCEPT: Duration = Duration::from_secs(600);
/// Likeness (-1 to 1) below which a view is another one, and above which it is the same and learned on.
const OTHER: f32 = 0.4;
const SAME: f32 = 0.7;
/// Likeness to the frame before, above which nothing moves.
const STILL: f32 = 0.97;
/// Part of the known view that a like one replaces, in a frame: daylight wanders.
const LEARN_PART: f32 = 0.01;
/// A frame with less structure is no view.
const STRUCTURE_MIN: f32 = 6.0;
/// How fast a covered lens goes dark.
const AT_ONCE: Duration = Duration::from_millis(700);

type View = Box<[f32; CELLS]>;

#[derive(Debug, Default)]
pub(super) struct Scene {
    known: Option<View>,
    last: Option<View>,
    still_since: Option<Duration>,
    other_since: Option<Duration>,
    /// When it was bright for the last time, and whether the dark after it came at once.
    bright_at: Option<Duration>,
    dark_at: Option<Duration>,
}

impl Scene {
    /// Takes in a frame; whether the camera has looked at another view than its own, standing still.
    pub(super) fn moved(&mut self, light: &Light, now: Duration) -> bool {
        self.note_brightness(light, now);
        if light.structure < STRUCTURE_MIN {
            (self.still_since, self.other_since) = (None, None);
            return false;
        }
        let view = normed(light);
        let still = self.last.as_ref().is_some_and(|last| likeness(last, &view) > STILL);
        if !still {
            self.still_since = None;
        }
        let since = *self.still_since.get_or_insert(now);
        self.last = Some(view.clone());
        let Some(known) = &mut self.known else {
            if still && now.saturating_sub(since) >= LEARN {
                self.known = Some(view);
            }
            return false;
        };
        let like = likeness(known, &view);
        if like > SAME {
            for (old, new) in known.iter_mut().zip(view.iter()) {
                *old += (new - *old) * LEARN_PART;
            }
        }
        if like > OTHER || !still {
            if like > OTHER {
                self.other_since = None;
            }
            return false;
        }
        let other_since = *self.other_since.get_or_insert(now);
        if now.saturating_sub(other_since) >= ACCEPT {
            self.known = Some(view);
            self.other_since = None;
            return false;
        }
        true
    }

    /// Whether the dark that reigns fell at once, as a hand on the lens makes it.
    pub(super) fn went_dark_at_once(&self, now: Duration) -> bool {
        match (self.bright_at, self.dark_at) {
            (Some(bright), Some(dark)) => dark.saturating_sub(bright) <= AT_ONCE,
            (Some(bright), None) => now.saturating_sub(bright) <= AT_ONCE,
            (None, _) => false,
        }
    }

    fn note_brightness(&mut self, light: &Light, now: Duration) {
        if !light.is_dark() {
            if light.bright > 90 {
                self.bright_at = Some(now);
            }
            self.dark_at = None;
        } else if self.dark_at.is_none() {
            self.dark_at = Some(now);
        }
    }
}

/// Without its mean, at length one: what is left when brightness and contrast change.
fn normed(light: &Light) -> View {
    let mean = light.cells.iter().sum::<f32>() / CELLS as f32;
    let mut view = light.cells.clone();
    view.iter_mut().for_each(|cell| *cell -= mean);
    let length = view.iter().map(|cell| cell * cell).sum::<f32>().sqrt().max(1e-6);
    view.iter_mut().for_each(|cell| *cell /= length);
    view
}

fn likeness(a: &View, b: &View) -> f32 {
    let product: f32 = a.iter().zip(b.iter()).map(|(a, b)| a * b).sum();
    let length = |v: &View| v.iter().map(|cell| cell * cell).sum::<f32>().sqrt().max(1e-6);
    product / (length(a) * length(b))
}
