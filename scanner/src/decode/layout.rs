//! What stands where in a symbol: versions, function patterns, codewords (ISO/IEC 18004:2015, 6.3 and 7.7, annex E).

/// Largest version.
pub(super) const VERSION_MAX: usize = 40;

/// Parity codewords of each block, for levels L, M, Q, H and versions 1 to 40 (table 9).
const PARITY: [[u8; VERSION_MAX]; 4] = [
    [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30,
        30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28,
        28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ],
    [
        13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30,
        30, 30, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
];

/// Blocks, for levels L, M, Q, H and versions 1 to 40 (table 9).
const BLOCKS: [[u8; VERSION_MAX]; 4] = [
    [
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13,
        14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25,
    ],
    [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23,
        25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
    ],
    [
        1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29,
        34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
    ],
    [
        1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35,
        37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
    ],
];

/// How much of a symbol is for correction; the numbers are the rows of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    L,
    M,
    Q,
    H,
}

/// A version: 1 to 40.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(u8);

/// The blocks of a symbol: the first `short` hold one data codeword less than the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blocks {
    pub(super) count: usize,
    pub(super) short: usize,
    pub(super) short_data: usize,
    pub(super) parity: usize,
}

impl Version {
    pub(super) fn new(number: usize) -> Option<Self> {
        (1..=VERSION_MAX).contains(&number).then_some(Self(number as u8))
    }

    /// The version with `side` modules.
    pub(super) fn of_side(side: usize) -> Option<Self> {
        let over = side.checked_sub(17)?;
        if over.is_multiple_of(4) { Self::new(over / 4) } else { None }
    }

    pub(super) fn number(self) -> usize {
        usize::from(self.0)
    }

    /// Modules a side.
    pub(super) fn side(self) -> usize {
        17 + 4 * self.number()
    }

    /// Codewords of data and parity together.
    pub(super) fn codewords(self) -> usize {
        let version = self.number();
        let mut modules = (16 * version + 128) * version + 64;
        if version >= 2 {
            let lines = version / 7 + 2;
            modules -= (25 * lines - 10) * lines - 55;
        }
        if version >= 7 {
            modules -= 36;
        }
        modules / 8
    }

    /// How the codewords are dealt into blocks.
    pub(super) fn blocks(self, level: Level) -> Blocks {
        let at = self.number() - 1;
        let count = usize::from(BLOCKS[level as usize][at]);
        let parity = usize::from(PARITY[level as usize][at]);
        let all = self.codewords();
        Blocks { count, short: count - all % count, short_data: all / count - parity, parity }
    }

    /// The rows and columns on which alignment patterns are centred, ascending (annex E); none for version 1.
    pub(super) fn alignment_lines(self) -> Vec<usize> {
        let version = self.number();
        if version == 1 {
            return Vec::new();
        }
        let lines = version / 7 + 2;
        let step =
            if version == 32 { 26 } else { (version * 4 + lines * 2 + 1) / (lines * 2 - 2) * 2 };
        let mut centers: Vec<usize> =
            (0..lines - 1).map(|i| self.side() - 7 - i * step).rev().collect();
        centers.insert(0, 6);
        centers
    }

    /// The centres of the alignment patterns, column and row: all crossings but the three under finder patterns.
    pub(super) fn alignments(self) -> Vec<(usize, usize)> {
        let lines = self.alignment_lines();
        let (Some(&first), Some(&last)) = (lines.first(), lines.last()) else { return Vec::new() };
        let crossings = lines.iter().flat_map(|&y| lines.iter().map(move |&x| (x, y)));
        crossings
            .filter(|&at| ![(first, first), (first, last), (last, first)].contains(&at))
            .collect()
    }

    /// For each module, row by row, whether it is for function patterns, format or version, not for data.
    pub(super) fn reserved(self) -> Vec<bool> {
        let side = self.side();
        let mut reserved = vec![false; side * side];
        let mut fill = |x: usize, y: usize, width: usize, height: usize| {
            for row in y..y + height {
                reserved[row * side + x..row * side + x + width].fill(true);
            }
        };
        fill(0, 0, 9, 9);
        fill(side - 8, 0, 8, 9);
        fill(0, side - 8, 9, 8);
        fill(0, 6, side, 1);
        fill(6, 0, 1, side);
        for (x, y) in self.alignments() {
            fill(x - 2, y - 2, 5, 5);
        }
        if self.number() >= 7 {
            fill(side - 11, 0, 3, 6);
            fill(0, side - 11, 6, 3);
        }
        reserved
    }

    /// The data modules as indices into rows, in the order of their bits (7.7.3).
    pub(super) fn bit_order(self) -> Vec<u16> {
        let side = self.side();
        let reserved = self.reserved();
        let mut order = Vec::with_capacity(self.codewords() * 8);
        let mut right = side - 1;
        while right >= 1 {
            if right == 6 {
                right = 5;
            }
            let upward = (right + 1) & 2 == 0;
            for step in 0..side {
                let y = if upward { side - 1 - step } else { step };
                for x in [right, right - 1] {
                    if !reserved[y * side + x] {
                        order.push((y * side + x) as u16);
                    }
                }
            }
            right = right.saturating_sub(2);
        }
        order.truncate(self.codewords() * 8);
        order
    }
}

/// Whether data mask `mask` turns the module at (`x`, `y`) over (table 10).
#[inline]
pub(super) fn masked(mask: u8, x: usize, y: usize) -> bool {
    let zero = match mask {
        0 => (x + y) % 2,
        1 => y % 2,
        2 => x % 3,
        3 => (x + y) % 3,
        4 => (x / 3 + y / 2) % 2,
        5 => x * y % 2 + x * y % 3,
        6 => (x * y % 2 + x * y % 3) % 2,
        _ => ((x + y) % 2 + x * y % 3) % 2,
    };
    zero == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_agree_with_each_other() {
        for number in 1..=VERSION_MAX {
            let version = Version::new(number).unwrap();
            assert_eq!(Version::of_side(version.side()), Some(version));
            let free = version.reserved().iter().filter(|taken| !**taken).count();
            // At most seven bits remain.
            assert_eq!(free / 8, version.codewords(), "version {number}");
            assert_eq!(version.bit_order().len(), version.codewords() * 8);
            for level in [Level::L, Level::M, Level::Q, Level::H] {
                let blocks = version.blocks(level);
                let long = blocks.count - blocks.short;
                let all = blocks.count * (blocks.short_data + blocks.parity) + long;
                assert_eq!(all, version.codewords(), "version {number} {level:?}");
            }
        }
        assert_eq!(Version::new(0), None);
        assert_eq!(Version::new(41), None);
        assert_eq!(Version::of_side(22), None);
        assert_eq!(Version::new(7).unwrap().alignment_lines(), [6, 22, 38]);
        assert_eq!(Version::new(32).unwrap().alignment_lines(), [6, 34, 60, 86, 112, 138]);
        assert_eq!(Version::new(40).unwrap().alignment_lines(), [6, 30, 58, 86, 114, 142, 170]);
    }
}
