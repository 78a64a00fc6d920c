//! The corner marks of QR codes: dark, light, dark, light, dark as 1:1:3:1:1, along a row and down a column.
//!
//! Coarser than the decoder's own search, for it must answer in a fraction of its time, and about codes that cannot be
//! read: small, blurred, dim, inverted.

use crate::luma::Luma;

/// A row out of so many is looked at, for a frame of 720 rows: one crosses each mark that could be read.
const ROWS: usize = 120;
/// Columns that share a threshold, and how many such blocks around one decide it.
const BLOCK: usize = 16;
const AROUND: usize = 1;
/// Less difference than this is noise.
const CONTRAST_MIN: u8 = 22;
/// Most marks that are kept, and most places that are looked at down a column.
const MARKS_MAX: usize = 24;
const CHECKS_MAX: usize = 400;

/// A corner mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Finder {
    /// Its centre, in pixels.
    pub(super) x: f32,
    pub(super) y: f32,
    /// A module, in pixels.
    pub(super) module: f32,
    /// Light on dark.
    pub(super) inverted: bool,
    pub(super) white: u8,
    pub(super) black: u8,
    /// How many pixels its edges take, the wider of across and down.
    pub(super) edge: f32,
}

/// The marks of a frame.
pub(super) fn finders(luma: &Luma) -> Vec<Finder> {
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    let step = (height / ROWS).max(1);
    let mut marks: Vec<Finder> = Vec::new();
    let mut checks = CHECKS_MAX;
    let mut levels = Vec::new();
    for y in (step / 2..height).step_by(step) {
        let row = &luma.pixels()[y * width..][..width];
        thresholds(row, &mut levels);
        hits(row, &levels, |hit| {
            let near = |m: &Finder| {
                let reach = 3.0 * m.module;
                (m.x - hit.center as f32).abs() < reach && (m.y - y as f32).abs() < 1.5 * reach
            };
            if checks == 0 || marks.len() == MARKS_MAX || marks.iter().any(near) {
                return;
            }
            checks -= 1;
            marks.extend(checked(luma, y, &hit));
        });
    }
    marks
}

/// A place in a row that has the right proportions.
struct Hit {
    center: usize,
    module: f32,
    inverted: bool,
    white: u8,
    black: u8,
}

/// What is dark and what is light in a block of a row.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Pixels below it are dark.
    cut: u8,
    black: u8,
    white: u8,
}

/// The levels of each block of a row. Where there is no contrast, those of the block before hold on, for the inside of a
/// large module is flat; all of such a block is on one side then, or noise would cut it up. Blocks are narrow, for a dim
/// screen ends just beside its code.
fn thresholds(row: &[u8], levels: &mut Vec<Level>) {
    let ends: Vec<(u8, u8)> = row
        .chunks(BLOCK)
        .map(|block| block.iter().fold((255, 0), |(low, high), &p| (p.min(low), p.max(high))))
        .collect();
    levels.clear();
    let mut last = Level::default();
    levels.extend((0..ends.len()).map(|at| {
        let around = &ends[at.saturating_sub(AROUND)..(at + AROUND + 1).min(ends.len())];
        let (black, white) = around.iter().fold((255, 0), |(a, b), e| (e.0.min(a), e.1.max(b)));
        if white - black >= CONTRAST_MIN {
            last = Level { cut: middle((black, white)), black, white };
            return last;
        }
        let dark = middle((black, white)) < middle((last.black, last.white));
        Level { cut: if dark { 255 } else { 0 }, ..last }
    }));
}

fn middle((low, high): (u8, u8)) -> u8 {
    ((u16::from(low) + u16::from(high)) / 2) as u8
}

/// Walks a row in runs of dark and light.
fn hits(row: &[u8], levels: &[Level], mut hit: impl FnMut(Hit)) {
    // Where the last six runs began.
    let mut starts = [0_usize; 6];
    let mut dark = false;
    for (block, (pixels, level)) in row.chunks(BLOCK).zip(levels).enumerate() {
        for (at, &pixel) in pixels.iter().enumerate() {
            if (pixel < level.cut) == dark {
                continue;
            }
            let x = block * BLOCK + at;
            starts.rotate_left(1);
            starts[5] = x;
            if let Some(module) = proportions(&starts) {
                let center = (starts[2] + starts[3]) / 2;
                let Level { black, white, .. } = levels[center / BLOCK];
                // The run that ends here is the mark's last: dark for a usual one.
                hit(Hit { center, module, inverted: !dark, white, black });
            }
            dark = !dark;
        }
    }
}

/// The module, if five runs have the proportions 1:1:3:1:1.
fn proportions(starts: &[usize; 6]) -> Option<f32> {
    let total = starts[5] - starts[0];
    if total < 10 {
        return None;
    }
    let module = total as f32 / 7.0;
    let slack = module * 0.35 + 1.0;
    let fits = |run: usize, modules: f32| {
        let length = (starts[run + 1] - starts[run]) as f32;
        (length - module * modules).abs() < slack * if modules > 1.0 { 1.5 } else { 1.0 }
    };
    let all = fits(0, 1.0) && fits(1, 1.0) && fits(2, 3.0) && fits(3, 1.0) && fits(4, 1.0);
    all.then_some(module)
}

/// The mark, if it has the proportions in every direction: it is of squares around one centre, whatever its turn.
fn checked(luma: &Luma, y: usize, hit: &Hit) -> Option<Finder> {
    let line = Line { luma, hit, level: middle((hit.black, hit.white)) };
    let (up, down) = line.cross((hit.center, y), (0, 1))?;
    let starts =
        [y - up[2] + 1, y - up[1] + 1, y - up[0] + 1, y + down[0], y + down[1], y + down[2]];
    let module = proportions(&starts)?;
    let center = (starts[2] + starts[3]) / 2;
    for diagonal in [(1, 1), (1, -1)] {
        let (back, forth) = line.cross((hit.center, center), diagonal)?;
        let middle = back[2];
        let starts = [0, 1, 2].map(|n| middle - back[2 - n] + 1);
        let ends = forth.map(|steps| middle + steps);
        proportions(&[starts[0], starts[1], starts[2], ends[0], ends[1], ends[2]])?;
    }
    let alike = (0.6..1.67).contains(&(module / hit.module));
    alike.then(|| Finder {
        x: hit.center as f32,
        y: center as f32,
        module: (module + hit.module) / 2.0,
        inverted: hit.inverted,
        white: hit.white,
        black: hit.black,
        edge: line.edge(center, hit.module.max(module)),
    })
}

/// The way through a hit.
struct Line<'a> {
    luma: &'a Luma,
    hit: &'a Hit,
    level: u8,
}

impl Line<'_> {
    fn pixel(&self, x: usize, y: usize) -> Option<u8> {
        let (width, height) = (self.luma.width() as usize, self.luma.height() as usize);
        (x < width && y < height).then(|| self.luma.pixels()[y * width + x])
    }

    /// Steps from a place in the core to where core, ring and outer square end, backwards and forwards.
    fn cross(
        &self,
        from: (usize, usize),
        step: (isize, isize),
    ) -> Option<([usize; 3], [usize; 3])> {
        Some((self.walk(from, (-step.0, -step.1))?, self.walk(from, step)?))
    }

    fn walk(&self, from: (usize, usize), step: (isize, isize)) -> Option<[usize; 3]> {
        let reach = (self.hit.module * 8.0) as usize + 2;
        let (mut x, mut y) = from;
        let core = |p: u8| (p < self.level) != self.hit.inverted;
        let (mut inside, mut steps) = (true, 0);
        if !core(self.pixel(x, y)?) {
            return None;
        }
        let mut ends = [0; 3];
        for end in &mut ends {
            while core(self.pixel(x, y)?) == inside {
                (x, y) = (x.checked_add_signed(step.0)?, y.checked_add_signed(step.1)?);
                steps += 1;
                if steps > reach {
                    return None;
                }
            }
            *end = steps;
            inside = !inside;
        }
        Some(ends)
    }

    /// How many pixels the edges take, the wider of across and down.
    fn edge(&self, y: usize, module: f32) -> f32 {
        let reach = (module * 4.0) as usize;
        let contrast = f32::from(self.hit.white.saturating_sub(self.hit.black));
        let steepest = |at: &dyn Fn(usize) -> Option<u8>, center: usize| {
            let around = center.saturating_sub(reach)..center + reach;
            let slope = |n: usize| Some(at(n)?.abs_diff(at(n + 1)?));
            f32::from(around.filter_map(slope).max().unwrap_or(0).max(1))
        };
        let across = steepest(&|x| self.pixel(x, y), self.hit.center);
        let down = steepest(&|y| self.pixel(self.hit.center, y), y);
        contrast / across.min(down)
    }
}
