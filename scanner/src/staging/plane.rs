//! The picture plane of a staged frame: clutter, symbols in perspective, blur, light and noise.

use super::{Light, QUIET_MODULES, View};

/// Distance of the eye in sides of the symbol: sets how strongly a tilt shows.
const EYE_DISTANCE: f32 = 2.5;
/// Steep tilts would put parts of the card behind the eye.
const TILT_MAX: f32 = 0.9;

/// A seeded source of chance (SplitMix64): fast, and the same on every machine and in every version.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        let part = (self.roll() >> 40) as f32 / (1_u64 << 24) as f32;
        low + (high - low) * part
    }
}

/// A card in the frame: the way from a pixel back to a place on the card, and the box that holds it.
pub(super) struct Quad {
    modules: usize,
    /// Row-major 3x3: pixel to module.
    back: [f32; 9],
    left: f32,
    right: f32,
    top: f32,
    bottom: f32,
}

impl Quad {
    /// A card of `modules` a side, its quiet zone included, held as the view says.
    pub(super) fn held(view: &View, modules: usize) -> Option<Self> {
        let symbol_modules = modules.checked_sub(2 * QUIET_MODULES)? as f32;
        let scale = view.side / symbol_modules;
        let numbers =
            [view.center.0, view.center.1, view.side, view.turn_deg, view.tilt.0, view.tilt.1];
        if numbers.iter().any(|n| !n.is_finite()) || !(8.0..=8192.0).contains(&view.side) {
            return None;
        }
        let tilt = (view.tilt.0.clamp(-TILT_MAX, TILT_MAX), view.tilt.1.clamp(-TILT_MAX, TILT_MAX));
        let (sin, cos) = view.turn_deg.to_radians().sin_cos();
        let (squeeze_x, squeeze_y) =
            ((1.0 - tilt.0 * tilt.0).sqrt(), (1.0 - tilt.1 * tilt.1).sqrt());
        let depth = EYE_DISTANCE * view.side;
        // Card (from its centre, in modules) → pixels: scale, turn, squeeze, then divide by depth.
        let half = modules as f32 / 2.0;
        let a = [scale * cos * squeeze_x, -scale * sin * squeeze_x];
        let b = [scale * sin * squeeze_y, scale * cos * squeeze_y];
        let w = [
            (scale * cos * tilt.0 + scale * sin * tilt.1) / depth,
            (-scale * sin * tilt.0 + scale * cos * tilt.1) / depth,
        ];
        let (cx, cy) = view.center;
        let row = |axis: [f32; 2], c: f32| {
            let (x, y) = (axis[0] + c * w[0], axis[1] + c * w[1]);
            [x, y, c - half * (x + y)]
        };
        let (rx, ry) = (row(a, cx), row(b, cy));
        let rw = [w[0], w[1], 1.0 - half * (w[0] + w[1])];
        let forth = [rx[0], rx[1], rx[2], ry[0], ry[1], ry[2], rw[0], rw[1], rw[2]];
        let side = modules as f32;
        let corners = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)].map(|p| map(&forth, p));
        let bound = |pick: fn(&(f32, f32)) -> f32, fold: fn(f32, f32) -> f32| {
            corners.iter().map(pick).reduce(fold)
        };
        Some(Self {
            modules,
            back: inverse(&forth)?,
            left: bound(|p| p.0, f32::min)?,
            right: bound(|p| p.0, f32::max)?,
            top: bound(|p| p.1, f32::min)?,
            bottom: bound(|p| p.1, f32::max)?,
        })
    }
}

fn map(m: &[f32; 9], (x, y): (f32, f32)) -> (f32, f32) {
    let w = m[6] * x + m[7] * y + m[8];
    ((m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w)
}

fn inverse(m: &[f32; 9]) -> Option<[f32; 9]> {
    let m = m.map(f64::from);
    let minor = |a: usize, b: usize, c: usize, d: usize| m[a] * m[d] - m[b] * m[c];
    let adjugate = [
        minor(4, 5, 7, 8),
        -minor(1, 2, 7, 8),
        minor(1, 2, 4, 5),
        -minor(3, 5, 6, 8),
        minor(0, 2, 6, 8),
        -minor(0, 2, 3, 5),
        minor(3, 4, 6, 7),
        -minor(0, 1, 6, 7),
        minor(0, 1, 3, 4),
    ];
    let determinant = m[0] * adjugate[0] + m[1] * adjugate[3] + m[2] * adjugate[6];
    let usable = determinant.is_finite() && determinant.abs() > 1e-9;
    usable.then(|| adjugate.map(|n| (n / determinant) as f32))
}

/// A grey picture in the making.
pub(super) struct Plane {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Plane {
    /// A room with things in it: rectangles of any grey, stripes among them.
    pub(super) fn cluttered(width: usize, height: usize, dice: &mut Dice) -> Self {
        let wall = dice.between(90.0, 170.0) as u8;
        let mut plane = Self { width, height, pixels: vec![wall; width * height] };
        for _ in 0..12 {
            let left = dice.between(0.0, width as f32) as usize;
            let top = dice.between(0.0, height as f32) as usize;
            let right = (left + dice.between(8.0, 260.0) as usize).min(width);
            let bottom = (top + dice.between(8.0, 200.0) as usize).min(height);
            let grey = dice.between(50.0, 210.0) as u8;
            let stripe = if dice.roll().is_multiple_of(4) { 7 } else { usize::MAX };
            for y in (top..bottom).filter(|y| (y / stripe.min(height)).is_multiple_of(2)) {
                plane.pixels[y * width + left..y * width + right].fill(grey);
            }
        }
        plane
    }

    /// Draws a card, each pixel between the four modules that surround its place.
    pub(super) fn place(&mut self, quad: &Quad, cells: &[f32], light: Light) {
        let clip = |low: f32, high: f32, side: usize| {
            let from = low.floor().clamp(0.0, side as f32) as usize;
            from..high.ceil().clamp(0.0, side as f32) as usize
        };
        let back = &quad.back;
        for y in clip(quad.top, quad.bottom, self.height) {
            let py = y as f32 + 0.5;
            for x in clip(quad.left, quad.right, self.width) {
                let px = x as f32 + 0.5;
                let over = 1.0 / (back[6] * px + back[7] * py + back[8]);
                let u = (back[0] * px + back[1] * py + back[2]) * over;
                let v = (back[3] * px + back[4] * py + back[5]) * over;
                if let Some(dark) = darkness(cells, quad.modules, u, v) {
                    let grey = light.paper + (light.ink - light.paper) * dark;
                    self.pixels[y * self.width + x] = grey as u8;
                }
            }
        }
    }

    /// One round of a 1-2-1 filter, across and down.
    pub(super) fn blur(&mut self) {
        let width = self.width;
        let mean =
            |a: u8, b: u8, c: u8| ((u16::from(a) + 2 * u16::from(b) + u16::from(c) + 2) / 4) as u8;
        for row in self.pixels.chunks_exact_mut(width) {
            let mut before = row[0];
            for x in 1..width - 1 {
                let here = row[x];
                row[x] = mean(before, here, row[x + 1]);
                before = here;
            }
        }
        let mut above = self.pixels[..width].to_vec();
        for y in 1..self.height - 1 {
            let (row, below) = self.pixels[y * width..(y + 2) * width].split_at_mut(width);
            for ((here, above), below) in row.iter_mut().zip(&mut above).zip(below) {
                let sharp = *here;
                *here = mean(*above, sharp, *below);
                *above = sharp;
            }
        }
    }

    /// The light's fall-off from left to right and the sensor's noise, then the finished pixels.
    pub(super) fn developed(mut self, light: Light, dice: &mut Dice) -> Vec<u8> {
        let width = self.width;
        let slope = light.fall_off.clamp(0.0, 1.0) / width as f32;
        // In 256ths, so that the loop over all pixels stays in whole numbers.
        let gains: Vec<i32> =
            (0..width).map(|x| (256.0 * (1.0 - slope * x as f32)) as i32).collect();
        let noise = i32::from(light.noise.min(127));
        for row in self.pixels.chunks_exact_mut(width) {
            for (pixels, gains) in row.chunks_mut(8).zip(gains.chunks(8)) {
                let chance = dice.roll().to_le_bytes();
                for ((pixel, gain), chance) in pixels.iter_mut().zip(gains).zip(chance) {
                    let swing = (i32::from(chance) - 128) * noise / 128;
                    *pixel = (((i32::from(*pixel) * gain) >> 8) + swing).clamp(0, 255) as u8;
                }
            }
        }
        self.pixels
    }
}

/// How dark the card is at (`u`, `v`), in modules from its corner; none outside of it.
fn darkness(cells: &[f32], modules: usize, u: f32, v: f32) -> Option<f32> {
    let inside = 0.0..modules as f32;
    if !inside.contains(&u) || !inside.contains(&v) {
        return None;
    }
    let last = modules - 1;
    let (x, part_x) = between(u);
    let (y, part_y) = between(v);
    let (x1, y1) = ((x + 1).min(last), (y + 1).min(last));
    let at = |x: usize, y: usize| cells[y * modules + x];
    let upper = at(x, y) + (at(x1, y) - at(x, y)) * part_x;
    let lower = at(x, y1) + (at(x1, y1) - at(x, y1)) * part_x;
    Some(upper + (lower - upper) * part_y)
}

/// The module before a place and how far it is on to the next, steepened: an edge is a third of a module wide.
fn between(place: f32) -> (usize, f32) {
    let from_center = (place - 0.5).max(0.0);
    let whole = from_center as usize;
    let part = ((from_center - whole as f32 - 0.5) * 3.0 + 0.5).clamp(0.0, 1.0);
    (whole, part)
}
