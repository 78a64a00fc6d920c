//! Messages over several symbols: parts put together (structured append, ISO/IEC 18004:2015, 8).

use super::bits::{Message, Part};
use super::text::{self, Piece};
use super::{Corner, Found, deduplicated};

/// Most parts of a message.
const PARTS_MAX: u8 = 16;

/// What symbols of one frame say, each payload once; complete sets of parts as one, at the first part's place.
pub(super) fn joined(read: impl Iterator<Item = (Message, [Corner; 4])>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut parts = Parts::default();
    let mut loose: Vec<(Part, Found)> = Vec::new();
    for (message, corners) in read {
        let payload = text::payload(&message.pieces);
        let single = Found { payload, corners, part: message.part };
        match message.part {
            Some(part) => {
                loose.push((part, single));
                if let Some(pieces) = parts.add(part, message.pieces) {
                    let place =
                        loose.iter().filter(|(p, _)| same(*p, part)).min_by_key(|(p, _)| p.index);
                    let corners = place.map_or(corners, |(_, first)| first.corners);
                    loose.retain(|(p, _)| !same(*p, part));
                    found.push(Found { payload: text::payload(&pieces), corners, part: None });
                }
            }
            None => found.push(single),
        }
    }
    for (_, part) in loose {
        found.push(part);
    }
    deduplicated(found)
}

fn same(a: Part, b: Part) -> bool {
    a.total == b.total && a.parity == b.parity
}

/// Parts of messages that are not yet whole.
#[derive(Debug, Default)]
pub(super) struct Parts {
    held: Vec<(Part, Vec<Piece>)>,
}

/// Parts that are held at most: four whole messages.
const HELD_MAX: usize = 64;

impl Parts {
    /// Adds a part; the pieces of the whole message once all its parts are there and their parity is right.
    pub(super) fn add(&mut self, part: Part, pieces: Vec<Piece>) -> Option<Vec<Piece>> {
        if part.total > PARTS_MAX || part.index >= part.total {
            return None;
        }
        if !self.held.iter().any(|(known, _)| *known == part) {
            if self.held.len() == HELD_MAX {
                self.held.remove(0);
            }
            self.held.push((part, pieces));
        }
        let mut set: Vec<&(Part, Vec<Piece>)> =
            self.held.iter().filter(|(known, _)| same(*known, part)).collect();
        if set.len() < usize::from(part.total) {
            return None;
        }
        set.sort_by_key(|(part, _)| part.index);
        let whole: Vec<Piece> = set.into_iter().flat_map(|(_, pieces)| pieces.clone()).collect();
        self.held.retain(|(known, _)| !same(*known, part));
        let parity = whole.iter().flat_map(|piece| &piece.bytes).fold(0, |sum, byte| sum ^ byte);
        (parity == part.parity).then_some(whole)
    }
}
