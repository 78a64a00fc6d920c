//! The outline of a finder pattern, to parts of a pixel: rays from its centre to the ring's outer edge.

use super::finder::{Candidate, Ink};
use super::geometry::{Point, crossing};
use super::grey::Grey;

/// Rays from the centre.
const RAYS: usize = 48;
/// Fewest rays that must see the ring's edge.
const SEEN_MIN: usize = 26;
/// Length of a step along a ray, in pixels, for modules of up to four pixels; larger ones take longer steps.
const STEP: f32 = 0.5;

/// A finder pattern with its outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Finder {
    pub(super) center: Point,
    /// Pixels a module, mean over the outline.
    pub(super) module: f32,
    pub(super) ink: Ink,
    /// The corners of its seven modules, clockwise on the screen from any of them; none if they were not seen well.
    pub(super) corners: Option<[Point; 4]>,
    /// How much smaller the picture was in which it was found.
    pub(super) scale: f32,
}

impl Finder {
    /// Looks at a candidate once more, in grey.
    pub(super) fn seen(grey: &Grey<'_>, candidate: &Candidate, scale: f32) -> Self {
        let outline = outline(grey, candidate);
        let corners = outline.and_then(|edge| quadrangle(candidate.center, &edge));
        let whole = Self {
            center: candidate.center,
            module: candidate.module,
            ink: candidate.ink,
            corners: None,
            scale,
        };
        let Some(corners) = corners else { return whole };
        let Some(center) = crossing(
            corners[0],
            corners[2].minus(corners[0]),
            corners[1],
            corners[3].minus(corners[1]),
        ) else {
            return whole;
        };
        let side = (0..4).map(|i| corners[i].distance(corners[(i + 1) % 4])).sum::<f32>() / 4.0;
        let module = side / 7.0;
        let plausible = center.distance(candidate.center) < 1.5 * module
            && (0.5..2.0).contains(&(module / candidate.module));
        if plausible { Self { center, module, corners: Some(corners), ..whole } } else { whole }
    }

    /// The corners in the order of the directions `-u-v, u-v, u+v, -u+v`; estimated where they were not seen.
    pub(super) fn corners_along(&self, u: Point, v: Point) -> [Point; 4] {
        let (u, v) = (u.unit(), v.unit());
        let wanted = [u.plus(v).times(-1.0), u.minus(v), u.plus(v), v.minus(u)];
        let Some(mut corners) = self.corners else {
            // Rows and columns cross a turned pattern aslant, and see it larger.
            let straight = u.x.abs().max(u.y.abs());
            return wanted.map(|way| self.center.plus(way.times(3.5 * self.module * straight)));
        };
        if u.cross(v) < 0.0 {
            corners.reverse();
        }
        let fit = |turn: usize| -> f32 {
            (0..4).map(|i| corners[(i + turn) % 4].minus(self.center).dot(wanted[i])).sum()
        };
        let turn = (0..4).max_by(|&a, &b| fit(a).total_cmp(&fit(b))).unwrap_or(0);
        std::array::from_fn(|i| corners[(i + turn) % 4])
    }

    /// How far the outline's sides are from the directions `u` and `v`, as a sine; nothing if it was not seen.
    pub(super) fn skew(&self, u: Point, v: Point) -> f32 {
        if self.corners.is_none() {
            return 0.1;
        }
        let [a, b, c, d] = self.corners_along(u, v);
        let across = b.minus(a).plus(c.minus(d)).unit();
        let down = d.minus(a).plus(c.minus(b)).unit();
        across.cross(u.unit()).abs().max(down.cross(v.unit()).abs())
    }
}

/// Places on the ring's outer edge, by ray.
fn outline(grey: &Grey<'_>, candidate: &Candidate) -> Option<Vec<Point>> {
    let module = candidate.module;
    let sign = if candidate.ink == Ink::Dark { 1.0 } else { -1.0 };
    let step = (module / 8.0).max(STEP);
    let steps = ((module * 7.5 / step) as usize).min(120);
    let mut profile = Vec::with_capacity(steps);
    let mut edge = Vec::with_capacity(RAYS);
    for ray in 0..RAYS {
        let (sin, cos) = (ray as f32 * std::f32::consts::TAU / RAYS as f32).sin_cos();
        let way = Point::new(cos, sin);
        profile.clear();
        profile.extend(
            (0..steps).map(|i| sign * grey.at(candidate.center.plus(way.times(i as f32 * step)))),
        );
        if let Some(reach) = ring_edge(&profile, module / step) {
            edge.push(candidate.center.plus(way.times(reach * step)));
        }
    }
    (edge.len() >= SEEN_MIN).then_some(edge)
}

/// Where a profile from the core outwards leaves the ring, in steps: dark, light, dark, light, halfway between.
///
/// `module` is what rows and columns said, in steps: right along them, up to 1.42 times too large across.
fn ring_edge(profile: &[f32], module: f32) -> Option<f32> {
    let at = |modules: f32| ((modules * module) as usize).min(profile.len());
    let near = &profile[..at(2.6)];
    let (low, high) = near.iter().fold((f32::MAX, f32::MIN), |(l, h), &g| (l.min(g), h.max(g)));
    // A turn of less than this is noise.
    let turn = (0.22 * (high - low)).max(5.0);
    if high - low < 12.0 {
        return None;
    }
    // Core, gap, ring, paper: each extreme ends where the profile has turned.
    let mut extremes = [0_usize; 4];
    let start = at(0.4);
    let (mut part, mut from) = (0, start);
    for at in start..profile.len() {
        let sign = if part % 2 == 0 { 1.0 } else { -1.0 };
        let beyond = sign * (profile[at] - profile[from]);
        if beyond <= 0.0 {
            from = at;
        } else if beyond > turn {
            extremes[part] = from;
            part += 1;
            from = at;
            if part == 4 {
                break;
            }
        }
    }
    if part == 3 {
        extremes[3] = from;
    } else if part < 3 {
        return None;
    }
    let [core, gap, ring, paper] = extremes;
    let edge = |from: usize, to: usize, level: f32| {
        let crosses = |i: &usize| (profile[*i] - level) * (profile[*i + 1] - level) <= 0.0;
        let i = (from..to).find(crosses)?;
        Some(
            i as f32
                + (level - profile[i])
                    / (profile[i + 1] - profile[i]).max(1e-3).copysign(profile[i + 1] - profile[i]),
        )
    };
    let half = |a: usize, b: usize| (profile[a] + profile[b]) / 2.0;
    let inner = edge(core, gap, half(core, gap))?;
    // The paper may go on to get lighter; the gap says how light paper is.
    let light = profile[paper].min(profile[gap] + turn);
    let outer = edge(ring, paper, (profile[ring] + light) / 2.0)?;
    // 1.5 to 3.5 modules.
    (1.5..3.6).contains(&(outer / inner)).then_some(outer)
}

/// The four lines that hold the edge, by their crossings.
fn quadrangle(center: Point, edge: &[Point]) -> Option<[Point; 4]> {
    // The corners are farthest out; twelve rays a side, so that the mean of four turns is smooth enough to start.
    let far =
        edge.iter().copied().max_by(|a, b| a.distance(center).total_cmp(&b.distance(center)))?;
    let opposite =
        edge.iter().copied().max_by(|a, b| a.distance(far).total_cmp(&b.distance(far)))?;
    let axis = opposite.minus(far);
    let side = |p: &Point| axis.cross(p.minus(far));
    let right = edge.iter().copied().max_by(|a, b| side(a).total_cmp(&side(b)))?;
    let left = edge.iter().copied().min_by(|a, b| side(a).total_cmp(&side(b)))?;
    let mut corners = [far, left, opposite, right];
    // Clockwise on the screen.
    if corners[1].minus(corners[0]).cross(corners[2].minus(corners[0])) < 0.0 {
        corners.swap(1, 3);
    }
    for _ in 0..3 {
        let mut lines = [(Point::default(), Point::default()); 4];
        for (i, line) in lines.iter_mut().enumerate() {
            *line = side_line(edge, corners[i], corners[(i + 1) % 4])?;
        }
        for i in 0..4 {
            let (before, after) = (lines[(i + 3) % 4], lines[i]);
            corners[i] = crossing(before.0, before.1, after.0, after.1)?;
        }
    }
    let convex = (0..4).all(|i| {
        let (a, b, c) = (corners[i], corners[(i + 1) % 4], corners[(i + 2) % 4]);
        let (u, v) = (b.minus(a), c.minus(b));
        u.cross(v) > 0.25 * u.length() * v.length()
    });
    convex.then_some(corners)
}

/// A place on and the direction of the line through the edge between two corners, without the rounded ends.
fn side_line(edge: &[Point], from: Point, to: Point) -> Option<(Point, Point)> {
    let along = to.minus(from);
    let length = along.length();
    let unit = along.unit();
    let near = |p: &&Point| {
        let off = p.minus(from);
        let part = off.dot(unit) / length;
        (0.12..0.88).contains(&part) && (off.cross(unit)).abs() < 0.14 * length
    };
    let on: Vec<Point> = edge.iter().filter(near).copied().collect();
    if on.len() < 3 {
        return None;
    }
    let mut weights = vec![1.0_f32; on.len()];
    let mut line = (from, unit);
    for _ in 0..2 {
        line = regression(&on, &weights);
        for (weight, p) in weights.iter_mut().zip(&on) {
            let off = p.minus(line.0).cross(line.1) / (0.03 * length).max(0.25);
            *weight = 1.0 / (1.0 + off * off);
        }
    }
    Some(regression(&on, &weights)).filter(|fit| fit.1.dot(line.1).abs() > 0.9)
}

/// The weighted line of least squared distances.
fn regression(places: &[Point], weights: &[f32]) -> (Point, Point) {
    let total: f32 = weights.iter().sum();
    let mid = places
        .iter()
        .zip(weights)
        .fold(Point::default(), |sum, (p, w)| sum.plus(p.times(*w)))
        .times(1.0 / total);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (place, weight) in places.iter().zip(weights) {
        let off = place.minus(mid);
        xx += weight * off.x * off.x;
        xy += weight * off.x * off.y;
        yy += weight * off.y * off.y;
    }
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    (mid, Point::new(angle.cos(), angle.sin()))
}
