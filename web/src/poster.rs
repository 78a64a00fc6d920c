//! The poster for a venue's wall: an A4 sheet in two languages with the entrance's code, as SVG or PDF.
//!
//! `letters` knows the fonts, `layout` places the texts, `templates/poster.svg` is the sheet. The sheet is black on
//! white but for its head, which is dark: it reads the same printed without colour. The same order makes the same code.

pub(crate) mod cards;
mod layout;
mod letters;

use std::path::Path;

use askama::Template;
use krilla::{Document, geom::Size, metadata::Metadata, page::PageSettings};
use krilla_svg::{SurfaceExt, SvgSettings};
use qrcode::EcLevel;
use sync::{
    record::Direction,
    time::{UnixMillis, Zone},
};

use crate::{date, language::Lang, symbol::Symbol};
use layout::{Line, Sheet};
pub use letters::Letters;

/// What stands between a node's address and a poster's code: `HTTP://10.0.0.5/P/VW1:…`. In capitals, for which a
/// symbol needs half the space.
pub const POSTER_PATH: &str = "/P/";
/// The side of the printed symbol with its margin, mm.
const SYMBOL_MM: f32 = 104.0;
/// The least side of a module, mm: what phones read from two metres.
const MODULE_MM: f32 = 1.0;
/// Points in a millimetre.
const POINTS: f32 = 72.0 / 25.4;

/// What a poster says.
#[derive(Clone, Debug)]
pub struct PosterOrder<'a> {
    /// The venue's name.
    pub venue: &'a str,
    /// The entrance's name.
    pub entrance: &'a str,
    /// Which way those go who scan it: in or out.
    pub way: Direction,
    /// The place code: `VW1:…`.
    pub code: &'a str,
    /// Where the node's pages are reached, without a path: `http://10.0.0.5`.
    pub address: &'a str,
    /// The Wi-Fi that leads there.
    pub wifi: Option<&'a str>,
    /// Whom to ask.
    pub contact: Option<&'a str>,
    /// Rises with every print that replaces an older one.
    pub version: u32,
    /// From when the code counts.
    pub valid_from: UnixMillis,
    /// When the sheet was made.
    pub made: UnixMillis,
    /// The venue's zone.
    pub zone: &'a Zone,
    /// The tags of its two languages, the larger first.
    pub languages: [&'a str; 2],
}

/// Why a poster could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PosterError {
    /// A language that no text is written in.
    #[error("{0:?} is none of kk, ru, vi, zh-Hans, zh-Hant, en")]
    Language(String),
    /// An address that phones could not open.
    #[error(
        "{0:?} is no address such as http://10.0.0.5 or https://door.example:8443, without a path"
    )]
    Address(String),
    /// The address is too long for modules that phones read.
    #[error("the address {0:?} makes the symbol too fine to be read: choose a shorter one")]
    Fine(String),
    /// No font has a letter.
    #[error("no font at hand has the letter {letter:?} (U+{:04X}): install the package {package}", u32::from(*.letter))]
    Letter {
        /// The letter.
        letter: char,
        /// Debian's package that has it.
        package: &'static str,
    },
    /// The template.
    #[error("the sheet could not be drawn")]
    Template(#[from] askama::Error),
    /// The drawing.
    #[error("the drawing could not be read back")]
    Drawing(#[from] usvg::Error),
    /// The PDF.
    #[error("the PDF could not be written: {0}")]
    Pdf(String),
}

/// A poster, ready to be written in either form.
pub struct Poster {
    tree: usvg::Tree,
    title: String,
    language: &'static str,
    address: String,
    /// Which fonts its letters come from.
    families: Vec<&'static str>,
}

impl std::fmt::Debug for Poster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Poster({})", self.title)
    }
}

#[derive(Template)]
#[template(path = "poster.svg", escape = "html")]
struct Drawing<'a> {
    lines: &'a [Line],
    symbol: &'a Symbol,
    scale: f32,
    outwards: bool,
}

impl Poster {
    /// Draws a poster with the fonts at hand.
    ///
    /// # Errors
    /// [`PosterError`] names the language, the address, or the letter that no font has.
    pub fn draw(order: &PosterOrder<'_>, letters: &Letters) -> Result<Self, PosterError> {
        let language =
            |tag: &str| Lang::from_tag(tag).ok_or_else(|| PosterError::Language(tag.to_owned()));
        let languages = [language(order.languages[0])?, language(order.languages[1])?];
        let address = code_address(order.address, order.code)?;
        let symbol = Symbol::at_level(&address, EcLevel::Q)
            .ok_or_else(|| PosterError::Fine(order.address.to_owned()))?;
        let scale = SYMBOL_MM / symbol.side as f32;
        if scale < MODULE_MM {
            return Err(PosterError::Fine(order.address.to_owned()));
        }
        let sheet = Sheet { order, languages, letters };
        let lines = sheet.lines()?;
        let outwards = order.way == Direction::Out;
        let svg = Drawing { lines: &lines, symbol: &symbol, scale, outwards }.render()?;
        let options = usvg::Options { fontdb: letters.fonts(), ..usvg::Options::default() };
        let mut families: Vec<_> = lines.iter().map(|line| line.family).collect();
        families.sort_unstable();
        families.dedup();
        Ok(Self {
            tree: usvg::Tree::from_str(&svg, &options)?,
            title: format!("{} · {}", order.venue, order.entrance),
            language: languages[0].tag(),
            address,
            families,
        })
    }

    /// What its symbol says.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The fonts that its letters come from.
    pub fn families(&self) -> &[&'static str] {
        &self.families
    }

    /// As SVG whose letters are outlines: it looks the same where no font is installed.
    pub fn to_svg(&self) -> String {
        let options = usvg::WriteOptions {
            coordinates_precision: 3, // micrometres
            transforms_precision: 5,
            ..usvg::WriteOptions::default()
        };
        self.tree.to_string(&options)
    }

    /// As PDF with the letters that it needs in it.
    ///
    /// # Errors
    /// [`PosterError::Pdf`].
    pub fn to_pdf(&self) -> Result<Vec<u8>, PosterError> {
        let page = || PosterError::Pdf("the page has no size".into());
        let size = Size::from_wh(210.0 * POINTS, 297.0 * POINTS).ok_or_else(page)?;
        let mut document = Document::new();
        let mut sheet = document.start_page_with(PageSettings::new(size));
        let mut surface = sheet.surface();
        surface.draw_svg(&self.tree, size, SvgSettings::default()).ok_or_else(page)?;
        surface.finish();
        sheet.finish();
        let metadata = Metadata::new().title(self.title.clone()).language(self.language.into());
        document.set_metadata(metadata);
        document.finish().map_err(|error| PosterError::Pdf(format!("{error:?}")))
    }
}

/// What a poster's symbol says, in the letters for which it needs the least space.
fn code_address(address: &str, code: &str) -> Result<String, PosterError> {
    let wrong = || PosterError::Address(address.to_owned());
    let bare = address.trim_end_matches('/');
    let host = bare.strip_prefix("http://").or_else(|| bare.strip_prefix("https://"));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    match host {
        Some(host) if !host.is_empty() && host.chars().all(plain) => {
            Ok(format!("{}{POSTER_PATH}{code}", bare.to_ascii_uppercase()))
        }
        _ => Err(wrong()),
    }
}

/// Finds the fonts of this machine, or those of a folder.
pub fn letters(folder: Option<&Path>) -> Letters {
    Letters::open(folder)
}

/// The day, as a language writes it.
fn day(lang: Lang, order: &PosterOrder<'_>, at: UnixMillis) -> String {
    date::day(lang, order.zone, at)
}

#[cfg(test)]
mod tests;
