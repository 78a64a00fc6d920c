//! The rights of one start of one door in one business day: what it got, gave, and has let in on.

use std::collections::BTreeMap;

use sync::{
    id::{RecordId, RecordNumber},
    time::UnixMillis,
};

use super::{moments::Moments, presence::Counted};

/// People counted in and out by hand at one door, in the order of its records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Clicked {
    by_number: BTreeMap<RecordNumber, (UnixMillis, RecordId, i16)>,
    counted: Option<Counted>,
    /// Still inside, of those this door itself clicked in: surely before the last count by hand, and later. Never below
    /// zero.
    early: u64,
    late: u64,
    /// In less out after the last count by hand, whoever was clicked in where.
    net: i64,
}

impl Clicked {
    fn count(&mut self) {
        (self.early, self.late, self.net) = (0, 0, 0);
        for (at, id, people) in self.by_number.values() {
            let early = self.counted.is_some_and(|counted| counted.covers(*at, id));
            let balance = if early { &mut self.early } else { &mut self.late };
            *balance = balance.saturating_add_signed(i64::from(*people));
            if self.counted.is_none_or(|counted| *at > counted.at) {
                self.net += i64::from(*people);
            }
        }
    }
}

/// One start's rights in one business day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Purse {
    given: BTreeMap<RecordId, u32>,
    got: BTreeMap<RecordId, u32>,
    open: Moments<RecordId>,
    clicked: Clicked,
}

impl Purse {
    pub(super) fn give(&mut self, id: RecordId, rights: u32) {
        self.given.insert(id, rights);
    }

    pub(super) fn get(&mut self, id: RecordId, rights: u32) {
        self.got.insert(id, rights);
    }

    pub(super) fn open(&mut self, at: UnixMillis, id: RecordId) {
        self.open.insert(at, id);
    }

    pub(super) fn close(&mut self, at: UnixMillis, id: RecordId) {
        self.open.remove(at, id);
    }

    pub(super) fn click(&mut self, id: RecordId, at: UnixMillis, people: i16) {
        self.clicked.by_number.insert(id.number, (at, id, people));
        self.clicked.count();
    }

    pub(super) fn unclick(&mut self, id: RecordId) {
        self.clicked.by_number.remove(&id.number);
        self.clicked.count();
    }

    /// The last count by hand.
    pub(super) fn counted(&mut self, counted: Option<Counted>) {
        if self.clicked.counted != counted {
            self.clicked.counted = counted;
            self.clicked.count();
        }
    }

    /// People clicked in less people clicked out since the last count by hand.
    pub(super) fn clicked_net(&self) -> i64 {
        self.clicked.net
    }

    /// Whether nobody was let in on these rights, and none came or went.
    pub(super) fn is_unused(&self) -> bool {
        self.given.is_empty()
            && self.got.is_empty()
            && self.open.is_empty()
            && self.clicked.by_number.is_empty()
    }

    /// Rights got, less those given and those in use.
    ///
    /// Entries up to `stale` are taken to have left. Of the people from before a count by hand no more than it found
    /// are still inside: each door keeps that many places for itself, for it cannot know whose they were. All doors
    /// together so keep at least as many as were found.
    pub(super) fn balance(&mut self, stale: UnixMillis, counted: Option<Counted>) -> i64 {
        let sum =
            |rights: &BTreeMap<RecordId, u32>| rights.values().map(|n| i64::from(*n)).sum::<i64>();
        let used = match counted {
            None => self.open.count_after(stale) as u64 + self.clicked.late,
            Some(counted) => {
                let (early, late) =
                    self.open.count_split(stale, counted.at, |at, id| counted.covers(at, id));
                let kept = (early as u64 + self.clicked.early).min(u64::from(counted.inside));
                kept + late as u64 + self.clicked.late
            }
        };
        sum(&self.got) - sum(&self.given) - i64::try_from(used).unwrap_or(i64::MAX)
    }
}
