//! A token on a card of paper (A7), readable by eye and by door: its colour in words, until when it holds, its code.

use node_core::token::{Claim, status::StatusClaims};
use sync::time::Zone;

use super::colour;
use crate::{
    date,
    language::Lang,
    poster::{PosterError, cards},
    symbol::Symbol,
};

/// What a card says.
pub(super) struct Card {
    heading: String,
    lines: Vec<String>,
    code: String,
}

impl Card {
    /// Of a token.
    pub(super) fn of(
        t: Lang,
        zone: &Zone,
        issuer: &str,
        ends: &str,
        text: &str,
        claims: &StatusClaims,
    ) -> Self {
        let heading = match claims.claim() {
            Claim::Colour(status) => t.say(colour(status).1),
            // What a fact makes of its holder is the policy's to say, on the day.
            Claim::Fact { .. } => t.say("office-card-title"),
        };
        let mut lines = vec![
            t.fill("office-card-from", date::moment(t, zone, claims.issued_at())),
            t.fill("office-card-until", date::moment(t, zone, claims.expires())),
        ];
        lines.extend(claims.masked_name().map(str::to_owned));
        lines.extend(claims.birth_year().map(|year| year.to_string()));
        if !ends.is_empty() {
            lines.push(t.fill("office-card-ends", ends));
        }
        lines.push(issuer.to_owned());
        lines.push(t.say("office-card-show"));
        Self { heading, lines, code: text.to_owned() }
    }
}

/// The cards as PDF, a page each.
///
/// # Errors
/// [`PosterError`] names the letter that no font has.
pub(super) fn pdf(t: Lang, all: &[Card]) -> Result<Vec<u8>, PosterError> {
    let drawn: Option<Vec<cards::Drawn<'_>>> = all
        .iter()
        .map(|card| {
            let symbol = Symbol::of(&card.code)?;
            Some(cards::Drawn { heading: &card.heading, lines: &card.lines, symbol })
        })
        .collect();
    cards::pdf(t, &drawn.ok_or_else(|| PosterError::Fine("ST1:".into()))?)
}
