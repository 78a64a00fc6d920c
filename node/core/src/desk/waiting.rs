//! Verdicts that wait for the person at the desk: two minutes, or an hour for those who were asked to wait aside.

use std::collections::BTreeMap;

use sync::{
    id::Tag,
    record::{Decider, NoticeCause, Status, Temperature, VisitKind},
    time::UnixMillis,
};

use super::{Act, DecideError, Desk, house::Asked, weigh::Weighed};
use crate::{
    event::{Aside, Attended, Decision, DoorEvent, Pending, PendingId},
    policy::TemperatureCheck,
};

/// Verdicts that wait, at most; the oldest gives way.
const PENDING_MAX: usize = 32;
/// How long a verdict waits, ms.
const PENDING_MILLIS: i64 = 120_000;
/// People who wait aside, at most; one more is not taken.
const ASIDE_MAX: usize = 24;
/// How long one waits aside, ms.
const ASIDE_MILLIS: i64 = 3_600_000;

/// What waits, by its name.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    waits: BTreeMap<PendingId, Waits>,
    last: u64,
}

/// A verdict that waits.
#[derive(Clone, Debug)]
pub(super) struct Waits {
    pub(super) weighed: Weighed,
    /// What was said of the visitor's temperature so far.
    pub(super) temperature: Option<Temperature>,
    /// Since when the visitor waits aside.
    aside: Option<UnixMillis>,
}

impl Waits {
    fn lasts(&self, now: UnixMillis) -> bool {
        let (since, millis) = match self.aside {
            Some(since) => (since, ASIDE_MILLIS),
            None => (self.weighed.at, PENDING_MILLIS),
        };
        now.get() - since.get() < millis
    }

    fn pending(&self, id: PendingId) -> Pending {
        let Weighed { at, kind, verdict, masked_name, number, .. } = &self.weighed;
        Pending {
            id,
            at: *at,
            kind: *kind,
            verdict: *verdict,
            masked_name: masked_name.clone(),
            number_ends: number.as_ref().map(|number| number.ends.clone()),
        }
    }

    /// Why the rules do not let a person do this; nothing where they do.
    pub(super) fn hindrance(
        &self,
        act: Act,
        temperature: Option<Temperature>,
        asked: Asked,
        now: UnixMillis,
    ) -> Option<DecideError> {
        let enters = act != Act::Refuse && self.weighed.kind == VisitKind::Entry;
        let ended = self.weighed.verdict.until.is_some_and(|until| until <= now);
        let binding = asked.binding;
        let fever = temperature == Some(Temperature::Fever);
        if enters && asked.temperature == TemperatureCheck::Required && temperature.is_none() {
            Some(DecideError::NoTemperature)
        } else if binding && (!self.weighed.may_be_released(act) || enters && fever) {
            Some(DecideError::Binding)
        } else if enters && self.aside.is_some() && ended {
            Some(DecideError::Ended)
        } else {
            None
        }
    }
}

impl Waiting {
    /// A verdict begins to wait.
    pub(super) fn keep(&mut self, weighed: Weighed) -> Pending {
        self.forget(weighed.at);
        let at_desk = |(id, waits): (&PendingId, &Waits)| waits.aside.is_none().then_some(*id);
        while self.waits.values().filter(|w| w.aside.is_none()).count() >= PENDING_MAX {
            let oldest = self.waits.iter().find_map(at_desk);
            oldest.and_then(|oldest| self.waits.remove(&oldest));
        }
        self.last += 1;
        let id = PendingId(self.last);
        let waits = Waits { weighed, temperature: None, aside: None };
        let pending = waits.pending(id);
        self.waits.insert(id, waits);
        pending
    }

    /// Forgets what nobody decided in time; a typed number is in memory no longer than that.
    pub(super) fn forget(&mut self, now: UnixMillis) {
        self.waits.retain(|_, waits| waits.lasts(now));
    }

    /// A verdict that waits, as it is shown.
    pub(super) fn shown(&self, id: PendingId, now: UnixMillis) -> Option<Pending> {
        self.waits.get(&id).filter(|waits| waits.lasts(now)).map(|waits| waits.pending(id))
    }

    /// Whether somebody under this tag waits for a decision.
    pub(super) fn awaits(&self, tag: &Tag, now: UnixMillis) -> bool {
        self.waits.values().any(|waits| waits.weighed.tag.as_ref() == Some(tag) && waits.lasts(now))
    }

    pub(super) fn take(&mut self, id: PendingId, now: UnixMillis) -> Option<Waits> {
        self.waits.remove(&id).filter(|waits| waits.lasts(now))
    }

    pub(super) fn put_back(&mut self, id: PendingId, waits: Waits) {
        self.waits.insert(id, waits);
    }

    /// What waits under this name.
    pub(super) fn of(&mut self, id: PendingId, now: UnixMillis) -> Option<&mut Waits> {
        self.waits.get_mut(&id).filter(|waits| waits.lasts(now))
    }

    fn set_aside(&mut self, id: PendingId, now: UnixMillis) -> Result<Pending, DecideError> {
        self.waits.retain(|_, waits| waits.lasts(now));
        let aside = self.waits.values().filter(|w| w.aside.is_some()).count();
        let waits = self.waits.get_mut(&id).ok_or(DecideError::Unknown)?;
        if waits.aside.is_none() && aside >= ASIDE_MAX {
            return Err(DecideError::Crowded);
        }
        waits.aside.get_or_insert(now);
        Ok(waits.pending(id))
    }

    fn aside(&self, now: UnixMillis) -> Vec<Aside> {
        let view = |(id, waits): (&PendingId, &Waits)| {
            let since = waits.aside.filter(|_| waits.lasts(now))?;
            Some(Aside { pending: waits.pending(*id), since })
        };
        self.waits.iter().filter_map(view).collect()
    }
}

#[cfg(test)]
impl Waiting {
    /// Whether no verdict is in memory.
    pub(super) fn is_empty(&self) -> bool {
        self.waits.is_empty()
    }
}

impl Desk {
    /// The person at the desk decides; durable when this returns.
    ///
    /// # Errors
    /// [`DecideError`]; then the visit does not count.
    pub async fn decide(&self, id: PendingId, act: Act) -> Result<Decision, DecideError> {
        self.decide_measured(id, act, None).await
    }

    /// The same, with the visitor's temperature. It is recorded where the policy asks for it.
    ///
    /// # Errors
    /// [`DecideError`]; then the visit does not count.
    pub async fn decide_measured(
        &self,
        id: PendingId,
        act: Act,
        temperature: Option<Temperature>,
    ) -> Result<Decision, DecideError> {
        if self.is_removed() {
            return Err(DecideError::Removed);
        }
        let (waits, temperature) = {
            let now = self.moment().wall;
            let mut state = self.state();
            let waits = state.waiting.take(id, now).ok_or(DecideError::Unknown)?;
            let asked = state.asked();
            let wanted = asked.temperature != TemperatureCheck::Off;
            let temperature = temperature.or(waits.temperature).filter(|_| wanted);
            if let Some(error) = waits.hindrance(act, temperature, asked, now) {
                state.waiting.put_back(id, waits);
                return Err(error);
            }
            (waits, temperature)
        };
        match self.record(&waits.weighed, act, Decider::Staff, temperature).await {
            Ok(decision) => Ok(decision),
            Err(error) => {
                self.state().waiting.put_back(id, waits);
                Err(error)
            }
        }
    }

    /// What the person at the desk says of a visitor's temperature before deciding.
    pub fn measure(&self, id: PendingId, temperature: Temperature) {
        let now = self.moment().wall;
        if let Some(waits) = self.state().waiting.of(id, now) {
            waits.temperature = Some(temperature);
        }
    }

    /// The visitor is asked to wait aside: the verdict waits on, for an hour, and nothing is written yet.
    ///
    /// # Errors
    /// [`DecideError::Unknown`] or [`DecideError::Crowded`].
    pub fn set_aside(&self, id: PendingId) -> Result<(), DecideError> {
        let now = self.moment().wall;
        let pending = self.state().waiting.set_aside(id, now)?;
        self.announce(DoorEvent::Aside(pending));
        Ok(())
    }

    /// What is known of a visitor who waits besides the verdict; `None` where the verdict no longer waits.
    pub fn attended(&self, id: PendingId) -> Option<Attended> {
        let now = self.moment().wall;
        let mut state = self.state();
        let asked = state.asked().temperature != TemperatureCheck::Off;
        let waits = state.waiting.of(id, now)?;
        let temperature = waits.temperature.filter(|_| asked);
        let cause = match waits.weighed.verdict.status {
            Status::Red => Some(NoticeCause::Red),
            Status::Yellow => Some(NoticeCause::Yellow),
            Status::Green | Status::Blue | Status::Grey => {
                temperature.filter(|t| *t == Temperature::Fever).map(|_| NoticeCause::Fever)
            }
        };
        Some(Attended { temperature, cause, visit: waits.weighed.name })
    }

    /// Who waits aside, the first to wait first.
    pub fn aside(&self) -> Vec<Aside> {
        let now = self.moment().wall;
        self.state().waiting.aside(now)
    }

    /// Whether the policy or the venue wants temperatures.
    pub fn temperature_check(&self) -> TemperatureCheck {
        self.state().asked().temperature
    }
}
