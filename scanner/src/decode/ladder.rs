//! The steps of a search in one frame: the cheap ones first, the dear ones only if nothing was read.

use super::append;
use super::attempt::{Depth, Outcome, attempt};
use super::bits::Message;
use super::finder::{self, Candidate};
use super::geometry::{Point, inside};
use super::grey::Grey;
use super::hunt;
use super::ring::Finder;
use super::second;
use super::symbol::Modules;
use super::threshold::Binary;
use super::triple::triples;
use super::{CODES_MAX, Corner, Found};
use crate::luma::Luma;
use crate::meter::{Spent, Work};

/// Most finder patterns that are combined with each other.
const FINDERS_MAX: usize = 96;

/// Most steps for rqrr's look at a frame.
const RQRR_STEPS: u64 = 25_000_000;
/// Most of them without an outline: in noise there are hundreds.
const BLURRED_MAX: usize = 36;
/// Most finder patterns taken from one picture.
const CANDIDATES_MAX: usize = 64;
/// Largest frame that is looked at enlarged, in pixels.
const ENLARGED_MAX: usize = 1_500_000;

/// What tells dark from light.
#[derive(Clone, Copy)]
enum Threshold {
    /// Blocks of eight pixels, with so many around.
    Blocks(usize),
    /// The mean of so many pixels around.
    Means(usize),
}

/// A symbol that looked like one but could not be read, for the vote over frames.
#[derive(Debug)]
pub(super) struct Unread {
    pub(super) corners: [Point; 4],
    pub(super) modules: Modules,
    /// How well its timing patterns alternate.
    pub(super) timing: f32,
}

/// A search in one frame: what is known so far.
pub(super) struct Search<'a> {
    luma: &'a Luma,
    work: &'a Work,
    finders: Vec<Finder>,
    /// Finders before this one were combined with each other already.
    combined: usize,
    read: Vec<(Message, [Point; 4])>,
    pub(super) unread: Vec<Unread>,
}

impl<'a> Search<'a> {
    pub(super) fn new(luma: &'a Luma, work: &'a Work) -> Self {
        Self { luma, work, finders: Vec::new(), combined: 0, read: Vec::new(), unread: Vec::new() }
    }

    /// What every frame gets: thresholds at full, half and quarter size, each symbol tried once.
    pub(super) fn cheap(&mut self) -> Result<(), Spent> {
        let half = self.luma.halved();
        let quarter = half.halved();
        // Small pictures first: in them noise is gone.
        self.look_for_finders(&quarter, 4.0, Threshold::Blocks(2), 1)?;
        self.look_for_finders(&half, 2.0, Threshold::Blocks(2), 2)?;
        self.look_for_finders(self.luma, 1.0, Threshold::Blocks(2), 2)?;
        self.try_triples(Depth::CHEAP, 24)
    }

    /// One of the dear steps that a frame gets which comes only once; none when there are no more.
    pub(super) fn dear(&mut self, step: usize) -> Option<Result<(), Spent>> {
        let luma = self.luma;
        Some(match step {
            0 => self.rxing_opinion(),
            1 => {
                self.combined = 0;
                self.try_triples(Depth::DEAR, 12)
            }
            2 => self.search(luma, 1.0, Threshold::Means(5)),
            3 => self.rqrr_opinion(),
            4 => self.search(&luma.halved(), 2.0, Threshold::Means(5)),
            5 => self.search(&luma.halved().halved(), 4.0, Threshold::Means(5)),
            6 => self.search(luma, 1.0, Threshold::Means(12)),
            7 => {
                let small = luma.pixels().len() < ENLARGED_MAX;
                let enlarged = small.then(|| luma.doubled()).flatten();
                enlarged.map_or(Ok(()), |enlarged| self.search(&enlarged, 0.5, Threshold::Means(5)))
            }
            8 => self.try_pairs(12),
            9 => self.search(&luma.halved(), 2.0, Threshold::Blocks(5)),
            10 => self.search(luma, 1.0, Threshold::Blocks(1)),
            _ => return None,
        })
    }

    fn search(&mut self, picture: &Luma, scale: f32, threshold: Threshold) -> Result<(), Spent> {
        self.combined = self.finders.len();
        self.look_for_finders(picture, scale, threshold, 1)?;
        self.try_triples(Depth::DEAR, 12)
    }

    pub(super) fn has_read(&self) -> bool {
        !self.read.is_empty()
    }

    /// Whether something that looked very much like another code was left unread.
    pub(super) fn has_left(&self) -> bool {
        let taken = |unread: &Unread| {
            let middle = unread.corners.iter().copied().fold(Point::default(), Point::plus);
            self.is_taken(middle.times(0.25))
        };
        self.unread.iter().any(|unread| unread.timing > 0.6 && !taken(unread))
    }

    /// What is read already, and need not be looked for.
    pub(super) fn known(&mut self, read: impl Iterator<Item = (Message, [Point; 4])>) {
        self.read.extend(read);
    }

    pub(super) fn count_read(&self) -> usize {
        self.read.len()
    }

    /// What a small part of a frame gets in which a code was.
    pub(super) fn cheap_in_part(&mut self) -> Result<(), Spent> {
        self.look_for_finders(self.luma, 1.0, Threshold::Blocks(2), 2)?;
        let half = self.luma.halved();
        self.look_for_finders(&half, 2.0, Threshold::Blocks(2), 1)?;
        self.try_triples(Depth::CHEAP, 8)
    }

    /// One of the dear steps that a frame of a stream can afford; `step` counts on from frame to frame. While something
    /// moves, every other one is what reads most of what the cheap steps do not: small and blurred codes of people who
    /// have just come in.
    pub(super) fn dear_of_stream(&mut self, step: usize, moved: bool) -> Result<(), Spent> {
        let turn = if moved && !step.is_multiple_of(2) { 3 } else { step % 8 };
        self.combined = if turn.is_multiple_of(4) { 0 } else { self.finders.len() };
        let means = Threshold::Means(5);
        match turn {
            0 | 4 => {}
            2 => return self.try_pairs(2),
            3 => self.look_for_finders(self.luma, 1.0, means, 2)?,
            5 => self.look_for_finders(&self.luma.halved().halved(), 4.0, means, 1)?,
            _ => self.look_for_finders(&self.luma.halved(), 2.0, means, 1)?,
        }
        self.try_triples(Depth::DEAR, 4)
    }

    pub(super) fn into_read(self) -> Vec<(Message, [Point; 4])> {
        self.read
    }

    /// What was read, parts of one message joined.
    pub(super) fn found(self) -> Vec<Found> {
        append::joined(self.read.into_iter().map(|(message, corners)| (message, rounded(corners))))
    }

    /// Adds the finder patterns of a picture that shows the frame at one `scale`-th of its size.
    fn look_for_finders(
        &mut self,
        picture: &Luma,
        scale: f32,
        threshold: Threshold,
        step: usize,
    ) -> Result<(), Spent> {
        let view = Grey::of(picture);
        let pixels = view.pixels.len() as u64;
        // Thresholds, then runs; the picture itself was made of as many pixels.
        self.work.spend(pixels * 2 + pixels * 4 / step as u64)?;
        let binary = match threshold {
            Threshold::Blocks(reach) => Binary::of(&view, reach),
            Threshold::Means(reach) => Binary::of_means(&view, reach),
        };
        let full = Grey::of(self.luma);
        for candidate in finder::candidates(&binary, step).into_iter().take(CANDIDATES_MAX) {
            let candidate = Candidate {
                center: candidate.center.times(scale),
                module: candidate.module * scale,
                ..candidate
            };
            let known = self.finders.iter_mut().find(|known| {
                known.ink == candidate.ink
                    && known.center.distance(candidate.center) < 2.0 * known.module
                    && candidate.module < 2.0 * known.module
            });
            match known {
                // A larger picture says better where a pattern is, unless its outline already did.
                Some(known) if known.corners.is_none() && scale < known.scale => {
                    self.work.spend(15_000)?;
                    *known = Finder::seen(&full, &candidate, scale);
                }
                Some(_) => {}
                None => {
                    self.work.spend(15_000)?;
                    let finder = Finder::seen(&full, &candidate, scale);
                    let blurred = self.finders.iter().filter(|f| f.corners.is_none()).count();
                    if finder.corners.is_none() && blurred >= BLURRED_MAX {
                        continue;
                    }
                    if self.finders.len() < FINDERS_MAX {
                        self.finders.push(finder);
                    } else if finder.corners.is_some()
                        && let Some(worse) = self.finders.iter_mut().find(|f| f.corners.is_none())
                    {
                        *worse = finder;
                    }
                }
            }
        }
        Ok(())
    }

    /// Tries the likeliest triples with a finder that was not yet combined.
    fn try_triples(&mut self, depth: Depth, most: usize) -> Result<(), Spent> {
        let grey = Grey::of(self.luma);
        let count = self.finders.len() as u64;
        self.work.spend(count * count * count * 6)?;
        let first_new = self.combined;
        let fresh = triples(&self.finders)
            .into_iter()
            .filter(|t| t.corner.max(t.right).max(t.below) >= first_new);
        let mut tried = 0;
        for triple in fresh {
            let centers =
                [triple.corner, triple.right, triple.below].map(|at| self.finders[at].center);
            if centers.iter().any(|center| self.is_taken(*center)) {
                continue;
            }
            let three = [triple.corner, triple.right, triple.below].map(|at| self.finders[at]);
            let outcome = attempt(&grey, &three, depth, self.work)?;
            if matches!(outcome, Outcome::Read(..)) {
                // Where there is one, there may be more.
                tried = 0;
            }
            self.note(outcome);
            if self.read.len() == CODES_MAX {
                break;
            }
            tried += 1;
            if tried == most {
                break;
            }
        }
        self.combined = self.finders.len();
        Ok(())
    }

    fn note(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Read(read, placed) => {
                let mut corners = placed.warp.corners();
                if read.mirrored {
                    corners.swap(1, 3);
                }
                self.read.push((read.message, corners));
            }
            Outcome::Unread(placed, modules) => {
                let (corners, timing) = (placed.warp.corners(), placed.timing);
                self.unread.push(Unread { corners, modules, timing });
            }
            Outcome::Nothing => {}
        }
    }

    /// Lets rxing look, where the frame is small.
    fn rxing_opinion(&mut self) -> Result<(), Spent> {
        if !self.has_read() {
            self.read.extend(second::rxing_opinion(self.luma, self.work)?);
        }
        Ok(())
    }

    /// Lets rqrr look, with a part of what is left to spend.
    fn rqrr_opinion(&mut self) -> Result<(), Spent> {
        let luma = self.luma;
        for (read, corners) in self.work.within(RQRR_STEPS, |work| second::opinion(luma, work))? {
            if !self.read.iter().any(|(message, _)| *message == read.message) {
                self.read.push((read.message, corners));
            }
        }
        Ok(())
    }

    /// Tries the pairs of finder patterns whose third is damaged.
    fn try_pairs(&mut self, most: usize) -> Result<(), Spent> {
        let grey = Grey::of(self.luma);
        for three in hunt::completions(&grey, &self.finders, self.work)?.into_iter().take(most) {
            if three.iter().any(|finder| self.is_taken(finder.center)) {
                continue;
            }
            let outcome = attempt(&grey, &three, Depth::DEAR, self.work)?;
            self.note(outcome);
            if self.has_read() {
                break;
            }
        }
        Ok(())
    }

    fn is_taken(&self, center: Point) -> bool {
        self.read.iter().any(|(_, corners)| inside(corners, center))
    }
}

pub(super) fn rounded(corners: [Point; 4]) -> [Corner; 4] {
    corners.map(|p| Corner { x: p.x.round() as i32, y: p.y.round() as i32 })
}
