//! Dark and light: a threshold for every block of eight pixels, from the blocks around it.

use super::grey::Grey;

/// Side of a block, in pixels.
const BLOCK: usize = 8;
/// Least difference of darkest and lightest pixel in a block that holds an edge.
const CONTRAST_MIN: u8 = 20;
/// The value of a dark pixel; light ones are zero. All bits, so that eight pixels compare at once.
pub(super) const DARK: u8 = 0xFF;

/// A picture in dark and light, a byte a pixel.
pub(super) struct Binary {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: Vec<u8>,
}

impl Binary {
    /// Each pixel compared with the mean threshold of its block and the `reach` blocks on every side.
    ///
    /// A block without an edge takes the threshold of what is left of and above it, or is light: paper, not ink.
    pub(super) fn of(grey: &Grey<'_>, reach: usize) -> Self {
        let (width, height) = (grey.width, grey.height);
        let (across, down) = (width.div_ceil(BLOCK), height.div_ceil(BLOCK));
        let levels = block_levels(grey, across, down);
        let thresholds = spread(&levels, across, down, reach);
        let mut pixels = vec![0; width * height];
        for (y, (row, out)) in
            grey.pixels.chunks_exact(width).zip(pixels.chunks_exact_mut(width)).enumerate()
        {
            let thresholds = &thresholds[y / BLOCK * across..][..across];
            for ((greys, out), &threshold) in
                row.chunks(BLOCK).zip(out.chunks_mut(BLOCK)).zip(thresholds)
            {
                for (grey, out) in greys.iter().zip(out) {
                    *out = if *grey <= threshold { DARK } else { 0 };
                }
            }
        }
        Self { width, height, pixels }
    }

    /// Each pixel compared with the mean of the square of `reach` pixels on every side: what is blurred stays apart.
    pub(super) fn of_means(grey: &Grey<'_>, reach: usize) -> Self {
        let (width, height) = (grey.width, grey.height);
        // Sums of columns, moved down row by row; then a sum over columns, moved along.
        let mut columns = vec![0_u32; width];
        let row_of = |y: usize| &grey.pixels[y * width..][..width];
        let add = |columns: &mut [u32], y: usize| {
            columns.iter_mut().zip(row_of(y)).for_each(|(sum, &pixel)| *sum += u32::from(pixel));
        };
        (0..reach.min(height)).for_each(|y| add(&mut columns, y));
        let mut pixels = vec![0; width * height];
        for y in 0..height {
            if y + reach < height {
                add(&mut columns, y + reach);
            }
            if let Some(gone) = y.checked_sub(reach + 1) {
                columns
                    .iter_mut()
                    .zip(row_of(gone))
                    .for_each(|(sum, &pixel)| *sum -= u32::from(pixel));
            }
            let rows = ((y + reach + 1).min(height) - y.saturating_sub(reach)) as u32;
            let mut sum: u32 = columns[..reach.min(width)].iter().sum();
            let row = row_of(y);
            for x in 0..width {
                if x + reach < width {
                    sum += columns[x + reach];
                }
                if let Some(gone) = x.checked_sub(reach + 1) {
                    sum -= columns[gone];
                }
                let count = rows * ((x + reach + 1).min(width) - x.saturating_sub(reach)) as u32;
                // Two steps of grey below the mean: flat paper is no pattern.
                if (u32::from(row[x]) + 2) * count <= sum {
                    pixels[y * width + x] = DARK;
                }
            }
        }
        Self { width, height, pixels }
    }

    #[inline]
    pub(super) fn is_dark(&self, x: usize, y: usize) -> bool {
        self.pixels[y * self.width + x] != 0
    }
}

/// For each block, the grey between its dark and its light.
fn block_levels(grey: &Grey<'_>, across: usize, down: usize) -> Vec<u8> {
    let mut levels: Vec<u8> = Vec::with_capacity(across * down);
    let mut low = vec![0_u8; across * BLOCK];
    let mut high = vec![0_u8; across * BLOCK];
    let mut sums = vec![0_u16; across * BLOCK];
    for block_y in 0..down {
        low.fill(u8::MAX);
        high.fill(0);
        sums.fill(0);
        let rows = BLOCK.min(grey.height - block_y * BLOCK);
        for y in block_y * BLOCK..block_y * BLOCK + rows {
            let row = &grey.pixels[y * grey.width..][..grey.width];
            for (((&pixel, low), high), sum) in
                row.iter().zip(&mut low).zip(&mut high).zip(&mut sums)
            {
                *low = (*low).min(pixel);
                *high = (*high).max(pixel);
                *sum += u16::from(pixel);
            }
        }
        for block_x in 0..across {
            let columns = block_x * BLOCK..((block_x + 1) * BLOCK).min(grey.width);
            let darkest = low[columns.clone()].iter().min().copied().unwrap_or(0);
            let lightest = high[columns.clone()].iter().max().copied().unwrap_or(0);
            let level = if lightest - darkest > CONTRAST_MIN {
                let count = (rows * columns.len()) as u32;
                let sum: u32 = sums[columns].iter().map(|&sum| u32::from(sum)).sum();
                (sum / count) as u8
            } else {
                flat_level(&levels, across, block_x, darkest)
            };
            levels.push(level);
        }
    }
    levels
}

/// The level of a block that is all one grey.
fn flat_level(levels: &[u8], across: usize, block_x: usize, darkest: u8) -> u8 {
    let light = darkest / 2;
    let at = levels.len();
    if at < across || block_x == 0 {
        return light;
    }
    let around = (u16::from(levels[at - across])
        + 2 * u16::from(levels[at - 1])
        + u16::from(levels[at - across - 1]))
        / 4;
    if u16::from(darkest) < around { around as u8 } else { light }
}

/// The mean of the levels around each block, by sums over all blocks left of and above.
fn spread(levels: &[u8], across: usize, down: usize, reach: usize) -> Vec<u8> {
    let stride = across + 1;
    let mut sums = vec![0_u32; stride * (down + 1)];
    for y in 0..down {
        let mut row = 0;
        for x in 0..across {
            row += u32::from(levels[y * across + x]);
            sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
        }
    }
    let mut thresholds = Vec::with_capacity(levels.len());
    for y in 0..down {
        let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(down));
        for x in 0..across {
            let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(across));
            let sum = sums[bottom * stride + right] + sums[top * stride + left]
                - sums[top * stride + right]
                - sums[bottom * stride + left];
            thresholds.push((sum / ((bottom - top) * (right - left)) as u32) as u8);
        }
    }
    thresholds
}
