//! Points, and the projective map from a symbol's modules to the frame's pixels.

/// A place: in pixels from the frame's top left corner (a pixel's centre is at its half), or in modules.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f32,
    pub(super) y: f32,
}

impl Point {
    pub(super) const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }

    pub(super) fn times(self, factor: f32) -> Self {
        Self::new(self.x * factor, self.y * factor)
    }

    pub(super) fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }

    /// Positive if `other` is clockwise of this one on the screen, where y grows downwards.
    pub(super) fn cross(self, other: Self) -> f32 {
        self.x * other.y - self.y * other.x
    }

    pub(super) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    pub(super) fn unit(self) -> Self {
        self.times(1.0 / self.length().max(1e-6))
    }

    pub(super) fn distance(self, other: Self) -> f32 {
        self.minus(other).length()
    }
}

/// Where the lines through `a` in direction `u` and through `b` in direction `v` meet.
pub(super) fn crossing(a: Point, u: Point, b: Point, v: Point) -> Option<Point> {
    let sine = u.cross(v);
    if sine.abs() < 1e-6 * u.length() * v.length() {
        return None;
    }
    let along = b.minus(a).cross(v) / sine;
    Some(a.plus(u.times(along)))
}

/// Whether `point` lies in the convex quadrangle `corners`.
pub(super) fn inside(corners: &[Point; 4], point: Point) -> bool {
    let side = |i: usize| {
        let (from, to) = (corners[i], corners[(i + 1) % 4]);
        to.minus(from).cross(point.minus(from)) >= 0.0
    };
    let first = side(0);
    (1..4).all(|i| side(i) == first)
}

/// A projective map of the plane, row by row, scaled so that the last entry is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Homography([f32; 9]);

impl Homography {
    /// The map of the square with `side` to the four `corners`: (0, 0), (side, 0), (side, side), (0, side).
    pub(super) fn of_square(side: f32, corners: &[Point; 4]) -> Option<Self> {
        let [a, b, c, d] = *corners;
        let (e, f) = (b.minus(c), d.minus(c));
        let sum = a.minus(b).plus(c).minus(d);
        let area = e.cross(f);
        if area.abs() < 1e-3 {
            return None;
        }
        let g = sum.cross(f) / area;
        let h = e.cross(sum) / area;
        let over = 1.0 / side;
        let map = Self([
            (b.x - a.x + g * b.x) * over,
            (d.x - a.x + h * d.x) * over,
            a.x,
            (b.y - a.y + g * b.y) * over,
            (d.y - a.y + h * d.y) * over,
            a.y,
            g * over,
            h * over,
            1.0,
        ]);
        map.0.iter().all(|n| n.is_finite()).then_some(map)
    }

    /// The map that brings `from` nearest to `to` (least squares); at least four pairs, not on one line.
    pub(super) fn fitted(pairs: &[(Point, Point)]) -> Option<Self> {
        let scale_of = |pick: fn(&(Point, Point)) -> Point| {
            let count = pairs.len() as f32;
            let mid = pairs.iter().map(pick).fold(Point::default(), Point::plus).times(1.0 / count);
            let spread = pairs.iter().map(|p| pick(p).distance(mid)).sum::<f32>() / count;
            (mid, 1.0 / spread.max(1e-6))
        };
        let ((from_mid, from_scale), (to_mid, to_scale)) = (scale_of(|p| p.0), scale_of(|p| p.1));
        let mut sums = [[0.0_f64; 9]; 8];
        for (from, to) in pairs {
            let from = from.minus(from_mid).times(from_scale);
            let to = to.minus(to_mid).times(to_scale);
            let (u, v, x, y) =
                (f64::from(from.x), f64::from(from.y), f64::from(to.x), f64::from(to.y));
            for row in [
                [u, v, 1.0, 0.0, 0.0, 0.0, -u * x, -v * x, x],
                [0.0, 0.0, 0.0, u, v, 1.0, -u * y, -v * y, y],
            ] {
                for i in 0..8 {
                    for j in 0..9 {
                        sums[i][j] += row[i] * row[j];
                    }
                }
            }
        }
        let [a, b, c, d, e, f, g, h] = solve(sums)?;
        let fit = [a, b, c, d, e, f, g, h, 1.0].map(|n| n as f32);
        // Undo the scaling: pixels = T⁻¹ · fit · S.
        let (ks, kt) = (from_scale, 1.0 / to_scale);
        let scaled = |r: usize| {
            let (p, q) = (fit[3 * r] * ks, fit[3 * r + 1] * ks);
            [p, q, fit[3 * r + 2] - p * from_mid.x - q * from_mid.y]
        };
        let (rx, ry, rw) = (scaled(0), scaled(1), scaled(2));
        let row = |r: [f32; 3], mid: f32| [0, 1, 2].map(|i| r[i] * kt + rw[i] * mid);
        let (rx, ry) = (row(rx, to_mid.x), row(ry, to_mid.y));
        let over = 1.0 / rw[2];
        let map =
            Self([rx[0], rx[1], rx[2], ry[0], ry[1], ry[2], rw[0], rw[1], rw[2]].map(|n| n * over));
        map.0.iter().all(|n| n.is_finite()).then_some(map)
    }

    /// Where a place in modules is in the frame.
    #[inline]
    pub(super) fn map(&self, place: Point) -> Point {
        let m = &self.0;
        let over = 1.0 / (m[6] * place.x + m[7] * place.y + m[8]);
        Point::new(
            (m[0] * place.x + m[1] * place.y + m[2]) * over,
            (m[3] * place.x + m[4] * place.y + m[5]) * over,
        )
    }

    /// The corners of the square with `side`.
    pub(super) fn corners(&self, side: f32) -> [Point; 4] {
        [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)]
            .map(|(x, y)| self.map(Point::new(x, y)))
    }

    /// Whether nothing of the square with `side` lies behind the eye.
    pub(super) fn is_in_front(&self, side: f32) -> bool {
        let m = &self.0;
        [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)]
            .iter()
            .all(|(x, y)| m[6] * x + m[7] * y + m[8] > 0.05)
    }
}

/// Eight equations in eight unknowns, by elimination with pivots.
fn solve(mut rows: [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for at in 0..8 {
        let pivot = (at..8).max_by(|&a, &b| rows[a][at].abs().total_cmp(&rows[b][at].abs()))?;
        if rows[pivot][at].abs() < 1e-12 {
            return None;
        }
        rows.swap(at, pivot);
        let lead = rows[at];
        for (below, row) in rows.iter_mut().enumerate() {
            let factor = row[at] / lead[at];
            if below != at && factor != 0.0 {
                for (cell, lead) in row.iter_mut().zip(lead).skip(at) {
                    *cell -= factor * lead;
                }
            }
        }
    }
    Some(std::array::from_fn(|i| rows[i][8] / rows[i][i]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quad() -> impl Strategy<Value = [Point; 4]> {
        let near = |x: f32, y: f32| {
            (-80.0_f32..80.0, -80.0_f32..80.0).prop_map(move |(dx, dy)| Point::new(x + dx, y + dy))
        };
        (near(400.0, 200.0), near(800.0, 200.0), near(800.0, 600.0), near(400.0, 600.0))
            .prop_map(|(a, b, c, d)| [a, b, c, d])
    }

    proptest! {
        #[test]
        fn a_square_maps_to_its_corners_and_a_fit_finds_the_map_again(quad in quad(), side in 21.0_f32..177.0) {
            let map = Homography::of_square(side, &quad).unwrap();
            for (got, wanted) in map.corners(side).iter().zip(quad) {
                prop_assert!(got.distance(wanted) < 0.05, "{got:?} {wanted:?}");
            }
            let places = [(3.5, 3.5), (side - 3.5, 3.5), (3.5, side - 3.5), (side - 7.0, side - 6.0), (9.0, 8.0)];
            let pairs = places.map(|(x, y)| (Point::new(x, y), map.map(Point::new(x, y))));
            let fit = Homography::fitted(&pairs).unwrap();
            for (got, wanted) in fit.corners(side).iter().zip(quad) {
                prop_assert!(got.distance(wanted) < 1.0, "{got:?} {wanted:?}");
            }
            let middle = map.map(Point::new(side / 2.0, side / 2.0));
            prop_assert!(inside(&quad, middle));
            prop_assert!(!inside(&quad, Point::new(-10.0, 300.0)));
        }
    }

    #[test]
    fn what_has_no_map_or_crossing_is_none() {
        let line = [0.0, 1.0, 2.0, 3.0].map(|n| Point::new(n, n));
        assert!(Homography::of_square(21.0, &line).is_none());
        assert!(Homography::fitted(&line.map(|p| (p, p))).is_none());
        let (a, u) = (Point::new(0.0, 0.0), Point::new(1.0, 0.0));
        assert_eq!(crossing(a, u, Point::new(5.0, 5.0), u), None);
        assert_eq!(
            crossing(a, u, Point::new(5.0, 5.0), Point::new(0.0, 2.0)),
            Some(Point::new(5.0, 0.0))
        );
    }
}
