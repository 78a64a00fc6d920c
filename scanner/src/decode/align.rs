//! Alignment patterns: found near where the map expects them, and what their places say about the map.

use super::finder::Ink;
use super::geometry::{Homography, Point};
use super::grey::Grey;
use super::place::Placed;
use super::warp::{Mesh, Warp};
use crate::meter::{Spent, Work};

/// Least contrast of an alignment pattern, as a share of the symbol's, to be believed.
const SHARE_MIN: f32 = 0.45;

/// Dark and light of the symbol's own finder patterns, in steps of grey apart.
fn symbol_contrast(grey: &Grey<'_>, placed: &Placed) -> f32 {
    let side = placed.warp.side as f32;
    let mut apart = 0.0;
    for (x, y) in [(3.5, 3.5), (side - 3.5, 3.5), (3.5, side - 3.5)] {
        let at = |dx: f32, dy: f32| grey.at(placed.warp.map(Point::new(x + dx, y + dy)));
        let light = (at(2.0, 0.0) + at(-2.0, 0.0) + at(0.0, 2.0) + at(0.0, -2.0)) / 4.0;
        apart += light
            - (at(0.0, 0.0) + at(0.7, 0.0) + at(-0.7, 0.0) + at(0.0, 0.7) + at(0.0, -0.7)) / 5.0;
    }
    if placed.ink == Ink::Dark { apart / 3.0 } else { -apart / 3.0 }
}

/// How distinct an alignment pattern is at `center`: light ring less dark core and dark ring, in steps of grey.
fn distinctness(grey: &Grey<'_>, center: Point, axes: &[Point; 2], ink: Ink) -> f32 {
    let (mut light, mut dark) = (0.0, 0.0);
    for dy in -2_i32..=2 {
        for dx in -2_i32..=2 {
            let at = center.plus(axes[0].times(dx as f32)).plus(axes[1].times(dy as f32));
            let here = grey.at(at);
            if dx.abs().max(dy.abs()) == 1 { light += here } else { dark += here }
        }
    }
    let apart = light / 8.0 - dark / 17.0;
    if ink == Ink::Dark { apart } else { -apart }
}

/// The place within `reach` modules of `expected` where an alignment pattern is most distinct, and how distinct.
fn nearest_pattern(
    grey: &Grey<'_>,
    expected: Point,
    axes: &[Point; 2],
    ink: Ink,
    reach: f32,
    work: &Work,
) -> Result<(Point, f32), Spent> {
    let at = |dx: f32, dy: f32| expected.plus(axes[0].times(dx)).plus(axes[1].times(dy));
    let steps = (reach * 2.0).ceil() as i32;
    let mut best = ((0.0, 0.0), f32::MIN);
    for y in -steps..=steps {
        work.spend(120 * (2 * steps as u64 + 1))?;
        for x in -steps..=steps {
            let (dx, dy) = (x as f32 * 0.5, y as f32 * 0.5);
            // Of two alike, the nearer one.
            let value = distinctness(grey, at(dx, dy), axes, ink) * (1.0 - 0.03 * dx.hypot(dy));
            if value > best.1 {
                best = ((dx, dy), value);
            }
        }
    }
    for step in [0.25, 0.12, 0.06] {
        work.spend(1_000)?;
        let (x, y) = best.0;
        for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)] {
            let (dx, dy) = (x + dx as f32 * step, y + dy as f32 * step);
            let value = distinctness(grey, at(dx, dy), axes, ink);
            if value > best.1 {
                best = ((dx, dy), value);
            }
        }
    }
    Ok((at(best.0.0, best.0.1), best.1))
}

/// Looks for the alignment pattern that is farthest from the finder patterns, and draws the map there.
pub(super) fn pull_far_corner(
    grey: &Grey<'_>,
    placed: &mut Placed,
    work: &Work,
) -> Result<(), Spent> {
    if placed.version.number() < 2 {
        return Ok(());
    }
    let side = placed.warp.side as f32;
    let place = Point::new(side - 6.5, side - 6.5);
    let axes = placed.warp.axes(place);
    let least = SHARE_MIN * symbol_contrast(grey, placed);
    // Twice: near first, so that data farther away that looks alike does not win.
    for reach in [1.5, 2.0 + side * 0.06] {
        let expected = placed.warp.map(place);
        let (seen, apart) = nearest_pattern(grey, expected, &axes, placed.ink, reach, work)?;
        if apart < least.max(6.0) {
            continue;
        }
        let mut pairs: Vec<(Point, Point)> = Vec::new();
        for (x, y) in [(0.0, 0.0), (side - 7.0, 0.0), (0.0, side - 7.0)] {
            for (dx, dy) in [(0.0, 0.0), (7.0, 0.0), (7.0, 7.0), (0.0, 7.0)] {
                let corner = Point::new(x + dx, y + dy);
                pairs.push((corner, placed.warp.map(corner)));
            }
        }
        pairs.extend([(place, seen); 4]);
        if let Some(flat) = Homography::fitted(&pairs).filter(|flat| flat.is_in_front(side)) {
            placed.warp = Warp { flat, ..placed.warp.clone() };
        }
        break;
    }
    Ok(())
}

/// Bends the map through all alignment patterns that are seen.
pub(super) fn bend(grey: &Grey<'_>, placed: &mut Placed, work: &Work) -> Result<(), Spent> {
    let lines: Vec<f32> =
        placed.version.alignment_lines().iter().map(|&line| line as f32 + 0.5).collect();
    let count = lines.len();
    if placed.version.number() < 7 {
        return Ok(());
    }
    let least = (SHARE_MIN * symbol_contrast(grey, placed)).max(6.0);
    let mut seen: Vec<Option<Point>> = vec![None; count * count];
    // The flat map was fitted to the finder patterns.
    for at in [0, count - 1, count * (count - 1)] {
        seen[at] = Some(Point::default());
    }
    for row in 0..count {
        for column in 0..count {
            let at = row * count + column;
            if seen[at].is_some() {
                continue;
            }
            let mut known = Vec::with_capacity(4);
            for (dx, dy) in [(-1_i32, 0_i32), (0, -1), (-1, -1), (1, -1)] {
                let (x, y) = (column as i32 + dx, row as i32 + dy);
                if (0..count as i32).contains(&x) && y >= 0 {
                    known.extend(seen[y as usize * count + x as usize]);
                }
            }
            let shift = mean(&known);
            let place = Point::new(lines[column], lines[row]);
            let expected = placed.warp.map(place);
            let axes = placed.warp.axes(place);
            let (found, apart) =
                nearest_pattern(grey, expected.plus(shift), &axes, placed.ink, 2.0, work)?;
            if apart >= least {
                seen[at] = Some(found.minus(expected));
            }
        }
    }
    placed.warp.mesh = Some(Mesh { lines, shifts: filled(&seen, count) });
    Ok(())
}

fn mean(points: &[Point]) -> Point {
    let sum = points.iter().copied().fold(Point::default(), Point::plus);
    sum.times(1.0 / points.len().max(1) as f32)
}

/// Shifts that are not known become the mean of those around them, nearest first.
fn filled(seen: &[Option<Point>], count: usize) -> Vec<Point> {
    let mut shifts = seen.to_vec();
    for _ in 0..count {
        let before = shifts.clone();
        for at in (0..shifts.len()).filter(|&at| before[at].is_none()) {
            let (x, y) = ((at % count) as i32, (at / count) as i32);
            let around = [(-1, 0), (1, 0), (0, -1), (0, 1)].iter().filter_map(|(dx, dy)| {
                let (x, y) = (x + dx, y + dy);
                let within = (0..count as i32).contains(&x) && (0..count as i32).contains(&y);
                within.then(|| before[y as usize * count + x as usize]).flatten()
            });
            let around: Vec<Point> = around.collect();
            if !around.is_empty() {
                shifts[at] = Some(mean(&around));
            }
        }
    }
    shifts.into_iter().map(Option::unwrap_or_default).collect()
}
