//! Whether anything moves: a room in which nothing does is not searched so hard.

use crate::luma::Luma;

/// Side of a block that is compared, in pixels of a picture at a quarter of its size.
const BLOCK: usize = 8;
/// Least mean change of a block's pixels, in steps of grey; three times what noise changes everywhere, between these.
const CHANGE: (u32, u32) = (3, 16);
/// Blocks that must have changed: a card in a hand covers more.
const BLOCKS_MIN: usize = 3;

/// What the room looked like a frame ago.
#[derive(Default)]
pub(super) struct Motion {
    before: Option<Luma>,
}

impl Motion {
    /// Whether something moved since the frame before, which is then forgotten; it did if there was none of this size.
    pub(super) fn seen(&mut self, frame: &Luma) -> bool {
        let small = frame.halved().halved();
        let moved = self.before.as_ref().is_none_or(|before| differ(before, &small));
        self.before = Some(small);
        moved
    }
}

fn differ(before: &Luma, now: &Luma) -> bool {
    if (before.width(), before.height()) != (now.width(), now.height()) {
        return true;
    }
    let mut changes = changes(before, now);
    let noise = match changes.len() {
        0 => return false,
        count => *changes.select_nth_unstable(count / 2).1,
    };
    let least = (noise * 3).clamp(CHANGE.0, CHANGE.1);
    changes.iter().filter(|change| **change >= least).count() >= BLOCKS_MIN
}

/// The mean change of each whole block's pixels.
fn changes(before: &Luma, now: &Luma) -> Vec<u32> {
    let (width, height) = (now.width() as usize, now.height() as usize);
    let across = width / BLOCK;
    let mut changes = vec![0; across * (height / BLOCK)];
    let rows =
        before.pixels().chunks_exact(width.max(1)).zip(now.pixels().chunks_exact(width.max(1)));
    for (y, (old, new)) in rows.enumerate().take(height / BLOCK * BLOCK) {
        let row = &mut changes[y / BLOCK * across..][..across];
        for (sum, (old, new)) in row.iter_mut().zip(old.chunks(BLOCK).zip(new.chunks(BLOCK))) {
            *sum += old.iter().zip(new).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>();
        }
    }
    changes.iter_mut().for_each(|sum| *sum /= (BLOCK * BLOCK) as u32);
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staging::{View, stage, stage_all};

    fn room(noise_seed: u8) -> Luma {
        let still = stage_all(&[], 7).unwrap();
        let noisy = still.pixels().iter().enumerate().map(|(at, pixel)| {
            let mixed =
                (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (u64::from(noise_seed) << 32);
            let swing = mixed.wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 60;
            pixel.saturating_add(swing as u8)
        });
        Luma::new(still.width(), still.height(), noisy.collect()).unwrap()
    }

    #[test]
    fn noise_is_no_motion_and_a_card_is() {
        let mut motion = Motion::default();
        assert!(motion.seen(&room(0)), "nobody knows what was before the first frame");
        for seed in 1..6 {
            assert!(!motion.seen(&room(seed)), "frame {seed}");
        }
        let mut view = View::walk_up(7);
        view.side = 90.0;
        let card = stage("A CARD", &view, 7).unwrap();
        assert!(motion.seen(&card));
    }

    #[test]
    fn frames_of_any_size_are_compared() {
        let mut motion = Motion::default();
        for (width, height) in [(1, 1), (1, 1), (31, 9), (64, 2), (64, 64), (64, 64)] {
            let frame = Luma::new(width, height, vec![9; (width * height) as usize]).unwrap();
            motion.seen(&frame);
        }
        assert!(!motion.seen(&Luma::new(64, 64, vec![9; 64 * 64]).unwrap()));
    }
}
