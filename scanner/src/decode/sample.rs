//! The modules of a placed symbol from its greys: sampled, sharpened, compared with what is dark and light nearby.

use super::finder::Ink;
use super::geometry::Point;
use super::grey::Grey;
use super::place::Placed;
use super::symbol::Modules;
use crate::meter::{Spent, Work};

/// How greys become dark and light.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Contrast {
    /// Two planes through the dark and the light modules: even light, or light that falls off evenly.
    Planes,
    /// The mean of the modules around: shadows, glare, stains.
    Nearby,
}

/// The grey of each module of a symbol, row by row, turned so that ink is low.
#[derive(Clone, Debug)]
pub(super) struct Greys {
    side: usize,
    greys: Vec<f32>,
}

impl Greys {
    /// Looks at each module in one to nine places around its centre, as its size allows.
    pub(super) fn of(grey: &Grey<'_>, placed: &Placed, work: &Work) -> Result<Self, Spent> {
        let side = placed.warp.side;
        let module = placed.warp.module();
        let offsets: &[(f32, f32)] = if module < 2.5 {
            &[(0.0, 0.0)]
        } else if module < 4.0 {
            &[(0.0, 0.0), (0.18, 0.18), (-0.18, 0.18), (0.18, -0.18), (-0.18, -0.18)]
        } else {
            &[
                (0.0, 0.0), (0.25, 0.0), (-0.25, 0.0), (0.0, 0.25), (0.0, -0.25),
                (0.22, 0.22), (-0.22, 0.22), (0.22, -0.22), (-0.22, -0.22),
            ]
        };
        let sign = if placed.ink == Ink::Dark { 1.0 } else { -1.0 };
        let mut greys = Vec::with_capacity(side * side);
        for y in 0..side {
            work.spend((side * (20 + 6 * offsets.len())) as u64)?;
            for x in 0..side {
                let place = Point::new(x as f32 + 0.5, y as f32 + 0.5);
                let center = placed.warp.map(place);
                let sum: f32 = if offsets.len() == 1 {
                    grey.at(center)
                } else {
                    let right = placed.warp.map(Point::new(place.x + 1.0, place.y)).minus(center);
                    let below = placed.warp.map(Point::new(place.x, place.y + 1.0)).minus(center);
                    let at = |&(dx, dy): &(f32, f32)| {
                        grey.at(center.plus(right.times(dx)).plus(below.times(dy)))
                    };
                    offsets.iter().map(at).sum()
                };
                greys.push(sign * sum / offsets.len() as f32);
            }
        }
        Ok(Self { side, greys })
    }

    /// Takes from each module a share of what its four neighbours lent it through blur.
    pub(super) fn sharpened(&self, strength: f32) -> Self {
        let side = self.side;
        let last = side - 1;
        let at = |x: usize, y: usize| self.greys[y * side + x];
        let greys = (0..side * side).map(|i| {
            let (x, y) = (i % side, i / side);
            let around = at(x.saturating_sub(1), y)
                + at((x + 1).min(last), y)
                + at(x, y.saturating_sub(1))
                + at(x, (y + 1).min(last));
            at(x, y) + strength * (at(x, y) - around / 4.0)
        });
        Self { side, greys: greys.collect() }
    }

    /// Dark and light, with the sureness of each.
    pub(super) fn judged(&self, placed: &Placed, contrast: Contrast) -> Option<Modules> {
        let (middle, half) = match contrast {
            Contrast::Planes => self.planes(),
            Contrast::Nearby => self.nearby(),
        };
        let darkness = self
            .greys
            .iter()
            .zip(middle)
            .map(|(grey, middle)| ((middle - grey) / half).clamp(-1.5, 1.5));
        Modules::new(placed.version, darkness.collect())
    }

    /// The middle between a plane through the dark modules and one through the light ones, for each module.
    fn planes(&self) -> (Vec<f32>, f32) {
        let mean = self.greys.iter().sum::<f32>() / self.greys.len() as f32;
        let mut middle = vec![mean; self.greys.len()];
        let mut half = 1.0_f32;
        for _ in 0..4 {
            let dark = self.plane(&middle, true);
            let light = self.plane(&middle, false);
            let value = |plane: &[f32; 3], at: usize| {
                plane[0] + plane[1] * (at % self.side) as f32 + plane[2] * (at / self.side) as f32
            };
            let mut apart = 0.0;
            for (at, middle) in middle.iter_mut().enumerate() {
                let (dark, light) = (value(&dark, at), value(&light, at));
                *middle = (dark + light) / 2.0;
                apart += light - dark;
            }
            half = (apart / (2.0 * self.greys.len() as f32)).max(1.0);
        }
        (middle, half)
    }

    /// The plane of least squares through the modules on one side of `middle`.
    fn plane(&self, middle: &[f32], dark: bool) -> [f32; 3] {
        let mut n = 0.0_f64;
        let (mut sx, mut sy, mut sg) = (0.0_f64, 0.0_f64, 0.0_f64);
        let chosen = || {
            self.greys.iter().zip(middle).enumerate().filter_map(|(at, (grey, middle))| {
                ((*grey <= *middle) == dark)
                    .then_some(((at % self.side) as f64, (at / self.side) as f64, f64::from(*grey)))
            })
        };
        for (x, y, g) in chosen() {
            n += 1.0;
            sx += x;
            sy += y;
            sg += g;
        }
        if n < 3.0 {
            return [middle.first().copied().unwrap_or_default(), 0.0, 0.0];
        }
        let (mx, my, mg) = (sx / n, sy / n, sg / n);
        let (mut xx, mut xy, mut yy, mut xg, mut yg) = (1e-3_f64, 0.0_f64, 1e-3_f64, 0.0_f64, 0.0_f64);
        for (x, y, g) in chosen() {
            let (x, y, g) = (x - mx, y - my, g - mg);
            xx += x * x;
            xy += x * y;
            yy += y * y;
            xg += x * g;
            yg += y * g;
        }
        let determinant = xx * yy - xy * xy;
        let a = (xg * yy - yg * xy) / determinant;
        let b = (yg * xx - xg * xy) / determinant;
        [(mg - a * mx - b * my) as f32, a as f32, b as f32]
    }

    /// The mean of the modules within four of each, pulled to the middle of their range.
    fn nearby(&self) -> (Vec<f32>, f32) {
        const REACH: usize = 4;
        let (side, stride) = (self.side, self.side + 1);
        let mut sums = vec![0.0_f64; stride * stride];
        for y in 0..side {
            let mut row = 0.0;
            for x in 0..side {
                row += f64::from(self.greys[y * side + x]);
                sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
            }
        }
        let span = |at: usize| (at.saturating_sub(REACH), (at + REACH + 1).min(side));
        let middle: Vec<f32> = (0..side * side)
            .map(|at| {
                let ((left, right), (top, bottom)) = (span(at % side), span(at / side));
                let sum = sums[bottom * stride + right] + sums[top * stride + left]
                    - sums[top * stride + right]
                    - sums[bottom * stride + left];
                (sum / ((right - left) * (bottom - top)) as f64) as f32
            })
            .collect();
        let apart: f32 = self.greys.iter().zip(&middle).map(|(g, m)| (g - m).abs()).sum();
        (middle, (apart / self.greys.len() as f32).max(1.0))
    }
}
