//! An eye on a stream of frames: it knows where codes were, spreads the dear steps over frames, and votes over
//! frames that cannot be read alone.
//!
//! Pure: time is handed in.

use std::time::Duration;

use super::append::Parts;
use super::bits::Message;
use super::geometry::{Point, inside};
use super::ladder::{Search, Unread, rounded};
use super::motion::Motion;
use super::symbol::Modules;
use super::text;
use super::{DecodeError, Found, deduplicated};
use crate::contain::{contain, words};
use crate::luma::Luma;
use crate::meter::{Budget, Work};

/// Steps for one frame of a stream, about thirty milliseconds of a desktop's core.
const STEPS_MAX: u64 = 12_000_000;
/// How long a place is remembered after nothing was read or seen there.
const REMEMBERED: Duration = Duration::from_millis(1500);
/// Places remembered at most.
const PLACES_MAX: usize = 8;
/// While all known codes are read where they were, the whole frame is searched only every so many frames.
const WHOLE_EVERY: u32 = 3;
/// Least agreement of the timing patterns for a frame to have a vote.
const VOTE_TIMING_MIN: f32 = 0.45;
/// Frames whose votes are kept; the sum is weakened by what comes beyond it.
const VOTES_MAX: f32 = 12.0;

/// Where a code was, or something that looked like one.
struct Place {
    corners: [Point; 4],
    at: Duration,
    was_read: bool,
}

/// The summed sureness of each module of a symbol over frames.
struct Vote {
    corners: [Point; 4],
    modules: Modules,
    frames: f32,
    at: Duration,
}

/// A reader of a stream of frames.
#[derive(Default)]
pub struct Eye {
    places: Vec<Place>,
    votes: Vec<Vote>,
    parts: Parts,
    frame: u32,
    motion: Motion,
    step: usize,
}

impl std::fmt::Debug for Eye {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (places, votes) = (self.places.len(), self.votes.len());
        f.debug_struct("Eye")
            .field("places", &places)
            .field("votes", &votes)
            .finish_non_exhaustive()
    }
}

impl Eye {
    /// An eye that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The codes of the next frame of the stream, taken at `now`, each payload once. A message over several
    /// symbols comes once all its parts were seen, in this frame or earlier ones.
    ///
    /// # Errors
    /// Budget or steps were spent before the frame was searched once, or the decoder panicked.
    pub fn look(
        &mut self,
        luma: &Luma,
        now: Duration,
        budget: &Budget,
    ) -> Result<Vec<Found>, DecodeError> {
        let work = Work::new(STEPS_MAX, budget);
        self.frame = self.frame.wrapping_add(1);
        self.places.retain(|place| now.saturating_sub(place.at) < REMEMBERED);
        self.votes.retain(|vote| now.saturating_sub(vote.at) < REMEMBERED);
        let outcome = contain(|| self.search(luma, now, &work));
        match outcome {
            Ok((found, true)) => Ok(found),
            Ok((found, false)) if !found.is_empty() => Ok(found),
            Ok(_) => Err(DecodeError::OverBudget),
            Err(wreck) => {
                *self = Self::new();
                Err(DecodeError::Panicked(words(&wreck)))
            }
        }
    }

    /// What is read in a frame, and whether it was searched once.
    fn search(&mut self, luma: &Luma, now: Duration, work: &Work) -> (Vec<Found>, bool) {
        let mut read = self.where_they_were(luma, now, work);
        let all_there =
            !read.is_empty() && self.places.iter().all(|place| !place.was_read || place.at == now);
        if all_there && !self.frame.is_multiple_of(WHOLE_EVERY) {
            return (self.found(read), true);
        }
        let moved = self.motion.seen(luma);
        let mut search = Search::new(luma, work);
        search.known(read.drain(..));
        let mut searched = search.cheap().is_ok();
        let before = search.count_read();
        if searched && before == 0 {
            // One dear step a frame, in rotation.
            let _spent_or_not = search.dear_of_stream(self.step, moved);
            self.step = self.step.wrapping_add(1);
        }
        let unread = std::mem::take(&mut search.unread);
        let mut read = search.into_read();
        for (_, corners) in &read {
            self.remember(*corners, now, true);
        }
        if read.is_empty() {
            for unread in unread {
                read.extend(self.vote(unread, now));
            }
        }
        searched |= !read.is_empty();
        (self.found(read), searched)
    }

    /// Reads known codes in the part of the frame around their last places.
    fn where_they_were(
        &mut self,
        luma: &Luma,
        now: Duration,
        work: &Work,
    ) -> Vec<(Message, [Point; 4])> {
        let mut read: Vec<(Message, [Point; 4])> = Vec::new();
        let places: Vec<[Point; 4]> = self.places.iter().map(|place| place.corners).collect();
        for corners in places {
            let middle = middle(&corners);
            if read.iter().any(|(_, known)| inside(known, middle)) {
                continue;
            }
            let Some((part, left, top)) = around(luma, &corners) else { continue };
            let mut search = Search::new(&part, work);
            if search.cheap_in_part().is_err() {
                break;
            }
            let shift = Point::new(left, top);
            for (message, corners) in search.into_read() {
                let corners = corners.map(|corner| corner.plus(shift));
                self.remember(corners, now, true);
                read.push((message, corners));
            }
        }
        read
    }

    fn remember(&mut self, corners: [Point; 4], now: Duration, was_read: bool) {
        let middle = middle(&corners);
        let known = self.places.iter_mut().find(|place| inside(&place.corners, middle));
        if let Some(known) = known {
            *known = Place { corners, at: now, was_read: was_read || known.was_read };
            return;
        }
        if self.places.len() == PLACES_MAX {
            self.places.remove(0);
        }
        self.places.push(Place { corners, at: now, was_read });
    }

    /// Adds a frame's vote on a symbol that it cannot read alone; what all votes together say.
    fn vote(&mut self, unread: Unread, now: Duration) -> Option<(Message, [Point; 4])> {
        if unread.timing < VOTE_TIMING_MIN {
            return None;
        }
        let (corners, place) = (unread.corners, middle(&unread.corners));
        let version = unread.modules.version();
        let same = self.votes.iter_mut().find(|vote| {
            vote.modules.version() == version && inside(&vote.corners, place) && vote.at != now
        });
        let Some(vote) = same else {
            if self.votes.len() == PLACES_MAX {
                self.votes.remove(0);
            }
            self.votes.push(Vote { corners, modules: unread.modules, frames: 1.0, at: now });
            self.remember(corners, now, false);
            return None;
        };
        let keep = if vote.frames >= VOTES_MAX { 1.0 - 1.0 / VOTES_MAX } else { 1.0 };
        vote.modules.add(&unread.modules, keep);
        vote.frames = (vote.frames + 1.0).min(VOTES_MAX);
        (vote.at, vote.corners) = (now, corners);
        let read = vote.modules.mean(vote.frames).read();
        self.remember(corners, now, false);
        read.map(|read| (read.message, corners))
    }

    /// What is reported: whole messages, each once.
    fn found(&mut self, read: Vec<(Message, [Point; 4])>) -> Vec<Found> {
        let mut found = Vec::new();
        for (message, corners) in read {
            let pieces = match message.part {
                None => Some(message.pieces),
                Some(part) => self.parts.add(part, message.pieces),
            };
            if let Some(pieces) = pieces {
                let payload = text::payload(&pieces);
                found.push(Found { payload, corners: rounded(corners), part: None });
            }
        }
        deduplicated(found)
    }
}

fn middle(corners: &[Point; 4]) -> Point {
    corners.iter().copied().fold(Point::default(), Point::plus).times(0.25)
}

/// The part of the frame around a place, half its size more on every side, and where it starts.
fn around(luma: &Luma, corners: &[Point; 4]) -> Option<(Luma, f32, f32)> {
    let span = |pick: fn(&Point) -> f32, side: u32| {
        let low = corners.iter().map(pick).fold(f32::MAX, f32::min);
        let high = corners.iter().map(pick).fold(f32::MIN, f32::max);
        let margin = (high - low) * 0.4;
        let from = (low - margin).clamp(0.0, side as f32) as u32;
        let to = (high + margin).clamp(0.0, side as f32) as u32;
        (from, to.saturating_sub(from))
    };
    let (left, width) = span(|p| p.x, luma.width());
    let (top, height) = span(|p| p.y, luma.height());
    // A code that nearly fills the frame is found by searching the frame.
    if width.min(height) < 21 || width * height * 4 > luma.width() * luma.height() * 3 {
        return None;
    }
    Some((luma.crop(left, top, width, height).ok()?, left as f32, top as f32))
}

#[cfg(test)]
mod tests;
