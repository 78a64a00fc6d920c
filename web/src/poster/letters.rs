//! The fonts that a poster is set in: which letters they have, and how wide they are.

use std::{path::Path, sync::Arc};

use ttf_parser::Face;
use usvg::fontdb::{Database, Family, ID, Query, Weight};

use super::PosterError;
use crate::language::Lang;

/// The families that posters use, with Debian's package of each.
const FAMILIES: [(&str, &str); 3] = [
    ("Noto Sans", "fonts-noto-core"),
    ("Noto Sans CJK SC", "fonts-noto-cjk"),
    ("Noto Sans CJK TC", "fonts-noto-cjk"),
];
/// From here on letters are of East Asia.
const EAST_ASIAN: char = '\u{2e80}';

/// How thick letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thick {
    Regular,
    Bold,
}

impl Thick {
    /// The weight as SVG writes it.
    pub(super) const fn weight(self) -> u16 {
        match self {
            Self::Regular => 400,
            Self::Bold => 700,
        }
    }
}

/// The fonts at hand.
pub struct Letters {
    fonts: Arc<Database>,
    /// Of each family of [`FAMILIES`] the regular and the bold face.
    faces: [[Option<ID>; 2]; 3],
}

impl std::fmt::Debug for Letters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letters({} faces)", self.fonts.len())
    }
}

impl Letters {
    /// The fonts of this machine, or those of a folder.
    pub(super) fn open(folder: Option<&Path>) -> Self {
        let mut fonts = Database::new();
        match folder {
            Some(folder) => fonts.load_fonts_dir(folder),
            None => fonts.load_system_fonts(),
        }
        let face = |name, thick: Thick| {
            let families = &[Family::Name(name)];
            let weight = Weight(thick.weight());
            fonts.query(&Query { families, weight, ..Query::default() })
        };
        let faces = FAMILIES.map(|(name, _)| [face(name, Thick::Regular), face(name, Thick::Bold)]);
        Self { fonts: Arc::new(fonts), faces }
    }

    pub(super) fn fonts(&self) -> Arc<Database> {
        Arc::clone(&self.fonts)
    }

    /// The family in which a text is set: the first of its language's that has all its letters.
    pub(super) fn family(&self, lang: Lang, text: &str) -> Result<&'static str, PosterError> {
        let order: [usize; 3] = match lang {
            Lang::ZhHans => [1, 2, 0],
            Lang::ZhHant => [2, 1, 0],
            Lang::Kk | Lang::Ru | Lang::Vi | Lang::En => [0, 1, 2],
        };
        let letters = || text.chars().filter(|c| !c.is_whitespace());
        let whole = order.into_iter().find(|n| letters().all(|c| self.has(*n, c)));
        if let Some(n) = whole {
            return Ok(FAMILIES[n].0);
        }
        // A text of several scripts: the letters that its family lacks come from the others.
        match letters().find(|c| !order.iter().any(|n| self.has(*n, *c))) {
            Some(letter) => {
                let n = usize::from(letter >= EAST_ASIAN);
                Err(PosterError::Letter { letter, package: FAMILIES[n].1 })
            }
            None => Ok(FAMILIES[order[0]].0),
        }
    }

    /// How wide a text is, in heights of its letters.
    pub(super) fn width(&self, family: &str, thick: Thick, text: &str) -> f32 {
        let n = FAMILIES.iter().position(|(name, _)| *name == family).unwrap_or_default();
        let others = (0..FAMILIES.len()).filter(|other| *other != n);
        let order: Vec<usize> = std::iter::once(n).chain(others).collect();
        let letter = |c: char| {
            let wide = order.iter().find_map(|n| self.advance(*n, thick, c));
            wide.unwrap_or(1.0)
        };
        text.chars().map(letter).sum()
    }

    fn has(&self, family: usize, letter: char) -> bool {
        self.advance(family, Thick::Regular, letter).is_some()
    }

    fn advance(&self, family: usize, thick: Thick, letter: char) -> Option<f32> {
        let face = self.faces[family][usize::from(thick == Thick::Bold)]?;
        let advance = |data: &[u8], index: u32| {
            let face = Face::parse(data, index).ok()?;
            let wide = face.glyph_hor_advance(face.glyph_index(letter)?)?;
            Some(f32::from(wide) / f32::from(face.units_per_em()))
        };
        self.fonts.with_face_data(face, advance)?
    }
}
