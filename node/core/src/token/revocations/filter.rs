//! Bloom filters of the EU's revocation slices, in the byte form of `eu-digital-green-certificates/dgc-bloomfilter`.
//!
//! ```text
//! u16 version = 1 | u8 k | u8 hashing = 0 | f32 p | u32 planned | u32 held | u32 words | words × u32     big-endian
//! ```
//! Bits are counted from the left of each word. Of an element the bits are SHA-256(element ‖ i) for i below k, as a signed
//! number, modulo their count. (The table in that repository names k and hashing the other way round; its code, which wrote
//! the slices, has them so.)

use sha2::{Digest, Sha256};

/// More rounds than this no filter takes: it is what makes one false hit in 10^19.
const ROUNDS_MAX: u8 = 64;
const WORDS_MAX: usize = 4 << 20;
const HEAD: usize = 20;
const VERSION: [u8; 2] = [0, 1];
const SHA_256: u8 = 0;

/// A set of hashes that never says no wrongly, and seldom yes.
#[derive(Clone, PartialEq, Eq)]
pub struct Filter {
    rounds: u8,
    held: u32,
    words: Box<[u32]>,
}

/// Why bytes are no filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// Shorter than its head, or not as long as it says.
    #[error("has another length than it says")]
    Length,
    /// Of a version or a way of hashing that is not read.
    #[error("is of a version or a way of hashing that is not read")]
    Version,
    /// No rounds, or more than 64; no words, or more than four million.
    #[error("must have 1 to 64 rounds and 1 to 4194304 words")]
    Size,
}

impl Filter {
    /// Reads the byte form.
    ///
    /// # Errors
    /// [`FilterError`] says what is wrong.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FilterError> {
        let (head, body) = bytes.split_at_checked(HEAD).ok_or(FilterError::Length)?;
        if head[..2] != VERSION || head[3] != SHA_256 {
            return Err(FilterError::Version);
        }
        let number =
            |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let rounds = head[2];
        let words = usize::try_from(number(16)).map_err(|_| FilterError::Size)?;
        if !(1..=ROUNDS_MAX).contains(&rounds) || !(1..=WORDS_MAX).contains(&words) {
            return Err(FilterError::Size);
        }
        if body.len() != 4 * words {
            return Err(FilterError::Length);
        }
        let words = body.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word)).collect();
        Ok(Self { rounds, held: number(12), words })
    }

    /// The byte form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION[0], VERSION[1], self.rounds, SHA_256];
        bytes.extend_from_slice(&self.rate().to_be_bytes());
        bytes.extend_from_slice(&self.held.to_be_bytes());
        bytes.extend_from_slice(&self.held.to_be_bytes());
        bytes.extend_from_slice(&u32::try_from(self.words.len()).unwrap_or(0).to_be_bytes());
        bytes.extend(self.words.iter().flat_map(|word| word.to_be_bytes()));
        bytes
    }

    /// A filter of these elements that says yes wrongly about once in `one_in` asks; as large as it must be, at most
    /// 16 MiB.
    pub fn of<'e>(elements: impl ExactSizeIterator<Item = &'e [u8]>, one_in: f64) -> Self {
        let count = elements.len().max(1);
        // m = n ln(1/p) / ln(2)^2 bits, k = m/n ln(2) rounds.
        #[allow(clippy::cast_precision_loss, reason = "a size need not be exact")]
        let per_element = one_in.max(2.0).ln() / std::f64::consts::LN_2.powi(2);
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and clamped in the next line"
        )]
        let (words, rounds) = (
            (count as f64 * per_element / 32.0).ceil() as usize,
            (per_element * std::f64::consts::LN_2).round() as u8,
        );
        let words = vec![0; words.clamp(1, WORDS_MAX)].into();
        let held = u32::try_from(elements.len()).unwrap_or(u32::MAX);
        let mut filter = Self { rounds: rounds.clamp(1, ROUNDS_MAX), held, words };
        elements.for_each(|element| filter.add(element));
        filter
    }

    fn add(&mut self, element: &[u8]) {
        for round in 0..self.rounds {
            let (word, bit) = self.place(element, round);
            self.words[word] |= bit;
        }
    }

    /// Whether it may hold this element; never no for one that it does.
    pub fn may_hold(&self, element: &[u8]) -> bool {
        (0..self.rounds).all(|round| {
            let (word, bit) = self.place(element, round);
            self.words[word] & bit != 0
        })
    }

    fn place(&self, element: &[u8], round: u8) -> (usize, u32) {
        let index = index(element, round, 32 * self.words.len() as u64);
        let word = usize::try_from(index / 32).unwrap_or(0);
        (word, 1 << (31 - index % 32))
    }

    /// How many elements it says it holds.
    pub fn len(&self) -> usize {
        usize::try_from(self.held).unwrap_or(usize::MAX)
    }

    /// Whether it says it holds none.
    pub fn is_empty(&self) -> bool {
        self.held == 0
    }

    /// How many bytes its bits take.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.words)
    }

    /// How often it says yes wrongly, by the bits that are set.
    fn rate(&self) -> f32 {
        let set: u64 = self.words.iter().map(|word| u64::from(word.count_ones())).sum();
        #[allow(clippy::cast_precision_loss, reason = "a rate need not be exact")]
        let share = set as f32 / (32 * self.words.len()) as f32;
        share.powi(i32::from(self.rounds))
    }
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Filter({} elements, {} bytes)", self.held, self.bytes())
    }
}

/// SHA-256 of the element and the round, as a signed big-endian number, modulo `bits`, which must be below 2^32.
pub(super) fn index(element: &[u8], round: u8, bits: u64) -> u64 {
    let hash = Sha256::new().chain_update(element).chain_update([round]).finalize();
    let mut rest = 0;
    for word in hash.as_chunks::<4>().0 {
        rest = ((rest << 32) | u64::from(u32::from_be_bytes(*word))) % bits;
    }
    if hash[0] < 0x80 {
        return rest;
    }
    // Negative: 2^256 less.
    let power = (0..8).fold(1 % bits, |power, _| (power << 32) % bits);
    (rest + bits - power) % bits
}
