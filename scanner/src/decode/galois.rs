//! Reed–Solomon correction of one block, with erasures (ISO/IEC 18004:2015, 7.5 and annex B).

/// The field of 256 elements with the polynomial x⁸ + x⁴ + x³ + x² + 1: powers of two, and their logarithms.
struct Field {
    power: [u8; 512],
    log: [u8; 256],
}

const FIELD: Field = {
    let mut field = Field { power: [0; 512], log: [0; 256] };
    let (mut at, mut value) = (0, 1_u16);
    while at < 255 {
        field.power[at] = value as u8;
        field.power[at + 255] = value as u8;
        field.log[value as usize] = at as u8;
        value <<= 1;
        if value > 255 {
            value ^= 0x11D;
        }
        at += 1;
    }
    field
};

/// Most parity codewords of a block in any version.
pub(super) const PARITY_MAX: usize = 30;
/// Room for a polynomial of the errors, and one more for its constant.
const TERMS: usize = PARITY_MAX + 2;
type Polynomial = [u8; TERMS];

#[inline]
fn power(exponent: usize) -> u8 {
    FIELD.power[exponent % 255]
}

#[inline]
fn times(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    FIELD.power[usize::from(FIELD.log[usize::from(a)]) + usize::from(FIELD.log[usize::from(b)])]
}

fn inverse(a: u8) -> u8 {
    FIELD.power[255 - usize::from(FIELD.log[usize::from(a)])]
}

fn value_at(polynomial: &[u8], x: u8) -> u8 {
    polynomial.iter().rev().fold(0, |sum, &term| times(sum, x) ^ term)
}

/// What it took to make a block right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repair {
    /// Codewords that were wrong at places nobody knew.
    pub(super) errors: usize,
    /// Codewords that were given up beforehand.
    pub(super) erasures: usize,
}

impl Repair {
    /// Binary logarithm of the chance that a block of noise would have been repaired with as little.
    ///
    /// Counts the words within reach of a codeword: `C(n, errors) · 255^errors / 256^(parity - erasures)`. The
    /// standard's own reserve `p` of versions 1 to 3 is the bound −28 of this figure.
    pub(super) fn chance_log2(self, length: usize, parity: usize) -> f32 {
        let ways: f32 =
            (0..self.errors).map(|i| ((length - i) as f32 / (i + 1) as f32).log2()).sum();
        ways + 8.0 * self.errors as f32 - 8.0 * (parity as f32 - self.erasures as f32)
    }
}

/// Repairs `block`, whose last `parity` codewords are for correction; `erased` are places known to be doubtful.
///
/// None if it is beyond repair; the block is then unchanged.
pub(super) fn repair(block: &mut [u8], parity: usize, erased: &[usize]) -> Option<Repair> {
    let length = block.len();
    if parity > PARITY_MAX || erased.len() > parity || parity >= length || length > 255 {
        return None;
    }
    let mut syndromes = [0; PARITY_MAX];
    for (i, syndrome) in syndromes.iter_mut().take(parity).enumerate() {
        let x = power(i);
        *syndrome = block.iter().fold(0, |sum, &word| times(sum, x) ^ word);
    }
    let syndromes = &syndromes[..parity];
    if syndromes.iter().all(|&s| s == 0) {
        return Some(Repair { errors: 0, erasures: 0 });
    }
    let locator = locate(syndromes, length, erased);
    let degree = locator.iter().rposition(|&term| term != 0)?;
    let errors = degree.checked_sub(erased.len())?;
    if 2 * errors + erased.len() > parity {
        return None;
    }
    let mut evaluator = [0; PARITY_MAX];
    for (i, term) in evaluator.iter_mut().take(parity).enumerate() {
        *term = (0..=i.min(degree)).fold(0, |sum, j| sum ^ times(locator[j], syndromes[i - j]));
    }
    let mut changes = [(0, 0); PARITY_MAX];
    let mut found = 0;
    for at in 0..length {
        let exponent = length - 1 - at;
        let x_inverse = power(255 - exponent);
        if value_at(&locator[..=degree], x_inverse) != 0 {
            continue;
        }
        // The derivative keeps the odd terms only.
        let x_squared = times(x_inverse, x_inverse);
        let slope =
            (1..degree + 1).step_by(2).rev().fold(0, |s, i| times(s, x_squared) ^ locator[i]);
        if slope == 0 || found == degree {
            return None;
        }
        let size = times(value_at(&evaluator[..parity], x_inverse), inverse(slope));
        changes[found] = (at, times(size, power(exponent)));
        found += 1;
    }
    if found != degree {
        return None;
    }
    for &(at, change) in &changes[..found] {
        block[at] ^= change;
    }
    Some(Repair { errors, erasures: erased.len() })
}

/// The polynomial whose roots are the places of errors and erasures (Berlekamp–Massey).
fn locate(syndromes: &[u8], length: usize, erased: &[usize]) -> Polynomial {
    let mut locator: Polynomial = [0; TERMS];
    locator[0] = 1;
    for (count, &at) in erased.iter().enumerate() {
        let x = power(length - 1 - at);
        for i in (1..=count + 1).rev() {
            locator[i] ^= times(locator[i - 1], x);
        }
    }
    let known = erased.len();
    let (mut before, mut places) = (locator, known);
    for step in known + 1..=syndromes.len() {
        let gap = (0..step).fold(0, |sum, i| sum ^ times(locator[i], syndromes[step - 1 - i]));
        before.rotate_right(1);
        before[0] = 0;
        if gap == 0 {
            continue;
        }
        let mut next = locator;
        for (term, earlier) in next.iter_mut().zip(before) {
            *term ^= times(gap, earlier);
        }
        if 2 * places < step + known {
            places = step + known - places;
            before = locator.map(|term| times(term, inverse(gap)));
        }
        locator = next;
    }
    locator
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The parity of `data`, by long division with the generator of annex A.
    fn encoded(data: &[u8], parity: usize) -> Vec<u8> {
        let mut generator = vec![1_u8];
        for i in 0..parity {
            let mut next = generator.clone();
            next.push(0);
            for (at, term) in generator.iter().enumerate() {
                next[at + 1] ^= times(*term, power(i));
            }
            generator = next;
        }
        let mut rest = data.to_vec();
        rest.resize(data.len() + parity, 0);
        for at in 0..data.len() {
            let lead = rest[at];
            for (i, term) in generator.iter().enumerate() {
                rest[at + i] ^= times(lead, *term);
            }
        }
        [data, &rest[data.len()..]].concat()
    }

    fn damaged() -> impl Strategy<Value = (Vec<u8>, usize, Vec<(usize, u8)>, usize)> {
        (1_usize..=120, 3_usize..=15).prop_flat_map(|(length, half)| {
            let parity = 2 * half;
            let places = proptest::sample::subsequence(
                (0..length + parity).collect::<Vec<_>>(),
                0..=parity.min(length),
            );
            (
                prop::collection::vec(any::<u8>(), length),
                Just(parity),
                places.prop_flat_map(|places| {
                    let count = places.len();
                    (Just(places), prop::collection::vec(1_u8..=255, count))
                        .prop_map(|(places, by)| places.into_iter().zip(by).collect())
                }),
                0..=parity,
            )
        })
    }

    proptest! {
        #[test]
        fn what_is_within_the_bound_is_repaired_and_the_rest_is_never_touched((data, parity, damage, known) in damaged()) {
            let right = encoded(&data, parity);
            let mut block = right.clone();
            for &(at, by) in &damage {
                block[at] ^= by;
            }
            let erased: Vec<usize> = damage.iter().take(known).map(|d| d.0).collect();
            let errors = damage.len() - erased.len();
            let before = block.clone();
            let outcome = repair(&mut block, parity, &erased);
            if 2 * errors + erased.len() <= parity {
                prop_assert!(outcome.is_some());
                prop_assert_eq!(&block, &right);
            } else if outcome.is_none() {
                prop_assert_eq!(&block, &before);
            }
        }

        #[test]
        fn noise_is_refused(mut block in prop::collection::vec(any::<u8>(), 26..=26)) {
            // Version 1-M: ten parity codewords, four errors allowed by the bound on chance.
            let kept = repair(&mut block, 10, &[]).filter(|r| r.chance_log2(26, 10) <= -28.0);
            prop_assert_eq!(kept, None);
        }
    }

    #[test]
    fn the_bound_on_chance_is_the_reserve_of_the_standard() {
        // Length, parity, correctable errors (table 9): 1-L, 1-M, 1-Q, 1-H, 2-L, 2-M, 3-L.
        for (length, parity, errors) in [
            (26, 7, 2),
            (26, 10, 4),
            (26, 13, 6),
            (26, 17, 8),
            (44, 10, 4),
            (44, 16, 8),
            (70, 15, 7),
        ] {
            let chance = |errors| Repair { errors, erasures: 0 }.chance_log2(length, parity);
            assert!(chance(errors) <= -28.0, "{length} {parity}: {}", chance(errors));
            if 2 * (errors + 1) <= parity {
                assert!(chance(errors + 1) > -28.0, "{length} {parity}: {}", chance(errors + 1));
            }
        }
    }
}
