//! Where each text of a poster stands; all measures in millimetres.

use sync::record::Direction;

use super::{
    PosterError, PosterOrder, day,
    letters::{Letters, Thick},
};
use crate::language::Lang;

/// One line of text on the sheet.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) size: f32,
    pub(super) family: &'static str,
    pub(super) weight: u16,
    pub(super) lang: &'static str,
    /// On the dark head.
    pub(super) light: bool,
    pub(super) text: String,
}

/// What a poster is laid out from.
pub(super) struct Sheet<'a> {
    pub(super) order: &'a PosterOrder<'a>,
    pub(super) languages: [Lang; 2],
    pub(super) letters: &'a Letters,
}

/// A place for text.
#[derive(Clone, Copy)]
struct Spot {
    x: f32,
    y: f32,
    wide: f32,
    /// How high the letters are at most.
    size: f32,
    thick: Thick,
    light: bool,
}

/// The sheet's inner left edge, and how wide its inside is.
const LEFT: f32 = 14.0;
const WIDE: f32 = 182.0;
/// The column beside the symbol.
const BESIDE: Spot =
    Spot { x: 126.0, y: 81.0, wide: 70.0, size: 3.8, thick: Thick::Regular, light: false };
/// From line to line, in heights of letters.
const LEADING: f32 = 1.28;

impl Sheet<'_> {
    pub(super) fn lines(&self) -> Result<Vec<Line>, PosterError> {
        let mut lines = Vec::new();
        self.head(&mut lines)?;
        self.beside_the_symbol(&mut lines)?;
        self.steps(&mut lines)?;
        self.foot(&mut lines)?;
        Ok(lines)
    }

    fn head(&self, to: &mut Vec<Line>) -> Result<(), PosterError> {
        let (title, way) = match self.order.way {
            Direction::Out => ("poster-title-out", "door-direction-out"),
            Direction::In | Direction::Both => ("poster-title-in", "door-direction-in"),
        };
        let [first, second] = self.languages;
        let spot = |y, size, thick| Spot { x: 50.0, y, wide: 146.0, size, thick, light: true };
        self.one(to, first, &first.say(title), spot(21.0, 11.5, Thick::Bold))?;
        self.one(to, second, &second.say(title), spot(34.0, 8.0, Thick::Regular))?;
        let spot = |y, size, thick| Spot { x: LEFT, y, wide: WIDE, size, thick, light: false };
        self.one(to, first, self.order.venue, spot(58.0, 11.0, Thick::Bold))?;
        let ways = format!("{} · {} / {}", self.order.entrance, first.say(way), second.say(way));
        self.one(to, first, &ways, spot(69.0, 7.0, Thick::Regular))
    }

    fn beside_the_symbol(&self, to: &mut Vec<Line>) -> Result<(), PosterError> {
        let mut y = BESIDE.y;
        let big = |y, size| Spot { y, size, thick: Thick::Bold, ..BESIDE };
        if let Some(wifi) = self.order.wifi {
            y = self.both(to, "poster-wifi", Spot { y, ..BESIDE })?;
            self.one(to, Lang::En, wifi, big(y + 2.5, 6.5))?;
            y += 12.0;
        }
        y = self.both(to, "poster-typed", Spot { y, ..BESIDE })?;
        let page = format!("{}/v", self.order.address.trim_end_matches('/'));
        self.one(to, Lang::En, &page, big(y + 2.5, 6.0))?;
        y += 11.0;
        // In groups, as people read letters out.
        let letters: Vec<char> = self.order.code.chars().collect();
        for row in letters.chunks(16) {
            let groups: Vec<String> = row.chunks(4).map(|four| four.iter().collect()).collect();
            self.one(to, Lang::En, &groups.join("  "), big(y, 6.5))?;
            y += 8.5;
        }
        y = self.both(to, "poster-help", Spot { y: y + 2.0, ..BESIDE })?;
        if let Some(contact) = self.order.contact {
            self.wrapped(to, self.languages[0], contact, big(y + 1.0, 4.6))?;
        }
        Ok(())
    }

    fn steps(&self, to: &mut Vec<Line>) -> Result<(), PosterError> {
        let last = match self.order.way {
            Direction::Out => "poster-step-leave",
            Direction::In | Direction::Both => "poster-step-show",
        };
        for (n, id) in ["poster-step-scan", "poster-step-number", last].into_iter().enumerate() {
            let x = LEFT + n as f32 * 62.5;
            let spot = Spot { x, y: 216.0, wide: 57.0, size: 4.0, ..BESIDE };
            self.both(to, id, spot)?;
        }
        Ok(())
    }

    fn foot(&self, to: &mut Vec<Line>) -> Result<(), PosterError> {
        for (lang, x) in self.languages.into_iter().zip([LEFT, 108.0]) {
            let spot = Spot { x, y: 259.0, wide: 88.0, size: 2.9, ..BESIDE };
            let y = self.wrapped(to, lang, &lang.say("poster-promise"), spot)?;
            let spot = Spot { y: y + 0.8, thick: Thick::Bold, ..spot };
            self.wrapped(to, lang, &lang.say("poster-tamper"), spot)?;
            let facts = [
                lang.fill("version", self.order.version),
                lang.fill("poster-valid", day(lang, self.order, self.order.valid_from)),
                lang.fill("poster-made", day(lang, self.order, self.order.made)),
            ];
            self.one(to, lang, &facts.join(" · "), Spot { y: 291.0, size: 2.8, ..spot })?;
        }
        Ok(())
    }

    /// A text in both languages, the first thicker; where the next one may begin.
    fn both(&self, to: &mut Vec<Line>, id: &str, spot: Spot) -> Result<f32, PosterError> {
        let [first, second] = self.languages;
        let thick = Spot { thick: Thick::Bold, ..spot };
        let y = self.wrapped(to, first, &first.say(id), thick)?;
        let thin = Spot { y: y + 0.6, size: spot.size * 0.92, thick: Thick::Regular, ..spot };
        Ok(self.wrapped(to, second, &second.say(id), thin)? + 0.6)
    }

    /// A text in one line, in smaller letters where it is long.
    fn one(
        &self,
        to: &mut Vec<Line>,
        lang: Lang,
        text: &str,
        spot: Spot,
    ) -> Result<(), PosterError> {
        let family = self.letters.family(lang, text)?;
        let wide = self.letters.width(family, spot.thick, text).max(f32::EPSILON);
        let size = spot.size.min(spot.wide / wide);
        to.push(line(spot, size, family, lang, text.to_owned()));
        Ok(())
    }

    /// A text in as many lines as it needs; where the next one may begin.
    fn wrapped(
        &self,
        to: &mut Vec<Line>,
        lang: Lang,
        text: &str,
        spot: Spot,
    ) -> Result<f32, PosterError> {
        let family = self.letters.family(lang, text)?;
        let fits = |text: &str| {
            self.letters.width(family, spot.thick, text.trim_end()) * spot.size <= spot.wide
        };
        let mut y = spot.y;
        let mut row = String::new();
        for piece in pieces(text) {
            if !row.is_empty() && !fits(&format!("{row}{piece}")) {
                let full = std::mem::take(&mut row);
                to.push(line(Spot { y, ..spot }, spot.size, family, lang, full.trim_end().into()));
                y += spot.size * LEADING;
            }
            row.push_str(piece);
        }
        to.push(line(Spot { y, ..spot }, spot.size, family, lang, row.trim_end().into()));
        Ok(y + spot.size * LEADING)
    }
}

fn line(spot: Spot, size: f32, family: &'static str, lang: Lang, text: String) -> Line {
    let Spot { x, y, thick, light, .. } = spot;
    Line { x, y, size, family, weight: thick.weight(), lang: lang.tag(), light, text }
}

/// A text in the pieces between which a line may break: after white space, and after letters of East Asia unless a
/// mark follows that may begin no line.
fn pieces(text: &str) -> Vec<&str> {
    const BINDS: &str = "，。、：；！？）」”’…,.;:!?)";
    let mut pieces = Vec::new();
    let mut begun = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let end = at + letter.len_utf8();
        let Some((_, next)) = letters.peek() else { break };
        let opens = matches!(letter, '（' | '「' | '“');
        let east = letter >= '\u{2e80}' && !opens && !BINDS.contains(*next);
        if (letter.is_whitespace() && letter != '\u{a0}') || east {
            pieces.push(&text[begun..end]);
            begun = end;
        }
    }
    pieces.push(&text[begun..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_where_each_script_lets_them() {
        assert_eq!(pieces("Point your phone"), ["Point ", "your ", "phone"]);
        assert_eq!(pieces("扫码，登记"), ["扫", "码，", "登", "记"]);
        assert_eq!(pieces(""), [""]);
    }
}
