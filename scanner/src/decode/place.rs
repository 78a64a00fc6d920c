//! From three finder patterns to the place of a symbol: its version, and the map that fits its fixed patterns best.

use super::align;
use super::finder::Ink;
use super::geometry::{Homography, Point};
use super::grey::Grey;
use super::layout::Version;
use super::ring::Finder;
use super::symbol::version_from;
use super::warp::Warp;
use crate::meter::{Spent, Work};

/// Versions that are tried for one triple.
const VERSIONS_TRIED: usize = 3;

/// A symbol whose place is known.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) version: Version,
    pub(super) ink: Ink,
    pub(super) warp: Warp,
    /// How well the timing patterns alternate, -1 to 1.
    pub(super) timing: f32,
}

/// A module of a fixed pattern: where its centre is, and the sign and weight of its lightness.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) at: Point,
    pub(super) weight: f32,
}

/// Where the symbol of three finder patterns may lie, the likeliest first; none if no timing pattern alternates
/// by at least `timing_min`.
pub(super) fn placed(
    grey: &Grey<'_>,
    [corner, right, below]: &[Finder; 3],
    timing_min: f32,
    work: &Work,
) -> Result<Vec<Placed>, Spent> {
    let (u, v) = (right.center.minus(corner.center), below.center.minus(corner.center));
    let outlines = [corner, right, below].map(|finder| finder.corners_along(u, v));
    let modules = |way: Point, near: &[Point; 4], far: &[Point; 4], from: usize, to: usize| {
        way.length() / ((near[to].distance(near[from]) + far[to].distance(far[from])) / 14.0)
    };
    let across = modules(u, &outlines[0], &outlines[1], 0, 1);
    let down = modules(v, &outlines[0], &outlines[2], 0, 3);
    let guess = (across + down) / 2.0 + 7.0;
    let mut tried: Vec<Placed> = Vec::new();
    for number in 1..=40 {
        let Some(version) = Version::new(number) else { continue };
        let side = version.side();
        if !(0.78..=1.28).contains(&(side as f32 / guess)) && (side as f32 - guess).abs() > 5.0 {
            continue;
        }
        work.spend(4_000 + 60 * side as u64)?;
        let Some(flat) = Homography::fitted(&anchors(side, &outlines)) else { continue };
        if !flat.is_in_front(side as f32) {
            continue;
        }
        let warp = Warp::flat(side, flat);
        let timing = timing(grey, &warp, corner.ink);
        tried.push(Placed { version, ink: corner.ink, warp, timing });
    }
    tried.sort_by(|a, b| b.timing.total_cmp(&a.timing));
    tried.truncate(VERSIONS_TRIED);
    // What the symbol says of itself is surer than what was measured.
    let said = tried.iter().find_map(|placed| said_version(grey, placed));
    if let Some(version) = said.filter(|said| tried[0].version != *said)
        && (0.7..1.4).contains(&(version.side() as f32 / guess))
        && let Some(flat) = Homography::fitted(&anchors(version.side(), &outlines))
    {
        let warp = Warp::flat(version.side(), flat);
        // Far from the patterns the first map may be off by modules; the version says more than that.
        let timing = timing(grey, &warp, corner.ink).max(tried[0].timing);
        tried.insert(0, Placed { version, ink: corner.ink, warp, timing });
    }
    tried.retain(|placed| placed.timing >= timing_min);
    Ok(tried)
}

/// The corners of the finder patterns in modules, and in pixels.
fn anchors(side: usize, outlines: &[[Point; 4]; 3]) -> Vec<(Point, Point)> {
    let far = side as f32 - 7.0;
    let at = [(0.0, 0.0), (far, 0.0), (0.0, far)];
    let square = [(0.0, 0.0), (7.0, 0.0), (7.0, 7.0), (0.0, 7.0)];
    at.iter()
        .zip(outlines)
        .flat_map(|((x, y), outline)| {
            square
                .iter()
                .zip(outline)
                .map(move |((dx, dy), seen)| (Point::new(x + dx, y + dy), *seen))
        })
        .collect()
}

/// The version that the symbol states, from version 7 on (7.10).
fn said_version(grey: &Grey<'_>, placed: &Placed) -> Option<Version> {
    if placed.version.number() < 6 {
        return None;
    }
    let side = placed.warp.side as f32;
    let near = |x: f32, y: f32| grey.at(placed.warp.map(Point::new(x + 0.5, y + 0.5)));
    let sign = if placed.ink == Ink::Dark { 1.0 } else { -1.0 };
    let copies: [[f32; 18]; 2] = std::array::from_fn(|copy| {
        let greys: [f32; 18] = std::array::from_fn(|i| {
            let (along, across) = ((i / 3) as f32, side - 11.0 + (i % 3) as f32);
            if copy == 0 { near(across, along) } else { near(along, across) }
        });
        let (low, high) =
            greys.iter().fold((f32::MAX, f32::MIN), |(l, h), g| (l.min(*g), h.max(*g)));
        greys.map(|grey| sign * ((low + high) / 2.0 - grey))
    });
    version_from(&copies)
}

/// How well the modules between the finder patterns alternate, -1 to 1.
pub(super) fn timing(grey: &Grey<'_>, warp: &Warp, ink: Ink) -> f32 {
    let side = warp.side;
    let (mut right, mut all) = (0.0, 0.0);
    for column in [false, true] {
        let at = |i: usize| {
            let (along, across) = (i as f32 + 0.5, 6.5);
            let place = if column { Point::new(across, along) } else { Point::new(along, across) };
            grey.at(warp.map(place))
        };
        let (mut before, mut here) = (at(6), at(7));
        for i in 7..side - 7 {
            let after = at(i + 1);
            let lighter = here - (before + after) / 2.0;
            right += if i % 2 == 1 { lighter } else { -lighter };
            all += lighter.abs();
            (before, here) = (here, after);
        }
    }
    let sign = if ink == Ink::Dark { 1.0 } else { -1.0 };
    sign * right / (all + 4.0 * side as f32).max(1.0)
}

/// The modules of finder and timing patterns, and of the alignment pattern farthest from them.
pub(super) fn marks(version: Version) -> Vec<Mark> {
    let side = version.side();
    let mut marks = Vec::new();
    let mut group = |modules: Vec<(usize, usize, bool)>, importance: f32| {
        let dark = modules.iter().filter(|m| m.2).count().max(1) as f32;
        let light = modules.len() as f32 - dark;
        marks.extend(modules.iter().map(|&(x, y, is_dark)| Mark {
            at: Point::new(x as f32 + 0.5, y as f32 + 0.5),
            weight: importance * if is_dark { -1.0 / dark } else { 1.0 / light.max(1.0) },
        }));
    };
    for (left, top) in [(0, 0), (side - 7, 0), (0, side - 7)] {
        let (xs, ys) = (left.max(1) - 1..(left + 8).min(side), top.max(1) - 1..(top + 8).min(side));
        let modules = ys.flat_map(|y| xs.clone().map(move |x| (x, y))).map(|(x, y)| {
            let ring = (x as i32 - left as i32 - 3).abs().max((y as i32 - top as i32 - 3).abs());
            (x, y, ring < 2 || ring == 3)
        });
        group(modules.collect(), 1.0);
    }
    group((8..side - 8).map(|i| (i, 6, i % 2 == 0)).collect(), 1.5);
    group((8..side - 8).map(|i| (6, i, i % 2 == 0)).collect(), 1.5);
    if version.number() >= 2 {
        let center = side - 7;
        let square =
            (center - 2..=center + 2).flat_map(|y| (center - 2..=center + 2).map(move |x| (x, y)));
        let modules = square.map(|(x, y)| (x, y, x.abs_diff(center).max(y.abs_diff(center)) != 1));
        group(modules.collect(), 1.0);
    }
    marks
}

/// How much lighter the light modules of the marks are than the dark ones, in steps of grey, over all groups.
pub(super) fn contrast(grey: &Grey<'_>, marks: &[Mark], warp: &Warp, ink: Ink) -> f32 {
    let sum: f32 = marks.iter().map(|mark| mark.weight * grey.at(warp.map(mark.at))).sum();
    if ink == Ink::Dark { sum } else { -sum }
}

impl Placed {
    /// Moves the map until the fixed patterns are as distinct as they get.
    pub(super) fn refine(&mut self, grey: &Grey<'_>, bent: bool, work: &Work) -> Result<(), Spent> {
        let marks = marks(self.version);
        let cost = 12 * marks.len() as u64;
        align::pull_far_corner(grey, self, work)?;
        let module = self.warp.module();
        let side = self.warp.side as f32;
        let mut corners = self.warp.flat.corners(side);
        let mut best = contrast(grey, &marks, &self.warp, self.ink);
        let reach: &[f32] = if bent { &[1.5, 0.75, 0.4, 0.2, 0.1] } else { &[0.6, 0.3, 0.15] };
        for step in reach.iter().map(|step| step * module) {
            for _ in 0..3 {
                let before = best;
                // Four corners, then the two bulges.
                for at in 0..if bent { 6 } else { 4 } {
                    for way in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
                        work.spend(cost)?;
                        let by = Point::new(way.0, way.1).times(step);
                        let (mut moved, mut warp) = (corners, self.warp.clone());
                        if at < 4 {
                            moved[at] = moved[at].plus(by);
                            let Some(flat) = Homography::of_square(side, &moved) else { continue };
                            warp.flat = flat;
                        } else {
                            warp.bulge[at - 4] = warp.bulge[at - 4].plus(by);
                        }
                        let contrast = contrast(grey, &marks, &warp, self.ink);
                        if contrast > best {
                            (best, corners, self.warp) = (contrast, moved, warp);
                        }
                    }
                }
                if best < before * 1.002 {
                    break;
                }
            }
        }
        Ok(())
    }
}
