//! Cards of A7 with a code and lines of text, as PDF: set and drawn like posters.

use askama::Template;
use krilla::{Document, geom::Size, metadata::Metadata, page::PageSettings};
use krilla_svg::{SurfaceExt, SvgSettings};

use super::{
    POINTS, PosterError,
    letters::{Letters, Thick},
};
use crate::{language::Lang, symbol::Symbol};

/// The card's sides, mm: A7, across.
const CARD: (f32, f32) = (105.0, 74.0);
/// The side of the symbol with its margin, mm.
const SYMBOL_MM: f32 = 62.0;
/// The column beside it: where it begins and how wide it is, mm.
const BESIDE: (f32, f32) = (68.0, 34.0);
const HEADING_MM: f32 = 7.0;
const TEXT_MM: f32 = 3.2;
/// From line to line, in heights of letters.
const LEADING: f32 = 1.35;

/// What is drawn on a card.
pub(crate) struct Drawn<'a> {
    pub(crate) heading: &'a str,
    pub(crate) lines: &'a [String],
    pub(crate) symbol: Symbol,
}

struct Line {
    y: f32,
    size: f32,
    family: &'static str,
    weight: u16,
    text: String,
}

#[derive(Template)]
#[template(path = "card.svg", escape = "html")]
struct Sheet<'a> {
    lines: &'a [Line],
    symbol: &'a Symbol,
    scale: f32,
    x: f32,
    lang: &'static str,
}

/// The cards as PDF, a page each.
///
/// # Errors
/// [`PosterError`] names the letter that no font has.
pub(crate) fn pdf(t: Lang, cards: &[Drawn<'_>]) -> Result<Vec<u8>, PosterError> {
    let letters = super::letters(None);
    let nothing = || PosterError::Pdf("the page has no size".into());
    let size = Size::from_wh(CARD.0 * POINTS, CARD.1 * POINTS).ok_or_else(nothing)?;
    let options = usvg::Options { fontdb: letters.fonts(), ..usvg::Options::default() };
    let mut document = Document::new();
    for card in cards {
        let lines = lines(t, card, &letters)?;
        let scale = SYMBOL_MM / card.symbol.side as f32;
        let (x, lang) = (BESIDE.0, t.tag());
        let svg = Sheet { lines: &lines, symbol: &card.symbol, scale, x, lang }.render()?;
        let tree = usvg::Tree::from_str(&svg, &options)?;
        let mut page = document.start_page_with(PageSettings::new(size));
        let mut surface = page.surface();
        surface.draw_svg(&tree, size, SvgSettings::default()).ok_or_else(nothing)?;
        surface.finish();
        page.finish();
    }
    let title = cards.first().map_or("", |card| card.heading);
    document.set_metadata(Metadata::new().title(title.to_owned()).language(t.tag().into()));
    document.finish().map_err(|error| PosterError::Pdf(format!("{error:?}")))
}

fn lines(t: Lang, card: &Drawn<'_>, letters: &Letters) -> Result<Vec<Line>, PosterError> {
    let mut y = 16.0;
    let mut all = Vec::new();
    let heading = std::iter::once((card.heading, HEADING_MM, Thick::Bold));
    let rest = card.lines.iter().map(|line| (line.as_str(), TEXT_MM, Thick::Regular));
    for (text, most, thick) in heading.chain(rest) {
        let family = letters.family(t, text)?;
        for row in rows(text, |row| letters.width(family, thick, row) * most <= BESIDE.1) {
            let wide = letters.width(family, thick, &row).max(f32::EPSILON);
            let size = most.min(BESIDE.1 / wide);
            all.push(Line { y, size, family, weight: thick.weight(), text: row });
            y += most * LEADING;
        }
        y += 1.2;
    }
    Ok(all)
}

/// A text in rows that fit, broken between words; a word that fits no row has one for itself.
fn rows(text: &str, fits: impl Fn(&str) -> bool) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match rows.last_mut() {
            Some(row) if fits(&format!("{row} {word}")) => {
                row.push(' ');
                row.push_str(word);
            }
            _ => rows.push(word.to_owned()),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_whole() {
        let fits = |row: &str| row.chars().count() <= 7;
        assert_eq!(
            rows("until 12 Nov 14:00 averylongword", fits),
            ["until", "12 Nov", "14:00", "averylongword"]
        );
        assert!(rows("", fits).is_empty());
    }

    #[test]
    fn a_card_is_a_page_in_every_language() {
        let lines = ["until 12 Nov".to_owned(), "A*** K.".to_owned()];
        for t in Lang::ALL {
            let card =
                || Drawn { heading: "12", lines: &lines, symbol: Symbol::of("ST1:ABC").unwrap() };
            let pdf = pdf(t, &[card(), card()]).unwrap();
            assert!(pdf.starts_with(b"%PDF-"), "{t:?}");
        }
    }
}
