//! A family or a group at the desk: several verdicts, one act; places for all of them or for none.

use std::collections::BTreeSet;

use sync::{ledger::LedgerError, record::Decider, time::UnixMillis};

use super::{Act, DecideError, Desk, waiting::Waits};
use crate::{
    event::{Decision, PendingId},
    policy::{CapacityRule, TemperatureCheck},
};

/// The most people that are released at once: as many as wait at a desk.
pub const TOGETHER_MAX: usize = 32;

/// Why nobody was released.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TogetherError {
    /// Nobody was named, or more than [`TOGETHER_MAX`].
    #[error("between one and {TOGETHER_MAX} people are released at once")]
    People,
    /// Somebody was decided already, or waits no longer.
    #[error("one of these verdicts is no longer waiting")]
    Unknown(PendingId),
    /// This door's node was removed from the venue.
    #[error("this door no longer belongs to the venue")]
    Removed,
    /// The policy does not let a person release one of them.
    #[error("the policy does not let staff release one of these visitors")]
    Binding(PendingId),
    /// The policy wants the temperature of one of them, and nobody has said it.
    #[error("the temperature of one of these visitors is wanted")]
    NoTemperature(PendingId),
    /// There are not places for all of them.
    #[error("{wanted} places are needed, and this door may give {free}")]
    NoPlaces {
        /// How many take a place.
        wanted: u32,
        /// How many places this door may give.
        free: u32,
    },
    /// It could not be written down; so many were before, and those count.
    #[error("only {written} of them could be recorded")]
    Ledger {
        /// How many were recorded.
        written: usize,
        /// Why the next was not.
        source: LedgerError,
    },
}

impl Desk {
    /// Releases all of them by one act: a visit each, and places for all or for none.
    ///
    /// # Errors
    /// [`TogetherError`]. Nobody is released then, except where the disk failed in the middle: those before it are.
    pub async fn release_all(&self, ids: &[PendingId]) -> Result<Vec<Decision>, TogetherError> {
        if self.is_removed() {
            return Err(TogetherError::Removed);
        }
        let ids: BTreeSet<PendingId> = ids.iter().copied().collect();
        if ids.is_empty() || ids.len() > TOGETHER_MAX {
            return Err(TogetherError::People);
        }
        let now = self.moment().wall;
        let group = self.take_group(&ids, now)?;
        let wanted = group.iter().filter(|(_, w)| w.weighed.takes_place(Act::Release)).count();
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
        let places = match self.places_for(wanted, now) {
            Ok(()) => self.reserve(wanted, None, now).ok_or_else(|| self.places_left(now)),
            Err(free) => Err(free),
        };
        let right = match places {
            Ok(right) => right,
            Err(free) => {
                self.put_all_back(group);
                return Err(TogetherError::NoPlaces { wanted, free });
            }
        };
        let mut done = Vec::with_capacity(group.len());
        let mut failed = None;
        let mut rest = group.into_iter();
        let asked = self.temperature_check() != TemperatureCheck::Off;
        for (id, waits) in rest.by_ref() {
            let temperature = waits.temperature.filter(|_| asked);
            let (weighed, act) = (&waits.weighed, Act::Release);
            match self.write_down(weighed, act, Decider::Staff, temperature).await {
                Ok(decision) => done.push(decision),
                Err(error) => {
                    self.state().waiting.put_back(id, waits);
                    failed = Some(error);
                    break;
                }
            }
        }
        self.put_all_back(rest);
        drop(right); // counted by the records from here on
        done.iter().for_each(|decision| self.tell(decision));
        match failed {
            None => Ok(done),
            Some(source) => Err(TogetherError::Ledger { written: done.len(), source }),
        }
    }

    /// All of them, or none.
    fn take_group(
        &self,
        ids: &BTreeSet<PendingId>,
        now: UnixMillis,
    ) -> Result<Vec<(PendingId, Waits)>, TogetherError> {
        let mut state = self.state();
        let asked = state.asked();
        let wanted = asked.temperature != TemperatureCheck::Off;
        let mut group = Vec::with_capacity(ids.len());
        let mut wrong = None;
        for id in ids {
            match state.waiting.take(*id, now) {
                None => wrong = Some(TogetherError::Unknown(*id)),
                Some(waits) => {
                    let temperature = waits.temperature.filter(|_| wanted);
                    match waits.hindrance(Act::Release, temperature, asked, now) {
                        None => {}
                        Some(DecideError::NoTemperature) => {
                            wrong = Some(TogetherError::NoTemperature(*id));
                        }
                        Some(_) => wrong = Some(TogetherError::Binding(*id)),
                    }
                    group.push((*id, waits));
                }
            }
        }
        match wrong {
            None => Ok(group),
            Some(wrong) => {
                group.into_iter().for_each(|(id, waits)| state.waiting.put_back(id, waits));
                Err(wrong)
            }
        }
    }

    fn put_all_back(&self, group: impl IntoIterator<Item = (PendingId, Waits)>) {
        let mut state = self.state();
        group.into_iter().for_each(|(id, waits)| state.waiting.put_back(id, waits));
    }

    /// Where no capacity is signed, or the venue's own rules name fewer places, the count decides, as far as it is known
    /// here; `Err` with how many places it leaves.
    fn places_for(&self, wanted: u32, now: UnixMillis) -> Result<(), u32> {
        let (zone, most) = (self.site().part, self.site().capacity);
        let mut state = self.state();
        let period = state.occupancy.period(zone, now);
        let signed = state.occupancy.shares().most(zone, period).is_some();
        let advisory = state.rules.policy.capacity == CapacityRule::Advisory;
        let most = most.filter(|_| !signed && !advisory);
        let house = state.house.rules().places;
        let Some(most) = most.into_iter().chain(house).min() else { return Ok(()) };
        let free = most.saturating_sub(state.inside(zone, now));
        if wanted <= free { Ok(()) } else { Err(free) }
    }

    fn places_left(&self, now: UnixMillis) -> u32 {
        let free = self.state().free(self.site().part, now).unwrap_or(0).max(0);
        u32::try_from(free).unwrap_or(u32::MAX)
    }
}
