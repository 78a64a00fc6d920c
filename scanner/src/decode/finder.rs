//! Finder patterns: runs of 1:1:3:1:1 in rows, confirmed in columns and rows again (ISO/IEC 18004:2015, 6.3.3).

use super::geometry::Point;
use super::threshold::Binary;

/// Most look-alikes kept of one picture; a wall of them must not cost more.
const CANDIDATES_MAX: usize = 256;

/// Whether a symbol is dark on light, as in print, or light on dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Dark,
    Light,
}

/// What looks like a finder pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) center: Point,
    /// Pixels a module, mean of across and down.
    pub(super) module: f32,
    pub(super) ink: Ink,
    /// Rows in which it was seen.
    pub(super) rows: u32,
}

/// Five runs of pixels, alternating.
type Runs = [u32; 5];

/// All look-alikes, those seen in most rows first; every `step`-th row is looked at.
pub(super) fn candidates(binary: &Binary, step: usize) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for y in (step / 2..binary.height).step_by(step) {
        scan_row(binary, y, &mut found);
        if found.len() >= CANDIDATES_MAX {
            break;
        }
    }
    found.sort_by_key(|candidate| std::cmp::Reverse(candidate.rows));
    found
}

fn scan_row(binary: &Binary, y: usize, found: &mut Vec<Candidate>) {
    let row = &binary.pixels[y * binary.width..][..binary.width];
    let mut runs: Runs = [0; 5];
    let mut start = 0;
    let mut dark = row[0] != 0;
    while start < row.len() {
        let end = run_end(row, start);
        runs.rotate_left(1);
        runs[4] = (end - start) as u32;
        // The run that ends here has the colour of the pattern's ring.
        if let Some(module) = proportions(&runs) {
            let ink = if dark { Ink::Dark } else { Ink::Light };
            let x = end as f32 - (runs[3] + runs[4]) as f32 - runs[2] as f32 / 2.0;
            meet(binary, found, Point::new(x, y as f32 + 0.5), module, ink);
            if found.len() >= CANDIDATES_MAX {
                return;
            }
        }
        start = end;
        dark = !dark;
    }
}

/// Where the run of equal pixels that starts at `start` ends.
#[inline]
fn run_end(row: &[u8], start: usize) -> usize {
    let color = row[start];
    let mut at = start + 1;
    let eight = u64::from_ne_bytes([color; 8]);
    while let Some(chunk) = row.get(at..at + 8) {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(chunk);
        let differ = u64::from_le_bytes(bytes) ^ eight;
        if differ != 0 {
            return at + differ.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    row[at..].iter().position(|&pixel| pixel != color).map_or(row.len(), |more| at + more)
}

/// Pixels a module, if the runs have the proportions 1:1:3:1:1.
///
/// Tolerates half a module and, for small ones, the pixel that a blurred edge may shift.
#[inline]
fn proportions(runs: &Runs) -> Option<f32> {
    let [a, b, c, d, e] = *runs;
    // Most runs of a frame fail here, cheaply.
    if c < b || c < d || a == 0 || c * 2 < a.min(e) * 3 {
        return None;
    }
    let sum = a + b + c + d + e;
    if sum < 7 {
        return None;
    }
    let module = sum as f32 / 7.0;
    let slack = module * 0.5 + 0.5;
    let near = |run: u32, wanted: f32, slack: f32| (run as f32 - wanted).abs() < slack;
    let ring = near(a, module, slack) && near(e, module, slack);
    let gap = near(b, module, slack) && near(d, module, slack);
    (ring && gap && near(c, 3.0 * module, 1.5 * slack)).then_some(module)
}

/// Confirms a look-alike of a row, and counts it with the one that it is part of.
fn meet(binary: &Binary, found: &mut Vec<Candidate>, at: Point, module: f32, ink: Ink) {
    let known = found.iter_mut().find(|known| {
        known.ink == ink
            && (known.center.x - at.x).abs() < known.module
            && (known.center.y - at.y).abs() < 2.0 * known.module
            && module < 1.7 * known.module
            && known.module < 1.7 * module
    });
    if let Some(known) = known {
        known.rows += 1;
        return;
    }
    let Some((center, module)) = confirmed(binary, at, module, ink) else { return };
    let same = found.iter_mut().find(|known| {
        known.ink == ink
            && known.center.distance(center) < 1.5 * known.module
            && module < 1.5 * known.module
            && known.module < 1.5 * module
    });
    match same {
        Some(known) => known.rows += 1,
        None => found.push(Candidate { center, module, ink, rows: 1 }),
    }
}

/// The centre and module size, if the column through it and then the row through that agree.
fn confirmed(binary: &Binary, at: Point, module: f32, ink: Ink) -> Option<(Point, f32)> {
    let (y, down) = cross(binary, at, (0, 1), module, ink)?;
    let at = Point::new(at.x, y);
    let (x, across) = cross(binary, at, (1, 0), down, ink)?;
    let center = Point::new(x, y);
    // A slanted line has the proportions in its row and its column, but not on a diagonal as well.
    let aslant = |turn| cross(binary, center, (1, turn), across, ink).is_some();
    (aslant(1) || aslant(-1)).then_some((center, (across + down) / 2.0))
}

/// The runs through `at` along `way`: the middle of the core on that way, and pixels a module.
fn cross(binary: &Binary, at: Point, way: (i32, i32), module: f32, ink: Ink) -> Option<(f32, f32)> {
    let (x, y) = (at.x as i32, at.y as i32);
    let longest = (module * 5.0 + 4.0) as u32;
    let of_ink = |step: i32| {
        let (x, y) = (x + way.0 * step, y + way.1 * step);
        let within =
            (0..binary.width as i32).contains(&x) && (0..binary.height as i32).contains(&y);
        within.then(|| binary.is_dark(x as usize, y as usize) == (ink == Ink::Dark))
    };
    let walk = |sign: i32| {
        let mut runs = [0_u32; 3];
        let mut step = i32::from(sign > 0);
        let mut part = 0;
        loop {
            match of_ink(sign * step) {
                Some(inked) if inked == (part != 1) => runs[part] += 1,
                Some(_) if part < 2 && runs[part] > 0 => {
                    part += 1;
                    runs[part] = 1;
                }
                _ => break,
            }
            if runs[part] > longest {
                return None;
            }
            step += 1;
        }
        (part == 2).then_some(runs)
    };
    let (back, forth) = (walk(-1)?, walk(1)?);
    let runs = [back[2], back[1], back[0] + forth[0], forth[1], forth[2]];
    let size = proportions(&runs)?;
    // A steep tilt makes modules narrow; along a diagonal only the proportions count.
    let alike = way.0 * way.1 != 0 || (size < 2.8 * module && module < 2.8 * size);
    let start = if way.0 == 0 { y } else { x };
    let middle = start as f32 + 1.0 + (forth[0] as f32 - back[0] as f32) / 2.0;
    alike.then_some((middle, size))
}
