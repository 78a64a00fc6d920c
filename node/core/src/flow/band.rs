//! How many were inside over a day: at least and at most, from the counts alone.

use std::collections::VecDeque;

use sync::time::{Day, UnixMillis};

use super::{Counts, Flow, OneDay, QUARTER_MILLIS, QUARTERS_MAX};

/// How many were inside at the end of a quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// The end of the quarter.
    pub at: UnixMillis,
    /// At least: who came in is taken to have left after the usual stay.
    pub lo: u32,
    /// At most: who was not seen to leave is taken to be inside.
    pub hi: u32,
}

/// People as they come and go. Exits name nobody here, so for the least they are taken from those who came last.
#[derive(Default)]
struct Inside {
    came: VecDeque<(i64, u32)>,
    hi: u32,
}

impl Inside {
    fn pass(&mut self, quarter: i64, counts: &Counts, stay: Option<i64>) {
        if let Some(stay) = stay {
            self.came.retain(|(came, _)| quarter - came < stay);
        }
        self.came.push_back((quarter, counts.all_in()));
        let mut left = counts.all_out();
        while left > 0
            && let Some((_, people)) = self.came.back_mut()
        {
            let taken = left.min(*people);
            *people -= taken;
            left -= taken;
            if *people == 0 {
                self.came.pop_back();
            }
        }
        self.hi = self.hi.saturating_add(counts.all_in()).saturating_sub(counts.all_out());
    }

    fn counted(&mut self, quarter: i64, inside: u32) {
        self.came = VecDeque::from([(quarter, inside)]);
        self.hi = inside;
    }

    fn lo(&self) -> u32 {
        self.came.iter().map(|(_, people)| *people).sum::<u32>().min(self.hi)
    }

    /// At midnight who has stayed longer than usual is taken to have left, as the doors take it.
    fn turn(&mut self, quarters: i64) {
        self.hi = self.lo();
        self.came.iter_mut().for_each(|(came, _)| *came -= quarters);
    }
}

impl Flow {
    /// How many were inside on a day, at the end of each quarter of an hour up to `until`. People stay `stay` ms if they
    /// are not seen to leave; without one only an exit ends a visit. Of the day before it is known who stayed over.
    pub fn inside(&self, day: Day, stay: Option<i64>, until: UnixMillis) -> Vec<Band> {
        let stay = stay.map(|millis| millis.div_euclid(QUARTER_MILLIS).max(1));
        let (Some(start), Some(end)) = (self.zone.start_of(day), self.zone.start_of(day.plus(1)))
        else {
            return Vec::new();
        };
        let mut inside = Inside::default();
        if let Some(before) = self.days.get(&day.plus(-1)) {
            let quarters = (start.get() - before.start.get()) / QUARTER_MILLIS;
            walk(Some(before), quarters, stay, &mut inside, |_, _| {});
            inside.turn(quarters);
        }
        let reached = until.min(end).get() - start.get();
        // The quarter that is not over counts as far as it has come.
        let quarters = (reached + QUARTER_MILLIS - 1).div_euclid(QUARTER_MILLIS);
        let mut bands = Vec::new();
        walk(self.days.get(&day), quarters, stay, &mut inside, |quarter, inside| {
            let at = start.plus_millis((quarter + 1) * QUARTER_MILLIS);
            bands.push(Band { at, lo: inside.lo(), hi: inside.hi });
        });
        bands
    }
}

fn walk(
    day: Option<&OneDay>,
    quarters: i64,
    stay: Option<i64>,
    inside: &mut Inside,
    mut each: impl FnMut(i64, &Inside),
) {
    for quarter in 0..quarters.clamp(0, QUARTERS_MAX) {
        let mut sum = Counts::default();
        if let (Some(day), Ok(index)) = (day, u8::try_from(quarter)) {
            let doors = day.doors.values().filter_map(|door| door.quarters.get(&index));
            doors.for_each(|counts| sum += *counts);
        }
        inside.pass(quarter, &sum, stay);
        if let (Some(day), Ok(index)) = (day, u8::try_from(quarter)) {
            let counted = day.counted.iter().rfind(|((q, _), _)| *q == index);
            counted.iter().for_each(|(_, people)| inside.counted(quarter, **people));
        }
        each(quarter, inside);
    }
}
