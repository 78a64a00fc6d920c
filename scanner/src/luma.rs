//! The grey frame: what every source delivers and the decoder reads.

use std::fmt;

use thiserror::Error;

/// Longest side of a frame, in pixels: four times what a door camera delivers.
pub const SIDE_PX_MAX: u32 = 4096;

/// An 8-bit grey frame, row by row without padding; never empty, never above [`SIDE_PX_MAX`].
#[derive(Clone, PartialEq, Eq)]
pub struct Luma {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

/// How the bytes of a raw frame are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PixelLayout {
    /// One byte of grey a pixel.
    Gray,
    /// Red, green, blue: three bytes a pixel.
    Rgb,
    /// Blue, green, red: three bytes a pixel.
    Bgr,
    /// Y0 U Y1 V: two bytes a pixel, even width.
    Yuyv,
    /// A plane of grey, then interleaved colour at half size.
    Nv12,
    /// A plane of grey, then two planes of colour at half size.
    I420,
}

/// Why bytes are no frame.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum LumaError {
    /// A side is zero or above the bound.
    #[error("a frame of {width}x{height} pixels is outside 1..={SIDE_PX_MAX} a side")]
    Size {
        /// Width asked for, in pixels.
        width: u32,
        /// Height asked for, in pixels.
        height: u32,
    },
    /// Fewer bytes than the size and layout need.
    #[error("a frame needs {needed} bytes, {given} came")]
    Short {
        /// Bytes needed.
        needed: usize,
        /// Bytes given.
        given: usize,
    },
    /// A crop reaches outside of the frame.
    #[error("the crop reaches outside of the frame")]
    Outside,
}

impl Luma {
    /// A frame of `width` x `height` grey pixels; bytes past the last row are dropped, as V4L2 buffers are padded.
    ///
    /// # Errors
    /// A side outside `1..=SIDE_PX_MAX`, or too few bytes.
    pub fn new(width: u32, height: u32, mut pixels: Vec<u8>) -> Result<Self, LumaError> {
        let area = area(width, height)?;
        enough(pixels.len(), area)?;
        pixels.truncate(area);
        Ok(Self { width, height, pixels })
    }

    /// The grey of a raw frame; bytes past its end are ignored.
    ///
    /// # Errors
    /// A side outside `1..=SIDE_PX_MAX`, or too few bytes for the layout.
    pub fn from_raw(
        layout: PixelLayout,
        width: u32,
        height: u32,
        bytes: &[u8],
    ) -> Result<Self, LumaError> {
        let area = area(width, height)?;
        enough(bytes.len(), layout.bytes(width, height, area))?;
        let pixels = match layout {
            PixelLayout::Gray | PixelLayout::Nv12 | PixelLayout::I420 => bytes[..area].to_vec(),
            PixelLayout::Rgb => triples(&bytes[..area * 3], |[r, g, b]| grey(r, g, b)),
            PixelLayout::Bgr => triples(&bytes[..area * 3], |[b, g, r]| grey(r, g, b)),
            PixelLayout::Yuyv => bytes[..area * 2].iter().step_by(2).copied().collect(),
        };
        Self::new(width, height, pixels)
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// All pixels, row by row; 0 is black.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The part of the frame that starts at (`x`, `y`).
    ///
    /// # Errors
    /// The part is empty or reaches outside.
    pub fn crop(&self, x: u32, y: u32, width: u32, height: u32) -> Result<Self, LumaError> {
        let area = area(width, height)?;
        let fits =
            |from: u32, long: u32, side: u32| from.checked_add(long).is_some_and(|end| end <= side);
        if !fits(x, width, self.width) || !fits(y, height, self.height) {
            return Err(LumaError::Outside);
        }
        let mut pixels = Vec::with_capacity(area);
        for row in y..y + height {
            let start = row as usize * self.width as usize + x as usize;
            pixels.extend_from_slice(&self.pixels[start..start + width as usize]);
        }
        Self::new(width, height, pixels)
    }

    /// The frame at half its size, each pixel the mean of four; a side of one pixel stays.
    #[must_use]
    pub fn halved(&self) -> Self {
        let (width, height) = ((self.width / 2).max(1), (self.height / 2).max(1));
        let stride = self.width as usize;
        let row = |y: usize| &self.pixels[y * stride..][..stride];
        let mut pixels = Vec::with_capacity(width as usize * height as usize);
        for y in 0..height as usize {
            let upper = row(2 * y);
            let lower = if self.height > 1 { row(2 * y + 1) } else { upper };
            if stride == 1 {
                pixels.push(((u16::from(upper[0]) + u16::from(lower[0])) / 2) as u8);
                continue;
            }
            let pairs = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
            pixels.extend(pairs.map(|(&[a, b], &[c, d])| {
                ((u16::from(a) + u16::from(b) + u16::from(c) + u16::from(d)) / 4) as u8
            }));
        }
        Self { width, height, pixels }
    }

    /// The frame at twice its size, each pixel between its neighbours; none if that were above the bound.
    pub(crate) fn doubled(&self) -> Option<Self> {
        let (width, height) = (self.width * 2, self.height * 2);
        area(width, height).ok()?;
        let stride = self.width as usize;
        let mut pixels = Vec::with_capacity(self.pixels.len() * 4);
        for y in 0..height as usize {
            // A new pixel's centre is a quarter of an old one from the nearest old centre.
            let near = y / 2;
            let far = if y % 2 == 0 {
                near.saturating_sub(1)
            } else {
                (near + 1).min(self.height as usize - 1)
            };
            let row = |y: usize| &self.pixels[y * stride..][..stride];
            let (near, far) = (row(near), row(far));
            let column = |x: usize| 3 * u16::from(near[x]) + u16::from(far[x]);
            let (mut before, mut here) = (column(0), column(0));
            for x in 0..stride {
                let after = column((x + 1).min(stride - 1));
                pixels.push(((3 * here + before + 8) / 16) as u8);
                pixels.push(((3 * here + after + 8) / 16) as u8);
                (before, here) = (here, after);
            }
        }
        Some(Self { width, height, pixels })
    }
}

impl fmt::Debug for Luma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Luma({}x{})", self.width, self.height)
    }
}

impl PixelLayout {
    /// Bytes of a whole frame; YUYV rows hold whole pairs, half-size colour planes round up.
    fn bytes(self, width: u32, height: u32, area: usize) -> usize {
        match self {
            Self::Gray => area,
            Self::Rgb | Self::Bgr => area * 3,
            Self::Yuyv => area * 2,
            Self::Nv12 | Self::I420 => {
                area + 2 * (width.div_ceil(2) as usize * height.div_ceil(2) as usize)
            }
        }
    }
}

/// ITU-R BT.601 in eighths of a bit: good to one step of grey, no division.
pub(crate) fn grey(r: u8, g: u8, b: u8) -> u8 {
    ((77 * u32::from(r) + 150 * u32::from(g) + 29 * u32::from(b)) >> 8) as u8
}

fn triples(bytes: &[u8], grey: impl Fn([u8; 3]) -> u8) -> Vec<u8> {
    let (whole, _) = bytes.as_chunks::<3>();
    whole.iter().map(|&pixel| grey(pixel)).collect()
}

fn area(width: u32, height: u32) -> Result<usize, LumaError> {
    let sides = 1..=SIDE_PX_MAX;
    if sides.contains(&width) && sides.contains(&height) {
        Ok(width as usize * height as usize)
    } else {
        Err(LumaError::Size { width, height })
    }
}

fn enough(given: usize, needed: usize) -> Result<(), LumaError> {
    if given < needed { Err(LumaError::Short { needed, given }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_bounded_under_at_and_over() {
        assert!(Luma::new(1, 1, vec![0]).is_ok());
        assert!(Luma::new(SIDE_PX_MAX, 1, vec![0; 4096]).is_ok());
        for (width, height) in [(0, 1), (1, 0), (SIDE_PX_MAX + 1, 1), (1, u32::MAX)] {
            let refused = Luma::new(width, height, vec![0; 5000]);
            assert_eq!(refused, Err(LumaError::Size { width, height }));
        }
        let short = LumaError::Short { needed: 6, given: 5 };
        assert_eq!(Luma::new(3, 2, vec![0; 5]), Err(short));
        assert_eq!(Luma::new(3, 2, vec![9; 64]).unwrap().pixels().len(), 6);
    }

    #[test]
    fn every_layout_gives_its_grey_and_refuses_a_short_buffer() {
        let table: [(PixelLayout, &[u8], &[u8]); 6] = [
            (PixelLayout::Gray, &[1, 2, 3, 4], &[1, 2, 3, 4]),
            (PixelLayout::Yuyv, &[1, 99, 2, 99, 3, 99, 4, 99], &[1, 2, 3, 4]),
            (PixelLayout::Nv12, &[1, 2, 3, 4, 99, 99], &[1, 2, 3, 4]),
            (PixelLayout::I420, &[1, 2, 3, 4, 99, 99], &[1, 2, 3, 4]),
            (
                PixelLayout::Rgb,
                &[255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255],
                &[76, 149, 28, 255],
            ),
            (
                PixelLayout::Bgr,
                &[0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255],
                &[76, 149, 28, 255],
            ),
        ];
        for (layout, bytes, expected) in table {
            let luma = Luma::from_raw(layout, 2, 2, bytes).unwrap();
            assert_eq!(luma.pixels(), expected, "{layout:?}");
            let short = Luma::from_raw(layout, 2, 2, &bytes[..bytes.len() - 1]);
            assert!(matches!(short, Err(LumaError::Short { .. })), "{layout:?}");
        }
    }

    #[test]
    fn crop_and_halving_keep_to_the_frame() {
        let luma = Luma::new(4, 2, vec![0, 4, 8, 12, 4, 8, 12, 16]).unwrap();
        assert_eq!(luma.crop(1, 0, 2, 2).unwrap().pixels(), [4, 8, 8, 12]);
        assert_eq!(luma.crop(3, 0, 2, 1), Err(LumaError::Outside));
        assert_eq!(luma.crop(u32::MAX, 0, 2, 1), Err(LumaError::Outside));
        assert_eq!(luma.halved().pixels(), [4, 12]);
        assert_eq!(Luma::new(1, 1, vec![7]).unwrap().halved().pixels(), [7]);
        assert_eq!(Luma::new(3, 1, vec![2, 4, 9]).unwrap().halved().pixels(), [3]);
    }
}
