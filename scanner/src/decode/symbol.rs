//! From modules to codewords to data: format, version, unmasking, correction (ISO/IEC 18004:2015, 7.5 to 7.10).

use super::bits::{self, Message};
use super::galois;
use super::layout::{Level, Version, masked};

/// Largest accepted chance, as a binary logarithm, that noise would have been repaired into what was read:
/// the reserve the standard keeps in its smallest symbols, kept here for every block and for erasures too.
const CHANCE_LOG2_MAX: f32 = -28.0;

/// A symbol's modules as they were seen: positive is dark, the size says how surely.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Modules {
    version: Version,
    darkness: Vec<f32>,
}

/// A symbol that was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Read {
    pub(super) message: Message,
    /// Whether it was seen from behind: rows and columns are exchanged.
    pub(super) mirrored: bool,
    /// Share of the symbol's capacity to correct that was used, in its worst block.
    pub(super) strain: f32,
}

/// Correction level and data mask (7.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Format {
    level: Level,
    mask: u8,
}

impl Modules {
    /// Modules row by row; none if there are not exactly as many as the version has.
    pub(super) fn new(version: Version, darkness: Vec<f32>) -> Option<Self> {
        (darkness.len() == version.side() * version.side()).then_some(Self { version, darkness })
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }

    /// Adds what another frame saw of the same symbol to a share of what is known.
    pub(super) fn add(&mut self, other: &Self, keep: f32) {
        for (dark, more) in self.darkness.iter_mut().zip(&other.darkness) {
            *dark = *dark * keep + more;
        }
    }

    /// The mean of so many frames.
    pub(super) fn mean(&self, frames: f32) -> Self {
        let darkness = self.darkness.iter().map(|dark| dark / frames).collect();
        Self { version: self.version, darkness }
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        self.darkness[y * self.version.side() + x]
    }

    fn mirrored(&self) -> Self {
        let side = self.version.side();
        let darkness = (0..side * side).map(|at| self.at(at / side, at % side)).collect();
        Self { version: self.version, darkness }
    }

    /// What the symbol says, read as it is or, where that fails, as its mirror image.
    pub(super) fn read(&self) -> Option<Read> {
        let mirror = self.mirrored();
        let (straight, turned) = (best_format(self), best_format(&mirror));
        let tries = if straight.1 >= turned.1 {
            [(self, straight.0, false), (&mirror, turned.0, true)]
        } else {
            [(&mirror, turned.0, true), (self, straight.0, false)]
        };
        tries.into_iter().find_map(|(modules, format, mirrored)| {
            let (data, strain) = corrected(modules, format)?;
            let message = bits::parse(&data, modules.version)?;
            Some(Read { message, mirrored, strain })
        })
    }
}

/// The format whose 15 bits agree best with both copies of it, and how well (at most 1).
///
/// Compares with all 32 code words, each module weighed by its sureness: never worse than counting bits.
fn best_format(modules: &Modules) -> (Format, f32) {
    let side = modules.version.side();
    let bits: [f32; 15] = std::array::from_fn(|i| {
        let first = match i {
            0..=5 => modules.at(8, i),
            6 => modules.at(8, 7),
            7 => modules.at(8, 8),
            8 => modules.at(7, 8),
            _ => modules.at(14 - i, 8),
        };
        let second = if i < 8 { modules.at(side - 1 - i, 8) } else { modules.at(8, side - 15 + i) };
        first.clamp(-1.0, 1.0) + second.clamp(-1.0, 1.0)
    });
    let agreement = |word: u16| {
        let sum: f32 = (0..15).map(|i| if word >> i & 1 == 1 { bits[i] } else { -bits[i] }).sum();
        sum / 30.0
    };
    let best = (0..32_u16)
        .map(|data| (data, agreement(format_word(data))))
        .fold((0, f32::MIN), |best, this| if this.1 > best.1 { this } else { best });
    let level = match best.0 >> 3 {
        0 => Level::M,
        1 => Level::L,
        2 => Level::H,
        _ => Level::Q,
    };
    (Format { level, mask: (best.0 & 7) as u8 }, best.1)
}

/// The 15 bits for five bits of format: BCH (15, 5), then the mask that keeps them from being all light (annex C).
fn format_word(data: u16) -> u16 {
    let mut rest = data << 10;
    for bit in (10..15).rev() {
        if rest >> bit & 1 == 1 {
            rest ^= 0x537 << (bit - 10);
        }
    }
    (data << 10 | rest) ^ 0x5412
}

/// The 18 bits for a version from 7: BCH (18, 6) (annex D).
fn version_word(version: usize) -> u32 {
    let data = version as u32;
    let mut rest = data << 12;
    for bit in (12..18).rev() {
        if rest >> bit & 1 == 1 {
            rest ^= 0x1F25 << (bit - 12);
        }
    }
    data << 12 | rest
}

/// The version that two sampled copies of version information name, if at most three bits of one are wrong:
/// `bits` are the darkness of bit 0 to 17, of both copies.
pub(super) fn version_from(bits: &[[f32; 18]; 2]) -> Option<Version> {
    let words = bits.map(|copy| {
        copy.iter().enumerate().fold(0_u32, |word, (i, dark)| word | u32::from(*dark > 0.0) << i)
    });
    // Two code words differ in eight bits, so that three wrong ones still name the right version.
    let near = |number: usize| {
        words.iter().map(|word| (word ^ version_word(number)).count_ones()).min().unwrap_or(18)
    };
    let best = (7..=40).min_by_key(|&number| near(number))?;
    if near(best) <= 3 { Version::new(best) } else { None }
}

/// The data codewords after correction and the strain of the worst block; none if a block is beyond repair.
fn corrected(modules: &Modules, format: Format) -> Option<(Vec<u8>, f32)> {
    let version = modules.version;
    let side = version.side();
    let words: Vec<(u8, f32)> = version
        .bit_order()
        .chunks_exact(8)
        .map(|chunk| {
            let mut word = (0, f32::MAX);
            for &at in chunk {
                let (x, y) = (usize::from(at) % side, usize::from(at) / side);
                let dark = modules.darkness[usize::from(at)];
                word.0 = word.0 << 1 | u8::from((dark > 0.0) != masked(format.mask, x, y));
                word.1 = word.1.min(dark.abs());
            }
            word
        })
        .collect();
    let blocks = version.blocks(format.level);
    let mut data = Vec::with_capacity(version.codewords());
    let mut strain = 0.0_f32;
    for block in 0..blocks.count {
        let long = usize::from(block >= blocks.short);
        let length = blocks.short_data + long;
        let dealt = (0..length + blocks.parity).map(|i| {
            // Long blocks have one more data codeword, dealt after all the others (7.6).
            let common = blocks.short_data * blocks.count;
            let longs = blocks.count - blocks.short;
            if i < blocks.short_data {
                words[i * blocks.count + block]
            } else if i < length {
                words[common + block - blocks.short]
            } else {
                words[common + longs + (i - length) * blocks.count + block]
            }
        });
        let dealt: Vec<(u8, f32)> = dealt.collect();
        let (fixed, used) = repaired(&dealt, blocks.parity)?;
        strain = strain.max(used);
        data.extend_from_slice(&fixed[..length]);
    }
    Some((data, strain))
}

/// A block put right: first as it is, then with more and more of its least sure codewords given up.
fn repaired(dealt: &[(u8, f32)], parity: usize) -> Option<(Vec<u8>, f32)> {
    let words: Vec<u8> = dealt.iter().map(|word| word.0).collect();
    let mut doubtful: Vec<usize> = Vec::new();
    for count in (0..=parity * 2 / 3).step_by(2) {
        if count == 2 {
            doubtful = (0..words.len()).collect();
            doubtful.sort_by(|&a, &b| dealt[a].1.total_cmp(&dealt[b].1));
        }
        let mut block = words.clone();
        let erased = doubtful.get(..count).unwrap_or_default();
        let Some(repair) = galois::repair(&mut block, parity, erased) else { continue };
        if repair.chance_log2(words.len(), parity) <= CHANCE_LOG2_MAX {
            let used = (2 * repair.errors + repair.erasures) as f32 / parity as f32;
            return Some((block, used));
        }
    }
    None
}

#[cfg(test)]
mod tests;
