//! Brightness, structure and sharpness of a whole frame, from a sample of its pixels.

use crate::luma::Luma;

/// Cells across and down whose mean brightness stands for the picture.
pub(super) const ACROSS: usize = 32;
pub(super) const DOWN: usize = 18;
pub(super) const CELLS: usize = ACROSS * DOWN;
/// A pixel out of so many each way is taken for brightness; a row out of so many for sharpness.
const EVERY: usize = 4;
const ROWS_EVERY: usize = 12;

/// The brightest parts of a frame are below this: nothing can be read.
const DARK_BRIGHT_MAX: u8 = 42;
/// Cells differ by less than this: there is nothing to see, whatever its brightness.
const FLAT_MAX: f32 = 3.5;
/// The steepest edges rise by less than this part of the frame's range, within a pixel.
const SOFT_MAX: f32 = 0.07;
/// Sharpness says nothing of a frame with less range.
const SOFT_RANGE_MIN: u8 = 40;

/// What a frame looks like from afar.
#[derive(Debug)]
pub(super) struct Light {
    /// Two of a hundred pixels are brighter, and darker.
    pub(super) bright: u8,
    pub(super) dark: u8,
    /// Mean brightness by place.
    pub(super) cells: Box<[f32; CELLS]>,
    /// Standard deviation of the cells.
    pub(super) structure: f32,
    /// One of a thousand neighbours differs by more.
    steepest: u8,
}

impl Light {
    pub(super) fn of(luma: &Luma) -> Self {
        let (width, height) = (luma.width() as usize, luma.height() as usize);
        let mut histogram = [0_u32; 256];
        let mut sums = [0_u32; CELLS];
        let mut counts = [0_u32; CELLS];
        for y in (0..height).step_by(EVERY) {
            let row = &luma.pixels()[y * width..][..width];
            let cells = y * DOWN / height * ACROSS;
            for cell in 0..ACROSS {
                let part = &row[cell * width / ACROSS..(cell + 1) * width / ACROSS];
                let (mut sum, mut count) = (0, 0);
                for &pixel in part.iter().step_by(EVERY) {
                    histogram[usize::from(pixel)] += 1;
                    sum += u32::from(pixel);
                    count += 1;
                }
                sums[cells + cell] += sum;
                counts[cells + cell] += count;
            }
        }
        let mut cells = Box::new([0.0; CELLS]);
        for (cell, (sum, count)) in cells.iter_mut().zip(sums.into_iter().zip(counts)) {
            *cell = sum as f32 / count.max(1) as f32;
        }
        let mean = cells.iter().sum::<f32>() / CELLS as f32;
        let spread = cells.iter().map(|cell| (cell - mean).powi(2)).sum::<f32>() / CELLS as f32;
        Self {
            bright: quantile(&histogram, 980),
            dark: quantile(&histogram, 20),
            cells,
            structure: spread.sqrt(),
            steepest: quantile(&slopes(luma), 999),
        }
    }

    pub(super) fn is_dark(&self) -> bool {
        self.bright < DARK_BRIGHT_MAX
    }

    pub(super) fn is_flat(&self) -> bool {
        self.structure < FLAT_MAX
    }

    pub(super) fn is_soft(&self) -> bool {
        let range = self.bright.saturating_sub(self.dark);
        range >= SOFT_RANGE_MIN && f32::from(self.steepest) < SOFT_MAX * f32::from(range)
    }
}

/// How often neighbours in a row differ by how much.
fn slopes(luma: &Luma) -> [u32; 256] {
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    let mut histogram = [0; 256];
    for y in (0..height).step_by(ROWS_EVERY) {
        let row = &luma.pixels()[y * width..][..width];
        for (a, b) in row.iter().zip(&row[1..]) {
            histogram[usize::from(a.abs_diff(*b))] += 1;
        }
    }
    histogram
}

/// The smallest value that so many of a thousand are at or below.
fn quantile(histogram: &[u32; 256], of_thousand: u32) -> u8 {
    let all: u32 = histogram.iter().sum();
    let wanted = (u64::from(all) * u64::from(of_thousand)).div_ceil(1000);
    let mut seen = 0;
    for (value, count) in (0_u8..=255).zip(histogram) {
        seen += u64::from(*count);
        if seen >= wanted {
            return value;
        }
    }
    255
}
