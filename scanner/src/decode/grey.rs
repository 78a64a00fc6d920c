//! A grey plane to look at: a borrowed frame or a smaller copy of it, read between its pixels.

use super::geometry::Point;
use crate::luma::Luma;

/// A grey picture and where its pixels are in the frame that was handed in.
#[derive(Clone, Copy)]
pub(super) struct Grey<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: &'a [u8],
}

impl<'a> Grey<'a> {
    pub(super) fn of(luma: &'a Luma) -> Self {
        Self { width: luma.width() as usize, height: luma.height() as usize, pixels: luma.pixels() }
    }

    /// The grey at a place, between the four pixels around it; outside, the nearest.
    #[inline]
    pub(super) fn at(&self, place: Point) -> f32 {
        let x = (place.x - 0.5).clamp(0.0, (self.width - 1) as f32);
        let y = (place.y - 0.5).clamp(0.0, (self.height - 1) as f32);
        let (left, top) = (x as usize, y as usize);
        let (part_x, part_y) = (x - left as f32, y - top as f32);
        let right = usize::from(left + 1 < self.width);
        let below = if top + 1 < self.height { self.width } else { 0 };
        let at = top * self.width + left;
        let grey = |at: usize| f32::from(self.pixels[at]);
        let upper = grey(at) + (grey(at + right) - grey(at)) * part_x;
        let lower = grey(at + below) + (grey(at + below + right) - grey(at + below)) * part_x;
        upper + (lower - upper) * part_y
    }

    /// Whether a place is in the picture, or at most `margin` pixels outside of it.
    pub(super) fn holds(&self, place: Point, margin: f32) -> bool {
        (-margin..=self.width as f32 + margin).contains(&place.x)
            && (-margin..=self.height as f32 + margin).contains(&place.y)
    }
}
