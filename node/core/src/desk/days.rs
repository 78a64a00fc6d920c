//! Which day it is by the clock, and from which day on records and keys are held: a clock that jumps discards nothing.

use sync::time::Day;

/// For so many looks, one a second, a new day must last before the day before yesterday is let go.
const SETTLED: u32 = 600;
/// The same for a clock that skipped days: a whole day, as for what is destroyed on the disk.
const SETTLED_LEAP: u32 = 24 * 3600;

/// The desk's calendar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Days {
    today: Day,
    first: Day,
    looks: u32,
}

impl Days {
    /// Nothing is held yet.
    pub(super) fn new(today: Day) -> Self {
        Self { today, first: today.plus(-1), looks: 0 }
    }

    /// Today by the clock.
    pub(super) fn today(&self) -> Day {
        self.today
    }

    /// The first civil day of which records are held.
    pub(super) fn first(&self) -> Day {
        self.first
    }

    /// The clock says this day.
    pub(super) fn say(&mut self, today: Day) {
        if today != self.today {
            (self.today, self.looks) = (today, 0);
        }
    }

    /// Whether on this day records are of use that are not held: the clock went back.
    pub(super) fn lacks(&self, today: Day) -> bool {
        let yesterday = today.plus(-1);
        yesterday.is_civil() && yesterday < self.first
    }

    /// The first day to be read now.
    pub(super) fn wanted(&self) -> Day {
        let yesterday = self.today.plus(-1);
        if yesterday.is_civil() { yesterday.min(self.first) } else { self.first }
    }

    /// Records are held from this day on.
    pub(super) fn hold_from(&mut self, first: Day) {
        self.first = first;
    }

    /// One second later the clock still says the same day: the first day to be held from now on, if others may go.
    pub(super) fn look(&mut self) -> Option<Day> {
        let yesterday = self.today.plus(-1);
        if !yesterday.is_civil() || yesterday <= self.first {
            return None;
        }
        self.looks += 1;
        let settled = if yesterday == self.first.next() { SETTLED } else { SETTLED_LEAP };
        if self.looks < settled {
            return None;
        }
        (self.first, self.looks) = (yesterday, 0);
        Some(yesterday)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(days: &mut Days, times: u32) -> Vec<Day> {
        (0..times).filter_map(|_| days.look()).collect()
    }

    #[test]
    fn a_day_is_let_go_when_the_next_has_lasted_and_a_leap_is_not_believed_before_a_day() {
        let day = Day::new;
        let mut days = Days::new(day(100));
        assert_eq!((days.first(), looks(&mut days, SETTLED)), (day(99), vec![]));
        days.say(day(101));
        assert_eq!((days.today(), looks(&mut days, SETTLED - 1)), (day(101), vec![]));
        assert_eq!((days.look(), days.first()), (Some(day(100)), day(100)));
        days.say(day(104));
        assert_eq!((looks(&mut days, SETTLED_LEAP - 1), days.lacks(days.today())), (vec![], false));
        days.say(day(101));
        days.say(day(104));
        assert_eq!(looks(&mut days, SETTLED_LEAP - 1), [], "it went back between");
        assert_eq!(days.look(), Some(day(103)));
        days.say(day(101));
        assert_eq!((days.lacks(days.today()), days.wanted(), days.look()), (true, day(100), None));
        days.hold_from(day(100));
        assert!(!days.lacks(days.today()));
        days.say(Day::UNKNOWN);
        assert_eq!((days.look(), days.wanted()), (None, day(100)));
    }
}
