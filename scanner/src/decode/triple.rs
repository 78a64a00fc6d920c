//! Three finder patterns that may belong to one symbol, the likeliest first.

use super::geometry::Point;
use super::ring::Finder;

/// Three patterns by their place in the list: top left, top right, bottom left of the symbol or its mirror image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Triple {
    pub(super) corner: usize,
    pub(super) right: usize,
    pub(super) below: usize,
    /// How far from a square of equal patterns; zero is perfect.
    pub(super) oddness: f32,
}

/// What triples of a wall of patterns may cost: the comparison of so many pairs.
const TRIPLES_MAX: usize = 400;

/// All triples that a held card may show.
pub(super) fn triples(finders: &[Finder]) -> Vec<Triple> {
    let mut found = Vec::new();
    for corner in 0..finders.len() {
        for right in 0..finders.len() {
            if right == corner || !alike(&finders[corner], &finders[right]) {
                continue;
            }
            for below in right + 1..finders.len() {
                if below == corner || !alike(&finders[corner], &finders[below]) {
                    continue;
                }
                if let Some(oddness) = oddness(&finders[corner], &finders[right], &finders[below]) {
                    found.push(oriented(finders, corner, right, below, oddness));
                }
            }
        }
    }
    found.sort_by(|a, b| a.oddness.total_cmp(&b.oddness));
    found.truncate(TRIPLES_MAX);
    found
}

/// Top right is clockwise before bottom left, as seen from the front.
fn oriented(finders: &[Finder], corner: usize, a: usize, b: usize, oddness: f32) -> Triple {
    let from = finders[corner].center;
    let clockwise = finders[a].center.minus(from).cross(finders[b].center.minus(from)) > 0.0;
    let (right, below) = if clockwise { (a, b) } else { (b, a) };
    Triple { corner, right, below, oddness }
}

fn alike(a: &Finder, b: &Finder) -> bool {
    a.ink == b.ink && a.module < 2.2 * b.module && b.module < 2.2 * a.module
}

fn oddness(corner: &Finder, a: &Finder, b: &Finder) -> Option<f32> {
    let (u, v) = (a.center.minus(corner.center), b.center.minus(corner.center));
    let (long, short) = (u.length().max(v.length()), u.length().min(v.length()));
    let module = (corner.module + a.module + b.module) / 3.0;
    // Centres are 14 modules apart in version 1 and 170 in version 40; a tilt shortens one side.
    if short < 7.0 * module || long > 210.0 * module || long > 2.4 * short {
        return None;
    }
    let sine = u.cross(v) / (u.length() * v.length());
    let cosine = u.dot(v) / (u.length() * v.length());
    if sine.abs() < 0.5 {
        return None;
    }
    let sizes = [corner.module, a.module, b.module];
    let (small, large) = sizes.iter().fold((f32::MAX, 0.0_f32), |(s, l), m| (s.min(*m), l.max(*m)));
    // The sides of the patterns must run along the sides of the symbol.
    let skew = corner.skew(u, v).max(a.skew(u, v)).max(b.skew(u, v));
    if skew > 0.45 {
        return None;
    }
    // Modules counted along both sides; they are equal but for the tilt.
    let along = |far: &Finder, way: Point, other: Point| {
        way.length() / ((span(corner, way, other) + span(far, way, other)) / 2.0)
    };
    let (across, down) = (along(a, u, v), along(b, v, u));
    let ratio = (across / down).max(down / across);
    if ratio > 1.7 || !(10.0..=200.0).contains(&((across + down) / 2.0)) {
        return None;
    }
    // What has no outline may be noise.
    let blurred = [corner, a, b].iter().filter(|finder| finder.corners.is_none()).count();
    // On a sheet full of codes the nearest patterns belong together.
    let sheet = 0.1 * ((across + down) / 28.0).log2().max(0.0);
    Some(
        sheet
            + 0.15 * blurred as f32
            + cosine.abs()
            + (large / small - 1.0) * 0.5
            + (ratio - 1.0) * 2.0
            + skew * 1.5
            + (long / short - 1.0) * 0.3,
    )
}

/// Pixels a module of a pattern along `way`, its other side along `other`.
fn span(finder: &Finder, way: Point, other: Point) -> f32 {
    let [a, b, c, d] = finder.corners_along(way, other);
    (b.minus(a).length() + c.minus(d).length()) / 14.0
}
