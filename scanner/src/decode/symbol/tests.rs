//! Symbols of an encoder, whole and damaged; rqrr's decoder as a second opinion.

use proptest::prelude::*;
use qrcode::{Color, EcLevel, QrCode};

use super::super::Payload;
use super::super::text::payload;
use super::*;

const LEVELS: [EcLevel; 4] = [EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H];

fn modules(code: &QrCode) -> Modules {
    let dark = code.to_colors().into_iter().map(|c| if c == Color::Dark { 1.0 } else { -1.0 });
    Modules::new(Version::of_side(code.width()).unwrap(), dark.collect()).unwrap()
}

fn text(read: Option<Read>) -> Option<Payload> {
    read.map(|read| payload(&read.message.pieces))
}

fn encoded(version: i16, level: EcLevel, bytes: &[u8]) -> QrCode {
    QrCode::with_version(bytes, qrcode::Version::Normal(version), level).unwrap()
}

fn by_rqrr(code: &QrCode) -> String {
    let (side, colors) = (code.width(), code.to_colors());
    let grid = rqrr::SimpleGrid::from_func(side, |x, y| colors[y * side + x] == Color::Dark);
    rqrr::Grid::new(grid).decode().unwrap().1
}

#[test]
fn every_version_and_level_is_read_as_rqrr_reads_it_and_as_its_mirror_image() {
    for version in 1..=40 {
        for level in LEVELS {
            let said = format!("v{version} {level:?}");
            let code = encoded(version, level, &said.as_bytes()[..said.len().min(7)]);
            let modules = modules(&code);
            let read = modules.read().unwrap();
            assert_eq!(
                payload(&read.message.pieces).as_bytes(),
                &said.as_bytes()[..said.len().min(7)]
            );
            // rqrr is slow on large symbols.
            if version % 6 == 1 && version < 20 {
                assert_eq!(payload(&read.message.pieces).text(), Some(by_rqrr(&code).as_str()));
            }
            assert!(!read.mirrored && read.strain == 0.0);
            let turned = modules.mirrored().read().unwrap();
            assert!(turned.mirrored && turned.message == read.message, "{said}");
        }
    }
}

#[test]
fn stated_versions_survive_three_wrong_bits_and_noise_states_none() {
    for number in 7..=40 {
        let word = version_word(number) ^ 0b10_0000_0100_0000_1000;
        let bits: [f32; 18] = std::array::from_fn(|i| if word >> i & 1 == 1 { 1.0 } else { -1.0 });
        assert_eq!(version_from(&[bits; 2]), Version::new(number));
    }
    assert_eq!(version_word(7), 0x07C94);
    assert_eq!(format_word(0b00_101), 0b100_0000_1100_1110);
    assert_eq!(version_from(&[[-1.0; 18]; 2]), None);
}

fn symbol() -> impl Strategy<Value = (i16, usize, Vec<u8>)> {
    (1_i16..=25, 0_usize..4).prop_flat_map(|(version, level)| {
        let room = match version {
            1 => 6,
            2..=5 => 12,
            _ => 50,
        };
        (Just(version), Just(level), prop::collection::vec(any::<u8>(), 1..room))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn damage_gives_the_text_or_nothing((version, level, bytes) in symbol(), wrong in 0.0_f32..0.3, seed in any::<u64>()) {
        let whole = modules(&encoded(version, LEVELS[level], &bytes));
        let expected = text(whole.read());
        prop_assert!(expected.is_some());
        let mut state = seed | 1;
        let mut chance = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1_u64 << 24) as f32
        };
        let damaged = whole.darkness.iter().map(|dark| if chance() < wrong { -dark * chance() } else { *dark });
        let damaged = Modules::new(whole.version, damaged.collect()).unwrap();
        let read = text(damaged.read());
        prop_assert!(read.is_none() || read == expected);
    }

    #[test]
    fn doubtful_modules_are_given_up_first(bytes in prop::collection::vec(any::<u8>(), 20..40)) {
        // Version 10-M: 26 parity codewords a block. A stain over a tenth of the rows, nearly grey.
        let mut modules = modules(&encoded(10, EcLevel::M, &bytes));
        let expected = text(modules.read());
        let side = modules.version.side();
        for y in 24..33 {
            for x in 12..side {
                let dark = &mut modules.darkness[y * side + x];
                *dark = if (x * 7 + y * 3) % 5 < 2 { 0.05 } else { -0.05 };
            }
        }
        prop_assert_eq!(text(modules.read()), expected);
    }

    #[test]
    fn noise_is_no_symbol(version in 1_usize..=6, seed in any::<u64>()) {
        let version = Version::new(version).unwrap();
        let mut state = seed | 1;
        let noise = (0..version.side() * version.side()).map(|_| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as f32 / (1_u64 << 30) as f32 - 1.0
        });
        prop_assert_eq!(Modules::new(version, noise.collect()).unwrap().read(), None);
    }
}
