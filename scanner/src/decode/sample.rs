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
                (0.0, 0.0),
                (0.25, 0.0),
                (-0.25, 0.0),
                (0.0, 0.25),
                (0.0, -0.25),
                (0.22, 0.22),
                (-0.22, 0.22),
                (0.22, -0.22),
                (-0.22, -0.22),
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
    pub(super) fn judged(&self, placed: &Placed, contrast: Contrast, bias: f32) -> Option<Modules> {
        let (middle, half) = match contrast {
            Contrast::Planes => self.planes(),
            Contrast::Nearby => self.nearby(),
        };
        let darkness = self
            .greys
            .iter()
            .zip(middle)
            .map(|(grey, middle)| ((middle - grey) / half + bias).clamp(-1.5, 1.5));
        Modules::new(placed.version, darkness.collect())
    }

    /// The middle between a plane through the dark modules and one through the light ones, for each module.
    fn planes(&self) -> (Vec<f32>, f32) {
        let mean = self.greys.iter().sum::<f32>() / self.greys.len() as f32;
        let mut middle = Plane { level: mean, across: 0.0, down: 0.0 };
        let mut half = 1.0;
        for _ in 0..3 {
            let (mut dark, mut light) = (Sums::default(), Sums::default());
            for (y, row) in self.greys.chunks_exact(self.side).enumerate() {
                let mut level = middle.level + middle.down * y as f32;
                for (x, &grey) in row.iter().enumerate() {
                    let side = if grey <= level { &mut dark } else { &mut light };
                    side.add(x as f32, y as f32, grey - mean);
                    level += middle.across;
                }
            }
            let (dark, light) = (dark.plane(mean), light.plane(mean));
            middle = Plane {
                level: (dark.level + light.level) / 2.0,
                across: (dark.across + light.across) / 2.0,
                down: (dark.down + light.down) / 2.0,
            };
            let center = self.side as f32 / 2.0;
            half = ((light.at(center, center) - dark.at(center, center)) / 2.0).max(1.0);
        }
        let side = self.side;
        let at = |i: usize| middle.at((i % side) as f32, (i / side) as f32);
        ((0..side * side).map(at).collect(), half)
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

/// A grey that changes evenly over the symbol.
#[derive(Clone, Copy)]
struct Plane {
    level: f32,
    across: f32,
    down: f32,
}

impl Plane {
    fn at(&self, x: f32, y: f32) -> f32 {
        self.level + self.across * x + self.down * y
    }
}

/// What a plane of least squares is made of.
#[derive(Clone, Copy, Default)]
struct Sums {
    n: f32,
    x: f32,
    y: f32,
    g: f32,
    xx: f32,
    xy: f32,
    yy: f32,
    xg: f32,
    yg: f32,
}

impl Sums {
    #[inline]
    fn add(&mut self, x: f32, y: f32, g: f32) {
        self.n += 1.0;
        self.x += x;
        self.y += y;
        self.g += g;
        self.xx += x * x;
        self.xy += x * y;
        self.yy += y * y;
        self.xg += x * g;
        self.yg += y * g;
    }

    /// The plane through what was added, whose greys were `offset` higher.
    fn plane(&self, offset: f32) -> Plane {
        if self.n < 3.0 {
            return Plane { level: offset, across: 0.0, down: 0.0 };
        }
        let (mx, my, mg) = (self.x / self.n, self.y / self.n, self.g / self.n);
        let about = |sum: f32, a: f32, b: f32| f64::from(sum - self.n * a * b);
        let (xx, xy, yy) =
            (about(self.xx, mx, mx) + 1e-3, about(self.xy, mx, my), about(self.yy, my, my) + 1e-3);
        let (xg, yg) = (about(self.xg, mx, mg), about(self.yg, my, mg));
        let determinant = (xx * yy - xy * xy).max(1e-6);
        let across = ((xg * yy - yg * xy) / determinant) as f32;
        let down = ((yg * xx - xg * xy) / determinant) as f32;
        Plane { level: offset + mg - across * mx - down * my, across, down }
    }
}
