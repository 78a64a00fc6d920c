//! Where each module of a symbol is in the frame: a projective map, bent where paper or lens bend it.

use super::geometry::{Homography, Point};

/// The map from modules to pixels of one symbol.
#[derive(Clone, Debug)]
pub(super) struct Warp {
    pub(super) side: usize,
    pub(super) flat: Homography,
    /// How far the middle of each side is from where the flat map has it, in pixels: along the columns, the rows.
    pub(super) bulge: [Point; 2],
    pub(super) mesh: Option<Mesh>,
}

/// Shifts against the flat map, at the crossings of the alignment lines.
#[derive(Clone, Debug)]
pub(super) struct Mesh {
    /// Ascending, in modules.
    pub(super) lines: Vec<f32>,
    /// Row by row.
    pub(super) shifts: Vec<Point>,
}

impl Warp {
    pub(super) fn flat(side: usize, flat: Homography) -> Self {
        Self { side, flat, bulge: [Point::default(); 2], mesh: None }
    }

    /// Where a place in modules is in the frame.
    #[inline]
    pub(super) fn map(&self, place: Point) -> Point {
        let mut at = self.flat.map(place);
        let (u, v) = (place.x / self.side as f32, place.y / self.side as f32);
        at = at.plus(self.bulge[0].times(4.0 * u * (1.0 - u)));
        at = at.plus(self.bulge[1].times(4.0 * v * (1.0 - v)));
        match &self.mesh {
            Some(mesh) => at.plus(mesh.shift(place)),
            None => at,
        }
    }

    /// Pixels a module at a place, along the columns and along the rows.
    pub(super) fn axes(&self, place: Point) -> [Point; 2] {
        let half = |dx: f32, dy: f32| {
            let step = Point::new(dx, dy);
            self.map(place.plus(step)).minus(self.map(place.minus(step)))
        };
        [half(0.5, 0.0), half(0.0, 0.5)]
    }

    /// The symbol's corners in reading direction.
    pub(super) fn corners(&self) -> [Point; 4] {
        let side = self.side as f32;
        [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)]
            .map(|(x, y)| self.map(Point::new(x, y)))
    }

    /// Mean pixels a module.
    pub(super) fn module(&self) -> f32 {
        let corners = self.corners();
        let around: f32 = (0..4).map(|i| corners[i].distance(corners[(i + 1) % 4])).sum();
        around / (4 * self.side) as f32
    }
}

impl Mesh {
    fn shift(&self, place: Point) -> Point {
        let (column, part_x) = self.cell(place.x);
        let (row, part_y) = self.cell(place.y);
        let count = self.lines.len();
        let at = |x: usize, y: usize| self.shifts[y * count + x];
        let between = |a: Point, b: Point, part: f32| a.plus(b.minus(a).times(part));
        let upper = between(at(column, row), at(column + 1, row), part_x);
        let lower = between(at(column, row + 1), at(column + 1, row + 1), part_x);
        between(upper, lower, part_y)
    }

    /// The line before a place and the way on to the next; beyond the outer lines it goes on for a few modules.
    fn cell(&self, place: f32) -> (usize, f32) {
        let last = self.lines.len() - 2;
        let after = self.lines.partition_point(|line| *line <= place);
        let line = after.saturating_sub(1).min(last);
        let part = (place - self.lines[line]) / (self.lines[line + 1] - self.lines[line]);
        (line, part.clamp(-0.3, 1.3))
    }
}
