//! The third finder pattern, where only two were seen: looked for in grey where it would have to be.

use super::finder::Ink;
use super::geometry::Point;
use super::grey::Grey;
use super::ring::Finder;
use crate::meter::{Spent, Work};

/// Modules around the expected place that are searched.
const REACH: f32 = 5.0;
/// Least contrast, as a share of the known patterns', of a hidden or damaged one.
const SHARE_MIN: f32 = 0.3;
/// Most pairs that are completed.
const PAIRS_MAX: usize = 6;

/// Third patterns for pairs with a good outline, each with the pair: corner, right and below in that order.
pub(super) fn completions(
    grey: &Grey<'_>,
    finders: &[Finder],
    work: &Work,
) -> Result<Vec<[Finder; 3]>, Spent> {
    let mut found = Vec::new();
    let mut pairs = 0;
    for (i, first) in finders.iter().enumerate() {
        for second in &finders[i + 1..] {
            let alike = first.ink == second.ink
                && (0.7..1.4).contains(&(first.module / second.module))
                && first.corners.is_some()
                && second.corners.is_some();
            let apart = first.center.distance(second.center) / first.module;
            if !alike || !(10.0..=200.0).contains(&apart) {
                continue;
            }
            pairs += 1;
            if pairs > PAIRS_MAX {
                return Ok(found);
            }
            found.extend(completed(grey, first, second, work)?);
        }
    }
    Ok(found)
}

/// The third patterns that are seen for one pair: beside either of them, or opposite the middle between both.
fn completed(
    grey: &Grey<'_>,
    first: &Finder,
    second: &Finder,
    work: &Work,
) -> Result<Vec<[Finder; 3]>, Spent> {
    let along = second.center.minus(first.center);
    let across = Point::new(-along.y, along.x);
    let (side_a, side_b) = (sides(first, along), sides(second, along));
    let mean = |i: usize| side_a[i].plus(side_b[i]).times(0.5);
    let mut found = Vec::new();
    // The outlines run along the line between the patterns, or at half a right angle to it.
    if side_a[0].unit().cross(along.unit()).abs() < 0.25 {
        let count = along.length() / mean(0).length();
        for (corner, other, way) in [
            (first, second, 1.0),
            (first, second, -1.0),
            (second, first, 1.0),
            (second, first, -1.0),
        ] {
            let place = corner.center.plus(mean(1).times(way * count));
            if let Some(third) = hunted(grey, corner, place, [mean(0), mean(1)], work)? {
                found.push(ordered(*corner, *other, third));
            }
        }
    } else if side_a[0].unit().cross(across.unit()).abs() > 0.5 {
        let middle = first.center.plus(second.center).times(0.5);
        for way in [0.5, -0.5] {
            let place = middle.plus(across.times(way));
            if let Some(third) = hunted(grey, first, place, [mean(0), mean(1)], work)? {
                found.push(ordered(third, *first, *second));
            }
        }
    }
    Ok(found)
}

/// A module of a pattern along `way` and across it.
fn sides(finder: &Finder, way: Point) -> [Point; 2] {
    let [a, b, c, d] = finder.corners_along(way, Point::new(-way.y, way.x));
    [b.minus(a).plus(c.minus(d)).times(1.0 / 14.0), d.minus(a).plus(c.minus(b)).times(1.0 / 14.0)]
}

fn ordered(corner: Finder, a: Finder, b: Finder) -> [Finder; 3] {
    let turn = a.center.minus(corner.center).cross(b.center.minus(corner.center));
    if turn > 0.0 { [corner, a, b] } else { [corner, b, a] }
}

/// The most distinct place of a finder pattern around `place`, in the shape of `like`.
fn hunted(
    grey: &Grey<'_>,
    like: &Finder,
    place: Point,
    axes: [Point; 2],
    work: &Work,
) -> Result<Option<Finder>, Spent> {
    if !grey.holds(place, -3.0 * like.module) {
        return Ok(None);
    }
    let known = distinctness(grey, like.center, &axes, like.ink);
    let at = |dx: f32, dy: f32| place.plus(axes[0].times(dx)).plus(axes[1].times(dy));
    let mut best = ((0.0, 0.0), f32::MIN);
    let steps = (REACH / 0.7) as i32;
    for y in -steps..=steps {
        work.spend(300 * (2 * steps as u64 + 1))?;
        for x in -steps..=steps {
            let (dx, dy) = (x as f32 * 0.7, y as f32 * 0.7);
            let value = distinctness(grey, at(dx, dy), &axes, like.ink);
            if value > best.1 {
                best = ((dx, dy), value);
            }
        }
    }
    for step in [0.35, 0.17, 0.08] {
        work.spend(2_500)?;
        let (x, y) = best.0;
        for (dx, dy) in [(-step, 0.0), (step, 0.0), (0.0, -step), (0.0, step)] {
            let value = distinctness(grey, at(x + dx, y + dy), &axes, like.ink);
            if value > best.1 {
                best = ((x + dx, y + dy), value);
            }
        }
    }
    if known < 10.0 || best.1 < SHARE_MIN * known {
        return Ok(None);
    }
    let center = at(best.0.0, best.0.1);
    let shift = center.minus(like.center);
    let corners = like.corners.map(|corners| corners.map(|corner| corner.plus(shift)));
    Ok(Some(Finder { center, corners, ..*like }))
}

/// How distinct a finder pattern is at `center`: its light ring and surroundings less its dark core and ring.
fn distinctness(grey: &Grey<'_>, center: Point, axes: &[Point; 2], ink: Ink) -> f32 {
    let (mut light, mut dark) = (0.0, 0.0);
    for dy in -3_i32..=3 {
        for dx in -3_i32..=3 {
            let here =
                grey.at(center.plus(axes[0].times(dx as f32)).plus(axes[1].times(dy as f32)));
            if dx.abs().max(dy.abs()) == 2 { light += here } else { dark += here }
        }
    }
    let apart = light / 16.0 - dark / 33.0;
    if ink == Ink::Dark { apart } else { -apart }
}
